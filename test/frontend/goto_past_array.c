// A goto into the scope of a variable-length array is no C.
//
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
#pragma grad
double past_array(int n, double x)
{
    if (x < 0)
        goto out;
    double w[n];
    w[0] = x;
    x = w[0];
out:
    return x;
}
// CHECK: goto_past_array.c:[[@LINE-7]]:9: error: cannot jump from this goto statement to its label

// Annotated functions through which no floating value passes.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad
int count(int n)
{
    return n + 1;
}
// CHECK: nothing_to_do.c:[[@LINE-5]]:9: error: no floating-point value comes into 'count'
// CHECK: note: name what should be in 'wrt(...)'

#pragma grad wrt(x)
void sink(const double *x)
{
    (void)x;
}
// CHECK: nothing_to_do.c:[[@LINE-5]]:9: error: no floating-point value comes out of 'sink'
// CHECK: note: name what should be in 'of(...)'

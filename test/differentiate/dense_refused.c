// What has no matrix of derivatives says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

struct pair {
    double a, b;
};

#pragma grad hessian wrt(x)
double no_length(int n, const double *x)
{
    return x[0] * x[n];
}
// CHECK: dense_refused.c:[[@LINE-5]]:26: error: the length of 'x' is needed for the size of the matrix
// CHECK: dense_refused.c:[[@LINE-5]]:25: note: write an array section, as in x[0:n]

#pragma grad hessian wrt(p)
double structs(struct pair p)
{
    return p.a * p.b;
}
// CHECK: dense_refused.c:[[@LINE-5]]:26: error: the entries of a matrix of derivatives belong to numbers and arrays of numbers
// CHECK: note: pass a struct's arrays and numbers as parameters of their own

#pragma grad jacobian wrt(x[0:3], y)
double types(const double *x, float y)
{
    return x[0] * y;
}
// CHECK: :35: error: the variables of a matrix of derivatives have different floating types

#pragma grad hessian wrt(x[0:3])
double overwrites(const double *x, double *scratch)
{
    scratch[0] += x[0] * x[1];
    return scratch[0] * x[2];
}
// CHECK: dense_refused.c:[[@LINE-5]]:36: error: 'scratch' is overwritten, but the function must be evaluated several times for a matrix of derivatives
// CHECK: note: write to a copy of it inside the function

#pragma grad hvp wrt(x)
void several(const double *x, double *y)
{
    y[0] = x[0];
}
// CHECK: dense_refused.c:[[@LINE-5]]:9: error: second derivatives are those of one number, the return value
// CHECK: note: let the function return it, and leave 'of' out

#pragma grad jacobian wrt(a[0:n][0:m])
double inner(int n, int m, double a[n][m])
{
    return a[0][0] * n;
}
// CHECK: :27: error: an array whose inner lengths vary cannot be among the variables of a matrix of derivatives

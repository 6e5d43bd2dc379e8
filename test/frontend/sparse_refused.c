// Where the word sparse has no meaning, and what has no sparse matrix.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad sparse
// CHECK-DAG: sparse_refused.c:[[@LINE-1]]:14: error: 'sparse' belongs to the modes jacobian and hessian
double f(double x)
{
    return x;
}

#pragma grad jacobian sparse layout(denominator) wrt(x[0:2]) of(y[0:2])
// CHECK-DAG: sparse_refused.c:[[@LINE-1]]:37: error: a sparse matrix is stored by rows, 'layout' has no meaning with it
void g(const double *x, double *y)
{
    y[0] = x[0] * x[1];
}

#pragma grad jacobian sparse sparse wrt(x[0:2]) of(y[0:2])
// CHECK-DAG: sparse_refused.c:[[@LINE-1]]:30: error: a second 'sparse' clause
void h(const double *x, double *y)
{
    y[0] = x[0] * x[1];
}

double outside(double x);

#pragma grad derivative(outside) sparse
// CHECK-DAG: sparse_refused.c:[[@LINE-1]]:9: error: 'sparse' has no meaning with 'derivative'
double outside_grad(double x, double *d_x, double d_return);

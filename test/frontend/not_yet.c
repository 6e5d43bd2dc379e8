// What the contract promises and gradcc cannot do yet says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad sparse
// CHECK: not_yet.c:[[@LINE-1]]:14: error: 'sparse' is not supported yet
// CHECK: note: what works: the modes reverse, forward, hvp, jacobian and hessian; the clauses wrt, of, work, name, directions and layout; inactive, independent, checkpoint and derivative
double f(double x)
{
    return x;
}

#pragma grad jacobian sparse wrt(x[0:2])
// CHECK: not_yet.c:[[@LINE-1]]:23: error: 'sparse' is not supported yet
double g(const double *x)
{
    return x[0] * x[1];
}

// What the contract promises and gradcc cannot do yet says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad hvp
// CHECK: not_yet.c:[[@LINE-1]]:14: error: 'hvp' is not supported yet
// CHECK: note: what works: the modes reverse and forward; the clauses wrt, of, work and name; inactive and independent
#pragma grad jacobian layout(row)
// CHECK: :14: error: 'jacobian' is not supported yet
#pragma grad hessian
// CHECK: :14: error: 'hessian' is not supported yet
#pragma grad checkpoint snapshots(3)
// CHECK: :14: error: 'checkpoint' is not supported yet
#pragma grad derivative(f)
// CHECK: :14: error: 'derivative' is not supported yet
#pragma grad sparse
// CHECK: :14: error: 'sparse' is not supported yet
#pragma grad forward directions(4)
// CHECK: :22: error: 'directions' is not supported yet
#pragma grad wrt(x) layout(row)
// CHECK: :21: error: 'layout' is not supported yet
double f(double x)
{
    return x;
}

// What is not made for functions that return a struct.
//
// RUN: not %gradcc %s -o %t_grad.c 2>&1 | %filecheck %s
// RUN: not ls %t_grad.c
struct pair {
    double x, y;
};

struct view {
    double first, *rest;
};

#pragma grad hvp
// CHECK: struct_results_refused.c:[[@LINE-1]]:9: error: second derivatives and
// Jacobians of a function that returns a struct are not supported CHECK: note:
// write one that gives the result out through a pointer parameter, or use the
// mode reverse or forward
#pragma grad jacobian
// CHECK: struct_results_refused.c:[[@LINE-1]]:9: error: second derivatives and
// Jacobians of a function that returns a struct are not supported
#pragma grad hessian
// CHECK: struct_results_refused.c:[[@LINE-1]]:9: error: second derivatives and
// Jacobians of a function that returns a struct are not supported
#pragma grad forward directions(3)
// CHECK: struct_results_refused.c:[[@LINE-1]]:9: error: structs carry
// derivatives in one direction only
struct pair both(double x) {
    return (struct pair){x * x, x};
}

// The pointer leads where derivatives are, but nobody needs it here.
#pragma grad of(y)
struct view passive(double *x, double *y) {
    *y = *x * *x;
    return (struct view){*x, x};
}
// CHECK-NOT: passive

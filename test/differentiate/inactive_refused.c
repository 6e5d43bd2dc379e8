// Where the gradient cannot stop, the pragma is an error.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: not ls %t.c

// CHECK: inactive_refused.c:[[@LINE+5]]:5: error: '#pragma grad inactive' stops the gradient at an initialiser, and this declaration has none
// CHECK: note: initialise it, by a copy if need be
#pragma grad wrt(x)
double no_initialiser(const double *x) {
#pragma grad inactive
    double w[2];
    w[0] = x[0];
    return w[0] * x[1];
}

// CHECK: inactive_refused.c:[[@LINE+5]]:5: error: '#pragma grad inactive' cannot stop the gradient at a pointer
// CHECK: note: copy the values that it points to
#pragma grad wrt(x)
double pointer(const double *x) {
#pragma grad inactive
    const double *p = x;
    return p[0] * x[1];
}

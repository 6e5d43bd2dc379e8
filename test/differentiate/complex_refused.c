// A complex result has no single weight: reverse mode refuses it at the
// annotation, forward mode takes it.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <complex.h>

#pragma grad forward
#pragma grad wrt(z)
double complex by_default(double complex z) { return z * z; }
// CHECK: complex_refused.c:[[@LINE-2]]:9: error: the derivative of a complex result needs a complex weight, and reverse mode takes 1
// CHECK: note: return a real number, or give the result out through a pointer parameter

#pragma grad wrt(z) of(return)
double complex by_name(double complex z) { return z * z; }
// CHECK: complex_refused.c:[[@LINE-2]]:24: error: the derivative of a complex result

double complex unknown(double complex z);

#pragma grad wrt(z)
double calls(double complex z) { return creal(unknown(z)); }
// CHECK: complex_refused.c:[[@LINE-1]]:34: error: the call of 'unknown' carries derivatives, but its body is not known

#pragma grad jacobian wrt(z) of(out)
void entries(double complex z, double *out) { *out = cabs(z); }
// CHECK: complex_refused.c:[[@LINE-2]]:27: error: Jacobians and Hessians of complex numbers are not supported
// CHECK: note: pass the parts as real numbers, or use the mode reverse, forward or hvp

typedef struct Wave {
    double complex amplitude;
} Wave;

#pragma grad hessian wrt(wave)
double second(const Wave *wave) { return creal(wave->amplitude); }
// CHECK: complex_refused.c:[[@LINE-2]]:26: error: Jacobians and Hessians of complex numbers are not supported

#pragma grad hvp wrt(z)
double complex curved(double complex z) { return z * z; }
// CHECK: complex_refused.c:[[@LINE-2]]:9: error: the derivative of a complex result
// CHECK-NOT: error

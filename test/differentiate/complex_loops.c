// Complex numbers carried through loops whose length only run time knows (their
// parts go to the tape), early exits, recursion.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>
#include <math.h>

// A cube root of a by Newton's method, until the step is small.
// CHECK-LABEL: {{^}}double newton_grad(
// CHECK: grad_push_double(
// CHECK: creal(
// CHECK: grad_push_double(
// CHECK: cimag(
#pragma grad
double newton(double complex a)
{
    double complex z = 1 + I;
    for (;;) {
        double complex step = (z * z * z - a) / (3 * z * z);
        z -= step;
        if (cabs(step) < 1e-9)
            break;
    }
    return creal(z) + 2 * cimag(z);
}

// The smooth escape count of the Mandelbrot iteration.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double escape(int n, const double *x)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double complex c = 0.4 * x[i] + 0.7 * I * x[n - 1 - i];
        double complex z = c;
        int count = 0;
        while (creal(z) * creal(z) + cimag(z) * cimag(z) < 100 && count < 40) {
            z = z * z + c;
            count++;
        }
        if (count < 40)
            sum += count - log(log(cabs(z)));
        else
            sum += creal(c * z);
    }
    return sum;
}

// Horner's rule with an exit in the middle.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double horner(int n, const double *x)
{
    double complex value = 1, point = 0.5 + 0.5 * I;
    for (int i = 0; i < n; i++) {
        value = value * point + x[i];
        if (cabs(value) > 1.7)
            return cabs(value) * x[i];
        point *= csqrt(value + 2);
    }
    return carg(value + 3);
}

static double complex power(double complex z, int k)
{
    if (k == 0)
        return 1;
    double complex half = power(z, k / 2);
    return k % 2 ? half * half * z : half * half;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double recursive(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += cimag(power(x[i] + I, i % 6));
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    const double complex points[] = {2 + I, -1.5 + 3 * I, 8, 1 - 2.5 * I};
    for (int i = 0; i < 4; i++) {
        double complex a = points[i], d_a = 0;
        double value = newton_grad(a, &d_a);
        CHECK_BITS(value, newton(a));
        // z^3 = a, so that dz/da = 1 / (3 z^2), whatever the way to z was.
        double complex z = 1 + I;
        for (int k = 0; k < 60; k++)
            z -= (z * z * z - a) / (3 * z * z);
        double complex expected = (1 + 2 * I) / conj(3 * z * z);
        CHECK_NEAR(creal(d_a), creal(expected), 1e-9);
        CHECK_NEAR(cimag(d_a), cimag(expected), 1e-9);
    }
    CHECK_STANDARD(escape, 0.5, 3);
    CHECK_STANDARD(escape, -0.5, 0.5);
    CHECK_STANDARD(horner, -1, 1);
    CHECK_STANDARD(recursive, -1, 1);
    return check_done();
}
#endif

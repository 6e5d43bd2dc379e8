// tgmath.h: the function that fits the argument, in each floating type.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <tgmath.h>

// CHECK-LABEL: {{^}}float narrow_grad(
// CHECK: expf(
#pragma grad
float narrow(float x) { return exp(x) * sqrt(x); }

// CHECK-LABEL: {{^}}double middle_grad(
// CHECK-NOT: expf(
#pragma grad
double middle(double x, double y) { return pow(exp(x), y) + fmax(x, y); }

// CHECK-LABEL: {{^}}long double wide_grad(
// CHECK: expl(
#pragma grad
long double wide(long double x) { return exp(x) * sqrt(x); }

// An integer counts as a double; the power's type is that of both together,
// and so is the logarithm's in its derivative.
//
// CHECK-LABEL: {{^}}double mixed_grad(
// CHECK: log((double)x)
#pragma grad
double mixed(float x, double y, int k) { return pow(x, y) + y * log(k); }

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void) {
    float d_narrow = 0;
    CHECK_BITS((double)narrow_grad(2, &d_narrow), (double)narrow(2));
    CHECK_CLOSE((double)d_narrow, exp(2.0) * (sqrt(2.0) + 0.5 / sqrt(2.0)),
                1e-6);

    double d_x = 0, d_y = 0;
    CHECK_BITS(middle_grad(0.5, &d_x, 1.5, &d_y), middle(0.5, 1.5));
    CHECK_CLOSE(d_x, 1.5 * exp(0.75), 1e-14);
    CHECK_CLOSE(d_y, 0.5 * exp(0.75) + 1, 1e-14);

    long double d_wide = 0;
    CHECK_TRUE(wide_grad(2, &d_wide) == wide(2));
    CHECK_CLOSE((double)d_wide,
                (double)(exp(2.0L) * (sqrt(2.0L) + 0.5L / sqrt(2.0L))), 1e-15);

    float d_base = 0;
    double d_exponent = 0;
    CHECK_BITS(mixed_grad(2, &d_base, 3, &d_exponent, 5), mixed(2, 3, 5));
    CHECK_CLOSE((double)d_base, 12, 1e-7);
    CHECK_CLOSE(d_exponent, 8 * log(2.0) + log(5.0), 1e-14);
    return check_done();
}
#endif

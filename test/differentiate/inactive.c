// What is inactive carries no derivative: a function, a local at its
// initialiser; name() names the result, and one function may have several.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

#pragma grad inactive
static double scale_of(double x)
{
    return 3 * x;
}

// CHECK: double d_stopped(double x, double *d_x)
// CHECK-NOT: cos(
// CHECK: double stopped_fwd(double x, double d_x, double *d_return)
#pragma grad wrt(x) name(d_stopped)
#pragma grad forward wrt(x)
double stopped(double x)
{
#pragma grad inactive
    double weight = sin(x);
    return weight * x * x + scale_of(x);
}

// Without clauses: all that floats come in by, and the result.
// CHECK: double plain_grad(int k, double a, double *restrict d_a,
// CHECK-NEXT: const float *restrict b, float *restrict d_b)
#pragma grad
double plain(int k, double a, const float *b)
{
    return k * a * b[0];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    double d_x = 0, along, d_a = 1;
    float b[1] = {2}, d_b[1] = {0.5f};
    CHECK_BITS(d_stopped(0.7, &d_x), stopped(0.7));
    CHECK_CLOSE(d_x, 2 * sin(0.7) * 0.7, 1e-15);
    stopped_fwd(0.7, 1, &along);
    CHECK_CLOSE(along, d_x, 1e-15);
    CHECK_BITS(plain_grad(3, 5, &d_a, b, d_b), 30);
    CHECK_NEAR(d_a, 7, 0);
    CHECK_NEAR(d_b[0], 15.5, 0);
    return check_done();
}
#endif

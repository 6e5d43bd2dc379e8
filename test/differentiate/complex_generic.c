// tgmath.h over complex arguments, and casts that keep its macros from choosing
// another function in the output.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <tgmath.h>

// CHECK-LABEL: {{^}}double chosen_grad(
// CHECK-DAG: cexp(
// CHECK-DAG: cpow(
// CHECK-DAG: cabs(
// CHECK-DAG: ccos(
#pragma grad wrt(z)
#pragma grad forward wrt(z)
double chosen(double complex z)
{
    double complex w = exp(z) * pow(z, 2.5) + cos(z) / cosh(z);
    w += sqrt(z) * conj(z) - acos(z) + carg(z) * cproj(z);
    return fabs(w) + creal(w) * cimag(log(w));
}

// CHECK-LABEL: {{^}}float small_fwd(
// CHECK-DAG: cexpf(
// CHECK-DAG: cabsf(
#pragma grad forward wrt(z)
float small(float complex z) { return fabs(exp(z) * z); }

// CHECK-LABEL: {{^}}double real_part_grad(
// CHECK: exp((double)z)
#pragma grad wrt(z)
double real_part(double complex z)
{
    double x = z;
    return exp(x);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

static double at(const double *x, void *context)
{
    (void)context;
    return chosen(x[0] + x[1] * I);
}

int main(void)
{
    double complex z = 0.7 - 1.2 * I, d_z = 0;
    double point[2] = {0.7, -1.2}, along[2];
    CHECK_BITS(chosen_grad(z, &d_z), chosen(z));
    CHECK_BITS(chosen_fwd(z, 1, &along[0]), chosen(z));
    CHECK_BITS(chosen_fwd(z, I, &along[1]), chosen(z));
    CHECK_CLOSE(creal(d_z), along[0], 1e-13);
    CHECK_CLOSE(cimag(d_z), along[1], 1e-13);
    CHECK_DIFFERENCES(at, NULL, 2, point, along, 1e-7);

    float d;
    CHECK_TRUE(small_fwd(2, 1, &d) == small(2));
    CHECK_CLOSE((double)d, 3 * exp(2.0), 1e-6);

    double complex d_real = 0;
    CHECK_BITS(real_part_grad(2 + I, &d_real), exp(2.0));
    CHECK_CLOSE(creal(d_real), exp(2.0), 1e-15);
    CHECK_TRUE(cimag(d_real) == 0);
    return check_done();
}
#endif

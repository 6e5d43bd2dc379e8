// The user's own derivative of a complex function: the weight of its result
// is complex, an adjoint as any other.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>

double complex cube(double complex z);
double complex cube(double complex z) { return z * z * z; }

double complex cube_reverse(double complex z, double complex *d_z,
                            double complex d_return);
double complex cube_forward(double complex z, double complex d_z,
                            double complex *d_return);

#pragma grad derivative(cube) reverse
double complex cube_reverse(double complex z, double complex *d_z,
                            double complex d_return)
{
    *d_z += conj(3 * z * z) * d_return;
    return z * z * z;
}

#pragma grad derivative(cube) forward
double complex cube_forward(double complex z, double complex d_z,
                            double complex *d_return)
{
    *d_return = 3 * z * z * d_z;
    return z * z * z;
}

// CHECK-LABEL: {{^}}double chain_grad(
// CHECK: cube_reverse({{.*}}, &d_z, d_s / 3);
// CHECK-LABEL: {{^}}double chain_fwd(
// CHECK: cube_forward(
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double chain(int n, const double *x)
{
    double complex s = 1;
    for (int i = 0; i < n; i++)
        s = cube(s * x[i] + I) / 3;
    return creal(s) - cimag(s);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(chain, -1, 1);
    return check_done();
}
#endif

// Second derivatives of complex functions, and several directions at once:
// forward mode over the conjugates of reverse mode.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>

// glibc has it for gcc alone.
#ifndef CMPLX
#define CMPLX(x, y) __builtin_complex((double)(x), (double)(y))
#endif

#pragma grad hvp wrt(z)
#pragma grad wrt(z)
double curved(int n, const double complex *z)
{
    double s = 0;
    double complex t = 1;
    for (int i = 0; i < n; i++) {
        t = csin(t * z[i]) + csqrt(t + 3) / (2 + z[i]);
        s += cabs(t) + carg(t * conj(z[i]) + 4) + cimag(cpow(z[i], t));
    }
    return s + creal(CMPLX(s, cimag(t)) * t);
}

#pragma grad forward wrt(z, a) of(out, return) directions(3)
double several(int n, const double complex *z, double complex a,
               double complex *out)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        out[i] = z[i] * a + conj(z[i]);
        s += cabs(out[i]);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

static void gradient_at(double complex *d, double step)
{
    const double complex z[3] = {1 + 0.5 * I, -1 + 0.5 * I, 0.3 - I};
    const double complex v[3] = {1, -I, 0.3 + 2 * I};
    double complex moved[3];
    for (int i = 0; i < 3; i++) {
        moved[i] = z[i] + step * v[i];
        d[i] = 0;
    }
    curved_grad(3, moved, d);
}

static void check_curved(void)
{
    const double complex z[3] = {1 + 0.5 * I, -1 + 0.5 * I, 0.3 - I};
    const double complex v[3] = {1, -I, 0.3 + 2 * I};
    double complex d[3] = {0}, h[3] = {0}, at[3], above[3], below[3];
    CHECK_BITS(curved_hvp(3, z, v, d, h), curved(3, z));
    gradient_at(at, 0);
    gradient_at(above, 1e-5);
    gradient_at(below, -1e-5);
    for (int i = 0; i < 3; i++) {
        double complex difference = (above[i] - below[i]) / 2e-5;
        CHECK_NEAR(cabs(d[i] - at[i]), 0, 1e-14 * cabs(at[i]));
        CHECK_NEAR(cabs(h[i] - difference), 0, 1e-7 * cabs(difference));
    }
}

static void check_several(void)
{
    const double complex z[2] = {1 + 2 * I, -1 + 0.5 * I}, a = 0.3 + I;
    const double complex d_z[6] = {1, I, 0, 0.5, 2 * I, 1 - I};
    const double complex d_a[3] = {0, 1, I};
    double complex out[2], d_out[6];
    double d_return[3];
    several_fwd(2, z, d_z, a, d_a, out, d_out, d_return);
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (int i = 0; i < 2; i++) {
            double complex v = d_z[3 * i + k];
            double complex tangent = v * a + z[i] * d_a[k] + conj(v);
            CHECK_NEAR(cabs(tangent - d_out[3 * i + k]), 0, 1e-14);
            sum += creal(conj(out[i]) * tangent) / cabs(out[i]);
        }
        CHECK_NEAR(d_return[k], sum, 1e-14);
    }
}

int main(void)
{
    check_curved();
    check_several();
    return check_done();
}
#endif

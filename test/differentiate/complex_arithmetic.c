// Complex arithmetic: the operators, real and integer operands beside complex
// ones, conversions in all directions, parts that are assigned, comparisons,
// float complex and long double complex between double complex.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>

// glibc has it for gcc alone.
#ifndef CMPLX
#define CMPLX(x, y) __builtin_complex((double)(x), (double)(y))
#endif

#define MIXED(number) (1.5 * (number) / 2 - (number) / 3.0 + (1 - (number)))

// Integers stay integers: clang before version 18 computes 2 * z otherwise than
// 2.0 * z.
// CHECK-LABEL: {{^}}double operators_grad(
// CHECK: 2 * z
// CHECK: 2.0 * z
// CHECK: z * i
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double operators(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i + 1 < n; i += 2) {
        double complex z = x[i] + x[i + 1] * I;
        double complex w = 2 * z - 2.0 * z * z + z * i;
        w = MIXED(w) * x[i] - -z / (3 + x[i + 1] * I);
        w += x[i];
        w -= z;
        w *= x[i + 1] + 2;
        w /= 3;
        w *= 1 + z;
        w /= z + 4;
        s += creal(w) * x[i + 1] - cimag(+w);
    }
    return s;
}

// d_z is multiplied by the conjugate of the derivative.
// CHECK-LABEL: {{^}}double square_grad(
// CHECK: d_z2 = CMPLX(1, 2) * conj(z);
#pragma grad
double square(double complex z)
{
    double complex w = z * z;
    return creal(w) + 2 * cimag(w);
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double parts(int n, const double *x)
{
    double complex z = 0, rest = -0.5;
    for (int i = 0; i < n; i++) {
        __real__ z += x[i] * __imag__ z;
        __imag__ z = x[i] - __real__ z * 0.5;
        rest = ~z + conj(rest) / (2 + i);
        double complex *address = &z;
        __real__ *address -= creal(rest) / 7;
        (__imag__ z)++;
        z = CMPLX(cimag(rest), cimag(z) / 3);
    }
    return __real__ z * __imag__ rest + cabs(z + 3);
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double conversions(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double complex z = x[i];
        z = (z + 1) * (z + 2.0f * I);
        double real = z;
        float kept = 0;
        long double complex wide = z / (3 + i);
        wide = wide * wide + x[i];
        kept = (float)i * 0.5f;
        z = wide * kept - (double complex)x[i] * real;
        int whole = 3 + 0.0 * I;
        x[i] > 0 ? (z = z * whole) : (z += 2);
        s += (double)z + creal((double complex)s / 3) + cimag(z);
    }
    return s;
}

// Comparisons look at both parts; a complex number is a condition.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double conditions(int n, const double *x)
{
    double complex sum = 0, seen = 0;
    for (int i = 0; i < n; i++) {
        double complex z = x[i] > 0.2 ? x[i] * I : i % 3 ? x[i] * x[i] : 0;
        if (z == 0 || z != z)
            continue;
        if (!seen)
            seen = z;
        sum += z ? z * seen : 1;
        if (seen == sum && sum)
            sum *= 2;
    }
    return creal(sum) - 3 * cimag(sum);
}

// A complex float is computed with as such.
#pragma grad forward
float complex narrow(float complex z, float x)
{
    float complex w = z * x + 2 * I;
    return w / z - x;
}

// By value, by pointer, in both directions.
#pragma grad wrt(in, scale) of(out)
#pragma grad forward wrt(in, scale) of(out)
void by_pointer(int n, const double complex *in, double complex *out,
                double complex scale)
{
    for (int i = 0; i < n; i++)
        out[i] = in[i] * scale + (i ? out[i - 1] : conj(scale));
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

static double dot(double complex a, double complex b)
{
    return creal(a) * creal(b) + cimag(a) * cimag(b);
}

static void check_square(void)
{
    double complex z = 1.5 - 0.7 * I, d_z = 10;
    CHECK_BITS(square_grad(z, &d_z), square(z));
    // L = Re((1 - 2i) w), so that the adjoint of w is 1 + 2i.
    double complex expected = 10 + (1 + 2 * I) * conj(2 * z);
    CHECK_CLOSE(creal(d_z), creal(expected), 1e-15);
    CHECK_CLOSE(cimag(d_z), cimag(expected), 1e-15);
}

static void check_narrow(void)
{
    float complex z = 0.5f + 0.75f * I, d;
    float complex value = narrow_fwd(z, 1 - I, 2, 0.5f, &d);
    CHECK_TRUE(value == narrow(z, 2));
    double complex dz = 1 - I;
    double complex expected =
        (dz * 2 + z * 0.5) / z - (z * 2 + 2 * I) / (z * z) * dz - 0.5;
    CHECK_NEAR(creal(d), creal(expected), 1e-5);
    CHECK_NEAR(cimag(d), cimag(expected), 1e-5);
}

static void check_by_pointer(void)
{
    enum { N = 5 };
    struct rng rng = {3};
    double complex in[N], d_in[N], t_in[N], out[N], t_out[N], weights[N];
    double complex scale = 0.3 + 2 * I, d_scale = 0, t_scale = -1 + 0.25 * I;
    for (int i = 0; i < N; i++) {
        in[i] = rng_normal(&rng) + rng_normal(&rng) * I;
        t_in[i] = rng_normal(&rng) + rng_normal(&rng) * I;
        weights[i] = rng_normal(&rng) + rng_normal(&rng) * I;
        d_in[i] = 0;
    }
    by_pointer_fwd(N, in, t_in, out, t_out, scale, t_scale);
    double forward = 0, reverse = 0;
    for (int i = 0; i < N; i++)
        forward += dot(weights[i], t_out[i]);
    by_pointer_grad(N, in, d_in, out, weights, scale, &d_scale);
    for (int i = 0; i < N; i++) {
        reverse += dot(d_in[i], t_in[i]);
        CHECK_TRUE(weights[i] == 0);
    }
    reverse += dot(d_scale, t_scale);
    CHECK_CLOSE(reverse, forward, 1e-13);
}

int main(void)
{
    CHECK_STANDARD(operators, -2, 2);
    CHECK_STANDARD(parts, -1, 1);
    CHECK_STANDARD(conversions, -1, 1);
    CHECK_STANDARD(conditions, -1, 1);
    check_square();
    check_narrow();
    check_by_pointer();
    return check_done();
}
#endif

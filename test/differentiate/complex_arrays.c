// Complex numbers in arrays that are overwritten in place, on the heap, in
// structs, copied and cleared as whole objects, and read as pairs of double.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

// Radix 2, in place, after a permutation by reversed bits.
static void fft(int n, double complex *z)
{
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double complex swap = z[i];
            z[i] = z[j];
            z[j] = swap;
        }
    }
    for (int half = 1; half < n; half *= 2)
        for (int start = 0; start < n; start += 2 * half)
            for (int k = 0; k < half; k++) {
                double complex w = cexp(-PI * I * k / half);
                double complex odd = w * z[start + k + half];
                z[start + k + half] = z[start + k] - odd;
                z[start + k] += odd;
            }
}

// The spectrum's distance from a target, on a logarithmic scale.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double spectrum(int n, const double *x)
{
    double complex z[16];
    for (int i = 0; i < 16; i++)
        z[i] = i < n ? x[i] + 0.25 * I * x[n - 1 - i] : 0;
    fft(16, z);
    double loss = 0;
    for (int i = 0; i < 16; i++) {
        double power = creal(z[i] * conj(z[i]));
        double off = log1p(power) - cos(i);
        loss += off * off;
    }
    return loss;
}

// An FFT is linear: its adjoint is n times the inverse transform.
#pragma grad wrt(z) of(z) name(fft_adjoint)
#pragma grad forward wrt(z) of(z) name(fft_tangent)
void transform(int n, double complex *z) { fft(n, z); }

typedef struct Mode {
    double complex amplitude, history[2];
    double frequency;
    float complex kept;
} Mode;

static Mode advance(Mode mode, double t)
{
    Mode next = mode;
    next.history[0] = mode.amplitude;
    next.history[1] = mode.history[0];
    next.amplitude *= cexp(I * mode.frequency * t);
    next.amplitude += conj(mode.history[1]) / 8;
    return next;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double structs(int n, const double *x)
{
    Mode modes[3] = {{.amplitude = 1, .frequency = 2}, {.frequency = 0.5}};
    modes[2] = modes[0];
    for (int i = 0; i < n; i++) {
        Mode *mode = &modes[i % 3];
        mode->amplitude += x[i] * I;
        mode->history[i & 1] -= x[i];
        *mode = advance(*mode, x[i]);
        mode->kept = 2.5f - I;
    }
    double s = 0;
    for (int i = 0; i < 3; i++)
        s += cabs(modes[i].amplitude + 4) + creal(modes[i].history[1]) +
             crealf(modes[i].kept);
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double moved(int n, const double *x)
{
    double complex *a = malloc((n + 1) * sizeof *a);
    double complex *b = calloc(n + 1, sizeof *b);
    double complex grid[2][n + 1];
    if (!a || !b) {
        free(a);
        free(b);
        return -1;
    }
    for (int k = 0; k < 2; k++)
        memset(grid[k], 0, (n + 1) * sizeof(double complex));
    for (int i = 0; i <= n; i++)
        a[i] = i < n ? x[i] * x[i] - I * x[i] : 1;
    memcpy(b, a, (n + 1) * sizeof *b);
    for (int step = 0; step < 3; step++) {
        for (int i = 0; i < n; i++)
            b[i + 1] += a[i] * b[i] / (2 + i);
        double complex *swap = a;
        a = b;
        b = swap;
        memcpy(grid[step & 1], a, (n + 1) * sizeof *a);
    }
    double s = 0;
    for (int i = 0; i <= n; i++)
        s += cimag(grid[0][i] * grid[1][n - i]) + creal(a[i]);
    free(a);
    free(b);
    return s;
}

// As C lays them out: an array of two real numbers each.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double pairs(int n, const double *x)
{
    double complex z[8] = {0}, copy[8];
    double *flat = (double *)z;
    for (int i = 0; i < n; i++)
        flat[i] = x[i] * x[i];
    for (int i = 0; i < 8; i++) {
        copy[i] = z[i] * (z[(i + 1) % 8] + 1);
        z[i] = copy[i] / 3;
        flat[2 * i + 1] -= creal(copy[i]);
    }
    double s = 0;
    for (int i = 0; i < 16; i++)
        s += i * flat[i];
    double *imaginary = &__imag__ copy[0];
    *imaginary *= 5;
    return s + cimag(copy[0] * copy[1]);
}

// A union of a number and its parts; constants of the file.
typedef union Number {
    double complex whole;
    double part[2];
} Number;

static const double complex table[] = {1, 2 + 3 * I, -I};

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double unions(int n, const double *x)
{
    double s = 0;
    Number number = {.whole = 1};
    for (int i = 0; i < n; i++) {
        number.whole = number.whole * table[i % 3] / 2 + x[i];
        s += number.part[1] * x[i];
        number.part[0] -= s;
    }
    return s + cabs(number.whole + 2);
}

// A parameter read in both ways.
#pragma grad wrt(z)
#pragma grad forward wrt(z)
double energy(int n, const double complex *z)
{
    const double *flat = (const double *)z;
    double s = 0;
    for (int i = 0; i < 2 * n; i++)
        s += flat[i] * flat[i] * creal(z[i / 2]);
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

static void check_transform(int n)
{
    double complex z[16], weights[16], inverse[16], tangent[16];
    struct rng rng = {5};
    for (int i = 0; i < n; i++) {
        z[i] = rng_normal(&rng) + rng_normal(&rng) * I;
        weights[i] = rng_normal(&rng) + rng_normal(&rng) * I;
        inverse[i] = conj(weights[i]);
        tangent[i] = weights[i];
    }
    fft(n, inverse); // conj(fft(conj(w)))
    double complex copy[16], direct[16];
    memcpy(copy, z, sizeof z);
    memcpy(direct, weights, sizeof weights);
    fft(n, direct);
    fft_tangent(n, copy, tangent);
    fft_adjoint(n, z, weights);
    for (int i = 0; i < n; i++) {
        CHECK_NEAR(creal(weights[i]), creal(inverse[i]), 1e-13);
        CHECK_NEAR(cimag(weights[i]), -cimag(inverse[i]), 1e-13);
        CHECK_BITS(creal(tangent[i]), creal(direct[i]));
        CHECK_BITS(cimag(tangent[i]), cimag(direct[i]));
        CHECK_BITS(creal(copy[i]), creal(z[i]));
    }
}

static void check_energy(void)
{
    const double complex z[2] = {1 + 2 * I, -0.5 + 3 * I};
    const double complex v[2] = {0.25, -1 + I};
    double complex d_z[2] = {0, 0};
    double along;
    CHECK_BITS(energy_grad(2, z, d_z), energy(2, z));
    energy_fwd(2, z, v, &along);
    double reverse = 0;
    for (int i = 0; i < 2; i++) {
        double x = creal(z[i]), y = cimag(z[i]);
        CHECK_CLOSE(creal(d_z[i]), 3 * x * x + y * y, 1e-15);
        CHECK_CLOSE(cimag(d_z[i]), 2 * x * y, 1e-15);
        reverse += creal(d_z[i]) * creal(v[i]) + cimag(d_z[i]) * cimag(v[i]);
    }
    CHECK_CLOSE(reverse, along, 1e-14);
}

int main(void)
{
    CHECK_STANDARD(spectrum, -1, 1);
    CHECK_STANDARD(structs, -1, 1);
    CHECK_STANDARD(moved, -1, 1);
    CHECK_STANDARD(pairs, -1, 1);
    CHECK_STANDARD(unions, -1, 1);
    check_transform(1);
    check_transform(2);
    check_transform(16);
    check_energy();
    return check_done();
}
#endif

// The primal's results bit for bit, at zeros of either sign, infinities and
// NaNs: real and integer operands stay what they are beside complex ones, and
// nothing is simplified that holds for real numbers only.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <complex.h>
#include <math.h>

// glibc has it for gcc alone.
#ifndef CMPLX
#define CMPLX(x, y) __builtin_complex((double)(x), (double)(y))
#endif

enum { RESULTS = 42 };

#pragma grad wrt(z, w, x) of(out)
#pragma grad forward wrt(z, w, x) of(out)
void all(double complex z, double complex w, double x, int n,
         double complex *out)
{
    double complex one = 1, zero = 0, lifted = x, minus = -z;
    out[0] = z * w;
    out[1] = z / w;
    out[2] = z + w;
    out[3] = z - w;
    out[4] = x * z;
    out[5] = z * x;
    out[6] = z / x;
    out[7] = x / z;
    out[8] = z + x;
    out[9] = x + z;
    out[10] = z - x;
    out[11] = x - z;
    out[12] = lifted * z;
    out[13] = (double complex)x / z;
    out[14] = z - (double complex)x;
    out[15] = n * z;
    out[16] = z / n;
    out[17] = z + n;
    out[18] = n - z;
    out[19] = 3 * z;
    out[20] = 3.0 * z;
    out[21] = z / 3;
    out[22] = 1 / z;
    out[23] = z + 0;
    out[24] = z + 0.0;
    out[25] = z - 0.0;
    out[26] = z * 1 - w * 1.0;
    out[27] = z * one + w * zero;
    out[28] = 0 - z;
    out[29] = minus * -w;
    out[30] = minus / -w;
    out[31] = w - minus;
    out[32] = minus + w;
    out[33] = z * I;
    out[34] = -z * (I * 2);
    out[35] = ~(conj(z)) + -(-w);
    out[36] = CMPLX(x, -cimag(z)) * n;
    out[37] = (float complex)z * 0.1f;
    out[38] = z == w ? z : x;
    out[39] = (double)(z * w);
    double complex sum = z;
    sum += x;
    sum *= 2;
    sum -= n;
    sum /= x;
    sum += 3 - -w;
    out[40] = sum;
    double real = x;
    real += z * w;
    real -= w;
    out[41] = real;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

static void check_same(int i, const char *what, double got, double want)
{
    bool same = (isnan(got) && isnan(want)) ||
                memcmp(&got, &want, sizeof got) == 0;
    check_report(same, what, i, "out", got, want);
}

int main(void)
{
    static const double parts[] = {0.0,      -0.0, 1.3,   -0.7,
                                   INFINITY, NAN,  1e200, -INFINITY};
    double complex out[RESULTS], first[RESULTS], second[RESULTS];
    for (int i = 0; i < 8 * 8 * 8; i++)
        for (int j = 0; j < 8; j++) {
            double complex z = CMPLX(parts[i % 8], parts[i / 8 % 8]);
            double complex w = CMPLX(parts[i / 64], parts[(3 * i + j) % 8]);
            double x = parts[j];
            double complex weights[RESULTS] = {0}, d_z = 0, d_w = 0;
            double d_x = 0;
            all(z, w, x, j - 3, out);
            all_grad(z, &d_z, w, &d_w, x, &d_x, j - 3, first, weights);
            all_fwd(z, 0, w, 0, x, 0, j - 3, second, weights);
            for (int k = 0; k < RESULTS; k++) {
                check_same(k, "reverse", creal(first[k]), creal(out[k]));
                check_same(k, "reverse", cimag(first[k]), cimag(out[k]));
                check_same(k, "forward", creal(second[k]), creal(out[k]));
                check_same(k, "forward", cimag(second[k]), cimag(out[k]));
            }
        }
    return check_done();
}
#endif

// Memory of tangents is not cleared where each is assigned with its number; it
// is where the primal's memory is, or where numbers may come in without their
// tangents. The same bits as when all of it is cleared.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc --no-unset %s -o %t_all_grad.c
// RUN: FileCheck %s --check-prefix=ALL < %t_all_grad.c
// RUN: sed -i -e 's/_fwd(/_all(/' -e 's/_1(/_1_all(/' %t_all_grad.c %t_all_grad.h
// RUN: %cc %main -DALL='"%t_all_grad.h"' %sanitize %s %t_grad.c %t_all_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -DALL='"%t_all_grad.h"' -O2 %s %t_grad.c %t_all_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Arrays of a loop's body, and heap memory, also of no elements.
// CHECK-LABEL: void scratch_fwd(
// CHECK: d_rows = gradcc_reserve(
// CHECK: double d_moved[12];
// CHECK-LABEL: void scratch_1(
// ALL-LABEL: void scratch_fwd(
// ALL: d_rows = gradcc_allocate(
// ALL: double d_moved[12] = {0};
// ALL-LABEL: void scratch_1(
#pragma grad forward wrt(x) of(y) directions(4)
#pragma grad forward wrt(x) of(y) name(scratch_1)
void scratch(int n, int m, const double *x, double *y)
{
    double *rows = malloc((size_t)n * ((size_t)m * sizeof *rows));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            rows[i * m + j] = sin(x[i]) * (j + 1);
    for (int i = 0; i < n; i++) {
        double moved[3];
        for (int j = 0; j < 3; j++)
            moved[j] = x[i] * (m > 0 ? rows[i * m + j % m] : 1);
        y[i] = 1;
        for (int j = 0; j < 3; j++)
            for (int k = j; k < 3; k++)
                y[i] += moved[j] * moved[k];
    }
    free(rows);
}

// Elements that are set sometimes, each where it is read; an array that is
// copied with elements that nobody has set; inactive numbers.
// CHECK-LABEL: void sometimes_fwd(
// CHECK: double d_a[20];
// CHECK: double d_b[20];
// CHECK-LABEL: void sometimes_1(
#pragma grad forward wrt(x) of(y) directions(4)
#pragma grad forward wrt(x) of(y) name(sometimes_1)
void sometimes(int n, int m, const double *x, double *y)
{
    double a[5], b[5];
    (void)m;
    for (int i = 0; i < n; i++) {
        if (x[i] > 0)
            for (int j = 0; j < 5; j++)
                a[j] = j % 2 ? 2 : x[i] * j;
        else
            a[i % 5] = 3 * x[i];
        memcpy(b, a, sizeof b);
        y[i] = 0;
        if (x[i] > 0)
            for (int j = 0; j < 5; j++)
                y[i] += b[j] * b[4 - j];
        else
            y[i] = b[i % 5];
    }
}

// The primal's memory starts at zero.
// CHECK-LABEL: void cleared_fwd(
// CHECK: d_sums = gradcc_allocate(
// CHECK: double d_a[20];
// CHECK: memset(d_a{{[0-9]*}}, 0, 20 * sizeof(double));
// CHECK-LABEL: void cleared_1(
#pragma grad forward wrt(x) of(y) directions(4)
#pragma grad forward wrt(x) of(y) name(cleared_1)
void cleared(int n, int m, const double *x, double *y)
{
    double *sums = calloc((size_t)n + 1, sizeof *sums);
    (void)m;
    for (int i = 0; i < n; i++) {
        double a[5] = {0};
        a[i % 5] = x[i];
        for (int j = 0; j < 5; j++)
            sums[i] += a[j] * a[(j + i % 2) % 5];
    }
    for (int i = 0; i < n; i++)
        y[i] = sums[i + 1] * sums[i];
    free(sums);
}

// What a function that carries no derivative writes has no tangents.
void noise(int n, double *v);
#pragma grad inactive
void noise(int n, double *v);

// CHECK-LABEL: void written_elsewhere_fwd(
// CHECK: double d_a[20] = {0};
// CHECK-LABEL: void written_elsewhere_1(
#pragma grad forward wrt(x) of(y) directions(4)
#pragma grad forward wrt(x) of(y) name(written_elsewhere_1)
void written_elsewhere(int n, int m, const double *x, double *y)
{
    (void)m;
    for (int i = 0; i < n; i++) {
        double a[5];
        noise(5, a);
        a[i % 5] *= x[i];
        y[i] = 0;
        for (int j = 0; j < 5; j++)
            y[i] += a[j] * x[i];
    }
}

// What carries no derivative is read beside what does.
// CHECK-LABEL: void either_fwd(
// CHECK: double d_a[36] = {0};
// CHECK-LABEL: void either_1(
#pragma grad forward wrt(x) of(y) directions(4)
#pragma grad forward wrt(x) of(y) name(either_1)
void either(int n, int m, const double *x, double *y)
{
    double a[9];
    for (int i = 0; i < n; i++)
        a[i] = i;
    const double *from = m % 2 ? a : x;
    for (int i = 0; i < n; i++)
        y[i] = from[i] * from[i];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include ALL
#include "check.h"

enum { MOST = 9 };

void noise(int n, double *v)
{
    for (int i = 0; i < n; i++)
        v[i] = cos(i);
}

typedef void Four(int, int, const double *, const double *, double *, double *);
typedef void Primal(int, int, const double *, double *);

// What is on the stack now is what unset memory holds.
static void soil(void)
{
    volatile double filth[4096];
    for (int i = 0; i < 4096; i++)
        filth[i] = NAN;
    (void)filth[0];
}

static void compare(Primal *primal, Four *four, Four *all, Four *one, int n,
                    int m)
{
    struct rng rng = {(unsigned)(n + 10 * m)};
    double x[MOST], y[MOST], d_x[4 * MOST], d_y[4 * MOST], cleared[4 * MOST];
    double along[MOST], out[MOST], want[MOST];
    rng_fill(&rng, n, x, -1, 1);
    rng_fill(&rng, 4 * n, d_x, -1, 1);
    soil();
    four(n, m, x, d_x, y, d_y);
    all(n, m, x, d_x, y, cleared);
    primal(n, m, x, want);
    for (int i = 0; i < 4 * n; i++)
        CHECK_BITS(d_y[i], cleared[i]);
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < n; i++)
            along[i] = d_x[4 * i + k];
        soil();
        one(n, m, x, along, y, out);
        for (int i = 0; i < n; i++)
            CHECK_NEAR(out[i], d_y[4 * i + k], 1e-14 * (1 + fabs(out[i])));
    }
    for (int i = 0; i < n; i++)
        CHECK_BITS(y[i], want[i]);
}

int main(void)
{
    for (int n = 0; n < MOST; n++)
        for (int m = 0; m < 4; m++) {
            compare(scratch, scratch_fwd, scratch_all, scratch_1, n, m);
            compare(sometimes, sometimes_fwd, sometimes_all, sometimes_1, n, m);
            compare(cleared, cleared_fwd, cleared_all, cleared_1, n, m);
            compare(either, either_fwd, either_all, either_1, n, m);
            compare(written_elsewhere, written_elsewhere_fwd,
                    written_elsewhere_all, written_elsewhere_1, n, m);
        }
    return check_done();
}
#endif

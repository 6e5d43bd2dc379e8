// Forward mode in several directions at once: the same tangents as one
// direction after the other gives, from one evaluation of the primal.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <alloca.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// One loop over the directions for neighbouring statements.
// CHECK-LABEL: double plain_4(int n, const double *restrict x, const double *restrict d_x,
// CHECK-NEXT: double y, const double *restrict d_y, double *restrict d_return)
// CHECK: for (int i = 0; i < n; i++) {
// CHECK: for (int k = 0; k < 4; k++) {
// CHECK: d_x[{{.*}} + k]
// CHECK: }
// CHECK-NOT: for (int k
// CHECK: for (int k = 0; k < 4; k++)
// CHECK-NEXT: d_return[k] =
#pragma grad forward wrt(x, y) name(plain_1)
#pragma grad forward wrt(x, y) directions(4) name(plain_4)
double plain(int n, const double *x, double y)
{
    double s = y;
    for (int i = 0; i < n; i++) {
        double z = sin(x[i]) * y;
        double q = z * x[i] / (2 + y);
        s = s * q + z + 0.3 * sqrt(1 + x[i] * x[i]);
    }
    return s;
}

// The number of directions is a parameter. Arrays in place, of two dimensions,
// of variable length; branches, a while loop, scalars that change places.
#pragma grad forward wrt(a, y) of(return, a) name(twisted_1)
#pragma grad forward wrt(a, y) of(return, a) directions(m) name(twisted_m)
#pragma grad forward wrt(a, y) of(return, a) directions(3) name(twisted_3)
double twisted(int n, int m, double a[n][3], double y)
{
    double t[4][5] = {{0}}, v[n + 1], p = y, q = 0.5;
    v[0] = y;
    for (int i = 0; i < n; i++) {
        t[i % 4][2] = cos(a[i][0]);
        a[i][1] = t[(i + 1) % 4][2] * p + a[i][2];
        v[i + 1] = v[i] * a[i][1];
        if (a[i][0] > 0.2)
            p = q * v[i + 1];
        else
            q = p - a[i][2] * v[i];
        double r = p;
        p = q + 0.1 * m;
        q = 0.7 * r;
    }
    while (p < 3)
        p = p * p + 1 + 0.1 * y;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3; j++)
            q += a[i][j] * t[j][2] * y;
    return p + q + v[n];
}

// Pointers that walk, are swapped and stored, heap memory, memcpy, float.
#pragma grad forward wrt(x) name(pointers_1)
#pragma grad forward wrt(x) directions(m) name(pointers_m)
#pragma grad forward wrt(x) directions(2) name(pointers_2)
double pointers(int n, int m, const double *x)
{
    double *a = malloc((size_t)(n + 1) * sizeof *a);
    double *b = calloc((size_t)n + 1, sizeof *b), *rows[2];
    double s = m * 0.5;
    float f[3] = {1, 2, 3};
    memcpy(b, x, (size_t)n * sizeof *b);
    memset(a, 0, (size_t)n * sizeof *a);
    for (int i = 0; i < n; i++) {
        double *t = a;
        a[i] += b[i] * b[i];
        a = b;
        b = t;
        f[i % 3] *= (float)x[i];
    }
    rows[0] = a;
    rows[1] = b;
    for (const double *p = x; p < x + n; p++)
        s += *p * rows[(p - x) % 2][p - x] + f[1];
    free(a);
    free(b);
    return s;
}

// A matrix of two dynamic dimensions, and memory between input and output.
#pragma grad forward wrt(a) of(y) work(w[0:n]) name(matrix_1)
#pragma grad forward wrt(a) of(y) work(w[0:n]) directions(d) name(matrix_d)
void matrix(int n, int m, int d, double a[n][m], double *w, double *y)
{
    for (int i = 0; i < n; i++) {
        w[i] = 0;
        for (int j = 0; j < m; j++)
            w[i] += a[i][j] * a[i][(j + 1) % m];
    }
    for (int i = 0; i < n; i++)
        y[i] = exp(-w[i]) + d;
}

// Memory on the stack, of a length that run time knows.
#pragma grad forward wrt(x) name(stack_1)
#pragma grad forward wrt(x) directions(3) name(stack_3)
double stack(int n, const double *x)
{
    double *a = alloca((size_t)(n + 1) * sizeof *a), s = 0;
    for (int i = 0; i < n; i++)
        a[i] = x[i] * x[i];
    for (int i = 0; i < n; i++)
        s += a[i] * a[n - 1 - i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 12, ALL = 5 };

// Directions, one after the other and side by side.
static double one[ALL][3 * MOST], all[3 * MOST * ALL];

static void draw(struct rng *rng, int n, int directions)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < directions; k++)
            all[i * directions + k] = one[k][i] = rng_uniform(rng, -1, 1);
}

static void same(int n, int directions, double tolerance)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < directions; k++)
            CHECK_NEAR(all[i * directions + k], one[k][i],
                       tolerance * (1 + fabs(one[k][i])));
}

static void check_plain(struct rng *rng, int n)
{
    double x[MOST], d_y[4], r[4];
    rng_fill(rng, n, x, -1, 1);
    rng_fill(rng, 4, d_y, -1, 1);
    draw(rng, n, 4);
    CHECK_BITS(plain_4(n, x, all, 0.4, d_y, r), plain(n, x, 0.4));
    for (int k = 0; k < 4; k++) {
        double along;
        plain_1(n, x, one[k], 0.4, d_y[k], &along);
        CHECK_CLOSE(r[k], along, 1e-14);
    }
}

static void check_twisted(struct rng *rng, int n, int m)
{
    double a[MOST][3], b[MOST][3], d_y[ALL], r[ALL], along;
    rng_fill(rng, ALL, d_y, -1, 1);
    draw(rng, 3 * n, m);
    rng_fill(rng, 3 * n, &a[0][0], -1, 1);
    memcpy(b, a, sizeof a);
    double value = twisted(n, m, b, 0.4);
    memcpy(b, a, sizeof a);
    CHECK_BITS(m == 3 ? twisted_3(n, m, b, all, 0.4, d_y, r)
                      : twisted_m(n, m, b, all, 0.4, d_y, r),
               value);
    for (int k = 0; k < m; k++) {
        memcpy(b, a, sizeof a);
        twisted_1(n, m, b, (double(*)[3])one[k], 0.4, d_y[k], &along);
        CHECK_CLOSE(r[k], along, 1e-12);
    }
    same(3 * n, m, 1e-13);
}

static void check_pointers(struct rng *rng, int n, int m)
{
    double x[MOST], r[ALL], along;
    rng_fill(rng, n, x, 0.5, 1);
    draw(rng, n, m);
    CHECK_BITS(m == 2 ? pointers_2(n, m, x, all, r)
                      : pointers_m(n, m, x, all, r),
               pointers(n, m, x));
    for (int k = 0; k < m; k++) {
        pointers_1(n, m, x, one[k], &along);
        CHECK_NEAR(r[k], along, 1e-6 * fabs(along));
    }
}

static void check_stack(struct rng *rng, int n)
{
    double x[MOST], r[3], along;
    rng_fill(rng, n, x, -1, 1);
    draw(rng, n, 3);
    CHECK_BITS(stack_3(n, x, all, r), stack(n, x));
    for (int k = 0; k < 3; k++) {
        stack_1(n, x, one[k], &along);
        CHECK_NEAR(r[k], along, 1e-14 * (1 + fabs(along)));
    }
}

static void check_matrix(struct rng *rng, int n, int m, int d)
{
    double a[4][3], w[4], y[4], d_y[4], d_all[4 * ALL];
    rng_fill(rng, 12, &a[0][0], -1, 1);
    draw(rng, n * m, d);
    matrix_d(n, m, d, (double(*)[m])a, all, w, y, d_all);
    for (int k = 0; k < d; k++) {
        matrix_1(n, m, d, (double(*)[m])a, (double(*)[m])one[k], w, y, d_y);
        for (int i = 0; i < n; i++)
            CHECK_NEAR(d_all[i * d + k], d_y[i], 1e-14);
    }
}

int main(void)
{
    struct rng rng = {5};
    for (int n = 0; n <= MOST; n++) {
        check_plain(&rng, n);
        check_stack(&rng, n);
        for (int m = 0; m <= ALL; m++) {
            check_twisted(&rng, n, m);
            check_pointers(&rng, n, m);
            check_matrix(&rng, n % 5, 1 + n % 3, m);
        }
    }
    return check_done();
}
#endif

// Jacobians of code with loops: by columns (forward mode in several
// directions), by rows (reverse mode with several weights), whichever are
// fewer, in both layouts.
//
// RUN: %gradcc --no-eliminate %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.h
// RUN: FileCheck --check-prefix SMALL %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// The lengths decide at run time.
// CHECK: sets jac to the Jacobian of y by x. Forward mode
// CHECK-NEXT: makes 8 columns at once, or reverse mode 8 rows at once, whichever are
// CHECK-NEXT: fewer. */
// CHECK-NEXT: void open_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:n]) of(y[0:m])
#pragma grad jacobian wrt(x[0:n]) of(y[0:m]) layout(denominator) name(open_turned)
void open(int n, int m, const double *x, double *y)
{
    double p = 0.5;
    for (int j = 0; j < m; j++) {
        double s = sqrt(1 + p * p);
        for (int i = 0; i < n; i++)
            s = sin(s) * x[i] + (i == j ? x[i] * x[i] : 0.1);
        y[j] = s;
        p = s;
    }
}

// Here they are known: three columns, or two rows.
// CHECK: Forward mode makes 3 columns at once. */
// CHECK-NEXT: double tall_jac(
#pragma grad jacobian wrt(x, t) of(y[0:4], return)
double tall(const double x[2], double t, double *y)
{
    double s = 0;
    for (int i = 0; i < 4; i++)
        s += y[i] = x[i % 2] * t * i + t;
    return s * x[0];
}

// What is small takes no memory from the heap, and one block takes no loop.
// SMALL-LABEL: void wide_jac(
// SMALL-NOT: {{gradcc_allocate|free|first}}
// SMALL: double seed[4];
// SMALL-NOT: {{gradcc_allocate|free|first}}
// SMALL: {{^}$}}
// CHECK: mode makes 2 rows at once. */
// CHECK-NEXT: void wide_jac(
#pragma grad forward wrt(a, b) of(y)
#pragma grad jacobian wrt(a[0:4], b) of(y[0:2])
void wide(const double a[4][3], double b, double y[2])
{
    y[0] = y[1] = b;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 3; j++)
            y[i % 2] += exp(a[i][j] * y[j % 2]) * b;
}

// CHECK: Reverse mode makes the only row. */
#pragma grad jacobian wrt(x[0:n], y)
double row(int n, const double *x, double y)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i] * y;
    return s;
}

// A length that is computed.
#pragma grad jacobian wrt(x[0:n * 2 + 1]) of(y[0:3])
void computed(int n, const double *x, double y[3])
{
    for (int j = 0; j < 3; j++) {
        y[j] = 1;
        for (int i = 0; i < 2 * n + 1; i++)
            y[j] += (i + j) * x[i];
    }
}

// What comes in goes out changed.
#pragma grad forward wrt(x, p) of(x, y) work(w[0:n]) name(in_place_one)
#pragma grad jacobian wrt(x[0:n], p) of(y[0:m], x[0:n]) work(w[0:n])
void in_place(int n, int m, double *x, double p, double *y, double *w)
{
    for (int i = 0; i < n; i++) {
        w[i] = x[i] * p;
        x[i] = w[i] * x[0] + cos(x[(i + 1) % n]);
    }
    for (int j = 0; j < m; j++)
        y[j] = x[j % n] * w[j % n] + j * p;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 20 };

static void check_open(struct rng *rng, int n, int m)
{
    double x[MOST], y[MOST], again[MOST], v[MOST], d_y[MOST];
    static double jac[MOST * MOST], turned[MOST * MOST];
    rng_fill(rng, n, x, -1, 1);
    open(n, m, x, y);
    open_jac(n, m, x, again, jac);
    open_turned(n, m, x, again, turned);
    for (int j = 0; j < m; j++)
        CHECK_BITS(again[j], y[j]);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++)
            v[k] = i == k;
        open_fwd(n, m, x, v, again, d_y);
        for (int j = 0; j < m; j++) {
            CHECK_NEAR(jac[j * n + i], d_y[j], 1e-13);
            CHECK_BITS(turned[i * m + j], jac[j * n + i]);
        }
    }
}

static void check_known(struct rng *rng)
{
    double x[2] = {2, 3}, y[4], jac[15], t = 5;
    CHECK_BITS(tall_jac(x, t, y, jac), tall(x, t, y));
    for (int i = 0; i < 4; i++) {
        CHECK_BITS(jac[3 * i], i % 2 ? 0. : t * i);
        CHECK_BITS(jac[3 * i + 1], i % 2 ? t * i : 0.);
        CHECK_BITS(jac[3 * i + 2], x[i % 2] * i + 1);
    }
    CHECK_BITS(jac[12], t * 2 * x[0] + (x[0] * t * 2 + x[1] * t * 4 + 4 * t));
    CHECK_BITS(jac[13], t * 4 * x[0]);
    CHECK_BITS(jac[14], (x[0] * 2 + x[1] * 4 + 4) * x[0]);

    double a[4][3], v[13], z[2], d_z[2], wide_all[26];
    rng_fill(rng, 12, &a[0][0], -1, 1);
    wide_jac(a, 0.3, z, wide_all);
    for (int i = 0; i < 13; i++) {
        for (int k = 0; k < 13; k++)
            v[k] = i == k;
        wide_fwd(a, (const double(*)[3])v, 0.3, v[12], z, d_z);
        CHECK_NEAR(wide_all[i], d_z[0], 1e-12 * (1 + fabs(d_z[0])));
        CHECK_NEAR(wide_all[13 + i], d_z[1], 1e-12 * (1 + fabs(d_z[1])));
    }
    double w[15];
    computed_jac(2, (double[5]){1, 2, 3, 4, 5}, y, w);
    for (int i = 0; i < 15; i++)
        CHECK_BITS(w[i], (double)(i % 5 + i / 5));
    double r[3];
    CHECK_BITS(row_jac(2, x, t, r), row(2, x, t));
    CHECK_BITS(r[0], 20.);
    CHECK_BITS(r[1], 30.);
    CHECK_BITS(r[2], 13.);
}

static void check_in_place(struct rng *rng, int n, int m)
{
    double at[MOST] = {0}, x[MOST], y[MOST], w[MOST], d_x[MOST], d_y[MOST], p = 0.7;
    double last[MOST], jac[(2 * MOST) * (MOST + 1)];
    rng_fill(rng, n, at, -1, 1);
    memcpy(x, at, sizeof x);
    in_place_jac(n, m, x, p, y, w, jac);
    memcpy(last, x, sizeof x);
    for (int i = 0; i <= n; i++) {
        memcpy(x, at, sizeof x);
        for (int k = 0; k < n; k++)
            d_x[k] = i == k;
        in_place_one(n, m, x, d_x, p, i == n, y, d_y, w);
        for (int j = 0; j < m; j++)
            CHECK_NEAR(jac[j * (n + 1) + i], d_y[j], 1e-12);
        for (int j = 0; j < n; j++) {
            CHECK_NEAR(jac[(m + j) * (n + 1) + i], d_x[j], 1e-12);
            CHECK_BITS(last[j], x[j]);
        }
    }
}

int main(void)
{
    struct rng rng = {9};
    for (int n = 0; n < MOST; n += 1 + n / 3)
        for (int m = 0; m < MOST; m += 1 + m / 3) {
            check_open(&rng, n, m);
            if (n > 0 && m < 10 && n < 10)
                check_in_place(&rng, n, m);
        }
    check_known(&rng);
    return check_done();
}
#endif

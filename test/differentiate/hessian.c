// Hessians: column by column what the Hessian times a vector is, symmetric to
// the last bit, assigned; value and gradient beside them.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: FileCheck %s --check-prefix=HEADER < %t_grad.h
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// Rosenbrock's function, in blocks of columns.
// HEADER: sets hess to its Hessian. Forward over reverse mode makes 8 columns at
// HEADER-NEXT: once. */
// HEADER-NEXT: double rosenbrock_hess(int n, const double *x, double *d_x, double *hess);
// CHECK: static double rosenbrock_hess_products(
// CHECK-LABEL: double rosenbrock_hess(
// CHECK: for (long first = 0; first < {{.*}}; first += 8) {
#pragma grad wrt(x)
#pragma grad hessian wrt(x[0:n])
double rosenbrock(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i + 1 < n; i++) {
        double a = 1 - x[i], b = x[i + 1] - x[i] * x[i];
        s += a * a + 100 * b * b;
    }
    return s;
}

// Several variables, in the order listed; all columns at once.
// HEADER: makes 5 columns at
#pragma grad hessian wrt(b, a[0:3], c)
double several(const double a[3], double b, double c)
{
    return a[0] * a[1] * b + sin(a[2] * c) * b * b;
}

// Overwritten: each block starts from what was there.
#pragma grad hvp wrt(x[0:n], y)
#pragma grad hessian wrt(x[0:n], y)
double overwritten(int n, double *x, double y)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        x[i] = x[i] * x[n - 1 - i] * y;
        s += sin(x[i]) + x[0];
    }
    while (s < 20)
        s = s * s * 0.5 + 2 * y * y + 1;
    return s;
}

static double power(double x, int n)
{
    return n == 0 ? 1 : x * power(x, n - 1);
}

// Through recursion, one column at a time.
// HEADER: makes one column at
#pragma grad hessian wrt(x, y)
double recursive(double x, double y)
{
    return power(x, 3) * power(y, 2);
}

// In float, of two dimensions.
#pragma grad hessian wrt(a[0:n])
float single(int n, const float a[][2])
{
    float s = 0;
    for (int i = 0; i < n; i++)
        s += a[i][0] * a[i][1] * a[0][0];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 11 };

static void check_rosenbrock(struct rng *rng, int n)
{
    double x[MOST], d[MOST] = {0}, g[MOST] = {0}, hess[MOST * MOST];
    rng_fill(rng, n, x, -2, 2);
    rng_fill(rng, MOST * MOST, hess, -2, 2);
    CHECK_BITS(rosenbrock_hess(n, x, d, hess), rosenbrock(n, x));
    rosenbrock_grad(n, x, g);
    CHECK_ARRAY(n, d, g, 1e-14);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double want = 0;
            if (i == j && i + 1 < n)
                want += 2 + 1200 * x[i] * x[i] - 400 * x[i + 1];
            if (i == j && i > 0)
                want += 200;
            if (i - j == 1 || j - i == 1)
                want = -400 * x[i < j ? i : j];
            CHECK_NEAR(hess[i * n + j], want, 1e-10);
            CHECK_BITS(hess[i * n + j], hess[j * n + i]);
        }
}

static void check_several(void)
{
    double a[3] = {2, 3, 0.5}, d_a[3] = {0}, b = 5, d_b = 0, c = 7, d_c = 0;
    double h[25], s = sin(3.5), t = cos(3.5);
    double want[25] = {
        2 * s,      3, 2, 2 * b * c * t,  2 * b * 0.5 * t,  // b
        3,          0, 5, 0,              0,                // a[0]
        2,          5, 0, 0,              0,                // a[1]
        2 * b * c * t, 0, 0, -s * 49 * 25, (t - s * 3.5) * 25, // a[2]
        2 * b * 0.5 * t, 0, 0, (t - s * 3.5) * 25, -s * 0.25 * 25};
    CHECK_BITS(several_hess(a, d_a, b, &d_b, c, &d_c, h), several(a, b, c));
    CHECK_ARRAY(25, h, want, 1e-14);
    CHECK_CLOSE(d_b, 6 + 10 * s, 1e-14);
    CHECK_CLOSE(d_c, 0.5 * t * 25, 1e-14);
    CHECK_BITS(d_a[0], 15.);
}

static void check_overwritten(struct rng *rng, int n)
{
    double at[MOST], x[MOST], v[MOST], d[MOST] = {0}, h[MOST], g[MOST];
    double y = 0.8, d_y = 0, d_y2, h_y, hess[(MOST + 1) * (MOST + 1)];
    rng_fill(rng, n, at, 0.5, 1.5);
    memcpy(x, at, sizeof x);
    double value = overwritten_hess(n, x, d, y, &d_y, hess);
    memcpy(h, x, sizeof h);
    memcpy(x, at, sizeof x);
    CHECK_BITS(overwritten(n, x, y), value);
    for (int i = 0; i < n; i++)
        CHECK_BITS(h[i], x[i]);
    for (int k = 0; k <= n; k++) {
        memcpy(x, at, sizeof x);
        for (int i = 0; i < n; i++) {
            v[i] = i == k;
            g[i] = h[i] = 0;
        }
        d_y2 = h_y = 0;
        CHECK_BITS(overwritten_hvp(n, x, v, g, h, y, k == n, &d_y2, &h_y),
                   value);
        for (int i = 0; i < n; i++) {
            CHECK_NEAR(hess[i * (n + 1) + k], h[i], 1e-9 * (1 + fabs(h[i])));
            CHECK_NEAR(d[i], g[i], 1e-12 * (1 + fabs(g[i])));
        }
        CHECK_NEAR(hess[n * (n + 1) + k], h_y, 1e-9 * (1 + fabs(h_y)));
        CHECK_NEAR(d_y, d_y2, 1e-12 * (1 + fabs(d_y2)));
    }
}

int main(void)
{
    struct rng rng = {3};
    for (int n = 0; n < MOST; n++) {
        check_rosenbrock(&rng, n);
        check_overwritten(&rng, n);
    }
    check_several();
    double h[4], d_x = 0, d_y = 0;
    recursive_hess(2, &d_x, 3, &d_y, h);
    CHECK_BITS(h[0], 6 * 2 * 9.);
    CHECK_BITS(h[1], 3 * 4 * 2 * 3.);
    CHECK_BITS(h[2], h[1]);
    CHECK_BITS(h[3], 8 * 2.);
    float a[2][2] = {{1, 2}, {3, 4}}, d_a[2][2] = {{0}}, f[16];
    single_hess(2, a, d_a, f);
    float want[16] = {4, 2, 4, 3, 2, 0, 0, 0, 4, 0, 0, 1, 3, 0, 1, 0};
    want[1] = want[4] = 2;
    for (int i = 0; i < 16; i++)
        CHECK_BITS(f[i], want[i]);
    return check_done();
}
#endif

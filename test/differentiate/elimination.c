// Jacobians of straight-line code, by eliminating intermediate values from the
// graph of partial derivatives: the same as by forward mode, by reverse mode, by
// differences, and by the way through loops.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %gradcc --no-eliminate %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.loops %links && %t.loops
//
// No function is evaluated twice, and nothing is allocated.
// CHECK-NOT: gradcc_allocate
#include <math.h>
#include <string.h>

#define DERIVATIVES(f) f##_fwd, f##_grad, f##_jac

// Small loops are unrolled, and local arrays are scalars then.
// CHECK: and sets jac to the Jacobian of y by x. Intermediate
// CHECK-NEXT: values are eliminated, {{.*}} multiplications
// CHECK-LABEL: void loops_jac(
// CHECK-NOT: for (
// CHECK-LABEL: {{^}}}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:4]) of(y[0:3])
void loops(const double *x, double *y)
{
    double a[3][4], s[3] = {0};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            a[i][j] = x[j] * x[i + 1] - j;
    for (int i = 2; i >= 0; i--)
        for (int j = i; j >= 0; j--)
            s[i] += a[i][j] / (1 + x[j] * x[j]);
    for (int i = 0; i < 3; i++)
        y[i] = s[i] * s[(i + 1) % 3];
}

// An array that is too large for scalars, copies and zeros.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:4]) of(y[0:3])
void memory(const double *x, double *y)
{
    double wide[40], other[40], last[2] = {0, 0};
    for (int i = 0; i < 40; i++)
        wide[i] = x[i % 4] * i;
    memcpy(other, wide, sizeof other);
    memset(wide, 0, 20 * sizeof *wide);
    for (int i = 10; i < 40; i += 10)
        last[0] += wide[i] * other[i / 2];
    y[0] = last[0] + last[1];
    y[1] = 3; // depends on nothing
    y[2] = other[39] - wide[19];
}

struct point {
    double x, y;
    int n;
};

static struct point turned(struct point p, double angle)
{
    struct point q = {p.x * cos(angle) - p.y * sin(angle), p.x * sin(angle) + p.y * cos(angle), p.n + 1};
    return q;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:4]) of(y[0:3])
void structs(const double *x, double *y)
{
    struct point p = {x[0], x[1], 0};
    for (int i = 0; i < 3; i++)
        p = turned(p, x[2] * p.n);
    y[0] = p.x;
    y[1] = p.y * x[3];
    y[2] = p.n;
}

// Each way through the branches has an elimination of its own.
// CHECK-LABEL: void branches_jac(
// CHECK-NOT: for (
// CHECK-LABEL: {{^}}}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:4]) of(y[0:3])
void branches(const double *x, double *y)
{
    double t = x[0] * x[1];
    y[2] = t;
    if (t > 0.2) {
        y[0] = sin(t) * x[2];
        t = x[3];
    } else if (t < -0.3) {
        y[0] = x[2] / (2 + t);
        y[2] *= t;
        t *= t;
    } else {
        y[0] = 1;
    }
    y[1] = t > 0 ? sqrt(t) : x[0] * t;
    if (y[1] > x[3])
        return;
    y[2] += y[1] * exp(x[0]);
}

// Choices take no multiplications, but their weights may be choices again.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:4]) of(y[0:3])
void chosen(const double *x, double *y)
{
    double a = fabs(x[0] * x[1]), b = fmax(a, x[2]);
    y[0] = fmin(b, fabs(b * x[3]));
    y[1] = floor(b) * fdim(a, x[1]) + ldexp(x[3], 3);
    y[2] = hypot(a, x[3]) + atan2(x[1], x[2]) - pow(2 + b, x[0]) + fma(a, b, -x[3]);
}

// Scalars, an array with a section in rows, and the return value.
// CHECK-LABEL: double mixed_jac(
#pragma grad wrt(p, x, q) of(return)
#pragma grad forward wrt(p, x, q) of(y, return)
#pragma grad jacobian wrt(p, x[0:2], q) of(y[0:2], return)
#pragma grad jacobian wrt(q, x[0:2]) of(return, y[0:2]) layout(denominator) name(mixed_turned)
double mixed(double p, const double x[][2], double q, double *y)
{
    y[0] = p * q;
    y[1] = x[0][1] / x[1][0] + y[0];
    return x[1][1] * y[1] * q + x[0][0];
}

// What comes in goes out changed; what stays is its own derivative.
#pragma grad forward wrt(x, s) of(x)
#pragma grad jacobian wrt(x[0:3], s) of(x[0:3])
void in_place(double *x, double s)
{
    x[0] = x[1] * x[0] + s;
    x[1] *= x[0];
}

// Most entries are zero.
// CHECK-LABEL: void sparse_jac(
// CHECK: memset(jac, 0, 24 * sizeof(double));
// CHECK-NEXT: jac[0] = x_1;
// CHECK-NEXT: jac[1] = x_0;
// CHECK-NEXT: jac[13] = -1.0;
// CHECK-NEXT: jac[18] = 2.0 + (x_0 + x_0);
// CHECK-NEXT: }
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:6]) of(y[0:4])
void sparse(const double *x, double *y)
{
    y[0] = x[0] * x[1];
    y[1] = 0;
    y[2] = 3 - x[1];
    y[3] = 2 * x[0] + x[0] * x[0];
}

// Between floats.
// CHECK-LABEL: void floats_jac(
// CHECK-NOT: double
// CHECK-LABEL: {{^}}}
#pragma grad jacobian wrt(x[0:2]) of(y[0:2])
void floats(const float *x, float *y)
{
    y[0] = sqrtf(x[0]) * x[1];
    y[1] = x[0] / x[1];
}

// The root's partial derivative is infinite at zero, but what is multiplied by
// it is zero.
#pragma grad jacobian wrt(x[0:2]) of(y[0:2])
void singular(const double *x, double *y)
{
    y[0] = sqrt(x[0] * x[0]);
    y[1] = 0 * log(x[1]) + x[0] / (x[1] * x[1]);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

typedef void function(const double *, double *);
typedef void tangent(const double *, const double *, double *, double *);
typedef void gradient(const double *, double *, double *, double *);
typedef void jacobian(const double *, double *, double *);

static void check(function *f, tangent *fwd, gradient *grad, jacobian *jac, const double *x)
{
    double y[3], again[3], j[12], row[4], column[3], high[3], low[3];
    f(x, y);
    for (int i = 0; i < 12; i++)
        j[i] = 1e30; // assigned, not added
    jac(x, again, j);
    for (int i = 0; i < 3; i++)
        CHECK_BITS(again[i], y[i]);
    for (int i = 0; i < 4; i++) {
        double v[4] = {i == 0, i == 1, i == 2, i == 3}, at[4];
        fwd(x, v, again, column);
        for (int r = 0; r < 3; r++)
            CHECK_NEAR(j[4 * r + i], column[r], 1e-13 * (1 + fabs(column[r])));
        memcpy(at, x, sizeof at);
        at[i] = x[i] + 1e-6;
        f(at, high);
        at[i] = x[i] - 1e-6;
        f(at, low);
        for (int r = 0; r < 3; r++)
            CHECK_NEAR(j[4 * r + i], (high[r] - low[r]) / 2e-6, 1e-7 * (1 + fabs(column[r])));
    }
    for (int r = 0; r < 3; r++) {
        double w[3] = {r == 0, r == 1, r == 2};
        memset(row, 0, sizeof row);
        grad(x, row, again, w);
        for (int i = 0; i < 4; i++)
            CHECK_NEAR(j[4 * r + i], row[i], 1e-13 * (1 + fabs(row[i])));
    }
}

static void check_mixed(struct rng *rng)
{
    double x[2][2], y[2], again[2], j[18], turned[15], p = 0.7, q = -1.3, value;
    double d_y[2], d_return, d_p = 0, d_q = 0, d_x[2][2] = {{0}};
    rng_fill(rng, 4, &x[0][0], 1, 2);
    value = mixed(p, (const double(*)[2])x, q, y);
    CHECK_BITS(mixed_jac(p, (const double(*)[2])x, q, again, j), value);
    CHECK_BITS(mixed_turned(p, (const double(*)[2])x, q, again, turned), value);
    CHECK_BITS(again[1], y[1]);
    for (int i = 0; i < 6; i++) {
        double v[6] = {i == 0, i == 1, i == 2, i == 3, i == 4, i == 5};
        mixed_fwd(p, v[0], (const double(*)[2])x, (const double(*)[2])(v + 1), q, v[5], again, d_y, &d_return);
        CHECK_NEAR(j[i], d_y[0], 1e-14);
        CHECK_NEAR(j[6 + i], d_y[1], 1e-14);
        CHECK_NEAR(j[12 + i], d_return, 1e-14);
        if (i == 0)
            continue;
        int k = i == 5 ? 0 : i;
        CHECK_NEAR(turned[3 * k], d_return, 1e-14);
        CHECK_NEAR(turned[3 * k + 1], d_y[0], 1e-14);
        CHECK_NEAR(turned[3 * k + 2], d_y[1], 1e-14);
    }
    mixed_grad(p, &d_p, (const double(*)[2])x, d_x, q, &d_q, again);
    CHECK_NEAR(j[12], d_p, 1e-14);
    CHECK_NEAR(j[14], d_x[0][1], 1e-14);
    CHECK_NEAR(j[17], d_q, 1e-14);
}

static void check_in_place(void)
{
    double at[3] = {2, 3, 5}, x[3], j[12], d_x[3];
    memcpy(x, at, sizeof x);
    in_place_jac(x, 0.5, j);
    CHECK_BITS(x[0], 6.5);
    CHECK_BITS(x[1], 19.5);
    for (int i = 0; i < 4; i++) {
        memcpy(x, at, sizeof x);
        for (int k = 0; k < 3; k++)
            d_x[k] = i == k;
        in_place_fwd(x, d_x, 0.5, i == 3);
        for (int r = 0; r < 3; r++)
            CHECK_BITS(j[4 * r + i], d_x[r]);
    }
}

static void check_special(void)
{
    double at[6] = {2, 3, 5, 7, 11, 13}, out[4], all[24];
    sparse_jac(at, out, all);
    for (int i = 0; i < 6; i++) {
        double v[6] = {i == 0, i == 1, i == 2, i == 3, i == 4, i == 5}, d_out[4];
        sparse_fwd(at, v, out, d_out);
        for (int j = 0; j < 4; j++)
            CHECK_CLOSE(all[6 * j + i], d_out[j], 0);
    }
    float x[2] = {4, 8}, y[2], j[4];
    floats_jac(x, y, j);
    CHECK_BITS(j[0], 2.f);
    CHECK_BITS(j[1], 2.f);
    CHECK_BITS(j[2], 0.125f);
    CHECK_BITS(j[3], -0.0625f);
    double z[2] = {0, 1}, r[2], k[4];
    singular_jac(z, r, k);
    CHECK_CLOSE(k[0], 0, 0);
    CHECK_CLOSE(k[1], 0, 0);
    CHECK_CLOSE(k[2], 1, 0);
    CHECK_CLOSE(k[3], 0, 0);
}

int main(void)
{
    struct rng rng = {3};
    double x[4];
    for (int i = 0; i < 40; i++) {
        rng_fill(&rng, 4, x, -1, 1);
        check(loops, DERIVATIVES(loops), x);
        check(memory, DERIVATIVES(memory), x);
        check(structs, DERIVATIVES(structs), x);
        check(branches, DERIVATIVES(branches), x);
        check(chosen, DERIVATIVES(chosen), x);
    }
    check_mixed(&rng);
    check_in_place();
    check_special();
    return check_done();
}
#endif

// Where elimination cannot be, Jacobians are made by columns or rows, or
// refused as ever.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.h
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: not %gradcc -DREFUSED %s -o %t.none 2>&1 | FileCheck --check-prefix=REFUSED %s
#include <math.h>
#include <string.h>

// An index that only run time knows.
// CHECK: at once. */
// CHECK-NEXT: void dynamic_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void dynamic(const double *x, double *y, int k)
{
    y[0] = y[1] = y[2] = x[0];
    y[k] = x[k] * x[1];
}

// A pointer that is chosen.
// CHECK: at once. */
// CHECK-NEXT: void chosen_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void chosen(const double *x, double *y, int k)
{
    double a[40] = {0}, b[40] = {0};
    double *p = k > 1 ? a : b;
    p[0] = x[0] * x[1];
    a[1] = x[2];
    y[0] = a[0] + p[1];
    y[1] = b[0] * x[1];
    y[2] = *p;
}

// A loop whose length depends on the values.
// CHECK: at once. */
// CHECK-NEXT: void until_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void until(const double *x, double *y, int k)
{
    double t = 8 * x[0] * x[0];
    while (t > 1)
        t *= 0.5 / (1 + x[1] * x[1]);
    y[0] = t;
    y[1] = x[2];
    y[2] = k * x[0];
}

// Numbers of two types.
// CHECK: at once. */
// CHECK-NEXT: void types_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void types(const double *x, double *y, int k)
{
    float t = (float)(x[0] * k);
    y[0] = t * x[1];
    y[1] = y[2] = x[2];
}

// Too many ways through the function.
// CHECK: at once. */
// CHECK-NEXT: void ways_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void ways(const double *x, double *y, int k)
{
    double s = k;
    for (int i = 0; i < 12; i++) {
        if (s > x[i % 3] * i)
            s = sin(s) * x[1];
        else
            s += x[i % 3];
    }
    y[0] = y[1] = y[2] = s;
}

// Loops that carry nothing stay, beside what is eliminated.
// CHECK: eliminated,
// CHECK: on the longest of 2 ways. */
// CHECK-NEXT: void beside_jac(
#pragma grad forward wrt(x)
#pragma grad jacobian wrt(x[0:3]) of(y[0:3])
void beside(const double *x, double *y, int k)
{
    double f = 1;
    for (int i = 2; i <= k + 2; i++)
        f *= i;
    y[0] = x[0] * x[1] * f;
    y[1] = f > 5 ? x[1] * x[1] : x[2];
    y[2] = f;
}

#ifdef REFUSED
#pragma grad jacobian wrt(x[0:3])
double unlisted(const double *x, double *scratch, int i, int j)
{
    scratch[i] = x[0] * x[1];
    scratch[0] = x[2];
    return scratch[j];
}
// REFUSED: elimination_left.c:[[@LINE-6]]:34: error: 'scratch' is overwritten, but the function must be evaluated several times for a matrix of derivatives

#pragma grad jacobian wrt(x[0:3])
double bits(const double *x)
{
    long long word;
    memcpy(&word, x, sizeof word);
    double back, y = x[1];
    memcpy(&back, &word, sizeof back);
    return back * y;
}
// REFUSED: elimination_left.c:[[@LINE-5]]:5: error: this copies the bytes of values that carry derivatives to or from another type
#endif

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef void function(const double *, double *, int);
typedef void tangent(const double *, const double *, double *, double *, int);
typedef void jacobian(const double *, double *, int, double *);

static void check(function *f, tangent *fwd, jacobian *jac, const double *x, int k)
{
    double y[3], again[3], j[9], column[3];
    f(x, y, k);
    jac(x, again, k, j);
    for (int i = 0; i < 3; i++) {
        double v[3] = {i == 0, i == 1, i == 2};
        CHECK_BITS(again[i], y[i]);
        fwd(x, v, again, column, k);
        for (int r = 0; r < 3; r++)
            CHECK_NEAR(j[3 * r + i], column[r], 1e-13 * (1 + fabs(column[r])));
    }
}

int main(void)
{
    struct rng rng = {5};
    double x[3];
    for (int i = 0; i < 30; i++) {
        rng_fill(&rng, 3, x, -2, 2);
        check(dynamic, dynamic_fwd, dynamic_jac, x, i % 3);
        check(chosen, chosen_fwd, chosen_jac, x, i % 3);
        check(until, until_fwd, until_jac, x, i % 3);
        check(types, types_fwd, types_jac, x, i % 3);
        check(ways, ways_fwd, ways_jac, x, i % 3);
        check(beside, beside_fwd, beside_jac, x, i % 3);
    }
    return check_done();
}
#endif

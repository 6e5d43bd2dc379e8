// Derivatives that the user wrote: `#pragma grad derivative(f)`, of functions
// with and without a body, of scalars, arrays, structs, outputs in parameters
// and in place.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// y with y^3 + y = a, by Newton's method; the derivative is 1 / (3 y^2 + 1).
static double root(double a)
{
    double y = a;
    for (int i = 0; i < 100; i++) {
        double step = (y * y * y + y - a) / (3 * y * y + 1);
        y -= step;
        if (fabs(step) < 1e-16)
            break;
    }
    return y;
}

#pragma grad derivative(root)
double root_grad(double a, double *d_a, double d_return)
{
    double y = root(a);
    *d_a += d_return / (3 * y * y + 1);
    return y;
}

#pragma grad derivative(root) forward
double root_fwd(double a, double d_a, double *d_return)
{
    double y = root(a);
    *d_return = d_a / (3 * y * y + 1);
    return y;
}

// CHECK-LABEL: double scalar_grad(
// CHECK-NOT: - a
// CHECK: root(
// CHECK: root_grad(
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double scalar(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += root(x[i] * root(s)) * root(i) + root(x[0]);
    return s + root(s);
}

// Somebody else's, without a body here.
double library_dot(int n, const double *x, const double *y);

#pragma grad derivative(library_dot) wrt(x, y)
double library_dot_both(int n, const double *x, double *d_x, const double *y,
                        double *d_y, double d_return);
#pragma grad derivative(library_dot) wrt(x)
double library_dot_one(int n, const double *x, double *d_x, const double *y,
                       double d_return);
#pragma grad derivative(library_dot) forward wrt(x[0:n], y[0:n])
double library_dot_fwd(int n, const double *x, const double *d_x,
                       const double *y, const double *d_y, double *d_return);

// The rule that has no more than what is active is taken.
// CHECK-LABEL: double dots_grad(
// CHECK-DAG: library_dot_both(n, x, d_x, x, d_x,
// CHECK-DAG: library_dot_one(
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double dots(int n, const double *x)
{
    double ramp[64], s = library_dot(n, x, x);
    for (int i = 0; i < n; i++)
        ramp[i] = i - 2;
    return s * library_dot(n, x, ramp) + library_dot(n, ramp, ramp) +
           library_dot(n / 2, x, x + n / 2);
}

// y = x * |x|, into another array.
void spread(int n, const double *x, double *restrict y);
#pragma grad derivative(spread) wrt(x[0:n]) of(y[0:n])
void spread_grad(int n, const double *x, double *d_x, double *restrict y,
                 double *restrict d_y);
#pragma grad derivative(spread) forward wrt(x) of(y)
void spread_fwd(int n, const double *x, const double *d_x, double *restrict y,
                double *restrict d_y);

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double outputs(int n, const double *x)
{
    double a[64], b[64], one, s = 0;
    spread(n, x, a);
    for (int k = 0; k < 3; k++) {
        spread(n, a, b); // overwritten again and again
        for (int i = 0; i < n; i++) {
            spread(1, &b[i], &one);
            s += one * b[i] + sin(a[i]);
            a[i] = 0.5 * b[i] - one;
        }
    }
    return s;
}

// In place: x becomes x / |x|.
static void normalize(int n, double *x)
{
    double q = 1e-2;
    for (int i = 0; i < n; i++)
        q += x[i] * x[i];
    for (int i = 0; i < n; i++)
        x[i] /= sqrt(q);
}

#pragma grad derivative(normalize) wrt(x[0:n]) of(x)
__attribute__((unused)) static void normalize_grad(int n, double *x, double *d_x)
{
    double q = 1e-2, along = 0;
    for (int i = 0; i < n; i++)
        q += x[i] * x[i];
    q = sqrt(q);
    normalize(n, x);
    for (int i = 0; i < n; i++)
        along += x[i] * d_x[i];
    for (int i = 0; i < n; i++)
        d_x[i] = (d_x[i] - along * x[i]) / q;
}

#pragma grad derivative(normalize) forward
__attribute__((unused)) static void normalize_fwd(int n, double *x, double *d_x)
{
    double q = 1e-2, along = 0;
    for (int i = 0; i < n; i++)
        q += x[i] * x[i];
    q = sqrt(q);
    normalize(n, x);
    for (int i = 0; i < n; i++)
        along += x[i] * d_x[i];
    for (int i = 0; i < n; i++)
        d_x[i] = (d_x[i] - along * x[i]) / q;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double in_place(int n, const double *x)
{
    double v[64], s = 0;
    for (int i = 0; i < n; i++)
        v[i] = x[i];
    for (int k = 0; k < 3; k++) {
        normalize(n, v);
        for (int i = 0; i < n; i++) {
            s += v[i] * (i + 1);
            v[i] += 0.1 * s;
        }
    }
    normalize(n, v);
    return s + (n > 0 ? v[n - 1] : 0);
}

// In a recursive function.
static double chain(int n, const double *x, double w)
{
    return n == 0 ? w : root(x[0] * w) + chain(n - 1, x + 1, root(w + n)) * w;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double recursive(int n, const double *x)
{
    return chain(n, x, 1) + root(chain(n / 2, x, 0.5));
}

struct point {
    double x, y;
    int weight;
};

// By value and by pointer; the kind is passive.
double distance(struct point a, const struct point *b, int kind);
#pragma grad derivative(distance)
double distance_grad(struct point a, struct point *d_a, const struct point *b,
                     struct point *d_b, int kind, double d_return);
#pragma grad derivative(distance) forward
double distance_fwd(struct point a, struct point d_a, const struct point *b,
                    const struct point *d_b, int kind, double *d_return);

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double structs(int n, const double *x)
{
    struct point p = {1, 2, 3}, q[2] = {{.x = 0.5}};
    double s = 0;
    for (int i = 0; i < n; i++) {
        q[i % 2].x = x[i] * s;
        q[1].y = x[0];
        p.y += x[i];
        s += distance(p, &q[0], i % 3) + distance(q[1], &p, 1);
    }
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

double library_dot(int n, const double *x, const double *y)
{
    return check_dot(n, x, y);
}

double library_dot_both(int n, const double *x, double *d_x, const double *y,
                        double *d_y, double d_return)
{
    for (int i = 0; i < n; i++) {
        d_x[i] += d_return * y[i];
        d_y[i] += d_return * x[i];
    }
    return check_dot(n, x, y);
}

double library_dot_one(int n, const double *x, double *d_x, const double *y,
                       double d_return)
{
    for (int i = 0; i < n; i++)
        d_x[i] += d_return * y[i];
    return check_dot(n, x, y);
}

double library_dot_fwd(int n, const double *x, const double *d_x,
                       const double *y, const double *d_y, double *d_return)
{
    *d_return = check_dot(n, x, d_y) + check_dot(n, d_x, y);
    return check_dot(n, x, y);
}

void spread(int n, const double *x, double *restrict y)
{
    for (int i = 0; i < n; i++)
        y[i] = x[i] * fabs(x[i]);
}

void spread_grad(int n, const double *x, double *d_x, double *restrict y,
                 double *restrict d_y)
{
    spread(n, x, y);
    for (int i = 0; i < n; i++) {
        d_x[i] += d_y[i] * 2 * fabs(x[i]);
        d_y[i] = 0;
    }
}

void spread_fwd(int n, const double *x, const double *d_x, double *restrict y,
                double *restrict d_y)
{
    spread(n, x, y);
    for (int i = 0; i < n; i++)
        d_y[i] = 2 * fabs(x[i]) * d_x[i];
}

double distance(struct point a, const struct point *b, int kind)
{
    return kind == 0 ? a.x * b->y : sin(a.x - b->x) + a.y * b->y * kind;
}

double distance_grad(struct point a, struct point *d_a, const struct point *b,
                     struct point *d_b, int kind, double d_return)
{
    if (kind == 0) {
        d_a->x += d_return * b->y;
        d_b->y += d_return * a.x;
    } else {
        d_a->x += d_return * cos(a.x - b->x);
        d_b->x -= d_return * cos(a.x - b->x);
        d_a->y += d_return * b->y * kind;
        d_b->y += d_return * a.y * kind;
    }
    return distance(a, b, kind);
}

double distance_fwd(struct point a, struct point d_a, const struct point *b,
                    const struct point *d_b, int kind, double *d_return)
{
    *d_return = kind == 0 ? d_a.x * b->y + a.x * d_b->y
                          : cos(a.x - b->x) * (d_a.x - d_b->x) +
                                (d_a.y * b->y + a.y * d_b->y) * kind;
    return distance(a, b, kind);
}

int main(void)
{
    CHECK_STANDARD(scalar, 0.5, 1.5);
    CHECK_STANDARD(dots, -1, 1);
    CHECK_STANDARD(outputs, 0.3, 1);
    CHECK_STANDARD(in_place, -1, 1);
    CHECK_STANDARD(recursive, -1, 1);
    CHECK_STANDARD(structs, 0.1, 0.5);
    return check_done();
}
#endif

// A callback parameter whose derivative the user gives by its name: calls of
// it, also in helpers and loops, have that derivative.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

typedef double force(double position, const double *parameters, void *context);

// The force's derivative, by position and parameters; its context is passive.
#pragma grad derivative(pull) wrt(position, parameters[0:2])
double pull_grad(double position, double *d_position, const double *parameters,
                 double *d_parameters, void *context, double d_return);
#pragma grad derivative(pull) forward
double pull_fwd(double position, double d_position, const double *parameters,
                const double *d_parameters, void *context, double *d_return);

static double step(force *f, double x, double h, const double *p, void *context)
{
    double k = f(x, p, context);
    return x + h * f(x + 0.5 * h * k, p, context);
}

// CHECK: double trajectory_grad(double (*pull)(double, const double *, void *)
// CHECK: pull_grad(
// CHECK: double trajectory_fwd(
// CHECK: pull_fwd(
#pragma grad wrt(x, p)
#pragma grad forward wrt(x, p)
double trajectory(double (*pull)(double position, const double *parameters,
                                 void *context),
                  int n, double x, const double *p, void *context)
{
    const double fixed[2] = {0.3, -0.2};
    double s = 0;
    for (int i = 0; i < n; i++) {
        x = step(pull, x, 0.1, p, context);
        s += x * x + pull(0.1 * i, p, context) + pull(x, fixed, context);
    }
    return s;
}

// The result comes out through a pointer, for several functions.
#pragma grad derivative(residual) wrt(x) of(r)
void residual_grad(const double *x, double *d_x, double r[2], double *d_r);
#pragma grad derivative(residual) forward wrt(x) of(r)
void residual_fwd(const double *x, const double *d_x, double r[2], double *d_r);

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double squares(void (*residual)(const double *x, double *r), const double *x)
{
    double r[2];
    residual(x, r);
    return r[0] * r[0] + r[1] * r[1];
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double absolute(void (*residual)(const double *x, double *r), const double *x)
{
    double r[2], s = 0;
    for (int i = 0; i < 3; i++) {
        residual(x + i, r);
        s += fabs(r[0]) + sin(r[1]);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

static int contexts_seen;

static double spring(double x, const double *p, void *context)
{
    contexts_seen += *(int *)context;
    return p[0] * sin(p[1] * x);
}

double pull_grad(double x, double *d_x, const double *p, double *d_p,
                 void *context, double w)
{
    *d_x += w * p[0] * p[1] * cos(p[1] * x);
    d_p[0] += w * sin(p[1] * x);
    d_p[1] += w * p[0] * x * cos(p[1] * x);
    return spring(x, p, context);
}

double pull_fwd(double x, double d_x, const double *p, const double *d_p,
                void *context, double *d_return)
{
    *d_return = p[0] * cos(p[1] * x) * (p[1] * d_x + x * d_p[1]) +
                d_p[0] * sin(p[1] * x);
    return spring(x, p, context);
}

static void pair(const double *x, double *r)
{
    r[0] = x[0] * x[1] - 1;
    r[1] = exp(x[1]);
}

void residual_grad(const double *x, double *d_x, double r[2], double *d_r)
{
    pair(x, r);
    d_x[0] += d_r[0] * x[1];
    d_x[1] += d_r[0] * x[0] + d_r[1] * r[1];
    d_r[0] = d_r[1] = 0;
}

void residual_fwd(const double *x, const double *d_x, double r[2], double *d_r)
{
    pair(x, r);
    d_r[0] = d_x[0] * x[1] + x[0] * d_x[1];
    d_r[1] = r[1] * d_x[1];
}

static int one = 1;

static double of_three(const double *x, void *context)
{
    return trajectory(spring, *(int *)context, x[0], x + 1, &one);
}

static double of_squares(const double *x, void *context)
{
    (void)context;
    return squares(pair, x);
}

static double of_absolute(const double *x, void *context)
{
    (void)context;
    return absolute(pair, x);
}

int main(void)
{
    struct rng rng = {7};
    for (int n = 0; n < 6; n++) {
        double x[3], d[3] = {0}, v[3], along;
        rng_fill(&rng, 3, x, -1, 1);
        rng_fill(&rng, 3, v, -1, 1);
        double value = trajectory(spring, n, x[0], x + 1, &one);
        CHECK_BITS(trajectory_grad(spring, n, x[0], &d[0], x + 1, d + 1, &one),
                   value);
        CHECK_DIFFERENCES(of_three, &n, 3, x, d, 1e-7);
        CHECK_BITS(trajectory_fwd(spring, n, x[0], v[0], x + 1, v + 1, &one,
                                  &along),
                   value);
        CHECK_NEAR(along, check_dot(3, d, v), 1e-12);
    }
    CHECK_TRUE(contexts_seen > 0);
    double x[4] = {0.5, 1.5, -0.25, 0.75}, d[4] = {0}, v[4] = {1, -2, 0.5, 3};
    double along;
    CHECK_BITS(squares_grad(pair, x, d), squares(pair, x));
    CHECK_CLOSE(d[0], 2 * (x[0] * x[1] - 1) * x[1], 1e-14);
    CHECK_DIFFERENCES(of_squares, NULL, 2, x, d, 1e-7);
    squares_fwd(pair, x, v, &along);
    CHECK_CLOSE(along, check_dot(2, d, v), 1e-13);
    d[0] = d[1] = 0;
    CHECK_BITS(absolute_grad(pair, x, d), absolute(pair, x));
    CHECK_DIFFERENCES(of_absolute, NULL, 4, x, d, 1e-7);
    absolute_fwd(pair, x, v, &along);
    CHECK_CLOSE(along, check_dot(4, d, v), 1e-13);
    return check_done();
}
#endif

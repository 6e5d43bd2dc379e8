// Void functions: outputs with weights; a parameter that is both wrt and of; work
// buffers; a wrt that is overwritten but not given out; several annotations.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// y is overwritten, so d_y is zero afterwards.
#pragma grad wrt(x) of(y)
#pragma grad forward wrt(x) of(y)
void squares(int n, const double *x, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = x[i] * x[(i + 1) % n];
}

// In place: d_y goes from the adjoint of the result to that of the entry value.
#pragma grad wrt(y, a) of(y)
#pragma grad forward wrt(y, a) of(y)
void decay(int n, double *y, double a)
{
    for (int i = 1; i < n; i++)
        y[i] += a * y[i - 1] * y[i];
}

// buffer carries values between x and the result.
#pragma grad wrt(x) work(buffer[0:n])
#pragma grad forward wrt(x) work(buffer[0:n])
double through_work(int n, const double *x, double *buffer)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        buffer[i] = exp(x[i]);
    for (int i = 0; i < n; i++)
        s += buffer[i] * buffer[n - 1 - i];
    return s;
}

// x is overwritten, but only its value on entry matters to the caller: d_x is
// still added to.
#pragma grad wrt(x[0:n])
double destroys(int n, double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        x[i] = x[i] * x[i];
        s += sin(x[i]);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { N = 5 };

static void check_squares(struct rng *rng)
{
    double x[N], y[N], z[N], w[N], d_y[N], d_x[N] = {0}, t_x[N], t_y[N];
    rng_fill(rng, N, x, -1, 1);
    rng_fill(rng, N, w, -1, 1);
    rng_fill(rng, N, t_x, -1, 1);
    for (int i = 0; i < N; i++)
        d_y[i] = w[i];
    squares(N, x, z);
    squares_grad(N, x, d_x, y, d_y);
    CHECK_ARRAY(N, y, z, 0);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(d_y[i], 0, 0);
    squares_fwd(N, x, t_x, y, t_y);
    CHECK_ARRAY(N, y, z, 0);
    CHECK_CLOSE(check_dot(N, d_x, t_x), check_dot(N, w, t_y), 1e-13);
}

static void check_decay(struct rng *rng)
{
    double y[N], y0[N], z[N], w[N], d_y[N], t_y[N], t0[N];
    double a = 0.3, d_a = 10, t_a = -0.4;
    rng_fill(rng, N, y0, -1, 1);
    rng_fill(rng, N, w, -1, 1);
    rng_fill(rng, N, t0, -1, 1);
    for (int i = 0; i < N; i++) {
        y[i] = z[i] = y0[i];
        d_y[i] = w[i];
        t_y[i] = t0[i];
    }
    decay(N, z, a);
    decay_grad(N, y, d_y, a, &d_a);
    CHECK_ARRAY(N, y, z, 0);
    for (int i = 0; i < N; i++)
        y[i] = y0[i];
    decay_fwd(N, y, t_y, a, t_a);
    CHECK_ARRAY(N, y, z, 0);
    CHECK_CLOSE(check_dot(N, d_y, t0) + (d_a - 10) * t_a,
                check_dot(N, w, t_y), 1e-13);
}

static void check_work(struct rng *rng)
{
    double x[N], b[N], d_x[N] = {0}, t_x[N], along;
    rng_fill(rng, N, x, -1, 1);
    rng_fill(rng, N, t_x, -1, 1);
    double value = through_work(N, x, b);
    CHECK_BITS(through_work_grad(N, x, d_x, b), value);
    CHECK_BITS(through_work_fwd(N, x, t_x, b, &along), value);
    CHECK_CLOSE(check_dot(N, d_x, t_x), along, 1e-13);
    for (int i = 0; i < N; i++)
        CHECK_CLOSE(d_x[i], 2 * exp(x[i] + x[N - 1 - i]), 1e-13);
}

static void check_destroys(struct rng *rng)
{
    double x[N], x0[N], d_x[N];
    rng_fill(rng, N, x0, -1, 1);
    for (int i = 0; i < N; i++) {
        x[i] = x0[i];
        d_x[i] = 100;
    }
    destroys_grad(N, x, d_x);
    for (int i = 0; i < N; i++) {
        CHECK_NEAR(x[i], x0[i] * x0[i], 0);
        CHECK_CLOSE(d_x[i], 100 + 2 * x0[i] * cos(x[i]), 1e-14);
    }
}

int main(void)
{
    struct rng rng = {11};
    for (int k = 0; k < 4; k++) {
        check_squares(&rng);
        check_decay(&rng);
        check_work(&rng);
        check_destroys(&rng);
    }
    return check_done();
}
#endif

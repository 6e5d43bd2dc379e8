// Globals among the variables: arrays, scalars, structs, pointers; overwritten;
// as outputs; as work; with several directions.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.h
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

struct params {
    double a;
    int n;
    double b[2];
};

double weights[4];
double grid[2][3];
double scale;
struct params params;
double *data;
double total;
double passive = 1.25;

static double weight_at(int i)
{
    return weights[i] * scale;
}

// CHECK: double loss_grad(int n, double x, double *d_x, double d_weights[4],
// CHECK-NEXT: double *d_scale, struct params *d_params, double d_grid[2][3],
// CHECK-NEXT: double *d_data);
#pragma grad wrt(weights, x, scale, params, grid, data[0:n])
#pragma grad forward wrt(weights, x, scale, params, grid, data[0:n])
double loss(int n, double x)
{
    double s = passive;
    for (int i = 0; i < 4; i++)
        s += weight_at(i) * weights[i] * sin(scale * x);
    for (int i = 0; i < n; i++)
        s += data[i] * params.b[i % 2] * grid[i % 2][i % 3];
    const double *w = s > 0 ? weights + 1 : params.b;
    struct params copy = params;
    return s * copy.a + w[0];
}

// CHECK: void step_grad(int n, double x, double *d_x, double d_weights[4],
// CHECK-NEXT: double *d_total);
#pragma grad wrt(weights, x) of(total)
#pragma grad forward wrt(weights, x) of(total)
#pragma grad forward directions(2) wrt(weights, x) of(total) name(step_fwd2)
void step(int n, double x)
{
    total = 0;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < 4; i++) {
            weights[i] = sin(weights[i] * passive) + x * weights[(i + 1) % 4];
            total += x * weights[i];
        }
}

// CHECK: double through_grad(double x, double *d_x);
#pragma grad wrt(x) work(weights, scale)
#pragma grad forward wrt(x) work(weights, scale)
double through(double x)
{
    weights[0] = x * x;
    scale = sin(weights[0]);
    weights[1] = weights[0] * scale;
    return weights[1] * x;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

enum { INPUTS = 4 + 1 + 3 + 6 + 5 + 1 };

static double memory[5];

static void set(const double *v)
{
    memcpy(weights, v, sizeof weights);
    scale = v[4];
    params = (struct params){v[5], 7, {v[6], v[7]}};
    memcpy(grid, v + 8, sizeof grid);
    memcpy(memory, v + 14, sizeof memory);
    data = memory;
}

static double loss_at(const double *v, void *context)
{
    set(v);
    return loss(*(int *)context, v[19]);
}

static void check_loss(struct rng *rng, int n)
{
    double v[INPUTS], t[INPUTS], d[INPUTS] = {0}, d_return;
    rng_fill(rng, INPUTS, v, -1, 1);
    rng_fill(rng, INPUTS, t, -1, 1);
    double value = loss_at(v, &n);
    struct params d_params = {0}, t_params = {t[5], 0, {t[6], t[7]}};
    double d_grid[2][3] = {{0}}, t_grid[2][3];
    memcpy(t_grid, t + 8, sizeof t_grid);
    CHECK_BITS(loss_grad(n, v[19], &d[19], d, &d[4], &d_params, d_grid, d + 14),
               value);
    d[5] = d_params.a;
    memcpy(d + 6, d_params.b, sizeof d_params.b);
    memcpy(d + 8, d_grid, sizeof d_grid);
    CHECK_BITS(loss_fwd(n, v[19], t[19], t, &t[4], &t_params, t_grid, t + 14,
                        &d_return),
               value);
    CHECK_NEAR(d_return, check_dot(INPUTS, d, t), 1e-13);
    CHECK_DIFFERENCES(loss_at, &n, INPUTS, v, d, 1e-7);
}

static double step_at(const double *v, void *context)
{
    memcpy(weights, v, sizeof weights);
    step(*(int *)context, v[4]);
    return total;
}

static void check_step(struct rng *rng, int n)
{
    double v[5], t[5], d[5] = {0}, d_total = 1, t_total, both[10], two[2];
    rng_fill(rng, 5, v, -1, 1);
    rng_fill(rng, 5, t, -1, 1);
    for (int i = 0; i < 5; i++) {
        both[2 * i] = t[i];
        both[2 * i + 1] = -2 * t[i];
    }
    double value = step_at(v, &n);
    memcpy(weights, v, sizeof weights);
    step_grad(n, v[4], &d[4], d, &d_total);
    CHECK_BITS(total, value);
    CHECK_BITS(d_total, 0);
    CHECK_DIFFERENCES(step_at, &n, 5, v, d, 1e-7);
    double dot = check_dot(5, d, t);
    memcpy(weights, v, sizeof weights);
    step_fwd(n, v[4], t[4], t, &t_total);
    CHECK_BITS(total, value);
    CHECK_NEAR(t_total, dot, 1e-13);
    memcpy(weights, v, sizeof weights);
    step_fwd2(n, v[4], both + 8, both, two);
    CHECK_NEAR(two[0], dot, 1e-13);
    CHECK_NEAR(two[1], -2 * dot, 1e-13);
}

int main(void)
{
    struct rng rng = {11};
    for (int n = 0; n < 6; n++) {
        check_loss(&rng, n);
        check_step(&rng, n);
    }
    double x = 1.5, d_x = 0, d_return;
    CHECK_BITS(through_grad(x, &d_x), through(x));
    CHECK_CLOSE(d_x, 3 * x * x * sin(x * x) + 2 * pow(x, 4) * cos(x * x),
                1e-14);
    CHECK_BITS(through_fwd(x, 1, &d_return), through(x));
    CHECK_CLOSE(d_return, d_x, 1e-14);
    return check_done();
}
#endif

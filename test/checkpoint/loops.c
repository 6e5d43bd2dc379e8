// Loops annotated `checkpoint`: the gradient has the same bits as without the
// annotation, for every number of steps and snapshots, and the schedule is the
// optimal one.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Each loop twice: with and without its annotation.
enum { N = 6 };

static void step_heat(const double *c, double *u)
{
    double next[N];
    for (int i = 0; i < N; i++) {
        double left = u[i ? i - 1 : 0], right = u[i < N - 1 ? i + 1 : i];
        next[i] = u[i] + c[i] * (left - 2 * u[i] + right) * cos(u[i]);
    }
    memcpy(u, next, sizeof next);
}

static double energy(const double *u)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += u[i] * u[i];
    return sum;
}

// CHECK-LABEL: double heat_grad(
// CHECK: grad_checkpoint_init(&loop, steps > 0 ? steps : 0);
// CHECK: grad_checkpoint_snapshots(&loop, s);
// CHECK: grad_checkpoint_state(&loop, &u, sizeof(double [6]));
// CHECK-NOT: grad_checkpoint_state
// CHECK: while (todo != GRAD_TURN) {
// CHECK: heat_step(
// CHECK: while (todo != GRAD_DONE) {
// CHECK: if (todo == GRAD_REVERSE) {
// CHECK-NEXT: heat_step_reverse(&tape);
// CHECK: grad_checkpoint_free(&loop);
#pragma grad wrt(c, start)
double heat(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double u[N];
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < steps; t++)
        step_heat(c, u);
    return energy(u);
}

#pragma grad wrt(c, start)
double heat_stored(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double u[N];
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    for (int t = 0; t < steps; t++)
        step_heat(c, u);
    return energy(u);
}

// Carried scalars, outer scalars that are used twice, the step's number, a
// count downwards by two, values that are used behind the loop.
#pragma grad wrt(c, start)
double scalars(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double x = start[0], y = start[1], a = c[0], b = c[1] * c[2];
    int count = 0;
#pragma grad checkpoint snapshots(s)
    for (int t = 2 * steps; t > 0; t -= 2) {
        double turn = sin(a * x) + b * y;
        x = 0.9 * x + 0.1 * turn * a / t;
        y = y - b * x * x;
        count += t;
    }
    return x * y + exp(-x) * count;
}

#pragma grad wrt(c, start)
double scalars_stored(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double x = start[0], y = start[1], a = c[0], b = c[1] * c[2];
    int count = 0;
    for (int t = 2 * steps; t > 0; t -= 2) {
        double turn = sin(a * x) + b * y;
        x = 0.9 * x + 0.1 * turn * a / t;
        y = y - b * x * x;
        count += t;
    }
    return x * y + exp(-x) * count;
}

// Two marked loops in a row, state on the heap, a loop and a branch in the step
// that are not marked.
#pragma grad wrt(c, start)
double twice(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double *u = aligned_alloc(16, N * sizeof *u), total = 0;
    if (!u)
        abort();
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < N; i++)
            u[i] = u[i - 1] > 0.3 ? sin(u[i]) + c[i] : u[i] * u[i - 1];
        u[0] += 0.05 * u[N - 1];
    }
    total = u[2];
#pragma grad checkpoint
    for (int t = 1; t <= steps; t++)
        if (t % 3) {
            step_heat(c, u);
            total += u[t % N] * u[0];
        }
    total += energy(u);
    free(u);
    return total;
}

#pragma grad wrt(c, start)
double twice_stored(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double *u = malloc(N * sizeof *u), total = 0;
    if (!u)
        abort();
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < N; i++)
            u[i] = u[i - 1] > 0.3 ? sin(u[i]) + c[i] : u[i] * u[i - 1];
        u[0] += 0.05 * u[N - 1];
    }
    total = u[2];
    for (int t = 1; t <= steps; t++)
        if (t % 3) {
            step_heat(c, u);
            total += u[t % N] * u[0];
        }
    total += energy(u);
    free(u);
    return total;
}

// A while loop, whose length is known only afterwards.
// CHECK-LABEL: double solve_grad(
// CHECK: grad_checkpoint_init(&loop, GRAD_UNKNOWN);
// CHECK: grad_checkpoint_end(&loop, 0);
// CHECK: grad_checkpoint_end(&loop, step);
#pragma grad wrt(c, start)
double solve(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double x = start[0], error = 1;
    int left = 3 * steps;
#pragma grad checkpoint snapshots(s)
    while (error > 1e-3 && left > 0) {
        double next = x - 0.2 * (x * x * x + c[0] * x - c[1]) / (3 * x * x + 1);
        error = fabs(next - x);
        x = next;
        left--;
    }
    return x * x + c[2];
}

#pragma grad wrt(c, start)
double solve_stored(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double x = start[0], error = 1;
    int left = 3 * steps;
    while (error > 1e-3 && left > 0) {
        double next = x - 0.2 * (x * x * x + c[0] * x - c[1]) / (3 * x * x + 1);
        error = fabs(next - x);
        x = next;
        left--;
    }
    return x * x + c[2];
}

// An early end, and a budget in bytes instead of a number of snapshots.
#pragma grad wrt(c, start)
double early(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double u[N];
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#pragma grad checkpoint memory(s * 100 KB)
    for (int t = 0; t < steps; t++) {
        step_heat(c, u);
        if (u[0] * u[0] > 0.5 && t > 7)
            break;
    }
    return energy(u);
}

#pragma grad wrt(c, start)
double early_stored(int steps, int s, const double *c, const double *start)
{
    (void)s;
    double u[N];
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    for (int t = 0; t < steps; t++) {
        step_heat(c, u);
        if (u[0] * u[0] > 0.5 && t > 7)
            break;
    }
    return energy(u);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

#include <gradrt.h>

typedef double loss(int steps, int s, const double *c, const double *start);
typedef double gradient(int steps, int s, const double *c, double *d_c,
                        const double *start, double *d_start);

static void compare(loss *f, gradient *marked, gradient *stored, int steps,
                    int s)
{
    struct rng rng = {(unsigned)(17 + steps)};
    double c[N], start[N], d_c[2][N] = {{0}}, d_start[2][N] = {{0}};
    rng_fill(&rng, N, c, 0.1, 0.9);
    rng_fill(&rng, N, start, -1, 1);
    double value = f(steps, s, c, start);
    CHECK_BITS(marked(steps, s, c, d_c[0], start, d_start[0]), value);
    CHECK_BITS(stored(steps, s, c, d_c[1], start, d_start[1]), value);
    for (int i = 0; i < N; i++) {
        CHECK_BITS(d_c[0][i], d_c[1][i]);
        CHECK_BITS(d_start[0][i], d_start[1][i]);
    }
}

int main(void)
{
    for (int steps = 0; steps < 30; steps++)
        for (int s = 1; s < 12; s += 2) {
            compare(heat, heat_grad, heat_stored_grad, steps, s);
            GradStats stats = grad_stats();
            CHECK_TRUE(stats.steps == steps);
            CHECK_TRUE(stats.recorded == steps);
            CHECK_TRUE(steps == 0 || stats.advanced ==
                                         grad_binomial_advances(steps, s));
            CHECK_TRUE(stats.state_bytes == N * sizeof(double));
            compare(scalars, scalars_grad, scalars_stored_grad, steps, s);
            compare(twice, twice_grad, twice_stored_grad, steps, s);
            compare(solve, solve_grad, solve_stored_grad, steps, s);
            compare(early, early_grad, early_stored_grad, steps, s);
        }
    return check_done();
}
#endif

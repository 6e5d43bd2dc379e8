// The heat equation on a square, many steps, in a given memory: the gradient by
// the initial state and by the conductivity of every cell. The program takes
// the size, the steps and the bytes, and prints what was predicted and what
// came; a small run is compared bit for bit with the gradient that stores
// everything.
//
//     heat2d 256 10000 64      MB: half a minute; over 5 GB if all was stored
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main -O2 %s %t_grad.c -o %t.exe %links
// RUN: %t.exe 64 1500 3 | FileCheck %s --check-prefix=TOLD
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links
// RUN: %t.exe 16 100 1 | FileCheck %s --check-prefix=TOLD
// TOLD: steps {{[0-9]+}}, snapshots {{[0-9]+}}
// TOLD: work ratio [[RATIO:[0-9.]+]], by the formula [[RATIO]]
// TOLD: within the budget
// TOLD: same bits
#include <stdlib.h>
#include <string.h>

static void step(int n, const double *c, double *u, double *next)
{
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++) {
            int k = i * n + j;
            double flow = u[k - n] + u[k + n] + u[k - 1] + u[k + 1] - 4 * u[k];
            next[k] = u[k] + 0.2 * c[k] * flow;
        }
    for (int i = 1; i < n - 1; i++)
        for (int j = 1; j < n - 1; j++)
            u[i * n + j] = next[i * n + j];
}

static double misfit(int cells, const double *u, const double *seen)
{
    double sum = 0;
    for (int k = 0; k < cells; k++)
        sum += (u[k] - seen[k]) * (u[k] - seen[k]);
    return sum;
}

// Scratch memory is no part of the state.
// CHECK-LABEL: double heat_grad(
// CHECK: grad_checkpoint_memory(&loop, bytes);
// CHECK: grad_checkpoint_state(&loop, u, t{{[0-9]+}});
// CHECK-NEXT: grad_checkpoint_tape(
#pragma grad wrt(c, start)
double heat(int n, int steps, size_t bytes, const double *c,
            const double *start, const double *seen)
{
    int cells = n * n;
    double *u = malloc((size_t)cells * sizeof *u);
    double *next = malloc((size_t)cells * sizeof *next);
    if (!u || !next)
        abort();
    (void)bytes;
    for (int k = 0; k < cells; k++)
        u[k] = start[k];
#pragma grad checkpoint memory(bytes)
    for (int t = 0; t < steps; t++)
        step(n, c, u, next);
    double loss = misfit(cells, u, seen);
    free(next);
    free(u);
    return loss;
}

#pragma grad wrt(c, start)
double heat_stored(int n, int steps, size_t bytes, const double *c,
                   const double *start, const double *seen)
{
    int cells = n * n;
    double *u = malloc((size_t)cells * sizeof *u);
    double *next = malloc((size_t)cells * sizeof *next);
    if (!u || !next)
        abort();
    (void)bytes;
    for (int k = 0; k < cells; k++)
        u[k] = start[k];
    for (int t = 0; t < steps; t++)
        step(n, c, u, next);
    double loss = misfit(cells, u, seen);
    free(next);
    free(u);
    return loss;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include <gradrt.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double resident(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static double *numbers(int count, double first, double step)
{
    double *x = malloc((size_t)count * sizeof *x);
    if (!x)
        abort();
    for (int k = 0; k < count; k++)
        x[k] = first + step * sin(k * 0.37);
    return x;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    int n = atoi(argv[1]), steps = atoi(argv[2]), cells = n * n;
    size_t megabytes = (size_t)atoi(argv[3]), bytes = megabytes << 20;
    double *c = numbers(cells, 0.6, 0.3), *start = numbers(cells, 1, 0.5);
    double *seen = numbers(cells, 0.8, 0.1);
    double *d_c = calloc((size_t)cells, 8), *d_start = calloc((size_t)cells, 8);
    double before = resident(), began = seconds();
    double value = heat(n, steps, bytes, c, start, seen);
    double primal = seconds() - began;
    began = seconds();
    heat_grad(n, steps, bytes, c, d_c, start, d_start, seen);
    double time = seconds() - began;
    GradStats s = grad_stats();
    double ratio = (double)(s.advanced + s.steps) / (double)s.steps;
    double formula =
        (double)(s.predicted_advances + s.steps) / (double)s.steps;
    printf("value %.6g, primal %.3f s, gradient %.3f s\n", value, primal, time);
    printf("steps %lld, snapshots %lld\n", (long long)s.steps,
           (long long)s.slots);
    printf("work ratio %.4f, by the formula %.4f\n", ratio, formula);
    printf("state %zu, tape %zu, peak %zu of %zu, resident %.1f MB before, "
           "%.1f after\n",
           s.state_bytes, s.tape_bytes, s.peak_bytes, bytes, before,
           resident());
    puts(s.peak_bytes <= bytes ? "within the budget" : "over the budget");
    if (argc > 4)
        return 0;
    // The bits, on few cells.
    double *stored_c = calloc((size_t)cells, 8);
    double *stored_start = calloc((size_t)cells, 8);
    memset(d_c, 0, (size_t)cells * 8);
    memset(d_start, 0, (size_t)cells * 8);
    n = n < 16 ? n : 16;
    steps = steps < 300 ? steps : 300;
    heat_grad(n, steps, 200 << 10, c, d_c, start, d_start, seen);
    heat_stored_grad(n, steps, 0, c, stored_c, start, stored_start, seen);
    bool same = memcmp(d_c, stored_c, (size_t)cells * 8) == 0 &&
                memcmp(d_start, stored_start, (size_t)cells * 8) == 0;
    puts(same ? "same bits" : "other bits");
    free(c), free(start), free(seen), free(d_c), free(d_start);
    free(stored_c), free(stored_start);
    return !same;
}
#endif

// A wave equation whose steps swap three buffers.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

// CHECK-LABEL: double marked_grad(
// CHECK: grad_checkpoint_state(&loop, buffer,
// CHECK: grad_checkpoint_state(&loop, &which_before, sizeof(int));
#pragma grad wrt(c, start)
double marked(int steps, int n, const double *c, const double *start)
{
    double *buffer = calloc(3 * (size_t)n, sizeof *buffer);
    if (!buffer)
        abort();
    double *before = buffer, *now = buffer + n, *next = buffer + 2 * n;
    for (int i = 0; i < n; i++)
        before[i] = now[i] = start[i];
#pragma grad checkpoint snapshots(4)
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < n - 1; i++)
            next[i] = 2 * now[i] - before[i] +
                      c[i] * sin(now[i - 1] - 2 * now[i] + now[i + 1]);
        double *free_one = before;
        before = now;
        now = next;
        next = free_one;
    }
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += now[i] * now[i] + before[i];
    free(buffer);
    return sum;
}

#pragma grad wrt(c, start)
double stored(int steps, int n, const double *c, const double *start)
{
    double *buffer = calloc(3 * (size_t)n, sizeof *buffer);
    if (!buffer)
        abort();
    double *before = buffer, *now = buffer + n, *next = buffer + 2 * n;
    for (int i = 0; i < n; i++)
        before[i] = now[i] = start[i];
    for (int t = 0; t < steps; t++) {
        for (int i = 1; i < n - 1; i++)
            next[i] = 2 * now[i] - before[i] +
                      c[i] * sin(now[i - 1] - 2 * now[i] + now[i + 1]);
        double *free_one = before;
        before = now;
        now = next;
        next = free_one;
    }
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += now[i] * now[i] + before[i];
    free(buffer);
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    enum { N = 9 };
    struct rng rng = {3};
    for (int steps = 0; steps < 25; steps++) {
        double c[N], start[N], d_c[2][N] = {{0}}, d_start[2][N] = {{0}};
        rng_fill(&rng, N, c, 0.1, 0.9);
        rng_fill(&rng, N, start, -1, 1);
        double value = stored(steps, N, c, start);
        CHECK_BITS(marked_grad(steps, N, c, d_c[0], start, d_start[0]), value);
        CHECK_BITS(stored_grad(steps, N, c, d_c[1], start, d_start[1]), value);
        for (int i = 0; i < N; i++) {
            CHECK_BITS(d_c[0][i], d_c[1][i]);
            CHECK_BITS(d_start[0][i], d_start[1][i]);
        }
    }
    return check_done();
}
#endif

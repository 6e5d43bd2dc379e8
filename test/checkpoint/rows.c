// Arrays whose rows have a computed length, in steps of marked loops: a
// parameter, a local array, a pointer to rows on the heap.
//
// DEFINE: %{headers} = -DSTORED_HEADER='"%t_stored.h"' %main
// RUN: %gradcc %s -o %t_grad.c
// RUN: %gradcc -DSTORED %s -o %t_stored.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %{headers} %sanitize %s %t_grad.c %t_stored.c -o %t.exe %sanitize_links
// RUN: %t.exe
// RUN: %clang %{headers} -O2 %s %t_grad.c %t_stored.c -o %t.clang %links
// RUN: %t.clang
#include <math.h>
#include <stdlib.h>

#ifdef STORED
#define NAME(f) f##_stored
#else
#define NAME(f) f
#endif

// CHECK-LABEL: double grid_grad(
// CHECK: grad_checkpoint_state(&loop, &u, n * n * sizeof(double));
// CHECK-LABEL: static void grid_step_forward(
// CHECK: double (*u2)[n][n] = (double (*)[n][n])u;
// CHECK-LABEL: static void grid_step_reverse(
// CHECK: double (*d_u2)[n][n] = (double (*)[n][n])d_u;
#pragma grad wrt(c)
double NAME(grid)(int n, int steps, int s, const double c[][n + 1])
{
    double u[n][n], sum = 0;
    double(*next)[n] = malloc((size_t)n * n * sizeof(double));
    if (!next)
        abort();
    (void)s;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i][j] = c[i][j + 1] + 0.1 * i;
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                next[i][j] = sin(u[i][j]) * c[i][0] +
                             0.1 * u[(i + t) % n][n - 1 - j];
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                u[i][j] = next[i][j];
    }
    for (int i = 0; i < n; i++)
        sum += u[i][0] * u[i][n - 1];
    free(next);
    return sum;
}

// A row of a block, and the block again behind the loop.
#pragma grad wrt(x)
double NAME(block)(int n, int steps, int s, const double *x)
{
    double w[2][n][n + 1], y = 0.5;
    (void)s;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= n; j++)
                w[k][i][j] = x[i] * (k + 1) - 0.1 * j;
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < steps; t++) {
        y = cos(y * w[1][t % n][n]) + w[t % 2][0][t % (n + 1)];
        w[0][t % n][1] *= y;
    }
    return y + w[0][n - 1][1];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include STORED_HEADER
#include "check.h"

enum { MOST = 5 };

int main(void)
{
    for (int n = 1; n <= MOST; n++)
        for (int steps = 0; steps < 9; steps++)
            for (int s = 1; s < 5; s++) {
                double c[MOST * (MOST + 1)], d_c[2][MOST * (MOST + 1)] = {{0}};
                struct rng rng = {(unsigned)n};
                rng_fill(&rng, MOST * (MOST + 1), c, 0.1, 0.9);
                const double(*rows)[n + 1] = (const double(*)[n + 1])c;
                double(*d[2])[n + 1];
                for (int k = 0; k < 2; k++)
                    d[k] = (double(*)[n + 1])d_c[k];
                double value = grid(n, steps, s, rows);
                CHECK_BITS(grid_grad(n, steps, s, rows, d[0]), value);
                CHECK_BITS(grid_stored_grad(n, steps, s, rows, d[1]), value);
                value = block(n, steps, s, c);
                CHECK_BITS(block_grad(n, steps, s, c, d_c[0]), value);
                CHECK_BITS(block_stored_grad(n, steps, s, c, d_c[1]), value);
                for (int i = 0; i < MOST * (MOST + 1); i++)
                    CHECK_BITS(d_c[0][i], d_c[1][i]);
            }
    return check_done();
}
#endif

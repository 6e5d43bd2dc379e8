// Marked loops in the steps of marked loops, each with a schedule of its own:
// the step pushes the state that the inner loop starts with, and its reverse
// runs it again. Same bits as without the pragmas.
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
#include <string.h>

enum { N = 5 };

#ifdef STORED
#define NAME(f) f##_stored
#else
#define NAME(f) f
#endif

// Memory of the step and of the function, scratch memory of the inner loop,
// and numbers that both loops carry.
// CHECK-LABEL: Does what memory_step does
// CHECK: grad_push_bytes(tape, u, sizeof(double [5]));
// CHECK-NEXT: grad_push_bytes(tape, &w, sizeof(double [5]));
// CHECK-NEXT: grad_push_bytes(tape, &y{{.*}}, sizeof(double));
// CHECK: memory_step_step(
// CHECK-LABEL: Runs the last memory_step_forward backwards
// CHECK: double w[5];
// CHECK: grad_checkpoint_init(&loop,
// CHECK: grad_checkpoint_snapshots(&loop, 2);
// CHECK: grad_checkpoint_again(&loop);
// CHECK: memory_step_step_forward(
// CHECK: memory_step_step_reverse(tape);
// CHECK: grad_checkpoint_free(&loop);
// CHECK-LABEL: One step of the checkpointed loop of memory_step.
#pragma grad wrt(c, start)
double NAME(memory)(int n, int s, const double *c, const double *start)
{
    double u[N], y = start[1];
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < n; t++) {
        double w[N], scratch[N];
        for (int i = 0; i < N; i++)
            w[i] = u[i] * c[t % N];
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
        for (int i = 0; i < t % 7; i++) {
            for (int k = 0; k < N; k++)
                scratch[k] = sin(w[k] * y);
            y = sin(y) + scratch[2];
            u[i % N] += 0.1 * y * w[t % N];
            w[(i + 1) % N] *= scratch[0];
        }
        y = 0.5 * y + w[0];
    }
    return y;
}

// Three of them, the innermost in a function, with an early exit, and on
// memory that the outer steps change, too.
static double settle(int n, double *v, const double *u, const double *c)
{
    double y = 1;
    int k = 0;
#ifndef STORED
#pragma grad checkpoint snapshots(3)
#endif
    while (k < n) {
        y = cos(y * c[k % N]) + 0.1 * u[k % N];
        v[k % N] = 0.5 * v[(k + 1) % N] + y;
        if (v[k % N] > 1.4)
            break;
        k++;
    }
    return y;
}

#pragma grad wrt(c, start)
double NAME(deep)(int n, int s, const double *c, const double *start)
{
    double *u = malloc(N * sizeof *u), y = start[0];
    if (!u)
        abort();
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < n; t++) {
        int m = t % 4 + 1;
        double v[m + N];
        for (int i = 0; i < m + N; i++)
            v[i] = u[i % N] + c[t % N];
#ifndef STORED
#pragma grad checkpoint memory(1 MB)
#endif
        for (int j = 0; j < m; j++) {
            y += settle(2 * m, v, u, c) * v[j];
            u[j] = 0.3 * u[j + 1 == N ? 0 : j + 1] + 0.2 * sin(y);
        }
        y = 0.1 * y * u[1] + 0.3 * v[m];
    }
    y += u[2];
    free(u);
    return y;
}

// Two in a row, one in a branch, one in a loop that is not marked, and calls.
static void smooth(double *u, const double *c)
{
    for (int i = 1; i < N; i++)
        u[i] += 0.2 * c[i] * u[i - 1] * cos(u[i]);
}

#pragma grad wrt(c, start)
double NAME(several)(int n, int s, const double *c, const double *start)
{
    double u[N], y = 0.2;
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < n; t++) {
#ifndef STORED
#pragma grad checkpoint snapshots(1)
#endif
        for (int i = 0; i < 4; i++)
            y = sin(y * c[i]) + u[t % N];
        if (t % 3 == 1) {
#ifndef STORED
#pragma grad checkpoint
#endif
            for (int i = 3; i > 0; i--)
                u[i] = y * u[i - 1] * c[i];
        }
#ifndef STORED
#pragma grad checkpoint
#endif
        smooth(u, c);
        for (int k = 0; k < 2; k++) {
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
            for (int i = 0; i < 5; i++)
                y = 0.9 * y + 0.1 * cos(y * u[(i + k) % N]);
            u[k] *= y;
        }
    }
    return y * u[2];
}

// What marks a loop that does nothing, and is gone, does not mark the next one.
#pragma grad wrt(c, start)
double NAME(gone)(int n, int s, const double *c, const double *start)
{
    double y = start[1];
    (void)s;
#ifndef STORED
#pragma grad checkpoint snapshots(1)
#endif
    for (int i = 0; i < n; i++) {
        double square = start[0] * i;
        square *= square;
    }
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < n; t++) {
        double unused[2];
        y = 0.9 * y + 0.2 * c[t % N];
#ifndef STORED
#pragma grad checkpoint snapshots(1)
#endif
        for (int i = 0; i < 2; i++)
            unused[i] = y;
        (void)unused;
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
        for (int i = 0; i < 4; i++)
            y = sin(y + c[i]);
    }
    return y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include STORED_HEADER
#include "check.h"

#include <gradrt.h>

typedef double loss(int n, int s, const double *c, const double *start);
typedef double gradient(int n, int s, const double *c, double *d_c,
                        const double *start, double *d_start);

static void compare(loss *f, gradient *marked, gradient *stored, int n, int s)
{
    struct rng rng = {(unsigned)(11 + n)};
    double c[N], start[N], d_c[2][N] = {{0}}, d_start[2][N] = {{0}};
    rng_fill(&rng, N, c, 0.1, 0.9);
    rng_fill(&rng, N, start, -1, 1);
    double value = f(n, s, c, start);
    CHECK_BITS(marked(n, s, c, d_c[0], start, d_start[0]), value);
    CHECK_BITS(stored(n, s, c, d_c[1], start, d_start[1]), value);
    for (int i = 0; i < N; i++) {
        CHECK_BITS(d_c[0][i], d_c[1][i]);
        CHECK_BITS(d_start[0][i], d_start[1][i]);
    }
    GradStats stats = grad_stats(); // of the outermost, which ended last
    CHECK_TRUE(stats.steps == n && stats.recorded == n);
    CHECK_TRUE(n == 0 || stats.advanced == grad_binomial_advances(n, s));
}

int main(void)
{
    static const int sizes[] = {0, 1, 2, 3, 4, 5, 7, 13, 31};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int s = 1; s < 6; s++) {
            compare(memory, memory_grad, memory_stored_grad, sizes[i], s);
            compare(deep, deep_grad, deep_stored_grad, sizes[i], s);
            compare(several, several_grad, several_stored_grad, sizes[i], s);
            compare(gone, gone_grad, gone_stored_grad, sizes[i], s);
        }
    return check_done();
}
#endif

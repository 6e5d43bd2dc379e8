// Marked loops inside loops and branches that are not marked, and marked calls:
// the forward sweep keeps the state they start with, and the reverse sweep runs
// them again. Same bits as without the pragmas, which STORED leaves out.
//
// DEFINE: %{headers} = -DSTORED_HEADER='"%t_stored.h"' %main
// RUN: %gradcc %s -o %t_grad.c
// RUN: %gradcc -DSTORED %s -o %t_stored.c
// RUN: FileCheck %s < %t_grad.c
// RUN: FileCheck %s --check-prefix=STORED < %t_stored.c
// RUN: %cc %{headers} %sanitize %s %t_grad.c %t_stored.c -o %t.exe %sanitize_links
// RUN: %t.exe
// RUN: %clang %{headers} -O2 %s %t_grad.c %t_stored.c -o %t.clang %links
// RUN: %t.clang
// STORED-NOT: grad_checkpoint
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5 };

#ifdef STORED
#define NAME(f) f##_stored
#else
#define NAME(f) f
#endif

// Scratch and state of an iteration of the outer loop, a branch, an array that
// is overwritten behind the loop.
// CHECK-LABEL: double branch_grad(
// CHECK: grad_push_bytes(&tape, &u, sizeof(double [5]));
// CHECK: grad_push_bytes(&tape, &w, sizeof(double [5]));
// CHECK: for (int t = 0; t < n; t++)
// CHECK-NEXT: branch_step(
// CHECK: for (int k = 3; k >= 0; k--) {
// CHECK: grad_checkpoint_init(&loop, n > 0 ? n : 0);
// CHECK: grad_checkpoint_again(&loop);
// CHECK: while (todo != GRAD_TURN) {
// CHECK: while (todo != GRAD_DONE) {
// CHECK: grad_checkpoint_free(&loop);
#pragma grad wrt(c, start)
double NAME(branch)(int n, int s, const double *c, const double *start)
{
    double u[N], y = start[0];
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    for (int k = 0; k < 4; k++) {
        double a = c[k % N] * y, w[N];
        for (int i = 0; i < N; i++)
            w[i] = u[i] * a;
        if (k != 2) {
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
            for (int t = 0; t < n; t++) {
                y = sin(y * a) + u[t % N] * w[(t + k) % N];
                u[(t + 1) % N] = y * 0.5 + c[t % N];
            }
            u[0] = y * u[1];
        }
        y += u[2] * w[1];
    }
    return y;
}

// A loop of unknown length, in a budget, whose buffers swap; in a function that
// is called from a loop. Another one that ends early, with a buffer on the heap.
static double settle(int n, int s, double *u, const double *c)
{
    double v[N] = {0}, error = 1;
    double *now = u, *next = v;
    int left = n;
    (void)s;
#ifndef STORED
#pragma grad checkpoint memory(s * 100 KB)
#endif
    while (error > 1e-2 && left > 0) {
        error = 0;
        for (int i = 0; i < N; i++) {
            next[i] = 0.7 * now[i] + 0.2 * sin(now[(i + 1) % N] * c[i]);
            error += fabs(next[i] - now[i]);
        }
        left--;
        double *swap = now;
        now = next;
        next = swap;
    }
    for (int i = 0; i < N; i++)
        u[i] = now[i] * now[i];
    return error;
}

#pragma grad wrt(c, start)
double NAME(called)(int n, int s, const double *c, const double *start)
{
    double u[N], y = 0;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    double *v = malloc(N * sizeof *v);
    if (!v)
        abort();
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < N; i++)
            v[i] = u[i] + k * c[i];
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
        for (int t = 1; t <= n; t++) {
            u[0] += 0.1 * v[t % N] * u[N - 1];
            v[t % N] = cos(u[0] * v[(t + 2) % N]);
            if (v[t % N] < -0.9)
                break;
        }
        y += v[1] * u[0] + settle(n, s, u, c);
    }
    (void)s;
    free(v);
    return y;
}

// A step of the outer loop has the inner one's schedule in its reverse.
// CHECK-LABEL: double inner_grad(
// CHECK: grad_checkpoint_init(&loop, n > 0 ? n : 0);
// CHECK-NOT: grad_checkpoint_init
// CHECK-NOT: grad_checkpoint_again
// CHECK: grad_checkpoint_free(&loop);
// CHECK-LABEL: double calls_grad(
#pragma grad wrt(c, start)
double NAME(inner)(int n, int s, const double *c, const double *start)
{
    double u[N], y = start[1];
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#ifndef STORED
#pragma grad checkpoint snapshots(s)
#endif
    for (int t = 0; t < n; t++) {
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
        for (int i = 0; i < t % 7; i++) {
            y = sin(y) + u[i % N];
            u[i % N] += 0.1 * y * c[t % N];
        }
        y = 0.5 * y;
    }
    return y;
}

static double chain(int n, double x, const double *c)
{
    double y = x;
    for (int i = 0; i < n; i++)
        y = sin(y) * c[i % N] + 0.1 * y;
    return y;
}

static void smooth(int n, double *u, const double *c)
{
    for (int k = 0; k < n; k++)
        for (int i = 1; i < N; i++)
            u[i] += 0.2 * c[k % N] * u[i - 1] * cos(u[i]);
}

// Calls, in and outside of loops.
// CHECK: grad_push_bytes(&tape,
// CHECK: calls_step(
// CHECK: grad_checkpoint_again(&loop
// CHECK-NEXT: calls_step3_forward(0,
// CHECK: calls_step3_reverse(&tape
// CHECK: grad_checkpoint_put_back(&loop
// CHECK-NEXT: grad_checkpoint_free(&loop
#pragma grad wrt(c, start)
double NAME(calls)(int n, int s, const double *c, const double *start)
{
    double u[N], y = start[0];
    (void)s;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#ifndef STORED
#pragma grad checkpoint
#endif
    y = chain(n, y, c);
    for (int k = 0; k < 3; k++) {
#ifndef STORED
#pragma grad checkpoint
#endif
        smooth(n, u, c);
        if (y > 0.1) {
#ifndef STORED
#pragma grad checkpoint
#endif
            y += chain(n, u[k] * y, c);
        }
        u[k] += y;
    }
    return y + u[1] * u[4];
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
    struct rng rng = {(unsigned)(23 + n)};
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
}

int main(void)
{
    static const int sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 13, 31, 64};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int s = 1; s < 8; s++) {
            int n = sizes[i];
            compare(branch, branch_grad, branch_stored_grad, n, s);
            GradStats stats = grad_stats();
            CHECK_TRUE(stats.steps == n && stats.recorded == n);
            CHECK_TRUE(n == 0 ||
                       stats.advanced == grad_binomial_advances(n, s));
            compare(called, called_grad, called_stored_grad, n, s);
            compare(inner, inner_grad, inner_stored_grad, n, s);
            compare(calls, calls_grad, calls_stored_grad, n, s);
        }
    // A call's record is dropped when it has been reversed: the tape of many
    // calls holds little more than one call's.
    double c[N] = {0.2, 0.4, 0.3, 0.7, 0.6}, d_c[N] = {0}, d_start[N] = {0};
    grad_reset_largest_tape();
    calls_grad(1000, 1, c, d_c, c, d_start);
    size_t marked = grad_largest_tape();
    grad_reset_largest_tape();
    branch_grad(1000, 10, c, d_c, c, d_start);
    CHECK_TRUE(marked < 6 * 1000 * 4 * sizeof(double));
    CHECK_TRUE(grad_largest_tape() < 1000);
    return check_done();
}
#endif

// Marked loops whose iterations meet in sums alone, and marked loops inside of
// such ones: where the gradient without the pragma takes the first iteration
// first, the one with it does, too, so that sums have the same bits.
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

#ifdef STORED
#define NAME(f) f##_stored
#else
#define NAME(f) f
#endif

// Both sweeps of an iteration stand in one loop: it keeps nothing, and the
// pragma has no effect.
// CHECK-LABEL: double alone_grad(
// CHECK-NOT: grad_checkpoint
// CHECK-LABEL: double twice_grad(
#pragma grad wrt(w, x)
double NAME(alone)(int n, double w, const double *x)
{
    double sum = 0;
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
    for (int i = 0; i < n; i++)
        sum += tanh(w * x[i]) * exp(x[i]);
    return sum;
}

// The weight is known only behind the loop: each step runs twice.
// CHECK: twice_step(
// CHECK: grad_checkpoint_again(&loop);
// CHECK-NEXT: double d_w2 = 0;
// CHECK-NEXT: for (int64_t step = 0; step < {{t[0-9]+}}; step++) {
// CHECK-NEXT: twice_step_forward(step,
// CHECK: twice_step_reverse(&tape,
// CHECK: grad_checkpoint_put_back(&loop);
// CHECK-LABEL: double batch_grad(
#pragma grad wrt(w, x)
double NAME(twice)(int n, double w, const double *x)
{
    double sum = 0;
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
    for (int i = 0; i < n; i++)
        sum += tanh(w * x[i]);
    return sum * sum;
}

// A recurrence, which has a schedule, for each of several sequences.
// CHECK: for (int64_t step = 0; step < 3; step++) {
// CHECK-NEXT: batch_step_forward(step,
// CHECK: batch_step_reverse(&tape
#pragma grad wrt(w, x)
double NAME(batch)(int n, double w, const double *x)
{
    double loss = 0;
    for (int b = 0; b < 3; b++) {
        double h = 0.1 * b;
#ifndef STORED
#pragma grad checkpoint snapshots(3)
#endif
        for (int i = 0; i < n; i++)
            h = tanh(w * h + x[(i + b) % n]);
        loss += h * h;
    }
    return loss;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include STORED_HEADER
#include "check.h"

enum { N = 17 };

typedef double loss(int n, double w, const double *x);
typedef double gradient(int n, double w, double *d_w, const double *x,
                        double *d_x);

static void compare(loss *f, gradient *marked, gradient *stored, int n)
{
    struct rng rng = {(unsigned)n};
    double x[N], d_x[2][N] = {{0}}, d_w[2] = {0};
    rng_fill(&rng, N, x, 0.1, 0.9);
    double value = f(n, 0.7, x);
    CHECK_BITS(marked(n, 0.7, &d_w[0], x, d_x[0]), value);
    CHECK_BITS(stored(n, 0.7, &d_w[1], x, d_x[1]), value);
    CHECK_BITS(d_w[0], d_w[1]);
    for (int i = 0; i < N; i++)
        CHECK_BITS(d_x[0][i], d_x[1][i]);
}

int main(void)
{
    for (int n = 0; n <= N; n++) {
        compare(alone, alone_grad, alone_stored_grad, n);
        compare(twice, twice_grad, twice_stored_grad, n);
        compare(batch, batch_grad, batch_stored_grad, n);
    }
    return check_done();
}
#endif

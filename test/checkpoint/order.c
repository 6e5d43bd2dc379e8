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

// A recurrence, which has a schedule, for each of several sequences: both sweeps
// of a sequence stand in one loop, the schedule between them.
// CHECK: for (int b = 0; b < 3; b++) {
// CHECK: grad_push_bytes(&tape, h2, sizeof(double));
// CHECK: batch_step(i, w
// CHECK: grad_checkpoint_again(&loop);
// CHECK: batch_step_reverse(&tape
// CHECK: grad_checkpoint_free(&loop);
// CHECK: return loss;
// CHECK-LABEL: double through_grad(
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

// The loop around carries the sum through marked loops, which hides that it is
// one, and what follows adds to the same derivatives; the loop around all is
// marked, too, but keeps nothing.
// CHECK: grad_checkpoint_init(
// CHECK-NOT: grad_checkpoint_init(
// CHECK: return
#pragma grad wrt(w, x)
double NAME(through)(int n, double w, const double *x)
{
    double sum = 0.2, late = w;
#ifndef STORED
#pragma grad checkpoint snapshots(3)
#endif
    for (int b = 0; b < 3; b++) {
        double h = x[b];
#ifndef STORED
#pragma grad checkpoint
#endif
        for (int i = 0; i < n; i++) {
            h = sin(w * h + x[(i + b) % n]);
            sum += h * w;
        }
    }
    for (int i = 0; i < n; i++)
        late += 0.3 * x[i] * x[i] * w;
    return sum + late;
}

// The innermost loop of a step goes the way that it goes without the pragma,
// though the step's function cannot tell what its pointers lead to.
// CHECK-LABEL: Runs the last pairs_step_forward backwards
// CHECK: for (int k = 0; k < i; k++) {
#pragma grad wrt(w, x)
double NAME(pairs)(int n, double w, const double *x)
{
    double sum = 0, a[4];
    for (int b = 0; b < n; b++) {
        double v = w;
        for (int i = 0; i < 4; i++)
            a[i] = tanh(w * x[i] * (b + 1));
#ifndef STORED
#pragma grad checkpoint snapshots(1)
#endif
        for (int i = 1; i < 4; i++)
            for (int k = 0; k < i; k++)
                v += 0.4 * sin(a[i] * a[k] + x[i]);
        sum += sqrt(a[2] * a[2] + v * v);
    }
    return sum;
}

// A sum that goes on through a marked loop, which hides its weight: its own loop
// stays marked, and runs twice instead of keeping anything.
// CHECK-LABEL: double onward_grad(
// CHECK: grad_checkpoint_again(&loop
// CHECK: onward_step_forward(step,
// CHECK: onward_step_reverse(&tape,
// CHECK: return
#pragma grad wrt(w, x)
double NAME(onward)(int n, double w, const double *x)
{
    double sum = 0;
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
    for (int i = 0; i < n; i++)
        sum += tanh(w * x[i]) * exp(x[i]);
#ifndef STORED
#pragma grad checkpoint snapshots(2)
#endif
    for (int i = 0; i < n; i++)
        sum += 0.5 * x[i];
    return sum;
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
        compare(through, through_grad, through_stored_grad, n);
        compare(pairs, pairs_grad, pairs_stored_grad, n);
        compare(onward, onward_grad, onward_stored_grad, n);
    }
    return check_done();
}
#endif

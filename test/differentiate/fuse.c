// Loop fusion: the reverse sweep of an iteration directly behind its forward
// sweep where iterations meet in sums alone, so that nothing is kept; and the
// cases that look alike but must not be fused.
//
// RUN: %gradcc --no-batch --no-join %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %gradcc --no-fuse %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>
#include <stdlib.h>

// CHECK-LABEL: double sum_grad(
// CHECK-NOT: {{_at|push|allocate}}
// CHECK: s += [[EXP:t[0-9]+]];
// CHECK-NOT: for
// CHECK: d_x[i] += [[EXP]]
// CHECK-NOT: for
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sum(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += exp(x[i]);
    return s;
}

// Nothing would be kept: two simple loops are left, which vectorise.
// CHECK-LABEL: double nothing_kept_grad(
// CHECK-COUNT-2: for (
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double nothing_kept(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i];
    return s;
}

// The weight is computed from what follows the loop: not known before.
// CHECK-LABEL: double late_weight_grad(
// CHECK: exp_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double late_weight(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++)
        s += exp(x[i]);
    return sqrt(s);
}

// A weight that is computed between the loops, but of what was there before.
// CHECK-LABEL: double early_weight_grad(
// CHECK-NOT: {{_at\b|push|allocate}}
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double early_weight(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += exp(x[i]);
    return s / (n + 1) * 3;
}

// A recurrence: an iteration needs the adjoint that the next one leaves.
// CHECK-LABEL: double recurrence_grad(
// CHECK: _at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double recurrence(int n, const double *x)
{
    double s = 0.5;
    for (int i = 0; i < n; i++)
        s = sin(s) * x[i] + 1;
    return s;
}

// Two nested loops; the inner sum's weight is known once it is finished.
// CHECK-LABEL: double softmax_like_grad(
// CHECK-NOT: n{{.*}}sizeof
// CHECK: for (int i = 0; i < n; i++) {
// CHECK: log(
// CHECK: d_x
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double softmax_like(int n, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double scratch[3], s = 0;
        for (int j = 0; j < 3; j++)
            scratch[j] = exp(x[i] * (j + 1) * 0.3);
        for (int j = 0; j < 3; j++)
            s += scratch[j] * scratch[j];
        total += log(s) * cos(x[0]);
    }
    return total;
}

// Scratch memory from outside, written first in each iteration: fused.
// CHECK-LABEL: double scratch_grad(
// CHECK: for (int i = 0; i < n; i++) {
// CHECK-NOT: for (int i = n - 1
// CHECK: d_x[i] +=
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double scratch(int n, const double *x)
{
    double a[5], total = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < 5; j++)
            a[j] = x[i] * j;
        for (int j = 1; j < 4; j++)
            a[j] = sin(a[j]) * a[j - 1];
        total += a[3] * a[4];
    }
    return total;
}

// The same, but a[3] may be what an earlier iteration left there.
// CHECK-LABEL: double left_over_grad(
// CHECK: _at
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double left_over(int n, const double *x)
{
    double a[4] = {1, 1, 1, 1}, total = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] > 0)
            a[3] = sin(x[i]);
        total += a[3] * a[3] * exp(x[i]);
    }
    return total;
}

// Each iteration replaces half of the scratch memory only.
// CHECK-LABEL: double half_grad(
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double half(int n, const double *x)
{
    double a[4] = {0.5, 0.5, 0.5, 0.5}, total = 0;
    for (int i = 0; i < n; i++) {
        for (int j = i % 2; j < 4; j += 2)
            a[j] = sin(x[i]) + j;
        for (int j = 0; j < 4; j++)
            total += a[j] * a[j] * x[i];
    }
    return total;
}

// Scratch memory whose last contents are used behind the loop.
// CHECK-LABEL: double used_later_grad(
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double used_later(int n, const double *x)
{
    double a[2] = {0, 0}, total = 0;
    for (int i = 0; i < n; i++) {
        a[0] = exp(x[i]);
        a[1] = a[0] * x[i];
        total += a[0] * a[1];
    }
    return total + a[1] * a[1];
}

// Each iteration writes elements of its own, which a second loop reads.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double two_loops(int n, const double *x)
{
    double total = 0, *y = malloc((size_t)(n + 1) * sizeof *y);
    if (!y)
        abort();
    for (int i = 0; i < n; i++)
        y[i] = exp(x[i]) * x[i];
    for (int i = 0; i < n; i++)
        total += y[i] * y[n - 1 - i];
    free(y);
    return total;
}

// Scratch memory as long as the iteration needs it: 0 to i.
// CHECK-LABEL: double growing_scratch_grad(
// CHECK-NOT: for (int i = n - 1
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double growing_scratch(int n, const double *x)
{
    double a[12], total = 0;
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j <= i; j++)
            a[j] = x[i] * x[j];
        for (int j = 0; j <= i; j++) {
            a[j] = exp(a[j]);
            sum += a[j];
        }
        for (int j = 0; j <= i; j++)
            total += a[j] / sum * x[j];
    }
    return total;
}

// Memory of each iteration's own, taken and given back.
// CHECK-LABEL: double taken_inside_grad(
// CHECK: for (int i = 0; i < n; i++) {
// CHECK: malloc(
// CHECK: d_x[i] +=
// CHECK-NOT: for (int i = n - 1
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double taken_inside(int n, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double *a = malloc(3 * sizeof *a);
        if (!a)
            abort();
        a[0] = exp(x[i]);
        a[1] = a[0] * x[i];
        a[2] = sin(a[1]) * a[0];
        total += a[2] * a[2];
        free(a);
    }
    return total;
}

// A list of what all iterations took.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double kept_pointers(int n, const double *x)
{
    double total = 0, *rows[64];
    for (int i = 0; i < n; i++) {
        rows[i] = malloc(2 * sizeof *rows[i]);
        if (!rows[i])
            abort();
        rows[i][0] = exp(x[i]);
        rows[i][1] = i ? rows[i - 1][0] * rows[i][0] : 1;
        total += rows[i][1] * rows[i][0];
    }
    for (int i = 0; i < n; i++)
        free(rows[i]);
    return total;
}

// Elements behind an index: added to in any order, overwritten in none.
// CHECK-LABEL: double gather_grad(
// CHECK-NOT: {{_at\b|push|allocate}}
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double gather(int n, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += exp(x[i * 7 % n]) * x[i];
    return total;
}

// CHECK-LABEL: double scatter_grad(
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double scatter(int n, const double *x)
{
    double a[4] = {0}, total = 0;
    for (int i = 0; i < n; i++)
        a[i * 7 % 4] = exp(x[i]);
    for (int j = 0; j < 4; j++)
        total += a[j] * a[j];
    return total;
}

// Several sums, one of them of another type; an early sum starts from x[0].
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double several_sums(int n, const double *x)
{
    double s = n ? x[0] * x[0] : 0, t = 0;
    double scale = n ? x[n - 1] : 1;
    for (int i = 0; i < n; i++) {
        double e = exp(scale * x[i]);
        s += e;
        if (e > 1)
            t -= e * scale;
    }
    return 2 * s - t * 0.25 + scale;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(sum, -1, 1);
    CHECK_STANDARD(nothing_kept, -1, 1);
    CHECK_STANDARD(late_weight, -1, 1);
    CHECK_STANDARD(early_weight, -1, 1);
    CHECK_STANDARD(recurrence, -1, 1);
    CHECK_STANDARD(softmax_like, -1, 1);
    CHECK_STANDARD(scratch, -1, 1);
    CHECK_STANDARD(left_over, -1, 1);
    CHECK_STANDARD(half, -1, 1);
    CHECK_STANDARD(used_later, -1, 1);
    CHECK_STANDARD(two_loops, -1, 1);
    CHECK_STANDARD(growing_scratch, -1, 1);
    CHECK_STANDARD(taken_inside, -1, 1);
    CHECK_STANDARD(kept_pointers, -1, 1);
    CHECK_STANDARD(gather, -1, 1);
    CHECK_STANDARD(scatter, -1, 1);
    CHECK_STANDARD(several_sums, -1, 1);
    return check_done();
}
#endif

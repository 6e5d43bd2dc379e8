// A loop that may end early keeps on the tape what its iterations need: blocks
// for the arrays of inner loops, and single values. What follows from them,
// from constants and from indices is computed again: neither lengths nor
// addresses within a block are pushed.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// Constant lengths.
// CHECK-LABEL: double powers_grad(
// CHECK-NOT: grad_push_long(
// CHECK: long trip = trips - 1
// CHECK-NOT: grad_pop_long(
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double powers(int n, const double *x) {
    double state[6] = {1, 0.5, 0.25, 0.125, 0, 0}, s = 0;
    for (int t = 0; t < n; t++) {
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                state[i * 3 + j] = sin(state[i * 3 + j] * x[t]) + j;
        s += state[t % 6];
        if (s > 40)
            break;
    }
    return s;
}

// Lengths that follow from what is kept anyway.
// CHECK-LABEL: double triangle_grad(
// CHECK: grad_tape_take(&tape, 3 *
// CHECK-NOT: grad_push_{{long|pointer}}
// CHECK: grad_push_pointer(&tape, w_at);
// CHECK-NOT: grad_push_{{long|pointer}}
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double triangle(int n, const double *x) {
    double s = 1;
    int k = 0;
    while (k < n && s < 1e9) {
        double sum = 0;
        for (int j = k + 1; j < n; j++) {
            double w = exp(sin(x[j] * s));
            sum += sin(w) * cos(w * x[k]);
        }
        s += 0.01 * sum * sum;
        k += x[k] > 0 ? 1 : 2;
    }
    return s;
}

// What stands in one region and has a constant length is one block for all, also
// where the one that is needed first is found last; a small triangle is a box in
// it. What stands in a branch has its own.
// CHECK-LABEL: double stages_grad(
// CHECK: grad_tape_take(&tape, 22, sizeof(double))
// CHECK: grad_tape_take(&tape, 6, sizeof(double))
// CHECK-NOT: grad_tape_take
// CHECK: long trip = trips - 1
// CHECK: grad_tape_give(&tape, b_at)
// CHECK: grad_tape_give(&tape, a_at)
// CHECK-NOT: grad_tape_give
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double stages(int n, const double *x)
{
    double a[4] = {1, 0.5, 0.25, 2}, b[3] = {0, 0.5, 1}, s = 0;
    for (int t = 0; t < n; t++) {
        for (int i = 0; i < 4; i++)
            a[i] = sin(a[i] * x[t]) + i;
        for (int i = 0; i < 3; i++)
            for (int j = i; j < 3; j++)
                b[j] = cos(b[j] * a[i] + b[i]);
        if (x[t] > 0)
            for (int i = 0; i < 3; i++)
                b[i] *= sin(b[i]);
        s += a[t % 4] * b[t % 3];
        if (s > 40)
            break;
    }
    return s;
}

// Where the block moves to an earlier place, the size of an element does, too.
// CHECK-LABEL: double later_grad(
// CHECK: double *a_at = grad_tape_take(&tape, 2, sizeof(double));
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double later(int n, const double *x)
{
    if (n < 2)
        return 0;
    double a[2], y[2] = {x[0], x[1]};
    for (int t = 0; t < 4; t++) {
        for (int i = 0; i < 2; i++)
            a[i] = tanh(x[(i + 1) % n] > n ? x[i] : 1.3 * (x[i] + y[i]));
        for (int i = 1; i < 2; i++)
            y[i] = 0.5 * sin(y[i]) -
                   fmax(fmin(y[i * 4 % 2] + y[i] / (1.9 + a[1 - i] * a[1 - i]),
                             1.3),
                        -1.3);
        if (n > 2)
            break;
    }
    return y[1];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void) {
    CHECK_STANDARD(powers, -1, 1);
    CHECK_STANDARD(triangle, -1, 1);
    CHECK_STANDARD(stages, -1, 1);
    CHECK_STANDARD(later, 0.1, 0.9);
    CHECK_SECOND(stages, -1, 1);
    CHECK_SECOND(powers, -1, 1);
    CHECK_SECOND(triangle, -1, 1);
    return check_done();
}
#endif

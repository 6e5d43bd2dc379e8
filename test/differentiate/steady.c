// An array that each iteration of a loop makes anew out of what does not change
// there holds the same numbers every time: the reverse sweep finds them without
// any of them being kept.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe > %t.out
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// The same bits where all is kept:
// RUN: %gradcc --no-restore %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.kept %sanitize_links
// RUN: %t.kept > %t.kept.out && diff %t.out %t.kept.out
#include <math.h>

// A transposed factor; the loop may end early.
// CHECK-LABEL: double transposed_grad(
// CHECK-NOT: {{turned|f}}_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double transposed(int n, const double *x)
{
    double p[4] = {1, 0.5, 0.25, 2}, s = 0;
    for (int t = 0; t + 4 < n; t++) {
        double turned[4], next[4];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++)
                turned[j * 2 + i] = sin(x[i * 2 + j]);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++) {
                double sum = x[t];
                for (int k = 0; k < 2; k++)
                    sum += p[i * 2 + k] * turned[k * 2 + j];
                next[i * 2 + j] = sum;
            }
        for (int i = 0; i < 4; i++)
            p[i] = cos(next[i]);
        s += p[t % 4] * turned[t % 4];
        if (s > 40)
            break;
    }
    return s;
}

// Elements that are written twice: what was written first is not there.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double twice(int n, const double *x)
{
    double s = 1;
    for (int t = 0; t < n && s < 100; t++) {
        double e[3];
        for (int i = 0; i < n; i++)
            e[i % 3] = exp(0.1 * x[i]);
        s = sin(s) + e[t % (n < 3 ? n : 3)] * x[t];
    }
    return s;
}

// Not where what it is made of changes: with the iteration,
// CHECK-LABEL: double by_iteration_grad(
// CHECK: grad_tape_take
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double by_iteration(int n, const double *x)
{
    double s = 1;
    for (int t = 0; t < n && s < 100; t++) {
        double w[3];
        for (int i = 0; i < 3; i++)
            w[i] = exp(0.1 * x[t] * i);
        s = 0.5 * sin(s * w[0]) + 0.1 * w[t % 3] * w[1] * s;
    }
    return s;
}

// because the loop changes it later,
// CHECK-LABEL: double changed_later_grad(
// CHECK: grad_tape_take
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double changed_later(int n, const double *x)
{
    double f[3] = {1, 2, 3}, s = 1;
    for (int t = 0; t < n && s < 100; t++) {
        double w[3];
        for (int i = 0; i < 3; i++)
            w[i] = f[2 - i];
        s = 0.5 * sin(s * w[0]) + 0.1 * w[t % 3] * w[1] * s;
        for (int i = 0; i < 3; i++)
            f[i] = cos(f[i] * x[t]);
    }
    return s;
}

// or because a loop around it does;
// CHECK-LABEL: double changed_outside_grad(
// CHECK: {{grad_push|grad_tape_take|_at\[}}
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double changed_outside(int n, const double *x)
{
    double f[3] = {1, 2, 3}, s = 1;
    for (int r = 0; r < 3; r++) {
        for (int t = 0; t < n && s < 100; t++) {
            double w[3];
            for (int i = 0; i < 3; i++)
                w[i] = f[2 - i];
            s = 0.5 * sin(s * w[0]) + 0.1 * w[t % 3] * w[1] * x[t];
        }
        for (int i = 0; i < 3; i++)
            f[i] = cos(f[i] + 0.2 * s);
    }
    return s;
}

// nor where only some iterations make it, or a second store changes it.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sometimes(int n, const double *x)
{
    double s = 1;
    for (int t = 0; t < n && s < 100; t++) {
        double w[4], v[2];
        for (int i = 0; i < 2; i++)
            v[i] = x[0] * (i + 1);
        if (t % 3)
            v[1] = 0.5;
        for (int i = 0; i < (t % 2 ? 4 : 2); i++)
            w[i % 2] = sin(x[0] * i);
        s = 0.5 * sin(s * w[0]) + w[1] * v[1] * v[0] * x[t];
        v[0] = s;
        s += 0.1 * v[0] * v[1];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

#define PRINT(name)                                                           \
    do {                                                                      \
        double x[11], d_x[11] = {0};                                          \
        for (int i = 0; i < 11; i++)                                          \
            x[i] = 0.3 + 0.05 * i;                                            \
        printf("%a\n", name##_grad(11, x, d_x));                              \
        for (int i = 0; i < 11; i++)                                          \
            printf("%a\n", d_x[i]);                                           \
    } while (0)

int main(void)
{
    CHECK_STANDARD(transposed, -1, 1);
    CHECK_SECOND(transposed, -1, 1);
    CHECK_STANDARD(twice, -1, 1);
    CHECK_STANDARD(by_iteration, 0, 1);
    CHECK_STANDARD(changed_later, 0, 1);
    CHECK_STANDARD(changed_outside, 0, 1);
    CHECK_STANDARD(sometimes, 0, 1);
    PRINT(transposed);
    PRINT(twice);
    PRINT(by_iteration);
    PRINT(changed_later);
    PRINT(changed_outside);
    PRINT(sometimes);
    return check_done();
}
#endif

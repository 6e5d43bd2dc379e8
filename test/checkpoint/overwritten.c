// What steps write, each for itself, and something behind the loop overwrites:
// steps that are run again must not leave theirs behind.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <string.h>

enum { N = 5 };

// CHECK-LABEL: void parameter_grad(
// CHECK: grad_checkpoint_state(&loop, y, {{.*}}5
#pragma grad wrt(x) of(y[0:5])
void parameter(int s, double x, double *y)
{
    (void)s;
#pragma grad checkpoint snapshots(s)
    for (int i = 0; i < N; i++)
        y[i] = sin(x * i);
    for (int i = 0; i < N; i++)
        y[i] *= y[(i + 1) % N];
}

// A value that only the last step leaves.
#pragma grad wrt(x) of(y[0:5])
void last(int s, double x, double *y)
{
    (void)s;
#pragma grad checkpoint snapshots(s)
    for (int i = 0; i < N; i++) {
        y[0] = sin(x * i);
        x = x * y[0] + 0.5;
    }
    for (int i = 1; i < N; i++)
        y[i] = x * y[i - 1];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef void function(int s, double x, double *y);
typedef void gradient(int s, double x, double *d_x, double *y, double *d_y);

static void check(function *f, gradient *gradient, int s)
{
    const double x = 0.7, h = 1e-6;
    double y[N], up[N], down[N], again[N], d_x = 0, d_y[N], sum = 0;
    f(s, x, y);
    f(s, x + h, up);
    f(s, x - h, down);
    for (int i = 0; i < N; i++) {
        d_y[i] = 1 + i;
        sum += d_y[i] * (up[i] - down[i]) / (2 * h);
    }
    gradient(s, x, &d_x, again, d_y);
    CHECK_NEAR(d_x, sum, 1e-6);
    CHECK_TRUE(memcmp(y, again, sizeof y) == 0);
}

int main(void)
{
    for (int s = 1; s < 7; s++) {
        check(parameter, parameter_grad, s);
        check(last, last_grad, s);
    }
    return check_done();
}
#endif

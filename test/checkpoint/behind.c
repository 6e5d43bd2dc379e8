// What steps read and something behind the loop overwrites: steps are run again
// after that, so it is a part of the state.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 5 };

// CHECK-LABEL: double local_grad(
// CHECK: grad_checkpoint_state(&loop, &a, sizeof(double [5]));
// CHECK: grad_checkpoint_state(&loop, &y{{[0-9]+}}, sizeof(double));
// CHECK-NOT: grad_checkpoint_state
// CHECK-LABEL: double parameter_grad(
#pragma grad wrt(x)
double local(int n, int s, double *x)
{
    double a[N], kept[N], y = x[0];
    for (int i = 0; i < N; i++)
        a[i] = kept[i] = x[i];
    (void)s;
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < n; t++)
        y = sin(y) * a[t % N] + kept[(t + 1) % N];
    a[1] = y * y;
    for (int i = 2; i < N; i++)
        a[i] = 7;
    return y * a[1] * a[2] * a[3];
}

#pragma grad wrt(x)
double local_stored(int n, int s, double *x)
{
    double a[N], kept[N], y = x[0];
    for (int i = 0; i < N; i++)
        a[i] = kept[i] = x[i];
    (void)s;
    for (int t = 0; t < n; t++)
        y = sin(y) * a[t % N] + kept[(t + 1) % N];
    a[1] = y * y;
    for (int i = 2; i < N; i++)
        a[i] = 7;
    return y * a[1] * a[2] * a[3];
}

// A parameter, overwritten in a branch; only the elements that are read count.
// CHECK: grad_checkpoint_state(&loop, {{.*}}x, {{.*}}5
// CHECK-LABEL: double other_grad(
#pragma grad wrt(x[0:5])
double parameter(int n, int s, double *x)
{
    double y = x[0];
    (void)s;
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < n; t++)
        y = cos(y * x[t % N]);
    if (y > 0)
        memset(x, 0, N * sizeof *x);
    return y * (1 + x[0]);
}

#pragma grad wrt(x[0:5])
double parameter_stored(int n, int s, double *x)
{
    double y = x[0];
    (void)s;
    for (int t = 0; t < n; t++)
        y = cos(y * x[t % N]);
    if (y > 0)
        memset(x, 0, N * sizeof *x);
    return y * (1 + x[0]);
}

// Another marked loop overwrites it, on the heap.
#pragma grad wrt(x)
double other(int n, int s, double *x)
{
    double *a = malloc(N * sizeof *a), y = x[1];
    (void)s;
    if (!a)
        abort();
    for (int i = 0; i < N; i++)
        a[i] = x[i];
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < n; t++)
        y = y * a[t % N] + sin(y);
#pragma grad checkpoint snapshots(s)
    for (int t = 0; t < n; t++) {
        a[t % N] = 0.5 * y + a[(t + 1) % N] * a[t % N];
        y = cos(y) + a[t % N];
    }
    free(a);
    return y;
}

#pragma grad wrt(x)
double other_stored(int n, int s, double *x)
{
    double *a = malloc(N * sizeof *a), y = x[1];
    if (!a)
        abort();
    (void)s;
    for (int i = 0; i < N; i++)
        a[i] = x[i];
    for (int t = 0; t < n; t++)
        y = y * a[t % N] + sin(y);
    for (int t = 0; t < n; t++) {
        a[t % N] = 0.5 * y + a[(t + 1) % N] * a[t % N];
        y = cos(y) + a[t % N];
    }
    free(a);
    return y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef double loss(int n, int s, double *x);
typedef double gradient(int n, int s, double *x, double *d_x);

static void compare(loss *f, gradient *marked, gradient *stored, int n, int s)
{
    double x[3][N], d_x[2][N] = {{0}};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < N; i++)
            x[k][i] = 0.3 + 0.1 * i;
    double value = f(n, s, x[2]);
    CHECK_BITS(marked(n, s, x[0], d_x[0]), value);
    CHECK_BITS(stored(n, s, x[1], d_x[1]), value);
    for (int i = 0; i < N; i++) {
        CHECK_BITS(d_x[0][i], d_x[1][i]);
        CHECK_BITS(x[0][i], x[2][i]);
    }
}

int main(void)
{
    for (int n = 0; n < 14; n++)
        for (int s = 1; s < 6; s++) {
            compare(local, local_grad, local_stored_grad, n, s);
            compare(parameter, parameter_grad, parameter_stored_grad, n, s);
            compare(other, other_grad, other_stored_grad, n, s);
        }
    return check_done();
}
#endif

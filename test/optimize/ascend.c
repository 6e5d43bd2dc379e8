// Loops of the reverse sweep run first to last where the order of iterations
// does not matter: elements of their own, and, outside of other loops'
// mirrors, sums. Elsewhere they run last to first.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %gradcc --no-ascend %s -o %t_grad.c
// RUN: FileCheck %s --check-prefix=DOWN < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

// DOWN-LABEL: double own_grad(
// DOWN: for (int i = n - 1; i >= 0; i--)
// CHECK-LABEL: double own_grad(
// CHECK-NOT: i--
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double own(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i];
    return s;
}

// The adjoint of `scale` is a sum over the loop.
// CHECK-LABEL: double sum_grad(
// CHECK-NOT: i--
// CHECK: d_scale +=
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sum(int n, const double *x)
{
    double s = 0, scale = n ? exp(x[0]) : 1;
    for (int i = 0; i < n; i++)
        s += scale * x[i] * x[i];
    return s;
}

// Each iteration needs the adjoint that the next one leaves, in a variable or
// in memory.
// CHECK-LABEL: double recurrence_grad(
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double recurrence(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++)
        s = s * cos(x[i]);
    return s;
}

// CHECK-LABEL: double prefix_grad(
// CHECK: for (int i = n - 1; i >= 1; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double prefix(int n, const double *x)
{
    double a[12] = {n ? x[0] : 0}, s = 0;
    for (int i = 1; i < n; i++)
        a[i] = a[i - 1] * x[i];
    for (int i = 0; i < n; i++)
        s += a[i] * a[i];
    return s;
}

// Inside the mirror of a loop that knows its order: elements of their own only.
// CHECK-LABEL: double steps_grad(
// CHECK: for (int t = {{.*}}; t >= 0; t--)
// CHECK: for (int i = n - 1; i >= 0; i--) {
// CHECK: d_mean +=
// CHECK: for (int i = 0; i < n; i++)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double steps(int n, const double *x)
{
    double y[12], s = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    for (int t = 0; t < 5; t++) {
        double mean = 0;
        for (int i = 0; i < n; i++)
            mean += y[i] * y[i];
        mean /= n;
        for (int i = 0; i < n; i++)
            y[i] = sin(y[i] + mean);
    }
    for (int i = 0; i < n; i++)
        s += y[i];
    return s;
}

// A walk through memory that two iterations can share.
// CHECK-LABEL: double shared_grad(
// CHECK: for (int i = n - 1; i >= 0; i--)
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double shared(int n, const double *x)
{
    double a[4] = {1, 1, 1, 1}, s = 0;
    for (int i = 0; i < n; i++)
        a[i * 3 % 4] *= x[i];
    for (int i = 0; i < 4; i++)
        s += a[i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(own, -1, 1);
    CHECK_STANDARD(sum, -1, 1);
    CHECK_STANDARD(recurrence, -1, 1);
    CHECK_STANDARD(prefix, -1, 1);
    CHECK_STANDARD(steps, -1, 1);
    CHECK_STANDARD(shared, -1, 1);
    return check_done();
}
#endif

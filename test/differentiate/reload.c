// What was computed at a price and stored in memory that nothing overwrites is
// read again from there: no second copy is kept. It is kept where that memory
// changes, narrows the value, or ends.
//
// RUN: %gradcc --no-restore %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// CHECK-LABEL: double stored_grad(
// CHECK-NOT: exp_at
// CHECK: d_x[i] +=
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double stored(int n, const double *x)
{
    double e[12], s = 1;
    for (int i = 0; i < n; i++)
        e[i] = exp(x[i]);
    for (int i = 0; i < n; i++)
        s = sin(s) + e[i] * x[i];
    return s;
}

// Also what a loop leaves.
// CHECK-LABEL: double row_sums_grad(
// CHECK-NOT: {{sum_at|row_at}}
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double row_sums(int n, const double *x)
{
    double row[12], s = 0;
    for (int i = 0; i < n; i++) {
        double sum = 1;
        for (int j = 0; j <= i; j++)
            sum += x[j] * x[j];
        row[i] = sum;
        s += log(sum) * x[i];
    }
    for (int i = 0; i < n; i++)
        s += row[i];
    return s;
}

// Overwritten later, in another loop or a later iteration: kept.
// CHECK-LABEL: double overwritten_grad(
// CHECK: exp_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double overwritten(int n, const double *x)
{
    double e[12], last = 0, s = 0;
    for (int i = 0; i < n; i++) {
        e[i] = exp(x[i]);
        e[(i * 5) % 12] = last = exp(0.5 * x[i]) * e[i / 2];
        s = sin(s) + e[i] + last;
    }
    return s;
}

// A float does not give back a double.
// CHECK-LABEL: double narrowed_grad(
// CHECK: t_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double narrowed(int n, const double *x)
{
    float e[12];
    double s = 1;
    for (int i = 0; i < n; i++) {
        double t = exp(x[i]);
        e[i] = (float)t;
        s = sin(s) + t + (e[i] > 1 ? t * x[i] : 0);
    }
    return s;
}

// The array ends with each iteration.
// CHECK-LABEL: double ended_grad(
// CHECK: exp_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ended(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++) {
        double e[3];
        for (int j = 0; j < 3; j++)
            e[j] = exp(x[i] * (j + 1) * 0.1);
        s = sin(s) + e[i % 3] * e[0] + e[1] * e[2];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(stored, -1, 1);
    CHECK_STANDARD(row_sums, -0.5, 0.5);
    CHECK_STANDARD(overwritten, -0.3, 0.3);
    CHECK_STANDARD(narrowed, -1, 1);
    CHECK_STANDARD(ended, -1, 1);
    return check_done();
}
#endif

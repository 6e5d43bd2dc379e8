// Recursion: direct, mutual, with values, with pointers that step, in place. The
// callee becomes a function that fills the tape and one that runs backwards.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: FileCheck %s --check-prefix=HEADER < %t_grad.h
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

// CHECK: static double power_forward(double x, int k, GradTape *tape);
// CHECK: static void power_reverse(GradTape *tape, double d_result, double *d_x);
// HEADER-NOT: power
static double power(double x, int k)
{
    if (k == 0)
        return 1;
    return k % 2 ? x * power(x, k - 1) : power(x * x, k / 2);
}

static double odd(const double *x, int n, double w);
static double even(const double *x, int n, double w)
{
    if (n <= 0)
        return w;
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * w;
    return s * odd(x + 1, n - 1, sin(s));
}
static double odd(const double *x, int n, double w)
{
    return n <= 0 ? w * w : even(x + 1, n - 1, w * x[0]) + w;
}
static void sort_of(double *a, int n)
{
    if (n < 2)
        return;
    int h = n / 2;
    sort_of(a, h);
    sort_of(a + h, n - h);
    for (int i = 0; i < h; i++) {
        double t = a[i];
        a[i] = a[i + h] * 0.5 + t;
        a[i + h] = sin(a[i]) - t;
    }
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double recursion(int n, const double *x)
{
    double a[16], s = 0;
    double *b = malloc((n + 1) * sizeof *b);
    for (int i = 0; i < n; i++)
        a[i] = b[i] = x[i] * (i + 1) * 0.3;
    for (int k = 0; k < 2; k++) {
        sort_of(a, n);
        if (n > 1)
            sort_of(b + 1, n - 1);
    }
    for (int i = 0; i < n; i++)
        s += a[i] * b[i];
    free(b);
    for (int i = 0; i < n; i++)
        s += power(x[i], i) * x[0];
    return s + even(x, n, 0.7);
}
#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(recursion, -1, 1);
    CHECK_SECOND(recursion, -1, 1);
    return check_done();
}
#endif

// Scratch memory that an iteration does not write for certain holds what an
// earlier one has left there, though it lies beside what is written.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
double branch(int n, int k, const double *x, const int *when)
{
    double a[4] = {0}, sum = 0;
    for (int i = 0; i < n; i++) {
        a[k] = x[i];
        if (when[i])
            a[k + 1] = x[i] * x[i];
        sum += sin(a[k] * a[k + 1]);
    }
    return sum;
}

// In the other branch, and a whole stretch of elements.
#pragma grad wrt(x)
double stretch(int n, int k, const double *x, const int *when)
{
    double a[8] = {0}, sum = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < k; j++)
            a[j] = x[i] * j;
        if (!when[i])
            sum += x[i];
        else
            for (int j = k; j < k + 2; j++)
                a[j] = cos(x[i]) + j;
        for (int j = 0; j < k + 2; j++)
            sum += sin(a[j] * x[i]);
    }
    return sum;
}

// Before a loop that runs until something.
#pragma grad wrt(x)
double until(int n, int k, const double *x, const int *when)
{
    double a[4] = {0}, sum = 0;
    for (int i = 0; i < n; i++) {
        int left = when[i];
        a[k] = x[i];
        while (left > 0) {
            a[k + 1] = x[i] * left;
            left -= 2;
        }
        sum += sin(a[k] * a[k + 1]);
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { N = 6 };

static const int when[N] = {1, 0, 3, 0, 0, 1};

#define CHECK_ONE(f)                                           \
    static double f##_of(const double *x, void *context)       \
    {                                                          \
        (void)context;                                         \
        return f(N, 2, x, when);                               \
    }                                                          \
    static void check_##f(double *x)                           \
    {                                                          \
        double g[N] = {0};                                     \
        CHECK_BITS(f##_grad(N, 2, x, g, when), f##_of(x, 0));  \
        CHECK_DIFFERENCES(f##_of, NULL, N, x, g, 1e-7);        \
    }

CHECK_ONE(branch)
CHECK_ONE(stretch)
CHECK_ONE(until)

int main(void)
{
    struct rng rng = {4};
    double x[N];
    rng_fill(&rng, N, x, -1, 1);
    check_branch(x);
    check_stretch(x);
    check_until(x);
    return check_done();
}
#endif

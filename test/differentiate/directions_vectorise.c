// Several directions: the loops over them are contiguous, and gcc vectorises
// each, where the number of directions is a parameter, and where it is known.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc -O3 -fno-trapping-math -fopt-info-vec-optimized -c %t_grad.c -o %t.o 2> %t.vectors
// RUN: grep -c '^        for (int [jk] = 0' %t_grad.c > %t.counts
// RUN: sed -n 's/.*_grad.c:\([0-9]*\):.*vectorized.*/\1/p' %t.vectors | sort -u | wc -l >> %t.counts
// RUN: FileCheck %s < %t.counts
// CHECK: [[LOOPS:[0-9]+]]
// CHECK-NEXT: [[LOOPS]]
#include <math.h>

#pragma grad forward wrt(x) of(y) directions(k)
void mixed(int n, int k, const double *x, double *y)
{
    (void)k;
    for (int i = 1; i < n; i++) {
        double t = tanh(x[i] * x[i - 1]) + x[i] / (1 + x[i] * x[i]);
        y[i] = t * exp(-x[i]) + sqrt(1 + t * t);
    }
}

#pragma grad forward wrt(x) of(y) directions(16)
void known(int n, const double *x, double *y)
{
    for (int i = 1; i < n; i++) {
        double t = tanh(x[i] * x[i - 1]) + x[i] / (1 + x[i] * x[i]);
        y[i] = t * exp(-x[i]) + sqrt(1 + t * t);
    }
}

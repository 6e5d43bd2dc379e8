// Library functions that get active values, with a way out.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: test ! -e %t.c
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// CHECK: :[[@LINE+7]]:5: error: the call of 'qsort' carries derivatives, but its body is not known
// CHECK: note: sort an array of indices, and read the values through it
#pragma grad wrt(x)
double sorted(int n, const double *x) {
    double a[8];
    for (int i = 0; i < n; i++)
        a[i] = x[i];
    qsort(a, n, sizeof *a, compare);
    return a[0] * a[n / 2];
}

// CHECK: :[[@LINE+4]]:5: error: the call of 'bsearch' carries derivatives, but its body is not known
// CHECK: note: search for the index, in values that carry no derivative
#pragma grad wrt(x[0:n])
double found(int n, const double *x, double key) {
    const double *at = bsearch(&key, x, n, sizeof *x, compare);
    return at ? *at : 0;
}

double any(int n, ...);

// CHECK: :[[@LINE+3]]:5: error: the call of 'any' carries derivatives, but its body is not known
#pragma grad wrt(x)
double variadic(double x) {
    return any(2, x, 3.0);
}

// CHECK: :[[@LINE+3]]:5: error: the call of 'strtod' carries derivatives
#pragma grad wrt(x)
double through_text(double x, char *buffer) {
    x += strtod(buffer, NULL);
    snprintf(buffer, 20, "%g", x);
    return x;
}

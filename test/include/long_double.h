// long_double.h - sources written in double, compiled in long double, so that
// differences have digits to lose: a reference to compare gradients with that
// shares nothing with gradcc.
//
//     #include "long_double.h"
//     #define double long double
//     #define objective objective_long
//     #include "objective.c"
//     #undef double
//
// Math functions follow their arguments, by tgmath.h. All standard headers
// that the source includes must be included before `double` is redefined;
// the usual ones are, here.
#ifndef LONG_DOUBLE_H
#define LONG_DOUBLE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>
#undef I // of complex.h: a name like any other

typedef long double long_double_function(const long double *x, void *context);

// The derivative of f by x[i]: central differences of order 4. In steps of
// 3e-4, truncation and rounding both leave about 1e-15, if f and its
// derivatives are of moderate size. x is moved and put back.
static inline long double long_double_difference(long_double_function *f,
                                                 void *context, long double *x,
                                                 int i) {
    long double at = x[i];
    long double step = 3e-4L * fmaxl(1, fabsl(at));
    long double value[4];
    for (int k = 0; k < 4; k++) {
        static const int steps[] = {-2, -1, 1, 2};
        x[i] = at + steps[k] * step;
        value[k] = f(x, context);
    }
    x[i] = at;
    return (8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * step);
}

// The gradient at x.
static inline void long_double_gradient(long_double_function *f, void *context,
                                        int n, const double *x,
                                        double *gradient) {
    long double *moved = malloc(((size_t)n + 1) * sizeof *moved);
    if (moved == NULL) {
        fprintf(stderr, "no memory for differences\n");
        exit(2);
    }
    for (int i = 0; i < n; i++)
        moved[i] = x[i];
    for (int i = 0; i < n; i++)
        gradient[i] = (double)long_double_difference(f, context, moved, i);
    free(moved);
}

#endif

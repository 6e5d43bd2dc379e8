// hvp.c - what a Hessian times a vector costs, in evaluations of the function,
// for growing n; and four at once. Prints; checks nothing.
//
//     gradcc hvp.c && cc -O3 -march=native -DTEST_MAIN hvp.c hvp_grad.c -lm
#include <math.h>
#include <stdlib.h>
#include <string.h>

// A chain of oscillators: few operations for each number that is read.
#pragma grad wrt(x)
#pragma grad hvp wrt(x)
#pragma grad hvp wrt(x) directions(4) name(chain_hvp4)
double chain(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i + 1 < n; i++) {
        double d = x[i + 1] - x[i];
        s += 0.5 * d * d + 0.25 * d * d * d * d + 1 - cos(x[i]);
    }
    return s;
}

// Steps in time over an array in place: everything is stored.
#pragma grad wrt(x)
#pragma grad hvp wrt(x)
#pragma grad hvp wrt(x) directions(4) name(steps_hvp4)
double steps(int n, const double *x)
{
    double *u = malloc((size_t)(n + 1) * sizeof *u), s = 0;
    memcpy(u, x, (size_t)n * sizeof *u);
    for (int t = 0; t < 10; t++)
        for (int i = 1; i + 1 < n; i++)
            u[i] = sin(u[i]) + 0.1 * u[i - 1] * u[i + 1];
    for (int i = 0; i < n; i++)
        s += u[i] * u[i];
    free(u);
    return s;
}

#ifdef TEST_MAIN
#include "hvp_grad.h"

#include <stdio.h>
#include <time.h>

typedef double function(int n, const double *x);
typedef double gradient(int n, const double *x, double *d_x);
typedef double product(int n, const double *x, const double *v_x, double *d_x,
                       double *h_x);

static double now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, function *f, gradient *g, product *h,
                    product *h4, int n)
{
    enum { REPETITIONS = 15 };
    double times[4][REPETITIONS], middle[4];
    double *x = calloc((size_t)n, sizeof *x), *v = calloc(4 * (size_t)n, 8);
    double *d = calloc((size_t)n, sizeof *d), *r = calloc(4 * (size_t)n, 8);
    volatile double sink;
    for (int i = 0; i < n; i++)
        x[i] = sin(i);
    for (int i = 0; i < 4 * n; i++)
        v[i] = cos(i);
    int inner = 1 + 100000 / n;
    for (int k = 0; k < REPETITIONS; k++)
        for (int which = 0; which < 4; which++) {
            double start = now();
            for (int i = 0; i < inner; i++)
                sink = which == 0   ? f(n, x)
                       : which == 1 ? g(n, x, d)
                       : which == 2 ? h(n, x, v, d, r)
                                    : h4(n, x, v, d, r);
            times[which][k] = (now() - start) / inner;
        }
    (void)sink;
    for (int which = 0; which < 4; which++) {
        qsort(times[which], REPETITIONS, sizeof(double), by_size);
        middle[which] = times[which][REPETITIONS / 2];
    }
    printf("%-6s n = %7d: f %9.3g us, gradient %5.2f f, H v %5.2f f, "
           "four H v %5.2f f\n",
           name, n, 1e6 * middle[0], middle[1] / middle[0],
           middle[2] / middle[0], middle[3] / middle[0]);
    free(x), free(v), free(d), free(r);
}

int main(void)
{
    for (int n = 100; n <= 100000; n *= 10) {
        measure("chain", chain, chain_grad, chain_hvp, chain_hvp4, n);
        measure("steps", steps, steps_grad, steps_hvp, steps_hvp4, n);
    }
    return 0;
}
#endif

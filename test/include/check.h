// check.h - what the main() of a test says: it compares numbers, prints every
// one that is wrong and where, and ends with `return check_done();`.
//
// A test is one file: the annotated functions, which gradcc reads, and behind
// `#ifdef TEST_MAIN` a main() that calls what gradcc made of them:
//
//     // RUN: %gradcc %s -o %t_grad.c
//     // RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
//
//     #pragma grad wrt(x)
//     double f(double x) { return x * x; }
//
//     #ifdef TEST_MAIN
//     #include GENERATED_HEADER
//     #include "check.h"
//     int main(void)
//     {
//         double d_x = 0;
//         CHECK_BITS(f_grad(3, &d_x), f(3));
//         CHECK_CLOSE(d_x, 6, 1e-15);
//         return check_done();
//     }
//     #endif
//
// The generated header repeats the types that the source defines; a test whose
// annotated functions take such types defines GRADCC_NO_TYPES before including
// it. Numbers are compared in double; a NaN is never right.
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Comparing ----

static int check_count;
static int check_failures;

static inline bool check_report(bool right, const char *file, int line,
                                const char *name, double got, double want) {
    check_count++;
    if (!right) {
        check_failures++;
        printf("%s:%d: %s is %.17g, not %.17g (off by %.2g)\n", file, line,
               name, got, want, got - want);
    }
    return right;
}

static inline bool check_close_at(const char *file, int line, const char *name,
                                  double got, double want, double tolerance) {
    bool right = got == want || fabs(got - want) <= tolerance * fabs(want);
    return check_report(right, file, line, name, got, want);
}

static inline bool check_near_at(const char *file, int line, const char *name,
                                 double got, double want, double tolerance) {
    bool right = got == want || fabs(got - want) <= tolerance;
    return check_report(right, file, line, name, got, want);
}

static inline bool check_bits_at(const char *file, int line, const char *name,
                                 double got, double want) {
    bool right = memcmp(&got, &want, sizeof got) == 0 && got == got;
    return check_report(right, file, line, name, got, want);
}

static inline bool check_true_at(const char *file, int line, const char *text,
                                 bool holds) {
    check_count++;
    if (!holds) {
        check_failures++;
        printf("%s:%d: not true: %s\n", file, line, text);
    }
    return holds;
}

static inline bool check_array_at(const char *file, int line, const char *name,
                                  int n, const double *got, const double *want,
                                  double tolerance) {
    double scale = 0;
    for (int i = 0; i < n; i++)
        scale = fmax(scale, fabs(want[i]));
    bool right = true;
    for (int i = 0; i < n; i++) {
        char entry[64];
        snprintf(entry, sizeof entry, "%.40s[%d]", name, i);
        right &= check_near_at(file, line, entry, got[i], want[i],
                               tolerance * scale);
    }
    return right;
}

// Each takes the value that was found and the one that is right, and returns
// whether they agree.

// Relative: |got - want| <= tolerance * |want|. Zero must be met exactly.
#define CHECK_CLOSE(got, want, tolerance) \
    check_close_at(__FILE__, __LINE__, #got, got, want, tolerance)

// Absolute: |got - want| <= tolerance.
#define CHECK_NEAR(got, want, tolerance) \
    check_near_at(__FILE__, __LINE__, #got, got, want, tolerance)

// The same double, bit for bit: +0 is not -0.
#define CHECK_BITS(got, want) check_bits_at(__FILE__, __LINE__, #got, got, want)

// n entries, each within tolerance times the largest entry of want.
#define CHECK_ARRAY(n, got, want, tolerance) \
    check_array_at(__FILE__, __LINE__, #got, n, got, want, tolerance)

// Anything else.
#define CHECK_TRUE(condition) \
    check_true_at(__FILE__, __LINE__, #condition, condition)

// The exit status of main: 0 if all checks held. A test that checked nothing
// has failed, too.
static inline int check_done(void) {
    if (check_count == 0)
        printf("no check was made\n");
    if (check_failures > 0)
        printf("%d of %d checks failed\n", check_failures, check_count);
    return check_count == 0 || check_failures > 0;
}

// ---- Random numbers: the same everywhere, from any seed ----

struct rng {
    uint64_t state; // the seed
};

// Steele, Lea and Flood 2014, "splitmix64".
static inline uint64_t rng_bits(struct rng *rng) {
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Uniform on [low, high).
static inline double rng_uniform(struct rng *rng, double low, double high) {
    return low + (high - low) * ((double)(rng_bits(rng) >> 11) * 0x1p-53);
}

// Of mean 0 and variance 1: Box and Muller 1958.
static inline double rng_normal(struct rng *rng) {
    double radius = sqrt(-2 * log(1 - rng_uniform(rng, 0, 1)));
    return radius * cos(rng_uniform(rng, 0, 6.283185307179586));
}

static inline void rng_fill(struct rng *rng, int n, double *x, double low,
                            double high) {
    for (int i = 0; i < n; i++)
        x[i] = rng_uniform(rng, low, high);
}

static inline double check_dot(int n, const double *x, const double *y) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

// ---- Gradients against the function itself ----

// The function of n variables that a gradient belongs to; context is whatever
// the test passed along.
typedef double check_function(const double *x, void *context);

// The gradient against central differences, each entry within tolerance times
// the largest one. The step that balances truncation against rounding leaves
// about 1e-9 for a smooth function of moderate size, so 1e-7 is a fair
// tolerance. x is moved and put back.
static inline bool check_differences_at(const char *file, int line,
                                        const char *name, check_function *f,
                                        void *context, int n, double *x,
                                        const double *gradient,
                                        double tolerance) {
    double *difference = calloc((size_t)n + 1, sizeof *difference);
    if (!check_true_at(file, line, "memory for differences",
                       difference != NULL))
        return false;
    for (int i = 0; i < n; i++) {
        double at = x[i];
        double step = 6e-6 * fmax(1, fabs(at));
        x[i] = at + step;
        double above = f(x, context);
        x[i] = at - step;
        double below = f(x, context);
        x[i] = at;
        difference[i] = (above - below) / ((at + step) - (at - step));
    }
    bool right =
        check_array_at(file, line, name, n, gradient, difference, tolerance);
    free(difference);
    return right;
}

#define CHECK_DIFFERENCES(f, context, n, x, gradient, tolerance)          \
    check_differences_at(__FILE__, __LINE__, #gradient, f, context, n, x, \
                         gradient, tolerance)

// The lowest slope of the remainder f(x + h v) - f(x) - h along, on a log-log
// scale, while h is halved from 2^-7 to 2^-14; 2 where it is only rounding.
static inline double check_slope(check_function *f, void *context, int n,
                                 const double *x, const double *v, double along,
                                 double *moved) {
    double at = f(x, context);
    double lowest = 2;
    double last = 0;
    for (double h = 0x1p-7; h > 0x1p-15; h /= 2) {
        for (int i = 0; i < n; i++)
            moved[i] = x[i] + h * v[i];
        double value = f(moved, context);
        double remainder = fabs(value - at - h * along);
        if (isnan(remainder))
            return NAN;
        if (remainder <= 1e-12 * (fabs(at) + fabs(value)))
            break;
        if (h < 0x1p-7)
            lowest = fmin(lowest, log2(last / remainder));
        last = remainder;
    }
    return lowest;
}

// The Taylor test: along a random direction v, f(x + h v) - f(x) - h g'v must
// fall with the square of h; a wrong g leaves a term of order h. It is taken
// along -v, too, for a term of order h may cancel some of the square on one
// side, but not on both. f should be smooth within 2^-7 of x.
static inline bool check_taylor_at(const char *file, int line,
                                   check_function *f, void *context, int n,
                                   const double *x, const double *gradient,
                                   struct rng *rng) {
    double *v = calloc((size_t)n + 1, sizeof *v);
    double *moved = calloc((size_t)n + 1, sizeof *moved);
    bool right = check_true_at(file, line, "memory for a direction",
                               v != NULL && moved != NULL);
    if (right) {
        rng_fill(rng, n, v, -1, 1);
        double along = check_dot(n, gradient, v);
        double up = check_slope(f, context, n, x, v, along, moved);
        for (int i = 0; i < n; i++)
            v[i] = -v[i];
        double down = check_slope(f, context, n, x, v, -along, moved);
        double slope = isnan(up) || isnan(down) ? NAN : fmin(up, down);
        right = check_report(slope > 1.9, file, line,
                             "slope of the Taylor remainder", slope, 2);
    }
    free(v);
    free(moved);
    return right;
}

#define CHECK_TAYLOR(f, context, n, x, gradient, rng) \
    check_taylor_at(__FILE__, __LINE__, f, context, n, x, gradient, rng)

#endif

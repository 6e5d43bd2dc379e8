// bench.h - what a problem of test/bench is: a function, the gradient that
// gradcc generated for it, and one written by hand. A problem's file defines
// `bench`; run.py compiles it, and the function and the gradient, once for
// each set of flags, and bench.c runs them all.
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct bench_row {
    const char *name;
    int sizes[4];
};

struct bench {
    const struct bench_row *rows; // up to one without a name
    size_t element;               // sizeof(float) or sizeof(double)
    double tolerance; // of a gradient, relative to its largest entry
    // Makes the arguments; the same ones each time. They live until the end.
    void *(*make)(const int *sizes);
    // How many numbers a gradient has.
    size_t (*outputs)(const void *problem);
    double (*primal)(void *problem);
    // Assign the gradient, and return the value.
    double (*generated)(void *problem, void *gradient);
    double (*by_hand)(void *problem, void *gradient);
    // The same computation at sizes that grow tenfold, or null.
    const struct bench_row *growing;
};

extern const struct bench bench;

// Uniform numbers, the same ones on each run.
static inline double bench_uniform(unsigned long long *state, double low,
                                   double high) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return low + (high - low) * (double)(*state >> 11) * 0x1p-53;
}

static inline void *bench_allocate(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

static inline double *bench_doubles(unsigned long long *state, size_t n,
                                    double low, double high) {
    double *x = bench_allocate(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = bench_uniform(state, low, high);
    return x;
}

static inline float *bench_floats(unsigned long long *state, size_t n,
                                  double low, double high) {
    float *x = bench_allocate(n, sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)bench_uniform(state, low, high);
    return x;
}

#endif

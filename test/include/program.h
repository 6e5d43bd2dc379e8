// program.h - the proof for a program: a scalar function whose parameters,
// however it takes them, are packed into one array x of n entries. Checked are
// the primal's value bit for bit in both modes; reverse against forward mode
// by the dot product, to rounding; reverse mode against differences of the
// eighth order, entry by entry to 1e-8; and that the gradient is added.
#ifndef PROGRAM_H
#define PROGRAM_H

#include "check.h"

#include <time.h>

typedef struct program {
    const char *name;
    int n;
    double step; // of the differences, for an entry of size 1 or less
    // Their context is `sizes`.
    check_function *value;
    // Adds the gradient to g.
    double (*gradient)(const double *x, double *g, void *sizes);
    // Puts the derivative along v into *along.
    double (*tangent)(const double *x, const double *v, double *along,
                      void *sizes);
    void *sizes;
} program;

// The derivative by entry i, of order 8. x is moved and put back.
static inline double program_difference(const program *p, double *x, int i) {
    static const double weights[] = {4. / 5, -1. / 5, 4. / 105, -1. / 280};
    double at = x[i], step = p->step * fmax(1, fabs(at)), sum = 0;
    for (int k = 0; k < 4; k++) {
        x[i] = at + (k + 1) * step;
        double above = p->value(x, p->sizes);
        x[i] = at - (k + 1) * step;
        sum += weights[k] * (above - p->value(x, p->sizes));
    }
    x[i] = at;
    return sum / step;
}

// Each entry within 1e-8 of itself; one that is small beside the largest, and
// beside the value, within the rounding of the differences.
static inline void program_differences(const program *p, double *x,
                                       const double *g, double value) {
    double largest = 0;
    for (int i = 0; i < p->n; i++)
        largest = fmax(largest, fabs(g[i]));
    double noise = 1e-10 * largest + 2e-14 * fabs(value) / p->step;
    for (int i = 0; i < p->n; i++) {
        double want = program_difference(p, x, i);
        char entry[64];
        snprintf(entry, sizeof entry, "%.40s by x[%d]", p->name, i);
        check_near_at(__FILE__, __LINE__, entry, g[i], want,
                      1e-8 * fabs(want) + noise);
    }
}

static inline double *program_memory(int n) {
    double *x = calloc((size_t)n + 1, sizeof *x);
    if (!x)
        abort();
    return x;
}

// All checks at x, which is moved and put back.
static inline void program_check(const program *p, double *x, struct rng *rng) {
    double *before = program_memory(p->n), *g = program_memory(p->n);
    double *v = program_memory(p->n), along = NAN, size = 0;
    rng_fill(rng, p->n, before, -1, 1);
    memcpy(g, before, (size_t)p->n * sizeof *g);
    double value = p->value(x, p->sizes);
    check_true_at(p->name, p->n, "the value is finite", isfinite(value));
    check_bits_at(p->name, p->n, "value, reverse", p->gradient(x, g, p->sizes),
                  value);
    for (int i = 0; i < p->n; i++)
        g[i] -= before[i];
    for (int k = 0; k < 3; k++) {
        rng_fill(rng, p->n, v, -1, 1);
        check_bits_at(p->name, p->n, "value, forward",
                      p->tangent(x, v, &along, p->sizes), value);
        for (int i = 0; i < p->n; i++)
            size += fabs(g[i] * v[i]) + 1e-3 * fabs(v[i]);
        check_near_at(p->name, p->n, "dot product", check_dot(p->n, g, v),
                      along, 1e-12 * size);
    }
    program_differences(p, x, g, value);
    free(before);
    free(g);
    free(v);
}

static inline double program_now(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int program_by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Not a check: prints how many times the value's time its gradient takes, from
// the medians of runs in turn. Compile with the flags that are to be measured.
static inline void program_time(const program *p, const double *x) {
    enum { REPETITIONS = 31 };
    double values[REPETITIONS], gradients[REPETITIONS];
    double *g = program_memory(p->n);
    volatile double sink;
    for (int i = 0; i < REPETITIONS; i++) {
        double start = program_now();
        sink = p->value(x, p->sizes);
        double between = program_now();
        sink = p->gradient(x, g, p->sizes);
        gradients[i] = program_now() - between;
        values[i] = between - start;
    }
    (void)sink;
    free(g);
    qsort(values, REPETITIONS, sizeof *values, program_by_size);
    qsort(gradients, REPETITIONS, sizeof *gradients, program_by_size);
    double f = values[REPETITIONS / 2], df = gradients[REPETITIONS / 2];
    printf("%s, n = %d: primal %.3g ms, gradient %.3g ms, ratio %.2f\n",
           p->name, p->n, 1e3 * f, 1e3 * df, df / f);
}

#endif

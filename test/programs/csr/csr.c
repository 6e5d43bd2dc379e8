// The largest eigenvalue of a sparse matrix, by power iteration. The matrix is
// stored by compressed rows.
#include <math.h>
#include <stdlib.h>

// Row i has the entries row_start[i] to row_start[i + 1] - 1 of column and
// value.
struct csr {
    int rows;
    const int *row_start;
    const int *column;
    const double *value;
};

// y = A x.
static void multiply(const struct csr *a, const double *x, double *y) {
    for (int i = 0; i < a->rows; i++) {
        double sum = 0;
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++)
            sum += a->value[k] * x[a->column[k]];
        y[i] = sum;
    }
}

static double dot(int n, const double *x, const double *y) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

// The Rayleigh quotient after at most `most` iterations from x, or fewer, when
// it changes by less than the tolerance. x is left at the last vector.
#pragma grad wrt(a, x) of(return, x)
#pragma grad forward wrt(a, x) of(return, x)
double power_iteration(const struct csr *a, double *x, int most,
                       double tolerance) {
    int n = a->rows;
    double *y = calloc((size_t)n, sizeof *y);
    if (!y && n > 0)
        return 0;
    double quotient = 0;
    for (int iteration = 0; iteration < most; iteration++) {
        multiply(a, x, y);
        double last = quotient;
        quotient = dot(n, x, y) / dot(n, x, x);
        double norm = sqrt(dot(n, y, y));
        for (int i = 0; i < n; i++)
            x[i] = y[i] / norm;
        if (fabs(quotient - last) <= tolerance)
            break;
    }
    free(y);
    return quotient;
}

// The same matrix in coordinates, transposed: y is scattered to.
#pragma grad wrt(value, x)
#pragma grad forward wrt(value, x)
double scattered_norm(int n, int entries, const int *row, const int *column,
                      const double *value, const double *x) {
    double y[n + 1];
    for (int i = 0; i < n; i++)
        y[i] = 0;
    for (int k = 0; k < entries; k++)
        y[column[k]] += value[k] * x[row[k]];
    return sqrt(1 + dot(n, y, y));
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "program.h"

enum { ROWS = 20000, ENTRIES = 5 * ROWS };

typedef struct {
    struct csr a;
    int entries, iterations;
    double tolerance;
    const int *row;
} Sizes;

// The eigenvalue, plus the last vector weighted by 1, 1/2, 1/3, ...
static double value(const double *p, void *sizes) {
    const Sizes *s = sizes;
    static double x[ROWS];
    struct csr a = s->a;
    a.value = p + a.rows;
    memcpy(x, p, (size_t)a.rows * sizeof *x);
    double sum = power_iteration(&a, x, s->iterations, s->tolerance);
    for (int i = 0; i < a.rows; i++)
        sum += x[i] / (i + 1);
    return sum;
}

static double gradient(const double *p, double *g, void *sizes) {
    const Sizes *s = sizes;
    static double x[ROWS], d_x[ROWS];
    struct csr a = s->a, d_a = s->a;
    a.value = p + a.rows;
    d_a.value = g + a.rows;
    memcpy(x, p, (size_t)a.rows * sizeof *x);
    for (int i = 0; i < a.rows; i++)
        d_x[i] = 1. / (i + 1);
    double sum =
        power_iteration_grad(&a, &d_a, x, d_x, s->iterations, s->tolerance);
    for (int i = 0; i < a.rows; i++) {
        sum += x[i] / (i + 1);
        g[i] += d_x[i];
    }
    return sum;
}

static double tangent(const double *p, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    static double x[ROWS], d_x[ROWS];
    struct csr a = s->a, d_a = s->a;
    a.value = p + a.rows;
    d_a.value = v + a.rows;
    memcpy(x, p, (size_t)a.rows * sizeof *x);
    memcpy(d_x, v, (size_t)a.rows * sizeof *x);
    double sum = power_iteration_fwd(&a, &d_a, x, d_x, s->iterations,
                                     s->tolerance, along);
    for (int i = 0; i < a.rows; i++) {
        sum += x[i] / (i + 1);
        *along += d_x[i] / (i + 1);
    }
    return sum;
}

static double norm(const double *p, void *sizes) {
    const Sizes *s = sizes;
    int n = s->a.rows;
    return scattered_norm(n, s->entries, s->row, s->a.column, p + n, p);
}

static double norm_gradient(const double *p, double *g, void *sizes) {
    const Sizes *s = sizes;
    int n = s->a.rows;
    return scattered_norm_grad(n, s->entries, s->row, s->a.column, p + n, g + n,
                               p, g);
}

static double norm_tangent(const double *p, const double *v, double *along,
                           void *sizes) {
    const Sizes *s = sizes;
    int n = s->a.rows;
    return scattered_norm_fwd(n, s->entries, s->row, s->a.column, p + n, v + n,
                              p, v, along);
}

// A random pattern: a diagonal and up to four more entries a row.
static Sizes pattern(struct rng *rng, int n, int iterations, double tolerance) {
    static int row_start[ROWS + 1], row[ENTRIES], column[ENTRIES];
    int k = 0;
    for (int i = 0; i < n; i++) {
        row_start[i] = k;
        int others = (int)(rng_bits(rng) % 5);
        for (int j = 0; j <= others; j++) {
            row[k] = i;
            column[k++] = j ? (int)(rng_bits(rng) % (unsigned)n) : i;
        }
    }
    row_start[n] = k;
    return (Sizes){.a = {n, row_start, column, NULL},
                   .entries = k,
                   .iterations = iterations,
                   .tolerance = tolerance,
                   .row = row};
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {7};
    static double p[ROWS + ENTRIES];
    rng_fill(&rng, ROWS + ENTRIES, p, 0.5, 1.5);
    static const struct {
        int n, iterations;
        double tolerance;
    } cases[] = {{0, 0, 0},  {1, 1, 0},      {1, 4, 0},    {5, 0, 0},
                 {9, 12, 0}, {7, 100, 0.02}, {ROWS, 50, 0}};
    for (int k = argc > 1 ? 6 : 0; k < (argc > 1 ? 7 : 6); k++) {
        Sizes s =
            pattern(&rng, cases[k].n, cases[k].iterations, cases[k].tolerance);
        int n = s.a.rows + s.entries;
        program whole = {"csr", n, 1e-3, value, gradient, tangent, &s};
        program once = {"scatter",    n, 1e-3, norm, norm_gradient,
                        norm_tangent, &s};
        if (argc > 1) {
            program_time(&whole, p);
            program_time(&once, p);
        } else {
            program_check(&whole, p, &rng);
            program_check(&once, p, &rng);
        }
    }
    return argc > 1 ? 0 : check_done();
}
#endif

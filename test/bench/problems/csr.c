// Power iteration with a sparse matrix. By hand: each iteration's vector and
// its length stay in memory.
//
// primal: ../../programs/csr/csr.c
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

double power_iteration(const struct csr *a, double *x, int most,
                       double tolerance);

enum { ENTRIES = 5 }; // a row

struct problem {
    int n, most;
    int *row_start, *column;
    double *value, *start, *x;
};

static void *make(const int *sizes) {
    unsigned long long s = 10;
    struct problem *p = bench_allocate(1, sizeof *p);
    int n = p->n = sizes[0];
    p->most = sizes[1];
    p->start = bench_doubles(&s, (size_t)n, 0.5, 1.5);
    p->value = bench_doubles(&s, (size_t)(n * ENTRIES), 0.5, 1.5);
    p->x = bench_allocate((size_t)n, sizeof *p->x);
    p->row_start = bench_allocate((size_t)n + 1, sizeof(int));
    p->column = bench_allocate((size_t)(n * ENTRIES), sizeof(int));
    for (int i = 0; i <= n; i++)
        p->row_start[i] = i * ENTRIES;
    for (int k = 0; k < n * ENTRIES; k++)
        p->column[k] = (int)bench_uniform(&s, 0, n);
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)(p->n * (1 + ENTRIES));
}

static double primal(void *problem) {
    struct problem *p = problem;
    struct csr a = {p->n, p->row_start, p->column, p->value};
    memcpy(p->x, p->start, (size_t)p->n * sizeof *p->x);
    return power_iteration(&a, p->x, p->most, 0);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient;
    struct csr a = {p->n, p->row_start, p->column, p->value}, d_a = a;
    d_a.value = g + p->n;
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->x, p->start, (size_t)p->n * sizeof *p->x);
    return power_iteration_grad(&a, &d_a, p->x, g, p->most, 0);
}

static void times(const struct problem *p, const double *restrict x,
                  double *restrict y) {
    for (int i = 0; i < p->n; i++) {
        double sum = 0;
        for (int k = p->row_start[i]; k < p->row_start[i + 1]; k++)
            sum += p->value[k] * x[p->column[k]];
        y[i] = sum;
    }
}

static double dot(int n, const double *x, const double *y) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

// Adds to d_x and to d_value what y = A x owes for the weights d_y.
static void times_back(const struct problem *p, const double *restrict x,
                       const double *restrict d_y, double *restrict d_x,
                       double *restrict d_value) {
    for (int i = 0; i < p->n; i++)
        for (int k = p->row_start[i]; k < p->row_start[i + 1]; k++) {
            d_value[k] += d_y[i] * x[p->column[k]];
            d_x[p->column[k]] += d_y[i] * p->value[k];
        }
}

// Of the vector after an iteration, its adjoint is in d; then that of the one
// before. The result was x'y / x'x, with the given weight.
static void back(const struct problem *p, const double *restrict x,
                 const double *restrict next, double norm, double weight,
                 double *restrict d, double *restrict d_y,
                 double *restrict d_value) {
    int n = p->n;
    double along = dot(n, d, next), squares = 1, quotient = 0;
    if (weight != 0) {
        squares = dot(n, x, x);
        quotient = norm * dot(n, x, next) / squares;
    }
    for (int i = 0; i < n; i++) {
        d_y[i] = (d[i] - along * next[i]) / norm + weight * x[i] / squares;
        d[i] = weight * (norm * next[i] - 2 * quotient * x[i]) / squares;
    }
    times_back(p, x, d_y, d, d_value);
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int n = p->n, most = p->most;
    double *g = gradient, quotient = 0;
    memset(g, 0, outputs(p) * sizeof *g);
    double *all = malloc((size_t)((n + 1) * (most + 2)) * sizeof *all);
    double *norms = all + (most + 1) * n, *d_y = norms + most;
    memcpy(all, p->start, (size_t)n * sizeof *all);
    for (int t = 0; t < most; t++) {
        double *x = all + t * n, *y = x + n;
        times(p, x, y);
        if (t == most - 1)
            quotient = dot(n, x, y) / dot(n, x, x);
        norms[t] = sqrt(dot(n, y, y));
        for (int i = 0; i < n; i++)
            y[i] /= norms[t];
    }
    for (int t = most - 1; t >= 0; t--)
        back(p, all + t * n, all + (t + 1) * n, norms[t], t == most - 1, g, d_y,
             g + n);
    memcpy(p->x, all + most * n, (size_t)n * sizeof *all);
    free(all);
    return quotient;
}

static const struct bench_row rows[] = {{"CSR, 2k rows, 20 times", {2000, 20}},
                                        {0}};

const struct bench bench = {rows,    sizeof(double), 1e-9,      make,
                            outputs, primal,         generated, by_hand};

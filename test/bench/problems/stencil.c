// Heat in a plate, in explicit steps between two buffers. By hand: each step's
// temperatures and sources stay in memory.
//
// primal: ../../programs/stencil/stencil.c
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

double plate(int nx, int ny, const double *start, const double *conductivity,
             double heating, int steps, double dt, double wanted);

struct problem {
    int nx, ny, steps;
    double heating, dt, wanted, *start, *conductivity;
};

static void *make(const int *sizes) {
    unsigned long long s = 9;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){sizes[0], sizes[1], sizes[2], 0.3,
                          0.05,     0.5,      NULL,     NULL};
    size_t n = (size_t)(p->nx * p->ny);
    p->start = bench_doubles(&s, n, -1, 1);
    p->conductivity = bench_doubles(&s, n, 0.5, 1.5);
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)(2 * p->nx * p->ny + 1);
}

static double primal(void *problem) {
    struct problem *p = problem;
    return plate(p->nx, p->ny, p->start, p->conductivity, p->heating, p->steps,
                 p->dt, p->wanted);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient;
    int n = p->nx * p->ny;
    memset(g, 0, outputs(p) * sizeof *g);
    return plate_grad(p->nx, p->ny, p->start, g, p->conductivity, g + n,
                      p->heating, g + 2 * n, p->steps, p->dt, p->wanted);
}

// The source is kept for the way back.
static void step(const struct problem *p, const double *restrict c,
                 const double *restrict u, double *restrict source,
                 double *restrict next) {
    int nx = p->nx;
    memcpy(next, u, (size_t)(nx * p->ny) * sizeof *u);
    for (int i = 1; i < p->ny - 1; i++)
        for (int j = i * nx + 1; j < i * nx + nx - 1; j++) {
            double sum = (c[j] + c[j - 1]) * (u[j - 1] - u[j]) +
                         (c[j] + c[j + 1]) * (u[j + 1] - u[j]) +
                         (c[j] + c[j - nx]) * (u[j - nx] - u[j]) +
                         (c[j] + c[j + nx]) * (u[j + nx] - u[j]);
            source[j] = exp(-u[j] * u[j]);
            next[j] = u[j] + p->dt * (0.5 * sum + p->heating * source[j]);
        }
}

// From the adjoint d of the temperatures after the step to last, that of those
// before. Each flux is shared by two cells. Returns the heating's.
static double step_back(const struct problem *p, const double *restrict c,
                        const double *restrict u, const double *restrict source,
                        const double *restrict d, double *restrict last,
                        double *restrict d_c) {
    int nx = p->nx;
    double half = 0.5 * p->dt, sum = 0;
    memcpy(last, d, (size_t)(nx * p->ny) * sizeof *d);
    for (int i = 1; i < p->ny - 1; i++)
        for (int j = i * nx + 1; j < i * nx + nx - 1; j++) {
            double w = half * d[j], here = 0, here_c = 0;
            const int near[] = {j - 1, j + 1, j - nx, j + nx};
            for (int k = 0; k < 4; k++) {
                double f = w * (c[j] + c[near[k]]);
                double g = w * (u[near[k]] - u[j]);
                last[near[k]] += f;
                d_c[near[k]] += g;
                here += f;
                here_c += g;
            }
            double s = p->dt * d[j] * source[j];
            sum += s;
            last[j] -= here + 2 * p->heating * s * u[j];
            d_c[j] += here_c;
        }
    return sum;
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int n = p->nx * p->ny;
    double *g = gradient, *d_c = g + n, value = 0;
    memset(g, 0, outputs(p) * sizeof *g);
    size_t bytes = (size_t)n * sizeof(double);
    double *all = malloc((2 * (size_t)p->steps + 2) * bytes);
    double *sources = all + (p->steps + 1) * n, *d = sources + p->steps * n;
    memcpy(all, p->start, bytes);
    for (int s = 0; s < p->steps; s++)
        step(p, p->conductivity, all + s * n, sources + s * n,
             all + (s + 1) * n);
    for (int i = 0; i < n; i++) {
        double difference = all[p->steps * n + i] - p->wanted;
        value += difference * difference;
        d[i] = 2 * difference;
    }
    for (int s = p->steps - 1; s >= 0; s--) {
        g[2 * n] += step_back(p, p->conductivity, all + s * n, sources + s * n,
                              d, g, d_c);
        memcpy(d, g, bytes);
    }
    memcpy(g, d, bytes);
    free(all);
    return value;
}

static const struct bench_row rows[] = {{"stencil, 64 x 64 x 50", {64, 64, 50}},
                                        {0}};

static const struct bench_row growing[] = {
    {"stencil, 32 x 32 x 10", {32, 32, 10}},
    {"stencil, 32 x 32 x 100", {32, 32, 100}},
    {"stencil, 32 x 32 x 1k", {32, 32, 1000}},
    {"stencil, 32 x 32 x 10k", {32, 32, 10000}},
    {0}};

const struct bench bench = {rows,   sizeof(double), 1e-9,    make,   outputs,
                            primal, generated,      by_hand, growing};

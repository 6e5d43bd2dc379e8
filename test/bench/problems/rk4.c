// A system of ordinary differential equations (Lorenz 1996) by the classical
// Runge-Kutta method; the squares of where it ends.
//
// targets: 4.5

enum { MOST = 100 };

static void rate(int n, double force, const double *y, double *dydt) {
    for (int i = 0; i < n; i++) {
        int next = i + 1 < n ? i + 1 : 0, last = i > 0 ? i - 1 : n - 1;
        int second = i > 1 ? i - 2 : n - 2 + i;
        dydt[i] = (y[next] - y[second]) * y[last] - y[i] + force;
    }
}

static void axpy(int n, double a, const double *x, const double *y,
                 double *out) {
    for (int i = 0; i < n; i++)
        out[i] = a * x[i] + y[i];
}

static void rk4_step(int n, double h, double force, double *y) {
    double k1[MOST], k2[MOST], k3[MOST], k4[MOST], stage[MOST];
    rate(n, force, y, k1);
    axpy(n, h / 2, k1, y, stage);
    rate(n, force, stage, k2);
    axpy(n, h / 2, k2, y, stage);
    rate(n, force, stage, k3);
    axpy(n, h, k3, y, stage);
    rate(n, force, stage, k4);
    for (int i = 0; i < n; i++)
        y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

#pragma grad wrt(start, force)
double ode(int n, int steps, double h, double force, const double *start) {
    double y[MOST], sum = 0;
    for (int i = 0; i < n; i++)
        y[i] = start[i];
    for (int s = 0; s < steps; s++)
        rk4_step(n, h, force, y);
    for (int i = 0; i < n; i++)
        sum += 0.5 * y[i] * y[i];
    return sum;
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int n, steps;
    double h, force, *start;
};

static void *make(const int *sizes) {
    unsigned long long s = 8;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){sizes[0], sizes[1], 0.0005, 4, NULL};
    p->start = bench_doubles(&s, (size_t)p->n, -1, 1);
    return p;
}

static size_t outputs(const void *problem) {
    return 1 + (size_t)((const struct problem *)problem)->n;
}

static double primal(void *problem) {
    struct problem *p = problem;
    return ode(p->n, p->steps, p->h, p->force, p->start);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient;
    memset(g, 0, outputs(p) * sizeof *g);
    return ode_grad(p->n, p->steps, p->h, p->force, g + p->n, p->start, g);
}

// Adds rate's transposed Jacobian times d to d_y; returns the sum of d.
static double rate_back(int n, const double *restrict y,
                        const double *restrict d, double *restrict d_y) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        int next = i + 1 < n ? i + 1 : 0, last = i > 0 ? i - 1 : n - 1;
        int second = i > 1 ? i - 2 : n - 2 + i;
        int after = next + 1 < n ? next + 1 : 0;
        d_y[i] += d[last] * y[second] - d[after] * y[next] +
                  d[next] * (y[after] - y[last]) - d[i];
        sum += d[i];
    }
    return sum;
}

// From y before a step, the adjoint of y after it to the one before it. The
// stages are repeated.
static double step_back(int n, double h, double force, const double *restrict y,
                        double *restrict d_y) {
    double k[MOST], s2[MOST], s3[MOST], s4[MOST];
    rate(n, force, y, k);
    axpy(n, h / 2, k, y, s2);
    rate(n, force, s2, k);
    axpy(n, h / 2, k, y, s3);
    rate(n, force, s3, k);
    axpy(n, h, k, y, s4);
    double d_k[MOST], d_s[MOST], sum = 0, d[MOST];
    const double *stages[] = {s4, s3, s2, y};
    double outer[] = {h / 6, h / 3, h / 3, h / 6},
           inner[] = {0, h, h / 2, h / 2};
    memcpy(d, d_y, sizeof d);
    memset(d_s, 0, sizeof d_s);
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < n; i++)
            d_k[i] = outer[j] * d[i] + inner[j] * d_s[i];
        memset(d_s, 0, sizeof d_s);
        sum += rate_back(n, stages[j], d_k, d_s);
        for (int i = 0; i < n; i++)
            d_y[i] += d_s[i];
    }
    return sum;
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int n = p->n;
    size_t bytes = (size_t)n * sizeof(double);
    double *g = gradient, sum = 0;
    double *all = malloc((size_t)(p->steps + 1) * bytes);
    memcpy(all, p->start, bytes);
    for (int s = 0; s < p->steps; s++) {
        memcpy(all + (s + 1) * n, all + s * n, bytes);
        rk4_step(n, p->h, p->force, all + (s + 1) * n);
    }
    g[n] = 0;
    for (int i = 0; i < n; i++) {
        g[i] = all[p->steps * n + i];
        sum += 0.5 * g[i] * g[i];
    }
    for (int s = p->steps - 1; s >= 0; s--)
        g[n] += step_back(n, p->h, p->force, all + s * n, g);
    free(all);
    return sum;
}

static const struct bench_row rows[] = {{"RK4, 100 x 1k steps", {100, 1000}},
                                        {0}};

static const struct bench_row growing[] = {{"RK4, 100 x 10", {100, 10}},
                                           {"RK4, 100 x 100", {100, 100}},
                                           {"RK4, 100 x 1k", {100, 1000}},
                                           {"RK4, 100 x 10k", {100, 10000}},
                                           {0}};

const struct bench bench = {rows,   sizeof(double), 1e-9,    make,   outputs,
                            primal, generated,      by_hand, growing};
#endif

// GELU, in the approximation with tanh, of n numbers.
//
// targets: 2.5
#include <math.h>

#pragma grad wrt(x) of(y)
void gelu(int n, const float *x, float *y) {
    for (int i = 0; i < n; i++) {
        float cube = 0.044715f * x[i] * x[i] * x[i];
        y[i] = 0.5f * x[i] * (1 + tanhf(0.7978845608f * (x[i] + cube)));
    }
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int n;
    float *x, *y, *weight, *d_y;
};

static void *make(const int *sizes) {
    unsigned long long s = 3;
    struct problem *p = bench_allocate(1, sizeof *p);
    size_t n = (size_t)(p->n = sizes[0]);
    p->x = bench_floats(&s, n, -3, 3);
    p->weight = bench_floats(&s, n, -1, 1);
    p->y = bench_allocate(n, sizeof(float));
    p->d_y = bench_allocate(n, sizeof(float));
    return p;
}

static size_t outputs(const void *problem) {
    return (size_t)((const struct problem *)problem)->n;
}

static double primal(void *problem) {
    struct problem *p = problem;
    gelu(p->n, p->x, p->y);
    return p->y[1];
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    size_t bytes = (size_t)p->n * sizeof(float);
    memset(gradient, 0, bytes);
    memcpy(p->d_y, p->weight, bytes);
    gelu_grad(p->n, p->x, gradient, p->y, p->d_y);
    return p->y[1];
}

static void gelu_by_hand(int n, const float *restrict x, float *restrict y,
                         const float *restrict d_y, float *restrict d_x) {
    for (int i = 0; i < n; i++) {
        float square = 0.044715f * x[i] * x[i];
        float t = tanhf(0.7978845608f * (x[i] + square * x[i]));
        float half = 0.5f * x[i];
        y[i] = half * (1 + t);
        d_x[i] +=
            d_y[i] * (0.5f * (1 + t) +
                      half * (1 - t * t) * 0.7978845608f * (1 + 3 * square));
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    size_t bytes = (size_t)p->n * sizeof(float);
    memset(gradient, 0, bytes);
    memcpy(p->d_y, p->weight, bytes);
    gelu_by_hand(p->n, p->x, p->y, p->d_y, gradient);
    return p->y[1];
}

static const struct bench_row rows[] = {{"GELU, 64k floats", {65536}}, {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

// Layer norm: rows of mean 0 and variance 1, scaled and shifted.
//
// targets: 2.5
#include <math.h>

#pragma grad wrt(x, scale, shift) of(y)
void layer_norm(int rows, int n, const float *x, const float *scale,
                const float *shift, float *y) {
    for (int r = 0; r < rows; r++) {
        const float *in = x + r * n;
        float mean = 0, variance = 0;
        for (int i = 0; i < n; i++)
            mean += in[i];
        mean /= n;
        for (int i = 0; i < n; i++) {
            float shifted = in[i] - mean;
            variance += shifted * shifted;
        }
        float inverse = 1 / sqrtf(variance / n + 1e-5f);
        for (int i = 0; i < n; i++)
            y[r * n + i] = (in[i] - mean) * inverse * scale[i] + shift[i];
    }
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int rows, n;
    float *x, *scale, *shift, *y, *weight, *d_y;
};

static void *make(const int *sizes) {
    unsigned long long s = 6;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){.rows = sizes[0], .n = sizes[1]};
    size_t n = (size_t)p->n, count = (size_t)p->rows * n;
    p->x = bench_floats(&s, count, -1, 1);
    p->scale = bench_floats(&s, n, 0.5, 1.5);
    p->shift = bench_floats(&s, n, -1, 1);
    p->weight = bench_floats(&s, count, -1, 1);
    p->y = bench_allocate(count, sizeof(float));
    p->d_y = bench_allocate(count, sizeof(float));
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)((p->rows + 2) * p->n);
}

static double primal(void *problem) {
    struct problem *p = problem;
    layer_norm(p->rows, p->n, p->x, p->scale, p->shift, p->y);
    return p->y[0];
}

static float *begin(struct problem *p, float *g) {
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->d_y, p->weight, (size_t)(p->rows * p->n) * sizeof *g);
    return g + p->rows * p->n;
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    float *d_x = gradient, *d_scale = begin(p, d_x);
    layer_norm_grad(p->rows, p->n, p->x, d_x, p->scale, d_scale, p->shift,
                    d_scale + p->n, p->y, p->d_y);
    return p->y[0];
}

static void row_by_hand(int n, const float *restrict x,
                        const float *restrict scale,
                        const float *restrict shift, float *restrict y,
                        const float *restrict d_y, float *restrict d_x,
                        float *restrict d_scale, float *restrict d_shift) {
    float mean = 0, variance = 0, sum = 0, along = 0;
    for (int i = 0; i < n; i++)
        mean += x[i];
    mean /= n;
    for (int i = 0; i < n; i++)
        variance += (x[i] - mean) * (x[i] - mean);
    float inverse = 1 / sqrtf(variance / n + 1e-5f);
    for (int i = 0; i < n; i++) {
        float normal = (x[i] - mean) * inverse, d = d_y[i] * scale[i];
        y[i] = normal * scale[i] + shift[i];
        d_scale[i] += d_y[i] * normal;
        d_shift[i] += d_y[i];
        sum += d;
        along += d * normal;
    }
    sum /= n;
    along /= n;
    for (int i = 0; i < n; i++)
        d_x[i] += inverse *
                  (d_y[i] * scale[i] - sum - (x[i] - mean) * inverse * along);
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    float *d_x = gradient, *d_scale = begin(p, d_x);
    for (int r = 0; r < p->rows; r++) {
        int at = r * p->n;
        row_by_hand(p->n, p->x + at, p->scale, p->shift, p->y + at, p->d_y + at,
                    d_x + at, d_scale, d_scale + p->n);
    }
    return p->y[0];
}

static const struct bench_row rows[] = {{"layer norm, 256 x 128", {256, 128}},
                                        {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

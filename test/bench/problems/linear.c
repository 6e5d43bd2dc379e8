// A layer of a network: rows of inputs times a matrix, plus a bias, through
// a rectifier.
//
// targets: 2.8

#pragma grad wrt(x, w, b) of(y)
void linear(int rows, int from, int to, const float *x, const float *w,
            const float *b, float *y) {
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < to; o++) {
            float sum = b[o];
            for (int i = 0; i < from; i++)
                sum += w[o * from + i] * x[r * from + i];
            y[r * to + o] = sum > 0 ? sum : 0;
        }
}

#ifdef BENCH
#include "bench.h"
#include "matrix.h"
#include GENERATED_HEADER

struct problem {
    int rows, from, to;
    float *x, *w, *b, *y, *weight, *d_y;
};

static void *make(const int *sizes) {
    unsigned long long s = 5;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){.rows = sizes[0], .from = sizes[1], .to = sizes[2]};
    size_t results = (size_t)(p->rows * p->to);
    p->x = bench_floats(&s, (size_t)(p->rows * p->from), -1, 1);
    p->w = bench_floats(&s, (size_t)(p->to * p->from), -1, 1);
    p->b = bench_floats(&s, (size_t)p->to, -1, 1);
    p->weight = bench_floats(&s, results, -1, 1);
    p->y = bench_allocate(results, sizeof(float));
    p->d_y = bench_allocate(results, sizeof(float));
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)((p->rows + p->to) * p->from + p->to);
}

static double primal(void *problem) {
    struct problem *p = problem;
    linear(p->rows, p->from, p->to, p->x, p->w, p->b, p->y);
    return p->y[0];
}

static float *begin(struct problem *p, float *g) {
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->d_y, p->weight, (size_t)(p->rows * p->to) * sizeof *g);
    return g + p->rows * p->from;
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    float *d_x = gradient, *d_w = begin(p, d_x);
    linear_grad(p->rows, p->from, p->to, p->x, d_x, p->w, d_w, p->b,
                d_w + p->to * p->from, p->y, p->d_y);
    return p->y[0];
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    float *d_x = gradient, *d_w = begin(p, d_x);
    matrix_forward(p->rows, p->from, p->to, p->x, p->w, p->b, p->y);
    for (int i = 0; i < p->rows * p->to; i++) {
        p->d_y[i] = p->y[i] > 0 ? p->d_y[i] : 0;
        p->y[i] = p->y[i] > 0 ? p->y[i] : 0;
    }
    matrix_back(p->rows, p->from, p->to, p->x, p->w, p->d_y, d_x, d_w,
                d_w + p->to * p->from);
    return p->y[0];
}

static const struct bench_row rows[] = {
    {"linear, 64 x 128 x 512", {64, 128, 512}}, {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

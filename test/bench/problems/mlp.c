// A network of two linear layers on rows of inputs, with a hyperbolic tangent
// between them.
//
// targets: 2.8
#include <math.h>
#include <stdlib.h>

static void layer(int rows, int from, int to, const float *x, const float *w,
                  const float *b, float *y) {
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < to; o++) {
            float sum = b[o];
            for (int i = 0; i < from; i++)
                sum += w[o * from + i] * x[r * from + i];
            y[r * to + o] = sum;
        }
}

#pragma grad wrt(x, w1, b1, w2, b2) of(y)
void mlp(int rows, int from, int inner, int to, const float *x, const float *w1,
         const float *b1, const float *w2, const float *b2, float *y) {
    float *hidden = malloc((size_t)(rows * inner) * sizeof *hidden);
    if (!hidden)
        abort();
    layer(rows, from, inner, x, w1, b1, hidden);
    for (int i = 0; i < rows * inner; i++)
        hidden[i] = tanhf(hidden[i]);
    layer(rows, inner, to, hidden, w2, b2, y);
    free(hidden);
}

#ifdef BENCH
#include "bench.h"
#include "matrix.h"
#include GENERATED_HEADER

struct problem {
    int rows, from, inner, to;
    float *x, *w1, *b1, *w2, *b2, *y, *weight, *d_y;
};

static void *make(const int *sizes) {
    unsigned long long s = 16;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){sizes[0], sizes[1], sizes[2], sizes[3]};
    size_t results = (size_t)(p->rows * p->to);
    p->x = bench_floats(&s, (size_t)(p->rows * p->from), -1, 1);
    p->w1 = bench_floats(&s, (size_t)(p->inner * p->from), -0.2, 0.2);
    p->b1 = bench_floats(&s, (size_t)p->inner, -1, 1);
    p->w2 = bench_floats(&s, (size_t)(p->to * p->inner), -0.2, 0.2);
    p->b2 = bench_floats(&s, (size_t)p->to, -1, 1);
    p->weight = bench_floats(&s, results, -1, 1);
    p->y = bench_allocate(results, sizeof(float));
    p->d_y = bench_allocate(results, sizeof(float));
    return p;
}

// The adjoints of x, w1, b1, w2 and b2, one after another.
struct parts {
    float *x, *w1, *b1, *w2, *b2;
};

static struct parts parts(const struct problem *p, float *g) {
    struct parts d = {.x = g};
    d.w1 = d.x + p->rows * p->from;
    d.b1 = d.w1 + p->inner * p->from;
    d.w2 = d.b1 + p->inner;
    d.b2 = d.w2 + p->to * p->inner;
    return d;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)(p->rows * p->from + p->inner * (p->from + 1) +
                    p->to * (p->inner + 1));
}

static double primal(void *problem) {
    struct problem *p = problem;
    mlp(p->rows, p->from, p->inner, p->to, p->x, p->w1, p->b1, p->w2, p->b2,
        p->y);
    return p->y[0];
}

static void begin(struct problem *p, float *g) {
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->d_y, p->weight, (size_t)(p->rows * p->to) * sizeof *g);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    struct parts d = parts(p, gradient);
    begin(p, gradient);
    mlp_grad(p->rows, p->from, p->inner, p->to, p->x, d.x, p->w1, d.w1, p->b1,
             d.b1, p->w2, d.w2, p->b2, d.b2, p->y, p->d_y);
    return p->y[0];
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    struct parts d = parts(p, gradient);
    size_t count = (size_t)(p->rows * p->inner);
    begin(p, gradient);
    float *restrict h = malloc(count * sizeof *h);
    float *restrict d_h = calloc(count, sizeof *d_h);
    matrix_forward(p->rows, p->from, p->inner, p->x, p->w1, p->b1, h);
    for (size_t i = 0; i < count; i++)
        h[i] = tanhf(h[i]);
    matrix_forward(p->rows, p->inner, p->to, h, p->w2, p->b2, p->y);
    matrix_back(p->rows, p->inner, p->to, h, p->w2, p->d_y, d_h, d.w2, d.b2);
    for (size_t i = 0; i < count; i++)
        d_h[i] *= 1 - h[i] * h[i];
    matrix_back(p->rows, p->from, p->inner, p->x, p->w1, d_h, d.x, d.w1, d.b1);
    free(h);
    free(d_h);
    return p->y[0];
}

static const struct bench_row rows[] = {
    {"MLP, 64 x 128, 256, 64", {64, 128, 256, 64}}, {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

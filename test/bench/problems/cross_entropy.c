// Softmax and cross-entropy of rows of logits.
//
// targets: 1.5
#include <math.h>

#pragma grad wrt(logits)
float cross_entropy(int rows, int n, const float *logits, const int *target) {
    float loss = 0;
    for (int r = 0; r < rows; r++) {
        const float *x = logits + r * n;
        float most = x[0], sum = 0;
        for (int i = 1; i < n; i++)
            if (x[i] > most)
                most = x[i];
        for (int i = 0; i < n; i++)
            sum += expf(x[i] - most);
        loss += logf(sum) - (x[target[r]] - most);
    }
    return loss / rows;
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int rows, n;
    float *logits;
    int *target;
};

static void *make(const int *sizes) {
    unsigned long long s = 4;
    struct problem *p = bench_allocate(1, sizeof *p);
    p->rows = sizes[0];
    p->n = sizes[1];
    p->logits = bench_floats(&s, (size_t)(p->rows * p->n), -4, 4);
    p->target = bench_allocate((size_t)p->rows, sizeof(int));
    for (int r = 0; r < p->rows; r++)
        p->target[r] = (int)bench_uniform(&s, 0, p->n);
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)(p->rows * p->n);
}

static double primal(void *problem) {
    struct problem *p = problem;
    return cross_entropy(p->rows, p->n, p->logits, p->target);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    memset(gradient, 0, outputs(p) * sizeof(float));
    return cross_entropy_grad(p->rows, p->n, p->logits, gradient, p->target);
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    float loss = 0, *restrict d = gradient;
    memset(gradient, 0, outputs(p) * sizeof(float));
    float *share = malloc((size_t)p->n * sizeof *share);
    for (int r = 0; r < p->rows; r++) {
        const float *restrict x = p->logits + r * p->n;
        float most = x[0], sum = 0;
        for (int i = 1; i < p->n; i++)
            most = x[i] > most ? x[i] : most;
        for (int i = 0; i < p->n; i++) {
            share[i] = expf(x[i] - most);
            sum += share[i];
        }
        loss += logf(sum) - (x[p->target[r]] - most);
        float weight = 1 / (sum * p->rows);
        for (int i = 0; i < p->n; i++)
            d[r * p->n + i] += share[i] * weight;
        d[r * p->n + p->target[r]] -= 1 / (float)p->rows;
    }
    free(share);
    return loss / p->rows;
}

static const struct bench_row rows[] = {{"cross-entropy, 64 x 1k", {64, 1024}},
                                        {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

// Causal attention of one head: each position mixes the values of those up to
// it, by the softmax of its query's products with their keys.
//
// targets: 2
#include <math.h>
#include <stdlib.h>

#pragma grad wrt(query, key, value) of(out)
void attention(int length, int size, const float *query, const float *key,
               const float *value, float *out) {
    float *weights = malloc((size_t)length * sizeof *weights);
    if (!weights)
        abort();
    float scale = 1 / sqrtf(size);
    for (int t = 0; t < length; t++) {
        float most = -INFINITY, sum = 0;
        for (int s = 0; s <= t; s++) {
            float product = 0;
            for (int i = 0; i < size; i++)
                product += query[t * size + i] * key[s * size + i];
            weights[s] = product * scale;
            if (weights[s] > most)
                most = weights[s];
        }
        for (int s = 0; s <= t; s++) {
            weights[s] = expf(weights[s] - most);
            sum += weights[s];
        }
        for (int i = 0; i < size; i++)
            out[t * size + i] = 0;
        for (int s = 0; s <= t; s++) {
            float share = weights[s] / sum;
            for (int i = 0; i < size; i++)
                out[t * size + i] += share * value[s * size + i];
        }
    }
    free(weights);
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int length, size;
    float *query, *key, *value, *out, *weight, *d_out;
};

static void *make(const int *sizes) {
    unsigned long long s = 7;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){.length = sizes[0], .size = sizes[1]};
    size_t count = (size_t)(p->length * p->size);
    p->query = bench_floats(&s, count, -1, 1);
    p->key = bench_floats(&s, count, -1, 1);
    p->value = bench_floats(&s, count, -1, 1);
    p->weight = bench_floats(&s, count, -1, 1);
    p->out = bench_allocate(count, sizeof(float));
    p->d_out = bench_allocate(count, sizeof(float));
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return (size_t)(3 * p->length * p->size);
}

static double primal(void *problem) {
    struct problem *p = problem;
    attention(p->length, p->size, p->query, p->key, p->value, p->out);
    return p->out[p->size];
}

static void begin(struct problem *p, float *g) {
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->d_out, p->weight, outputs(p) / 3 * sizeof *g);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    float *g = gradient;
    int n = p->length * p->size;
    begin(p, g);
    attention_grad(p->length, p->size, p->query, g, p->key, g + n, p->value,
                   g + 2 * n, p->out, p->d_out);
    return p->out[p->size];
}

// Of position t: out is set; of d_out the adjoints are added.
static void position_by_hand(int t, int size, const float *restrict query,
                             const float *restrict key,
                             const float *restrict value, float *restrict out,
                             const float *restrict d_out,
                             float *restrict d_query, float *restrict d_key,
                             float *restrict d_value, float *restrict a,
                             float *restrict d_a) {
    float scale = 1 / sqrtf(size), most = -INFINITY, sum = 0, along = 0;
    for (int s = 0; s <= t; s++) {
        float product = 0;
        for (int i = 0; i < size; i++)
            product += query[i] * key[s * size + i];
        a[s] = product * scale;
        most = a[s] > most ? a[s] : most;
    }
    for (int s = 0; s <= t; s++) {
        a[s] = expf(a[s] - most);
        sum += a[s];
    }
    for (int i = 0; i < size; i++)
        out[i] = 0;
    for (int s = 0; s <= t; s++) {
        float dot = 0;
        a[s] /= sum;
        for (int i = 0; i < size; i++) {
            out[i] += a[s] * value[s * size + i];
            d_value[s * size + i] += a[s] * d_out[i];
            dot += value[s * size + i] * d_out[i];
        }
        d_a[s] = dot;
        along += dot * a[s];
    }
    for (int s = 0; s <= t; s++) {
        float d = a[s] * (d_a[s] - along) * scale;
        for (int i = 0; i < size; i++) {
            d_query[i] += d * key[s * size + i];
            d_key[s * size + i] += d * query[i];
        }
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    float *g = gradient;
    int n = p->length * p->size;
    begin(p, g);
    float *a = malloc(2 * (size_t)p->length * sizeof *a);
    for (int t = 0; t < p->length; t++) {
        int at = t * p->size;
        position_by_hand(t, p->size, p->query + at, p->key, p->value,
                         p->out + at, p->d_out + at, g + at, g + n, g + 2 * n,
                         a, a + p->length);
    }
    free(a);
    return p->out[p->size];
}

static const struct bench_row rows[] = {{"attention, 128 x 32", {128, 32}},
                                        {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

// A transformer: the mean cross-entropy of a text by all parameters.
//
// primal: ../../programs/gpt2/gpt2.c
// targets: 3.5
#include "gpt2.h"
#include "bench.h"
#include "matrix.h"
#include GENERATED_HEADER

#include <math.h>

struct problem {
    struct gpt2_config config;
    int sequences, length, *inputs, *targets;
    float *memory;
    struct gpt2_parameters parameters;
};

static void *make(const int *sizes) {
    unsigned long long s = 18;
    struct problem *p = bench_allocate(1, sizeof *p);
    p->sequences = sizes[0];
    p->length = sizes[1];
    p->config = (struct gpt2_config){.vocabulary = 256,
                                     .context = sizes[1],
                                     .layers = sizes[2],
                                     .heads = 4,
                                     .channels = sizes[3]};
    size_t rows = (size_t)(p->sequences * p->length);
    p->memory = bench_floats(&s, gpt2_parameter_count(&p->config), -0.2, 0.2);
    gpt2_place_parameters(&p->config, p->memory, &p->parameters);
    p->inputs = bench_allocate(rows, sizeof(int));
    p->targets = bench_allocate(rows, sizeof(int));
    for (size_t r = 0; r < rows; r++) {
        p->inputs[r] = (int)bench_uniform(&s, 0, p->config.vocabulary);
        p->targets[r] = (int)bench_uniform(&s, 0, p->config.vocabulary);
    }
    return p;
}

static size_t outputs(const void *problem) {
    return gpt2_parameter_count(&((const struct problem *)problem)->config);
}

static double primal(void *problem) {
    struct problem *p = problem;
    return gpt2_loss(&p->config, &p->parameters, p->sequences, p->length,
                     p->inputs, p->targets);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    struct gpt2_parameters d;
    memset(gradient, 0, outputs(p) * sizeof(float));
    gpt2_place_parameters(&p->config, gradient, &d);
    return gpt2_loss_grad(&p->config, &p->parameters, &d, p->sequences,
                          p->length, p->inputs, p->targets);
}

// Rows of mean 0 and variance 1 and what they were divided by.
static void normalize(int rows, int c, const float *restrict x,
                      float *restrict normal, float *restrict inverse) {
    for (int r = 0; r < rows; r++) {
        const float *in = x + r * c;
        float *out = normal + r * c, mean = 0, variance = 0;
        for (int i = 0; i < c; i++)
            mean += in[i];
        mean /= (float)c;
        for (int i = 0; i < c; i++)
            variance += (in[i] - mean) * (in[i] - mean);
        inverse[r] = 1 / sqrtf(variance / (float)c + 1e-5f);
        for (int i = 0; i < c; i++)
            out[i] = (in[i] - mean) * inverse[r];
    }
}

static void scale_rows(int rows, int c, const float *restrict normal,
                       const float *restrict scale, const float *restrict shift,
                       float *restrict y) {
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < c; i++)
            y[r * c + i] = normal[r * c + i] * scale[i] + shift[i];
}

// Of both of the above.
static void normalize_back(int rows, int c, const float *restrict normal,
                           const float *restrict inverse,
                           const float *restrict scale,
                           const float *restrict d_y, float *restrict d_x,
                           float *restrict d_scale, float *restrict d_shift) {
    for (int r = 0; r < rows; r++) {
        const float *x = normal + r * c, *d = d_y + r * c;
        float sum = 0, along = 0, *to = d_x + r * c;
        for (int i = 0; i < c; i++) {
            d_scale[i] += d[i] * x[i];
            d_shift[i] += d[i];
            sum += d[i] * scale[i];
            along += d[i] * scale[i] * x[i];
        }
        sum /= (float)c;
        along /= (float)c;
        for (int i = 0; i < c; i++)
            to[i] += inverse[r] * (d[i] * scale[i] - sum - x[i] * along);
    }
}

// In place.
static void softmax(int n, float *restrict x) {
    float most = x[0], sum = 0;
    for (int i = 1; i < n; i++)
        most = x[i] > most ? x[i] : most;
    for (int i = 0; i < n; i++) {
        x[i] = expf(x[i] - most);
        sum += x[i];
    }
    float share = 1 / sum;
    for (int i = 0; i < n; i++)
        x[i] *= share;
}

// Of one head of one sequence; keys and values stand behind the queries.
// weights[length][length].
static void attend(int length, int size, int c, const float *restrict qkv,
                   float *restrict weights, float *restrict out) {
    float scale = 1 / sqrtf((float)size);
    for (int t = 0; t < length; t++) {
        const float *query = qkv + t * 3 * c;
        float *w = weights + t * length, *mixed = out + t * c;
        for (int s = 0; s <= t; s++) {
            const float *key = qkv + s * 3 * c + c;
            float sum = 0;
            for (int i = 0; i < size; i++)
                sum += query[i] * key[i];
            w[s] = sum * scale;
        }
        softmax(t + 1, w);
        for (int i = 0; i < size; i++)
            mixed[i] = 0;
        for (int s = 0; s <= t; s++) {
            const float *value = qkv + s * 3 * c + 2 * c;
            for (int i = 0; i < size; i++)
                mixed[i] += w[s] * value[i];
        }
    }
}

// d[length] is for use.
static void attend_back(int length, int size, int c, const float *restrict qkv,
                        const float *restrict weights,
                        const float *restrict d_out, float *restrict d_qkv,
                        float *restrict d) {
    float scale = 1 / sqrtf((float)size);
    for (int t = 0; t < length; t++) {
        const float *w = weights + t * length, *d_mixed = d_out + t * c;
        float along = 0;
        for (int s = 0; s <= t; s++) {
            const float *value = qkv + s * 3 * c + 2 * c;
            float *d_value = d_qkv + s * 3 * c + 2 * c, sum = 0;
            for (int i = 0; i < size; i++) {
                d_value[i] += w[s] * d_mixed[i];
                sum += d_mixed[i] * value[i];
            }
            d[s] = sum;
            along += sum * w[s];
        }
        const float *query = qkv + t * 3 * c;
        float *d_query = d_qkv + t * 3 * c;
        for (int s = 0; s <= t; s++) {
            const float *key = qkv + s * 3 * c + c;
            float *d_key = d_qkv + s * 3 * c + c;
            float by = w[s] * (d[s] - along) * scale;
            for (int i = 0; i < size; i++) {
                d_query[i] += by * key[i];
                d_key[i] += by * query[i];
            }
        }
    }
}

// t is the tanh.
static void gelu(size_t n, const float *restrict x, float *restrict t,
                 float *restrict y) {
    for (size_t i = 0; i < n; i++) {
        t[i] = tanhf(0.79788456f * (x[i] + 0.044715f * x[i] * x[i] * x[i]));
        y[i] = 0.5f * x[i] * (1 + t[i]);
    }
}

// d is the adjoint of y, then of x.
static void gelu_back(size_t n, const float *restrict x,
                      const float *restrict t, float *restrict d) {
    for (size_t i = 0; i < n; i++) {
        float half = 0.5f * x[i], slope = 1 + 3 * 0.044715f * x[i] * x[i];
        d[i] *=
            0.5f * (1 + t[i]) + half * (1 - t[i] * t[i]) * 0.79788456f * slope;
    }
}

static void add(size_t n, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

// What the way back needs of one layer, and numbers for use.
struct kept {
    float *normal1, *inverse1, *qkv, *weights, *mixed, *normal2, *inverse2;
    float *inner, *tanh;
};

struct scratch {
    float *row, *hidden, *d_row, *d_hidden, *d_weights;
};

static float *take(float **memory, size_t count) {
    float *taken = *memory;
    *memory += count;
    return taken;
}

static size_t layer_size(const struct problem *p) {
    size_t n = (size_t)(p->sequences * p->length);
    size_t c = (size_t)p->config.channels;
    return n * (14 * c + 2 + (size_t)(p->config.heads * p->length));
}

static struct kept place_layer(const struct problem *p, float *memory) {
    size_t n = (size_t)(p->sequences * p->length);
    size_t c = (size_t)p->config.channels;
    struct kept k;
    k.normal1 = take(&memory, n * c);
    k.inverse1 = take(&memory, n);
    k.qkv = take(&memory, n * 3 * c);
    k.weights = take(&memory, n * (size_t)(p->config.heads * p->length));
    k.mixed = take(&memory, n * c);
    k.normal2 = take(&memory, n * c);
    k.inverse2 = take(&memory, n);
    k.inner = take(&memory, n * 4 * c);
    k.tanh = take(&memory, n * 4 * c);
    return k;
}

static void layer_forward(const struct problem *p, int l, const struct kept *k,
                          struct scratch *s, float *residual) {
    const struct gpt2_parameters *w = &p->parameters;
    int c = p->config.channels, length = p->length, heads = p->config.heads;
    int rows = p->sequences * length, size = c / heads;
    size_t n = (size_t)(rows * c);
    normalize(rows, c, residual, k->normal1, k->inverse1);
    scale_rows(rows, c, k->normal1, w->norm1_scale + l * c,
               w->norm1_shift + l * c, s->row);
    matrix_forward(rows, c, 3 * c, s->row, w->query_key_value + l * 3 * c * c,
                   w->query_key_value_bias + l * 3 * c, k->qkv);
    for (int q = 0; q < p->sequences; q++)
        for (int h = 0; h < heads; h++)
            attend(length, size, c, k->qkv + q * length * 3 * c + h * size,
                   k->weights + (q * heads + h) * length * length,
                   k->mixed + q * length * c + h * size);
    matrix_forward(rows, c, c, k->mixed, w->projection + l * c * c,
                   w->projection_bias + l * c, s->row);
    add(n, s->row, residual);
    normalize(rows, c, residual, k->normal2, k->inverse2);
    scale_rows(rows, c, k->normal2, w->norm2_scale + l * c,
               w->norm2_shift + l * c, s->row);
    matrix_forward(rows, c, 4 * c, s->row, w->expand + l * 4 * c * c,
                   w->expand_bias + l * 4 * c, k->inner);
    gelu(4 * n, k->inner, k->tanh, s->hidden);
    matrix_forward(rows, 4 * c, c, s->hidden, w->contract + l * 4 * c * c,
                   w->contract_bias + l * c, s->row);
    add(n, s->row, residual);
}

// d_residual is what comes back from behind the layer; then from before it.
static void layer_back(const struct problem *p, int l, const struct kept *k,
                       struct scratch *s, struct gpt2_parameters *d,
                       float *d_residual) {
    const struct gpt2_parameters *w = &p->parameters;
    int c = p->config.channels, length = p->length, heads = p->config.heads;
    int rows = p->sequences * length, size = c / heads;
    size_t n = (size_t)(rows * c), bytes = n * sizeof(float);
    memset(s->d_hidden, 0, 4 * bytes);
    // The hidden values are needed for the weights, and are made here again.
    for (size_t i = 0; i < 4 * n; i++)
        s->hidden[i] = 0.5f * k->inner[i] * (1 + k->tanh[i]);
    matrix_back(rows, 4 * c, c, s->hidden, w->contract + l * 4 * c * c,
                d_residual, s->d_hidden, d->contract + l * 4 * c * c,
                d->contract_bias + l * c);
    gelu_back(4 * n, k->inner, k->tanh, s->d_hidden);
    scale_rows(rows, c, k->normal2, w->norm2_scale + l * c,
               w->norm2_shift + l * c, s->row);
    memset(s->d_row, 0, bytes);
    matrix_back(rows, c, 4 * c, s->row, w->expand + l * 4 * c * c, s->d_hidden,
                s->d_row, d->expand + l * 4 * c * c,
                d->expand_bias + l * 4 * c);
    normalize_back(rows, c, k->normal2, k->inverse2, w->norm2_scale + l * c,
                   s->d_row, d_residual, d->norm2_scale + l * c,
                   d->norm2_shift + l * c);

    memset(s->d_row, 0, bytes);
    matrix_back(rows, c, c, k->mixed, w->projection + l * c * c, d_residual,
                s->d_row, d->projection + l * c * c,
                d->projection_bias + l * c);
    memset(s->d_hidden, 0, 3 * bytes);
    for (int q = 0; q < p->sequences; q++)
        for (int h = 0; h < heads; h++)
            attend_back(length, size, c, k->qkv + q * length * 3 * c + h * size,
                        k->weights + (q * heads + h) * length * length,
                        s->d_row + q * length * c + h * size,
                        s->d_hidden + q * length * 3 * c + h * size,
                        s->d_weights);
    scale_rows(rows, c, k->normal1, w->norm1_scale + l * c,
               w->norm1_shift + l * c, s->row);
    memset(s->d_row, 0, bytes);
    matrix_back(rows, c, 3 * c, s->row, w->query_key_value + l * 3 * c * c,
                s->d_hidden, s->d_row, d->query_key_value + l * 3 * c * c,
                d->query_key_value_bias + l * 3 * c);
    normalize_back(rows, c, k->normal1, k->inverse1, w->norm1_scale + l * c,
                   s->d_row, d_residual, d->norm1_scale + l * c,
                   d->norm1_shift + l * c);
}

// From the last normalized rows s->row: the loss, and what comes back to
// s->d_row. Rows at a time, as many as logits has room for.
enum { CLASSIFIED = 16 };

static float classify(const struct problem *p, struct scratch *s,
                      struct gpt2_parameters *d, float *logits) {
    int rows = p->sequences * p->length, c = p->config.channels;
    int many = p->config.vocabulary;
    float loss = 0;
    for (int r = 0; r < rows; r += CLASSIFIED) {
        int n = rows - r < CLASSIFIED ? rows - r : CLASSIFIED;
        matrix_forward(n, c, many, s->row + r * c, p->parameters.token, NULL,
                       logits);
        for (int i = 0; i < n; i++) {
            float *row = logits + i * many;
            softmax(many, row);
            loss -= logf(row[p->targets[r + i]]);
            row[p->targets[r + i]] -= 1;
            for (int v = 0; v < many; v++)
                row[v] /= (float)rows;
        }
        matrix_back(n, c, many, s->row + r * c, p->parameters.token, logits,
                    s->d_row + r * c, d->token, NULL);
    }
    return loss / (float)rows;
}

static float loss_by_hand(const struct problem *p, struct gpt2_parameters *d,
                          struct scratch *s, float *layers, float *residual,
                          float *normal, float *inverse, float *logits) {
    int rows = p->sequences * p->length, c = p->config.channels;
    size_t bytes = (size_t)(rows * c) * sizeof(float);
    const struct gpt2_parameters *w = &p->parameters;
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < c; i++)
            residual[r * c + i] = w->token[p->inputs[r] * c + i] +
                                  w->position[r % p->length * c + i];
    for (int l = 0; l < p->config.layers; l++) {
        struct kept k = place_layer(p, layers + (size_t)l * layer_size(p));
        layer_forward(p, l, &k, s, residual);
    }
    normalize(rows, c, residual, normal, inverse);
    scale_rows(rows, c, normal, w->last_scale, w->last_shift, s->row);
    memset(s->d_row, 0, bytes);
    float loss = classify(p, s, d, logits), *d_residual = residual;
    memset(d_residual, 0, bytes);
    normalize_back(rows, c, normal, inverse, w->last_scale, s->d_row,
                   d_residual, d->last_scale, d->last_shift);
    for (int l = p->config.layers - 1; l >= 0; l--) {
        struct kept k = place_layer(p, layers + (size_t)l * layer_size(p));
        layer_back(p, l, &k, s, d, d_residual);
    }
    for (int r = 0; r < rows; r++) {
        add((size_t)c, d_residual + r * c, d->token + p->inputs[r] * c);
        add((size_t)c, d_residual + r * c, d->position + r % p->length * c);
    }
    return loss;
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    size_t rows = (size_t)(p->sequences * p->length);
    size_t c = (size_t)p->config.channels, n = rows * c;
    size_t layers = (size_t)p->config.layers * layer_size(p);
    size_t logits = CLASSIFIED * (size_t)p->config.vocabulary;
    float *memory = malloc(
        (layers + 12 * n + rows + (size_t)p->length + logits) * sizeof(float));
    float *next = memory;
    struct gpt2_parameters d;
    memset(gradient, 0, outputs(p) * sizeof(float));
    gpt2_place_parameters(&p->config, gradient, &d);
    struct scratch s;
    s.row = take(&next, n);
    s.hidden = take(&next, 4 * n);
    s.d_row = take(&next, n);
    s.d_hidden = take(&next, 4 * n);
    s.d_weights = take(&next, (size_t)p->length);
    float *residual = take(&next, n), *normal = take(&next, n);
    float *inverse = take(&next, rows), *scores = take(&next, logits);
    double loss =
        loss_by_hand(p, &d, &s, next, residual, normal, inverse, scores);
    free(memory);
    return loss;
}

static const struct bench_row rows[] = {
    {"GPT-2, 2 x 64, 4 layers", {2, 64, 4, 128}}, {0}};

const struct bench bench = {rows,    sizeof(float), 1e-3,      make,
                            outputs, primal,        generated, by_hand};

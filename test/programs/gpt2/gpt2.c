// gpt2.c - a transformer's loss, as one writes it in C.
#include "gpt2.h"

#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#define PI 3.14159265358979323846

// Everything between the tokens and the loss, for all rows (sequences times
// positions), layer by layer where there is an L.
struct activations {
    real *residual;  // [rows][channels], updated in place
    real *normed;    // [rows][channels], reused
    real *qkv;       // [rows][3 channels], reused
    real *attention; // [heads][length], one query's weights, reused
    real *mixed;     // [rows][channels], reused
    real *branch;    // [rows][channels], reused
    real *hidden;    // [rows][4 channels], reused
    real *logits;    // [vocabulary], reused
};

static real *take(real **memory, size_t count) {
    real *taken = *memory;
    *memory += count;
    return taken;
}

size_t gpt2_parameter_count(const struct gpt2_config *config) {
    size_t c = (size_t)config->channels, l = (size_t)config->layers;
    return (size_t)(config->vocabulary + config->context) * c +
           l * (4 * c + 3 * c * (c + 1) + c * (c + 1) + 4 * c * (c + 1) +
                c * (4 * c + 1)) +
           2 * c;
}

void gpt2_place_parameters(const struct gpt2_config *config, real *memory,
                           struct gpt2_parameters *p) {
    size_t c = (size_t)config->channels, l = (size_t)config->layers;
    p->token = take(&memory, (size_t)config->vocabulary * c);
    p->position = take(&memory, (size_t)config->context * c);
    p->norm1_scale = take(&memory, l * c);
    p->norm1_shift = take(&memory, l * c);
    p->query_key_value = take(&memory, l * 3 * c * c);
    p->query_key_value_bias = take(&memory, l * 3 * c);
    p->projection = take(&memory, l * c * c);
    p->projection_bias = take(&memory, l * c);
    p->norm2_scale = take(&memory, l * c);
    p->norm2_shift = take(&memory, l * c);
    p->expand = take(&memory, l * 4 * c * c);
    p->expand_bias = take(&memory, l * 4 * c);
    p->contract = take(&memory, l * 4 * c * c);
    p->contract_bias = take(&memory, l * c);
    p->last_scale = take(&memory, c);
    p->last_shift = take(&memory, c);
}

static real *allocate(size_t count) {
    real *memory = calloc(count, sizeof *memory);
    if (memory == NULL)
        abort();
    return memory;
}

static void allocate_activations(const struct gpt2_config *config, int rows,
                                 int length, struct activations *a) {
    size_t n = (size_t)rows, c = (size_t)config->channels;
    a->residual = allocate(n * c);
    a->normed = allocate(n * c);
    a->qkv = allocate(n * 3 * c);
    a->attention = allocate((size_t)config->heads * (size_t)length);
    a->mixed = allocate(n * c);
    a->branch = allocate(n * c);
    a->hidden = allocate(n * 4 * c);
    a->logits = allocate((size_t)config->vocabulary);
}

static void free_activations(struct activations *a) {
    free(a->residual);
    free(a->normed);
    free(a->qkv);
    free(a->attention);
    free(a->mixed);
    free(a->branch);
    free(a->hidden);
    free(a->logits);
}

// out[r] = token[inputs[r]] + position[r mod length]
static void embed(int rows, int length, int channels, const int *inputs,
                  const real *token, const real *position, real *out) {
    for (int r = 0; r < rows; r++) {
        const real *t = token + inputs[r] * channels;
        const real *p = position + r % length * channels;
        for (int i = 0; i < channels; i++)
            out[r * channels + i] = t[i] + p[i];
    }
}

static void normalize(int rows, int channels, const real *in, const real *scale,
                      const real *shift, real *out) {
    for (int r = 0; r < rows; r++) {
        const real *x = in + r * channels;
        real *y = out + r * channels;
        real mean = 0;
        for (int i = 0; i < channels; i++)
            mean += x[i];
        mean /= channels;
        real variance = 0;
        for (int i = 0; i < channels; i++) {
            real shifted = x[i] - mean;
            variance += shifted * shifted;
        }
        variance /= channels;
        real inverse = 1 / sqrt(variance + (real)1e-5);
        for (int i = 0; i < channels; i++)
            y[i] = (x[i] - mean) * inverse * scale[i] + shift[i];
    }
}

// out[r] = weight in[r] + bias
static void linear(int rows, int from, int to, const real *in,
                   const real *weight, const real *bias, real *out) {
    for (int r = 0; r < rows; r++) {
        const real *x = in + r * from;
        for (int o = 0; o < to; o++) {
            const real *w = weight + o * from;
            real sum = bias[o];
            for (int i = 0; i < from; i++)
                sum += w[i] * x[i];
            out[r * to + o] = sum;
        }
    }
}

// In place: x becomes positive and sums to 1.
static void softmax(int n, real *x) {
    real largest = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > largest)
            largest = x[i];
    real sum = 0;
    for (int i = 0; i < n; i++) {
        x[i] = exp(x[i] - largest);
        sum += x[i];
    }
    for (int i = 0; i < n; i++)
        x[i] /= sum;
}

// Of one sequence; a position sees itself and those before. Each row of qkv
// holds the query, the key and the value of all heads.
static void attend(int length, int channels, int heads, const real *qkv,
                   real *attention, real *out) {
    int size = channels / heads;
    real scale = 1 / sqrt((real)size);
    for (int t = 0; t < length; t++) {
        for (int h = 0; h < heads; h++) {
            const real *query = qkv + t * 3 * channels + h * size;
            real *weights = attention + h * length;
            for (int s = 0; s <= t; s++) {
                const real *key = qkv + s * 3 * channels + channels + h * size;
                real sum = 0;
                for (int i = 0; i < size; i++)
                    sum += query[i] * key[i];
                weights[s] = sum * scale;
            }
            softmax(t + 1, weights);

            real *mixed = out + t * channels + h * size;
            memset(mixed, 0, (size_t)size * sizeof *mixed);
            for (int s = 0; s <= t; s++) {
                const real *value =
                    qkv + s * 3 * channels + 2 * channels + h * size;
                for (int i = 0; i < size; i++)
                    mixed[i] += weights[s] * value[i];
            }
        }
    }
}

// In place, by the approximation with tanh of Hendrycks and Gimpel 2016.
static void gelu(size_t n, real *x) {
    for (size_t i = 0; i < n; i++) {
        real cube = (real)0.044715 * x[i] * x[i] * x[i];
        x[i] =
            (real)0.5 * x[i] * (1 + tanh((real)sqrt(2 / PI) * (x[i] + cube)));
    }
}

static void add(size_t n, const real *x, real *residual) {
    for (size_t i = 0; i < n; i++)
        residual[i] += x[i];
}

// One layer: attention, then a network on each row by itself.
static void block(const struct gpt2_config *config,
                  const struct gpt2_parameters *p, int layer, int rows,
                  int length, struct activations *a) {
    int c = config->channels;
    size_t numbers = (size_t)rows * (size_t)c;
    normalize(rows, c, a->residual, p->norm1_scale + layer * c,
              p->norm1_shift + layer * c, a->normed);
    linear(rows, c, 3 * c, a->normed, p->query_key_value + layer * 3 * c * c,
           p->query_key_value_bias + layer * 3 * c, a->qkv);
    for (int start = 0; start < rows; start += length)
        attend(length, c, config->heads, a->qkv + start * 3 * c, a->attention,
               a->mixed + start * c);
    linear(rows, c, c, a->mixed, p->projection + layer * c * c,
           p->projection_bias + layer * c, a->branch);
    add(numbers, a->branch, a->residual);

    normalize(rows, c, a->residual, p->norm2_scale + layer * c,
              p->norm2_shift + layer * c, a->normed);
    linear(rows, c, 4 * c, a->normed, p->expand + layer * 4 * c * c,
           p->expand_bias + layer * 4 * c, a->hidden);
    gelu(4 * numbers, a->hidden);
    linear(rows, 4 * c, c, a->hidden, p->contract + layer * 4 * c * c,
           p->contract_bias + layer * c, a->branch);
    add(numbers, a->branch, a->residual);
}

// -log of the probability of the target, where the token embeddings classify.
static real cross_entropy(int vocabulary, int channels, const real *x,
                          const real *token, int target, real *logits) {
    for (int v = 0; v < vocabulary; v++) {
        real sum = 0;
        for (int i = 0; i < channels; i++)
            sum += x[i] * token[v * channels + i];
        logits[v] = sum;
    }
    softmax(vocabulary, logits);
    return -log(logits[target]);
}

#pragma grad wrt(parameters)
#pragma grad forward wrt(parameters)
real gpt2_loss(const struct gpt2_config *config,
               const struct gpt2_parameters *parameters, int sequences,
               int length, const int *inputs, const int *targets) {
    int rows = sequences * length, c = config->channels;
    struct activations a;
    allocate_activations(config, rows, length, &a);

    embed(rows, length, c, inputs, parameters->token, parameters->position,
          a.residual);
    for (int layer = 0; layer < config->layers; layer++)
        block(config, parameters, layer, rows, length, &a);
    normalize(rows, c, a.residual, parameters->last_scale,
              parameters->last_shift, a.normed);

    real loss = 0;
    for (int r = 0; r < rows; r++)
        loss += cross_entropy(config->vocabulary, c, a.normed + r * c,
                              parameters->token, targets[r], a.logits);
    free_activations(&a);
    return loss / rows;
}

// A long short-term memory on text. By hand: each step's gates and states stay
// in one array; the reverse sweep calls neither exp nor tanh.
//
// primal: ../../programs/lstm/lstm.c
// targets: 2 2
#include "lstm.h"
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

enum { BITS = 14 };

struct problem {
    int layers, length, parameters;
    double *main, *extra, *start, *state, *sequence;
    size_t states;
};

static void *make(const int *sizes) {
    unsigned long long s = 2;
    struct problem *p = bench_allocate(1, sizeof *p);
    p->layers = sizes[0];
    p->length = sizes[1];
    p->states = LSTM_STATE_SIZE((size_t)p->layers, BITS);
    p->parameters = LSTM_MAIN_SIZE(p->layers, BITS) + LSTM_EXTRA_SIZE(BITS) +
                    (int)p->states;
    p->main = bench_doubles(&s, (size_t)p->parameters, -1, 1);
    p->extra = p->main + LSTM_MAIN_SIZE(p->layers, BITS);
    p->start = p->extra + LSTM_EXTRA_SIZE(BITS);
    p->state = bench_allocate(p->states, sizeof *p->state);
    size_t characters = (size_t)p->length * BITS;
    p->sequence = bench_doubles(&s, characters, 0, 1);
    for (size_t i = 0; i < characters; i++)
        p->sequence[i] = p->sequence[i] < 0.5;
    return p;
}

static size_t outputs(const void *problem) {
    return (size_t)((const struct problem *)problem)->parameters;
}

static double primal(void *problem) {
    struct problem *p = problem;
    double loss;
    memcpy(p->state, p->start, p->states * sizeof *p->state);
    lstm_objective(p->layers, p->length, BITS, p->main, p->extra, p->state,
                   p->sequence, &loss);
    return loss;
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient, loss, d_loss = 1;
    memset(g, 0, (size_t)p->parameters * sizeof *g);
    memcpy(p->state, p->start, p->states * sizeof *p->state);
    lstm_objective_grad(p->layers, p->length, BITS, p->main, g, p->extra,
                        g + (p->extra - p->main), p->state,
                        g + (p->start - p->main), p->sequence, &loss, &d_loss);
    return loss;
}

// What a layer keeps of a step, b numbers each.
struct kept {
    double forget[BITS], in[BITS], out[BITS], change[BITS];
    double hidden[BITS], cell[BITS], tanh_cell[BITS];
};

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void layer(const double *restrict w, const double *restrict input,
                  const double *restrict hidden, const double *restrict cell,
                  struct kept *restrict k) {
    const double *b = w + 4 * BITS;
    for (int i = 0; i < BITS; i++)
        k->forget[i] = sigmoid(input[i] * w[i] + b[i]);
    for (int i = 0; i < BITS; i++)
        k->in[i] = sigmoid(hidden[i] * w[BITS + i] + b[BITS + i]);
    for (int i = 0; i < BITS; i++)
        k->out[i] = sigmoid(input[i] * w[2 * BITS + i] + b[2 * BITS + i]);
    for (int i = 0; i < BITS; i++)
        k->change[i] = tanh(hidden[i] * w[3 * BITS + i] + b[3 * BITS + i]);
    for (int i = 0; i < BITS; i++)
        k->cell[i] = cell[i] * k->forget[i] + k->in[i] * k->change[i];
    for (int i = 0; i < BITS; i++)
        k->tanh_cell[i] = tanh(k->cell[i]);
    for (int i = 0; i < BITS; i++)
        k->hidden[i] = k->out[i] * k->tanh_cell[i];
}

// d_state holds the adjoints of hidden and cell, after the step and then
// before it; the input's are added to d_input.
static void layer_back(const double *restrict w, const double *restrict input,
                       const double *restrict hidden,
                       const double *restrict cell,
                       const struct kept *restrict k, double *restrict d_w,
                       double *restrict d_input, double *restrict d_state) {
    double *d_b = d_w + 4 * BITS;
    for (int i = 0; i < BITS; i++) {
        double d_hidden = d_state[i], t = k->tanh_cell[i];
        double d_cell = d_state[BITS + i] + d_hidden * k->out[i] * (1 - t * t);
        double f = k->forget[i], n = k->in[i], o = k->out[i], c = k->change[i];
        double d_f = d_cell * cell[i] * f * (1 - f);
        double d_n = d_cell * c * n * (1 - n);
        double d_o = d_hidden * t * o * (1 - o);
        double d_c = d_cell * n * (1 - c * c);
        d_state[BITS + i] = d_cell * f;
        d_state[i] = d_n * w[BITS + i] + d_c * w[3 * BITS + i];
        d_input[i] += d_f * w[i] + d_o * w[2 * BITS + i];
        d_w[i] += d_f * input[i];
        d_w[BITS + i] += d_n * hidden[i];
        d_w[2 * BITS + i] += d_o * input[i];
        d_w[3 * BITS + i] += d_c * hidden[i];
        d_b[i] += d_f;
        d_b[BITS + i] += d_n;
        d_b[2 * BITS + i] += d_o;
        d_b[3 * BITS + i] += d_c;
    }
}

// The forward sweep; shares[t] are the softmax of what is predicted.
static double forward(struct problem *p, struct kept *all, double *inputs,
                      double *shares) {
    double total = 0;
    for (int t = 0; t + 1 < p->length; t++) {
        const double *character = p->sequence + t * BITS;
        const double *next = character + BITS;
        double *input = inputs + t * BITS, *share = shares + t * BITS;
        for (int i = 0; i < BITS; i++)
            input[i] = character[i] * p->extra[i];
        for (int l = 0; l < p->layers; l++) {
            struct kept *k = all + t * p->layers + l;
            const struct kept *last = k - p->layers;
            const double *start = p->start + l * 2 * BITS;
            layer(p->main + l * 8 * BITS, l ? k[-1].hidden : input,
                  t ? last->hidden : start, t ? last->cell : start + BITS, k);
        }
        const double *top = all[t * p->layers + p->layers - 1].hidden;
        double sum = 2, shown = 0, count = 0;
        for (int i = 0; i < BITS; i++) {
            double y = top[i] * p->extra[BITS + i] + p->extra[2 * BITS + i];
            share[i] = exp(y);
            sum += share[i];
            shown += next[i] * y;
            count += next[i];
        }
        for (int i = 0; i < BITS; i++)
            share[i] *= count / sum;
        total += shown - count * log(sum);
    }
    return total;
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    size_t steps = (size_t)(p->length - 1);
    struct kept *all = malloc(steps * (size_t)p->layers * sizeof *all);
    double *inputs = malloc(steps * 2 * BITS * sizeof *inputs);
    double *shares = inputs + steps * BITS;
    double count = (double)(steps * BITS);
    double loss = -forward(p, all, inputs, shares) / count;
    double *g = gradient, *d_extra = g + (p->extra - p->main);
    double *d_state = g + (p->start - p->main);
    memset(g, 0, (size_t)p->parameters * sizeof *g);
    for (int t = (int)steps - 1; t >= 0; t--) {
        const double *character = p->sequence + t * BITS;
        const double *next = character + BITS, *share = shares + t * BITS;
        const double *top = all[t * p->layers + p->layers - 1].hidden;
        double *d_top = d_state + (p->layers - 1) * 2 * BITS;
        for (int i = 0; i < BITS; i++) {
            double d = (share[i] - next[i]) / count;
            d_extra[BITS + i] += d * top[i];
            d_extra[2 * BITS + i] += d;
            d_top[i] += d * p->extra[BITS + i];
        }
        double d_input[BITS] = {0};
        for (int l = p->layers - 1; l >= 0; l--) {
            const struct kept *k = all + t * p->layers + l;
            const struct kept *last = k - p->layers;
            const double *start = p->start + l * 2 * BITS;
            double *d = d_state + l * 2 * BITS;
            layer_back(p->main + l * 8 * BITS,
                       l ? k[-1].hidden : inputs + t * BITS,
                       t ? last->hidden : start, t ? last->cell : start + BITS,
                       k, g + l * 8 * BITS, l ? d - 2 * BITS : d_input, d);
        }
        for (int i = 0; i < BITS; i++)
            d_extra[i] += d_input[i] * character[i];
    }
    memcpy(p->state, p->start, p->states * sizeof *p->state);
    free(inputs);
    free(all);
    return loss;
}

static const struct bench_row rows[] = {
    {"lstm (2, 1024)", {2, 1024}}, {"lstm (4, 4096)", {4, 4096}}, {0}};

static const struct bench_row growing[] = {{"lstm (2, 10)", {2, 10}},
                                           {"lstm (2, 100)", {2, 100}},
                                           {"lstm (2, 1k)", {2, 1000}},
                                           {"lstm (2, 10k)", {2, 10000}},
                                           {0}};

const struct bench bench = {rows,   sizeof(double), 1e-9,    make,   outputs,
                            primal, generated,      by_hand, growing};

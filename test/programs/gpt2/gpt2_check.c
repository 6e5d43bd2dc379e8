// gpt2_check.c - the generated derivatives of gpt2_loss, for all parameters,
// in float or with GPT2_DOUBLE in double: against differences in long double,
// and reverse mode against forward mode; and the value against gpt2.c's own.
#include "gpt2.h"
#include "gpt2_grad.h"
#include "gpt2_reference.h"

#include "check.h"

// How far a derivative may be off: relative to itself, and to the largest.
#ifdef GPT2_DOUBLE
static const double relative = 1e-8, absolute = 1e-12, value_error = 1e-13;
#else
static const double relative = 1e-4, absolute = 2e-6, value_error = 1e-6;
#endif

struct model {
    struct gpt2_config config;
    int count; // of parameters
    int sequences, length;
    int *inputs, *targets;             // owned
    real *memory;                      // all parameters; owned
    struct gpt2_parameters parameters; // in memory
};

static void *allocate(int n, size_t size) {
    void *memory = calloc((size_t)n + 1, size);
    if (memory == NULL)
        exit(2);
    return memory;
}

static int *random_tokens(struct rng *rng, int n, int vocabulary) {
    int *tokens = allocate(n, sizeof *tokens);
    for (int i = 0; i < n; i++)
        tokens[i] = (int)rng_uniform(rng, 0, vocabulary);
    return tokens;
}

static struct model model_new(struct gpt2_config config, int sequences,
                              int length, struct rng *rng) {
    struct model m = {.config = config,
                      .count = (int)gpt2_parameter_count(&config),
                      .sequences = sequences,
                      .length = length};
    m.inputs = random_tokens(rng, sequences * length, config.vocabulary);
    m.targets = random_tokens(rng, sequences * length, config.vocabulary);
    m.memory = allocate(m.count, sizeof *m.memory);
    for (int i = 0; i < m.count; i++)
        m.memory[i] = (real)(0.5 * rng_normal(rng));
    gpt2_place_parameters(&config, m.memory, &m.parameters);
    return m;
}

static void model_free(struct model *m) {
    free(m->inputs);
    free(m->targets);
    free(m->memory);
}

static real value(const struct model *m) {
    return gpt2_loss(&m->config, &m->parameters, m->sequences, m->length,
                     m->inputs, m->targets);
}

// Adds to the gradient, and returns the value.
static real reverse(const struct model *m, real *gradient) {
    struct gpt2_parameters d;
    gpt2_place_parameters(&m->config, gradient, &d);
    return gpt2_loss_grad(&m->config, &m->parameters, &d, m->sequences,
                          m->length, m->inputs, m->targets);
}

static real forward(const struct model *m, real *direction, real *d_value) {
    struct gpt2_parameters d;
    gpt2_place_parameters(&m->config, direction, &d);
    return gpt2_loss_fwd(&m->config, &m->parameters, &d, m->sequences,
                         m->length, m->inputs, m->targets, d_value);
}

static void check_against_differences(const struct model *m,
                                      const real *gradient) {
    double *at = allocate(m->count, sizeof *at);
    double *want = allocate(m->count, sizeof *want);
    for (int i = 0; i < m->count; i++)
        at[i] = (double)m->memory[i];
    double loss = gpt2_reference(&m->config, m->sequences, m->length, m->inputs,
                                 m->targets, at, want);
    CHECK_CLOSE((double)value(m), loss, value_error);
    double scale = 0;
    for (int i = 0; i < m->count; i++)
        scale = fmax(scale, fabs(want[i]));
    for (int i = 0; i < m->count; i++)
        CHECK_NEAR((double)gradient[i], want[i],
                   relative * fabs(want[i]) + absolute * scale);
    free(at);
    free(want);
}

static void check(struct gpt2_config config, int sequences, int length,
                  struct rng *rng) {
    struct model m = model_new(config, sequences, length, rng);
    real *gradient = allocate(m.count, sizeof *gradient);
    real *direction = allocate(m.count, sizeof *direction);
    CHECK_BITS((double)reverse(&m, gradient), (double)value(&m));
    check_against_differences(&m, gradient);

    real there;
    double back = 0, size = 0, scale = 0;
    for (int i = 0; i < m.count; i++) {
        direction[i] = (real)rng_normal(rng);
        back += (double)direction[i] * (double)gradient[i];
        size += fabs((double)direction[i] * (double)gradient[i]);
        scale = fmax(scale, fabs((double)gradient[i]));
    }
    CHECK_BITS((double)forward(&m, direction, &there), (double)value(&m));
    CHECK_NEAR((double)there, back, absolute * size);

    real *twice = allocate(m.count, sizeof *twice);
    memcpy(twice, gradient, (size_t)m.count * sizeof *twice);
    reverse(&m, twice); // which adds
    for (int i = 0; i < m.count; i++)
        CHECK_NEAR((double)twice[i], 2 * (double)gradient[i], absolute * scale);

    free(gradient);
    free(direction);
    free(twice);
    model_free(&m);
}

int main(void) {
    struct rng rng = {1};
    struct gpt2_config small = {
        .vocabulary = 11, .context = 6, .layers = 2, .heads = 2, .channels = 4};
    struct gpt2_config odd = {
        .vocabulary = 5, .context = 7, .layers = 1, .heads = 3, .channels = 3};
    check(small, 2, 5, &rng);
    check(small, 1, 1, &rng);
    check(odd, 3, 7, &rng);
    odd.layers = 0;
    check(odd, 1, 4, &rng);
    return check_done();
}

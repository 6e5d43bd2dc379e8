// gpt2_time.c - how many times the loss's time its gradient takes. Not a test.
// Compile it with the flags that are to be measured.
#include "gpt2.h"
#include "gpt2_grad.h"

#include "stopwatch.h"

#include <stdlib.h>
#include <string.h>

enum { SEQUENCES = 2, LENGTH = 64, ROWS = SEQUENCES * LENGTH };

static const struct gpt2_config config = {.vocabulary = 96,
                                          .context = LENGTH,
                                          .layers = 3,
                                          .heads = 4,
                                          .channels = 64};

struct problem {
    real *memory, *gradient;
    struct gpt2_parameters parameters, d_parameters;
    int inputs[ROWS], targets[ROWS];
    volatile real loss;
};

static void primal(void *context) {
    struct problem *p = context;
    p->loss = gpt2_loss(&config, &p->parameters, SEQUENCES, LENGTH, p->inputs,
                        p->targets);
}

static void gradient(void *context) {
    struct problem *p = context;
    memset(p->gradient, 0, gpt2_parameter_count(&config) * sizeof(real));
    p->loss = gpt2_loss_grad(&config, &p->parameters, &p->d_parameters,
                             SEQUENCES, LENGTH, p->inputs, p->targets);
}

int main(void) {
    static struct problem p;
    size_t count = gpt2_parameter_count(&config);
    p.memory = malloc(count * sizeof *p.memory);
    p.gradient = malloc(count * sizeof *p.gradient);
    if (!p.memory || !p.gradient)
        return 2;
    srand(1);
    for (size_t i = 0; i < count; i++)
        p.memory[i] = (real)rand() / (real)RAND_MAX - (real)0.5;
    for (int i = 0; i < ROWS; i++) {
        p.inputs[i] = rand() % config.vocabulary;
        p.targets[i] = rand() % config.vocabulary;
    }
    gpt2_place_parameters(&config, p.memory, &p.parameters);
    gpt2_place_parameters(&config, p.gradient, &p.d_parameters);
    stopwatch_compare(sizeof(real) == sizeof(float) ? "float" : "double",
                      "gradient", primal, gradient, &p);
    free(p.memory);
    free(p.gradient);
    return 0;
}

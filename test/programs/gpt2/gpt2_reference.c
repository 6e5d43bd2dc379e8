// gpt2_reference.c - gpt2.c in long double, and its differences.
#include "long_double.h"

#undef GPT2_DOUBLE
#define GPT2_DOUBLE
#define double long double
#define gpt2_parameter_count gpt2_parameter_count_long
#define gpt2_place_parameters gpt2_place_parameters_long
#define gpt2_loss gpt2_loss_long
#include "gpt2.c"
#undef double

#include "gpt2_reference.h"

struct text {
    const struct gpt2_config *config;
    int sequences, length;
    const int *inputs, *targets;
};

static long double loss(const long double *memory, void *context) {
    const struct text *text = context;
    struct gpt2_parameters parameters;
    gpt2_place_parameters_long(text->config, (long double *)memory,
                               &parameters);
    return gpt2_loss_long(text->config, &parameters, text->sequences,
                          text->length, text->inputs, text->targets);
}

double gpt2_reference(const struct gpt2_config *config, int sequences,
                      int length, const int *inputs, const int *targets,
                      const double *parameters, double *gradient) {
    struct text text = {config, sequences, length, inputs, targets};
    int count = (int)gpt2_parameter_count_long(config);
    long_double_gradient(loss, &text, count, parameters, gradient);

    long double *memory = malloc((size_t)count * sizeof *memory);
    if (memory == NULL)
        exit(2);
    for (int i = 0; i < count; i++)
        memory[i] = parameters[i];
    long double value = loss(memory, &text);
    free(memory);
    return (double)value;
}

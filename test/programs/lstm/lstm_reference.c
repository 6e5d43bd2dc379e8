// lstm_reference.c - lstm.c in long double, and its differences.
#include "long_double.h"

#include "lstm_reference.h"

#define double long double
#define lstm_objective lstm_objective_long
#include "lstm.c"
#undef double

struct sum {
    const struct lstm *p;
    const double *weights;
    long double *sequence, *state;
};

static long double weighted_sum(const long double *parameters, void *context) {
    const struct sum *sum = context;
    const struct lstm *p = sum->p;
    int main_size = (int)(p->extra - p->main);
    int extra_size = (int)(p->state - p->extra);
    int state_size = p->parameters - main_size - extra_size;
    memcpy(sum->state, parameters + main_size + extra_size,
           (size_t)state_size * sizeof *sum->state);
    long double total;
    lstm_objective_long(p->layers, p->length, p->bits, parameters,
                        parameters + main_size, sum->state, sum->sequence,
                        &total);
    total *= sum->weights[0];
    for (int i = 0; i < state_size; i++)
        total += sum->weights[1 + i] * sum->state[i];
    return total;
}

void lstm_reference(const struct lstm *p, const double *weights,
                    double *gradient) {
    int characters = p->length * p->bits;
    long double *memory =
        calloc((size_t)(characters + p->parameters), sizeof *memory);
    if (memory == NULL)
        exit(2);
    for (int i = 0; i < characters; i++)
        memory[i] = p->sequence[i];
    struct sum sum = {p, weights, memory, memory + characters};
    long_double_gradient(weighted_sum, &sum, p->parameters, p->main, gradient);
    free(memory);
}

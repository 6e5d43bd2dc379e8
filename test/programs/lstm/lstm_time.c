// lstm_time.c - how many times the objective's time its gradient takes. Not a
// test. Compile it with the flags that are to be measured.
//
//     lstm_time FILE ...
#include "lstm.h"
#include "lstm_data.h"
#include "lstm_grad.h"

#include "stopwatch.h"

#include <stdlib.h>
#include <string.h>

struct problem {
    struct lstm lstm;
    double *state, *gradient;
    double loss;
};

static void primal(void *context) {
    struct problem *p = context;
    const struct lstm *q = &p->lstm;
    size_t size = (size_t)LSTM_STATE_SIZE(q->layers, q->bits);
    memcpy(p->state, q->state, size * sizeof *p->state);
    lstm_objective(q->layers, q->length, q->bits, q->main, q->extra, p->state,
                   q->sequence, &p->loss);
}

static void gradient(void *context) {
    struct problem *p = context;
    const struct lstm *q = &p->lstm;
    size_t size = (size_t)LSTM_STATE_SIZE(q->layers, q->bits);
    double d_loss = 1;
    memcpy(p->state, q->state, size * sizeof *p->state);
    memset(p->gradient, 0, (size_t)q->parameters * sizeof *p->gradient);
    lstm_objective_grad(q->layers, q->length, q->bits, q->main, p->gradient,
                        q->extra, p->gradient + (q->extra - q->main), p->state,
                        p->gradient + (q->state - q->main), q->sequence,
                        &p->loss, &d_loss);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        struct problem p = {.lstm = lstm_read(argv[i])};
        size_t size = (size_t)p.lstm.parameters * sizeof(double);
        p.state = malloc(size);
        p.gradient = malloc(size);
        if (!p.state || !p.gradient)
            return 2;
        stopwatch_compare(argv[i], "gradient", primal, gradient, &p);
        free(p.state);
        free(p.gradient);
        lstm_free(&p.lstm);
    }
    return argc > 1 ? 0 : 2;
}

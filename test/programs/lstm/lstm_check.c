// lstm_check.c - the generated derivatives of lstm_objective, for all
// parameters and the state in the beginning, of the loss and the state in the
// end: against differences in long double, and reverse mode against forward
// mode; and the values against lstm.c's own.
#include "lstm.h"
#include "lstm_data.h"
#include "lstm_grad.h"
#include "lstm_reference.h"

#include "check.h"

static double *numbers(int n) {
    double *x = calloc((size_t)n + 1, sizeof *x);
    if (x == NULL)
        exit(2);
    return x;
}

// What the objective gives out: the loss, and the state after it.
static void values(const struct lstm *p, double *out) {
    memcpy(out + 1, p->state,
           (size_t)LSTM_STATE_SIZE(p->layers, p->bits) * sizeof *out);
    lstm_objective(p->layers, p->length, p->bits, p->main, p->extra, out + 1,
                   p->sequence, out);
}

// Adds to the gradient.
static void reverse(const struct lstm *p, double *out, const double *weights,
                    double *gradient) {
    int size = LSTM_STATE_SIZE(p->layers, p->bits);
    double *d_extra = gradient + (p->extra - p->main);
    double *d_state = gradient + (p->state - p->main);
    double d_loss = weights[0];
    double *before = numbers(size);
    memcpy(before, d_state, (size_t)size * sizeof *before);
    memcpy(d_state, weights + 1, (size_t)size * sizeof *d_state);
    memcpy(out + 1, p->state, (size_t)size * sizeof *out);
    lstm_objective_grad(p->layers, p->length, p->bits, p->main, gradient,
                        p->extra, d_extra, out + 1, d_state, p->sequence, out,
                        &d_loss);
    CHECK_TRUE(d_loss == 0);
    for (int i = 0; i < size; i++)
        d_state[i] += before[i];
    free(before);
}

static void forward(const struct lstm *p, double *out, const double *direction,
                    double *d_out) {
    size_t size = (size_t)LSTM_STATE_SIZE(p->layers, p->bits);
    const double *d_extra = direction + (p->extra - p->main);
    memcpy(out + 1, p->state, size * sizeof *out);
    memcpy(d_out + 1, direction + (p->state - p->main), size * sizeof *out);
    lstm_objective_fwd(p->layers, p->length, p->bits, p->main, direction,
                       p->extra, d_extra, out + 1, d_out + 1, p->sequence, out,
                       d_out);
}

// Weights of the loss, and of the state where it counts.
static double *some_weights(const struct lstm *p, double loss, double state) {
    struct rng rng = {3};
    int size = LSTM_STATE_SIZE(p->layers, p->bits);
    double *weights = numbers(1 + size);
    rng_fill(&rng, size, weights + 1, -state, state);
    weights[0] = loss;
    return weights;
}

static void check_against_differences(const struct lstm *p, double loss,
                                      double state) {
    double *weights = some_weights(p, loss, state);
    double *want = numbers(p->parameters), *got = numbers(p->parameters);
    double *out = numbers(1 + p->parameters);
    lstm_reference(p, weights, want);
    reverse(p, out, weights, got);
    for (int i = 0; i < p->parameters; i++)
        CHECK_NEAR(got[i], want[i], 1e-8 * fabs(want[i]) + 1e-13);
    reverse(p, out, weights, got); // which adds
    for (int i = 0; i < p->parameters; i++)
        CHECK_NEAR(got[i], 2 * want[i], 2e-8 * fabs(want[i]) + 2e-13);
    free(weights);
    free(want);
    free(got);
    free(out);
}

// Values bit for bit, and reverse mode against forward mode.
static void check_modes(const struct lstm *p) {
    int size = 1 + LSTM_STATE_SIZE(p->layers, p->bits);
    double *weights = some_weights(p, 1, 0.5);
    double *want = numbers(size), *out = numbers(size);
    double *d_out = numbers(size);
    double *gradient = numbers(p->parameters);
    double *direction = numbers(p->parameters);
    rng_fill(&(struct rng){2}, p->parameters, direction, -1, 1);

    values(p, want);
    reverse(p, out, weights, gradient);
    for (int i = 0; i < size; i++)
        CHECK_BITS(out[i], want[i]);
    forward(p, out, direction, d_out);
    for (int i = 0; i < size; i++)
        CHECK_BITS(out[i], want[i]);
    double there = check_dot(size, weights, d_out);
    double back = check_dot(p->parameters, gradient, direction);
    CHECK_NEAR(back, there, 1e-11 * (fabs(there) + 1));

    free(weights);
    free(want);
    free(out);
    free(d_out);
    free(gradient);
    free(direction);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: lstm_check FILE\n");
        return 2;
    }
    struct lstm p = lstm_read(argv[1]);
    check_modes(&p);
    static const int lengths[] = {12, 2};
    for (int i = 0; i < 2; i++) {
        p.length = lengths[i];
        check_modes(&p);
        check_against_differences(&p, 1, 0);
        check_against_differences(&p, -0.7, 2);
    }
    lstm_free(&p);
    return check_done();
}

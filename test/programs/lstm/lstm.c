// lstm.c - the objective "LSTM" of ADBench, as one writes it in C.
#include "lstm.h"

#include <math.h>
#include <stdlib.h>

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

// The logarithm of the sum of exponentials, with something in it where all are
// tiny.
static double log_sum_exp(int n, const double *x) {
    double sum = 2;
    for (int i = 0; i < n; i++)
        sum += exp(x[i]);
    return log(sum);
}

// One layer, from its input and its state to its state.
static void layer(int bits, const double *weight, const double *bias,
                  double *hidden, double *cell, const double *input) {
    double *gates = malloc(4 * (size_t)bits * sizeof *gates);
    if (gates == NULL)
        abort();
    double *forget = gates;
    double *ingate = forget + bits;
    double *outgate = ingate + bits;
    double *change = outgate + bits;

    for (int i = 0; i < bits; i++)
        *forget++ = sigmoid(input[i] * *weight++ + *bias++);
    for (int i = 0; i < bits; i++)
        *ingate++ = sigmoid(hidden[i] * *weight++ + *bias++);
    for (int i = 0; i < bits; i++)
        *outgate++ = sigmoid(input[i] * *weight++ + *bias++);
    for (int i = 0; i < bits; i++)
        *change++ = tanh(hidden[i] * *weight++ + *bias++);

    forget -= bits;
    ingate -= bits;
    outgate -= bits;
    change -= bits;
    for (int i = 0; i < bits; i++)
        cell[i] = cell[i] * forget[i] + ingate[i] * change[i];
    for (int i = 0; i < bits; i++)
        hidden[i] = outgate[i] * tanh(cell[i]);
    free(gates);
}

// The next character's logits, by way of all layers.
static void predict(int layers, int bits, const double *main,
                    const double *extra, double *state, const double *input,
                    double *output) {
    for (int i = 0; i < bits; i++)
        output[i] = input[i] * extra[i];

    const double *below = output;
    for (int l = 0; l < layers; l++) {
        layer(bits, main, main + 4 * bits, state, state + bits, below);
        below = state;
        main += 8 * bits;
        state += 2 * bits;
    }

    for (int i = 0; i < bits; i++)
        output[i] = below[i] * extra[bits + i] + extra[2 * bits + i];
}

#pragma grad wrt(main, extra, state) of(loss, state)
#pragma grad forward wrt(main, extra, state) of(loss, state)
void lstm_objective(int layers, int length, int bits, const double *main,
                    const double *extra, double *state, const double *sequence,
                    double *loss) {
    double total = 0;
    int count = 0;
    double *predicted = malloc((size_t)bits * sizeof *predicted);
    if (predicted == NULL)
        abort();

    const double *input = sequence;
    for (int t = 0; t + 1 < length; t++) {
        const double *next = input + bits;
        predict(layers, bits, main, extra, state, input, predicted);
        double normal = log_sum_exp(bits, predicted);
        for (int i = 0; i < bits; i++)
            total += next[i] * (predicted[i] - normal);
        count += bits;
        input = next;
    }
    free(predicted);
    *loss = -total / count;
}

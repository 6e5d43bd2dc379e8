/* loss.c - the network, and the number that training makes small. */
#include "network.h"

#include <math.h>

/* y = W x + b */
static void affine(int rows, int columns, const double w[rows][columns],
                   const double *b, const double *x, double *y) {
    for (int i = 0; i < rows; i++) {
        double sum = b[i];
        for (int j = 0; j < columns; j++)
            sum += w[i][j] * x[j];
        y[i] = sum;
    }
}

void network_scores(const struct network *net, const double pixels[PIXELS],
                    double scores[CLASSES]) {
    double hidden[HIDDEN];

    affine(HIDDEN, PIXELS, net->w1, net->b1, pixels, hidden);
    for (int i = 0; i < HIDDEN; i++)
        hidden[i] = tanh(hidden[i]);
    affine(CLASSES, HIDDEN, net->w2, net->b2, hidden, scores);
}

/*
 * -log of the probability that softmax gives to the label. The largest score
 * is subtracted from all first, so that exp cannot overflow.
 */
static double cross_entropy(const double *scores, int label) {
    double largest = scores[0];
    for (int i = 1; i < CLASSES; i++)
        if (scores[i] > largest)
            largest = scores[i];

    double sum = 0;
    for (int i = 0; i < CLASSES; i++)
        sum += exp(scores[i] - largest);
    return log(sum) + largest - scores[label];
}

static double sum_of_squares(int n, const double *x) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

#pragma grad wrt(net)
double loss(const struct network *net, int n, const struct digit *digits,
            double decay) {
    double total = 0;
    for (int k = 0; k < n; k++) {
        double scores[CLASSES];
        network_scores(net, digits[k].pixels, scores);
        total += cross_entropy(scores, digits[k].label);
    }

    double squares = 0;
    for (int i = 0; i < HIDDEN; i++)
        squares += sum_of_squares(PIXELS, net->w1[i]);
    for (int i = 0; i < CLASSES; i++)
        squares += sum_of_squares(HIDDEN, net->w2[i]);
    return total / n + 0.5 * decay * squares;
}

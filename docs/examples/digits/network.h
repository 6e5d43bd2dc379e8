/*
 * network.h - a classifier of handwritten digits: 64 pixels, 32 hidden units,
 * 10 classes.
 */
#ifndef NETWORK_H
#define NETWORK_H

enum { PIXELS = 64, HIDDEN = 32, CLASSES = 10 };

/* All weights, row by row: w1[i] holds the weights that lead to hidden unit i.
 */
struct network {
    double w1[HIDDEN][PIXELS];
    double b1[HIDDEN];
    double w2[CLASSES][HIDDEN];
    double b2[CLASSES];
};

/* An 8x8 image, row by row, each pixel from 0 (paper) to 1 (ink). */
struct digit {
    double pixels[PIXELS];
    int label;
};

/* One score for each class; the largest is the network's answer. */
void network_scores(const struct network *net, const double pixels[PIXELS],
                    double scores[CLASSES]);

/*
 * Returns the mean cross-entropy of the network on n >= 1 digits, plus
 * decay/2 times the sum of all squared weights (not biases).
 */
double loss(const struct network *net, int n, const struct digit *digits,
            double decay);

#endif

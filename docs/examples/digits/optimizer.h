/*
 * optimizer.h - two ways down a gradient: stochastic gradient descent with
 * momentum, and Adam.
 *
 * Both see the n weights as one array and never clear the gradient: what a
 * generated gradient function adds to, its caller clears.
 */
#ifndef OPTIMIZER_H
#define OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * v <- momentum v - rate g,  w <- w + v
 * With momentum 0, plain gradient descent.
 */
struct sgd {
    double rate;
    double momentum;
    size_t n;
    double *velocity; /* n, owned */
};

/* Starts at rest. False where there is no memory. */
bool sgd_init(struct sgd *sgd, size_t n, double rate, double momentum);
void sgd_step(struct sgd *sgd, double *weights, const double *gradient);
void sgd_free(struct sgd *sgd);

/*
 * Kingma and Ba, "Adam: a method for stochastic optimization" (2015),
 * algorithm 1, with its correction of the bias that starting from zero moments
 * brings.
 */
struct adam {
    double rate;    /* 0.001 in the paper */
    double beta1;   /* decay of the first moment; init sets 0.9 */
    double beta2;   /* decay of the second moment; init sets 0.999 */
    double epsilon; /* keeps the division finite; init sets 1e-8 */
    double beta1_power;
    double beta2_power; /* beta1 and beta2 to the number of steps so far */
    size_t n;
    double *moment1; /* n, owned: running mean of the gradient */
    double *moment2; /* n, owned: running mean of its square */
};

/* Starts with zero moments. False where there is no memory. */
bool adam_init(struct adam *adam, size_t n, double rate);
void adam_step(struct adam *adam, double *weights, const double *gradient);
void adam_free(struct adam *adam);

#endif

/* optimizer.c - stochastic gradient descent with momentum, and Adam. */
#include "optimizer.h"

#include <math.h>
#include <stdlib.h>

bool sgd_init(struct sgd *sgd, size_t n, double rate, double momentum) {
    *sgd = (struct sgd){.rate = rate, .momentum = momentum, .n = n};
    sgd->velocity = calloc(n, sizeof *sgd->velocity);
    return sgd->velocity != NULL;
}

void sgd_step(struct sgd *sgd, double *weights, const double *gradient) {
    for (size_t i = 0; i < sgd->n; i++) {
        double *v = &sgd->velocity[i];
        *v = sgd->momentum * *v - sgd->rate * gradient[i];
        weights[i] += *v;
    }
}

void sgd_free(struct sgd *sgd) {
    free(sgd->velocity);
    sgd->velocity = NULL;
}

bool adam_init(struct adam *adam, size_t n, double rate) {
    *adam = (struct adam){
        .rate = rate,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
        .beta1_power = 1,
        .beta2_power = 1,
        .n = n,
        .moment1 = calloc(n, sizeof *adam->moment1),
        .moment2 = calloc(n, sizeof *adam->moment2),
    };
    if (adam->moment1 == NULL || adam->moment2 == NULL) {
        adam_free(adam);
        return false;
    }
    return true;
}

void adam_step(struct adam *adam, double *weights, const double *gradient) {
    adam->beta1_power *= adam->beta1;
    adam->beta2_power *= adam->beta2;
    for (size_t i = 0; i < adam->n; i++) {
        double g = gradient[i];
        double *m = &adam->moment1[i];
        double *v = &adam->moment2[i];
        *m = adam->beta1 * *m + (1 - adam->beta1) * g;
        *v = adam->beta2 * *v + (1 - adam->beta2) * g * g;

        double mean = *m / (1 - adam->beta1_power);
        double square = *v / (1 - adam->beta2_power);
        weights[i] -= adam->rate * mean / (sqrt(square) + adam->epsilon);
    }
}

void adam_free(struct adam *adam) {
    free(adam->moment1);
    free(adam->moment2);
    adam->moment1 = NULL;
    adam->moment2 = NULL;
}

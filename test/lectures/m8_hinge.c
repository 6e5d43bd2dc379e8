// The hinge loss of several classes: the sum over the wrong ones of
// max(0, 1 + a_j - a_y). At its kink, where a margin is exactly met, the
// branch that is taken decides, and fmax takes its first argument: either is
// a subgradient.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad wrt(scores)
double hinge(int n, const double *scores, int label) {
    double loss = 0;
    for (int j = 0; j < n; j++) {
        if (j == label)
            continue;
        double margin = 1 + scores[j] - scores[label];
        if (margin > 0)
            loss += margin;
    }
    return loss;
}

#pragma grad wrt(scores)
double hinge_fmax(int n, const double *scores, int label) {
    double loss = 0;
    for (int j = 0; j < n; j++)
        if (j != label)
            loss += fmax(0, 1 + scores[j] - scores[label]);
    return loss;
}

// The other way round, fmax's choice is the other subgradient.
#pragma grad wrt(scores)
double hinge_kept(int n, const double *scores, int label) {
    double loss = 0;
    for (int j = 0; j < n; j++)
        if (j != label)
            loss += fmax(1 + scores[j] - scores[label], 0);
    return loss;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

static void check_known(const double *scores, int label, double loss,
                        const double *gradient) {
    double d[3] = {0}, e[3] = {0};
    CHECK_NEAR(hinge_grad(3, scores, d, label), loss, 1e-14);
    CHECK_ARRAY(3, d, gradient, 0);
    CHECK_NEAR(hinge_fmax_grad(3, scores, e, label), loss, 1e-14);
    CHECK_ARRAY(3, e, gradient, 0);
}

// Away from the kinks: 1 for each margin that is violated, at the label minus
// their number.
static void check_random(int n, struct rng *rng) {
    double scores[8], d[8] = {0}, e[8] = {0}, want[8] = {0};
    int label = (int)rng_uniform(rng, 0, n);
    rng_fill(rng, n, scores, -2, 2);
    for (int j = 0; j < n; j++)
        if (j != label && 1 + scores[j] - scores[label] > 0) {
            want[j] = 1;
            want[label] -= 1;
        }
    CHECK_BITS(hinge_grad(n, scores, d, label), hinge(n, scores, label));
    CHECK_ARRAY(n, d, want, 0);
    CHECK_BITS(hinge_fmax_grad(n, scores, e, label),
               hinge_fmax(n, scores, label));
    CHECK_ARRAY(n, e, want, 0);
}

// Class 1 meets its margin exactly, class 2 violates it by 3/2.
static void check_kink(void) {
    const double scores[3] = {2, 1, 2.5};
    double d[3] = {0}, e[3] = {0};
    CHECK_BITS(hinge_grad(3, scores, d, 0), 1.5);
    CHECK_ARRAY(3, d, ((double[]){-1, 0, 1}), 0);

    CHECK_BITS(hinge_fmax_grad(3, scores, e, 0), 1.5);
    CHECK_ARRAY(3, e, d, 0);

    double f[3] = {0};
    CHECK_BITS(hinge_kept_grad(3, scores, f, 0), 1.5);
    CHECK_ARRAY(3, f, ((double[]){-2, 1, 1}), 0);
}

int main(void) {
    check_known((double[]){2.1, 3.4, -2.0}, 0, 2.3, (double[]){-1, 1, 0});
    check_known((double[]){0.2, 5.1, 1.7}, 1, 0, (double[]){0, 0, 0});
    check_known((double[]){2.3, 3.1, -1.2}, 2, 9.8, (double[]){1, 1, -2});
    check_kink();

    struct rng rng = {1};
    for (int round = 0; round < 100; round++)
        check_random(1 + round % 8, &rng);
    return check_done();
}
#endif

// The softmax classifier: cross-entropy of three scores, with the largest
// subtracted first so that exp does not overflow.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad wrt(scores)
#pragma grad forward wrt(scores)
double cross_entropy(int n, const double *scores, int label) {
    double largest = scores[0];
    for (int i = 1; i < n; i++)
        largest = fmax(largest, scores[i]);

    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += exp(scores[i] - largest);
    return log(sum) - (scores[label] - largest);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

// The gradient is softmax(scores), minus one at the label.
static void check_scores(int n, const double *scores, int label,
                         double tolerance) {
    double d[16] = {0}, want[16], v[16], sum = 0, along = 0;
    double largest = -INFINITY;
    for (int i = 0; i < n; i++)
        largest = fmax(largest, scores[i]);
    for (int i = 0; i < n; i++)
        sum += exp(scores[i] - largest);
    for (int i = 0; i < n; i++)
        want[i] = exp(scores[i] - largest) / sum - (i == label);

    double loss = cross_entropy_grad(n, scores, d, label);
    CHECK_BITS(loss, cross_entropy(n, scores, label));
    for (int i = 0; i < n; i++)
        CHECK_NEAR(d[i], want[i], tolerance);

    struct rng rng = {7};
    rng_fill(&rng, n, v, -1, 1);
    CHECK_BITS(cross_entropy_fwd(n, scores, v, label, &along), loss);
    CHECK_NEAR(along, check_dot(n, d, v), tolerance * n);
}

static void check_known(const double *scores, int label, double loss) {
    double d[3] = {0};
    CHECK_CLOSE(cross_entropy_grad(3, scores, d, label), loss, 1e-14);
    check_scores(3, scores, label, 1e-15);
}

// Scores of a thousand: the probabilities are 1 and 0.
static void check_large(void) {
    const double scores[3] = {1000, 0, -1000};
    double d[3] = {0};
    CHECK_CLOSE(cross_entropy_grad(3, scores, d, 0), 0, 0);
    CHECK_ARRAY(3, d, ((double[]){0, 0, 0}), 0);
    CHECK_CLOSE(cross_entropy_grad(3, scores, d, 1), 1000, 1e-15);
    CHECK_ARRAY(3, d, ((double[]){1, -1, 0}), 1e-15);

    // Two of them equal, which each take one half.
    double half[3] = {0};
    const double equal[3] = {1000, 1000, -1000};
    CHECK_CLOSE(cross_entropy_grad(3, equal, half, 1), log(2), 1e-15);
    CHECK_ARRAY(3, half, ((double[]){0.5, -0.5, 0}), 1e-15);
}

int main(void) {
    check_known((double[]){2.1, 3.4, -2.0}, 0, 1.5445514572856585);
    check_known((double[]){0.2, 5.1, 1.7}, 1, 0.04000872281445478);
    check_known((double[]){2.3, 3.1, -1.2}, 2, 4.680419073876827);
    check_large();

    struct rng rng = {1};
    for (int n = 1; n <= 16; n++) {
        double scores[16];
        rng_fill(&rng, n, scores, -20, 20);
        check_scores(n, scores, n / 2, 1e-14);
        rng_fill(&rng, n, scores, -1, 1);
        check_scores(n, scores, n - 1, 1e-14);
    }
    return check_done();
}
#endif

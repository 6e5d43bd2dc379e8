// The runtime's checks pass a generated gradient, and find what is wrong in
// one that was spoilt: central differences, which name the entry; the Taylor
// remainder; and the dot product of reverse against forward mode.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

#pragma grad wrt(w)
#pragma grad forward wrt(w)
double logistic_loss(int n, const double *w, const double *x, double y) {
    double s = 0;
    for (int i = 0; i < n; i++)
        s += w[i] * x[i];
    return log1p(exp(-y * s)) + 0.05 * s * s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

#include <gradrt.h>

enum { N = 10 };

static const double X[N] = {0.5, -1.5, 2, 0.25, -0.75, 1, 0.1, -2, 1.25, 0.6};

static double loss_at(const double *w, size_t n, void *y) {
    return logistic_loss((int)n, w, X, *(const double *)y);
}

static bool central(const double *w, double y, const double *g,
                    GradReport *report) {
    return grad_check_central(loss_at, &y, N, w, g, 1e-6, report);
}

static bool taylor(const double *w, double y, const double *g,
                   GradReport *report) {
    return grad_check_taylor(loss_at, &y, N, w, g, NULL, report);
}

static bool dot(const double *w, double y, const double *g,
                GradReport *report) {
    struct rng rng = {3};
    double v[N], along = 0, weight = 1;
    rng_fill(&rng, N, v, -1, 1);
    logistic_loss_fwd(N, w, v, X, y, &along);
    return grad_check_dot(1, &weight, &along, N, v, g, 1e-12, report);
}

static void check_right(const double *w, double y, const double *g) {
    GradReport report;
    CHECK_TRUE(central(w, y, g, &report));
    CHECK_TRUE(report.passed && report.error <= 1e-6);
    CHECK_TRUE(report.entries == N);
    CHECK_TRUE(taylor(w, y, g, &report));
    CHECK_TRUE(report.order > 1.8);
    CHECK_TRUE(dot(w, y, g, &report));
}

// The gradient g with entry i spoilt.
static void check_wrong(const double *w, double y, const double *g, size_t i,
                        double spoilt) {
    double wrong[N];
    memcpy(wrong, g, sizeof wrong);
    wrong[i] = spoilt;

    GradReport report;
    CHECK_TRUE(!central(w, y, wrong, &report));
    CHECK_TRUE(!report.passed && report.worst == i);
    if (!isnan(spoilt))
        CHECK_BITS(report.actual, spoilt);
    CHECK_CLOSE(report.expected, g[i], 1e-6);
    CHECK_TRUE(!taylor(w, y, wrong, &report));
    CHECK_TRUE(!dot(w, y, wrong, &report));
}

int main(void) {
    struct rng rng = {2};
    for (int round = 0; round < 5; round++) {
        double w[N], g[N] = {0}, y = round % 2 ? 1 : -1;
        rng_fill(&rng, N, w, -1, 1);
        CHECK_BITS(logistic_loss_grad(N, w, g, X, y),
                   logistic_loss(N, w, X, y));
        check_right(w, y, g);

        check_wrong(w, y, g, 3, -g[3]);
        check_wrong(w, y, g, 0, 0);
        check_wrong(w, y, g, 9, 2 * g[9]);
        check_wrong(w, y, g, 7, g[7] * 1.01);
        check_wrong(w, y, g, 5, NAN);

        double twice[N] = {0};
        logistic_loss_grad(N, w, twice, X, y);
        logistic_loss_grad(N, w, twice, X, y); // the buffer was not cleared
        CHECK_TRUE(!central(w, y, twice, NULL));
        CHECK_TRUE(!taylor(w, y, twice, NULL));
    }
    return check_done();
}
#endif

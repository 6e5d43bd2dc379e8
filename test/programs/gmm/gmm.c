// gmm.c - the objective "GMM" of ADBench, as one writes it in C.
#include "gmm.h"

#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

static double squared_norm(int n, const double *x) {
    double sum = x[0] * x[0];
    for (int i = 1; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

static double largest(int n, const double *x) {
    double m = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > m)
            m = x[i];
    return m;
}

// log(exp(x[0]) + ... + exp(x[n - 1])), without overflow.
static double log_sum_exp(int n, const double *x) {
    double m = largest(n, x);
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += exp(x[i] - m);
    return m + log(sum);
}

static void subtract(int n, const double *x, const double *y, double *out) {
    for (int i = 0; i < n; i++)
        out[i] = x[i] - y[i];
}

// out = Q x, for a lower triangular Q: its diagonal, and what is below it,
// packed column by column.
static void triangle_times(int n, const double *diagonal, const double *below,
                           const double *x, double *out) {
    for (int i = 0; i < n; i++)
        out[i] = diagonal[i] * x[i];

    int next = 0;
    for (int j = 0; j < n; j++)
        for (int i = j + 1; i < n; i++)
            out[i] += below[next++] * x[j];
}

// The diagonals of all factors, and the logarithms of their determinants.
static void unpack_diagonals(int d, int k, const double *icf, double *diagonals,
                             double *log_dets) {
    for (int c = 0; c < k; c++) {
        const double *q = &icf[c * GMM_ICF_SIZE(d)];
        log_dets[c] = 0;
        for (int i = 0; i < d; i++) {
            log_dets[c] += q[i];
            diagonals[c * d + i] = exp(q[i]);
        }
    }
}

// The logarithm of the multivariate gamma function.
static double log_gamma_multivariate(double a, int d) {
    double sum = 0.25 * d * (d - 1) * log(PI);
    for (int j = 1; j <= d; j++)
        sum += lgamma(a + 0.5 * (1 - j));
    return sum;
}

static double log_wishart_prior(int d, int k, double gamma, int m,
                                const double *diagonals, const double *log_dets,
                                const double *icf) {
    int size = GMM_ICF_SIZE(d);
    int freedom = d + m + 1;
    double normal = freedom * d * (log(gamma) - 0.5 * log(2)) -
                    log_gamma_multivariate(0.5 * freedom, d);
    double sum = 0;
    for (int c = 0; c < k; c++) {
        double frobenius = squared_norm(d, &diagonals[c * d]);
        if (size > d)
            frobenius += squared_norm(size - d, &icf[c * size + d]);
        sum += 0.5 * gamma * gamma * frobenius - m * log_dets[c];
    }
    return sum - k * normal;
}

#pragma grad wrt(alphas, means, icf)
double gmm_objective(int d, int k, int n, const double *alphas,
                     const double *means, const double *icf, const double *x,
                     double gamma, int m) {
    int size = GMM_ICF_SIZE(d);
    double *diagonals = malloc((size_t)(k * d) * sizeof(double));
    double *log_dets = malloc((size_t)k * sizeof(double));
    double *centred = malloc((size_t)d * sizeof(double));
    double *scaled = malloc((size_t)d * sizeof(double));
    double *terms = malloc((size_t)k * sizeof(double));
    if (!diagonals || !log_dets || !centred || !scaled || !terms)
        abort();

    unpack_diagonals(d, k, icf, diagonals, log_dets);

    double sum = 0;
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < k; c++) {
            subtract(d, &x[i * d], &means[c * d], centred);
            triangle_times(d, &diagonals[c * d], &icf[c * size + d], centred,
                           scaled);
            terms[c] = alphas[c] + log_dets[c] - 0.5 * squared_norm(d, scaled);
        }
        sum += log_sum_exp(k, terms);
    }

    double likelihood =
        -0.5 * n * d * log(2 * PI) + sum - n * log_sum_exp(k, alphas);
    double prior = log_wishart_prior(d, k, gamma, m, diagonals, log_dets, icf);

    free(terms);
    free(scaled);
    free(centred);
    free(log_dets);
    free(diagonals);
    return likelihood + prior;
}

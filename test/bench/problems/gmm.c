// A mixture of Gaussians. By hand: one pass over the points; of each, the
// centred and the transformed vectors of all components are kept.
//
// primal: ../../programs/gmm/gmm.c
// targets: 1 1 1 1.2
#include "gmm.h"
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

#define PI 3.14159265358979323846

struct problem {
    int d, k, n, m, parameters;
    double gamma, *alphas, *means, *icf, *x;
};

static void *make(const int *sizes) {
    unsigned long long s = 1;
    struct problem *p = bench_allocate(1, sizeof *p);
    int d = p->d = sizes[0], k = p->k = sizes[1];
    p->n = sizes[2];
    p->gamma = 1;
    p->parameters = k * (1 + d + GMM_ICF_SIZE(d));
    p->alphas = bench_doubles(&s, (size_t)p->parameters, -1, 1);
    p->means = p->alphas + k;
    p->icf = p->means + k * d;
    p->x = bench_doubles(&s, (size_t)(d * p->n), -1, 1);
    return p;
}

static size_t outputs(const void *problem) {
    return (size_t)((const struct problem *)problem)->parameters;
}

static double primal(void *problem) {
    struct problem *p = problem;
    return gmm_objective(p->d, p->k, p->n, p->alphas, p->means, p->icf, p->x,
                         p->gamma, p->m);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient;
    memset(g, 0, (size_t)p->parameters * sizeof *g);
    return gmm_objective_grad(p->d, p->k, p->n, p->alphas, g, p->means,
                              g + p->k, p->icf, g + p->k + p->k * p->d, p->x,
                              p->gamma, p->m);
}

// Adds the softmax of x, times weight, to out; returns log(sum(exp(x))). x is
// replaced by its softmax.
static double log_sum_exp(int n, double *restrict x, double weight,
                          double *restrict out) {
    double m = x[0], sum = 0;
    for (int i = 1; i < n; i++)
        m = x[i] > m ? x[i] : m;
    for (int i = 0; i < n; i++) {
        x[i] = exp(x[i] - m);
        sum += x[i];
    }
    double inverse = 1 / sum;
    for (int i = 0; i < n; i++) {
        x[i] *= inverse;
        out[i] += weight * x[i];
    }
    return m + log(sum);
}

// Of one component: keeps centred and q * centred, and returns -|.|^2 / 2.
static double transform(int d, const double *restrict x,
                        const double *restrict mean,
                        const double *restrict diagonal,
                        const double *restrict below, double *restrict centred,
                        double *restrict scaled) {
    for (int i = 0; i < d; i++) {
        centred[i] = x[i] - mean[i];
        scaled[i] = diagonal[i] * centred[i];
    }
    for (int j = 0; j < d; j++) {
        double c = centred[j];
        for (int i = j + 1; i < d; i++)
            scaled[i] += *below++ * c;
    }
    double sum = 0;
    for (int i = 0; i < d; i++)
        sum += scaled[i] * scaled[i];
    return -0.5 * sum;
}

static void add_component(int d, double weight, const double *restrict diagonal,
                          const double *restrict below,
                          const double *restrict centred,
                          double *restrict scaled, double *restrict d_mean,
                          double *restrict d_diagonal,
                          double *restrict d_below) {
    for (int i = 0; i < d; i++) {
        scaled[i] *= weight;
        d_diagonal[i] -= scaled[i] * centred[i];
    }
    for (int j = 0; j < d; j++) {
        double c = centred[j], sum = diagonal[j] * scaled[j];
        for (int i = j + 1; i < d; i++) {
            sum += *below++ * scaled[i];
            *d_below++ -= scaled[i] * c;
        }
        d_mean[j] += sum;
    }
}

static double prior(const struct problem *p, const double *diagonals,
                    double *g) {
    int d = p->d, size = GMM_ICF_SIZE(d), freedom = d + p->m + 1;
    double square = p->gamma * p->gamma, sum = 0;
    for (int c = 0; c < p->k; c++)
        for (int i = 0; i < size; i++) {
            double q = i < d ? diagonals[c * d + i] : p->icf[c * size + i];
            sum += 0.5 * square * q * q;
            g[c * size + i] += i < d ? square * q * q - p->m : square * q;
            sum -= i < d ? p->m * p->icf[c * size + i] : 0;
        }
    double gammas = 0.25 * d * (d - 1) * log(PI);
    for (int j = 1; j <= d; j++)
        gammas += lgamma(0.5 * freedom + 0.5 * (1 - j));
    return sum - p->k * (freedom * d * (log(p->gamma) - 0.5 * log(2)) - gammas);
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int d = p->d, k = p->k, size = GMM_ICF_SIZE(d), kd = k * d;
    double *g = gradient, *d_means = g + k, *d_icf = d_means + kd;
    memset(g, 0, (size_t)p->parameters * sizeof *g);
    double *memory = calloc((size_t)(4 * kd + 2 * k), sizeof *memory);
    double *diagonals = memory, *centred = memory + kd;
    double *scaled = memory + 2 * kd, *d_diagonals = memory + 3 * kd;
    double *log_dets = memory + 4 * kd, *terms = log_dets + k;
    for (int c = 0; c < k; c++)
        for (int i = 0; i < d; i++) {
            log_dets[c] += p->icf[c * size + i];
            diagonals[c * d + i] = exp(p->icf[c * size + i]);
        }
    double sum = 0;
    for (int i = 0; i < p->n; i++) {
        for (int c = 0; c < k; c++)
            terms[c] = p->alphas[c] + log_dets[c] +
                       transform(d, p->x + i * d, p->means + c * d,
                                 diagonals + c * d, p->icf + c * size + d,
                                 centred + c * d, scaled + c * d);
        sum += log_sum_exp(k, terms, 1, g);
        for (int c = 0; c < k; c++)
            add_component(d, terms[c], diagonals + c * d, p->icf + c * size + d,
                          centred + c * d, scaled + c * d, d_means + c * d,
                          d_diagonals + c * d, d_icf + c * size + d);
    }
    for (int c = 0; c < k; c++)
        for (int i = 0; i < d; i++)
            d_icf[c * size + i] =
                g[c] + d_diagonals[c * d + i] * diagonals[c * d + i];
    memcpy(terms, p->alphas, (size_t)k * sizeof *terms);
    double value = -0.5 * p->n * d * log(2 * PI) + sum -
                   p->n * log_sum_exp(k, terms, -p->n, g) +
                   prior(p, diagonals, d_icf);
    free(memory);
    return value;
}

static const struct bench_row rows[] = {{"gmm (2, 5, 1k)", {2, 5, 1000}},
                                        {"gmm (10, 25, 1k)", {10, 25, 1000}},
                                        {"gmm (10, 25, 10k)", {10, 25, 10000}},
                                        {"gmm (32, 50, 1k)", {32, 50, 1000}},
                                        {0}};

static const struct bench_row growing[] = {{"gmm (2, 5, 100)", {2, 5, 100}},
                                           {"gmm (2, 5, 1k)", {2, 5, 1000}},
                                           {"gmm (2, 5, 10k)", {2, 5, 10000}},
                                           {"gmm (2, 5, 100k)", {2, 5, 100000}},
                                           {0}};

const struct bench bench = {rows,   sizeof(double), 1e-9,    make,   outputs,
                            primal, generated,      by_hand, growing};

// gmm_check.c - the generated gradient of gmm_objective on a data file, for
// all parameters: against a gradient derived by hand, in long double, and
// against central differences; and the value against gmm_objective's own.
#include "gmm.h"
#include "gmm_data.h"
#include "gmm_grad.h"

#include "check.h"

// Adds log_sum_exp's gradient, times the weight: the softmax of x.
static void add_softmax(int n, const double *x, long double weight,
                        long double *out) {
    long double sum = 0;
    for (int i = 0; i < n; i++)
        sum += expl((long double)x[i] - x[0]);
    for (int i = 0; i < n; i++)
        out[i] += weight * expl((long double)x[i] - x[0]) / sum;
}

// One component at one point: centred = x - mean, scaled = Q centred. Returns
// log_det - |scaled|^2 / 2.
static long double component(int d, const double *mean, const double *q,
                             const double *x, long double *centred,
                             long double *scaled) {
    long double log_det = 0;
    for (int i = 0; i < d; i++) {
        centred[i] = (long double)x[i] - mean[i];
        log_det += q[i];
        scaled[i] = expl(q[i]) * centred[i];
    }
    const double *below = q + d;
    for (int j = 0; j < d; j++)
        for (int i = j + 1; i < d; i++)
            scaled[i] += *below++ * centred[j];
    long double squares = 0;
    for (int i = 0; i < d; i++)
        squares += scaled[i] * scaled[i];
    return log_det - squares / 2;
}

// Adds what component's value, times weight, owes to the mean and to q. With
// u = Q c: d(-|u|^2/2) = -u' dQ c + u' Q d(mean), and dQ_ii = Q_ii dq_i.
static void add_component(int d, long double weight, const double *q,
                          const long double *centred, const long double *scaled,
                          long double *d_mean, long double *d_q) {
    for (int i = 0; i < d; i++) {
        d_mean[i] += weight * expl(q[i]) * scaled[i];
        d_q[i] += weight * (1 - scaled[i] * expl(q[i]) * centred[i]);
    }
    const double *below = q + d;
    long double *d_below = d_q + d;
    for (int j = 0; j < d; j++)
        for (int i = j + 1; i < d; i++) {
            d_mean[j] += weight * *below++ * scaled[i];
            *d_below++ -= weight * scaled[i] * centred[j];
        }
}

// The Wishart prior: gamma^2/2 times the squares of Q's entries, minus m times
// the logarithms of its diagonal.
static void add_prior(const struct gmm *p, long double *d_icf) {
    int size = GMM_ICF_SIZE(p->d);
    long double square = (long double)p->gamma * p->gamma;
    for (int c = 0; c < p->k; c++)
        for (int i = 0; i < size; i++) {
            long double q = p->icf[c * size + i];
            d_icf[c * size + i] +=
                i < p->d ? square * expl(2 * q) - p->m : square * q;
        }
}

// Adds the gradient of one point's log-likelihood. centred and scaled have d
// entries for each component, terms has one.
static void add_point(const struct gmm *p, const double *x,
                      long double *centred, long double *scaled,
                      long double *terms, long double *d_alphas,
                      long double *d_means, long double *d_icf) {
    int d = p->d, size = GMM_ICF_SIZE(d);
    long double most = -INFINITY, sum = 0;
    for (int c = 0; c < p->k; c++) {
        terms[c] =
            p->alphas[c] + component(d, p->means + c * d, p->icf + c * size, x,
                                     centred + c * d, scaled + c * d);
        most = fmaxl(most, terms[c]);
    }
    for (int c = 0; c < p->k; c++)
        sum += expl(terms[c] - most);
    for (int c = 0; c < p->k; c++) {
        long double share = expl(terms[c] - most) / sum;
        d_alphas[c] += share;
        add_component(d, share, p->icf + c * size, centred + c * d,
                      scaled + c * d, d_means + c * d, d_icf + c * size);
    }
}

// The gradient by hand, of all parameters in their order.
static void gradient_by_hand(const struct gmm *p, double *gradient) {
    size_t kd = (size_t)p->k * (size_t)p->d;
    long double *sums =
        calloc((size_t)p->parameters + 2 * kd + (size_t)p->k, sizeof *sums);
    if (!CHECK_TRUE(sums != NULL))
        return;
    long double *d_means = sums + p->k;
    long double *d_icf = d_means + kd;
    long double *centred = sums + p->parameters;
    long double *scaled = centred + kd;
    long double *terms = scaled + kd;
    for (int i = 0; i < p->n; i++)
        add_point(p, p->x + i * p->d, centred, scaled, terms, sums, d_means,
                  d_icf);
    add_softmax(p->k, p->alphas, -p->n, sums);
    add_prior(p, d_icf);
    for (int i = 0; i < p->parameters; i++)
        gradient[i] = (double)sums[i];
    free(sums);
}

// The objective as a function of all parameters.
static double value(const double *parameters, void *context) {
    const struct gmm *p = context;
    const double *means = parameters + p->k;
    const double *icf = means + p->k * p->d;
    return gmm_objective(p->d, p->k, p->n, parameters, means, icf, p->x,
                         p->gamma, p->m);
}

// Adds the generated gradient to the array given, and returns the value.
static double generated(const struct gmm *p, double *gradient) {
    double *d_means = gradient + p->k;
    double *d_icf = d_means + p->k * p->d;
    return gmm_objective_grad(p->d, p->k, p->n, p->alphas, gradient, p->means,
                              d_means, p->icf, d_icf, p->x, p->gamma, p->m);
}

// All checks, on the first n points of the file and with another prior.
static void check(struct gmm p, int n, double gamma, int m) {
    p.n = n;
    p.gamma = gamma;
    p.m = m;
    double *got = calloc((size_t)p.parameters, sizeof *got);
    double *want = calloc((size_t)p.parameters, sizeof *want);
    if (!CHECK_TRUE(got != NULL && want != NULL))
        exit(check_done());

    CHECK_BITS(generated(&p, got), value(p.alphas, &p));
    gradient_by_hand(&p, want);
    // Each entry: relative to itself, down to the noise of its own sum over
    // the points.
    for (int i = 0; i < p.parameters; i++)
        CHECK_NEAR(got[i], want[i], 1e-8 * fabs(want[i]) + 1e-13 * n);
    CHECK_TAYLOR(value, &p, p.parameters, p.alphas, got, &(struct rng){1});
    if (n < 10) // they cost two evaluations a parameter
        CHECK_DIFFERENCES(value, &p, p.parameters, p.alphas, got, 1e-5);

    // A second call adds.
    generated(&p, got);
    for (int i = 0; i < p.parameters; i++)
        CHECK_NEAR(got[i], 2 * want[i], 2e-8 * fabs(want[i]) + 2e-13 * n);
    free(got);
    free(want);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: gmm_check FILE\n");
        return 2;
    }
    struct gmm p = gmm_read(argv[1]);
    check(p, p.n, p.gamma, p.m);
    check(p, 7, 1.75, 3);
    check(p, 1, 0.5, 0);
    check(p, 0, 1.25, 1);
    gmm_free(&p);
    return check_done();
}

// The likelihood of measurements under a linear model with Gaussian noise, by
// the Kalman filter: small matrices, row by row in plain arrays.
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define LOG_2_PI 1.83787706640934548356

// The number of states, of measurements at a time, and of either.
enum { STATES = 4, MEASURED = 2, MOST = 4 };

// out = a b; a is n x k, b is k x m.
static void multiply(int n, int k, int m, const double *a, const double *b,
                     double *out) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++)
                sum += a[i * k + l] * b[l * m + j];
            out[i * m + j] = sum;
        }
}

static void transpose(int n, int m, const double *a, double *out) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++)
            out[j * n + i] = a[i * m + j];
}

// out = a p a', for a square p; a is n x m.
static void sandwich(int n, int m, const double *a, const double *p,
                     double *out) {
    double ap[MOST * MOST], at[MOST * MOST];
    multiply(n, m, m, a, p, ap);
    transpose(n, m, a, at);
    multiply(n, m, n, ap, at, out);
}

// Solves a x = b for m right-hand sides, in place of b, by elimination with
// row exchanges; a is n x n and is overwritten. The determinant goes to *det.
// False if the matrix is singular.
static bool solve(int n, int m, double *a, double *b, double *det) {
    *det = 1;
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[best * n + k]))
                best = i;
        if (a[best * n + k] == 0)
            return false;
        if (best != k) {
            for (int j = 0; j < n; j++) {
                double t = a[k * n + j];
                a[k * n + j] = a[best * n + j];
                a[best * n + j] = t;
            }
            for (int j = 0; j < m; j++) {
                double t = b[k * m + j];
                b[k * m + j] = b[best * m + j];
                b[best * m + j] = t;
            }
            *det = -*det;
        }
        *det *= a[k * n + k];
        for (int i = k + 1; i < n; i++) {
            double factor = a[i * n + k] / a[k * n + k];
            for (int j = k + 1; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            for (int j = 0; j < m; j++)
                b[i * m + j] -= factor * b[k * m + j];
        }
    }
    for (int i = n - 1; i >= 0; i--)
        for (int j = 0; j < m; j++) {
            for (int k = i + 1; k < n; k++)
                b[i * m + j] -= a[i * n + k] * b[k * m + j];
            b[i * m + j] /= a[i * n + i];
        }
    return true;
}

// A state x moves by x' = f x + noise of covariance q; measured is h x + noise
// of covariance r. At first it is Gaussian, of mean x and covariance p.
struct model {
    double f[STATES * STATES], q[STATES * STATES];
    double h[MEASURED * STATES], r[MEASURED * MEASURED];
    double x[STATES], p[STATES * STATES];
};

static void predict(const struct model *model, double *x, double *p) {
    double moved[STATES], spread[STATES * STATES];
    multiply(STATES, STATES, 1, model->f, x, moved);
    memcpy(x, moved, sizeof moved);
    sandwich(STATES, STATES, model->f, p, spread);
    for (int i = 0; i < STATES * STATES; i++)
        p[i] = spread[i] + model->q[i];
}

// Takes the measurement z into x and p; adds its log-likelihood to *sum.
static bool update(const struct model *model, const double *z, double *x,
                   double *p, double *sum) {
    double innovation[MEASURED], s[MEASURED * MEASURED];
    multiply(MEASURED, STATES, 1, model->h, x, innovation);
    for (int i = 0; i < MEASURED; i++)
        innovation[i] = z[i] - innovation[i];
    sandwich(MEASURED, STATES, model->h, p, s);
    for (int i = 0; i < MEASURED * MEASURED; i++)
        s[i] += model->r[i];

    // The gain's transpose K' = S^-1 H P, and S^-1 innovation, at once.
    double hp[MEASURED * STATES], both[MEASURED * (STATES + 1)];
    multiply(MEASURED, STATES, STATES, model->h, p, hp);
    for (int i = 0; i < MEASURED; i++) {
        for (int j = 0; j < STATES; j++)
            both[i * (STATES + 1) + j] = hp[i * STATES + j];
        both[i * (STATES + 1) + STATES] = innovation[i];
    }
    double det;
    if (!solve(MEASURED, STATES + 1, s, both, &det))
        return false;

    double square = 0;
    for (int i = 0; i < MEASURED; i++) {
        const double *row = &both[i * (STATES + 1)];
        square += innovation[i] * row[STATES];
        for (int j = 0; j < STATES; j++) {
            x[j] += row[j] * innovation[i];
            for (int k = 0; k < STATES; k++)
                p[j * STATES + k] -= row[j] * hp[i * STATES + k];
        }
    }
    *sum -= 0.5 * (MEASURED * LOG_2_PI + log(fabs(det)) + square);
    return true;
}

// Of n measurements z[n][MEASURED].
#pragma grad wrt(model, z)
#pragma grad forward wrt(model, z)
double log_likelihood(const struct model *model, int n, const double *z) {
    double x[STATES], p[STATES * STATES], sum = 0;
    memcpy(x, model->x, sizeof x);
    memcpy(p, model->p, sizeof p);
    for (int t = 0; t < n; t++) {
        predict(model, x, p);
        if (!update(model, z + t * MEASURED, x, p, &sum))
            break;
    }
    return sum;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "program.h"

// A model is nothing but doubles; then come the measurements.
enum { MODEL = sizeof(struct model) / sizeof(double), LONGEST = 2000 };

static struct model *unpack(const double *x) {
    static struct model models[4];
    static int next;
    struct model *model = &models[next++ % 4];
    memcpy(model, x, sizeof *model);
    return model;
}

static double value(const double *x, void *sizes) {
    return log_likelihood(unpack(x), *(int *)sizes, x + MODEL);
}

static double gradient(const double *x, double *g, void *sizes) {
    struct model *model = unpack(x), *d_model = unpack(g);
    double result = log_likelihood_grad(model, d_model, *(int *)sizes,
                                        x + MODEL, g + MODEL);
    memcpy(g, d_model, sizeof *d_model);
    return result;
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    return log_likelihood_fwd(unpack(x), unpack(v), *(int *)sizes, x + MODEL,
                              v + MODEL, along);
}

// A stable motion, positive covariances, and measurements at random.
static void fill(struct rng *rng, double *x) {
    rng_fill(rng, MODEL + MEASURED * LONGEST, x, -0.2, 0.2);
    struct model *model = unpack(x);
    for (int i = 0; i < STATES; i++) {
        model->f[i * STATES + i] += 0.7;
        model->q[i * STATES + i] += 1;
        model->p[i * STATES + i] += 2;
    }
    // The second measurement varies more, so that rows are exchanged.
    model->h[0] += 0.3;
    model->h[STATES] += 1;
    model->h[STATES + 1] += 2;
    model->r[0] += 0.3;
    model->r[1] += 0.8;
    model->r[2] += 0.8;
    model->r[3] += 4;
    memcpy(x, model, sizeof *model);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {5};
    static double x[MODEL + MEASURED * LONGEST];
    fill(&rng, x);
    static const int lengths[] = {0, 1, 2, 12}, longer[] = {100, LONGEST};
    for (int k = 0; k < (argc > 1 ? 2 : 4); k++) {
        int n = argc > 1 ? longer[k] : lengths[k];
        program p = {
            "kalman", MODEL + MEASURED * n, 1e-3, value, gradient, tangent, &n};
        if (argc > 1)
            program_time(&p, x);
        else
            program_check(&p, x, &rng);
    }
    return argc > 1 ? 0 : check_done();
}
#endif

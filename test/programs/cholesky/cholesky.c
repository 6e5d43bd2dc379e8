// The Cholesky factorisation: of a copy of a full matrix, for the log-density
// of a Gaussian; and in place of a packed triangle that the caller owns.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_2_PI 1.83787706640934548356

// Replaces the lower triangle of the n x n matrix a by L with L L' = a.
// Returns 0, or the order of the first minor that is not positive.
static int cholesky(int n, double *a) {
    for (int j = 0; j < n; j++) {
        for (int k = 0; k < j; k++)
            for (int i = j; i < n; i++)
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
        if (!(a[j * n + j] > 0))
            return j + 1;
        double pivot = sqrt(a[j * n + j]);
        for (int i = j; i < n; i++)
            a[i * n + j] /= pivot;
    }
    return 0;
}

// x = L^-1 x.
static void solve_lower(int n, const double *l, double *x) {
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            x[i] -= l[i * n + j] * x[j];
        x[i] /= l[i * n + i];
    }
}

// The log-density at y of the Gaussian of the given mean and covariance, of
// which the lower triangle is read; -1e300 where that is not positive definite.
#pragma grad wrt(covariance, mean, y)
#pragma grad forward wrt(covariance, mean, y)
double log_density(int n, const double *covariance, const double *mean,
                   const double *y) {
    double *l = malloc((size_t)(n * n + n) * sizeof *l);
    if (l == NULL)
        abort();
    double *residual = l + n * n;
    memcpy(l, covariance, (size_t)(n * n) * sizeof *l);
    if (cholesky(n, l) != 0) {
        free(l);
        return -1e300;
    }
    for (int i = 0; i < n; i++)
        residual[i] = y[i] - mean[i];
    solve_lower(n, l, residual);

    double sum = -0.5 * n * LOG_2_PI;
    for (int i = 0; i < n; i++)
        sum -= 0.5 * residual[i] * residual[i] + log(l[i * n + i]);
    free(l);
    return sum;
}

// The same factorisation of a triangle that is packed row by row, by dot
// products of rows. Returns the logarithm of the determinant, or NAN.
#pragma grad wrt(a) of(a, return )
#pragma grad forward wrt(a) of(a, return )
double factor_packed(int n, double *a) {
    double log_det = 0;
    double *row = a;
    for (int i = 0; i < n; i++) {
        double *other = a;
        for (int j = 0; j <= i; j++) {
            double sum = row[j];
            for (int k = 0; k < j; k++)
                sum -= row[k] * other[k];
            if (i == j) {
                if (sum <= 0)
                    return NAN;
                row[i] = sqrt(sum);
                log_det += 2 * log(row[i]);
            } else {
                row[j] = sum / other[j];
            }
            other += j + 1;
        }
        row += i + 1;
    }
    return log_det;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "program.h"

enum { MOST = 200, PACKED = MOST * (MOST + 1) / 2 };

static int length(int n) { return n * n + 2 * n; }

static double value(const double *x, void *sizes) {
    int n = *(int *)sizes;
    return log_density(n, x, x + n * n, x + n * n + n);
}

static double gradient(const double *x, double *g, void *sizes) {
    int n = *(int *)sizes, m = n * n;
    return log_density_grad(n, x, g, x + m, g + m, x + m + n, g + m + n);
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    int n = *(int *)sizes, m = n * n;
    return log_density_fwd(n, x, v, x + m, v + m, x + m + n, v + m + n, along);
}

// The packed factor's entries, weighted by 1, 1/2, 1/3, ..., and the log-det.
static double packed_value(const double *x, void *sizes) {
    int n = *(int *)sizes, size = n * (n + 1) / 2;
    static double a[PACKED];
    memcpy(a, x, (size_t)size * sizeof *a);
    double sum = factor_packed(n, a);
    for (int i = 0; i < size; i++)
        sum += a[i] / (i + 1);
    return sum;
}

static double packed_gradient(const double *x, double *g, void *sizes) {
    int n = *(int *)sizes, size = n * (n + 1) / 2;
    static double a[PACKED], d_a[PACKED];
    memcpy(a, x, (size_t)size * sizeof *a);
    for (int i = 0; i < size; i++)
        d_a[i] = 1. / (i + 1);
    double sum = factor_packed_grad(n, a, d_a);
    for (int i = 0; i < size; i++) {
        sum += a[i] / (i + 1);
        g[i] += d_a[i];
    }
    return sum;
}

static double packed_tangent(const double *x, const double *v, double *along,
                             void *sizes) {
    int n = *(int *)sizes, size = n * (n + 1) / 2;
    static double a[PACKED], d_a[PACKED];
    memcpy(a, x, (size_t)size * sizeof *a);
    memcpy(d_a, v, (size_t)size * sizeof *a);
    double sum = factor_packed_fwd(n, a, d_a, along);
    for (int i = 0; i < size; i++) {
        sum += a[i] / (i + 1);
        *along += d_a[i] / (i + 1);
    }
    return sum;
}

// Random, with a diagonal that makes it positive definite.
static void fill(struct rng *rng, int n, double *x) {
    rng_fill(rng, length(n), x, -1, 1);
    for (int i = 0; i < n; i++)
        x[i * n + i] += 2 + n;
}

static void pack(int n, const double *x, double *packed) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            *packed++ = x[i * n + j];
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {2};
    static const int sizes[] = {0, 1, 2, 3, 5, 8}, large[] = {10, 50, 200};
    static double x[MOST * MOST + 2 * MOST], packed[PACKED];
    for (int k = 0; k < (argc > 1 ? 3 : 6); k++) {
        int n = argc > 1 ? large[k] : sizes[k];
        fill(&rng, n, x);
        pack(n, x, packed);
        program full = {"log_density", length(n), 1e-2, value,
                        gradient,      tangent,   &n};
        program in_place = {
            "factor_packed", n * (n + 1) / 2, 1e-2, packed_value,
            packed_gradient, packed_tangent,  &n};
        if (argc > 1) {
            program_time(&full, x);
            program_time(&in_place, packed);
        } else {
            program_check(&full, x, &rng);
            program_check(&in_place, packed, &rng);
        }
    }
    if (argc > 1)
        return 0;

    // Not positive definite: the value is a constant.
    double bad[8] = {1, 0, 2, 1, 0, 0, 1, 1}, zero[8] = {0}, g[8] = {0};
    int two = 2;
    CHECK_BITS(gradient(bad, g, &two), -1e300);
    CHECK_ARRAY(8, g, zero, 0);
    return check_done();
}
#endif

// A layer with normalisation, a' = (a - mean) / sqrt(mean (a - mean)^2 + eps),
// o = relu(g o a' + b), dropout by a mask, and L2 regularisation: a unit that
// was dropped gets no gradient.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %cc %sanitize %main %s %t_grad.c -o %t.sanitized.exe %sanitize_links && %t.sanitized.exe
#include <math.h>

// In place.
static void normalise(int n, double *a) {
    double mean = 0, variance = 0;
    for (int i = 0; i < n; i++)
        mean += a[i];
    mean /= n;
    for (int i = 0; i < n; i++) {
        a[i] -= mean;
        variance += a[i] * a[i];
    }
    double scale = 1 / sqrt(variance / n + 1e-5);
    for (int i = 0; i < n; i++)
        a[i] *= scale;
}

#pragma grad of(out) wrt(a)
#pragma grad forward of(out) wrt(a)
void normalised(int n, const double *a, double *out) {
    for (int i = 0; i < n; i++)
        out[i] = a[i];
    normalise(n, out);
}

// Units with keep[i] = 0 are dropped; the rest is scaled up by 1 / kept, the
// share of units that stay on average. v weighs the outputs.
#pragma grad wrt(a, g, b, v)
double dropout_loss(int n, const double *a, const double *g, const double *b,
                    const double *v, const int *keep, double kept, double y,
                    double lambda) {
    double hidden[n];
    for (int i = 0; i < n; i++)
        hidden[i] = a[i];
    normalise(n, hidden);

    double sum = 0, penalty = 0;
    for (int i = 0; i < n; i++) {
        double o = g[i] * hidden[i] + b[i];
        if (keep[i])
            sum += v[i] * (o > 0 ? o : 0) / kept;
        penalty += v[i] * v[i];
    }
    return (sum - y) * (sum - y) + lambda * penalty;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

enum { N = 9 };

// What weights w on a' owe to a, for the a' and scale of a:
// scale (w - mean(w) - a' mean(w a')).
static void by_hand(int n, const double *a, const double *w, double *d_a) {
    double mean = 0, variance = 0, w_mean = 0, wa_mean = 0;
    for (int i = 0; i < n; i++)
        mean += a[i] / n;
    for (int i = 0; i < n; i++)
        variance += (a[i] - mean) * (a[i] - mean) / n;
    double scale = 1 / sqrt(variance + 1e-5);
    for (int i = 0; i < n; i++) {
        w_mean += w[i] / n;
        wa_mean += w[i] * (a[i] - mean) * scale / n;
    }
    for (int i = 0; i < n; i++)
        d_a[i] = scale * (w[i] - w_mean - (a[i] - mean) * scale * wa_mean);
}

static void check_normalised(int n, struct rng *rng) {
    double a[N] = {0}, w[N] = {0}, v[N], d_a[N] = {0}, want[N], left[N];
    double plain[N], out[N], d_out[N];
    rng_fill(rng, n, a, -2, 2);
    rng_fill(rng, n, w, -1, 1);
    rng_fill(rng, n, v, -1, 1);
    memcpy(left, w, sizeof left);

    normalised(n, a, plain);
    normalised_grad(n, a, d_a, out, left);
    by_hand(n, a, w, want);
    for (int i = 0; i < n; i++) {
        CHECK_BITS(out[i], plain[i]);
        CHECK_CLOSE(left[i], 0, 0); // out was overwritten
        CHECK_NEAR(d_a[i], want[i], 1e-12);
    }
    normalised_fwd(n, a, v, out, d_out);
    CHECK_NEAR(check_dot(n, w, d_out), check_dot(n, d_a, v), 1e-12);
}

// a, g, b and v behind one another, and what does not change.
struct context {
    int keep[N];
    double y;
};

static double loss_at(const double *x, void *context) {
    const struct context *c = context;
    return dropout_loss(N, x, x + N, x + 2 * N, x + 3 * N, c->keep, 0.5, c->y,
                        0.1);
}

static void check_dropout(struct rng *rng) {
    struct context c = {.y = rng_uniform(rng, -1, 1)};
    double x[4 * N], d[4 * N] = {0};
    rng_fill(rng, 4 * N, x, -1, 1);
    for (int i = 0; i < N; i++)
        c.keep[i] = rng_uniform(rng, 0, 1) < 0.5;

    double loss =
        dropout_loss_grad(N, x, d, x + N, d + N, x + 2 * N, d + 2 * N,
                          x + 3 * N, d + 3 * N, c.keep, 0.5, c.y, 0.1);
    CHECK_BITS(loss, loss_at(x, &c));
    CHECK_DIFFERENCES(loss_at, &c, 4 * N, x, d, 1e-6);
    for (int i = 0; i < N; i++)
        if (!c.keep[i]) {
            CHECK_CLOSE(d[N + i], 0, 0);
            CHECK_CLOSE(d[2 * N + i], 0, 0);
            CHECK_CLOSE(d[3 * N + i], 2 * 0.1 * x[3 * N + i], 1e-15);
        }
}

int main(void) {
    struct rng rng = {1};
    for (int n = 1; n <= N; n++)
        check_normalised(n, &rng);
    for (int round = 0; round < 20; round++)
        check_dropout(&rng);
    return check_done();
}
#endif

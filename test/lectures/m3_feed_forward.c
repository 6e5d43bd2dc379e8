// A feed-forward network of any depth and widths with sigmoid units, quadratic
// cost and a penalty on its weights, against the four equations of
// backpropagation:
//
//   BP1  delta^L = grad_a C o sigmoid'(z^L)
//   BP2  delta^l = (W^{l+1}' delta^{l+1}) o sigmoid'(z^l)
//   BP3  dC/db = delta
//   BP4  dC/dW = delta a'
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %sanitize %main %s %t_grad.c -o %t.sanitized.exe %sanitize_links && %t.sanitized.exe
#include <math.h>

#define WIDEST 8

static double sigmoid(double z) { return 1 / (1 + exp(-z)); }

// sizes[0..depth]: the inputs, the hidden layers, the outputs. The weights of
// each layer follow one another, row by row, each layer's biases behind them.
#pragma grad wrt(weights)
#pragma grad forward wrt(weights)
double cost(int depth, const int *sizes, const double *weights, const double *x,
            const double *y, double lambda) {
    double a[WIDEST], next[WIDEST];
    const double *w = weights;
    double penalty = 0;

    for (int i = 0; i < sizes[0]; i++)
        a[i] = x[i];
    for (int l = 0; l < depth; l++) {
        int inputs = sizes[l], outputs = sizes[l + 1];
        const double *b = w + outputs * inputs;
        for (int i = 0; i < outputs; i++) {
            double z = b[i];
            for (int j = 0; j < inputs; j++) {
                z += *w * a[j];
                penalty += *w * *w;
                w++;
            }
            next[i] = sigmoid(z);
        }
        for (int i = 0; i < outputs; i++)
            a[i] = next[i];
        w = b + outputs;
    }

    double squares = 0;
    for (int i = 0; i < sizes[depth]; i++)
        squares += (a[i] - y[i]) * (a[i] - y[i]);
    return 0.5 * squares + 0.5 * lambda * penalty;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

enum { DEEPEST = 4, MOST = DEEPEST * WIDEST * (WIDEST + 1) };

static int count_weights(int depth, const int *sizes) {
    int n = 0;
    for (int l = 0; l < depth; l++)
        n += sizes[l + 1] * (sizes[l] + 1);
    return n;
}

// The four equations. d has the layout of w.
static void backpropagate(int depth, const int *sizes, const double *w,
                          const double *x, const double *y, double lambda,
                          double *d) {
    double a[DEEPEST + 1][WIDEST], delta[WIDEST];
    memcpy(a[0], x, sizeof(double) * (size_t)sizes[0]);
    for (int l = 0; l < depth; l++) {
        int m = sizes[l + 1], n = sizes[l];
        for (int i = 0; i < m; i++)
            a[l + 1][i] =
                1 / (1 + exp(-check_dot(n, w + i * n, a[l]) - w[m * n + i]));
        w += m * (n + 1);
        d += m * (n + 1);
    }
    for (int i = 0; i < sizes[depth]; i++) {
        double s = a[depth][i];
        delta[i] = (s - y[i]) * s * (1 - s); // BP1
    }
    for (int l = depth - 1; l >= 0; l--) {
        int m = sizes[l + 1], n = sizes[l];
        double back[WIDEST] = {0};
        w -= m * (n + 1);
        d -= m * (n + 1);
        for (int i = 0; i < m; i++) {
            d[m * n + i] = delta[i]; // BP3
            for (int j = 0; j < n; j++) {
                double weight = w[i * n + j];
                d[i * n + j] = delta[i] * a[l][j] + lambda * weight; // BP4
                back[j] += weight * delta[i];
            }
        }
        for (int j = 0; j < n; j++)
            delta[j] = back[j] * a[l][j] * (1 - a[l][j]); // BP2
    }
}

static void check_network(int depth, const int *sizes, double lambda,
                          struct rng *rng) {
    int n = count_weights(depth, sizes);
    double w[MOST], d_w[MOST] = {0}, want[MOST], v[MOST], along = 0;
    double x[WIDEST], y[WIDEST];
    rng_fill(rng, n, w, -1, 1);
    rng_fill(rng, n, v, -1, 1);
    rng_fill(rng, WIDEST, x, -1, 1);
    rng_fill(rng, WIDEST, y, 0, 1);

    double c = cost_grad(depth, sizes, w, d_w, x, y, lambda);
    CHECK_BITS(c, cost(depth, sizes, w, x, y, lambda));
    backpropagate(depth, sizes, w, x, y, lambda, want);
    CHECK_ARRAY(n, d_w, want, 1e-13);

    CHECK_BITS(cost_fwd(depth, sizes, w, v, x, y, lambda, &along), c);
    CHECK_NEAR(along, check_dot(n, d_w, v), 1e-13);
}

int main(void) {
    struct rng rng = {1};
    for (int round = 0; round < 10; round++) {
        check_network(1, (int[]){1, 1}, 0, &rng);
        check_network(1, (int[]){3, 2}, 0.1, &rng);
        check_network(2, (int[]){2, 5, 3}, 0, &rng);
        check_network(3, (int[]){4, 8, 3, 2}, 0.01, &rng);
        check_network(4, (int[]){8, 1, 6, 7, 8}, 0.3, &rng);
    }
    return check_done();
}
#endif

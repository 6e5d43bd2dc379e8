// A linear network of D matrices, loss = |w_D ... w_2 w_1 x - y|^2. Its
// gradient is g_i a_i' with g_i = w_{i+1}' g_{i+1} and a_i what w_i is
// multiplied with.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %cc %sanitize %main %s %t_grad.c -o %t.sanitized.exe %sanitize_links && %t.sanitized.exe
enum { DEPTH = 4, WIDTH = 5 };

// out = W in
static void multiply(const double w[WIDTH][WIDTH], const double *in,
                     double *out) {
    for (int i = 0; i < WIDTH; i++) {
        out[i] = 0;
        for (int j = 0; j < WIDTH; j++)
            out[i] += w[i][j] * in[j];
    }
}

// The activation is overwritten by each layer.
#pragma grad wrt(w, x)
#pragma grad forward wrt(w, x)
double linear_loss(const double w[DEPTH][WIDTH][WIDTH], const double x[WIDTH],
                   const double y[WIDTH]) {
    double a[WIDTH], next[WIDTH];
    for (int i = 0; i < WIDTH; i++)
        a[i] = x[i];
    for (int layer = 0; layer < DEPTH; layer++) {
        multiply(w[layer], a, next);
        for (int i = 0; i < WIDTH; i++)
            a[i] = next[i];
    }
    double sum = 0;
    for (int i = 0; i < WIDTH; i++)
        sum += (a[i] - y[i]) * (a[i] - y[i]);
    return sum;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER

#include "check.h"

enum { WEIGHTS = DEPTH * WIDTH * WIDTH };

// The closed form; returns the loss.
static double by_hand(double w[DEPTH][WIDTH][WIDTH], const double *x,
                      const double *y, double d_w[DEPTH][WIDTH][WIDTH],
                      double *d_x) {
    double a[DEPTH + 1][WIDTH], g[WIDTH], loss = 0;
    memcpy(a[0], x, sizeof a[0]);
    for (int l = 0; l < DEPTH; l++)
        for (int i = 0; i < WIDTH; i++)
            a[l + 1][i] = check_dot(WIDTH, w[l][i], a[l]);
    for (int i = 0; i < WIDTH; i++) {
        g[i] = 2 * (a[DEPTH][i] - y[i]);
        loss += g[i] * g[i] / 4;
    }
    for (int l = DEPTH - 1; l >= 0; l--) {
        double back[WIDTH] = {0};
        for (int i = 0; i < WIDTH; i++)
            for (int j = 0; j < WIDTH; j++) {
                d_w[l][i][j] = g[i] * a[l][j];
                back[j] += w[l][i][j] * g[i];
            }
        memcpy(g, back, sizeof g);
    }
    memcpy(d_x, g, sizeof g);
    return loss;
}

// Arrays of constant rows: C converts to them only by a cast.
typedef const double Rows[WIDTH][WIDTH];

int main(void) {
    struct rng rng = {1};
    for (int round = 0; round < 20; round++) {
        double w[DEPTH][WIDTH][WIDTH], d_w[DEPTH][WIDTH][WIDTH] = {0};
        double x[WIDTH], y[WIDTH], d_x[WIDTH] = {0};
        double want_w[DEPTH][WIDTH][WIDTH], want_x[WIDTH];
        rng_fill(&rng, WEIGHTS, &w[0][0][0], -1, 1);
        rng_fill(&rng, WIDTH, x, -1, 1);
        rng_fill(&rng, WIDTH, y, -1, 1);

        double loss = linear_loss_grad((Rows *)w, d_w, x, d_x, y);
        CHECK_BITS(loss, linear_loss((Rows *)w, x, y));
        CHECK_CLOSE(loss, by_hand(w, x, y, want_w, want_x), 1e-13);
        CHECK_ARRAY(WEIGHTS, &d_w[0][0][0], &want_w[0][0][0], 1e-13);
        CHECK_ARRAY(WIDTH, d_x, want_x, 1e-13);

        double v_w[DEPTH][WIDTH][WIDTH], v_x[WIDTH], along = 0;
        rng_fill(&rng, WEIGHTS, &v_w[0][0][0], -1, 1);
        rng_fill(&rng, WIDTH, v_x, -1, 1);
        CHECK_BITS(linear_loss_fwd((Rows *)w, (Rows *)v_w, x, v_x, y, &along),
                   loss);
        CHECK_NEAR(along,
                   check_dot(WEIGHTS, &d_w[0][0][0], &v_w[0][0][0]) +
                       check_dot(WIDTH, d_x, v_x),
                   1e-12);
    }
    return check_done();
}
#endif

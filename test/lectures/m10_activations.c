// The activations of neural networks and their derivatives over a grid that
// contains their kinks, where the branch taken decides.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad
double sigmoid(double x) { return 1 / (1 + exp(-x)); }

#pragma grad
double hyperbolic(double x) { return tanh(x); }

// 0 at the kink: it goes to the side of x <= 0.
#pragma grad
double relu(double x) { return x > 0 ? x : 0; }

// The same with fmax: in a tie the first argument wins, here the constant.
#pragma grad
double relu_fmax(double x) { return fmax(0, x); }

// 1 at the kink.
#pragma grad
double relu_kept(double x) { return fmax(x, 0); }

#pragma grad
double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }

#pragma grad
double leaky_relu(double x) {
    if (x < 0)
        return 0.01 * x;
    return x;
}

// The slope is learned.
#pragma grad wrt(x, slope)
double prelu(double x, double slope) { return x >= 0 ? x : slope * x; }

// Its two sides meet smoothly where alpha is 1.
#pragma grad wrt(x)
double elu(double x, double alpha) { return x > 0 ? x : alpha * expm1(x); }

// The largest of k affine functions; the first of several equal ones.
#pragma grad wrt(x, w, b)
double maxout(int k, double x, const double *w, const double *b) {
    double largest = w[0] * x + b[0];
    for (int i = 1; i < k; i++) {
        double z = w[i] * x + b[i];
        if (z > largest)
            largest = z;
    }
    return largest;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

typedef double gradient_function(double x, double *d_x);

static double slope_of(gradient_function *df, double x, double value) {
    double d_x = 0;
    CHECK_BITS(df(x, &d_x), value);
    return d_x;
}

static void check_smooth(double x) {
    double s = 1 / (1 + exp(-fabs(x))), c = cosh(x);
    CHECK_CLOSE(slope_of(sigmoid_grad, x, sigmoid(x)), s * (1 - s), 1e-11);
    CHECK_CLOSE(slope_of(hyperbolic_grad, x, tanh(x)), 1 / (c * c), 1e-11);
    CHECK_CLOSE(slope_of(softplus_grad, x, softplus(x)), sigmoid(x), 1e-14);
}

static void check_kinked(double x) {
    CHECK_CLOSE(slope_of(relu_grad, x, relu(x)), x > 0, 0);
    CHECK_CLOSE(slope_of(relu_fmax_grad, x, relu_fmax(x)), x > 0, 0);
    CHECK_CLOSE(slope_of(relu_kept_grad, x, relu_kept(x)), x >= 0, 0);
    CHECK_CLOSE(slope_of(leaky_relu_grad, x, leaky_relu(x)), x < 0 ? 0.01 : 1,
                0);

    double d_x = 0, d_slope = 0;
    CHECK_BITS(prelu_grad(x, &d_x, 0.25, &d_slope), prelu(x, 0.25));
    CHECK_CLOSE(d_x, x >= 0 ? 1 : 0.25, 0);
    CHECK_CLOSE(d_slope, x >= 0 ? 0 : x, 0);

    for (double alpha = 0.5; alpha <= 2; alpha *= 2) {
        d_x = 0;
        CHECK_BITS(elu_grad(x, &d_x, alpha), elu(x, alpha));
        CHECK_CLOSE(d_x, x > 0 ? 1 : alpha * exp(x), 1e-14);
    }
}

// The pieces -x - 1, 0, x / 2 and x - 1 meet at -1, 0 and 2.
static void check_maxout(double x) {
    const double w[4] = {-1, 0, 0.5, 1};
    const double b[4] = {-1, 0, 0, -1};
    int piece = x < -1 ? 0 : x <= 0 ? 1 : x <= 2 ? 2 : 3;
    if (x == -1)
        piece = 0;
    double d_x = 0, d_w[4] = {0}, d_b[4] = {0};
    double want_w[4] = {0}, want_b[4] = {0};
    want_w[piece] = x;
    want_b[piece] = 1;
    CHECK_BITS(maxout_grad(4, x, &d_x, w, d_w, b, d_b), maxout(4, x, w, b));
    CHECK_CLOSE(d_x, w[piece], 0);
    CHECK_ARRAY(4, d_w, want_w, 0);
    CHECK_ARRAY(4, d_b, want_b, 0);
}

int main(void) {
    for (int i = -40; i <= 40; i++) {
        double x = i / 8.0;
        check_smooth(x);
        check_kinked(x);
        check_maxout(x);
    }
    return check_done();
}
#endif

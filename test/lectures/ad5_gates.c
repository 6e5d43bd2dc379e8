// What each gate does to the gradient that comes back: an addition distributes
// it, a multiplication switches the inputs, a maximum routes it; where two
// paths meet, their gradients add up. Then a sigmoid neuron and softplus.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad
double add_multiply(double x, double y, double z) { return (x + y) * z; }

#pragma grad
double route(double x, double y, double z) { return z * fmax(x, y); }

// x reaches the result on three paths, one of them twice.
#pragma grad
double converge(double x, double y) {
    double u = x * y;
    double v = x - y;
    double w = u * v + x;
    return w * w + v;
}

// n paths from x, which meet in one sum.
#pragma grad wrt(x)
double fan(int n, double x) {
    double sum = 0;
    for (int i = 1; i <= n; i++)
        sum += i * x;
    return sum;
}

#pragma grad
#pragma grad forward
double neuron(const double w[3], const double x[2]) {
    return 1 / (1 + exp(-(w[0] * x[0] + w[1] * x[1] + w[2])));
}

// log(1 + exp(x)), without overflow.
#pragma grad
double softplus(double x) {
    if (x > 0)
        return x + log1p(exp(-x));
    return log1p(exp(x));
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

static void check_gates(void) {
    double d_x = 0, d_y = 0, d_z = 0;
    CHECK_BITS(add_multiply_grad(-2, &d_x, 7, &d_y, 4, &d_z), 20);
    CHECK_BITS(d_x, 4);
    CHECK_BITS(d_y, 4);
    CHECK_BITS(d_z, 5);

    d_x = d_y = d_z = 0;
    CHECK_BITS(route_grad(4, &d_x, -1, &d_y, 2, &d_z), 8);
    CHECK_BITS(d_x, 2);
    CHECK_CLOSE(d_y, 0, 0);
    CHECK_BITS(d_z, 4);

    d_x = d_y = d_z = 0;
    CHECK_BITS(route_grad(-4, &d_x, 3, &d_y, 2, &d_z), 6);
    CHECK_CLOSE(d_x, 0, 0);
    CHECK_BITS(d_y, 2);
    CHECK_BITS(d_z, 3);

    // A tie: the first argument takes it all.
    d_x = d_y = d_z = 0;
    CHECK_BITS(route_grad(3, &d_x, 3, &d_y, 2, &d_z), 6);
    CHECK_BITS(d_x, 2);
    CHECK_CLOSE(d_y, 0, 0);
}

static void check_paths(void) {
    // At x = 3, y = 2: u = 6, v = 1, w = 9.
    double d_x = 0, d_y = 0;
    CHECK_BITS(converge_grad(3, &d_x, 2, &d_y), 82);
    CHECK_BITS(d_x, 2 * 9 * (2 * 1 + 6 + 1) + 1);
    CHECK_BITS(d_y, 2 * 9 * (3 * 1 - 6) - 1);

    for (int n = 0; n <= 10; n++) {
        d_x = 0;
        CHECK_BITS(fan_grad(n, 0.5, &d_x), n * (n + 1) / 4.0);
        CHECK_CLOSE(d_x, n * (n + 1) / 2, 0);
    }
}

static void check_neuron(void) {
    const double w[3] = {2, -3, -3};
    const double x[2] = {-1, -2};
    double d_w[3] = {0}, d_x[2] = {0};
    double s = neuron_grad(w, d_w, x, d_x);
    CHECK_BITS(s, neuron(w, x));
    CHECK_CLOSE(s, 1 / (1 + exp(-1.0)), 1e-15);

    // s'(1) = e / (1 + e)^2
    double slope = 0.19661193324148185;
    CHECK_ARRAY(3, d_w, ((double[]){-slope, -2 * slope, slope}), 1e-15);
    CHECK_ARRAY(2, d_x, ((double[]){2 * slope, -3 * slope}), 1e-15);

    double d_s = 0;
    neuron_fwd(w, (double[]){1, 0, 2}, x, (double[]){0, -1}, &d_s);
    CHECK_CLOSE(d_s, d_w[0] + 2 * d_w[2] - d_x[1], 1e-15);
}

static void check_softplus(void) {
    for (int i = -80; i <= 80; i++) {
        double x = 10 * i, d_x = 0;
        CHECK_BITS(softplus_grad(x, &d_x), softplus(x));
        double sigmoid = x > 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
        CHECK_CLOSE(d_x, sigmoid, 1e-14);
    }
}

int main(void) {
    check_gates();
    check_paths();
    check_neuron();
    check_softplus();
    return check_done();
}
#endif

// Every check of check.h passes what is right, and reports what is wrong.
//
// RUN: %cc %s -o %t.exe -lm
// RUN: %t.exe right
// RUN: not %t.exe nothing | FileCheck %s --check-prefix=NOTHING
// RUN: not %t.exe wrong | FileCheck %s
//
// NOTHING: no check was made
#include "check.h"

static double product(const double *x, void *context) {
    return *(const double *)context * sin(x[0]) * exp(x[1]);
}

static double linear(const double *x, void *context) {
    (void)context;
    return 2 * x[0] - 3 * x[1];
}

static void right(void) {
    CHECK_CLOSE(1 + 1e-10, 1, 1e-9);
    CHECK_CLOSE(0.0, -0.0, 0);
    CHECK_CLOSE(INFINITY, INFINITY, 1e-9);
    CHECK_NEAR(1e-10, 0, 1e-9);
    CHECK_BITS(0.1 + 0.2, 0.30000000000000004);
    CHECK_ARRAY(2, ((double[]){1000, 1e-9}), ((double[]){1000, 0}), 1e-9);
    CHECK_ARRAY(0, NULL, NULL, 0);
    CHECK_TRUE(1 < 2);

    struct rng rng = {1};
    double scale = 3;
    double x[2] = {0.4, 0.8};
    double g[2] = {3 * cos(0.4) * exp(0.8), 3 * sin(0.4) * exp(0.8)};
    CHECK_DIFFERENCES(product, &scale, 2, x, g, 1e-8);
    CHECK_TAYLOR(product, &scale, 2, x, g, &rng);
    CHECK_TAYLOR(linear, NULL, 2, x, ((double[]){2, -3}), &rng);
    CHECK_BITS(x[0], 0.4);

    double sum = 0, squares = 0;
    for (int i = 0; i < 10000; i++) {
        double z = rng_normal(&rng);
        sum += z;
        squares += z * z;
    }
    CHECK_NEAR(sum / 10000, 0, 0.05);
    CHECK_NEAR(squares / 10000, 1, 0.05);
}

static void wrong(void) {
    // CHECK: check_test.c:[[#@LINE+1]]: 1 + 1e-8 is {{.*}}, not 1 (off by 1e
    CHECK_CLOSE(1 + 1e-8, 1, 1e-9);
    // CHECK: [[#@LINE+1]]: 1e-300 is {{.*}}, not 0
    CHECK_CLOSE(1e-300, 0, 1e-9);
    // CHECK: [[#@LINE+1]]: {{.*}} is {{-?}}nan, not 1
    CHECK_CLOSE((double)NAN, 1, 1e-9);
    // CHECK: [[#@LINE+1]]: 1e-8 is
    CHECK_NEAR(1e-8, 0, 1e-9);
    // CHECK: [[#@LINE+1]]: {{.*}} is {{-?}}nan, not {{-?}}nan
    CHECK_NEAR((double)NAN, NAN, 1);
    // CHECK: [[#@LINE+1]]: 0.0 is 0, not -0
    CHECK_BITS(0.0, -0.0);
    // CHECK: [[#@LINE+1]]: 0.1 + 0.2 is
    CHECK_BITS(0.1 + 0.2, 0.3);
    // CHECK: [[#@LINE+1]]: {{.*}}[1] is {{.*}}, not 2
    CHECK_ARRAY(2, ((double[]){1, 3}), ((double[]){1, 2}), 1e-9);
    // CHECK: [[#@LINE+1]]: not true: 1 > 2
    CHECK_TRUE(1 > 2);

    struct rng rng = {1};
    double scale = 3;
    double x[2] = {0.4, 0.8};
    double g[2] = {3 * cos(0.4) * exp(0.8), 3 * sin(0.4) * exp(0.8) + 1e-4};
    // CHECK: [[#@LINE+1]]: g[1] is
    CHECK_DIFFERENCES(product, &scale, 2, x, g, 1e-7);
    // CHECK: [[#@LINE+1]]: slope of the Taylor remainder is
    CHECK_TAYLOR(product, &scale, 2, x, g, &rng);
    g[0] = NAN;
    // CHECK: [[#@LINE+1]]: slope of the Taylor remainder is {{-?}}nan
    CHECK_TAYLOR(product, &scale, 2, x, g, &rng);
    // CHECK: [[#@LINE+1]]: slope of the Taylor remainder is
    CHECK_TAYLOR(linear, NULL, 2, x, ((double[]){2, 3}), &rng);
    CHECK_TRUE(1 < 2);
    // CHECK: 13 of 20 checks failed
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "right") == 0)
        right();
    if (argc > 1 && strcmp(argv[1], "wrong") == 0)
        wrong();
    return check_done();
}

// The gradient checks pass what is right, to the tolerances that gradrt.h
// promises, and find every kind of wrong gradient and its worst entry.
//
// RUN: %cc %runtime %check %s -o %t %links && %t | FileCheck %s
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links && %t.san
//
// CHECK: central differences: passed: worst is entry {{.*}} of 3: expected
// CHECK-SAME: tolerance 1e-08
// CHECK: central differences: FAILED: worst is entry 1 of 3: expected 1.5
// CHECK-SAME: got -1.5{{[0-9]*}}, relative error 2,
// CHECK: Taylor: passed: {{.*}}, order {{2|1.9}}
// CHECK: Taylor: FAILED: {{.*}}, order {{1|0.99|1.0}}
// CHECK: dot product: passed: expected 32, got 32, relative error 0,
// CHECK: FAILED: worst is entry 3 of 4: expected
// CHECK-NEXT: FAILED: worst is entry 3 of 5
// CHECK-NEXT: {{^}}    entry 4: expected 10{{[^ ]*}}, got 7.5, relative error
// 0.25
#include "check.h"
#include "gradrt.h"

enum { N = 3 };

// A smooth function with entries of all signs: its gradient is known.
static double smooth(const double *x, size_t n, void *context) {
    (void)context;
    (void)n;
    return sin(x[0]) * exp(x[1]) + x[1] * x[1] * x[2] - log1p(x[2] * x[2]);
}

static void smooth_gradient(const double *x, double *g) {
    g[0] = cos(x[0]) * exp(x[1]);
    g[1] = sin(x[0]) * exp(x[1]) + 2 * x[1] * x[2];
    g[2] = x[1] * x[1] - 2 * x[2] / (1 + x[2] * x[2]);
}

// Right at random points, and wrong by 1e-4 in each entry that is not so small
// that its error would drown.
static void check_smooth(struct rng *rng) {
    double x[N], g[N];
    GradReport report;
    rng_fill(rng, N, x, -2, 2);
    smooth_gradient(x, g);
    CHECK_TRUE(grad_check_central(smooth, NULL, N, x, g, 1e-8, &report));
    CHECK_TRUE(report.entries == N && report.undecided == 0);
    CHECK_TRUE(report.error < 1e-8);
    CHECK_TRUE(grad_check_taylor(smooth, NULL, N, x, g, NULL, &report));
    CHECK_TRUE(report.order > 1.9);
    for (size_t i = 0; i < N; i++) {
        double right = g[i];
        if (fabs(right) < 0.01)
            continue;
        g[i] *= 1 + 1e-4;
        CHECK_TRUE(!grad_check_central(smooth, NULL, N, x, g, 1e-5, &report));
        CHECK_TRUE(report.worst == i);
        CHECK_NEAR(report.error, 1e-4, 1e-6);
        CHECK_CLOSE(report.expected, right, 1e-7);
        CHECK_BITS(report.actual, g[i]);
        CHECK_TRUE(!grad_check_taylor(smooth, NULL, N, x, g, NULL, &report));
        CHECK_TRUE(report.order < 1.5);
        g[i] = right;
    }
}

static double logarithm(const double *x, size_t n, void *context) {
    (void)n;
    return *(const double *)context + log(x[0]);
}

static double square_root(const double *x, size_t n, void *context) {
    (void)n;
    (void)context;
    return sqrt(x[0]);
}

static double kink(const double *x, size_t n, void *context) {
    (void)n;
    (void)context;
    return fabs(x[0]) + 1e5;
}

static double wave(const double *x, size_t n, void *context) {
    (void)n;
    return sin(*(const double *)context * x[0]);
}

// One variable: is the derivative d of f at x confirmed, and its double not?
#define DECIDES(f, context, x, d, tolerance)                                   \
    do {                                                                       \
        double at = (x), right = (d), wrong = 2 * right;                       \
        GradReport report;                                                     \
        CHECK_TRUE(grad_check_central(f, context, 1, &at, &right, tolerance,   \
                                      &report));                               \
        CHECK_TRUE(report.undecided == 0);                                     \
        CHECK_TRUE(                                                            \
            !grad_check_central(f, context, 1, &at, &wrong, tolerance, NULL)); \
        CHECK_TRUE(grad_check_taylor(f, context, 1, &at, &right, NULL, NULL)); \
        CHECK_TRUE(                                                            \
            !grad_check_taylor(f, context, 1, &at, &wrong, NULL, NULL));       \
    } while (0)

// Steps that fit: small arguments, large ones, near the end of the domain,
// near a kink, fast waves.
static void check_steps(void) {
    static double zero = 0, fast = 1e4, slow = 1e-4;
    DECIDES(logarithm, &zero, 1e-8, 1e8, 1e-6);
    DECIDES(logarithm, &zero, 3, 1.0 / 3, 1e-8);
    DECIDES(logarithm, &zero, 1e12, 1e-12, 1e-8);
    DECIDES(square_root, NULL, 1e-4, 50, 1e-7);
    DECIDES(kink, NULL, 1e-3, 1, 1e-6);
    DECIDES(kink, NULL, -1e3, -1, 1e-8);
    DECIDES(wave, &fast, 0.3, fast * cos(fast * 0.3), 1e-6);
    DECIDES(wave, &slow, 0.3, slow * cos(slow * 0.3), 1e-6);
}

static double constant(const double *x, size_t n, void *context) {
    (void)x;
    (void)n;
    return *(const double *)context;
}

static double product(const double *x, size_t n, void *context) {
    double p = 1;
    (void)context;
    for (size_t i = 0; i < n; i++)
        p *= x[i];
    return p;
}

// A derivative of zero has no relative error, and a function without any
// curvature no order.
static void check_zeros(void) {
    double value = 5, x[2] = {0, 3}, g[2] = {0, 0};
    GradReport report;
    CHECK_TRUE(grad_check_central(constant, &value, 2, x, g, 1e-6, &report));
    CHECK_TRUE(report.undecided == 0 && report.error == 0);
    CHECK_TRUE(grad_check_taylor(constant, &value, 2, x, g, NULL, &report));
    CHECK_TRUE(isinf(report.order));
    g[0] = 3; // the other is x[0] = 0
    CHECK_TRUE(grad_check_central(product, NULL, 2, x, g, 1e-6, NULL));
    g[1] = 1e-3;
    CHECK_TRUE(!grad_check_central(product, NULL, 2, x, g, 1e-6, NULL));
    CHECK_TRUE(grad_check_central(product, NULL, 0, x, g, 1e-6, NULL));
    CHECK_TRUE(grad_check_taylor(product, NULL, 0, x, g, NULL, NULL));
    CHECK_TRUE(grad_check_dot(0, NULL, NULL, 0, NULL, NULL, 1e-12, NULL));
}

// Whatever is no number fails.
static void check_no_numbers(void) {
    double x[1] = {1}, outside[1] = {-1}, g[1] = {NAN}, one[1] = {1};
    double nan = NAN, zero = 0;
    GradReport report;
    CHECK_TRUE(!grad_check_central(logarithm, &zero, 1, x, g, 1e-6, &report));
    CHECK_TRUE(isinf(report.error) && isnan(report.actual));
    CHECK_TRUE(!grad_check_taylor(logarithm, &zero, 1, x, g, NULL, NULL));
    g[0] = INFINITY;
    CHECK_TRUE(!grad_check_central(logarithm, &zero, 1, x, g, 1e-6, NULL));
    CHECK_TRUE(!grad_check_taylor(logarithm, &zero, 1, x, g, NULL, NULL));
    g[0] = 1;
    CHECK_TRUE(!grad_check_central(logarithm, &zero, 1, outside, g, 1, NULL));
    CHECK_TRUE(!grad_check_taylor(logarithm, &zero, 1, outside, g, NULL, NULL));
    CHECK_TRUE(!grad_check_dot(1, &nan, one, 1, one, one, 1, &report));
    CHECK_TRUE(isinf(report.error));
}

// Only noise: the differences cannot tell, and the report says so.
static double noisy(const double *x, size_t n, void *context) {
    (void)n;
    (void)context;
    return 1e-3 * x[0] + (sin(1e15 * x[0]) > 0 ? 1 : -1);
}

static void check_undecided(void) {
    double x[1] = {1.5}, g[1] = {1e-3};
    GradReport report;
    CHECK_TRUE(grad_check_central(noisy, NULL, 1, x, g, 1e-6, &report));
    CHECK_TRUE(report.undecided == 1);
}

// J = [1 2; 3 4; 5 6].
static void check_products(void) {
    double w[3] = {1, -1, 2}, v[2] = {1, 2};
    double jv[3] = {5, 11, 17}, wj[2] = {8, 10};
    double wrong[2] = {8, -10}, other[2] = {8, 10 + 1e-9};
    GradReport report;
    CHECK_TRUE(grad_check_dot(3, w, jv, 2, v, wj, 1e-12, &report));
    CHECK_BITS(report.expected, 28);
    CHECK_TRUE(!grad_check_dot(3, w, jv, 2, v, wrong, 1e-12, NULL));
    CHECK_TRUE(!grad_check_dot(3, w, jv, 2, v, other, 1e-12, NULL));
}

static double squares(const double *x, size_t n, void *context) {
    double sum = 0;
    (void)context;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

// Entries that are wrong by more and less; the worst of them are listed.
static void check_worst(void) {
    static const double off[8] = {0, 0.1, 0, 0.5, 0.25, 0.3, 0.05, 0.2};
    double x[8], g[8];
    for (int i = 0; i < 8; i++) {
        x[i] = 1 + i;
        g[i] = 2 * x[i] * (1 - off[i]);
    }
    GradReport report;
    CHECK_TRUE(!grad_check_central(squares, NULL, 8, x, g, 1e-6, &report));
    static const size_t worst[GRAD_WORST] = {3, 5, 4, 7, 1};
    CHECK_TRUE(report.listed == GRAD_WORST);
    for (int i = 0; i < GRAD_WORST; i++) {
        const GradEntry *entry = &report.worst_entries[i];
        CHECK_TRUE(entry->entry == worst[i]);
        CHECK_NEAR(entry->error, off[worst[i]], 1e-6);
        CHECK_BITS(entry->actual, g[worst[i]]);
        CHECK_CLOSE(entry->expected, 2 * x[worst[i]], 1e-6);
    }
    CHECK_TRUE(report.worst == 3);
    CHECK_TRUE(!grad_check_central(squares, NULL, 4, x, g, 0.2, &report));
    CHECK_TRUE(report.listed == 4);
    grad_report_print(&report, stdout);
    CHECK_TRUE(!grad_check_central(squares, NULL, 5, x, g, 0.2, &report));
    grad_report_print(&report, stdout);
}

static void print_reports(void) {
    double x[N] = {0.5, 0.8, 1.2}, g[N], ones[1] = {1}, d[1] = {32};
    GradReport report;
    smooth_gradient(x, g);
    grad_check_central(smooth, NULL, N, x, g, 1e-8, &report);
    grad_report_print(&report, stdout);
    double y[N] = {0, sqrt(0.75), sqrt(0.75)};
    smooth_gradient(y, g);
    g[1] = -g[1];
    grad_check_central(smooth, NULL, N, y, g, 1e-8, &report);
    grad_report_print(&report, stdout);
    smooth_gradient(x, g);
    grad_check_taylor(smooth, NULL, N, x, g, NULL, &report);
    grad_report_print(&report, stdout);
    g[2] += 1;
    grad_check_taylor(smooth, NULL, N, x, g, NULL, &report);
    grad_report_print(&report, stdout);
    grad_check_dot(1, ones, d, 1, ones, d, 1e-12, &report);
    grad_report_print(&report, stdout);
}

int main(void) {
    struct rng rng = {1};
    for (int i = 0; i < 50; i++)
        check_smooth(&rng);
    check_steps();
    check_zeros();
    check_no_numbers();
    check_undecided();
    check_products();
    print_reports();
    check_worst();
    return check_done();
}

// The derivatives that reuse the result: sigmoid' = s (1 - s), tanh' = 1 - t^2,
// exp' = y, sqrt' = 1 / (2 y). The generated gradients call no exp, tanh or
// sqrt a second time: neither in their text nor when they run. The linker puts
// the counters below in the place of these functions.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc -fpreprocessed -dD -E -P %t_grad.c -o %t.uncommented.c
// RUN: FileCheck %s < %t.uncommented.c
// RUN: %cc %main -fno-builtin -Wl,--wrap=exp,--wrap=tanh,--wrap=sqrt %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

// CHECK-LABEL: double exp_gate_grad(
// CHECK-COUNT-1: {{[^a-z_]exp *\(}}
// CHECK-NOT: {{[^a-z_](exp|expm1|log|log1p|pow)[fl]? *\(}}
#pragma grad
double exp_gate(double x) { return exp(x); }

// CHECK-LABEL: double tanh_gate_grad(
// CHECK-COUNT-1: {{[^a-z_]tanh *\(}}
// CHECK-NOT: {{[^a-z_](tanh|cosh|sinh|exp|pow)[fl]? *\(}}
#pragma grad
double tanh_gate(double x) { return tanh(x); }

// CHECK-LABEL: double sqrt_gate_grad(
// CHECK-COUNT-1: {{[^a-z_]sqrt *\(}}
// CHECK-NOT: {{[^a-z_](sqrt|pow|exp|log)[fl]? *\(}}
#pragma grad
double sqrt_gate(double x) { return sqrt(x); }

// CHECK-LABEL: double sigmoid_gate_grad(
// CHECK-COUNT-1: {{[^a-z_]exp *\(}}
// CHECK-NOT: {{[^a-z_](exp|expm1|log|log1p|pow)[fl]? *\(}}
#pragma grad
double sigmoid_gate(double x) { return 1 / (1 + exp(-x)); }

// CHECK-LABEL: double all_gates_grad(
// CHECK: {{^}}}
static double sigmoid(double z) { return 1 / (1 + exp(-z)); }

#pragma grad wrt(w)
double all_gates(int n, const double *w, const double *x) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double s = sigmoid(w[i] * x[i]);
        double t = tanh(s + w[i]);
        double e = exp(-t * t);
        if (e > 0.5)
            sum += sqrt(e + s);
        else
            sum += e * s;
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

// ---- Counting ----

static int exps, tanhs, sqrts;

double __real_exp(double x);
double __real_tanh(double x);
double __real_sqrt(double x);
double __wrap_exp(double x);
double __wrap_tanh(double x);
double __wrap_sqrt(double x);

double __wrap_exp(double x) {
    exps++;
    return __real_exp(x);
}

double __wrap_tanh(double x) {
    tanhs++;
    return __real_tanh(x);
}

double __wrap_sqrt(double x) {
    sqrts++;
    return __real_sqrt(x);
}

// Whether so many calls were made since the last time.
static bool called(int exp_calls, int tanh_calls, int sqrt_calls) {
    bool right =
        exps == exp_calls && tanhs == tanh_calls && sqrts == sqrt_calls;
    if (!right)
        printf("calls: exp %d, tanh %d, sqrt %d\n", exps, tanhs, sqrts);
    exps = tanhs = sqrts = 0;
    return right;
}

// ---- Checking ----

static void check_gates(void) {
    double d_x = 0;
    double e = exp_gate_grad(1.5, &d_x);
    CHECK_TRUE(called(1, 0, 0));
    CHECK_BITS(d_x, e);

    d_x = 0;
    double t = tanh_gate_grad(0.3, &d_x);
    CHECK_TRUE(called(0, 1, 0));
    CHECK_CLOSE(d_x, 1 - t * t, 1e-15);

    d_x = 0;
    double r = sqrt_gate_grad(2, &d_x);
    CHECK_TRUE(called(0, 0, 1));
    CHECK_CLOSE(d_x, 1 / (2 * r), 1e-15);

    d_x = 0;
    double s = sigmoid_gate_grad(0.7, &d_x);
    CHECK_TRUE(called(1, 0, 0));
    CHECK_CLOSE(d_x, s * (1 - s), 1e-15);
}

enum { N = 20 };

static double all_gates_at(const double *w, void *x) {
    return all_gates(N, w, x);
}

// The gradient makes the calls that the function itself makes, no more.
static void check_loop(void) {
    struct rng rng = {8};
    double w[N], x[N], d_w[N] = {0};
    rng_fill(&rng, N, w, -2, 2);
    rng_fill(&rng, N, x, -2, 2);

    double value = all_gates(N, w, x);
    int exps_of_f = exps, tanhs_of_f = tanhs, sqrts_of_f = sqrts;
    CHECK_TRUE(exps_of_f == 2 * N && tanhs_of_f == N);
    CHECK_TRUE(sqrts_of_f > 0 && sqrts_of_f < N);
    CHECK_TRUE(called(exps, tanhs, sqrts));

    CHECK_BITS(all_gates_grad(N, w, d_w, x), value);
    CHECK_TRUE(called(exps_of_f, tanhs_of_f, sqrts_of_f));
    CHECK_DIFFERENCES(all_gates_at, x, N, w, d_w, 1e-7);
}

int main(void) {
    check_gates();
    check_loop();
    return check_done();
}
#endif

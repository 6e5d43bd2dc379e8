// Squared error and cross-entropy behind a sigmoid that has saturated on the
// wrong side: at z = -50 with label 1 the first has no gradient to learn by,
// the second -1.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad wrt(z)
double squared_error(double z, double label) {
    double s = 1 / (1 + exp(-z));
    return 0.5 * (s - label) * (s - label);
}

// -label log s - (1 - label) log(1 - s), in terms of z without cancellation.
#pragma grad wrt(z)
double cross_entropy(double z, double label) {
    double rest = log1p(exp(-fabs(z)));
    return (z < 0 ? -z : 0) + rest + (1 - label) * z;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

static void check_at(double z, double label) {
    double s = z > 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
    double rest = z > 0 ? exp(-z) / (1 + exp(-z)) : 1 / (1 + exp(z)); // 1 - s
    double error = label == 1 ? -rest : s; // s - label
    double d_z = 0;
    CHECK_BITS(squared_error_grad(z, &d_z, label), squared_error(z, label));
    CHECK_NEAR(d_z, error * s * rest, 1e-16);

    d_z = 0;
    CHECK_BITS(cross_entropy_grad(z, &d_z, label), cross_entropy(z, label));
    CHECK_NEAR(d_z, error, 1e-15);
}

int main(void) {
    double d_z = 0;
    CHECK_CLOSE(squared_error_grad(-50, &d_z, 1), 0.5, 1e-15);
    CHECK_TRUE(d_z < 0 && d_z > -1e-20);
    d_z = 0;
    CHECK_CLOSE(cross_entropy_grad(-50, &d_z, 1), 50, 1e-15);
    CHECK_CLOSE(d_z, -1, 1e-15);

    for (int i = 1; i <= 100; i++) {
        check_at(i / 2.0, 0);
        check_at(i / 2.0, 1);
        check_at(-i / 2.0, 0);
        check_at(-i / 2.0, 1);
    }
    return check_done();
}
#endif

// Zero times a partial derivative that is infinite is zero, but the choice
// costs time. It is made only where a row can be finite nevertheless.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// Where z is zero, so that both quotients are infinite, so are the rows.
// CHECK-LABEL: void seen_jac(
// CHECK-NOT: ?
// CHECK-LABEL: {{^}}}
#pragma grad jacobian wrt(x, y, z) of(out[0:2])
void seen(double x, double y, double z, double *out) {
    double u = x / z, v = y / z;
    double s = u * u + v * v;
    out[0] = u * (1 + s * x);
    out[1] = s - v * log(y);
}

// The minimum leaves the quotient out; row 1 has nothing to do with it.
// CHECK-LABEL: void hidden_jac(
// CHECK: != 0.0 ?
// CHECK-LABEL: {{^}}}
#pragma grad jacobian wrt(x, y) of(out[0:2])
void hidden(double x, double y, double *out) {
    out[0] = fmin(x / y, 3) * x;
    out[1] = x * y;
}

// One row shows it, the other one does not: exp(-infinity) is zero.
// CHECK-LABEL: void faded_jac(
// CHECK: != 0.0 ?
// CHECK-LABEL: {{^}}}
#pragma grad jacobian wrt(x, y) of(out[0:2])
void faded(double x, double y, double *out) {
    double q = x / y;
    out[0] = q + x;
    out[1] = exp(q) * y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void) {
    double out[2], jac[6];
    seen_jac(3, 2, 4, out, jac);
    // u = 3/4, v = 1/2, s = 13/16, out[0] = u (1 + s x)
    CHECK_CLOSE(jac[0],
                0.25 * (1 + 39. / 16) + 0.75 * (2 * 0.75 / 4 * 3 + 13. / 16),
                1e-14);
    CHECK_CLOSE(jac[1], 0.75 * 3 * (2 * 0.5 / 4), 1e-14);
    CHECK_CLOSE(jac[4], 2 * 0.5 / 4 - log(2) / 4 - 0.5 / 2, 1e-14);
    // Nowhere is there a finite row over an infinite partial.
    seen_jac(3, 2, 0, out, jac);
    CHECK_TRUE(!isfinite(out[0]) && !isfinite(out[1]));
    hidden_jac(5, 0, out, jac);
    CHECK_BITS(out[0], 15);
    CHECK_BITS(jac[0], 3);
    CHECK_TRUE(jac[1] == 0);
    CHECK_BITS(jac[2], 0);
    CHECK_BITS(jac[3], 5);
    faded_jac(-5, 0, out, jac);
    CHECK_BITS(out[1], 0);
    CHECK_BITS(jac[2], 0);
    CHECK_TRUE(jac[3] == 0);
    return check_done();
}
#endif

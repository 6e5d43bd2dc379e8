// A pointer chosen by a condition.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double chosen_pointer(int n, const double *x)
{
    double a[16], b[16], s = 0;
    for (int i = 0; i < n; i++) {
        a[i] = x[i];
        b[i] = 2 * x[i] * x[i];
    }
    for (int i = 0; i < n; i++) {
        double *p = x[i] > 0 ? a : b;
        p[i] *= p[n - 1 - i];
        s += p[i];
    }
    return s;
}

// Parameters written as arrays are pointers.
#pragma grad wrt(x[0:n], a, b)
double chosen_parameter(int n, double x[], const double a[2],
                        const double b[2])
{
    const double *p = n > 2 ? a : b;
    if (n > 0)
        (n > 1 ? x : x + n - 1)[0] *= p[1];
    double s = p[0] * p[0];
    for (int i = 0; i < n; i++)
        s += x[i] * x[i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(chosen_pointer, -1, 1);
    for (int n = 1; n < 5; n++) {
        double x[4] = {0.5, 2, -1, 3}, a[2] = {0.25, 3}, b[2] = {-1.5, 4};
        double d_x[4] = {0}, d_a[2] = {0}, d_b[2] = {0};
        const double *p = n > 2 ? a : b, *d_p = n > 2 ? d_a : d_b;
        chosen_parameter_grad(n, x, d_x, a, d_a, b, d_b);
        CHECK_NEAR(d_x[0], p[1] * p[1], 1e-14);
        CHECK_NEAR(d_p[0], 2 * p[0], 1e-14);
        CHECK_NEAR(d_p[1], 2 * 0.5 * 0.5 * p[1], 1e-14);
        CHECK_NEAR(d_a[0] + d_b[0], d_p[0], 0);
    }
    return check_done();
}
#endif

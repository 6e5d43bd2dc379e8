// In other modes than reverse the pragma has no effect, and the results agree
// with the checkpointed gradient's.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

static double chain(int n, double x)
{
    double y = x;
    for (int i = 0; i < n; i++)
        y = sin(y) * x + 0.1 * y;
    return y;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double f(int n, double x)
{
    double y = x;
    for (int k = 0; k < 3; k++) {
#pragma grad checkpoint snapshots(2)
        for (int t = 0; t < n; t++)
            y = sin(y) + 0.5 * x;
#pragma grad checkpoint
        y *= chain(n, y);
    }
#pragma grad checkpoint
    for (int t = 0; t < n; t++)
        y = cos(y) * x;
    return y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    const double x = 0.8, h = 1e-5;
    for (int n = 0; n < 9; n++) {
        double d_x = 0, up = 0, down = 0, tangent = 0, again = 0, second = 0;
        double value = f_grad(n, x, &d_x);
        CHECK_BITS(value, f(n, x));
        CHECK_BITS(f_fwd(n, x, 1, &tangent), value);
        f_hvp(n, x, 1, &again, &second);
        f_grad(n, x + h, &up);
        f_grad(n, x - h, &down);
        CHECK_NEAR(d_x, tangent, 1e-12);
        CHECK_NEAR(d_x, again, 1e-12);
        CHECK_NEAR(d_x, (f(n, x + h) - f(n, x - h)) / (2 * h), 1e-6);
        CHECK_NEAR(second, (up - down) / (2 * h), 1e-5);
    }
    return check_done();
}
#endif

// Hessian times vector through a derivative of one's own: its body is
// differentiated once more, and calls in it have their own rules.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
double root(double a); // y with y^3 + y = a

#pragma grad derivative(root)
double root_grad(double a, double *d_a, double d_return)
{
    double y = root(a);
    *d_a += d_return / (3 * y * y + 1);
    return y;
}

#pragma grad derivative(root) forward
double root_fwd(double a, double d_a, double *d_return);

#pragma grad hvp wrt(x)
double product(double x)
{
    return root(x) * x;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

double root(double a)
{
    double y = a;
    for (int i = 0; i < 60; i++)
        y -= (y * y * y + y - a) / (3 * y * y + 1);
    return y;
}

double root_fwd(double a, double d_a, double *d_return)
{
    double y = root(a);
    *d_return = d_a / (3 * y * y + 1);
    return y;
}

int main(void)
{
    for (double x = -2; x < 2; x += 0.375) {
        double y = root(x), slope = 1 / (3 * y * y + 1);
        double second = -6 * y * slope * slope * slope;
        double d_x = 0.5, h_x = 0.25;
        CHECK_BITS(product_hvp(x, 3, &d_x, &h_x), product(x));
        CHECK_NEAR(d_x, 0.5 + slope * x + y, 1e-14);
        CHECK_NEAR(h_x, 0.25 + 3 * (second * x + 2 * slope), 1e-13);
    }
    return check_done();
}
#endif

// The functions that a table holds call helpers themselves, which are inlined
// with them.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

static double inner(double a)
{
    return sin(a);
}

static double shrink(int k, double a)
{
    return k <= 0 ? 0.25 : 0.5 * shrink(k - 2, -inner(a)) + a;
}

static double product(double a, double b)
{
    return inner(a * b);
}

static double second(double a, double b)
{
    (void)a;
    return b;
}

static double (*const table[])(double, double) = {product, second};

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double helpers_of_targets(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += table[i % 2](x[i], shrink(n, x[0]));
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(helpers_of_targets, -1, 1);
    return check_done();
}
#endif

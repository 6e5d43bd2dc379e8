// Calls: helpers with out-parameters, called several times, in loops, with
// results that are passed on; 2-D array parameters; inactive helpers.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdio.h>

static void mean_and_spread(int n, const double *x, double *mean,
                            double *spread)
{
    double s = 0, q = 0;
    for (int i = 0; i < n; i++)
        s += x[i];
    *mean = n > 0 ? s / n : 0;
    for (int i = 0; i < n; i++)
        q += (x[i] - *mean) * (x[i] - *mean);
    *spread = sqrt(q + 1e-3);
}

static double power(double x, int k)
{
    double p = 1;
    while (k > 0) {
        if (k & 1)
            p *= x;
        x *= x;
        k >>= 1;
    }
    return p;
}

static double trace(int n, double m[n][n])
{
    double t = 0;
    for (int i = 0; i < n; i++)
        t += m[i][i];
    return t;
}

static int parity(int i)
{
    return i % 2;
}

static void scale(double *v, int n, double by)
{
    if (n == 0)
        return;
    for (int i = 0; i < n; i++)
        v[i] *= by;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double calls(int n, const double *x)
{
    double mean, spread, m[n + 1][n + 1], v[4] = {1, 2, 3, 4};
    mean_and_spread(n, x, &mean, &spread);
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= n; j++)
            m[i][j] = i < n ? power(x[i], j % 4) * mean : spread;
    scale(v, 4, spread);
    scale(v + 1, 2, mean);
    double s = trace(n + 1, m) * v[parity(n)] + v[2];
    if (isnan(s))
        printf("not a number\n");
    return s + power(power(mean, 2), 3);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(calls, -1, 1);
    CHECK_SECOND(calls, -1, 1);
    return check_done();
}
#endif

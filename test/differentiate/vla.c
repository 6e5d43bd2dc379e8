// Arrays of variable length, one- and two-dimensional.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double vla(int n, const double *x)
{
    double m[n + 1][n + 2], v[n + 1];
    for (int i = 0; i < n; i++) {
        v[i] = x[i];
        for (int j = 0; j < n; j++)
            m[i][j] = x[i] * (j + 1) + x[j] * x[j];
    }
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < n; i++) {
            double r[n + 1];
            for (int j = 0; j < n; j++)
                r[j] = m[i][j] * v[j];
            double s = 0;
            for (int j = 0; j < n; j++)
                s += r[j] * r[j];
            v[i] = atan(s);
        }
    double s = 0;
    for (int i = 0; i < n; i++)
        s += v[i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(vla, -1, 1);
    return check_done();
}
#endif

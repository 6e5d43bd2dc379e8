// Inner bounds that depend on the outer index.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double triangular(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double t = 1;
        for (int j = 0; j <= i; j++)
            t = t * 0.5 + sin(x[j] * t);
        s += t * x[i];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(triangular, -1, 1);
    return check_done();
}
#endif

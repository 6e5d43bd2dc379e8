// Conditional operators with active arms; short circuits guard.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ternary(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double y = x[i] > 0 ? x[i] * x[i] : -2 * x[i];
        if (i > 0 && x[i - 1] < y)
            y *= x[i - 1];
        s += i + 1 < n && x[i + 1] > 0 ? y * x[i + 1] : y;
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(ternary, -1, 1);
    return check_done();
}
#endif

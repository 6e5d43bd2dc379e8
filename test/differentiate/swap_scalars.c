// Scalars rotated and swapped in a loop.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double swap_scalars(int n, const double *x)
{
    double a = 1, b = 2, c = 3;
    for (int i = 0; i < n; i++) {
        double t = a;
        a = b * x[i];
        b = c;
        c = t + a * b;
        if (i % 2) {
            t = a;
            a = c;
            c = t;
        }
    }
    return a + b * c;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(swap_scalars, -1, 1);
    return check_done();
}
#endif

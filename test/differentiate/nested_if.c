// Branches in branches, with reassigned values.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double nested_if(int n, const double *x)
{
    double r = 0;
    for (int i = 0; i < n; i++) {
        double a = x[i], b;
        if (a > 0.3) {
            b = a * a;
            if (b > 0.5) {
                a = exp(b);
                b += a;
            } else if (b > 0.2)
                b = sqrt(b);
        } else if (a < -0.5 || (i > 1 && x[i - 1] > 0)) {
            b = a * 3;
        } else
            b = r;
        r = r * 0.5 + a * b;
    }
    return r;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(nested_if, -1, 1);
    return check_done();
}
#endif

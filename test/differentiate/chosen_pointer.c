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

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(chosen_pointer, -1, 1);
    return check_done();
}
#endif

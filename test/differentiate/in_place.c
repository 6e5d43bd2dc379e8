// Arrays overwritten in place, neighbours read before and after.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double in_place(int n, const double *x)
{
    double a[16];
    for (int i = 0; i < n; i++)
        a[i] = x[i] * x[i];
    for (int t = 0; t < 3; t++)
        for (int i = 1; i < n; i++)
            a[i] = sin(a[i]) * a[i - 1] + 0.1 * a[i];
    double s = 0;
    for (int i = 0; i < n; i++)
        s += a[i] * (i + 1);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(in_place, -1, 1);
    CHECK_SECOND(in_place, -1, 1);
    return check_done();
}
#endif

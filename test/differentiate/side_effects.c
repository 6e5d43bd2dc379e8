// Comma operators, assignments as values, pointers that step.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double side_effects(int n, const double *x)
{
    double s = 0, p = 1;
    int i = 0, j = n;
    for (i = 0, j = n - 1; i < j; i++, j--)
        s += (p *= x[i], p + x[j]) * x[i];
    while (i-- > 0)
        s = s * x[i] + (i ? x[i - 1] : 1.0);
    double v[3], *q = v;
    *q++ = s;
    *q++ = s * s;
    *q = p;
    return v[0] * v[1] + v[2] + q[-1];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(side_effects, -1, 1);
    return check_done();
}
#endif

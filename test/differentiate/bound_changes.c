// A bound and an index changed in the body.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double bound_changes(int n, const double *x)
{
    double s = 0;
    int end = n;
    for (int i = 0; i < end; i++) {
        s += x[i] * s + x[i];
        if (x[i] > 0.5)
            end--;
        if (x[i] < -0.5)
            i++;
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(bound_changes, -1, 1);
    return check_done();
}
#endif

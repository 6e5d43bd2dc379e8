// A do loop runs at least once.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double do_loop(int n, const double *x)
{
    double s = 0.5;
    int k = 0;
    if (n == 0)
        return s;
    do {
        s = s * x[k] + exp(-x[k]);
        k++;
    } while (k < n && s < 3);
    return s * s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(do_loop, 0.2, 2);
    return check_done();
}
#endif

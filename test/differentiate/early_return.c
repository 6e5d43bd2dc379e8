// Return from the middle of nested loops.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double early_return(int n, const double *x)
{
    double p = 1;
    if (n <= 0)
        return 3;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++) {
            p += x[i] * x[j];
            if (p > 3)
                return p * x[j];
            if (p < -1)
                return exp(p);
        }
    return p * p;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(early_return, -1, 1);
    CHECK_SECOND(early_return, -1, 1);
    return check_done();
}
#endif

// float inside double arithmetic, as C converts.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double mixed_precision(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        long double w = x[i] * 3.0L;
        s += (double)(w * w) + i / 2 + x[i] / (i + 1);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(mixed_precision, -1, 1);
    return check_done();
}
#endif

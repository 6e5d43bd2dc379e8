// Integer arithmetic that steers; index arrays.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double integers_steer(int n, const double *x)
{
    int order[16];
    for (int i = 0; i < n; i++)
        order[i] = (i * 5 + 3) % (n > 0 ? n : 1);
    double s = 0;
    unsigned state = 1;
    for (int i = 0; i < n; i++) {
        state = state * 1103515245u + 12345u;
        int k = order[(state >> 16) % (unsigned)n];
        s += x[k] * x[order[i]] * (1 << (i & 3));
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(integers_steer, -1, 1);
    return check_done();
}
#endif

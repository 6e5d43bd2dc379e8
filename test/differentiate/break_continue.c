// break and continue, in nested loops.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double break_continue(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] < -0.8)
            continue;
        for (int j = 0; j < n; j++) {
            if (j == i)
                continue;
            s += x[i] * x[j];
            if (s > 2)
                break;
        }
        if (s < -2)
            break;
        s = tanh(s);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(break_continue, -1, 1);
    return check_done();
}
#endif

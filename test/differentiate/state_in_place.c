// A recurrent state overwritten in place, with scratch inside the loop.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double state_in_place(int n, const double *x)
{
    double h[4] = {0.1, 0.2, 0.3, 0.4}, s = 0;
    for (int t = 0; t < n; t++) {
        double g[4];
        for (int i = 0; i < 4; i++) {
            g[i] = x[t];
            for (int j = 0; j <= i; j++)
                g[i] += h[j] * (0.1 + i);
        }
        for (int i = 0; i < 4; i++)
            if (g[i] > 0)
                h[i] = h[i] * tanh(g[i]);
            else
                h[3 - i] += g[i];
        s += h[t % 4];
    }
    return s + h[2];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(state_in_place, -1, 1);
    return check_done();
}
#endif

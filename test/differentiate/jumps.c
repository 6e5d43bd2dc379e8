// break, continue and return out of switch, while and for at once.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double jumps(int n, const double *x)
{
    double s = 0.1, y = 1;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (1) {
            if (x[i] * y > 0.9)
                break;
            y += 0.37 + x[i] * 0.1;
            switch (k++ % 3) {
            case 0:
                s += y * x[i];
                continue;
            case 1:
                if (s > 1.5)
                    return s * y;
                break;
            case 2:
                s *= 0.9;
            }
            for (int j = k; j < n; j++) {
                s += x[j] * y * 0.01;
                if (s * x[j] > 0.7) {
                    y *= 0.5;
                    break;
                }
            }
            if (k > 6)
                break;
        }
        y = tanh(y * s) + 1.01;
    }
    return s * y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(jumps, -1, 1);
    return check_done();
}
#endif

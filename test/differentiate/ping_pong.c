// Two buffers whose pointers are swapped in each step.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double ping_pong(int n, const double *x)
{
    double first[16], second[16], *now = first, *next = second;
    for (int i = 0; i < n; i++)
        now[i] = x[i];
    for (int t = 0; t < 5; t++) {
        for (int i = 0; i < n; i++) {
            double left = i > 0 ? now[i - 1] : 0;
            double right = i + 1 < n ? now[i + 1] : 0;
            next[i] = now[i] + 0.3 * (left - 2 * now[i] + right) +
                      0.1 * sin(now[i] * left);
        }
        double *swap = now;
        now = next;
        next = swap;
    }
    double s = 0;
    for (int i = 0; i < n; i++)
        s += now[i] * now[i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(ping_pong, -1, 1);
    CHECK_SECOND(ping_pong, -1, 1);
    return check_done();
}
#endif

// Pointers that walk.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double walking(int n, const double *x)
{
    double s = 0;
    const double *p = x;
    while (p < x + n)
        s += log(*p++) * s + 0.1 * *x;
    for (const double *q = x + n; q > x;)
        s = s * 0.9 + sqrt(*--q);
    const double *row = x;
    for (int i = 0; row - x + i < n; i++) {
        s += row[0] * row[i];
        row += i + 1;
    }
    while (row - x >= 2) {
        row -= 2;
        s += row[0] * row[1];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(walking, 0.5, 1.5);
    return check_done();
}
#endif

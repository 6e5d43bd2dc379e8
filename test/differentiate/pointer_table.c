// A table of pointers to rows, rotated in each step.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double pointer_table(int n, const double *x)
{
    double a[4] = {0}, b[4] = {0}, c[4] = {0};
    double *rows[3] = {a, b, c};
    for (int i = 0; i < n; i++)
        rows[i % 3][i % 4] += x[i] * x[i];
    double s = 0;
    for (int i = 0; i < n; i++) {
        double *t = rows[0];
        rows[0] = rows[1];
        rows[1] = rows[2];
        rows[2] = t;
        rows[0][i % 4] = sin(rows[1][i % 4]) + x[i] * rows[2][(i + 1) % 4];
        s += rows[0][i % 4] * rows[1][0];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(pointer_table, -1, 1);
    CHECK_SECOND(pointer_table, -1, 1);
    return check_done();
}
#endif

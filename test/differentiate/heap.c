// Heap memory, in and outside loops.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double heap(int n, const double *x)
{
    double s = 0;
    double *all = malloc((n + 1) * sizeof *all);
    if (!all)
        return -1;
    all[0] = 1;
    for (int i = 0; i < n; i++) {
        double *row = malloc((i + 1) * sizeof(double));
        for (int j = 0; j <= i; j++)
            row[j] = x[j] * all[j];
        for (int j = 0; j <= i; j++)
            s += row[j] * row[i - j];
        all[i + 1] = cos(s);
        free(row);
    }
    s += all[n];
    free(all);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(heap, -1, 1);
    return check_done();
}
#endif

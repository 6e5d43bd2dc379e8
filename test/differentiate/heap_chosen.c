// Heap buffers made in a loop, one of them chosen.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double heap_chosen(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double *b = calloc(n, sizeof *b), *c = calloc(n, sizeof(double));
        for (int j = 0; j < n; j++) {
            b[j] = x[j] * x[i];
            c[n - 1 - j] += b[j] * s;
        }
        double *m = x[i] > 0 ? b : c;
        for (int j = 0; j < n; j++)
            s += m[j] * 0.3;
        free(b);
        free(c);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(heap_chosen, -1, 1);
    return check_done();
}
#endif

// Heap memory, in and outside loops.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
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

// Which buffer a pointer leads to is not known at its free; and one that is.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double swapped(int n, const double *x)
{
    double *now = malloc((n + 1) * sizeof *now);
    double *next = malloc((n + 1) * sizeof *next);
    if (!now || !next) {
        free(now);
        free(next);
        return -1;
    }
    for (int i = 0; i < n; i++)
        now[i] = x[i];
    for (int t = 0; t < 3; t++) {
        for (int i = 0; i < n; i++)
            next[i] = now[i] * now[n - 1 - i];
        double *swap = now;
        now = next;
        next = swap;
    }
    double s = 0;
    for (int i = 0; i < n; i++)
        s += sin(now[i]);
    free(now);
    free(next);
    return s;
}

// One of the two is on the stack, so its free stays where it is.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double small_on_stack(int n, const double *x)
{
    double few[4], *y = n > 4 ? malloc(n * sizeof *y) : few;
    double *last = malloc(sizeof *last);
    if (!y || !last)
        abort();
    *last = 1;
    for (int i = 0; i < n; i++) {
        y[i] = *last * x[i];
        *last = cos(y[i]);
    }
    double s = *last;
    for (int i = 0; i < n; i++)
        s += y[i] * y[n - 1 - i];
    if (y != few)
        free(y);
    y = last;
    free(y);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(heap, -1, 1);
    CHECK_SECOND(heap, -1, 1);
    CHECK_STANDARD(swapped, -1, 1);
    CHECK_SECOND(swapped, -1, 1);
    CHECK_STANDARD(small_on_stack, -1, 1);
    CHECK_SECOND(small_on_stack, -1, 1);
    return check_done();
}
#endif

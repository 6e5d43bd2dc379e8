// memcpy, memmove and memset.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <string.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double memory_functions(int n, const double *x)
{
    double a[16] = {0}, b[16];
    for (int i = 0; i < n; i++)
        a[i] = x[i] * (i + 1);
    memcpy(b, a, sizeof a);
    for (int i = 0; i < n; i++)
        a[i] = b[n - 1 - i] * a[i];
    memmove(a + 1, a, 15 * sizeof(double));
    double s = 0;
    for (int i = 0; i < 16; i++)
        s += a[i] * a[i];
    memset(a, 0, sizeof a);
    for (int i = 0; i < n; i++)
        s += a[i] * x[i] + b[i];
    return s;
}

// Elements that move to where others of them were, both ways.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double moved_about(int n, const double *x)
{
    double a[6], s = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < 6; j++)
            a[j] = x[(i + j) % n] * (j + 1);
        memmove(a, a + 1, 5 * sizeof(double));
        s += a[0] * a[3];
        memmove(a + 2, a, (size_t)(i % 5) * sizeof(double));
        s += a[n % 6] * a[2];
        double *to = x[i] > 0 ? a : a + 2;
        memmove(to, a + 1, 3 * sizeof(double));
        for (int j = 0; j < 6; j++)
            s += a[j] * (j - 2.5);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(memory_functions, -1, 1);
    CHECK_SECOND(memory_functions, -1, 1);
    CHECK_STANDARD(moved_about, -1, 1);
    return check_done();
}
#endif

// Loops that look ahead: their conditions add to the counter. They count, so
// that nothing of them goes to the tape; their last counter is right, and
// where they do not run at all, nothing overflows.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %filecheck %s --implicit-check-not=grad_push --input-file %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stddef.h>

// CHECK-LABEL: double pairs_grad(
// CHECK: int [[END:.*]] = n > 1 ? n - 1 : 0;
// CHECK: for (int i = 0; i < [[END]]; i++) {
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double pairs(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i + 1 < n; i++)
        s += sin(x[i] * s) * x[i + 1];
    return s;
}

// CHECK-LABEL: double blocks_grad(
// CHECK: int [[END:.*]] = n > 2 ? n - 2 : 0;
// CHECK: for (int i = 0; i < [[END]]; i += 3) {
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double blocks(int n, const double *x)
{
    double s = 1;
    int i = 0;
    for (; i + 3 <= n; i += 3)
        s += sin(x[i] * s) * x[i + 1] * x[i + 2];
    for (; i < n; i++)
        s += x[i] * s;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double downwards(int n, const double *x)
{
    double s = 1;
    int i = n - 1;
    for (; 0 <= i - 2; i -= 2)
        s += sin(x[i] * s) * x[i - 2];
    return s * (i + 2);
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sizes(int n, const double *x)
{
    double s = 1;
    size_t i, end = (size_t)n;
    for (i = 0; !(i + 2 >= end); i++)
        s += sin(x[i] * s) * x[i + 2];
    return s * (double)(i + 1);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

#include <limits.h>

int main(void)
{
    CHECK_STANDARD(pairs, -1, 1);
    CHECK_STANDARD(blocks, -1, 1);
    CHECK_STANDARD(downwards, -1, 1);
    CHECK_STANDARD(sizes, -1, 1);

    double x = 1, d = 0;
    CHECK_BITS(pairs_grad(INT_MIN, &x, &d), 1);
    CHECK_BITS(d, 0);
    return check_done();
}
#endif

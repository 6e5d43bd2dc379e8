// Library functions that carry no derivative: qsort on indices, assert, abort
// and exit on error paths, output (once, in the forward sweep).
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links
// RUN: %t.exe > %t.log && FileCheck %s < %t.log
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links
// RUN: %t.clang > %t.log && FileCheck %s < %t.log
//
// CHECK: pass 1 of 3
// CHECK-NEXT: pass 2 of 3
// CHECK-NEXT: pass 3 of 3
// CHECK-NEXT: done 3
// CHECK-NOT: pass
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sorted(int n, const double *x)
{
    int order[16];
    double s = 0;
    if (n > 16 || n < 0)
        abort();
    for (int i = 0; i < n; i++)
        order[i] = i * 7 % 16;
    qsort(order, (size_t)n, sizeof *order, compare);
    for (int i = 0; i < n; i++) {
        assert(order[i] >= 0);
        if (order[i] > 15)
            exit(3);
        s += x[i] * (1 + order[i]) + s * x[i] * 0.1;
    }
    return s;
}

#pragma grad wrt(x)
double printed(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++) {
        printf("pass %d of %d\n", i + 1, n);
        s *= x[i];
    }
    puts(n == 3 ? "done 3" : "done");
    fflush(stdout);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(sorted, -1, 1);
    double x[] = {2, 3, 4}, d_x[3] = {0};
    CHECK_CLOSE(printed_grad(3, x, d_x), 24, 0);
    CHECK_CLOSE(d_x[1], 8, 0);
    return check_done();
}
#endif

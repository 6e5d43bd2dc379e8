// Lengths of array sections: expressions of parameters and numbers.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// RUN: %gradcc --emit=ir --passes=none %s -o %t.ir
// RUN: FileCheck %s --check-prefix=IR < %t.ir
// RUN: %gradcc --emit=ir --passes=none %t.ir -o %t2.ir && cmp %t.ir %t2.ir
// IR: work(t[0:((n mul m) add 1)]{{.*}}, rows[0:(n add 1)][0:3]
//
// RUN: rm -f %t.c
// RUN: not %gradcc -DREFUSED=1 %s -o %t.c 2>&1 | FileCheck %s --check-prefix=ROWS
// RUN: not %gradcc -DREFUSED=2 %s -o %t.c 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: test ! -e %t.c
// ROWS: sections.c:49:27: error: the rows of this array have 3 elements
// ROWS: note: write [0:3], or leave this section out
// BAD: sections.c:55:18: error: derivative memory must be made inside for this array, whose rows have a computed length
// BAD: note: pass it as a flat array, or put it into both wrt and of
#include <math.h>
#define HALF 2
enum { COLUMNS = 3 };
// CHECK: gradcc_allocate((long)n * m + 1, sizeof(double))
#pragma grad wrt(x) work(t[0:n*m+1], rows[0:(n + 1)][0:3])
#pragma grad forward wrt(x) work(t[0:n*m+1], rows[0:1+n][0:COLUMNS])
double smooth(int n, int m, const double *x, double *t, double (*rows)[3])
{
    t[0] = 1;
    for (int i = 0; i < n * m; i++)
        t[i + 1] = t[i] * 0.5 + sin(x[i]);
    for (int i = 0; i <= n; i++)
        rows[i][i % 3] = t[i * m] * t[i * m];
    double s = 0;
    for (int i = 0; i <= n; i++)
        s += rows[i][i % 3] * t[n * m];
    return s;
}

#pragma grad wrt(x[0:(n-1)/HALF+1])
double overwrites(int n, double *x)
{
    for (int i = 2; i <= (n - 1) / HALF; i++)
        x[i] += x[i - 1] * x[i - 2];
    return x[(n - 1) / HALF];
}

#if REFUSED == 1
#pragma grad wrt(x[0:n][0:4])
double row(int n, double (*x)[3])
{
    return x[n][0] *= 2;
}
#elif REFUSED == 2
#pragma grad wrt(x[0:n][0:m])
double computed(int n, int m, double x[n][m])
{
    return x[0][0] *= 2;
}
#endif

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

struct sizes {
    int n, m;
};

static double smooth_at(const double *x, void *context)
{
    const struct sizes *s = context;
    double t[32], rows[8][3];
    return smooth(s->n, s->m, x, t, rows);
}

static double overwrites_at(const double *x, void *context)
{
    double copy[8];
    memcpy(copy, x, sizeof copy);
    return overwrites(*(int *)context, copy);
}

int main(void)
{
    struct rng rng = {3};
    for (int n = 0; n < 6; n++) {
        struct sizes s = {n, n % 3 + 1};
        double x[32], v[32], g[32] = {0}, t[32], rows[8][3], d_return;
        rng_fill(&rng, 32, x, -1, 1);
        rng_fill(&rng, 32, v, -1, 1);
        CHECK_BITS(smooth_grad(n, s.m, x, g, t, rows), smooth_at(x, &s));
        CHECK_DIFFERENCES(smooth_at, &s, 32, x, g, 1e-7);
        CHECK_BITS(smooth_fwd(n, s.m, x, v, t, rows, &d_return),
                   smooth_at(x, &s));
        CHECK_NEAR(d_return, check_dot(32, g, v), 1e-12);
    }
    for (int n = 1; n < 16; n++) {
        double x[8], y[8], g[8] = {0};
        rng_fill(&rng, 8, x, -1, 1);
        memcpy(y, x, sizeof y);
        CHECK_BITS(overwrites_grad(n, y, g), overwrites_at(x, &n));
        CHECK_DIFFERENCES(overwrites_at, &n, 8, x, g, 1e-7);
    }
    return check_done();
}
#endif

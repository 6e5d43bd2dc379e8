// -O0 gives the plainest code, one sweep behind the other; -O1 keeps loops as
// they were written; -O2 is the default. The value is the same bit for bit.
//
// RUN: %gradcc -O0 %s -o %t_0.c
// RUN: FileCheck %s --check-prefix=PLAIN < %t_0.c
// RUN: %gradcc -O1 %s -o %t_1.c
// RUN: FileCheck %s --check-prefix=LOOPS < %t_1.c
// RUN: %gradcc -O2 %s -o %t_2.c
// RUN: FileCheck %s --check-prefix=FAST < %t_2.c
// RUN: sed 's/_2\.h/_grad.h/' %t_2.c > %t_2_grad.c
// RUN: %gradcc %s -o %t_grad.c
// RUN: cmp %t_2_grad.c %t_grad.c
// RUN: sed -i -e 's/loss_grad(/loss_grad0(/' %t_0.c %t_0.h
// RUN: sed -i -e 's/loss_grad(/loss_grad1(/' %t_1.c %t_1.h
// RUN: %cc %main -DPLAIN='"%t_0.h"' -DLOOPS='"%t_1.h"' %sanitize %s %t_grad.c %t_0.c %t_1.c -o %t.exe %sanitize_links && %t.exe
#include <math.h>

// PLAIN: exp_at
// PLAIN-NOT: += 4
// PLAIN: // adjoint of: sum += log1p(exp(-y[i] * z));
// PLAIN-NOT: += 4
// LOOPS-NOT: exp_at
// LOOPS-NOT: += 4
// LOOPS: // adjoint of: sum += log1p(exp(-y[i] * z));
// LOOPS-NOT: += 4
// FAST: i += 4
#pragma grad wrt(w)
double loss(int n, int m, const double *w, const double *x, const double *y)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double z = 0;
        for (int j = 0; j < m; j++)
            z += w[j] * x[i * m + j];
        sum += log1p(exp(-y[i] * z));
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include LOOPS
#include PLAIN
#include "check.h"

int main(void)
{
    enum { N = 11, M = 5 };
    struct rng rng = {9};
    double w[M], x[N * M], y[N], g[3][M] = {{0}};
    rng_fill(&rng, M, w, -1, 1);
    rng_fill(&rng, N * M, x, -1, 1);
    rng_fill(&rng, N, y, -1, 1);
    double value = loss(N, M, w, x, y);
    CHECK_BITS(loss_grad0(N, M, w, g[0], x, y), value);
    CHECK_BITS(loss_grad1(N, M, w, g[1], x, y), value);
    CHECK_BITS(loss_grad(N, M, w, g[2], x, y), value);
    for (int i = 0; i < M; i++) {
        CHECK_CLOSE(g[1][i], g[0][i], 1e-13);
        CHECK_CLOSE(g[2][i], g[0][i], 1e-13);
    }
    return check_done();
}
#endif

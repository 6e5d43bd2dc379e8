// Two loops over the same numbers become one, where each iteration needs of the
// first loop what the same iteration has made; scratch arrays go. Where another
// iteration's element is needed, or a loop sums up, they stay apart.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %gradcc --no-join %s -o %t_grad.c
// RUN: FileCheck %s --check-prefix=APART < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

enum { MOST = 12 };

// Gates of a recurrent network: four arrays in, none left.
// APART-LABEL: double gates_fwd(
// APART: gate[
// CHECK-LABEL: double gates_fwd(
// CHECK-NOT: {{gate|change}}[
// CHECK: return
#pragma grad forward wrt(x)
#pragma grad wrt(x)
double gates(int n, const double *x)
{
    double gate[MOST], change[MOST], cell[MOST] = {0}, s = 0;
    for (int t = 0; t < 3; t++) {
        for (int i = 0; i < n; i++)
            gate[i] = 1 / (1 + exp(-x[i] * (t + 1)));
        for (int i = 0; i < n; i++)
            change[i] = tanh(x[n - 1 - i] + cell[i]);
        for (int i = 0; i < n; i++)
            cell[i] = cell[i] * gate[i] + (1 - gate[i]) * change[i];
    }
    for (int i = 0; i < n; i++)
        s += cell[i] * cell[i];
    return s;
}

// The neighbour's element must be there first.
// CHECK-LABEL: double neighbours_fwd(
// CHECK-COUNT-3: for (int
// CHECK: return
#pragma grad forward wrt(x)
#pragma grad wrt(x)
double neighbours(int n, const double *x)
{
    double a[MOST], b[MOST], s = 0;
    for (int i = 0; i < n; i++)
        a[i] = sin(x[i]);
    for (int i = 0; i < n; i++)
        b[i] = a[i] * a[n - 1 - i];
    for (int i = 0; i < n; i++)
        s += b[i] * x[i];
    return s;
}

// Rows of two matrices; what stands between moves up.
// CHECK-LABEL: double rows_fwd(
// CHECK-COUNT-3: for (int
// CHECK: return
#pragma grad forward wrt(x)
#pragma grad wrt(x)
double rows(int n, const double *x)
{
    double a[MOST][2], b[MOST][2], s = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 2; j++)
            a[i][j] = x[i] * (j + 1);
    double scale = n ? x[0] * 2 : 1;
    for (int i = 0; i < n; i++)
        b[i][0] = a[i][0] * a[i][1] * scale;
    for (int i = 0; i < n; i++)
        s += b[i][0];
    return s;
}

// What stands between them reads what the first one writes.
// CHECK-LABEL: double between_fwd(
// CHECK-COUNT-3: for (int
// CHECK: return
#pragma grad forward wrt(x)
#pragma grad wrt(x)
double between(int n, const double *x)
{
    double a[MOST] = {0}, b[MOST], s = 0;
    for (int i = 0; i < n; i++)
        a[i] = cos(x[i]);
    double last = a[n ? n - 1 : 0];
    for (int i = 0; i < n; i++)
        b[i] = a[i] * last;
    for (int i = 0; i < n; i++)
        s += b[i];
    return s;
}

// The second one overwrites what later iterations of the first would read.
#pragma grad forward wrt(x)
#pragma grad wrt(x)
double overwritten(int n, const double *x)
{
    double a[MOST + 1] = {1}, b[MOST], s = 0;
    for (int i = 0; i < n; i++)
        a[i] = x[i];
    for (int i = 0; i < n; i++)
        b[i] = a[i] + a[i + 1] * x[i];
    for (int i = 0; i < n; i++)
        a[i + 1] = b[i] * a[i];
    for (int i = 0; i < n; i++)
        s += a[i + 1] * b[i];
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(gates, -1, 1);
    CHECK_STANDARD(neighbours, -1, 1);
    CHECK_STANDARD(rows, -1, 1);
    CHECK_STANDARD(between, -1, 1);
    CHECK_STANDARD(overwritten, -1, 1);
    return check_done();
}
#endif

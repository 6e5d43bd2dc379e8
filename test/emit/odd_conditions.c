// Numbers as conditions: a product, a shift or a choice of numbers gets its
// != 0, for compilers warn of it without.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %filecheck %s < %t_grad.c
#include <math.h>

// CHECK-LABEL: double odd_conditions_grad(
// CHECK: if ((n >> 1) * i != 0)
// CHECK: if ({{.*}} << n != 0)
// CHECK: if ((x_i > 0.5 ? 3 : n - 2) != 0)
// CHECK: s += (x_i < 0.25 ? i : 7) * n == 0 ? x_i : 0.5;
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double odd_conditions(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        if ((n >> 1) * i != 0)
            s += x[i] * x[i];
        if ((i & 1) << n != 0)
            s = sin(s) + x[0];
        if ((x[i] > 0.5 ? 3 : n - 2) != 0)
            s *= 0.5 * x[i];
        s += (x[i] < 0.25 ? i : 7) * n == 0 ? x[i] : 0.5;
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(odd_conditions, -1, 1);
    return check_done();
}
#endif

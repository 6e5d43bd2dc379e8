// Structs with pointers and arrays, swapped by assignment.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double structs_swapped(int n, const double *x)
{
    struct box {
        double *p;
        double v[2];
        int k;
    } one, two;
    double u[16], w[16];
    for (int i = 0; i < n; i++) {
        u[i] = x[i];
        w[i] = x[i] * x[i];
    }
    one.p = u;
    two.p = w;
    one.v[0] = 0.3;
    one.v[1] = 0.2;
    one.k = 1;
    two.v[0] = 0.1;
    two.v[1] = 0.9;
    two.k = 0;
    double s = 0;
    for (int i = 0; i < n; i++) {
        struct box t = one;
        one = two;
        two = t;
        one.p[i] *= two.p[i] + one.v[one.k];
        two.v[i & 1] += one.p[i];
        s += two.v[0] * two.v[1];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(structs_swapped, -1, 1);
    CHECK_SECOND(structs_swapped, -1, 1);
    return check_done();
}
#endif

// A struct that is copied to itself, by a pointer that turns out to point to
// it, stays as it is; so does its derivative. Two structs behind the same
// pointer are copied.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

struct pair {
    double a, b;
};

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double copies(int n, const double *x)
{
    struct pair r = {0.5, 0.25}, q = {1, 2};
    for (int i = 0; i < n; i++) {
        struct pair *p = &r;
        p->a *= x[i];
        *p = r;
        p->b += sin(p->a);
        struct pair *either = x[i] > 0 ? &q : &r;
        *either = *p;
        q.a *= 0.5;
    }
    return r.a * r.b + q.a * q.b;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(copies, -1, 1);
    return check_done();
}
#endif

// The same annotation above a prototype and above the definition is one; the
// parameters' names may differ.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.h
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
//
// CHECK: double f_grad(int n, double x, double *d_x, double *t);
// CHECK-NOT: f_grad
// CHECK: double f_fwd(
// CHECK-NOT: f_fwd
//
// RUN: rm -f %t.c
// RUN: not %gradcc -DDIFFERENT %s -o %t.c 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: test ! -e %t.c
// BAD: repeated.c:28:9: error: another annotation generates 'f_grad' already
// BAD: repeated.c:20:9: note: it is here; give one of them a name(...)

// clang-format off
#pragma grad wrt(y) work(u[0:k*2])
#pragma grad forward wrt(y) work(u[0:k])
// clang-format on
double f(int k, double y, double *u);

#ifndef DIFFERENT
#pragma grad wrt(x) work(t[0:n*2])
#else
#pragma grad wrt(x) work(t[0:n*3])
#endif
#pragma grad forward wrt(x) work(t[0:n])
double f(int n, double x, double *t)
{
    for (int i = 0; i < n; i++)
        t[i] = i ? t[i - 1] * x : x;
    return t[n - 1];
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    double t[4], d_x = 0, d_return;
    CHECK_BITS(f_grad(4, 3, &d_x, t), 81);
    CHECK_BITS(d_x, 108);
    CHECK_BITS(f_fwd(4, 3, 1, t, &d_return), 81);
    CHECK_BITS(d_return, 108);
    return check_done();
}
#endif

// Calls: one's own functions, math, library, what is only printed.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s
#include "Inputs/helper.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double declared_only(double x);

static double recursive(int n, double x)
{
    return n ? x * recursive(n - 1, x) : 1;
}

static double refused(double x)
{
    __asm__("");
    return x;
}

#pragma grad inactive
static int steps(double x)
{
    return (int)x;
}

#pragma grad
double calls(int n, double x, float f)
{
    int e;
    double whole;
    assert(n > 0);
    x += helper(x) + recursive(n, x) + declared_only(x) + refused(x) + steps(x);
    printf("%g\n", x);
    if (isnan(x) || !isfinite(x))
        exit(1);
    x = frexp(x, &e) + modf(x, &whole);
    return whole * e + fabsf(f) + __builtin_sin(x) + abs(n) + fmaxl(x, 1);
}
// CHECK: func @__assert_fail({{.*}} never_returns
// CHECK: func @printf({{.*}} output
// CHECK: func @exit({{.*}} never_returns
// CHECK: func @declared_only(%x: double{{.*}}) -> double
// CHECK: func @refused(
// CHECK: refused "inline assembly is not supported"
// CHECK: func @helper({{.*}} header
// CHECK: func @recursive(
// CHECK: call @recursive(
// CHECK: func @steps({{.*}} inactive
// CHECK: func @calls(
// CHECK: call @__assert_fail(
// CHECK: call @helper(%x)
// CHECK: call @printf(
// CHECK: math isnan
// CHECK: math isfinite
// CHECK: call @exit(
// CHECK: {{%[0-9]+}}, %e = math frexp
// CHECK: {{%[0-9]+}}, %whole = math modf
// CHECK: math fabs %f
// CHECK: math sin
// CHECK: select
// CHECK: cast {{.*}} : ldouble
// CHECK: math fmax

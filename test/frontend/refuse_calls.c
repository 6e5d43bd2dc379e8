// Calls that lead nowhere known.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <math.h>
#include <stdarg.h>

#pragma grad wrt(x)
double pointed(double x, double (*g)())
{
    return g(x);
}
// CHECK: refuse_calls.c:[[@LINE-2]]:12: error: this call through a pointer is not supported
// CHECK: note: declare the function's parameters

#pragma grad wrt(x)
double many(double x, ...)
{
    va_list rest;
    va_start(rest, x);
    return x;
}
// CHECK: refuse_calls.c:[[@LINE-6]]:1: error: a function with a variable number of arguments is not supported
// CHECK: note: pass the values in an array

static void scale(const float w[2][3], double *y)
{
    y[0] *= w[1][2];
}

#pragma grad wrt(x)
double mistaken(double x)
{
    double w[2][3] = {{0}}, y = x;
    scale(w, &y);
    return y;
}
// CHECK: refuse_calls.c:[[@LINE-3]]:5: error: an argument of 'scale' has another type than its parameter
// CHECK: note: convert it explicitly

#pragma grad
double exponent(double x)
{
    x = frexp(x, &x);
    return x;
}
// CHECK: refuse_calls.c:[[@LINE-3]]:18: error: this points to another type than the function writes
// CHECK: note: pass the address of a variable of that type

// Calls that lead nowhere known.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
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

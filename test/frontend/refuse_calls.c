// Calls that lead nowhere known.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <stdarg.h>

#pragma grad wrt(x)
double pointed(double x, double (*g)(double))
{
    return g(x);
}
// CHECK: refuse_calls.c:[[@LINE-2]]:12: error: a call through a function pointer is not supported
// CHECK: note: call the function by its name

#pragma grad wrt(x)
double many(double x, ...)
{
    va_list rest;
    va_start(rest, x);
    return x;
}
// CHECK: refuse_calls.c:[[@LINE-6]]:1: error: a function with a variable number of arguments is not supported
// CHECK: note: pass the values in an array

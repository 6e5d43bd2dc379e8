// Helpers that are kept as they are carry no derivatives: active values in
// them are refused, with what stands in the way and where.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <stdarg.h>
#include <stdatomic.h>

static double sum(int n, ...)
{
    va_list rest;
    double s = 0;
    va_start(rest, n);
    for (int i = 0; i < n; i++)
        s += va_arg(rest, double);
    va_end(rest);
    return s;
}

// CHECK: refuse_active.c:[[@LINE+5]]:5: error: the call of 'sum' carries derivatives, but its body is not supported
// CHECK: refuse_active.c:10:1: note: a function with a variable number of arguments is not supported: pass the values in an array
#pragma grad wrt(x)
double variable_arguments(double x)
{
    return sum(2, x, x * x);
}

static double through_assembly(double x)
{
    __asm__("" : "+m"(x));
    return x;
}

// CHECK: refuse_active.c:[[@LINE+5]]:5: error: the call of 'through_assembly' carries derivatives, but its body is not supported
// CHECK: refuse_active.c:31:5: note: inline assembly is not supported: move it to
#pragma grad wrt(x)
double assembly(double x)
{
    return through_assembly(x);
}

static double irreducible(double x)
{
    if (x < 0)
        goto middle;
top:
    x = x * 2;
middle:
    x = x + 1;
    if (x < 10)
        goto top;
    return x;
}

// CHECK: refuse_active.c:[[@LINE+5]]:5: error: the call of 'irreducible' carries derivatives, but its body is not supported
// CHECK: refuse_active.c:46:9: note: this goto to 'middle' jumps into a block or into a loop
#pragma grad wrt(x)
double jumps(double x)
{
    return irreducible(x);
}

static void publish(double x, _Atomic double *to)
{
    atomic_store(to, x);
}

// CHECK: refuse_active.c:[[@LINE+5]]:5: error: the call of 'publish' carries derivatives
// CHECK: note: atomics are not supported: use plain variables
#pragma grad wrt(x)
double published(double x, _Atomic double *to)
{
    publish(x, to);
    return x;
}

double outside(double x);

// CHECK: refuse_active.c:[[@LINE+4]]:5: error: the call of 'outside' carries derivatives, but its body is not known
#pragma grad wrt(x)
double no_body(double x)
{
    return outside(x);
}

// CHECK: refuse_active.c:[[@LINE+4]]:5: error: the call of '__builtin_canonicalize' carries derivatives, but its body is not known
#pragma grad wrt(x)
double builtin(double x)
{
    return __builtin_canonicalize(x);
}

// CHECK: refuse_active.c:[[@LINE+5]]:5: error: this sees memory of type 'double', which carries derivatives, as 'long long'
// CHECK: note: use two objects, or copy the value to one below '#pragma grad inactive' and look at that
#pragma grad wrt(x)
double bit_cast(double x)
{
    long long bits = *(long long *)&x;
    bits ^= 1;
    return *(double *)&bits;
}

// State and memory that gradcc would lose track of.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <stdlib.h>
#include <string.h>

static double total;

#pragma grad
double file_static(double x)
{
    total += x;
    return total;
}
// CHECK: refuse_memory.c:[[@LINE-3]]:5: error: 'total' is static and changes
// CHECK: note: pass it as a parameter; {{.*}}--include-source

#pragma grad
double local_static(double x)
{
    static int calls;
    calls++;
    return x * calls;
}
// CHECK: refuse_memory.c:[[@LINE-4]]:5: error: 'calls' is static and changes
// CHECK: note: move it out of the function and use --include-source, or pass it as a parameter, or make it const

#pragma grad wrt(x) of(y)
void copied_bytes(int n, double *y, const double *x)
{
    memcpy(y, x, n);
}
// CHECK: refuse_memory.c:[[@LINE-2]]:5: error: this memcpy does not move whole floating-point objects that gradcc can count
// CHECK: note: write the size as a number of elements times sizeof of one

#pragma grad wrt(x) of(y)
void set_bytes(int n, double *y, const double *x)
{
    memset(y, 1, n * sizeof *y);
    y[0] = x[0];
}
// CHECK: refuse_memory.c:[[@LINE-3]]:5: error: this memset does not move whole

static double helper(double x)
{
    return x;
}

#pragma grad wrt(x)
double number_of_pointer(int n, const double *x)
{
    return n < helper ? helper(x[0]) : x[1];
}
// CHECK: refuse_memory.c:[[@LINE-2]]:12: error: a pointer and a number are compared
// CHECK: note: convert one of them explicitly

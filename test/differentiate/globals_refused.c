// Globals that carry derivatives unseen, or that something else reaches.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <stdio.h>

double buffer[3];
double weights[4];
double *moving;
extern double unknown_length[];
static double *const table[1] = {weights};
void elsewhere(int n);
double state;

#pragma grad
double unlisted(double x, int i, int j)
{
    buffer[i] = x * x;
    return buffer[j] * x;
}
// CHECK: globals_refused.c:8:8: error: the global 'buffer' carries derivatives, but is in none of wrt, of and work
// CHECK: globals_refused.c:[[@LINE-7]]:9: note: add work(buffer) to the annotation

static double power(int n)
{
    return n == 0 ? 1 : weights[0] * power(n - 1);
}

#pragma grad wrt(weights)
double recursive(int n)
{
    return power(n) + weights[1];
}
// CHECK: :[[@LINE-2]]:5: error: this call reaches the global 'weights', which is among the variables
// CHECK: note: pass its address as a parameter, here and to what is called

#pragma grad wrt(weights)
double calls(int n)
{
    printf("%g\n", weights[0]);
    elsewhere(n);
    return weights[1];
}
// CHECK: :[[@LINE-3]]:5: error: this calls what has no body here and may reach the global 'weights'

#pragma grad wrt(moving[0:n])
double moves(int n)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += *moving++;
    return s;
}
// CHECK: :[[@LINE-3]]:9: error: the global pointer 'moving' is among the variables and is changed here, or its address is taken

#pragma grad wrt(weights)
double tabled(int i)
{
    return *table[i] * weights[0];
}
// CHECK: :12:{{[0-9]+}}: error: this table leads to the global 'weights', which is among the variables

#pragma grad wrt(unknown_length)
double unsized(double x)
{
    unknown_length[0] *= x;
    return unknown_length[0];
}
// CHECK: :[[@LINE-6]]:18: error: the length of 'unknown_length' is needed: its derivative memory must be made inside

double *scratch;

#pragma grad wrt(x)
double scratched(int n, const double *x)
{
    for (int i = 0; i < n; i++)
        scratch[i] = x[i] * x[i];
    return scratch[0] * scratch[n - 1];
}
// CHECK: :[[@LINE-3]]:9: error: a global variable carries derivatives
// CHECK: note: add scratch to wrt, of or work, with its length where it is a pointer, as in work(p[0:n]); or pass its address as a parameter

// Names of generated functions that are taken.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

double f_grad(double x)
{
    return x;
}

#pragma grad
double f(double x)
{
    return x;
}
// CHECK: bad_names.c:[[@LINE-5]]:9: error: the name 'f_grad' is taken
// CHECK: bad_names.c:7:1: note: it is defined here; choose another with name(...)

#pragma grad wrt(x)
#pragma grad wrt(y)
double g(double x, double y)
{
    return x * y;
}
// CHECK: bad_names.c:[[@LINE-5]]:9: error: another annotation generates 'g_grad' already
// CHECK: bad_names.c:[[@LINE-7]]:9: note: it is here; give one of them a name(...)

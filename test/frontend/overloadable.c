// Functions that share a name, which only an attribute of clang allows.
//
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
static double __attribute__((overloadable)) g(double x) { return x * x; }
static float __attribute__((overloadable)) g(float x) { return x * x; }
// CHECK: overloadable.c:[[@LINE-1]]:1: error: several functions have the name 'g'
// CHECK: note: overloadable functions are not supported; give each a name of its own
#pragma grad
double f(double x, float y) {
    return g(x) + g(y);
}

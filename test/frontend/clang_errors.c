// What clang does not accept is refused in its words, all of it.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include "no_such_header.h"
// CHECK: clang_errors.c:[[@LINE-1]]:10: error: 'no_such_header.h' file not found
// CHECK: note: name its folder with -I, or let -p find the flags in a compile_commands.json

#pragma grad
double f(double x)
{
    return undeclared(x);
}
// CHECK: clang_errors.c:[[@LINE-2]]:12: error: call to undeclared function 'undeclared'

double g(double x)
{
    return x +;
}
// CHECK: clang_errors.c:[[@LINE-2]]:15: error: expected expression

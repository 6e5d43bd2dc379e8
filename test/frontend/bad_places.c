// Pragmas before something else.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad
struct pair {
    double a, b;
};
// CHECK: bad_places.c:[[@LINE-4]]:9: error: '#pragma grad' must stand before a function
// CHECK: bad_places.c:[[@LINE-4]]:1: note: it stands before this

double inside(double x)
{
#pragma grad
    x *= 2;
#pragma grad independent
    x *= 2;
#pragma grad inactive
    x *= 2;
    return x;
#pragma grad inactive
}
// CHECK: bad_places.c:[[@LINE-9]]:9: error: '#pragma grad' must stand before a function
// CHECK: bad_places.c:[[@LINE-8]]:9: error: '#pragma grad independent' must stand before a loop
// CHECK: bad_places.c:[[@LINE-7]]:9: error: '#pragma grad inactive' must stand before a function or a local declaration
// CHECK: bad_places.c:[[@LINE-5]]:9: error: nothing follows this '#pragma grad'

#if 0
#pragma grad wrt(nothing)
#endif

#pragma grad
double elsewhere(double x);
// CHECK: bad_places.c:[[@LINE-2]]:9: error: 'elsewhere' has no body here: there is nothing to differentiate
// CHECK: note: put its definition into this file or a header of it

/* #pragma grad in a comment */
const char *text = "\
#pragma grad in a string";
// CHECK-NOT: error:
// CHECK: bad_places.c:[[@LINE+1]]:9: error: nothing follows this '#pragma grad'
#pragma grad

// _Pragma may stand in the text, not in a macro; nor may a macro make one of its
// argument. Types and variables may be called grad.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
// RUN: %gradcc -DPLAIN %s -o %t.c && FileCheck --check-prefix=PLAIN %s < %t.c
#ifndef PLAIN
#define ANNOTATED _Pragma("grad")
#define SPACED _Pragma( "grad forward")
#define PRAGMA(x) _Pragma(#x)
#define MARKED PRAGMA
ANNOTATED double f(double x)
{
    return x;
}

PRAGMA(grad wrt(x))
double g(int n, double x)
{
    MARKED (grad checkpoint)
    for (int i = 0; i < n; i++)
        x *= x;
    return x;
}
// CHECK: pragma_in_macro.c:9:19: error: _Pragma("grad ...") in a macro is not supported: write it with #pragma
// CHECK: pragma_in_macro.c:10:16: error: _Pragma("grad ...") in a macro
// CHECK: pragma_in_macro.c:18:8: error: a pragma that a macro makes of its argument is not supported: write it with #pragma
// CHECK: pragma_in_macro.c:21:13: error: a pragma that a macro makes
#endif

typedef double grad;
static grad twice(grad of) { return 2 * of; }

// PLAIN: h_grad(
#pragma grad
double h(double grad)
{
    return twice(grad) * sizeof(grad);
}

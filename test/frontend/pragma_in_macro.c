// _Pragma may stand in the text, not in a macro.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#define ANNOTATED _Pragma("grad")
ANNOTATED double f(double x)
{
    return x;
}
// CHECK: pragma_in_macro.c:6:19: error: _Pragma("grad ...") in a macro is not supported

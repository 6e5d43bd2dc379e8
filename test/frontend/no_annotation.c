// A file without an annotation, and one without the function asked for.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: not %gradcc --function=g %s -o %t.c 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: test ! -e %t.c
// CHECK: no_annotation.c:1:1: error: no function here has a '#pragma grad'
// CHECK: gradcc: note: write '#pragma grad' before the function to differentiate, or '#pragma grad wrt(x)'
// FUNCTION: gradcc: error: no annotated function 'g' in '{{.*}}no_annotation.c'
double f(double x)
{
    return x;
}

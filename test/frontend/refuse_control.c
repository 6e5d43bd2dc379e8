// Control flow that has no structured form.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad
double case_inside(int k, double x)
{
    switch (k) {
    case 0:
        if (x > 0) {
    case 1:
            x = 2;
        }
    }
    return x;
}
// CHECK: refuse_control.c:[[@LINE-6]]:5: error: a case label inside another statement is not supported
// CHECK: note: put all case labels directly into the switch

#pragma grad
double return_inside(double x)
{
    return ({
        if (x > 0)
            return 1;
        x;
    });
}
// CHECK: refuse_control.c:[[@LINE-6]]:12: error: a jump out of a statement expression is not supported
// CHECK: note: move the jump out of the ({ ... })

#define FOREVER for (;;)
#pragma grad
double macro_loop(double x)
{
    FOREVER {
        x *= 2;
        if (x > 9)
            break;
    }
    return x;
}
// CHECK: refuse_control.c:[[@LINE-7]]:5: error: a for loop made by a macro, with a clause left out, is not supported
// CHECK: note: write the loop out, or give it all three clauses

#pragma grad
double assembly(double x)
{
    __asm__("nop");
    return x;
}
// CHECK: refuse_control.c:[[@LINE-3]]:5: error: inline assembly is not supported
// CHECK: note: move it to a function of its own and mark that '#pragma grad inactive'

#include <setjmp.h>
#pragma grad
double jumps(double x)
{
    jmp_buf place;
    if (setjmp(place))
        return 0;
    return x;
}
// CHECK: refuse_control.c:[[@LINE-4]]:9: error: setjmp is not supported
// CHECK: note: return an error code

// Gotos that no loop and no branch stands for.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad
double into_block(double x)
{
    if (x < 0)
        goto inside;
    if (x > 10) {
        x = x * 2;
    inside:
        x = x + 1;
    }
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-8]]:9: error: this goto to 'inside' jumps into a block or into a loop
// CHECK-NEXT: goto inside;
// CHECK-NEXT: ^
// CHECK-NEXT: note: gradcc follows a goto to a label of an enclosing block, but not into the middle of a loop that gotos make; write a loop or an if

#pragma grad
double into_loop(double x, int n)
{
    int i = 0;
    if (x < 0)
        goto inside;
    for (; i < n; i++) {
        x = x * 2;
    inside:
        x = x + 1;
    }
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-8]]:9: error: this goto to 'inside' jumps into

#pragma grad
double back_into_block(double x)
{
    if (x > 0) {
    inside:
        x = x * 2;
    }
    x = x - 3;
    if (x > 1)
        goto inside;
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-3]]:9: error: this goto to 'inside' jumps into

// Two ways into one cycle: irreducible.
#pragma grad
double two_entries(double x)
{
    if (x < 0)
        goto middle;
top:
    x = x * 2;
middle:
    x = x + 1;
    if (x < 10)
        goto top;
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-9]]:9: error: this goto to 'middle' jumps into

#pragma grad
double between_cases(int k, double x)
{
    switch (k) {
    case 0:
        x = x * 2;
        goto other;
    case 1:
        x = x + 3;
        break;
    case 2:
    other:
        x = x - 1;
    }
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-10]]:9: error: this goto to 'other' jumps into

#pragma grad
double out_of_expression(double x)
{
again:
    x = ({
        if (x < 3)
            goto again;
        x * 2;
    });
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-7]]:9: error: a jump out of a statement expression is not supported
// CHECK: note: move the jump out of the ({ ... })

#pragma grad
double computed(double x)
{
    void *p = &&out;
    goto *p;
out:
    return x;
}
// CHECK: refuse_goto.c:[[@LINE-5]]:15: error: the address of a label is not supported
// CHECK: note: write it as a switch or as a loop

// Duff's device.
#pragma grad
double duff(int n, const double *x)
{
    double s = 0;
    int rounds = (n + 3) / 4;
    switch (n % 4) {
    case 0:
        do {
            s += *x++;
    case 3:
            s += *x++;
    case 2:
            s += *x++;
    case 1:
            s += *x++;
        } while (--rounds > 0);
    }
    return s;
}
// CHECK: refuse_goto.c:[[@LINE-10]]:5: error: a case label inside another statement is not supported
// CHECK: note: put all case labels directly into the switch

// AD4: forward mode costs the number of inputs times the function, reverse mode
// the number of outputs times it. Operations are counted as they are done, for
// several sizes, by numbers that count (the generated C happens to be C++,
// too); and all ways make the same Jacobian.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %gradcc --report %s -o %t_again.c 2>&1 | FileCheck --check-prefix=REPORT %s
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: sed 's/= gradcc_[a-z]*/= (double *)&/; s/= (double .)= /= (double *)/' %t_grad.c > %t_cast.c
// RUN: %clang_path -x c++ -nostdinc++ -Drestrict= -w -I %S -DCOUNT='"%t_cast.c"' %s -o %t.count -lm
// RUN: %t.count | FileCheck --check-prefix=COUNT %s
//
// What each direction and each weight takes, as --report says it before
// anything is run: forward mode keeps nothing, reverse mode its intermediates.
// REPORT: f_fwd: of f
// REPORT: in a loop:
// REPORT-NOT: memory
// REPORT: f_grad: of f
// REPORT: in a loop:
// REPORT-NEXT: memory: 1 block of the heap
//
// One direction takes at most 4 times the function's operations, one weight at
// most 6 times, whatever the sizes.
// COUNT: 4 inputs, 4 outputs: f 12, forward 4 * {{[0-9]+}}, reverse 4 * {{[0-9]+}}
// COUNT-NEXT: 64 inputs, 4 outputs: f 132, forward 64 * {{[0-9]+}}, reverse 4 * {{[0-9]+}}
// COUNT-NEXT: 4 inputs, 64 outputs: f 72, forward 4 * {{[0-9]+}}, reverse 64 * {{[0-9]+}}
// COUNT-NEXT: 64 inputs, 64 outputs: f 192, forward 64 * {{[0-9]+}}, reverse 64 * {{[0-9]+}}
// COUNT-NOT: too many
#ifdef COUNT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count;

struct Number {
    double value;
    Number(double v = 0) : value(v) {}
    Number operator-() const { return -value; }
    Number &operator+=(Number x) { return *this = (count++, value + x.value); }
    Number &operator-=(Number x) { return *this = (count++, value - x.value); }
    Number &operator*=(Number x) { return *this = (count++, value * x.value); }
};

static Number operator+(Number x, Number y)
{
    count++;
    return x.value + y.value;
}
static Number operator-(Number x, Number y)
{
    count++;
    return x.value - y.value;
}
static Number operator*(Number x, Number y)
{
    count++;
    return x.value * y.value;
}
static Number sin(Number x) { return sin(x.value); }
static Number cos(Number x) { return cos(x.value); }
#define double Number
#endif

#include <math.h>

// Each output depends on each input.
#pragma grad forward wrt(x) of(y)
#pragma grad wrt(x) of(y)
#pragma grad jacobian wrt(x[0:n]) of(y[0:m])
#pragma grad forward wrt(x) of(y) directions(n) name(f_all)
void f(int n, int m, const double *x, double *y)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s = sin(s * x[i]) + x[i];
    for (int k = 0; k < m; k++) {
        y[k] = s;
        s = sin(s * s);
    }
}

#ifdef COUNT
#include COUNT
#undef double

static Number x[64], y[64], d_x[64], d_y[64];

static int forward(int n, int m)
{
    count = 0;
    f_fwd(n, m, x, d_x, y, d_y);
    return count;
}

static int reverse(int n, int m)
{
    count = 0;
    f_grad(n, m, x, d_x, y, d_y);
    return count;
}

static void print(int n, int m)
{
    count = 0;
    f(n, m, x, y);
    int once = count, direction = forward(n, m), weight = reverse(n, m);
    printf("%d inputs, %d outputs: f %d, forward %d * %d, reverse %d * %d\n",
           n, m, once, n, direction, m, weight);
    if (direction > 4 * once || weight > 6 * once)
        printf("too many\n");
}

int main()
{
    print(4, 4);
    print(64, 4);
    print(4, 64);
    print(64, 64);
}
#endif

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 12 };

static void compare(int n, int m)
{
    double x[MOST], y[MOST], jac[MOST * MOST], all[MOST * MOST];
    double seeds[MOST * MOST] = {0};
    for (int i = 0; i < n; i++) {
        x[i] = 0.3 + 0.1 * i;
        seeds[i * n + i] = 1;
    }
    f_jac(n, m, x, y, jac);
    f_all(n, m, x, seeds, y, all);
    CHECK_ARRAY(m * n, all, jac, 1e-14);
    for (int i = 0; i < n; i++) {
        double v[MOST] = {0}, column[MOST];
        v[i] = 1;
        f_fwd(n, m, x, v, y, column);
        for (int k = 0; k < m; k++)
            CHECK_CLOSE(column[k], jac[k * n + i], 1e-14);
    }
    for (int k = 0; k < m; k++) {
        double w[MOST] = {0}, row[MOST] = {0};
        w[k] = 1;
        f_grad(n, m, x, row, y, w);
        CHECK_ARRAY(n, row, &jac[k * n], 1e-14);
    }
}

int main(void)
{
    compare(3, 11);
    compare(11, 3);
    compare(12, 12);
    compare(1, 1);
    return check_done();
}
#endif

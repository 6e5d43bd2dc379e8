// The gradient stops at the initialiser of an array or a struct; what is
// assigned later carries it again. A passive volatile local keeps its values.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

struct layer {
    int n;
    double bias, w[3][2];
};

static struct layer scaled(double x, double y)
{
    struct layer l = {2, x * y, {{x, y}, {sin(x), 2}, {y * y, 1}}};
    return l;
}

// From braces, from another struct, from a call, and a large array.
#pragma grad wrt(x, y)
#pragma grad forward wrt(x, y)
double stopped(double x, double y)
{
    struct layer free = scaled(x, y);
#pragma grad inactive
    double pair[2] = {x * y, x + y};
#pragma grad inactive
    struct layer copy = free;
#pragma grad inactive
    struct layer made = scaled(x * x, y);
#pragma grad inactive
    double many[20] = {x, y, x * y, [19] = exp(x)};
    double s = pair[0] * x + copy.w[2][0] * y + made.bias * x * y;
    s += many[19] * x + many[2] * y + free.w[1][0] * pair[1];
    pair[1] = x * x;
    return s + pair[1] * many[0];
}

#pragma grad wrt(x)
double waited(double x, int n)
{
    volatile int left = n;
    double s = 0;
    while (left > 0) {
        s += x * x * left;
        left--;
    }
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    for (int k = 0; k < 5; k++) {
        double x = 0.3 * k - 0.7, y = 0.4 - 0.2 * k;
        double d_x = 0, d_y = 0, along = 0;
        double by_x = x * y + y * x * x * y + exp(x) + cos(x) * (x + y) +
                      2 * x * x;
        double by_y = y * y + x * x * x * y + x * y;
        CHECK_BITS(stopped_grad(x, &d_x, y, &d_y), stopped(x, y));
        CHECK_NEAR(d_x, by_x, 1e-14);
        CHECK_NEAR(d_y, by_y, 1e-14);
        CHECK_BITS(stopped_fwd(x, 2, y, -3, &along), stopped(x, y));
        CHECK_NEAR(along, 2 * by_x - 3 * by_y, 1e-13);
    }
    double d_x = 0;
    CHECK_BITS(waited_grad(0.5, &d_x, 4), waited(0.5, 4));
    CHECK_NEAR(d_x, 10, 1e-14);
    return check_done();
}
#endif

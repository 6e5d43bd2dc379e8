// Spellings: names of headers' macros and literals stay, macros of the source
// do not.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s
#include "Inputs/constants.h"
#include <float.h>
#include <limits.h>
#include <math.h>
#define HALF 0.5

#pragma grad
double constants(double x)
{
    double a = M_PI * x + 1e-3;
    double b = HALF + LENGTH + RATE;
    float f = 0.1;
    double c = 0.25f;
    x = DBL_MAX < x ? INFINITY : x;
    x = x > HUGE_VAL ? NAN : x;
    int big = INT_MAX, mask = 0xff;
    return a + b + c + f + x + big + mask + -1 + GREEN + 'a' + sqrt(2);
}
// CHECK: include "\"Inputs/constants.h\""
// CHECK: include "<float.h>"
// CHECK: const double {{.*}} "M_PI"
// CHECK: const double {{.*}} "1e-3"
// CHECK: const double 0.5{{ }}
// CHECK: const int 4 "LENGTH"
// CHECK: cast {{.*}} : double
// CHECK: const double 0.125 "RATE"
// CHECK: const float {{.*}} "0.1f"
// CHECK: const double 0.25 "0.25"
// CHECK: const double {{.*}} "DBL_MAX"
// CHECK: const float inf "INFINITY"
// CHECK: const double inf "HUGE_VAL"
// CHECK: const float {{.*}} "NAN"
// CHECK: const int 2147483647 "INT_MAX"
// CHECK: const int 255 "0xff"
// CHECK: const double -1
// CHECK: const int 1 "GREEN"
// CHECK: const int 97 "'a'"
// CHECK: const double 2
// CHECK: math sqrt

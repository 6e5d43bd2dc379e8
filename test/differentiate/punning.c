// An active value that changes its type would lose its derivative: refused at
// the access that sees it, with both types or members named.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: not ls %t.c
#include <math.h>
#include <stdint.h>
#include <string.h>

union number {
    double d;
    uint64_t bits;
};

// CHECK: punning.c:[[@LINE+6]]:5: error: this reads member 'bits' of a union, where 'd' may have been written last, and the union carries derivatives
// CHECK: note: use two objects, or copy the value to one below '#pragma grad inactive' and look at that
// CHECK: punning.c:[[@LINE+5]]:5: error: this reads member 'd' of a union, where 'bits' may have been written last
#pragma grad wrt(x)
double truncated(double x) {
    union number u = {x * x};
    u.bits &= ~UINT64_C(0xffff);
    return u.d;
}

// Written in the last iteration, read in the next one.
// CHECK: punning.c:[[@LINE+7]]:9: error: this reads member 'bits' of a union, where 'd' may have been written last
#pragma grad wrt(x)
double next_time(int n, const double *x) {
    union number u = {.bits = 1};
    double s = 0;
    for (int i = 0; i < n; i++) {
        s += x[i];
        s += (double)u.bits;
        u.d = s;
    }
    return s;
}

struct tagged {
    int tag;
    union number u;
};

// Through a copy and a branch.
// CHECK: punning.c:[[@LINE+9]]:5: error: this reads member 'd' of a union, where 'bits' may have been written last
#pragma grad wrt(x)
double copied(int n, double x) {
    struct tagged a, b;
    if (n > 2)
        a.u.bits = 7;
    else
        a.u.d = x;
    b = a;
    return b.u.d * x;
}

// CHECK: punning.c:[[@LINE+4]]:5: error: this sees memory of type 'double', which carries derivatives, as 'long'
#pragma grad wrt(x)
double by_cast(double x) {
    double y = x * x;
    long bits = *(long *)&y;
    return x * (double)(bits >> 52);
}

// CHECK: punning.c:[[@LINE+6]]:9: error: this sees memory of type 'double', which carries derivatives, as 'unsigned char'
#pragma grad wrt(x)
double byte_sum(int n, const double *x) {
    const unsigned char *byte = (const unsigned char *)x;
    double s = 0;
    for (int i = 0; i < 8 * n; i++)
        s += byte[i];
    return s * x[0];
}

// CHECK: punning.c:[[@LINE+5]]:5: error: this copies the bytes of values that carry derivatives to or from another type
#pragma grad wrt(x)
double bytes(double x) {
    double y = x * x;
    uint64_t bits;
    memcpy(&bits, &y, sizeof bits);
    bits &= ~UINT64_C(0xffff);
    memcpy(&y, &bits, sizeof y);
    return y * x;
}

union mixed {
    float f;
    double d;
};

// CHECK: punning.c:[[@LINE+3]]:14: error: the members of 'union mixed' hold floating values of different types or places, so it cannot be among the variables
// CHECK: note: use a struct
#pragma grad wrt(u)
double mixed(union mixed u) {
    return u.d * u.d;
}

// CHECK: punning.c:[[@LINE+5]]:9: error: the members of 'union mixed' hold floating values of different types or places, and it carries derivatives
#pragma grad wrt(x)
double mixed_inside(int n, const double *x) {
    union mixed u[20];
    for (int i = 0; i < n; i++)
        u[i].d = x[i] * x[i];
    return u[n / 2].d * u[0].d;
}

union lead {
    double *p;
    double d;
};

// CHECK: punning.c:[[@LINE+8]]:9: error: a pointer to values that carry derivatives
#pragma grad wrt(x)
double pointer_inside(int n, const double *x) {
    double local[8], s = 0;
    union lead u[8];
    for (int i = 0; i < 8; i++)
        local[i] = x[i] * n;
    for (int i = 0; i < 8; i++)
        u[i].p = local + i;
    for (int i = 0; i < 8; i++)
        s += u[n % 8].p[0] * *u[i].p;
    return s;
}

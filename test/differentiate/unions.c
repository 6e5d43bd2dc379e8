// Unions whose members are the same scalars as far as they go (a tagged
// variant, two names of a vector) carry derivatives; the bits of an inactive
// value may be looked at.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>

struct shape {
    int kind;
    union {
        struct { double r; } circle;
        struct { double w, h; } box;
        struct { double a, b, angle; } triangle;
    } u;
};

static struct shape make(int i, const double *x)
{
    struct shape s;
    s.kind = i % 3;
    if (s.kind == 0) {
        s.u.circle.r = x[0] * x[i];
    } else if (s.kind == 1) {
        s.u.box.w = sin(x[i]);
        s.u.box.h = x[i] + 2;
    } else {
        s.u.triangle.a = x[i];
        s.u.triangle.b = x[i] * x[0];
        s.u.triangle.angle = x[i - 1];
    }
    return s;
}

static double area(const struct shape *s)
{
    switch (s->kind) {
    case 0: return 3 * s->u.circle.r * s->u.circle.r;
    case 1: return s->u.box.w * s->u.box.h;
    default: return s->u.triangle.a * s->u.triangle.b * sin(s->u.triangle.angle);
    }
}

// A tagged variant; copied in whole.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double shapes(int n, const double *x)
{
    struct shape list[16], last = {0, {{1}}};
    double s = 0;
    for (int i = 0; i < n; i++)
        list[i] = make(i, x);
    for (int i = 0; i < n; i++) {
        s += area(&list[i]) * area(&last);
        last = list[i];
    }
    return s;
}

union vector {
    struct { double x, y, z; };
    double v[3];
};

// Two names for the same three values.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double components(int n, const double *x)
{
    double s = 0;
    union vector a = {{1, 2, 3}};
    for (int i = 0; i + 2 < n; i++) {
        union vector b = a;
        for (int k = 0; k < 3; k++)
            a.v[k] = b.v[(k + 1) % 3] * x[i + k];
        a.y += b.x;
        s += sin(a.x * a.y + a.z);
    }
    return s;
}

// Bits of an inactive value; the type without a name gets one.
// CHECK-LABEL: double passive_grad(
// CHECK: union unions_type_{{[0-9]+}} u;
// CHECK: memmove({{.*}}, (char *)&sign, sizeof(uint64_t));
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double passive(int n, const double *x)
{
    union { double d; uint64_t bits; } u;
    double s = 0, scale = 0.75;
    for (int i = 0; i < n; i++) {
        uint64_t bits;
        u.d = 1.0 / (i + 1);
        u.bits &= ~UINT64_C(0xffff);
#pragma grad inactive
        double sign = x[i];
        memcpy(&bits, &sign, sizeof bits);
        bits = (bits & UINT64_C(0x8000000000000000)) |
               UINT64_C(0x3ff8000000000000);
        memcpy(&scale, &bits, 8);
        s += u.d * x[i] * x[i] * scale;
    }
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(shapes, 0.1, 1);
    CHECK_STANDARD(components, -1, 1);
    CHECK_STANDARD(passive, -1, 1);
    return check_done();
}
#endif

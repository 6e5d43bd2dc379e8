// Structs, tables and functions that are repeated in the output mention types
// and constants of the source: these are repeated, too, and what nothing
// mentions is not.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %cc -c %t_grad.c -o %t.o && %clang -c %t_grad.c -o %t.o
// RUN: FileCheck %s < %t_grad.h
#include <stdio.h>

// CHECK: #ifndef GRADCC_NO_TYPES
// CHECK-NEXT: typedef double real;
// CHECK-NEXT: enum mode {
// CHECK: typedef enum {
// CHECK-NEXT: RED,
// CHECK-NEXT: GREEN
// CHECK-NEXT: } Colour;
// CHECK-NEXT: typedef real triple[3];
// CHECK-NEXT: typedef struct point Point;
// CHECK-NEXT: struct point {
// CHECK: typedef struct point Alias;
// CHECK-NEXT: struct config {
// CHECK: typedef int count_t;
// CHECK-NOT: unused
// CHECK-NOT: ROWS
typedef double real;
enum mode { FAST = 3, SLOW };
typedef enum { RED, GREEN } Colour;
typedef real triple[3];
typedef struct point {
    real x, y;
} Point;
typedef struct point Alias;
typedef float unused;
struct config {
    triple w;
    enum mode mode;
    Colour colour;
    Alias at;
};
typedef int count_t;
enum { SCALE = 7 };
enum { ROWS = 3 };
typedef struct {
    count_t count;
} Hidden;
typedef int (*operation)(int);
#define LIMIT 12

static const int limits[ROWS] = {FAST, SLOW, LIMIT};

// What is kept: functions that inline assembly keeps from being read.
static int scaled(int n)
{
    __asm__ volatile("" : "+r"(n));
    return n + SCALE + (n < LIMIT) + (int)sizeof(count_t);
}

static int hidden(count_t n)
{
    __asm__ volatile("" : "+r"(n));
    Hidden h = {n};
    operation f = scaled;
    switch (n) {
    case FAST: return f(h.count);
    default: return limits[n % 3];
    }
}

#pragma grad wrt(c)
#pragma grad forward wrt(c)
real f(const struct config *c, enum mode mode, int n)
{
    real s = c->mode == mode ? c->w[0] * c->w[1] : c->at.x;
    return c->colour == GREEN ? s * s * hidden(n) * limits[1] : s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    struct config c = {{2, 3, 5}, SLOW, GREEN, {7, 8}}, d_c = {0};
    struct config t = {{1, -1, 1}, SLOW, GREEN, {1, 1}};
    double d;
    for (int n = 3; n < 5; n++) {
        double factor = (n == 3 ? 3 + 7 + 1 + 4 : limits[1]) * 4.0;
        memset(&d_c, 0, sizeof d_c);
        CHECK_BITS(f_grad(&c, &d_c, SLOW, n), 36 * factor);
        CHECK_CLOSE(d_c.w[0], 36 * factor, 0);
        CHECK_CLOSE(d_c.w[1], 24 * factor, 0);
        f_fwd(&c, &t, SLOW, n, &d);
        CHECK_CLOSE(d, 12 * factor, 0);
    }
    CHECK_BITS(f_grad(&c, &d_c, FAST, 3), 49 * 15 * 4);
    CHECK_CLOSE(d_c.at.x, 14 * 15 * 4, 0);
    return check_done();
}
#endif

// What cannot be differentiated is an error at its place, with a way out, and
// nothing is written.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: not ls %t.c
#include <math.h>

double elsewhere(double x);

// CHECK: refusals.c:[[@LINE+4]]:5: error: the call of 'elsewhere' carries derivatives, but its body is not known
// CHECK: note: define it in this file or in a header, give gradcc the file that defines it, too, or mark it with '#pragma grad inactive'
#pragma grad wrt(x)
double no_body(double x) {
    return elsewhere(x);
}

// CHECK: refusals.c:[[@LINE+3]]:5: error: 'nextafter' has no derivative rule
#pragma grad wrt(x)
double no_rule(double x) {
    return nextafter(x, 1);
}

// CHECK: refusals.c:[[@LINE+4]]:34: error: parameter 'b' carries derivatives, but is in none of wrt, of and work
// CHECK: refusals.c:[[@LINE+2]]:9: note: add work(b[0:n]), n being its length
// CHECK-NOT: parameter 'x' carries
#pragma grad wrt(x)
double unlisted(const double *x, double *b) {
    for (int i = 0; i < 3; i++)
        b[i] = x[i] * x[i];
    return b[0] * b[1];
}

// CHECK: refusals.c:[[@LINE+2]]:18: error: the length of 'x' is needed: its derivative memory must be made inside
// CHECK: note: write an array section, as in x[0:n]
#pragma grad wrt(x)
double no_length(double *x) {
    x[0] = sin(x[0]);
    return x[0] * x[0];
}

// CHECK: error: a pointer that carries derivatives may point to what 'y' points to, which is not among the variables
// CHECK: note: add 'y' to wrt, of or work
#pragma grad wrt(x)
double may_be_y(const double *x, const double *y, int which) {
    const double *p = which ? x : y;
    return p[0] * p[1];
}

struct pair {
    double a, b;
};

static double halve(struct pair *p, int n) {
    p->a *= 0.5;
    return n > 0 ? halve(p, n - 1) : p->a * p->b;
}

static double halve_copy(struct pair p, int n) {
    return n > 0 ? halve_copy(p, n - 1) : halve(&p, 3);
}

// CHECK: error: the address of a struct that came by value is passed on to a recursive function
// CHECK: note: write the recursion as a loop
#pragma grad wrt(p)
double by_value(const struct pair *p) {
    return halve_copy(*p, 3);
}

// CHECK: refusals.c:[[@LINE+7]]:5: error: a recursive function chooses here a pointer that may lead into a struct that came by value
// CHECK: refusals.c:[[@LINE+6]]:5: note: pass the struct by pointer
struct both {
    double a, b;
};
#pragma grad wrt(s, x[0:n + 1])
double chosen(int n, struct both s, double *x) {
    double *p = n % 2 ? &s.a : x;
    if (n == 0)
        return *p;
    *p = *p * s.b;
    return chosen(n - 1, s, x) + *p;
}

// CHECK: refusals.c:[[@LINE+9]]:5: error: pointers to values that carry derivatives are passed in memory to a recursive function
// CHECK: note: write the recursion as a loop
struct view {
    double *p, w;
};
#pragma grad wrt(v)
double viewed(int n, struct view v) {
    if (n == 0)
        return v.p[0] * v.w;
    return viewed(n - 1, v) * v.p[n];
}

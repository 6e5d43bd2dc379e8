// Structs without a name: as members, of locals and of tables.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: printf '#pragma grad\ndouble f(double x) { struct s { double a; } t = {x}; return t.a; }\n' > b.c
// RUN: printf '#pragma grad\ndouble g(double x) { struct s { double b[2]; } t = {{x, x}}; return t.b[1]; }\n' >> b.c
// RUN: not %gradcc b.c 2>&1 | FileCheck %s
// RUN: test ! -e b_grad.c
// CHECK: b.c:4:29: error: two structs of this file have the name 'struct s', which the generated header can give to one only
// CHECK: b.c:2:22: note: this is the other one
#include <math.h>

struct outer {
    struct {
        double a, b;
    } in;
    struct {
        double w[2];
        int k;
    } many[3];
    struct {
        double c;
    };
};

static const struct {
    double x, w;
} rule[2] = {{0.5, 1}, {0.25, 2}};

#pragma grad wrt(o, x)
#pragma grad forward wrt(o, x)
double evaluate(const struct outer *o, double x)
{
    struct {
        double re, im;
    } z = {x, x * x};
    for (int i = 0; i < 3; i++) {
        z.re = z.re * o->in.a - z.im * o->c + rule[i % 2].x;
        z.im += sin(z.re) * o->many[i].w[i % 2] * rule[i % 2].w;
    }
    struct outer copy = *o;
    copy.in.b *= x;
    __typeof__(copy.in) t = copy.in, rows[3] = {0};
    rows[1] = t;
    for (int i = 0; i < 3; i++)
        rows[i].a += i * x;
    __typeof__(copy.many[0]) last = o->many[2];
    for (int i = 0; i < 2; i++)
        last.w[i] *= rows[i].a;
    return z.re + z.im * t.b + rows[1].b + rows[2].a + last.w[0] * last.w[1];
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

enum { INPUTS = 10 };

static struct outer outer_of(const double *v)
{
    struct outer o = {.in = {v[0], v[1]}, .c = v[2]};
    for (int i = 0; i < 3; i++)
        memcpy(o.many[i].w, v + 3 + 2 * i, sizeof o.many[i].w);
    return o;
}

static double at(const double *v, void *context)
{
    struct outer o = outer_of(v);
    (void)context;
    return evaluate(&o, v[9]);
}

int main(void)
{
    struct rng rng = {5};
    for (int k = 0; k < 5; k++) {
        double v[INPUTS], t[INPUTS], g[INPUTS] = {0}, d_return;
        rng_fill(&rng, INPUTS, v, -1, 1);
        rng_fill(&rng, INPUTS, t, -1, 1);
        struct outer o = outer_of(v), d = {0}, d_o = outer_of(t);
        CHECK_BITS(evaluate_grad(&o, &d, v[9], &g[9]),
                   at(v, NULL));
        g[0] = d.in.a;
        g[1] = d.in.b;
        g[2] = d.c;
        for (int i = 0; i < 3; i++)
            memcpy(g + 3 + 2 * i, d.many[i].w, sizeof d.many[i].w);
        CHECK_DIFFERENCES(at, NULL, INPUTS, v, g, 1e-7);
        CHECK_BITS(evaluate_fwd(&o, &d_o, v[9], t[9], &d_return),
                   at(v, NULL));
        CHECK_NEAR(d_return, check_dot(INPUTS, g, t), 1e-13);
    }
    return check_done();
}
#endif

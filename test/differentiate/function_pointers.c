// Calls through pointers to functions whose targets are known: passed to
// helpers, chosen by a condition, in constant tables, in structs of functions,
// stored in local arrays. They become direct calls under conditions.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdio.h>

typedef double (*Unary)(double);

static double square(double x)
{
    return x * x;
}

static double bump(double x)
{
    return x > 0 ? x / (1 + x) : 0.1 * x;
}

static double integrate(Unary f, double a, double b)
{
    double s = 0, h = (b - a) / 8;
    for (int i = 0; i < 8; i++)
        s += h * f(a + (i + 0.5) * h);
    return s;
}

static double twice(double (*f)(double), double x)
{
    return f((*f)(x));
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double passed(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += integrate(&square, x[i], 2) * twice(sin, x[i]) +
             integrate(bump, 0, x[i]) * integrate(&exp, x[0], x[i]);
    return s;
}

static double (*const activations[])(double) = {tanh, bump, square};

struct activation {
    const char *name;
    double (*value)(double x, double slope);
    double slope;
};

static double leaky(double x, double slope)
{
    return x > 0 ? x : slope * x;
}

static double scaled(double x, double slope)
{
    return sin(slope * x);
}

static const struct activation by_name[2][2] = {
    {{"leaky", leaky, 0.3}, {"scaled", scaled, 1.5}},
    {{.name = "none"}, {.value = scaled, .slope = -2}},
};

// The index is compared, not the pointer.
// CHECK-LABEL: double tables_grad(
// CHECK-NOT: tanh ==
// CHECK: == 0
// CHECK: tanh(
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double tables(int n, const double *x)
{
    static const Unary own[2] = {[1] = cos, [0] = square};
    double s = 0;
    for (int i = 0; i < n; i++) {
        signed char k = i % 3;
        s += activations[k](x[i]) * own[i % 2](s + x[i]);
        const struct activation *a = &by_name[i % 2][1];
        s += a->value(x[i], a->slope) + by_name[0][k > 0].value(x[i], s);
    }
    return s;
}

struct body {
    double mass, position;
};

struct vtable {
    double (*energy)(const struct body *b);
    void (*move)(struct body *b, double by);
    struct body (*merge)(struct body a, struct body b);
};

static double spring(const struct body *b)
{
    return b->mass * b->position * b->position;
}

static double field(const struct body *b)
{
    return b->mass * sin(b->position);
}

static void slide(struct body *b, double by)
{
    b->position += by * b->mass;
}

static void jump(struct body *b, double by)
{
    b->position *= by;
    b->mass += b->position;
}

static struct body merge(struct body a, struct body b)
{
    a.mass += b.mass;
    a.position = a.position * b.position;
    return a;
}

static const struct vtable springs = {spring, slide, merge};

static double run(const struct vtable *v, struct body b, int steps)
{
    double e = 0;
    struct body c = {0.5, 1};
    for (int i = 0; i < steps; i++) {
        v->move(&b, 0.1);
        c = v->merge(b, c);
        e += v->energy(&b) + v->energy(&c);
    }
    return e;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double objects(int n, const double *x)
{
    struct vtable own = {.energy = field, .merge = merge};
    double s = 0;
    own.move = n % 2 ? jump : slide;
    for (int i = 0; i < n; i++) {
        struct body b = {x[i], i + 1};
        const struct vtable *v = &springs;
        s += run(&own, b, 2) + run(v, b, i % 3);
    }
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double chosen(int n, const double *x)
{
    Unary steps[3] = {square, bump, sin};
    Unary f = bump;
    double s = 0;
    if (n % 2 == 0)
        steps[1] = square;
    for (int i = 0; i < n; i++) {
        s += f(x[i]) + steps[i % 3](x[i] + 0.3 * sin(s));
        f = x[i] > 0 ? steps[(i + 1) % 3] : i > 2 ? tanh : f;
        switch (i % 4) {
        case 0: s = cos(s) * (s > 0 ? f : square)(x[i]); break;
        case 2: f = exp; break;
        }
        if (i == 4)
            f = square;
    }
    return s;
}

static int twice_plus(int i)
{
    return 2 * i + 1;
}

static int minus(int i)
{
    return -i;
}

// What carries no derivative is called as it is.
// CHECK-LABEL: double passive_grad(
// CHECK: pick[{{.*}}](
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double passive(int n, const double *x)
{
    int (*const pick[])(int) = {twice_plus, minus};
    double s = 0;
    for (int i = 0; i < n; i++)
        s += pick[i % 2](i) * x[i] * x[i];
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(passed, -1, 1);
    CHECK_STANDARD(tables, -1, 1);
    CHECK_STANDARD(objects, 0.5, 1);
    CHECK_STANDARD(chosen, -1, 1);
    CHECK_STANDARD(passive, -1, 1);
    return check_done();
}
#endif

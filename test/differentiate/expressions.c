// Small things of C around active values: _Generic, compound literals,
// designated initialisers, enums, bit-fields, qualifiers, sizeof, casts,
// operators with side effects inside expressions.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stddef.h>

static float square_float(float v)
{
    return v * v * 1.5f;
}

static double square_double(double v)
{
    return v * v;
}

#define SQUARE(v) _Generic((v), float: square_float, default: square_double)(v)

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double generic_selection(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += SQUARE(x[i]) + _Generic(i, int: 2 * x[i], default: 100);
    return s;
}

struct point {
    double at[2];
    struct {
        double weight;
        int tag;
    } info;
};

static double length(const struct point *p)
{
    return p->info.weight * hypot(p->at[0], p->at[1] + p->info.tag);
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double literals(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        struct point p = {.info = {.tag = 2, .weight = x[i]}, .at[1] = x[0]};
        double w[4] = {[2] = x[i] * 2, [0] = 1, 3};
        s += length(&p) + w[0] * w[2] + w[1] * w[3];
        s += length(&(struct point){{x[i], s}, .info.weight = 0.1});
        s += ((double[]){x[0], 2, x[i]})[2 * (i & 1)];
    }
    return s;
}

enum kind { LINEAR, QUADRATIC = 3, KINDS };

struct flags {
    unsigned kind : 3;
    signed int shift : 4;
};

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double enums_and_bits(int n, const double *x)
{
    struct flags f = {0, 0};
    double s = 0;
    for (int i = 0; i < n; i++) {
        enum kind k = i % 2 ? QUADRATIC : LINEAR;
        f.kind += (unsigned)k + 1;
        f.shift = (i % 15) - 7;
        s += k == LINEAR ? x[i] : x[i] * x[i];
        s += x[i] * f.kind + s * 0.01 * f.shift + KINDS;
    }
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double qualified(int n, const double *restrict const x)
{
    const double scale = n > 0 ? x[0] : 1;
    volatile int steps = n;
    const double *restrict p = x;
    register double s = 0;
    for (const double *const end = x + steps; p < end;)
        s += scale * *p++;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double operators(int n, const double *x)
{
    double s = 0.1, t = 0, u;
    int i = 0, k = 1;
    while (i < n) {
        u = t = s * x[i];
        s += (t *= 0.5) + (k <<= 1, k %= 7, u);
        s -= !(k & 1) ? -t : +t;
        s += (double)x[i] * (double)sizeof(int) / 64 + (long)(u > 0) * u;
        s += x[i++] * (k % 2 ? 0.5 : 0.25);
        s += (i ^ k) * 0.01 * ~i * x[i - 1];
    }
    return s + (ptrdiff_t)(&x[n] - x);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(generic_selection, -1, 1);
    CHECK_STANDARD(literals, 0.1, 1);
    CHECK_STANDARD(enums_and_bits, -1, 1);
    CHECK_STANDARD(qualified, -1, 1);
    double x[] = {0.5, -3}, d_x[2] = {0};
    CHECK_CLOSE(generic_selection_grad(2, x, d_x), 0.25 + 1 + 9 - 6, 1e-15);
    CHECK_CLOSE(d_x[1], 2 * -3 + 2, 1e-15);
    struct rng rng = {3};
    for (int n = 0; n < 9; n++) {
        double y[9], v[9], d_y[9] = {0}, along = 0;
        rng_fill(&rng, n, y, -1, 1);
        rng_fill(&rng, n, v, -1, 1);
        CHECK_BITS(operators_grad(n, y, d_y), operators(n, y));
        CHECK_BITS(operators_fwd(n, y, v, &along), operators(n, y));
        CHECK_NEAR(check_dot(n, d_y, v), along, 1e-12 * (1 + fabs(along)));
    }
    return check_done();
}
#endif

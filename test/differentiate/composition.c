// What gradcc writes is C that it reads: annotated again, forward mode of
// forward mode gives second derivatives in two directions, reverse mode of
// forward mode the Hessian times a vector, and of the Hessian times a vector,
// third derivatives.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: sed -e 's/^double f_fwd(/#pragma grad forward wrt(x) of(d_return) name(f_two)\n#pragma grad reverse wrt(x) of(d_return) name(f_product)\n&/' -e 's/^double f_hvp(/#pragma grad forward wrt(x) of(h_x) name(f_third)\n#pragma grad forward wrt(x, v_x) of(h_x) directions(2) name(f_third_two)\n&/' %t_grad.c > %t_again.c
// RUN: %gradcc %runtime %t_again.c -o %t_more.c
// RUN: FileCheck %s < %t_more.h
// RUN: %cc %main -DMORE='"%t_more.h"' %sanitize %s %t_grad.c %t_more.c -o %t.exe %sanitize_links && %t.exe
#include <math.h>

// Names that are taken are numbered.
// CHECK: double f_two(int n, const double *restrict x, const double *restrict d2_x,

#pragma grad forward wrt(x)
#pragma grad wrt(x)
#pragma grad hvp wrt(x)
double f(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++) {
        double t = sin(x[i]);
        s = s * t + x[i] * x[i] * x[0];
        if (s > 2)
            s = exp(-s * 0.1) * x[i];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include MORE
#include "check.h"

enum { MOST = 6 };

struct along {
    int n;
    const double *u, *v;
};

// v'Hu, whose gradient is the third derivative in the directions u and v.
static double twice(const double *x, void *context)
{
    const struct along *a = context;
    double d[MOST] = {0}, h[MOST] = {0};
    f_hvp(a->n, x, a->u, d, h);
    return check_dot(a->n, a->v, h);
}

static void check_third(struct rng *rng, int n)
{
    double x[MOST], u[MOST], v[MOST], d[2][MOST] = {{0}}, h[MOST] = {0};
    double t[2][MOST] = {{0}}, all[2 * MOST] = {0};
    double dirs[2 * MOST], none[2 * MOST] = {0};
    rng_fill(rng, n, x, 0.2, 1);
    rng_fill(rng, n, u, -1, 1);
    rng_fill(rng, n, v, -1, 1);
    double value = f(n, x);
    CHECK_BITS(f_third(n, x, u, v, d[0], h, t[0]), value);
    memset(h, 0, sizeof h);
    f_third(n, x, v, u, d[0], h, t[1]);
    double size = 1;
    for (int i = 0; i < n; i++)
        size += fabs(t[0][i]);
    for (int i = 0; i < n; i++) { // symmetric in its directions
        CHECK_NEAR(t[0][i], t[1][i], 1e-11 * size);
        dirs[2 * i] = u[i];
        dirs[2 * i + 1] = x[i];
    }
    memset(h, 0, sizeof h);
    f_third_two(n, x, dirs, v, none, d[0], h, all);
    for (int i = 0; i < n; i++)
        CHECK_NEAR(all[2 * i], t[0][i], 1e-11 * size);
    struct along along = {n, v, u};
    CHECK_DIFFERENCES(twice, &along, n, x, t[0], 2e-6);
}

static void check_second(struct rng *rng, int n)
{
    double x[MOST], u[MOST], v[MOST], d[MOST] = {0}, h[MOST] = {0};
    double g[MOST] = {0}, along, weight = 1, uv;
    rng_fill(rng, n, x, 0.2, 1);
    rng_fill(rng, n, u, -1, 1);
    rng_fill(rng, n, v, -1, 1);
    double value = f_hvp(n, x, v, d, h);
    CHECK_BITS(f_two(n, x, u, v, &along, &uv), value);
    CHECK_NEAR(uv, check_dot(n, u, h), 1e-11 * (1 + fabs(uv)));
    f_product(n, x, g, v, &along, &weight);
    for (int i = 0; i < n; i++)
        CHECK_NEAR(g[i], h[i], 1e-11 * (1 + fabs(h[i])));
}

int main(void)
{
    struct rng rng = {21};
    for (int i = 0; i < 24; i++) {
        check_second(&rng, i % MOST + 1);
        check_third(&rng, i % MOST + 1);
    }
    return check_done();
}
#endif

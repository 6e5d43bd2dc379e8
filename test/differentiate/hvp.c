// Hessian times vector: value, gradient and product in one call. Scalars,
// structs, several variables, memory that is overwritten, weights that are
// zero, several directions.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s --check-prefix=HEADER < %t_grad.h
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// After x come v_x, d_x, h_x.
// HEADER: /* Returns two of the parameters without prefix. Of x in x, y: adds the
// HEADER: double two_hvp(double x, double v_x, double *d_x, double *h_x, double y,
// HEADER-NEXT: double v_y, double *d_y, double *h_y);
#pragma grad hvp
double two(double x, double y)
{
    return x * x * y + exp(x * y);
}

// The tangents of what is stored are stored.
// CHECK-LABEL: double product_hvp(
// CHECK: s_at[i] = s;
// CHECK-NEXT: v_s_at[i] = v_s;
#pragma grad wrt(x) name(product_grad)
#pragma grad hvp wrt(x)
double product(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++)
        s *= x[i];
    return s;
}

// At x = 1 the weight of the root is zero, its derivative is not. At 0 the root
// has no derivative, but neither weight nor direction asks for it.
#pragma grad hvp
double root(double x, double off)
{
    double r = sqrt(x) - 1;
    return r * r * off;
}

struct net {
    int n;
    double scale;
    const double *w;
    struct {
        double a[2];
    } in;
};

static double layer(const struct net *net, double x)
{
    double s = net->in.a[0] * x;
    for (int i = 0; i < net->n; i++)
        s = tanh(net->w[i] * s + net->in.a[1]) * net->scale;
    return s;
}

#pragma grad wrt(net, x) name(through_grad)
#pragma grad hvp wrt(net, x)
double through(const struct net *net, double x)
{
    struct net copy = *net;
    copy.scale *= x;
    return layer(net, x) * layer(&copy, x * x);
}

// Overwritten: v_x is then the tangent of what x holds, as in forward mode.
#pragma grad wrt(x[0:n]) work(w[0:n]) name(in_place_grad)
#pragma grad hvp wrt(x[0:n]) work(w[0:n])
#pragma grad hvp wrt(x[0:n]) work(w[0:n]) directions(m) name(in_place_hvp_m)
double in_place(int n, int m, double *x, double *w)
{
    double s = 0.1 * m;
    for (int i = 0; i < n; i++) {
        w[i] = x[i] * x[n - 1 - i];
        x[i] = sin(w[i]) + x[i];
    }
    for (int i = 0; i < n; i++)
        s += w[i] * x[i] * x[0];
    return s;
}

// A checkpoint is for the gradient alone.
#pragma grad wrt(x) name(long_grad)
#pragma grad hvp wrt(x) name(long_hvp)
double long_loop(int n, double x)
{
    double s = x;
#pragma grad checkpoint snapshots(3)
    for (int i = 0; i < n; i++)
        s = sin(s) + x * s;
    return s;
}

// Pointers of different kinds on one tape: to blocks of it, and to an array.
#pragma grad wrt(x)
#pragma grad hvp wrt(x)
double kinds(int n, const double *x)
{
    double s = 0, g = 0.5;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3; j++) {
            if (x[i] * j > 0.8)
                break;
            double a[2] = {[1] = s * s};
            for (int k = 0; k < j; k++) {
                const double *p = g > 0.2 ? x : a;
                g = a[(k + j) % 2] * x[i];
                for (int l = 0; l < 2 && l < n; l++)
                    s += 0.25 * sin(p[l]) * g;
            }
        }
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

static void check_two(double x, double y)
{
    double d[2] = {1, 2}, h[2] = {3, 4}, e = exp(x * y), c = 2 * x + (1 + x * y) * e;
    double value = two_hvp(x, 0.3, &d[0], &h[0], y, -0.7, &d[1], &h[1]);
    CHECK_BITS(value, two(x, y));
    CHECK_CLOSE(d[0], 1 + 2 * x * y + y * e, 1e-14);
    CHECK_CLOSE(d[1], 2 + x * x + x * e, 1e-14);
    CHECK_CLOSE(h[0], 3 + 0.3 * (2 * y + y * y * e) - 0.7 * c, 1e-14);
    CHECK_CLOSE(h[1], 4 + 0.3 * c - 0.7 * x * x * e, 1e-14);
}

static void check_root(void)
{
    double d[2] = {0}, h[2] = {0};
    root_hvp(1, 1, &d[0], &h[0], 1, 0, &d[1], &h[1]);
    CHECK_BITS(d[0], 0.);
    CHECK_CLOSE(h[0], 0.5, 1e-15); // f'' = x^(-3/2) / 2
    h[0] = d[0] = 0;
    root_hvp(0, 0, &d[0], &h[0], 0, 0, &d[1], &h[1]);
    CHECK_BITS(d[0], 0.);
    CHECK_BITS(h[0], 0.);
}

// The struct's numbers, and x, in one array.
static void unpack(const double *p, struct net *net, double w[3], double *x)
{
    *net = (struct net){.n = 3, .scale = p[0], .w = w, .in = {{p[1], p[2]}}};
    memcpy(w, p + 3, 3 * sizeof *w);
    *x = p[6];
}

static void pack(const struct net *net, double x, double *p)
{
    double all[] = {net->scale, net->in.a[0], net->in.a[1], net->w[0],
                    net->w[1], net->w[2], x};
    memcpy(p, all, sizeof all);
}

static double through_gradient(const double *p, double *g)
{
    double zero[7] = {0}, w[3], d_w[3], x, d_x;
    struct net net, d_net;
    unpack(p, &net, w, &x);
    unpack(zero, &d_net, d_w, &d_x);
    double value = through_grad(&net, &d_net, x, &d_x);
    pack(&d_net, d_x, g);
    return value;
}

struct along {
    const double *v;
};

static double slope(const double *p, void *context)
{
    double g[7];
    through_gradient(p, g);
    return check_dot(7, g, ((struct along *)context)->v);
}

static void check_through(struct rng *rng)
{
    double p[7], v[7], zero[7] = {0}, g[7], d[7], h[7], w[4][3], x, v_x, d_x, h_x;
    struct net net, v_net, d_net, h_net;
    rng_fill(rng, 7, p, -1, 1);
    rng_fill(rng, 7, v, -1, 1);
    unpack(p, &net, w[0], &x);
    unpack(v, &v_net, w[1], &v_x);
    unpack(zero, &d_net, w[2], &d_x);
    unpack(zero, &h_net, w[3], &h_x);
    double value = through_hvp(&net, &v_net, &d_net, &h_net, x, v_x, &d_x, &h_x);
    CHECK_BITS(value, through_gradient(p, g));
    pack(&d_net, d_x, d);
    pack(&h_net, h_x, h);
    CHECK_ARRAY(7, d, g, 1e-14);
    struct along along = {v};
    CHECK_DIFFERENCES(slope, &along, 7, p, h, 1e-7);
}

static void check_in_place(struct rng *rng, int n, int m)
{
    enum { MOST = 6 };
    double x[MOST], at[MOST], w[MOST], v[MOST * 4], one[MOST], d[MOST] = {0};
    double all[MOST * 4] = {0}, many[MOST] = {0}, g[MOST] = {0};
    rng_fill(rng, n, x, -1, 1);
    rng_fill(rng, n * m, v, -1, 1);
    double before[MOST * 4];
    memcpy(before, v, sizeof v);
    memcpy(at, x, sizeof x);
    double value = in_place_hvp_m(n, m, at, v, many, all, w);
    memcpy(at, x, sizeof x);
    CHECK_BITS(in_place_grad(n, m, at, g, w), value);
    CHECK_ARRAY(n, many, g, 1e-14);
    for (int k = 0; k < m; k++) {
        double h[MOST] = {0};
        for (int i = 0; i < n; i++)
            one[i] = before[i * m + k];
        memcpy(at, x, sizeof x);
        CHECK_BITS(in_place_hvp(n, m, at, one, d, h, w), value);
        for (int i = 0; i < n; i++) {
            double up[MOST] = {0}, down[MOST] = {0};
            CHECK_NEAR(all[i * m + k], h[i], 1e-13);
            CHECK_NEAR(v[i * m + k], one[i], 1e-13);
            for (int j = 0; j < n; j++)
                at[j] = x[j] + 1e-5 * before[j * m + k];
            in_place_grad(n, m, at, up, w);
            for (int j = 0; j < n; j++)
                at[j] = x[j] - 1e-5 * before[j * m + k];
            in_place_grad(n, m, at, down, w);
            CHECK_NEAR(h[i], (up[i] - down[i]) / 2e-5, 1e-7);
        }
    }
}

int main(void)
{
    struct rng rng = {11};
    double x[3] = {2, 3, 5}, v[3] = {1, 10, 100}, d[3] = {0}, h[3] = {0};
    product_hvp(3, x, v, d, h);
    CHECK_BITS(h[0], 10 * 5. + 100 * 3.); // x_j x_k
    CHECK_BITS(h[1], 1 * 5. + 100 * 2.);
    CHECK_BITS(h[2], 1 * 3. + 10 * 2.);
    check_root();
    CHECK_SECOND(kinds, -0.7, 0.7);
    double g = 0, gg = 0, hh = 0, up = 0, down = 0;
    CHECK_BITS(long_hvp(9, 0.3, 1, &g, &hh), long_grad(9, 0.3, &gg));
    CHECK_CLOSE(g, gg, 1e-14);
    long_grad(9, 0.3 + 1e-5, &up);
    long_grad(9, 0.3 - 1e-5, &down);
    CHECK_CLOSE(hh, (up - down) / 2e-5, 1e-6);
    for (int i = 0; i < 8; i++) {
        check_two(rng_uniform(&rng, -1, 1), rng_uniform(&rng, -1, 1));
        check_through(&rng);
        check_in_place(&rng, i % 7, i % 4);
    }
    return check_done();
}
#endif

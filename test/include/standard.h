// standard.h - the usual proof for a scalar function of an array,
//
//     double f(int n, const double *x)        (x may also be double *)
//
// with its gradient f_grad and its tangent f_fwd: for several lengths, n = 0
// and 1 among them, and several random points, the primal's value bit for bit
// in both modes; reverse against forward mode by the dot product (no step size,
// to rounding); reverse mode against differences; and that d_x is added to.
#ifndef STANDARD_H
#define STANDARD_H

#include "check.h"

typedef double standard_function(int n, const double *x);
typedef double standard_gradient(int n, const double *x, double *d_x);
typedef double standard_tangent(int n, const double *x, const double *d_x,
                                double *d_return);

typedef struct standard_case {
    const char *file;
    int line;
    standard_function *f;
    standard_gradient *gradient;
    standard_tangent *tangent;
    int n;
    double low, high; // where x is drawn from
} standard_case;

static inline double standard_call(const double *x, void *context) {
    const standard_case *c = context;
    return c->f(c->n, x);
}

static inline void standard_point(standard_case *c, struct rng *rng) {
    enum { MOST = 64 };
    double x[MOST], before[MOST], d_x[MOST], v[MOST], along = 0;
    rng_fill(rng, c->n, x, c->low, c->high);
    rng_fill(rng, c->n, before, -1, 1);
    rng_fill(rng, c->n, v, -1, 1);
    for (int i = 0; i < c->n; i++)
        d_x[i] = before[i];
    double value = c->f(c->n, x);
    check_bits_at(c->file, c->line, "value, reverse", c->gradient(c->n, x, d_x),
                  value);
    check_bits_at(c->file, c->line, "value, forward",
                  c->tangent(c->n, x, v, &along), value);
    for (int i = 0; i < c->n; i++)
        d_x[i] -= before[i];
    double size = 0;
    for (int i = 0; i < c->n; i++)
        size += fabs(d_x[i] * v[i]) + fabs(v[i]);
    check_near_at(c->file, c->line, "dot product", check_dot(c->n, d_x, v),
                  along, 1e-12 * (1 + size));
    check_differences_at(c->file, c->line, "gradient", standard_call, c, c->n,
                         x, d_x, 2e-6);
}

static inline void standard_check(standard_case c) {
    static const int lengths[] = {0, 1, 2, 3, 7, 12};
    struct rng rng = {42};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int point = 0; point < 4; point++) {
            c.n = lengths[i];
            standard_point(&c, &rng);
        }
}

#define CHECK_STANDARD(name, low, high)                                   \
    standard_check((standard_case){__FILE__, __LINE__, name, name##_grad, \
                                   name##_fwd, 0, low, high})

// The same for second derivatives: of a function with the gradient f_grad and
// the Hessian times vector f_hvp, the value and the gradient of f_hvp bit for
// bit; H v against differences of the gradient; symmetry, u'Hv = v'Hu, to
// rounding; and that h_x is added to.
typedef double standard_product(int n, const double *x, const double *v_x,
                                double *d_x, double *h_x);

typedef struct standard_second {
    const char *file;
    int line;
    standard_gradient *gradient;
    standard_product *product;
    int n;
    double low, high, tolerance;
} standard_second;

// v times the gradient, as a function whose gradient H v is.
typedef struct standard_along {
    const standard_second *c;
    const double *v;
} standard_along;

static inline double standard_slope(const double *x, void *context) {
    const standard_along *a = context;
    double d_x[64] = {0};
    a->c->gradient(a->c->n, x, d_x);
    return check_dot(a->c->n, a->v, d_x);
}

static inline void standard_second_point(standard_second *c, struct rng *rng) {
    double x[64], u[64], v[64], d_x[64] = {0}, g[64] = {0}, h[2][64];
    double before[64];
    rng_fill(rng, c->n, x, c->low, c->high);
    rng_fill(rng, c->n, u, -1, 1);
    rng_fill(rng, c->n, v, -1, 1);
    rng_fill(rng, c->n, before, -1, 1);
    memcpy(h[0], before, sizeof before);
    memcpy(h[1], before, sizeof before);
    double value = c->gradient(c->n, x, d_x);
    check_bits_at(c->file, c->line, "value, hvp",
                  c->product(c->n, x, v, g, h[0]), value);
    for (int i = 0; i < c->n; i++)
        check_near_at(c->file, c->line, "gradient, hvp", g[i], d_x[i],
                      1e-13 * (1 + fabs(d_x[i])));
    c->product(c->n, x, u, g, h[1]);
    double size = 1;
    for (int i = 0; i < c->n; i++) {
        h[0][i] -= before[i];
        h[1][i] -= before[i];
        size += fabs(u[i] * h[0][i]) + fabs(v[i] * h[1][i]);
    }
    check_near_at(c->file, c->line, "symmetry", check_dot(c->n, u, h[0]),
                  check_dot(c->n, v, h[1]), 1e-12 * size);
    standard_along along = {c, v};
    check_differences_at(c->file, c->line, "Hessian times vector",
                         standard_slope, &along, c->n, x, h[0], c->tolerance);
}

static inline void standard_second_check(standard_second c) {
    static const int lengths[] = {0, 1, 2, 3, 7, 12};
    struct rng rng = {43};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int point = 0; point < 4; point++) {
            c.n = lengths[i];
            standard_second_point(&c, &rng);
        }
}

#define CHECK_SECOND(name, low, high)                                        \
    standard_second_check((standard_second){__FILE__, __LINE__, name##_grad, \
                                            name##_hvp, 0, low, high, 3e-6})

#endif

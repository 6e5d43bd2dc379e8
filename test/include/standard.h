// standard.h - the usual proof for a scalar function of an array,
//
//     double f(int n, const double *x)        (x may also be double *)
//
// with its gradient f_grad and its tangent f_fwd: for several lengths, n = 0
// and 1 among them, and several random points, the primal's value bit for bit in
// both modes; reverse against forward mode by the dot product (no step size, to
// rounding); reverse mode against differences; and that d_x is added to.
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
    check_bits_at(c->file, c->line, "value, reverse",
                  c->gradient(c->n, x, d_x), value);
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

#define CHECK_STANDARD(name, low, high)                                     \
    standard_check((standard_case){__FILE__, __LINE__, name, name##_grad,   \
                                   name##_fwd, 0, low, high})

#endif

// inline_more.h - included by inline_helpers.h.
#ifndef INLINE_MORE_H
#define INLINE_MORE_H

#include <math.h>

typedef double bending(double);

static inline double bend(double x)
{
    return x / sqrt(1 + x * x);
}

static inline double apply(bending *f, double x)
{
    return f(f(x));
}

#endif

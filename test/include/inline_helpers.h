// inline_helpers.h - inline functions of a project, with another header
// below.
#ifndef INLINE_HELPERS_H
#define INLINE_HELPERS_H

#include "inline_more.h"

#define CLAMPED(x) clamp((x), -0.75, 0.75)

static inline double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static inline double weight(double x, int i)
{
    return bend(x) * (i + 1);
}

#endif

#include "model.h"

// Names that model.c has, too.
static const double table[3] = {2, 4, 8};
static double helper(double x)
{
    return x * table[0] + table[2];
}

#pragma grad wrt(w, x)
#pragma grad forward wrt(w, x)
double loss(const model *m, const double *w, double x)
{
    struct point p = {x, helper(x)};
    return helper(model_value(m, w, p)) + scale(w[0]) * shared[0] +
           iterate(3, w[1]);
}

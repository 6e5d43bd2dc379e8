// Where a pragma may stand and what it says: on prototypes, spread over lines,
// with sections, by default.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s
#include "Inputs/annotated.h"
#define WIDTH 8

double annotated(int count, const double *values)
{
    return values[count];
}
// CHECK: func @annotated(%count: int
// CHECK: grad reverse "annotated_grad" wrt(values

#pragma grad forward \
    wrt(x[0:n], y[:WIDTH]) \
    of(z) work(t[0:n][0:3]) name(spread)
/* a comment in between */
void sections(int n, const double *x, const double *y, double *z, double (*t)[3])
{
    t[0][0] = x[0] * y[0];
    z[0] = t[0][0];
}
// CHECK: func @sections
// CHECK: grad forward "spread" wrt(x[0:n] {{.*}}, y[0:8] {{.*}}) of(z {{.*}}) work(t[0:n][0:3]

#  pragma   grad
static double defaults(int n, double a, const double *in, double *out, double *unused)
{
    out[0] = in[n];
    (void)unused;
    return a * out[0];
}
// CHECK: func @defaults
// CHECK: default wrt(a {{.*}}, in {{.*}}, out {{.*}}) default of(return

_Pragma("grad") void outputs(const double *in, double *out, double *both)
{
    out[0] = in[0];
    both[0] *= 2;
}
// CHECK: func @outputs
// CHECK: default wrt(in {{[^,]*}}, both {{[^,]*}}) default of(out {{[^,]*}}, both

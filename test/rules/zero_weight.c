// A weight of exactly zero contributes zero, even where the partial derivative
// is infinite; forward mode treats a zero tangent the same way.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links
// RUN: %t.exe
#include <math.h>

#pragma grad wrt(x) of(y)
#pragma grad forward wrt(x) of(y)
void singular(const double x[12], double y[12])
{
    y[0] = sqrt(x[0]);
    y[1] = log(x[1]);
    y[2] = pow(x[2], 0.5);
    y[3] = hypot(x[3], x[4]);
    y[4] = cbrt(x[5]);
    y[5] = x[6] / x[7];
    y[6] = asin(x[8]);
    y[7] = acos(x[8]);
    y[8] = acosh(x[8]);
    y[9] = atanh(x[8]);
    y[10] = log1p(x[9]);
    y[11] = log2(x[1]) + log10(x[1]);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    const double x[12] = {0, 0, 0, 0, 0, 0, 1, 0, 1, -1, 0, 0};
    double y[12], d_x[12] = {0}, d_y[12] = {0}, zero[12] = {0};
    singular_grad(x, d_x, y, d_y);
    CHECK_ARRAY(12, d_x, zero, 0);
    const double t_x[12] = {0};
    singular_fwd(x, t_x, y, d_y);
    CHECK_ARRAY(12, d_y, zero, 0);
    for (int i = 0; i < 12; i++)
        d_y[i] = i == 0 || i == 1 || i == 4;
    singular_grad(x, d_x, y, d_y); // a weight that is not zero: infinite
    CHECK_TRUE(isinf(d_x[0]) && isinf(d_x[1]) && isinf(d_x[5]));
    CHECK_TRUE(d_x[2] == 0 && d_x[8] == 0);
    return check_done();
}
#endif

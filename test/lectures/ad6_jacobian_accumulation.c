// AD6: accumulating a Jacobian with few multiplications. By the chain rule in
// the order of the computation, or against it, this takes ten; eliminating the
// vertices of the graph of partial derivatives in a good order takes seven.
// The function itself has two more.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: sed -n '/^void f_jac/,/^}/p' %t_grad.c | grep -o ' \* ' | wc -l | FileCheck --check-prefix=COUNT %s
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// CHECK: 7 multiplications
// CHECK-NEXT: (10 in the order of the computation, 10 in reverse order)
// CHECK-LABEL: void f_jac(
// CHECK: t[[R:[0-9]+]] = v2 + cos(v1) * v1;
// CHECK-NEXT: t[[S:[0-9]+]] = x[[X:[_0-9]+]] * t[[R]];
// CHECK-NEXT: t[[T:[0-9]+]] = x[[Y:[_0-9]+]] * t[[R]];
// COUNT: {{^ *}}9{{$}}
#include <math.h>

#pragma grad jacobian wrt(x[0:2]) of(y[0:2])
#pragma grad jacobian wrt(x[0:2]) of(y[0:2]) layout(denominator) name(f_turned)
void f(const double *x, double *y)
{
    double v1 = x[0] * x[1];
    double v2 = sin(v1);
    double v3 = v1 * v2;
    y[0] = cos(v3);
    y[1] = exp(v3);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    static const double want[4] = {-0.05629230439441437, -0.04020878885315313,
                                   0.5301281290443226, 0.3786629493173733};
    double x[2] = {0.5, 0.7}, y[2], again[2], j[4], turned[4];
    f(x, y);
    f_jac(x, again, j);
    f_turned(x, again, turned);
    for (int i = 0; i < 4; i++) {
        CHECK_CLOSE(j[i], want[i], 1e-15);
        CHECK_BITS(turned[i % 2 * 2 + i / 2], j[i]);
    }
    CHECK_BITS(again[0], y[0]);
    CHECK_BITS(again[1], y[1]);
    return check_done();
}
#endif

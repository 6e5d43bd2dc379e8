// --report says which way each derivative takes, how many operations stand in
// its code, by the loops around them, and what memory it makes: on standard
// error, when the output is written.
//
// RUN: %gradcc --report %s -o %t.c 2> %t.report
// RUN: FileCheck %s < %t.report
// RUN: %gradcc %s -o %t.again.c 2> %t.quiet; test ! -s %t.quiet
// RUN: not %gradcc --report -DWRONG %s -o %t.again.c 2>&1 | FileCheck --check-prefix=WRONG %s
//
// CHECK: ad6_jac: of ad6
// CHECK-NEXT: Does what ad6 does, {{.*}} lowest Markowitz degree first: 7 multiplications (10 in the order of the computation, 10 in reverse order).
// CHECK-NEXT: {{^}}  outside of loops: 1 addition, 9 multiplications, 5 functions of math.h{{$}}
// CHECK-NEXT: powers_grad: of powers
// CHECK-NEXT: Returns powers(n, x) and adds its gradient to d_x.
// CHECK-NEXT: {{^}}  in a loop: 2 additions{{$}}
// CHECK-NEXT: {{^}}  in two loops: {{.*}}multiplications, 1 value pushed on the tape
// WRONG: error:
// WRONG-NOT: of ad6
#include <math.h>

#pragma grad jacobian wrt(x[0:2]) of(y[0:2])
void ad6(const double *x, double *y)
{
    double v1 = x[0] * x[1];
    double v2 = sin(v1);
    double v3 = v1 * v2;
    y[0] = cos(v3);
    y[1] = exp(v3);
}

#pragma grad wrt(x)
double powers(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double p = x[i];
        while (p < 3)
            p *= 1.5 + p * p;
        s += p;
    }
    return s;
}

#ifdef WRONG
double outside(double x);

#pragma grad
double wrong(double x)
{
    return outside(x);
}
#endif

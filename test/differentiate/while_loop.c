// A while loop whose length depends on the data.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double while_loop(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double y = x[i];
        while (y < 10) {
            y = y * y + 0.7 * y + 0.1;
            s += y * x[i];
        }
        s += 0.01 * y;
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(while_loop, 0.2, 2);
    CHECK_SECOND(while_loop, 0.2, 2);
    return check_done();
}
#endif

// switch with and without fallthrough.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double switch_case(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        switch (i % 5) {
        case 0:
            s += sin(x[i]);
            break;
        case 1:
            s *= x[i];
            /* fall through */
        case 2:
            s += x[i] * x[i];
            break;
        case 3:
            continue;
        default:
            s -= s * x[i];
        }
        s = s / (1 + s * s);
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(switch_case, -1, 1);
    return check_done();
}
#endif

// size_t indices, counting down, strides.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double unsigned_index(int n, const double *x)
{
    double s = 0;
    size_t m = (size_t)n;
    for (size_t i = m; i-- > 0;)
        s = s * 0.5 + sin(x[i] + s);
    for (size_t i = 0; i < m; i += 3)
        s += s * x[i];
    for (int i = n - 1; i >= 0; i -= 2)
        s = s * x[i] + exp(x[i]);
    for (unsigned i = 1; i <= m; i++)
        s += s * s * x[i - 1] * 0.1;
    for (unsigned i = m; i > 0; i--)
        s = s * 0.5 + sin(s) * x[i - 1];
    for (unsigned i = 0; i <= (unsigned)n; i += 4)
        s += sin(s) * (n > 0 ? x[0] : 1);
    for (int i = 0; i < n; i += 3) // the index is not used
        s += s * x[n - 1];
    for (unsigned char i = (unsigned char)m; i > 1; i -= 2)
        s = cos(s) * x[i - 1] + s;
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(unsigned_index, -1, 1);
    return check_done();
}
#endif

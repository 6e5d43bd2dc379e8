// Second derivatives through blocks that grow: products with the Hessian
// against differences of the gradient.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#pragma grad hvp wrt(x [0:n])
#pragma grad wrt(x)
double pushed(int n, const double *x) {
    double *list = NULL, s = 0;
    int size = 0, capacity = 0;
    for (int i = 0; i < n; i++) {
        if (size == capacity) {
            capacity = capacity ? 2 * capacity : 1;
            list = realloc(list, capacity * sizeof *list);
            if (!list)
                abort();
        }
        list[size++] = x[i] * sin(x[i / 2]);
        if (size > 2)
            list[size / 2] *= cos(list[size - 1]);
    }
    for (int i = 0; i < size; i++)
        s += list[i] * list[size - 1 - i] + sin(list[i]);
    free(list);
    return s;
}
#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"
int main(void) {
    enum { n = 7 };
    double x[n], v[n], d[n] = {0}, h[n] = {0}, up[n] = {0}, down[n] = {0}, y[n],
                       e = 1e-5;
    for (int i = 0; i < n; i++) {
        x[i] = 0.3 * i - 0.8;
        v[i] = cos(i);
    }
    pushed_hvp(n, x, v, d, h);
    for (int i = 0; i < n; i++)
        y[i] = x[i] + e * v[i];
    pushed_grad(n, y, up);
    for (int i = 0; i < n; i++)
        y[i] = x[i] - e * v[i];
    pushed_grad(n, y, down);
    for (int i = 0; i < n; i++)
        CHECK_NEAR(h[i], (up[i] - down[i]) / (2 * e), 1e-6);
    return check_done();
}
#endif

// Compound literals live as long as their block, also where a label or a
// section of a switch divides it.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
struct point {
    double x, y;
};

#pragma grad
#pragma grad forward
double labels(double x, int n)
{
    struct point *p;
    if (n == 1)
        goto one;
    p = &(struct point){x, x * x};
    goto out;
one:
    p = &(struct point){x * x, 1 + x};
out:
    return p->x * p->y;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double in_loop(double x, int n)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double *p = &x;
        if (i % 2)
            goto next;
        p = (double[2]){x, i};
        if (i == 4)
            goto next;
        p[0] += p[1] * x;
    next:
        s += p[0] * p[0];
    }
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sections(double x, int n)
{
    double *p = &x, s = 0;
    switch (n) {
    case 0:
        p = (double[]){x * x};
        // fall through
    case 1:
        p[0] *= x;
        break;
    case 2:
        p = &(double){x * 3};
        // fall through
    default:
        s = *p * *p;
    }
    return s + x;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

static void check(const char *name, double x, int n,
                  double (*f)(double, int),
                  double (*grad)(double, double *, int),
                  double (*fwd)(double, double, int, double *))
{
    double d_x = 0, d, h = 1e-5;
    printf("%s %d\n", name, n);
    CHECK_BITS(grad(x, &d_x, n), f(x, n));
    CHECK_BITS(fwd(x, 1, n, &d), f(x, n));
    CHECK_CLOSE(d_x, d, 1e-14);
    CHECK_NEAR(d, (f(x + h, n) - f(x - h, n)) / (2 * h), 1e-7);
}

int main(void)
{
    for (int n = 0; n < 7; n++) {
        check("labels", 0.7, n, labels, labels_grad, labels_fwd);
        check("in_loop", 0.7, n, in_loop, in_loop_grad, in_loop_fwd);
        check("sections", 0.7, n, sections, sections_grad, sections_fwd);
    }
    return check_done();
}
#endif

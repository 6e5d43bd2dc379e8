// What has no derivatives in several directions says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <complex.h>
#include <stdlib.h>

struct pair {
    double a, b[4];
};

struct counted {
    int n;
    double b[4];
};

struct pointers {
    double (*rows)[4];
};

struct both {
    double *a, b;
};

#pragma grad forward wrt(p) directions(4)
double by_pointer(struct pair *p)
{
    return p->a * p->b[1];
}
// CHECK: directions_refused.c:[[@LINE-5]]:9: error: structs carry derivatives in one direction only
// CHECK: note: pass their arrays and numbers as parameters of their own, or leave 'directions' out

#pragma grad forward wrt(x) directions(4)
double inside(int n, const double *x)
{
    struct counted all[10];
    for (int i = 0; i < 10; i++)
        all[i].b[i % 4] = x[i];
    return all[n].b[n] * x[0];
}
// CHECK: directions_refused.c:[[@LINE-3]]:9: error: a struct carries derivatives in several directions
// CHECK: note: pass arrays and numbers as parameters of their own, or take one direction at a time

#pragma grad forward wrt(x) directions(4)
double first_member(int n, const double *x)
{
    struct counted all[2] = {{0}};
    double *b = (double *)((char *)&all[n] + 8);
    b[1] = x[n];
    return all[0].b[0] * x[0];
}
// CHECK: directions_refused.c:[[@LINE-4]]:{{[0-9]+}}: error: memory that carries derivatives in several directions is read as another type

#pragma grad forward wrt(x) directions(4)
double rows(int n, const double *x)
{
    double a[2][4] = {{0}};
    struct pointers all[2] = {{a}, {a + 1}};
    all[n].rows[0][n] = x[n];
    return all[0].rows[0][n] * x[0];
}
// CHECK: directions_refused.c:[[@LINE-4]]:{{[0-9]+}}: error: a struct carries derivatives in several directions

#pragma grad forward wrt(x) directions(4)
double beside(int n, const double *x)
{
    double a[10] = {0};
    struct both all[2] = {{a, 1}, {a + 1, 2}};
    all[n].b = x[n];
    return all[0].a[n] * all[0].b;
}
// CHECK: directions_refused.c:[[@LINE-4]]:{{[0-9]+}}: error: a struct carries derivatives in several directions

#pragma grad forward wrt(x) directions(4)
double by_value(struct pair p, int n, const double *x)
{
    p.b[n] = x[n];
    return p.b[0] * x[0];
}
// CHECK: directions_refused.c:[[@LINE-6]]:9: error: a struct that is passed by value carries derivatives in several directions

static double power(double x, int n)
{
    return n == 0 ? 1 : x * power(x, n - 1);
}

#pragma grad forward wrt(x) directions(4)
double recursive(double x, int n)
{
    return power(x, n);
}
// CHECK: directions_refused.c:[[@LINE-2]]:5: error: derivatives in several directions through a recursive function are not supported

#pragma grad forward wrt(a) directions(4)
double unknown_length(int n, int m, double a[n][m + 1])
{
    return a[1][2] * a[n - 1][m];
}
// CHECK: directions_refused.c:[[@LINE-2]]:5: error: the length of an array is not known where its tangents in several directions are needed
// CHECK: note: let it be a parameter, or use an array of one dimension

#pragma grad forward wrt(x) directions(3)
double grows(int n, const double *x)
{
    double *a = NULL, s = 0;
    for (int i = 0; i < n; i++) {
        a = realloc(a, (size_t)(i + 1) * sizeof *a);
        a[i] = x[i];
    }
    for (int i = 0; i < n; i++)
        s += a[i] * a[n - 1 - i];
    free(a);
    return s;
}
// CHECK: directions_refused.c:[[@LINE-8]]:9: error: a block that is reallocated carries derivatives in several directions

#pragma grad forward wrt(z) directions(3)
double parts(int n, const double complex *z)
{
    const double *x = (const double *)z;
    double s = 0;
    for (int i = 0; i < 2 * n; i++)
        s += x[i] * x[i];
    return s;
}
// CHECK: directions_refused.c:[[@LINE-6]]:{{[0-9]+}}: error: memory that carries derivatives in several directions is read as another type

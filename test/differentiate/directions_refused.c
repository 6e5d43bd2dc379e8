// What has no derivatives in several directions says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

struct pair {
    double a, b[4];
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
    struct pair all[10];
    for (int i = 0; i < 10; i++)
        all[i].b[i % 4] = x[i];
    return all[n].b[n] * x[0];
}
// CHECK: directions_refused.c:[[@LINE-3]]:9: error: a struct carries derivatives in several directions
// CHECK: note: pass its arrays and numbers as parameters of their own, or take one direction at a time

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

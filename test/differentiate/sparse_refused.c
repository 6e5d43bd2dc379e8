// What has no sparse matrix of derivatives says so.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad jacobian sparse wrt(x[0:2]) of(y[0:2])
// CHECK: sparse_refused.c:[[@LINE-1]]:9: error: sparse matrices hold doubles only
// CHECK: note: let the variables be doubles, or leave 'sparse' out
void single(const float *x, float *y)
{
    y[0] = x[0] * x[1];
}

#pragma grad jacobian sparse wrt(x[0:n])
// CHECK: sparse_refused.c:[[@LINE-1]]:9: error: the Jacobian of the returned value is one row, which is not sparse
// CHECK: note: use the mode reverse, which makes its gradient
double gradient(int n, const double *x)
{
    return x[0] * n;
}

static double tree(int n, const double *x)
{
    return n == 1 ? x[0] * x[0] : tree(n / 2, x) + tree(n - n / 2, x + n / 2);
}

#pragma grad hessian sparse wrt(x[0:n])
// CHECK: sparse_refused.c:[[@LINE-1]]:9: error: sparse derivatives through a recursive function, or one with a derivative of one's own, are not supported
// CHECK: note: leave 'sparse' out
double recursive(int n, const double *x)
{
    return tree(n, x);
}

#pragma grad hessian sparse wrt(x)
// CHECK: sparse_refused.c:[[@LINE-1]]:33: error: the length of 'x' is needed for the size of the matrix
// CHECK: note: write an array section, as in x[0:n]
double no_length(int n, const double *x)
{
    return x[0] * x[n];
}

#pragma grad jacobian sparse wrt(x[0:2]) of(y[0:2])
void mixed(const double *x, double *y)
{
    float narrow = x[0] * x[1];
    // CHECK: sparse_refused.c:[[@LINE-1]]:5: error: the pattern of a sparse matrix is found for doubles only
    // CHECK: note: compute this in double, or leave 'sparse' out
    y[0] = narrow * narrow;
}

struct pair {
    double a, b;
};

#pragma grad jacobian sparse wrt(x[0:n]) of(y[0:n])
void through_struct(int n, const double *x, double *y)
{
    struct pair p[10];
    for (int i = 0; i < 10; i++)
        p[i].a = x[i];
    // CHECK: sparse_refused.c:[[@LINE-1]]:9: error: a struct carries derivatives in several directions
    y[n - 1] = p[n].a;
}

// Globals among the variables of Hessians and Jacobians: the same as if they
// were parameters; they come back as they were where the function changes them.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.h
// RUN: %cc -Werror %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang -Werror %main %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: not %gradcc -DREFUSED %s -o %t.refused.c 2>&1 | FileCheck --check-prefix=REFUSED %s
//
// CHECK: double f_hvp(int n, const double *x, const double *v_x, double *d_x,
// CHECK-NEXT: double *h_x, double v_weights[4], double d_weights[4], double h_weights[4],
// CHECK-NEXT: double *v_scale, double *d_scale, double *h_scale);
// CHECK: double f_hess(int n, const double *x, double *d_x, double d_weights[4],
// CHECK-NEXT: double *d_scale, double *hess);
// CHECK: void g_jac(int n, double *y, double *jac);
#include <math.h>
#include <string.h>

double weights[4] = {0.1, 0.2, 0.3, 0.4};
double scale = 2;
double *table;

#pragma grad hvp wrt(weights, scale, x[0:n])
#pragma grad hessian wrt(weights, scale, x[0:n])
#pragma grad hessian sparse wrt(weights, scale, x[0:n]) name(f_sparse)
double f(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += sin(x[i] * weights[i % 4]) * scale;
    return s;
}

#pragma grad hessian wrt(weights[0:4], scale[0:1], x[0:n])
double f_of(int n, const double *weights, const double *scale, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += sin(x[i] * weights[i % 4]) * *scale;
    return s;
}

// Overwrites the table after it has read it.
#pragma grad jacobian wrt(weights, table[0:n]) of(scale, y[0:n], table[0:n])
#pragma grad jacobian sparse wrt(weights, table[0:n]) \
    of(scale, y[0:n], table[0:n]) name(g_sparse)
void g(int n, double *y)
{
    scale = 0;
    for (int i = 0; i < n; i++) {
        scale += table[i] * weights[i % 4];
        y[i] = table[i] * table[i];
        table[i] *= 3;
    }
}

#ifdef REFUSED
int calls;

#pragma grad jacobian wrt(x[0:n]) of(y[0:n])
// REFUSED: globals_second.c:[[@LINE-1]]:9: error: the global 'calls' is overwritten, but the function must be evaluated several times for a matrix of derivatives
// REFUSED: globals_second.c:[[@LINE-4]]:5: note: write to a copy of it inside the function
void counts(int n, const double *x, double *y)
{
    calls++;
    for (int i = 0; i < n; i++)
        y[i] = x[i] * x[i];
}
#endif

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { N = 6, ALL = N + 5 };

static void check_sparse(const GradSparse *a, const double *dense)
{
    for (int i = 0; i < a->rows; i++) {
        double row[20] = {0};
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++)
            row[a->column[k]] = a->value[k];
        CHECK_ARRAY(a->columns, row, &dense[i * a->columns], 1e-15);
    }
}

static void check_hessians(void)
{
    double x[N], d_x[N] = {0}, d_w[4] = {0}, d_s = 0, hess[ALL * ALL];
    double want[ALL * ALL], e_x[N] = {0}, e_w[4] = {0}, e_s = 0;
    GradSparse sparse = {0};
    for (int i = 0; i < N; i++)
        x[i] = 1 + 0.1 * i;
    CHECK_BITS(f_hess(N, x, d_x, d_w, &d_s, hess), f(N, x));
    f_of_hess(N, weights, e_w, &scale, &e_s, x, e_x, want);
    CHECK_ARRAY(ALL * ALL, hess, want, 1e-15);
    CHECK_ARRAY(N, d_x, e_x, 1e-15);
    CHECK_ARRAY(4, d_w, e_w, 1e-15);
    CHECK_CLOSE(d_s, e_s, 1e-15);
    f_sparse(N, x, d_x, d_w, &d_s, &sparse);
    check_sparse(&sparse, hess);
    grad_sparse_free(&sparse);
    for (int j = 0; j < ALL; j++) {
        double v_x[N] = {0}, v_w[4] = {0}, v_s = j == 4;
        double h_x[N] = {0}, h_w[4] = {0}, h_s = 0;
        if (j != 4)
            *(j < 4 ? &v_w[j] : &v_x[j - 5]) = 1;
        f_hvp(N, x, v_x, d_x, h_x, v_w, d_w, h_w, &v_s, &d_s, &h_s);
        for (int i = 0; i < ALL; i++)
            CHECK_NEAR(i < 4 ? h_w[i] : i == 4 ? h_s : h_x[i - 5],
                       hess[i * ALL + j], 1e-15);
    }
}

static void check_jacobians(void)
{
    double memory[N], y[N], jac[(2 * N + 1) * (N + 4)];
    GradSparse sparse = {0};
    table = memory;
    for (int round = 0; round < 2; round++) {
        double sum = 0;
        for (int i = 0; i < N; i++)
            sum += (table[i] = 2 + i) * weights[i % 4];
        if (round)
            g_sparse(N, y, &sparse);
        else
            g_jac(N, y, jac);
        CHECK_CLOSE(scale, sum, 1e-15);
        for (int i = 0; i < N; i++) {
            CHECK_BITS(table[i], 3.0 * (2 + i));
            CHECK_BITS(y[i], (2.0 + i) * (2 + i));
        }
    }
    check_sparse(&sparse, jac);
    grad_sparse_free(&sparse);
    for (int i = 0; i < N; i++) {
        CHECK_CLOSE(jac[4 + i], weights[i % 4], 1e-15);
        CHECK_CLOSE(jac[(1 + i) * (N + 4) + 4 + i], 2.0 * (2 + i), 1e-15);
        CHECK_CLOSE(jac[(1 + N + i) * (N + 4) + 4 + i], 3, 1e-15);
    }
}

int main(void)
{
    check_hessians();
    check_jacobians();
    return check_done();
}
#endif

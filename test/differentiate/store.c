// What is kept for the reverse sweep, and where: nothing that can be computed
// again cheaply, nothing that memory still holds; a loop's values in an array
// indexed by the iteration, on the stack where they are few; the tape where
// the length of a loop is known only afterwards.
//
// RUN: %gradcc --no-fuse --no-restore %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
#include <math.h>

// Inputs are read again, products computed again.
// CHECK-LABEL: double nothing_grad(
// CHECK-NOT: {{_at|push|allocate}}
// CHECK: d_x[i] +=
#pragma grad wrt(x)
double nothing(int n, const double *x, const double *y)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double z = (x[i] - y[i]) * 0.5;
        s += z * z;
    }
    return s;
}

// The result of exp is its own derivative: one number an iteration, no second
// call.
// CHECK-LABEL: double one_number_grad(
// CHECK: double *exp_at = gradcc_reserve(
// CHECK: exp(
// CHECK-NOT: {{push|[*] exp\(}}
// CHECK: free(exp_at)
#pragma grad wrt(x)
double one_number(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += exp(x[i]);
    return s;
}

// Few iterations, known here: an array on the stack.
// CHECK-LABEL: double few_grad(
// CHECK: double s_at{{\[6\]}} = {0};
// CHECK-NOT: {{push|allocate}}
// CHECK: return
#pragma grad wrt(x)
double few(const double *x)
{
    double s = 1;
    for (int i = 0; i < 6; i++)
        s = s * s * x[i];
    return s;
}

// A loop that nobody can count beforehand: the tape.
// CHECK-LABEL: double unknown_grad(
// CHECK: GradTape tape;
// CHECK: while (
// CHECK: grad_push_double(&tape,
// CHECK: grad_pop_double(&tape)
// CHECK: grad_tape_free(&tape);
#pragma grad wrt(x)
double unknown(double x)
{
    double y = x;
    while (y < 100)
        y = y * y + x;
    return y;
}

// An array that is written once is still there.
// CHECK-LABEL: double still_there_grad(
// CHECK-NOT: {{a_at|push}}
// CHECK: d_a[i]
#pragma grad wrt(x)
double still_there(const double *x)
{
    double a[10], s = 0;
    for (int i = 0; i < 10; i++)
        a[i] = 2 * x[i];
    for (int i = 0; i < 10; i++)
        s += a[i] * a[i] * a[i];
    return s;
}

// A matrix product reads its input again for each row; it is kept once.
// CHECK-LABEL: double product_grad(
// CHECK: double *x_at = gradcc_reserve(
// CHECK: x_at[r * t{{[0-9]+}} + i] = x_i;
#pragma grad wrt(w) of(return) work(x[0:n], y[0:n])
double product(int rows, int n, const double *w, double *x, double *y)
{
    double s = 0;
    for (int r = 0; r < rows; r++) {
        for (int o = 0; o < n; o++) {
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += w[o * n + i] * x[i];
            y[o] = sum;
        }
        for (int i = 0; i < n; i++)
            x[i] = y[i] * y[i];
    }
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}

// Read in each inner iteration, changed in none: kept once an outer one.
// CHECK-LABEL: double outer_only_grad(
// CHECK: double *a_0_at = gradcc_reserve(n > 0 ? n : 0, sizeof(double));
// CHECK-NOT: gradcc_reserve
// CHECK: return
#pragma grad wrt(x)
double outer_only(int n, const double *x)
{
    double a[1] = {0}, s = 0;
    for (int i = 0; i < n; i++) {
        a[0] += x[i];
        for (int j = 0; j < n; j++)
            s += a[0] * x[j];
    }
    return s;
}

// Sparse Jacobians and Hessians equal the dense ones entry by entry, and have
// no entry where those are zero for all inputs: through loops, branches, calls,
// memory that is overwritten, moved and swapped, and index arrays. The pattern
// is kept until what it depends on changes.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc -Werror %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang -Werror %main %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %cc %sanitize %main %s %t_grad.c -o %t.san %sanitize_links && %t.san
// RUN: %gradcc --no-eliminate %s -o %t_grad.c
// RUN: not grep 'The pattern is known' %t_grad.c
// RUN: %cc %sanitize %main %s %t_grad.c -o %t.run %sanitize_links && %t.run
#include <math.h>
#include <stdlib.h>
#include <string.h>

// CHECK: static const int known_jac_column[] = {0, 4, 1, 2, 3};
// CHECK: static const int known_jac_row_start[] = {0, 2, 5, 5};

// Nothing but the sizes decides: the pattern is found once.
// CHECK-LABEL: void band_jac(int n, const double *restrict x,
// CHECK-NOT: decisions(
// CHECK: grad_sparse_begin(jac, n, n, GRAD_SPARSE_ROWS,
// CHECK: band_jac_pattern(n, x,
#pragma grad jacobian sparse wrt(x[0:n]) of(y[0:n])
#pragma grad jacobian wrt(x[0:n]) of(y[0:n]) name(band_dense)
void band(int n, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double s = 2 * x[i] * x[i];
        if (i > 0)
            s -= x[i - 1];
        if (i < n - 1)
            s -= sin(x[i + 1]);
        y[i] = s;
    }
}

// One dense row among a few others: by rows.
#pragma grad jacobian sparse wrt(x[0:n]) of(sum[0:1], y[0:n])
#pragma grad jacobian wrt(x[0:n]) of(sum[0:1], y[0:n]) name(bound_dense)
void bound(int n, const double *x, double *sum, double *y)
{
    *sum = 0;
    for (int i = 0; i < n; i++) {
        *sum += x[i] * x[i];
        y[i] = exp(x[i]);
    }
}

static void smooth(int n, double *u, const double *f)
{
    double *old = malloc(n * sizeof *old);
    memcpy(old, u, n * sizeof *u);
    for (int i = 1; i + 1 < n; i++)
        u[i] = (old[i - 1] + old[i + 1]) * f[i];
    free(old);
}

// In place, through a callee that has memory of its own.
#pragma grad jacobian sparse wrt(u[0:n], f[0:n]) of(u[0:n])
#pragma grad jacobian wrt(u[0:n], f[0:n]) of(u[0:n]) name(relax_dense)
void relax(int n, int sweeps, double *u, const double *f)
{
    for (int k = 0; k < sweeps; k++)
        smooth(n, u, f);
}

// Two buffers that are swapped; a local array; memory that is set to zero and
// overwritten.
#pragma grad jacobian sparse wrt(x[0:9]) of(y[0:9])
#pragma grad jacobian wrt(x[0:9]) of(y[0:9]) name(swap_dense)
void swap(int steps, const double *x, double *y)
{
    double a[9], b[9], *from = a, *to = b;
    memcpy(a, x, sizeof a);
    for (int k = 0; k < steps; k++) {
        memset(to, 0, sizeof a);
        for (int i = 0; i < 8; i++)
            to[i] += from[i + 1] * from[i];
        double *t = from;
        from = to;
        to = t;
    }
    for (int i = 0; i < 9; i++)
        y[i] = from[i];
    y[0] = 1;
}

// What is reached and which branch is taken depends on the inputs, and so does
// how often a loop runs.
// CHECK-LABEL: {{^}}void chosen_jac(
// CHECK: chosen_jac_decisions(
#pragma grad jacobian sparse wrt(x[0:n]) of(y[0:n])
#pragma grad jacobian wrt(x[0:n]) of(y[0:n]) name(chosen_dense)
void chosen(int n, const int *from, const double *x, double *y)
{
    for (int i = 0; i < n; i++) {
        double s = x[from[i]];
        if (x[i] > 0)
            s *= x[(i + 3) % n];
        for (int k = 0; s * s > k && k < n; k++)
            s += 0.01 * x[k];
        int last = 0;
        while (last < n - 1 && x[last] < 2)
            last++;
        y[i] = s * x[last];
    }
}

// Where the pattern is known, entries are made one by one: those of both sides
// of a branch.
// CHECK-LABEL: {{^}}void known_jac(
// CHECK: value = grad_sparse_fixed(jac, 3, 5, known_jac_row_start,
// CHECK-NOT: todo
// CHECK: }
#pragma grad jacobian sparse wrt(x[0:4], a) of(y[0:3])
#pragma grad jacobian wrt(x[0:4], a) of(y[0:3]) name(known_dense)
void known(const double *x, double a, double *y)
{
    y[0] = x[0] * a;
    y[1] = x[1] > 0 ? sin(x[1] * x[2]) : x[3];
    y[2] = 3;
}

// Both sides of a choice; parts whose derivative is zero.
#pragma grad jacobian sparse wrt(x[0:6], a) of(y[0:6])
#pragma grad jacobian wrt(x[0:6], a) of(y[0:6]) name(choice_dense)
void choice(const double *x, double a, double *y)
{
    double p = x[2], q = x[3];
    y[0] = x[0] > x[1] ? p : q;
    y[1] = fmax(x[0], x[1]);
    y[2] = fabs(x[2]) + floor(x[3]);
    y[3] = a;
    y[4] = copysign(x[4], x[5]);
    y[5] = 3;
}

// Any pattern, given by index arrays.
#pragma grad jacobian sparse wrt(x[0:n]) of(y[0:m])
#pragma grad jacobian wrt(x[0:n]) of(y[0:m]) name(gather_dense)
void gather(int m, int n, const int *start, const int *column, const double *x,
            double *y)
{
    (void)n;
    for (int i = 0; i < m; i++) {
        y[i] = 1;
        for (int k = start[i]; k < start[i + 1]; k++)
            y[i] += (k + 1) * x[column[k]] * x[column[k]];
    }
}

// A value, besides.
#pragma grad jacobian sparse wrt(x[0:n]) of(return, y[0:n])
#pragma grad jacobian wrt(x[0:n]) of(return, y[0:n]) name(first_dense)
double first(int n, const double *x, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] = x[n - 1 - i] * 3;
    return x[0] * x[n - 1];
}

// ---- Hessians ---------------------------------------------------------------

#pragma grad hessian sparse wrt(x[0:n])
#pragma grad hessian wrt(x[0:n]) name(arrow_dense)
double arrow(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i] * x[i] * x[0];
    return s;
}

#pragma grad hessian sparse wrt(x[0:n], t)
#pragma grad hessian wrt(x[0:n], t) name(chain_dense)
double chain(int n, const double *x, double t)
{
    double s = t * t, a = 1;
    for (int i = 0; i + 1 < n; i++) {
        double d = x[i + 1] - x[i] * x[i];
        s += 100 * d * d + (1 - x[i]) * (1 - x[i]);
    }
    for (int i = 0; i < 3; i++)
        a *= 1 + x[i] * x[i];
    return s + log(a);
}

// Any pattern, given by pairs.
#pragma grad hessian sparse wrt(x[0:n])
#pragma grad hessian wrt(x[0:n]) name(pairs_dense)
double pairs(int n, int count, const int *left, const int *right,
             const double *x)
{
    double s = 0;
    (void)n;
    for (int k = 0; k < count; k++)
        s += sin(x[left[k]]) * x[right[k]] * (k + 1);
    return s;
}

// What is linear in a variable has no entry; at zero, weights are zero, and
// entries that are zero there are not so elsewhere.
#pragma grad hessian sparse wrt(x[0:8])
#pragma grad hessian wrt(x[0:8]) name(zeros_dense)
double zeros(const double *x)
{
    double s = x[7];
    s += x[0] * sqrt(x[1]);
    s += x[2] * x[3] * x[4];
    if (x[5] > 0.5)
        s += x[5] * x[6];
    return s;
}

// Which is the largest changes, and no branch tells.
#pragma grad hessian sparse wrt(x[0:n])
#pragma grad hessian wrt(x[0:n]) name(largest_dense)
double largest(int n, const double *x)
{
    double most = x[0], least = x[0];
    for (int i = 1; i < n; i++)
        most = fmax(most, x[i]);
    for (int i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return most * most * most * least;
}

// The reverse sweep needs a tape.
#pragma grad hessian sparse wrt(x[0:n])
#pragma grad hessian wrt(x[0:n]) name(power_dense)
double power(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double p = x[i];
        while (fabs(p) < 3)
            p *= 1.5 + x[i] * 0.25;
        s += p * x[(i + 2) % n];
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 40 };
static double dense[MOST * MOST];

static void compare(const GradSparse *a, int rows, int columns)
{
    int entries = 0;
    CHECK_TRUE(a->rows == rows && a->columns == columns);
    for (int i = 0; i < rows; i++) {
        double row[MOST] = {0};
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++, entries++) {
            row[a->column[k]] = a->value[k];
            CHECK_TRUE(k == a->row_start[i] || a->column[k] > a->column[k - 1]);
        }
        CHECK_ARRAY(columns, row, &dense[i * columns], 1e-14);
    }
    CHECK_TRUE(entries == a->entries);
}

static void fill(int n, double *x, double from)
{
    for (int i = 0; i < n; i++)
        x[i] = from + 0.1 * ((i * 7) % 11);
}

static void check_band(void)
{
    double x[MOST], y[MOST], want[MOST];
    GradSparse jac = {0};
    for (int n = 20; n >= 0; n -= n < 3 ? 1 : 6) {
        fill(n, x, 0.3);
        band_dense(n, x, y, dense);
        band(n, x, want);
        for (int k = 0; k < 2; k++) {
            memset(y, 0, sizeof y);
            band_jac(n, x, y, &jac);
            compare(&jac, n, n);
            for (int i = 0; i < n; i++)
                CHECK_BITS(y[i], want[i]);
        }
        CHECK_TRUE(jac.colors == (n < 3 ? n : 3) && !jac.by_rows);
        CHECK_TRUE(jac.entries == (n < 2 ? n : 3 * n - 2));
    }
    grad_sparse_free(&jac);
}

static void check_bound(void)
{
    double x[MOST], y[MOST], sum;
    GradSparse jac = {0};
    fill(20, x, 0.3);
    bound_dense(20, x, &sum, y, dense);
    bound_jac(20, x, &sum, y, &jac);
    compare(&jac, 21, 20);
    CHECK_TRUE(jac.by_rows && jac.colors == 2 && jac.entries == 40);
    grad_sparse_free(&jac);
}

static void check_relax(void)
{
    double u[MOST], f[MOST], again[MOST];
    GradSparse jac = {0};
    for (int sweeps = 0; sweeps < 4; sweeps++) {
        fill(12, u, 0.3);
        fill(12, again, 0.3);
        fill(12, f, 0.5);
        relax_dense(12, sweeps, u, f, dense);
        relax_jac(12, sweeps, again, f, &jac);
        compare(&jac, 12, 24);
        for (int i = 0; i < 12; i++)
            CHECK_BITS(again[i], u[i]);
    }
    grad_sparse_free(&jac);
}

static void check_swap(void)
{
    double x[9], y[9];
    GradSparse jac = {0};
    fill(9, x, 0.3);
    for (int steps = 0; steps < 5; steps++) {
        swap_dense(steps, x, y, dense);
        swap_jac(steps, x, y, &jac);
        compare(&jac, 9, 9);
        CHECK_TRUE(jac.row_start[1] == 0); // y[0] is a constant
    }
    grad_sparse_free(&jac);
}

static void check_chosen(void)
{
    double x[MOST], y[MOST];
    int from[MOST];
    GradSparse jac = {0};
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 15; i++) {
            from[i] = (i * (1 + round / 4)) % 15;
            x[i] = sin(i * (1 + round / 2) + round % 2) * 2.5;
        }
        chosen_dense(15, from, x, y, dense);
        chosen_jac(15, from, x, y, &jac);
        compare(&jac, 15, 15);
    }
    grad_sparse_free(&jac);
}

static void check_known(void)
{
    double x[4], y[3];
    GradSparse jac = {0};
    for (int round = 0; round < 4; round++) {
        fill(4, x, 0.3);
        x[1] = round % 2 ? 0.5 : -0.5;
        known_dense(x, 2, y, dense);
        known_jac(x, 2, y, &jac);
        compare(&jac, 3, 5);
        CHECK_TRUE(jac.colors > 0 || jac.entries == 5);
        if (round == 1) { // another function's matrix in between
            double z[3] = {1, 2, 3};
            band_dense(3, x, z, dense);
            band_jac(3, x, z, &jac);
            compare(&jac, 3, 3);
        }
    }
    grad_sparse_free(&jac);
}

static void check_choice(void)
{
    double x[6], y[6];
    GradSparse jac = {0};
    for (int round = 0; round < 2; round++) {
        fill(6, x, 0.3);
        x[0] += round;
        choice_dense(x, 2, y, dense);
        choice_jac(x, 2, y, &jac);
        compare(&jac, 6, 7);
        CHECK_TRUE(jac.entries == 7 - (jac.colors > 0));
    }
    grad_sparse_free(&jac);
}

// The entries are exactly those of the index arrays.
static void check_gather(void)
{
    int start[MOST + 1], column[MOST * MOST];
    double x[MOST], y[MOST];
    GradSparse jac = {0};
    for (int round = 0; round < 40; round++) {
        int m = 1 + rand() % MOST, n = 1 + rand() % MOST;
        int density = 1 + rand() % 40;
        start[0] = 0;
        for (int i = 0; i < m; i++) {
            start[i + 1] = start[i];
            for (int j = 0; j < n; j++)
                if (rand() % 100 < density)
                    column[start[i + 1]++] = j;
        }
        fill(n, x, 0.3);
        gather_dense(m, n, start, column, x, y, dense);
        gather_jac(m, n, start, column, x, y, &jac);
        compare(&jac, m, n);
        CHECK_TRUE(jac.entries == start[m]);
    }
    grad_sparse_free(&jac);
}

static void check_first(void)
{
    double x[10], y[10];
    GradSparse jac = {0};
    fill(10, x, 0.3);
    first_dense(10, x, y, dense);
    CHECK_BITS(first_jac(10, x, y, &jac), first(10, x, y));
    compare(&jac, 11, 10);
    CHECK_TRUE(jac.entries == 12 && jac.colors == 2);
    grad_sparse_free(&jac);
}

static void check_arrow(void)
{
    double x[MOST], d_x[MOST] = {0}, twice[MOST] = {0};
    GradSparse hess = {0};
    fill(30, x, 0.3);
    arrow_dense(30, x, d_x, dense);
    CHECK_BITS(arrow_hess(30, x, twice, &hess), arrow(30, x));
    compare(&hess, 30, 30);
    CHECK_TRUE(hess.colors == 2 && hess.entries == 88);
    arrow_hess(30, x, twice, &hess); // gradients add up
    for (int i = 0; i < 30; i++)
        CHECK_CLOSE(twice[i], 2 * d_x[i], 1e-15);
    grad_sparse_free(&hess);
}

static void check_symmetry(const GradSparse *a)
{
    for (int i = 0; i < a->rows; i++)
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++)
            for (int e = a->row_start[a->column[k]];
                 e < a->row_start[a->column[k] + 1]; e++)
                if (a->column[e] == i)
                    CHECK_BITS(a->value[e], a->value[k]);
}

static void check_chain(void)
{
    double x[MOST], d_x[MOST] = {0}, d_t = 0;
    GradSparse hess = {0};
    fill(30, x, 0.3);
    chain_dense(30, x, d_x, 2, &d_t, dense);
    chain_hess(30, x, d_x, 2, &d_t, &hess);
    compare(&hess, 31, 31);
    check_symmetry(&hess);
    CHECK_TRUE(hess.colors == 3 && hess.entries == 31 + 58 + 2);
    CHECK_CLOSE(d_t, 8, 1e-15);
    grad_sparse_free(&hess);
}

static void check_pairs(void)
{
    int left[MOST], right[MOST];
    double x[MOST], d_x[MOST] = {0};
    GradSparse hess = {0};
    for (int round = 0; round < 40; round++) {
        int n = 1 + rand() % MOST, count = rand() % MOST;
        for (int k = 0; k < count; k++) {
            left[k] = rand() % n;
            right[k] = rand() % n;
        }
        fill(n, x, 0.3);
        pairs_dense(n, count, left, right, x, d_x, dense);
        pairs_hess(n, count, left, right, x, d_x, &hess);
        compare(&hess, n, n);
        check_symmetry(&hess);
    }
    grad_sparse_free(&hess);
}

static void check_zeros(void)
{
    double x[8] = {0}, d_x[8];
    GradSparse hess = {0};
    for (int round = 0; round < 4; round++) {
        if (round)
            fill(8, x, 0.1 * round);
        zeros_dense(x, d_x, dense);
        zeros_hess(x, d_x, &hess);
        if (round) // at the root's singularity both sides are free
            compare(&hess, 8, 8);
        CHECK_TRUE(hess.entries == 9 + 2 * (x[5] > 0.5));
    }
    grad_sparse_free(&hess);
}

static void check_largest(void)
{
    double x[MOST], d_x[MOST] = {0};
    GradSparse hess = {0};
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 12; i++)
            x[i] = sin(5 * i + round);
        largest_dense(12, x, d_x, dense);
        largest_hess(12, x, d_x, &hess);
        compare(&hess, 12, 12);
    }
    grad_sparse_free(&hess);
}

static void check_power(void)
{
    double x[MOST], d_x[MOST] = {0};
    GradSparse hess = {0};
    for (int round = 0; round < 4; round++) {
        fill(25, x, 0.3 + 0.2 * round);
        power_dense(25, x, d_x, dense);
        power_hess(25, x, d_x, &hess);
        compare(&hess, 25, 25);
    }
    grad_sparse_free(&hess);
}

int main(void)
{
    check_band();
    check_bound();
    check_relax();
    check_swap();
    check_chosen();
    check_known();
    check_choice();
    check_gather();
    check_first();
    check_arrow();
    check_chain();
    check_pairs();
    check_zeros();
    check_largest();
    check_power();
    return check_done();
}
#endif

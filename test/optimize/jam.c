// Iterations of a loop around other loops go together through these, so that
// what they share is loaded and stored once. What one place adds to an element
// keeps its order: the gradient is the same bit for bit.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc --no-jam %s -o %t_one_grad.c
// RUN: FileCheck %s --check-prefix=ALONE < %t_one_grad.c
// RUN: sed -i -e 's/_grad(/_one(/' %t_one_grad.c %t_one_grad.h
// RUN: %cc %main -DONE='"%t_one_grad.h"' %sanitize %s %t_grad.c %t_one_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -DONE='"%t_one_grad.h"' -O2 %s %t_grad.c %t_one_grad.c -o %t.clang %links && %t.clang
// ALONE-NOT: += 4
#include <math.h>

// The rows share the matrix. The loss is summed in the rows' order.
// CHECK-LABEL: double layer_grad(
// CHECK: int [[LIMIT:t[0-9]+]] = rows - rows % 4;
// CHECK: for (int r = 0; r < [[LIMIT]]; r += 4)
// CHECK: double w2 = w[o * from + i];
// CHECK-NEXT: sum += w2 * x[r * from + i];
// CHECK-NEXT: sum2 += w2 * x[(r + 1) * from + i];
// CHECK-NEXT: sum3 += w2 * x[(r + 2) * from + i];
// CHECK-NEXT: sum4 += w2 * x[(r + 3) * from + i];
// CHECK: d_w[o * from + i] = d_w2 + d_sum * x2 + d_sum2 * x3 +
// CHECK: for (int r = [[LIMIT]]; r < rows; r++)
// CHECK: return
#pragma grad wrt(x, w, b)
double layer(int rows, int from, int to, const double *x, const double *w,
             const double *b)
{
    double loss = 0;
    for (int r = 0; r < rows; r++) {
        double part = 0;
        for (int o = 0; o < to; o++) {
            double sum = b[o];
            for (int i = 0; i < from; i++)
                sum += w[o * from + i] * x[r * from + i];
            part += sum > 0 ? sum * sum : 0.1 * sum;
        }
        loss += part;
    }
    return loss;
}

// The scaled rows of one matrix, summed up: out is what they share.
// CHECK-LABEL: double mixed_grad(
// CHECK: for (int r = 0; r < {{.*}}; r += 4)
// CHECK: for (int i = 0; i < m; i++) {
// CHECK: out[i] = out[i] + share * w2 + share2 * w[(r + 1) * m + i] +
// CHECK: return
#pragma grad wrt(x, w)
double mixed(int n, int m, const double *x, const double *w)
{
    double out[16] = {0}, sum = 1, total = 0;
    for (int r = 0; r < n; r++)
        sum += x[r] * x[r];
    for (int r = 0; r < n; r++) {
        double share = x[r] / sum;
        for (int i = 0; i < m; i++)
            out[i] += share * w[r * m + i];
    }
    for (int i = 0; i < m; i++)
        total += out[i] * out[i] * sin(out[i]);
    return total;
}

// Products of three, with an unsigned index, up to and with the last one.
// CHECK-LABEL: double product_grad(
// CHECK: += 4
// CHECK: return
#pragma grad wrt(a, b)
double product(unsigned n, const double *a, const double *b)
{
    double c[64] = {0}, total = 0;
    for (unsigned i = 1; i <= n; i++)
        for (unsigned k = 0; k < n; k++)
            for (unsigned j = 0; j < n; j++)
                c[(i - 1) * n + j] += a[(i - 1) * n + k] * b[k * n + j];
    for (unsigned i = 0; i < n * n; i++)
        total += c[i] * c[i];
    return total;
}

// Not where functions take the time, and not where rows need one another.
// CHECK-LABEL: double slow_grad(
// CHECK-NOT: += 4
// CHECK: return
#pragma grad wrt(x, w)
double slow(int n, int m, const double *x, const double *w)
{
    double total = 0;
    for (int r = 0; r < n; r++) {
        double sum = 0;
        for (int i = 0; i < m; i++)
            sum += exp(w[i] * x[r * m + i]);
        total += sum;
    }
    return total;
}

// CHECK-LABEL: double needed_grad(
// CHECK-NOT: += 4
// CHECK: return
#pragma grad wrt(x, w)
double needed(int n, int m, const double *x, const double *w)
{
    double y[17] = {1};
    for (int r = 0; r < n; r++) {
        double sum = 0;
        for (int i = 0; i < m; i++)
            sum += w[i] * x[r * m + i];
        y[r + 1] = y[r] * sum;
    }
    return y[n];
}

// Nor where a sum of the function itself would be made in another order: when
// several of the inner iterations add to one element, in one place
#pragma grad wrt(x, w)
double histogram(int n, int m, const double *x, const double *w)
{
    double h[3] = {0}, total = 0;
    for (int r = 0; r < n; r++)
        for (int i = 0; i < m; i++)
            h[i % 3] += w[r * m + i] * x[i];
    for (int i = 0; i < 3; i++)
        total += h[i] * h[i];
    return total;
}

// or in two,
#pragma grad wrt(x, w)
double neighbours(int n, int m, const double *x, const double *w)
{
    double h[8] = {0}, total = 0;
    for (int r = 0; r < n; r++)
        for (int i = 0; i < m; i++) {
            h[i] += w[r * m + i] * x[i];
            h[i + 1] += w[r * m + i] * x[i] * 0.3;
        }
    for (int i = 0; i <= m; i++)
        total += h[i] * h[i];
    return total;
}

// or when one is added to before and behind the loop inside.
#pragma grad wrt(x, w)
double twice(int n, int m, const double *x, const double *w)
{
    double total = 0;
    for (int r = 0; r < n; r++) {
        double sum = 0;
        total += x[r] * 0.1;
        for (int i = 0; i < m; i++)
            sum += w[r * m + i] * x[i];
        total += sum;
    }
    return total;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include ONE
#include "check.h"

enum { MOST = 256 };

static double x[MOST], w[MOST], b[MOST];

static void check_same(double got, double one, double value, const double *g,
                       const double *h, const double *k, const double *l)
{
    CHECK_BITS(got, value);
    CHECK_BITS(one, value);
    for (int i = 0; i < MOST; i++) {
        CHECK_BITS(g[i], h[i]);
        CHECK_BITS(k[i], l[i]);
    }
}

static void check_value(double got, double value)
{
    CHECK_BITS(got, value);
}

static void check_sizes(int n, int m)
{
    static double o[MOST], p[MOST];
    static double g[MOST], h[MOST], k[MOST], l[MOST], d_b[MOST], e_b[MOST];
    check_same(layer_grad(n, m, 3, x, g, w, k, b, d_b),
               layer_one(n, m, 3, x, h, w, l, b, e_b), layer(n, m, 3, x, w, b),
               g, h, k, l);
    check_same(0, 0, 0, d_b, e_b, k, l);
    check_same(mixed_grad(n, m, x, g, w, k), mixed_one(n, m, x, h, w, l),
               mixed(n, m, x, w), g, h, k, l);
    if (n <= 8)
        check_same(product_grad((unsigned)n, x, g, w, k),
                   product_one((unsigned)n, x, h, w, l),
                   product((unsigned)n, x, w), g, h, k, l);
    check_same(slow_grad(n, m, x, g, w, k), slow_one(n, m, x, h, w, l),
               slow(n, m, x, w), g, h, k, l);
    check_same(needed_grad(n, m, x, g, w, k), needed_one(n, m, x, h, w, l),
               needed(n, m, x, w), g, h, k, l);
    check_value(twice_grad(n, m, x, o, w, p), twice(n, m, x, w));
    check_value(histogram_grad(n, m, x, o, w, p), histogram(n, m, x, w));
    check_value(neighbours_grad(n, m, x, o, w, p), neighbours(n, m, x, w));
}

static double of_all(const double *p, void *context)
{
    (void)context;
    return layer(7, 5, 3, p, w, b) + mixed(6, 5, p, w) + product(6, p, w);
}

int main(void)
{
    struct rng rng = {3};
    rng_fill(&rng, MOST, x, -1, 1);
    rng_fill(&rng, MOST, w, -1, 1);
    rng_fill(&rng, MOST, b, -1, 1);
    for (int n = 1; n <= 13; n++)
        for (int m = 1; m <= 6; m++)
            check_sizes(n, m);
    double g[MOST] = {0}, other[MOST] = {0};
    layer_grad(7, 5, 3, x, g, w, other, b, other);
    mixed_grad(6, 5, x, g, w, other);
    product_grad(6, x, g, w, other);
    CHECK_DIFFERENCES(of_all, NULL, 36, x, g, 1e-6);
    return check_done();
}
#endif

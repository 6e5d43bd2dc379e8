// Iterations side by side, as lanes: loops inside stay outside of the loop over
// the lanes, scratch memory gets a copy for each lane. What one place adds to an
// element keeps its order, so that the gradient is the same bit for bit unless
// several places add to an element. The rest is done one by one.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc --no-batch %s -o %t_one_grad.c
// RUN: FileCheck %s --check-prefix=ALONE < %t_one_grad.c
// RUN: sed -i -e 's/_grad(/_one(/' %t_one_grad.c %t_one_grad.h
// RUN: %cc %main -DONE='"%t_one_grad.h"' %sanitize %s %t_grad.c %t_one_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -DONE='"%t_one_grad.h"' -O2 %s %t_grad.c %t_one_grad.c -o %t.clang %links && %t.clang
// ALONE-NOT: lane
#include <math.h>
#include <stdlib.h>

// Softmax over linear scores, for each of n points.
// CHECK-LABEL: double classify_grad(
// CHECK: int [[LIMIT:t[0-9]+]] = n - n % 8;
// CHECK: double (*scores2)[8] = gradcc_reserve(
// CHECK: double (*d_scores2)[8] = gradcc_allocate(
// CHECK: for (int i = 0; i < [[LIMIT]]; i += 8) {
// CHECK: for (int c = 0; c < k; c++) {
// CHECK: for (int j = 0; j < d; j++) {
// CHECK: double w2 = w[c * d + j];
// CHECK-NEXT: for (int lane = 0; lane < 8; lane++)
// CHECK: free(scores2);
// CHECK: for (int i = [[LIMIT]]; i < n; i++) {
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(w, b)
double classify(int n, int d, int k, const double *w, const double *b,
                const double *x, const int *label)
{
    double *scores = malloc((size_t)k * sizeof *scores), loss = 0;
    if (!scores)
        abort();
    for (int i = 0; i < n; i++) {
        double most = -INFINITY, sum = 0;
        for (int c = 0; c < k; c++) {
            double score = b[c];
            for (int j = 0; j < d; j++)
                score += w[c * d + j] * x[i * d + j];
            scores[c] = tanh(score);
            if (scores[c] > most)
                most = scores[c];
        }
        for (int c = 0; c < k; c++)
            sum += exp(scores[c] - most);
        loss += most + log(sum) - scores[label[i]];
    }
    free(scores);
    return loss;
}

// A hidden layer in local arrays, integers that are the same for all lanes, a
// branch of each lane's own, and one that all go through together.
// CHECK-LABEL: double layers_grad(
// CHECK: double hidden{{\[6\]\[8\]}};
// CHECK: lane < 8
// CHECK: return
#pragma grad wrt(w)
double layers(int n, int deep, const double *w, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double hidden[6], out = 0;
        int next = 0;
        for (int h = 0; h < 6; h++) {
            double sum = w[next++];
            for (int j = 0; j < 3; j++)
                sum += sin(w[next++] * x[i * 3 + j]);
            hidden[h] = sum > 0 ? tanh(sum) : 0.1 * sum;
        }
        if (deep) {
            for (int h = 1; h < 6; h++)
                hidden[h] += sin(hidden[h - 1]) * w[h];
        } else {
            hidden[0] = hidden[1] * hidden[5];
        }
        for (int h = 0; h < 6; h++)
            out += hidden[h] * hidden[h] * w[h];
        total += out > 1 ? log(out) : out;
    }
    return total;
}

// Weights that each point chooses itself: lanes may add to one element.
// CHECK-LABEL: double chosen_grad(
// CHECK: lane < 8
// CHECK: return
#pragma grad wrt(w)
double chosen(int n, const double *w, const double *x, const int *label)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double a[5], s = 1;
        for (int j = 0; j < 5; j++)
            a[j] = exp(x[i] * j * 0.1) * w[j];
        for (int j = 1; j < 5; j++)
            for (int l = 0; l < j; l++)
                s += sin(a[l] * a[j]) * cos(a[l] + w[j]);
        total += s * s * w[label[i]];
    }
    return total;
}

// Loops inside loops that add to a sum of the gradient's: left alone, too.
// CHECK-LABEL: double nested_grad(
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(w, scale)
double nested(int n, const double *w, double scale, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < 4; j++)
            for (int l = 0; l < 3; l++)
                s += exp(scale * x[i]) * w[j] * sin(w[l] + scale * j);
        total += tanh(s);
    }
    return total;
}

// Rows of a matrix: what each lane needs lies far from what the next one needs;
// compilers do better along the rows.
// CHECK-LABEL: double norms_grad(
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(x)
double norms(int n, int d, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < d; j++)
            s += x[i * d + j] * x[i * d + j];
        total += sqrt(1 + s);
    }
    return total;
}

// Scratch memory that is looked at afterwards is not.
// CHECK-LABEL: double looked_at_grad(
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(w)
double looked_at(int n, const double *w, const double *x)
{
    double a[4] = {0}, total = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < 4; j++)
            a[j] = exp(x[i] * w[j]);
        double s = 0;
        for (int j = 1; j < 4; j++)
            for (int l = 0; l < j; l++)
                s += sin(a[l] * a[j]);
        total += s;
    }
    return total + a[3];
}

// Values keep their bits: each sum of the primal takes what iterations add in
// their order. Here two places add to one.
// CHECK-LABEL: double twice_grad(
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(w)
double twice(int n, const double *w, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        total += x[i] * w[0];
        for (int j = 1; j < 4; j++)
            s += exp(x[i] * w[j]);
        total += s;
    }
    return total;
}

// Nor is a sum that loops inside add to: its order is the value's.
// CHECK-LABEL: double inside_grad(
// CHECK-NOT: lane
// CHECK: return
#pragma grad wrt(w)
double inside(int n, const double *w, const double *x)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double a[4];
        for (int j = 0; j < 4; j++)
            a[j] = exp(x[i] * w[j]);
        for (int j = 1; j < 4; j++)
            for (int l = 0; l < j; l++)
                total += sin(a[l] * a[j]);
    }
    return total;
}

// Of each column a sum of what has no derivative, to which one place adds once
// a row; and two places, and several times a row.
// CHECK-LABEL: double columns_grad(
// CHECK: lane
// CHECK-LABEL: double columns_twice_grad(
// CHECK-NOT: lane
// CHECK-LABEL: double columns_often_grad(
// CHECK-NOT: lane
// CHECK-LABEL: double end_grad(
#pragma grad wrt(w)
double columns(int n, const double *w, const double *x, double *y)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < 4; j++) {
            s += exp(x[i] * w[j]);
            y[j] += x[i] * 0.1;
        }
        total += s;
    }
    return total;
}

#pragma grad wrt(w)
double columns_twice(int n, const double *w, const double *x, double *y)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        y[2] += x[i] / 3;
        for (int j = 0; j < 4; j++) {
            s += exp(x[i] * w[j]);
            y[j] += x[i] * 0.1;
        }
        total += s;
    }
    return total;
}

#pragma grad wrt(w)
double columns_often(int n, const double *w, const double *x, double *y)
{
    double total = 0;
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int j = 0; j < 4; j++) {
            s += exp(x[i] * w[j]);
            y[j / 2] += x[i] / (j + 3);
        }
        total += s;
    }
    return total;
}

#pragma grad wrt(x)
double end(double x)
{
    return x;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include ONE
#include "check.h"

enum { MOST = 40 };

static double x[MOST * 8], w[MOST], b[MOST];
static int label[MOST];

static void check_near(double a, double c, const double *g, const double *h,
                       double f)
{
    CHECK_BITS(a, f);
    CHECK_BITS(c, f);
    for (int i = 0; i < MOST; i++)
        CHECK_CLOSE(g[i], h[i], 1e-13);
}

static void check_same(double a, double c, const double *g, const double *h,
                       double f)
{
    check_near(a, c, g, h, f);
    for (int i = 0; i < MOST; i++)
        CHECK_BITS(g[i], h[i]);
}

static void check_length(int n)
{
    double g[MOST] = {0}, h[MOST] = {0}, d_b[MOST] = {0}, e_b[MOST] = {0};
    double f = classify(n, 4, 3, w, b, x, label);
    check_same(classify_grad(n, 4, 3, w, g, b, d_b, x, label),
               classify_one(n, 4, 3, w, h, b, e_b, x, label), g, h, f);
    for (int i = 0; i < MOST; i++)
        CHECK_BITS(d_b[i], e_b[i]);
    for (int deep = 0; deep < 2; deep++)
        check_near(layers_grad(n, deep, w, g, x), layers_one(n, deep, w, h, x),
                   g, h, layers(n, deep, w, x));
    check_near(chosen_grad(n, w, g, x, label), chosen_one(n, w, h, x, label), g,
               h, chosen(n, w, x, label));
    check_near(nested_grad(n, w, g, 0.3, &g[MOST - 1], x),
               nested_one(n, w, h, 0.3, &h[MOST - 1], x), g, h,
               nested(n, w, 0.3, x));
    for (int i = 0; i < MOST; i++)
        g[i] = h[i];
    check_same(norms_grad(n, 1, x, g), norms_one(n, 1, x, h), g, h,
               norms(n, 1, x));
    check_same(looked_at_grad(n, w, g, x), looked_at_one(n, w, h, x), g, h,
               looked_at(n, w, x));
}

typedef double columns_function(int, const double *, const double *, double *);
typedef double columns_gradient(int, const double *, double *, const double *,
                                double *);

static void check_columns(int n, columns_function *f, columns_gradient *grad,
                          columns_gradient *one)
{
    double y[3][4] = {{0}}, g[MOST] = {0}, h[MOST] = {0};
    double value = f(n, w, x, y[0]);
    check_near(grad(n, w, g, x, y[1]), one(n, w, h, x, y[2]), g, h, value);
    for (int j = 0; j < 4; j++) {
        CHECK_BITS(y[1][j], y[0][j]);
        CHECK_BITS(y[2][j], y[0][j]);
    }
}

static void check_sums(int n)
{
    double g[MOST] = {0}, h[MOST] = {0};
    check_near(twice_grad(n, w, g, x), twice_one(n, w, h, x), g, h,
               twice(n, w, x));
    check_near(inside_grad(n, w, g, x), inside_one(n, w, h, x), g, h,
               inside(n, w, x));
    check_columns(n, columns, columns_grad, columns_one);
    check_columns(n, columns_twice, columns_twice_grad, columns_twice_one);
    check_columns(n, columns_often, columns_often_grad, columns_often_one);
}

static double loss_of(const double *weights, void *n)
{
    return layers(*(int *)n, 1, weights, x) +
           chosen(*(int *)n, weights, x, label);
}

int main(void)
{
    struct rng rng = {11};
    rng_fill(&rng, MOST * 8, x, -1, 1);
    rng_fill(&rng, MOST, w, -1, 1);
    rng_fill(&rng, MOST, b, -1, 1);
    for (int i = 0; i < MOST; i++)
        label[i] = i % 3;
    for (int n = 0; n < MOST; n++) {
        check_length(n < 8 ? n : n % 8 + n / 8);
        check_length(n);
        check_sums(n);
    }
    int n = 21;
    double g[MOST] = {0};
    layers_grad(n, 1, w, g, x);
    chosen_grad(n, w, g, x, label);
    CHECK_DIFFERENCES(loss_of, &n, 24, w, g, 1e-6);
    return check_done();
}
#endif

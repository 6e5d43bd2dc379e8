// Loops that choose among values: the reverse sweep goes to the chosen one, not
// through the loop.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc --no-choose %s -o %t_all_grad.c
// RUN: FileCheck %s --check-prefix=ALL < %t_all_grad.c
// RUN: sed -i -e 's/_grad(/_all(/' %t_all_grad.c %t_all_grad.h
// RUN: %cc %main -DALL='"%t_all_grad.h"' %sanitize %s %t_grad.c %t_all_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -DALL='"%t_all_grad.h"' -O2 %s %t_grad.c %t_all_grad.c -o %t.clang %links && %t.clang
// ALL-NOT: x[most_at]
#include <math.h>
#include <stddef.h>

// The first of the largest: looked for where it is needed.
// CHECK-LABEL: double largest_grad(
// CHECK: int most_at = n;
// CHECK: for (int i = 1; i < n; i++) {
// CHECK-NEXT: int [[HERE:t[0-9]+]] = x[i] == {{most[0-9]*}} ? i : n;
// CHECK-NEXT: most_at = [[HERE]] < most_at ? [[HERE]] : most_at;
// CHECK: most = x[most_at];
// CHECK-NOT: for
// CHECK: d_x[most_at] += d_most;
// CHECK-NOT: for
// CHECK: return
#pragma grad
double largest(int n, const double *x)
{
    double most = x[0];
    for (int i = 1; i < n; i++)
        if (x[i] > most)
            most = x[i];
    return most * most;
}

// The last of the smallest, of values that are computed.
// CHECK-LABEL: double smallest_grad(
// CHECK: int least_at = -1;
// CHECK: least_at = i;
// CHECK: = least_at != -1;
// CHECK-NOT: for
// CHECK: return
#pragma grad
double smallest(int n, const double *x, double start)
{
    double least = start;
    for (int i = 0; i < n; i++) {
        double d = x[i] - 0.5;
        if (d * d <= least)
            least = d * d;
    }
    return sin(least);
}

// With an unsigned index, which has no number for nowhere.
// CHECK-LABEL: double spread_grad(
// CHECK-NOT: for
// CHECK: for
// CHECK-NOT: for
// CHECK: return
#pragma grad
double spread(size_t from, size_t n, const double *x)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = from; i < n; i += 2) {
        low = x[i] <= low ? x[i] : low;
        high = fmax(x[i], high);
    }
    return n > from ? high - low : 0;
}

// What is chosen was stored; a loop around uses the memory again.
// CHECK-LABEL: double soft_grad(
// CHECK: most_at = k;
// CHECK: most = scores[most_at];
// CHECK: d_scores[most_at] += d_most;
#pragma grad
double soft(int n, int m, const double *x)
{
    double scores[8], loss = 0;
    for (int i = 0; i < n; i++) {
        double most = -INFINITY, sum = 0;
        for (int k = 0; k < m; k++) {
            double s = 0;
            for (int j = 0; j <= k; j++)
                s += x[j] * x[i] + x[k];
            scores[k] = tanh(s);
            if (most < scores[k])
                most = scores[k];
        }
        for (int k = 0; k < m; k++)
            sum += exp(scores[k] - most);
        loss += most + log(sum);
    }
    return loss;
}

// Left as they are: what is chosen is overwritten by another iteration,
// CHECK-LABEL: double overwritten_grad(
// CHECK: taken_at[i - 1] =
// CHECK: if (taken_at[i - 1])
// CHECK: return
#pragma grad
double overwritten(int n, const double *x)
{
    double a[16], most = 0;
    for (int i = 0; i < 16; i++)
        a[i] = x[i % n];
    for (int i = 1; i < 16; i++) {
        if (a[i] > most)
            most = a[i];
        a[i - 1] = a[i] * a[i - 1];
    }
    return most + a[3];
}

// or the value before goes into others.
// CHECK-LABEL: double running_grad(
// CHECK: most_at[i - 1] = most;
// CHECK: return
#pragma grad
double running(int n, const double *x)
{
    double most = x[0], sum = 0;
    for (int i = 1; i < n; i++) {
        sum += most * x[i];
        if (x[i] > most)
            most = x[i];
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include ALL
#include "check.h"

enum { MOST = 16 };

// Ties, zeros of both signs and no numbers at all, too.
static const double special[][MOST] = {
    {0.5, 0.5, 0.5, 0.25, 1, 1, 0, 1},
    {0., -0., 0., -0., 0.5, 1, 0, 1},
    {-0., 0., -0., 0., 0.5, 0, 0, 1},
    {NAN, 1, 2, NAN, 3, 1, 2, 3},
    {1, NAN, 2, 2, NAN, 2, 1, 2},
    {-INFINITY, -INFINITY, INFINITY, INFINITY, 1, 1, 1, 1},
};

static void check_same(const double *x)
{
#define CHECK_BOTH(f, ...)                             \
    do {                                               \
        double g[MOST] = {0}, h[MOST] = {0};           \
        double a = f##_grad(__VA_ARGS__, g EXTRA(g));  \
        double b = f##_all(__VA_ARGS__, h EXTRA(h));   \
        if (isnan(a) && isnan(b))                      \
            break;                                     \
        CHECK_BITS(a, b);                              \
        for (int i = 0; i < MOST; i++) {               \
            /* all of them have zero times infinity */  \
            if (!isnan(h[i]))                          \
                CHECK_NEAR(g[i], h[i], 1e-14);         \
        }                                              \
    } while (0)
#define EXTRA(g)
    for (int n = 1; n <= 8; n++) {
        CHECK_BOTH(largest, n, x);
        CHECK_BOTH(running, n, x);
        CHECK_BOTH(overwritten, n, x);
        for (size_t from = 0; from < 3; from++)
            CHECK_BOTH(spread, from, (size_t)n, x);
        CHECK_BOTH(soft, n, n, x);
#undef EXTRA
#define EXTRA(g) , 0.04, g + 15
        CHECK_BOTH(smallest, n, x);
#undef EXTRA
#define EXTRA(g)
    }
}

static double of_all(const double *x, void *context)
{
    (void)context;
    return largest(8, x) + smallest(8, x, 1) + spread(1, 8, x) +
           soft(8, 8, x) + overwritten(8, x) + running(8, x);
}

int main(void)
{
    struct rng rng = {5};
    double x[MOST];
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        check_same(special[i]);
    for (int round = 0; round < 50; round++) {
        double g[MOST] = {0}, d_start = 0;
        rng_fill(&rng, MOST, x, -1, 1);
        check_same(x);
        largest_grad(8, x, g);
        smallest_grad(8, x, g, 1, &d_start);
        spread_grad(1, 8, x, g);
        soft_grad(8, 8, x, g);
        overwritten_grad(8, x, g);
        running_grad(8, x, g);
        CHECK_DIFFERENCES(of_all, NULL, 8, x, g, 1e-6);
    }
    return check_done();
}
#endif

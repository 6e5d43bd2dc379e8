// A loop whose iterations spread additions over their neighbours becomes the
// innermost one. Each element gets what is added to it in the same order as
// before: the gradient is the same bit for bit.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %gradcc --no-interchange %s -o %t_one_grad.c
// RUN: FileCheck %s --check-prefix=AS-IT-WAS < %t_one_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %gradcc --no-ascend %s -o %t_grad.c
// RUN: %gradcc --no-ascend --no-interchange %s -o %t_one_grad.c
// RUN: sed -i -E 's/_(grad|hvp)\(/_one(/' %t_one_grad.c %t_one_grad.h
// RUN: %cc %main -DONE='"%t_one_grad.h"' %sanitize %s %t_grad.c %t_one_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -DONE='"%t_one_grad.h"' -O2 %s %t_grad.c %t_one_grad.c -o %t.clang %links && %t.clang

#include <math.h>

// The sum over x for each tap stays as it is, in loops of its own. Long rows go
// in blocks.
// CHECK-LABEL: void smooth_grad(
// CHECK: y[x] +=
// CHECK: for (long block = 0; block < ((long)n + 511) / 512; block++) {
// CHECK-NEXT: long [[FIRST:t[0-9]+]] = block * 512;
// CHECK-NEXT: long [[NEXT:t[0-9]+]] = [[FIRST]] + 512;
// CHECK-NEXT: int [[LAST:t[0-9]+]] = [[NEXT]] < n ? [[NEXT]] : n;
// CHECK-NEXT: for (int j = {{.*}})
// CHECK-NEXT: for (int x = [[FIRST]]; x < [[LAST]]; x++) {
// CHECK: d_u[x + j] += d_y[x] * w[j];
// CHECK: for (int x = [[FIRST]]; x < [[LAST]]; x++) {
// CHECK: for (int j = 0; j < 4; j++)
// CHECK-NEXT: d_w[j] += d_y_x * u[x + j];
// AS-IT-WAS-LABEL: void smooth_grad(
// AS-IT-WAS: for (int j = {{.*}}) {
// AS-IT-WAS: d_w[j] +=
// AS-IT-WAS-NEXT: d_u[x + j] +=
#pragma grad wrt(u, w) of(y)
void smooth(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++)
        for (int j = 0; j < 4; j++)
            y[x] += u[x + j] * w[j];
}

// The same in steps with snapshots, whose gradient has the same bits.
#pragma grad wrt(u, w) of(y)
void marked(int n, const double *u, const double *w, double *y)
{
#pragma grad checkpoint snapshots(3) state(y[0:n])
    for (int x = 0; x < n; x++)
        for (int j = 0; j < 4; j++)
            y[x] += u[x + j] * w[j];
}

// Neighbours come in the other order.
// CHECK-LABEL: void mirrored_grad(
// CHECK: y[x] += sum;
// CHECK: for (int j = {{.*}})
// CHECK-NEXT: for (int x = {{.*}}) {
// CHECK: d_u[x + 3 - j] += d_y[x] * w[j];
#pragma grad wrt(u, w) of(y)
void mirrored(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++) {
        double sum = 0;
        for (int j = 0; j < 4; j++)
            sum += u[x + 3 - j] * w[j];
        y[x] += sum;
    }
}

// Rows of an image, which the bounds keep apart.
// CHECK-LABEL: void image_grad(
// CHECK: y[r * m + x] += sum;
// CHECK: for (int i = {{.*}})
// CHECK-NEXT: for (int j = {{.*}}) {
// CHECK: for (int x = {{.*}}) {
// CHECK: d_u[t{{.*}} + x + j] += d_sum * w[t{{.*}}];
#pragma grad wrt(u, w) of(y)
void image(int n, int m, const double *u, const double *w, double *y)
{
    int wide = m + 2;
    for (int r = 0; r < n; r++)
        for (int x = 0; x < m; x++) {
            double sum = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    sum += w[3 * i + j] * u[(r + i) * wide + x + j];
            y[r * m + x] += sum;
        }
}

// The same with a width that a constant tells.
// CHECK-LABEL: void plane_grad(
// CHECK: y[r * 9 + x] +=
// CHECK: for (int i = {{.*}})
// CHECK-NEXT: for (int j = {{.*}}) {
// CHECK: for (int x = {{.*}}) {
// CHECK: d_u[t2 + x + j] +=
#pragma grad wrt(u, w) of(y)
void plane(int n, const double *u, const double *w, double *y)
{
    for (int r = 0; r < n; r++)
        for (int x = 0; x < 9; x++)
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 2; j++)
                    y[r * 9 + x] += w[2 * i + j] * u[(r + i) * 10 + x + j];
}

// What the loop clears, it clears when the others are through.
// CHECK-LABEL: void assigned_grad(
// CHECK: y[x] = sum;
// CHECK: for (int j = {{.*}})
// CHECK: for (int x = {{.*}}) {
// CHECK: d_u[x + j] += d_y[x] * t{{.*}};
// CHECK: for (int x = {{.*}}) {
// CHECK: d_y[x] = 0;
// CHECK-NOT: for (
#pragma grad wrt(u) of(y)
void assigned(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++) {
        double sum = 0;
        for (int j = 0; j < 3; j++)
            sum += u[x + j] * (j + 1) + (w[j] > 0);
        y[x] = sum;
    }
}

// But not where the neighbours still read it.
// CHECK-LABEL: void late_grad(
// CHECK: for (int x = {{.*}})
// CHECK: y[x] = 0.5;
// CHECK: for (int j = {{.*}})
// CHECK: y[20 + x + j] += last *
#pragma grad wrt(u, w) of(y)
void late(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++) {
        double last = y[x + 1];
        y[x] = 0.5;
        for (int j = 0; j < 3; j++)
            y[20 + x + j] += last * w[j] * u[x];
    }
}

// Rows that may overlap: which addition comes first depends on the width.
// CHECK-LABEL: void overlapping_grad(
// CHECK: for (int x = {{.*}})
// CHECK: for (int x = {{.*}})
// CHECK-NOT: for (int x
// CHECK: d_u[i * wide + x + j] +=
#pragma grad wrt(u, w) of(y)
void overlapping(int n, int wide, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++)
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 2; j++)
                y[x] += w[2 * i + j] * u[i * wide + x + j];
}

// So may taps a distance apart that nobody knows, or those two places reach.
// CHECK-LABEL: void spread_grad(
// CHECK: for (int x = {{.*}})
// CHECK: for (int x = {{.*}})
// CHECK-NOT: for (int x
// CHECK: d_u[x + by * j] +=
#pragma grad wrt(u, w) of(y)
void spread(int n, int by, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++)
        for (int j = 0; j < 3; j++)
            y[x] += w[j] * u[x + by * j] * u[x + 1];
}

// In the function itself: what the loops around read is what those inside
// write.
// CHECK-LABEL: void onwards_grad(
// CHECK: for (int x = {{.*}})
// CHECK-NOT: for (int x
// CHECK: u[x + j] += last
#pragma grad wrt(w) of(u)
void onwards(int n, double *u, const double *w)
{
    for (int x = 0; x < n; x++) {
        double last = u[x];
        for (int j = 1; j < 4; j++)
            u[x + j] += last * w[j];
    }
}

// And sums in the function, whose order counts: what came from the neighbour
// before comes first.
// CHECK-LABEL: void scatter_grad(
// CHECK: for (int j = 3; j >= 0; j--)
// CHECK-NEXT: for (int x = {{.*}}; x++)
// CHECK-NEXT: y[x + j] += u[x] * w[j];
#pragma grad wrt(u, w) of(y)
void scatter(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++)
        for (int j = 0; j < 4; j++)
            y[x + j] += u[x] * w[j];
}

// Bounds that depend on the first loop.
// CHECK-LABEL: void ragged_grad(
// CHECK: for (int x = {{.*}})
// CHECK: for (int x = {{.*}})
// CHECK-NOT: for (int x
// CHECK: d_u[x + j] +=
#pragma grad wrt(u, w) of(y)
void ragged(int n, const double *u, const double *w, double *y)
{
    for (int x = 0; x < n; x++)
        for (int j = x % 2; j < 3; j++)
            y[x + j] += u[x + j] * w[j];
}

// Second derivatives.
#pragma grad hvp wrt(u)
double energy(int n, const double *u)
{
    double sum = 0;
    for (int x = 0; x < n; x++) {
        double part = 0;
        for (int j = 0; j < 3; j++)
            part += u[x + j] * (j + 1);
        sum += part * part * part;
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"
#ifndef ONE
#define smooth_one smooth_grad
#define mirrored_one mirrored_grad
#define image_one image_grad
#define plane_one plane_grad
#define assigned_one assigned_grad
#define late_one late_grad
#define overlapping_one overlapping_grad
#define spread_one spread_grad
#define onwards_one onwards_grad
#define scatter_one scatter_grad
#define ragged_one ragged_grad
#define energy_one energy_hvp
#else
#include ONE
#endif

enum { MOST = 1400, ALL = 200 };

// What a function reads, what it writes, and their adjoints; d_y as weights.
typedef struct state {
    double u[MOST], w[MOST], y[MOST], d_u[MOST], d_w[MOST], d_y[MOST];
} state;

static state start(struct rng *rng)
{
    state s;
    rng_fill(rng, MOST, s.u, -1, 1);
    rng_fill(rng, MOST, s.w, -1, 1);
    rng_fill(rng, MOST, s.y, -1, 1);
    rng_fill(rng, MOST, s.d_u, -1, 1);
    rng_fill(rng, MOST, s.d_w, -1, 1);
    rng_fill(rng, MOST, s.d_y, -1, 1);
    return s;
}

static void check_same(const state *a, const state *b, const state *value)
{
    for (int i = 0; i < MOST; i++) {
        CHECK_BITS(a->u[i], value->u[i]);
        CHECK_BITS(a->y[i], value->y[i]);
        CHECK_BITS(a->d_u[i], b->d_u[i]);
        CHECK_BITS(a->d_w[i], b->d_w[i]);
        CHECK_BITS(a->d_y[i], b->d_y[i]);
    }
}

#define CHECK_ALL(f, rng, ...)                                                      \
    do {                                                                       \
        state a = start(rng), b = a, c = a, *p = &a;                           \
        f##_grad(__VA_ARGS__, p->u, p->d_u, p->w, p->d_w, p->y, p->d_y);       \
        p = &b;                                                                \
        f##_one(__VA_ARGS__, p->u, p->d_u, p->w, p->d_w, p->y, p->d_y);        \
        p = &c;                                                                \
        f(__VA_ARGS__, p->u, p->w, p->y);                                      \
        check_same(&a, &b, &c);                                                \
    } while (0)

static void check_marked(int n, struct rng *rng)
{
    state a = start(rng), b = a, c = a;
    smooth_grad(n, a.u, a.d_u, a.w, a.d_w, a.y, a.d_y);
    marked_grad(n, b.u, b.d_u, b.w, b.d_w, b.y, b.d_y);
    marked(n, c.u, c.w, c.y);
    check_same(&a, &b, &c);
}

static void check_assigned(int n, struct rng *rng)
{
    state a = start(rng), b = a, c = a;
    assigned_grad(n, a.u, a.d_u, a.w, a.y, a.d_y);
    assigned_one(n, b.u, b.d_u, b.w, b.y, b.d_y);
    assigned(n, c.u, c.w, c.y);
    check_same(&a, &b, &c);
}

static void check_onwards(int n, struct rng *rng)
{
    state a = start(rng), b = a, c = a;
    onwards_grad(n, a.u, a.d_u, a.w, a.d_w);
    onwards_one(n, b.u, b.d_u, b.w, b.d_w);
    onwards(n, c.u, c.w);
    check_same(&a, &b, &c);
}

static void check_energy(int n, struct rng *rng)
{
    state a = start(rng), b = a, c = a;
    double value = energy(n, c.u);
    CHECK_BITS(energy_hvp(n, a.u, a.w, a.d_u, a.d_w), value);
    CHECK_BITS(energy_one(n, b.u, b.w, b.d_u, b.d_w), value);
    check_same(&a, &b, &c);
}

// More than a block.
static void check_long(int n, struct rng *rng)
{
    CHECK_ALL(smooth, rng, n);
    CHECK_ALL(mirrored, rng, n);
    CHECK_ALL(scatter, rng, n);
    check_assigned(n, rng);
}

// A weighted sum of all that is written, of u and then w.
static double of_all(const double *x, void *context)
{
    double y[ALL], sum = 0;
    const double *w = x + 100;
    (void)context;
    for (int i = 0; i < ALL; i++)
        y[i] = 0;
    smooth(5, x, w, y);
    mirrored(6, x, w, y + 10);
    image(4, 5, x, w, y + 20);
    plane(3, x, w, y + 50);
    overlapping(9, 3, x, w, y + 80);
    spread(7, 2, x, w, y + 100);
    scatter(8, x, w, y + 120);
    ragged(9, x, w, y + 140);
    assigned(7, x, w, y + 160);
    for (int i = 0; i < ALL; i++)
        sum += cos(i) * y[i];
    return sum;
}

static void gradient_of_all(const double *x, double *d_x)
{
    double y[ALL] = {0}, d_y[ALL], *d_w = d_x + 100;
    const double *w = x + 100;
    for (int i = 0; i < ALL; i++)
        d_y[i] = cos(i);
    smooth_grad(5, x, d_x, w, d_w, y, d_y);
    mirrored_grad(6, x, d_x, w, d_w, y + 10, d_y + 10);
    image_grad(4, 5, x, d_x, w, d_w, y + 20, d_y + 20);
    plane_grad(3, x, d_x, w, d_w, y + 50, d_y + 50);
    overlapping_grad(9, 3, x, d_x, w, d_w, y + 80, d_y + 80);
    spread_grad(7, 2, x, d_x, w, d_w, y + 100, d_y + 100);
    scatter_grad(8, x, d_x, w, d_w, y + 120, d_y + 120);
    ragged_grad(9, x, d_x, w, d_w, y + 140, d_y + 140);
    assigned_grad(7, x, d_x, w, y + 160, d_y + 160);
}

int main(void)
{
    struct rng rng = {5};
    double x[ALL], d_x[ALL] = {0};
    for (int n = 0; n <= 12; n++) {
        CHECK_ALL(smooth, &rng, n);
        check_marked(n, &rng);
        CHECK_ALL(mirrored, &rng, n);
        for (int m = 0; m <= 9; m++)
            CHECK_ALL(image, &rng, n, m);
        CHECK_ALL(plane, &rng, n);
        check_assigned(n, &rng);
        CHECK_ALL(late, &rng, n);
        for (int wide = 0; wide <= 9; wide++)
            CHECK_ALL(overlapping, &rng, n, wide);
        for (int by = 0; by <= 9; by++)
            CHECK_ALL(spread, &rng, n, by);
        check_onwards(n, &rng);
        CHECK_ALL(scatter, &rng, n);
        CHECK_ALL(ragged, &rng, n);
        check_energy(n, &rng);
    }
    for (int n = 510; n <= 514; n++)
        check_long(n, &rng);
    for (int n = 1023; n <= 1300; n += 60)
        check_long(n, &rng);
    rng_fill(&rng, ALL, x, -1, 1);
    gradient_of_all(x, d_x);
    CHECK_DIFFERENCES(of_all, NULL, ALL, x, d_x, 1e-6);
    return check_done();
}
#endif

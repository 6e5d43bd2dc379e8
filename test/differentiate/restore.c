// Memory that a loop reads several times and overwrites once: the reverse sweep
// keeps what is overwritten and puts it back, instead of keeping what each load
// read. What is the caller's has its results again in the end.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %gradcc --no-restore %s -o %t_grad.c
// RUN: FileCheck %s --check-prefix=KEPT < %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>
#include <stdlib.h>

enum { MOST = 12 };

// One value a step and element, not three.
// KEPT-LABEL: double ring_grad(
// KEPT: kept_at
// CHECK-LABEL: double ring_grad(
// CHECK: y_at[{{.*}}] = y_i;
// CHECK-NOT: _at{{[0-9]*}}[
// CHECK: for (int t = {{.*}} t--)
// CHECK: y[i] = y_at[
// CHECK: d_y[i] = 0;
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double ring(int n, const double *x)
{
    double y[MOST], k[MOST], s = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    for (int t = 0; t < 6; t++) {
        for (int i = 0; i < n; i++)
            k[i] = (y[(i + 1) % n] - y[(i + 2) % n]) * y[(i + n - 1) % n];
        for (int i = 0; i < n; i++)
            y[i] += 0.1 * k[i];
    }
    for (int i = 0; i < n; i++)
        s += y[i] * y[i];
    return s;
}

// An array of one iteration has to outlive it; it is overwritten three times.
// CHECK-LABEL: double stages_grad(
// CHECK: double stage[12] = {0};
// CHECK: for (int t = 0; t < 5; t++) {
// CHECK-COUNT-3: stage[i] = stage_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double stages(int n, const double *x)
{
    double y[MOST], s = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    for (int t = 0; t < 5; t++) {
        double stage[MOST], k[MOST];
        for (int i = 0; i < n; i++)
            stage[i] = sin(y[i]);
        for (int i = 0; i < n; i++)
            k[i] = stage[i] * stage[(i + 1) % n] * stage[(i + 2) % n];
        for (int i = 0; i < n; i++)
            stage[i] = y[i] + 0.5 * k[i];
        for (int i = 0; i < n; i++)
            k[i] += stage[i] * stage[(i + 1) % n] * stage[(i + 2) % n];
        for (int i = 0; i < n; i++)
            stage[i] = y[i] + k[i];
        for (int i = 0; i < n; i++)
            y[i] += 0.1 * stage[i] * stage[(i + 1) % n] * stage[(i + 3) % n];
    }
    for (int i = 0; i < n; i++)
        s += y[i];
    return s;
}

// Two buffers that change places are never one.
// CHECK-LABEL: double swapped_grad(
// CHECK: next_at{{[0-9]*}}[{{.*}}] = next[i];
// CHECK-NOT: now_at{{[0-9]*}}[{{.*}}] = now[
// CHECK: for (int t = {{.*}} t--)
// CHECK: next[i] = next_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
#pragma grad hvp wrt(x)
double swapped(int n, const double *x)
{
    double a[MOST], b[MOST], *now = a, *next = b, s = 0;
    for (int i = 0; i < n; i++) {
        a[i] = x[i];
        b[i] = 0;
    }
    for (int t = 0; t < 6; t++) {
        for (int i = 0; i < n; i++) {
            double left = now[i ? i - 1 : n - 1], here = now[i];
            double right = now[(i + 1) % n];
            next[i] = here + 0.1 * (left - here) * (right - here) * right;
        }
        double *other = now;
        now = next;
        next = other;
    }
    for (int i = 0; i < n; i++)
        s += now[i] * now[i];
    return s;
}

// Read behind the store in the same iteration, and in place: kept as read.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double in_place(int n, const double *x)
{
    double y[MOST], s = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    for (int t = 0; t < 5; t++)
        for (int i = 0; i < n; i++) {
            double before = y[i], left = y[i ? i - 1 : 0];
            y[i] = sin(before * left) + y[(i + 1) % n] * 0.3;
            if (y[i] > before)
                y[i] = y[i] * left * 0.5;
            s += y[i] * before;
        }
    return s;
}

// Only some iterations write, and not the same elements each time.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double some(int n, const double *x)
{
    double y[MOST], s = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    for (int t = 0; t < 9; t++) {
        if (n && y[t % n] > 0)
            for (int i = t % 3; i < n; i += 2)
                y[i] = 0.7 * y[i] * y[(i + t) % n] + y[(i * t) % n];
        for (int i = 0; i + 1 < n; i++)
            s += y[i] * y[i + 1] * y[i] * 0.1;
    }
    return s;
}

// A while loop; what stands before it is read there, too.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double relaxed(int n, const double *x)
{
    double y[MOST] = {0}, z[MOST], s = 0, change = 1;
    int count = 0;
    for (int i = 0; i < n; i++)
        y[i] = x[i] * x[i];
    for (int i = 0; i < n; i++)
        s += y[i] * y[(i + 1) % n];
    while (change > 0.05 && count++ < 40) {
        change = 0;
        for (int i = 0; i < n; i++)
            z[i] = 0.4 * cos(y[(i + 1) % n] * y[i]) + 0.2 * y[i];
        for (int i = 0; i < n; i++) {
            change += fabs(z[i] - y[i]);
            y[i] = z[i];
        }
    }
    for (int i = 0; i < n; i++)
        s += y[i] * y[i];
    return s;
}

// The caller's vector: restored, and put back.
// CHECK-LABEL: double steps_of_grad(
// CHECK: y_at
// CHECK: last[i] = y[i];
// CHECK: y[i] = y_at[
// CHECK: y[i] = last[i];
// CHECK: free(last);
// CHECK: return
#pragma grad wrt(x, y) of(return, y)
#pragma grad forward wrt(x, y) of(return, y)
double steps_of(int n, int steps, const double *x, double *y)
{
    double s = 0, k[MOST];
    for (int t = 0; t < steps; t++) {
        for (int i = 0; i < n; i++)
            k[i] = (y[(i + 1) % n] - x[i]) * y[(i + 2) % n] * y[i];
        for (int i = 0; i < n; i++)
            y[i] += 0.1 * k[i];
        s += n ? y[0] * y[n - 1] : 0;
    }
    return s;
}

// A variable's first value overwrites nothing.
// CHECK-LABEL: double first_grad(
// CHECK: double v;
// CHECK-NOT: = v;
// CHECK: double *p;
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double first(int n, const double *x)
{
    double a[3] = {1, 2, 3}, b[2] = {0}, s = 0.5;
    for (int i = 0; i < 3; i++)
        for (int j = 2; j > 0; j--)
            a[j - 1] = 0.1 * a[j] * a[j - 1] + tanh(a[(i + 1) % 3]);
    double v = b[1];
    double *p = n == 0 ? &v : &a[0];
    if (n > 2)
        for (int i = n - 1; i >= 0; i--) {
            if (x[i] > -0.5)
                *p -= 0.2 * (b[1] + sin(s));
            s += sqrt(exp(x[i]));
            switch (i) {
            default:
                s += cos(log(1.1 + fabs(v)));
                s *= x[i] / (fmin(1.1, a[(i + 2) % 3]) + 4);
            }
        }
    return s + *p;
}

// What is read is stored again, and read there.
#pragma grad wrt(x, y) of(return, y)
#pragma grad forward wrt(x, y) of(return, y)
double handed_on(int n, int steps, const double *x, double *y)
{
    double s = 0;
    if (steps > 2)
        for (int i = n; i-- > 0;) {
            double v = y[i];
            y[(i + 1) % n] = v;
            s += erf((x[0] + y[(i + 1) % n]) /
                     exp(0.6 * atan(y[(i + 2) % n] / (1 + v * v))));
        }
    return s;
}

// A condition of several parts that reads what the loop overwrites: its value is
// kept, for the mirror asks for it before memory is restored.
// CHECK-LABEL: double decided_grad(
// CHECK: [[DECIDED:t[0-9]+]] = {{.*}} && y[1] * y[0] < 0.3;
// CHECK: grad_push_int(&tape, [[DECIDED]]);
// CHECK: y[i] = y_at
// CHECK: return
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double decided(int n, const double *x)
{
    double y[MOST], k[MOST], s = 0;
    int t = -1;
    for (int i = 0; i < n; i++)
        y[i] = x[i];
    while (++t < 6 && n > 1 && y[1] * y[0] < 0.3) {
        for (int i = 0; i < n; i++)
            k[i] = y[(i + 1) % n] * y[i] - y[(i + n - 1) % n];
        for (int i = 0; i < n; i++)
            y[i] = 0.5 * sin(y[i]) - sin(k[i] - 0.7);
        s += exp(y[t % n] * y[(t + 2) % n]);
        if (s > 9)
            break;
    }
    for (int i = 0; i < n; i++)
        s += y[i] * y[i];
    return s;
}

struct grid {
    int rows, columns;
    double *cell;
};

// A part of the caller's memory, by rows and columns, that a while loop writes.
#pragma grad wrt(g) of(return, g)
#pragma grad forward wrt(g) of(return, g)
double settle(struct grid *g, int steps)
{
    double s = 0;
    int w = g->columns;
    while (steps-- > 0) {
        for (int i = 1; i < g->rows - 1; i++)
            for (int j = 1; j < w - 1; j++) {
                double *c = g->cell + i * w + j;
                c[0] = 0.25 * (c[-1] * c[1] + c[-w] * c[w]) + 0.5 * c[0];
            }
        s += g->cell[w + 1] * g->cell[w + 2];
    }
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

typedef struct vector_case {
    double (*f)(int n, int steps, const double *x, double *y);
    double (*grad)(int n, int steps, const double *x, double *d_x, double *y,
                   double *d_y);
    double (*fwd)(int n, int steps, const double *x, const double *d_x,
                  double *y, double *d_y, double *d_return);
} vector_case;

// The values in y, bit for bit, and reverse against forward mode.
static void check_vector(vector_case c, int n, int steps)
{
    struct rng rng = {7};
    double x[MOST], y[MOST], z[MOST], f[MOST], start[MOST];
    double d_x[MOST] = {0}, d_y[MOST], v[MOST], u[MOST], w[MOST], t[MOST];
    double along;
    rng_fill(&rng, n, x, -1, 1);
    rng_fill(&rng, n, start, -1, 1);
    rng_fill(&rng, n, v, -1, 1);
    rng_fill(&rng, n, u, -1, 1);
    rng_fill(&rng, n, w, -1, 1);
    for (int i = 0; i < n; i++) {
        y[i] = z[i] = f[i] = start[i];
        d_y[i] = w[i];
        t[i] = u[i];
    }
    double value = c.f(n, steps, x, y);
    CHECK_BITS(c.grad(n, steps, x, d_x, z, d_y), value);
    CHECK_BITS(c.fwd(n, steps, x, v, f, t, &along), value);
    for (int i = 0; i < n; i++) {
        CHECK_BITS(z[i], y[i]);
        CHECK_BITS(f[i], y[i]);
    }
    double want = along + check_dot(n, w, t);
    CHECK_NEAR(check_dot(n, d_x, v) + check_dot(n, d_y, u), want,
               1e-12 * (1 + fabs(want)));
}

static void check_settle(int rows, int columns, int steps)
{
    enum { CELLS = 64 };
    struct rng rng = {8};
    double y[CELLS], z[CELLS], f[CELLS], d[CELLS], t[CELLS], w[CELLS], u[CELLS];
    int n = rows * columns;
    double along;
    rng_fill(&rng, n, y, -1, 1);
    rng_fill(&rng, n, w, -1, 1);
    rng_fill(&rng, n, u, -1, 1);
    for (int i = 0; i < n; i++) {
        z[i] = f[i] = y[i];
        d[i] = w[i];
        t[i] = u[i];
    }
    struct grid a = {rows, columns, y}, b = {rows, columns, z};
    struct grid c = {rows, columns, f}, d_b = {rows, columns, d};
    struct grid d_c = {rows, columns, t};
    double value = settle(&a, steps);
    CHECK_BITS(settle_grad(&b, &d_b, steps), value);
    CHECK_BITS(settle_fwd(&c, &d_c, steps, &along), value);
    for (int i = 0; i < n; i++) {
        CHECK_BITS(z[i], y[i]);
        CHECK_BITS(f[i], y[i]);
    }
    double want = along + check_dot(n, w, t);
    CHECK_NEAR(check_dot(n, d, u), want, 1e-12 * (1 + fabs(want)));
}

static const vector_case cases[] = {
    {steps_of, steps_of_grad, steps_of_fwd},
    {handed_on, handed_on_grad, handed_on_fwd},
};

int main(void)
{
    CHECK_STANDARD(ring, -1, 1);
    CHECK_SECOND(ring, -1, 1);
    CHECK_STANDARD(stages, -0.5, 0.5);
    CHECK_SECOND(stages, -0.5, 0.5);
    CHECK_STANDARD(swapped, -1, 1);
    CHECK_SECOND(swapped, -1, 1);
    CHECK_STANDARD(in_place, -1, 1);
    CHECK_STANDARD(some, -1, 1);
    CHECK_STANDARD(relaxed, -0.5, 0.5);
    CHECK_STANDARD(first, -1, 1);
    CHECK_STANDARD(decided, -1, 1);
    for (int n = 0; n < 8; n++)
        for (int steps = 0; steps < 5; steps++)
            for (int k = 0; k < 2; k++)
                check_vector(cases[k], n, steps);
    for (int steps = 0; steps < 5; steps++) {
        check_settle(4, 5, steps);
        check_settle(2, 3, steps);
        check_settle(7, 8, steps);
    }
    return check_done();
}
#endif

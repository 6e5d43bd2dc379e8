// Functions that return a struct: d_return holds its weights in reverse mode,
// and gets its tangent in forward mode.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %filecheck %s < %t_grad.c
#include <math.h>

struct pair {
    double sum, gap;
    int count;
    const char *label;
};

struct state {
    struct pair at;
    float trail[3];
    double grid[2][2];
};

typedef struct {
    double x, y;
} Point;

// CHECK: Returns spread(n, x) and adds to d_x the sum of its derivatives that
// CHECK-NEXT: *d_return weighs.
// CHECK-NEXT: struct pair spread_grad(int n, const double *restrict x, double *restrict d_x,
// CHECK-NEXT: const struct pair *restrict d_return)
// CHECK-NEXT: {
// CHECK-NEXT: struct pair result;
// CHECK: return result;
// CHECK: struct pair spread_fwd(int n, const double *restrict x,
// CHECK-NEXT: const double *restrict d_x, struct pair *restrict d_return)
#pragma grad wrt(x)
#pragma grad forward wrt(x) of(return )
struct pair spread(int n, const double *x) {
    struct pair both = {.count = n, .label = "both"};
    for (int i = 0; i < n; i++)
        both.sum += x[i] * x[i];
    both.gap = n > 1 ? exp(x[0] - x[n - 1]) * both.sum : 2;
    return both;
}

// A parameter has the name that the result would have.
// CHECK: Point turn_grad(Point p, Point *restrict d_p, double result,
// CHECK-NEXT: double *restrict d_result, const Point *restrict d_return)
#pragma grad
#pragma grad forward
Point turn(Point p, double result) {
    return (Point){p.x * cos(result) - p.y, p.y * sin(p.x)};
}

// Beside another dependent, which is overwritten; nested, arrays, two returns.
// CHECK: (the result's are in
// CHECK-NEXT: *d_return)
#pragma grad wrt(s, v) of(return, s)
#pragma grad forward wrt(s, v) of(return, s)
struct state advance(struct state *s, double v) {
    struct state next = *s;
    for (int i = 0; i < 3; i++)
        next.trail[i] = next.trail[i] * s->trail[(i + 1) % 3] + (float)v;
    if (v > 0) {
        next.at = spread(2, s->grid[1]);
        s->grid[0][0] *= next.at.gap;
        return next;
    }
    next.grid[0][1] = sin(next.grid[0][1] * v) * s->at.sum;
    s->at.gap = next.grid[0][1];
    return next;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
Point climb(int n, double x) {
    if (n == 0)
        return (Point){x, 1};
    Point below = climb(n - 1, x * 0.5);
    return (Point){below.x * below.y, below.y + x};
}

extern double scale;

#pragma grad wrt(scale)
#pragma grad forward wrt(scale)
Point scaled(double a) {
    Point p = {.x = a * scale};
    p.y = scale * scale;
    scale = p.x;
    return p;
}

// Nothing that it returns carries a derivative, but d_return is set.
#pragma grad forward
Point fixed(double a) {
    Point p;
    p.x = a > 0;
    p.y = 2;
    return p;
}

// The result is no dependent: then there is no d_return.
// CHECK: struct pair counted_grad(double a, double *restrict d_a,
// CHECK-SAME: double *restrict y,
// CHECK-NEXT: double *restrict d_y)
#pragma grad of(y)
struct pair counted(double a, double *y) {
    *y = a * a;
    return (struct pair){a, 1, 2, ""};
}

#ifdef TEST_MAIN
double scale = 1.5;

#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

static void check_spread(struct rng *rng) {
    for (int n = 0; n < 4; n++) {
        double x[4], t[4], g[4] = {0};
        rng_fill(rng, 4, x, -1, 1);
        rng_fill(rng, 4, t, -1, 1);
        const struct pair weights = {0.3, -0.7, 5, NULL};
        struct pair d = {NAN, NAN, 1, NULL}, value = spread(n, x);
        struct pair got = spread_grad(n, x, g, &weights);
        CHECK_BITS(got.sum, value.sum);
        CHECK_BITS(got.gap, value.gap);
        CHECK_TRUE(got.count == n && strcmp(got.label, "both") == 0);
        got = spread_fwd(n, x, t, &d);
        CHECK_BITS(got.gap, value.gap);
        CHECK_CLOSE(check_dot(4, g, t), 0.3 * d.sum - 0.7 * d.gap, 1e-13);
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += 2 * x[i] * t[i];
        CHECK_CLOSE(d.sum, sum, 1e-14);
    }
}

static void check_turn(void) {
    Point p = {0.4, -1.3}, d_p = {0}, d, weights = {2, -3};
    Point t = {0.25, 0.5}, value = turn(p, 0.8);
    double d_angle = 10; // adds
    Point got = turn_grad(p, &d_p, 0.8, &d_angle, &weights);
    CHECK_BITS(got.x, value.x);
    CHECK_BITS(got.y, value.y);
    CHECK_CLOSE(d_p.x, 2 * cos(0.8) - 3 * p.y * cos(p.x), 1e-14);
    CHECK_CLOSE(d_p.y, -2 - 3 * sin(p.x), 1e-14);
    CHECK_CLOSE(d_angle, 10 - 2 * p.x * sin(0.8), 1e-14);
    turn_fwd(p, t, 0.8, -0.5, &d);
    CHECK_CLOSE(d.x, t.x * cos(0.8) + 0.5 * p.x * sin(0.8) - t.y, 1e-14);
    CHECK_CLOSE(d.y, t.y * sin(p.x) + p.y * cos(p.x) * t.x, 1e-14);
}

// ---- A state as numbers ----

enum { STATE = 9, ALL = STATE + 1 };

static struct state state_of(const double *v) {
    struct state s = {.at = {v[0], v[1], 3, ""},
                      .grid = {{v[5], v[6]}, {v[7], v[8]}}};
    for (int i = 0; i < 3; i++)
        s.trail[i] = (float)v[2 + i];
    return s;
}

static void numbers_of(const struct state *s, double *v) {
    v[0] = s->at.sum;
    v[1] = s->at.gap;
    for (int i = 0; i < 3; i++)
        v[2 + i] = s->trail[i];
    for (int i = 0; i < 4; i++)
        v[5 + i] = s->grid[i / 2][i % 2];
}

// The weighted sum of all outputs, but for the float ones, by the inputs.
static double weighted(const double *v, void *context) {
    const double *w = context;
    struct state s = state_of(v), r = advance(&s, v[STATE]);
    double out[2 * STATE];
    numbers_of(&r, out);
    numbers_of(&s, out + STATE);
    return check_dot(2 * STATE, out, w);
}

static void check_advance(struct rng *rng, double v) {
    double at[ALL], t[ALL], w[2 * STATE], g[ALL], out[2 * STATE];
    rng_fill(rng, ALL, at, 0.2, 1);
    rng_fill(rng, ALL, t, -1, 1);
    rng_fill(rng, 2 * STATE, w, -1, 1);
    at[STATE] = v;
    // The float fields: without weights and fixed for the differences.
    for (int i = 2; i < 5; i++)
        w[i] = w[STATE + i] = t[i] = 0;
    struct state s = state_of(at), d_s = state_of(w + STATE);
    struct state weights = state_of(w), d_r, same = s, again = s;
    double d_v = 0;
    struct state value = advance(&same, v);
    struct state got = advance_grad(&s, &d_s, v, &d_v, &weights);
    CHECK_TRUE(got.at.count == value.at.count);
    CHECK_BITS(got.trail[2], value.trail[2]);
    CHECK_BITS(got.grid[0][1], value.grid[0][1]);
    CHECK_BITS(s.grid[0][0], same.grid[0][0]);
    CHECK_CLOSE(weights.grid[1][1], w[8], 0); // only read
    numbers_of(&d_s, g);
    g[STATE] = d_v;
    struct state t_s = state_of(t);
    got = advance_fwd(&again, &t_s, v, t[STATE], &d_r);
    CHECK_BITS(got.at.gap, value.at.gap);
    numbers_of(&d_r, out);
    numbers_of(&t_s, out + STATE);
    CHECK_CLOSE(check_dot(ALL, g, t), check_dot(2 * STATE, out, w), 1e-12);
    for (int i = 2; i < 5; i++)
        g[i] = 0;
    CHECK_DIFFERENCES(weighted, w, 2, at, g, 1e-7);
    double h = 1e-5;
    for (int i = 5; i < ALL; i++) {
        double up[ALL], down[ALL];
        memcpy(up, at, sizeof up);
        memcpy(down, at, sizeof down);
        up[i] += h;
        down[i] -= h;
        double slope = (weighted(up, w) - weighted(down, w)) / (2 * h);
        CHECK_NEAR(g[i], slope, 1e-8);
    }
}

// The float fields: weights on the float fields alone.
static void check_floats(void) {
    double at[ALL] = {1, 2, 0.5, -1.5, 2, 1, 1, 0.5, 0.25, 0.75};
    struct state s = state_of(at), d_s = {0}, weights = {.trail = {1, 0, 2}};
    double d_v = 0;
    advance_grad(&s, &d_s, at[STATE], &d_v, &weights);
    CHECK_CLOSE(d_s.trail[0], -1.5 + 2 * 2, 0);
    CHECK_CLOSE(d_s.trail[1], 0.5, 0);
    CHECK_CLOSE(d_s.trail[2], 2 * 0.5, 0);
    CHECK_CLOSE(d_v, 3, 0);
}

static void check_climb(void) {
    Point weights = {1, 0.5}, d;
    for (int n = 0; n < 6; n++) {
        double d_x = 0, h = 1e-5;
        Point got = climb_grad(n, 0.7, &d_x, &weights);
        CHECK_BITS(got.x, climb(n, 0.7).x);
        climb_fwd(n, 0.7, 1, &d);
        CHECK_CLOSE(d_x, d.x + 0.5 * d.y, 1e-14);
        Point up = climb(n, 0.7 + h), down = climb(n, 0.7 - h);
        CHECK_NEAR(d.x, (up.x - down.x) / (2 * h), 1e-9);
        CHECK_NEAR(d.y, (up.y - down.y) / (2 * h), 1e-9);
    }
}

static void check_scaled(void) {
    double d_scale = 1;
    Point weights = {3, 5}, d, got = scaled_grad(2, &d_scale, &weights);
    CHECK_CLOSE(got.x, 3, 0);
    CHECK_CLOSE(scale, 3, 0);
    CHECK_CLOSE(d_scale, 1 + 3 * 2 + 5 * 2 * 1.5, 0);
    d_scale = 0.5;
    scale = 1.5;
    scaled_fwd(2, &d_scale, &d);
    CHECK_CLOSE(d.x, 1, 0);
    CHECK_CLOSE(d.y, 1.5, 0);
    CHECK_CLOSE(d_scale, 1, 0);
}

int main(void) {
    struct rng rng = {5};
    check_spread(&rng);
    check_turn();
    for (int k = 0; k < 3; k++) {
        check_advance(&rng, 0.6);
        check_advance(&rng, -0.6);
    }
    check_floats();
    check_climb();
    check_scaled();
    Point d = {NAN, NAN};
    CHECK_BITS(fixed_fwd(3, 1, &d).y, 2);
    CHECK_BITS(d.x, 0);
    CHECK_BITS(d.y, 0);
    double y, d_a = 0, d_y = 2;
    CHECK_BITS(counted_grad(3, &d_a, &y, &d_y).sum, 3);
    CHECK_CLOSE(d_a, 12, 0);
    return check_done();
}
#endif

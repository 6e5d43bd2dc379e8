// Recursive functions with structs by value, as arguments and results, and with
// local arrays, whose derivative memory each activation has for itself.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
struct pair {
    double a, b;
};

static double halve(struct pair p, int n) {
    p.a *= 0.5 + p.b;
    return n > 0 ? halve(p, n - 1) * p.b : p.a * p.b;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double by_value(int n, const double *x) {
    double s = 0;
    for (int i = 0; i + 1 < n; i++) {
        struct pair p = {x[i], x[i + 1]};
        s += halve(p, i % 4) * p.a;
    }
    return s;
}
static struct pair twist(struct pair p, int n) {
    struct pair q = {sin(p.b), p.a * p.b};
    if (n == 0)
        return q;
    struct pair r = twist(q, n - 1);
    r.a += q.b * p.a;
    return r;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double results(int n, const double *x) {
    double s = 0;
    for (int i = 0; i + 1 < n; i++) {
        struct pair p = {x[i], x[i + 1]};
        struct pair r = twist(p, i % 3);
        s += r.a * r.b + p.a;
    }
    return s;
}
static double local(int n, const double *x) {
    double w[4] = {0}, s = 0;
    if (n < 1)
        return 1;
    for (int i = 0; i < 4; i++)
        w[i] = 0.3 * x[i % n] * (i + 1);
    for (int i = 1; i < 4; i++)
        w[i] *= sin(w[i - 1]);
    s = local(n - 1, x) * w[3];
    for (int i = 0; i < 4; i++)
        s += w[i] * local(n / 2 - 1, x);
    return s;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double locals(int n, const double *x) { return local(n > 6 ? 6 : n, x); }
static void local_out(int n, double *x) {
    double w[8];
    if (n < 2)
        return;
    for (int i = 0; i < n; i++)
        w[i % 8] = x[i];
    local_out(n - 1, w);
    for (int i = 0; i < n; i++)
        x[i] += 0.2 * w[i % 8] * sin(x[0]);
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double locals_passed(int n, const double *x) {
    double y[8] = {1}, s = 0;
    int m = n > 8 ? 8 : n;
    for (int i = 0; i < m; i++)
        y[i] = x[i];
    local_out(m, y);
    for (int i = 0; i < m; i++)
        s += sin(y[i]);
    return s;
}
#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"
int main(void) {
    CHECK_STANDARD(by_value, -1, 1);
    CHECK_STANDARD(results, -1, 1);
    CHECK_STANDARD(locals, -1, 1);
    CHECK_STANDARD(locals_passed, -1, 1);
    return check_done();
}
#endif

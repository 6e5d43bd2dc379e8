// Scratch memory that helpers make and free, held by structs and by pointers to
// pointers.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
struct scratch {
    int n;
    double *a, *b;
    double **rows;
};
static double *take(int n) {
    double *p = malloc((n + 1) * sizeof *p);
    if (!p)
        abort();
    return p;
}
static void give(double *p) { free(p); }
static struct scratch *create(int n) {
    struct scratch *s = malloc(sizeof *s);
    if (!s)
        abort();
    s->n = n;
    s->a = take(n);
    s->b = calloc(n + 1, sizeof(double));
    s->rows = malloc((n + 1) * sizeof *s->rows);
    for (int i = 0; i < n; i++)
        s->rows[i] = take(i + 1);
    return s;
}
static void destroy(struct scratch *s) {
    for (int i = 0; i < s->n; i++)
        free(s->rows[i]);
    free(s->rows);
    free(s->a);
    free(s->b);
    free(s);
}

// Taken in a helper, given back in another, again in each iteration.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double helper_loop(int n, const double *x) {
    double s = 0;
    for (int t = 0; t < 3; t++) {
        double *w = take(n);
        for (int i = 0; i < n; i++)
            w[i] = x[i] * (t + 1) + 0.1 * sin(s);
        for (int i = 0; i < n; i++)
            s += sin(w[i]) * w[n - 1 - i];
        give(w);
    }
    return s;
}

// A struct with buffers, and pointers to buffers, made and freed by helpers.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double created(int n, const double *x) {
    struct scratch *c = create(n);
    double s = 0;
    for (int i = 0; i < n; i++) {
        c->a[i] = x[i] * x[i];
        c->b[i] += exp(c->a[i]);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            c->rows[i][j] = c->a[i] * c->b[j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            s += cos(c->rows[i][j]);
            c->a[j] = sin(s);
        }
    for (int i = 0; i < n; i++)
        s += c->a[i] * c->b[i];
    destroy(c);
    return s;
}
static void init(struct scratch *s, int n) {
    s->n = n;
    s->a = take(n);
    s->b = take(n);
    s->rows = NULL;
}
static void fini(struct scratch *s) {
    free(s->a);
    free(s->b);
    s->a = s->b = NULL;
}

// The struct is a local, its buffers are made by a helper.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double inited(int n, const double *x) {
    struct scratch c;
    double s = 0;
    init(&c, n);
    for (int i = 0; i < n; i++)
        c.a[i] = x[i] * x[i];
    for (int i = 0; i < n; i++)
        c.b[i] = c.a[n - 1 - i] * exp(c.a[i]);
    for (int i = 0; i < n; i++)
        s += c.a[i] * c.b[i];
    fini(&c);
    return s;
}

// The same in a loop.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double inited_loop(int n, const double *x) {
    double s = 0;
    for (int t = 0; t < 4; t++) {
        struct scratch c;
        init(&c, n);
        for (int i = 0; i < n; i++)
            c.a[i] = x[i] * x[i] + sin(s);
        for (int i = 0; i < n; i++)
            c.b[i] = c.a[n - 1 - i] * sin(c.a[i]);
        for (int i = 0; i < n; i++)
            s += c.a[i] * c.b[i];
        fini(&c);
    }
    return s;
}

// All of it anew in each iteration.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double created_loop(int n, const double *x) {
    double s = 0;
    for (int t = 0; t < 3; t++) {
        struct scratch *c = create(n);
        for (int i = 0; i < n; i++) {
            c->a[i] = x[i] * x[i];
            c->b[i] += sin(c->a[i] + s);
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++)
                c->rows[i][j] = c->a[i] * c->b[j];
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++) {
                s += cos(c->rows[i][j]);
                c->a[j] = sin(s);
            }
        for (int i = 0; i < n; i++)
            s += c->a[i] * c->b[i];
        destroy(c);
    }
    return s;
}

// A matrix of rows, each a buffer.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double two_level(int n, const double *x) {
    double **m = malloc((n + 1) * sizeof *m), s = 0;
    if (!m)
        abort();
    for (int i = 0; i < n; i++) {
        m[i] = malloc((n + 1) * sizeof **m);
        if (!m[i])
            abort();
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            m[i][j] = x[i] * sin(x[j]);
    for (int t = 0; t < 2; t++)
        for (int i = 1; i < n; i++)
            for (int j = 0; j < n; j++)
                m[i][j] += m[i - 1][j] * m[i][j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            s += m[i][j] * m[j][i];
    for (int i = 0; i < n; i++)
        free(m[i]);
    free(m);
    return s;
}
#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"
int main(void) {
    CHECK_STANDARD(helper_loop, -1, 1);
    CHECK_STANDARD(created, -1, 1);
    CHECK_STANDARD(inited, -1, 1);
    CHECK_STANDARD(inited_loop, -0.4, 0.4);
    CHECK_STANDARD(created_loop, -0.4, 0.4);
    CHECK_STANDARD(two_level, -1, 1);
    return check_done();
}
#endif

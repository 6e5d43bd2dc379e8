// Blocks that grow: adjoints of what was moved come back to the old block.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>

// One block, grown once.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double grown(int n, const double *x)
{
    double *p = malloc((n + 1) * sizeof *p), s = 0;
    if (!p)
        abort();
    for (int i = 0; i < n; i++)
        p[i] = x[i] * x[i];
    double *q = realloc(p, (2 * n + 1) * sizeof *q);
    if (!q)
        abort();
    for (int i = 0; i < n; i++)
        q[n + i] = sin(q[i]) * x[n - 1 - i];
    for (int i = 0; i < 2 * n; i++)
        s += q[i] * q[2 * n - 1 - i];
    free(q);
    return s;
}

// CHECK-LABEL: double pushed_grad(
// CHECK: list = realloc(list, capacity * sizeof(double));
// CHECK-NEXT: = gradcc_allocate_sized(capacity, sizeof(double));
// CHECK: adjoint of: list = realloc(list, capacity * sizeof *list);
// CHECK: gradcc_free_sized(
// CHECK-LABEL: double pushed_fwd(
// CHECK: gradcc_reallocate(d_list,
// CHECK: free(d_list);

// From NULL, twice as large where it is full; overwritten in between.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double pushed(int n, const double *x)
{
    double *list = NULL, s = 0;
    int size = 0, capacity = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k <= i % 3; k++) {
            if (size == capacity) {
                capacity = capacity ? 2 * capacity : 1;
                list = realloc(list, capacity * sizeof *list);
                if (!list)
                    abort();
            }
            if (size > 2)
                list[size / 2] *= cos(list[size - 1]);
            list[size++] = x[i] * (k + 1);
        }
    for (int i = 0; i < size; i++)
        s += list[i] * list[size - 1 - i] + sin(list[i]);
    free(list);
    return s;
}

struct vector {
    int size, capacity;
    double *data;
};

static void push(struct vector *v, double value)
{
    if (v->size == v->capacity) {
        int capacity = v->capacity ? v->capacity + 3 : 2;
        double *data = realloc(v->data, capacity * sizeof(double));
        if (!data)
            abort();
        v->data = data;
        v->capacity = capacity;
    }
    v->data[v->size++] = value;
}

// In a struct, by a helper.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double vectors(int n, const double *x)
{
    struct vector a = {0, 0, NULL}, b = {0};
    double s = 0;
    for (int i = 0; i < n; i++) {
        push(&a, x[i] * x[i]);
        if (i > 1)
            a.data[i - 2] *= a.data[i - 1];
        push(&b, sin(a.data[i / 2]));
        push(&b, a.data[i]);
    }
    for (int i = 0; i < b.size; i++)
        s += b.data[i] * b.data[i / 2];
    for (int i = 0; i < a.size; i++)
        s += a.data[i] * b.data[i];
    free(a.data);
    free(b.data);
    return s;
}

// Shrunk, and grown again; anew in each iteration.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double shrunk(int n, const double *x)
{
    double s = 0;
    for (int t = 1; t < n; t++) {
        double *p = calloc(n, sizeof *p);
        for (int i = 0; i < n; i++)
            p[i] = x[i] * (1 + 0.1 * sin(s));
        for (int i = 0; i < n; i++)
            s += 0.1 * p[i] * p[n - 1 - i];
        p = realloc(p, t * sizeof *p);
        for (int i = 0; i < t; i++)
            p[i] *= p[t - 1 - i];
        p = realloc(p, (n + 1) * sizeof *p);
        for (int i = t; i <= n; i++)
            p[i] = p[i % t] * x[0];
        for (int i = 0; i <= n; i++)
            s += cos(p[i]);
        free(p);
    }
    return s;
}

struct particle {
    int id;
    float mass;
    double at[2];
};

// Structs; and rows of a triangle, whose pointers move.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double particles(int n, const double *x)
{
    struct particle *all = NULL;
    double s = 0;
    for (int i = 0; i < n; i++) {
        struct particle *more = realloc(all, (i + 1) * sizeof *more);
        if (!more) {
            free(all);
            return -1;
        }
        all = more;
        all[i].id = i;
        all[i].mass = (float)(2 + i);
        all[i].at[0] = x[i];
        all[i].at[1] = x[i] * x[i / 2];
        for (int k = 0; k < i; k++)
            s += all[k].mass * all[k].at[1] * all[i].at[0];
    }
    free(all);
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double rows(int n, const double *x)
{
    double **row = NULL, s = 0;
    for (int i = 0; i < n; i++) {
        row = realloc(row, (i + 1) * sizeof *row);
        row[i] = malloc((i + 1) * sizeof **row);
        for (int k = 0; k <= i; k++)
            row[i][k] = x[i] * x[k] + (k < i ? row[k][k] : 0);
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k <= i; k++)
            s += sin(row[i][k]) * row[i][0];
    for (int i = 0; i < n; i++)
        free(row[i]);
    free(row);
    return s;
}

// A block that carries nothing is read where another one might be.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double passive(int n, const double *x)
{
    if (n == 0)
        return 0;
    double own[4], *table = malloc(2 * sizeof *table), s = 0;
    struct particle *all = malloc(sizeof *all);
    table[0] = table[1] = 0.5;
    all[0].at[1] = 0.3;
    table = realloc(table, (size_t)(n + 2) * sizeof *table);
    all = realloc(all, (size_t)(n + 1) * sizeof *all);
    for (int i = 2; i < n + 2; i++)
        table[i] = table[i - 2] * 0.9;
    for (int i = 0; i < 4; i++)
        own[i] = x[i % n] * i;
    for (int i = 1; i <= n; i++) {
        struct particle copy = {0};
        all[i].at[1] = 0.1 * i;
        copy.at[1] = x[i - 1];
        s += (n % 2 ? &all[i] : &copy)->at[1] * x[0];
    }
    const double *some = n > 1 ? table : own;
    for (int i = 0; i < (n > 1 ? n + 2 : 4); i++)
        s += some[i] * x[0] + some[i];
    free(all);
    free(table);
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(grown, -1, 1);
    CHECK_STANDARD(pushed, -1, 1);
    CHECK_STANDARD(vectors, -1, 1);
    CHECK_STANDARD(shrunk, -1, 1);
    CHECK_STANDARD(particles, -1, 1);
    CHECK_STANDARD(rows, -1, 1);
    CHECK_STANDARD(passive, -1, 1);
    return check_done();
}
#endif

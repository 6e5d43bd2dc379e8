// Structs in several directions: those of numbers are arrays of numbers, and
// of those that hold pointers, the pointers lead to tangents in a row. The same
// tangents as one direction after the other gives; Jacobians, too.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct transform {
    double at[2][2];
};

struct pose {
    double scale;
    struct transform turn;
    double place[2];
};

struct matrix {
    int rows, columns;
    double *data;
};

struct pair {
    struct matrix of[2];
    const double *rows[2];
};

static struct transform multiply(const struct transform *a,
                                 const struct transform *b)
{
    struct transform product;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            product.at[i][j] = 0;
            for (int k = 0; k < 2; k++)
                product.at[i][j] += a->at[i][k] * b->at[k][j];
        }
    return product;
}

static struct transform turn(double angle)
{
    double s = sin(angle), c = cos(angle);
    return (struct transform){{{c, -s}, {s, c}}};
}

// Returned, copied, in arrays, on the heap, walked through by pointers.
// CHECK-LABEL: void chain_4(
// CHECK: double *d_poses = gradcc_reserve(
// CHECK: memmove(d_poses + ({{t[0-9]+}} + 12), d_last{{[0-9]*}}, 8 * sizeof(double));
#pragma grad forward wrt(x) of(y) name(chain_1)
#pragma grad forward wrt(x) of(y) directions(4) name(chain_4)
#pragma grad forward wrt(x) of(y) directions(m) name(chain_m)
#pragma grad jacobian wrt(x[0:n]) of(y[0:n]) name(chain_jac)
void chain(int n, int m, const double *x, double *y)
{
    struct pose *poses = malloc((size_t)(n + 1) * sizeof *poses);
    struct transform last[2] = {{{{1, 0}, {0, 1}}}, {{{0}}}};
    if (!poses)
        abort();
    for (int i = 0; i < n; i++) {
        struct transform t = turn(x[i]);
        last[1] = last[0];
        last[0] = multiply(&last[1], &t);
        poses[i] = (struct pose){.scale = x[i] + m, .turn = last[i % 2]};
        poses[i].place[i % 2] = x[(i + 1) % n];
        memcpy(poses[i].turn.at[1], last[1].at[0], sizeof last[1].at[0]);
    }
    for (const struct pose *p = poses; p < poses + n; p++)
        y[p - poses] = p->scale * (p->turn.at[0][1] + p->turn.at[1][0]) +
                       p->place[0] * p->place[1] + p->turn.at[1][1];
    free(poses);
}

static struct matrix matrix_new(int rows, int columns)
{
    struct matrix m = {rows, columns, NULL};
    m.data = calloc((size_t)(rows * columns), sizeof *m.data);
    if (!m.data)
        abort();
    return m;
}

static double *matrix_at(struct matrix *m, int row, int column)
{
    return &m->data[column * m->rows + row];
}

// Structs in structs that hold pointers; they change places.
#pragma grad forward wrt(x) of(y) name(matrices_1)
#pragma grad forward wrt(x) of(y) directions(4) name(matrices_4)
#pragma grad forward wrt(x) of(y) directions(m) name(matrices_m)
#pragma grad jacobian wrt(x[0:n]) of(y[0:n]) name(matrices_jac)
void matrices(int n, int m, const double *x, double *y)
{
    struct pair pair;
    pair.of[0] = matrix_new(2, n + 1);
    pair.of[1] = matrix_new(3, n + 1);
    pair.rows[0] = x;
    pair.rows[1] = pair.of[0].data;
    for (int i = 0; i < n; i++) {
        *matrix_at(&pair.of[0], i % 2, i) = x[i] * x[i];
        *matrix_at(&pair.of[1], i % 3, i) = sin(x[i]) * m;
    }
    struct matrix swap = pair.of[0];
    pair.of[0] = pair.of[1];
    pair.of[1] = swap;
    for (int i = 0; i < n; i++)
        y[i] = *matrix_at(&pair.of[0], i % 3, i) *
                   *matrix_at(&pair.of[1], i % 2, i) +
               pair.rows[i % 2][i];
    free(pair.of[0].data);
    free(pair.of[1].data);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

enum { MOST = 7, DIRECTIONS = 4 };

typedef void Primal(int, int, const double *, double *);
typedef void Tangent(int, int, const double *, const double *, double *,
                     double *);

static void compare(Primal *primal, Tangent *one, Tangent *several, int n)
{
    struct rng rng = {(unsigned)n + 1};
    double x[MOST], d_x[DIRECTIONS * MOST], y[MOST], d_y[DIRECTIONS * MOST];
    double along[MOST], out[MOST], want[MOST];
    rng_fill(&rng, n, x, -1, 1);
    rng_fill(&rng, DIRECTIONS * n, d_x, -1, 1);
    several(n, DIRECTIONS, x, d_x, y, d_y);
    primal(n, DIRECTIONS, x, want);
    for (int i = 0; i < n; i++)
        CHECK_BITS(y[i], want[i]);
    for (int k = 0; k < DIRECTIONS; k++) {
        for (int i = 0; i < n; i++)
            along[i] = d_x[DIRECTIONS * i + k];
        one(n, DIRECTIONS, x, along, y, out);
        for (int i = 0; i < n; i++)
            CHECK_NEAR(d_y[DIRECTIONS * i + k], out[i],
                       1e-14 * (1 + fabs(out[i])));
    }
}

typedef void Jacobian(int, int, const double *, double *, double *);

static void compare_jacobian(Tangent *one, Jacobian *all, int n)
{
    struct rng rng = {(unsigned)n + 1};
    double x[MOST] = {0}, y[MOST], jac[MOST * MOST], out[MOST];
    rng_fill(&rng, n, x, -1, 1);
    all(n, 3, x, y, jac);
    for (int k = 0; k < n; k++) {
        double along[MOST] = {0};
        along[k] = 1;
        one(n, 3, x, along, y, out);
        for (int i = 0; i < n; i++)
            CHECK_NEAR(jac[n * i + k], out[i], 1e-14 * (1 + fabs(out[i])));
    }
}

int main(void)
{
    for (int n = 0; n < MOST; n++) {
        compare(chain, chain_1, chain_4, n);
        compare(chain, chain_1, chain_m, n);
        compare(matrices, matrices_1, matrices_4, n);
        compare(matrices, matrices_1, matrices_m, n);
        compare_jacobian(chain_1, chain_jac, n);
        compare_jacobian(matrices_1, matrices_jac, n);
    }
    return check_done();
}
#endif

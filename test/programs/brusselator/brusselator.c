// brusselator.c - the Brusselator, two reacting species that diffuse on a
// torus, as a system of ordinary differential equations: its sparse Jacobian,
// against the dense one, and in Newton's method for a step of implicit Euler.
#include <math.h>
#include <stdlib.h>
#include <string.h>

// The rates of u and v, which stand one behind the other on a grid of
// side * side points each.
#pragma grad jacobian sparse wrt(state[0:2*side*side]) of(rate[0:2*side*side])
#pragma grad jacobian wrt(state[0:2*side*side]) of(rate[0:2*side*side]) \
    name(brusselator_dense)
void brusselator(int side, double diffusion, const double *state, double *rate)
{
    int points = side * side;
    const double *u = state, *v = state + points;
    double scale = diffusion * side * side;
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++) {
            int here = i * side + j;
            int north = (i + side - 1) % side * side + j;
            int south = (i + 1) % side * side + j;
            int west = i * side + (j + side - 1) % side;
            int east = i * side + (j + 1) % side;
            double du = u[north] + u[south] + u[west] + u[east] - 4 * u[here];
            double dv = v[north] + v[south] + v[west] + v[east] - 4 * v[here];
            double reaction = u[here] * u[here] * v[here];
            rate[here] = 1 + reaction - 4.4 * u[here] + scale * du;
            rate[points + here] = 3.4 * u[here] - reaction + scale * dv;
        }
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"
#include "stopwatch.h"

#ifdef WITH_UMFPACK
#include <umfpack.h>
#endif

static double *allocate(size_t count)
{
    double *memory = calloc(count, sizeof *memory);
    if (!memory)
        exit(2);
    return memory;
}

static void start(int side, double *state)
{
    for (int i = 0; i < side * side; i++) {
        state[i] = 1 + 0.3 * sin(0.7 * i);
        state[side * side + i] = 3 + 0.2 * cos(1.3 * i);
    }
}

static void compare(int side)
{
    int n = 2 * side * side, entries = 0;
    double *state = allocate(n), *rate = allocate(n), *again = allocate(n);
    double *dense = allocate((size_t)n * n), *row = allocate(n);
    GradSparse jac = {0};
    start(side, state);
    brusselator_dense(side, 0.1, state, rate, dense);
    brusselator_jac(side, 0.1, state, again, &jac);
    for (int i = 0; i < n; i++) {
        memset(row, 0, n * sizeof *row);
        for (int k = jac.row_start[i]; k < jac.row_start[i + 1]; k++, entries++)
            row[jac.column[k]] = jac.value[k];
        CHECK_ARRAY((size_t)n, row, dense + (size_t)i * n, 1e-15);
        CHECK_BITS(again[i], rate[i]);
    }
    CHECK_TRUE(entries == jac.entries && (side < 3 || entries == 6 * n));
    printf("side %d: %d entries, %d colors\n", side, entries, jac.colors);
    grad_sparse_free(&jac);
    free(state);
    free(rate);
    free(again);
    free(dense);
    free(row);
}

// ---- A step of implicit Euler -----------------------------------------------

// Solves (1 - h jac) x = b by elimination; x in b's place. The sparse matrix
// becomes a dense one: solving is not what is tested here.
static void solve_dense(const GradSparse *jac, double h, double *b)
{
    int n = jac->rows;
    double *a = allocate((size_t)n * n);
    for (int i = 0; i < n; i++) {
        a[(size_t)i * n + i] = 1;
        for (int k = jac->row_start[i]; k < jac->row_start[i + 1]; k++)
            a[(size_t)i * n + jac->column[k]] -= h * jac->value[k];
    }
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double factor = a[(size_t)i * n + k] / a[(size_t)k * n + k];
            for (int j = k; factor != 0 && j < n; j++)
                a[(size_t)i * n + j] -= factor * a[(size_t)k * n + j];
            b[i] -= factor * b[k];
        }
    for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++)
            b[i] -= a[(size_t)i * n + j] * b[j];
        b[i] /= a[(size_t)i * n + i];
    }
    free(a);
}

#ifdef WITH_UMFPACK
// UMFPACK takes compressed columns: by rows they are the transpose's. The
// arrays go there as they are; the diagonal is among the entries.
static void solve_umfpack(const GradSparse *jac, double h, double *b)
{
    int n = jac->rows;
    double *a = allocate(jac->entries), *x = allocate(n);
    void *symbolic, *numeric;
    for (int i = 0; i < n; i++)
        for (int k = jac->row_start[i]; k < jac->row_start[i + 1]; k++)
            a[k] = (jac->column[k] == i) - h * jac->value[k];
    umfpack_di_symbolic(n, n, jac->row_start, jac->column, a, &symbolic, NULL,
                        NULL);
    umfpack_di_numeric(jac->row_start, jac->column, a, symbolic, &numeric,
                       NULL, NULL);
    int status = umfpack_di_solve(UMFPACK_At, jac->row_start, jac->column, a,
                                  x, b, numeric, NULL, NULL);
    CHECK_TRUE(status == UMFPACK_OK);
    memcpy(b, x, n * sizeof *b);
    umfpack_di_free_symbolic(&symbolic);
    umfpack_di_free_numeric(&numeric);
    free(a);
    free(x);
}
#endif

typedef void Solver(const GradSparse *jac, double h, double *b);

// Newton's method must converge quadratically: with a wrong entry it would not.
static void step(int side, double h, Solver *solve, double *state)
{
    int n = 2 * side * side;
    double *before = allocate(n), *rate = allocate(n), *rest = allocate(n);
    double size = 0;
    GradSparse jac = {0};
    start(side, before);
    memcpy(state, before, n * sizeof *state);
    for (int round = 0; round < 7; round++) {
        brusselator_jac(side, 0.1, state, rate, &jac);
        size = 0;
        for (int i = 0; i < n; i++) {
            rest[i] = before[i] + h * rate[i] - state[i];
            size = fmax(size, fabs(rest[i]));
        }
        solve(&jac, h, rest);
        for (int i = 0; i < n; i++)
            state[i] += rest[i];
    }
    CHECK_TRUE(size < 1e-12);
    grad_sparse_free(&jac);
    free(before);
    free(rate);
    free(rest);
}

static void integrate(void)
{
    double *state = allocate(128);
    step(8, 0.25, solve_dense, state);
#ifdef WITH_UMFPACK
    double *other = allocate(128);
    step(8, 0.25, solve_umfpack, other);
    CHECK_ARRAY(128, other, state, 1e-12);
    free(other);
#endif
    free(state);
}

// ---- Time -------------------------------------------------------------------

typedef struct Problem {
    int side;
    double *state, *rate;
    GradSparse jac;
} Problem;

static void primal(void *context)
{
    Problem *p = context;
    brusselator(p->side, 0.1, p->state, p->rate);
}

static void evaluate(void *context)
{
    Problem *p = context;
    brusselator_jac(p->side, 0.1, p->state, p->rate, &p->jac);
}

static void begin_anew(void *context)
{
    Problem *p = context;
    grad_sparse_free(&p->jac);
    evaluate(p);
}

static void measure(int side)
{
    int n = 2 * side * side;
    Problem p = {side, allocate(n), allocate(n), {0}};
    char name[80];
    start(side, p.state);
    evaluate(&p);
    snprintf(name, sizeof name, "n %d, %d entries, %d colors", n,
             p.jac.entries, p.jac.colors);
    stopwatch_compare(name, "Jacobian", primal, evaluate, &p);
    stopwatch_compare(name, "with pattern and colors", primal, begin_anew, &p);
    grad_sparse_free(&p.jac);
    free(p.state);
    free(p.rate);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        measure(atoi(argv[i]));
    if (argc > 1)
        return 0;
    compare(1);
    compare(2);
    compare(5);
    compare(8);
    compare(13);
    integrate();
    return check_done();
}
#endif

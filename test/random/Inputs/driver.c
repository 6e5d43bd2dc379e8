// driver.c - checks the programs that it is linked with, all or those that
// the command line names by their seeds:
//
//     driver [-p] [SEED ...]
//
// Prints a line for each failed check and, for each program, its seed and
// either "ok" or "FAILED". With -p, only evaluates the programs and prints a
// checksum of their results.
#include "harness.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { POINTS = 2, MOST = HARNESS_MOST };

// Lanes are eight iterations at a time.
static const int lengths[] = {0, 1, 2, 5, 9, 16, 17};

// By exactness. Rounding errors may be magnified on the way through a program,
// which is why these are no closer to the rounding error itself. In the second
// copy, constants are still as exact as float.
static const struct {
    double results, dot, difference, second;
} tolerance[] = {
    [HARNESS_EXACT] = {0, 1e-9, 2e-5, 1e-7},
    [HARNESS_SINGLE] = {0, 3e-2, INFINITY, INFINITY},
    [HARNESS_WIDE] = {1e-4, 1e-6, 2e-5, 1e-4},
};

typedef struct Run {
    const HarnessProgram *program;
    int exactness;
    int n, point;
    HarnessShape shape;
    double in[MOST], out[MOST], direction[MOST];
    int failures, checks, rough;
} Run;

// Steele, Lea and Flood 2014, "splitmix64".
static double uniform(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// Numbers that float has, too: both copies see the same.
static void fill(uint64_t *state, int count, double *x, double low,
                 double high) {
    for (int i = 0; i < count; i++)
        x[i] = (double)(float)(low + (high - low) * uniform(state));
}

static void failed(Run *run, const char *check, const char *what, int index,
                   double got, double want) {
    if (run->failures++ < 4)
        printf("%s: %s: n = %d, point %d: %s[%d] is %.17g, not %.17g\n",
               run->program->seed, check, run->n, run->point, what, index, got,
               want);
}

// ---- The primal's results, bit for bit ----

static void check_results(Run *run, const char *check, const double *out) {
    run->checks++;
    for (int i = 0; i < run->shape.outputs; i++)
        if (memcmp(&out[i], &run->out[i], sizeof out[i]) != 0 &&
            !(fabs(out[i] - run->out[i]) <=
              tolerance[run->exactness].results * (1 + fabs(out[i]))))
            failed(run, check, "out", i, out[i], run->out[i]);
}

// ---- Reverse against forward mode ----

static bool is_variable(const Run *run, int i) {
    return run->shape.input[i] == HARNESS_ACTIVE ||
           run->shape.input[i] == HARNESS_EXCHANGED;
}

static void check_dot(Run *run, const double *weights, const double *before,
                      const double *d_in, const double *t_out) {
    double bound = tolerance[run->exactness].dot;
    double left = 0, right = 0, size = 1;
    for (int i = 0; i < run->shape.outputs; i++)
        if (run->shape.output[i] != HARNESS_PLAIN) {
            left += weights[i] * t_out[i];
            size += fabs(weights[i] * t_out[i]);
        }
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i)) {
            double d = d_in[i] - before[i];
            right += d * run->direction[i];
            size += fabs(d * run->direction[i]);
        }
    run->checks++;
    if (!(fabs(left - right) <= bound * size))
        failed(run, "dot", "reverse", 0, right, left);
}

// What d_in holds on entry: something, where it is added to.
static void prepare(const Run *run, double *before, double *d_in,
                    uint64_t *state) {
    fill(state, run->shape.inputs, before, -1, 1);
    for (int i = 0; i < run->shape.inputs; i++) {
        if (run->shape.input[i] != HARNESS_ACTIVE)
            before[i] = 0;
        d_in[i] = before[i];
    }
}

static void check_overwritten(Run *run, const double *d_in) {
    for (int i = 0; i < run->shape.inputs; i++)
        if (run->shape.input[i] == HARNESS_OVERWRITTEN && d_in[i] != 0)
            failed(run, "overwritten", "d_in", i, d_in[i], 0);
}

// ---- The gradient without checkpointing ----

// Not of the second copy, whose constants of float have other products where
// a compiler computes them.
static void check_stored(Run *run, const double *weights, const double *before,
                         const double *d_in) {
    double out[MOST] = {0}, d_stored[MOST];
    memcpy(d_stored, before, sizeof d_stored);
    run->program->stored(run->n, run->in, weights, out, d_stored);
    check_results(run, "results without checkpoints", out);
    run->checks++;
    for (int i = 0; i < run->shape.inputs; i++)
        if (d_in[i] != d_stored[i] && // signs of zeros may differ
            memcmp(&d_in[i], &d_stored[i], sizeof d_in[i]) != 0)
            failed(run, "checkpoints", "d_in", i, d_in[i], d_stored[i]);
}

// ---- Forward mode against differences ----

// Central differences with three steps, and both one-sided ones with the
// smallest. Where these do not agree among themselves, the program is not
// smooth there, and they say nothing.
enum { STEPS = 3 };

typedef struct Differences {
    double central[STEPS][MOST], up[MOST], down[MOST];
} Differences;

// The outputs, or the gradient of the result: inputs are its entries.
static void evaluate(const Run *run, bool gradient, const double *in,
                     double *values) {
    double out[MOST], weights[MOST] = {1};
    if (!gradient) {
        run->program->primal(run->n, in, values);
        return;
    }
    for (int i = 0; i < MOST; i++)
        values[i] = 0;
    run->program->reverse(run->n, in, weights, out, values);
}

static void moved(const Run *run, bool gradient, double step, double *values) {
    double in[MOST];
    for (int i = 0; i < run->shape.inputs; i++)
        in[i] = run->in[i] + step * run->direction[i];
    evaluate(run, gradient, in, values);
}

static void differ(const Run *run, bool gradient, Differences *d) {
    static double above[MOST], below[MOST], here[MOST];
    double step = 0x1p-12;
    int count = gradient ? run->shape.inputs : run->shape.outputs;
    evaluate(run, gradient, run->in, here);
    for (int k = 0; k < STEPS; k++, step /= 16) {
        moved(run, gradient, step, above);
        moved(run, gradient, -step, below);
        for (int i = 0; i < count; i++) {
            d->central[k][i] = (above[i] - below[i]) / (2 * step);
            d->up[i] = (above[i] - here[i]) / step;
            d->down[i] = (here[i] - below[i]) / step;
        }
    }
}

// A loop may make much of a small change, so that only much smaller steps than
// those above tell the derivative, roughly.
static bool is_seen_close_by(const Run *run, bool gradient, int i,
                             double derivative) {
    static double above[MOST], below[MOST];
    for (double step = 0x1p-26; step >= 0x1p-32; step /= 8) {
        moved(run, gradient, step, above);
        moved(run, gradient, -step, below);
        double difference = (above[i] - below[i]) / (2 * step);
        if (fabs(difference - derivative) <= 1e-2 * fabs(derivative))
            return true;
    }
    return false;
}

// Whether differences say that a derivative is not what it should be. off: how
// far it is from them. Where they hardly agree among themselves, the program is
// not smooth.
static bool is_wrong(const Run *run, bool gradient, int i, double derivative,
                     double best, double spread, double off) {
    if (isnan(derivative))
        return true;
    return spread < 0.2 * off && spread < 0.05 * fabs(best) + 1e-3 &&
           !is_seen_close_by(run, gradient, i, derivative);
}

static void check_difference(Run *run, bool gradient, const Differences *d,
                             int i, double derivative) {
    double bound = tolerance[run->exactness].difference;
    double best = d->central[1][i], off = fabs(best - derivative);
    run->checks++;
    if (off <= bound * (1 + fabs(best) + fabs(derivative)))
        return;
    double spread = fabs(d->central[2][i] - best) +
                    fabs(d->central[0][i] - best) / 16 +
                    fabs(d->up[i] - d->down[i]);
    if (is_wrong(run, gradient, i, derivative, best, spread, off))
        failed(run, gradient ? "differences of the gradient" : "differences",
               gradient ? "h_in" : "t_out", i, derivative, best);
    else
        run->rough++;
}

static void check_differences(Run *run, const double *t_out) {
    static Differences d;
    differ(run, false, &d);
    for (int i = 0; i < run->shape.outputs; i++)
        if (run->shape.output[i] != HARNESS_PLAIN)
            check_difference(run, false, &d, i, t_out[i]);
}

// ---- Second derivatives, matrices ----

static void check_close(Run *run, const char *check, const char *what,
                        int index, double got, double want, double size) {
    run->checks++;
    if (!(fabs(got - want) <= tolerance[run->exactness].second * (1 + size)))
        failed(run, check, what, index, got, want);
}

static void check_gradient(Run *run, const char *check, const double *d_in,
                           const double *before, const double *gradient) {
    double size = 0;
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i))
            size += fabs(gradient[i]);
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i))
            check_close(run, check, "d_in", i, d_in[i] - before[i], gradient[i],
                        size);
}

// h: the Hessian times v.
static void multiply(Run *run, const double *v, const double *gradient,
                     uint64_t *state, double *h) {
    static double out[MOST], before[MOST], d_in[MOST], h_before[MOST];
    fill(state, run->shape.inputs, before, -1, 1);
    fill(state, run->shape.inputs, h_before, -1, 1);
    memcpy(d_in, before, sizeof d_in);
    memcpy(h, h_before, sizeof h_before);
    run->program->hvp(run->n, run->in, v, out, d_in, h);
    check_results(run, "results of hvp", out);
    check_gradient(run, "gradient of hvp", d_in, before, gradient);
    for (int i = 0; i < run->shape.inputs; i++)
        h[i] -= h_before[i];
}

static void check_product(Run *run, const double *gradient, uint64_t *state,
                          double *h) {
    static double u[MOST], h_u[MOST];
    static Differences d;
    double left = 0, right = 0, size = 0;
    fill(state, run->shape.inputs, u, -1, 1);
    multiply(run, run->direction, gradient, state, h);
    multiply(run, u, gradient, state, h_u);
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i)) {
            left += u[i] * h[i];
            right += run->direction[i] * h_u[i];
            size += fabs(u[i] * h[i]) + fabs(run->direction[i] * h_u[i]);
        }
    check_close(run, "symmetry", "hvp", 0, left, right, size);
    if (run->exactness == HARNESS_SINGLE)
        return;
    differ(run, true, &d);
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i))
            check_difference(run, true, &d, i, h[i]);
}

static int count_variables(const Run *run) {
    int count = 0;
    for (int i = 0; i < run->shape.inputs; i++)
        count += is_variable(run, i);
    return count;
}

// The row of the matrix times the direction against what it should be.
static void check_row(Run *run, const char *check, int row,
                      const double *matrix, int columns, double want) {
    double sum = 0, size = fabs(want);
    for (int i = 0, k = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i)) {
            double part = matrix[row * columns + k++] * run->direction[i];
            sum += part;
            size += fabs(part);
        }
    check_close(run, check, "row", row, sum, want, size);
}

static double matrix[MOST * MOST];

static void check_hessian(Run *run, const double *gradient, const double *h,
                          uint64_t *state) {
    static double out[MOST], before[MOST], d_in[MOST];
    int columns = count_variables(run), row = 0;
    fill(state, run->shape.inputs, before, -1, 1);
    memcpy(d_in, before, sizeof d_in);
    run->program->hessian(run->n, run->in, out, d_in, columns, columns, matrix);
    check_results(run, "results of hessian", out);
    check_gradient(run, "gradient of hessian", d_in, before, gradient);
    for (int i = 0; i < run->shape.inputs; i++)
        if (is_variable(run, i))
            check_row(run, "hessian", row++, matrix, columns, h[i]);
}

static void check_jacobian(Run *run, const double *t_out) {
    static double out[MOST];
    int columns = count_variables(run), rows = 0, row = 0;
    for (int i = 0; i < run->shape.outputs; i++)
        rows += run->shape.output[i] != HARNESS_PLAIN;
    run->program->jacobian(run->n, run->in, out, rows, columns, matrix);
    check_results(run, "results of jacobian", out);
    for (int i = 0; i < run->shape.outputs; i++)
        if (run->shape.output[i] == HARNESS_DEPENDENT)
            check_row(run, "jacobian", row++, matrix, columns, t_out[i]);
    for (int i = 0; i < run->shape.outputs; i++)
        if (run->shape.output[i] == HARNESS_RESULT)
            check_row(run, "jacobian", row++, matrix, columns, t_out[i]);
}

static void check_second(Run *run, const double *gradient, const double *t_out,
                         uint64_t *state) {
    static double h[MOST];
    if (run->program->hvp)
        check_product(run, gradient, state, h);
    if (run->program->hessian)
        check_hessian(run, gradient, h, state);
    if (run->program->jacobian)
        check_jacobian(run, t_out);
}

// ---- One program ----

static void check_finite(Run *run) {
    for (int i = 0; i < run->shape.outputs; i++)
        if (!isfinite(run->out[i]))
            failed(run, "finite", "out", i, run->out[i], 0);
}

static void check_point(Run *run, uint64_t *state) {
    double weights[MOST], before[MOST], d_in[MOST];
    double out[MOST] = {0}, t_in[MOST], t_out[MOST] = {0};
    int inputs = run->shape.inputs, outputs = run->shape.outputs;
    fill(state, inputs, run->in, -1.5, 1.5);
    fill(state, inputs, run->direction, -1, 1);
    fill(state, outputs, weights, -1, 1);
    for (int i = 0; i < outputs; i++)
        if (run->shape.output[i] == HARNESS_RESULT)
            weights[i] = 1;
    for (int i = 0; i < inputs; i++) {
        if (!is_variable(run, i))
            run->direction[i] = 0;
        // The tangent of what is overwritten is assigned, never read.
        t_in[i] = run->shape.input[i] == HARNESS_OVERWRITTEN
                      ? (double)NAN
                      : run->direction[i];
    }
    run->program->primal(run->n, run->in, run->out);
    check_finite(run);
    if (!run->program->forward)
        return;
    run->program->forward(run->n, run->in, t_in, out, t_out);
    check_results(run, "results of forward mode", out);
    prepare(run, before, d_in, state);
    run->program->reverse(run->n, run->in, weights, out, d_in);
    check_results(run, "results of reverse mode", out);
    check_overwritten(run, d_in);
    if (run->program->stored && run->exactness != HARNESS_WIDE)
        check_stored(run, weights, before, d_in);
    check_dot(run, weights, before, d_in, t_out);
    if (run->exactness != HARNESS_SINGLE)
        check_differences(run, t_out);
    for (int i = 0; i < inputs; i++)
        d_in[i] -= before[i];
    check_second(run, d_in, t_out, state);
}

static bool check_program(const HarnessProgram *program, int exactness) {
    static Run run;
    run = (Run){.program = program, .exactness = exactness};
    uint64_t state = 42;
    for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (run.point = 0; run.point < POINTS; run.point++) {
            run.n = lengths[k];
            run.shape = (HarnessShape){0};
            program->describe(run.n, &run.shape);
            check_point(&run, &state);
        }
    printf("%s: %s, %d checks, %d rough\n", program->seed,
           run.failures ? "FAILED" : "ok", run.checks, run.rough);
    fflush(stdout);
    return run.failures == 0;
}

static void checksum(const HarnessProgram *program) {
    static double in[MOST], out[MOST];
    uint64_t state = 7, sum = 0;
    for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        HarnessShape shape = {0};
        program->describe(lengths[k], &shape);
        fill(&state, shape.inputs, in, -1.5, 1.5);
        program->primal(lengths[k], in, out);
        for (int i = 0; i < shape.outputs; i++) {
            uint64_t bits;
            memcpy(&bits, &out[i], sizeof bits);
            sum = (sum ^ bits) * 0x100000001b3u;
        }
    }
    printf("%s: %016llx\n", program->seed, (unsigned long long)sum);
}

static bool wanted(const char *seed, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(seed, argv[i]) == 0)
            return true;
    return argc == 1;
}

int main(int argc, char **argv) {
    bool right = true, print = argc > 1 && strcmp(argv[1], "-p") == 0;
    if (print)
        argc--, argv++;
    for (const HarnessEntry *e = programs; e->program; e++) {
        if (!wanted(e->program->seed, argc, argv))
            continue;
        if (print)
            checksum(e->program);
        else
            right &= check_program(e->program, e->exactness);
    }
    return !right;
}

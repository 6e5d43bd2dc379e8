// A budget of bytes becomes as many snapshots as fit, with the records beside
// them, and is kept to; what was predicted comes true and is told.
//
// DEFINE: %{wrap} = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
// RUN: %cc -O2 %runtime %check %s -o %t %{wrap} %links && %t
#include "Inputs/allocator.h"
#include "check.h"
#include "gradrt.h"

// A loop whose step pushes `record` numbers, only one of which is of use.
typedef struct Loop {
    int n, record;
    double *x, *d_x;
} Loop;

static void step(Loop *l) {
    double first = l->x[0];
    for (int i = 0; i < l->n - 1; i++)
        l->x[i] = 0.5 * l->x[i] + 0.4 * l->x[i + 1];
    l->x[l->n - 1] = first * first;
}

static void record(Loop *l, GradTape *tape) {
    for (int i = l->record; i-- > 0;)
        grad_push_double(tape, l->x[i % l->n]);
    step(l);
}

static void reverse(Loop *l, GradTape *tape) {
    double *d = l->d_x, last = d[l->n - 1];
    for (int i = l->n - 1; i > 0; i--)
        d[i] = 0.4 * d[i - 1] + (i < l->n - 1 ? 0.5 * d[i] : 0);
    d[0] = 0.5 * d[0] + 2 * last * grad_pop_double(tape);
    grad_tape_drop(tape, (size_t)(l->record - 1) * sizeof(double));
}

// The gradient of x[0] after `steps` steps; how it went. A budget of zero
// stores everything.
static GradStats run(Loop *l, int64_t steps, size_t budget, size_t size,
                     bool known) {
    GradTape tape;
    GradCheckpoint loop;
    for (int i = 0; i < l->n; i++) {
        l->x[i] = 1 + 0.1 * i / l->n;
        l->d_x[i] = i == 0;
    }
    grad_tape_init(&tape);
    grad_checkpoint_init(&loop, known ? steps : GRAD_UNKNOWN);
    if (budget > 0)
        grad_checkpoint_memory(&loop, budget);
    else
        grad_checkpoint_snapshots(&loop, steps);
    grad_checkpoint_state(&loop, l->x, (size_t)l->n * sizeof *l->x);
    grad_checkpoint_tape(&loop, &tape, size);
    for (GradAction todo; (todo = grad_checkpoint_next(&loop)) != GRAD_DONE;) {
        if (todo == GRAD_RECORD)
            record(l, &tape);
        if (todo == GRAD_REVERSE)
            reverse(l, &tape);
        for (int64_t i = loop.step; todo == GRAD_ADVANCE && i < loop.end; i++) {
            step(l);
            if (i + 1 == steps && loop.steps == GRAD_UNKNOWN) {
                grad_checkpoint_end(&loop, steps);
                break;
            }
        }
    }
    grad_checkpoint_free(&loop);
    grad_tape_free(&tape);
    return grad_stats();
}

// Runs within `budget`, of which it must make use to this part.
static GradStats check(int n, int records, int64_t steps, size_t budget,
                       size_t size, bool known, double part) {
    static double x[8192], d_x[8192], expected[8192];
    Loop l = {n, records, x, d_x};
    run(&l, steps, 0, 0, true);
    grad_tape_free_kept();
    memcpy(expected, d_x, sizeof expected);
    double value = x[0];
    size_t before = allocator.held;
    allocator.peak = before;
    GradStats stats = run(&l, steps, budget, size, known);
    size_t peak = allocator.peak - before;
    grad_tape_free_kept();
    CHECK_BITS(x[0], value);
    CHECK_TRUE(memcmp(d_x, expected, (size_t)n * sizeof *d_x) == 0);
    CHECK_TRUE(allocator.held == before);
    CHECK_TRUE(peak <= budget);
    CHECK_TRUE((double)peak >= part * (double)budget);
    CHECK_TRUE(stats.peak_bytes <= peak);
    if (part >= 0.9) {
        double ratio = (double)stats.predicted_bytes / (double)stats.peak_bytes;
        CHECK_TRUE(ratio > 0.95 && ratio < 1.1);
    }
    CHECK_TRUE(stats.tape_bytes == (size_t)records * sizeof *x);
    CHECK_TRUE(stats.state_bytes == (size_t)n * sizeof *x);
    CHECK_TRUE(stats.steps == steps && stats.reversed == steps);
    CHECK_TRUE(!known || stats.advanced == stats.predicted_advances);
    return stats;
}

static void check_budgets(void) {
    // 32 KiB of state, records of ten times that; two megabytes.
    int64_t best = grad_binomial_advances(1000, 50);
    GradStats stats =
        check(4096, 40960, 1000, 2 << 20, GRAD_MEASURE, true, 0.9);
    CHECK_TRUE(stats.slots >= 50 && stats.recorded == 1001);
    CHECK_TRUE(stats.advanced <= best);
    // Known without measuring.
    stats = check(4096, 40960, 1000, 2 << 20, 327680, true, 0.9);
    CHECK_TRUE(stats.slots >= 50 && stats.recorded == 1000);
    CHECK_TRUE(stats.advanced <= best);
    // Small records take the place of snapshots.
    stats = check(4096, 40, 1000, 1 << 20, GRAD_MEASURE, true, 0.05);
    CHECK_TRUE(stats.slots == 1000 && stats.advanced == 0);
    CHECK_TRUE(stats.stored == 0);
    stats = check(4096, 400, 1000, 1 << 20, GRAD_MEASURE, true, 0.5);
    CHECK_TRUE(stats.advanced ==
               grad_mixed_evaluations(1000, stats.slots) - 1000);
    CHECK_TRUE(stats.advanced <
               grad_binomial_advances(1000, (1 << 20) / 32768 - 1));
    // No number of steps.
    stats = check(4096, 40960, 1000, 2 << 20, GRAD_MEASURE, false, 0.9);
    CHECK_TRUE((double)stats.advanced <
               1.05 * (double)grad_binomial_advances(1001, stats.slots));
    // A small state: bookkeeping counts.
    stats = check(64, 640, 100000, 8 << 20, GRAD_MEASURE, true, 0.6);
    CHECK_TRUE(stats.advanced < 200000);
    check(2, 1, 100000, 1 << 20, GRAD_MEASURE, true, 0.1);
    check(2, 2, 20000, 1 << 20, GRAD_MEASURE, false, 0.2);
}

// -- Progress --

static int calls;
static GradStats last;

static void note(const GradStats *stats, void *context) {
    CHECK_TRUE(context == &last);
    CHECK_TRUE(stats->reversed >= last.reversed);
    CHECK_TRUE(stats->advanced >= last.advanced);
    last = *stats;
    calls++;
}

static void check_progress(void) {
    double x[10], d_x[10];
    Loop l = {10, 10, x, d_x};
    grad_set_progress(note, &last);
    run(&l, 100, 4096, 80, true);
    grad_set_progress(NULL, NULL);
    CHECK_TRUE(last.reversed == 100 && last.recorded == 100);
    int before = calls;
    CHECK_TRUE(before >= 200);
    run(&l, 100, 4096, 80, true);
    CHECK_TRUE(calls == before);
}

int main(void) {
    CHECK_TRUE(grad_stats().steps == 0);
    check_budgets();
    check_progress();
    return check_done();
}

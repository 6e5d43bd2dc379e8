// A hand-written use: the gradient under every kind of checkpointing has the
// bits of the one that stores everything, and the state is put back.
//
// RUN: mkdir -p %t.folder
// RUN: %cc %runtime %check %s -o %t %links && %t %t.folder
// RUN: %clang %runtime %check %s -o %t.clang %links && %t.clang %t.folder
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links
// RUN: %t.san %t.folder
// RUN: not ls %t.folder/*
#include "Inputs/heat.h"

typedef enum Way { SPLIT, FUSED, ONLINE, DISK, ONLINE_DISK, WAYS } Way;

static const char *folder;

static void setup(GradCheckpoint *loop, Heat *h, Way way, int64_t steps) {
    heat_init(h);
    bool known = way != ONLINE && way != ONLINE_DISK;
    grad_checkpoint_init(loop, known ? steps : GRAD_UNKNOWN);
    if (way == DISK || way == ONLINE_DISK)
        grad_checkpoint_disk(loop, folder, 2, 2);
    if (way == FUSED)
        grad_checkpoint_fused(loop);
    heat_state(h, loop);
    if (!known && steps == 0)
        grad_checkpoint_end(loop, 0);
}

static bool same(Way way, int64_t steps, int64_t slots) {
    static Heat h, stored;
    GradCheckpoint loop;
    GradTape tape;
    grad_tape_init(&tape);
    setup(&loop, &h, way, steps);
    if (slots > 0)
        grad_checkpoint_snapshots(&loop, slots);
    double loss = heat_run(&h, &loop, &tape, steps);
    GradStats stats = grad_checkpoint_stats(&loop);
    grad_checkpoint_free(&loop);

    double expected = heat_stored(&stored, steps);
    bool right = memcmp(&loss, &expected, sizeof loss) == 0 &&
                 heat_equal(&h, &stored) && h.reversed == steps &&
                 stats.advanced == h.advanced && stats.reversed == steps &&
                 stats.recorded == h.recorded && stats.steps == steps &&
                 grad_tape_bytes(&tape) == 0;
    if (way == SPLIT && slots > 0)
        right = right && h.recorded == steps &&
                h.advanced == grad_binomial_advances(steps, slots) &&
                stats.predicted_advances == h.advanced;
    if (way == FUSED && slots > 0)
        right = right && h.recorded == 0 &&
                h.advanced == grad_binomial_advances(steps + 1, slots);
    right = right && grad_stats().advanced == h.advanced;
    heat_free(&h);
    heat_free(&stored);
    grad_tape_free(&tape);
    if (!right)
        printf("way %d, %d steps, %d slots\n", way, (int)steps, (int)slots);
    return right;
}

static void check_ways(void) {
    static const int steps[] = {0, 1, 2, 3, 4, 5, 6, 10, 20, 21, 22, 53, 97};
    for (Way way = SPLIT; way < WAYS; way++)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            CHECK_TRUE(same(way, steps[i], 0));
            for (int slots = 1; slots <= 6; slots++)
                CHECK_TRUE(same(way, steps[i], slots));
            CHECK_TRUE(same(way, steps[i], steps[i] + 1));
            CHECK_TRUE(same(way, steps[i], 1000));
        }
}

// What follows the loop may change the state: it is put back as it was then.
static void check_state_after(void) {
    static Heat h;
    GradCheckpoint loop;
    GradTape tape;
    grad_tape_init(&tape);
    setup(&loop, &h, SPLIT, 30);
    grad_checkpoint_snapshots(&loop, 3);
    GradAction todo;
    while ((todo = grad_checkpoint_next(&loop)) != GRAD_DONE) {
        for (int64_t i = loop.step; todo == GRAD_ADVANCE && i < loop.end; i++)
            heat_step(&h, i);
        if (todo == GRAD_RECORD)
            heat_record(&h, &tape, loop.step);
        if (todo == GRAD_TURN)
            h.u[5] = 42;
        if (todo == GRAD_REVERSE)
            heat_reverse(&h, &tape);
    }
    CHECK_BITS(h.u[5], 42);
    CHECK_TRUE(h.count == 30);
    CHECK_TRUE(grad_checkpoint_next(&loop) == GRAD_DONE);
    grad_checkpoint_free(&loop);
    grad_checkpoint_free(&loop);
    grad_tape_free(&tape);
    heat_free(&h);
}

// A loop of loops: y <- 1.001 sin(y) + 0.1, ten times within each of the outer
// loop's 50 steps. The outer record is the state it begins with.
static double nested(int outer_slots, int inner_slots, double *d_y) {
    double y = 0.7;
    GradTape tape;
    GradCheckpoint outer;
    grad_tape_init(&tape);
    grad_checkpoint_init(&outer, 50);
    grad_checkpoint_fused(&outer);
    grad_checkpoint_snapshots(&outer, outer_slots);
    grad_checkpoint_state(&outer, &y, sizeof y);
    *d_y = 1;
    for (GradAction todo; (todo = grad_checkpoint_next(&outer)) != GRAD_DONE;) {
        int64_t count = outer.end - outer.step;
        for (int64_t i = 0; todo == GRAD_ADVANCE && i < 10 * count; i++)
            y = 1.001 * sin(y) + 0.1;
        if (todo != GRAD_REVERSE)
            continue;
        GradCheckpoint inner;
        grad_checkpoint_init(&inner, 10);
        grad_checkpoint_snapshots(&inner, inner_slots);
        grad_checkpoint_state(&inner, &y, sizeof y);
        for (GradAction act;
             (act = grad_checkpoint_next(&inner)) != GRAD_DONE;) {
            // A handle may move.
            GradCheckpoint moved = inner;
            memset(&inner, 0x55, sizeof inner);
            inner = moved;
            for (int64_t i = inner.step; act == GRAD_ADVANCE && i < inner.end;
                 i++)
                y = 1.001 * sin(y) + 0.1;
            if (act == GRAD_RECORD) {
                grad_push_double(&tape, y);
                y = 1.001 * sin(y) + 0.1;
            }
            if (act == GRAD_REVERSE)
                *d_y *= 1.001 * cos(grad_pop_double(&tape));
        }
        grad_checkpoint_free(&inner);
    }
    grad_checkpoint_free(&outer);
    grad_tape_free(&tape);
    return y;
}

static void check_nested(void) {
    double d_expected, d_y;
    double expected = nested(1000, 1000, &d_expected);
    for (int i = 1; i < 8; i++)
        for (int j = 1; j < 8; j++) {
            CHECK_BITS(nested(i, j, &d_y), expected);
            CHECK_BITS(d_y, d_expected);
        }
    CHECK_TRUE(d_expected > 0 && d_expected < 1);
}

static double at(const double *x, size_t n, void *context) {
    Heat h;
    heat_init(&h);
    memcpy(h.u, x, n * sizeof *x);
    for (int64_t i = 0; i < *(int64_t *)context; i++)
        heat_step(&h, i);
    double loss = heat_loss(&h);
    heat_free(&h);
    return loss;
}

// The reference itself is right.
static void check_gradient(void) {
    static Heat h, start;
    int64_t steps = 25;
    heat_stored(&h, steps);
    heat_init(&start);
    CHECK_TRUE(
        grad_check_central(at, &steps, CELLS, start.u, h.d_u, 1e-6, NULL));
    heat_free(&h);
    heat_free(&start);
}

int main(int argc, char **argv) {
    folder = argc > 1 ? argv[1] : ".";
    check_gradient();
    check_ways();
    check_state_after();
    check_nested();
    return check_done();
}

// heat.h - heat in a rod with a source that depends on its temperature, by
// explicit steps, and its gradient by the initial state and the conductivity;
// written by hand for tests of checkpointing. A step overwrites the state.
#ifndef HEAT_H
#define HEAT_H

#include "check.h"
#include "gradrt.h"

enum { CELLS = 37 };

typedef struct Heat {
    // The state: an array, a buffer on the heap that is swapped with another,
    // and scalars.
    double u[CELLS];
    double *now, *next;
    double heat; // that the source gave
    int count;
    // The parameter.
    double k;
    // Adjoints.
    double d_u[CELLS], d_now[CELLS], d_heat, d_k;
    // What the run is watched by.
    int64_t advanced, recorded, reversed;
} Heat;

static inline void heat_init(Heat *h) {
    *h = (Heat){.k = 0.2};
    h->now = grad_allocate_zeroed(CELLS, sizeof(double));
    h->next = grad_allocate_zeroed(CELLS, sizeof(double));
    for (int i = 0; i < CELLS; i++) {
        h->u[i] = sin(0.3 * i) + 0.01 * i;
        h->now[i] = cos(0.1 * i);
    }
}

static inline void heat_free(Heat *h) {
    free(h->now);
    free(h->next);
}

static inline void heat_step(Heat *h, int64_t step) {
    double *u = h->u, *v = h->now, *w = h->next;
    for (int i = 0; i < CELLS; i++) {
        double left = i > 0 ? u[i - 1] : 0;
        double right = i < CELLS - 1 ? u[i + 1] : 0;
        w[i] = v[i] * 0.99 + 0.01 * u[i] * u[i] + 1e-6 * (double)step;
        h->heat += 0.01 * sin(u[i]) * v[i];
        // The left neighbour is new already: it is overwritten in place.
        u[i] += h->k * (left - 2 * u[i] + right) + 0.001 * sin(v[i]);
    }
    h->now = w;
    h->next = v;
    h->count++;
}

static inline void heat_record(Heat *h, GradTape *tape, int64_t step) {
    grad_push_bytes(tape, h->u, sizeof h->u);
    grad_push_bytes(tape, h->now, sizeof h->u);
    heat_step(h, step);
}

// From the state before the step, u and v; v's adjoint turns into the new v's.
static inline void heat_adjoint(Heat *h, const double *u, const double *v) {
    double moved[CELLS + 1]; // the new u's
    double *d_u = h->d_u, *d_v = h->d_now, d_w[CELLS];
    for (int i = 0; i < CELLS; i++) {
        double left = i > 0 ? moved[i - 1] : 0;
        double right = i < CELLS - 1 ? u[i + 1] : 0;
        moved[i] = u[i] + h->k * (left - 2 * u[i] + right) + 0.001 * sin(v[i]);
        d_w[i] = d_v[i];
        d_v[i] = 0;
    }
    for (int i = CELLS - 1; i >= 0; i--) {
        double left = i > 0 ? moved[i - 1] : 0;
        double right = i < CELLS - 1 ? u[i + 1] : 0;
        double d = d_u[i];
        h->d_k += d * (left - 2 * u[i] + right);
        if (i > 0)
            d_u[i - 1] += h->k * d;
        if (i < CELLS - 1)
            d_u[i + 1] += h->k * d;
        d_u[i] = d * (1 - 2 * h->k) + 0.02 * u[i] * d_w[i] +
                 0.01 * cos(u[i]) * v[i] * h->d_heat;
        d_v[i] += 0.001 * cos(v[i]) * d + 0.99 * d_w[i] +
                  0.01 * sin(u[i]) * h->d_heat;
    }
}

static inline void heat_reverse(Heat *h, GradTape *tape) {
    double u[CELLS], v[CELLS];
    grad_pop_bytes(tape, v, sizeof v);
    grad_pop_bytes(tape, u, sizeof u);
    heat_adjoint(h, u, v);
}

// What follows the loop: its value, and the seeds of the adjoints.
static inline double heat_loss(const Heat *h) {
    double sum = h->heat;
    for (int i = 0; i < CELLS; i++)
        sum += h->u[i] * h->u[i] + i * h->now[i];
    return sum;
}

static inline void heat_seed(Heat *h) {
    h->d_heat = 1;
    for (int i = 0; i < CELLS; i++) {
        h->d_u[i] = 2 * h->u[i];
        h->d_now[i] = i;
    }
}

// The state's pieces: both buffers' contents, and which is which.
static inline void heat_state(Heat *h, GradCheckpoint *loop) {
    grad_checkpoint_state(loop, h->u, sizeof h->u);
    grad_checkpoint_state(loop, h->now, sizeof h->u);
    grad_checkpoint_state(loop, h->next, sizeof h->u);
    grad_checkpoint_state(loop, &h->now, sizeof h->now);
    grad_checkpoint_state(loop, &h->next, sizeof h->next);
    grad_checkpoint_state(loop, &h->heat, sizeof h->heat);
    grad_checkpoint_state(loop, &h->count, sizeof h->count);
}

// All steps recorded at once: the reference.
static inline double heat_stored(Heat *h, int64_t steps) {
    GradTape tape;
    heat_init(h);
    grad_tape_init(&tape);
    for (int64_t i = 0; i < steps; i++)
        heat_record(h, &tape, i);
    double loss = heat_loss(h);
    heat_seed(h);
    for (int64_t i = 0; i < steps; i++)
        heat_reverse(h, &tape);
    grad_tape_free(&tape);
    return loss;
}

static inline bool heat_equal(const Heat *a, const Heat *b) {
    return memcmp(a->u, b->u, sizeof a->u) == 0 &&
           memcmp(a->now, b->now, sizeof a->u) == 0 &&
           memcmp(a->next, b->next, sizeof a->u) == 0 &&
           memcmp(a->d_u, b->d_u, sizeof a->u) == 0 &&
           memcmp(a->d_now, b->d_now, sizeof a->u) == 0 &&
           memcmp(&a->heat, &b->heat, sizeof a->heat) == 0 &&
           memcmp(&a->d_k, &b->d_k, sizeof a->d_k) == 0 && a->count == b->count;
}

// Runs the loop after its setup, its state registered, to the end. A loop of
// unknown length stops after `steps` steps. Returns the loss.
static inline double heat_run(Heat *h, GradCheckpoint *loop, GradTape *tape,
                              int64_t steps) {
    double loss = NAN;
    for (GradAction todo = GRAD_ADVANCE; todo != GRAD_DONE;)
        switch (todo = grad_checkpoint_next(loop)) {
        case GRAD_ADVANCE:
            for (int64_t i = loop->step; i < loop->end; i++) {
                heat_step(h, i);
                h->advanced++;
                if (i + 1 == steps && loop->steps == GRAD_UNKNOWN) {
                    grad_checkpoint_end(loop, i + 1);
                    break;
                }
            }
            break;
        case GRAD_RECORD:
            heat_record(h, tape, loop->step);
            h->recorded++;
            break;
        case GRAD_TURN:
            loss = heat_loss(h);
            heat_seed(h);
            break;
        case GRAD_REVERSE:
            if (loop->fused)
                heat_record(h, tape, loop->step);
            heat_reverse(h, tape);
            h->reversed++;
            break;
        case GRAD_STORE:
        case GRAD_RESTORE:
        case GRAD_DONE: break;
        }
    return loss;
}

#endif

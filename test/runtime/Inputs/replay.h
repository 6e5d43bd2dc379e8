// replay.h - a model that follows a schedule's actions and knows what a real
// loop would have at hand: each step must be reversed once, the last one
// first, right after its record and from its own state.
#ifndef REPLAY_H
#define REPLAY_H

#include "check.h"
#include "gradrt.h"

#include <inttypes.h>

enum { NONE = -1, SLOTS = 8192, TAPES = 8192 };

typedef struct Replay {
    int64_t steps, slots; // slots: in memory, those that records take too
    int64_t at;           // the state at hand
    int64_t left;         // the steps that are not reversed yet
    int64_t memory[SLOTS], disk[SLOTS]; // the state in each slot
    int64_t tape[TAPES], tapes;         // the steps recorded, not reversed
    int64_t advanced, stored, restored, recorded, written, read;
    int64_t most_tapes;
    bool wrong;
} Replay;

static inline void replay_expect(Replay *r, bool right, const char *what,
                                 const GradSchedule *s) {
    if (!right && !r->wrong) {
        printf("n = %" PRId64 ", s = %" PRId64 ": %s, at %" PRId64
               ", step %" PRId64 " to %" PRId64 ", slot %" PRId64 "\n",
               r->steps, r->slots, what, r->at, s->step, s->end, s->slot);
        r->wrong = true;
    }
}

static inline int64_t *replay_slot(Replay *r, const GradSchedule *s) {
    bool inside = s->slot >= 0 && s->slot < (s->on_disk ? SLOTS : r->slots);
    replay_expect(r, inside && s->slot < SLOTS, "no such slot", s);
    return &(s->on_disk ? r->disk : r->memory)[r->wrong ? 0 : s->slot];
}

static inline void replay_action(Replay *r, GradAction action,
                                 const GradSchedule *s) {
    switch (action) {
    case GRAD_ADVANCE:
        replay_expect(r, r->at == s->step && s->step < s->end, "advance", s);
        replay_expect(r, s->end < r->left, "advance too far", s);
        r->advanced += s->end - s->step;
        r->at = s->end;
        break;
    case GRAD_STORE:
        replay_expect(r, r->at == s->step && r->at < r->left, "store", s);
        *replay_slot(r, s) = r->at;
        r->stored++;
        r->written += s->on_disk;
        break;
    case GRAD_RESTORE:
        replay_expect(r, *replay_slot(r, s) == s->step, "restore", s);
        replay_expect(r, s->step < r->left, "restore in vain", s);
        r->at = s->step;
        r->restored++;
        r->read += s->on_disk;
        break;
    case GRAD_RECORD:
        replay_expect(r, r->at == s->step && r->at < r->left, "record", s);
        replay_expect(r, r->tapes < TAPES, "too many records", s);
        if (!r->wrong)
            r->tape[r->tapes++] = r->at++;
        r->recorded++;
        if (r->tapes > r->most_tapes)
            r->most_tapes = r->tapes;
        break;
    case GRAD_REVERSE:
        replay_expect(r, s->step == r->left - 1, "reverse", s);
        replay_expect(r, r->tapes > 0 && r->tape[r->tapes - 1] == s->step,
                      "no record", s);
        r->tapes--;
        r->left--;
        r->at = NONE;
        break;
    case GRAD_TURN:
    case GRAD_DONE: replay_expect(r, false, "an action of loops", s); break;
    }
}

// The state at hand is 0, and nothing is in any slot.
static inline void replay_start(Replay *r, int64_t steps, int64_t slots) {
    *r = (Replay){.steps = steps, .left = steps, .slots = slots};
    for (int i = 0; i < SLOTS; i++)
        r->memory[i] = r->disk[i] = NONE;
}

// Follows the schedule to its end and frees it.
static inline bool replay_rest(Replay *r, GradSchedule *s) {
    GradAction action;
    while (!r->wrong && (action = grad_schedule_next(s)) != GRAD_DONE)
        replay_action(r, action, s);
    replay_expect(r, r->wrong || (r->left == 0 && r->tapes == 0), "end", s);
    replay_expect(r, r->recorded == r->steps, "records", s);
    replay_expect(r, s->advanced == r->advanced, "count of advances", s);
    replay_expect(r, s->stored == r->stored, "count of stores", s);
    replay_expect(r, s->restored == r->restored, "count of restores", s);
    replay_expect(r, s->recorded == r->recorded, "count of records", s);
    grad_schedule_free(s);
    return !r->wrong;
}

#endif

// checkpoint.c - a loop under checkpointing: its state's pieces, the schedule
// that its budget allows, and its snapshots as the schedule asks for them.
//
// A fused loop, one of unknown length and one without steps have one step more
// for the schedule than for the user: the turn. It is recorded when the last
// state is reached, and its reversal is nothing.
#include "schedule.h"
#include "snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { SETUP, MEASURING, FORWARD, TURNING, TURNED, FINISHED };

// The slot of what is put back at the end; the schedule's slots come after it,
// the first of which also keeps state 0 while a record is measured.
enum { SPARE_SLOT = 0, FIRST_SLOT = 1 };

// More than the bytes that a slot takes besides its snapshot: a mark, a
// number, an entry and the allocator's own, in arrays that are being doubled.
enum { SLOT_OVERHEAD = 256 };

// What aligning a record's arrays can add to it, about.
enum { ALIGNMENT = 64 };

enum { DEFAULT_RATIO = 3, DEFAULT_SLOTS = 100 };

// -- Progress ----------------------------------------------------------------

static atomic_flag progress_lock = ATOMIC_FLAG_INIT;
static GradProgress *progress;
static void *progress_context;

static void lock_progress(void) {
    while (
        atomic_flag_test_and_set_explicit(&progress_lock, memory_order_acquire))
        ;
}

static void unlock_progress(void) {
    atomic_flag_clear_explicit(&progress_lock, memory_order_release);
}

void grad_set_progress(GradProgress *call, void *context) {
    lock_progress();
    progress = call;
    progress_context = context;
    unlock_progress();
}

static _Thread_local GradStats last_stats;

GradStats grad_stats(void) { return last_stats; }

GradStats grad_checkpoint_stats(const GradCheckpoint *loop) {
    GradStats stats = loop->stats;
    stats.steps = loop->steps;
    stats.state_bytes = loop->snapshots->state;
    stats.advanced = loop->schedule.advanced;
    stats.stored = loop->schedule.stored;
    stats.restored = loop->schedule.restored;
    stats.peak_bytes = loop->snapshots->held;
    if (loop->tape)
        stats.peak_bytes += grad_tape_reserved(loop->tape) - loop->tape_start;
    stats.disk_bytes = loop->snapshots->written;
    return stats;
}

// -- Setup -------------------------------------------------------------------

void grad_checkpoint_init(GradCheckpoint *loop, int64_t steps) {
    if (steps != GRAD_UNKNOWN)
        grad_check_counts_(steps, 1);
    *loop = (GradCheckpoint){.steps = steps, .phase = SETUP};
    loop->snapshots = grad_allocate_zeroed(1, sizeof *loop->snapshots);
    lock_progress();
    loop->progress = progress;
    loop->progress_context = progress_context;
    unlock_progress();
}

static void require_setup(const GradCheckpoint *loop) {
    if (loop->phase != SETUP)
        grad_fail(GRAD_ERROR_ARGUMENT,
                  "a checkpointed loop is changed after it has begun");
}

void grad_checkpoint_state(GradCheckpoint *loop, void *piece, size_t bytes) {
    require_setup(loop);
    grad_snapshots_add_(loop->snapshots, piece, bytes);
}

void grad_checkpoint_snapshots(GradCheckpoint *loop, int64_t slots) {
    require_setup(loop);
    grad_check_counts_(0, slots);
    loop->slots = slots;
}

void grad_checkpoint_memory(GradCheckpoint *loop, size_t bytes) {
    require_setup(loop);
    loop->has_budget = true;
    loop->budget = bytes;
}

void grad_checkpoint_disk(GradCheckpoint *loop, const char *folder,
                          double write, double read) {
    require_setup(loop);
    loop->has_folder = true;
    loop->all_on_disk = loop->steps == GRAD_UNKNOWN;
    loop->snapshots->folder = folder;
    loop->write_cost = write;
    loop->read_cost = read;
}

void grad_checkpoint_tape(GradCheckpoint *loop, GradTape *tape, size_t bytes) {
    require_setup(loop);
    loop->tape = tape;
    loop->record = bytes;
    loop->tape_start = grad_tape_reserved(tape);
}

void grad_checkpoint_fused(GradCheckpoint *loop) {
    require_setup(loop);
    loop->fused = true;
}

// -- Plan --------------------------------------------------------------------

// The steps of the schedule, with the turn if that is one.
static int64_t scheduled_steps(const GradCheckpoint *loop) {
    return loop->steps + (loop->fused || loop->steps == 0);
}

// What tape the budget has to allow for: the blocks taken for one record.
static size_t tape_bytes(const GradCheckpoint *loop) {
    size_t blocks = 0;
    if (loop->tape)
        blocks = grad_tape_reserved(loop->tape) - loop->tape_start;
    return blocks > loop->record ? blocks : loop->record;
}

// How many of `each` bytes fit in what the budget leaves.
static int64_t how_many(const GradCheckpoint *loop, size_t fixed, size_t each) {
    size_t count = loop->budget > fixed ? (loop->budget - fixed) / each : 0;
    return count > INT32_MAX ? INT32_MAX : (int64_t)count;
}

static int64_t affordable_slots(const GradCheckpoint *loop) {
    size_t state = loop->all_on_disk ? 0 : loop->snapshots->state;
    size_t fixed = state + tape_bytes(loop), each = state + SLOT_OVERHEAD;
    int64_t slots = how_many(loop, fixed, each);
    if (slots < 1)
        grad_fail(GRAD_ERROR_LIMIT,
                  "a budget of %zu bytes is too small for a loop: its state of "
                  "%zu bytes twice and its tape of %zu take %zu",
                  loop->budget, state, tape_bytes(loop), fixed + each);
    return slots;
}

static size_t record_bytes(const GradCheckpoint *loop) {
    return loop->record + loop->record / 8 + SLOT_OVERHEAD;
}

static bool may_mix(const GradCheckpoint *loop) {
    return loop->has_budget && loop->slots == 0 && loop->tape && !loop->fused &&
           !loop->has_folder && loop->steps > 0;
}

static bool all_records_fit(const GradCheckpoint *loop) {
    return may_mix(loop) &&
           how_many(loop, tape_bytes(loop), record_bytes(loop)) >= loop->steps;
}

// The slots of a mixed schedule within the budget, where that takes fewer
// evaluations than a binomial one with `slots`; otherwise 0. Neither a copy
// nor a block of the tape is given back early: each slot pays for both.
static int64_t mixed_slots(const GradCheckpoint *loop, int64_t slots) {
    size_t state = loop->snapshots->state;
    int64_t mixed = 0, n = loop->steps;
    if (may_mix(loop))
        mixed = how_many(loop, state + tape_bytes(loop),
                         state + SLOT_OVERHEAD + record_bytes(loop));
    if (mixed < 1)
        return 0;
    int64_t binomial = grad_binomial_advances(n, slots);
    return grad_mixed_evaluations(n, mixed) - n < binomial ? mixed : 0;
}

static void start_schedule(GradCheckpoint *loop, int64_t slots, bool mixed) {
    GradSchedule *schedule = &loop->schedule;
    int64_t n = scheduled_steps(loop), advances = GRAD_UNKNOWN;
    if (loop->steps == GRAD_UNKNOWN) {
        grad_schedule_online(schedule, slots);
    } else if (loop->has_folder) {
        grad_schedule_disk(schedule, n, slots, loop->write_cost,
                           loop->read_cost);
    } else if (mixed) {
        grad_schedule_mixed(schedule, n, slots);
        advances = grad_mixed_evaluations(n, slots) - n;
    } else {
        grad_schedule_binomial(schedule, n, slots);
        advances = grad_binomial_advances(n, slots);
    }
    loop->stats.predicted_advances = advances;
}

static void predict_bytes(GradCheckpoint *loop, int64_t slots, bool mixed) {
    size_t total = tape_bytes(loop);
    int64_t copies = slots, records = mixed ? slots : 0;
    if (loop->steps != GRAD_UNKNOWN && copies > loop->steps)
        copies = records = loop->steps;
    if (mixed)
        total += (size_t)records * loop->record;
    bool all = records > 0 && records == loop->steps;
    if (!loop->all_on_disk && !all)
        total += ((size_t)copies + 1) * loop->snapshots->state;
    loop->stats.predicted_bytes = total;
}

static int64_t default_slots(const GradCheckpoint *loop) {
    if (loop->steps == GRAD_UNKNOWN)
        return DEFAULT_SLOTS;
    return grad_binomial_slots(scheduled_steps(loop), DEFAULT_RATIO);
}

// Records lie in blocks of the tape as a whole, so that none ends in room that
// is too small for the next one's arrays.
static void shape_tape(const GradCheckpoint *loop) {
    if (loop->tape && loop->record)
        loop->tape->unit = loop->record + ALIGNMENT;
}

static void plan(GradCheckpoint *loop) {
    if (loop->record == GRAD_MEASURE)
        loop->record = 0;
    shape_tape(loop);
    bool all = all_records_fit(loop);
    int64_t slots = loop->slots, mixed = all ? loop->steps : 0;
    if (loop->has_budget && !all) {
        int64_t fit = affordable_slots(loop);
        slots = slots == 0 || fit < slots ? fit : slots;
        mixed = mixed_slots(loop, slots);
    } else if (slots == 0) {
        slots = default_slots(loop);
    }
    slots = mixed > 0 ? mixed : slots;
    start_schedule(loop, slots, mixed > 0);
    predict_bytes(loop, slots, mixed > 0);
    loop->stats.slots = slots;
    loop->phase = FORWARD;
}

// -- Running -----------------------------------------------------------------

static GradAction yield(GradCheckpoint *loop, GradAction action) {
    loop->last = action;
    if (action == GRAD_RECORD && loop->tape)
        loop->tape_level = grad_tape_bytes(loop->tape);
    loop->stats.recorded += action == GRAD_RECORD;
    loop->stats.reversed += action == GRAD_REVERSE;
    if (loop->progress) {
        GradStats stats = grad_checkpoint_stats(loop);
        loop->progress(&stats, loop->progress_context);
    }
    return action;
}

static void store_spare(GradCheckpoint *loop) {
    grad_snapshots_store_(loop->snapshots, loop->all_on_disk, SPARE_SLOT, 0);
    loop->saved = true;
}

static void restore_spare(GradCheckpoint *loop) {
    grad_snapshots_restore_(loop->snapshots, loop->all_on_disk, SPARE_SLOT, 0);
}

void grad_checkpoint_again(GradCheckpoint *loop) {
    require_setup(loop);
    store_spare(loop);
    for (size_t i = loop->snapshots->count; i-- > 0;)
        grad_pop_bytes(loop->tape, loop->snapshots->pieces[i].data,
                       loop->snapshots->pieces[i].bytes);
}

static bool must_measure(const GradCheckpoint *loop) {
    return loop->has_budget && loop->record == GRAD_MEASURE && !loop->fused &&
           loop->steps != 0 && loop->steps != 1;
}

static GradAction begin_measuring(GradCheckpoint *loop) {
    loop->phase = MEASURING;
    loop->step = 0;
    loop->end = 1;
    grad_snapshots_store_(loop->snapshots, loop->all_on_disk, FIRST_SLOT, 0);
    return yield(loop, GRAD_RECORD);
}

static void end_measuring(GradCheckpoint *loop) {
    loop->record = loop->stats.tape_bytes;
    grad_tape_drop(loop->tape, loop->record);
    grad_snapshots_restore_(loop->snapshots, loop->all_on_disk, FIRST_SLOT, 0);
}

// Sizes the record that was made since the last action.
static void note_record(GradCheckpoint *loop) {
    if (loop->last != GRAD_RECORD || !loop->tape)
        return;
    size_t level = grad_tape_bytes(loop->tape);
    size_t bytes = level > loop->tape_level ? level - loop->tape_level : 0;
    if (bytes > loop->stats.tape_bytes)
        loop->stats.tape_bytes = bytes;
}

static GradAction turn(GradCheckpoint *loop) {
    loop->phase = TURNED;
    loop->step = loop->end = loop->steps;
    return yield(loop, GRAD_TURN);
}

static void store_state(GradCheckpoint *loop) {
    const GradSchedule *schedule = &loop->schedule;
    grad_snapshots_store_(loop->snapshots,
                          schedule->on_disk || loop->all_on_disk,
                          schedule->slot + FIRST_SLOT, schedule->step);
}

static void restore_state(GradCheckpoint *loop) {
    const GradSchedule *schedule = &loop->schedule;
    if (loop->phase == TURNED && !loop->saved)
        store_spare(loop);
    grad_snapshots_restore_(loop->snapshots,
                            schedule->on_disk || loop->all_on_disk,
                            schedule->slot + FIRST_SLOT, schedule->step);
}

void grad_checkpoint_put_back(GradCheckpoint *loop) {
    if (loop->saved)
        restore_spare(loop);
}

static GradAction finish(GradCheckpoint *loop) {
    grad_checkpoint_put_back(loop);
    loop->phase = FINISHED;
    loop->step = loop->end = loop->steps;
    return yield(loop, GRAD_DONE);
}

// Takes the schedule to its next action that is the user's.
static GradAction next_step(GradCheckpoint *loop) {
    const GradSchedule *schedule = &loop->schedule;
    for (;;) {
        GradAction action = grad_schedule_next(&loop->schedule);
        bool is_turn = schedule->step == loop->steps;
        if (action == GRAD_STORE)
            store_state(loop);
        else if (action == GRAD_RESTORE)
            restore_state(loop);
        else if (action == GRAD_RECORD && is_turn)
            return GRAD_TURN;
        else if (action == GRAD_REVERSE && is_turn)
            continue;
        else if (action != GRAD_RECORD || !loop->fused)
            return action;
    }
}

GradAction grad_checkpoint_next(GradCheckpoint *loop) {
    note_record(loop);
    if (loop->phase == SETUP) {
        if (must_measure(loop))
            return begin_measuring(loop);
        plan(loop);
    } else if (loop->phase == MEASURING) {
        end_measuring(loop);
        plan(loop);
    } else if (loop->phase == TURNING) {
        return turn(loop);
    } else if (loop->phase == FINISHED) {
        return GRAD_DONE;
    }
    GradAction action = next_step(loop);
    if (action == GRAD_TURN)
        return turn(loop);
    if (action == GRAD_DONE)
        return finish(loop);
    loop->step = loop->schedule.step;
    loop->end = loop->schedule.end;
    if (action == GRAD_RECORD && loop->phase == FORWARD &&
        loop->end == loop->steps)
        loop->phase = TURNING;
    return yield(loop, action);
}

void grad_checkpoint_end(GradCheckpoint *loop, int64_t steps) {
    bool began = loop->phase == FORWARD;
    if (loop->steps != GRAD_UNKNOWN || steps < 0 ||
        (!began && (loop->phase != SETUP || steps > 0)))
        grad_fail(GRAD_ERROR_ARGUMENT, "a loop cannot end at step %lld here",
                  (long long)steps);
    if (began)
        grad_schedule_end(&loop->schedule, steps + 1);
    loop->steps = steps;
}

void grad_checkpoint_free(GradCheckpoint *loop) {
    if (!loop->snapshots)
        return;
    last_stats = grad_checkpoint_stats(loop);
    grad_schedule_free(&loop->schedule);
    grad_snapshots_free_(loop->snapshots);
    loop->snapshots = NULL;
}

// schedule.c - which step to advance, store, restore, record and reverse next.
//
// The stored states and the recorded steps lie on a stack of marks, from the
// first to the last step. The steps from `left` on are reversed; what remains
// of the topmost mark's segment is [its position, left). Every strategy is an
// answer to one question: with the state `at` at hand and the steps up to
// `left` to be reversed, store it, record its step, or advance, and how far?
//
// beta(s, r) = (s + r)! / (s! r!) is the most steps that s slots can reverse
// with no step advanced more than r times.
#include "schedule.h"

#include <stdlib.h>

static const int64_t most_slots = ((int64_t)1 << 31) - 1;

enum { UNKNOWN = -1 };

// -- Marks -------------------------------------------------------------------

static GradMark_ *top_mark(const GradSchedule *s) {
    return s->depth > 0 ? &s->marks[s->depth - 1] : NULL;
}

static bool is_stored(const GradSchedule *s) {
    const GradMark_ *top = top_mark(s);
    return top && top->kind != GRAD_MARK_TAPE_ && top->position == s->at;
}

// Slots in memory that are free; in a mixed schedule a record takes one too.
static int64_t free_slots(const GradSchedule *s) { return s->slots - s->used; }

// An array of twice the size; the old one's elements are kept.
static void *grown(void *old, int64_t count, size_t size) {
    void *larger = grad_allocate(2 * (size_t)count + 16, size);
    if (count > 0)
        memcpy(larger, old, (size_t)count * size);
    free(old);
    return larger;
}

static GradMark_ *push_mark(GradSchedule *s, GradMarkKind_ kind) {
    if (s->depth == s->capacity) {
        s->marks = grown(s->marks, s->capacity, sizeof *s->marks);
        s->capacity = 2 * s->capacity + 16;
    }
    GradMark_ *mark = &s->marks[s->depth++];
    *mark = (GradMark_){.position = s->at, .kind = kind};
    return mark;
}

// Takes a free slot. The slots that are free are those that were given back,
// the last one first, and then those that were never used.
static int64_t take_slot(GradSchedule *s) {
    s->used++;
    return s->returned > 0 ? s->unused[--s->returned] : s->fresh++;
}

static void return_slot(GradSchedule *s, int64_t slot) {
    if (s->returned == s->unused_capacity) {
        s->unused = grown(s->unused, s->returned, sizeof *s->unused);
        s->unused_capacity = 2 * s->returned + 16;
    }
    s->unused[s->returned++] = slot;
    s->used--;
}

static void pop_mark(GradSchedule *s) {
    const GradMark_ *mark = &s->marks[--s->depth];
    if (mark->kind == GRAD_MARK_MEMORY_)
        return_slot(s, mark->slot);
    else if (mark->kind == GRAD_MARK_DISK_)
        s->disk_used--;
    else if (s->kind == GRAD_MIXED_)
        s->used--;
}

// -- Actions -----------------------------------------------------------------

static GradAction advance(GradSchedule *s, int64_t steps) {
    s->step = s->at;
    s->end = s->at += steps;
    s->advanced += steps;
    return GRAD_ADVANCE;
}

static GradAction store(GradSchedule *s, GradMarkKind_ kind) {
    GradMark_ *mark = push_mark(s, kind);
    mark->slot = kind == GRAD_MARK_DISK_ ? s->disk_used++ : take_slot(s);
    mark->repetitions = s->next_repetitions;
    mark->reach = s->next_reach;
    s->next_repetitions = 0;
    s->slot = mark->slot;
    s->on_disk = kind == GRAD_MARK_DISK_;
    s->step = s->end = s->at;
    s->stored++;
    return GRAD_STORE;
}

static GradAction restore(GradSchedule *s) {
    const GradMark_ *mark = top_mark(s);
    s->slot = mark->slot;
    s->on_disk = mark->kind == GRAD_MARK_DISK_;
    s->step = s->end = s->at = mark->position;
    s->restored++;
    s->next_repetitions = 0;
    // A mixed schedule may use the slot for a record next.
    if (s->kind == GRAD_MIXED_ && s->left - s->at <= free_slots(s) + 2)
        pop_mark(s);
    return GRAD_RESTORE;
}

static GradAction record(GradSchedule *s) {
    push_mark(s, GRAD_MARK_TAPE_);
    if (s->kind == GRAD_MIXED_)
        s->used++;
    s->step = s->at;
    s->end = ++s->at;
    s->recorded++;
    return GRAD_RECORD;
}

static GradAction reverse(GradSchedule *s) {
    pop_mark(s);
    s->left--;
    s->step = s->left;
    s->end = s->left + 1;
    s->at = UNKNOWN;
    return GRAD_REVERSE;
}

// -- Known number of steps ---------------------------------------------------

// Makes mark->repetitions the r with beta(slots, r - 1) < length <=
// beta(slots, r), and mark->reach that beta(slots, r). Both move little.
static void fit(GradMark_ *mark, int64_t slots, int64_t length) {
    if (mark->repetitions == 0) {
        mark->repetitions = 1;
        mark->reach = slots + 1;
    }
    while (mark->reach < length) {
        int64_t r = ++mark->repetitions;
        mark->reach += grad_muldiv_(mark->reach, slots, r);
    }
    while (mark->repetitions > 1) {
        int64_t r = mark->repetitions;
        int64_t below = grad_muldiv_(mark->reach, r, slots + r);
        if (below < length)
            break;
        mark->reach = below;
        mark->repetitions--;
    }
}

// The first advance of an optimal schedule (Griewank and Walther 2000), the
// longest one: with m steps, beta(c, r - 2) <= m <= beta(c, r - 1), and
// beta(c - 1, r - 1) <= length - m <= beta(c - 1, r), if c slots serve the
// segment, which includes the one of its start.
static GradAction advance_binomial(GradSchedule *s) {
    GradMark_ *mark = top_mark(s);
    int64_t length = s->left - s->at;
    int64_t c = free_slots(s) + 1;
    if (c == 1)
        return advance(s, length - 1);
    fit(mark, c, length);
    int64_t r = mark->repetitions;
    int64_t here = grad_muldiv_(mark->reach, r, c + r);
    int64_t rest = length - grad_muldiv_(here, c, c + r - 1);
    s->next_repetitions = r;
    s->next_reach = mark->reach - here;
    return advance(s, here < rest ? here : rest);
}

static GradAction plan_binomial(GradSchedule *s) {
    return is_stored(s) ? advance_binomial(s) : store(s, GRAD_MARK_MEMORY_);
}

// Segments of one length; in the one under way every state is stored.
static GradAction plan_segments(GradSchedule *s) {
    if (!is_stored(s))
        return store(s, GRAD_MARK_MEMORY_);
    return advance(s, s->left - s->at > s->segment ? s->segment : 1);
}

static GradAction plan_mixed(GradSchedule *s) {
    int64_t length = s->left - s->at;
    if (is_stored(s))
        return advance(s, grad_mixed_split_(length, free_slots(s) + 1));
    if (length <= free_slots(s) + 1)
        return record(s);
    return store(s, GRAD_MARK_MEMORY_);
}

// On the first sweep states go to the disk until the rest is better done in
// memory. Later, each segment from a state on the disk is cut into parts that
// are done in memory, the last one first.
static GradAction plan_disk(GradSchedule *s) {
    const GradMark_ *top = top_mark(s);
    if (top && top->kind == GRAD_MARK_MEMORY_)
        return plan_binomial(s);
    bool first_sweep = s->left == s->steps;
    int64_t length = s->left - s->at;
    int64_t part = first_sweep ? grad_disk_first_(s->table, length)
                               : grad_disk_later_(s->table, length);
    if (is_stored(s))
        return part > 0 ? advance(s, part) : store(s, GRAD_MARK_MEMORY_);
    return store(s,
                 first_sweep && part > 0 ? GRAD_MARK_DISK_ : GRAD_MARK_MEMORY_);
}

// -- Unknown number of steps -------------------------------------------------

static int64_t position_of(const GradSchedule *s, int64_t index) {
    return index < s->depth ? s->marks[index].position : s->at;
}

static int64_t segment_cost(const GradSchedule *s, int64_t from, int64_t to) {
    int64_t end = to <= s->depth ? position_of(s, to) : s->at + 2;
    return grad_binomial_advances(end - position_of(s, from), s->slots - from);
}

// The advances in all segments but the last one, while these are reversed.
static int64_t cost_of_segments(const GradSchedule *s) {
    int64_t cost = 0;
    for (int64_t i = 0; i < s->slots - 1; i++)
        cost += segment_cost(s, i, i + 1);
    return cost;
}

// Replaces mark `index` + 1 by the state at hand.
static GradAction replace(GradSchedule *s, int64_t index) {
    GradMark_ *dropped = &s->marks[index + 1];
    return_slot(s, dropped->slot);
    s->depth--;
    memmove(dropped, dropped + 1,
            (size_t)(s->depth - index - 1) * sizeof *dropped);
    store(s, GRAD_MARK_MEMORY_);
    if (s->base > s->slots - 2)
        s->segments_cost = cost_of_segments(s);
    return GRAD_STORE;
}

// The state from which on mark `candidate` + 1 is not needed any more, while
// no step needs to be advanced more than twice. Then the segments before and
// after it together are no longer than the slots left for them can serve, and
// those behind as long as the slots then left for them need.
static int64_t replaceable_from(const GradSchedule *s) {
    int64_t i = s->candidate;
    if (i == s->slots - 2)
        return s->marks[i].position + 3;
    return position_of(s, i + 2) + s->slots - i - 2;
}

// Replaces marks from the last to the first one; and again from the one that
// is in its final place then, up to as many steps as two repetitions reach.
static GradAction sweep_marks(GradSchedule *s) {
    if (s->at < replaceable_from(s))
        return advance(s, replaceable_from(s) - s->at);
    int64_t index = s->candidate--;
    if (s->candidate < s->base) {
        s->base++;
        s->candidate = s->slots - 2;
    }
    return replace(s, index);
}

// Whether the steps that would be advanced if the loop ended two states from
// here are as few as they can be.
static bool is_optimal(const GradSchedule *s) {
    int64_t length = s->at + 2 - s->marks[s->depth - 1].position;
    int64_t cost = s->at + 2 + s->segments_cost;
    return cost + grad_binomial_advances(length, 1) <=
           grad_binomial_advances(s->at + 3, s->slots);
}

// The mark before the one to replace, so that those steps become the fewest;
// -1: replace none.
static int64_t best_replaced(const GradSchedule *s) {
    int64_t last = s->slots - 1, index = -1;
    int64_t tail = 1; // the steps from here, one slot: what is left to it
    int64_t next = segment_cost(s, last, last + 1);
    int64_t length = s->at + 2 - position_of(s, last);
    int64_t best = grad_binomial_advances(length, 1) - next;
    for (int64_t i = last - 1; i >= 0; i--) {
        int64_t now = segment_cost(s, i, i + 1);
        int64_t change = segment_cost(s, i, i + 2) - now - next + tail;
        if (change < best || (change == best && index >= 0)) {
            best = change;
            index = i;
        }
        // Segment i + 1 with the slot that the replaced mark leaves to it.
        length = position_of(s, i + 2) - position_of(s, i + 1);
        tail += grad_binomial_advances(length, s->slots - i) - next;
        next = now;
    }
    return index;
}

// The search takes a time that grows with the slots, and need not be made for
// each of the more states that there are the more slots or steps there are.
static int64_t until_next_search(const GradSchedule *s) {
    return 1 + s->slots / 4 + s->at / 32 / s->slots;
}

// Beyond the reach of two repetitions, where no rule is known to be optimal.
static GradAction improve_marks(GradSchedule *s) {
    int64_t index = is_optimal(s) ? -1 : best_replaced(s);
    if (index < 0)
        return advance(s, until_next_search(s));
    return replace(s, index);
}

static GradAction plan_online(GradSchedule *s) {
    bool few = s->base <= s->slots - 2;
    if (s->slots == 1 && s->depth == 1)
        return advance(s, 1 + s->at / 64);
    if (is_stored(s))
        return advance(s, few ? 1 : until_next_search(s));
    if (s->depth < s->slots)
        return store(s, GRAD_MARK_MEMORY_);
    return few ? sweep_marks(s) : improve_marks(s);
}

void grad_schedule_end(GradSchedule *s, int64_t steps) {
    if (s->kind != GRAD_ONLINE_ || steps < 1 || steps - 1 < s->step ||
        steps - 1 > s->end)
        grad_fail(GRAD_ERROR_ARGUMENT,
                  "a schedule of unknown length cannot end at step %lld, "
                  "between %lld and %lld",
                  (long long)steps, (long long)s->step, (long long)s->end);
    s->advanced -= s->at - (steps - 1);
    s->at = s->end = steps - 1;
    s->left = s->steps = steps;
    s->kind = GRAD_BINOMIAL_;
    // What fits the segments is found as each one is met.
    for (int64_t i = 0; i < s->depth; i++)
        s->marks[i].repetitions = 0;
}

// -- The schedule ------------------------------------------------------------

static void start(GradSchedule *s, GradScheduleKind_ kind, int64_t steps,
                  int64_t slots) {
    grad_check_counts_(steps, slots);
    if (slots > most_slots)
        slots = most_slots;
    *s = (GradSchedule){.kind = kind,
                        .steps = steps,
                        .left = steps,
                        .slots = slots,
                        .candidate = slots - 2};
}

void grad_schedule_binomial(GradSchedule *s, int64_t steps, int64_t slots) {
    start(s, GRAD_BINOMIAL_, steps, slots);
}

void grad_schedule_mixed(GradSchedule *s, int64_t steps, int64_t slots) {
    start(s, GRAD_MIXED_, steps, slots);
}

void grad_schedule_segments(GradSchedule *s, int64_t steps, int64_t length) {
    start(s, GRAD_SEGMENTS_, steps, most_slots);
    if (length < 1)
        grad_fail(GRAD_ERROR_ARGUMENT, "segments of %lld steps",
                  (long long)length);
    s->segment = length;
}

void grad_schedule_disk(GradSchedule *s, int64_t steps, int64_t slots,
                        double write, double read) {
    start(s, GRAD_DISK_, steps, slots);
    if (!(write >= 0 && read >= 0))
        grad_fail(GRAD_ERROR_ARGUMENT, "a disk's costs cannot be %g and %g",
                  write, read);
    s->table = grad_disk_table_(steps, s->slots, write, read);
}

void grad_schedule_online(GradSchedule *s, int64_t slots) {
    start(s, GRAD_ONLINE_, 0, slots);
    s->left = s->steps = INT64_MAX;
}

void grad_schedule_free(GradSchedule *s) {
    free(s->marks);
    free(s->unused);
    free(s->table);
    *s = (GradSchedule){.slots = s->slots};
}

static GradAction plan(GradSchedule *s) {
    if (s->left - s->at == 1)
        return record(s);
    switch (s->kind) {
    case GRAD_BINOMIAL_: return plan_binomial(s);
    case GRAD_MIXED_: return plan_mixed(s);
    case GRAD_SEGMENTS_: return plan_segments(s);
    case GRAD_DISK_: return plan_disk(s);
    case GRAD_ONLINE_: return plan_online(s);
    }
    return GRAD_DONE;
}

GradAction grad_schedule_next(GradSchedule *s) {
    if (s->left == 0)
        return GRAD_DONE;
    const GradMark_ *top = top_mark(s);
    if (top && top->kind == GRAD_MARK_TAPE_ && top->position == s->left - 1)
        return reverse(s);
    if (s->at != UNKNOWN)
        return plan(s);
    while (top_mark(s)->position == s->left)
        pop_mark(s);
    if (top_mark(s)->kind == GRAD_MARK_TAPE_)
        return reverse(s);
    return restore(s);
}

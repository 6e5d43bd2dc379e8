// memory_order.c - whether what a load read is still there when the function
// returns, or at the end of an iteration. Reads: IR and the answers of the
// other memory files.
//
// A write can run after the load where it stands after it, or where both share
// a loop. In shared loops it is harmless where the two addresses can only meet
// in one and the same iteration (their common indices determine the iteration:
// a[i], m[i][j], m[i * n + j]) and there the write comes first.
#include "analysis/memory_internal.h"

enum { MAX_LOOPS = 16 };

// The loops that hold both the load and the write, innermost first.
typedef struct Shared {
    const Op *loops[MAX_LOOPS];
    uint32_t count;
    bool exclusive; // they stand in different branches of one if
} Shared;

static bool is_loop(const Op *op) {
    return op->kind == OP_FOR || op->kind == OP_WHILE;
}

static uint32_t depth_of(const Op *op) {
    uint32_t depth = 0;
    for (; op->parent->parent; op = op->parent->parent)
        depth++;
    return depth;
}

// Looks no farther than into the loop `within`, where there is one. False where
// there are too many loops to look at.
static bool find_shared(const Op *a, const Op *b, const Op *within,
                        Shared *shared) {
    uint32_t depth_a = depth_of(a), depth_b = depth_of(b);
    for (; depth_a > depth_b; depth_a--)
        a = a->parent->parent;
    for (; depth_b > depth_a; depth_b--)
        b = b->parent->parent;
    while (a->parent != b->parent) {
        a = a->parent->parent;
        b = b->parent->parent;
        if (a == b)
            break;
    }
    const Op *around = a == b ? a : a->parent->parent;
    *shared = (Shared){.exclusive = a == b && a->kind == OP_IF};
    for (; around != within; around = around->parent->parent) {
        if (!is_loop(around))
            continue;
        if (shared->count == MAX_LOOPS)
            return false;
        shared->loops[shared->count++] = around;
    }
    return true;
}

// ---- Values that are the same in all iterations -----------------------------

enum { STABLE_DEPTH = 6 };

static const Type *target_type(const Op *write) {
    return write->kind == OP_STORE ? write->operands[1]->type : write->as.type;
}

// The address that the operation writes as one object; NULL where it writes
// more, or through a call.
static const Value *whole_target(const Op *op) {
    bool whole = op->kind == OP_STORE ||
                 (op->kind == OP_COPY && op->operand_count == 2) ||
                 (op->kind == OP_ZERO && op->operand_count == 1);
    return whole ? op->operands[0] : NULL;
}

// By places alone: true also where the addresses belong to different moments.
static bool may_ever_write(const MemoryInfo *info, const Op *write,
                           const Value *address, const Type *type) {
    const Value *target = whole_target(write);
    return target ? memory_places_overlap(info, target, target_type(write),
                                          address, type)
                  : memory_single_op_writes(info, write, address);
}

static bool is_never_written(const MemoryInfo *info, const Op *load) {
    uint8_t *known = &info->never_written[load->results[0]->id];
    if (*known)
        return *known == 1;
    *known = 1;
    for (size_t i = 0; *known == 1 && i < info->writes.count; i++)
        if (may_ever_write(info, info->writes.items[i].op, load->operands[0],
                           load->results[0]->type))
            *known = 2;
    return *known == 1;
}

static bool is_stable(const MemoryInfo *info, const Op *loop,
                      const Value *value, int depth) {
    if (loop_is_invariant(loop, value))
        return true;
    const Op *op = value->op;
    if (!op || depth == 0 || value->id >= info->value_count ||
        op->region_count || op->kind == OP_UNDEF)
        return false;
    if (op->kind == OP_LOAD ? !is_never_written(info, op)
                            : !(op_info(op->kind)->flags & OPF_PURE))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_stable(info, loop, op->operands[i], depth - 1))
            return false;
    return true;
}

// Whether both are the same in all iterations of the loop and equal.
static bool same_stable(const MemoryInfo *info, const Op *loop, const Value *a,
                        const Value *b) {
    return is_stable(info, loop, a, STABLE_DEPTH) &&
           (a == b || (is_stable(info, loop, b, STABLE_DEPTH) &&
                       memory_loads_equal(a, b)));
}

// ---- Meeting in one iteration only ------------------------------------------

// Which shared loop has this value as its index; shared->count for none.
static uint32_t loop_with_index(const Shared *shared, const Value *value) {
    uint32_t i = 0;
    while (i < shared->count && loop_index(shared->loops[i]) != value)
        i++;
    return i;
}

// Looks at one index that both addresses have: if all its terms but one are
// known to be the same in any iteration where the addresses meet, the
// last one is, too. Terms: indices of shared loops, and invariants.
static bool determine(const MemoryInfo *info, const Shared *shared,
                      const Linear *index, bool *fixed) {
    const Op *outermost = shared->loops[shared->count - 1];
    uint32_t open = shared->count, open_count = 0;
    for (uint32_t t = 0; t < index->count; t++) {
        uint32_t loop = loop_with_index(shared, index->terms[t].value);
        if (loop < shared->count && !fixed[loop]) {
            open = loop;
            open_count++;
        } else if (loop == shared->count &&
                   !is_stable(info, outermost, index->terms[t].value,
                              STABLE_DEPTH)) {
            return false;
        }
    }
    if (open_count != 1)
        return false;
    fixed[open] = true;
    return true;
}

static bool same_linear(const Linear *a, const Linear *b) {
    Linear difference;
    return linear_subtract(a, b, &difference) && difference.count == 0 &&
           difference.constant == 0;
}

static bool all_fixed(const Shared *shared, const bool *fixed) {
    for (uint32_t i = 0; i < shared->count; i++)
        if (!fixed[i])
            return false;
    return true;
}

// The two addresses side by side, as far as they can be compared: dimensions
// that are divided alike, in all iterations.
typedef struct Pair {
    Address a, b;
    Dimension x[ADDRESS_DIMENSIONS], y[ADDRESS_DIMENSIONS];
    uint32_t count;
} Pair;

static bool divided_alike(const MemoryInfo *info, const Op *loop,
                          const Dimension *x, const Dimension *y) {
    return memory_same_division(x, y) &&
           (!x->by_value || is_stable(info, loop, x->by_value, STABLE_DEPTH));
}

// False where the bases are different, or not the same in all iterations.
static bool find_pair(const MemoryInfo *info, const Op *loop, const Value *read,
                      const Value *written, Pair *pair) {
    memory_decompose(read, &pair->a);
    memory_decompose(written, &pair->b);
    if (!same_stable(info, loop, pair->a.base, pair->b.base))
        return false;
    uint32_t count_a = memory_dimensions(&pair->a, pair->x);
    uint32_t count_b = memory_dimensions(&pair->b, pair->y);
    uint32_t limit = count_a < count_b ? count_a : count_b;
    pair->count = 0;
    while (
        pair->count < limit &&
        divided_alike(info, loop, &pair->x[pair->count], &pair->y[pair->count]))
        pair->count++;
    return true;
}

static bool same_fields(const Pair *pair, uint32_t i) {
    return pair->x[i].step->kind != OP_FIELD ||
           pair->x[i].step->field == pair->y[i].step->field;
}

static bool meet_in_one_iteration(const MemoryInfo *info, const Shared *shared,
                                  const Pair *pair) {
    bool fixed[MAX_LOOPS] = {false};
    bool changed = true;
    while (changed && !all_fixed(shared, fixed)) {
        changed = false;
        for (uint32_t i = 0; i < pair->count && same_fields(pair, i); i++)
            if (pair->x[i].step->kind != OP_FIELD &&
                same_linear(&pair->x[i].index, &pair->y[i].index))
                changed |= determine(info, shared, &pair->x[i].index, fixed);
    }
    return all_fixed(shared, fixed);
}

static bool is_stable_linear(const MemoryInfo *info, const Op *loop,
                             const Linear *index) {
    for (uint32_t t = 0; t < index->count; t++)
        if (!is_stable(info, loop, index->terms[t].value, STABLE_DEPTH))
            return false;
    return true;
}

// Whether the addresses cannot meet in whatever iterations: fields of one
// record type, or invariant indices that differ.
static bool never_meet(const MemoryInfo *info, const Op *loop,
                       const Pair *pair) {
    for (uint32_t i = 0; i < pair->count; i++) {
        if (!same_fields(pair, i))
            return !pair->x[i].step->in_union;
        Linear difference;
        if (pair->x[i].step->kind != OP_FIELD &&
            linear_subtract(&pair->x[i].index, &pair->y[i].index,
                            &difference) &&
            difference.count == 0 && difference.constant != 0 &&
            is_stable_linear(info, loop, &pair->x[i].index))
            return true;
    }
    return false;
}

// ---- One write --------------------------------------------------------------

static uint32_t order_of(const MemoryInfo *info, const Op *op) {
    return (uint32_t)(uintptr_t)ptrmap_get(info->order, op);
}

// What a load has read or a store has written, and when.
typedef struct Seen {
    const Op *op;
    const Value *address;
    const Type *type;
    uint32_t order;
} Seen;

// Whether this write may run after it was seen, and overwrite it.
static bool overwrites(const MemoryInfo *info, const MemAccess *write,
                       const Seen *seen, const Op *within) {
    if (within && !region_contains(loop_body(within), write->op->parent))
        return false;
    const Value *target = whole_target(write->op);
    bool touches =
        target ? memory_places_overlap(info, target, target_type(write->op),
                                       seen->address, seen->type)
               : memory_single_op_writes(info, write->op, seen->address);
    if (!touches)
        return false;
    if (write->op->kind == OP_FREE || write->op->kind == OP_REALLOC)
        return true; // wherever it stands, the object is gone at the end
    Shared shared;
    if (!find_shared(seen->op, write->op, within, &shared))
        return true;
    bool later = write->order > seen->order && !shared.exclusive;
    if (shared.count == 0)
        return later && memory_single_op_writes(info, write->op, seen->address);
    if (!target)
        return true;
    Pair pair;
    const Op *outermost = shared.loops[shared.count - 1];
    if (!find_pair(info, outermost, seen->address, target, &pair))
        return true;
    if (never_meet(info, outermost, &pair))
        return false;
    return !meet_in_one_iteration(info, &shared, &pair) ||
           (later && memory_single_op_writes(info, write->op, seen->address));
}

bool memory_may_follow(const MemoryInfo *info, const Op *op,
                       const Op *earlier) {
    Shared shared;
    return !find_shared(earlier, op, NULL, &shared) || shared.count > 0 ||
           (order_of(info, op) > order_of(info, earlier) && !shared.exclusive);
}

// ---- The object -------------------------------------------------------------

// Whether the object lives as long as the region runs, and changes only where
// the IR says so.
static bool outlives(const MemoryInfo *info, const Region *region,
                     const MemObject *object) {
    if (memory_changes_unseen(info, object))
        return false;
    if (object->kind != MEM_LOCAL)
        return true;
    const Op *alloc = object->root->op;
    return !alloc || region_contains(alloc->parent, region);
}

bool memory_load_survives(const MemoryInfo *info, const Op *load) {
    return memory_load_survives_in(info, load, NULL);
}

// How many writes stand before what was seen, in the order of the walk.
static size_t writes_before(const MemoryInfo *info, const Seen *seen) {
    size_t low = 0, high = info->writes.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (info->writes.items[middle].order < seen->order)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The next write is the likeliest.
static bool is_overwritten(const MemoryInfo *info, const Seen *seen,
                           const Op *within) {
    size_t first = writes_before(info, seen), count = info->writes.count;
    for (size_t i = 0; i < count; i++) {
        size_t place = i < count - first ? first + i : i - (count - first);
        if (overwrites(info, &info->writes.items[place], seen, within))
            return true;
    }
    return false;
}

static bool survives(const MemoryInfo *info, const Seen *seen,
                     const Op *within) {
    const Region *region = within ? loop_body(within) : info->function->body;
    const MemObject *const *objects;
    uint32_t count = memory_targets(info, seen->address, &objects);
    if (count == 0 || seen->order == 0)
        return false;
    bool written = false;
    for (uint32_t i = 0; i < count; i++) {
        if (!outlives(info, region, objects[i]))
            return false;
        written |= memory_object_written(info, objects[i]);
    }
    return !written || !is_overwritten(info, seen, within);
}

bool memory_load_survives_in(const MemoryInfo *info, const Op *load,
                             const Op *within) {
    Seen seen = {load, load->operands[0], load->results[0]->type,
                 order_of(info, load)};
    return survives(info, &seen, within);
}

bool memory_store_survives_in(const MemoryInfo *info, const Op *store,
                              const Op *within) {
    Seen seen = {store, store->operands[0], store->operands[1]->type,
                 order_of(info, store)};
    return survives(info, &seen, within);
}

// ---- What a call is given ---------------------------------------------------

// Whether the operation may write one of the objects.
static bool writes_into(const MemoryInfo *info, const Op *write,
                        const bool *objects) {
    if (write->kind == OP_CALL) {
        const bool *written = memory_call_outputs(info, write);
        for (uint32_t i = 0; i < info->objects.count; i++)
            if (written[i] && objects[i])
                return true;
        return false;
    }
    PlaceSet set = memory_places(info, write->operands[0]);
    for (uint32_t i = 0; i < set.count; i++)
        if (set.items[i].object == 0 || objects[set.items[i].object])
            return true;
    return false;
}

// By whole objects. What the call itself writes is still there unless a loop
// makes the call again.
bool memory_argument_survives(const MemoryInfo *info, const Op *call,
                              uint32_t argument) {
    bool *reached = memory_reach(info, call->operands[argument]);
    uint32_t order = order_of(info, call);
    if (order == 0)
        return false;
    for (uint32_t i = 0; i < info->objects.count; i++)
        if (reached[i] &&
            !outlives(info, info->function->body, memory_object(info, i)))
            return false;
    // What is not known leads to all that others know.
    for (uint32_t i = 0; reached[0] && i < info->objects.count; i++) {
        const MemObject *object = memory_object(info, i);
        reached[i] |= object->escapes ||
                      (object->kind != MEM_LOCAL && object->kind != MEM_HEAP);
    }
    for (size_t i = 0; i < info->writes.count; i++) {
        const MemAccess *write = &info->writes.items[i];
        Shared shared;
        if (!writes_into(info, write->op, reached))
            continue;
        if (write->op->kind == OP_FREE ||
            !find_shared(call, write->op, NULL, &shared) || shared.count > 0 ||
            (write->order > order && !shared.exclusive))
            return false;
    }
    return true;
}

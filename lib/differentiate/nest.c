// nest.c - the loop nests that arrays of stored values are indexed by: which
// loops, how often each runs, and where that is known. Adds the computation of
// trip counts there.
//
// Around bodies that both sweeps share, where arrays are small and live for one
// iteration, a loop that is longer in some iterations than in others counts as
// its longest: the array is a box around the triangle. So it does elsewhere,
// where the box has few elements, and their number is known at compile time.
#include "differentiate/carry.h"

enum { MOST_LOOPS = 32, DEPTH = 8, FEW = 256 };

// What is wanted of a value that varies behind the place.
typedef enum Bound { EXACT, LEAST, MOST } Bound;

typedef struct Place {
    Carry *c;
    Op *op;     // before which values are wanted
    bool loose; // bounds will do
} Place;

static bool is_movable(const Op *op) {
    return op && op->region_count == 0 &&
           (op_info(op->kind)->flags & OPF_PURE) && op->kind != OP_MATH &&
           op->kind != OP_DIV && op->kind != OP_REM;
}

static Value *hoist(const Place *p, Value *value, Bound bound, int depth);

static Bound opposite(Bound bound) {
    return bound == EXACT ? EXACT : bound == LEAST ? MOST : LEAST;
}

// Whether a bound of the result is made of one of each operand, and of which.
static bool bound_of_operand(const Op *op, uint32_t operand, Bound *bound) {
    if (*bound == EXACT || op->kind == OP_ADD)
        return true;
    if (op->kind == OP_SUB) {
        *bound = operand ? opposite(*bound) : *bound;
        return true;
    }
    int64_t factor;
    if (op->kind == OP_MUL)
        return value_is_integer(op->operands[1 - operand], &factor)
                   ? factor >= 0
                   : value_is_integer(op->operands[operand], &factor) &&
                         factor >= 0;
    return op->kind == OP_CAST && type_is_integer(op->operands[0]->type) &&
           type_is_signed(op->operands[0]->type) &&
           type_is_signed(op->results[0]->type) &&
           op->results[0]->type->kind >= op->operands[0]->type->kind;
}

// The least or the greatest index of a loop that counts up or down.
static Value *bound_of_index(const Place *p, const Op *loop, Bound bound,
                             int depth) {
    int64_t step;
    OpKind compare = loop->as.loop.compare;
    if (!loop_constant_step(loop, &step) ||
        !type_is_signed(loop_index(loop)->type) ||
        (step > 0 ? compare != OP_LT && compare != OP_LE
                  : compare != OP_GT && compare != OP_GE))
        return NULL;
    if ((bound == LEAST) == (step > 0))
        return hoist(p, loop->operands[FOR_BEGIN], bound, depth);
    Value *end = hoist(p, loop->operands[FOR_END], bound, depth);
    if (!end || compare == OP_LE || compare == OP_GE)
        return end;
    Builder b = builder_before(p->op);
    int64_t known;
    if (value_is_integer(end, &known))
        return build_int(&b, end->type, known - (step > 0 ? 1 : -1));
    return build_binary(&b, step > 0 ? OP_SUB : OP_ADD, end,
                        build_int(&b, end->type, 1));
}

// What an operation on signed integers gives for constants; false: not known.
static bool fold(const Op *op, Value *const *operands, int64_t *result) {
    enum { LARGE = 1 << 30 };
    int64_t x, y = 0;
    if (op->operand_count == 0 || !value_is_integer(operands[0], &x) ||
        (op->operand_count > 1 && !value_is_integer(operands[1], &y)) ||
        x > LARGE || x < -LARGE || y > LARGE || y < -LARGE)
        return false;
    *result = op->kind == OP_ADD   ? x + y
              : op->kind == OP_SUB ? x - y
              : op->kind == OP_MUL ? x * y
                                   : x;
    return (op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL ||
            op->kind == OP_CAST) &&
           type_is_integer(op->results[0]->type) &&
           type_is_signed(op->results[0]->type) && *result <= LARGE &&
           *result >= -LARGE;
}

// The value, or a copy of its computation, usable before the place; NULL where
// it depends on something that is not there yet.
static Value *hoist(const Place *p, Value *value, Bound bound, int depth) {
    if (carry_visible(p->c, value, p->op->parent))
        return value;
    const Op *loop = value->op ? NULL : value->region->parent;
    if (bound != EXACT && loop && loop->kind == OP_FOR &&
        value == loop_index(loop) && depth)
        return bound_of_index(p, loop, bound, depth - 1);
    if (!is_movable(value->op) || depth == 0)
        return NULL;
    const Op *op = value->op;
    Op *copy = op_create(p->c->d->function, op->kind, op->operand_count, 1, 0);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Bound wanted = bound;
        copy->operands[i] = bound_of_operand(op, i, &wanted)
                                ? hoist(p, op->operands[i], wanted, depth - 1)
                                : NULL;
        if (!copy->operands[i])
            return NULL;
    }
    int64_t known;
    Builder b = builder_before(p->op);
    if (bound != EXACT && fold(op, copy->operands, &known))
        return build_int(&b, value->type, known);
    op_set_result(copy, p->c->d->function, 0, value->type, value->name);
    return builder_insert(&b, copy)->results[0];
}

// A loop's trip count before the place, or an upper bound of it; NULL where it
// varies behind it.
static Value *nest_trips(const Place *p, const Op *loop) {
    int64_t step;
    if (loop->kind != OP_FOR)
        return NULL;
    Value *operands[3];
    bool up = loop_constant_step(loop, &step) && step > 0;
    for (int i = FOR_BEGIN; i <= FOR_STEP; i++) {
        Value *value = loop->operands[i];
        operands[i] = hoist(p, value, EXACT, DEPTH);
        if (!operands[i] && p->loose && i != FOR_STEP)
            operands[i] =
                hoist(p, value, (i == FOR_BEGIN) == up ? LEAST : MOST, DEPTH);
        if (!operands[i])
            return NULL;
    }
    Op described = *loop;
    described.operands = operands;
    Builder b = builder_before(p->op);
    return loop_build_trip_count(&b, &described);
}

// Finds the trip counts before the place, an ancestor of the nest or its
// outermost loop; false, changing nothing, where they are not known there. With
// `small`, bounds of them will do that are constants and not large.
static bool place_nest(Carry *c, Nest *nest, Op *place, bool small) {
    Value *trips[MOST_LOOPS];
    Place p = {c, place, nest->shared || small};
    int64_t elements = 1, count;
    if (nest->loops.count > MOST_LOOPS)
        return false;
    for (size_t i = 0; i < nest->loops.count; i++) {
        trips[i] = nest_trips(&p, nest->loops.items[i]);
        if (!trips[i])
            return false;
        if (!small)
            continue;
        if (!value_is_integer(trips[i], &count) || count < 1 || count > FEW ||
            (elements *= count) > FEW)
            return false;
    }
    for (size_t i = 0; i < nest->loops.count; i++)
        nest->trips[i] = trips[i];
    nest->place = place;
    return true;
}

static void leave_outermost(Nest *nest) {
    nest->loops.count--;
    for (size_t i = 0; i < nest->loops.count; i++)
        nest->loops.items[i] = nest->loops.items[i + 1];
}

const Nest *nest_find(Carry *c, const Region *region) {
    Nest *nest = ptrmap_get(c->nests, region);
    if (nest)
        return nest;
    nest = arena_new(c->d->arena, Nest);
    Vec(Op *) inward = {0};
    const Region *r = region;
    for (; r->parent && !carry_is_shared(c, r); r = r->parent->parent)
        if (r->parent->kind != OP_IF)
            vec_push(c->d->arena, &inward, r->parent);
    for (size_t i = inward.count; i-- > 0;)
        vec_push(c->d->arena, &nest->loops, inward.items[i]);
    nest->in_loop = inward.count > 0;
    nest->shared = r->parent != NULL;
    nest->trips = arena_array(c->d->arena, Value *, inward.count);
    while (nest->loops.count &&
           !place_nest(c, nest, nest->loops.items[0], false) &&
           !place_nest(c, nest, nest->loops.items[0], true))
        leave_outermost(nest);
    bool whole = nest->loops.count == inward.count;
    while (whole && nest->in_loop && r->parent &&
           place_nest(c, nest, r->parent, false))
        r = r->parent->parent;
    nest->on_tape = !whole || c->d->split;
    ptrmap_set(c->nests, region, nest);
    return nest;
}

// ---- Loops in which a value does not vary -----------------------------------

// The same in all iterations of the loop, for the same numbers of the loops
// inside it. (In a rectangular nest their indices follow from those.)
static bool is_steady(const Op *loop, const Value *value, int depth) {
    const Region *body = loop->regions[0];
    if (!region_contains(body, value_region(value)))
        return true;
    const Op *op = value->op;
    if (!op)
        return value->region != body && value->index == 0 &&
               value->region->parent->kind == OP_FOR;
    if (depth == 0 || op->region_count ||
        !(op_info(op->kind)->flags & OPF_PURE))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_steady(loop, op->operands[i], depth - 1))
            return false;
    return true;
}

// A pointer that leads nowhere known is taken to lead anywhere.
static bool share_object(const Carry *c, const Value *a, const Value *b) {
    const MemObject *const *ignored;
    return memory_targets(c->memory, a, &ignored) == 0 ||
           memory_targets(c->memory, b, &ignored) == 0 ||
           memory_share_object(c->memory, a, b);
}

bool nest_writes_object(const Carry *c, const Region *region,
                        const Value *address) {
    for (const Op *op = region->first; op; op = op->next) {
        bool writes = op_info(op->kind)->flags & OPF_WRITES;
        if (op->kind == OP_CALL || (writes && op->kind != OP_PUSH &&
                                    share_object(c, op->operands[0], address)))
            return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (nest_writes_object(c, op->regions[r], address))
                return true;
    }
    return false;
}

bool nest_varies_in(const Carry *c, const Op *loop, const Value *value) {
    const Op *load = value->op;
    return !load || load->kind != OP_LOAD || loop->kind != OP_FOR ||
           !is_steady(loop, load->operands[0], 12) ||
           nest_writes_object(c, loop->regions[0], load->operands[0]);
}

// What a matrix product reads again for each row need not be kept for each row:
// all iterations of such a loop keep the same value in the same place.
const Nest *nest_of_value(Carry *c, const Value *value) {
    const Nest *nest = nest_find(c, value_region(value));
    if (nest->loops.count < 2)
        return nest;
    Nest *reduced = arena_new(c->d->arena, Nest);
    *reduced = *nest;
    reduced->reduced = true;
    reduced->loops.count = 0;
    reduced->loops.capacity = 0;
    reduced->trips = arena_array(c->d->arena, Value *, nest->loops.count);
    for (size_t i = 0; i < nest->loops.count; i++) {
        if (!nest_varies_in(c, nest->loops.items[i], value))
            continue;
        reduced->trips[reduced->loops.count] = nest->trips[i];
        vec_push(c->d->arena, &reduced->loops, nest->loops.items[i]);
    }
    size_t kept = reduced->loops.count;
    return kept == 0 || kept == nest->loops.count ? nest : reduced;
}

// simplify_control.c - ifs and loops that are decided already, results that are
// the same whichever way control takes, carried values that never change.
// Part of the pass `simplify`; see simplify.h.
#include "optimize/simplify.h"

static bool is_empty(const Region *region) {
    return region->first == region->last;
}

// Whether the value is there outside of the operation's regions.
static bool is_outside(const Op *op, const Value *value) {
    for (uint32_t r = 0; r < op->region_count; r++)
        if (region_contains(op->regions[r], value_region(value)))
            return false;
    return true;
}

// The region runs exactly once, in place of the operation. Its operations have
// not been walked over; answers where the walk goes on.
static Op *splice(Simplify *s, Op *op, Region *region) {
    Op *end = region_terminator(region);
    Op *first = region->first == end ? op->next : region->first;
    for (uint32_t i = 0; i < op->result_count; i++)
        simplify_replace(s, op->results[i], end->operands[i]);
    while (region->first != end) {
        Op *moved = region->first;
        Builder b = builder_before(op);
        op_move(&b, moved);
    }
    op_remove(op);
    s->changed = true;
    return first;
}

static Value *copy_constant(Op *before, const Value *constant) {
    Builder b = builder_before(before);
    Op *copy = op_create(b.function, OP_CONST, 0, 1, 0);
    copy->as = constant->op->as;
    op_set_result(copy, b.function, 0, constant->type, NULL);
    builder_insert(&b, copy);
    copy->adjoint = constant->op->adjoint;
    return copy->results[0];
}

// ---- if ---------------------------------------------------------------------

static bool is_undef(const Value *value) {
    return value->op && value->op->kind == OP_UNDEF;
}

// What the i-th result is whichever branch is taken, or NULL.
static Value *common_result(Op *op, uint32_t i) {
    Value *yes = region_terminator(op->regions[IF_THEN])->operands[i];
    Value *no = region_terminator(op->regions[IF_ELSE])->operands[i];
    Value *condition = op->operands[0];
    if (yes == no)
        return yes;
    if (constant_same(yes, no))
        return copy_constant(op, yes);
    if (is_undef(no) && is_outside(op, yes))
        return yes;
    if (is_undef(yes) && is_outside(op, no))
        return no;
    if (constant_is(yes, 1) && constant_is(no, 0) &&
        type_equal(yes->type, condition->type) && value_is_boolean(condition))
        return condition;
    return NULL;
}

static void join_results(Simplify *s, Op *op) {
    bool *keep = arena_array(s->map.arena, bool, op->result_count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < op->result_count; i++) {
        Value *common = common_result(op, i);
        keep[i] = !common;
        kept += keep[i];
        if (common)
            simplify_replace(s, op->results[i], common);
    }
    if (kept < op->result_count)
        if_keep_results(op, keep);
}

Op *simplify_if(Simplify *s, Op *op) {
    Op *next = op->next;
    bool holds;
    if (constant_condition(op->operands[0], &holds))
        return splice(s, op, op->regions[holds ? IF_THEN : IF_ELSE]);
    simplify_region(s, op->regions[IF_THEN]);
    simplify_region(s, op->regions[IF_ELSE]);
    join_results(s, op);
    if (op->result_count == 0 && is_empty(op->regions[IF_THEN]) &&
        is_empty(op->regions[IF_ELSE])) {
        op_remove(op);
        s->changed = true;
    }
    return next;
}

// ---- Carried values that never change ---------------------------------------

// Which carried value has this parameter of the body; the count for none.
static uint32_t carried_index(const Op *loop, const Value *value) {
    if (value->op || value->region != loop_body(loop) ||
        value == loop_index(loop))
        return loop_carried_count(loop);
    return value->index - (loop->kind == OP_FOR);
}

static bool same_value(const Value *a, const Value *b) {
    return a == b || constant_same(a, b);
}

// Whether the next value is the initial one, if all those are that are marked.
static bool stays(const Simplify *s, const Op *loop, uint32_t i,
                  const bool *marked) {
    Value *next = simplify_resolve(s, loop_next(loop, i));
    if (same_value(next, loop_initial(loop, i)))
        return true;
    uint32_t from = carried_index(loop, next);
    return from < loop_carried_count(loop) && marked[from] &&
           same_value(loop_initial(loop, from), loop_initial(loop, i));
}

// Marks as many as possible together: values that are swapped, for example.
static bool find_unchanging(const Simplify *s, const Op *loop, bool *marked) {
    uint32_t count = loop_carried_count(loop), left = count;
    for (uint32_t i = 0; i < count; i++)
        marked[i] = true;
    for (bool changed = true; changed && left;) {
        changed = false;
        for (uint32_t i = 0; i < count; i++)
            if (marked[i] && !stays(s, loop, i, marked)) {
                marked[i] = false;
                changed = true;
                left--;
            }
    }
    return left > 0;
}

static bool drop_unchanging(Simplify *s, Op *loop) {
    uint32_t count = loop_carried_count(loop);
    bool *marked = arena_array(s->map.arena, bool, count);
    if (count == 0 || !find_unchanging(s, loop, marked))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        Value *initial = loop_initial(loop, i);
        if (marked[i]) {
            simplify_replace(s, loop_param(loop, i), initial);
            simplify_replace(s, loop->results[i], initial);
            if (loop->kind == OP_WHILE)
                simplify_replace(s, loop->regions[WHILE_CONDITION]->params[i],
                                 initial);
        }
        marked[i] = !marked[i]; // from here on: to keep
    }
    loop_keep_carried(loop, marked);
    return true;
}

// ---- Loops that never run, or once ------------------------------------------

static bool never_runs(const Op *loop) {
    bool holds;
    int64_t count;
    if (loop->kind == OP_FOR)
        return loop_constant_trip_count(loop, &count) && count == 0;
    const Op *end = region_terminator(loop->regions[WHILE_CONDITION]);
    return constant_condition(end->operands[0], &holds) && !holds;
}

// for (j = 0; j < 1; j++), as for vectors that are matrices of one column. Not
// where the loop has a mark of its own.
static bool counts_to_one(const Op *loop) {
    int64_t count;
    return !loop->as.loop.info && loop_constant_trip_count(loop, &count) &&
           count == 1;
}

// Or do { ... } while (0): the condition is a carried value, first 1, then 0.
static bool runs_once(const Simplify *s, const Op *loop) {
    if (loop->kind == OP_FOR)
        return counts_to_one(loop);
    const Region *region = loop->regions[WHILE_CONDITION];
    const Value *condition = region_terminator(region)->operands[0];
    bool first, second;
    if (condition->op || condition->region != region)
        return false;
    Value *next = loop_next(loop, condition->index);
    return constant_condition(loop_initial(loop, condition->index), &first) &&
           constant_condition(simplify_resolve(s, next), &second) && first &&
           !second;
}

static void replace_results(Simplify *s, Op *loop) {
    for (uint32_t i = 0; i < loop->result_count; i++)
        simplify_replace(s, loop->results[i], loop_initial(loop, i));
    op_remove(loop);
    s->changed = true;
}

static Op *unroll_once(Simplify *s, Op *loop) {
    for (uint32_t i = 0; i < loop->result_count; i++)
        simplify_replace(s, loop_param(loop, i), loop_initial(loop, i));
    if (loop->kind == OP_FOR)
        simplify_replace(s, loop_index(loop), loop->operands[FOR_BEGIN]);
    return splice(s, loop, loop_body(loop));
}

Op *simplify_loop(Simplify *s, Op *op) {
    Op *next = op->next;
    if (runs_once(s, op))
        return unroll_once(s, op);
    do {
        while (drop_unchanging(s, op))
            continue;
        for (uint32_t r = 0; r < op->region_count && !never_runs(op); r++)
            simplify_region(s, op->regions[r]);
        if (never_runs(op)) {
            replace_results(s, op);
            return next;
        }
    } while (drop_unchanging(s, op));
    if (op->kind == OP_FOR && op->result_count == 0 &&
        is_empty(op->regions[0])) {
        op_remove(op);
        s->changed = true;
    }
    return next;
}

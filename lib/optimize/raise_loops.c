// raise_loops.c - while loops that count become for loops. Reads and changes: a
// function. A loop counts where its condition compares a carried integer, or
// pointer, with something that the loop does not change, and each iteration
// adds a constant to it:
//
//     while carry (i = 0) { condition i < n } { ...; yield i + 1 }
//     for i = 0, n, 1 { ... }
//
// The condition runs at least once, so that what it compares with can be
// computed in front of the loop, loads included. A step must lead towards the
// end; with != it must be 1 or -1. A constant beside the counter (i + 1 < n)
// goes to the end. induction.c then takes the other counters.
#include "optimize/raise.h"

// ---- Recognising ------------------------------------------------------------

// A while loop that counts: `carried <compare> end`, then carried += step.
typedef struct Counted {
    Op *loop;
    uint32_t carried; // which of the loop's values
    const Type *type; // in which it is compared
    OpKind compare;
    Value *end; // NULL: zero
    int64_t step;
    int64_t offset; // carried + offset <compare> end
    bool is_do;     // the next value is compared, after the iteration
} Counted;

static OpKind swapped(OpKind compare) {
    return compare == OP_LT   ? OP_GT
           : compare == OP_LE ? OP_GE
           : compare == OP_GT ? OP_LT
           : compare == OP_GE ? OP_LE
                              : compare;
}

static OpKind inverted(OpKind compare) {
    return compare == OP_LT   ? OP_GE
           : compare == OP_LE ? OP_GT
           : compare == OP_GT ? OP_LE
           : compare == OP_GE ? OP_LT
           : compare == OP_EQ ? OP_NE
                              : OP_EQ;
}

// Which carried value this is in the condition, under casts that keep it.
static bool find_carried(const Op *loop, const Value *value,
                         uint32_t *carried) {
    while (value->op && value->op->kind == OP_CAST &&
           type_is_integer(value->op->operands[0]->type) &&
           type_is_integer(value->type) &&
           value->type->kind >= value->op->operands[0]->type->kind)
        value = value->op->operands[0];
    *carried = value->index;
    return value->region == loop->regions[WHILE_CONDITION] &&
           (type_is_integer(value->type) || type_is_pointer(value->type));
}

bool raise_find_step(const Value *param, const Value *next, Value **step,
                     bool *minus) {
    const Op *op = next->op;
    if (!op ||
        (op->kind != OP_ADD && op->kind != OP_SUB && op->kind != OP_INDEX))
        return false;
    *minus = op->kind == OP_SUB;
    bool second = op->kind == OP_ADD && op->operands[1] == param;
    *step = op->operands[second ? 0 : 1];
    return op->operands[second ? 1 : 0] == param;
}

static bool constant_step(const Op *loop, uint32_t carried, int64_t *step) {
    Value *value;
    bool minus;
    if (!raise_find_step(loop_param(loop, carried), loop_next(loop, carried),
                         &value, &minus) ||
        !value_is_integer(value, step) || *step == 0 || *step == INT64_MIN)
        return false;
    if (value->type->kind == TYPE_UINT && *step > INT32_MAX)
        *step -= INT64_C(1) << 32; // i + 4294967295u is i - 1
    if (minus)
        *step = -*step;
    return true;
}

static bool can_hoist(const Raiser *r, const Op *loop, const Value *value) {
    if (loop_is_invariant(loop, value))
        return true;
    const Op *op = value->op;
    if (!op || op->region_count)
        return false;
    if (op->kind == OP_LOAD
            ? memory_op_may_write(r->memory, loop, op->operands[0])
            : !(op_info(op->kind)->flags & OPF_PURE))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!can_hoist(r, loop, op->operands[i]))
            return false;
    return true;
}

static bool leads_to_end(OpKind compare, int64_t step) {
    if (compare == OP_LT || compare == OP_LE)
        return step > 0;
    if (compare == OP_GT || compare == OP_GE)
        return step < 0;
    return compare == OP_NE && (step == 1 || step == -1);
}

// i + 1 < end, i + 4 <= end: what is added, where i + offset < end says the
// same and overflows only where the source does; likewise downwards. Not of an
// unsigned type that may wrap around: that takes steps of 1 from a constant.
static bool match_offset(Counted *c, Value *left) {
    const Op *op = left->op;
    int64_t begin;
    if (!op || (op->kind != OP_ADD && op->kind != OP_SUB) ||
        !type_is_integer(left->type) ||
        !value_is_integer(op->operands[1], &c->offset) ||
        c->offset > INT32_MAX || c->offset < -INT32_MAX ||
        !find_carried(c->loop, op->operands[0], &c->carried))
        return false;
    const Value *param = loop_param(c->loop, c->carried);
    if (op->kind == OP_SUB)
        c->offset = -c->offset;
    if (!type_is_integer(param->type) ||
        (!type_is_signed(left->type) &&
         !(c->offset > 0 && constant_step(c->loop, c->carried, &c->step) &&
           c->step == 1 &&
           value_is_integer(loop_initial(c->loop, c->carried), &begin) &&
           begin >= 0 && begin <= INT32_MAX)))
        return false;
    if (c->compare == OP_LE || c->compare == OP_GE) {
        c->offset -= c->compare == OP_LE ? 1 : -1;
        c->compare = c->compare == OP_LE ? OP_LT : OP_GT;
        return c->compare == OP_LT ? c->offset >= 0 : c->offset <= 0;
    }
    return c->compare == OP_LT ? c->offset > 0
                               : c->compare == OP_GT && c->offset < 0;
}

// Looks at `left <compare> right` with the counter on the left.
static bool match_sides(const Raiser *r, Counted *c, Value *left,
                        Value *right) {
    if ((!find_carried(c->loop, left, &c->carried) &&
         !(right && match_offset(c, left))) ||
        (right && !can_hoist(r, c->loop, right)) ||
        !constant_step(c->loop, c->carried, &c->step) ||
        !leads_to_end(c->compare, c->step))
        return false;
    c->type = left->type;
    c->end = right;
    return true;
}

static bool match_next(const Raiser *r, Counted *c, const Value *next,
                       Value *end) {
    for (uint32_t i = 0; i < loop_carried_count(c->loop); i++) {
        if (loop_next(c->loop, i) != next || !type_is_integer(next->type) ||
            !constant_step(c->loop, i, &c->step) ||
            !leads_to_end(c->compare, c->step) || c->compare == OP_NE ||
            !can_hoist(r, c->loop, end))
            continue;
        c->carried = i;
        c->type = next->type;
        c->end = end;
        return true;
    }
    return false;
}

// A do loop carries a flag: what it compared at the end of the last iteration.
static bool match_do(const Raiser *r, Op *loop, Counted *c) {
    const Value *flag =
        region_terminator(loop->regions[WHILE_CONDITION])->operands[0];
    int64_t initial;
    *c = (Counted){.loop = loop, .is_do = true};
    if (flag->region != loop->regions[WHILE_CONDITION] ||
        !value_is_integer(loop_initial(loop, flag->index), &initial) ||
        !initial)
        return false;
    const Op *op = loop_next(loop, flag->index)->op;
    if (!op || !(op_info(op->kind)->flags & OPF_COMPARES))
        return false;
    c->compare = op->kind;
    if (match_next(r, c, op->operands[0], op->operands[1]))
        return true;
    c->compare = swapped(op->kind);
    return match_next(r, c, op->operands[1], op->operands[0]);
}

static bool match(const Raiser *r, Op *loop, Counted *c) {
    if (match_do(r, loop, c))
        return true;

    *c = (Counted){.loop = loop};
    Value *condition =
        region_terminator(loop->regions[WHILE_CONDITION])->operands[0];
    bool negated = false;
    while (condition->op && condition->op->kind == OP_LNOT &&
           type_is_integer(condition->op->operands[0]->type)) {
        condition = condition->op->operands[0];
        negated = !negated;
    }
    const Op *op = condition->op;
    if (!op || !(op_info(op->kind)->flags & OPF_COMPARES)) {
        c->compare = OP_NE;
        return !negated && type_is_integer(condition->type) &&
               match_sides(r, c, condition, NULL);
    }
    if (negated && type_is_float(op->operands[0]->type))
        return false;
    OpKind compare = negated ? inverted(op->kind) : op->kind;
    c->compare = compare;
    if (match_sides(r, c, op->operands[0], op->operands[1]))
        return true;
    c->compare = swapped(compare);
    c->offset = 0;
    return match_sides(r, c, op->operands[1], op->operands[0]);
}

// ---- Building ---------------------------------------------------------------

// The operands of the for loop, and how the counter follows from its index.
typedef struct Count {
    Value *begin, *end, *step;
    bool by_pointer; // the counter is initial + index
} Count;

// An int counter from 0 or more against an unsigned end that is wider: if it
// were to count beyond its type it would overflow, so it can be compared as
// int.
static bool can_narrow(const Counted *c) {
    int64_t begin;
    const Value *initial = loop_initial(c->loop, c->carried);
    return type_is_signed(initial->type) && !type_is_signed(c->type) &&
           c->step > 0 && value_is_integer(initial, &begin) && begin >= 0;
}

// The first iteration runs in any case: where the loop would end after it, it
// ends as close behind the first index as can be.
static Value *end_of_do(Builder *b, const Counted *c, Value *end) {
    Value *begin = loop_initial(c->loop, c->carried);
    const Type *type = begin->type;
    Value *second =
        build_binary(b, OP_ADD, begin, build_wrapped(b, type, c->step));
    int64_t past = c->compare == OP_LT ? 1 : c->compare == OP_GT ? -1 : 0;
    Value *close = begin;
    if (past)
        close = build_binary(b, OP_ADD, begin, build_wrapped(b, type, past));
    return build_select(b, build_binary(b, c->compare, second, end), end,
                        close);
}

// Where the loop runs at all, the difference does not overflow.
static Value *end_without_offset(Builder *b, const Counted *c, Value *end) {
    Value *begin = build_cast(b, c->type, loop_initial(c->loop, c->carried));
    Value *offset = build_wrapped(b, c->type, c->offset);
    Value *first = build_binary(b, OP_ADD, begin, offset);
    Value *runs = build_binary(b, c->compare, first, end);
    Value *less = build_binary(b, OP_SUB, end, offset);
    return build_select(b, runs, less, begin);
}

static Count build_count(Raiser *r, Builder *b, const Counted *c) {
    Count n = {0};
    Value *initial = loop_initial(c->loop, c->carried);
    n.by_pointer = type_is_pointer(c->type);
    n.end = c->end ? hoist_value(b, c->loop, c->end) : NULL;
    const Type *type = c->type;
    if (c->offset)
        n.end = end_without_offset(b, c, n.end);
    if (n.by_pointer) {
        type = type_scalar(r->function->module, TYPE_LONG);
        n.begin = build_int(b, type, 0);
        n.end = build_binary(b, OP_PTRDIFF, n.end, initial);
    } else if (c->is_do) {
        n.begin = initial;
        n.end = end_of_do(b, c, n.end);
    } else if (can_narrow(c)) {
        type = initial->type;
        n.begin = initial;
        n.end = build_cast(b, type, n.end);
    } else {
        n.begin = build_cast(b, type, initial);
        n.end = n.end ? n.end : build_int(b, type, 0);
    }
    n.step = build_wrapped(b, type, c->step);
    return n;
}

// The loop's own region takes over the operations of the while loop's body.
static void move_body(Region *from, Region *to) {
    to->first = from->first;
    to->last = from->last;
    for (Op *op = to->first; op; op = op->next)
        op->parent = to;
}

static void drop_yield(Op *yield, uint32_t dropped) {
    for (uint32_t i = dropped; i + 1 < yield->operand_count; i++)
        yield->operands[i] = yield->operands[i + 1];
    yield->operand_count--;
}

static Op *build_loop(Raiser *r, Builder *b, const Counted *c,
                      const Count *count) {
    Op *old = c->loop;
    uint32_t carried = loop_carried_count(old), kept = 0;
    Value **initial = arena_array(r->arena, Value *, carried);
    for (uint32_t i = 0; i < carried; i++)
        if (i != c->carried)
            initial[kept++] = loop_initial(old, i);
    const char *name = loop_param(old, c->carried)->name;
    Op *loop = build_for(b, count->begin, count->end, count->step, c->compare,
                         initial, kept, count->by_pointer ? NULL : name);
    loop->as.loop.info = old->as.loop.info;
    kept = 0;
    for (uint32_t i = 0; i < carried; i++) {
        if (i == c->carried)
            continue;
        loop->regions[0]->params[kept + 1]->name = loop_param(old, i)->name;
        loop->results[kept]->name = old->results[i]->name;
        valuemap_set(&r->map, loop_param(old, i),
                     loop->regions[0]->params[kept + 1]);
        valuemap_set(&r->map, old->results[i], loop->results[kept]);
        if (!raise_uses(r, old->results[i]))
            ptrmap_set(r->unused, loop->results[kept], loop);
        kept++;
    }
    return loop;
}

// With a step of 1: the end (the one after it, where it counts), unless the
// loop started there.
Value *raise_build_last(Builder *b, const Op *loop, int64_t step) {
    Value *begin = loop->operands[FOR_BEGIN], *end = loop->operands[FOR_END];
    OpKind compare = loop->as.loop.compare;
    if (compare == OP_NE)
        return end;
    if (step == 1 || step == -1) {
        if (compare == OP_LE || compare == OP_GE)
            end = build_binary(b, OP_ADD, end, loop->operands[FOR_STEP]);
        Value *runs = build_binary(b, compare, begin, loop->operands[FOR_END]);
        return build_select(b, runs, end, begin);
    }
    Value *trips = build_cast(b, begin->type, loop_build_trip_count(b, loop));
    Value *way = build_binary(b, OP_MUL, trips, loop->operands[FOR_STEP]);
    return build_binary(b, OP_ADD, begin, way);
}

// The counter in terms of the index, at b.
static Value *build_counter(Builder *b, const Counted *c, Value *index) {
    Value *initial = loop_initial(c->loop, c->carried);
    if (type_is_pointer(initial->type))
        return build_index(b, initial, index);
    return build_cast(b, initial->type, index);
}

static Op *raise(Raiser *r, const Counted *c) {
    Op *old = c->loop;
    Builder b = builder_before(old);
    Count count = build_count(r, &b, c);
    Op *loop = build_loop(r, &b, c, &count);
    Region *body = loop->regions[0];
    Value *param = loop_param(old, c->carried),
          *last = old->results[c->carried];
    move_body(old->regions[WHILE_BODY], body);
    drop_yield(region_terminator(body), c->carried);
    Builder inside = builder_before(body->first);
    inside.origin = NULL;
    valuemap_set(&r->map, param, build_counter(&inside, c, body->params[0]));
    if (raise_uses(r, last)) {
        Builder after = builder_before(old);
        Value *index = raise_build_last(&after, loop, c->step);
        valuemap_set(&r->map, last, build_counter(&after, c, index));
    }
    op_remove(old);
    remap_region(body, &r->map);
    r->changed = true;
    return loop;
}

// ---- The pass ---------------------------------------------------------------

uint32_t raise_uses(const Raiser *r, const Value *value) {
    if (value->id < r->use_count)
        return r->uses[value->id];
    return ptrmap_has(r->unused, value) ? 0 : 1;
}

// The operation that stands there afterwards.
static Op *visit_op(Raiser *r, Op *op) {
    Counted counted;
    Op *rotated = op->kind == OP_WHILE ? raise_rotate(r, op) : NULL;
    if (rotated)
        op = rotated;
    if (op->kind == OP_WHILE && match(r, op, &counted))
        op = raise(r, &counted);
    if (op->kind == OP_FOR && raise_induction(r, op))
        remap_region(op->regions[0], &r->map);
    return op;
}

// Results are mapped before the operations that use them are visited, so that
// nothing refers to a loop that is gone.
static void visit_region(Raiser *r, Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            while (valuemap_get(&r->map, op->operands[i]))
                op->operands[i] = valuemap_get(&r->map, op->operands[i]);
        for (uint32_t i = 0; i < op->region_count; i++)
            visit_region(r, op->regions[i]);
        op = visit_op(r, op);
    }
}

bool pass_raise_loops(Function *function) {
    Arena *arena = function->module->arena;
    Raiser r = {.function = function, .arena = arena};
    r.memory = memory_analyse(arena, function);
    r.uses = count_uses(arena, function);
    r.use_count = function->value_count;
    r.unused = ptrmap_create(arena);
    valuemap_init(&r.map, arena, function);
    visit_region(&r, function->body);
    return r.changed;
}

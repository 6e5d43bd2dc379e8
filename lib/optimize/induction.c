// induction.c - counters that run along with a for loop's index are computed
// from it: k = k0 + t * c where t is the number of the iteration and c what
// each iteration adds, for integers and for pointers that walk (then the
// address keeps its structure: p[i]). Such values need not be carried, and
// reverse mode can recompute them. Floating sums stay as they are.
#include "optimize/raise.h"

typedef struct Counter {
    Value *initial, *step; // what each iteration adds (subtracts)
    bool minus;
} Counter;

static bool never_traps(const Op *op) {
    return (op_info(op->kind)->flags & OPF_PURE) && op->kind != OP_DIV &&
           op->kind != OP_REM && op->kind != OP_UNDEF;
}

static bool can_hoist(const Op *loop, const Value *value, int depth) {
    if (loop_is_invariant(loop, value))
        return true;
    if (!value->op || depth == 0 || !never_traps(value->op))
        return false;
    for (uint32_t i = 0; i < value->op->operand_count; i++)
        if (!can_hoist(loop, value->op->operands[i], depth - 1))
            return false;
    return true;
}

// ---- Small arithmetic, folded as it is built --------------------------------

static Value *multiply(Builder *b, Value *x, Value *y) {
    int64_t p, q;
    if (value_is_one(x))
        return y;
    if (value_is_one(y))
        return x;
    if (value_is_integer(x, &p) && value_is_integer(y, &q) && p >= INT32_MIN &&
        p <= INT32_MAX && q >= -1 && q <= 1)
        return build_wrapped(b, x->type, p * q);
    return build_binary(b, OP_MUL, x, y);
}

static Value *offset(Builder *b, const Counter *counter, Value *distance) {
    Value *initial = counter->initial;
    if (type_is_pointer(initial->type))
        return build_index(b, initial, distance);
    if (counter->minus)
        return build_binary(b, OP_SUB, initial, distance);
    if (value_is_zero(initial))
        return distance;
    if (value_is_zero(distance))
        return initial;
    return build_binary(b, OP_ADD, initial, distance);
}

// ---- The number of the iteration --------------------------------------------

// (i - begin) / step, without what is trivial.
static Value *build_iteration(Builder *b, const Op *loop, Value *index,
                              int64_t step) {
    Value *begin = loop->operands[FOR_BEGIN];
    Value *distance = index;
    if (step < 0)
        distance = build_binary(b, OP_SUB, begin, index);
    else if (!value_is_zero(begin))
        distance = build_binary(b, OP_SUB, index, begin);
    int64_t size = step < 0 ? -step : step;
    if (size == 1)
        return distance;
    return build_binary(b, OP_DIV, distance,
                        build_int(b, distance->type, size));
}

static Value *build_all_iterations(Builder *b, const Op *loop, int64_t step) {
    if (step != 1 && step != -1)
        return loop_build_trip_count(b, loop);
    return build_iteration(b, loop, raise_build_last(b, loop, step), step);
}

// initial + t * step, with the iteration's number of any integer type.
static Value *build_value(Builder *b, const Counter *counter, Value *t) {
    const Type *type = counter->step->type;
    if (type_is_pointer(counter->initial->type)) {
        if (value_is_one(counter->step))
            return offset(b, counter, t);
        const Type *wide = type_scalar(b->function->module, TYPE_LONG);
        Value *step = build_cast(b, wide, counter->step);
        return offset(b, counter, multiply(b, build_cast(b, wide, t), step));
    }
    return offset(b, counter,
                  multiply(b, build_cast(b, type, t), counter->step));
}

// ---- The loop ---------------------------------------------------------------

static bool is_wide(const Type *type) {
    return type_is_pointer(type) ||
           (type_is_integer(type) && type->kind >= TYPE_INT);
}

static void replace(Raiser *r, Op *loop, uint32_t i, Counter counter,
                    int64_t step) {
    Value *param = loop_param(loop, i), *result = loop->results[i];
    Region *body = loop_body(loop);
    Builder before = builder_before(loop), after = builder_after(loop);
    Builder inside = builder_before(body->first);
    inside.origin = NULL;
    counter.step = hoist_value(&before, loop, counter.step);
    Value *t = build_iteration(&inside, loop, loop_index(loop), step);
    Value *value = build_value(&inside, &counter, t);
    if (!value->name && value->op && !value_is_constant(value))
        value->name = param->name;
    valuemap_set(&r->map, param, value);
    if (raise_uses(r, result)) {
        Value *trips = build_all_iterations(&after, loop, step);
        valuemap_set(&r->map, result, build_value(&after, &counter, trips));
    }
    r->changed = true;
}

// Uses of the carried value but in its own next one.
static bool is_used(const Value *param, const Op *update,
                    const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; op != update && i < op->operand_count; i++)
            if (op->operands[i] == param)
                return true;
        for (uint32_t i = 0; i < op->region_count; i++)
            if (is_used(param, update, op->regions[i]))
                return true;
    }
    return false;
}

bool raise_induction(Raiser *r, Op *loop) {
    int64_t step;
    bool any = false;
    if (!loop_constant_step(loop, &step) || loop->as.loop.reversed)
        return false;
    for (uint32_t i = 0; i < loop_carried_count(loop); i++) {
        const Value *param = loop_param(loop, i);
        const Value *next = loop_next(loop, i);
        Counter counter = {.initial = loop_initial(loop, i)};
        if (is_wide(param->type) &&
            raise_find_step(param, next, &counter.step, &counter.minus) &&
            can_hoist(loop, counter.step, 4) &&
            (is_used(param, next->op, loop_body(loop)) ||
             raise_uses(r, loop->results[i]))) {
            replace(r, loop, i, counter, step);
            any = true;
        }
    }
    return any;
}

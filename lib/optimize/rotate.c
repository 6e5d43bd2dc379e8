// rotate.c - undoes what the front end does to a loop whose condition has an
// effect (while (n--), for (i = n; i-- > 0;)). Reads and changes: one loop.
//
//     while carry (i = n, more = 1) { condition more }
//         { c = i > 0; r = if c { ...; yield 1 } else { yield 0 }; yield i', r
//         }
//     while carry (i = n) { condition i > 0 } { ...; yield i' }, then i' once
//     more
//
// What stands outside the if must be pure or load: it runs in the condition,
// in the body, and once after the loop, each time as the loop did at its end.
#include "optimize/raise.h"

typedef struct Rotation {
    Op *loop, *branch; // the while, and the if that is its body
    uint32_t more;     // which carried value is the flag
} Rotation;

static bool is_flag(const Value *value, bool set) {
    int64_t number;
    return value_is_integer(value, &number) && (number != 0) == set;
}

static bool only_reads(const Region *region) {
    for (const Op *op = region->first; op; op = op->next)
        if (op->region_count ||
            (op_has_effect(op) && op != region_terminator(region)))
            return false;
    return true;
}

static bool uses(const Op *op, const Value *value) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (op->operands[i] == value)
            return true;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *o = op->regions[r]->first; o; o = o->next)
            if (uses(o, value))
                return true;
    return false;
}

// Finds the one if among operations that only read; none of them uses the flag.
static bool find_branch(Rotation *r, const Region *body) {
    const Value *flag = body->params[r->more];
    for (Op *op = body->first; op && op != body->last; op = op->next) {
        if (uses(op, flag))
            return false;
        if (op->kind == OP_IF && !r->branch)
            r->branch = op;
        else if (op->region_count || op_has_effect(op) ||
                 (r->branch && op_reads_memory(op)))
            return false;
    }
    return r->branch && only_reads(r->branch->regions[IF_ELSE]);
}

static bool match(Op *loop, Rotation *r) {
    const Region *condition = loop->regions[WHILE_CONDITION];
    const Value *flag = condition->last->operands[0];
    *r = (Rotation){.loop = loop};
    if (condition->first != condition->last || flag->region != condition ||
        !is_flag(loop_initial(loop, flag->index), true))
        return false;
    r->more = flag->index;
    if (!find_branch(r, loop_body(loop)))
        return false;
    const Value *next = loop_next(loop, r->more);
    if (next == r->branch->operands[0])
        return true;
    return next->op == r->branch &&
           is_flag(region_terminator(r->branch->regions[IF_THEN])
                       ->operands[next->index],
                   true) &&
           is_flag(region_terminator(r->branch->regions[IF_ELSE])
                       ->operands[next->index],
                   false);
}

// Copies what stands before the if, for the given values of the parameters.
static void clone_prefix(Builder *b, const Rotation *r, ValueMap *map) {
    for (const Op *op = loop_body(r->loop)->first; op != r->branch;
         op = op->next)
        clone_op(b, op, map);
}

static void map_results(const Op *branch, int region, ValueMap *map) {
    const Op *yield = region_terminator(branch->regions[region]);
    for (uint32_t i = 0; i < branch->result_count; i++)
        valuemap_set(map, branch->results[i],
                     valuemap_apply(map, yield->operands[i]));
}

// A way through the body: prefix, one branch, and what follows; at the end the
// map has the next values.
static void clone_way(Builder *b, const Rotation *r, int region,
                      ValueMap *map) {
    clone_prefix(b, r, map);
    clone_region_body(b, r->branch->regions[region], map);
    map_results(r->branch, region, map);
    const Op *end = region_terminator(loop_body(r->loop));
    for (const Op *op = r->branch->next; op != end; op = op->next)
        clone_op(b, op, map);
}

static void map_params(const Rotation *r, Value **values, ValueMap *map) {
    for (uint32_t i = 0, left = 0; i < loop_carried_count(r->loop); i++)
        if (i != r->more)
            valuemap_set(map, loop_param(r->loop, i), values[left++]);
}

static uint32_t kept_values(Raiser *raiser, const Rotation *r,
                            Value *(*value)(const Op *, uint32_t),
                            const ValueMap *map, Value ***values) {
    uint32_t count = loop_carried_count(r->loop), left = 0;
    *values = arena_array(raiser->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        if (i != r->more) {
            Value *one = value(r->loop, i);
            (*values)[left++] = map ? valuemap_apply(map, one) : one;
        }
    return left;
}

static Value *initial_of(const Op *loop, uint32_t i) {
    return loop_initial(loop, i);
}

static Value *next_of(const Op *loop, uint32_t i) { return loop_next(loop, i); }

static Op *build_rotated(Raiser *raiser, const Rotation *r) {
    Value **values;
    Builder b = builder_before(r->loop);
    uint32_t count = kept_values(raiser, r, initial_of, NULL, &values);
    Op *loop = build_while(&b, values, count);
    loop->as.loop.info = r->loop->as.loop.info;
    ValueMap map;
    valuemap_init(&map, raiser->arena, raiser->function);
    Builder condition = builder_at_end(loop->regions[WHILE_CONDITION]);
    condition.origin = r->loop->origin;
    map_params(r, condition.region->params, &map);
    clone_prefix(&condition, r, &map);
    build_condition(&condition, valuemap_apply(&map, r->branch->operands[0]));
    Builder body = builder_at_end(loop->regions[WHILE_BODY]);
    body.origin = r->loop->origin;
    map_params(r, body.region->params, &map);
    clone_way(&body, r, IF_THEN, &map);
    kept_values(raiser, r, next_of, &map, &values);
    build_yield(&body, values, count);
    return loop;
}

// Names and the values after the loop: one more way, past the if.
static void finish(Raiser *raiser, const Rotation *r, Op *loop) {
    ValueMap map;
    Builder after = builder_after(loop);
    valuemap_init(&map, raiser->arena, raiser->function);
    map_params(r, loop->results, &map);
    clone_way(&after, r, IF_ELSE, &map);
    for (uint32_t i = 0, left = 0; i < loop_carried_count(r->loop); i++) {
        Value *old = r->loop->results[i];
        Value *last = valuemap_apply(&map, loop_next(r->loop, i));
        if (i == r->more)
            last = build_int(&after, old->type, 0);
        valuemap_set(&raiser->map, old, last);
        if (i == r->more)
            continue;
        loop->results[left]->name = old->name;
        for (uint32_t g = 0; g < loop->region_count; g++)
            loop->regions[g]->params[left]->name = loop_param(r->loop, i)->name;
        left++;
    }
}

Op *raise_rotate(Raiser *raiser, Op *loop) {
    Rotation r;
    if (!match(loop, &r))
        return NULL;
    Op *rotated = build_rotated(raiser, &r);
    finish(raiser, &r, rotated);
    op_remove(loop);
    raiser->changed = true;
    return rotated;
}

// plan.c - store or recompute: for each primal value that the reverse sweep
// needs, how it gets there. Changes nothing but c->plans and c->stored.
//
// The rule today: what cannot be repeated (a math function, a load whose memory
// changes, a loop's state) is stored; the rest is recomputed where that is
// cheap, given what is there already. A minimum cut over bytes and work can
// take this file's place; it sees all needs at once, as this does.
#include "differentiate/carry.h"

#include <stdlib.h>

enum { LIMIT = 12, INDEX_LIMIT = 48, DEPTH = 24, NEVER = 1 << 20 };

static bool is_cheap_math(MathFn fn) {
    return fn == MATH_fabs || fn == MATH_fmax || fn == MATH_fmin ||
           fn == MATH_floor || fn == MATH_ceil || fn == MATH_trunc ||
           fn == MATH_copysign ||
           (fn >= MATH_isnan && fn <= MATH_fpclassify);
}

int plan_own_cost(const Carry *c, const Op *op) {
    OpKind kind = op->kind;
    if (kind == OP_LOAD)
        return memory_load_survives(c->memory, op) ? 2 : -1;
    if (kind == OP_MATH)
        return op->result_count == 1 && is_cheap_math(op->as.math) ? 2 : -1;
    if (kind == OP_DIV || kind == OP_REM)
        return 4;
    if (kind == OP_INDEX || kind == OP_ELEM || kind == OP_FIELD ||
        kind == OP_CONST || kind == OP_UNDEF || kind == OP_GLOBAL ||
        kind == OP_STRING || kind == OP_FUNCTION)
        return 0;
    if (kind == OP_IF)
        return 1;
    return (op_info(kind)->flags & OPF_PURE) ? 1 : -1;
}

static int cost_of(const Carry *c, const Value *value, int budget, int depth);

// Operands of an operation and, for a branch, what its regions use from
// outside; answers NEVER where something cannot be repeated.
static int cost_of_region(const Carry *c, const Region *region,
                          const Op *branch, int budget, int depth);

static bool is_inside(const Op *branch, const Value *value) {
    for (uint32_t r = 0; r < branch->region_count; r++)
        if (region_contains(branch->regions[r], value_region(value)))
            return true;
    return false;
}

static int cost_of_op(const Carry *c, const Op *op, const Op *branch,
                      int budget, int depth) {
    int total = (op_info(op->kind)->flags & OPF_TERMINATOR)
                    ? 0
                    : plan_own_cost(c, op);
    if (total < 0)
        return NEVER;
    for (uint32_t i = 0; i < op->operand_count && total <= budget; i++)
        if (!branch || !is_inside(branch, op->operands[i]))
            total += cost_of(c, op->operands[i], budget - total, depth);
    for (uint32_t r = 0; r < op->region_count && total <= budget; r++)
        total += cost_of_region(c, op->regions[r], branch ? branch : op,
                                budget - total, depth);
    return total;
}

static int cost_of_region(const Carry *c, const Region *region,
                          const Op *branch, int budget, int depth) {
    int total = 0;
    for (const Op *op = region->first; op && total <= budget; op = op->next)
        total += cost_of_op(c, op, branch, budget - total, depth);
    return total;
}

static int cost_of(const Carry *c, const Value *value, int budget, int depth) {
    Plan plan = carry_plan(c, value);
    if (plan == PLAN_FREE || plan == PLAN_INDEX || plan == PLAN_REMAKE)
        return 0;
    if (plan == PLAN_STORE || plan == PLAN_RECOMPUTE)
        return 1;
    if (!value->op || depth == 0)
        return NEVER;
    return cost_of_op(c, value->op, NULL, budget, depth - 1);
}

// ---- Deciding ---------------------------------------------------------------

static void set_plan(Carry *c, const Value *value, Plan plan) {
    ENSURE(value->id < c->value_count);
    c->plans[value->id] = (unsigned char)plan;
}

static void store(Carry *c, Value *value) {
    set_plan(c, value, PLAN_STORE);
    vec_push(c->d->arena, &c->stored, value);
}

static void recompute(Carry *c, const Value *value);

static void recompute_operands(Carry *c, const Op *op, const Op *branch) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if ((!branch || !is_inside(branch, op->operands[i])) &&
            carry_plan(c, op->operands[i]) == PLAN_NONE)
            recompute(c, op->operands[i]);
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            recompute_operands(c, inner, branch ? branch : op);
}

static void recompute(Carry *c, const Value *value) {
    ENSURE(value->op);
    for (uint32_t i = 0; i < value->op->result_count; i++)
        if (carry_plan(c, value->op->results[i]) == PLAN_NONE)
            set_plan(c, value->op->results[i], PLAN_RECOMPUTE);
    recompute_operands(c, value->op, NULL);
}

// Derivative memory that lives in one iteration or branch only.
static bool is_shadow_memory(const Carry *c, const Value *value) {
    return value->op &&
           (value->op->kind == OP_ALLOC || value->op->kind == OP_HEAP) &&
           ptrmap_has(c->d->remade, value);
}

static bool never_repeated(const Carry *c, const Value *value) {
    return !value->op || plan_own_cost(c, value->op) < 0;
}

static void decide_forced(Carry *c, Value *value) {
    if (carry_plan(c, value) != PLAN_NONE)
        return;
    if (is_shadow_memory(c, value))
        set_plan(c, value, PLAN_REMAKE);
    else if (never_repeated(c, value))
        store(c, value);
}

static void decide(Carry *c, Value *value) {
    if (carry_plan(c, value) != PLAN_NONE)
        return;
    int limit = type_is_float(value->type) ? LIMIT : INDEX_LIMIT;
    if (cost_of(c, value, limit, DEPTH) <= limit)
        recompute(c, value);
    else
        store(c, value);
}

static int by_id(const void *a, const void *b) {
    const Value *x = *(Value *const *)a, *y = *(Value *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

// Bases of derivative memory made anew are needed, whatever leads to them.
static void decide_shadow_bases(Carry *c, const Value *value) {
    while (value->op && carry_plan(c, value) == PLAN_NONE &&
           (value->op->kind == OP_INDEX || value->op->kind == OP_ELEM ||
            value->op->kind == OP_FIELD || value->op->kind == OP_CAST))
        value = value->op->operands[0];
    if (carry_plan(c, value) == PLAN_NONE && is_shadow_memory(c, value))
        set_plan(c, value, PLAN_REMAKE);
}

void plan_values(Carry *c) {
    if (c->needs.count)
        qsort(c->needs.items, c->needs.count, sizeof *c->needs.items, by_id);
    for (size_t i = 0; i < c->needs.count; i++)
        decide_forced(c, c->needs.items[i]);
    for (size_t i = 0; i < c->needs.count; i++)
        decide_shadow_bases(c, c->needs.items[i]);
    for (size_t i = 0; i < c->needs.count; i++)
        decide(c, c->needs.items[i]);
}

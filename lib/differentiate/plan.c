// plan.c - store or recompute: for each primal value that the reverse sweep
// needs, how it gets there. Changes nothing but c->plans and c->stored.
//
// The rule today: what cannot be repeated (a math function, a load whose memory
// changes, a loop's state) is stored; the rest is recomputed where that is
// cheap, given what is there already. A minimum cut over bytes and work can
// take this file's place; it sees all needs at once, as this does.
#include "differentiate/carry.h"

#include <stdlib.h>

enum { LIMIT = 12, INDEX_LIMIT = 48, DEPTH = 24, MOST_MISSING = 4 };

static bool is_cheap_math(MathFn fn) {
    return fn == MATH_fabs || fn == MATH_fmax || fn == MATH_fmin ||
           fn == MATH_floor || fn == MATH_ceil || fn == MATH_trunc ||
           fn == MATH_copysign || fn == MATH_creal || fn == MATH_cimag ||
           fn == MATH_conj || fn == MATH_CMPLX ||
           (fn >= MATH_isnan && fn <= MATH_fpclassify);
}

int plan_own_cost(const Carry *c, const Op *op) {
    OpKind kind = op->kind;
    if (kind == OP_LOAD && c->d->split)
        return -1; // the caller may overwrite what was read
    if (kind == OP_LOAD)
        return carry_load_survives(c, op) ? 2 : -1;
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

// What repeating a value would take: work, and values that would have to be
// stored for it.
typedef struct Estimate {
    int cost, limit;
    Value *missing[MOST_MISSING];
    int missing_count;
    bool hopeless;
} Estimate;

static void estimate_value(const Carry *c, Value *value, Estimate *e,
                           int depth);

static bool is_inside(const Op *branch, const Value *value) {
    for (uint32_t r = 0; r < branch->region_count; r++)
        if (region_contains(branch->regions[r], value_region(value)))
            return true;
    return false;
}

static void add_cost(Estimate *e, int cost) {
    e->cost += cost;
    e->hopeless |= e->cost > e->limit;
}

static void add_missing(Estimate *e, Value *value) {
    for (int i = 0; i < e->missing_count; i++)
        if (e->missing[i] == value)
            return;
    if (e->missing_count == MOST_MISSING)
        e->hopeless = true;
    else
        e->missing[e->missing_count++] = value;
    add_cost(e, 1);
}

static void estimate_op(const Carry *c, const Op *op, const Op *branch,
                        Estimate *e, int depth) {
    if (!(op_info(op->kind)->flags & OPF_TERMINATOR))
        add_cost(e, plan_own_cost(c, op));
    for (uint32_t i = 0; i < op->operand_count && !e->hopeless; i++)
        if (!branch || !is_inside(branch, op->operands[i]))
            estimate_value(c, op->operands[i], e, depth);
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner && !e->hopeless;
             inner = inner->next)
            estimate_op(c, inner, branch ? branch : op, e, depth);
}

static bool is_repeatable(const Carry *c, const Op *op) {
    if (!(op_info(op->kind)->flags & OPF_TERMINATOR) &&
        plan_own_cost(c, op) < 0)
        return false;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (!is_repeatable(c, inner))
                return false;
    return true;
}

static void estimate_reload(const Carry *c, const Value *value, Estimate *e,
                            int depth) {
    add_cost(e, 2);
    if (!e->hopeless)
        estimate_value(c, carry_copy(c, value)->operands[0], e, depth);
}

static void estimate_value(const Carry *c, Value *value, Estimate *e,
                           int depth) {
    value = carry_instead(c, value);
    Plan plan = carry_plan(c, value);
    if (plan == PLAN_FREE || plan == PLAN_INDEX || plan == PLAN_REMAKE)
        return;
    if (plan == PLAN_STORE || plan == PLAN_RECOMPUTE || plan == PLAN_RELOAD)
        add_cost(e, 1);
    else if (depth == 0)
        e->hopeless = true;
    else if (value->op && is_repeatable(c, value->op))
        estimate_op(c, value->op, NULL, e, depth - 1);
    else if (carry_copy(c, value))
        estimate_reload(c, value, e, depth - 1);
    else
        add_missing(e, value);
}

// Bytes, times how often a loop nest stores them.
static double weight(const Value *value) {
    double bytes = (double)carry_size(value->type);
    for (const Region *r = value_region(value); r->parent;
         r = r->parent->parent)
        if (r->parent->kind != OP_IF)
            bytes *= 16;
    return bytes;
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

static void recompute(Carry *c, Value *value);

static void recompute_operands(Carry *c, const Op *op, const Op *branch) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *operand = carry_instead(c, op->operands[i]);
        if ((!branch || !is_inside(branch, operand)) &&
            carry_plan(c, operand) == PLAN_NONE)
            recompute(c, operand);
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            recompute_operands(c, inner, branch ? branch : op);
}

static void recompute(Carry *c, Value *value) {
    if (!value->op || !is_repeatable(c, value->op)) {
        const Op *copy = carry_copy(c, value);
        ENSURE(copy);
        set_plan(c, value, PLAN_RELOAD);
        Value *address = carry_instead(c, copy->operands[0]);
        if (carry_plan(c, address) == PLAN_NONE)
            recompute(c, address);
        return;
    }
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

static void decide_forced(Carry *c, Value *value) {
    if (carry_plan(c, value) != PLAN_NONE)
        return;
    if (is_shadow_memory(c, value))
        set_plan(c, value, PLAN_REMAKE);
    else if ((!value->op || !is_repeatable(c, value->op)) &&
             !carry_copy(c, value))
        store(c, value);
}

// Recomputed where that is cheap and takes no more storage than the value
// itself would, less deep in loops for instance.
static void decide(Carry *c, Value *value) {
    if (carry_plan(c, value) != PLAN_NONE)
        return;
    Estimate e = {.limit = type_is_float(value->type) ? LIMIT : INDEX_LIMIT};
    double missing = 0;
    estimate_value(c, value, &e, DEPTH);
    for (int i = 0; i < e.missing_count; i++)
        missing += weight(e.missing[i]);
    if (e.hopeless || missing > weight(value)) {
        store(c, value);
        return;
    }
    for (int i = 0; i < e.missing_count; i++)
        store(c, e.missing[i]);
    if (carry_plan(c, value) == PLAN_NONE)
        recompute(c, value);
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

// ssa.c - variables without storage. The environment maps each to its current
// value; branches start from copies of it and are merged by yielding what
// differs; loops carry what they assign.
//
// A variable's index is its place in the environment. Indices of variables
// that are out of scope are used again, so an environment knows whose value
// each of its entries is.
#include "frontend/internal.h"

#include <string.h>

static void environment_push(Lowering *lw, Variable *variable) {
    Environment *env = &lw->env;
    if (env->count == env->capacity) {
        size_t capacity = env->capacity ? env->capacity * 2 : 32;
        Value **values = arena_array(lw->fe->arena, Value *, capacity);
        Variable **variables = arena_array(lw->fe->arena, Variable *, capacity);
        if (env->count) {
            memcpy(values, env->values, env->count * sizeof *values);
            memcpy(variables, env->variables, env->count * sizeof *variables);
        }
        env->values = values;
        env->variables = variables;
        env->capacity = capacity;
    }
    variable->index = (uint32_t)env->count;
    env->values[env->count] = NULL;
    env->variables[env->count++] = variable;
}

static Environment environment_copy(Lowering *lw) {
    Environment copy = lw->env;
    copy.capacity = copy.count + 8;
    copy.values = arena_array(lw->fe->arena, Value *, copy.capacity);
    copy.variables = arena_array(lw->fe->arena, Variable *, copy.capacity);
    if (copy.count) {
        memcpy(copy.values, lw->env.values, copy.count * sizeof *copy.values);
        memcpy(copy.variables, lw->env.variables,
               copy.count * sizeof *copy.variables);
    }
    return copy;
}

Variable *variable_create(Lowering *lw, const char *name, const Type *type) {
    Variable *variable = arena_new(lw->fe->arena, Variable);
    variable->name = name;
    variable->type = type_plain(lw->function->module, type);
    environment_push(lw, variable);
    return variable;
}

static bool in_scope(const Lowering *lw, const Variable *variable) {
    return variable->index < lw->env.count &&
           lw->env.variables[variable->index] == variable;
}

void variable_set(Lowering *lw, Variable *variable, Value *value) {
    // A section of a switch may see a variable of another: it starts anew.
    if (!in_scope(lw, variable))
        environment_push(lw, variable);
    value = exact_pointer(lw, variable->type, value);
    if (!value->name && value->op && value->op->kind != OP_CONST &&
        value->op->kind != OP_UNDEF)
        value->name = variable->name;
    lw->env.values[variable->index] = value;
}

Value *variable_get(Lowering *lw, Variable *variable) {
    if (!in_scope(lw, variable))
        environment_push(lw, variable);
    Value **slot = &lw->env.values[variable->index];
    if (!*slot)
        *slot = build_undef(&lw->b, variable->type);
    return *slot;
}

// ---- Branches ---------------------------------------------------------------

void branch_begin(Lowering *lw, Branching *br, Value *condition) {
    memset(br, 0, sizeof *br);
    br->op = build_if(&lw->b, condition);
    br->outer = lw->b;
    br->before = environment_copy(lw);
    lw->b.region = br->op->regions[IF_THEN];
    lw->b.before = NULL;
}

void branch_else(Lowering *lw, Branching *br, Value *then_value) {
    br->then_value = then_value;
    br->after_then = lw->env;
    lw->env = br->before;
    br->before = environment_copy(lw);
    lw->b.region = br->op->regions[IF_ELSE];
    lw->b.before = NULL;
}

// Two constants that are the same number: no need to yield them.
static bool same_constant(const Value *a, const Value *b) {
    if (!value_is_constant(a) || !value_is_constant(b) ||
        !type_equal(a->type, b->type))
        return false;
    return a->op->as.constant.integer == b->op->as.constant.integer &&
           memcmp(&a->op->as.constant.real, &b->op->as.constant.real,
                  sizeof(double)) == 0 &&
           string_equal(a->op->as.constant.spelling,
                        b->op->as.constant.spelling);
}

static Value *copy_constant(Lowering *lw, const Value *constant) {
    ValueMap map;
    valuemap_init(&map, lw->fe->arena, lw->function);
    return clone_op(&lw->b, constant->op, &map)->results[0];
}

static void yield_in(Lowering *lw, Branching *br, int which, Value **values,
                     uint32_t count) {
    Builder b = br->outer;
    b.region = br->op->regions[which];
    b.before = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (!values[i])
            values[i] = build_undef(&b, values[count + i]->type);
    build_yield(&b, values, count);
    (void)lw;
}

Value *branch_end(Lowering *lw, Branching *br, Value *else_value) {
    Environment then_env = br->after_then, else_env = lw->env;
    size_t count = br->before.count, room = 2 * (count + 1);
    Arena *arena = lw->fe->arena;
    // Values of one branch, and behind them those of the other for their types.
    Value **then_values = arena_array(arena, Value *, room);
    Value **else_values = arena_array(arena, Value *, room);
    Variable **merged = arena_array(arena, Variable *, count + 1);
    uint32_t n = 0;
    lw->b = br->outer;
    lw->env = br->before;
    if (br->then_value) {
        ENSURE(else_value);
        then_values[n] = br->then_value;
        else_values[n++] = else_value;
    }
    for (size_t i = 0; i < count; i++) {
        Value *a = then_env.values[i], *b = else_env.values[i];
        ENSURE(then_env.variables[i] == else_env.variables[i]);
        if (a == b) { // also where both branches set it to the same value
            lw->env.values[i] = a;
            continue;
        }
        if (a && b && same_constant(a, b)) {
            lw->env.values[i] = copy_constant(lw, a);
            continue;
        }
        merged[n] = lw->env.variables[i];
        then_values[n] = a;
        else_values[n++] = b;
    }
    memcpy(then_values + n, else_values, n * sizeof *then_values);
    memcpy(else_values + n, then_values, n * sizeof *else_values);
    yield_in(lw, br, IF_THEN, then_values, n);
    yield_in(lw, br, IF_ELSE, else_values, n);
    for (uint32_t i = 0; i < n; i++) {
        Value *result = op_append_result(br->op, then_values[i]->type,
                                         merged[i] ? merged[i]->name : NULL);
        if (merged[i])
            lw->env.values[merged[i]->index] = result;
    }
    return br->then_value ? br->op->results[0] : NULL;
}

// ---- Loops ------------------------------------------------------------------

static void take_params(Lowering *lw, Looping *loop, int which) {
    Region *region = loop->op->regions[which];
    for (uint32_t i = 0; i < loop->count; i++) {
        region->params[i]->name = loop->carried[i]->name;
        lw->env.values[loop->carried[i]->index] = region->params[i];
    }
    lw->b.region = region;
    lw->b.before = NULL;
}

void loop_begin(Lowering *lw, Looping *loop, Variable **carried,
                uint32_t count) {
    Value **initial = arena_array(lw->fe->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        initial[i] = variable_get(lw, carried[i]);
    loop->op = build_while(&lw->b, initial, count);
    loop->outer = lw->b;
    loop->carried = carried;
    loop->count = count;
    loop->outer_count = lw->env.count;
    take_params(lw, loop, WHILE_CONDITION);
}

void loop_body(Lowering *lw, Looping *loop, Value *condition) {
    build_condition(&lw->b, condition);
    take_params(lw, loop, WHILE_BODY);
}

void loop_end(Lowering *lw, Looping *loop) {
    Value **next = arena_array(lw->fe->arena, Value *, loop->count);
    for (uint32_t i = 0; i < loop->count; i++)
        next[i] = variable_get(lw, loop->carried[i]);
    build_yield(&lw->b, next, loop->count);
    lw->b = loop->outer;
    lw->env.count = loop->outer_count;
    for (uint32_t i = 0; i < loop->count; i++) {
        Value *result = loop->op->results[i];
        result->name = loop->carried[i]->name;
        lw->env.values[loop->carried[i]->index] = result;
    }
}

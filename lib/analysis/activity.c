// activity.c - which values and objects carry derivatives. Reads: IR and the
// answers of memory.c. A value is active where it depends on an independent
// (varied) and reaches a dependent (useful). Memory is taken by whole objects,
// without regard to order: more may be called active than is, never less. All
// that goes onto a tape is useful, and all that comes off it varies.
#include "analysis/memory_internal.h"

struct Activity {
    const Function *function;
    const MemoryInfo *memory;
    uint32_t value_count;
    bool *varied, *useful;               // by value
    bool *object_varied, *object_useful; // by object
    bool changed;
};

static void mark(Activity *a, bool *flag) {
    if (!*flag) {
        *flag = true;
        a->changed = true;
    }
}

static bool known(const Activity *a, const Value *value) {
    return value->id < a->value_count;
}

static bool any_object(const Activity *a, const Value *address,
                       const bool *flags) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(a->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (flags[objects[i]->id])
            return true;
    return false;
}

static void mark_objects(Activity *a, const Value *address, bool *flags) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(a->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        mark(a, &flags[objects[i]->id]);
}

// The old block and the new one are one memory: both carry, or none.
static void share_flags(Activity *a, const Op *realloc, bool *flags) {
    if (any_object(a, realloc->operands[0], flags))
        mark_objects(a, realloc->results[0], flags);
    if (any_object(a, realloc->results[0], flags))
        mark_objects(a, realloc->operands[0], flags);
}

static bool carries(const Value *value) { return type_is_float(value->type); }

// ---- Varied: from operands to results ---------------------------------------

static void vary(Activity *a, const Value *from, const Value *to) {
    if (carries(to) && carries(from) && a->varied[from->id])
        mark(a, &a->varied[to->id]);
}

static void vary_region(Activity *a, const Region *region);

static void vary_loop(Activity *a, const Op *op, uint32_t first_operand,
                      const Region *body, uint32_t first_param) {
    const Op *yield = region_terminator(body);
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *param = body->params[first_param + i];
        vary(a, op->operands[first_operand + i], param);
        vary(a, yield->operands[i], param);
        vary(a, param, op->results[i]);
        if (op->kind == OP_WHILE)
            vary(a, param, op->regions[WHILE_CONDITION]->params[i]);
    }
}

static void vary_results(Activity *a, const Op *op) {
    for (uint32_t r = 0; r < op->result_count; r++)
        for (uint32_t i = 0; i < op->operand_count; i++)
            vary(a, op->operands[i], op->results[r]);
}

// Functions carry nothing.
static bool leads_to_data(const Value *value) {
    return type_is_pointer(value->type) &&
           !type_function_result(value->type->element);
}

// Any value or memory that carries, among what the call is given.
static bool call_has(const Activity *a, const Op *op, const bool *values,
                     const bool *objects) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        if ((carries(operand) && values[operand->id]) ||
            (leads_to_data(operand) && any_object(a, operand, objects)))
            return true;
    }
    return false;
}

// A callee that is not looked into: what goes in may come out anywhere that it
// may write; and may come from anywhere.
static void mark_call(Activity *a, const Op *op, bool *objects) {
    bool written = objects == a->object_varied;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (leads_to_data(op->operands[i]) &&
            !(written && memory_argument_is_read_only(op, i)))
            mark_objects(a, op->operands[i], objects);
    if (op->result_count && leads_to_data(op->results[0]))
        mark_objects(a, op->results[0], objects);
}

static bool lists(const GradItem *items, uint32_t count, uint32_t param) {
    for (uint32_t i = 0; i < count; i++)
        if (items[i].kind == ITEM_PARAM && items[i].param == param)
            return true;
    return false;
}

// Whether derivatives may come out of a parameter of a function with rules:
// one that is in `of`, or one that it may write without a word about it.
static bool may_come_out(const Function *callee, uint32_t param) {
    const Type *type = callee->params[param].type;
    if (!type_is_pointer(type) || callee->params[param].by_value_record)
        return false;
    for (uint32_t r = 0; r < callee->rule_count; r++) {
        const Annotation *rule = &callee->rules[r].annotation;
        if (lists(rule->of, rule->of_count, param) ||
            (!rule->of_given && !type->element->is_const))
            return true;
    }
    return false;
}

static void vary_ruled(Activity *a, const Op *op) {
    for (uint32_t i = 0; i < op->as.callee->param_count; i++)
        if (leads_to_data(op->operands[i]) && may_come_out(op->as.callee, i))
            mark_objects(a, op->operands[i], a->object_varied);
}

static bool is_passive(const Op *call) {
    return call->as.callee->inactive || call->as.callee->is_output;
}

static void vary_call(Activity *a, const Op *op) {
    if (is_passive(op) || !call_has(a, op, a->varied, a->object_varied))
        return;
    if (op->result_count && carries(op->results[0]))
        mark(a, &a->varied[op->results[0]->id]);
    if (op->as.callee->rule_count)
        vary_ruled(a, op);
    else
        mark_call(a, op, a->object_varied);
}

static void use_call(Activity *a, const Op *op) {
    bool result = op->result_count && carries(op->results[0]) &&
                  a->useful[op->results[0]->id];
    if (is_passive(op) ||
        (!result && !call_has(a, op, a->useful, a->object_useful)))
        return;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (carries(op->operands[i]))
            mark(a, &a->useful[op->operands[i]->id]);
    mark_call(a, op, a->object_useful);
}

// What pointers on the tape lead to may be read and written by who pops them.
static void mark_pushed(Activity *a, const Op *op, bool *objects) {
    for (uint32_t i = 1; i < op->operand_count; i++) {
        const Value *pointer = op->operands[i];
        if (!type_is_pointer(pointer->type) ||
            !type_reaches_float(pointer->type->element))
            continue;
        mark_objects(a, pointer, objects);
        for (uint32_t k = 0; k < memory_object_count(a->memory); k++)
            if (memory_object(a->memory, k)->escapes)
                mark(a, &objects[k]);
    }
}

static void vary_op(Activity *a, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++)
        vary_region(a, op->regions[r]);
    if (op->kind == OP_LOAD) {
        if (carries(op->results[0]) &&
            any_object(a, op->operands[0], a->object_varied))
            mark(a, &a->varied[op->results[0]->id]);
    } else if (op->kind == OP_STORE) {
        if (carries(op->operands[1]) && a->varied[op->operands[1]->id])
            mark_objects(a, op->operands[0], a->object_varied);
    } else if (op->kind == OP_COPY) {
        if (any_object(a, op->operands[1], a->object_varied))
            mark_objects(a, op->operands[0], a->object_varied);
    } else if (op->kind == OP_REALLOC) {
        share_flags(a, op, a->object_varied);
    } else if (op->kind == OP_IF) {
        for (uint32_t i = 0; i < op->result_count; i++)
            for (uint32_t r = 0; r < 2; r++)
                vary(a, region_terminator(op->regions[r])->operands[i],
                     op->results[i]);
    } else if (op->kind == OP_FOR) {
        vary_loop(a, op, FOR_FIRST_INITIAL, op->regions[0], 1);
    } else if (op->kind == OP_WHILE) {
        vary_loop(a, op, 0, op->regions[WHILE_BODY], 0);
    } else if (op->kind == OP_CALL) {
        vary_call(a, op);
    } else if (op->kind == OP_PUSH) {
        mark_pushed(a, op, a->object_varied);
    } else if (op->kind == OP_POP) {
        for (uint32_t i = 0; i < op->result_count; i++)
            if (carries(op->results[i]))
                mark(a, &a->varied[op->results[i]->id]);
    } else if (op->kind != OP_INACTIVE) {
        vary_results(a, op);
    }
}

static void vary_region(Activity *a, const Region *region) {
    for (const Op *op = region->first; op; op = op->next)
        vary_op(a, op);
}

// ---- Useful: from results to operands ---------------------------------------

static void use(Activity *a, const Value *to, const Value *from) {
    if (carries(to) && carries(from) && a->useful[to->id])
        mark(a, &a->useful[from->id]);
}

static void use_region(Activity *a, const Region *region);

static void use_loop(Activity *a, const Op *op, uint32_t first_operand,
                     const Region *body, uint32_t first_param) {
    const Op *yield = region_terminator(body);
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *param = body->params[first_param + i];
        use(a, op->results[i], param);
        use(a, param, yield->operands[i]);
        use(a, op->results[i], yield->operands[i]);
        use(a, param, op->operands[first_operand + i]);
        use(a, op->results[i], op->operands[first_operand + i]);
    }
}

// w != 0 ? x : 0 has a tangent where w has one, too.
static void use_guard(Activity *a, const Op *op) {
    const Op *test = op->operands[0]->op;
    if (test && test->kind == OP_NE)
        use(a, op->results[0], test->operands[0]);
}

static void use_results(Activity *a, const Op *op) {
    if (op->kind == OP_SELECT && op->as.guard)
        use_guard(a, op);
    for (uint32_t r = 0; r < op->result_count; r++)
        for (uint32_t i = 0; i < op->operand_count; i++)
            use(a, op->results[r], op->operands[i]);
}

static void use_op(Activity *a, const Op *op) {
    if (op->kind == OP_LOAD) {
        if (carries(op->results[0]) && a->useful[op->results[0]->id])
            mark_objects(a, op->operands[0], a->object_useful);
    } else if (op->kind == OP_STORE) {
        if (carries(op->operands[1]) &&
            any_object(a, op->operands[0], a->object_useful))
            mark(a, &a->useful[op->operands[1]->id]);
    } else if (op->kind == OP_COPY) {
        if (any_object(a, op->operands[0], a->object_useful))
            mark_objects(a, op->operands[1], a->object_useful);
    } else if (op->kind == OP_REALLOC) {
        share_flags(a, op, a->object_useful);
    } else if (op->kind == OP_IF) {
        for (uint32_t i = 0; i < op->result_count; i++)
            for (uint32_t r = 0; r < 2; r++)
                use(a, op->results[i],
                    region_terminator(op->regions[r])->operands[i]);
    } else if (op->kind == OP_FOR) {
        use_loop(a, op, FOR_FIRST_INITIAL, op->regions[0], 1);
    } else if (op->kind == OP_WHILE) {
        use_loop(a, op, 0, op->regions[WHILE_BODY], 0);
    } else if (op->kind == OP_CALL) {
        use_call(a, op);
    } else if (op->kind == OP_PUSH) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (carries(op->operands[i]))
                mark(a, &a->useful[op->operands[i]->id]);
        mark_pushed(a, op, a->object_useful);
    } else if (op->kind != OP_INACTIVE) {
        use_results(a, op);
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        use_region(a, op->regions[r]);
}

static void use_region(Activity *a, const Region *region) {
    for (const Op *op = region->last; op; op = op->previous)
        use_op(a, op);
}

// ---- Seeds and the fixpoint -------------------------------------------------

// The parameter or global that an object was reached from on entry.
static const MemObject *outermost(const MemObject *object) {
    while (object->kind == MEM_CONTENT)
        object = object->container;
    return object;
}

const Value *memory_object_param(const MemObject *object) {
    object = outermost(object);
    bool entry = object->kind == MEM_PARAM || object->kind == MEM_LOCAL;
    return entry && object->root && !object->root->op ? object->root : NULL;
}

static bool global_listed(const Global *global, const Global *const *list,
                          uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == global)
            return true;
    return false;
}

static void seed_objects(Activity *a, const ActivitySeeds *seeds) {
    for (uint32_t i = 0; i < memory_object_count(a->memory); i++) {
        const MemObject *root = outermost(memory_object(a->memory, i));
        const Value *param = memory_object_param(root);
        bool seeded = param && (seeds->independent[param->index] ||
                                seeds->dependent[param->index]);
        if (root->kind == MEM_GLOBAL)
            seeded = global_listed(root->global, seeds->independent_globals,
                                   seeds->independent_global_count) ||
                     global_listed(root->global, seeds->dependent_globals,
                                   seeds->dependent_global_count);
        // Both ways: a dependent that is overwritten with passive values must
        // lose its derivative, so its stores count.
        a->object_varied[i] = a->object_useful[i] = seeded;
    }
}

static void seed_values(Activity *a, const ActivitySeeds *seeds) {
    const Region *body = a->function->body;
    for (uint32_t i = 0; i < body->param_count; i++)
        if (carries(body->params[i]) && seeds->independent[i])
            a->varied[body->params[i]->id] = true;
    const Op *end = region_terminator(body);
    if (seeds->result_dependent && end->operand_count)
        a->useful[end->operands[0]->id] = true;
}

Activity *activity_analyse(Arena *arena, const Function *function,
                           const MemoryInfo *memory,
                           const ActivitySeeds *seeds) {
    Activity *a = arena_new(arena, Activity);
    uint32_t objects = memory_object_count(memory);
    a->function = function;
    a->memory = memory;
    a->value_count = function->value_count;
    a->varied = arena_array(arena, bool, a->value_count);
    a->useful = arena_array(arena, bool, a->value_count);
    a->object_varied = arena_array(arena, bool, objects);
    a->object_useful = arena_array(arena, bool, objects);
    seed_objects(a, seeds);
    seed_values(a, seeds);
    do {
        a->changed = false;
        vary_region(a, function->body);
        use_region(a, function->body);
    } while (a->changed);
    return a;
}

bool activity_of_value(const Activity *activity, const Value *value) {
    return carries(value) && known(activity, value) &&
           activity->varied[value->id] && activity->useful[value->id];
}

bool activity_of_object(const Activity *activity, const MemObject *object) {
    return activity->object_varied[object->id] &&
           activity->object_useful[object->id];
}

bool activity_of_address(const Activity *activity, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(activity->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (activity_of_object(activity, objects[i]))
            return true;
    return false;
}

bool activity_address_is_varied(const Activity *activity,
                                const Value *address) {
    return any_object(activity, address, activity->object_varied);
}

// resolve_calls.c - calls through pointers to functions become direct ones
// where the pointer's possible targets are known. Reads: IR and the points-to
// sets of lib/analysis. Changes: such calls, into calls under ifs.
//
// In this order: one target; a pointer that a condition chooses (the call goes
// under that condition); an element of a table at a variable index (compared
// with each index); else all functions that the pointer may hold, compared with
// the pointer. Where a target is not known the call stays as it is. Calls that
// carry no floating values stay, too.
#include "optimize/passes.h"

enum { MOST_TARGETS = 64 };

typedef struct Targets {
    Function *functions[MOST_TARGETS];
    uint32_t count;
} Targets;

typedef struct Resolver {
    Function *function;
    Arena *arena;
    const MemoryInfo *memory;
    PtrMap *seen; // values and objects on the way to a pointer's targets
    bool changed;
} Resolver;

static uint32_t address_at(const Function *indirect) {
    return indirect->returns_record ? 1 : 0;
}

// ---- Single targets ---------------------------------------------------------

// Whether a call of the indirect function may be one of the target.
static bool fits(const Function *indirect, const Function *target) {
    uint32_t at = address_at(indirect);
    if (target->is_indirect ||
        target->param_count + 1 != indirect->param_count ||
        target->returns_record != indirect->returns_record ||
        target->is_variadic != indirect->is_variadic ||
        !type_equal(target->result, indirect->result))
        return false;
    for (uint32_t i = 0; i < target->param_count; i++)
        if (!type_equal(target->params[i].type,
                        indirect->params[i < at ? i : i + 1].type))
            return false;
    return true;
}

static Function *function_of_value(const Value *value) {
    while (value->op && value->op->kind == OP_CAST)
        value = value->op->operands[0];
    return value->op && value->op->kind == OP_FUNCTION ? value->op->as.callee
                                                       : NULL;
}

// sin as a function is sin the operation.
static Value *build_as_math(Builder *b, const Function *target,
                            Value **arguments) {
    MathFn fn;
    TypeKind kind;
    if (target->body || !target->in_header ||
        !math_find(target->name, &fn, &kind) || math_info(fn)->results[1] ||
        math_info(fn)->is_macro)
        return NULL;
    return build_math(b, fn, arguments);
}

// The call with another callee; the address is no argument of it.
static Value *build_direct(Resolver *r, Builder *b, const Op *call,
                           Function *target) {
    uint32_t at = address_at(call->as.callee), count = call->operand_count - 1;
    Value **arguments = arena_array(r->arena, Value *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        arguments[i] = call->operands[i < at ? i : i + 1];
    Value *math = build_as_math(b, target, arguments);
    if (math)
        return math;
    Op *direct = build_call(b, target, arguments, count);
    return direct->result_count ? direct->results[0] : NULL;
}

static Value *build_through(Builder *b, const Op *call, Value *pointer) {
    Op *copy =
        build_call(b, call->as.callee, call->operands, call->operand_count);
    copy->operands[address_at(call->as.callee)] = pointer;
    return copy->result_count ? copy->results[0] : NULL;
}

static void replace(Resolver *r, Op *call, Value *result) {
    if (call->result_count) {
        ValueMap map;
        valuemap_init(&map, r->arena, r->function);
        pass_on_name(call->results[0], result);
        valuemap_set(&map, call->results[0], result);
        remap_region(r->function->body, &map);
    }
    op_remove(call);
    r->changed = true;
}

// ---- Chosen by a condition --------------------------------------------------

// The value to use in a branch of one's own; NULL where it is not visible.
static Value *reach_into(Builder *b, const Op *choice, Value *value) {
    bool outside = true;
    for (uint32_t i = 0; i < choice->region_count; i++)
        outside &= !region_contains(choice->regions[i], value_region(value));
    if (outside)
        return value;
    if (value->op->kind != OP_FUNCTION)
        return NULL;
    ValueMap map;
    valuemap_init(&map, b->function->module->arena, b->function);
    return clone_op(b, value->op, &map)->results[0];
}

static Value *chosen(const Value *pointer, int branch) {
    const Op *op = pointer->op;
    return op->kind == OP_SELECT ? op->operands[1 + branch]
                                 : region_terminator(op->regions[branch])
                                       ->operands[pointer->index];
}

static bool resolve_choice(Resolver *r, Op *call, const Value *pointer) {
    const Op *op = pointer->op;
    if (!op || (op->kind != OP_SELECT && op->kind != OP_IF))
        return false;
    Builder b = builder_before(call);
    Op *choice = build_if(&b, op->operands[0]);
    for (int i = 0; i < 2; i++) {
        Builder inner = builder_at_end(choice->regions[i]);
        inner.origin = call->origin;
        Value *one = reach_into(&inner, op, chosen(pointer, i));
        if (!one) {
            op_remove(choice);
            return false;
        }
        Value *result = build_through(&inner, call, one);
        build_yield(&inner, &result, result ? 1 : 0);
    }
    Value *result = NULL;
    if (call->result_count)
        result = op_append_result(choice, call->results[0]->type, NULL);
    replace(r, call, result);
    return true;
}

// ---- Chains of comparisons --------------------------------------------------

// if (number == keys[0]) functions[0](...) else ...; the last is not compared.
typedef struct Chain {
    Value *subject; // an integer, or NULL: compare `pointer`
    Value *pointer;
    int64_t keys[MOST_TARGETS];
    Targets targets;
} Chain;

static Value *build_function(Builder *b, Function *function, const Type *type) {
    Op *op = op_create(b->function, OP_FUNCTION, 0, 1, 0);
    op->as.callee = function;
    op_set_result(op, b->function, 0, type, NULL);
    return builder_insert(b, op)->results[0];
}

static Value *build_condition_of(Builder *b, const Chain *chain, uint32_t i) {
    Value *key = chain->subject
                     ? build_int(b, chain->subject->type, chain->keys[i])
                     : build_function(b, chain->targets.functions[i],
                                      chain->pointer->type);
    return build_binary(b, OP_EQ,
                        chain->subject ? chain->subject : chain->pointer, key);
}

static Value *build_chain(Resolver *r, Builder *b, const Op *call,
                          const Chain *chain, uint32_t from) {
    if (from + 1 == chain->targets.count)
        return build_direct(r, b, call, chain->targets.functions[from]);
    Op *choice = build_if(b, build_condition_of(b, chain, from));
    for (int i = 0; i < 2; i++) {
        Builder inner = builder_at_end(choice->regions[i]);
        inner.origin = call->origin;
        Value *result =
            i == IF_THEN
                ? build_direct(r, &inner, call, chain->targets.functions[from])
                : build_chain(r, &inner, call, chain, from + 1);
        build_yield(&inner, &result, result ? 1 : 0);
    }
    return call->result_count
               ? op_append_result(choice, call->results[0]->type, NULL)
               : NULL;
}

static void resolve_chain(Resolver *r, Op *call, Chain *chain) {
    Targets *targets = &chain->targets;
    bool one = true;
    for (uint32_t i = 1; i < targets->count; i++)
        one &= targets->functions[i] == targets->functions[0];
    targets->count = one ? 1 : targets->count;
    Builder b = builder_before(call);
    replace(r, call, build_chain(r, &b, call, chain, 0));
}

// ---- Tables -----------------------------------------------------------------

enum { MOST_STEPS = 8 };

// An address in an object: indices and fields from the object inwards.
typedef struct Path {
    const Value *base;
    struct {
        Value *index; // NULL for a field
        uint32_t field;
    } steps[MOST_STEPS];
    uint32_t count;
} Path;

static bool add_step(Path *path, Value *index, uint32_t field) {
    if (path->count == MOST_STEPS)
        return false;
    path->steps[path->count].index = index;
    path->steps[path->count++].field = field;
    return true;
}

// index of a decayed array: elem a, 0 and then index i is elem a, i.
static bool find_path(Value *address, Path *path) {
    const Op *op = address->op;
    int64_t zero;
    if (!op)
        return false;
    if (op->kind == OP_ALLOC) {
        path->base = address;
        path->count = 0;
        return true;
    }
    if (op->kind == OP_CAST)
        return type_equal(address->type, op->operands[0]->type) &&
               find_path(op->operands[0], path);
    if (op->kind != OP_ELEM && op->kind != OP_FIELD && op->kind != OP_INDEX)
        return false;
    if (!find_path(op->operands[0], path))
        return false;
    if (op->kind == OP_FIELD)
        return add_step(path, NULL, op->as.field);
    if (op->kind == OP_ELEM)
        return add_step(path, op->operands[1], 0);
    if (value_is_integer(op->operands[1], &zero) && zero == 0)
        return true;
    if (path->count == 0 || !path->steps[path->count - 1].index ||
        !value_is_integer(path->steps[path->count - 1].index, &zero) || zero)
        return false;
    path->steps[path->count - 1].index = op->operands[1];
    return true;
}

// Whether the store goes where the load may read; *key is then its number at
// the load's one variable index.
static bool match(const Path *load, const Path *store, int variable,
                  int64_t *key) {
    if (load->count != store->count)
        return false;
    for (uint32_t i = 0; i < load->count; i++) {
        int64_t a, b;
        bool indexed = load->steps[i].index != NULL;
        if (indexed != (store->steps[i].index != NULL) ||
            load->steps[i].field != store->steps[i].field)
            return false;
        if (!indexed)
            continue;
        if (!value_is_integer(store->steps[i].index, &b))
            return false;
        if ((int)i == variable)
            *key = b;
        else if (!value_is_integer(load->steps[i].index, &a) || a != b)
            return false;
    }
    return true;
}

// The table under construction, while all writes to its object are looked at.
typedef struct Table {
    Resolver *r;
    const Op *call, *load;
    Path path;
    int variable; // which step has a variable index
    Chain chain;
    bool fails;
} Table;

static bool may_write(const Resolver *r, const Op *op, const Value *base) {
    return op != base->op && (op_info(op->kind)->flags & OPF_WRITES) &&
           memory_op_may_write(r->memory, op, base);
}

static bool precedes(const Op *op, const Op *later, const Region *region) {
    while (later->parent != region) {
        later = later->parent->parent;
        if (!later)
            return false;
    }
    for (; op; op = op->next)
        if (op == later)
            return true;
    return false;
}

static const MemObject *only_object(const Resolver *r, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(r->memory, address, &objects);
    return count == 1 ? objects[0] : NULL;
}

static void add_entry(Table *t, const Op *store, int64_t key) {
    Function *target = function_of_value(store->operands[1]);
    Chain *chain = &t->chain;
    for (uint32_t i = 0; i < chain->targets.count; i++)
        t->fails |= chain->keys[i] == key;
    if (!target && value_is_zero(store->operands[1]))
        return; // no call gets there
    if (!target || !fits(t->call->as.callee, target) ||
        chain->targets.count == MOST_TARGETS) {
        t->fails = true;
        return;
    }
    chain->keys[chain->targets.count] = key;
    chain->targets.functions[chain->targets.count++] = target;
}

// Every write to the object must be one that is made once, before the load.
static void note_write(Op *op, void *context) {
    Table *t = context;
    const Value *base = t->path.base;
    Path path;
    int64_t key = 0;
    if (op->region_count || !(op_info(op->kind)->flags & OPF_WRITES))
        return;
    const Value *address = op->operand_count ? op->operands[0] : NULL;
    bool simple = op->kind == OP_STORE || op->kind == OP_ZERO;
    if (simple && only_object(t->r, address) &&
        only_object(t->r, address) != only_object(t->r, base))
        return;
    if (op->kind == OP_CALL) {
        const MemObject *object = only_object(t->r, base);
        t->fails |= !object || object->escapes;
        return;
    }
    if (op->kind == OP_FREE)
        return;
    if (!simple || !find_path(op->operands[0], &path)) {
        t->fails |= !simple || may_write(t->r, op, base);
        return;
    }
    if (path.base != base)
        return;
    t->fails |=
        op->parent != base->op->parent || !precedes(op, t->load, op->parent);
    if (op->kind == OP_STORE && match(&t->path, &path, t->variable, &key))
        add_entry(t, op, key);
}

static bool find_variable(Table *t) {
    int64_t constant;
    t->variable = -1;
    for (uint32_t i = 0; i < t->path.count; i++) {
        Value *index = t->path.steps[i].index;
        if (!index || value_is_integer(index, &constant))
            continue;
        if (t->variable >= 0)
            return false;
        t->variable = (int)i;
    }
    return true;
}

static bool resolve_table(Resolver *r, Op *call, const Value *pointer) {
    Table t = {.r = r, .call = call, .load = pointer->op};
    if (!pointer->op || pointer->op->kind != OP_LOAD ||
        !find_path(pointer->op->operands[0], &t.path) || !find_variable(&t))
        return false;
    walk_ops(r->function->body, note_write, &t);
    if (t.fails || t.chain.targets.count == 0)
        return false;
    Builder b = builder_before(call);
    if (t.variable >= 0) {
        Value *index = t.path.steps[t.variable].index;
        const Type *type = index->type->kind < TYPE_INT
                               ? type_scalar(r->function->module, TYPE_INT)
                               : index->type;
        t.chain.subject = build_cast(&b, type, index);
    }
    resolve_chain(r, call, &t.chain);
    return true;
}

// ---- All that it may hold ---------------------------------------------------

static bool collect(Resolver *r, const Function *indirect, const Value *value,
                    Targets *targets);

static bool add_target(const Function *indirect, Function *target,
                       Targets *targets) {
    if (!fits(indirect, target))
        return true; // another member's: C forbids to call it through this type
    for (uint32_t i = 0; i < targets->count; i++)
        if (targets->functions[i] == target)
            return true;
    if (targets->count == MOST_TARGETS)
        return false;
    targets->functions[targets->count++] = target;
    return true;
}

typedef struct Stored {
    Resolver *r;
    const Function *indirect;
    const MemObject *object;
    Targets *targets;
    bool fails;
} Stored;

static bool may_hold(const Resolver *r, const Value *address,
                     const MemObject *object) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(r->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i] == object || objects[i]->kind == MEM_UNKNOWN)
            return true;
    return false;
}

static bool collect_objects(Resolver *r, const Function *indirect,
                            const Value *address, Targets *targets);

static void note_stored(Op *op, void *context) {
    Stored *s = context;
    if (s->fails)
        return;
    if (op->kind == OP_STORE && type_is_pointer(op->operands[1]->type) &&
        may_hold(s->r, op->operands[0], s->object))
        s->fails = type_function_result(op->operands[1]->type->element) &&
                   !collect(s->r, s->indirect, op->operands[1], s->targets);
    else if (op->kind == OP_COPY && type_holds_pointer(op->as.type) &&
             may_hold(s->r, op->operands[0], s->object))
        s->fails =
            !collect_objects(s->r, s->indirect, op->operands[1], s->targets);
}

// What is stored anywhere in the objects that the address leads to.
static bool collect_objects(Resolver *r, const Function *indirect,
                            const Value *address, Targets *targets) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(r->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++) {
        Stored s = {r, indirect, objects[i], targets, false};
        if (objects[i]->kind != MEM_LOCAL || objects[i]->escapes ||
            !objects[i]->root->op)
            return false;
        if (ptrmap_has(r->seen, objects[i]))
            continue;
        ptrmap_set(r->seen, objects[i], r);
        walk_ops(r->function->body, note_stored, &s);
        if (s.fails)
            return false;
    }
    return count > 0;
}

static bool collect_loop(Resolver *r, const Function *indirect, const Op *loop,
                         uint32_t slot, Targets *targets) {
    return collect(r, indirect, loop_initial(loop, slot), targets) &&
           collect(r, indirect, loop_next(loop, slot), targets);
}

// False where a target is not known.
static bool collect(Resolver *r, const Function *indirect, const Value *value,
                    Targets *targets) {
    const Op *op = value->op;
    Function *target = function_of_value(value);
    if (target)
        return add_target(indirect, target, targets);
    if (ptrmap_has(r->seen, value))
        return true;
    ptrmap_set(r->seen, value, r);
    if (!op) {
        const Op *loop = value->region->parent;
        bool indexed = loop && loop->kind == OP_FOR;
        return loop && loop->kind != OP_IF &&
               collect_loop(r, indirect, loop, value->index - indexed, targets);
    }
    if (value_is_zero(value) || op->kind == OP_UNDEF)
        return true;
    if (op->kind == OP_CAST && type_is_pointer(op->operands[0]->type))
        return collect(r, indirect, op->operands[0], targets);
    if (op->kind == OP_SELECT || op->kind == OP_IF)
        return collect(r, indirect, chosen(value, 0), targets) &&
               collect(r, indirect, chosen(value, 1), targets);
    if (op->kind == OP_FOR || op->kind == OP_WHILE)
        return collect_loop(r, indirect, op, value->index, targets);
    return op->kind == OP_LOAD &&
           collect_objects(r, indirect, op->operands[0], targets);
}

static bool resolve_set(Resolver *r, Op *call, Value *pointer) {
    Chain chain = {.pointer = pointer};
    r->seen = ptrmap_create(r->arena);
    if (!collect(r, call->as.callee, pointer, &chain.targets) ||
        chain.targets.count == 0)
        return false;
    resolve_chain(r, call, &chain);
    return true;
}

// ---- The pass ---------------------------------------------------------------

static bool carries_floats(const Function *indirect) {
    for (uint32_t i = 0; i < indirect->param_count; i++) {
        const Type *type = indirect->params[i].type;
        if (type_reaches_float(type) ||
            (type_is_pointer(type) && type->element->kind == TYPE_VOID))
            return true;
    }
    return type_is_float(indirect->result);
}

// A parameter of the function itself, for which the user gives a rule.
static bool resolve_callback(Resolver *r, Op *call, const Value *pointer) {
    if (pointer->op || pointer->region != r->function->body)
        return false;
    Function *callback = r->function->params[pointer->index].callback;
    if (!callback || callback == call->as.callee)
        return false;
    call->as.callee = callback;
    return r->changed = true;
}

static bool resolve(Resolver *r, Op *call) {
    Function *indirect = call->as.callee;
    if (!indirect->is_indirect || !carries_floats(indirect))
        return false;
    Value *pointer = call->operands[address_at(indirect)];
    if (resolve_callback(r, call, pointer))
        return false; // the call is still there
    Function *target = function_of_value(pointer);
    if (target) {
        Builder b = builder_before(call);
        if (fits(indirect, target))
            replace(r, call, build_direct(r, &b, call, target));
        return fits(indirect, target);
    }
    return resolve_choice(r, call, pointer) ||
           resolve_table(r, call, pointer) || resolve_set(r, call, pointer);
}

// True where a call has been replaced, so that what is known of the function
// must be found anew.
static bool visit(Resolver *r, Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_CALL && resolve(r, op))
            return true;
        for (uint32_t i = 0; i < op->region_count; i++)
            if (visit(r, op->regions[i]))
                return true;
    }
    return false;
}

static void note_indirect(Op *op, void *context) {
    bool *any = context;
    *any |= op->kind == OP_CALL && op->as.callee->is_indirect;
}

bool pass_resolve_calls(Function *function) {
    Resolver r = {.function = function, .arena = function->module->arena};
    bool more = false;
    walk_ops(function->body, note_indirect, &more);
    while (more) {
        r.memory = memory_analyse(r.arena, function);
        more = visit(&r, function->body);
    }
    return r.changed;
}

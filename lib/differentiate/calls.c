// calls.c - calls that were not inlined, because the callee is recursive. In
// forward mode the callee's tangent function is called instead. In reverse mode
// the callee becomes two functions: one that does what it does and leaves on
// the caller's tape what the reverse needs, and one that takes that from the
// tape and runs backwards. Each is made once for each set of active arguments.
#include "differentiate/derive.h"

#include "optimize/optimize.h"

// ---- Which calls, and with what --------------------------------------------

bool call_is_paired(const Op *op) {
    const Function *callee = op->as.callee;
    return op->kind == OP_CALL && callee->body && !callee->inactive &&
           !callee->is_output && !callee->rule_count;
}

// Through which a callee may reach floating values: bytes may be any.
static bool may_reach_float(const Type *pointee) {
    return type_reaches_float(pointee) || pointee->kind == TYPE_VOID ||
           (pointee->kind >= TYPE_CHAR && pointee->kind <= TYPE_UCHAR);
}

bool call_argument_is_active(const Derive *d, const Value *argument) {
    return derive_is_active(d, argument) ||
           (type_is_pointer(argument->type) &&
            may_reach_float(argument->type->element) &&
            activity_of_address(d->activity, argument));
}

bool call_is_active(const Derive *d, const Op *op) {
    if (op->kind != OP_CALL)
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (call_argument_is_active(d, op->operands[i]) ||
            (d->second && derive_is_tape(d, op->operands[i]->type)))
            return true; // (its tangents must be on the tape, or come off it)
    return op->result_count && derive_is_active(d, op->results[0]);
}

bool call_needs_shadow(const Derive *d, const Op *op, uint32_t argument) {
    if (call_has_rules(op))
        return call_is_active(d, op) && rule_needs_shadow(d, op, argument);
    return call_is_paired(op) && call_is_active(d, op) &&
           type_is_pointer(op->operands[argument]->type) &&
           call_argument_is_active(d, op->operands[argument]);
}

// Into a record that came by value: its derivative is not there yet when the
// forward sweep passes addresses on.
bool call_leads_to_copy(const Derive *d, const Value *argument) {
    const MemObject *const *objects;
    if (!type_is_pointer(argument->type))
        return false;
    uint32_t count = memory_targets(d->memory, argument, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->kind == MEM_LOCAL && !objects[i]->root->op)
            return true;
    return false;
}

// Whether a callee's parameter has the derivative of a pointer; a record by
// value is passed with a pointer, too, but has that of a scalar.
static bool is_lent(const Pair *pair, uint32_t i) {
    const Param *param = &pair->callee->params[i];
    return pair->active[i] && type_is_pointer(param->type);
}

bool call_waits(const Derive *d, const Op *op) {
    return d->split && op->as.callee->is_step;
}

bool call_lends(const Derive *d, const MemObject *object, const Op *op) {
    if (call_waits(d, op))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const MemObject *const *objects;
        if (!call_needs_shadow(d, op, i) ||
            op->as.callee->params[i].by_value_record)
            continue;
        uint32_t count = memory_targets(d->memory, op->operands[i], &objects);
        for (uint32_t k = 0; k < count; k++)
            if (objects[k] == object)
                return true;
    }
    return false;
}

// What stands in the way of passing an argument's derivative; NULL if nothing.
const char *call_obstacle(const Derive *d, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Param *param = &op->as.callee->params[i];
        if (!call_argument_is_active(d, op->operands[i]))
            continue;
        const Type *type = param->by_value_record         ? param->type
                           : type_is_pointer(param->type) ? param->type->element
                                                          : NULL;
        if (d->split && !param->by_value_record &&
            call_leads_to_copy(d, op->operands[i]))
            return "the address of a struct that came by value is passed on to "
                   "a recursive function";
        if (type && type_holds_pointer(type))
            return "pointers to values that carry derivatives are passed in "
                   "memory to a recursive function";
    }
    return NULL;
}

// ---- Pairs ------------------------------------------------------------------

static Pair describe(const Derive *d, const Op *op) {
    Pair pair = {.callee = op->as.callee, .mode = d->annotation->mode};
    pair.active = arena_array(d->arena, bool, op->operand_count);
    for (uint32_t i = 0; i < op->operand_count; i++)
        pair.active[i] = call_argument_is_active(d, op->operands[i]);
    pair.result_active = type_is_float(pair.callee->result);
    return pair;
}

static bool same_pair(const Pair *a, const Pair *b) {
    if (a->callee != b->callee || a->mode != b->mode)
        return false;
    for (uint32_t i = 0; i < a->callee->param_count; i++)
        if (a->active[i] != b->active[i])
            return false;
    return true;
}

static const char *free_name(const Derive *d, const char *base,
                             const char *suffix) {
    const char *name = arena_printf(d->arena, "%s_%s", base, suffix);
    for (int i = 2; module_find_function(d->module, name); i++)
        name = arena_printf(d->arena, "%s_%s%d", base, suffix, i);
    return name;
}

// Whether a callee can write through a parameter of the type.
static bool may_go_out(const Type *type) {
    if (!type_is_pointer(type))
        return false;
    for (type = type->element; type->kind == TYPE_ARRAY && !type->is_const;)
        type = type->element;
    return !type->is_const;
}

static Annotation *annotation_of(const Derive *d, const Pair *pair) {
    uint32_t count = pair->callee->param_count;
    Annotation *a = arena_new(d->arena, Annotation);
    a->mode = d->annotation->mode;
    a->loc = d->annotation->loc;
    a->wrt = arena_array(d->arena, GradItem, count);
    a->of = arena_array(d->arena, GradItem, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        GradItem item = {.kind = ITEM_PARAM, .param = i, .loc = a->loc};
        if (!pair->active[i])
            continue;
        a->wrt[a->wrt_count++] = item;
        if (may_go_out(pair->callee->params[i].type))
            a->of[a->of_count++] = item;
    }
    if (pair->result_active)
        a->of[a->of_count++] = (GradItem){.kind = ITEM_RETURN, .loc = a->loc};
    bool forward = a->mode == GRAD_FORWARD;
    a->name = free_name(d, pair->callee->name, forward ? "tangent" : "forward");
    return a;
}

static Function *prepare(const Derive *d, const Function *callee) {
    Function *prepared = clone_function(callee, callee->name);
    d->module->functions.count--;
    optimize_primal(d->module, prepared, d->disabled);
    return prepared;
}

static Pair *request(Derive *d, const Op *op) {
    Pair wanted = describe(d, op);
    for (size_t i = 0; i < d->pairs->items.count; i++)
        if (same_pair(d->pairs->items.items[i], &wanted))
            return d->pairs->items.items[i];
    Pair *pair = arena_new(d->arena, Pair);
    *pair = wanted;
    vec_push(d->arena, &d->pairs->items, pair);
    Derive sub = {.arena = d->arena,
                  .module = d->module,
                  .diags = d->diags,
                  .primal = pair->callee,
                  .pairs = d->pairs,
                  .pair = pair,
                  .second = d->second,
                  .disabled = d->disabled};
    sub.annotation = annotation_of(d, pair);
    sub.split = sub.annotation->mode == GRAD_REVERSE;
    d->failed |= !derive_run(&sub, prepare(d, pair->callee));
    return pair;
}

// ---- Forward mode -----------------------------------------------------------

static void set_operands(Op *op, Value **operands, uint32_t count) {
    op->operands = operands;
    op->operand_count = count;
}

Value *call_cell(Builder *b, const Type *type, const char *name) {
    const Type *plain = type_plain(b->function->module, type);
    Value *cell = build_alloc(b, plain, NULL, 0, name);
    build_store(b, cell, build_float(b, plain, 0));
    return cell;
}

Value *call_forward(Derive *d, Op *op, TangentFn tangent, void *context) {
    Pair *pair = request(d, op);
    if (d->failed)
        return NULL;
    Builder b = builder_before(op);
    Value **operands =
        arena_array(d->arena, Value *, 2 * op->operand_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *argument = op->operands[i];
        operands[count++] = argument;
        if (!pair->active[i])
            continue;
        operands[count++] = type_is_pointer(argument->type)
                                ? shadow_of(d, argument)
                                : tangent(context, &b, argument);
    }
    Value *cell = NULL;
    if (pair->result_active)
        operands[count++] = cell =
            call_cell(&b, pair->callee->result, "d_result");
    op->as.callee = pair->forward;
    set_operands(op, operands, count);
    Builder after = builder_after(op);
    return cell ? build_load(&after, cell) : NULL;
}

// ---- Reverse mode -----------------------------------------------------------

Value *derive_tape(Derive *d) {
    if (d->tape)
        return d->tape;
    Builder top = builder_at_end(d->function->body);
    top.before = d->function->body->first;
    Op *op = op_create(d->function, OP_TAPE, 0, 1, 0);
    const Type *type = derive_tape_type(d->module);
    d->tape = op_set_result(op, d->function, 0, type, "tape");
    builder_insert(&top, op);
    return d->tape;
}

const Type *derive_tape_type(Module *module) {
    return type_pointer(module, type_opaque(module, "GradTape"));
}

// Where the adjoints of a record that goes by value come out.
static Value *record_cell(Builder *b, const Function *callee, uint32_t i) {
    const Param *param = &callee->params[i];
    const Type *type = type_plain(callee->module, param->type);
    Value *cell =
        build_alloc(b, type, NULL, 0,
                    arena_printf(callee->module->arena, "d_%s", param->name));
    build_zero(b, cell);
    return cell;
}

static void add_member(Builder *b, Value *target, Value *source) {
    build_store(
        b, target,
        build_binary(b, OP_ADD, build_load(b, target), build_load(b, source)));
}

// Whether an earlier argument is the same value.
static bool is_repeated(const Op *op, uint32_t argument) {
    for (uint32_t i = 0; i < argument; i++)
        if (op->operands[i] == op->operands[argument])
            return true;
    return false;
}

// A variable that the callee adds to: the adjoint itself, so that sums are
// added up in the order in which the callee, inlined, would.
static Value *adjoint_cell(Derive *d, Builder *b, const Op *op, uint32_t i,
                           const char *name, const AdjointAccess *adjoints) {
    Value *argument = op->operands[i];
    Value *cell = call_cell(b, argument->type, derive_name(d, name));
    Value *before =
        is_repeated(op, i) ? NULL : adjoints->get(adjoints->context, argument);
    if (before)
        build_store(b, cell, before);
    return cell;
}

static void take_adjoint(Builder *b, const Op *op, uint32_t i, Value *cell,
                         const AdjointAccess *adjoints) {
    Value *after = build_load(b, cell);
    if (is_repeated(op, i))
        after = build_binary(b, OP_ADD,
                             adjoints->get(adjoints->context, op->operands[i]),
                             after);
    adjoints->set(adjoints->context, op->operands[i], after);
}

void call_reverse(Derive *d, Builder *b, Op *op, Value *weight,
                  const AdjointAccess *adjoints) {
    Pair *pair = request(d, op);
    if (d->failed)
        return;
    Value **arguments = arena_array(d->arena, Value *, op->operand_count + 2);
    Value **cells = arena_array(d->arena, Value *, op->operand_count);
    uint32_t count = 0;
    arguments[count++] = derive_tape(d);
    if (pair->result_active)
        arguments[count++] =
            weight ? weight : build_float(b, pair->callee->result, 0);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!pair->active[i] || is_lent(pair, i))
            continue;
        cells[i] = pair->callee->params[i].by_value_record
                       ? record_cell(b, pair->callee, i)
                       : adjoint_cell(d, b, op, i, pair->callee->params[i].name,
                                      adjoints);
        arguments[count++] = cells[i];
    }
    build_call(b, pair->reverse, arguments, count);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (cells[i] && type_is_pointer(op->operands[i]->type))
            aggregate_each_float(b, cells[i]->type->element,
                                 shadow_of(d, op->operands[i]), cells[i], NULL,
                                 add_member);
        else if (cells[i])
            take_adjoint(b, op, i, cells[i], adjoints);
    PairedCall paired = {.op = op, .pair = pair};
    vec_push(d->arena, &d->paired, paired);
}

static uint32_t forward_operands(const Derive *d, const PairedCall *paired,
                                 Value ***operands) {
    const Op *op = paired->op;
    uint32_t count = 0;
    *operands = arena_array(d->arena, Value *, 2 * op->operand_count + 1);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        (*operands)[count++] = op->operands[i];
        if (is_lent(paired->pair, i))
            (*operands)[count++] = shadow_of(d, op->operands[i]);
    }
    (*operands)[count++] = d->tape;
    return count;
}

// The forward sweep's calls go to the function that fills the tape. Done when
// the analyses of the sweep are no longer asked.
void calls_redirect(Derive *d) {
    for (size_t k = 0; k < d->paired.count; k++) {
        const PairedCall *paired = &d->paired.items[k];
        Value **operands;
        if (paired->stays)
            continue;
        uint32_t count = forward_operands(d, paired, &operands);
        paired->op->as.callee = paired->pair->forward;
        set_operands(paired->op, operands, count);
    }
}

void call_build_forward(Derive *d, Builder *b, const Op *op, Value *index) {
    for (size_t k = 0; k < d->paired.count; k++) {
        PairedCall *paired = &d->paired.items[k];
        Value **operands;
        if (paired->op != op)
            continue;
        uint32_t count = forward_operands(d, paired, &operands);
        if (index)
            operands[0] = index;
        paired->stays = true;
        build_call(b, paired->pair->forward, operands, count);
        return;
    }
    BUG("a call without its reverse");
}

// ---- A callee taken apart ---------------------------------------------------

// Parameters behind the primal's and their shadows: the tape, the weight of the
// result, where the adjoints of active scalars go. The first belongs to both
// functions, the others to the reverse one.
static void add_split_params(Derive *d, uint32_t position) {
    Param *params = d->function->params;
    d->tape_position = position;
    params[position++] =
        (Param){.name = "tape", .type = derive_tape_type(d->module)};
    const Type *result = type_plain(d->module, d->primal->result);
    if (d->pair->result_active)
        params[position++] = (Param){.name = "d_result", .type = result};
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Param *param = &d->primal->params[i];
        if (!d->pair->active[i] || type_is_pointer(param->type))
            continue;
        d->roles[i].derivative = (int)position;
        params[position++] =
            (Param){.name = derive_name(d, param->name),
                    .type = type_pointer(d->module,
                                         type_plain(d->module, param->type))};
    }
    d->function->param_count = position;
}

bool split_signature(Derive *d) {
    uint32_t position = 0;
    d->role_count = d->primal->param_count;
    d->roles = arena_array(d->arena, Role, d->role_count);
    d->of_return = d->pair->result_active;
    d->function = function_create(d->module, d->annotation->name,
                                  d->primal->result, 3 * d->role_count + 2);
    d->function->is_static = true;
    for (uint32_t i = 0; i < d->role_count; i++) {
        Role *role = &d->roles[i];
        Param param = d->primal->params[i];
        bool pointer = type_is_pointer(param.type);
        role->position = position;
        role->derivative = -1;
        role->wrt = d->pair->active[i];
        role->of = role->wrt && pointer;
        d->function->params[position++] = param;
        if (!role->of)
            continue;
        role->derivative = (int)position;
        param.name = derive_name(d, param.name);
        param.type = derive_unconst(d->module, param.type);
        param.group += param.group ? d->role_count : 0;
        d->function->params[position++] = param;
    }
    add_split_params(d, position);
    return true;
}

static void move_region(Region *region, Function *to) {
    region->function = to;
    for (Op *op = region->first; op; op = op->next)
        for (uint32_t r = 0; r < op->region_count; r++)
            move_region(op->regions[r], to);
}

// The declaration of the reverse function; calls to it may be built before its
// body is.
void split_declare(Derive *d) {
    const Function *all = d->function;
    uint32_t count = all->param_count - d->tape_position;
    Function *reverse =
        function_create(d->module, free_name(d, d->primal->name, "reverse"),
                        type_scalar(d->module, TYPE_VOID), count);
    for (uint32_t i = 0; i < count; i++)
        reverse->params[i] = all->params[d->tape_position + i];
    reverse->is_static = true;
    reverse->derivative_of = d->primal;
    reverse->loc = d->primal->loc;
    reverse->comment = arena_printf(
        d->arena, "Runs the last %s backwards, with what it left on the tape.",
        all->name);
    d->pair->reverse = reverse;
}

// Takes the reverse sweep (the first region of `sweep`) out of the forward
// function, into its own.
void split_finish(Derive *d, Op *sweep) {
    Function *all = d->function, *reverse = d->pair->reverse;
    reverse->value_count = all->value_count;
    Region *body = function_add_body(reverse);
    Region *from = sweep->regions[IF_THEN];
    ValueMap map;
    valuemap_init(&map, d->arena, all);
    for (uint32_t i = 0; i < body->param_count; i++)
        valuemap_set(&map, all->body->params[d->tape_position + i],
                     body->params[i]);
    remap_region(from, &map);
    op_remove(region_terminator(from));
    for (Op *op = from->first, *next; op; op = next) {
        next = op->next;
        Builder b = builder_at_end(body);
        op_move(&b, op);
    }
    move_region(body, reverse);
    Builder end = builder_at_end(body);
    build_return(&end, NULL);
    op_remove(sweep);
    all->param_count = all->body->param_count = d->tape_position + 1;
}

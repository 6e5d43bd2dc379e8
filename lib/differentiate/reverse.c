// reverse.c - reverse mode: appends the reverse sweep to the forward sweep.
//
// The sweep is written as though all primal values were still visible: its
// operations name values of the forward sweep wherever they need them, across
// region boundaries. carry.c makes that true afterwards, so that what has to be
// stored or recomputed is decided with all needs in view.
//
// Adjoints of scalars are SSA values. Each region of the forward sweep is
// mirrored at most once; on the way into a mirrored branch or loop, adjoints of
// outer values that it may add to become results or carried values.
#include "differentiate/derive.h"

// Adjoints of the values of one mirrored region, and of the outer values that
// it carries.
typedef struct Scope {
    struct Scope *outer;
    PtrMap *adjoints; // value -> adjoint
} Scope;

typedef Vec(Value *) ValueList;

typedef struct Reverse {
    Derive *d;
    PtrMap *mirrors; // forward region -> reverse region
    PtrMap *loops;   // forward loop -> reverse loop
} Reverse;

static Scope scope_inside(Reverse *r, Scope *outer) {
    Scope scope = {outer, ptrmap_create(r->d->arena)};
    return scope;
}

static Value *adjoint(const Scope *scope, const Value *value) {
    for (; scope; scope = scope->outer)
        if (ptrmap_has(scope->adjoints, value))
            return ptrmap_get(scope->adjoints, value);
    return NULL;
}

static Value *adjoint_or_zero(const Scope *scope, Builder *b,
                              const Value *value) {
    Value *known = adjoint(scope, value);
    return known ? known : build_float(b, value->type, 0);
}

static void set_adjoint(Reverse *r, Scope *scope, const Value *value,
                        Value *to) {
    if (to && !to->name && !value_is_constant(to))
        to->name = derive_name(r->d, value->name);
    ptrmap_set(scope->adjoints, value, to);
}

// adjoint of value += contribution
static void add(Reverse *r, Scope *scope, Builder *b, const Value *value,
                Value *contribution) {
    if (!contribution || !derive_is_active(r->d, value))
        return;
    Value *before = adjoint(scope, value);
    bool mixed =
        before && type_is_complex(before->type) &&
        type_equal(type_part(r->d->module, before->type), contribution->type);
    if (!mixed) // else the sum takes a real part as it is
        contribution = derive_convert(b, value->type, contribution);
    Value *after =
        before ? build_binary(b, OP_ADD, before, contribution) : contribution;
    set_adjoint(r, scope, value, after);
}

// ---- Straight-line operations -----------------------------------------------

static void reverse_arithmetic(Reverse *r, Scope *scope, Builder *b,
                               const Op *op) {
    Value *weight = adjoint(scope, op->results[0]);
    if (!weight)
        return;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (derive_is_active(r->d, op->operands[i]))
            add(r, scope, b, op->operands[i], local_adjoint(b, op, i, weight));
}

static void reverse_load(Reverse *r, Scope *scope, Builder *b, const Op *op) {
    Value *weight = adjoint(scope, op->results[0]);
    Value *shadow = shadow_of(r->d, op->operands[0]);
    if (!weight || !shadow)
        return;
    Value *sum = build_binary(b, OP_ADD, build_load(b, shadow), weight);
    build_store(b, shadow, sum);
}

static void reverse_store(Reverse *r, Scope *scope, Builder *b, const Op *op) {
    const Value *value = op->operands[1];
    if (!type_is_float(value->type) ||
        !activity_of_address(r->d->activity, op->operands[0]))
        return;
    Value *shadow = shadow_of(r->d, op->operands[0]);
    if (derive_is_active(r->d, value))
        add(r, scope, b, value, build_load(b, shadow));
    build_store(b, shadow, build_float(b, value->type, 0));
}

// What was copied in gives its adjoint back to where it came from.
static void give_back(Builder *b, Value *target, Value *source) {
    Value *zero = build_float(b, target->type->element, 0);
    Value *weight = build_load(b, target);
    build_store(b, target, zero);
    if (source)
        build_store(b, source,
                    build_binary(b, OP_ADD, build_load(b, source), weight));
}

static void repeat_zero(Builder *b, const Op *op, Value *target) {
    Op *zero = op_create(b->function, OP_ZERO, op->operand_count, 0, 0);
    zero->as = op->as;
    zero->operands[0] = target;
    if (op->operand_count > 1)
        zero->operands[1] = op->operands[1];
    builder_insert(b, zero);
}

// Whether both may point into one object, which a memmove then shifts.
static bool may_overlap(const Reverse *r, const Value *a, const Value *c) {
    const MemObject *const *left, *const *right;
    uint32_t left_count = memory_targets(r->d->memory, a, &left);
    uint32_t right_count = memory_targets(r->d->memory, c, &right);
    for (uint32_t i = 0; i < left_count; i++)
        for (uint32_t j = 0; j < right_count; j++)
            if (left[i] == right[j])
                return true;
    return false;
}

static void reverse_memory(Reverse *r, Builder *b, const Op *op) {
    Value *target = shadow_of(r->d, op->operands[0]);
    if (!type_holds_float(op->as.type) || !target)
        return;
    if (op->kind == OP_ZERO && !type_holds_pointer(op->as.type)) {
        repeat_zero(b, op, target);
        return;
    }
    bool copies = op->kind == OP_COPY;
    uint32_t count = copies ? 2 : 1;
    Value *source = copies ? shadow_of(r->d, op->operands[1]) : NULL;
    Value *elements = op->operand_count > count ? op->operands[count] : NULL;
    if (elements && source && may_overlap(r, op->operands[0], op->operands[1]))
        aggregate_each_moved(b, op->as.type, target, source, elements,
                             give_back);
    else
        aggregate_each_float(b, op->as.type, target, source, elements,
                             give_back);
}

// Taking memory, reversed, is giving it back.
static void reverse_heap(Reverse *r, Builder *b, const Op *op) {
    Value *shadow = shadow_of(r->d, op->results[0]);
    if (shadow && op->kind == OP_REALLOC)
        realloc_reverse(r->d, b, op);
    else if (shadow)
        derive_build_release(b, shadow);
    if (ptrmap_has(r->d->postponed, op->results[0]))
        build_free(b, op->results[0]);
}

// ---- What a region has to do with derivatives -------------------------------

// A local whose derivative memory is on the heap.
static bool has_waiting_shadow(const Reverse *r, const Op *op) {
    const Value *shadow = shadow_of(r->d, op->results[0]);
    return shadow && shadow->op && shadow->op->kind == OP_HEAP;
}

static bool op_works(const Reverse *r, const Op *op) {
    if (op->kind == OP_STORE)
        return type_is_float(op->operands[1]->type) &&
               activity_of_address(r->d->activity, op->operands[0]);
    if (op->kind == OP_COPY || op->kind == OP_ZERO)
        return shadow_of(r->d, op->operands[0]) != NULL &&
               type_holds_float(op->as.type);
    if (op->kind == OP_ALLOC)
        return has_waiting_shadow(r, op);
    if (op->kind == OP_HEAP || op->kind == OP_REALLOC)
        return shadow_of(r->d, op->results[0]) != NULL ||
               ptrmap_has(r->d->postponed, op->results[0]);
    if (op->kind == OP_CALL)
        return (call_is_paired(op) || call_has_rules(op)) &&
               call_is_active(r->d, op);
    return op->result_count && derive_is_active(r->d, op->results[0]);
}

static bool region_works(const Reverse *r, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op_works(r, op))
            return true;
        for (uint32_t i = 0; i < op->region_count; i++)
            if (region_works(r, op->regions[i]))
                return true;
    }
    return false;
}

static bool loop_or_if_works(const Reverse *r, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        if (derive_is_active(r->d, op->results[i]))
            return true;
    for (uint32_t i = 0; i < op->region_count; i++)
        if (region_works(r, op->regions[i]))
            return true;
    return false;
}

static void collect_outer(Reverse *r, const Region *top, const Region *region,
                          PtrMap *seen, ValueList *list) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++) {
            Value *value = op->operands[i];
            if (!derive_is_active(r->d, value) || ptrmap_has(seen, value) ||
                region_contains(top, value_region(value)))
                continue;
            ptrmap_set(seen, value, value);
            vec_push(r->d->arena, list, value);
        }
        for (uint32_t i = 0; i < op->region_count; i++)
            collect_outer(r, top, op->regions[i], seen, list);
    }
}

// Active values from outside that the operation's regions use.
static ValueList outer_values(Reverse *r, const Op *op) {
    ValueList list = {0};
    PtrMap *seen = ptrmap_create(r->d->arena);
    for (uint32_t i = 0; i < op->region_count; i++)
        collect_outer(r, op->regions[i], op->regions[i], seen, &list);
    return list;
}

// ---- Branches ---------------------------------------------------------------

static void reverse_region(Reverse *r, Scope *scope, Builder *b,
                           const Region *region);

static Builder builder_inside(const Builder *b, Region *region) {
    Builder inner = builder_at_end(region);
    inner.adjoint = true;
    inner.origin = b->origin;
    return inner;
}

static void reverse_branch(Reverse *r, Scope *scope, Scope *inner, Builder *b,
                           const Op *op, uint32_t which) {
    const Region *region = op->regions[which];
    const Op *yield = region_terminator(region);
    ptrmap_set(r->mirrors, region, b->region);
    for (uint32_t i = 0; i < op->result_count; i++)
        add(r, inner, b, yield->operands[i], adjoint(scope, op->results[i]));
    reverse_region(r, inner, b, region);
}

static void reverse_if(Reverse *r, Scope *scope, Builder *b, const Op *op) {
    if (!loop_or_if_works(r, op))
        return;
    ValueList outer = outer_values(r, op);
    Op *mirror = build_if(b, op->operands[0]);
    Scope inner[2];
    Builder branch[2];
    for (uint32_t w = 0; w < 2; w++) {
        inner[w] = scope_inside(r, scope);
        branch[w] = builder_inside(b, mirror->regions[w]);
        reverse_branch(r, scope, &inner[w], &branch[w], op, w);
    }
    Op *yields[2] = {build_yield(&branch[0], NULL, 0),
                     build_yield(&branch[1], NULL, 0)};
    for (size_t i = 0; i < outer.count; i++) {
        const Value *value = outer.items[i];
        Value *both = adjoint(&inner[0], value);
        if (both == adjoint(&inner[1], value)) { // made before the branch
            if (both != adjoint(scope, value))
                set_adjoint(r, scope, value, both);
            continue;
        }
        for (uint32_t w = 0; w < 2; w++) {
            Builder end = builder_before(yields[w]);
            op_append_operand(yields[w],
                              adjoint_or_zero(&inner[w], &end, value));
        }
        set_adjoint(r, scope, value,
                    op_append_result(mirror, value->type, NULL));
    }
}

// ---- Loops ------------------------------------------------------------------

// One carried slot of the forward loop whose values are active.
typedef struct Slot {
    const Value *initial, *param, *next, *result;
} Slot;

typedef struct Loop {
    const Op *op;
    const Region *body;
    Vec(Slot) slots;
    ValueList outer;
} Loop;

bool reverse_slot_is_active(const Derive *d, const Op *loop, uint32_t i) {
    return derive_is_active(d, loop_param(loop, i)) ||
           derive_is_active(d, loop->results[i]);
}

static Loop describe_loop(Reverse *r, const Op *op) {
    Loop loop = {.op = op, .body = op->regions[op->region_count - 1]};
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    const Op *yield = region_terminator(loop.body);
    for (uint32_t i = 0; i < op->result_count; i++) {
        Slot slot = {op->operands[first + i], loop.body->params[skip + i],
                     yield->operands[i], op->results[i]};
        if (reverse_slot_is_active(r->d, op, i))
            vec_push(r->d->arena, &loop.slots, slot);
    }
    loop.outer = outer_values(r, op);
    return loop;
}

// Counts a while loop's iterations on the way forward; answers the count.
static Value *count_trips(Op *loop) {
    Builder before = builder_before(loop);
    const Type *type = type_scalar(before.function->module, TYPE_LONG);
    Region *body = loop->regions[WHILE_BODY];
    op_append_operand(loop, build_int(&before, type, 0));
    region_append_param(loop->regions[WHILE_CONDITION], type, "trips");
    Value *count = region_append_param(body, type, "trips");
    Op *yield = region_terminator(body);
    Builder end = builder_before(yield);
    Value *next = build_binary(&end, OP_ADD, count, build_int(&end, type, 1));
    op_append_operand(yield, next);
    return op_append_result(loop, type, "trips");
}

static Op *build_mirror_loop(Builder *b, Op *op, Value **initial,
                             uint32_t count) {
    Op *mirror;
    if (op->kind == OP_FOR) {
        mirror = build_for(b, op->operands[FOR_BEGIN], op->operands[FOR_END],
                           op->operands[FOR_STEP], op->as.loop.compare, initial,
                           count, op->regions[0]->params[0]->name);
    } else {
        Value *trips = count_trips(op);
        Value *zero = build_int(b, trips->type, 0);
        Value *one = build_int(b, trips->type, 1);
        mirror = build_for(b, zero, trips, one, OP_LT, initial, count, "trip");
    }
    mirror->as.loop.reversed = true;
    mirror->as.loop.info = op->as.loop.info;
    return mirror;
}

// Fills the mirror's body: adjoints of what the iteration passes on become
// adjoints of what it was given.
static void reverse_body(Reverse *r, Scope *scope, Builder *b, const Loop *loop,
                         Op *mirror) {
    Scope inner = scope_inside(r, scope);
    Builder body = builder_inside(b, mirror->regions[0]);
    Value **params = mirror->regions[0]->params + 1;
    ptrmap_set(r->mirrors, loop->body, mirror->regions[0]);
    ptrmap_set(r->loops, loop->op, mirror);
    for (size_t i = 0; i < loop->outer.count; i++)
        set_adjoint(r, &inner, loop->outer.items[i],
                    params[loop->slots.count + i]);
    for (size_t i = 0; i < loop->slots.count; i++)
        add(r, &inner, &body, loop->slots.items[i].next, params[i]);
    reverse_region(r, &inner, &body, loop->body);
    size_t count = loop->slots.count + loop->outer.count;
    Value **next = arena_array(r->d->arena, Value *, count);
    for (size_t i = 0; i < loop->slots.count; i++)
        next[i] = adjoint_or_zero(&inner, &body, loop->slots.items[i].param);
    for (size_t i = 0; i < loop->outer.count; i++)
        next[loop->slots.count + i] =
            adjoint_or_zero(&inner, &body, loop->outer.items[i]);
    build_yield(&body, next, (uint32_t)count);
}

// What the mirror hands on: where its body passes a weight through, as that of
// a sum, it is what came in.
static Value *handed_on(const Op *mirror, uint32_t i) {
    return loop_next(mirror, i) == loop_param(mirror, i)
               ? loop_initial(mirror, i)
               : mirror->results[i];
}

// In a step, as a fused loop would: from zero.
static bool sums_from_zero(const Reverse *r, const Op *loop) {
    const LoopInfo *info = loop->as.loop.info;
    return r->d->split && info && info->order == ORDER_FUSED;
}

static Value *with_initial(Scope *scope, Builder *b, const Op *mirror,
                           uint32_t i, const Value *of) {
    Value *before = adjoint(scope, of), *sum = mirror->results[i];
    if (loop_next(mirror, i) == loop_param(mirror, i))
        return before ? before : loop_initial(mirror, i);
    return before ? build_binary(b, OP_ADD, before, sum) : sum;
}

static void reverse_loop(Reverse *r, Scope *scope, Builder *b, Op *op) {
    if (!loop_or_if_works(r, op))
        return;
    bool from_zero = sums_from_zero(r, op);
    Loop loop = describe_loop(r, op);
    uint32_t count = (uint32_t)(loop.slots.count + loop.outer.count);
    Value **initial = arena_array(r->d->arena, Value *, count);
    for (size_t i = 0; i < loop.slots.count; i++)
        initial[i] = adjoint_or_zero(scope, b, loop.slots.items[i].result);
    for (size_t i = 0; i < loop.outer.count; i++)
        initial[loop.slots.count + i] =
            from_zero ? build_float(b, loop.outer.items[i]->type, 0)
                      : adjoint_or_zero(scope, b, loop.outer.items[i]);
    Op *mirror = build_mirror_loop(b, op, initial, count);
    for (uint32_t i = 0; i < count; i++) {
        const Value *of = i < loop.slots.count
                              ? loop.slots.items[i].param
                              : loop.outer.items[i - loop.slots.count];
        const char *name = derive_name(r->d, of->name);
        mirror->results[i]->name = name;
        mirror->regions[0]->params[i + 1]->name = name;
    }
    reverse_body(r, scope, b, &loop, mirror);
    for (size_t i = 0; i < loop.outer.count; i++) {
        uint32_t position = (uint32_t)(loop.slots.count + i);
        const Value *of = loop.outer.items[i];
        set_adjoint(r, scope, of,
                    from_zero ? with_initial(scope, b, mirror, position, of)
                              : handed_on(mirror, position));
    }
    for (size_t i = 0; i < loop.slots.count; i++)
        add(r, scope, b, loop.slots.items[i].initial,
            handed_on(mirror, (uint32_t)i));
}

// ---- Calls ------------------------------------------------------------------

typedef struct CallScope {
    Reverse *r;
    Scope *scope;
} CallScope;

static void add_to(void *context, Builder *b, const Value *value,
                   Value *contribution) {
    CallScope *c = context;
    add(c->r, c->scope, b, value, contribution);
}

static Value *get_adjoint(void *context, const Value *value) {
    const CallScope *c = context;
    return adjoint(c->scope, value);
}

static void replace_adjoint(void *context, const Value *value, Value *to) {
    CallScope *c = context;
    set_adjoint(c->r, c->scope, value, to);
}

static void reverse_call(Reverse *r, Scope *scope, Builder *b, Op *op) {
    if (!op_works(r, op))
        return;
    CallScope c = {r, scope};
    Value *weight = op->result_count ? adjoint(scope, op->results[0]) : NULL;
    AdjointAccess access = {&c, get_adjoint, replace_adjoint};
    if (call_has_rules(op))
        rule_reverse(r->d, b, op, weight, add_to, &c);
    else
        call_reverse(r->d, b, op, weight, &access);
}

// ---- Regions and the function -----------------------------------------------

// A mark without an effect, which is dropped in the end.
static void mark_turn(Reverse *r, Builder *b, const Op *store) {
    Value *mark = build_undef(b, type_scalar(r->d->module, TYPE_INT));
    ptrmap_set(r->d->turns, store, mark->op);
}

static void reverse_op(Reverse *r, Scope *scope, Builder *b, Op *op) {
    b->origin = op->origin;
    if (op->kind == OP_STORE)
        mark_turn(r, b, op);
    if (op->kind == OP_IF)
        reverse_if(r, scope, b, op);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        reverse_loop(r, scope, b, op);
    else if (op->kind == OP_LOAD)
        reverse_load(r, scope, b, op);
    else if (op->kind == OP_STORE)
        reverse_store(r, scope, b, op);
    else if (op->kind == OP_COPY || op->kind == OP_ZERO)
        reverse_memory(r, b, op);
    else if (op->kind == OP_HEAP || op->kind == OP_REALLOC ||
             (op->kind == OP_ALLOC && has_waiting_shadow(r, op)))
        reverse_heap(r, b, op);
    else if (op->kind == OP_CALL)
        reverse_call(r, scope, b, op);
    else if (op->result_count && derive_is_active(r->d, op->results[0]) &&
             local_has_rule(op))
        reverse_arithmetic(r, scope, b, op);
}

static void reverse_region(Reverse *r, Scope *scope, Builder *b,
                           const Region *region) {
    for (Op *op = region->last; op; op = op->previous)
        if (!op->adjoint)
            reverse_op(r, scope, b, op);
}

static bool is_active_scalar(const Derive *d, const Role *role) {
    const Value *param = d->function->body->params[role->position];
    return type_is_float(param->type) && role->wrt;
}

// A callee's scalars go on from the adjoints that its caller has.
static void take_scalars(Reverse *r, Scope *scope, Builder *b) {
    Derive *d = r->d;
    for (uint32_t i = 0; i < d->role_count; i++)
        if (is_active_scalar(d, &d->roles[i]))
            set_adjoint(r, scope,
                        d->function->body->params[d->roles[i].position],
                        build_load(b, d->roles[i].shadow));
}

// Scalars that came in by value give their adjoint out through a pointer.
static void give_scalars(Reverse *r, Scope *scope, Builder *b) {
    Derive *d = r->d;
    b->origin = NULL;
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Value *param = d->function->body->params[d->roles[i].position];
        Value *weight = adjoint(scope, param);
        Value *target = d->roles[i].shadow;
        if (!is_active_scalar(d, &d->roles[i]) || !weight)
            continue;
        if (!d->split)
            weight = build_binary(b, OP_ADD, build_load(b, target), weight);
        build_store(b, target, weight);
    }
}

// Where the sweep goes: behind the primal, or, where it is to be split off, in
// a region of its own there.
static Builder open_sweep(Reverse *r, Op **sweep) {
    Region *body = r->d->function->body;
    Builder b = builder_before(region_terminator(body));
    b.adjoint = true;
    b.origin = NULL;
    if (!r->d->split)
        return b;
    const Type *type = type_scalar(r->d->module, TYPE_INT);
    Value *yes = build_int(&b, type, 1);
    *sweep = build_if(&b, yes);
    Builder other = builder_at_end((*sweep)->regions[IF_ELSE]);
    build_yield(&other, NULL, 0);
    ptrmap_set(r->mirrors, body, (*sweep)->regions[IF_THEN]);
    Builder inside = builder_at_end((*sweep)->regions[IF_THEN]);
    inside.adjoint = true;
    return inside;
}

static Value *result_weight(const Derive *d, Builder *b) {
    if (d->split)
        return d->function->body->params[d->tape_position + 1];
    return build_float(b, d->function->result, 1);
}

bool reverse_build(Derive *d) {
    Reverse reverse = {d, ptrmap_create(d->arena), ptrmap_create(d->arena)};
    Region *body = d->function->body;
    d->sweep_memory = memory_analyse(d->arena, d->function);
    d->turns = ptrmap_create(d->arena);
    Scope top = scope_inside(&reverse, NULL);
    Op *end = region_terminator(body), *last = end->previous, *sweep = NULL;
    if (d->split)
        d->tape = body->params[d->tape_position];
    Builder b = open_sweep(&reverse, &sweep);
    if (d->of_return && end->operand_count)
        add(&reverse, &top, &b, end->operands[0], result_weight(d, &b));
    if (d->split)
        take_scalars(&reverse, &top, &b);
    // Walk the primal only: what the sweep appends is marked as adjoint.
    for (Op *op = last; op && !d->failed; op = op->previous)
        if (!op->adjoint)
            reverse_op(&reverse, &top, &b, op);
    give_scalars(&reverse, &top, &b);
    signature_fold_buffers(d, &b);
    fuse_loops(d, reverse.mirrors, reverse.loops);
    if (d->split)
        build_yield(&b, NULL, 0);
    else
        sweep = last ? last->next : body->first;
    if (d->failed || !carry_values(d, sweep, reverse.mirrors, reverse.loops))
        return false;
    if (d->split)
        split_finish(d, sweep);
    return true;
}

// vector.c - forward mode in several directions at once: one primal evaluation,
// and beside each stretch of straight-line code one loop over the directions
// that computes the tangents of all its values.
//
// Inside that loop tangents are scalars, as in forward.c. What is needed beyond
// (in another stretch, around a loop, behind a branch) is kept in a buffer of
// as many values as there are directions. The loop stands at the end of its
// stretch: it reads values, which do not change, and derivative memory, which
// nothing else touches.
#include "differentiate/derive.h"

// The tangents of one value: a scalar of the loop that computes them, a buffer,
// or both.
typedef struct Tangents {
    Value *scalar;
    Op *loop;
    Value *buffer;
} Tangents;

typedef struct Vector {
    Derive *d;
    PtrMap *tangents; // value -> Tangents
    PtrMap *loaded;   // value -> its tangent, read in the open loop
    Op *loop;         // the open loop, or NULL
    Builder inside;   // at the end of its body
    Value *begin, *end, *step;
    const uint32_t *uses; // of the primal's values, by id
} Vector;

// ---- The loop over the directions -------------------------------------------

static Value *direction(const Vector *v) {
    return v->loop->regions[0]->params[0];
}

static void open_loop(Vector *v) {
    if (v->loop)
        return;
    Builder b = builder_before(region_terminator(v->d->function->body));
    b.adjoint = true;
    b.origin = NULL;
    v->loop = build_for(&b, v->begin, v->end, v->step, OP_LT, NULL, 0, "k");
    op_remove(v->loop); // until it is known where it goes
    v->inside = builder_at_end(v->loop->regions[0]);
    v->inside.adjoint = true;
    v->loaded = ptrmap_create(v->d->arena);
}

// Puts the open loop, if there is one, in front of an operation.
static void close_loop(Vector *v, Op *before) {
    if (!v->loop)
        return;
    build_yield(&v->inside, NULL, 0);
    Builder b = builder_before(before);
    b.adjoint = true;
    b.origin = NULL;
    builder_insert(&b, v->loop);
    v->loop = NULL;
}

// ---- Buffers ----------------------------------------------------------------

static Value *make_buffer(Vector *v, const Type *type, const char *name) {
    Builder b = builder_after(v->step->op);
    b.adjoint = true;
    return directions_buffer(v->d, &b, directions_number(v->d, type), name);
}

static Value *slot(Builder *b, Value *buffer, Value *k) {
    return buffer->type->element->kind == TYPE_ARRAY
               ? build_elem(b, buffer, k)
               : build_index(b, buffer, k);
}

// Of tangents that only their loop has so far: kept there.
static Value *buffer_of(Vector *v, Tangents *t, const Value *value) {
    if (t->buffer)
        return t->buffer;
    t->buffer = make_buffer(v, value->type, derive_name(v->d, value->name));
    Builder b = builder_before(region_terminator(t->loop->regions[0]));
    b.adjoint = true;
    Value *k = t->loop->regions[0]->params[0];
    build_store(&b, slot(&b, t->buffer, k), t->scalar);
    return t->buffer;
}

static bool has_tangent(const Vector *v, const Value *value) {
    return ptrmap_has(v->tangents, value);
}

// The value's tangent in the open loop; NULL where it is zero.
static Value *get(Vector *v, const Value *value) {
    Tangents *t = ptrmap_get(v->tangents, value);
    if (!t)
        return NULL;
    open_loop(v);
    if (t->loop == v->loop)
        return t->scalar;
    Value *read = ptrmap_get(v->loaded, value);
    if (read)
        return read;
    Value *buffer = buffer_of(v, t, value);
    read = build_load(&v->inside, slot(&v->inside, buffer, direction(v)));
    read->name = derive_name(v->d, value->name);
    ptrmap_set(v->loaded, value, read);
    return read;
}

static Value *get_or_zero(Vector *v, const Value *value) {
    open_loop(v);
    Value *tangent = get(v, value);
    const Type *type = directions_number(v->d, value->type);
    return tangent ? tangent : build_constant(&v->inside, type, 0);
}

static void set(Vector *v, const Value *value, Value *tangent) {
    Tangents *t = arena_new(v->d->arena, Tangents);
    if (!tangent->name && !value_is_constant(tangent))
        tangent->name = derive_name(v->d, value->name);
    t->scalar = tangent;
    t->loop = v->loop;
    ptrmap_set(v->tangents, value, t);
}

static void set_buffer(Vector *v, const Value *value, Value *buffer) {
    Tangents *t = arena_new(v->d->arena, Tangents);
    t->buffer = buffer;
    ptrmap_set(v->tangents, value, t);
}

static void put(Vector *v, Value *buffer, Value *tangent) {
    build_store(&v->inside, slot(&v->inside, buffer, direction(v)), tangent);
}

// ---- Straight-line operations -----------------------------------------------

// d_x[i * N + k]: the place in derivative memory that the pointer leads to.
static Value *place(Vector *v, Value *shadow) {
    const Op *op = shadow->op;
    Value *k = direction(v);
    if (!op || op->kind != OP_INDEX)
        return slot(&v->inside, shadow, k);
    Value *offset = op->operands[1];
    Value *sum = build_binary(&v->inside, OP_ADD, offset,
                              build_cast(&v->inside, offset->type, k));
    return build_index(&v->inside, op->operands[0], sum);
}

// Index sets: what a result depends on is what the operands do whose partial
// derivatives are not zero for certain. (Those are built only to be looked at.)
static Value *unite(Builder *b, const Op *op, Value **tangents) {
    Value *total = NULL;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!tangents[i])
            continue;
        // A multiple of a weight depends on all that the weight depends on.
        bool guard = op->kind == OP_SELECT && op->as.guard;
        Value *one = guard ? NULL : build_float(b, op->operands[i]->type, 1);
        if (one && !local_tangent(b, op, i, one))
            continue;
        total =
            total ? build_binary(b, OP_OR, total, tangents[i]) : tangents[i];
    }
    return total;
}

static void vector_arithmetic(Vector *v, const Op *op) {
    bool any = false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        any |= has_tangent(v, forward_source(op, i));
    if (!any)
        return;
    open_loop(v);
    Value **tangents = arena_array(v->d->arena, Value *, op->operand_count);
    for (uint32_t i = 0; i < op->operand_count; i++)
        tangents[i] = get(v, forward_source(op, i));
    v->inside.origin = op->origin;
    Value *total = v->d->bits ? unite(&v->inside, op, tangents)
                              : forward_tangent(&v->inside, op, tangents);
    if (total)
        set(v, op->results[0], total);
}

static void vector_load(Vector *v, const Op *op) {
    open_loop(v);
    v->inside.origin = op->origin;
    set(v, op->results[0],
        build_load(&v->inside, place(v, shadow_of(v->d, op->operands[0]))));
}

static void vector_store(Vector *v, const Op *op) {
    if (!type_is_float(op->operands[1]->type) ||
        !activity_of_address(v->d->activity, op->operands[0]))
        return;
    v->inside.origin = op->origin;
    Value *tangent = get_or_zero(v, op->operands[1]);
    build_store(&v->inside, place(v, shadow_of(v->d, op->operands[0])),
                tangent);
}

static void vector_return(Vector *v, Op *op) {
    if (v->d->return_weight) {
        Value *tangent = get_or_zero(v, op->operands[0]);
        put(v, v->d->return_weight, tangent);
    }
    close_loop(v, op);
}

// Whole objects: all of their elements, in all directions.
static void vector_memory(Vector *v, Op *op) {
    Value *target = shadow_of(v->d, op->operands[0]);
    if (!target)
        return;
    close_loop(v, op);
    Builder b = builder_after(op);
    b.adjoint = true;
    Value *source =
        op->kind == OP_COPY ? shadow_of(v->d, op->operands[1]) : NULL;
    uint32_t plain = op->kind == OP_COPY ? 2 : 1;
    Value *many = op->operand_count > plain ? op->operands[plain] : NULL;
    Value *count =
        directions_elements(v->d, &b, op->as.type, many, op->operands[0]);
    Op *copy =
        op_create(b.function, source ? OP_COPY : OP_ZERO, source ? 3 : 2, 0, 0);
    copy->as.type = target->type->element;
    copy->operands[0] = target;
    if (source)
        copy->operands[1] = source;
    copy->operands[source ? 2 : 1] = count;
    builder_insert(&b, copy);
}

static void vector_free(Vector *v, Op *op) {
    Value *shadow = shadow_of(v->d, op->operands[0]);
    if (!shadow)
        return;
    close_loop(v, op);
    Builder b = builder_after(op);
    b.adjoint = true;
    build_free(&b, shadow);
}

// ---- The tape ---------------------------------------------------------------

// All tangents of one direction are pushed together, behind what they belong
// to; so they are popped in front of it, last direction first.
static void vector_push(Vector *v, Op *op) {
    uint32_t count = 1;
    Value **values = arena_array(v->d->arena, Value *, op->operand_count);
    values[0] = op->operands[0];
    for (uint32_t i = 1; i < op->operand_count; i++)
        if (type_is_float(op->operands[i]->type))
            values[count++] = get_or_zero(v, op->operands[i]);
    if (count > 1) {
        Op *push = op_create(v->d->function, OP_PUSH, count, 0, 0);
        for (uint32_t i = 0; i < count; i++)
            push->operands[i] = values[i];
        builder_insert(&v->inside, push);
    }
    close_loop(v, op->next);
}

static void vector_pop(Vector *v, Op *op) {
    bool any = false;
    for (uint32_t i = 0; i < op->result_count; i++)
        any |= type_is_float(op->results[i]->type);
    close_loop(v, op);
    if (!any)
        return;
    open_loop(v);
    v->loop->as.loop.reversed = true;
    Op *pop = op_create(v->d->function, OP_POP, 1, 0, 0);
    pop->operands[0] = op->operands[0];
    builder_insert(&v->inside, pop);
    for (uint32_t i = 0; i < op->result_count; i++)
        if (type_is_float(op->results[i]->type))
            set(v, op->results[i],
                op_append_result(
                    pop, directions_number(v->d, op->results[i]->type), NULL));
    close_loop(v, op);
}

// ---- Branches and loops -----------------------------------------------------

static void vector_region(Vector *v, Region *region);

static bool works(const Vector *v, const Op *op) {
    const Derive *d = v->d;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (derive_is_active(d, op->results[i]))
            return true;
    if (op->kind == OP_STORE)
        return type_is_float(op->operands[1]->type) &&
               activity_of_address(d->activity, op->operands[0]);
    if (op->kind == OP_COPY || op->kind == OP_ZERO || op->kind == OP_FREE)
        return shadow_of(d, op->operands[0]) != NULL;
    if (op->kind == OP_PUSH || op->kind == OP_POP)
        return true;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (works(v, inner))
                return true;
    return false;
}

static bool is_kept_in(const Vector *v, const Value *value,
                       const Value *buffer) {
    const Tangents *t = ptrmap_get(v->tangents, value);
    return t && t->buffer == buffer;
}

// What a loop begins with, where nothing else reads it: the loop goes on in the
// same buffer.
static Value *take_over(Vector *v, const Value *initial) {
    const Tangents *t = ptrmap_get(v->tangents, initial);
    bool param = !initial->op && initial->region->parent;
    return t && param && v->uses[initial->id] == 1 ? t->buffer : NULL;
}

// Puts the tangents of what a region yields into buffers, all at once: one may
// be the former value of another.
static void vector_yield(Vector *v, Region *region, Value **buffers,
                         uint32_t count) {
    Op *yield = region_terminator(region);
    Value **tangents = arena_array(v->d->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        if (buffers[i] && !is_kept_in(v, yield->operands[i], buffers[i]))
            tangents[i] = get_or_zero(v, yield->operands[i]);
    for (uint32_t i = 0; i < count; i++)
        if (tangents[i])
            put(v, buffers[i], tangents[i]);
    close_loop(v, yield);
}

static void vector_if(Vector *v, Op *op) {
    close_loop(v, op);
    Value **buffers = arena_array(v->d->arena, Value *, op->result_count);
    for (uint32_t i = 0; i < op->result_count; i++)
        if (derive_is_active(v->d, op->results[i]))
            buffers[i] = make_buffer(v, op->results[i]->type,
                                     derive_name(v->d, op->results[i]->name));
    for (uint32_t r = 0; r < 2; r++) {
        vector_region(v, op->regions[r]);
        vector_yield(v, op->regions[r], buffers, op->result_count);
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        if (buffers[i])
            set_buffer(v, op->results[i], buffers[i]);
}

static void vector_loop(Vector *v, Op *op) {
    uint32_t count = loop_carried_count(op);
    Value **buffers = arena_array(v->d->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++) {
        const Value *param = loop_param(op, i);
        if (!derive_is_active(v->d, op->results[i]) &&
            !derive_is_active(v->d, param))
            continue;
        buffers[i] = take_over(v, loop_initial(op, i));
        if (!buffers[i]) {
            buffers[i] =
                make_buffer(v, param->type, derive_name(v->d, param->name));
            Value *initial = get_or_zero(v, loop_initial(op, i));
            put(v, buffers[i], initial);
        }
        set_buffer(v, param, buffers[i]);
        set_buffer(v, op->results[i], buffers[i]);
    }
    close_loop(v, op);
    vector_region(v, loop_body(op));
    vector_yield(v, loop_body(op), buffers, count);
}

// ---- The walk ---------------------------------------------------------------

static void vector_op(Vector *v, Op *op) {
    const Value *result = op->result_count ? op->results[0] : NULL;
    if (op->region_count && !works(v, op))
        return;
    if (op->kind == OP_IF)
        vector_if(v, op);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        vector_loop(v, op);
    else if (op->kind == OP_STORE)
        vector_store(v, op);
    else if (op->kind == OP_COPY || op->kind == OP_ZERO)
        vector_memory(v, op);
    else if (op->kind == OP_FREE)
        vector_free(v, op);
    else if (op->kind == OP_PUSH)
        vector_push(v, op);
    else if (op->kind == OP_POP)
        vector_pop(v, op);
    else if (op->kind == OP_RETURN)
        vector_return(v, op);
    else if (op->kind == OP_LOAD && derive_is_active(v->d, result))
        vector_load(v, op);
    else if (result && derive_is_active(v->d, result) && local_has_rule(op))
        vector_arithmetic(v, op);
}

static void vector_region(Vector *v, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (next && next == v->loop) // it moves when it is closed
            next = next->next;
        if (!op->adjoint || v->d->second)
            vector_op(v, op);
    }
}

// Scalars' tangents come in through pointers.
static void seed(Vector *v) {
    Derive *d = v->d;
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Value *param = d->function->body->params[d->roles[i].position];
        if (d->roles[i].wrt && type_is_float(param->type))
            set_buffer(v, param, d->roles[i].shadow);
    }
}

// A word takes the place of a double, also in memory that is copied by bytes.
static void refuse_other_numbers(Op *op, void *context) {
    Derive *d = context;
    for (uint32_t i = 0; !d->failed && i < op->result_count; i++)
        if (derive_is_active(d, op->results[i]) &&
            op->results[i]->type->kind != TYPE_DOUBLE)
            derive_error(d, derive_loc(d, op),
                         "the pattern of a sparse matrix is found for "
                         "doubles only",
                         "compute this in double, or leave 'sparse' out");
}

bool vector_build(Derive *d) {
    Vector v = {.d = d, .tangents = ptrmap_create(d->arena)};
    Builder top = builder_before(d->function->body->first);
    top.adjoint = true;
    top.origin = NULL;
    v.end = directions_count(d, &top, NULL);
    v.begin = build_int(&top, v.end->type, 0);
    v.step = build_int(&top, v.end->type, 1);
    if (d->bits)
        walk_ops(d->function->body, refuse_other_numbers, d);
    v.uses = count_uses(d->arena, d->function);
    seed(&v);
    vector_region(&v, d->function->body);
    forward_free_buffers(d);
    directions_free(d);
    return !d->failed;
}

// shadow.c - shadow pointers: for each pointer through which active memory is
// reached, the pointer to the same place in derivative memory. First it is
// found which pointers need one (backwards, to a fixpoint), then they are built
// beside the pointers they belong to, through branches, loops and memory.
#include "differentiate/derive.h"

typedef struct Shadow {
    Derive *d;
    uint32_t value_count;
    bool *needed;        // by value id
    bool *object_marked; // by object: pointers stored in it have shadows there
    bool *object_moved;  // by object: it may be reallocated
    Vec(Value *) worklist;
    bool marked_more;
} Shadow;

// ---- Which pointers need a shadow -------------------------------------------

static void need(Shadow *s, Value *pointer) {
    ENSURE(pointer->id < s->value_count);
    if (s->needed[pointer->id])
        return;
    s->needed[pointer->id] = true;
    vec_push(s->d->arena, &s->worklist, pointer);
}

static bool marked(const Shadow *s, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(s->d->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (s->object_marked[objects[i]->id])
            return true;
    return false;
}

static void mark(Shadow *s, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(s->d->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (!s->object_marked[objects[i]->id])
            s->object_marked[objects[i]->id] = s->marked_more = true;
}

// Pointers that may lead to derivatives have their shadow on the tape, always:
// what pops it may be in another function.
static bool goes_onto_tape(const Value *value) {
    return type_is_pointer(value->type) &&
           type_reaches_float(value->type->element);
}

// Both blocks or none.
static void need_realloc(Shadow *s, const Op *op) {
    Value *old = op->operands[0], *block = op->results[0];
    const MemObject *const *objects;
    uint32_t count = memory_targets(s->d->memory, old, &objects);
    for (uint32_t i = 0; i < count; i++)
        s->object_moved[objects[i]->id] = true;
    if (marked(s, old) || marked(s, block)) {
        mark(s, old);
        mark(s, block);
    }
    if (activity_of_address(s->d->activity, block) || marked(s, block)) {
        need(s, old);
        need(s, block);
    }
}

static void need_operand(Shadow *s, const Op *op) {
    Derive *d = s->d;
    if (op->kind == OP_LOAD) {
        if (derive_is_active(d, op->results[0]))
            need(s, op->operands[0]);
    } else if (op->kind == OP_STORE) {
        const Value *value = op->operands[1];
        bool active = type_is_float(value->type) &&
                      activity_of_address(d->activity, op->operands[0]);
        if (active ||
            (type_is_pointer(value->type) && marked(s, op->operands[0])))
            need(s, op->operands[0]);
        if (type_is_pointer(value->type) && marked(s, op->operands[0]))
            need(s, op->operands[1]);
    } else if (op->kind == OP_COPY) {
        if ((type_holds_float(op->as.type) &&
             activity_of_address(d->activity, op->operands[0])) ||
            (type_holds_pointer(op->as.type) && marked(s, op->operands[0]))) {
            need(s, op->operands[0]);
            if (activity_of_address(d->activity, op->operands[1]))
                need(s, op->operands[1]);
        }
        if (type_holds_pointer(op->as.type) && marked(s, op->operands[0])) {
            mark(s, op->operands[1]);
            need(s, op->operands[1]);
        }
    } else if (op->kind == OP_REALLOC) {
        need_realloc(s, op);
    } else if (op->kind == OP_CALL) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (call_needs_shadow(d, op, i))
                need(s, op->operands[i]);
    } else if (op->kind == OP_FREE) {
        if (d->annotation->mode == GRAD_FORWARD &&
            activity_of_address(d->activity, op->operands[0]))
            need(s, op->operands[0]);
    } else if (op->kind == OP_PUSH) {
        for (uint32_t i = 1; i < op->operand_count; i++)
            if (goes_onto_tape(op->operands[i]) &&
                activity_of_address(d->activity, op->operands[i]))
                need(s, op->operands[i]);
    } else if (op->kind == OP_ZERO) {
        if (type_holds_float(op->as.type) &&
            activity_of_address(d->activity, op->operands[0]))
            need(s, op->operands[0]);
    }
}

static void need_visitor(Op *op, void *context) { need_operand(context, op); }

static void need_param(Shadow *s, const Value *value) {
    Op *op = value->region->parent;
    if (!op)
        return;
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    uint32_t slot = value->index - skip;
    Region *body = op->regions[op->region_count - 1];
    need(s, op->operands[first + slot]);
    need(s, region_terminator(body)->operands[slot]);
    for (uint32_t r = 0; r < op->region_count; r++)
        need(s, op->regions[r]->params[skip + slot]);
    need(s, op->results[slot]);
}

static void need_result(Shadow *s, const Value *value) {
    Op *op = value->op;
    if (op->kind == OP_INDEX || op->kind == OP_ELEM || op->kind == OP_FIELD) {
        need(s, op->operands[0]);
    } else if (op->kind == OP_CAST) {
        if (type_is_pointer(op->operands[0]->type))
            need(s, op->operands[0]);
    } else if (op->kind == OP_REALLOC) {
        need(s, op->operands[0]);
    } else if (op->kind == OP_SELECT) {
        need(s, op->operands[1]);
        need(s, op->operands[2]);
    } else if (op->kind == OP_LOAD) {
        need(s, op->operands[0]);
        mark(s, op->operands[0]);
    } else if (op->kind == OP_IF) {
        for (int r = 0; r < 2; r++)
            need(s, region_terminator(op->regions[r])->operands[value->index]);
    } else if (op->kind == OP_FOR) {
        need(s, op->regions[0]->params[value->index + 1]);
    } else if (op->kind == OP_WHILE) {
        need(s, op->regions[WHILE_BODY]->params[value->index]);
    }
}

static void find_needs(Shadow *s) {
    do {
        s->marked_more = false;
        walk_ops(s->d->function->body, need_visitor, s);
        while (s->worklist.count) {
            Value *value = s->worklist.items[--s->worklist.count];
            if (value->op)
                need_result(s, value);
            else
                need_param(s, value);
        }
    } while (s->marked_more);
}

// ---- Building them ----------------------------------------------------------

static void set(Shadow *s, const Value *pointer, Value *shadow) {
    if (shadow && shadow != pointer && !shadow->name)
        shadow->name = derive_name(s->d, pointer->name);
    ptrmap_set(s->d->shadows, pointer, shadow);
}

Value *shadow_of(const Derive *d, const Value *pointer) {
    return ptrmap_get(d->shadows, pointer);
}

static Value *get(Shadow *s, const Value *pointer) {
    return shadow_of(s->d, pointer);
}

static bool is_needed(const Shadow *s, const Value *value) {
    return value->id < s->value_count && s->needed[value->id];
}

static const Type *shadow_type(const Shadow *s, const Value *pointer) {
    if (s->d->vector)
        return directions_type(s->d, pointer->type);
    return s->d->annotation->mode == GRAD_REVERSE
               ? derive_unconst(s->d->module, pointer->type)
               : pointer->type;
}

// So many tangents further.
static Value *advance(Builder *b, Value *base, Value *index) {
    const Op *inner = base->op;
    if (value_is_zero(index))
        return base;
    if (!inner || inner->kind != OP_INDEX ||
        !type_equal(inner->operands[1]->type, index->type))
        return build_index(b, base, index);
    return build_index(b, inner->operands[0],
                       build_binary(b, OP_ADD, inner->operands[1], index));
}

// Of index and elem: from the base's shadow, as many tangents further as the
// elements in between have.
static Value *step_directions(Shadow *s, Builder *b, const Op *op) {
    Value *base = get(s, op->operands[0]);
    const Type *to = op->results[0]->type->element;
    if (value_is_zero(op->operands[1]))
        return base;
    Value *unit = directions_unit(s->d, b, to, op->operands[0]);
    Value *index = build_cast(b, unit->type, op->operands[1]);
    if (!value_is_one(unit))
        index = build_binary(b, OP_MUL, index, unit);
    return advance(b, base, index);
}

static bool is_number(const Shadow *s, const Type *type) {
    return type_is_float(directions_leaf(s->d->module, type));
}

// Of field: in a struct of numbers, behind those in front of it.
static Value *field_directions(Shadow *s, Builder *b, const Op *op) {
    Value *place = get(s, op->operands[0]);
    const Type *record = op->operands[0]->type->element;
    if (is_number(s, record))
        return op->as.field
                   ? advance(b, place,
                             directions_before(s->d, b, record, op->as.field))
                   : place;
    place = build_field(b, place, op->as.field);
    while (place->type->element->kind == TYPE_ARRAY)
        place = build_elem(
            b, place, build_int(b, type_scalar(s->d->module, TYPE_INT), 0));
    return place;
}

// An operation of the pointer's kind on the base's shadow.
static Value *repeat(Shadow *s, Builder *b, const Op *op) {
    Op *copy = op_create(b->function, op->kind, op->operand_count, 1, 0);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *operand = op->operands[i];
        Value *shadow = type_is_pointer(operand->type) ? get(s, operand) : NULL;
        copy->operands[i] = shadow ? shadow : operand;
    }
    op_set_result(copy, b->function, 0, shadow_type(s, op->results[0]), NULL);
    return builder_insert(b, copy)->results[0];
}

typedef struct Lender {
    const Derive *d;
    const MemObject *object;
    bool lent;
} Lender;

static void find_lending(Op *op, void *context) {
    Lender *lender = context;
    if (op->kind == OP_CALL)
        lender->lent |= call_lends(lender->d, lender->object, op);
}

// In a function that is taken apart, derivative memory whose address the
// forward sweep passes on waits on the heap until the reverse sweep.
static bool must_wait(const Shadow *s, const Op *alloc) {
    const MemObject *const *objects;
    if (!s->d->split || alloc->operand_count)
        return false;
    memory_targets(s->d->memory, alloc->results[0], &objects);
    Lender lender = {s->d, objects[0], false};
    walk_ops(s->d->function->body, find_lending, &lender);
    return lender.lent;
}

static Value *waiting_alloc(Shadow *s, Builder *b, const Op *op,
                            const Type *type) {
    Module *module = s->d->module;
    Op *heap = op_create(b->function, OP_HEAP, 2, 1, 0);
    heap->as.heap = HEAP_CHECKED;
    heap->operands[0] = build_int(b, type_scalar(module, TYPE_INT), 1);
    heap->operands[1] = build_sizeof(b, type);
    op_set_result(heap, b->function, 0, type_pointer(module, type),
                  derive_name(s->d, op->results[0]->name));
    return builder_insert(b, heap)->results[0];
}

static Value *shadow_alloc(Shadow *s, Builder *b, const Op *op) {
    if (s->d->vector)
        return directions_alloc(s->d, b, op,
                                derive_name(s->d, op->results[0]->name));
    const Type *type = derive_unconst(s->d->module, op->as.type);
    if (must_wait(s, op))
        return waiting_alloc(s, b, op, type);
    Value *shadow = build_alloc(b, type, op->operands, op->operand_count,
                                derive_name(s->d, op->results[0]->name));
    if (!unset_may_start(s->d, op))
        build_zero(b, shadow);
    return shadow;
}

// Tangents on the stack end with what they belong to.
static bool shadow_ends_alone(const Shadow *s, const Op *op) {
    return op->as.heap == HEAP_ALLOCA && s->d->annotation->mode == GRAD_FORWARD;
}

static bool is_moved(const Shadow *s, const Op *op) {
    const MemObject *const *objects;
    memory_targets(s->d->memory, op->results[0], &objects);
    return s->d->annotation->mode == GRAD_REVERSE &&
           (op->kind == OP_REALLOC || s->object_moved[objects[0]->id]);
}

static HeapFn shadow_function(const Shadow *s, const Op *op) {
    return is_moved(s, op)             ? HEAP_SIZED
           : unset_may_start(s->d, op) ? HEAP_UNSET
                                       : HEAP_CHECKED;
}

// calloc where the primal says malloc: adjoints start at zero.
static Value *shadow_heap(Shadow *s, Builder *b, const Op *op) {
    bool counted = op->kind == OP_HEAP && op->as.heap != HEAP_MALLOC &&
                   op->as.heap != HEAP_ALLOCA && op->as.heap != HEAP_ALIGNED;
    Value *count = op->operands[counted ? 0 : op->operand_count - 1];
    const Type *size_type = count->type;
    Value *size = NULL;
    const Op *product = count->op;
    if (counted) {
        size = op->operands[1];
    } else if (product && product->kind == OP_MUL) {
        count = product->operands[0];
        size = product->operands[1];
    }
    if (s->d->vector)
        count = build_binary(b, OP_MUL, count,
                             directions_count(s->d, b, count->type));
    Op *heap = op_create(b->function, OP_HEAP, 2, 1, 0);
    heap->as.heap = shadow_function(s, op);
    heap->operands[0] = count;
    heap->operands[1] = size ? size : build_int(b, size_type, 1);
    op_set_result(heap, b->function, 0, shadow_type(s, op->results[0]), NULL);
    return builder_insert(b, heap)->results[0];
}

static Value *shadow_realloc(Shadow *s, Builder *b, const Op *op) {
    Value *from = get(s, op->operands[0]);
    if (s->d->annotation->mode == GRAD_FORWARD)
        return realloc_tangent(s->d, b, op, from);
    Value *block = shadow_heap(s, b, op);
    if (marked(s, op->results[0]))
        realloc_copy_pointers(s->d, b, op, from, block);
    return block;
}

// A pointer that came out of memory came as the struct's field says, const
// included; adjoints are written through it.
static Value *shadow_load(Shadow *s, Builder *b, const Op *op) {
    Value *loaded = build_load(b, get(s, op->operands[0]));
    const Type *type = shadow_type(s, op->results[0]);
    return loaded->type->element->is_const ? build_cast(b, type, loaded)
                                           : loaded;
}

static void refuse(Shadow *s, const Op *op, const char *what,
                   const char *way_out) {
    derive_error(s->d, derive_loc(s->d, op), what, way_out);
}

static const Type *leaf_behind(const Shadow *s, const Value *pointer) {
    return directions_leaf(s->d->module, pointer->type->element);
}

// Tangents in a row keep the order of numbers, but not that of their parts, and
// structs beside others have nothing in a row.
static bool reads_otherwise(const Shadow *s, const Op *op) {
    if (op->kind != OP_CAST || !type_is_pointer(op->operands[0]->type))
        return false;
    const Type *from = leaf_behind(s, op->operands[0]);
    const Type *to = leaf_behind(s, op->results[0]);
    if (from->kind == TYPE_VOID || to->kind == TYPE_VOID)
        return false;
    if (from->kind == TYPE_RECORD || to->kind == TYPE_RECORD)
        return !type_equal(from, to);
    return type_is_float(from) && type_is_float(to) && from->kind != to->kind;
}

// A struct has one beside it where nothing in it has tangents but what its
// pointers lead to, each as the field's type says.
static bool has_several(const Shadow *s, const Op *op) {
    const Type *record = op->operands[0]->type->element;
    const Type *type = record->record->fields[op->as.field].type;
    if (s->d->bits)
        return false;
    if (is_number(s, record))
        return true;
    const Type *leaf = type;
    while (leaf->kind == TYPE_ARRAY)
        leaf = leaf->element;
    return !record->record->is_union && !type_holds_float(record) &&
           (leaf->kind == TYPE_RECORD ||
            (type_is_pointer(leaf) &&
             type_equal(directions_type(s->d, leaf), leaf)));
}

// What has no tangents in several directions; NULL where nothing stands in the
// way.
static const char *directions_obstacle(const Shadow *s, const Op *op) {
    if (op->kind == OP_FIELD && !has_several(s, op))
        return "a struct carries derivatives in several directions";
    if (op->kind == OP_REALLOC)
        return "a block that is reallocated carries derivatives in several "
               "directions";
    if (reads_otherwise(s, op))
        return "memory that carries derivatives in several directions is read "
               "as another type";
    return NULL;
}

// On the stack, as many as there are directions.
static Value *shadow_alloca(Shadow *s, Builder *b, const Op *op) {
    Op *copy = repeat(s, b, op)->op;
    Value **size = &copy->operands[copy->operand_count - 1];
    if (!s->d->vector)
        return copy->results[0];
    Builder before = builder_before(copy);
    *size = build_binary(&before, OP_MUL, *size,
                         directions_count(s->d, &before, (*size)->type));
    return copy->results[0];
}

static Value *shadow_result(Shadow *s, Builder *b, Op *op) {
    OpKind kind = op->kind;
    const char *obstacle = s->d->vector ? directions_obstacle(s, op) : NULL;
    if (obstacle) {
        refuse(s, op, obstacle,
               "pass arrays and numbers as parameters of their own, or take "
               "one direction at a time");
        return NULL;
    }
    if (s->d->vector && (kind == OP_INDEX || kind == OP_ELEM))
        return step_directions(s, b, op);
    if (s->d->vector && kind == OP_FIELD)
        return field_directions(s, b, op);
    if (kind == OP_FIELD) // of the type that the struct gives it
        return build_field(b, get(s, op->operands[0]), op->as.field);
    if (kind == OP_INDEX || kind == OP_ELEM || kind == OP_SELECT)
        return repeat(s, b, op);
    if (kind == OP_CAST && type_is_pointer(op->operands[0]->type))
        return repeat(s, b, op);
    if (kind == OP_ALLOC)
        return shadow_alloc(s, b, op);
    if (kind == OP_HEAP)
        return shadow_ends_alone(s, op) ? shadow_alloca(s, b, op)
                                        : shadow_heap(s, b, op);
    if (kind == OP_REALLOC)
        return shadow_realloc(s, b, op);
    if (kind == OP_LOAD && !pun_in_union(op->operands[0]))
        return shadow_load(s, b, op);
    if (kind == OP_CONST || kind == OP_UNDEF)
        return build_cast(b, shadow_type(s, op->results[0]), op->results[0]);
    if (kind == OP_GLOBAL)
        refuse(s, op, "a global variable carries derivatives",
               arena_printf(s->d->arena,
                            "add %s to wrt, of or work, with its length where "
                            "it is a pointer, as in work(p[0:n]); or pass its "
                            "address as a parameter",
                            op->as.global->name));
    else
        refuse(s, op,
               "a pointer to values that carry derivatives comes from here, "
               "and its derivative memory is not known",
               "use a pointer that is derived from a parameter, a local or "
               "malloc");
    return NULL;
}

static void build_region(Shadow *s, Region *region);

static void build_if_shadows(Shadow *s, Op *op, uint32_t results) {
    for (uint32_t i = 0; i < results; i++) {
        if (!is_needed(s, op->results[i]))
            continue;
        for (int r = 0; r < 2; r++) {
            Op *yield = region_terminator(op->regions[r]);
            op_append_operand(yield, get(s, yield->operands[i]));
        }
        const Value *result = op->results[i];
        set(s, result, op_append_result(op, shadow_type(s, result), NULL));
    }
}

// Carried pointers get a carried shadow each; the body is built in between.
static void build_loop_shadows(Shadow *s, Op *op) {
    uint32_t results = op->result_count;
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    for (uint32_t i = 0; i < results; i++) {
        if (!is_needed(s, op->results[i]))
            continue;
        op_append_operand(op, get(s, op->operands[first + i]));
        for (uint32_t r = 0; r < op->region_count; r++) {
            Region *region = op->regions[r];
            const Value *param = region->params[skip + i];
            set(s, param,
                region_append_param(region, shadow_type(s, param), NULL));
        }
    }
    Region *body = op->regions[op->region_count - 1];
    build_region(s, body);
    Op *yield = region_terminator(body);
    for (uint32_t i = 0; i < results && !s->d->failed; i++) {
        const Value *result = op->results[i];
        if (!is_needed(s, result))
            continue;
        op_append_operand(yield, get(s, yield->operands[i]));
        set(s, result, op_append_result(op, shadow_type(s, result), NULL));
    }
}

static void copy_pointer(Builder *b, Value *target, Value *source) {
    build_store(b, target, build_load(b, source));
}

static void build_effect(Shadow *s, Op *op) {
    Builder b = builder_after(op);
    if (op->kind == OP_STORE && is_needed(s, op->operands[1]) &&
        marked(s, op->operands[0])) {
        if (pun_in_union(op->operands[0]))
            refuse(s, op,
                   "a pointer to values that carry derivatives is kept in a "
                   "union",
                   "keep it in a struct");
        else
            build_store(&b, get(s, op->operands[0]), get(s, op->operands[1]));
    }
    if (op->kind == OP_COPY && type_holds_pointer(op->as.type) &&
        marked(s, op->operands[0])) {
        if (op->operand_count > 2)
            refuse(s, op,
                   "this copies structs that hold pointers to values "
                   "that carry derivatives",
                   "copy them one by one");
        else if (s->d->annotation->mode == GRAD_REVERSE)
            aggregate_each_pointer(&b, op->as.type, get(s, op->operands[0]),
                                   get(s, op->operands[1]), copy_pointer);
    }
}

static void push_shadows(Shadow *s, Op *op) {
    uint32_t count = op->operand_count;
    Builder b = builder_before(op);
    for (uint32_t i = 1; i < count; i++) {
        Value *pointer = op->operands[i];
        if (!goes_onto_tape(pointer))
            continue;
        op_append_operand(op, is_needed(s, pointer)
                                  ? get(s, pointer)
                                  : build_int(&b, shadow_type(s, pointer), 0));
    }
}

static void pop_shadows(Shadow *s, Op *op) {
    uint32_t count = op->result_count;
    for (uint32_t i = 0; i < count; i++) {
        const Value *pointer = op->results[i];
        if (goes_onto_tape(pointer))
            set(s, pointer,
                op_append_result(op, shadow_type(s, pointer), NULL));
    }
}

static void build_op(Shadow *s, Op *op) {
    if (op->kind == OP_IF) {
        uint32_t results = op->result_count;
        build_region(s, op->regions[IF_THEN]);
        build_region(s, op->regions[IF_ELSE]);
        if (!s->d->failed)
            build_if_shadows(s, op, results);
    } else if (op->kind == OP_FOR || op->kind == OP_WHILE) {
        build_loop_shadows(s, op);
    } else if (op->kind == OP_PUSH) {
        push_shadows(s, op);
    } else if (op->kind == OP_POP) {
        pop_shadows(s, op);
    } else if (op->result_count && is_needed(s, op->results[0])) {
        Builder b = builder_after(op);
        set(s, op->results[0], shadow_result(s, &b, op));
    } else {
        build_effect(s, op);
    }
}

static void build_region(Shadow *s, Region *region) {
    for (Op *op = region->first, *next; op && !s->d->failed; op = next) {
        next = op->next;
        build_op(s, op);
    }
}

// ---- Parameters -------------------------------------------------------------

// A struct that came by value and carries derivatives only inside.
static void shadow_of_copy(Shadow *s, const Value *param) {
    Builder b = builder_at_end(s->d->function->body);
    b.before = s->d->function->body->first;
    if (s->d->vector && type_holds_float(param->type->element))
        derive_error(s->d, s->d->annotation->loc,
                     "a struct that is passed by value carries derivatives in "
                     "several directions",
                     "copy it to a local struct, or take one direction at a "
                     "time");
    Value *shadow =
        build_alloc(&b, derive_unconst(s->d->module, param->type->element),
                    NULL, 0, derive_name(s->d, param->name));
    build_zero(&b, shadow);
    set(s, param, shadow);
}

static void build_params(Shadow *s) {
    Derive *d = s->d;
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Role *role = &d->roles[i];
        const Value *param = d->function->body->params[role->position];
        if (!is_needed(s, param))
            continue;
        if (role->shadow) {
            set(s, param, role->shadow);
        } else if (d->primal->params[i].by_value_record) {
            shadow_of_copy(s, param);
        } else {
            diag_error(d->diags, d->primal->params[i].loc,
                       "a pointer that carries derivatives may point to what "
                       "'%s' points to, which is not among the variables",
                       d->primal->params[i].name);
            diag_note(d->diags, d->annotation->loc,
                      "add '%s' to wrt, of or work", d->primal->params[i].name);
            d->failed = true;
        }
    }
}

// Only the reverse function has the derivative of a struct that came by value:
// addresses in it are made again there, and cannot be chosen or stored before.
static void refuse_chosen(Op *op, void *context) {
    Shadow *s = context;
    if (op->kind == OP_INDEX || op->kind == OP_ELEM || op->kind == OP_FIELD ||
        op->kind == OP_CAST)
        return;
    for (uint32_t i = 0; i < op->result_count && !s->d->failed; i++)
        if (is_needed(s, op->results[i]) &&
            type_is_pointer(op->results[i]->type) &&
            call_leads_to_copy(s->d, op->results[i]))
            derive_error(s->d, derive_loc(s->d, op),
                         "a recursive function chooses here a pointer that may "
                         "lead into a struct that came by value",
                         "pass the struct by pointer");
}

bool shadow_build(Derive *d) {
    Shadow shadow = {.d = d};
    Shadow *s = &shadow;
    s->value_count = d->function->value_count;
    s->needed = arena_array(d->arena, bool, s->value_count);
    s->object_marked =
        arena_array(d->arena, bool, memory_object_count(d->memory));
    s->object_moved =
        arena_array(d->arena, bool, memory_object_count(d->memory));
    find_needs(s);
    if (d->split)
        walk_ops(d->function->body, refuse_chosen, s);
    build_params(s);
    if (!d->failed)
        build_region(s, d->function->body);
    return !d->failed;
}

// realloc.c - blocks that grow. In forward mode the derivative block is
// reallocated like the primal one. In reverse mode each reallocation gets a
// zeroed derivative block of its own, which lives until the reverse sweep has
// passed: there, the adjoints of what was moved go back to the old block. For
// that, derivative blocks of what may be reallocated know their size.
#include "differentiate/derive.h"

static Value *smaller(Builder *b, Value *x, Value *y) {
    return build_select(b, build_binary(b, OP_LT, x, y), x, y);
}

static Value *size_of_block(Builder *b, Value *block) {
    Op *op = op_create(b->function, OP_HEAP_SIZE, 1, 1, 0);
    op->operands[0] = block;
    op_set_result(op, b->function, 0,
                  type_scalar(b->function->module, TYPE_ULONG), NULL);
    return builder_insert(b, op)->results[0];
}

// The bytes that a reallocation has moved.
static Value *moved_bytes(Builder *b, Value *from, Value *to) {
    Value *old = size_of_block(b, from);
    return smaller(b, old, size_of_block(b, to));
}

// The type of the elements, or NULL after an error.
static const Type *element_type(Derive *d, const Op *op) {
    const MemObject *const *objects;
    memory_targets(d->memory, op->results[0], &objects);
    const Type *type = objects[0]->type;
    if (!type || type->kind == TYPE_VOID)
        derive_error(d, derive_loc(d, op),
                     "it is not known what the block that is reallocated here "
                     "holds",
                     "convert the result to a pointer to its elements");
    return type ? derive_unconst(d->module, type) : NULL;
}

// The number of elements in so many bytes.
static Value *elements_in(Builder *b, const Type *type, Value *bytes) {
    Value *size = build_cast(b, bytes->type, build_sizeof(b, type));
    return build_cast(b, type_scalar(b->function->module, TYPE_LONG),
                      build_binary(b, OP_DIV, bytes, size));
}

// The number of elements that a reallocation has moved.
static Value *moved_count(Builder *b, const Type *type, Value *from,
                          Value *to) {
    return elements_in(b, type, moved_bytes(b, from, to));
}

// Opens a branch for where the pointer leads anywhere.
static Builder build_unless_null(Builder *b, Value *pointer) {
    Op *branch = build_if(
        b, build_binary(b, OP_NE, pointer, build_int(b, pointer->type, 0)));
    Builder yes = builder_at_end(branch->regions[IF_THEN]);
    Builder no = builder_at_end(branch->regions[IF_ELSE]);
    build_yield(&no, NULL, 0);
    return yes;
}

// Adjoint memory is zero on the way forward, but for the pointers in it.
void realloc_copy_pointers(Derive *d, Builder *b, const Op *op, Value *from,
                           Value *to) {
    const Type *type = element_type(d, op);
    if (!type)
        return;
    const Type *pointer = type_pointer(d->module, type);
    Builder yes = build_unless_null(b, from);
    Op *copy = op_create(b->function, OP_COPY, 3, 0, 0);
    copy->as.type = type;
    copy->operands[0] = build_cast(&yes, pointer, to);
    copy->operands[1] = build_cast(&yes, pointer, from);
    copy->operands[2] = moved_count(&yes, type, from, to);
    builder_insert(&yes, copy);
    build_yield(&yes, NULL, 0);
}

static void clear(Builder *b, Value *target, Value *source) {
    (void)source;
    build_store(b, target, build_float(b, target->type->element, 0));
}

static bool carries_tangents(const Derive *d, const Op *op) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(d->memory, op->results[0], &objects);
    for (uint32_t i = 0; i < count; i++)
        if (!activity_of_object(d->activity, objects[i]))
            return false;
    return true;
}

// Where nothing assigns tangents, as what is stored there has none, the grown
// block is zero, like the one that it comes from.
static void clear_tangents(Derive *d, Builder *b, const Op *op, Value *block) {
    const Type *type = element_type(d, op);
    if (!type || !type_holds_float(type))
        return;
    Builder yes = build_unless_null(b, block);
    Value *count = elements_in(&yes, type, op->operands[1]);
    Value *first = build_cast(&yes, type_pointer(d->module, type), block);
    aggregate_each_float(&yes, type, first, NULL, count, clear);
    build_yield(&yes, NULL, 0);
}

// Grows where the primal block has grown.
Value *realloc_tangent(Derive *d, Builder *b, const Op *op, Value *from) {
    Op *grown = op_create(d->function, OP_REALLOC, 3, 1, 0);
    grown->as.heap = HEAP_CHECKED;
    grown->operands[0] = from;
    grown->operands[1] = op->operands[1];
    grown->operands[2] = op->results[0];
    op_set_result(grown, d->function, 0, op->results[0]->type, NULL);
    builder_insert(b, grown);
    if (!carries_tangents(d, op))
        clear_tangents(d, b, op, grown->results[0]);
    return grown->results[0];
}

static void give_back(Builder *b, Value *target, Value *source) {
    build_store(
        b, target,
        build_binary(b, OP_ADD, build_load(b, target), build_load(b, source)));
}

void realloc_reverse(Derive *d, Builder *b, const Op *op) {
    Value *from = shadow_of(d, op->operands[0]);
    Value *to = shadow_of(d, op->results[0]);
    const Type *type = element_type(d, op);
    if (!type)
        return;
    if (type_holds_float(type)) {
        const Type *pointer = type_pointer(d->module, type);
        aggregate_each_float(b, type, build_cast(b, pointer, from),
                             build_cast(b, pointer, to),
                             moved_count(b, type, from, to), give_back);
    }
    derive_build_release(b, to);
}

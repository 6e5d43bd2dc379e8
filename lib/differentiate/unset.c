// unset.c - tangents that need not start at zero. In forward mode each
// statement that assigns a number assigns its tangent beside it, and a tangent
// is read only where the number is. So where the primal's memory starts with
// nothing in it, no tangent is read before it was assigned, unless the primal
// itself reads what nobody has set.
#include "differentiate/derive.h"

static bool holds_numbers(const Derive *d, const Type *type) {
    return type_is_float(directions_leaf(d->module, type));
}

// Numbers may come in without their tangents.
static bool writes_otherwise(const Derive *d, const Op *op) {
    switch ((int)op->kind) {
    case OP_STORE: return !holds_numbers(d, op->operands[1]->type);
    case OP_COPY:
    case OP_ZERO: return !holds_numbers(d, op->as.type);
    case OP_CALL:
    case OP_REALLOC: return true;
    default: return false;
    }
}

static void collect(Op *op, void *context) {
    Derive *d = context;
    if (writes_otherwise(d, op))
        vec_push(d->arena, &d->untold, op);
}

// Once for the function; the analyses know nothing that comes later.
static void find_untold(Derive *d) {
    if (d->untold_known)
        return;
    d->untold_known = true;
    walk_ops(d->function->body, collect, d);
}

static bool writes_to(const Derive *d, const Op *op, const Value *memory) {
    return op->kind == OP_REALLOC
               ? memory_share_object(d->memory, op->operands[0], memory)
               : memory_op_may_write(d->memory, op, memory);
}

static bool starts_empty(const Op *op) {
    return op->kind == OP_ALLOC ||
           (op->kind == OP_HEAP &&
            (op->as.heap == HEAP_MALLOC || op->as.heap == HEAP_ALIGNED));
}

// Whether all that the primal stores there is stored beside its tangent. (A
// pointer that may lead to other memory, too, can give one to memory that
// carries no derivatives; there nothing but the zeros of the start is read.)
static bool carries_numbers(const Derive *d, const Op *op) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(d->memory, op->results[0], &objects);
    if (count != 1 || !activity_of_object(d->activity, objects[0]))
        return false;
    const Type *type = op->kind == OP_ALLOC ? op->as.type : objects[0]->type;
    return type && holds_numbers(d, type);
}

bool unset_may_start(Derive *d, const Op *op) {
    // Index sets are united also where only one of two values is chosen.
    if (d->annotation->mode != GRAD_FORWARD || d->second || d->bits ||
        d->disabled & DIFFERENTIATE_UNSET || !starts_empty(op) ||
        !carries_numbers(d, op))
        return false;
    find_untold(d);
    for (size_t i = 0; i < d->untold.count; i++)
        if (writes_to(d, d->untold.items[i], op->results[0]))
            return false;
    return true;
}

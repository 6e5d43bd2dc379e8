// directions.c - how derivative memory is laid out for several directions: each
// floating number has its N tangents in a row. Pointers into it lead to plain
// floating numbers, whatever arrays the primal's pointer type names; memory
// that holds pointers has one pointer for each. A struct of nothing but numbers
// of one type is an array of them; of one that holds pointers, the pointers in
// the one struct beside it lead to what is laid out like this.
#include "differentiate/derive.h"

#include <string.h>

Value *directions_count(Derive *d, Builder *b, const Type *type) {
    const Extent *n = &d->annotation->directions;
    const Type *plain = type_scalar(d->module, TYPE_INT);
    Value *param = NULL;
    if (n->param >= 0) {
        param = d->function->body->params[d->roles[n->param].position];
        plain = param->type;
    }
    if (!type)
        type = plain;
    return param ? build_cast(b, type, param) : build_int(b, type, n->constant);
}

const Type *directions_number(Derive *d, const Type *type) {
    return d->bits ? type_scalar(d->module, TYPE_ULLONG)
                   : type_plain(d->module, type);
}

// The numbers in an object of a type, where it holds nothing else and all are
// of one type; that type is const where anything around it is.
typedef struct Numbers {
    const Type *type; // NULL where there are others
    int64_t count;    // in one element of arrays whose length run time knows
    bool is_const;
} Numbers;

static Numbers numbers_in(const Type *type);

static Numbers numbers_in_record(const Type *type) {
    Numbers all = {.is_const = type->is_const};
    const Record *record = type->record;
    for (size_t i = 0; !record->is_union && i < record->field_count; i++) {
        const Field *field = &record->fields[i];
        Numbers part = numbers_in(field->type);
        if (!part.type || type_has_dynamic_length(field->type) ||
            (all.type && all.type->kind != part.type->kind))
            return (Numbers){0};
        all.type = part.type;
        all.count += part.count;
        all.is_const |= part.is_const;
    }
    return all;
}

static Numbers numbers_in(const Type *type) {
    int64_t count = 1;
    bool is_const = false;
    for (; type->kind == TYPE_ARRAY; type = type->element) {
        count *= type->length == ARRAY_DYNAMIC ? 1 : type->length;
        is_const |= type->is_const;
    }
    Numbers numbers = {0};
    if (type->kind == TYPE_RECORD)
        numbers = numbers_in_record(type);
    else if (type_is_float(type))
        numbers = (Numbers){type, 1, type->is_const};
    numbers.count *= count;
    numbers.is_const |= is_const;
    return numbers;
}

const Type *directions_leaf(Module *module, const Type *type) {
    Numbers numbers = numbers_in(type);
    if (numbers.type)
        return numbers.is_const ? type_const(module, numbers.type)
                                : numbers.type;
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    return type;
}

const Type *directions_type(Derive *d, const Type *type) {
    if (type->kind != TYPE_POINTER)
        return type;
    const Type *leaf = directions_leaf(d->module, type->element);
    const Type *flat = d->bits && type_is_float(leaf)
                           ? directions_number(d, leaf)
                           : directions_type(d, leaf);
    if (leaf->is_const && !flat->is_const)
        flat = type_const(d->module, flat);
    return type_pointer(d->module, flat);
}

// ---- Sizes ------------------------------------------------------------------

// Where an address got its dynamic lengths: an allocation, a cast, a parameter.
static const Value *find_lengths(const Value *address) {
    const Op *op = address->op;
    while (op && (op->kind == OP_INDEX || op->kind == OP_ELEM)) {
        address = op->operands[0];
        op = address->op;
    }
    return address;
}

// The value of the n-th length, outermost first, in a parameter's "[n][m]";
// NULL where it is an expression.
static Value *written_length(const Derive *d, const Param *param, uint32_t n) {
    const char *text = param->extents;
    for (uint32_t i = 0; text && i <= n; i++)
        text = strchr(text + (i > 0), '[');
    size_t length = text ? strcspn(text, "]") : 0;
    for (uint32_t i = 0; length && i < d->role_count; i++) {
        const char *name = d->primal->params[i].name;
        if (name && strlen(name) == length - 1 &&
            strncmp(name, text + 1, length - 1) == 0)
            return d->function->body->params[d->roles[i].position];
    }
    return NULL;
}

static uint32_t count_dynamic(const Type *type) {
    uint32_t count = 0;
    for (; type->kind == TYPE_ARRAY; type = type->element)
        count += type->length == ARRAY_DYNAMIC;
    return count;
}

static Value *product(Builder *b, Value *x, Value *y) {
    return x && y ? build_binary(b, OP_MUL, x, y) : x ? x : y;
}

// The n-th of the lengths that only run time knows, innermost last.
static Value *length_of(const Derive *d, const Value *source, uint32_t n,
                        uint32_t count) {
    const Op *op = source->op;
    if (op && (op->kind == OP_ALLOC || op->kind == OP_CAST))
        return op->operand_count > (op->kind == OP_CAST) &&
                       op->operand_count >= count
                   ? op->operands[op->operand_count - count + n]
                   : NULL;
    const Role *role = op ? NULL : derive_role(d, source);
    const Param *param = role ? &d->primal->params[role - d->roles] : NULL;
    uint32_t dimensions = 0;
    for (const char *c = param && param->extents ? param->extents : ""; *c; c++)
        dimensions += *c == '[';
    return dimensions >= count
               ? written_length(d, param, dimensions - count + n)
               : NULL;
}

// Times the lengths of a type that only run time knows.
static Value *times_dynamic(Derive *d, Builder *b, Value *total,
                            const Type *type, const Value *address) {
    uint32_t count = count_dynamic(type), known = 0;
    const Value *source = find_lengths(address);
    for (; known < count; known++) {
        Value *length = length_of(d, source, known, count);
        if (!length)
            break;
        total = product(
            b, total, build_cast(b, type_scalar(d->module, TYPE_LONG), length));
    }
    if (known < count)
        derive_error(d, derive_loc(d, b->before),
                     "the length of an array is not known where its tangents "
                     "in several directions are needed",
                     "let it be a parameter, or use an array of one dimension");
    return total;
}

Value *directions_unit(Derive *d, Builder *b, const Type *type,
                       const Value *address) {
    const Type *size = type_scalar(d->module, TYPE_LONG);
    const Extent *n = &d->annotation->directions;
    const Type *leaf = directions_leaf(d->module, type);
    bool tangents = !type_is_pointer(leaf) && leaf->kind != TYPE_RECORD;
    int64_t constant = tangents && n->param < 0 ? n->constant : 1;
    Numbers numbers = numbers_in(type);
    if (numbers.type)
        constant *= numbers.count;
    for (const Type *t = type; !numbers.type && t->kind == TYPE_ARRAY;
         t = t->element)
        if (t->length != ARRAY_DYNAMIC)
            constant *= t->length;
    Value *total = times_dynamic(d, b, NULL, type, address);
    if (tangents && n->param >= 0)
        total = product(b, total, directions_count(d, b, size));
    return total && constant == 1
               ? total
               : product(b, total, build_int(b, size, constant));
}

Value *directions_before(Derive *d, Builder *b, const Type *record,
                         uint32_t field) {
    const Type *size = type_scalar(d->module, TYPE_LONG);
    int64_t count = 0;
    for (uint32_t i = 0; i < field; i++)
        count += numbers_in(record->record->fields[i].type).count;
    Value *before = build_int(b, size, count);
    return build_binary(b, OP_MUL, before, directions_count(d, b, size));
}

Value *directions_elements(Derive *d, Builder *b, const Type *type,
                           Value *count, const Value *address) {
    Value *unit = directions_unit(d, b, type, address);
    if (!count)
        return unit;
    return build_binary(b, OP_MUL, build_cast(b, unit->type, count), unit);
}

// ---- Memory -----------------------------------------------------------------

static Value *at_least(Builder *b, int64_t least, Value *count) {
    Value *limit = build_int(b, count->type, least);
    return build_select(b, build_binary(b, OP_GT, count, limit), count, limit);
}

// Memory that the function gives back where it ends.
static Value *make_heap(Derive *d, Builder *b, HeapFn function, Value *count,
                        const Type *leaf, const char *name) {
    Op *heap = op_create(b->function, OP_HEAP, 2, 1, 0);
    heap->as.heap = function;
    heap->operands[0] = at_least(b, 0, count);
    heap->operands[1] = build_sizeof(b, leaf);
    op_set_result(heap, b->function, 0, type_pointer(d->module, leaf), name);
    Value *result = builder_insert(b, heap)->results[0];
    vec_push(d->arena, &d->buffers, result);
    return result;
}

void directions_free(Derive *d) {
    Builder end = builder_before(region_terminator(d->function->body));
    end.adjoint = true;
    end.origin = NULL;
    for (size_t i = d->buffers.count; i-- > 0;)
        build_free(&end, d->buffers.items[i]);
}

Value *directions_buffer(Derive *d, Builder *b, const Type *type,
                         const char *name) {
    const Extent *n = &d->annotation->directions;
    const Type *size = type_scalar(d->module, TYPE_LONG);
    if (n->param < 0)
        return build_alloc(b, type_array(d->module, type, n->constant), NULL, 0,
                           name);
    return make_heap(d, b, HEAP_CHECKED, directions_count(d, b, size), type,
                     name);
}

static void zero_elements(Builder *b, Value *memory, Value *count) {
    Op *zero = op_create(b->function, OP_ZERO, 2, 0, 0);
    zero->as.type = memory->type->element;
    zero->operands[0] = memory;
    zero->operands[1] = count;
    builder_insert(b, zero);
}

// Of a length that run time knows, on the heap where the primal's own is
// constant: the stack has been measured for that one.
static Value *alloc_dynamic(Derive *d, Builder *b, const Op *op,
                            const Type *leaf, const char *name) {
    bool constant = count_dynamic(op->as.type) == 0;
    bool unset = unset_may_start(d, op);
    Builder top = builder_before(d->function->body->first);
    Value *count =
        directions_unit(d, constant ? &top : b, op->as.type, op->results[0]);
    if (constant) {
        Value *memory = make_heap(d, &top, unset ? HEAP_UNSET : HEAP_CHECKED,
                                  count, leaf, name);
        if (!unset)
            zero_elements(b, memory, count);
        return memory;
    }
    count = at_least(b, 1, count);
    Value *memory = build_alloc(b, type_array(d->module, leaf, ARRAY_DYNAMIC),
                                &count, 1, name);
    if (!unset)
        build_zero(b, memory);
    return build_elem(b, memory, build_int(b, count->type, 0));
}

Value *directions_alloc(Derive *d, Builder *b, const Op *op, const char *name) {
    const Type *leaf = directions_type(
        d, derive_unconst(d->module, directions_leaf(d->module, op->as.type)));
    if (type_is_float(leaf))
        leaf = directions_number(d, leaf);
    Value *unit = directions_unit(d, b, op->as.type, op->results[0]);
    int64_t length;
    if (d->failed || !value_is_integer(unit, &length))
        return d->failed ? NULL : alloc_dynamic(d, b, op, leaf, name);
    Value *memory =
        build_alloc(b, type_array(d->module, leaf, length), NULL, 0, name);
    if (!unset_may_start(d, op))
        build_zero(b, memory);
    return build_elem(b, memory, build_int(b, unit->type, 0));
}

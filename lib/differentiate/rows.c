// rows.c - pointers to arrays whose lengths are computed, in the step of a
// checkpointed loop: the step takes a pointer to the first number, and the
// lengths, and makes the pointer to rows of them again.
#include "differentiate/outline.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef Vec(Value *) Lengths;

// ---- The lengths that a parameter's declaration tells -----------------------

// Reads what stands in the brackets of "[][(n + 1) * 2]": sums and products of
// numbers and parameters. NULL: something else.
typedef struct Reader {
    const Outline *o;
    Builder *b;
    const char *at;
} Reader;

static Value *read_sum(Reader *r);

static void skip(Reader *r) {
    while (*r->at == ' ')
        r->at++;
}

// The function's parameter of that name.
static Value *read_name(Reader *r) {
    const Derive *d = r->o->d;
    size_t length = 0;
    while (isalnum((unsigned char)r->at[length]) || r->at[length] == '_')
        length++;
    for (uint32_t i = 0; length && i < d->role_count; i++) {
        const Param *param = &d->primal->params[i];
        if (strlen(param->name) == length && type_is_integer(param->type) &&
            strncmp(param->name, r->at, length) == 0) {
            r->at += length;
            return d->function->body->params[d->roles[i].position];
        }
    }
    return NULL;
}

static Value *read_factor(Reader *r) {
    skip(r);
    if (isdigit((unsigned char)*r->at)) {
        char *end;
        int64_t number = strtoll(r->at, &end, 0);
        r->at = end;
        return build_int(r->b, type_scalar(r->o->d->module, TYPE_INT), number);
    }
    if (*r->at != '(')
        return read_name(r);
    r->at++;
    Value *inside = read_sum(r);
    skip(r);
    if (*r->at != ')')
        return NULL;
    r->at++;
    return inside;
}

static Value *both(Reader *r, OpKind kind, Value *left, Value *right) {
    if (!left || !right)
        return NULL;
    if (!type_equal(left->type, right->type)) {
        const Type *type = type_scalar(r->o->d->module, TYPE_LONG);
        left = build_cast(r->b, type, left);
        right = build_cast(r->b, type, right);
    }
    return build_binary(r->b, kind, left, right);
}

static Value *read_product(Reader *r) {
    Value *left = read_factor(r);
    for (skip(r); left && *r->at == '*'; skip(r)) {
        r->at++;
        left = both(r, OP_MUL, left, read_factor(r));
    }
    return left;
}

static Value *read_sum(Reader *r) {
    Value *left = read_product(r);
    for (skip(r); left && (*r->at == '+' || *r->at == '-'); skip(r)) {
        OpKind kind = *r->at++ == '+' ? OP_ADD : OP_SUB;
        left = both(r, kind, left, read_product(r));
    }
    return left;
}

// Those of the rows: the first pair of brackets counts them.
static bool read_lengths(Outline *o, Builder *b, const Type *type,
                         const char *text, Lengths *lengths) {
    const char *bracket = text ? strchr(text, ']') : NULL;
    for (; type->kind == TYPE_ARRAY; type = type->element) {
        bracket = bracket ? strchr(bracket, '[') : NULL;
        if (!bracket)
            return false;
        Reader reader = {o, b, ++bracket};
        if (type->length != ARRAY_DYNAMIC)
            continue;
        Value *length = read_sum(&reader);
        if (!length || *reader.at != ']')
            return false;
        vec_push(o->d->arena, lengths, length);
    }
    return true;
}

// ---- The lengths of any pointer ---------------------------------------------

// Each step into an array leaves its own length behind.
static bool find_lengths(Outline *o, Builder *b, const Value *pointer,
                         Lengths *lengths) {
    uint32_t passed = 0;
    for (; pointer->op &&
           (pointer->op->kind == OP_INDEX || pointer->op->kind == OP_ELEM ||
            pointer->op->kind == OP_INACTIVE);
         pointer = pointer->op->operands[0]) {
        const Type *type = pointer->op->operands[0]->type->element;
        passed += pointer->op->kind == OP_ELEM && type->length == ARRAY_DYNAMIC;
    }
    const Op *op = pointer->op;
    if (op && (op->kind == OP_CAST || op->kind == OP_ALLOC)) {
        uint32_t first = op->kind == OP_CAST;
        for (uint32_t i = first + passed; i < op->operand_count; i++)
            vec_push(o->d->arena, lengths, op->operands[i]);
        return lengths->count > 0;
    }
    const Role *role = op ? NULL : derive_role(o->d, pointer);
    return role && passed == 0 &&
           read_lengths(o, b, pointer->type->element,
                        o->d->primal->params[role - o->d->roles].extents,
                        lengths);
}

// ---- Flat pointers ----------------------------------------------------------

static const Type *flat_type(const Outline *o, const Type *pointer) {
    const Type *type = pointer->element;
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    return type_pointer(o->d->module, type);
}

static Value *rows_again(Outline *o, Value *flat, const Value *pointer,
                         const Lengths *lengths) {
    Builder b = builder_before(loop_body(o->loop)->first);
    Op *cast =
        op_create(o->d->function, OP_CAST, (uint32_t)lengths->count + 1, 1, 0);
    cast->operands[0] = flat;
    for (size_t i = 0; i < lengths->count; i++)
        cast->operands[i + 1] = lengths->items[i];
    op_set_result(cast, o->d->function, 0, pointer->type, pointer->name);
    return builder_insert(&b, cast)->results[0];
}

static void flatten(Outline *o, Value *pointer, ValueMap *images) {
    Builder before = builder_before(o->loop);
    Lengths lengths = {0};
    if (!find_lengths(o, &before, pointer, &lengths)) {
        outline_complain(o,
                         "a checkpointed loop uses one of several arrays "
                         "whose rows have a computed length",
                         "choose the array inside of the loop, or pass it "
                         "as a flat array");
        return;
    }
    Value *flat = build_cast(&before, flat_type(o, pointer->type), pointer);
    flat->name = pointer->name;
    ptrmap_set(o->flat, flat, flat);
    valuemap_set(images, pointer, rows_again(o, flat, pointer, &lengths));
}

void rows_flatten(Outline *o) {
    ValueMap images;
    Op *first = loop_body(o->loop)->first;
    valuemap_init(&images, o->d->arena, o->d->function);
    for (size_t i = 0; i < o->captured.count && !o->d->failed; i++) {
        Value *pointer = o->captured.items[i];
        if (type_is_pointer(pointer->type) &&
            type_has_dynamic_length(pointer->type->element))
            flatten(o, pointer, &images);
    }
    for (Op *op = first; op; op = op->next) {
        for (uint32_t k = 0; k < op->operand_count; k++)
            op->operands[k] = valuemap_apply(&images, op->operands[k]);
        for (uint32_t r = 0; r < op->region_count; r++)
            remap_region(op->regions[r], &images);
    }
}

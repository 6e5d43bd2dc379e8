// aggregate.c - walks over whole objects: each floating (or pointer) leaf of a
// struct or array, with loops over arrays.
#include "differentiate/derive.h"

typedef bool (*WantFn)(const Type *type);

typedef struct Walk {
    WantFn want;
    LeafFn leaf;
} Walk;

static void walk(Builder *b, const Type *type, Value *a, Value *c,
                 const Walk *w);

static Value *long_constant(Builder *b, int64_t value) {
    return build_int(b, type_scalar(b->function->module, TYPE_LONG), value);
}

// Of a union, the member that has all the floating values. Pointers in unions
// have no shadows.
static void walk_union(Builder *b, const Type *type, Value *a, Value *c,
                       const Walk *w) {
    uint32_t member;
    if (w->want == type_holds_float && pun_floating_member(type, &member))
        walk(b, type->record->fields[member].type, build_field(b, a, member),
             c ? build_field(b, c, member) : NULL, w);
}

static void walk_fields(Builder *b, const Type *type, Value *a, Value *c,
                        const Walk *w) {
    const Record *record = type->record;
    if (record->is_union) {
        if (w->want(type))
            walk_union(b, type, a, c, w);
        return;
    }
    for (uint32_t i = 0; i < record->field_count; i++)
        if (w->want(record->fields[i].type))
            walk(b, record->fields[i].type, build_field(b, a, i),
                 c ? build_field(b, c, i) : NULL, w);
}

// An inner builder for the body of: for (i = 0; i < count; i++)
static Builder open_loop(Builder *b, Value *count, Value **index) {
    Value *zero = build_int(b, count->type, 0);
    Value *one = build_int(b, count->type, 1);
    Op *loop = build_for(b, zero, count, one, OP_LT, NULL, 0, "i");
    Builder inner = builder_at_end(loop->regions[0]);
    inner.origin = b->origin;
    inner.adjoint = b->adjoint;
    *index = loop->regions[0]->params[0];
    return inner;
}

static void walk_array(Builder *b, const Type *type, Value *a, Value *c,
                       const Walk *w) {
    ENSURE(type->length != ARRAY_DYNAMIC);
    Value *index;
    Builder inner = open_loop(b, long_constant(b, type->length), &index);
    walk(&inner, type->element, build_elem(&inner, a, index),
         c ? build_elem(&inner, c, index) : NULL, w);
    build_yield(&inner, NULL, 0);
}

static void walk(Builder *b, const Type *type, Value *a, Value *c,
                 const Walk *w) {
    if (type->kind == TYPE_RECORD)
        walk_fields(b, type, a, c, w);
    else if (type->kind == TYPE_ARRAY)
        walk_array(b, type, a, c, w);
    else if (w->want(type))
        w->leaf(b, a, c);
}

void aggregate_each_float(Builder *b, const Type *type, Value *a, Value *c,
                          Value *count, LeafFn leaf) {
    Walk w = {type_holds_float, leaf};
    if (!count) {
        walk(b, type, a, c, &w);
        return;
    }
    Value *index;
    Builder inner = open_loop(b, count, &index);
    walk(&inner, type, build_index(&inner, a, index),
         c ? build_index(&inner, c, index) : NULL, &w);
    build_yield(&inner, NULL, 0);
}

// From the last element to the first where a lies before c.
void aggregate_each_moved(Builder *b, const Type *type, Value *a, Value *c,
                          Value *count, LeafFn leaf) {
    Walk w = {type_holds_float, leaf};
    Value *down = build_binary(b, OP_LT, a, c), *index;
    Value *one = build_int(b, count->type, 1);
    Value *last = build_binary(b, OP_SUB, count, one);
    Builder inner = open_loop(b, count, &index);
    Value *from_end = build_binary(&inner, OP_SUB, last, index);
    Value *at = build_select(&inner, down, from_end, index);
    walk(&inner, type, build_index(&inner, a, at), build_index(&inner, c, at),
         &w);
    build_yield(&inner, NULL, 0);
}

void aggregate_each_pointer(Builder *b, const Type *type, Value *a, Value *c,
                            LeafFn leaf) {
    Walk w = {type_holds_pointer, leaf};
    walk(b, type, a, c, &w);
}

// terms.c - the expressions that elimination makes of local partials: products
// and sums, each of them once. A 1 or -1 is no factor and 0 no summand here, so
// that orders of elimination can be compared by the multiplications that they
// really take.
#include "differentiate/eliminate.h"

#include <stdlib.h>

enum { SAME_DEPTH = 4 };

static Ref ref_of(size_t index) { return (Ref)index + 1; }
static uint32_t index_of(Ref ref) { return (uint32_t)abs(ref) - 1; }
static Ref with_sign(Ref ref, bool negative) { return negative ? -ref : ref; }

static Term *term_at(const Terms *t, Ref ref) {
    return &t->items.items[index_of(ref)];
}

static Ref add_term(Terms *t, Term term) {
    vec_push(t->arena, &t->items, term);
    return ref_of(t->items.count - 1);
}

void terms_init(Terms *t, Arena *arena, const Type *type) {
    *t = (Terms){.arena = arena, .type = type};
    add_term(t, (Term){.kind = TERM_ONE});
}

// ---- Leaves -----------------------------------------------------------------

static bool same_constant(const Op *a, const Op *b) {
    return a->as.constant.real == b->as.constant.real &&
           string_equal(a->as.constant.spelling, b->as.constant.spelling) &&
           a->as.constant.integer == b->as.constant.integer;
}

// Whether two partials are one expression. They are small, and made of the
// function's own values.
static bool same_value(const Value *a, const Value *b, int depth) {
    if (a == b)
        return true;
    if (!a->op || !b->op || depth == 0 || a->op->kind != b->op->kind ||
        a->index != b->index || !type_equal(a->type, b->type) ||
        a->op->operand_count != b->op->operand_count || a->op->region_count)
        return false;
    if (a->op->kind == OP_CONST)
        return same_constant(a->op, b->op);
    if (!op_is_pure(a->op) || a->op->kind == OP_ALLOC ||
        (a->op->kind == OP_MATH && a->op->as.math != b->op->as.math))
        return false;
    for (uint32_t i = 0; i < a->op->operand_count; i++)
        if (!same_value(a->op->operands[i], b->op->operands[i], depth - 1))
            return false;
    return a->op->operand_count > 0;
}

static Ref leaf(Terms *t, Value *value, bool singular) {
    for (size_t i = 0; i < t->items.count; i++) {
        const Term *term = &t->items.items[i];
        if (term->kind == TERM_LEAF && term->singular == singular &&
            same_value(term->value, value, SAME_DEPTH))
            return ref_of(i);
    }
    return add_term(
        t, (Term){.kind = TERM_LEAF, .value = value, .singular = singular});
}

static bool is_unit(Ref ref) { return ref >= -REF_ONE && ref <= REF_ONE; }

static Ref choice(Terms *t, Value *condition, Ref yes, Ref no) {
    for (size_t i = 0; i < t->items.count; i++) {
        const Term *term = &t->items.items[i];
        if (term->kind == TERM_CHOICE && term->yes == yes && term->no == no &&
            same_value(term->value, condition, SAME_DEPTH))
            return ref_of(i);
    }
    return add_term(t, (Term){.kind = TERM_CHOICE,
                              .value = condition,
                              .yes = (int8_t)yes,
                              .no = (int8_t)no});
}

static Ref of_select(Terms *t, Value *partial) {
    const Op *op = partial->op;
    if (op->as.guard)
        return term_make_singular(t, term_of_partial(t, op->operands[1]));
    if (!value_is_constant(op->operands[1]) ||
        !value_is_constant(op->operands[2]))
        return leaf(t, partial, false);
    Ref yes = term_of_partial(t, op->operands[1]);
    Ref no = term_of_partial(t, op->operands[2]);
    return is_unit(yes) && is_unit(no) ? choice(t, op->operands[0], yes, no)
                                       : leaf(t, partial, false);
}

Ref term_of_partial(Terms *t, Value *partial) {
    const Op *op = partial->op;
    int64_t number;
    if (value_is_integer(partial, &number) && number >= -1 && number <= 1)
        return (Ref)number;
    if (op && op->adjoint && op->kind == OP_NEG)
        return -term_of_partial(t, op->operands[0]);
    if (op && op->adjoint && op->kind == OP_MUL &&
        value_is_one(op->operands[0]))
        return term_of_partial(t, op->operands[1]);
    if (op && op->adjoint && op->kind == OP_SELECT)
        return of_select(t, partial);
    return leaf(t, partial, false);
}

bool term_is_singular(const Terms *t, Ref ref) {
    return ref != REF_ZERO && term_at(t, ref)->singular;
}

static Ref make(Terms *t, Ref ref, bool singular) {
    if (ref == REF_ZERO || term_at(t, ref)->kind != TERM_LEAF)
        return ref;
    return with_sign(leaf(t, term_at(t, ref)->value, singular), ref < 0);
}

Ref term_make_singular(Terms *t, Ref ref) { return make(t, ref, true); }
Ref term_make_regular(Terms *t, Ref ref) { return make(t, ref, false); }

bool term_is_free(const Terms *t, Ref ref) {
    return is_unit(ref) || term_at(t, ref)->kind == TERM_CHOICE;
}

// ---- Products and sums ------------------------------------------------------

// Each is found by its left term.
static Ref find_or_add(Terms *t, TermKind kind, Ref left, Ref right) {
    for (uint32_t i = term_at(t, left)->first; i; i = t->items.items[i].next) {
        const Term *term = &t->items.items[i];
        if (term->kind == kind && term->right == right)
            return ref_of(i);
    }
    Ref added = add_term(t, (Term){.kind = kind,
                                   .left = left,
                                   .right = right,
                                   .next = term_at(t, left)->first});
    term_at(t, left)->first = index_of(added);
    return added;
}

Ref term_product(Terms *t, Ref left, Ref right) {
    if (left == REF_ZERO || right == REF_ZERO)
        return REF_ZERO;
    bool negative = (left < 0) != (right < 0);
    Ref less = abs(left) < abs(right) ? abs(left) : abs(right);
    Ref more = abs(left) < abs(right) ? abs(right) : abs(left);
    return with_sign(less == REF_ONE ? more
                                     : find_or_add(t, TERM_PRODUCT, less, more),
                     negative);
}

// A factor that two products share, or zero; *x and *y are what is left.
static Ref common_factor(const Terms *t, Ref left, Ref right, Ref *x, Ref *y) {
    const Term *a = term_at(t, left), *b = term_at(t, right);
    if (a->kind != TERM_PRODUCT || b->kind != TERM_PRODUCT)
        return REF_ZERO;
    bool first = a->left == b->left || a->left == b->right;
    if (!first && a->right != b->left && a->right != b->right)
        return REF_ZERO;
    Ref factor = first ? a->left : a->right;
    *x = with_sign(first ? a->right : a->left, left < 0);
    *y = with_sign(b->left == factor ? b->right : b->left, right < 0);
    return factor;
}

// The left operand is positive, and has the smaller number where both are.
Ref term_sum(Terms *t, Ref left, Ref right) {
    if (left == REF_ZERO || right == REF_ZERO)
        return left + right;
    if (left == -right && !term_is_singular(t, left))
        return REF_ZERO;
    Ref x, y, factor = REF_ZERO;
    if (t->factors)
        factor = common_factor(t, left, right, &x, &y);
    if (factor != REF_ZERO && !term_is_singular(t, factor))
        return term_product(t, factor, term_sum(t, x, y));
    bool negative = left < 0 && right < 0;
    if (negative) {
        left = -left;
        right = -right;
    }
    if (left < 0 || (right > 0 && right < left)) {
        Ref other = left;
        left = right;
        right = other;
    }
    return with_sign(find_or_add(t, TERM_SUM, left, right), negative);
}

// ---- All that is needed -----------------------------------------------------

static bool *find_live(const Terms *t, const Ref *refs, size_t count) {
    bool *live = arena_array(t->arena, bool, t->items.count);
    for (size_t i = 0; i < count; i++)
        if (refs[i] != REF_ZERO)
            live[index_of(refs[i])] = true;
    for (size_t i = t->items.count; i-- > 0;) {
        const Term *term = &t->items.items[i];
        if (!live[i] || term->left == REF_ZERO)
            continue;
        live[index_of(term->left)] = true;
        live[index_of(term->right)] = true;
    }
    return live;
}

Work terms_work(const Terms *t, const Ref *refs, size_t count) {
    const bool *live = find_live(t, refs, count);
    Work work = {0, 0};
    for (size_t i = 0; i < t->items.count; i++) {
        const Term *term = &t->items.items[i];
        if (live[i] && term->kind == TERM_PRODUCT)
            work.products +=
                !term_is_free(t, term->left) && !term_is_free(t, term->right);
        if (live[i] && term->kind == TERM_SUM)
            work.sums++;
    }
    return work;
}

// ---- Building ---------------------------------------------------------------

// Here the negative has a sign of its own.
static Value *build_signed(Builder *b, Value *value, int sign) {
    if (sign == 0)
        return build_float(b, value->type, 0);
    return sign < 0 ? build_unary(b, OP_NEG, value) : value;
}

static Value *build_choice(const Terms *t, Builder *b, const Term *term,
                           Value *times) {
    if (!times)
        times = build_float(b, t->type, 1);
    Value *yes = build_signed(b, times, term->yes);
    return build_select(b, term->value, yes, build_signed(b, times, term->no));
}

static Value *build_product(const Terms *t, Builder *b, const Term *term,
                            Value **values) {
    const Term *left = term_at(t, term->left), *right = term_at(t, term->right);
    Value *x = values[index_of(term->left)], *y = values[index_of(term->right)];
    if (left->kind == TERM_CHOICE)
        return build_choice(t, b, left, y);
    if (right->kind == TERM_CHOICE)
        return build_choice(t, b, right, x);
    Value *product = build_binary(b, OP_MUL, x, y);
    Value *zero = build_float(b, t->type, 0);
    if (left->singular)
        product = build_select(b, derive_build_nonzero(b, y), product, zero);
    if (right->singular)
        product = build_select(b, derive_build_nonzero(b, x), product, zero);
    return product;
}

static Value *build_sum(Builder *b, const Term *term, Value **values) {
    return build_binary(b, term->right < 0 ? OP_SUB : OP_ADD,
                        values[index_of(term->left)],
                        values[index_of(term->right)]);
}

static Value *build_term(const Terms *t, Builder *b, const Term *term,
                         Value **values) {
    switch (term->kind) {
    case TERM_ONE: return build_float(b, t->type, 1);
    case TERM_LEAF: return term->value;
    case TERM_CHOICE: return build_choice(t, b, term, NULL);
    case TERM_PRODUCT: return build_product(t, b, term, values);
    case TERM_SUM: return build_sum(b, term, values);
    }
    return NULL;
}

Value **terms_build(const Terms *t, Builder *b, const Ref *refs, size_t count) {
    const bool *live = find_live(t, refs, count);
    Value **values = arena_array(t->arena, Value *, t->items.count);
    Value **results = arena_array(t->arena, Value *, count);
    for (size_t i = 0; i < t->items.count; i++)
        if (live[i])
            values[i] = build_term(t, b, &t->items.items[i], values);
    for (size_t i = 0; i < count; i++)
        if (refs[i] != REF_ZERO)
            results[i] = build_signed(b, values[index_of(refs[i])],
                                      refs[i] < 0 ? -1 : 1);
    return results;
}

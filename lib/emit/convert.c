// convert.c - which conversions C makes by itself, so that no cast is printed:
// the usual arithmetic conversions, promotions, assignment. A conversion that
// gcc or clang would warn about keeps its cast.
#include "emit/print.h"

#include <limits.h>

static bool is_cast(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    return op && op->kind == OP_CAST;
}

static TypeKind promoted(TypeKind kind) {
    return kind < TYPE_INT ? TYPE_INT : kind;
}

static unsigned width(TypeKind kind) {
    return kind <= TYPE_UINT ? 32 : 64; // after promotion
}

static bool kind_is_signed(TypeKind kind) {
    return kind == TYPE_INT || kind == TYPE_LONG || kind == TYPE_LLONG;
}

static bool kind_is_complex(TypeKind kind) {
    return kind >= TYPE_CFLOAT && kind <= TYPE_CLDOUBLE;
}

enum { TO_COMPLEX = TYPE_CFLOAT - TYPE_FLOAT };

static TypeKind usual(TypeKind a, TypeKind b);

static TypeKind usual_complex(TypeKind a, TypeKind b) {
    a = kind_is_complex(a) ? (TypeKind)(a - TO_COMPLEX) : a;
    b = kind_is_complex(b) ? (TypeKind)(b - TO_COMPLEX) : b;
    return (TypeKind)(usual(a, b) + TO_COMPLEX);
}

// The type in which C computes with operands of two arithmetic types. Kinds
// stand in the order of their rank.
static TypeKind usual(TypeKind a, TypeKind b) {
    if (kind_is_complex(a) || kind_is_complex(b))
        return usual_complex(a, b);
    a = promoted(a);
    b = promoted(b);
    TypeKind high = a > b ? a : b, low = a > b ? b : a;
    if (high >= TYPE_FLOAT || kind_is_signed(high) == kind_is_signed(low) ||
        !kind_is_signed(high) || width(high) > width(low))
        return high;
    return (TypeKind)(high + 1); // signed, but cannot hold the other: unsigned
}

// A constant that needs no suffix where C converts it.
static bool is_small_constant(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    return op && op->kind == OP_CONST && type_is_integer(value->type) &&
           !op->as.constant.spelling && op->as.constant.integer >= 0 &&
           op->as.constant.integer <= INT_MAX;
}

// The type that a value has when printed without its outermost conversion.
static const Type *bare_type(const Printer *p, const Value *value) {
    if (narrows_sum(p, value))
        return value->op->operands[0]->op->operands[0]->type;
    return is_cast(p, value) ? value->op->operands[0]->type : value->type;
}

static TypeKind bare_kind(const Printer *p, const Value *value) {
    return is_small_constant(p, value) ? TYPE_INT : bare_type(p, value)->kind;
}

// -Wsign-compare warns of comparisons and of the branches of ?:
static bool signs_agree(const Printer *p, const Value *value, TypeKind kind,
                        TypeKind bare) {
    if (kind >= TYPE_FLOAT || is_small_constant(p, value))
        return true;
    const Value *inner = is_cast(p, value) ? value->op->operands[0] : value;
    return kind_is_signed(promoted(bare)) == kind_is_signed(kind) ||
           is_small_constant(p, inner);
}

// strict: compilers compare signs; chosen: a branch of ?:.
static bool may_be_bare(const Printer *p, const Value *value, bool strict,
                        bool chosen) {
    if (is_small_constant(p, value))
        return true;
    if ((!is_cast(p, value) && !narrows_sum(p, value)) ||
        !type_is_arithmetic(value->type) ||
        !type_is_arithmetic(bare_type(p, value)))
        return false;
    TypeKind kind = value->type->kind, bare = bare_kind(p, value);
    // x * z is not (x + 0i) * z.
    if (kind_is_complex(kind) != kind_is_complex(bare) && !chosen)
        return false;
    return usual(kind, bare) == kind &&
           (!strict || signs_agree(p, value, kind, bare));
}

// i - 1 of (long)i - 1 inside an index, where the loop says that the narrow sum
// cannot overflow: 0 <= i < end.
bool narrows_sum(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    int64_t by, begin;
    if (!op || (op->kind != OP_ADD && op->kind != OP_SUB) ||
        !type_is_integer(value->type) || !is_cast(p, op->operands[0]) ||
        !is_small_constant(p, op->operands[1]))
        return false;
    const Value *index = op->operands[0]->op->operands[0];
    const Op *loop = index->region ? index->region->parent : NULL;
    if (!loop || loop->kind != OP_FOR || index->index != 0 ||
        index->type->kind != TYPE_INT || loop_step(loop) <= 0 ||
        loop->as.loop.compare != OP_LT)
        return false;
    bool up = value_is_integer(loop->operands[FOR_BEGIN], &begin) && begin >= 0;
    return up && value_is_integer(op->operands[1], &by) &&
           (op->kind == OP_SUB || by == 1);
}

// 2 of 2 * z, which not all compilers compute as 2.0 * z.
static bool is_integer_literal(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    return op && op->kind == OP_CONST && constant_has_digits(op);
}

bool computes_bare(const Printer *p, const Value *value) {
    return may_be_bare(p, value, false, false);
}

void choose_operands(const Printer *p, const Op *op, Operand *a, Operand *b) {
    uint32_t first = op->kind == OP_SELECT ? 1 : 0;
    a->value = op->operands[first];
    b->value = op->operands[first + 1];
    a->bare = b->bare = false;
    if (!type_is_arithmetic(a->value->type))
        return;
    bool chosen = op->kind == OP_SELECT;
    bool strict = op_has_flag(op, OPF_COMPARES) || chosen;
    bool bare_a = may_be_bare(p, a->value, strict, chosen);
    bool bare_b = may_be_bare(p, b->value, strict, chosen);
    TypeKind kind = usual(a->value->type->kind, b->value->type->kind);
    bool both = bare_a && bare_b &&
                usual(bare_kind(p, a->value), bare_kind(p, b->value)) == kind;
    bool constant_a = is_small_constant(p, a->value);
    a->bare = both || (bare_a && (!bare_b || constant_a));
    b->bare = both || (bare_b && !a->bare);
    if (type_is_complex(a->value->type) != type_is_complex(b->value->type)) {
        a->bare |= is_integer_literal(p, a->value);
        b->bare |= is_integer_literal(p, b->value);
    }
}

bool is_promotion(const Printer *p, const Value *value) {
    return is_cast(p, value) && value->type->kind == TYPE_INT &&
           bare_type(p, value)->kind < TYPE_INT &&
           type_is_arithmetic(bare_type(p, value));
}

bool widens_index(const Printer *p, const Value *value) {
    if (is_small_constant(p, value) || is_promotion(p, value) ||
        narrows_sum(p, value))
        return true;
    if (!is_cast(p, value))
        return false;
    const Type *from = bare_type(p, value), *to = value->type;
    if (!type_is_integer(from) || !type_is_integer(to) ||
        width(promoted(from->kind)) > width(to->kind) || to->kind < TYPE_INT)
        return false;
    return type_is_signed(from) == type_is_signed(to) ||
           width(promoted(from->kind)) < width(to->kind);
}

bool same_but_const(const Type *from, const Type *to) {
    for (bool outermost = true; from->kind == to->kind; outermost = false) {
        if (from->is_const != to->is_const && !(outermost && to->is_const))
            return false;
        if (from->kind != TYPE_POINTER && from->kind != TYPE_ARRAY)
            return type_equal(from, to);
        from = from->element;
        to = to->element;
    }
    return false;
}

bool converts_by_itself(const Printer *p, const Value *value) {
    if (!is_cast(p, value))
        return is_small_constant(p, value);
    const Value *inner = value->op->operands[0];
    const Type *from = inner->type, *to = value->type;
    if (type_is_arithmetic(from) && type_is_arithmetic(to))
        return !inline_op(p, inner) || inner->op->kind != OP_CONST ||
               is_small_constant(p, inner) ||
               (type_is_integer(from) && type_is_float(to)) ||
               (type_is_real(from) && type_is_complex(to));
    if (!type_is_pointer(from) || !type_is_pointer(to))
        return false;
    from = from->element;
    to = to->element;
    if (from->kind == TYPE_VOID || to->kind == TYPE_VOID)
        return !from->is_const || to->is_const;
    return same_but_const(from, to);
}

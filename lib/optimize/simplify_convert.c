// simplify_convert.c - casts that change nothing, chains of casts, and values
// that are 0 or 1. Part of the pass `simplify`; see simplify.h.
#include "optimize/simplify.h"

// Whether every value of one type is a value of the other.
static bool preserves(const Type *from, const Type *to) {
    if (type_is_complex(from) || type_is_complex(to))
        return type_is_complex(from) && type_is_complex(to) &&
               to->kind >= from->kind;
    if (type_is_float(from))
        return to->kind >= from->kind && type_is_float(to);
    if (!type_is_integer(from))
        return false;
    unsigned bits = type_integer_bits(from) - type_is_signed(from);
    if (type_is_float(to))
        return bits <= (to->kind == TYPE_FLOAT ? 24 : 53);
    return type_is_integer(to) &&
           bits <= type_integer_bits(to) - type_is_signed(to) &&
           (type_is_signed(to) || !type_is_signed(from));
}

// The operand of a cast that has no other operands, or NULL.
static Value *cast_source(const Value *value) {
    const Op *op = value->op;
    return op && op->kind == OP_CAST && op->operand_count == 1 ? op->operands[0]
                                                               : NULL;
}

Value *convert_identity(const Op *cast) {
    if (cast->operand_count != 1)
        return NULL;
    Value *from = cast->operands[0];
    const Type *to = cast->results[0]->type;
    if (type_interchangeable(from->type, to))
        return from;
    Value *inner = cast_source(from);
    if (inner && type_is_arithmetic(to) && type_equal(inner->type, to) &&
        preserves(inner->type, from->type))
        return inner;
    if (inner && type_is_integer(to) && type_is_integer(from->type) &&
        type_equal(inner->type, to) && value_is_boolean(inner))
        return inner;
    return NULL;
}

// Whether A to B to C, of integers, is A to C: the lowest bits alone count.
static bool truncates(const Type *a, const Type *b, const Type *c) {
    return type_is_integer(a) && type_is_integer(b) && type_is_integer(c) &&
           b->kind != TYPE_BOOL && c->kind != TYPE_BOOL &&
           type_integer_bits(c) <= type_integer_bits(b);
}

// A double goes on to float, or an int to double, without a stop between.
bool convert_rewrite(Op *cast) {
    if (cast->operand_count != 1)
        return false;
    Value *from = cast->operands[0], *inner = cast_source(from);
    const Type *to = cast->results[0]->type;
    if (!inner || !type_is_arithmetic(to) || !type_is_arithmetic(inner->type))
        return false;
    bool skip = preserves(inner->type, from->type) ||
                truncates(inner->type, from->type, to);
    if (skip)
        cast->operands[0] = inner;
    return skip;
}

// ---- 0 or 1 -----------------------------------------------------------------

static bool is_boolean(const Value *value, int depth) {
    const Op *op = value->op;
    if (value->type->kind == TYPE_BOOL)
        return true;
    if (!op || depth == 0)
        return false;
    if (op_info(op->kind)->flags & OPF_COMPARES || op->kind == OP_LNOT)
        return true;
    if (op->kind == OP_CONST)
        return type_is_integer(value->type) &&
               (constant_is(value, 0) || constant_is(value, 1));
    if (op->kind == OP_CAST)
        return type_is_integer(value->type) &&
               type_is_integer(op->operands[0]->type) &&
               is_boolean(op->operands[0], depth - 1);
    if (op->kind == OP_AND || op->kind == OP_OR || op->kind == OP_XOR)
        return is_boolean(op->operands[0], depth - 1) &&
               is_boolean(op->operands[1], depth - 1);
    if (op->kind != OP_IF)
        return false;
    for (uint32_t r = 0; r < op->region_count; r++)
        if (!is_boolean(
                region_terminator(op->regions[r])->operands[value->index],
                depth - 1))
            return false;
    return true;
}

bool value_is_boolean(const Value *value) { return is_boolean(value, 4); }

// x of `x != 0`; NULL for anything else.
static Value *tested(const Op *op) {
    if (op->kind != OP_NE || !type_is_integer(op->operands[0]->type))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (constant_is(op->operands[i], 0))
            return op->operands[1 - i];
    return NULL;
}

Value *strip_condition(Value *condition) {
    for (;;) {
        Value *inner = cast_source(condition);
        bool is_test = inner && type_is_integer(inner->type) &&
                       type_is_integer(condition->type) &&
                       (condition->type->kind == TYPE_BOOL ||
                        preserves(inner->type, condition->type));
        if (!is_test)
            inner = condition->op ? tested(condition->op) : NULL;
        if (!inner)
            return condition;
        condition = inner;
    }
}

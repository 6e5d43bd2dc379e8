// range.c - what is known of a floating value's sign without knowing inputs.
// Answers hold in floating-point arithmetic, underflow included: a product of
// positive values may be zero, a sum of them may not.
#include "analysis/analysis.h"

enum { DEPTH = 12 };

static bool is_nonnegative(const Value *value, int depth);

static bool is_positive(const Value *value, int depth);

static bool constant_sign(const Op *op, bool zero_allowed) {
    double real = type_is_float(op->results[0]->type)
                      ? op->as.constant.real
                      : (double)op->as.constant.integer;
    return zero_allowed ? real >= 0 : real > 0;
}

static bool math_is_nonnegative(const Op *op, int depth) {
    MathFn fn = op->as.math;
    if (fn == MATH_fmax)
        return is_nonnegative(op->operands[0], depth) &&
               is_nonnegative(op->operands[1], depth);
    return fn == MATH_exp || fn == MATH_exp2 || fn == MATH_fabs ||
           fn == MATH_sqrt || fn == MATH_hypot || fn == MATH_cosh ||
           fn == MATH_cabs;
}

static bool is_nonnegative(const Value *value, int depth) {
    const Op *op = value->op;
    if (!op || depth == 0 || type_is_complex(value->type))
        return false;
    depth--;
    if (op->kind == OP_CONST)
        return constant_sign(op, true);
    if (op->kind == OP_MUL)
        return op->operands[0] == op->operands[1] ||
               (is_nonnegative(op->operands[0], depth) &&
                is_nonnegative(op->operands[1], depth));
    if (op->kind == OP_ADD || op->kind == OP_DIV)
        return is_nonnegative(op->operands[0], depth) &&
               is_nonnegative(op->operands[1], depth);
    if (op->kind == OP_CAST)
        return type_is_float(op->operands[0]->type) &&
               is_nonnegative(op->operands[0], depth);
    return op->kind == OP_MATH && math_is_nonnegative(op, depth);
}

static bool is_positive(const Value *value, int depth) {
    const Op *op = value->op;
    if (!op || depth == 0 || type_is_complex(value->type))
        return false;
    depth--;
    if (op->kind == OP_CONST)
        return constant_sign(op, false);
    if (op->kind == OP_ADD) {
        const Value *x = op->operands[0], *y = op->operands[1];
        return (is_positive(x, depth) && is_nonnegative(y, depth)) ||
               (is_nonnegative(x, depth) && is_positive(y, depth));
    }
    if (op->kind == OP_MATH &&
        (op->as.math == MATH_sqrt || op->as.math == MATH_cosh))
        return op->as.math == MATH_cosh || is_positive(op->operands[0], depth);
    return false;
}

bool range_is_positive(const Value *value) { return is_positive(value, DEPTH); }

bool range_is_nonnegative(const Value *value) {
    return is_nonnegative(value, DEPTH);
}

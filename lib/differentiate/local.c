// local.c - the derivative of one operation: a weight (or tangent) times the
// partial by an operand. Arithmetic stands here, math functions in rules.def.
#include "differentiate/derive.h"
#include "differentiate/formula.h"

#include <string.h>

enum { PLAIN, GUARD };

typedef struct Rule {
    MathFn fn;
    uint32_t argument;
    int guard;
    const char *partial;
} Rule;

static const Rule rules[] = {
#define RULE(fn, argument, guard, partial) \
    {MATH_##fn, argument, guard, partial},
#include "differentiate/rules.def"
#undef RULE
};

static const Rule *find_rule(MathFn fn, uint32_t argument) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].fn == fn && rules[i].argument == argument)
            return &rules[i];
    return NULL;
}

// A weight of exactly zero contributes zero, whatever the partial is.
static Value *guarded(Builder *b, Value *seed, Value *contribution) {
    Value *zero = build_float(b, seed->type, 0);
    Value *condition = build_binary(b, OP_NE, seed, zero);
    Value *result = build_select(b, condition, contribution, zero);
    if (result->op->kind == OP_SELECT)
        result->op->as.guard = true;
    return result;
}

static bool is_nonzero(const Value *divisor) {
    return (value_is_constant(divisor) && !value_is_zero(divisor)) ||
           range_is_positive(divisor);
}

// z = x / y: dz/dx = 1 / y, dz/dy = -z / y.
static Value *scale_division(Builder *b, const Op *op, uint32_t operand,
                             Value *seed) {
    Value *y = op->operands[1];
    Value *result = build_binary(b, OP_DIV, seed, y);
    if (operand == 1)
        result = build_unary(b, OP_NEG,
                             build_binary(b, OP_MUL, result, op->results[0]));
    return is_nonzero(y) ? result : guarded(b, seed, result);
}

static Value *scale_select(Builder *b, const Op *op, uint32_t operand,
                           Value *seed) {
    Value *zero = build_float(b, seed->type, 0);
    return operand == 1 ? build_select(b, op->operands[0], seed, zero)
                        : build_select(b, op->operands[0], zero, seed);
}

// Guards can go where the argument keeps away from the singularity.
static bool is_safe(const Op *op) {
    MathFn fn = op->as.math;
    if (fn == MATH_log1p)
        return range_is_nonnegative(op->operands[0]);
    return (fn == MATH_log || fn == MATH_log2 || fn == MATH_log10 ||
            fn == MATH_sqrt || fn == MATH_cbrt || fn == MATH_hypot ||
            fn == MATH_pow) &&
           range_is_positive(op->operands[0]);
}

static Value *scale_math(Builder *b, const Op *op, uint32_t operand,
                         Value *seed) {
    const Rule *rule = find_rule(op->as.math, operand);
    ENSURE(rule);
    const Formula *f = formula_parse(b->function->module->arena, rule->partial);
    FormulaScope scope = {.type = seed->type};
    for (uint32_t i = 0; i < op->operand_count; i++)
        scope.variables[(int)"xyz"[i]] = op->operands[i];
    scope.variables['r'] = op->results[0];
    if (op->result_count > 1)
        scope.variables['q'] = op->results[1];
    scope.variables['d'] = seed;
    Value *result = formula_mentions(f, 'd')
                        ? formula_build(b, f, &scope)
                        : formula_build_scaled(b, f, &scope, seed);
    bool guard = result && rule->guard == GUARD && !is_safe(op);
    return guard ? guarded(b, seed, result) : result;
}

Value *local_scale(Builder *b, const Op *op, uint32_t operand, Value *seed) {
    if (op->kind == OP_ADD || (op->kind == OP_SUB && operand == 0))
        return seed;
    if (op->kind == OP_NEG || op->kind == OP_SUB)
        return build_unary(b, OP_NEG, seed);
    if (op->kind == OP_MUL)
        return build_binary(b, OP_MUL, seed, op->operands[1 - operand]);
    if (op->kind == OP_DIV)
        return scale_division(b, op, operand, seed);
    if (op->kind == OP_SELECT)
        return scale_select(b, op, operand, seed);
    if (op->kind == OP_MATH)
        return scale_math(b, op, operand, seed);
    ENSURE(op->kind == OP_CAST);
    return seed; // the caller converts between floating types
}

bool local_has_rule(const Op *op) {
    if (op->kind == OP_MATH)
        return find_rule(op->as.math, 0) != NULL;
    return op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL ||
           op->kind == OP_DIV || op->kind == OP_NEG || op->kind == OP_SELECT ||
           op->kind == OP_CAST;
}

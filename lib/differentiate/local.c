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
#define COMPLEX_RULE(fn, argument, guard, tangent, adjoint)
#include "differentiate/rules.def"
#undef COMPLEX_RULE
#undef RULE
};

typedef struct ComplexRule {
    MathFn fn;
    uint32_t argument;
    int guard;
    const char *tangent, *adjoint;
} ComplexRule;

static const ComplexRule complex_rules[] = {
#define RULE(fn, argument, guard, partial)
#define COMPLEX_RULE(fn, argument, guard, tangent, adjoint) \
    {MATH_##fn, argument, guard, tangent, adjoint},
#include "differentiate/rules.def"
#undef COMPLEX_RULE
#undef RULE
};

// Tangents go the way of the values, adjoints against it.
typedef enum Way { TANGENT, ADJOINT } Way;

// An adjoint is multiplied by the conjugate of the partial derivative.
static Value *turned(Builder *b, Value *value, Way way) {
    return way == ADJOINT && type_is_complex(value->type)
               ? build_math1(b, MATH_conj, value)
               : value;
}

static const Rule *find_rule(MathFn fn, uint32_t argument) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].fn == fn && rules[i].argument == argument)
            return &rules[i];
    return NULL;
}

Value *derive_build_nonzero(Builder *b, Value *value) {
    const Type *part = type_part(b->function->module, value->type);
    return build_binary(b, OP_NE, value, build_float(b, part, 0));
}

// A weight of exactly zero contributes zero, whatever the partial is.
static Value *guarded(Builder *b, Value *seed, Value *contribution) {
    Value *result = build_select(b, derive_build_nonzero(b, seed), contribution,
                                 build_float(b, contribution->type, 0));
    if (result->op->kind == OP_SELECT)
        result->op->as.guard = true;
    return result;
}

static bool is_nonzero(const Value *divisor) {
    return (value_is_constant(divisor) && !value_is_zero(divisor)) ||
           range_is_positive(divisor);
}

static bool is_imaginary_unit(const Value *value) {
    while (value->op && value->op->kind == OP_CAST)
        value = value->op->operands[0];
    return value_is_constant(value) && type_is_complex(value->type) &&
           value->op->as.constant.real == 0 &&
           value->op->as.constant.imaginary == 1;
}

// z = x * y. What a real x gets is the real part; of i x, the imaginary one.
static Value *scale_product(Builder *b, const Op *op, uint32_t operand,
                            Value *seed, Way way) {
    Value *other = op->operands[1 - operand];
    if (way == ADJOINT && type_is_real(op->operands[operand]->type) &&
        is_imaginary_unit(other))
        return build_math1(b, MATH_cimag, seed);
    return build_binary(b, OP_MUL, seed, turned(b, other, way));
}

// z = x / y: dz/dx = 1 / y, dz/dy = -z / y.
static Value *scale_division(Builder *b, const Op *op, uint32_t operand,
                             Value *seed, Way way) {
    Value *y = op->operands[1];
    Value *result = build_binary(b, OP_DIV, seed, turned(b, y, way));
    if (operand == 1)
        result = build_unary(
            b, OP_NEG,
            build_binary(b, OP_MUL, result, turned(b, op->results[0], way)));
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

// The rule of a function that is not holomorphic, or NULL.
static const ComplexRule *find_complex_rule(MathFn fn, uint32_t argument) {
    size_t count = sizeof complex_rules / sizeof *complex_rules;
    for (size_t i = 0; i < count; i++)
        if (complex_rules[i].fn == fn && complex_rules[i].argument == argument)
            return &complex_rules[i];
    return NULL;
}

static FormulaScope scope_of(Builder *b, const Op *op, Value *seed, Way way) {
    FormulaScope scope = {.type = seed->type};
    for (uint32_t i = 0; i < op->operand_count; i++)
        scope.variables[(int)"xyz"[i]] = turned(b, op->operands[i], way);
    scope.variables['r'] = turned(b, op->results[0], way);
    if (op->result_count > 1)
        scope.variables['q'] = op->results[1];
    scope.variables['d'] = seed;
    return scope;
}

static Value *scale_complex(Builder *b, const Op *op, const ComplexRule *rule,
                            Value *seed, Way way) {
    const char *text = way == ADJOINT ? rule->adjoint : rule->tangent;
    const Formula *f = formula_parse(b->function->module->arena, text);
    FormulaScope scope = scope_of(b, op, seed, TANGENT);
    Value *result = formula_build(b, f, &scope);
    return rule->guard == GUARD ? guarded(b, seed, result) : result;
}

static Value *scale_math(Builder *b, const Op *op, uint32_t operand,
                         Value *seed, Way way) {
    const ComplexRule *complex = find_complex_rule(op->as.math, operand);
    if (complex)
        return scale_complex(b, op, complex, seed, way);
    const Rule *rule = find_rule(op->as.math, operand);
    ENSURE(rule);
    const Formula *f = formula_parse(b->function->module->arena, rule->partial);
    FormulaScope scope = scope_of(b, op, seed, way);
    Value *result = formula_mentions(f, 'd')
                        ? formula_build(b, f, &scope)
                        : formula_build_scaled(b, f, &scope, seed);
    bool guard = result && rule->guard == GUARD && !is_safe(op);
    return guard ? guarded(b, seed, result) : result;
}

static Value *scale(Builder *b, const Op *op, uint32_t operand, Value *seed,
                    Way way) {
    if (op->kind == OP_ADD || (op->kind == OP_SUB && operand == 0))
        return seed;
    if (op->kind == OP_NEG || op->kind == OP_SUB)
        return build_unary(b, OP_NEG, seed);
    if (op->kind == OP_MUL)
        return scale_product(b, op, operand, seed, way);
    if (op->kind == OP_DIV)
        return scale_division(b, op, operand, seed, way);
    if (op->kind == OP_SELECT)
        return scale_select(b, op, operand, seed);
    if (op->kind == OP_MATH)
        return scale_math(b, op, operand, seed, way);
    ENSURE(op->kind == OP_CAST);
    return seed; // the caller converts between floating types
}

Value *local_tangent(Builder *b, const Op *op, uint32_t operand, Value *seed) {
    return scale(b, op, operand, seed, TANGENT);
}

Value *local_adjoint(Builder *b, const Op *op, uint32_t operand, Value *seed) {
    return scale(b, op, operand, seed, ADJOINT);
}

Value *derive_convert(Builder *b, const Type *type, Value *value) {
    if (type_is_complex(value->type) && !type_is_complex(type))
        value = build_math1(b, MATH_creal, value);
    return build_cast(b, type, value);
}

bool local_has_rule(const Op *op) {
    if (op->kind == OP_MATH)
        return find_rule(op->as.math, 0) || find_complex_rule(op->as.math, 0);
    return op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL ||
           op->kind == OP_DIV || op->kind == OP_NEG || op->kind == OP_SELECT ||
           op->kind == OP_CAST;
}

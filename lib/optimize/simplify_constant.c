// simplify_constant.c - operations on constants. Reads: operands. Changes: the
// operation into a constant, where C computes that value for certain: integers
// in their widths and never where C leaves the result undefined; floating
// values where rounding to nearest gives the same bits, and an exact result
// where the operands stand as somebody wrote them.
#include "optimize/simplify.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- Asking about constants -------------------------------------------------

// Names, sizeof and characters say more than their value does.
static bool keeps_spelling(const Op *constant) {
    const char *text = constant->as.constant.spelling;
    return text && !isdigit((unsigned char)*text) && *text != '.' &&
           *text != '-';
}

bool constant_integer(const Value *value, int64_t *integer) {
    if (!value_is_constant(value) || !type_is_integer(value->type) ||
        keeps_spelling(value->op))
        return false;
    *integer = value->op->as.constant.integer;
    return true;
}

// A long double with a spelling may be more precise than its double.
static bool is_exact(const Op *constant) {
    const char *text = constant->as.constant.spelling;
    if (!text || constant->results[0]->type->kind != TYPE_LDOUBLE)
        return true;
    return strtold(text, NULL) == (long double)constant->as.constant.real;
}

static double real_of(const Op *constant) {
    double real = constant->as.constant.real;
    return constant->results[0]->type->kind == TYPE_FLOAT ? (double)(float)real
                                                          : real;
}

bool constant_real(const Value *value, double *real) {
    if (!value_is_constant(value) || !type_is_real(value->type) ||
        keeps_spelling(value->op) || !is_exact(value->op))
        return false;
    *real = real_of(value->op);
    return true;
}

bool constant_is(const Value *value, double number) {
    int64_t integer;
    double real;
    if (constant_real(value, &real))
        return real == number;
    if (type_is_complex(value->type)) // as a zero weight
        return number == 0 && value_is_zero(value);
    return constant_integer(value, &integer) && (double)integer == number &&
           fabs(number) < 1e9;
}

static bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

bool constant_same(const Value *a, const Value *b) {
    double x, y;
    if (a == b)
        return true;
    if (!value_is_constant(a) || !value_is_constant(b) ||
        !type_equal(a->type, b->type))
        return false;
    if (string_equal(a->op->as.constant.spelling, b->op->as.constant.spelling))
        return a->op->as.constant.integer == b->op->as.constant.integer &&
               same_bits(a->op->as.constant.imaginary,
                         b->op->as.constant.imaginary) &&
               same_bits(a->op->as.constant.real, b->op->as.constant.real);
    if (type_is_float(a->type))
        return constant_real(a, &x) && constant_real(b, &y) && same_bits(x, y);
    int64_t i, j;
    return constant_integer(a, &i) && constant_integer(b, &j) && i == j;
}

bool constant_condition(const Value *value, bool *holds) {
    if (!value_is_constant(value))
        return false;
    if (!type_is_float(value->type)) {
        *holds = value->op->as.constant.integer != 0;
        return true;
    }
    if (type_is_complex(value->type))
        return false;
    *holds = real_of(value->op) != 0;
    return is_exact(value->op);
}

// ---- Becoming a constant ----------------------------------------------------

static void become_constant(Op *op, int64_t integer, double real) {
    op->kind = OP_CONST;
    op->operand_count = 0;
    memset(&op->as, 0, sizeof op->as);
    op->as.constant.integer = integer;
    op->as.constant.real = real;
}

void op_become_integer(Op *op, int64_t integer) {
    become_constant(op, integer, 0);
}

void op_become_zero(Op *op) { become_constant(op, 0, 0); }

static bool become_real(Op *op, double real) {
    become_constant(op, 0, real);
    return true;
}

// ---- Integers ---------------------------------------------------------------

// The representation of a constant: sign-extended for signed types, else
// zero-extended; 64 bits stay as they are.
static int64_t wrap(const Type *type, uint64_t bits) {
    unsigned width = type_integer_bits(type);
    if (width == 64)
        return (int64_t)bits;
    uint64_t mask = (UINT64_C(1) << width) - 1;
    bits &= mask;
    if (type_is_signed(type) && bits >> (width - 1))
        bits |= ~mask;
    return (int64_t)bits;
}

static bool become_integer(Op *op, uint64_t bits) {
    op_become_integer(op, wrap(op->results[0]->type, bits));
    return true;
}

static bool fits(const Type *type, int64_t integer) {
    return wrap(type, (uint64_t)integer) == integer;
}

static bool fold_signed(Op *op, int64_t a, int64_t b) {
    const Type *type = op->results[0]->type;
    int64_t result = 0;
    bool defined = true;
    if (op->kind == OP_ADD)
        defined = !__builtin_add_overflow(a, b, &result);
    else if (op->kind == OP_SUB)
        defined = !__builtin_sub_overflow(a, b, &result);
    else if (op->kind == OP_MUL)
        defined = !__builtin_mul_overflow(a, b, &result);
    else if (b == 0 || (b == -1 && !fits(type, (int64_t)(0 - (uint64_t)a))) ||
             (b == -1 && a == INT64_MIN))
        defined = false;
    else
        result = op->kind == OP_DIV ? a / b : a % b;
    return defined && fits(type, result) &&
           become_integer(op, (uint64_t)result);
}

static bool fold_unsigned(Op *op, uint64_t a, uint64_t b) {
    if (op->kind == OP_ADD)
        return become_integer(op, a + b);
    if (op->kind == OP_SUB)
        return become_integer(op, a - b);
    if (op->kind == OP_MUL)
        return become_integer(op, a * b);
    if (b == 0)
        return false;
    return become_integer(op, op->kind == OP_DIV ? a / b : a % b);
}

static bool fold_bits(Op *op, uint64_t a, uint64_t b) {
    uint64_t result = op->kind == OP_AND  ? a & b
                      : op->kind == OP_OR ? a | b
                                          : a ^ b;
    return become_integer(op, result);
}

// Shifts out of range, of negative values, or into the sign stay for C.
static bool fold_shift(Op *op, int64_t a, int64_t count) {
    const Type *type = op->results[0]->type;
    int width = (int)type_integer_bits(type);
    bool is_signed = type_is_signed(type);
    if (count < 0 || count >= width || (is_signed && a < 0))
        return false;
    if (op->kind == OP_SHR)
        return become_integer(op, (uint64_t)a >> count);
    if (is_signed && a > (INT64_MAX >> (64 - width)) >> count)
        return false;
    return become_integer(op, (uint64_t)a << count);
}

static bool compare(OpKind kind, bool less, bool equal) {
    if (kind == OP_EQ || kind == OP_NE)
        return equal == (kind == OP_EQ);
    if (kind == OP_LE || kind == OP_GE)
        return equal || less == (kind == OP_LE);
    return !equal && less == (kind == OP_LT);
}

static bool compares(const Op *op) {
    return op_info(op->kind)->flags & OPF_COMPARES;
}

static bool fold_integers(Op *op) {
    int64_t a, b;
    if (!constant_integer(op->operands[0], &a) ||
        !constant_integer(op->operands[1], &b))
        return false;
    bool is_signed = type_is_signed(op->operands[0]->type);
    if (compares(op)) {
        bool less = is_signed ? a < b : (uint64_t)a < (uint64_t)b;
        return become_integer(op, compare(op->kind, less, a == b));
    }
    if (op->kind >= OP_ADD && op->kind <= OP_REM)
        return is_signed ? fold_signed(op, a, b)
                         : fold_unsigned(op, (uint64_t)a, (uint64_t)b);
    if (op->kind == OP_SHL || op->kind == OP_SHR)
        return fold_shift(op, a, b);
    return (op->kind == OP_AND || op->kind == OP_OR || op->kind == OP_XOR) &&
           fold_bits(op, (uint64_t)a, (uint64_t)b);
}

// ---- Floating values --------------------------------------------------------

// Whether the result has no rounding error, far from under- and overflow.
static bool is_exact_result(OpKind kind, double a, double b, double result) {
    double size = fabs(result);
    if (result == 0)
        return kind == OP_MUL || kind == OP_DIV ? a == 0 || b == 0 : true;
    if (!(size > 1e-250 && size < 1e250))
        return false;
    if (kind == OP_MUL)
        return fma(a, b, -result) == 0;
    if (kind == OP_DIV)
        return fma(result, b, -a) == 0;
    double more = kind == OP_ADD ? b : -b;
    double part = result - a;
    return a - (result - part) == 0 && more - part == 0;
}

static double compute(OpKind kind, double a, double b) {
    if (kind == OP_ADD)
        return a + b;
    if (kind == OP_SUB)
        return a - b;
    return kind == OP_MUL ? a * b : a / b;
}

static bool is_spelled(const Value *constant) {
    return constant->op->as.constant.spelling != NULL;
}

static bool fold_arithmetic(Op *op, double a, double b) {
    TypeKind kind = op->results[0]->type->kind;
    if (op->kind == OP_DIV && b == 0)
        return false;
    double result = compute(op->kind, a, b);
    if (kind == TYPE_FLOAT)
        result = (double)(float)result; // innocuous double rounding
    bool keep = kind == TYPE_LDOUBLE || is_spelled(op->operands[0]) ||
                is_spelled(op->operands[1]);
    if (!isfinite(result) || (keep && !is_exact_result(op->kind, a, b, result)))
        return false;
    return become_real(op, result);
}

// The compiler's own questions about a named constant may be answered.
static bool real_operand(const Op *op, uint32_t i, double *real) {
    const Value *value = op->operands[i];
    if (op->adjoint && compares(op) && value_is_constant(value) &&
        type_is_real(value->type) && is_exact(value->op)) {
        *real = real_of(value->op);
        return true;
    }
    return constant_real(value, real);
}

static bool fold_reals(Op *op) {
    double a, b;
    if (!real_operand(op, 0, &a) || !real_operand(op, 1, &b) || isnan(a) ||
        isnan(b))
        return false;
    if (compares(op)) {
        op_become_integer(op, compare(op->kind, a < b, a == b));
        return true;
    }
    return op->kind >= OP_ADD && op->kind <= OP_DIV &&
           fold_arithmetic(op, a, b);
}

// ---- One operand ------------------------------------------------------------

static bool fold_unary(Op *op) {
    const Value *x = op->operands[0];
    int64_t integer;
    double real;
    bool holds;
    if (op->kind == OP_LNOT && constant_condition(x, &holds))
        return become_integer(op, !holds);
    if (op->kind == OP_NOT && constant_integer(x, &integer))
        return become_integer(op, ~(uint64_t)integer);
    if (op->kind != OP_NEG)
        return false;
    if (op->adjoint && type_is_complex(x->type) && constant_is(x, 0)) {
        op_become_zero(op);
        return true;
    }
    if (constant_real(x, &real) && !isnan(real))
        return become_real(op, op->adjoint && real == 0 ? 0 : -real);
    if (!constant_integer(x, &integer))
        return false;
    uint64_t negative = 0 - (uint64_t)integer;
    bool defined = !type_is_signed(x->type) ||
                   (integer != INT64_MIN && fits(x->type, (int64_t)negative));
    return defined && become_integer(op, negative);
}

// A double that the type can hold without rounding.
static bool holds_real(const Type *type, double real) {
    return type->kind != TYPE_FLOAT || (double)(float)real == real;
}

static bool fold_cast_of_integer(Op *op, int64_t integer) {
    const Type *from = op->operands[0]->type, *to = op->results[0]->type;
    if (to->kind == TYPE_BOOL)
        return become_integer(op, integer != 0);
    if (type_is_integer(to))
        return become_integer(op, (uint64_t)integer);
    bool large = !type_is_signed(from) && integer < 0;
    double real = (double)integer;
    bool exact =
        !large && fabs(real) <= 9007199254740992.0 && (int64_t)real == integer;
    return type_is_real(to) && exact && holds_real(to, real) &&
           become_real(op, real);
}

static bool fold_cast_of_real(Op *op, double real) {
    const Type *to = op->results[0]->type;
    if (!isfinite(real))
        return false;
    if (type_is_complex(to))
        return false;
    if (type_is_float(to))
        return holds_real(to, real) && become_real(op, real);
    if (to->kind == TYPE_BOOL)
        return become_integer(op, real != 0);
    double whole = trunc(real);
    bool small = fabs(whole) <= 9007199254740992.0;
    bool negative = whole < 0 && !type_is_signed(to);
    if (!type_is_integer(to) || !small || negative || !fits(to, (int64_t)whole))
        return false;
    return become_integer(op, (uint64_t)(int64_t)whole);
}

static bool fold_cast(Op *op) {
    int64_t integer;
    double real;
    if (op->operand_count != 1)
        return false;
    if (constant_integer(op->operands[0], &integer))
        return fold_cast_of_integer(op, integer);
    return constant_real(op->operands[0], &real) && fold_cast_of_real(op, real);
}

bool simplify_fold(Op *op) {
    if (op->kind == OP_CAST)
        return fold_cast(op);
    if (op->kind == OP_NEG || op->kind == OP_NOT || op->kind == OP_LNOT)
        return fold_unary(op);
    bool binary = op->kind >= OP_ADD && op->kind <= OP_NE;
    if (!binary || op->operand_count != 2)
        return false;
    if (type_is_complex(op->operands[0]->type) ||
        type_is_complex(op->operands[1]->type))
        return false;
    return type_is_float(op->operands[0]->type) ? fold_reals(op)
                                                : fold_integers(op);
}

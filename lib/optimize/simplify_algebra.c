// simplify_algebra.c - identities of arithmetic, comparisons, selections and
// addresses. Part of the pass `simplify`; see simplify.h.
//
// Floating identities hold bit for bit, signed zeros included (of a NaN, only
// that it is one); those of adjoint operations hold in the algebra where zero
// times anything is zero and zeros have no sign.
#include "optimize/simplify.h"

#include <math.h>
#include <string.h>

static bool is_zero(const Value *value) { return constant_is(value, 0); }

static bool is_one(const Value *value) { return constant_is(value, 1); }

static bool is_minus_one(const Value *value) {
    return type_is_float(value->type) && constant_is(value, -1);
}

// Whether x + value is x (or, for minus, x - value) for every x.
static bool adds_nothing(const Op *op, const Value *value, bool minus) {
    double real;
    if (!is_zero(value))
        return false;
    if (type_is_integer(value->type) || op->adjoint)
        return true;
    return constant_real(value, &real) && !signbit(real) == minus;
}

// Zero annihilates: integers, and weights of derivatives.
static bool annihilates(const Op *op, const Value *value) {
    return is_zero(value) && (type_is_integer(value->type) || op->adjoint);
}

static Value *negated(const Value *value) {
    return value->op && value->op->kind == OP_NEG ? value->op->operands[0]
                                                  : NULL;
}

static bool is_integer(const Value *value) {
    return type_is_integer(value->type);
}

// ---- Values that are there already ------------------------------------------

static Value *identity_add(const Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (adds_nothing(op, b, false))
        return a;
    return adds_nothing(op, a, false) ? b : NULL;
}

// x - 0; (x + y) - y.
static Value *identity_sub(const Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (adds_nothing(op, b, true))
        return a;
    if (is_integer(a) && a->op && a->op->kind == OP_ADD)
        for (int i = 0; i < 2; i++)
            if (a->op->operands[i] == b)
                return a->op->operands[1 - i];
    return NULL;
}

static Value *identity_bits(const Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (a == b && op->kind != OP_XOR)
        return a;
    if (op->kind != OP_AND && is_zero(b))
        return a;
    return op->kind != OP_AND && is_zero(a) ? b : NULL;
}

static Value *identity_select(const Op *op) {
    Value *condition = op->operands[0];
    Value *yes = op->operands[1], *no = op->operands[2];
    bool holds;
    if (constant_condition(condition, &holds))
        return holds ? yes : no;
    if (constant_same(yes, no))
        return yes;
    if (is_one(yes) && is_zero(no) && type_equal(yes->type, condition->type) &&
        value_is_boolean(condition))
        return condition;
    return NULL;
}

// x != 0 of what is 0 or 1.
static Value *identity_ne(const Op *op) {
    Value *a = op->operands[0];
    return is_zero(op->operands[1]) && value_is_boolean(a) &&
                   type_equal(a->type, op->results[0]->type)
               ? a
               : NULL;
}

// conj(conj(z)); the parts of CMPLX(x, y); the real part of what was real.
static Value *identity_part(const Op *op) {
    const Op *inner = op->operands[0]->op;
    MathFn fn = op->as.math;
    if (!inner)
        return NULL;
    if (inner->kind == OP_CAST && fn == MATH_creal &&
        type_equal(inner->operands[0]->type, op->results[0]->type))
        return inner->operands[0];
    if (inner->kind != OP_MATH)
        return NULL;
    if (inner->as.math == MATH_conj && fn == MATH_conj)
        return inner->operands[0];
    bool is_part =
        inner->as.math == MATH_CMPLX && (fn == MATH_creal || fn == MATH_cimag);
    return is_part ? inner->operands[fn == MATH_cimag] : NULL;
}

// pow(x, 1); the primal's calls stay calls.
static Value *identity_math(const Op *op) {
    if (op->as.math >= MATH_creal && op->as.math <= MATH_conj)
        return identity_part(op);
    bool first_power = op->as.math == MATH_pow && is_one(op->operands[1]);
    return first_power && op->adjoint ? op->operands[0] : NULL;
}

// (p + i) - p is i.
static Value *index_between(const Op *op) {
    const Op *inner = op->operands[0]->op;
    return inner && inner->kind == OP_INDEX &&
                   inner->operands[0] == op->operands[1]
               ? inner->operands[1]
               : NULL;
}

static Value *identity_ptrdiff(const Op *op) {
    Value *index = index_between(op);
    return index && type_equal(index->type, op->results[0]->type) ? index
                                                                  : NULL;
}

static Value *identity_arithmetic(const Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (op->kind == OP_ADD)
        return identity_add(op);
    if (op->kind == OP_SUB)
        return identity_sub(op);
    if (op->kind == OP_MUL && is_one(a))
        return b;
    return op->kind != OP_REM && is_one(b) ? a : NULL;
}

// 1 of 1 * z, which clang before version 18 computes as (1 + 0i) * z.
static bool is_written_integer(const Value *value) {
    const char *text =
        value_is_constant(value) ? value->op->as.constant.spelling : NULL;
    return text && type_is_real(value->type) && !strpbrk(text, ".eEpPxX");
}

// Of a complex sum, what is left over may be real: then the sum converts.
static Value *identity_of_type(const Op *op) {
    bool is_complex = type_is_complex(op->results[0]->type);
    if (is_complex && !op->adjoint &&
        (is_written_integer(op->operands[0]) ||
         is_written_integer(op->operands[1])))
        return NULL;
    Value *value = identity_arithmetic(op);
    return value && type_equal(value->type, op->results[0]->type) ? value
                                                                  : NULL;
}

Value *simplify_identity(const Op *op) {
    if (op->kind >= OP_ADD && op->kind <= OP_REM)
        return identity_of_type(op);
    if (op->kind == OP_NEG)
        return negated(op->operands[0]);
    if (op->kind >= OP_AND && op->kind <= OP_XOR)
        return identity_bits(op);
    if ((op->kind == OP_SHL || op->kind == OP_SHR || op->kind == OP_INDEX) &&
        is_zero(op->operands[1]))
        return op->operands[0];
    if (op->kind == OP_NE)
        return identity_ne(op);
    if (op->kind == OP_PTRDIFF)
        return identity_ptrdiff(op);
    if (op->kind == OP_SELECT)
        return identity_select(op);
    if (op->kind == OP_MATH)
        return identity_math(op);
    if (op->kind == OP_CAST)
        return convert_identity(op);
    if (op->kind == OP_INACTIVE && value_is_constant(op->operands[0]))
        return op->operands[0];
    return NULL;
}

// ---- Other operations in place ----------------------------------------------

static bool become_unary(Op *op, OpKind kind, Value *x) {
    op->kind = kind;
    op->operands[0] = x;
    op->operand_count = 1;
    return true;
}

// Of an operation that has two operands, or room for them.
static bool become_binary(Op *op, OpKind kind, Value *x, Value *y) {
    op->kind = kind;
    op->operands[0] = x;
    op->operands[1] = y;
    op->operand_count = 2;
    return true;
}

static bool become_zero(Op *op) {
    op_become_zero(op);
    return true;
}

// (x + 1) - 3 is x - 2: integer sums with two constants, in one step.
static bool merge_constants(Op *op) {
    const Op *inner = op->operands[0]->op;
    int64_t outer_constant, inner_constant, sum;
    if (!is_integer(op->operands[0]) || !inner ||
        (inner->kind != OP_ADD && inner->kind != OP_SUB) ||
        !constant_integer(op->operands[1], &outer_constant) ||
        !constant_integer(inner->operands[1], &inner_constant))
        return false;
    // Small ones only, so that no sum wraps, nor leaves the type.
    if (outer_constant < 0 || inner_constant < 0 || outer_constant > 1 << 24 ||
        inner_constant > 1 << 24)
        return false;
    sum = (op->kind == OP_ADD ? outer_constant : -outer_constant) +
          (inner->kind == OP_ADD ? inner_constant : -inner_constant);
    Builder b = builder_before(op);
    Value *merged = build_int(&b, op->results[0]->type, sum < 0 ? -sum : sum);
    return become_binary(op, sum < 0 ? OP_SUB : OP_ADD, inner->operands[0],
                         merged);
}

// The real number that a value is, of the type of the parts; or NULL.
static Value *real_of(Value *value) {
    const Op *op = value->op;
    if (type_is_real(value->type))
        return value;
    return op && op->kind == OP_CAST && type_is_real(op->operands[0]->type) &&
                   op->operands[0]->type->kind - TYPE_FLOAT ==
                       value->type->kind - TYPE_CFLOAT
               ? op->operands[0]
               : NULL;
}

// x + CMPLX(0, y) is CMPLX(x, y).
static bool join_parts(Op *op) {
    if (!op->adjoint || !type_is_complex(op->results[0]->type))
        return false;
    for (int i = 0; i < 2; i++) {
        Value *real = real_of(op->operands[i]);
        const Op *other = op->operands[1 - i]->op;
        if (!real || !other || other->kind != OP_MATH ||
            other->as.math != MATH_CMPLX || !is_zero(other->operands[0]))
            continue;
        op->as.math = MATH_CMPLX;
        return become_binary(op, OP_MATH, real, other->operands[1]);
    }
    return false;
}

static bool rewrite_add(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (join_parts(op))
        return true;
    if (negated(b))
        return become_binary(op, OP_SUB, a, negated(b));
    if (negated(a))
        return become_binary(op, OP_SUB, b, negated(a));
    return merge_constants(op);
}

static bool rewrite_sub(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (a == b && is_integer(a))
        return become_zero(op);
    if (negated(b))
        return become_binary(op, OP_ADD, a, negated(b));
    if (is_zero(a) && (is_integer(a) || op->adjoint))
        return become_unary(op, OP_NEG, b);
    return merge_constants(op);
}

// -a * b is -(a * b), so that the sign can go on into a sum.
static bool pull_sign(Op *op, uint32_t operand) {
    Value *inner = negated(op->operands[operand]);
    if (!inner || !op->adjoint || !type_is_float(inner->type))
        return false;
    Value *parts[2] = {op->operands[0], op->operands[1]};
    parts[operand] = inner;
    Builder b = builder_before(op);
    return become_unary(op, OP_NEG,
                        build_binary(&b, op->kind, parts[0], parts[1]));
}

static bool rewrite_product(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    bool is_product = op->kind == OP_MUL;
    if (annihilates(op, a) && (is_product || op->adjoint))
        return become_zero(op);
    if (is_product && annihilates(op, b))
        return become_zero(op);
    if (op->adjoint && is_minus_one(b))
        return become_unary(op, OP_NEG, a);
    if (op->adjoint && is_product && is_minus_one(a))
        return become_unary(op, OP_NEG, b);
    if (negated(a) && negated(b) && type_is_real(a->type) &&
        type_is_real(b->type))
        return become_binary(op, op->kind, negated(a), negated(b));
    return pull_sign(op, 0) || pull_sign(op, 1);
}

static bool rewrite_bits(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    bool zero = (op->kind == OP_AND && (is_zero(a) || is_zero(b))) ||
                (op->kind == OP_XOR && a == b) ||
                (op->kind == OP_REM && is_one(b));
    return zero && become_zero(op);
}

// ---- Comparisons ------------------------------------------------------------

static OpKind inverse_of(OpKind compare) {
    switch ((int)compare) {
    case OP_LT: return OP_GE;
    case OP_LE: return OP_GT;
    case OP_GT: return OP_LE;
    case OP_GE: return OP_LT;
    case OP_EQ: return OP_NE;
    default: return OP_EQ;
    }
}

static bool is_comparison(const Op *op) {
    return op && op_info(op->kind)->flags & OPF_COMPARES;
}

// !(a < b) is a >= b, unless one may be NaN.
static bool rewrite_lnot(Op *op) {
    const Op *inner = op->operands[0]->op;
    if (!is_comparison(inner))
        return false;
    bool ordered = inner->kind != OP_EQ && inner->kind != OP_NE;
    if (ordered && type_is_float(inner->operands[0]->type))
        return false;
    op->operands = arena_array(op->parent->function->module->arena, Value *, 2);
    return become_binary(op, inverse_of(inner->kind), inner->operands[0],
                         inner->operands[1]);
}

// No unsigned value is below zero.
static bool rewrite_unsigned(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (!is_integer(a) || type_is_signed(a->type))
        return false;
    bool above = (op->kind == OP_GE && value_is_zero(b)) ||
                 (op->kind == OP_LE && value_is_zero(a));
    bool below = (op->kind == OP_LT && value_is_zero(b)) ||
                 (op->kind == OP_GT && value_is_zero(a));
    if (!above && !below)
        return false;
    op_become_integer(op, above);
    return true;
}

// x & 3 is neither -1 nor 4; compilers warn of such comparisons, which come
// from constants that were folded.
static bool rewrite_masked(Op *op) {
    const Op *and = op->operands[0]->op;
    int64_t mask, other;
    if ((op->kind != OP_EQ && op->kind != OP_NE) ||
        !and || and->kind != OP_AND ||
        !value_is_integer(and->operands[1], &mask) ||
        !value_is_integer(op->operands[1], &other) || mask < 0 ||
        (other & ~mask) == 0)
        return false;
    op_become_integer(op, op->kind == OP_NE);
    return true;
}

static bool rewrite_comparison(Op *op) {
    Value *a = op->operands[0], *b = op->operands[1];
    if (rewrite_unsigned(op) || rewrite_masked(op))
        return true;
    if (a == b && !type_is_float(a->type)) {
        op_become_integer(op, op->kind == OP_EQ || op->kind == OP_LE ||
                                  op->kind == OP_GE);
        return true;
    }
    if (op->kind == OP_EQ && is_zero(b) && is_integer(a) && value_is_boolean(a))
        return become_unary(op, OP_LNOT, a);
    return false;
}

// ---- Selections, functions, addresses ---------------------------------------

static const Op *select_on(const Value *value, const Value *condition) {
    const Op *op = value->op;
    return op && op->kind == OP_SELECT && op->operands[0] == condition ? op
                                                                       : NULL;
}

static bool rewrite_select(Op *op) {
    Value *condition = op->operands[0];
    if (op->adjoint && type_is_float(op->results[0]->type) &&
        is_zero(op->operands[1]) && is_zero(op->operands[2]))
        return become_zero(op);
    if (condition->op && condition->op->kind == OP_LNOT) {
        Value *yes = op->operands[1];
        op->operands[0] = condition->op->operands[0];
        op->operands[1] = op->operands[2];
        op->operands[2] = yes;
        return true;
    }
    for (uint32_t i = 1; i <= 2; i++) {
        const Op *inner = select_on(op->operands[i], condition);
        if (inner) {
            op->operands[i] = inner->operands[i];
            return true;
        }
    }
    return false;
}

static bool rewrite_math(Op *op) {
    Value *x = op->operands[0];
    if (!op->adjoint)
        return false;
    bool is_part = op->as.math == MATH_creal || op->as.math == MATH_cimag ||
                   op->as.math == MATH_conj;
    if (is_part && is_zero(x))
        return become_zero(op);
    // The real part of conj(z) is that of z.
    const Op *inner = x->op;
    if (op->as.math == MATH_creal && inner && inner->kind == OP_MATH &&
        inner->as.math == MATH_conj) {
        op->operands[0] = inner->operands[0];
        return true;
    }
    if (op->as.math == MATH_pow && constant_is(op->operands[1], 2)) {
        op->as = (Op){0}.as;
        return become_binary(op, OP_MUL, x, x);
    }
    bool scales = op->as.math == MATH_ldexp || op->as.math == MATH_scalbn ||
                  op->as.math == MATH_scalbln;
    return scales && is_zero(x) && become_zero(op);
}

// (p + 2) + 3 is p + 5.
static bool rewrite_index(Op *op) {
    const Op *inner = op->operands[0]->op;
    int64_t first, second;
    if (!inner || inner->kind != OP_INDEX ||
        !constant_integer(op->operands[1], &second) ||
        !constant_integer(inner->operands[1], &first) || first > 1 << 30 ||
        first < -(1 << 30) || second > 1 << 30 || second < -(1 << 30))
        return false;
    Builder b = builder_before(op);
    const Type *type = op->operands[1]->type;
    int64_t sum = first + second;
    if (type_integer_bits(type) < 64 || !type_is_signed(type))
        type = type_scalar(b.function->module,
                           sum == (int32_t)sum ? TYPE_INT : TYPE_LONG);
    return become_binary(op, OP_INDEX, inner->operands[0],
                         build_int(&b, type, sum));
}

// a[(long)i] is a[i].
static bool rewrite_wide_index(Op *op) {
    const Op *cast = op->operands[1]->op;
    if (!cast || cast->kind != OP_CAST ||
        !type_is_integer(cast->operands[0]->type) ||
        type_integer_bits(op->operands[1]->type) < 64 ||
        type_integer_bits(cast->operands[0]->type) >= 64 ||
        !type_is_signed(op->operands[1]->type))
        return false;
    op->operands[1] = cast->operands[0];
    return true;
}

static bool rewrite_ptrdiff(Op *op) {
    Value *index = index_between(op);
    return index ? become_unary(op, OP_CAST, index)
                 : op->operands[0] == op->operands[1] && become_zero(op);
}

bool simplify_rewrite(Op *op) {
    if (op->kind == OP_ADD)
        return rewrite_add(op);
    if (op->kind == OP_SUB)
        return rewrite_sub(op);
    if (op->kind == OP_MUL || op->kind == OP_DIV)
        return rewrite_product(op);
    if (op->kind >= OP_REM && op->kind <= OP_XOR && op->kind != OP_NEG)
        return rewrite_bits(op);
    if (op->kind == OP_LNOT)
        return rewrite_lnot(op);
    if (is_comparison(op))
        return rewrite_comparison(op);
    if (op->kind == OP_SELECT)
        return rewrite_select(op);
    if (op->kind == OP_MATH)
        return rewrite_math(op);
    if (op->kind == OP_CAST)
        return convert_rewrite(op);
    if (op->kind == OP_PTRDIFF)
        return rewrite_ptrdiff(op);
    if ((op->kind == OP_INDEX || op->kind == OP_ELEM) && rewrite_wide_index(op))
        return true;
    return op->kind == OP_INDEX && rewrite_index(op);
}

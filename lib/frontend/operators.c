// operators.c - unary, binary, logical and conditional operators, assignment,
// increments. Operands arrive with clang's conversions made.
#include "frontend/internal.h"

static const Type *int_type(Lowering *lw) {
    return type_scalar(lw->function->module, TYPE_INT);
}

// ---- Arithmetic -------------------------------------------------------------

static bool operator_kind(enum CXBinaryOperatorKind kind, OpKind *result) {
    switch ((int)kind) {
    case CXBinaryOperator_Mul:
    case CXBinaryOperator_MulAssign: *result = OP_MUL; return true;
    case CXBinaryOperator_Div:
    case CXBinaryOperator_DivAssign: *result = OP_DIV; return true;
    case CXBinaryOperator_Rem:
    case CXBinaryOperator_RemAssign: *result = OP_REM; return true;
    case CXBinaryOperator_Add:
    case CXBinaryOperator_AddAssign: *result = OP_ADD; return true;
    case CXBinaryOperator_Sub:
    case CXBinaryOperator_SubAssign: *result = OP_SUB; return true;
    case CXBinaryOperator_Shl:
    case CXBinaryOperator_ShlAssign: *result = OP_SHL; return true;
    case CXBinaryOperator_Shr:
    case CXBinaryOperator_ShrAssign: *result = OP_SHR; return true;
    case CXBinaryOperator_And:
    case CXBinaryOperator_AndAssign: *result = OP_AND; return true;
    case CXBinaryOperator_Xor:
    case CXBinaryOperator_XorAssign: *result = OP_XOR; return true;
    case CXBinaryOperator_Or:
    case CXBinaryOperator_OrAssign: *result = OP_OR; return true;
    case CXBinaryOperator_LT: *result = OP_LT; return true;
    case CXBinaryOperator_GT: *result = OP_GT; return true;
    case CXBinaryOperator_LE: *result = OP_LE; return true;
    case CXBinaryOperator_GE: *result = OP_GE; return true;
    case CXBinaryOperator_EQ: *result = OP_EQ; return true;
    case CXBinaryOperator_NE: *result = OP_NE; return true;
    default: return false;
    }
}

Value *build_offset(Lowering *lw, Value *pointer, Value *offset,
                    bool negative) {
    int64_t integer;
    if (negative && value_is_constant(offset) &&
        value_is_integer(offset, &integer) && type_is_signed(offset->type))
        offset = build_int(&lw->b, offset->type, -integer);
    else if (negative)
        offset = build_unary(&lw->b, OP_NEG, offset);
    return build_index(&lw->b, pointer, offset);
}

static Value *pointer_difference(Lowering *lw, Value *x, Value *y) {
    Value *operands[] = {x, y};
    Op *op = op_create(lw->function, OP_PTRDIFF, 2, 1, 0);
    op->operands[0] = operands[0];
    op->operands[1] = operands[1];
    op_set_result(op, lw->function, 0,
                  type_scalar(lw->function->module, TYPE_LONG), NULL);
    builder_insert(&lw->b, op);
    return op->results[0];
}

Value *arithmetic(Lowering *lw, CXCursor cursor, enum CXBinaryOperatorKind kind,
                  Value *x, Value *y) {
    OpKind op;
    bool x_points = type_is_pointer(x->type),
         y_points = type_is_pointer(y->type);
    if (!operator_kind(kind, &op))
        refuse(lw, cursor, NULL, "this operator is not supported");
    if (op == OP_ADD && x_points)
        return build_offset(lw, x, y, false);
    if (op == OP_ADD && y_points)
        return build_offset(lw, y, x, false);
    if (op == OP_SUB && x_points && y_points)
        return pointer_difference(lw, x, y);
    if (op == OP_SUB && x_points)
        return build_offset(lw, x, y, true);
    if (x_points != y_points) // accepted by compilers, with a warning
        refuse(lw, cursor, "convert one of them explicitly",
               "a pointer and a number are compared");
    if (x_points && y_points && !type_equal(x->type, y->type))
        y = build_cast(&lw->b, x->type, y);
    return build_binary(&lw->b, op, x, y);
}

// A sum of thousands of terms leans to the left: its spine is a loop here.
static Value *lower_spine(Lowering *lw, CXCursor expression) {
    Vec(CXCursor) spine = {0};
    OpKind ignored;
    CXCursor at = expression;
    for (;;) {
        if (at.kind != CXCursor_BinaryOperator ||
            !operator_kind(clang_getCursorBinaryOperatorKind(at), &ignored))
            break;
        vec_push(lw->fe->arena, &spine, at);
        at = children_of(lw->fe, at).items[0];
    }
    Value *value = lower_operand(lw, at);
    for (size_t i = spine.count; i-- > 0;) {
        CXCursor node = spine.items[i];
        Cursors parts = children_of(lw->fe, node);
        Value *right = lower_operand(lw, parts.items[1]);
        keep_mixed(lw, parts.items[0], value, parts.items[1], right);
        value = arithmetic(lw, node, clang_getCursorBinaryOperatorKind(node),
                           value, right);
    }
    return value;
}

// Chains of one operator lean to the left, too: the right operands, from the
// last to the first, and what stands before them.
typedef Vec(CXCursor) Spine;

static Spine find_spine(Lowering *lw, CXCursor at,
                        enum CXBinaryOperatorKind kind, CXCursor *leftmost) {
    Spine spine = {0};
    while (at.kind == CXCursor_BinaryOperator &&
           clang_getCursorBinaryOperatorKind(at) == kind) {
        Cursors parts = children_of(lw->fe, at);
        vec_push(lw->fe->arena, &spine, parts.items[1]);
        at = parts.items[0];
    }
    *leftmost = at;
    return spine;
}

// The right side is evaluated only where the left side asks for it.
static Value *lower_right(Lowering *lw, Value *left, CXCursor right,
                          bool is_and) {
    Branching br;
    branch_begin(lw, &br, left);
    if (is_and) {
        Value *second = truth_of(lw, lower_value(lw, right));
        branch_else(lw, &br, second);
        return branch_end(lw, &br, build_int(&lw->b, int_type(lw), 0));
    }
    branch_else(lw, &br, build_int(&lw->b, int_type(lw), 1));
    return branch_end(lw, &br, truth_of(lw, lower_value(lw, right)));
}

Value *lower_logical(Lowering *lw, CXCursor expression,
                     enum CXBinaryOperatorKind kind) {
    CXCursor leftmost;
    Spine spine = find_spine(lw, expression, kind, &leftmost);
    Value *value = lower_value(lw, leftmost);
    for (size_t i = spine.count; i-- > 0;)
        value = lower_right(lw, value, spine.items[i],
                            kind == CXBinaryOperator_LAnd);
    return value;
}

// Everything before the last comma.
static void lower_left_effects(Lowering *lw, CXCursor expression) {
    CXCursor leftmost;
    Spine spine = find_spine(lw, expression, CXBinaryOperator_Comma, &leftmost);
    lower_effect(lw, leftmost);
    for (size_t i = spine.count; i-- > 1;)
        lower_effect(lw, spine.items[i]);
}

Value *lower_binary(Lowering *lw, CXCursor expression) {
    enum CXBinaryOperatorKind kind =
        clang_getCursorBinaryOperatorKind(expression);
    Cursors parts = children_of(lw->fe, expression);
    switch ((int)kind) {
    case CXBinaryOperator_LAnd:
    case CXBinaryOperator_LOr: return lower_logical(lw, expression, kind);
    case CXBinaryOperator_Assign: return lower_assignment(lw, expression);
    case CXBinaryOperator_Comma:
        lower_left_effects(lw, expression);
        if (clang_getCursorType(expression).kind == CXType_Void) {
            lower_effect(lw, parts.items[1]);
            return NULL;
        }
        return lower_value(lw, parts.items[1]);
    default: return lower_spine(lw, expression);
    }
}

Value *lower_conditional(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    CXType type = clang_getCanonicalType(clang_getCursorType(expression));
    Branching br;
    if (is_long_chain(lw, expression))
        return lower_choice_chain(lw, expression,
                                  lower_type(lw, expression, type));
    branch_begin(lw, &br, lower_value(lw, parts.items[0]));
    if (type.kind == CXType_Void) {
        lower_effect(lw, parts.items[1]);
        branch_else(lw, &br, NULL);
        lower_effect(lw, parts.items[2]);
        branch_end(lw, &br, NULL);
        return NULL;
    }
    const Type *target = type_is_array(type) ? decayed_type(lw->fe, type)
                                             : lower_type(lw, expression, type);
    Value *yes =
        convert_value(lw, expression, target, lower_value(lw, parts.items[1]));
    yes = exact_pointer(lw, target, yes);
    branch_else(lw, &br, yes);
    Value *no =
        convert_value(lw, expression, target, lower_value(lw, parts.items[2]));
    return branch_end(lw, &br, exact_pointer(lw, target, no));
}

// ---- Unary ------------------------------------------------------------------

static Value *lower_address_of(Lowering *lw, CXCursor operand) {
    CXCursor core = strip_parens(lw->fe, operand);
    if (core.kind == CXCursor_DeclRefExpr &&
        clang_getCursorReferenced(core).kind == CXCursor_FunctionDecl)
        return lower_value(lw, core);
    return lower_address(lw, core);
}

Value *lower_unary(Lowering *lw, CXCursor expression) {
    CXCursor operand = children_of(lw->fe, expression).items[0];
    switch ((int)clang_getCursorUnaryOperatorKind(expression)) {
    case CXUnaryOperator_PostInc:
    case CXUnaryOperator_PostDec:
    case CXUnaryOperator_PreInc:
    case CXUnaryOperator_PreDec: return lower_step(lw, expression);
    case CXUnaryOperator_AddrOf: return lower_address_of(lw, operand);
    case CXUnaryOperator_Plus:
    case CXUnaryOperator_Extension: return lower_value(lw, operand);
    case CXUnaryOperator_Minus: {
        Value *value = lower_value(lw, operand);
        // -1, so that a conversion still finds a constant.
        if (value_is_constant(value) && type_is_signed(value->type) &&
            type_is_integer(value->type) && !value->op->as.constant.spelling &&
            value->op->as.constant.integer > 0)
            return build_int(&lw->b, value->type,
                             -value->op->as.constant.integer);
        return build_unary(&lw->b, OP_NEG, value);
    }
    case CXUnaryOperator_Not: {
        Value *value = lower_value(lw, operand);
        if (type_is_complex(value->type))
            return build_math1(&lw->b, MATH_conj, value);
        return build_unary(&lw->b, OP_NOT, value);
    }
    case CXUnaryOperator_LNot: {
        Value *value = lower_value(lw, operand);
        return build_unary(&lw->b, OP_LNOT, value);
    }
    case CXUnaryOperator_Real:
    case CXUnaryOperator_Imag:
        return complex_part(lw, lower_value(lw, operand),
                            clang_getCursorUnaryOperatorKind(expression) ==
                                    CXUnaryOperator_Real
                                ? PART_REAL
                                : PART_IMAGINARY);
    default:
        refuse(lw, expression, "rewrite it in plain C",
               "this operator is not supported");
    }
}

// ---- Assignment -------------------------------------------------------------

// Which field a place is in; a bit-field cuts what is stored.
static bool is_bit_field(Place place) {
    if (place.variable || !place.address->op ||
        place.address->op->kind != OP_FIELD)
        return false;
    const Op *op = place.address->op;
    const Record *record = op->operands[0]->type->element->record;
    return record->fields[op->as.field].bits > 0;
}

static Value *finish(Lowering *lw, Place place, Value *value) {
    place_store(lw, place, value);
    return is_bit_field(place) ? place_load(lw, place) : value;
}

static Value *lower_compound(Lowering *lw, CXCursor expression, Cursors parts) {
    enum CXBinaryOperatorKind kind =
        clang_getCursorBinaryOperatorKind(expression);
    Value *right = lower_operand(lw, parts.items[1]);
    Place place = lower_place(lw, parts.items[0]);
    Value *left = place_load(lw, place);
    bool shift = kind == CXBinaryOperator_ShlAssign ||
                 kind == CXBinaryOperator_ShrAssign;
    if (type_is_complex(left->type) || type_is_complex(right->type)) {
        left = complex_left(lw, left, right);
        keep_mixed(lw, parts.items[0], left, parts.items[1], right);
    } else if (!type_is_pointer(left->type)) {
        // C's computation type: the right side's, or for shifts the promoted
        // left side's.
        const Type *type = right->type;
        if (shift)
            type = left->type->kind < TYPE_INT ? int_type(lw) : left->type;
        left = convert_value(lw, expression, type, left);
    }
    Value *value = arithmetic(lw, expression, kind, left, right);
    value = convert_value(lw, expression,
                          type_plain(lw->function->module, place.type), value);
    return finish(lw, place, value);
}

Value *lower_assignment(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    CXType type = clang_getCanonicalType(clang_getCursorType(expression));
    if (type.kind == CXType_Record)
        return lower_record(lw, expression);
    if (expression.kind == CXCursor_CompoundAssignOperator)
        return lower_compound(lw, expression, parts);
    Value *value = lower_value(lw, parts.items[1]);
    Place place = lower_place(lw, parts.items[0]);
    return finish(lw, place, value);
}

// ++ and --, before and behind.
Value *lower_step(Lowering *lw, CXCursor expression) {
    enum CXUnaryOperatorKind kind =
        clang_getCursorUnaryOperatorKind(expression);
    bool up = kind == CXUnaryOperator_PreInc || kind == CXUnaryOperator_PostInc;
    bool after =
        kind == CXUnaryOperator_PostInc || kind == CXUnaryOperator_PostDec;
    Place place = lower_place(lw, children_of(lw->fe, expression).items[0]);
    Value *old = place_load(lw, place), *stepped;
    const Type *type = old->type;
    if (type_is_pointer(type)) {
        stepped = build_index(&lw->b, old,
                              build_int(&lw->b, int_type(lw), up ? 1 : -1));
    } else {
        const Type *wide = type->kind < TYPE_INT ? int_type(lw) : type;
        bool complex = type_is_complex(type);
        const Type *step =
            complex ? type_part(lw->function->module, type) : wide;
        Value *one = build_constant(&lw->b, step, 1);
        stepped = build_cast(&lw->b, wide, old);
        stepped = build_binary(&lw->b, up ? OP_ADD : OP_SUB, stepped, one);
        stepped =
            build_cast(&lw->b, type_plain(lw->function->module, type), stepped);
    }
    place_store(lw, place, stepped);
    return after ? old : stepped;
}

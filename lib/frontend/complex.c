// complex.c - complex numbers: literals, real and imaginary parts, and operands
// that are real beside a complex one. C11 Annex G computes x * z part by part,
// as gcc and clang do, so such operands are not converted. An integer is
// converted in one compiler and not in the other: it stays in the output as it
// was written.
#include "frontend/internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

// ---- Operands ---------------------------------------------------------------

static bool is_complex(CXCursor expression) {
    CXType type = clang_getCanonicalType(clang_getCursorType(expression));
    return type.kind == CXType_Complex;
}

// What an implicit conversion to a complex type is of.
static bool real_operand(Lowering *lw, CXCursor operand, CXCursor *real) {
    operand = strip_parens(lw->fe, operand);
    while (is_complex(operand) && is_implicit_cast(lw->fe, operand, real)) {
        operand = strip_parens(lw->fe, *real);
        if (!is_complex(operand))
            return true;
    }
    return false;
}

// The digits of an integer that clang made floating.
static void keep_digits(Lowering *lw, CXCursor real, Value *value) {
    CXCursor core = strip_casts(lw->fe, real);
    CXType type = clang_getCanonicalType(clang_getCursorType(core));
    if (type.kind != CXType_Int || !value_is_constant(value) ||
        !type_is_float(value->type) || value->op->as.constant.spelling)
        return;
    value->op->as.constant.spelling = arena_printf(
        lw->fe->arena, "%" PRId64, (int64_t)value->op->as.constant.real);
}

Value *lower_operand(Lowering *lw, CXCursor operand) {
    CXCursor real;
    if (!real_operand(lw, operand, &real))
        return lower_value(lw, operand);
    const Type *type = result_type(lw, strip_parens(lw->fe, operand));
    Value *value = lower_value(lw, real);
    return convert_value(lw, real, type_part(lw->function->module, type),
                         value);
}

void keep_mixed(Lowering *lw, CXCursor left, Value *x, CXCursor right,
                Value *y) {
    if (type_is_complex(x->type) && !type_is_complex(y->type))
        keep_digits(lw, right, y);
    if (type_is_complex(y->type) && !type_is_complex(x->type))
        keep_digits(lw, left, x);
}

// C computes in the type of the right side; what is real stays so.
Value *complex_left(Lowering *lw, Value *left, const Value *right) {
    Module *module = lw->function->module;
    const Type *type = type_part(module, right->type);
    if (type_is_complex(left->type))
        type = type_with_parts(module, type);
    return build_cast(&lw->b, type, left);
}

// ---- Literals ---------------------------------------------------------------

// What stands in the source, if it is one word: I where the macro was used.
static const char *written(Lowering *lw, CXCursor literal) {
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(lw->fe, literal, &file, &begin, &end))
        return NULL;
    const char *text =
        one_line(lw->fe->arena, &file->source, begin, end, false);
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '.')
            return NULL;
    return text;
}

static const char *imaginary_spelling(Lowering *lw, CXCursor literal,
                                      const Type *type, double imaginary) {
    const char *text = written(lw, literal);
    if (text && (strcmp(text, "I") == 0 || isdigit((unsigned char)*text) ||
                 *text == '.'))
        return text;
    bool is_unit = imaginary == 1 && type->kind == TYPE_CFLOAT;
    return is_unit ? "_Complex_I" : NULL;
}

Value *lower_imaginary_literal(Lowering *lw, CXCursor literal) {
    const Type *type = result_type(lw, literal);
    Value *part = lower_value(lw, children_of(lw->fe, literal).items[0]);
    double imaginary = part->op->as.constant.real;
    Value *constant = build_float(&lw->b, type, 0);
    constant->op->as.constant.imaginary = imaginary;
    constant->op->as.constant.spelling =
        imaginary_spelling(lw, literal, type, imaginary);
    return constant;
}

// ---- Parts ------------------------------------------------------------------

static Part part_of(CXCursor expression) {
    return clang_getCursorUnaryOperatorKind(expression) == CXUnaryOperator_Real
               ? PART_REAL
               : PART_IMAGINARY;
}

// The imaginary part of a real number has no place.
bool is_part_place(Lowering *lw, CXCursor expression) {
    CXCursor operand = children_of(lw->fe, expression).items[0];
    return is_place(lw, operand) &&
           (part_of(expression) == PART_REAL || is_complex(operand));
}

bool is_part_operator(CXCursor expression) {
    if (expression.kind != CXCursor_UnaryOperator)
        return false;
    switch ((int)clang_getCursorUnaryOperatorKind(expression)) {
    case CXUnaryOperator_Real:
    case CXUnaryOperator_Imag: return true;
    default: return false;
    }
}

Value *complex_part(Lowering *lw, Value *value, Part part) {
    if (type_is_complex(value->type))
        return build_math1(&lw->b, part == PART_REAL ? MATH_creal : MATH_cimag,
                           value);
    return part == PART_REAL ? value : build_constant(&lw->b, value->type, 0);
}

Place complex_part_place(Lowering *lw, CXCursor expression) {
    Place place = lower_place(lw, children_of(lw->fe, expression).items[0]);
    if (!type_is_complex(place.type))
        return place; // __real__ x is x
    place.part = part_of(expression);
    place.type = type_part(lw->function->module, place.type);
    return place;
}

Value *replace_part(Lowering *lw, Value *whole, Part part, Value *value) {
    Part other = part == PART_REAL ? PART_IMAGINARY : PART_REAL;
    Value *rest = complex_part(lw, whole, other);
    return part == PART_REAL ? build_math2(&lw->b, MATH_CMPLX, value, rest)
                             : build_math2(&lw->b, MATH_CMPLX, rest, value);
}

// C lays out a complex number as an array of its two parts.
Value *complex_part_address(Lowering *lw, Place place) {
    ENSURE(place.address); // scan.c keeps it in memory
    const Type *part = type_pointer(lw->function->module, place.type);
    Value *parts = build_cast(&lw->b, part, place.address);
    const Type *integer = type_scalar(lw->function->module, TYPE_INT);
    int64_t index = place.part == PART_IMAGINARY;
    return build_index(&lw->b, parts, build_int(&lw->b, integer, index));
}

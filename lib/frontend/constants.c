// constants.c - literals, macros that name one, sizeof, and what clang can
// evaluate. A constant keeps a spelling only where that reads better than its
// value and means the same in the generated code: the names of headers' macros,
// and literals as they were written.
#include "frontend/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// Never on initialiser lists: clang_Cursor_Evaluate crashes on some.
bool evaluate_integer(CXCursor expression, int64_t *value) {
    if (expression.kind == CXCursor_InitListExpr)
        return false;
    CXEvalResult result = clang_Cursor_Evaluate(expression);
    if (!result)
        return false;
    bool found = clang_EvalResult_getKind(result) == CXEval_Int;
    if (found)
        *value = clang_EvalResult_isUnsignedInt(result)
                     ? (int64_t)clang_EvalResult_getAsUnsigned(result)
                     : (int64_t)clang_EvalResult_getAsLongLong(result);
    clang_EvalResult_dispose(result);
    return found;
}

static bool evaluate_real(CXCursor expression, double *value) {
    CXEvalResult result = clang_Cursor_Evaluate(expression);
    if (!result)
        return false;
    bool found = clang_EvalResult_getKind(result) == CXEval_Float;
    if (found)
        *value = clang_EvalResult_getAsDouble(result);
    clang_EvalResult_dispose(result);
    return found;
}

// ---- Macros -----------------------------------------------------------------

static enum CXChildVisitResult note_macro(CXCursor cursor, CXCursor parent,
                                          CXClientData data) {
    Frontend *fe = data;
    (void)parent;
    if (cursor.kind == CXCursor_MacroDefinition &&
        !clang_Cursor_isMacroFunctionLike(cursor)) {
        CXCursor *kept = arena_new(fe->arena, CXCursor);
        *kept = cursor;
        strmap_set(fe->unit->macros, cursor_name(fe, cursor), kept);
    }
    return CXChildVisit_Continue;
}

static CXCursor *find_macro(Frontend *fe, const char *name) {
    if (!fe->unit->macros) {
        fe->unit->macros = strmap_create(fe->arena);
        clang_visitChildren(clang_getTranslationUnitCursor(fe->unit->handle),
                            note_macro, fe);
    }
    return strmap_get(fe->unit->macros, name);
}

const char *macro_number(Frontend *fe, const char *name, bool *from_header) {
    CXCursor *macro = find_macro(fe, name);
    CXToken *tokens = NULL;
    unsigned count = 0;
    const char *text = NULL;
    if (!macro)
        return NULL;
    *from_header = !in_main_file(fe, *macro) &&
                   clang_getCursorLocation(*macro).ptr_data[0] != NULL;
    clang_tokenize(fe->unit->handle, clang_getCursorExtent(*macro), &tokens,
                   &count);
    if (count == 2 && clang_getTokenKind(tokens[1]) == CXToken_Literal)
        text = take_string(fe->arena,
                           clang_getTokenSpelling(fe->unit->handle, tokens[1]));
    clang_disposeTokens(fe->unit->handle, tokens, count);
    return text;
}

// Macros of the standard headers whose bodies are more than one number.
static bool is_standard_constant(const char *name) {
    static const char *const exact[] = {
        "INFINITY", "NAN",      "HUGE_VAL",      "HUGE_VALF",    "HUGE_VALL",
        "RAND_MAX", "SIZE_MAX", "CHAR_BIT",      "EXIT_SUCCESS", "EXIT_FAILURE",
        "EOF",      "BUFSIZ",   "CLOCKS_PER_SEC"};
    static const char *const suffixes[] = {"_MAX", "_MIN", "_EPSILON", "_DIG",
                                           "_EXP"};
    static const char *const prefixes[] = {
        "DBL_",   "FLT_",   "LDBL_",   "INT",     "UINT",   "LONG_",
        "ULONG_", "LLONG_", "ULLONG_", "SHRT_",   "USHRT_", "SCHAR_",
        "UCHAR_", "CHAR_",  "FP_",     "PTRDIFF_"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (strcmp(name, exact[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        for (size_t j = 0; j < sizeof suffixes / sizeof *suffixes; j++)
            if (string_starts(name, prefixes[i]) &&
                string_ends(name, suffixes[j]))
                return true;
    return false;
}

// The macro that an expression is the whole expansion of.
static const char *macro_name(Lowering *lw, CXCursor expression) {
    FileText *file;
    uint32_t begin, end;
    CXFile spelled;
    unsigned offset;
    CXSourceLocation start =
        clang_getRangeStart(clang_getCursorExtent(expression));
    clang_getSpellingLocation(start, &spelled, NULL, NULL, &offset);
    if (!extent_of(lw->fe, expression, &file, &begin, &end))
        return NULL;
    if (spelled && clang_File_isEqual(spelled, file->file) && offset == begin)
        return NULL; // no macro
    const char *name = identifier_at(lw->fe->arena, &file->source, begin);
    return name && begin + strlen(name) == end ? name : NULL;
}

static Value *spelled_constant(Lowering *lw, CXCursor expression,
                               const char *name) {
    const Type *type = result_type(lw, expression);
    int64_t integer;
    double real;
    if (type_is_float(type) && evaluate_real(expression, &real))
        return build_spelled(&lw->b, type, real, name);
    if (type_is_integer(type) && evaluate_integer(expression, &integer)) {
        Value *constant = build_int(&lw->b, type, integer);
        constant->op->as.constant.spelling = name;
        return constant;
    }
    return NULL;
}

Value *constant_of_macro(Lowering *lw, CXCursor expression) {
    switch ((int)expression.kind) {
    case CXCursor_ParenExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_UnaryOperator:
    case CXCursor_BinaryOperator:
    case CXCursor_CallExpr:
    case CXCursor_IntegerLiteral:
    case CXCursor_FloatingLiteral: break;
    default: return NULL;
    }
    const char *name = macro_name(lw, expression);
    if (!name || !is_standard_constant(name))
        return NULL;
    CXCursor *macro = find_macro(lw->fe, name);
    if (!macro || in_main_file(lw->fe, *macro))
        return NULL;
    return spelled_constant(lw, expression, name);
}

// ---- Literals ---------------------------------------------------------------

static const char *token_text(Lowering *lw, CXCursor literal) {
    CXToken *token =
        clang_getToken(lw->fe->unit->handle, clang_getCursorLocation(literal));
    if (!token)
        return NULL;
    const char *text = take_string(
        lw->fe->arena, clang_getTokenSpelling(lw->fe->unit->handle, *token));
    clang_disposeTokens(lw->fe->unit->handle, token, 1);
    return text;
}

static bool is_plain_decimal(const char *text) {
    if (text[0] == '0' && text[1])
        return false;
    for (; *text; text++)
        if (!isdigit((unsigned char)*text))
            return false;
    return true;
}

static const char *literal_spelling(Lowering *lw, CXCursor literal) {
    bool from_header;
    const char *name = macro_name(lw, literal);
    if (name && macro_number(lw->fe, name, &from_header) && from_header)
        return name;
    const char *text = token_text(lw, literal);
    if (!text || !(isdigit((unsigned char)*text) || *text == '.' ||
                   *text == '\'' || *text == 'L' || *text == 'u'))
        return NULL;
    return text;
}

Value *lower_literal(Lowering *lw, CXCursor literal) {
    const Type *type = result_type(lw, literal);
    const char *spelling = literal_spelling(lw, literal);
    int64_t integer = 0;
    double real = 0;
    if (type_is_float(type)) {
        evaluate_real(literal, &real);
        return build_spelled(&lw->b, type, real, spelling);
    }
    if (!evaluate_integer(literal, &integer))
        refuse(lw, literal, NULL, "this literal is not supported");
    Value *constant = build_int(&lw->b, type, integer);
    if (spelling && !is_plain_decimal(spelling))
        constant->op->as.constant.spelling = spelling;
    return constant;
}

// ---- Conversions ------------------------------------------------------------

static bool is_name(const char *spelling) {
    return spelling && (isalpha((unsigned char)*spelling) || *spelling == '_');
}

// float x = 0.1: the literal with an f, where that is the same number.
static const char *float_spelling(Arena *arena, const char *spelling,
                                  float value) {
    if (!spelling || strspn(spelling, "0123456789.eE+-") != strlen(spelling) ||
        strtof(spelling, NULL) != value)
        return NULL;
    return arena_printf(arena, "%sf", spelling);
}

// double x = 0.5f: the literal without its f.
static const char *double_spelling(Arena *arena, const char *spelling,
                                   double value) {
    size_t length = spelling ? strlen(spelling) : 0;
    if (length < 2 || (spelling[length - 1] | 32) != 'f')
        return NULL;
    const char *plain = arena_strndup(arena, spelling, length - 1);
    return strspn(plain, "0123456789.eE+-") == length - 1 &&
                   strtod(plain, NULL) == value
               ? plain
               : NULL;
}

static Value *fold_real(Lowering *lw, const Type *type, Value *constant) {
    double real = constant->op->as.constant.real;
    const char *spelling = constant->op->as.constant.spelling;
    Arena *arena = lw->fe->arena;
    TypeKind from = constant->type->kind;
    if (from == TYPE_DOUBLE && type->kind == TYPE_FLOAT) {
        const char *text = float_spelling(arena, spelling, (float)real);
        return text ? build_spelled(&lw->b, type, (float)real, text) : NULL;
    }
    if (from == TYPE_FLOAT && type->kind == TYPE_DOUBLE) {
        const char *text = double_spelling(arena, spelling, real);
        return text ? build_spelled(&lw->b, type, real, text) : NULL;
    }
    return NULL;
}

// A name stays under its cast: M / 2 is not 5.0 / 2 when M is 5.
Value *fold_cast(Lowering *lw, const Type *type, Value *constant) {
    if (!value_is_constant(constant))
        return NULL;
    const char *spelling = constant->op->as.constant.spelling;
    int64_t integer = constant->op->as.constant.integer;
    if (type_is_pointer(type))
        return integer == 0 && !type_is_float(constant->type)
                   ? build_int(&lw->b, type, 0)
                   : NULL;
    if (is_name(spelling) || !type_is_arithmetic(type))
        return NULL;
    if (type_is_float(constant->type))
        return fold_real(lw, type, constant);
    if (type_is_pointer(constant->type) || type->kind == TYPE_BOOL)
        return NULL;
    if (type_is_float(type)) {
        bool exact =
            integer > -(INT64_C(1) << 24) && integer < (INT64_C(1) << 24);
        return exact && !spelling ? build_float(&lw->b, type, (double)integer)
                                  : NULL;
    }
    if (spelling || integer < 0 || integer > INT32_MAX || type->kind < TYPE_INT)
        return NULL;
    return build_int(&lw->b, type, integer);
}

// ---- sizeof -----------------------------------------------------------------

static Value *size_of_array(Lowering *lw, CXCursor expression,
                            CXCursor operand) {
    CXCursor core = strip_parens(lw->fe, operand);
    const Type *size = result_type(lw, expression);
    Variable *variable = NULL;
    if (core.kind == CXCursor_DeclRefExpr)
        variable = ptrmap_get(lw->variables,
                              declaration_key(clang_getCursorReferenced(core)));
    if (!variable || variable->extent_count == 0 ||
        variable->type->kind != TYPE_ARRAY)
        refuse(lw, expression,
               "write the number of elements times the size "
               "of one",
               "this sizeof of a variable-length array is not "
               "supported");
    CXType element = clang_getCursorType(core);
    int64_t fixed = 1;
    while (type_is_array(element)) {
        CXType canonical = clang_getCanonicalType(element);
        if (canonical.kind == CXType_ConstantArray)
            fixed *= clang_getArraySize(canonical);
        element = clang_getArrayElementType(canonical);
    }
    Value *bytes =
        build_int(&lw->b, size, fixed * clang_Type_getSizeOf(element));
    const char *why;
    const Type *part = convert_type(lw->fe, element, &why);
    if (part && fixed == 1) {
        Text text;
        text_init(&text, lw->fe->arena);
        text_add(&text, "sizeof(");
        type_print_c(&text, writable_type(lw->function->module, part), "");
        text_add(&text, ")");
        bytes->op->as.constant.spelling = text.chars;
    }
    for (uint32_t i = 0; i < variable->extent_count; i++)
        bytes = build_binary(&lw->b, OP_MUL, bytes,
                             build_cast(&lw->b, size, variable->extents[i]));
    return bytes;
}

// The generated code may give variables other names, so only types are named.
static const char *size_spelling(Lowering *lw, CXCursor expression,
                                 Cursors parts) {
    FileText *file;
    uint32_t begin, end;
    Text text;
    if (parts.count && clang_isExpression(parts.items[0].kind)) {
        const char *why;
        const Type *type =
            convert_type(lw->fe, clang_getCursorType(parts.items[0]), &why);
        if (!type)
            return NULL;
        text_init(&text, lw->fe->arena);
        text_add(&text, "sizeof(");
        type_print_c(&text, writable_type(lw->function->module, type), "");
        text_add(&text, ")");
        return text.chars;
    }
    if (!extent_of(lw->fe, expression, &file, &begin, &end))
        return NULL;
    const char *line =
        one_line(lw->fe->arena, &file->source, begin, end, false);
    bool whole = string_starts(line, "sizeof") && string_ends(line, ")");
    for (const char *c = line; *c && whole; c++)
        if (*c == '[') // an array's length may be a macro of the source
            whole = false;
    return whole ? line : NULL;
}

Value *lower_sizeof(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    int64_t bytes;
    if (!evaluate_integer(expression, &bytes)) {
        if (parts.count == 1 && clang_isExpression(parts.items[0].kind))
            return size_of_array(lw, expression, parts.items[0]);
        refuse(lw, expression,
               "write the number of elements times the size of one",
               "this sizeof of a variable-length array is not supported");
    }
    Value *constant = build_int(&lw->b, result_type(lw, expression), bytes);
    constant->op->as.constant.spelling = size_spelling(lw, expression, parts);
    return constant;
}

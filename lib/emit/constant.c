// constant.c - constants as C writes them: spelled as in the source where that
// is known, else the shortest decimal that is the same number.
#include "emit/print.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain_spelling(const char *text) {
    if (string_starts(text, "sizeof(") && string_ends(text, ")") &&
        strcspn(text, ")") + 1 == strlen(text))
        return true;
    for (const char *c = text; *c; c++) {
        bool exponent = (*c == '-' || *c == '+') && c > text &&
                        isdigit((unsigned char)text[0]) &&
                        strchr("eEpP", c[-1]);
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '.' && !exponent)
            return false;
    }
    return true;
}

static void print_spelling(Text *t, const char *spelling, Precedence least) {
    if (is_plain_spelling(spelling) || least == PREC_ANY)
        text_add(t, spelling);
    else
        text_printf(t, "(%s)", spelling);
}

// ---- Floating constants -----------------------------------------------------

// 1e-05 -> 1e-5, 1e+30 -> 1e30
static void tidy_exponent(char *digits) {
    char *e = strchr(digits, 'e');
    if (!e)
        return;
    char *to = e + 1, *from = e + 1;
    if (*from == '-')
        *to++ = '-';
    from++;
    while (*from == '0')
        from++;
    memmove(to, from, strlen(from) + 1);
}

static bool reads_back(const char *digits, TypeKind kind, double real) {
    if (kind == TYPE_FLOAT)
        return (double)strtof(digits, NULL) == real;
    if (kind == TYPE_LDOUBLE)
        return strtold(digits, NULL) == (long double)real;
    return strtod(digits, NULL) == real;
}

// Of a finite number that is not negative.
static void print_digits(Text *t, TypeKind kind, double real) {
    char digits[64];
    int precision = 1;
    do
        snprintf(digits, sizeof digits, "%.*g", precision, real);
    while (!reads_back(digits, kind, real) && ++precision <= 21);
    if (precision > 21) { // exact in hexadecimal only
        snprintf(digits, sizeof digits, "%a", real);
    } else if (strchr(digits, 'e') && real >= 1 && real < 1e6) {
        snprintf(digits, sizeof digits, "%.0f", real);
    }
    if (precision <= 21)
        tidy_exponent(digits);
    text_add(t, digits);
    if (!strpbrk(digits, ".ep"))
        text_add(t, ".0");
    if (kind == TYPE_FLOAT)
        text_add_char(t, 'f');
    if (kind == TYPE_LDOUBLE)
        text_add_char(t, 'L');
}

static void print_magnitude(Printer *p, Text *t, TypeKind kind, double real) {
    if (isfinite(real)) {
        print_digits(t, kind, fabs(real));
    } else {
        p->needs->math_h = true;
        text_add(t, isnan(real) ? "NAN" : "INFINITY");
    }
}

// ---- Integer constants ------------------------------------------------------

static const char *suffix_of(TypeKind kind) {
    switch (kind) {
    case TYPE_UINT: return "u";
    case TYPE_LONG: return "L";
    case TYPE_ULONG: return "uL";
    case TYPE_LLONG: return "LL";
    case TYPE_ULLONG: return "uLL";
    case TYPE_VOID:
    case TYPE_BOOL:
    case TYPE_CHAR:
    case TYPE_SCHAR:
    case TYPE_UCHAR:
    case TYPE_SHORT:
    case TYPE_USHORT:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_LDOUBLE:
    case TYPE_CFLOAT:
    case TYPE_CDOUBLE:
    case TYPE_CLDOUBLE:
    case TYPE_POINTER:
    case TYPE_ARRAY:
    case TYPE_RECORD:
    case TYPE_OPAQUE: return "";
    }
    return "";
}

static void print_integer(Text *t, const Op *op, Precedence least, bool bare) {
    const Type *type = op->results[0]->type;
    int64_t number = op->as.constant.integer;
    const char *suffix =
        bare && number >= 0 && number <= INT_MAX ? "" : suffix_of(type->kind);
    if (!type_is_signed(type)) {
        text_printf(t, "%" PRIu64 "%s", (uint64_t)number, suffix);
    } else if (number == INT64_MIN || number == INT_MIN) {
        text_printf(t, "(%" PRId64 "%s - 1)", number + 1, suffix);
    } else {
        bool closed = number < 0 && least > PREC_UNARY;
        text_printf(t, closed ? "(%" PRId64 "%s)" : "%" PRId64 "%s", number,
                    suffix);
    }
}

// ---- All --------------------------------------------------------------------

bool constant_has_digits(const Op *op) {
    const char *text = op->as.constant.spelling;
    if (!text || !type_is_real(op->results[0]->type))
        return false;
    text += *text == '-';
    return *text && strspn(text, "0123456789") == strlen(text);
}

bool constant_is_negative(const Op *op) {
    const Type *type = op->results[0]->type;
    if (type_is_complex(type))
        return false;
    if (op->as.constant.spelling)
        return op->as.constant.spelling[0] == '-' &&
               is_plain_spelling(op->as.constant.spelling + 1);
    if (type_is_float(type))
        return signbit(op->as.constant.real) && !isnan(op->as.constant.real);
    return type_is_signed(type) && op->as.constant.integer < 0 &&
           op->as.constant.integer > INT_MIN;
}

void print_negated(Printer *p, Text *t, const Op *op) {
    const Type *type = op->results[0]->type;
    if (op->as.constant.spelling && !constant_has_digits(op))
        text_add(t, op->as.constant.spelling + 1);
    else if (type_is_float(type))
        print_magnitude(p, t, type->kind, op->as.constant.real);
    else
        text_printf(t, "%" PRId64 "%s", -op->as.constant.integer,
                    type->kind > TYPE_INT ? suffix_of(type->kind) : "");
}

static void print_complex(Printer *p, Text *t, const Op *op) {
    TypeKind kind = op->results[0]->type->kind;
    int index = kind == TYPE_CFLOAT     ? NEEDS_FLOAT
                : kind == TYPE_CLDOUBLE ? NEEDS_LDOUBLE
                                        : NEEDS_DOUBLE;
    TypeKind part = (TypeKind)(kind - (TYPE_CFLOAT - TYPE_FLOAT));
    double parts[] = {op->as.constant.real, op->as.constant.imaginary};
    p->needs->cmplx[index] = true;
    text_printf(t, "CMPLX%s(",
                index == NEEDS_FLOAT     ? "F"
                : index == NEEDS_LDOUBLE ? "L"
                                         : "");
    for (int i = 0; i < 2; i++) {
        text_add(t, i ? ", " : "");
        text_add(t, signbit(parts[i]) && !isnan(parts[i]) ? "-" : "");
        print_magnitude(p, t, part, parts[i]);
    }
    text_add_char(t, ')');
}

void print_constant(Printer *p, Text *t, const Op *op, Precedence least,
                    bool bare) {
    const Type *type = op->results[0]->type;
    if (op->as.constant.spelling && (bare || !constant_has_digits(op))) {
        print_spelling(t, op->as.constant.spelling, least);
    } else if (type_is_pointer(type)) {
        p->needs->stddef_h = true;
        text_add(t, "NULL");
    } else if (type_is_complex(type)) {
        print_complex(p, t, op);
    } else if (type_is_float(type)) {
        double real = op->as.constant.real;
        bool minus = signbit(real) && !isnan(real);
        bool closed = minus && least > PREC_UNARY;
        text_add(t, closed ? "(-" : minus ? "-" : "");
        print_magnitude(p, t, type->kind, real);
        text_add(t, closed ? ")" : "");
    } else {
        print_integer(t, op, least, bare);
    }
}

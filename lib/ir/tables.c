// tables.c - the facts of ops.def and math.def, and looking things up there.
#include "ir/ir.h"

#include <ctype.h>
#include <string.h>

static const OpInfo ops[] = {
#define OP(kind, name, flags, symbol) {name, flags, symbol},
#include "ir/ops.def"
#undef OP
};

const OpInfo *op_info(OpKind kind) {
    ENSURE(kind < OP_COUNT);
    return &ops[kind];
}

bool op_kind_find(const char *name, OpKind *kind) {
    for (int i = 0; i < OP_COUNT; i++)
        if (strcmp(ops[i].name, name) == 0) {
            *kind = (OpKind)i;
            return true;
        }
    return false;
}

static const MathInfo functions[] = {
#define MATH(name, arguments, results)                            \
    {#name,                                                       \
     arguments,                                                   \
     results,                                                     \
     MATH_##name >= MATH_isnan && MATH_##name <= MATH_fpclassify, \
     MATH_##name >= MATH_digamma,                                 \
     MATH_##name >= MATH_creal && MATH_##name <= MATH_CMPLX},
#include "ir/math.def"
#undef MATH
};

const MathInfo *math_info(MathFn fn) {
    ENSURE(fn < MATH_COUNT);
    return &functions[fn];
}

static bool find_plain(const char *name, size_t length, MathFn *fn) {
    for (int i = 0; i < MATH_COUNT; i++)
        if (!functions[i].is_internal && strlen(functions[i].name) == length &&
            memcmp(functions[i].name, name, length) == 0) {
            *fn = (MathFn)i;
            return true;
        }
    return false;
}

// GNU's names for the same thing.
static const char *synonym(const char *name) {
    static const struct {
        const char *name, *plain;
    } synonyms[] = {
        {"isinf_sign", "isinf"}, {"gamma", "lgamma"},  {"drem", "remainder"},
        {"finite", "isfinite"},  {"complex", "CMPLX"},
    };
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (strcmp(synonyms[i].name, name) == 0)
            return synonyms[i].plain;
    return name;
}

bool math_find(const char *c_name, MathFn *fn, TypeKind *kind) {
    if (string_starts(c_name, "__builtin_"))
        c_name += strlen("__builtin_");
    c_name = synonym(c_name);
    size_t length = strlen(c_name);
    *kind = TYPE_DOUBLE;
    if (find_plain(c_name, length, fn))
        return true;
    if (length < 2)
        return false;
    char suffix = c_name[length - 1];
    if (string_starts(c_name, "CMPLX"))
        suffix = (char)tolower((unsigned char)suffix);
    if ((suffix != 'f' && suffix != 'l') || !find_plain(c_name, length - 1, fn))
        return false;
    *kind = suffix == 'f' ? TYPE_FLOAT : TYPE_LDOUBLE;
    return true;
}

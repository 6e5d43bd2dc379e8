// types.c - making types, asking about them, spelling them in C.
#include "ir/ir.h"

#include <string.h>

static Type *new_type(Module *module, TypeKind kind) {
    Type *type = arena_new(module->arena, Type);
    type->kind = kind;
    return type;
}

const Type *type_scalar(Module *module, TypeKind kind) {
    ENSURE(kind < TYPE_POINTER);
    if (!module->scalars[kind])
        module->scalars[kind] = new_type(module, kind);
    return module->scalars[kind];
}

const Type *type_pointer(Module *module, const Type *element) {
    Type *type = new_type(module, TYPE_POINTER);
    type->element = element;
    return type;
}

const Type *type_array(Module *module, const Type *element, int64_t length) {
    Type *type = new_type(module, TYPE_ARRAY);
    type->element = element;
    type->length = length;
    return type;
}

const Type *type_record(Module *module, Record *record) {
    Type *type = new_type(module, TYPE_RECORD);
    type->record = record;
    return type;
}

const Type *type_opaque(Module *module, const char *spelling) {
    Type *type = new_type(module, TYPE_OPAQUE);
    type->spelling = spelling;
    return type;
}

static Type *copy_type(Module *module, const Type *type) {
    Type *copy = arena_new(module->arena, Type);
    *copy = *type;
    return copy;
}

const Type *type_named(Module *module, const Type *type, const char *spelling) {
    Type *copy = copy_type(module, type);
    copy->spelling = spelling;
    return copy;
}

const Type *type_const(Module *module, const Type *type) {
    if (type->is_const)
        return type;
    Type *copy = copy_type(module, type);
    copy->is_const = true;
    return copy;
}

const Type *type_plain(Module *module, const Type *type) {
    if (!type->is_const)
        return type;
    Type *copy = copy_type(module, type);
    copy->is_const = false;
    return copy;
}

bool type_equal(const Type *a, const Type *b) {
    for (; a != b; a = a->element, b = b->element) {
        if (a->kind != b->kind)
            return false;
        if (a->kind == TYPE_RECORD)
            return a->record == b->record;
        if (a->kind == TYPE_OPAQUE)
            return string_equal(a->spelling, b->spelling);
        if (a->kind == TYPE_ARRAY && a->length != b->length &&
            a->length != ARRAY_DYNAMIC && b->length != ARRAY_DYNAMIC)
            return false;
        if (a->kind != TYPE_ARRAY && a->kind != TYPE_POINTER)
            return true;
    }
    return true;
}

bool type_is_float(const Type *type) {
    return type->kind >= TYPE_FLOAT && type->kind <= TYPE_CLDOUBLE;
}

bool type_is_complex(const Type *type) {
    return type->kind >= TYPE_CFLOAT && type->kind <= TYPE_CLDOUBLE;
}

bool type_is_real(const Type *type) {
    return type_is_float(type) && !type_is_complex(type);
}

const Type *type_part(Module *module, const Type *type) {
    ENSURE(type_is_float(type));
    int steps = type_is_complex(type) ? TYPE_CFLOAT - TYPE_FLOAT : 0;
    return type_scalar(module, (TypeKind)((int)type->kind - steps));
}

const Type *type_with_parts(Module *module, const Type *type) {
    ENSURE(type_is_float(type));
    int steps = type_is_complex(type) ? 0 : TYPE_CFLOAT - TYPE_FLOAT;
    return type_scalar(module, (TypeKind)((int)type->kind + steps));
}

bool type_is_integer(const Type *type) {
    return type->kind >= TYPE_BOOL && type->kind <= TYPE_ULLONG;
}

bool type_is_arithmetic(const Type *type) {
    return type_is_integer(type) || type_is_float(type);
}

bool type_is_pointer(const Type *type) { return type->kind == TYPE_POINTER; }

bool type_is_signed(const Type *type) {
    switch (type->kind) {
    case TYPE_CHAR:
    case TYPE_SCHAR:
    case TYPE_SHORT:
    case TYPE_INT:
    case TYPE_LONG:
    case TYPE_LLONG: return true;
    case TYPE_VOID:
    case TYPE_BOOL:
    case TYPE_UCHAR:
    case TYPE_USHORT:
    case TYPE_UINT:
    case TYPE_ULONG:
    case TYPE_ULLONG:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_LDOUBLE:
    case TYPE_CFLOAT:
    case TYPE_CDOUBLE:
    case TYPE_CLDOUBLE:
    case TYPE_POINTER:
    case TYPE_ARRAY:
    case TYPE_RECORD:
    case TYPE_OPAQUE: return false;
    }
    return false;
}

unsigned type_integer_bits(const Type *type) {
    if (type->kind == TYPE_BOOL)
        return 1;
    if (type->kind <= TYPE_UCHAR)
        return 8;
    if (type->kind <= TYPE_USHORT)
        return 16;
    return type->kind <= TYPE_UINT ? 32 : 64;
}

bool type_holds_float(const Type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    if (type->kind != TYPE_RECORD)
        return type_is_float(type);
    for (size_t i = 0; i < type->record->field_count; i++)
        if (type_holds_float(type->record->fields[i].type))
            return true;
    return false;
}

bool type_holds_pointer(const Type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    if (type->kind != TYPE_RECORD)
        return type_is_pointer(type);
    for (size_t i = 0; i < type->record->field_count; i++)
        if (type_holds_pointer(type->record->fields[i].type))
            return true;
    return false;
}

// Records on the way here, so that a list node does not send the walk round.
typedef struct Visited {
    const Record *record;
    const struct Visited *outer;
} Visited;

static bool reaches(const Type *type, bool (*holds)(const Type *),
                    const Visited *outer) {
    while (type->kind == TYPE_ARRAY || type->kind == TYPE_POINTER)
        type = type->element;
    if (type->kind != TYPE_RECORD)
        return holds(type);
    for (const Visited *v = outer; v; v = v->outer)
        if (v->record == type->record)
            return false;
    Visited here = {type->record, outer};
    for (size_t i = 0; i < type->record->field_count; i++)
        if (reaches(type->record->fields[i].type, holds, &here))
            return true;
    return false;
}

bool type_reaches_float(const Type *type) {
    return reaches(type, type_is_float, NULL);
}

bool type_reaches_complex(const Type *type) {
    return reaches(type, type_is_complex, NULL);
}

bool type_has_dynamic_length(const Type *type) {
    for (; type->kind == TYPE_ARRAY; type = type->element)
        if (type->length == ARRAY_DYNAMIC)
            return true;
    return false;
}

const char *type_kind_name(TypeKind kind) {
    static const char *const names[] = {
        [TYPE_VOID] = "void",
        [TYPE_BOOL] = "_Bool",
        [TYPE_CHAR] = "char",
        [TYPE_SCHAR] = "signed char",
        [TYPE_UCHAR] = "unsigned char",
        [TYPE_SHORT] = "short",
        [TYPE_USHORT] = "unsigned short",
        [TYPE_INT] = "int",
        [TYPE_UINT] = "unsigned int",
        [TYPE_LONG] = "long",
        [TYPE_ULONG] = "unsigned long",
        [TYPE_LLONG] = "long long",
        [TYPE_ULLONG] = "unsigned long long",
        [TYPE_FLOAT] = "float",
        [TYPE_DOUBLE] = "double",
        [TYPE_LDOUBLE] = "long double",
        [TYPE_CFLOAT] = "float complex",
        [TYPE_CDOUBLE] = "double complex",
        [TYPE_CLDOUBLE] = "long double complex",
        [TYPE_POINTER] = "pointer",
        [TYPE_ARRAY] = "array",
        [TYPE_RECORD] = "record",
        [TYPE_OPAQUE] = "opaque",
    };
    return names[kind];
}

// A function's type is opaque, and spelled like "double (int, float)": the
// length of the part before its parameters; 0 for other types.
size_t type_function_result(const Type *type) {
    const char *text = type->kind == TYPE_OPAQUE ? type->spelling : "";
    size_t at = strlen(text);
    int depth = 0;
    if (at == 0 || text[at - 1] != ')')
        return 0;
    while (at-- > 0) {
        depth += (text[at] == ')') - (text[at] == '(');
        if (depth == 0)
            return memchr(text, '(', at) ? 0 : at;
    }
    return 0;
}

// C's declarators grow outwards from the name: pointers to the left, lengths
// and parameters to the right, parentheses where a pointer is to such.
static void print_declaration(Text *text, const Type *type,
                              const char *declarator, Arena *arena) {
    const char *qualifier = type->is_const ? "const " : "";
    const char *space = declarator[0] && declarator[0] != '[' ? " " : "";
    if (type->kind == TYPE_POINTER) {
        const char *inner =
            arena_printf(arena, type->is_const ? "*const%s%s" : "*%s%s",
                         type->is_const ? space : "", declarator);
        if (type->element->kind == TYPE_ARRAY ||
            type_function_result(type->element))
            inner = arena_printf(arena, "(%s)", inner);
        print_declaration(text, type->element, inner, arena);
    } else if (type->kind == TYPE_ARRAY) {
        const char *inner = type->length == ARRAY_DYNAMIC
                                ? arena_printf(arena, "%s[]", declarator)
                                : arena_printf(arena, "%s[%lld]", declarator,
                                               (long long)type->length);
        print_declaration(text, type->element, inner, arena);
    } else if (type_function_result(type)) {
        size_t length = type_function_result(type);
        text_printf(text, "%.*s%s%s", (int)length, type->spelling, declarator,
                    type->spelling + length);
    } else {
        const char *name = type->spelling ? type->spelling
                           : type->kind == TYPE_RECORD
                               ? type->record->name
                               : type_kind_name(type->kind);
        text_printf(text, "%s%s%s%s", qualifier, name, declarator[0] ? " " : "",
                    declarator);
    }
}

void type_print_c(Text *text, const Type *type, const char *declarator) {
    print_declaration(text, type, declarator, text->arena);
}

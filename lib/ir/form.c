// form.c - the words of the printed form, and the types that need not be
// written in it because operands and attributes determine them.
#include "ir/form.h"

#include <string.h>

// ---- Words ------------------------------------------------------------------

const char *form_scalar_name(TypeKind kind) {
    switch (kind) {
    case TYPE_VOID: return "void";
    case TYPE_BOOL: return "bool";
    case TYPE_CHAR: return "char";
    case TYPE_SCHAR: return "schar";
    case TYPE_UCHAR: return "uchar";
    case TYPE_SHORT: return "short";
    case TYPE_USHORT: return "ushort";
    case TYPE_INT: return "int";
    case TYPE_UINT: return "uint";
    case TYPE_LONG: return "long";
    case TYPE_ULONG: return "ulong";
    case TYPE_LLONG: return "llong";
    case TYPE_ULLONG: return "ullong";
    case TYPE_FLOAT: return "float";
    case TYPE_DOUBLE: return "double";
    case TYPE_LDOUBLE: return "ldouble";
    case TYPE_CFLOAT: return "cfloat";
    case TYPE_CDOUBLE: return "cdouble";
    case TYPE_CLDOUBLE: return "cldouble";
    case TYPE_POINTER:
    case TYPE_ARRAY:
    case TYPE_RECORD:
    case TYPE_OPAQUE: return NULL;
    }
    return NULL;
}

bool form_scalar_find(const char *name, TypeKind *kind) {
    for (int k = TYPE_VOID; k <= TYPE_CLDOUBLE; k++)
        if (strcmp(name, form_scalar_name((TypeKind)k)) == 0)
            return *kind = (TypeKind)k, true;
    return false;
}

const char *form_mode_name(GradMode mode) {
    switch (mode) {
    case GRAD_REVERSE: return "reverse";
    case GRAD_FORWARD: return "forward";
    case GRAD_HVP: return "hvp";
    case GRAD_JACOBIAN: return "jacobian";
    case GRAD_HESSIAN: return "hessian";
    }
    return "?";
}

bool form_mode_find(const char *name, GradMode *mode) {
    for (int m = GRAD_REVERSE; m <= GRAD_HESSIAN; m++)
        if (strcmp(name, form_mode_name((GradMode)m)) == 0)
            return *mode = (GradMode)m, true;
    return false;
}

const char *form_heap_name(HeapFn fn) {
    switch (fn) {
    case HEAP_MALLOC: return "malloc";
    case HEAP_CALLOC: return "calloc";
    case HEAP_CHECKED: return "checked";
    case HEAP_UNSET: return "unset";
    case HEAP_SIZED: return "sized";
    case HEAP_ALIGNED: return "aligned";
    case HEAP_ALLOCA: return "alloca";
    case HEAP_TAPE: return "tape";
    }
    return "?";
}

bool form_heap_find(const char *name, HeapFn *fn) {
    for (int h = HEAP_MALLOC; h <= HEAP_TAPE; h++)
        if (strcmp(name, form_heap_name((HeapFn)h)) == 0)
            return *fn = (HeapFn)h, true;
    return false;
}

bool form_math_find(const char *name, MathFn *fn) {
    for (int f = 0; f < MATH_COUNT; f++)
        if (strcmp(name, math_info((MathFn)f)->name) == 0)
            return *fn = (MathFn)f, true;
    return false;
}

const FormFlag *form_function_flags(size_t *count) {
    static const FormFlag flags[] = {
        {"static", offsetof(Function, is_static)},
        {"inline", offsetof(Function, is_inline)},
        {"header", offsetof(Function, in_header)},
        {"system", offsetof(Function, is_system)},
        {"inactive", offsetof(Function, inactive)},
        {"output", offsetof(Function, is_output)},
        {"never_returns", offsetof(Function, never_returns)},
        {"distinct", offsetof(Function, distinct)},
        {"needs_text", offsetof(Function, needs_text)},
        {"returns_record", offsetof(Function, returns_record)},
        {"indirect", offsetof(Function, is_indirect)},
    };
    *count = sizeof flags / sizeof flags[0];
    return flags;
}

const FormFlag *form_global_flags(size_t *count) {
    static const FormFlag flags[] = {
        {"static", offsetof(Global, is_static)},
        {"header", offsetof(Global, in_header)},
        {"constant", offsetof(Global, is_constant)},
        {"thread_local", offsetof(Global, is_thread_local)},
        {"volatile", offsetof(Global, is_volatile)},
        {"local", offsetof(Global, is_function_local)},
    };
    *count = sizeof flags / sizeof flags[0];
    return flags;
}

// ---- Types ------------------------------------------------------------------

bool form_type_same(const Type *a, const Type *b) {
    if (a == b || !a || !b)
        return a == b;
    return a->kind == b->kind && a->is_const == b->is_const &&
           string_equal(a->spelling, b->spelling) && a->length == b->length &&
           a->record == b->record && form_type_same(a->element, b->element);
}

uint32_t form_dynamic_lengths(const Type *type) {
    uint32_t count = 0;
    for (; type && type->kind == TYPE_ARRAY; type = type->element)
        count += type->length == ARRAY_DYNAMIC;
    return count;
}

static const Type *operand_type(const Op *op, uint32_t index) {
    if (index >= op->operand_count || !op->operands[index])
        return NULL;
    return op->operands[index]->type;
}

static const Type *plain(Module *module, const Type *type) {
    return type ? type_plain(module, type) : NULL;
}

// What the first operand points to.
static const Type *pointee(const Op *op) {
    const Type *type = operand_type(op, 0);
    return type && type->kind == TYPE_POINTER ? type->element : NULL;
}

// An address inside an object that is const is an address of something const.
static const Type *part_pointer(Module *module, const Type *whole,
                                const Type *part) {
    if (whole->is_const)
        part = type_const(module, part);
    return type_pointer(module, part);
}

// A real or complex result, whichever the first argument is.
static const Type *math_floating(Module *module, const Op *op, char letter) {
    const Type *type = operand_type(op, 0);
    if (!type || !type_is_float(type))
        return plain(module, type);
    bool complex = letter == 'c';
    if (complex == type_is_complex(type))
        return plain(module, type);
    return complex ? type_with_parts(module, type) : type_part(module, type);
}

static const Type *math_result_type(Module *module, const Op *op,
                                    uint32_t index) {
    if ((unsigned)op->as.math >= MATH_COUNT)
        return NULL;
    const char *results = math_info(op->as.math)->results;
    if (index >= strlen(results))
        return NULL;
    switch (results[index]) {
    case 'i': return type_scalar(module, TYPE_INT);
    case 'l': return type_scalar(module, TYPE_LONG);
    case 'q': return type_scalar(module, TYPE_LLONG);
    default: return math_floating(module, op, results[index]);
    }
}

// The result of add, sub, mul or div is complex if one of the operands is.
static const Type *arithmetic_result_type(Module *module, const Op *op) {
    const Type *a = operand_type(op, 0), *b = operand_type(op, 1);
    return plain(module, a && b && type_is_complex(b) ? b : a);
}

static const Type *field_result_type(Module *module, const Op *op) {
    const Type *object = pointee(op);
    if (!object || object->kind != TYPE_RECORD || !object->record ||
        op->as.field >= object->record->field_count)
        return NULL;
    return part_pointer(module, object,
                        object->record->fields[op->as.field].type);
}

static const Type *call_result_type(Module *module, const Op *op) {
    const Type *result = op->as.callee ? op->as.callee->result : NULL;
    return result && result->kind != TYPE_VOID ? plain(module, result) : NULL;
}

const Type *form_result_type(Module *module, const Op *op, uint32_t index) {
    const Type *object = pointee(op);
    switch (op->kind) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV: return arithmetic_result_type(module, op);
    case OP_REM:
    case OP_NEG:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_NOT:
    case OP_SHL:
    case OP_SHR:
    case OP_INACTIVE:
    case OP_INDEX: return plain(module, operand_type(op, 0));
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE:
    case OP_LNOT: return type_scalar(module, TYPE_INT);
    case OP_SELECT: return plain(module, operand_type(op, 1));
    case OP_MATH: return math_result_type(module, op, index);
    case OP_PTRDIFF: return type_scalar(module, TYPE_LONG);
    case OP_GLOBAL:
        return op->as.global ? type_pointer(module, op->as.global->type) : NULL;
    case OP_ALLOC:
        return op->as.type ? type_pointer(module, op->as.type) : NULL;
    case OP_REALLOC:
    case OP_HEAP: return type_pointer(module, type_scalar(module, TYPE_VOID));
    case OP_HEAP_SIZE: return type_scalar(module, TYPE_ULONG);
    case OP_ELEM:
        return object && object->kind == TYPE_ARRAY
                   ? part_pointer(module, object, object->element)
                   : NULL;
    case OP_FIELD: return field_result_type(module, op);
    case OP_LOAD: return plain(module, object);
    case OP_CALL: return call_result_type(module, op);
    case OP_FOR:
        return plain(module, operand_type(op, FOR_FIRST_INITIAL + index));
    case OP_WHILE: return plain(module, operand_type(op, index));
    case OP_CONST:
    case OP_UNDEF:
    case OP_STRING:
    case OP_FUNCTION:
    case OP_CAST:
    case OP_IF:
    case OP_TAPE:
    case OP_POP:
    case OP_FREE:
    case OP_CHECKPOINT:
    case OP_STORE:
    case OP_COPY:
    case OP_ZERO:
    case OP_YIELD:
    case OP_CONDITION:
    case OP_RETURN:
    case OP_PUSH:
    case OP_TAPE_FREE:
    case OP_COUNT: return NULL;
    }
    return NULL;
}

// calls.c - calls of the program's own functions. Library functions that are
// operations in the IR are in library.c.
#include "frontend/internal.h"

#include <stdio.h>
#include <string.h>

// clang's tgmath.h calls one of several functions of the same name, __tg_sqrt;
// the first parameter's type says which function of math.h or complex.h that
// is.
static const char *complex_name(Arena *arena, const char *name) {
    static const char *const own[] = {"carg", "cimag", "conj", "cproj",
                                      "creal"};
    if (strcmp(name, "fabs") == 0)
        return "cabs";
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(name, own[i]) == 0)
            return name;
    return arena_printf(arena, "c%s", name);
}

static bool find_generic(Frontend *fe, const char *name, CXCursor callee,
                         MathFn *fn, TypeKind *kind) {
    CXType type = clang_getCanonicalType(
        clang_getArgType(clang_getCursorType(callee), 0));
    const char *suffix;
    name += strlen("__tg_");
    if (type.kind == CXType_Complex) {
        type = clang_getElementType(type);
        name = complex_name(fe->arena, name);
    }
    switch ((int)type.kind) {
    case CXType_Float: suffix = "f"; break;
    case CXType_Double: suffix = ""; break;
    case CXType_LongDouble: suffix = "l"; break;
    default: return false;
    }
    return math_find(arena_printf(fe->arena, "%s%s", name, suffix), fn, kind);
}

bool is_math_call(Frontend *fe, CXCursor call, MathFn *fn, TypeKind *kind) {
    CXCursor callee = clang_getCursorReferenced(call);
    if (callee.kind != CXCursor_FunctionDecl)
        return false;
    // A function of one's own may have the name of one of math.h.
    if (!clang_Cursor_isNull(clang_getCursorDefinition(callee)) &&
        !clang_Location_isInSystemHeader(clang_getCursorLocation(callee)))
        return false;
    const char *name = cursor_name(fe, callee);
    if (string_starts(name, "__tg_"))
        return find_generic(fe, name, callee, fn, kind);
    return math_find(name, fn, kind);
}

static void add_arguments(Lowering *lw, CXCursor call, Value **arguments,
                          uint32_t *count) {
    int given = clang_Cursor_getNumArguments(call);
    for (int i = 0; i < given; i++) {
        CXCursor argument = clang_Cursor_getArgument(call, (unsigned)i);
        CXType type = clang_getCanonicalType(clang_getCursorType(argument));
        bool record = type.kind == CXType_Record;
        Value *value =
            record ? lower_record(lw, argument) : lower_value(lw, argument);
        if (!value)
            refuse(lw, argument, NULL, "this argument has no value");
        arguments[(*count)++] = value;
    }
}

// The call itself, the arguments being there but for what is put in front of
// them: where a struct result goes, the address that is called.
static Value *finish_call(Lowering *lw, CXCursor call, Function *callee,
                          Value *address, Value *into) {
    int given = clang_Cursor_getNumArguments(call);
    Value **arguments = arena_array(lw->fe->arena, Value *,
                                    (size_t)(given > 0 ? given : 0) + 2);
    uint32_t count = 0;
    if (callee->returns_record) {
        const Type *type = callee->params[0].type->element;
        if (!into)
            into = new_object(lw, type, "result");
        arguments[count++] = into;
    }
    if (address)
        arguments[count++] = address;
    add_arguments(lw, call, arguments, &count);
    if (count < callee->param_count ||
        (count > callee->param_count && !callee->is_variadic))
        refuse(lw, call, NULL,
               "'%s' is called with another number of arguments than it has "
               "parameters",
               callee->name);
    for (uint32_t i = 0; i < callee->param_count; i++)
        if (!callee->params[i].by_value_record &&
            !type_equal(callee->params[i].type, arguments[i]->type))
            refuse(lw, call, "convert it explicitly",
                   "an argument of '%s' has another type than its parameter",
                   callee->name);
    Op *op = build_call(&lw->b, callee, arguments, count);
    if (callee->returns_record)
        return into;
    if (op->result_count == 0)
        return NULL;
    const Type *type = op->results[0]->type;
    if (type->kind == TYPE_OPAQUE)
        refuse(lw, call, NULL,
               "a call that returns a value of type '%s' is not supported",
               type->spelling);
    return op->results[0];
}

static Value *lower_indirect_call(Lowering *lw, CXCursor call, Value *into) {
    CXCursor pointer = children_of(lw->fe, call).items[0];
    Function *callee = indirect_function(lw, call, pointer);
    Value *address = lower_value(lw, pointer);
    return finish_call(lw, call, callee, address, into);
}

Value *lower_call(Lowering *lw, CXCursor call, Value *into) {
    CXCursor callee = clang_getCursorReferenced(call);
    Value *result = NULL;
    if (callee.kind != CXCursor_FunctionDecl)
        return lower_indirect_call(lw, call, into);
    const char *name = cursor_name(lw->fe, callee);
    bool own =
        !clang_Cursor_isNull(clang_getCursorDefinition(callee)) &&
        !clang_Location_isInSystemHeader(clang_getCursorLocation(callee));
    if (!own && lower_library_call(lw, call, name, &result))
        return result;
    FunctionInfo *info = function_of(lw->fe, callee);
    enqueue_function(lw->fe, info);
    return finish_call(lw, call, info->function, NULL, into);
}

// indirect.c - calls through pointers to functions, and constant tables of such
// pointers. A call becomes one of a function that stands for all functions of
// the pointer's type (is_indirect); the optimiser makes direct calls of it
// where the targets can be found. A constant object that holds pointers to
// functions is lowered like a local one, initialised at the function's start,
// so that what is in it is known.
#include "frontend/internal.h"

#include <string.h>

// ---- One function for all of a type -----------------------------------------

static void fill_indirect(Frontend *fe, Function *function, CXType type) {
    uint32_t at = function->returns_record ? 1 : 0;
    Param *address = &function->params[at++];
    const Type *pointee = convert_type_or_opaque(fe, type);
    *address =
        (Param){.name = "function", .type = type_pointer(fe->module, pointee)};
    for (uint32_t i = at; i < function->param_count; i++) {
        CXType argument = clang_getArgType(type, i - at);
        Param *param = &function->params[i];
        param->name = arena_printf(fe->arena, "arg%u", i - at);
        param->type = convert_type_or_opaque(fe, argument);
        param->by_value_record = param->type->kind == TYPE_RECORD;
    }
}

Function *indirect_create(Frontend *fe, const char *name, CXType type) {
    const Type *result = convert_type_or_opaque(fe, clang_getResultType(type));
    const Type *nothing = type_scalar(fe->module, TYPE_VOID);
    bool record = result->kind == TYPE_RECORD;
    uint32_t count = (uint32_t)clang_getNumArgTypes(type) + (record ? 2 : 1);
    Function *function =
        function_create(fe->module, name, record ? nothing : result, count);
    function->is_indirect = true;
    function->returns_record = record;
    function->is_variadic = clang_isFunctionTypeVariadic(type);
    if (record)
        function->params[0] = (Param){
            .name = "result",
            .type = type_pointer(fe->module, type_plain(fe->module, result))};
    fill_indirect(fe, function, type);
    return function;
}

CXType function_pointee(CXType pointer) {
    CXType type = clang_getCanonicalType(pointer);
    if (type.kind == CXType_Pointer)
        type = clang_getCanonicalType(clang_getPointeeType(type));
    return type;
}

Function *indirect_function(Lowering *lw, CXCursor call, CXCursor pointer) {
    Frontend *fe = lw->fe;
    CXType type = function_pointee(clang_getCursorType(pointer));
    if (type.kind != CXType_FunctionProto)
        refuse(lw, call, "declare the function's parameters",
               "this call through a pointer is not supported");
    const char *name = take_string(fe->arena, clang_getTypeSpelling(type));
    Function *function = strmap_get(fe->indirect, name);
    if (!function) {
        function = indirect_create(fe, name, type);
        strmap_set(fe->indirect, name, function);
    }
    return function;
}

// ---- Tables -----------------------------------------------------------------

static enum CXVisitorResult note_functions(CXCursor field, CXClientData data);

// Holds pointers to functions, not via pointers.
static bool holds_functions(CXType type) {
    bool found = false;
    type = clang_getCanonicalType(type);
    while (type_is_array(type))
        type = clang_getCanonicalType(clang_getArrayElementType(type));
    if (type.kind == CXType_Record)
        clang_Type_visitFields(type, note_functions, &found);
    return found || (type.kind == CXType_Pointer &&
                     function_pointee(type).kind == CXType_FunctionProto);
}

static enum CXVisitorResult note_functions(CXCursor field, CXClientData data) {
    bool *found = data;
    *found = *found || holds_functions(clang_getCursorType(field));
    return *found ? CXVisit_Break : CXVisit_Continue;
}

Variable *function_table(Lowering *lw, CXCursor declaration) {
    CXCursor definition = clang_getCursorDefinition(declaration);
    if (clang_Cursor_isNull(definition))
        return NULL;
    CXType type = clang_getCursorType(definition);
    CXCursor initializer = clang_Cursor_getVarDeclInitializer(definition);
    const Global *global = global_of(lw->fe, declaration, lw->function->name);
    if (!global->is_constant || clang_Cursor_isNull(initializer) ||
        !holds_functions(type))
        return NULL;
    Variable *variable = arena_new(lw->fe->arena, Variable);
    variable->name = global->name;
    variable->type =
        writable_type(lw->function->module, lower_type(lw, definition, type));
    variable->in_memory = true;
    Builder here = lw->b;
    lw->b = builder_at_end(lw->function->body);
    lw->b.before = lw->function->body->first;
    variable->address =
        build_alloc(&lw->b, variable->type, NULL, 0, variable->name);
    initialize_object(lw, variable, initializer);
    lw->b = here;
    ptrmap_set(lw->variables, declaration_key(declaration), variable);
    vec_push(lw->fe->arena, &lw->tables, variable);
    return variable;
}

// ---- Their addresses --------------------------------------------------------

typedef struct Derived {
    PtrMap *addresses; // made of a table's
    bool kept;         // one is stored or returned
} Derived;

static bool is_local_address(const Value *address) {
    while (address->op && address->op->operand_count &&
           address->op->kind != OP_LOAD && address->op->kind != OP_CALL &&
           !address->op->region_count)
        address = address->op->operands[0];
    return address->op && address->op->kind == OP_ALLOC;
}

static void derive(Derived *d, const Value *from, const Value *to) {
    if (ptrmap_has(d->addresses, from) && type_is_pointer(to->type))
        ptrmap_set(d->addresses, to, d);
}

static void derive_regions(Derived *d, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++) {
        const Region *region = op->regions[r];
        const Op *end = region_terminator(region);
        for (uint32_t i = 0; op->kind == OP_WHILE && i < op->operand_count; i++)
            derive(d, op->operands[i], region->params[i]);
        for (uint32_t i = 0; i < op->result_count; i++) {
            if (end && end->kind == OP_YIELD)
                derive(d, end->operands[i], op->results[i]);
            if (op->kind == OP_WHILE)
                derive(d, op->results[i], region->params[i]);
        }
    }
}

static void note_derived(Op *op, void *context) {
    Derived *d = context;
    if (op->region_count)
        derive_regions(d, op);
    else if (op->kind == OP_STORE)
        d->kept |= ptrmap_has(d->addresses, op->operands[1]) &&
                   !is_local_address(op->operands[0]);
    else if (op->kind == OP_RETURN)
        d->kept |=
            op->operand_count && ptrmap_has(d->addresses, op->operands[0]);
    else if (op->kind != OP_LOAD && op->kind != OP_CALL)
        for (uint32_t i = 0; i < op->operand_count && op->result_count; i++)
            derive(d, op->operands[i], op->results[0]);
}

void check_tables(Lowering *lw) {
    Derived d = {.addresses = ptrmap_create(lw->fe->arena)};
    for (size_t i = 0; i < lw->tables.count; i++)
        ptrmap_set(d.addresses, lw->tables.items[i]->address, &d);
    for (int round = 0; lw->tables.count && round < 3; round++)
        walk_ops(lw->function->body, note_derived, &d);
    if (d.kept)
        refuse(lw, lw->info->definition,
               "choose the function where it is called",
               "the address of a constant table of functions is kept beyond "
               "'%s'",
               lw->function->name);
}

// declarations.c - local declarations. Scalars and pointers whose address is
// not taken become variables without storage; everything else an OP_ALLOC.
#include "frontend/internal.h"

#include <string.h>

static bool needs_memory(Lowering *lw, CXCursor declaration, const Type *type) {
    return type->kind == TYPE_ARRAY || type->kind == TYPE_RECORD ||
           type->kind == TYPE_OPAQUE ||
           clang_isVolatileQualifiedType(clang_getCursorType(declaration)) ||
           ptrmap_has(lw->addressed, declaration_key(declaration));
}

// Dynamic lengths are children of the declaration, innermost first; those of
// fixed dimensions stand among them.
static void lower_extents(Lowering *lw, CXCursor declaration,
                          Variable *variable, const Type *type) {
    const Type *dimensions[32];
    uint32_t count = 0;
    if (type_is_pointer(type))
        type = type->element;
    for (; type->kind == TYPE_ARRAY && count < 32; type = type->element)
        dimensions[count++] = type;
    Cursors children = children_of(lw->fe, declaration);
    variable->extents = arena_array(lw->fe->arena, Value *, count);
    uint32_t used = 0;
    Value *bounds[32];
    for (size_t i = 0; i < children.count && used < count; i++) {
        if (!clang_isExpression(children.items[i].kind))
            continue;
        const Type *dimension = dimensions[count - 1 - used];
        bounds[count - 1 - used] = dimension->length == ARRAY_DYNAMIC
                                       ? lower_value(lw, children.items[i])
                                       : NULL;
        used++;
    }
    for (uint32_t i = 0; i < count; i++)
        if (dimensions[i]->length == ARRAY_DYNAMIC && used == count)
            variable->extents[variable->extent_count++] = bounds[i];
    if (used < count && dimensions[0])
        refuse(lw, declaration, "declare the array without a typedef",
               "the lengths of this array are not known here");
}

Variable *declare_local(Lowering *lw, CXCursor declaration) {
    const char *name = cursor_name(lw->fe, declaration);
    const Type *type = writable_type(
        lw->function->module,
        lower_type(lw, declaration, clang_getCursorType(declaration)));
    Variable *variable;
    if (type->kind == TYPE_OPAQUE && strchr(type->spelling, '('))
        refuse(lw, declaration, NULL, "this declaration is not supported");
    if (!needs_memory(lw, declaration, type)) {
        variable = variable_create(lw, name, type);
    } else {
        if (clang_isVolatileQualifiedType(clang_getCursorType(declaration)) &&
            type_holds_float(type))
            refuse(lw, declaration, "drop the volatile",
                   "volatile objects of floating type are not supported");
        variable = arena_new(lw->fe->arena, Variable);
        variable->name = name;
        variable->type = type;
        variable->in_memory = true;
        if (type_has_dynamic_length(type))
            lower_extents(lw, declaration, variable, type);
        variable->address = build_alloc(&lw->b, type, variable->extents,
                                        variable->extent_count, name);
    }
    if (type_is_pointer(type) && type_has_dynamic_length(type->element))
        lower_extents(lw, declaration, variable, type);
    ptrmap_set(lw->variables, declaration_key(declaration), variable);
    vec_push(lw->fe->arena, &lw->named, variable);
    return variable;
}

static bool is_local(CXCursor declaration) {
    enum CX_StorageClass storage = clang_Cursor_getStorageClass(declaration);
    return declaration.kind == CXCursor_VarDecl && storage != CX_SC_Static &&
           storage != CX_SC_Extern;
}

bool declares_dynamic(Lowering *lw, CXCursor declaration) {
    if (!is_local(declaration))
        return false;
    const Type *type =
        lower_type(lw, declaration, clang_getCursorType(declaration));
    return type_has_dynamic_length(type) ||
           (type_is_pointer(type) && type_has_dynamic_length(type->element));
}

// A compound literal lives as long as the block that it stands in, which is
// the list's; other statements are blocks of their own.
static enum CXChildVisitResult make_literal(CXCursor cursor, CXCursor parent,
                                            CXClientData data) {
    Lowering *lw = data;
    (void)parent;
    if (cursor.kind == CXCursor_StmtExpr)
        return CXChildVisit_Continue;
    if (cursor.kind == CXCursor_CompoundLiteralExpr &&
        !ptrmap_has(lw->literals, statement_key(cursor))) {
        const Type *type = lower_type(lw, cursor, clang_getCursorType(cursor));
        ptrmap_set(lw->literals, statement_key(cursor),
                   new_object(lw, type, "literal"));
    }
    return CXChildVisit_Recurse;
}

static void make_literals(Lowering *lw, CXCursor statement) {
    if (statement.kind != CXCursor_DeclStmt &&
        !clang_isExpression(statement.kind))
        return;
    make_literal(statement, clang_getNullCursor(), lw);
    clang_visitChildren(statement, make_literal, lw);
}

// Variables of a list that a label or a switch section may reach past their
// declarations: they exist from the start, without a value.
void declare_ahead(Lowering *lw, const Item *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        declare_ahead(lw, items[i].inside, items[i].inside_count);
        if (items[i].kind != ITEM_STATEMENT)
            continue;
        make_literals(lw, items[i].cursor);
        if (items[i].cursor.kind != CXCursor_DeclStmt)
            continue;
        Cursors list = children_of(lw->fe, items[i].cursor);
        for (size_t j = 0; j < list.count; j++) {
            CXCursor declaration = list.items[j];
            if (is_local(declaration) &&
                !ptrmap_has(lw->variables, declaration_key(declaration)) &&
                !declares_dynamic(lw, declaration))
                declare_local(lw, declaration);
        }
    }
}

// ---- #pragma grad inactive --------------------------------------------------

static bool is_inactive(Lowering *lw, CXCursor statement,
                        CXCursor declaration) {
    return strmap_has(lw->fe->inactive_places, place_key(lw->fe, statement)) ||
           strmap_has(lw->fe->inactive_places, place_key(lw->fe, declaration));
}

static void stop_in_object(Builder *b, Value *address);

static void stop_in_array(Builder *b, Value *address) {
    enum { UNROLLED = 16 };
    const Type *type = address->type->element;
    const Type *size = type_scalar(b->function->module, TYPE_LONG);
    for (int64_t i = 0; type->length <= UNROLLED && i < type->length; i++)
        stop_in_object(b, build_elem(b, address, build_int(b, size, i)));
    if (type->length <= UNROLLED)
        return;
    Op *loop =
        build_for(b, build_int(b, size, 0), build_int(b, size, type->length),
                  build_int(b, size, 1), OP_LT, NULL, 0, "i");
    Builder inner = builder_at_end(loop->regions[0]);
    inner.origin = b->origin;
    stop_in_object(&inner,
                   build_elem(&inner, address, loop->regions[0]->params[0]));
    build_yield(&inner, NULL, 0);
}

// Each floating value in the object becomes itself, without its derivative.
static void stop_in_object(Builder *b, Value *address) {
    const Type *type = address->type->element;
    if (!type_holds_float(type))
        return;
    if (type->kind == TYPE_ARRAY)
        stop_in_array(b, address);
    else if (type->kind == TYPE_RECORD)
        for (uint32_t i = 0; i < type->record->field_count; i++)
            stop_in_object(b, build_field(b, address, i));
    else
        build_store(b, address,
                    build_unary(b, OP_INACTIVE, build_load(b, address)));
}

static bool holds_union(const Type *type) {
    if (type->kind == TYPE_ARRAY)
        return holds_union(type->element);
    if (type->kind != TYPE_RECORD)
        return false;
    bool found = type->record->is_union;
    for (size_t i = 0; i < type->record->field_count; i++)
        found |= holds_union(type->record->fields[i].type);
    return found;
}

// Whether the gradient stops at the initialiser.
static bool stops_here(Lowering *lw, CXCursor statement, CXCursor declaration,
                       const Type *type) {
    if (!is_inactive(lw, statement, declaration))
        return false;
    if (clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(declaration)))
        refuse(lw, declaration, "initialise it, by a copy if need be",
               "'#pragma grad inactive' stops the gradient at an initialiser, "
               "and this declaration has none");
    if (type_holds_pointer(type) && type_reaches_float(type))
        refuse(lw, declaration, "copy the values that it points to",
               "'#pragma grad inactive' cannot stop the gradient at a pointer");
    if (holds_union(type))
        refuse(lw, declaration, "copy its members",
               "'#pragma grad inactive' cannot stop the gradient at a union");
    return true;
}

// ---- Initialisation ---------------------------------------------------------

void initialize_object(Lowering *lw, const Variable *variable,
                       CXCursor initializer) {
    if (variable->type->kind == TYPE_ARRAY ||
        variable->type->kind == TYPE_RECORD)
        initialize(lw, variable->address, variable->type, initializer);
    else
        build_store(&lw->b, variable->address, lower_value(lw, initializer));
}

static void initialize_variable(Lowering *lw, CXCursor statement,
                                CXCursor declaration, Variable *variable,
                                CXCursor initializer) {
    const Type *type = variable->type;
    if (type->kind == TYPE_ARRAY || type->kind == TYPE_RECORD) {
        CXCursor core = strip_casts(lw->fe, initializer);
        if (type->kind == TYPE_RECORD && core.kind == CXCursor_CallExpr)
            lower_call(lw, core, variable->address);
        else
            initialize(lw, variable->address, type, initializer);
        if (stops_here(lw, statement, declaration, type))
            stop_in_object(&lw->b, variable->address);
        return;
    }
    if (type->kind == TYPE_OPAQUE)
        refuse(lw, declaration, "keep such objects behind pointers",
               "an object of type '%s' cannot be initialised here",
               type->spelling);
    lw->vla_extents = variable->extents;
    lw->vla_extent_count = variable->extent_count;
    Value *value = lower_value(lw, initializer);
    lw->vla_extent_count = 0;
    if (stops_here(lw, statement, declaration, type))
        value = build_unary(&lw->b, OP_INACTIVE, value);
    if (variable->in_memory)
        build_store(&lw->b, variable->address, value);
    else
        variable_set(lw, variable, value);
}

static void lower_local(Lowering *lw, CXCursor statement,
                        CXCursor declaration) {
    Variable *variable =
        ptrmap_get(lw->variables, declaration_key(declaration));
    // A loop's body comes by here once, so a known one was declared ahead.
    if (!variable)
        variable = declare_local(lw, declaration);
    CXCursor initializer = clang_Cursor_getVarDeclInitializer(declaration);
    if (!clang_Cursor_isNull(initializer))
        initialize_variable(lw, statement, declaration, variable, initializer);
    else
        stops_here(lw, statement, declaration, variable->type);
}

static void check_static(Lowering *lw, CXCursor declaration) {
    Global *global = global_of(lw->fe, declaration, lw->function->name);
    if (global->is_constant)
        return;
    lw->function->text = NULL; // a copy would not share the state
    refuse(lw, declaration,
           "move it out of the function and use --include-source, or pass it "
           "as a parameter, or make it const",
           "'%s' is static and changes: the generated code would have to "
           "share it",
           cursor_name(lw->fe, declaration));
}

void lower_declaration(Lowering *lw, CXCursor statement) {
    Cursors list = children_of(lw->fe, statement);
    for (size_t i = 0; i < list.count; i++) {
        CXCursor declaration = list.items[i];
        switch ((int)declaration.kind) {
        case CXCursor_VarDecl:
            if (is_local(declaration))
                lower_local(lw, statement, declaration);
            else if (clang_Cursor_getStorageClass(declaration) == CX_SC_Static)
                check_static(lw, declaration);
            break;
        case CXCursor_StructDecl:
        case CXCursor_UnionDecl:
        case CXCursor_EnumDecl:
        case CXCursor_TypedefDecl:
        case CXCursor_FunctionDecl:
        case CXCursor_StaticAssert: break;
        default:
            refuse(lw, declaration, "rewrite it in plain C",
                   "this declaration (%s) is not supported",
                   take_string(lw->fe->arena,
                               clang_getCursorKindSpelling(declaration.kind)));
        }
    }
}

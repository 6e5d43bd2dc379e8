// expressions.c - values and places. lower_value gives what an expression is
// worth; lower_place where it lives; lower_record the address of a struct's
// value; lower_effect what it does. The fence of expressions stands here.
#include "frontend/internal.h"

#include <string.h>

const Type *result_type(Lowering *lw, CXCursor expression) {
    return lower_type(lw, expression, clang_getCursorType(expression));
}

static const Type *int_type(Lowering *lw) {
    return type_scalar(lw->function->module, TYPE_INT);
}

// Locals are filled after they are made, so they are not const.
const Type *writable_type(Module *module, const Type *type) {
    type = type_plain(module, type);
    if (type->kind != TYPE_ARRAY)
        return type;
    return type_array(module, writable_type(module, type->element),
                      type->length);
}

Value *new_object(Lowering *lw, const Type *type, const char *name) {
    return build_alloc(&lw->b, writable_type(lw->function->module, type), NULL,
                       0, name);
}

// ---- Truth and conversion ---------------------------------------------------

static bool is_truth(const Value *value) {
    int64_t integer;
    if (value_is_integer(value, &integer) && type_is_integer(value->type))
        return integer == 0 || integer == 1;
    if (!value->op)
        return false;
    const Op *op = value->op;
    if (op_info(op->kind)->flags & OPF_COMPARES || op->kind == OP_LNOT)
        return true;
    if (op->kind != OP_IF)
        return false;
    for (int i = 0; i < 2; i++)
        if (!is_truth(
                region_terminator(op->regions[i])->operands[value->index]))
            return false;
    return true;
}

Value *truth_of(Lowering *lw, Value *value) {
    if (is_truth(value))
        return build_cast(&lw->b, int_type(lw), value);
    return build_binary(&lw->b, OP_NE, value,
                        build_int(&lw->b, value->type, 0));
}

// Pointer types that differ by const in what they point to differ in C. With
// may_add, const may be there in `to` alone: C converts so without a word.
static bool same_const(const Type *to, const Type *from, bool may_add) {
    while (type_is_pointer(to)) {
        to = to->element;
        from = from->element;
        const Type *x = to, *y = from;
        while (x->kind == TYPE_ARRAY && y->kind == TYPE_ARRAY) {
            x = x->element;
            y = y->element;
        }
        if (x->is_const != y->is_const && !(may_add && x->is_const))
            return false;
    }
    return true;
}

Value *exact_pointer(Lowering *lw, const Type *type, Value *value) {
    if (!type_is_pointer(type) || !type_equal(type, value->type) ||
        same_const(type, value->type, false))
        return value;
    return build_cast(&lw->b, type_plain(lw->function->module, type), value);
}

Value *convert_value(Lowering *lw, CXCursor cursor, const Type *type,
                     Value *value) {
    if (type->kind == TYPE_VOID ||
        (type_equal(type, value->type) && same_const(type, value->type, true)))
        return value;
    Value *folded = fold_cast(lw, type, value);
    if (folded)
        return folded;
    const Type *plain = type_plain(lw->function->module, type);
    if (!type_is_pointer(type) || !type_has_dynamic_length(type->element))
        return build_cast(&lw->b, plain, value);
    if (lw->vla_extent_count == 0)
        refuse(lw, cursor,
               "use a pointer to the elements and compute the index",
               "this conversion to a pointer to a variable-length array is "
               "not supported");
    Value *cast = build_cast(&lw->b, plain, value);
    for (uint32_t i = 0; i < lw->vla_extent_count; i++)
        op_append_operand(cast->op, lw->vla_extents[i]);
    return cast;
}

// ---- Places -----------------------------------------------------------------

static bool is_function_type(CXType type) {
    enum CXTypeKind kind = clang_getCanonicalType(type).kind;
    return kind == CXType_FunctionProto || kind == CXType_FunctionNoProto;
}

// A parameter declared as an array is a pointer, whatever clang calls it.
static bool is_array_place(Lowering *lw, CXCursor expression) {
    CXCursor core = strip_parens(lw->fe, expression);
    if (!type_is_array(clang_getCursorType(core)))
        return false;
    if (core.kind == CXCursor_DeclRefExpr)
        return clang_getCursorReferenced(core).kind != CXCursor_ParmDecl;
    return core.kind == CXCursor_ArraySubscriptExpr ||
           core.kind == CXCursor_MemberRefExpr ||
           core.kind == CXCursor_UnaryOperator ||
           core.kind == CXCursor_StringLiteral ||
           core.kind == CXCursor_CompoundLiteralExpr;
}

static Place place_at(Value *address) {
    return (Place){NULL, address, address->type->element, PART_WHOLE};
}

// A local variable, or a global that is volatile as a whole: nobody else
// changes the one, and the other is known to change.
static bool is_volatile_object(Lowering *lw, CXCursor expression) {
    CXCursor core = strip_parens(lw->fe, expression);
    Cursors parts = children_of(lw->fe, core);
    if (core.kind == CXCursor_UnexposedExpr && parts.count == 1) // it decays
        return type_is_array(clang_getCursorType(parts.items[0])) &&
               is_array_place(lw, parts.items[0]) &&
               is_volatile_object(lw, parts.items[0]);
    if (core.kind == CXCursor_DeclRefExpr) {
        CXCursor declaration = clang_getCursorReferenced(core);
        return ptrmap_has(lw->variables, declaration_key(declaration)) ||
               is_volatile_type(clang_getCursorType(declaration));
    }
    if (core.kind == CXCursor_ArraySubscriptExpr)
        return parts.items[0].kind == CXCursor_UnexposedExpr &&
               is_volatile_object(lw, parts.items[0]);
    return core.kind == CXCursor_MemberRefExpr && parts.count &&
           clang_getCanonicalType(clang_getCursorType(parts.items[0])).kind ==
               CXType_Record &&
           is_volatile_object(lw, parts.items[0]);
}

static void check_volatile(Lowering *lw, CXCursor expression) {
    CXType type = clang_getCursorType(expression);
    if (!is_volatile_type(type))
        return;
    const Type *converted = lower_type(lw, expression, type);
    if (type_holds_float(converted))
        refuse(lw, expression, "drop the volatile, or copy it to a local first",
               "volatile objects of floating type are not supported");
    if (!is_volatile_object(lw, expression))
        refuse(lw, expression,
               "read it in a function of its own, whose arguments and result "
               "carry no derivative",
               "volatile objects are supported as globals and local variables "
               "only");
}

// A static that changes is there where its source is included.
static void check_state(Lowering *lw, CXCursor expression, CXCursor declaration,
                        const Global *global) {
    bool included = lw->fe->options->include_source &&
                    !global->is_function_local &&
                    (lw->fe->unit == lw->fe->owner || global->in_header);
    if (included)
        return;
    if (global->in_header || in_main_file(lw->fe, declaration))
        lw->function->text = NULL; // a copy would not share the state
    refuse(lw, expression,
           lw->fe->options->include_source
               ? "move it into the file that has the annotated function, or "
                 "pass it as a parameter"
               : "pass it as a parameter; with --include-source the generated "
                 "file includes the source, which has it",
           "'%s' is static and changes: the generated code cannot reach it",
           global->name);
}

static Place variable_place(Lowering *lw, CXCursor expression,
                            CXCursor declaration) {
    Variable *variable =
        ptrmap_get(lw->variables, declaration_key(declaration));
    if (variable && variable->in_memory)
        return place_at(variable->address);
    if (variable)
        return (Place){variable, NULL, variable->type, PART_WHOLE};
    if (declaration.kind != CXCursor_VarDecl)
        refuse(lw, expression, NULL, "'%s' is not known here",
               cursor_name(lw->fe, declaration));
    variable = function_table(lw, declaration);
    if (variable)
        return place_at(variable->address);
    enum CX_StorageClass storage = clang_Cursor_getStorageClass(declaration);
    Global *global = global_of(lw->fe, declaration, lw->function->name);
    if (storage == CX_SC_Static && !global->is_constant)
        check_state(lw, expression, declaration, global);
    return place_at(build_global(&lw->b, global));
}

static Place subscript_place(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    CXCursor base = parts.items[0], index = parts.items[1], inner;
    CXType first = clang_getCanonicalType(clang_getCursorType(base));
    if (first.kind != CXType_Pointer && !type_is_array(first)) {
        base = parts.items[1]; // 2[p]
        index = parts.items[0];
    }
    base = strip_parens(lw->fe, base);
    if (is_implicit_cast(lw->fe, base, &inner) && is_array_place(lw, inner)) {
        Value *array = lower_address(lw, inner);
        return place_at(build_elem(&lw->b, array, lower_value(lw, index)));
    }
    Value *pointer = lower_value(lw, base);
    return place_at(build_index(&lw->b, pointer, lower_value(lw, index)));
}

static Place member_place(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    const char *name = cursor_name(lw->fe, expression);
    if (parts.count == 0)
        refuse(lw, expression, NULL, "this member access is not supported");
    CXCursor base = parts.items[0];
    CXType type = clang_getCanonicalType(clang_getCursorType(base));
    Value *record = type.kind == CXType_Pointer || type_is_array(type)
                        ? lower_value(lw, base)
                        : lower_record(lw, base);
    Value *field = build_field_named(&lw->b, record, name);
    if (!field)
        refuse(lw, expression, NULL, "the member '%s' is not supported", name);
    return place_at(field);
}

static Place literal_place(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    const Type *type = result_type(lw, expression);
    Value *object = ptrmap_get(lw->literals, statement_key(expression));
    if (!object)
        object = new_object(lw, type, "literal");
    initialize(lw, object, type, parts.items[parts.count - 1]);
    return place_at(object);
}

static Place string_place(Lowering *lw, CXCursor expression) {
    Op *op = op_create(lw->function, OP_STRING, 0, 1, 0);
    const Type *chars = type_scalar(lw->function->module, TYPE_CHAR);
    op->as.text = cursor_name(lw->fe, expression);
    op_set_result(op, lw->function, 0,
                  type_pointer(lw->function->module, chars), NULL);
    builder_insert(&lw->b, op);
    return place_at(op->results[0]);
}

bool is_place(Lowering *lw, CXCursor expression) {
    CXCursor core = strip_parens(lw->fe, expression);
    switch ((int)core.kind) {
    case CXCursor_DeclRefExpr:
        return clang_getCursorReferenced(core).kind == CXCursor_VarDecl ||
               clang_getCursorReferenced(core).kind == CXCursor_ParmDecl;
    case CXCursor_ArraySubscriptExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_CompoundLiteralExpr:
    case CXCursor_StringLiteral: return true;
    case CXCursor_UnaryOperator:
        switch ((int)clang_getCursorUnaryOperatorKind(core)) {
        case CXUnaryOperator_Deref: return true;
        case CXUnaryOperator_Real:
        case CXUnaryOperator_Imag: return is_part_place(lw, core);
        case CXUnaryOperator_Extension:
            return is_place(lw, children_of(lw->fe, core).items[0]);
        default: return false;
        }
    default: return false;
    }
}

static Place lower_place_kind(Lowering *lw, CXCursor expression) {
    Cursors parts;
    switch ((int)expression.kind) {
    case CXCursor_DeclRefExpr:
        return variable_place(lw, expression,
                              clang_getCursorReferenced(expression));
    case CXCursor_ArraySubscriptExpr: return subscript_place(lw, expression);
    case CXCursor_MemberRefExpr: return member_place(lw, expression);
    case CXCursor_CompoundLiteralExpr: return literal_place(lw, expression);
    case CXCursor_StringLiteral: return string_place(lw, expression);
    case CXCursor_UnaryOperator:
        if (is_part_operator(expression))
            return complex_part_place(lw, expression);
        parts = children_of(lw->fe, expression);
        if (clang_getCursorUnaryOperatorKind(expression) ==
            CXUnaryOperator_Deref)
            return place_at(lower_value(lw, parts.items[0]));
        return lower_place(lw, parts.items[0]);
    default: return place_at(lower_record(lw, expression));
    }
}

Place lower_place(Lowering *lw, CXCursor expression) {
    enter_depth(lw, expression);
    expression = strip_parens(lw->fe, expression);
    check_volatile(lw, expression);
    Place place = lower_place_kind(lw, expression);
    lw->depth--;
    return place;
}

Value *lower_address(Lowering *lw, CXCursor expression) {
    Place place = lower_place(lw, expression);
    if (place.part)
        return complex_part_address(lw, place);
    if (!place.address)
        BUG("the address of '%s' is taken, but it has none",
            place.variable->name);
    return place.address;
}

static Value *load_whole(Lowering *lw, Place place) {
    if (place.variable)
        return variable_get(lw, place.variable);
    return build_load(&lw->b, place.address);
}

Value *place_load(Lowering *lw, Place place) {
    Value *whole = load_whole(lw, place);
    return place.part ? complex_part(lw, whole, place.part) : whole;
}

void place_store(Lowering *lw, Place place, Value *value) {
    if (place.part)
        value = replace_part(lw, load_whole(lw, place), place.part, value);
    if (place.variable)
        variable_set(lw, place.variable, value);
    else
        build_store(&lw->b, place.address, value);
}

// ---- Records ----------------------------------------------------------------

static Value *choose_record(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    const Type *type = result_type(lw, expression);
    Value *object = new_object(lw, type, "chosen");
    Branching br;
    branch_begin(lw, &br, lower_value(lw, parts.items[0]));
    build_copy(&lw->b, object, lower_record(lw, parts.items[1]));
    branch_else(lw, &br, NULL);
    build_copy(&lw->b, object, lower_record(lw, parts.items[2]));
    branch_end(lw, &br, NULL);
    return object;
}

static Value *assign_record(Lowering *lw, Cursors parts) {
    Value *source = lower_record(lw, parts.items[1]);
    Value *target = lower_address(lw, parts.items[0]);
    build_copy(&lw->b, target, source);
    return target;
}

Value *lower_record(Lowering *lw, CXCursor expression) {
    CXCursor core = strip_casts(lw->fe, expression);
    Cursors parts;
    if (is_place(lw, core))
        return lower_address(lw, core);
    switch ((int)core.kind) {
    case CXCursor_CallExpr: return lower_call(lw, core, NULL);
    case CXCursor_ConditionalOperator: return choose_record(lw, core);
    case CXCursor_BinaryOperator:
        parts = children_of(lw->fe, core);
        if (clang_getCursorBinaryOperatorKind(core) == CXBinaryOperator_Assign)
            return assign_record(lw, parts);
        if (clang_getCursorBinaryOperatorKind(core) == CXBinaryOperator_Comma) {
            lower_effect(lw, parts.items[0]);
            return lower_record(lw, parts.items[1]);
        }
        break;
    default: break;
    }
    refuse(lw, expression, "assign the struct to a variable first",
           "this expression of struct type (%s) is not supported",
           take_string(lw->fe->arena, clang_getCursorKindSpelling(core.kind)));
}

// ---- Values -----------------------------------------------------------------

static Value *lower_function_name(Lowering *lw, CXCursor declaration) {
    FunctionInfo *info = function_of(lw->fe, declaration);
    Op *op = op_create(lw->function, OP_FUNCTION, 0, 1, 0);
    info->function->needs_text = true;
    enqueue_function(lw->fe, info);
    op->as.callee = info->function;
    const Type *type =
        convert_type_or_opaque(lw->fe, clang_getCursorType(declaration));
    op_set_result(op, lw->function, 0, type_pointer(lw->function->module, type),
                  NULL);
    builder_insert(&lw->b, op);
    return op->results[0];
}

static Value *lower_reference(Lowering *lw, CXCursor expression) {
    CXCursor declaration = clang_getCursorReferenced(expression);
    int64_t value;
    if (declaration.kind == CXCursor_FunctionDecl)
        return lower_function_name(lw, declaration);
    if (declaration.kind == CXCursor_EnumConstantDecl) {
        const Type *type = result_type(lw, expression);
        value = clang_getEnumConstantDeclValue(declaration);
        Value *constant = build_int(&lw->b, type, value);
        if (!in_main_file(lw->fe, declaration))
            constant->op->as.constant.spelling =
                cursor_name(lw->fe, declaration);
        return constant;
    }
    if (type_is_array(clang_getCursorType(expression)) &&
        declaration.kind != CXCursor_ParmDecl) {
        Value *array = lower_address(lw, expression);
        return build_elem(&lw->b, array, build_int(&lw->b, int_type(lw), 0));
    }
    return place_load(lw, lower_place(lw, expression));
}

static Value *load_value(Lowering *lw, CXCursor expression) {
    Place place = lower_place(lw, expression);
    const Type *type = place.type;
    if (type->kind == TYPE_ARRAY)
        return build_elem(&lw->b, place.address,
                          build_int(&lw->b, int_type(lw), 0));
    if (type->kind == TYPE_RECORD || type_function_result(type))
        return place.address; // (*f)(x) is f(x)
    if (type->kind == TYPE_OPAQUE || type->kind == TYPE_VOID)
        refuse(lw, expression, "keep such objects behind pointers",
               "values of the type '%s' are not supported",
               type->spelling ? type->spelling : "void");
    return place_load(lw, place);
}

// clang has nodes of their own for atomics: only their spelling tells.
static void refuse_atomic(Lowering *lw, CXCursor expression) {
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(lw->fe, expression, &file, &begin, &end))
        return;
    const char *name = identifier_at(lw->fe->arena, &file->source, begin);
    if (name &&
        (string_starts(name, "atomic_") || string_starts(name, "__atomic_") ||
         string_starts(name, "__c11_atomic_")))
        refuse(lw, expression, ATOMICS_NOTE, "atomics are not supported");
}

// An implicit conversion, or one of the nodes libclang does not tell apart.
static Value *lower_unexposed(Lowering *lw, CXCursor expression) {
    CXCursor child;
    int64_t integer;
    if (is_implicit_cast(lw->fe, expression, &child)) {
        CXType type = clang_getCursorType(expression);
        if (type_is_array(type) || is_function_type(clang_getPointeeType(type)))
            return lower_value(lw, child); // an array parameter; a function
        const Type *target = lower_type(lw, expression, type);
        Value *value = lower_value(lw, child);
        return convert_value(lw, expression, target, value);
    }
    Cursors children = children_of(lw->fe, expression);
    if (children.count == 4) { // x ?: y shows x three times
        const Type *type = result_type(lw, expression);
        Value *value = lower_value(lw, children.items[0]);
        Branching br;
        branch_begin(lw, &br, value);
        branch_else(lw, &br, convert_value(lw, expression, type, value));
        return branch_end(lw, &br, lower_value(lw, children.items[3]));
    }
    if (evaluate_integer(expression, &integer)) // offsetof
        return build_int(&lw->b, result_type(lw, expression), integer);
    refuse_atomic(lw, expression);
    refuse(lw, expression, "rewrite it in plain C",
           "this expression is not supported");
}

static Value *lower_cast(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    CXCursor operand = parts.items[parts.count - 1];
    CXType type = clang_getCursorType(expression);
    if (type.kind == CXType_Void) {
        lower_effect(lw, operand);
        return NULL;
    }
    const Type *target = lower_type(lw, expression, type);
    Value **outer = lw->vla_extents;
    uint32_t outer_count = lw->vla_extent_count;
    if (type_is_pointer(target) && type_has_dynamic_length(target->element)) {
        // The bounds come first, innermost first, after a TypeRef if any.
        lw->vla_extents = arena_array(lw->fe->arena, Value *, parts.count);
        lw->vla_extent_count = 0;
        for (size_t i = parts.count - 1; i-- > 0;)
            if (clang_isExpression(parts.items[i].kind))
                lw->vla_extents[lw->vla_extent_count++] =
                    lower_value(lw, parts.items[i]);
    }
    Value *value = lower_value(lw, operand);
    value = convert_value(lw, expression, target, value);
    lw->vla_extents = outer;
    lw->vla_extent_count = outer_count;
    return value;
}

// ({ ...; x; }) - the last statement is the value.
static Value *lower_statement_expression(Lowering *lw, CXCursor expression) {
    Cursors outer = children_of(lw->fe, expression);
    Cursors list = children_of(lw->fe, outer.items[0]);
    bool has_value = clang_getCursorType(expression).kind != CXType_Void;
    if (jumps_of(lw, outer.items[0]))
        refuse(lw, expression, "move the jump out of the ({ ... })",
               "a jump out of a statement expression is not supported");
    lw->statement_expressions++;
    Items items = {0};
    for (size_t i = 0; i + (has_value ? 1 : 0) < list.count; i++) {
        Item item = {.kind = ITEM_STATEMENT, .cursor = list.items[i]};
        vec_push(lw->fe->arena, &items, item);
    }
    lower_items(lw, items.items, items.count);
    Value *value = NULL;
    if (has_value)
        value = lower_value(lw, list.items[list.count - 1]);
    lw->statement_expressions--;
    return value;
}

static Value *lower_generic(Lowering *lw, CXCursor expression) {
    Cursors parts = children_of(lw->fe, expression);
    CXType type = clang_getCanonicalType(clang_getCursorType(expression));
    CXCursor chosen = clang_getNullCursor();
    int matches = 0;
    for (size_t i = 1; i < parts.count; i++)
        if (clang_isExpression(parts.items[i].kind) &&
            clang_equalTypes(type, clang_getCanonicalType(
                                       clang_getCursorType(parts.items[i])))) {
            chosen = parts.items[i];
            matches++;
        }
    if (matches != 1)
        refuse(lw, expression, "call the function that is meant by its name",
               "this _Generic selection cannot be resolved");
    return lower_value(lw, chosen);
}

static Value *lower_value_kind(Lowering *lw, CXCursor expression) {
    Cursors parts;
    switch ((int)expression.kind) {
    case CXCursor_ParenExpr:
        parts = children_of(lw->fe, expression);
        return lower_value(lw, parts.items[parts.count - 1]);
    case CXCursor_IntegerLiteral:
    case CXCursor_FloatingLiteral:
    case CXCursor_CharacterLiteral: return lower_literal(lw, expression);
    case CXCursor_UnexposedExpr: return lower_unexposed(lw, expression);
    case CXCursor_CStyleCastExpr: return lower_cast(lw, expression);
    case CXCursor_DeclRefExpr: return lower_reference(lw, expression);
    case CXCursor_ArraySubscriptExpr:
    case CXCursor_MemberRefExpr:
    case CXCursor_CompoundLiteralExpr: return load_value(lw, expression);
    case CXCursor_StringLiteral: return lower_address(lw, expression);
    case CXCursor_UnaryOperator:
        if (is_place(lw, expression))
            return load_value(lw, expression);
        return lower_unary(lw, expression);
    case CXCursor_BinaryOperator: return lower_binary(lw, expression);
    case CXCursor_CompoundAssignOperator:
        return lower_assignment(lw, expression);
    case CXCursor_ConditionalOperator: return lower_conditional(lw, expression);
    case CXCursor_UnaryExpr: return lower_sizeof(lw, expression);
    case CXCursor_CallExpr: return lower_call(lw, expression, NULL);
    case CXCursor_StmtExpr: return lower_statement_expression(lw, expression);
    case CXCursor_GenericSelectionExpr: return lower_generic(lw, expression);
    case CXCursor_InitListExpr: // a scalar in braces
        parts = children_of(lw->fe, expression);
        if (parts.count == 1)
            return lower_value(lw, parts.items[0]);
        break;
    case CXCursor_ImaginaryLiteral:
        return lower_imaginary_literal(lw, expression);
    case CXCursor_AddrLabelExpr:
        refuse(lw, expression, "write it as a switch or as a loop",
               "the address of a label is not supported");
    default: break;
    }
    refuse(lw, expression, "rewrite it in plain C",
           "this construct (%s) is not supported",
           take_string(lw->fe->arena,
                       clang_getCursorKindSpelling(expression.kind)));
}

Value *lower_value(Lowering *lw, CXCursor expression) {
    enter_depth(lw, expression);
    Value *value = constant_of_macro(lw, expression);
    if (!value)
        value = lower_value_kind(lw, expression);
    lw->depth--;
    return value;
}

void lower_effect(Lowering *lw, CXCursor expression) {
    CXCursor core = strip_casts(lw->fe, expression);
    if (clang_getCanonicalType(clang_getCursorType(core)).kind ==
        CXType_Record) {
        if (!is_place(lw, core))
            lower_record(lw, core);
        return;
    }
    if (core.kind == CXCursor_CStyleCastExpr &&
        clang_getCursorType(core).kind == CXType_Void) {
        Cursors parts = children_of(lw->fe, core);
        lower_effect(lw, parts.items[parts.count - 1]);
        return;
    }
    // (void)x and (void)sizeof ...: nothing happens.
    if (core.kind == CXCursor_DeclRefExpr || core.kind == CXCursor_UnaryExpr)
        return;
    lower_value(lw, core);
}

// functions.c - signatures, and the frame around the lowering of one body.
#include "frontend/internal.h"

#include <string.h>

// ---- The fence --------------------------------------------------------------

void refuse(Lowering *lw, CXCursor cursor, const char *note, const char *format,
            ...) {
    Function *function = lw->function;
    SourceLoc loc = loc_of(lw->fe, cursor);
    Text text;
    va_list arguments;
    text_init(&text, lw->fe->arena);
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    if (function->annotation_count) {
        diag_error(lw->fe->diags, loc, "%s", text.chars);
        if (note)
            diag_note(lw->fe->diags, loc, "%s", note);
    } else {
        function->refusal = text.chars;
        function->refusal_note = note;
        function->refusal_loc = loc;
    }
    longjmp(lw->bail, 1);
}

void enter_depth(Lowering *lw, CXCursor cursor) {
    if (++lw->depth > MAX_DEPTH)
        refuse(lw, cursor, "divide it into several statements",
               "this is nested too deeply");
}

const Type *lower_type(Lowering *lw, CXCursor cursor, CXType type) {
    const char *why;
    const Type *converted = convert_type(lw->fe, type, &why);
    if (!converted)
        refuse(lw, cursor,
               "use float, double or long double, or structs of them",
               "%s not supported yet", why);
    return converted;
}

// ---- Signatures -------------------------------------------------------------

// "[n][m]" of a parameter `double a[n][m]`; NULL where it is no array.
static const char *extents_text(Frontend *fe, CXType type) {
    const char *spelling = take_string(fe->arena, clang_getTypeSpelling(type));
    const char *bracket = strchr(spelling, '['), *paren = strchr(spelling, '(');
    if (!type_is_array(type) || !bracket || (paren && paren < bracket) ||
        strcmp(bracket, "[]") == 0)
        return NULL;
    return bracket;
}

const Type *decayed_type(Frontend *fe, CXType type) {
    const Type *converted = convert_type_or_opaque(fe, type);
    if (converted->kind == TYPE_ARRAY)
        return type_pointer(fe->module,
                            volatile_named(fe, type, converted->element));
    CXType canonical = clang_getCanonicalType(type);
    if (canonical.kind == CXType_FunctionProto)
        return type_pointer(fe->module, converted);
    return converted;
}

static void fill_param(Frontend *fe, Param *param, CXCursor cursor, int index) {
    CXType type = clang_getCursorType(cursor);
    const char *name = cursor_name(fe, cursor);
    const char *spelling = take_string(fe->arena, clang_getTypeSpelling(type));
    param->name = *name ? name : arena_printf(fe->arena, "arg%d", index);
    param->type = decayed_type(fe, type);
    param->extents = extents_text(fe, type);
    param->by_value_record = param->type->kind == TYPE_RECORD;
    param->is_restrict = clang_isRestrictQualifiedType(type) ||
                         strstr(spelling, "restrict]") != NULL ||
                         strstr(spelling, "[restrict") != NULL;
    param->loc = loc_of(fe, cursor);
}

static bool is_noreturn(Frontend *fe, CXCursor cursor) {
    static const char *const names[] = {"abort", "exit", "_Exit", "quick_exit",
                                        "__assert_fail"};
    const char *name = cursor_name(fe, cursor);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    const char *type = take_string(
        fe->arena, clang_getTypeSpelling(clang_getCursorType(cursor)));
    return strstr(type, "noreturn") != NULL;
}

static void fill_signature(Frontend *fe, FunctionInfo *info, CXCursor cursor) {
    Function *function = info->function;
    uint32_t first = info->returns_record ? 1 : 0;
    int count = clang_Cursor_getNumArguments(cursor);
    if (info->returns_record) {
        CXType result = clang_getCursorResultType(cursor);
        Param *param = &function->params[0];
        param->name = "result";
        param->type = type_pointer(
            fe->module,
            type_plain(fe->module, convert_type_or_opaque(fe, result)));
        param->loc = loc_of(fe, cursor);
        function->returns_record = true;
    }
    for (int i = 0; i < count; i++)
        fill_param(fe, &function->params[first + (uint32_t)i],
                   clang_Cursor_getArgument(cursor, (unsigned)i), i);
    function->is_variadic =
        clang_isFunctionTypeVariadic(clang_getCursorType(cursor));
    function->is_static = clang_Cursor_getStorageClass(cursor) == CX_SC_Static;
    function->is_inline = clang_Cursor_isFunctionInlined(cursor);
    function->in_header = !in_main_file(fe, cursor);
    function->is_system =
        clang_Location_isInSystemHeader(clang_getCursorLocation(cursor));
    function->never_returns = is_noreturn(fe, cursor);
    function->loc = loc_of_location(fe, clang_getCursorLocation(cursor));
    function->is_output = is_output_function(function->name) &&
                          clang_Cursor_isNull(info->definition);
}

// C has one function of a name, but for clang's attribute overloadable.
static void refuse_shared_name(Frontend *fe, CXCursor declaration) {
    const char *name = cursor_name(fe, declaration);
    for (size_t i = 0; i < fe->holders.count; i++) {
        const Holder *other = &fe->holders.items[i];
        if (!other->function || other->unit != fe->unit ||
            strcmp(other->function->name, name) != 0)
            continue;
        SourceLoc loc = loc_of(fe, declaration);
        diag_error(fe->diags, loc, "several functions have the name '%s'",
                   name);
        diag_note(fe->diags, loc,
                  "overloadable functions are not supported; give each a name "
                  "of its own");
        return;
    }
}

static bool is_inactive(Frontend *fe, CXCursor declaration) {
    return ptrmap_has(fe->inactive,
                      declaration_key(clang_getCanonicalCursor(declaration))) ||
           (clang_getCursorLinkage(declaration) == CXLinkage_External &&
            strmap_has(fe->inactive_names, cursor_name(fe, declaration)));
}

static FunctionInfo *create_function(Frontend *fe, CXCursor declaration) {
    FunctionInfo *info = arena_new(fe->arena, FunctionInfo);
    info->unit = fe->unit;
    info->declaration = declaration;
    info->definition = clang_getCursorDefinition(declaration);
    CXCursor best =
        clang_Cursor_isNull(info->definition) ? declaration : info->definition;
    const Type *result =
        convert_type_or_opaque(fe, clang_getCursorResultType(best));
    info->returns_record = result->kind == TYPE_RECORD;
    int count = clang_Cursor_getNumArguments(best);
    uint32_t params = (uint32_t)(count > 0 ? count : 0);
    if (info->returns_record) {
        params++;
        result = type_scalar(fe->module, TYPE_VOID);
    }
    refuse_shared_name(fe, best);
    info->function =
        function_create(fe->module, cursor_name(fe, best), result, params);
    info->function->inactive = is_inactive(fe, best);
    hold_name(fe, info->function, NULL, best);
    fill_signature(fe, info, best);
    return info;
}

static const Type *return_type(const FunctionInfo *info) {
    return info->returns_record ? info->function->params[0].type->element
                                : info->function->result;
}

// The prototype that the caller sees says what the definition says.
static bool has_signature(Frontend *fe, const FunctionInfo *info,
                          CXCursor declaration) {
    const Function *function = info->function;
    uint32_t first = info->returns_record ? 1 : 0;
    int count = clang_Cursor_getNumArguments(declaration);
    if (!type_equal(
            convert_type_or_opaque(fe, clang_getCursorResultType(declaration)),
            return_type(info)))
        return false;
    if (clang_getCursorType(declaration).kind == CXType_FunctionNoProto)
        return true;
    if (count < 0 || (uint32_t)count + first != function->param_count)
        return false;
    for (int i = 0; i < count; i++) {
        CXCursor param = clang_Cursor_getArgument(declaration, (unsigned)i);
        if (!type_equal(decayed_type(fe, clang_getCursorType(param)),
                        function->params[first + (uint32_t)i].type))
            return false;
    }
    return true;
}

// The function that another unit defines or declares, too; NULL if none does.
static FunctionInfo *function_of_others(Frontend *fe, CXCursor declaration) {
    Unit *here = fe->unit;
    const Definition *elsewhere = definition_elsewhere(fe, declaration);
    CXCursor definition = clang_getCursorDefinition(declaration);
    FunctionInfo *info;
    if (elsewhere) {
        fe->unit = elsewhere->unit;
        info = function_of(fe, elsewhere->cursor);
        fe->unit = here;
    } else if (clang_Cursor_isNull(definition)) {
        info = strmap_get(fe->shared, cursor_name(fe, declaration));
    } else {
        info = strmap_get(fe->shared, place_in_program(fe, definition));
        if (info && !means_the_same(fe, definition, info->definition))
            refuse_two_meanings(
                fe, definition,
                arena_printf(fe->arena, "'%s'", info->function->name),
                info->unit->path);
        return info;
    }
    if (info && !has_signature(fe, info, declaration)) {
        diag_error(fe->diags, loc_of_name(fe, declaration),
                   "'%s' is declared otherwise here than in '%s'",
                   cursor_name(fe, declaration), info->unit->path);
        diag_note(fe->diags, info->function->loc, "it is here");
    }
    return info;
}

FunctionInfo *function_of(Frontend *fe, CXCursor declaration) {
    const void *key = declaration_key(clang_getCanonicalCursor(declaration));
    FunctionInfo *info = ptrmap_get(fe->functions, key);
    if (info)
        return info;
    info = function_of_others(fe, declaration);
    bool is_new = !info;
    if (is_new) {
        info = create_function(fe, declaration);
        strmap_set(fe->shared,
                   clang_Cursor_isNull(info->definition)
                       ? cursor_name(fe, declaration)
                       : place_in_program(fe, info->definition),
                   info);
    }
    ptrmap_set(fe->functions, key, info);
    if (is_new)
        add_rules(fe, info);
    return info;
}

// Bodies in system headers are the library's business.
void enqueue_function(Frontend *fe, FunctionInfo *info) {
    if (info->queued || clang_Cursor_isNull(info->definition) ||
        clang_Location_isInSystemHeader(
            clang_getCursorLocation(info->definition)))
        return;
    info->queued = true;
    vec_push(fe->arena, &fe->queue, info);
}

// ---- Bodies -----------------------------------------------------------------

static void check_param(Lowering *lw, CXCursor cursor, const Param *param) {
    const char *why;
    CXType type = clang_getCursorType(cursor);
    if (!convert_type(lw->fe, type, &why))
        refuse(lw, cursor,
               "use float, double or long double, or structs of them",
               "%s not supported yet", why);
    if (clang_isVolatileQualifiedType(type) && type_holds_float(param->type))
        refuse(lw, cursor, "drop the volatile",
               "volatile objects of floating type are not supported");
}

static void declare_param(Lowering *lw, CXCursor cursor, uint32_t index) {
    const Param *param = &lw->function->params[index];
    Value *value = lw->function->body->params[index];
    const Type *type = type_plain(lw->function->module, param->type);
    Variable *variable;
    check_param(lw, cursor, param);
    value->name = param->name;
    if (param->by_value_record) {
        variable = arena_new(lw->fe->arena, Variable);
        variable->in_memory = true;
        variable->address = value;
    } else if (ptrmap_has(lw->addressed, declaration_key(cursor))) {
        variable = arena_new(lw->fe->arena, Variable);
        variable->in_memory = true;
        variable->address = new_object(lw, type, param->name);
        build_store(&lw->b, variable->address, value);
    } else {
        variable = variable_create(lw, param->name, type);
        variable_set(lw, variable, value);
    }
    variable->name = param->name;
    variable->type = type;
    ptrmap_set(lw->variables, declaration_key(cursor), variable);
    vec_push(lw->fe->arena, &lw->named, variable);
}

static CXCursor body_of(Frontend *fe, CXCursor definition) {
    Cursors children = children_of(fe, definition);
    for (size_t i = children.count; i-- > 0;)
        if (children.items[i].kind == CXCursor_CompoundStmt)
            return children.items[i];
    return clang_getNullCursor();
}

static void lower_body(Lowering *lw, CXCursor body) {
    Function *function = lw->function;
    CXCursor definition = lw->info->definition;
    uint32_t first = lw->info->returns_record ? 1 : 0;
    Items items = {0};
    check_nesting(lw, body);
    find_addressed(lw, body);
    for (uint32_t i = first; i < function->param_count; i++)
        declare_param(lw, clang_Cursor_getArgument(definition, i - first), i);
    if (first)
        lw->result_record = function->body->params[0];
    if (function->result->kind != TYPE_VOID)
        lw->result = variable_create(lw, "result", function->result);
    target_push(lw, TARGET_RETURN, NULL);
    append_statement(lw, &items, body);
    lower_items(lw, items.items, items.count);
    build_return(&lw->b, lw->result ? variable_get(lw, lw->result) : NULL);
    check_tables(lw);
}

static void check_signature(Lowering *lw) {
    const Function *function = lw->function;
    CXCursor definition = lw->info->definition;
    if (function->result->kind == TYPE_OPAQUE)
        refuse(lw, definition, "use double or float",
               "the result type '%s' is not supported",
               function->result->spelling);
    if (function->is_variadic)
        refuse(lw, definition, "pass the values in an array",
               "a function with a variable number of arguments is not "
               "supported");
}

// The text of a body with jumps is macro-free but may lose nothing: it is
// clang's own printing of the tree.
void lower_function(Frontend *fe, FunctionInfo *info) {
    Lowering *lw = arena_new(fe->arena, Lowering);
    fe->unit = info->unit;
    fe->unit->is_used = true;
    lw->fe = fe;
    lw->info = info;
    lw->function = info->function;
    lw->variables = ptrmap_create(fe->arena);
    lw->literals = ptrmap_create(fe->arena);
    lw->addressed = ptrmap_create(fe->arena);
    info->function->text = kept_text(fe, info->definition);
    if (setjmp(lw->bail)) {
        info->function->body = NULL;
        note_mentions(fe, info);
        return;
    }
    check_signature(lw);
    CXCursor body = body_of(fe, info->definition);
    if (clang_Cursor_isNull(body))
        refuse(lw, info->definition, NULL, "the body of '%s' cannot be read",
               info->function->name);
    lw->b = builder_at_end(function_add_body(info->function));
    lower_body(lw, body);
}

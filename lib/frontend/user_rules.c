// user_rules.c - `#pragma grad derivative(f)` before a function g: g is the
// derivative of f in a mode. f is a function, known by its declaration, or a
// parameter of an annotated function that is a pointer to a function.
// lib/differentiate checks g's signature.
#include "frontend/internal.h"

#include <string.h>

bool attach_derivative(Frontend *fe, Pragma *pragma) {
    if (pragma->target.kind != CXCursor_FunctionDecl) {
        diag_error(fe->diags, pragma->clauses->loc,
                   "'#pragma grad derivative' must stand before a function");
        return false;
    }
    pragma->unit = fe->unit;
    vec_push(fe->arena, &fe->rules, pragma);
    return true;
}

// ---- What they are for ------------------------------------------------------

typedef struct Search {
    Frontend *fe;
    const char *name;
    CXCursor found;
} Search;

static enum CXChildVisitResult find_function(CXCursor cursor, CXCursor parent,
                                             CXClientData data) {
    Search *search = data;
    (void)parent;
    if (cursor.kind != CXCursor_FunctionDecl ||
        strcmp(cursor_name(search->fe, cursor), search->name) != 0)
        return CXChildVisit_Continue;
    search->found = cursor;
    return CXChildVisit_Break;
}

// Anywhere in the unit, system headers included.
static CXCursor function_named(Frontend *fe, const char *name) {
    Search search = {fe, name, clang_getNullCursor()};
    CXCursor *known = strmap_get(fe->unit->names, name);
    if (known && known->kind == CXCursor_FunctionDecl)
        return *known;
    clang_visitChildren(clang_getTranslationUnitCursor(fe->unit->handle),
                        find_function, &search);
    return search.found;
}

static bool is_function_pointer(CXCursor param) {
    CXType type = clang_getCursorType(param);
    return function_pointee(type).kind == CXType_FunctionProto;
}

static bool is_callback_of(Frontend *fe, CXCursor function, const char *name) {
    int count = clang_Cursor_getNumArguments(function);
    for (int i = 0; i < count; i++) {
        CXCursor param = clang_Cursor_getArgument(function, (unsigned)i);
        if (strcmp(cursor_name(fe, param), name) == 0 &&
            is_function_pointer(param))
            return true;
    }
    return false;
}

static bool is_callback(Frontend *fe, const char *name) {
    for (size_t u = 0; u < fe->units.count; u++) {
        const Unit *unit = fe->units.items[u];
        for (size_t i = 0; i < unit->pragmas.count; i++) {
            const Pragma *pragma = unit->pragmas.items[i];
            if (pragma->clauses && pragma->clauses->kind == PRAGMA_MODE &&
                pragma->target.kind == CXCursor_FunctionDecl &&
                is_callback_of(fe, pragma->target, name))
                return true;
        }
    }
    return false;
}

static bool is_built_in(Frontend *fe, CXCursor function, const char *name) {
    MathFn fn;
    TypeKind kind;
    CXCursor definition = clang_getCursorDefinition(function);
    bool own =
        !clang_Cursor_isNull(definition) &&
        !clang_Location_isInSystemHeader(clang_getCursorLocation(definition));
    (void)fe;
    return !own && math_find(name, &fn, &kind);
}

static void resolve_rule(Frontend *fe, Pragma *pragma) {
    const char *name = pragma->clauses->primal;
    SourceLoc loc = pragma->clauses->primal_loc;
    fe->unit = pragma->unit;
    pragma->primal = function_named(fe, name);
    if (clang_Cursor_isNull(pragma->primal)) {
        if (is_callback(fe, name))
            return;
        diag_error(fe->diags, loc,
                   "'%s' is neither a function nor a callback parameter of an "
                   "annotated function",
                   name);
        diag_note(fe->diags, loc, "declare it above");
    } else if (strcmp(cursor_name(fe, pragma->target), name) == 0) {
        diag_error(fe->diags, loc, "'%s' cannot be its own derivative", name);
        diag_note(fe->diags, loc,
                  "the name is that of the function whose derivative follows");
    } else if (is_built_in(fe, pragma->primal, name)) {
        diag_error(fe->diags, loc, "gradcc has its own derivative of '%s'",
                   name);
        diag_note(fe->diags, loc,
                  "call it in a function of your own, and give the derivative "
                  "of that");
    }
}

void resolve_rules(Frontend *fe) {
    for (size_t i = 0; i < fe->rules.count; i++)
        resolve_rule(fe, fe->rules.items[i]);
}

// ---- In a module ------------------------------------------------------------

static bool is_rule_for(Frontend *fe, const Pragma *pragma,
                        const FunctionInfo *info) {
    CXCursor primal = pragma->primal;
    if (clang_Cursor_isNull(primal))
        return false;
    CXCursor definition = clang_getCursorDefinition(primal);
    if (clang_getCursorLinkage(primal) == CXLinkage_External)
        return clang_getCursorLinkage(info->declaration) ==
                   CXLinkage_External &&
               strcmp(cursor_name(fe, primal), info->function->name) == 0;
    return !clang_Cursor_isNull(definition) &&
           !clang_Cursor_isNull(info->definition) &&
           strcmp(place_in_program(fe, definition),
                  place_in_program(fe, info->definition)) == 0;
}

static bool can_have_rules(Frontend *fe, const Function *f, SourceLoc loc) {
    if (!f->returns_record && !f->is_variadic)
        return true;
    diag_error(fe->diags, loc,
               "'%s' %s: a derivative of one's own is not supported for it",
               f->name,
               f->returns_record ? "returns a struct"
                                 : "has a variable number of arguments");
    diag_note(fe->diags, f->loc, "give the result out through a pointer");
    return false;
}

static void add_rule(Frontend *fe, FunctionInfo *info, CXCursor declaration,
                     const Pragma *pragma) {
    Function *function = info->function;
    Unit *here = fe->unit;
    if (!can_have_rules(fe, function, pragma->clauses->loc))
        return;
    UserRule rule = {.annotation = {.mode = pragma->clauses->mode,
                                    .loc = pragma->clauses->loc}};
    fe->unit = pragma->unit;
    bool good = resolve_clauses(fe, info, declaration, pragma->clauses,
                                &rule.annotation);
    FunctionInfo *derivative = function_of(fe, pragma->target);
    rule.derivative = derivative->function;
    enqueue_function(fe, derivative);
    fe->unit = here;
    if (!good)
        return;
    uint32_t count = function->rule_count;
    UserRule *rules = arena_array(fe->arena, UserRule, count + 1);
    if (count)
        memcpy(rules, function->rules, count * sizeof *rules);
    rules[count] = rule;
    function->rules = rules;
    function->rule_count = count + 1;
}

void add_rules(Frontend *fe, FunctionInfo *info) {
    for (size_t i = 0; i < fe->rules.count; i++)
        if (is_rule_for(fe, fe->rules.items[i], info))
            add_rule(fe, info, fe->rules.items[i]->primal, fe->rules.items[i]);
    if (info->function->rule_count == 0)
        return;
    vec_push(fe->arena, &fe->ruled, info->function);
    enqueue_function(fe, info); // its text, and what it may write
}

// ---- Callbacks --------------------------------------------------------------

// The names of a pointer's own parameters, where its declaration has them.
static void name_params(Frontend *fe, Function *callback, CXCursor param) {
    Cursors children = children_of(fe, param);
    uint32_t at = callback->returns_record ? 2 : 1;
    for (size_t i = 0; i < children.count && at < callback->param_count; i++) {
        if (children.items[i].kind != CXCursor_ParmDecl)
            continue;
        const char *name = cursor_name(fe, children.items[i]);
        if (*name)
            callback->params[at].name = name;
        at++;
    }
}

static Function *callback_of(Frontend *fe, CXCursor param) {
    const char *name = cursor_name(fe, param);
    CXType type = function_pointee(clang_getCursorType(param));
    FunctionInfo info = {.declaration = param,
                         .definition = clang_getNullCursor()};
    const char *key =
        arena_printf(fe->arena, "%s: %s", name,
                     take_string(fe->arena, clang_getTypeSpelling(type)));
    info.function = strmap_get(fe->indirect, key);
    if (info.function)
        return info.function;
    for (size_t i = 0; i < fe->rules.count; i++) {
        const Pragma *pragma = fe->rules.items[i];
        if (!clang_Cursor_isNull(pragma->primal) ||
            strcmp(pragma->clauses->primal, name) != 0)
            continue;
        if (!info.function) {
            info.function = indirect_create(fe, key, type);
            info.function->loc = loc_of(fe, param);
            info.returns_record = info.function->returns_record;
            name_params(fe, info.function, param);
            strmap_set(fe->indirect, key, info.function);
            vec_push(fe->arena, &fe->ruled, info.function);
        }
        add_rule(fe, &info, clang_getNullCursor(), pragma);
    }
    return info.function;
}

void add_callbacks(Frontend *fe, FunctionInfo *info) {
    uint32_t first = info->returns_record ? 1 : 0;
    Function *function = info->function;
    for (uint32_t i = first; i < function->param_count; i++) {
        CXCursor param = clang_Cursor_getArgument(info->definition, i - first);
        if (is_function_pointer(param))
            function->params[i].callback = callback_of(fe, param);
    }
}

// globals.c - variables with static storage: files' and functions'.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

// The qualifier of an array stands at any of its levels.
static bool is_constant(CXType type) {
    bool is_const = false, is_volatile = false;
    for (;;) {
        type = clang_getCanonicalType(type);
        is_const |= clang_isConstQualifiedType(type);
        is_volatile |= clang_isVolatileQualifiedType(type);
        if (!type_is_array(type))
            return is_const && !is_volatile;
        type = clang_getArrayElementType(type);
    }
}

bool is_volatile_type(CXType type) {
    for (;;) {
        type = clang_getCanonicalType(type);
        if (clang_isVolatileQualifiedType(type) || !type_is_array(type))
            return clang_isVolatileQualifiedType(type);
        type = clang_getArrayElementType(type);
    }
}

static bool is_word_char(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

// Puts another name in the place of the declared one: the first whole word
// that a declarator's end follows.
static const char *renamed(Arena *arena, const char *text, const char *name,
                           const char *fresh) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        const char *after = at + length;
        while (*after == ' ')
            after++;
        if ((at > text && is_word_char(at[-1])) || is_word_char(at[length]) ||
            !(*after == 0 || strchr("[=;)", *after)))
            continue;
        return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, fresh,
                            at + length);
    }
    return text;
}

typedef struct InitializerScan {
    Frontend *fe;
    const char *function_name;
} InitializerScan;

// What an initialiser mentions must be there, too.
static enum CXChildVisitResult note_mention(CXCursor cursor, CXCursor parent,
                                            CXClientData data) {
    InitializerScan *scan = data;
    (void)parent;
    if (cursor.kind == CXCursor_DeclRefExpr) {
        CXCursor target = clang_getCursorReferenced(cursor);
        if (target.kind == CXCursor_VarDecl)
            global_of(scan->fe, target, scan->function_name);
    }
    return CXChildVisit_Recurse;
}

// A table of a struct without a name: the text must name it as the header does.
static const char *with_tag(Arena *arena, const char *text, const Type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    const char *mark = strstr(text, "(unnamed");
    const char *end = mark ? strchr(mark, ')') : NULL;
    if (!end || type->kind != TYPE_RECORD)
        return text;
    const char *word = type->record->is_union ? "union " : "struct ";
    const char *begin = mark - strlen(word);
    if (begin < text || !string_starts(begin, word))
        return text;
    return arena_printf(arena, "%.*s%s%s", (int)(begin - text), text,
                        type->record->name, end + 1);
}

static Global *create_global(Frontend *fe, CXCursor definition,
                             CXCursor declaration, const char *function_name) {
    CXType type = clang_getCursorType(definition);
    Global *global = arena_new(fe->arena, Global);
    global->name = cursor_name(fe, definition);
    global->type = convert_type_or_opaque(fe, type);
    global->is_static =
        clang_Cursor_getStorageClass(definition) == CX_SC_Static;
    global->is_volatile = is_volatile_type(type);
    global->is_thread_local = clang_getCursorTLSKind(definition) != CXTLS_None;
    global->in_header = !in_main_file(fe, declaration);
    global->loc = loc_of_location(fe, clang_getCursorLocation(definition));
    CXCursor initializer = clang_Cursor_getVarDeclInitializer(definition);
    global->is_constant =
        is_constant(type) && !clang_Cursor_isNull(initializer);
    CXCursor parent = clang_getCursorSemanticParent(definition);
    global->is_function_local = parent.kind == CXCursor_FunctionDecl;
    const char *text =
        with_tag(fe->arena, pretty_text(fe, definition), global->type);
    if (global->is_function_local && global->is_static) {
        const char *name =
            arena_printf(fe->arena, "%s_%s", function_name, global->name);
        text = renamed(fe->arena, text, global->name, name);
        global->name = name;
    }
    hold_name(fe, NULL, global, definition);
    if (global->is_constant)
        global->definition = arena_printf(fe->arena, "%s;", text);
    if (global->is_constant && !global->in_header)
        note_types(fe, definition, global->definition);
    fe->unit->is_used = true;
    vec_push(fe->arena, &fe->module->globals, global);
    return global;
}

static void note_initializer(Frontend *fe, CXCursor definition,
                             const char *function_name) {
    InitializerScan scan = {fe, function_name};
    clang_visitChildren(clang_Cursor_getVarDeclInitializer(definition),
                        note_mention, &scan);
}

// A header's static table, as two files read it.
static void check_meaning(Frontend *fe, const Global *global,
                          CXCursor declaration) {
    for (size_t i = 0; i < fe->holders.count; i++) {
        const Holder *holder = &fe->holders.items[i];
        if (holder->global == global && holder->unit != fe->unit &&
            !means_the_same(fe, holder->cursor, declaration))
            refuse_two_meanings(fe, declaration,
                                arena_printf(fe->arena, "'%s'", global->name),
                                holder->unit->path);
    }
}

// The variable that another unit defines or declares, too; NULL if none does.
static Global *global_of_others(Frontend *fe, CXCursor declaration,
                                const char *key) {
    Unit *here = fe->unit;
    const Definition *elsewhere = definition_elsewhere(fe, declaration);
    if (!elsewhere) {
        Global *global = strmap_get(fe->shared, key);
        if (global)
            check_meaning(fe, global, declaration);
        return global;
    }
    fe->unit = elsewhere->unit;
    Global *global = global_of(fe, elsewhere->cursor, "");
    fe->unit = here;
    if (!type_equal(
            convert_type_or_opaque(fe, clang_getCursorType(declaration)),
            global->type)) {
        diag_error(fe->diags, loc_of_name(fe, declaration),
                   "'%s' is declared otherwise here than in '%s'", global->name,
                   elsewhere->unit->path);
        diag_note(fe->diags, global->loc, "it is here");
    }
    return global;
}

Global *global_of(Frontend *fe, CXCursor declaration,
                  const char *function_name) {
    const void *node = declaration_key(clang_getCanonicalCursor(declaration));
    Global *global = ptrmap_get(fe->globals, node);
    if (global)
        return global;
    CXCursor definition = clang_getCursorDefinition(declaration);
    bool external = clang_getCursorLinkage(declaration) == CXLinkage_External;
    if (clang_Cursor_isNull(definition))
        definition = declaration;
    const char *key = external ? cursor_name(fe, declaration)
                               : place_in_program(fe, definition);
    global = global_of_others(fe, declaration, key);
    bool known = global != NULL;
    if (!known)
        global = create_global(fe, definition, declaration, function_name);
    ptrmap_set(fe->globals, node, global);
    strmap_set(fe->shared, key, global);
    if (!known && global->is_constant)
        note_initializer(fe, definition, function_name);
    return global;
}

// units.c - several files as one program. What has external linkage is one
// thing wherever it is declared; what a file keeps to itself stays apart, under
// another name where two files use the same.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

// ---- Definitions that other files see ---------------------------------------

static bool is_external(CXCursor cursor) {
    return clang_getCursorLinkage(cursor) == CXLinkage_External;
}

static bool is_initialized(CXCursor cursor) {
    return cursor.kind == CXCursor_VarDecl &&
           !clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(cursor));
}

// An inline definition, or `double x;`: another one may stand beside it.
static bool is_weak(CXCursor cursor) {
    return cursor.kind == CXCursor_FunctionDecl
               ? clang_Cursor_isFunctionInlined(cursor)
               : !is_initialized(cursor);
}

static void note_definition(Frontend *fe, CXCursor cursor) {
    bool is_function = cursor.kind == CXCursor_FunctionDecl;
    if ((!is_function && cursor.kind != CXCursor_VarDecl) ||
        !is_external(cursor) || !clang_isCursorDefinition(cursor))
        return;
    const char *name = cursor_name(fe, cursor);
    Definition *first = strmap_get(fe->definitions, name);
    if (first && is_weak(cursor))
        return;
    if (first && first->unit != fe->unit && !is_weak(first->cursor)) {
        diag_error(fe->diags, loc_of_name(fe, cursor),
                   "'%s' is defined in '%s' already", name, first->unit->path);
        diag_note(fe->diags, first->loc,
                  "it is here; files that are given together are parts of one "
                  "program");
        return;
    }
    Definition *definition = arena_new(fe->arena, Definition);
    *definition = (Definition){fe->unit, cursor, loc_of_name(fe, cursor)};
    strmap_set(fe->definitions, name, definition);
}

void link_units(Frontend *fe) {
    fe->definitions = strmap_create(fe->arena);
    for (size_t u = 0; u < fe->units.count; u++) {
        fe->unit = fe->units.items[u];
        for (size_t i = 0; i < fe->unit->top.count; i++)
            note_definition(fe, fe->unit->top.items[i]);
    }
}

const Definition *definition_elsewhere(Frontend *fe, CXCursor declaration) {
    if (!is_external(declaration) ||
        !clang_Cursor_isNull(clang_getCursorDefinition(declaration)) ||
        clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)))
        return NULL;
    const Definition *definition =
        strmap_get(fe->definitions, cursor_name(fe, declaration));
    return definition && definition->cursor.kind == declaration.kind &&
                   definition->unit != fe->unit
               ? definition
               : NULL;
}

// A struct that this file only declares, by its spelling.
CXCursor record_elsewhere(Frontend *fe, const char *spelling, Unit **unit) {
    for (size_t u = 0; u < fe->units.count; u++) {
        *unit = fe->units.items[u];
        for (size_t i = 0; i < (*unit)->top.count; i++) {
            CXCursor cursor = (*unit)->top.items[i];
            if ((cursor.kind == CXCursor_StructDecl ||
                 cursor.kind == CXCursor_UnionDecl) &&
                clang_isCursorDefinition(cursor) &&
                strcmp(take_string(fe->arena, clang_getTypeSpelling(
                                                  clang_getCursorType(cursor))),
                       spelling) == 0)
                return cursor;
        }
    }
    return clang_getNullCursor();
}

// ---- What two files read from one header ------------------------------------

typedef struct Comparison {
    Frontend *fe;
    Text text;
} Comparison;

// Types and what is referred to: the text of a declaration does not tell.
static enum CXChildVisitResult describe(CXCursor cursor, CXCursor parent,
                                        CXClientData data) {
    Comparison *c = data;
    CXType type = clang_getCanonicalType(clang_getCursorType(cursor));
    CXCursor target = clang_getCursorReferenced(cursor);
    (void)parent;
    text_printf(&c->text, "%d %s\n", (int)cursor.kind,
                take_string(c->fe->arena, clang_getTypeSpelling(type)));
    if (clang_getCursorLinkage(target) == CXLinkage_Internal)
        text_printf(&c->text, "%s\n", place_in_program(c->fe, target));
    return CXChildVisit_Recurse;
}

static const char *meaning_of(Frontend *fe, CXCursor declaration) {
    Comparison c = {.fe = fe};
    text_init(&c.text, fe->arena);
    text_add(&c.text, pretty_text(fe, declaration));
    describe(declaration, declaration, &c);
    clang_visitChildren(declaration, describe, &c);
    return c.text.chars;
}

bool means_the_same(Frontend *fe, CXCursor a, CXCursor b) {
    return strcmp(meaning_of(fe, a), meaning_of(fe, b)) == 0;
}

const char *place_in_program(Frontend *fe, CXCursor cursor) {
    CXFile file;
    unsigned offset;
    CXFileUniqueID id = {{0}};
    clang_getFileLocation(clang_getCursorLocation(cursor), &file, NULL, NULL,
                          &offset);
    if (file)
        clang_getFileUniqueID(file, &id);
    // The name tells apart what one macro defines.
    return arena_printf(fe->arena, "%llx:%llx:%u:%s", id.data[0], id.data[1],
                        offset, cursor_name(fe, cursor));
}

void refuse_two_meanings(Frontend *fe, CXCursor cursor, const char *what,
                         const char *first_path) {
    diag_error(fe->diags, loc_of_name(fe, cursor),
               "%s means something else here than in '%s'", what, first_path);
    diag_note(fe->diags, (SourceLoc){0},
              "give it the same meaning in both files, or another name in one");
}

// ---- One space of names -----------------------------------------------------

static bool is_taken(Frontend *fe, const char *name) {
    for (size_t i = 0; i < fe->holders.count; i++)
        if (strcmp(holder_name(&fe->holders.items[i]), name) == 0)
            return true;
    return false;
}

const char *holder_name(const Holder *holder) {
    return holder->function ? holder->function->name : holder->global->name;
}

// model.c's helper becomes model_helper.
static const char *fresh_name(Frontend *fe, const Unit *unit,
                              const char *name) {
    const char *slash = strrchr(unit->path, '/');
    char *stem = arena_strdup(fe->arena, slash ? slash + 1 : unit->path);
    stem[strcspn(stem, ".")] = 0;
    for (char *c = stem; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    const char *fresh =
        arena_printf(fe->arena, "%s%s_%s",
                     isdigit((unsigned char)*stem) ? "_" : "", stem, name);
    for (unsigned k = 2; is_taken(fe, fresh); k++)
        fresh = arena_printf(fe->arena, "%s_%s%u", stem, name, k);
    return fresh;
}

static void rename_holder(Frontend *fe, Holder *holder) {
    const char *name = holder_name(holder);
    Renaming renaming = {name, fresh_name(fe, holder->unit, name)};
    vec_push(fe->arena, &holder->unit->renamings, renaming);
    if (holder->function)
        holder->function->name = renaming.to;
    else
        holder->global->name = renaming.to;
}

void hold_name(Frontend *fe, Function *function, Global *global,
               CXCursor cursor) {
    Holder fresh = {fe->unit, function, global,
                    !is_external(cursor) && in_main_file(fe, cursor), cursor};
    for (size_t i = 0; i < fe->holders.count; i++) {
        Holder *other = &fe->holders.items[i];
        if (strcmp(holder_name(other), holder_name(&fresh)) != 0 ||
            other->unit == fe->unit)
            continue;
        if (fresh.is_private)
            rename_holder(fe, &fresh);
        else if (other->is_private)
            rename_holder(fe, other);
        else
            refuse_two_meanings(
                fe, cursor, arena_printf(fe->arena, "'%s'", holder_name(other)),
                other->unit->path);
    }
    vec_push(fe->arena, &fe->holders, fresh);
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

// Not a field, and not the tag of a struct.
static bool is_ordinary(const Text *before) {
    static const char *const tags[] = {"struct", "union", "enum"};
    size_t end = before->length;
    while (end && before->chars[end - 1] == ' ')
        end--;
    if (end && before->chars[end - 1] == '.')
        return false;
    if (end > 1 && strncmp(before->chars + end - 2, "->", 2) == 0)
        return false;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t length = strlen(tags[i]);
        if (end >= length &&
            strncmp(before->chars + end - length, tags[i], length) == 0 &&
            (end == length || !is_word(before->chars[end - length - 1])))
            return false;
    }
    return true;
}

static size_t quoted_length(const char *text) {
    size_t i = 1;
    while (text[i] && text[i] != text[0])
        i += text[i] == '\\' && text[i + 1] ? 2 : 1;
    return text[i] ? i + 1 : i;
}

static const char *new_name(const Unit *unit, const char *word, size_t length) {
    for (size_t i = 0; i < unit->renamings.count; i++)
        if (strlen(unit->renamings.items[i].from) == length &&
            strncmp(unit->renamings.items[i].from, word, length) == 0)
            return unit->renamings.items[i].to;
    return NULL;
}

// Locals of that name are renamed along with it, which changes nothing.
static const char *renamed_text(Frontend *fe, const Unit *unit,
                                const char *text) {
    Text out;
    text_init(&out, fe->arena);
    while (*text) {
        size_t length = 0;
        if (*text == '"' || *text == '\'')
            length = quoted_length(text);
        while (is_word(text[length]) && *text != '"' && *text != '\'')
            length++;
        const char *name =
            length && is_ordinary(&out) ? new_name(unit, text, length) : NULL;
        length = length ? length : 1;
        if (name)
            text_add(&out, name);
        else
            text_add_n(&out, text, length);
        text += length;
    }
    return out.chars;
}

void rename_in_texts(Frontend *fe) {
    for (size_t i = 0; i < fe->holders.count; i++) {
        const Holder *holder = &fe->holders.items[i];
        if (holder->unit->renamings.count == 0)
            continue;
        if (holder->function && holder->function->text)
            holder->function->text =
                renamed_text(fe, holder->unit, holder->function->text);
        if (holder->global && holder->global->definition)
            holder->global->definition =
                renamed_text(fe, holder->unit, holder->global->definition);
    }
}

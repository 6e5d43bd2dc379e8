// mentions.c - the types of the source that texts of the output mention: its
// structs, tables and kept functions repeat what the source says. A typedef or
// an enum enters the module as a record without fields, so that it stands where
// the source has it, before what needs it.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

typedef struct Mentions {
    Frontend *fe;
    const char *text;
} Mentions;

static bool is_word_char(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

// Clang prints lengths of arrays as numbers: not all that the source mentions
// is in the text.
static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    const char *at = length ? strstr(text, word) : NULL;
    for (; at; at = strstr(at + 1, word))
        if ((at == text || !is_word_char(at[-1])) && !is_word_char(at[length]))
            return true;
    return false;
}

static bool is_repeated(Frontend *fe, CXCursor declaration) {
    return in_main_file(fe, declaration) &&
           clang_getCursorSemanticParent(declaration).kind ==
               CXCursor_TranslationUnit;
}

static void add_text(Frontend *fe, CXCursor declaration, const char *name,
                     const char *definition) {
    const char *key =
        arena_printf(fe->arena, "%p",
                     declaration_key(clang_getCanonicalCursor(declaration)));
    if (strmap_has(fe->records, key))
        return;
    Record *record = arena_new(fe->arena, Record);
    strmap_set(fe->records, key, record);
    record->name = name;
    record->definition = definition;
    record->is_foreign = fe->owner && fe->unit != fe->owner;
    record->loc = loc_of(fe, declaration);
    vec_push(fe->arena, &fe->module->records, record);
    note_types(fe, declaration, definition);
}

static void note_enum(Frontend *fe, CXCursor declaration) {
    CXCursor definition = clang_getCursorDefinition(declaration);
    if (clang_Cursor_isNull(definition) || !is_repeated(fe, definition))
        return;
    const char *name = take_string(
        fe->arena, clang_getTypeSpelling(clang_getCursorType(definition)));
    const char *body = pretty_text(fe, definition);
    bool by_typedef = string_starts(body, "enum {") && !strchr(name, '(');
    add_text(fe, definition, name,
             by_typedef ? arena_printf(fe->arena, "typedef %s %s;", body, name)
                        : arena_printf(fe->arena, "%s;", body));
}

// The texts of structs and unnamed enums have their typedef.
static bool comes_with_type(Frontend *fe, CXCursor declaration, CXType under) {
    CXCursor type = clang_getTypeDeclaration(under);
    const char *name = cursor_name(fe, declaration);
    if (type.kind == CXCursor_EnumDecl)
        return string_equal(
            take_string(fe->arena,
                        clang_getTypeSpelling(clang_getCursorType(type))),
            name);
    const Type *converted = convert_type_or_opaque(fe, under);
    return converted->kind == TYPE_RECORD &&
           string_equal(converted->record->name, name);
}

static void note_typedef(Frontend *fe, CXCursor declaration) {
    CXType under = clang_getTypedefDeclUnderlyingType(declaration);
    if (!is_repeated(fe, declaration))
        return;
    if (clang_getTypeDeclaration(under).kind == CXCursor_EnumDecl)
        note_enum(fe, clang_getTypeDeclaration(under));
    if (!comes_with_type(fe, declaration, under))
        add_text(fe, declaration, cursor_name(fe, declaration),
                 arena_printf(fe->arena, "%s;", pretty_text(fe, declaration)));
}

static enum CXChildVisitResult note_type(CXCursor cursor, CXCursor parent,
                                         CXClientData data) {
    const Mentions *mentions = data;
    Frontend *fe = mentions->fe;
    CXCursor target = clang_getCursorReferenced(cursor);
    (void)parent;
    if (!has_word(mentions->text, cursor_name(fe, target)))
        return CXChildVisit_Recurse;
    if (cursor.kind == CXCursor_TypeRef) {
        if (target.kind == CXCursor_TypedefDecl)
            note_typedef(fe, target);
        else if (target.kind == CXCursor_EnumDecl)
            note_enum(fe, target);
        else if (is_repeated(fe, target))
            convert_type_or_opaque(fe, clang_getCursorType(target));
    } else if (cursor.kind == CXCursor_DeclRefExpr &&
               target.kind == CXCursor_EnumConstantDecl) {
        note_enum(fe, clang_getCursorSemanticParent(target));
    }
    return CXChildVisit_Recurse;
}

void note_types(Frontend *fe, CXCursor declaration, const char *text) {
    Mentions mentions = {fe, text};
    clang_visitChildren(declaration, note_type, &mentions);
}

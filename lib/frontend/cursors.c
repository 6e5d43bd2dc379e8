// cursors.c - small questions to libclang. Answers about cursors and types;
// builds nothing.
#include "frontend/internal.h"

#include <string.h>

typedef struct Collector {
    Frontend *fe;
    Vec(CXCursor) items;
} Collector;

static enum CXChildVisitResult collect(CXCursor cursor, CXCursor parent,
                                       CXClientData data) {
    Collector *collector = data;
    (void)parent;
    vec_push(collector->fe->arena, &collector->items, cursor);
    return CXChildVisit_Continue;
}

Cursors children_of(Frontend *fe, CXCursor cursor) {
    Collector collector = {.fe = fe};
    clang_visitChildren(cursor, collect, &collector);
    return (Cursors){collector.items.items, collector.items.count};
}

const char *take_string(Arena *arena, CXString string) {
    const char *chars = clang_getCString(string);
    const char *copy = arena_strdup(arena, chars ? chars : "");
    clang_disposeString(string);
    return copy;
}

const char *cursor_name(Frontend *fe, CXCursor cursor) {
    return take_string(fe->arena, clang_getCursorSpelling(cursor));
}

// libclang keeps the declaration's address in data[0]; two cursors for one
// declaration have it in common, also when reached by a reference.
const void *declaration_key(CXCursor declaration) {
    return declaration.data[0];
}

const void *statement_key(CXCursor statement) { return statement.data[1]; }

CXCursor strip_parens(Frontend *fe, CXCursor cursor) {
    while (cursor.kind == CXCursor_ParenExpr) {
        Cursors children = children_of(fe, cursor);
        if (children.count == 0)
            break;
        cursor = children.items[children.count - 1];
    }
    return cursor;
}

bool is_implicit_cast(Frontend *fe, CXCursor cursor, CXCursor *child) {
    if (cursor.kind != CXCursor_UnexposedExpr)
        return false;
    Cursors children = children_of(fe, cursor);
    if (children.count != 1)
        return false;
    *child = children.items[0];
    return clang_equalRanges(clang_getCursorExtent(cursor),
                             clang_getCursorExtent(*child));
}

CXCursor strip_casts(Frontend *fe, CXCursor cursor) {
    CXCursor child;
    for (;;) {
        if (cursor.kind == CXCursor_ParenExpr)
            cursor = strip_parens(fe, cursor);
        else if (is_implicit_cast(fe, cursor, &child))
            cursor = child;
        else
            return cursor;
    }
}

bool in_main_file(Frontend *fe, CXCursor cursor) {
    (void)fe;
    return clang_Location_isFromMainFile(clang_getCursorLocation(cursor));
}

bool type_is_array(CXType type) {
    enum CXTypeKind kind = clang_getCanonicalType(type).kind;
    return kind == CXType_ConstantArray || kind == CXType_VariableArray ||
           kind == CXType_IncompleteArray;
}

const char *pretty_text(Frontend *fe, CXCursor declaration) {
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(declaration);
    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_TerseOutput, 0);
    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_Bool, 0);
    const char *text = take_string(
        fe->arena, clang_getCursorPrettyPrinted(declaration, policy));
    clang_PrintingPolicy_dispose(policy);
    return text;
}

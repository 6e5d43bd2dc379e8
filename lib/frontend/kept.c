// kept.c - functions that are kept as text, because they carry no derivative
// or because the fence has refused their bodies. The text is clang's own
// printing of the tree, made plain C that gcc reads, too; what it mentions
// enters the module, so that the output declares it.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

static size_t word_length(const char *c) {
    size_t length = 0;
    while (isalnum((unsigned char)c[length]) || c[length] == '_')
        length++;
    return length;
}

// What stdatomic.h's macros become in clang, as these macros again.
static void add_atomic(Text *text, const char *name, size_t length) {
    static const char *const plain[] = {"init", "thread_fence", "signal_fence"};
    bool is_plain = false;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        is_plain |=
            strlen(plain[i]) == length && strncmp(name, plain[i], length) == 0;
    text_printf(text, "atomic_%.*s%s", (int)length, name,
                is_plain ? "" : "_explicit");
}

static void add_word(Text *text, const char *word, size_t length) {
    static const char prefix[] = "__c11_atomic_";
    size_t skipped = strlen(prefix);
    if (length > skipped && strncmp(word, prefix, skipped) == 0)
        add_atomic(text, word + skipped, length - skipped);
    else if (length == 3 && strncmp(word, "asm", 3) == 0)
        text_add(text, "__asm__"); // a keyword under -std=c11, too
    else
        text_printf(text, "%.*s", (int)length, word);
}

static size_t quoted_length(const char *c) {
    size_t length = 1;
    while (c[length] && c[length] != c[0])
        length += c[length] == '\\' && c[length + 1] ? 2 : 1;
    return c[length] ? length + 1 : length;
}

const char *kept_text(Frontend *fe, CXCursor definition) {
    Text text;
    text_init(&text, fe->arena);
    for (const char *c = pretty_text(fe, definition); *c;) {
        size_t length = word_length(c);
        if (length) {
            add_word(&text, c, length);
        } else {
            length = *c == '"' || *c == '\'' ? quoted_length(c) : 1;
            text_printf(&text, "%.*s", (int)length, c);
        }
        c += length;
    }
    return text.chars;
}

typedef struct MentionScan {
    Frontend *fe;
    Vec(CXCursor) functions, globals;
} MentionScan;

static enum CXChildVisitResult note_use(CXCursor cursor, CXCursor parent,
                                        CXClientData data) {
    MentionScan *scan = data;
    (void)parent;
    if (cursor.kind != CXCursor_DeclRefExpr)
        return CXChildVisit_Recurse;
    CXCursor target = clang_getCursorReferenced(cursor);
    if (target.kind == CXCursor_FunctionDecl)
        vec_push(scan->fe->arena, &scan->functions, target);
    else if (target.kind == CXCursor_VarDecl &&
             clang_getCursorSemanticParent(target).kind !=
                 CXCursor_FunctionDecl)
        vec_push(scan->fe->arena, &scan->globals, target);
    return CXChildVisit_Recurse;
}

void note_mentions(Frontend *fe, FunctionInfo *info) {
    MentionScan scan = {.fe = fe};
    clang_visitChildren(info->definition, note_use, &scan);
    if (in_main_file(fe, info->definition) && info->function->text)
        note_types(fe, info->definition, info->function->text);
    for (size_t i = 0; i < scan.functions.count; i++)
        enqueue_function(fe, function_of(fe, scan.functions.items[i]));
    for (size_t i = 0; i < scan.globals.count; i++)
        global_of(fe, scan.globals.items[i], info->function->name);
}

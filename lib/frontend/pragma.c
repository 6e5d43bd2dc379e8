// pragma.c - where the pragmas are and what they stand before. The compiler's
// tree does not show unknown pragmas, so the text of each file is searched;
// a pragma belongs to the first declaration or statement that starts after it
// within the innermost one around it.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

// ---- Finding them in the text -----------------------------------------------

typedef struct Scanner {
    Frontend *fe;
    FileText *file;
    const char *text;
    uint32_t at, end;
    CXSourceRangeList *skipped;
} Scanner;

static bool is_word_char(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool at_splice(const Scanner *s, uint32_t i) {
    return s->text[i] == '\\' &&
           (s->text[i + 1] == '\n' ||
            (s->text[i + 1] == '\r' && s->text[i + 2] == '\n'));
}

static void skip_blanks(Scanner *s) {
    while (s->at < s->end) {
        if (at_splice(s, s->at))
            s->at += s->text[s->at + 1] == '\r' ? 3 : 2;
        else if (s->text[s->at] == ' ' || s->text[s->at] == '\t')
            s->at++;
        else
            return;
    }
}

static bool skip_word(Scanner *s, const char *word) {
    size_t length = strlen(word);
    if (s->end - s->at < length ||
        strncmp(s->text + s->at, word, length) != 0 ||
        is_word_char(s->text[s->at + length]))
        return false;
    s->at += (uint32_t)length;
    return true;
}

static void skip_comment(Scanner *s) {
    if (s->text[s->at + 1] == '/') {
        while (s->at < s->end && s->text[s->at] != '\n')
            s->at += at_splice(s, s->at) ? 2 : 1;
        return;
    }
    for (s->at += 2; s->at + 1 < s->end; s->at++)
        if (s->text[s->at] == '*' && s->text[s->at + 1] == '/')
            break;
    s->at += 2;
}

static void skip_quoted(Scanner *s) {
    char quote = s->text[s->at++];
    while (s->at < s->end && s->text[s->at] != quote && s->text[s->at] != '\n')
        s->at += s->text[s->at] == '\\' ? 2 : 1;
    s->at++;
}

// To the end of the directive; comments may go on over several lines.
static void skip_directive(Scanner *s) {
    while (s->at < s->end && s->text[s->at] != '\n') {
        if (at_splice(s, s->at))
            s->at += s->text[s->at + 1] == '\r' ? 3 : 2;
        else if (s->text[s->at] == '/' &&
                 (s->text[s->at + 1] == '/' || s->text[s->at + 1] == '*'))
            skip_comment(s);
        else
            s->at++;
    }
}

static bool is_skipped(const Scanner *s, uint32_t offset) {
    for (unsigned i = 0; s->skipped && i < s->skipped->count; i++) {
        unsigned from, to;
        clang_getFileLocation(clang_getRangeStart(s->skipped->ranges[i]), NULL,
                              NULL, NULL, &from);
        clang_getFileLocation(clang_getRangeEnd(s->skipped->ranges[i]), NULL,
                              NULL, NULL, &to);
        if (from <= offset && offset < to)
            return true;
    }
    return false;
}

static void add_pragma(Scanner *s, uint32_t word, uint32_t begin, uint32_t end,
                       bool in_string) {
    if (is_skipped(s, word))
        return;
    Pragma *pragma = arena_new(s->fe->arena, Pragma);
    *pragma = (Pragma){.file = s->file,
                       .begin = begin,
                       .end = end,
                       .word = word,
                       .in_string = in_string};
    vec_push(s->fe->arena, &s->fe->unit->pragmas, pragma);
}

// After _Pragma: past (" and blanks, where that comes next; where the quote is,
// or 0.
static uint32_t open_pragma(Scanner *s) {
    skip_blanks(s);
    if (s->at >= s->end || s->text[s->at] != '(')
        return 0;
    s->at++;
    skip_blanks(s);
    if (s->at >= s->end || s->text[s->at] != '"')
        return 0;
    uint32_t quote = s->at++;
    skip_blanks(s);
    return quote;
}

static void find_in_macro(Scanner *s, uint32_t end) {
    while (s->at < end) {
        uint32_t at = s->at;
        if (skip_word(s, "_Pragma")) {
            if (open_pragma(s) && skip_word(s, "grad"))
                diag_error(s->fe->diags, loc_at(s->fe, s->file, at, 7),
                           "_Pragma(\"grad ...\") in a macro is not supported: "
                           "write it with #pragma");
        } else {
            while (s->at < end && is_word_char(s->text[s->at]))
                s->at++;
            s->at += s->at == at;
        }
    }
}

static bool skip_clause(Scanner *s) {
    static const char *const words[] = {"checkpoint", "independent", "inactive",
                                        "forward",    "hvp",         "jacobian",
                                        "hessian"};
    static const char *const operators[] = {"wrt", "of", "work", "name",
                                            "derivative"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (skip_word(s, words[i]))
            return true;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (skip_word(s, operators[i])) {
            skip_blanks(s);
            return s->at < s->end && s->text[s->at] == '(';
        }
    return false;
}

// MACRO(grad checkpoint), behind MACRO: as _Pragma(#x) makes one of its x.
static void find_made_pragma(Scanner *s) {
    uint32_t back = s->at;
    skip_blanks(s);
    if (s->at < s->end && s->text[s->at] == '(') {
        s->at++;
        skip_blanks(s);
        uint32_t word = s->at;
        bool found = skip_word(s, "grad");
        skip_blanks(s);
        if (found && skip_clause(s) && !is_skipped(s, word))
            diag_error(s->fe->diags, loc_at(s->fe, s->file, word, 4),
                       "a pragma that a macro makes of its argument is not "
                       "supported: write it with #pragma");
    }
    s->at = back;
}

static void scan_directive(Scanner *s) {
    s->at++; // '#'
    skip_blanks(s);
    bool is_pragma = skip_word(s, "pragma");
    skip_blanks(s);
    uint32_t word = s->at;
    bool found = is_pragma && skip_word(s, "grad");
    uint32_t begin = s->at;
    skip_directive(s);
    uint32_t end = s->at < s->end ? s->at : s->end;
    if (found)
        add_pragma(s, word, begin, end, false);
    else if (!is_pragma && !is_skipped(s, begin)) {
        s->at = begin;
        find_in_macro(s, end);
        s->at = end;
    }
}

// _Pragma("grad ...") in the text itself.
static void scan_operator(Scanner *s) {
    uint32_t quote = open_pragma(s);
    if (!quote)
        return;
    uint32_t word = s->at;
    bool found = skip_word(s, "grad");
    uint32_t begin = s->at;
    s->at = quote;
    skip_quoted(s);
    if (found && s->at - 1 <= s->end)
        add_pragma(s, word, begin, s->at - 1, true);
}

static void scan(Scanner *s) {
    bool line_start = true;
    while (s->at < s->end) {
        char c = s->text[s->at];
        if (c == '/' &&
            (s->text[s->at + 1] == '/' || s->text[s->at + 1] == '*')) {
            skip_comment(s);
        } else if (c == '#' && line_start) {
            scan_directive(s);
        } else if (c == '"' || c == '\'') {
            skip_quoted(s);
            line_start = false;
        } else if (is_word_char(c)) {
            if (skip_word(s, "_Pragma")) {
                scan_operator(s);
            } else {
                while (s->at < s->end && is_word_char(s->text[s->at]))
                    s->at++;
                find_made_pragma(s);
            }
            line_start = false;
        } else {
            if (c == '\n')
                line_start = true;
            else if (!isspace((unsigned char)c))
                line_start = false;
            s->at++;
        }
    }
}

static void note_file(CXFile handle, CXSourceLocation *stack, unsigned depth,
                      CXClientData data) {
    Frontend *fe = data;
    (void)stack, (void)depth;
    size_t known = fe->unit->files.count;
    FileText *file = file_text(fe, handle);
    if (fe->unit->files.count == known && !file->is_main)
        return; // seen
    if (file->is_system || !strstr(file->source.text, "grad"))
        return;
    for (size_t i = 0; i < fe->unit->pragmas.count; i++)
        if (fe->unit->pragmas.items[i]->file == file)
            return;
    Scanner scanner = {
        fe, file, file->source.text, 0, (uint32_t)file->source.length, NULL};
    scanner.skipped = clang_getSkippedRanges(fe->unit->handle, file->file);
    scan(&scanner);
    clang_disposeSourceRangeList(scanner.skipped);
}

void find_pragmas(Frontend *fe) {
    clang_getInclusions(fe->unit->handle, note_file, fe);
}

// ---- What they stand before -------------------------------------------------

static bool is_in(Frontend *fe, CXCursor cursor, const FileText *wanted,
                  uint32_t *begin, uint32_t *end) {
    FileText *file;
    return extent_of(fe, cursor, &file, begin, end) && file == wanted;
}

// The declarations that end before a pragma are not looked at for later ones of
// the same file.
static size_t pass_top(Frontend *fe, const Pragma *pragma) {
    FileText *file = pragma->file;
    uint32_t begin, end;
    if (pragma->word < file->passed_word)
        file->passed = 0;
    file->passed_word = pragma->word;
    while (file->passed < fe->unit->top.count &&
           (!is_in(fe, fe->unit->top.items[file->passed], file, &begin, &end) ||
            end <= pragma->word))
        file->passed++;
    return file->passed;
}

static CXCursor find_target_of(Frontend *fe, const Pragma *pragma) {
    Cursors list = {fe->unit->top.items, fe->unit->top.count};
    uint32_t begin, end;
    for (size_t i = pass_top(fe, pragma); i < list.count; i++) {
        if (!is_in(fe, list.items[i], pragma->file, &begin, &end))
            continue;
        if (begin > pragma->word)
            return list.items[i];
        if (pragma->word < end) {
            list = children_of(fe, list.items[i]);
            i = (size_t)-1;
        }
    }
    return clang_getNullCursor();
}

// ---- Attaching --------------------------------------------------------------

static bool attach_inactive(Frontend *fe, CXCursor target, SourceLoc loc) {
    if (target.kind == CXCursor_FunctionDecl) {
        const void *key = declaration_key(clang_getCanonicalCursor(target));
        ptrmap_set(fe->inactive, key, fe);
        if (clang_getCursorLinkage(target) == CXLinkage_External)
            strmap_set(fe->inactive_names, cursor_name(fe, target), fe);
        return true;
    }
    if (target.kind == CXCursor_DeclStmt) {
        strmap_set(fe->inactive_places, place_key(fe, target), fe);
        return true;
    }
    diag_error(fe->diags, loc,
               "'#pragma grad inactive' must stand before a function or a "
               "local declaration");
    return false;
}

// A call, or an assignment from one.
static bool is_call_statement(Frontend *fe, CXCursor target) {
    CXCursor core = strip_casts(fe, target);
    if (core.kind == CXCursor_BinaryOperator ||
        core.kind == CXCursor_CompoundAssignOperator) {
        Cursors sides = children_of(fe, core);
        core = strip_casts(fe, sides.items[sides.count - 1]);
    }
    return core.kind == CXCursor_CallExpr;
}

// `independent` and `checkpoint`, which may stand before one loop together.
static bool attach_to_loop(Frontend *fe, CXCursor target, Clauses *clauses) {
    bool checkpoint = clauses->kind == PRAGMA_CHECKPOINT;
    if (target.kind == CXCursor_UnexposedStmt) { // other pragmas in between
        Cursors children = children_of(fe, target);
        if (children.count)
            target = children.items[children.count - 1];
    }
    bool call = checkpoint && is_call_statement(fe, target);
    if (!call && target.kind != CXCursor_ForStmt &&
        target.kind != CXCursor_WhileStmt && target.kind != CXCursor_DoStmt) {
        diag_error(fe->diags, clauses->loc,
                   "'#pragma grad %s' must stand before a loop%s",
                   checkpoint ? "checkpoint" : "independent",
                   checkpoint ? " or a call" : "");
        return false;
    }
    const CheckpointClauses *c = &clauses->checkpoint;
    if (call &&
        (c->snapshots.factors.count || c->memory.factors.count || c->disk)) {
        diag_error(fe->diags, clauses->loc,
                   "snapshots, memory and disk are for loops");
        diag_note(fe->diags, clauses->loc,
                  "a call is run again from one copy of its state");
        return false;
    }
    const char *place = place_key(fe, target);
    LoopInfo *info = strmap_get(fe->loop_infos, place);
    if (!info)
        info = arena_new(fe->arena, LoopInfo);
    info->independent |= !checkpoint;
    info->checkpoint |= checkpoint;
    info->loc = clauses->loc;
    strmap_set(fe->loop_infos, place, info);
    if (checkpoint)
        strmap_set(fe->checkpoints, place, clauses);
    return true;
}

// The unit that has the body; NULL where none has.
static Unit *unit_of_body(Frontend *fe, CXCursor target) {
    const Definition *elsewhere = definition_elsewhere(fe, target);
    if (elsewhere)
        return elsewhere->unit;
    return clang_Cursor_isNull(clang_getCursorDefinition(target)) ? NULL
                                                                  : fe->unit;
}

void report_bodiless(Frontend *fe, const Pragma *pragma) {
    diag_error(fe->diags, pragma->clauses->loc,
               "'%s' has no body here: there is nothing to differentiate",
               cursor_name(fe, pragma->target));
    diag_note(fe->diags, loc_of(fe, pragma->target),
              "put its definition into this file or a header of it, or give "
              "gradcc the file that has it, too");
}

static bool attach_mode(Frontend *fe, Pragma *pragma) {
    CXCursor target = pragma->target;
    SourceLoc loc = pragma->clauses->loc;
    if (target.kind != CXCursor_FunctionDecl) {
        diag_error(fe->diags, loc,
                   "'#pragma grad' must stand before a function");
        if (!clang_Cursor_isNull(target))
            diag_note(fe->diags, loc_of(fe, target), "it stands before this");
        return false;
    }
    const char *only = fe->options->only_function;
    const char *name = cursor_name(fe, target);
    if (only && strcmp(only, name) != 0)
        return true;
    pragma->owner = unit_of_body(fe, target);
    if (pragma->owner)
        return true;
    // A header's prototype is for the file that has the body, too.
    if (!pragma->file->is_main) {
        fe->bodiless = pragma;
        return true;
    }
    report_bodiless(fe, pragma);
    return false;
}

static bool attach(Frontend *fe, Pragma *pragma) {
    Clauses *clauses = arena_new(fe->arena, Clauses);
    pragma->clauses = clauses;
    clauses->loc = loc_at(fe, pragma->file, pragma->word, 4);
    if (!parse_clauses(fe, pragma, clauses))
        return false;
    CXCursor target = find_target_of(fe, pragma);
    pragma->target = target;
    if (clang_Cursor_isNull(target)) {
        diag_error(fe->diags, clauses->loc,
                   "nothing follows this '#pragma grad'");
        return false;
    }
    switch (clauses->kind) {
    case PRAGMA_MODE: return attach_mode(fe, pragma);
    case PRAGMA_INDEPENDENT:
    case PRAGMA_CHECKPOINT: return attach_to_loop(fe, target, clauses);
    case PRAGMA_INACTIVE: return attach_inactive(fe, target, clauses->loc);
    case PRAGMA_DERIVATIVE: return attach_derivative(fe, pragma);
    }
    return false;
}

// The first reading of a pragma that several files include in a header.
static Pragma *first_reading(Frontend *fe, StrMap *seen, Pragma *pragma) {
    CXFileUniqueID id = {{0}};
    clang_getFileUniqueID(pragma->file->file, &id);
    const char *place = arena_printf(fe->arena, "%llx:%llx:%u", id.data[0],
                                     id.data[1], pragma->word);
    Pragma *first = strmap_get(seen, place);
    if (!first)
        strmap_set(seen, place, pragma);
    return first;
}

void read_pragmas(Frontend *fe) {
    StrMap *seen = strmap_create(fe->arena);
    for (size_t u = 0; u < fe->units.count; u++) {
        fe->unit = fe->units.items[u];
        for (size_t i = 0; i < fe->unit->pragmas.count; i++) {
            Pragma *pragma = fe->unit->pragmas.items[i];
            const Pragma *first = first_reading(fe, seen, pragma);
            size_t rules = fe->rules.count;
            if (!first || first->is_good)
                pragma->is_good = attach(fe, pragma);
            if (first) { // one derivative is enough
                pragma->owner = NULL;
                fe->rules.count = rules;
            }
        }
    }
    resolve_rules(fe);
}

void annotate_functions(Frontend *fe, const Unit *owner) {
    for (size_t u = 0; u < fe->units.count; u++) {
        Unit *unit = fe->units.items[u];
        for (size_t i = 0; i < unit->pragmas.count; i++) {
            const Pragma *pragma = unit->pragmas.items[i];
            fe->unit = unit;
            if (!pragma->owner || (owner && pragma->owner != owner))
                continue;
            annotate_function(fe, function_of(fe, pragma->target),
                              pragma->target, pragma->clauses);
        }
    }
}

// clause.c - the words of one pragma: mode, clauses, items, array sections.
// Knows nothing of functions; names are resolved in annotate.c.
#include "frontend/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct Token {
    enum { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_MARK } kind;
    const char *text;
    uint32_t offset;
} Token;

typedef struct Reader {
    Frontend *fe;
    const Pragma *pragma;
    uint32_t at;
    Token token; // the current one
    Clauses *clauses;
} Reader;

// ---- Tokens -----------------------------------------------------------------

static void skip_space(Reader *r) {
    const char *text = r->pragma->file->source.text;
    uint32_t end = r->pragma->end;
    while (r->at < end) {
        if (isspace((unsigned char)text[r->at]) || text[r->at] == '\\') {
            r->at++;
        } else if (r->at + 1 < end && text[r->at] == '/' &&
                   text[r->at + 1] == '*') {
            const char *close = strstr(text + r->at + 2, "*/");
            r->at = close && close + 2 <= text + end
                        ? (uint32_t)(close + 2 - text)
                        : end;
        } else if (r->at + 1 < end && text[r->at] == '/' &&
                   text[r->at + 1] == '/') {
            r->at = end;
        } else {
            return;
        }
    }
}

static void advance(Reader *r) {
    const char *text = r->pragma->file->source.text;
    skip_space(r);
    uint32_t begin = r->at, end = r->pragma->end;
    r->token.offset = begin;
    if (begin >= end) {
        r->token.kind = TOKEN_END;
        r->token.text = "the end of the line";
        return;
    }
    char c = text[begin];
    bool word = isalpha((unsigned char)c) || c == '_';
    bool number = isdigit((unsigned char)c);
    r->token.kind = word ? TOKEN_WORD : number ? TOKEN_NUMBER : TOKEN_MARK;
    r->at++;
    while ((word || number) && r->at < end &&
           (isalnum((unsigned char)text[r->at]) || text[r->at] == '_'))
        r->at++;
    // A character of several bytes is shown whole.
    while (!word && !number && r->at < end &&
           ((unsigned char)text[r->at] & 0xC0) == 0x80)
        r->at++;
    r->token.text = arena_strndup(r->fe->arena, text + begin, r->at - begin);
}

static SourceLoc here(const Reader *r) {
    uint32_t length =
        r->token.kind == TOKEN_END ? 1 : (uint32_t)strlen(r->token.text);
    return loc_at(r->fe, r->pragma->file, r->token.offset, length);
}

static bool is_mark(const Reader *r, char mark) {
    return r->token.kind == TOKEN_MARK && r->token.text[0] == mark;
}

static const char *shown(const Reader *r) {
    return r->token.kind == TOKEN_END
               ? r->token.text
               : arena_printf(r->fe->arena, "'%s'", r->token.text);
}

static bool expect(Reader *r, char mark, const char *where) {
    if (!is_mark(r, mark)) {
        diag_error(r->fe->diags, here(r), "expected '%c' %s, not %s", mark,
                   where, shown(r));
        return false;
    }
    advance(r);
    return true;
}

// ---- Names that are nearly right --------------------------------------------

static size_t distance(const char *a, const char *b) {
    size_t rows[2][64], n = strlen(a), m = strlen(b);
    if (n > 60 || m > 60)
        return 64;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i & 1], *before = rows[(i - 1) & 1];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = before[j - 1] + (tolower((unsigned char)a[i - 1]) !=
                                             tolower((unsigned char)b[j - 1]));
            size_t drop = before[j] + 1, add = now[j - 1] + 1;
            now[j] = change < drop ? change : drop;
            if (add < now[j])
                now[j] = add;
        }
    }
    return rows[n & 1][m];
}

const char *nearest_name(const char *name, const char *const *names,
                         size_t count) {
    const char *best = NULL;
    size_t best_distance = strlen(name) / 2 + 1;
    if (best_distance > 3)
        best_distance = 3;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(name, names[i]);
        if (d < best_distance || (d == best_distance && !best)) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}

// ---- Items ------------------------------------------------------------------

enum { MAX_LENGTH_DEPTH = 100 };

static bool parse_length(Reader *r, ClauseSection *length, int depth);

// A number, a name, or a length in parentheses.
static bool parse_factor(Reader *r, ClauseSection *length, int depth) {
    *length = (ClauseSection){.length = r->token.text, .loc = here(r)};
    if (is_mark(r, '(') && depth < MAX_LENGTH_DEPTH) {
        advance(r);
        return parse_length(r, length, depth + 1) &&
               expect(r, ')', "in the array section");
    }
    if (r->token.kind != TOKEN_WORD && r->token.kind != TOKEN_NUMBER) {
        diag_error(r->fe->diags, here(r),
                   "expected a length in the array section, not %s", shown(r));
        return false;
    }
    advance(r);
    return true;
}

static void join(Reader *r, ClauseSection *left, char sign,
                 ClauseSection right) {
    ClauseSection *operands = arena_array(r->fe->arena, ClauseSection, 2);
    operands[0] = *left;
    operands[1] = right;
    *left = (ClauseSection){.loc = left->loc,
                            .sign = sign,
                            .left = &operands[0],
                            .right = &operands[1]};
}

static bool parse_term(Reader *r, ClauseSection *length, int depth) {
    if (!parse_factor(r, length, depth))
        return false;
    while (is_mark(r, '*') || is_mark(r, '/')) {
        char sign = r->token.text[0];
        ClauseSection right;
        advance(r);
        if (!parse_factor(r, &right, depth))
            return false;
        join(r, length, sign, right);
    }
    return true;
}

static bool parse_length(Reader *r, ClauseSection *length, int depth) {
    if (!parse_term(r, length, depth))
        return false;
    while (is_mark(r, '+') || is_mark(r, '-')) {
        char sign = r->token.text[0];
        ClauseSection right;
        advance(r);
        if (!parse_term(r, &right, depth))
            return false;
        join(r, length, sign, right);
    }
    return true;
}

static bool parse_section(Reader *r, ClauseItem *item) {
    ClauseSection section = {0};
    advance(r); // '['
    if (r->token.kind == TOKEN_NUMBER && strcmp(r->token.text, "0") == 0) {
        advance(r);
    } else if (!is_mark(r, ':')) {
        diag_error(r->fe->diags, here(r), "a section must start at 0");
        diag_note(r->fe->diags, here(r), "write %s[0:LENGTH]", item->name);
        return false;
    }
    if (!expect(r, ':', "in the array section") ||
        !parse_length(r, &section, 0))
        return false;
    if (!is_mark(r, ']')) {
        diag_error(r->fe->diags, here(r), "expected ']', not %s", shown(r));
        diag_note(r->fe->diags, section.loc,
                  "a length is made of numbers, integer parameters, + - * / "
                  "and parentheses");
        return false;
    }
    advance(r);
    vec_push(r->fe->arena, &item->sections, section);
    return true;
}

static bool parse_items(Reader *r, ClauseItems *items) {
    do {
        ClauseItem item = {0};
        advance(r); // '(' or ','
        if (r->token.kind != TOKEN_WORD) {
            diag_error(r->fe->diags, here(r), "expected a name, not %s",
                       shown(r));
            return false;
        }
        item.name = r->token.text;
        item.loc = here(r);
        for (size_t i = 0; i < items->count; i++)
            if (strcmp(items->items[i].name, item.name) == 0) {
                diag_error(r->fe->diags, item.loc, "'%s' is listed twice",
                           item.name);
                return false;
            }
        advance(r);
        while (is_mark(r, '['))
            if (!parse_section(r, &item))
                return false;
        vec_push(r->fe->arena, items, item);
    } while (is_mark(r, ','));
    return expect(r, ')', "after the list of names");
}

static bool parse_name(Reader *r) {
    static const char *const keywords[] = {
        "auto",     "break",    "case",     "char",   "const",   "continue",
        "default",  "do",       "double",   "else",   "enum",    "extern",
        "float",    "for",      "goto",     "if",     "inline",  "int",
        "long",     "register", "restrict", "return", "short",   "signed",
        "sizeof",   "static",   "struct",   "switch", "typedef", "union",
        "unsigned", "void",     "volatile", "while"};
    advance(r); // '('
    bool good = r->token.kind == TOKEN_WORD;
    for (size_t i = 0; good && i < sizeof keywords / sizeof *keywords; i++)
        good = strcmp(r->token.text, keywords[i]) != 0;
    if (!good) {
        diag_error(r->fe->diags, here(r),
                   "expected the generated function's name, not %s", shown(r));
        return false;
    }
    r->clauses->name = r->token.text;
    r->clauses->name_loc = here(r);
    advance(r);
    return expect(r, ')', "after the name");
}

// ---- Checkpointed loops -----------------------------------------------------

// n * 3, 64 MB: numbers and names with `*` between them, and units behind.
static bool parse_product(Reader *r, Product *product) {
    bool more = true;
    while (more) {
        ClauseSection factor = {.length = r->token.text, .loc = here(r)};
        if (r->token.kind != TOKEN_WORD && r->token.kind != TOKEN_NUMBER) {
            diag_error(r->fe->diags, here(r),
                       "expected a number or a name, not %s", shown(r));
            diag_note(r->fe->diags, here(r),
                      "products of numbers, integer variables and the units "
                      "KB, MB and GB are understood");
            return false;
        }
        vec_push(r->fe->arena, &product->factors, factor);
        advance(r);
        more = is_mark(r, '*') || r->token.kind == TOKEN_WORD;
        if (is_mark(r, '*'))
            advance(r);
    }
    return true;
}

static bool parse_state(Reader *r, CheckpointClauses *c) {
    do {
        ClauseItem item = {0};
        Product length = {{0}};
        advance(r); // '(' or ','
        if (r->token.kind != TOKEN_WORD) {
            diag_error(r->fe->diags, here(r), "expected a name, not %s",
                       shown(r));
            return false;
        }
        item.name = r->token.text;
        item.loc = here(r);
        advance(r);
        if (is_mark(r, '[')) {
            advance(r);
            if (r->token.kind == TOKEN_NUMBER &&
                strcmp(r->token.text, "0") == 0)
                advance(r);
            if (!expect(r, ':', "in the array section, which starts at 0") ||
                !parse_product(r, &length) ||
                !expect(r, ']', "behind the section's length"))
                return false;
        }
        vec_push(r->fe->arena, &c->state, item);
        vec_push(r->fe->arena, &c->lengths, length);
    } while (is_mark(r, ','));
    return expect(r, ')', "after the list of names");
}

// disk(PATH): all up to the parenthesis, with or without quotes.
static bool parse_disk(Reader *r, CheckpointClauses *c) {
    const char *text = r->pragma->file->source.text;
    uint32_t begin = r->at, end = begin;
    while (end < r->pragma->end && text[end] != ')')
        end++;
    r->at = end;
    while (begin < end &&
           (isspace((unsigned char)text[begin]) || text[begin] == '"'))
        begin++;
    while (end > begin &&
           (isspace((unsigned char)text[end - 1]) || text[end - 1] == '"'))
        end--;
    c->disk = arena_strndup(r->fe->arena, text + begin, end - begin);
    if (begin == end || strpbrk(c->disk, "\"\\")) {
        diag_error(r->fe->diags, here(r), "expected a folder in disk(...)");
        return false;
    }
    advance(r);
    return expect(r, ')', "after the folder");
}

static bool parse_checkpoint_clause(Reader *r, CheckpointClauses *c) {
    const char *word = r->token.text;
    SourceLoc loc = here(r);
    bool snapshots = strcmp(word, "snapshots") == 0;
    bool memory = strcmp(word, "memory") == 0, disk = strcmp(word, "disk") == 0;
    if (!snapshots && !memory && !disk && strcmp(word, "state") != 0) {
        diag_error(r->fe->diags, loc, "unknown clause %s", shown(r));
        diag_note(r->fe->diags, loc,
                  "the clauses of checkpoint are snapshots, memory, disk and "
                  "state");
        return false;
    }
    if (snapshots ? c->snapshots.factors.count > 0
        : memory  ? c->memory.factors.count > 0
        : disk    ? c->disk != NULL
                  : c->state.count > 0) {
        diag_error(r->fe->diags, loc, "a second '%s' clause", word);
        return false;
    }
    advance(r);
    if (!is_mark(r, '(')) {
        diag_error(r->fe->diags, here(r), "expected '(' after '%s', not %s",
                   word, shown(r));
        return false;
    }
    if (disk)
        return parse_disk(r, c);
    if (!snapshots && !memory)
        return parse_state(r, c);
    advance(r); // '('
    return parse_product(r, snapshots ? &c->snapshots : &c->memory) &&
           expect(r, ')', "after the number");
}

static bool parse_checkpoint(Reader *r) {
    CheckpointClauses *c = &r->clauses->checkpoint;
    while (r->token.kind != TOKEN_END)
        if (!parse_checkpoint_clause(r, c))
            return false;
    if (c->snapshots.factors.count && c->memory.factors.count) {
        diag_error(r->fe->diags, r->clauses->loc,
                   "snapshots and memory cannot both be given");
        diag_note(r->fe->diags, r->clauses->loc, "leave one of them out");
        return false;
    }
    return true;
}

// ---- Clauses and modes ------------------------------------------------------

// directions(N): a constant or a parameter, which annotate.c looks up.
static bool parse_directions(Reader *r) {
    advance(r); // '('
    if (r->token.kind != TOKEN_WORD && r->token.kind != TOKEN_NUMBER) {
        diag_error(r->fe->diags, here(r),
                   "expected the number of directions, not %s", shown(r));
        return false;
    }
    r->clauses->directions.length = r->token.text;
    r->clauses->directions.loc = here(r);
    advance(r);
    return expect(r, ')', "after the number of directions");
}

static bool parse_layout(Reader *r) {
    advance(r); // '('
    bool denominator = strcmp(r->token.text, "denominator") == 0;
    if (!denominator && strcmp(r->token.text, "row") != 0) {
        diag_error(r->fe->diags, here(r),
                   "expected 'row' or 'denominator', not %s", shown(r));
        return false;
    }
    r->clauses->layout_given = true;
    r->clauses->denominator = denominator;
    r->clauses->layout_loc = here(r);
    advance(r);
    return expect(r, ')', "after the layout");
}

static bool is_second(const Clauses *c, const char *word) {
    return strcmp(word, "wrt") == 0          ? c->wrt_given
           : strcmp(word, "of") == 0         ? c->of_given
           : strcmp(word, "work") == 0       ? c->work_given
           : strcmp(word, "name") == 0       ? c->name != NULL
           : strcmp(word, "directions") == 0 ? c->directions.length != NULL
           : strcmp(word, "sparse") == 0     ? c->sparse
                                             : c->layout_given;
}

static bool parse_argument(Reader *r, const char *word) {
    Clauses *c = r->clauses;
    if (strcmp(word, "name") == 0)
        return parse_name(r);
    if (strcmp(word, "directions") == 0)
        return parse_directions(r);
    if (strcmp(word, "layout") == 0)
        return parse_layout(r);
    bool is_wrt = strcmp(word, "wrt") == 0, is_of = strcmp(word, "of") == 0;
    *(is_wrt ? &c->wrt_given : is_of ? &c->of_given : &c->work_given) = true;
    return parse_items(r, is_wrt ? &c->wrt : is_of ? &c->of : &c->work);
}

static bool is_among(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

static bool parse_clause(Reader *r) {
    static const char *const known[] = {"wrt",        "of",     "work",  "name",
                                        "directions", "layout", "sparse"};
    const char *word = r->token.text;
    SourceLoc loc = here(r);
    if (r->token.kind != TOKEN_WORD) {
        diag_error(r->fe->diags, loc, "expected a clause, not %s", shown(r));
        return false;
    }
    if (!is_among(word, known, 7)) {
        const char *near = nearest_name(word, known, 7);
        diag_error(r->fe->diags, loc, "unknown clause '%s'", word);
        if (near)
            diag_note(r->fe->diags, loc, "did you mean '%s'?", near);
        else
            diag_note(
                r->fe->diags, loc,
                "the clauses are wrt, of, work, name, directions, "
                "layout and sparse; a mode (reverse, forward, hvp, jacobian, "
                "hessian) stands before them");
        return false;
    }
    if (is_second(r->clauses, word)) {
        diag_error(r->fe->diags, loc, "a second '%s' clause", word);
        diag_note(r->fe->diags, loc, "list all of them in one clause");
        return false;
    }
    advance(r);
    if (strcmp(word, "sparse") == 0) {
        r->clauses->sparse = true;
        r->clauses->sparse_loc = loc;
        return true;
    }
    if (!is_mark(r, '(')) {
        diag_error(r->fe->diags, here(r), "expected '(' after '%s', not %s",
                   word, shown(r));
        return false;
    }
    return parse_argument(r, word);
}

static const struct {
    const char *word;
    PragmaKind kind;
    GradMode mode;
} first_words[] = {{"reverse", PRAGMA_MODE, GRAD_REVERSE},
                   {"forward", PRAGMA_MODE, GRAD_FORWARD},
                   {"hvp", PRAGMA_MODE, GRAD_HVP},
                   {"jacobian", PRAGMA_MODE, GRAD_JACOBIAN},
                   {"hessian", PRAGMA_MODE, GRAD_HESSIAN},
                   {"inactive", PRAGMA_INACTIVE, GRAD_REVERSE},
                   {"independent", PRAGMA_INDEPENDENT, GRAD_REVERSE},
                   {"checkpoint", PRAGMA_CHECKPOINT, GRAD_REVERSE}};

enum { FIRST_WORDS = sizeof first_words / sizeof *first_words };

// No first word that is known: a clause, or one that is misspelt.
static bool check_clause_word(Reader *r, const char *word) {
    static const char *const clauses[] = {
        "wrt", "of", "work", "name", "directions", "layout", "sparse"};
    const char *modes[FIRST_WORDS];
    for (size_t i = 0; i < FIRST_WORDS; i++)
        modes[i] = first_words[i].word;
    if (is_among(word, clauses, 7))
        return true;
    const char *near = nearest_name(word, modes, FIRST_WORDS);
    if (!near || nearest_name(word, clauses, 4))
        return true;
    diag_error(r->fe->diags, here(r), "unknown mode '%s'", word);
    diag_note(r->fe->diags, here(r), "did you mean '%s'?", near);
    return false;
}

// The first word; false after an error. Clauses may follow at once.
static bool parse_mode(Reader *r, bool *ends) {
    const char *word = r->token.text;
    *ends = false;
    r->clauses->kind = PRAGMA_MODE;
    r->clauses->mode = GRAD_REVERSE;
    if (r->token.kind != TOKEN_WORD)
        return true;
    size_t i = 0;
    while (i < FIRST_WORDS && strcmp(word, first_words[i].word) != 0)
        i++;
    if (i == FIRST_WORDS)
        return check_clause_word(r, word);
    r->clauses->kind = first_words[i].kind;
    r->clauses->mode = first_words[i].mode;
    advance(r);
    *ends = r->clauses->kind != PRAGMA_MODE;
    return true;
}

// derivative(f) [MODE]: what the function below is the derivative of.
static bool parse_derivative(Reader *r) {
    bool ends;
    advance(r);
    if (!is_mark(r, '(')) {
        diag_error(r->fe->diags, here(r),
                   "expected '(' after 'derivative', not %s", shown(r));
        return false;
    }
    advance(r);
    r->clauses->primal = r->token.text;
    r->clauses->primal_loc = here(r);
    if (r->token.kind != TOKEN_WORD) {
        diag_error(r->fe->diags, here(r), "expected a function's name, not %s",
                   shown(r));
        return false;
    }
    advance(r);
    if (!expect(r, ')', "after the function's name") || !parse_mode(r, &ends))
        return false;
    bool known = !ends && (r->clauses->mode == GRAD_REVERSE ||
                           r->clauses->mode == GRAD_FORWARD);
    r->clauses->kind = PRAGMA_DERIVATIVE;
    if (!known) {
        diag_error(r->fe->diags, r->clauses->loc,
                   "a derivative of one's own is one in reverse or in forward "
                   "mode");
        diag_note(r->fe->diags, r->clauses->loc,
                  "the other modes are made of these two");
    }
    return known;
}

// Buffers, names and options are for what gradcc generates.
static bool check_rule_clauses(Reader *r) {
    const Clauses *c = r->clauses;
    const char *word = c->work_given          ? "work"
                       : c->name              ? "name"
                       : c->directions.length ? "directions"
                       : c->layout_given      ? "layout"
                       : c->sparse            ? "sparse"
                                              : NULL;
    if (!word)
        return true;
    diag_error(r->fe->diags, c->loc, "'%s' has no meaning with 'derivative'",
               word);
    diag_note(r->fe->diags, c->loc, "its clauses are wrt and of");
    return false;
}

bool parse_clauses(Frontend *fe, const Pragma *pragma, Clauses *clauses) {
    Reader r = {
        .fe = fe, .pragma = pragma, .at = pragma->begin, .clauses = clauses};
    bool ends;
    advance(&r);
    bool is_rule =
        r.token.kind == TOKEN_WORD && strcmp(r.token.text, "derivative") == 0;
    if (is_rule) {
        ends = false;
        if (!parse_derivative(&r))
            return false;
    } else if (!parse_mode(&r, &ends)) {
        return false;
    }
    if (clauses->kind == PRAGMA_CHECKPOINT)
        return parse_checkpoint(&r);
    if (ends && r.token.kind != TOKEN_END) {
        diag_error(fe->diags, here(&r), "unexpected %s", shown(&r));
        return false;
    }
    while (r.token.kind != TOKEN_END)
        if (!parse_clause(&r))
            return false;
    return !is_rule || check_rule_clauses(&r);
}

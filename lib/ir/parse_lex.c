// parse_lex.c - the tokens of the printed form, one at a time. Comments run
// from // to the end of the line.
#include "ir/parse.h"

#include <ctype.h>
#include <string.h>

static int peek(const Parser *p, size_t ahead) {
    size_t at = p->offset + ahead;
    return at < p->file->length ? (unsigned char)p->file->text[at] : -1;
}

static bool is_letter(int c) { return c >= 0 && (isalpha(c) || c == '_'); }

static bool is_word_part(int c) { return c >= 0 && (isalnum(c) || c == '_'); }

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

bool parse_error(Parser *p, SourceLoc loc, const char *format, ...) {
    if (p->quiet)
        return false;
    Text text;
    va_list arguments;
    text_init(&text, p->arena);
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    diag_error(p->diags, loc, "%s", text.chars);
    p->quiet = true;
    return false;
}

// Answers whether a new line was begun on the way.
static bool skip_space(Parser *p) {
    bool first = p->offset == 0;
    for (;; p->offset++) {
        while (peek(p, 0) == '/' && peek(p, 1) == '/')
            while (peek(p, 0) >= 0 && peek(p, 0) != '\n')
                p->offset++;
        int c = peek(p, 0);
        if (c == '\n') {
            first = true;
            p->line++;
            p->line_start = p->offset + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return first;
        }
    }
}

static SourceLoc here(const Parser *p) {
    SourceLoc loc = {.file = p->file,
                     .line = p->line,
                     .column = (uint32_t)(p->offset - p->line_start + 1),
                     .offset = (uint32_t)p->offset};
    return loc;
}

static TokenKind bad(Parser *p, const char *what) {
    parse_error(p, here(p), "%s", what);
    return TOKEN_BAD;
}

static const char *slice(const Parser *p, size_t from) {
    return arena_strndup(p->arena, p->file->text + from, p->offset - from);
}

static int hex_value(int c) {
    if (is_digit(c))
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// After a backslash; adds the character and answers whether there was one.
static bool lex_escape(Parser *p, Text *text) {
    int c = peek(p, 1), high = hex_value(peek(p, 2));
    int low = hex_value(peek(p, 3));
    if (c == 'n' || c == 't' || c == '"' || c == '\\') {
        text_add_char(text, (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c));
        p->offset += 2;
        return true;
    }
    if (c != 'x' || high < 0 || low < 0 || high * 16 + low == 0)
        return false;
    text_add_char(text, (char)(high * 16 + low));
    p->offset += 4;
    return true;
}

// From the opening quote to behind the closing one.
static TokenKind lex_string(Parser *p, const char **chars) {
    Text text;
    text_init(&text, p->arena);
    p->offset++;
    while (peek(p, 0) != '"') {
        int c = peek(p, 0);
        if (c <= 0 || c == '\n')
            return bad(p, "a string ends on its line, with a quote");
        if (c == '\\' && !lex_escape(p, &text))
            return bad(p, "in a string, \\ stands before n, t, \", \\, or x "
                          "and two digits");
        if (c != '\\') {
            text_add_char(&text, (char)c);
            p->offset++;
        }
    }
    p->offset++;
    *chars = text.chars;
    return TOKEN_STRING;
}

static TokenKind lex_word(Parser *p, const char **chars) {
    size_t from = p->offset;
    while (is_word_part(peek(p, 0)))
        p->offset++;
    *chars = slice(p, from);
    return TOKEN_WORD;
}

// A sign counts as part of the number at its front and in an exponent.
static TokenKind lex_number(Parser *p) {
    size_t from = p->offset++;
    bool is_hex = peek(p, 0) == 'x' || peek(p, 1) == 'x';
    while (is_word_part(peek(p, 0)) || peek(p, 0) == '.') {
        int c = peek(p, 0);
        bool is_exponent = is_hex ? c == 'p' : c == 'e';
        p->offset++;
        if (is_exponent && (peek(p, 0) == '-' || peek(p, 0) == '+'))
            p->offset++;
    }
    p->token.text = slice(p, from);
    return TOKEN_NUMBER;
}

static void lex_digits(Parser *p) {
    while (is_digit(peek(p, 0)))
        p->offset++;
}

// %s, %s.1, %"odd name".1, %0; the hint is what stands before the number.
static TokenKind lex_value(Parser *p) {
    size_t from = ++p->offset;
    if (is_letter(peek(p, 0)))
        lex_word(p, &p->token.name);
    else if (peek(p, 0) == '"') {
        if (lex_string(p, &p->token.name) == TOKEN_BAD)
            return TOKEN_BAD;
    } else if (!is_digit(peek(p, 0)))
        return bad(p, "a value's name follows %");
    bool numbered = peek(p, 0) == '.' && is_digit(peek(p, 1));
    if (p->token.name && numbered)
        p->offset++;
    if (!p->token.name || numbered)
        lex_digits(p);
    p->token.text = slice(p, from);
    return TOKEN_VALUE;
}

static TokenKind lex_name(Parser *p) {
    p->offset++;
    if (is_letter(peek(p, 0)))
        lex_word(p, &p->token.text);
    else if (peek(p, 0) != '"')
        return bad(p, "the name of a function or global follows @");
    else if (lex_string(p, &p->token.text) == TOKEN_BAD)
        return TOKEN_BAD;
    return TOKEN_NAME;
}

static TokenKind lex_hash(Parser *p) {
    size_t from = ++p->offset;
    if (!is_digit(peek(p, 0)))
        return bad(p, "a number follows #");
    lex_digits(p);
    p->token.text = slice(p, from);
    return TOKEN_HASH;
}

static TokenKind lex_sign(Parser *p, int c) {
    if (c == '-' && peek(p, 1) == '>') {
        p->offset += 2;
        return TOKEN_ARROW;
    }
    if (c == '.' && peek(p, 1) == '.' && peek(p, 2) == '.') {
        p->offset += 3;
        return TOKEN_DOTS;
    }
    if (c == 0 || !strchr("{}()[]<>,:=?+", c))
        return bad(p, "no token begins like this");
    p->token.sign = (char)c;
    p->offset++;
    return TOKEN_SIGN;
}

static TokenKind lex(Parser *p) {
    int c = peek(p, 0);
    if (c < 0)
        return TOKEN_END;
    if (is_letter(c))
        return lex_word(p, &p->token.text);
    if (is_digit(c) ||
        (c == '-' && (is_digit(peek(p, 1)) || peek(p, 1) == 'i')))
        return lex_number(p);
    switch (c) {
    case '"': return lex_string(p, &p->token.text);
    case '%': return lex_value(p);
    case '@': return lex_name(p);
    case '#': return lex_hash(p);
    default: return lex_sign(p, c);
    }
}

void parse_next(Parser *p) {
    if (p->token.kind == TOKEN_BAD)
        return; // nothing good can follow
    memset(&p->token, 0, sizeof p->token);
    p->token.first = skip_space(p);
    p->token.loc = here(p);
    p->token.kind = lex(p);
    p->token.loc.length = (uint32_t)p->offset - p->token.loc.offset;
    if (p->token.kind == TOKEN_BAD)
        p->token.text = "";
}

// parse_type.c - what stands in many places of the printed form: types, source
// places, flags, and the names of globals, functions and records.
#include "ir/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TYPE_DEPTH = 100 };

bool parse_is_sign(const Parser *p, char sign) {
    return p->token.kind == TOKEN_SIGN && p->token.sign == sign;
}

bool parse_is_word(const Parser *p, const char *word) {
    return p->token.kind == TOKEN_WORD && strcmp(p->token.text, word) == 0;
}

bool parse_accept(Parser *p, char sign) {
    if (!parse_is_sign(p, sign))
        return false;
    parse_next(p);
    return true;
}

bool parse_accept_word(Parser *p, const char *word) {
    if (!parse_is_word(p, word))
        return false;
    parse_next(p);
    return true;
}

bool parse_unexpected(Parser *p, const char *wanted) {
    return parse_error(p, p->token.loc, "expected %s", wanted);
}

bool parse_expect(Parser *p, char sign) {
    char wanted[] = {'\'', sign, '\'', '\0'};
    return parse_accept(p, sign) || parse_unexpected(p, wanted);
}

bool parse_string(Parser *p, const char **string) {
    if (p->token.kind != TOKEN_STRING)
        return parse_unexpected(p, "a string in quotes");
    *string = p->token.text;
    parse_next(p);
    return true;
}

// Of any C integer type: unsigned ones give the same bits.
bool parse_integer(Parser *p, int64_t *integer) {
    if (p->token.kind != TOKEN_NUMBER)
        return parse_unexpected(p, "an integer");
    const char *text = p->token.text;
    char *end;
    errno = 0;
    *integer = text[0] == '-' ? strtoll(text, &end, 10)
                              : (int64_t)strtoull(text, &end, 10);
    if (*end)
        return parse_unexpected(p, "an integer");
    if (errno)
        return parse_error(p, p->token.loc, "%s has more than 64 bits", text);
    parse_next(p);
    return true;
}

bool parse_number_of(Parser *p, uint32_t limit, uint32_t *number) {
    errno = 0;
    unsigned long parsed = strtoul(p->token.text, NULL, 10);
    if (errno || parsed >= limit)
        return parse_error(p, p->token.loc, "there is no #%s here",
                           p->token.text);
    *number = (uint32_t)parsed;
    parse_next(p);
    return true;
}

static bool parse_u32(Parser *p, uint32_t *number) {
    int64_t integer = 0;
    SourceLoc loc = p->token.loc;
    if (!parse_integer(p, &integer))
        return false;
    *number = (uint32_t)integer;
    return (integer >= 0 && integer <= UINT32_MAX) ||
           parse_error(p, loc, "the number is too large");
}

bool parse_place(Parser *p, SourceLoc *loc) {
    const char *path = NULL;
    memset(loc, 0, sizeof *loc);
    if (!parse_string(p, &path) || !parse_expect(p, ':') ||
        !parse_u32(p, &loc->line) || !parse_expect(p, ':') ||
        !parse_u32(p, &loc->column))
        return false;
    loc->path = *path ? path : NULL;
    return !parse_accept(p, '+') || parse_u32(p, &loc->length);
}

// Where the current word is one of the flags, sets it in the object.
bool parse_flag(Parser *p, void *object, const FormFlag *flags, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (parse_accept_word(p, flags[i].word))
            return *(bool *)((char *)object + flags[i].offset) = true;
    return false;
}

// ---- Names ------------------------------------------------------------------

bool parse_global_name(Parser *p, Global **global) {
    if (p->token.kind != TOKEN_NAME)
        return parse_unexpected(p, "a global, as in @table");
    *global = strmap_get(p->globals, p->token.text);
    if (!*global)
        return parse_error(p, p->token.loc, "the module has no global @%s",
                           p->token.text);
    parse_next(p);
    return true;
}

bool parse_function_name(Parser *p, Function **function) {
    if (p->token.kind != TOKEN_NAME)
        return parse_unexpected(p, "a function, as in @loss");
    *function = strmap_get(p->functions, p->token.text);
    if (!*function)
        return parse_error(p, p->token.loc, "the module has no function @%s",
                           p->token.text);
    parse_next(p);
    return true;
}

// "struct network", or #2 for the third record of the module.
static bool parse_record_name(Parser *p, Record **record) {
    const Module *m = p->module;
    if (p->token.kind == TOKEN_HASH) {
        uint32_t index = 0;
        if (!parse_number_of(p, (uint32_t)m->records.count, &index))
            return false;
        *record = m->records.items[index];
        return true;
    }
    SourceLoc loc = p->token.loc;
    const char *name = NULL;
    if (!parse_string(p, &name))
        return false;
    *record = strmap_get(p->records, name);
    return *record ||
           parse_error(p, loc, "the module has no record \"%s\"", name);
}

// ---- Types ------------------------------------------------------------------

static bool parse_pointer(Parser *p, const Type **type) {
    if (!parse_expect(p, '<') || !parse_type(p, type) || !parse_expect(p, '>'))
        return false;
    *type = type_pointer(p->module, *type);
    return true;
}

static bool parse_array(Parser *p, const Type **type) {
    int64_t length = ARRAY_DYNAMIC;
    if (!parse_expect(p, '<'))
        return false;
    if (!parse_accept(p, '?')) {
        SourceLoc loc = p->token.loc;
        if (!parse_integer(p, &length))
            return false;
        if (length < 0)
            return parse_error(p, loc, "an array's length is a number or ?");
    }
    SourceLoc loc = p->token.loc;
    if (!parse_expect(p, ',') || !parse_type(p, type) || !parse_expect(p, '>'))
        return false;
    if ((*type)->kind == TYPE_VOID)
        return parse_error(p, loc, "there are no arrays of void");
    *type = type_array(p->module, *type, length);
    return true;
}

static bool parse_named(Parser *p, const Type **type) {
    const char *spelling = NULL;
    SourceLoc loc = p->token.loc;
    if (!parse_expect(p, '<') || !parse_string(p, &spelling) ||
        !parse_expect(p, ',') || !parse_type(p, type) || !parse_expect(p, '>'))
        return false;
    if ((*type)->kind == TYPE_OPAQUE)
        return parse_error(p, loc, "an opaque type has its own spelling");
    *type = type_named(p->module, *type, spelling);
    return true;
}

static bool parse_record_type(Parser *p, const Type **type) {
    Record *record;
    if (!parse_record_name(p, &record))
        return false;
    *type = type_record(p->module, record);
    return true;
}

static bool parse_opaque(Parser *p, const Type **type) {
    const char *spelling = NULL;
    if (!parse_string(p, &spelling))
        return false;
    *type = type_opaque(p->module, spelling);
    return true;
}

static bool parse_unqualified(Parser *p, const Type **type) {
    TypeKind kind;
    if (p->token.kind != TOKEN_WORD)
        return parse_unexpected(p, "a type");
    if (form_scalar_find(p->token.text, &kind)) {
        parse_next(p);
        *type = type_scalar(p->module, kind);
        return true;
    }
    if (parse_accept_word(p, "ptr"))
        return parse_pointer(p, type);
    if (parse_accept_word(p, "array"))
        return parse_array(p, type);
    if (parse_accept_word(p, "record"))
        return parse_record_type(p, type);
    if (parse_accept_word(p, "named"))
        return parse_named(p, type);
    if (parse_accept_word(p, "opaque"))
        return parse_opaque(p, type);
    return parse_error(p, p->token.loc, "there is no type '%s'", p->token.text);
}

bool parse_type(Parser *p, const Type **type) {
    if (p->depth >= MAX_TYPE_DEPTH)
        return parse_error(p, p->token.loc, "the type is nested too deeply");
    p->depth++;
    bool is_const = parse_accept_word(p, "const");
    bool parsed = parse_unqualified(p, type);
    p->depth--;
    if (parsed && is_const)
        *type = type_const(p->module, *type);
    return parsed;
}

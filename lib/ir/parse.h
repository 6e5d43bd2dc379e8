// parse.h - what the files of the parser share. Private to lib/ir: parse_lex.c
// cuts the text into tokens, parse_type.c reads what stands in all kinds of
// places (types, source places, names), parse_op.c functions' bodies, parse.c
// the declarations and the module.
//
// Every parse_ function reads one construct from the current token on, and
// answers false after an error, which has been reported. The first error of a
// declaration ends it; the next declaration is tried.
#ifndef GRADCC_IR_PARSE_H
#define GRADCC_IR_PARSE_H

#include "ir/form.h"

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_BAD,    // no token; reported
    TOKEN_WORD,   // add, w, inf, _
    TOKEN_STRING, // "text"
    TOKEN_NUMBER, // 12, -1.5e-3, -inf, 0x1.8p+1
    TOKEN_VALUE,  // %s.1
    TOKEN_NAME,   // @loss
    TOKEN_HASH,   // #12
    TOKEN_ARROW,  // ->
    TOKEN_DOTS,   // ...
    TOKEN_SIGN,   // one character of {}()[]<>,:=?+
} TokenKind;

typedef struct Token {
    TokenKind kind;
    bool first;       // on its line
    const char *text; // as written, without % @ # and quotes
    const char *name; // of a value: its hint, or NULL
    char sign;
    SourceLoc loc;
} Token;

typedef struct Parser {
    Arena *arena;
    Diagnostics *diags;
    const SourceFile *file;
    Module *module;
    // Where the next token is looked for.
    size_t offset, line_start;
    uint32_t line;
    Token token;                  // the current one
    bool quiet;                   // an error of this declaration was reported
    unsigned depth, region_depth; // bounded, so that the stack suffices
    StrMap *records;              // name to the first Record of that name
    StrMap *globals;              // name to Global
    StrMap *functions;            // name to Function
    // Of the function whose body is read.
    Function *function;
    StrMap *names;            // printed name to Name
    Vec(struct Name *) scope; // what is visible, innermost last
    StrMap *origins;          // number to Origin
} Parser;

typedef struct Name {
    Value *value;
    bool visible;
} Name;

// ---- parse_lex.c ------------------------------------------------------------

void parse_next(Parser *p); // to the next token
bool parse_error(Parser *p, SourceLoc loc, const char *format, ...)
    PRINTF_LIKE(3, 4);

// ---- parse_type.c -----------------------------------------------------------

bool parse_is_sign(const Parser *p, char sign);
bool parse_is_word(const Parser *p, const char *word);
bool parse_accept(Parser *p, char sign); // goes on where it is there
bool parse_accept_word(Parser *p, const char *word);
bool parse_expect(Parser *p, char sign);
bool parse_unexpected(Parser *p, const char *wanted);
bool parse_string(Parser *p, const char **string);
bool parse_integer(Parser *p, int64_t *integer);
bool parse_place(Parser *p, SourceLoc *loc); // "loss.c":12:9+5
bool parse_type(Parser *p, const Type **type);
bool parse_flag(Parser *p, void *object, const FormFlag *flags, size_t count);
bool parse_global_name(Parser *p, Global **global);
bool parse_function_name(Parser *p, Function **function);
bool parse_number_of(Parser *p, uint32_t limit, uint32_t *number); // #3

// ---- parse_op.c -------------------------------------------------------------

// From the body's { to its }. Values of the given printed names are parameters.
bool parse_body(Parser *p, Function *function, const Token *params);

#endif

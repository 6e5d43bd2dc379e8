// formula.c - the expressions of rules.def: parsed to trees, built as IR.
#include "differentiate/formula.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// ---- Parsing: recursive descent over C's expression grammar -----------------

typedef struct Parser {
    Arena *arena;
    const char *text, *at;
} Parser;

static Formula *parse_condition(Parser *p);

static void skip_space(Parser *p) {
    while (*p->at == ' ')
        p->at++;
}

static bool accept(Parser *p, const char *symbol) {
    skip_space(p);
    if (!string_starts(p->at, symbol))
        return false;
    p->at += strlen(symbol);
    return true;
}

static void expect(Parser *p, const char *symbol) {
    if (!accept(p, symbol))
        BUG("rule '%s': expected '%s' at '%s'", p->text, symbol, p->at);
}

static Formula *node(Parser *p, FormulaKind kind, OpKind op, Formula *a,
                     Formula *b) {
    Formula *f = arena_new(p->arena, Formula);
    f->kind = kind;
    f->op = op;
    f->parts[0] = a;
    f->parts[1] = b;
    f->part_count = b ? 2 : a ? 1 : 0;
    return f;
}

static Formula *parse_number(Parser *p) {
    char *end;
    Formula *f = node(p, FORMULA_NUMBER, OP_CONST, NULL, NULL);
    f->number = strtod(p->at, &end);
    f->digits = arena_strndup(p->arena, p->at, (size_t)(end - p->at));
    p->at = end;
    return f;
}

static Formula *parse_call(Parser *p, const char *name) {
    Formula *f = node(p, FORMULA_CALL, OP_MATH, NULL, NULL);
    for (int i = 0; i < MATH_COUNT && f->part_count == 0; i++)
        if (strcmp(math_info((MathFn)i)->name, name) == 0) {
            f->math = (MathFn)i;
            do
                f->parts[f->part_count++] = parse_condition(p);
            while (accept(p, ","));
        }
    if (f->part_count == 0)
        BUG("rule '%s': unknown function '%s'", p->text, name);
    expect(p, ")");
    return f;
}

static Formula *parse_name(Parser *p) {
    const char *start = p->at;
    while (isalnum((unsigned char)*p->at))
        p->at++;
    const char *name = arena_strndup(p->arena, start, (size_t)(p->at - start));
    if (strcmp(name, "I") == 0)
        BUG("rule '%s': write CMPLX(0, x) for i times x", p->text);
    if (accept(p, "("))
        return parse_call(p, name);
    if (!name[0] || name[1] || !strchr("xyzrqd", name[0]))
        BUG("rule '%s': unknown name '%s'", p->text, name);
    Formula *f = node(p, FORMULA_VARIABLE, OP_CONST, NULL, NULL);
    f->variable = name[0];
    return f;
}

static Formula *parse_primary(Parser *p) {
    skip_space(p);
    if (accept(p, "-"))
        return node(p, FORMULA_UNARY, OP_NEG, parse_primary(p), NULL);
    if (accept(p, "!"))
        return node(p, FORMULA_UNARY, OP_LNOT, parse_primary(p), NULL);
    if (accept(p, "(")) {
        Formula *f = parse_condition(p);
        expect(p, ")");
        return f;
    }
    return isdigit((unsigned char)*p->at) ? parse_number(p) : parse_name(p);
}

// One level of left-associative operators, all of one precedence.
typedef struct Level {
    const char *symbols[2];
    OpKind ops[2];
} Level;

static const Level levels[] = {
    {{"==", NULL}, {OP_EQ, OP_EQ}},
    {{"<", ">"}, {OP_LT, OP_GT}},
    {{"+", "-"}, {OP_ADD, OP_SUB}},
    {{"*", "/"}, {OP_MUL, OP_DIV}},
};

enum { LEVELS = sizeof levels / sizeof *levels };

static Formula *parse_level(Parser *p, int level) {
    if (level == LEVELS)
        return parse_primary(p);
    Formula *left = parse_level(p, level + 1);
    for (int i = 0; i < 2 && levels[level].symbols[i];)
        if (accept(p, levels[level].symbols[i])) {
            left = node(p, FORMULA_BINARY, levels[level].ops[i], left,
                        parse_level(p, level + 1));
            i = 0;
        } else {
            i++;
        }
    return left;
}

static Formula *parse_condition(Parser *p) {
    Formula *condition = parse_level(p, 0);
    if (!accept(p, "?"))
        return condition;
    Formula *yes = parse_condition(p);
    expect(p, ":");
    Formula *f = node(p, FORMULA_CONDITION, OP_SELECT, condition, yes);
    f->parts[2] = parse_condition(p);
    f->part_count = 3;
    return f;
}

const Formula *formula_parse(Arena *arena, const char *text) {
    Parser p = {arena, text, text};
    const Formula *f = parse_condition(&p);
    skip_space(&p);
    if (*p.at)
        BUG("rule '%s': cannot read '%s'", text, p.at);
    return f;
}

bool formula_mentions(const Formula *formula, char variable) {
    if (formula->kind == FORMULA_VARIABLE)
        return formula->variable == variable;
    for (int i = 0; i < formula->part_count; i++)
        if (formula_mentions(formula->parts[i], variable))
            return true;
    return false;
}

// ---- Building ---------------------------------------------------------------

// A long double keeps all digits by their spelling; double and float get the
// nearest value.
static Value *build_number(Builder *b, const Formula *f, const Type *type) {
    bool fraction = strchr(f->digits, '.') != NULL;
    if (type->kind == TYPE_LDOUBLE && fraction)
        return build_spelled(
            b, type, f->number,
            arena_printf(b->function->module->arena, "%sL", f->digits));
    double value = type->kind == TYPE_FLOAT ? (float)f->number : f->number;
    return build_float(b, type, value);
}

static Value *build_call_node(Builder *b, const Formula *f,
                              const FormulaScope *scope) {
    Value *arguments[3];
    for (int i = 0; i < f->part_count; i++)
        arguments[i] = formula_build(b, f->parts[i], scope);
    return build_math(b, f->math, arguments);
}

// 0 beside a complex number becomes one.
static Value *choose(Builder *b, Value *condition, Value *yes, Value *no) {
    if (type_is_complex(yes->type) != type_is_complex(no->type)) {
        bool complex_yes = type_is_complex(yes->type);
        const Type *type = complex_yes ? yes->type : no->type;
        yes = complex_yes ? yes : build_cast(b, type, yes);
        no = complex_yes ? build_cast(b, type, no) : no;
    }
    return build_select(b, condition, yes, no);
}

Value *formula_build(Builder *b, const Formula *f, const FormulaScope *scope) {
    switch (f->kind) {
    case FORMULA_NUMBER:
        return build_number(b, f, type_part(b->function->module, scope->type));
    case FORMULA_VARIABLE:
        ENSURE(scope->variables[(int)f->variable]);
        return scope->variables[(int)f->variable];
    case FORMULA_UNARY:
        return build_unary(b, f->op, formula_build(b, f->parts[0], scope));
    case FORMULA_BINARY: {
        Value *left = formula_build(b, f->parts[0], scope);
        return build_binary(b, f->op, left,
                            formula_build(b, f->parts[1], scope));
    }
    case FORMULA_CALL: return build_call_node(b, f, scope);
    case FORMULA_CONDITION: {
        Value *condition = formula_build(b, f->parts[0], scope);
        Value *yes = formula_build(b, f->parts[1], scope);
        Value *no = formula_build(b, f->parts[2], scope);
        return choose(b, condition, yes, no);
    }
    }
    BUG("formula kind %d", f->kind);
}

static Value *or_zero(Builder *b, Value *value, const Type *type) {
    return value ? value : build_float(b, type, 0);
}

static Value *scale_condition(Builder *b, const Formula *f,
                              const FormulaScope *scope, Value *seed) {
    Value *condition = formula_build(b, f->parts[0], scope);
    Value *yes = formula_build_scaled(b, f->parts[1], scope, seed);
    Value *no = formula_build_scaled(b, f->parts[2], scope, seed);
    return build_select(b, condition, or_zero(b, yes, scope->type),
                        or_zero(b, no, scope->type));
}

Value *formula_build_scaled(Builder *b, const Formula *f,
                            const FormulaScope *scope, Value *seed) {
    if (f->kind == FORMULA_NUMBER && f->number == 0)
        return NULL;
    if (f->kind == FORMULA_NUMBER && f->number == 1)
        return seed;
    if (f->kind == FORMULA_CONDITION)
        return scale_condition(b, f, scope, seed);
    if (f->kind == FORMULA_UNARY && f->op == OP_NEG) {
        Value *scaled = formula_build_scaled(b, f->parts[0], scope, seed);
        return scaled ? build_unary(b, OP_NEG, scaled) : NULL;
    }
    if (f->kind == FORMULA_BINARY && f->op == OP_DIV)
        return build_binary(b, OP_DIV,
                            formula_build_scaled(b, f->parts[0], scope, seed),
                            formula_build(b, f->parts[1], scope));
    return build_binary(b, OP_MUL, seed, formula_build(b, f, scope));
}

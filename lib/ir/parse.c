// parse.c - the printed form of a module, back into a module. The text is gone
// through three times: once for what is declared, so that declarations may
// come in any order; once for the declarations; once for the bodies. What is
// answered keeps every rule of the verifier.
#include "ir/parse.h"

#include <stdlib.h>
#include <string.h>

// A declaration: where it begins, and what it declares.
typedef struct Declaration {
    size_t offset, line_start;
    uint32_t line;
    Record *record;
    Global *global;
    Function *function;
    const Token *params;       // printed names of the values
    const char *derivative_of; // resolved when all functions are known
    SourceLoc loc, derivative_loc;
    bool has_body;
} Declaration;

typedef Vec(Declaration) Declarations;

static void go_to(Parser *p, const Declaration *d) {
    p->offset = d->offset;
    p->line_start = d->line_start;
    p->line = d->line;
    p->quiet = false;
    p->depth = 0;
    parse_next(p);
}

// ---- What is declared -------------------------------------------------------

// Declarations, and nothing else outside of braces, begin in column 1.
static bool starts_declaration(const Parser *p) {
    return p->token.kind == TOKEN_WORD && p->token.loc.column == 1;
}

static void note_record(Parser *p, Declaration *d) {
    Record *record = arena_new(p->arena, Record);
    if (p->token.kind == TOKEN_STRING) {
        record->name = p->token.text;
        if (!strmap_has(p->records, record->name))
            strmap_set(p->records, record->name, record);
    }
    vec_push(p->arena, &p->module->records, record);
    d->record = record;
}

static void note_global(Parser *p, Declaration *d) {
    Global *global = arena_new(p->arena, Global);
    if (p->token.kind == TOKEN_NAME) {
        global->name = p->token.text;
        if (!strmap_has(p->globals, global->name))
            strmap_set(p->globals, global->name, global);
    }
    vec_push(p->arena, &p->module->globals, global);
    d->global = global;
}

// Its first declaration; rules and callbacks may name it before it is read.
static void note_function(Parser *p, Declaration *d) {
    if (p->token.kind != TOKEN_NAME || strmap_has(p->functions, p->token.text))
        return;
    const Type *nothing = type_scalar(p->module, TYPE_VOID);
    d->function = function_create(p->module, p->token.text, nothing, 0);
    strmap_set(p->functions, p->token.text, d->function);
}

static void note_declaration(Parser *p, Declarations *declarations) {
    Declaration d = {.offset = p->token.loc.offset,
                     .line_start = p->line_start,
                     .line = p->line,
                     .loc = p->token.loc};
    if (parse_accept_word(p, "record"))
        note_record(p, &d);
    else if (parse_accept_word(p, "global"))
        note_global(p, &d);
    else if (parse_accept_word(p, "func"))
        note_function(p, &d);
    else
        parse_next(p);
    vec_push(p->arena, declarations, d);
}

// False where the text does not even divide into tokens.
static bool find_declarations(Parser *p, Declarations *declarations) {
    size_t depth = 0;
    parse_next(p);
    while (p->token.kind != TOKEN_END && p->token.kind != TOKEN_BAD) {
        if (depth == 0 && starts_declaration(p)) {
            note_declaration(p, declarations);
            continue;
        }
        if (!declarations->count)
            return parse_unexpected(p, "module");
        if (parse_is_sign(p, '{'))
            depth++;
        else if (parse_is_sign(p, '}') && depth > 0)
            depth--;
        parse_next(p);
    }
    return p->token.kind == TOKEN_END;
}

// ---- Modules, records, globals ----------------------------------------------

static bool parse_source(Parser *p) {
    return parse_string(p, &p->module->source);
}

static bool parse_include(Parser *p) {
    const char *include;
    if (!parse_string(p, &include))
        return false;
    vec_push(p->arena, &p->module->includes, include);
    return true;
}

// w: array<32, double> : 3
static bool parse_field(Parser *p, Field *field) {
    int64_t bits = 0;
    if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
        return parse_unexpected(p, "a field or '}'");
    field->name = *p->token.text ? p->token.text : NULL;
    parse_next(p);
    if (!parse_expect(p, ':') || !parse_type(p, &field->type))
        return false;
    SourceLoc loc = p->token.loc;
    if (!parse_accept(p, ':'))
        return true;
    if (!parse_integer(p, &bits))
        return false;
    field->bits = (int)bits;
    return (bits > 0 && bits <= 64) ||
           parse_error(p, loc, "a bit-field has 1 to 64 bits");
}

static bool parse_fields(Parser *p, Record *record) {
    Vec(Field) fields = {0};
    if (!parse_accept(p, '{'))
        return true;
    while (!parse_accept(p, '}')) {
        Field field = {0};
        if (!parse_field(p, &field))
            return false;
        vec_push(p->arena, &fields, field);
    }
    record->fields = fields.items;
    record->field_count = fields.count;
    return true;
}

static bool parse_record(Parser *p, Record *record) {
    static const FormFlag flags[] = {
        {"union", offsetof(Record, is_union)},
        {"header", offsetof(Record, in_header)},
        {"foreign", offsetof(Record, is_foreign)},
    };
    if (!parse_accept_word(p, "_")) {
        if (p->token.kind != TOKEN_STRING)
            return parse_unexpected(p, "the record's name in quotes, or _");
        parse_next(p);
    }
    if (!parse_fields(p, record))
        return false;
    while (!starts_declaration(p)) {
        if (parse_flag(p, record, flags, 3))
            continue;
        if (parse_accept_word(p, "loc")) {
            if (!parse_place(p, &record->loc))
                return false;
        } else if (parse_accept_word(p, "defined")) {
            if (!parse_string(p, &record->definition))
                return false;
        } else {
            break;
        }
    }
    return true;
}

static bool parse_global(Parser *p, Global *global) {
    size_t flag_count;
    const FormFlag *flags = form_global_flags(&flag_count);
    if (p->token.kind != TOKEN_NAME)
        return parse_unexpected(p, "the global's name, as in @table");
    parse_next(p);
    if (!parse_expect(p, ':') || !parse_type(p, &global->type))
        return false;
    while (!starts_declaration(p)) {
        if (parse_flag(p, global, flags, flag_count))
            continue;
        if (parse_accept_word(p, "loc")) {
            if (!parse_place(p, &global->loc))
                return false;
        } else if (parse_accept_word(p, "defined")) {
            if (!parse_string(p, &global->definition))
                return false;
        } else {
            break;
        }
    }
    return true;
}

// ---- Parameters -------------------------------------------------------------

static bool parse_param_attributes(Parser *p, Param *param) {
    static const FormFlag flags[] = {
        {"by_value", offsetof(Param, by_value_record)},
        {"restrict", offsetof(Param, is_restrict)},
    };
    while (!parse_is_sign(p, ',') && !parse_is_sign(p, ')')) {
        if (parse_flag(p, param, flags, 2))
            continue;
        if (parse_accept_word(p, "nameless")) {
            param->name = NULL;
        } else if (parse_accept_word(p, "name")) {
            if (!parse_string(p, &param->name))
                return false;
        } else if (parse_accept_word(p, "extents")) {
            if (!parse_string(p, &param->extents))
                return false;
        } else if (parse_accept_word(p, "callback")) {
            if (!parse_function_name(p, &param->callback))
                return false;
        } else if (parse_accept_word(p, "loc")) {
            if (!parse_place(p, &param->loc))
                return false;
        } else {
            return parse_unexpected(p, "',' or ')'");
        }
    }
    return true;
}

// %w: ptr<const double> restrict extents "[n]"
static bool parse_param(Parser *p, Param *param, Token *token) {
    *token = p->token;
    if (p->token.kind != TOKEN_VALUE && !parse_is_word(p, "_"))
        return parse_unexpected(p, "a parameter, as in %x: double");
    param->name = token->name;
    parse_next(p);
    return parse_expect(p, ':') && parse_type(p, &param->type) &&
           parse_param_attributes(p, param);
}

typedef struct Params {
    Vec(Param) params;
    Vec(Token) tokens;
    bool is_variadic;
} Params;

static bool parse_params(Parser *p, Params *params) {
    if (!parse_expect(p, '('))
        return false;
    if (parse_accept(p, ')'))
        return true;
    do {
        Param param = {0};
        Token token = {0};
        if (p->token.kind == TOKEN_DOTS) {
            params->is_variadic = true;
            parse_next(p);
            break;
        }
        if (!parse_param(p, &param, &token))
            return false;
        vec_push(p->arena, &params->params, param);
        vec_push(p->arena, &params->tokens, token);
    } while (parse_accept(p, ','));
    return parse_expect(p, ')');
}

// ---- Annotations ------------------------------------------------------------

// By name, or #2 for the third.
static bool parse_param_reference(Parser *p, const Function *function,
                                  uint32_t *index) {
    if (p->token.kind == TOKEN_HASH)
        return parse_number_of(p, function->param_count, index);
    if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
        return parse_unexpected(p, "a parameter's name");
    for (uint32_t i = 0; i < function->param_count; i++)
        if (string_equal(function->params[i].name, p->token.text)) {
            *index = i;
            parse_next(p);
            return true;
        }
    return parse_error(p, p->token.loc, "the function has no parameter '%s'",
                       p->token.text);
}

static bool parse_extent(Parser *p, const Function *function, Extent *extent);

static bool parse_extent_sign(Parser *p, OpKind *operation) {
    static const OpKind kinds[] = {OP_ADD, OP_SUB, OP_MUL, OP_DIV};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (parse_accept_word(p, op_info(kinds[i])->name)) {
            *operation = kinds[i];
            return true;
        }
    return parse_unexpected(p, "add, sub, mul or div");
}

// (n mul 3)
static bool parse_extent_pair(Parser *p, const Function *function,
                              Extent *extent) {
    extent->operands[0] = arena_new(p->arena, Extent);
    extent->operands[1] = arena_new(p->arena, Extent);
    return parse_extent(p, function, extent->operands[0]) &&
           parse_extent_sign(p, &extent->operation) &&
           parse_extent(p, function, extent->operands[1]) &&
           parse_expect(p, ')');
}

// A number, a parameter, or an expression of them.
static bool parse_extent(Parser *p, const Function *function, Extent *extent) {
    uint32_t index;
    extent->param = -1;
    if (parse_accept(p, '('))
        return parse_extent_pair(p, function, extent);
    if (p->token.kind == TOKEN_NUMBER)
        return parse_integer(p, &extent->constant);
    if (!parse_param_reference(p, function, &index))
        return false;
    extent->param = (int)index;
    return true;
}

// [0:n] or [0:12]
static bool parse_section(Parser *p, const Function *function, Extent *extent) {
    int64_t zero;
    return parse_integer(p, &zero) && parse_expect(p, ':') &&
           parse_extent(p, function, extent) && parse_expect(p, ']');
}

static bool parse_item(Parser *p, const Function *function, GradItem *item) {
    Vec(Extent) extents = {0};
    if (p->token.kind == TOKEN_NAME) {
        item->kind = ITEM_GLOBAL;
        if (!parse_global_name(p, &item->global))
            return false;
    } else if (parse_accept_word(p, "return")) {
        item->kind = ITEM_RETURN;
    } else if (!parse_param_reference(p, function, &item->param)) {
        return false;
    }
    while (parse_accept(p, '[')) {
        Extent extent = {0};
        if (!parse_section(p, function, &extent))
            return false;
        vec_push(p->arena, &extents, extent);
    }
    item->extents = extents.items;
    item->extent_count = (uint32_t)extents.count;
    return !parse_accept_word(p, "loc") || parse_place(p, &item->loc);
}

static bool parse_items(Parser *p, const Function *function, GradItem **items,
                        uint32_t *count) {
    Vec(GradItem) list = {0};
    if (!parse_expect(p, '('))
        return false;
    while (!parse_accept(p, ')')) {
        GradItem item = {0};
        if ((list.count && !parse_expect(p, ',')) ||
            !parse_item(p, function, &item))
            return false;
        vec_push(p->arena, &list, item);
    }
    *items = list.items;
    *count = (uint32_t)list.count;
    return true;
}

static bool parse_mode(Parser *p, GradMode *mode) {
    if (p->token.kind != TOKEN_WORD || !form_mode_find(p->token.text, mode))
        return parse_unexpected(p,
                                "reverse, forward, hvp, jacobian or hessian");
    parse_next(p);
    return true;
}

static bool parse_clauses(Parser *p, const Function *function, Annotation *a) {
    for (;;) {
        bool parsed, given = !parse_accept_word(p, "default");
        if (parse_accept_word(p, "wrt")) {
            a->wrt_given = given;
            parsed = parse_items(p, function, &a->wrt, &a->wrt_count);
        } else if (parse_accept_word(p, "of")) {
            a->of_given = given;
            parsed = parse_items(p, function, &a->of, &a->of_count);
        } else if (given && parse_accept_word(p, "work")) {
            parsed = parse_items(p, function, &a->work, &a->work_count);
        } else if (given && parse_accept_word(p, "directions")) {
            a->has_directions = true;
            parsed = parse_expect(p, '(') &&
                     parse_extent(p, function, &a->directions) &&
                     parse_expect(p, ')');
        } else if (given && parse_accept_word(p, "sparse")) {
            a->sparse = parsed = true;
        } else if (given && parse_accept_word(p, "layout")) {
            a->denominator = true;
            parsed = parse_expect(p, '(') &&
                     (parse_accept_word(p, "denominator") ||
                      parse_unexpected(p, "denominator")) &&
                     parse_expect(p, ')');
        } else if (given) {
            return !parse_accept_word(p, "loc") || parse_place(p, &a->loc);
        } else {
            return parse_unexpected(p, "wrt or of");
        }
        if (!parsed)
            return false;
    }
}

// reverse "loss_grad" wrt(w[0:n]) default of(return)
static bool parse_annotation(Parser *p, const Function *function,
                             Annotation *a) {
    return parse_mode(p, &a->mode) && parse_string(p, &a->name) &&
           parse_clauses(p, function, a);
}

// reverse @dot_grad wrt(x[0:n]) default of(return)
static bool parse_rule(Parser *p, const Function *function, UserRule *rule) {
    return parse_mode(p, &rule->annotation.mode) &&
           parse_function_name(p, &rule->derivative) &&
           parse_clauses(p, function, &rule->annotation);
}

// ---- Functions --------------------------------------------------------------

// "setjmp is not understood" note "..." loc "loss.c":3:5
static bool parse_refusal(Parser *p, Function *f) {
    if (!parse_string(p, &f->refusal))
        return false;
    if (parse_accept_word(p, "note") && !parse_string(p, &f->refusal_note))
        return false;
    return !parse_accept_word(p, "loc") || parse_place(p, &f->refusal_loc);
}

static bool parse_function_attribute(Parser *p, Declaration *d, bool *found) {
    Function *f = d->function;
    *found = true;
    if (parse_accept_word(p, "loc"))
        return parse_place(p, &f->loc);
    if (parse_accept_word(p, "comment"))
        return parse_string(p, &f->comment);
    if (parse_accept_word(p, "text"))
        return parse_string(p, &f->text);
    if (parse_accept_word(p, "refused"))
        return parse_refusal(p, f);
    if (parse_accept_word(p, "derivative_of")) {
        if (p->token.kind != TOKEN_NAME)
            return parse_unexpected(p, "a function, as in @loss");
        d->derivative_of = p->token.text;
        d->derivative_loc = p->token.loc;
        parse_next(p);
        return true;
    }
    *found = false;
    return true;
}

static bool parse_function_attributes(Parser *p, Declaration *d) {
    Vec(Annotation) annotations = {0};
    Vec(UserRule) rules = {0};
    Function *f = d->function;
    size_t flag_count;
    const FormFlag *flags = form_function_flags(&flag_count);
    bool found = true;
    while (found && !starts_declaration(p)) {
        if (parse_flag(p, f, flags, flag_count))
            continue;
        if (parse_accept_word(p, "grad")) {
            Annotation annotation = {0};
            if (!parse_annotation(p, f, &annotation))
                return false;
            vec_push(p->arena, &annotations, annotation);
            f->annotations = annotations.items;
            f->annotation_count = (uint32_t)annotations.count;
        } else if (parse_accept_word(p, "rule")) {
            UserRule rule = {0};
            if (!parse_rule(p, f, &rule))
                return false;
            vec_push(p->arena, &rules, rule);
            f->rules = rules.items;
            f->rule_count = (uint32_t)rules.count;
        } else if (!parse_function_attribute(p, d, &found)) {
            return false;
        }
    }
    return true;
}

static bool parse_signature(Parser *p, Declaration *d) {
    Params params = {0};
    const Type *result;
    if (p->token.kind != TOKEN_NAME)
        return parse_unexpected(p, "the function's name, as in @loss");
    Token name = p->token;
    parse_next(p);
    if (!d->function)
        return parse_error(p, name.loc, "@%s is declared already", name.text);
    if (!parse_params(p, &params))
        return false;
    if (p->token.kind != TOKEN_ARROW)
        return parse_unexpected(p, "-> and the result's type");
    parse_next(p);
    if (!parse_type(p, &result))
        return false;
    d->function->result = result;
    d->function->params = params.params.items;
    d->function->param_count = (uint32_t)params.params.count;
    d->function->is_variadic = params.is_variadic;
    d->params = params.tokens.items;
    return parse_function_attributes(p, d);
}

// Leaves off before the body, whose place becomes the declaration's.
static bool parse_function(Parser *p, Declaration *d) {
    if (!parse_signature(p, d))
        return false;
    d->has_body = parse_is_sign(p, '{');
    d->offset = p->token.loc.offset;
    d->line_start = p->line_start;
    d->line = p->line;
    return true;
}

static bool check_params_named(Parser *p, const Declaration *d) {
    for (uint32_t i = 0; i < d->function->param_count; i++)
        if (d->params[i].kind != TOKEN_VALUE)
            return parse_error(p, d->params[i].loc,
                               "with a body, a parameter has a value's name");
    return true;
}

static bool parse_function_body(Parser *p, const Declaration *d) {
    go_to(p, d);
    SourceLoc loc = d->function->loc;
    d->function->loc = d->loc; // for messages
    bool parsed =
        check_params_named(p, d) && parse_body(p, d->function, d->params);
    d->function->loc = loc;
    return parsed && (p->token.kind == TOKEN_END || starts_declaration(p) ||
                      parse_unexpected(p, "the next declaration"));
}

// ---- The module -------------------------------------------------------------

static bool parse_kind(Parser *p, Declaration *d, bool first) {
    if (first != parse_is_word(p, "module"))
        return parse_error(p, p->token.loc,
                           "the text begins with its one module line");
    if (parse_accept_word(p, "module"))
        return parse_source(p);
    if (parse_accept_word(p, "include"))
        return parse_include(p);
    if (parse_accept_word(p, "record"))
        return parse_record(p, d->record);
    if (parse_accept_word(p, "global"))
        return parse_global(p, d->global);
    if (parse_accept_word(p, "func"))
        return parse_function(p, d);
    return parse_error(p, p->token.loc,
                       "a declaration begins with module, include, record, "
                       "global or func");
}

static bool parse_declaration(Parser *p, Declaration *d, bool first) {
    go_to(p, d);
    return parse_kind(p, d, first) &&
           (d->has_body || p->token.kind == TOKEN_END ||
            starts_declaration(p) ||
            parse_unexpected(p, "the next declaration, in column 1"));
}

static bool resolve_derivative(Parser *p, const Declaration *d) {
    if (!d->derivative_of)
        return true;
    d->function->derivative_of = strmap_get(p->functions, d->derivative_of);
    p->quiet = false;
    return d->function->derivative_of ||
           parse_error(p, d->derivative_loc, "the module has no function @%s",
                       d->derivative_of);
}

static bool parse_module(Parser *p) {
    Declarations all = {0};
    bool good = find_declarations(p, &all);
    if (!good)
        return false;
    if (!all.count)
        return parse_unexpected(p, "module");
    for (size_t i = 0; i < all.count; i++)
        good = parse_declaration(p, &all.items[i], i == 0) && good;
    for (size_t i = 0; good && i < all.count; i++)
        good = resolve_derivative(p, &all.items[i]);
    if (!good)
        return false;
    for (size_t i = 0; i < all.count; i++)
        if (all.items[i].has_body)
            good = parse_function_body(p, &all.items[i]) && good;
    return good;
}

Module *ir_parse(Arena *arena, Diagnostics *diags, const SourceFile *file) {
    Parser p = {.arena = arena, .diags = diags, .file = file, .line = 1};
    const char *message;
    p.module = module_create(arena, file->path);
    p.records = strmap_create(arena);
    p.globals = strmap_create(arena);
    p.functions = strmap_create(arena);
    if (!parse_module(&p))
        return NULL;
    if (ir_verify(arena, p.module, &message))
        return p.module;
    SourceLoc loc = {.file = file, .line = 1, .column = 1};
    diag_error(diags, loc, "%s", message);
    return NULL;
}

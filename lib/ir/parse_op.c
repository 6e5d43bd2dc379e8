// parse_op.c - the body of a function: regions and operations. Each operation
// is held against the verifier's rules as soon as it is read, so that a broken
// rule is reported at its place.
#include "ir/parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REGION_DEPTH = 1000 };

// What has been read of an operation that is not made yet.
typedef struct Draft {
    SourceLoc loc;
    Op op; // its kind and attributes
    Vec(Token) results;
    Vec(Value *) operands;
    Vec(const Type *) types; // of the results, where they are written
    // Parameters of its regions; the carried ones of a while come twice.
    Vec(Token) params;
    Vec(const Type *) param_types;
    bool adjoint;
    const Origin *origin;
} Draft;

// ---- Names of values --------------------------------------------------------

static bool define(Parser *p, const Token *token, Value *value) {
    Name *name = strmap_get(p->names, token->text);
    if (name && name->visible)
        return parse_error(p, token->loc, "%%%s is defined already",
                           token->text);
    name = arena_new(p->arena, Name);
    *name = (Name){value, true};
    strmap_set(p->names, token->text, name);
    vec_push(p->arena, &p->scope, name);
    return true;
}

static void leave_scope(Parser *p, size_t count) {
    while (p->scope.count > count)
        p->scope.items[--p->scope.count]->visible = false;
}

static bool parse_value_token(Parser *p, Token *token) {
    if (p->token.kind != TOKEN_VALUE)
        return parse_unexpected(p, "a value, as in %x");
    *token = p->token;
    parse_next(p);
    return true;
}

static bool parse_value(Parser *p, Value **value) {
    Token token = {0};
    if (!parse_value_token(p, &token))
        return false;
    const Name *name = strmap_get(p->names, token.text);
    if (!name)
        return parse_error(p, token.loc, "%%%s is not defined", token.text);
    if (!name->visible)
        return parse_error(p, token.loc,
                           "%%%s is not visible here: its region has ended",
                           token.text);
    *value = name->value;
    return true;
}

static bool parse_operand(Parser *p, Draft *d) {
    Value *value = NULL;
    if (!parse_value(p, &value))
        return false;
    vec_push(p->arena, &d->operands, value);
    return true;
}

// Operands stand on the operation's line; none need be there.
static bool parse_operands(Parser *p, Draft *d) {
    if (p->token.kind != TOKEN_VALUE || p->token.first)
        return true;
    do {
        if (!parse_operand(p, d))
            return false;
    } while (parse_accept(p, ','));
    return true;
}

// ---- Attributes -------------------------------------------------------------

// What print_real wrote: a decimal (of a float: to be rounded to float), hex,
// inf, -inf, nan:0x7ff8000000000000.
static bool parse_real(Parser *p, const Type *type, double *real) {
    const char *text = p->token.text;
    char *end;
    if (parse_accept_word(p, "nan")) {
        if (!parse_accept(p, ':') || p->token.kind != TOKEN_NUMBER)
            return parse_unexpected(p, "the bits of the NaN, as in nan:0x7ff8");
        uint64_t bits = strtoull(p->token.text, &end, 16);
        memcpy(real, &bits, sizeof bits);
        if (*end || !isnan(*real))
            return parse_unexpected(p, "the bits of a NaN");
        parse_next(p);
        return true;
    }
    if (p->token.kind != TOKEN_NUMBER && !parse_is_word(p, "inf"))
        return parse_unexpected(p, "a number");
    bool is_decimal = !strpbrk(text, "xX");
    bool is_float = type->kind == TYPE_FLOAT || type->kind == TYPE_CFLOAT;
    *real = is_float && is_decimal ? (double)strtof(text, &end)
                                   : strtod(text, &end);
    if (*end || (isinf(*real) && !strpbrk(text, "i")))
        return parse_unexpected(p, "a number in the type's range");
    parse_next(p);
    return true;
}

// (real, imaginary)
static bool parse_complex(Parser *p, const Type *type, Draft *d) {
    return parse_expect(p, '(') &&
           parse_real(p, type, &d->op.as.constant.real) &&
           parse_expect(p, ',') &&
           parse_real(p, type, &d->op.as.constant.imaginary) &&
           parse_expect(p, ')');
}

static bool parse_number(Parser *p, const Type *type, Draft *d) {
    if (type_is_complex(type))
        return parse_complex(p, type, d);
    return type_is_float(type) ? parse_real(p, type, &d->op.as.constant.real)
                               : parse_integer(p, &d->op.as.constant.integer);
}

static bool parse_constant(Parser *p, Draft *d) {
    const Type *type;
    if (!parse_type(p, &type))
        return false;
    vec_push(p->arena, &d->types, type);
    if (!parse_number(p, type, d))
        return false;
    return p->token.kind != TOKEN_STRING ||
           parse_string(p, &d->op.as.constant.spelling);
}

static bool parse_undef(Parser *p, Draft *d) {
    const Type *type;
    if (!parse_type(p, &type))
        return false;
    vec_push(p->arena, &d->types, type);
    return true;
}

static bool parse_math(Parser *p, Draft *d) {
    if (p->token.kind != TOKEN_WORD ||
        !form_math_find(p->token.text, &d->op.as.math))
        return parse_unexpected(p, "a math function of math.def");
    parse_next(p);
    return true;
}

static bool parse_heap(Parser *p, Draft *d) {
    if (p->token.kind != TOKEN_WORD ||
        !form_heap_find(p->token.text, &d->op.as.heap))
        return parse_unexpected(
            p, "malloc, calloc, checked, unset, sized, aligned, alloca or "
               "tape");
    parse_next(p);
    return true;
}

// ---- Operands of a form of their own ----------------------------------------

static bool find_field(const Record *record, const char *name,
                       uint32_t *index) {
    for (size_t i = 0; i < record->field_count; i++)
        if (string_equal(record->fields[i].name, name)) {
            *index = (uint32_t)i;
            return true;
        }
    return false;
}

// %s, w or %s, #3
static bool parse_field(Parser *p, Draft *d) {
    if (!parse_operand(p, d) || !parse_expect(p, ','))
        return false;
    const Type *type = d->operands.items[0]->type;
    if (!type_is_pointer(type) || type->element->kind != TYPE_RECORD)
        return parse_error(p, d->loc,
                           "operand 0 must be a pointer to a record");
    const Record *record = type->element->record;
    if (p->token.kind == TOKEN_HASH)
        return parse_number_of(p, (uint32_t)record->field_count,
                               &d->op.as.field);
    if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
        return parse_unexpected(p, "a field");
    if (!find_field(record, p->token.text, &d->op.as.field))
        return parse_error(p, p->token.loc, "%s has no field '%s'",
                           record->name ? record->name : "the record",
                           p->token.text);
    parse_next(p);
    return true;
}

static bool parse_call(Parser *p, Draft *d) {
    if (!parse_function_name(p, &d->op.as.callee) || !parse_expect(p, '('))
        return false;
    if (parse_accept(p, ')'))
        return true;
    do {
        if (!parse_operand(p, d))
            return false;
    } while (parse_accept(p, ','));
    return parse_expect(p, ')');
}

// %p: double
static bool parse_typed_value(Parser *p, Draft *d) {
    Token token = {0};
    const Type *type;
    if (!parse_value_token(p, &token) || !parse_expect(p, ':') ||
        !parse_type(p, &type))
        return false;
    vec_push(p->arena, &d->params, token);
    vec_push(p->arena, &d->param_types, type);
    return true;
}

// carry (%p: double = %initial, ...)
static bool parse_carried(Parser *p, Draft *d) {
    if (!parse_accept_word(p, "carry"))
        return true;
    if (!parse_expect(p, '('))
        return false;
    do {
        if (!parse_typed_value(p, d) || !parse_expect(p, '=') ||
            !parse_operand(p, d))
            return false;
    } while (parse_accept(p, ','));
    return parse_expect(p, ')');
}

// pragma (independent "loss.c":12:1)
static bool parse_loop_info(Parser *p, Draft *d) {
    if (!parse_accept_word(p, "pragma"))
        return true;
    LoopInfo *info = arena_new(p->arena, LoopInfo);
    d->op.as.loop.info = info;
    if (!parse_expect(p, '('))
        return false;
    info->independent = parse_accept_word(p, "independent");
    info->checkpoint = parse_accept_word(p, "checkpoint");
    if (p->token.kind == TOKEN_STRING && !parse_place(p, &info->loc))
        return false;
    return parse_expect(p, ')');
}

// %i: int = %begin, lt %end, step %one carry (...) reversed
static bool parse_for(Parser *p, Draft *d) {
    if (!parse_typed_value(p, d) || !parse_expect(p, '=') ||
        !parse_operand(p, d) || !parse_expect(p, ','))
        return false;
    if (p->token.kind != TOKEN_WORD ||
        !op_kind_find(p->token.text, &d->op.as.loop.compare))
        return parse_unexpected(p, "lt, le, gt, ge or ne");
    parse_next(p);
    if (!parse_operand(p, d) || !parse_expect(p, ','))
        return false;
    if (!parse_accept_word(p, "step"))
        return parse_unexpected(p, "step");
    if (!parse_operand(p, d) || !parse_carried(p, d))
        return false;
    d->op.as.loop.reversed = parse_accept_word(p, "reversed");
    return parse_loop_info(p, d);
}

// What stands between the operation's name and the types.
static bool parse_middle(Parser *p, Draft *d) {
    switch (d->op.kind) {
    case OP_CONST: return parse_constant(p, d);
    case OP_UNDEF: return parse_undef(p, d);
    case OP_STRING: return parse_string(p, &d->op.as.text);
    case OP_CHECKPOINT:
        return parse_string(p, &d->op.as.text) && parse_operands(p, d);
    case OP_FUNCTION: return parse_function_name(p, &d->op.as.callee);
    case OP_GLOBAL: return parse_global_name(p, &d->op.as.global);
    case OP_MATH: return parse_math(p, d) && parse_operands(p, d);
    case OP_HEAP: return parse_heap(p, d) && parse_operands(p, d);
    case OP_REALLOC:
    case OP_FREE:
        if (p->token.kind == TOKEN_WORD && !parse_heap(p, d))
            return false;
        return parse_operands(p, d);
    case OP_ALLOC:
    case OP_COPY:
    case OP_ZERO: return parse_type(p, &d->op.as.type) && parse_operands(p, d);
    case OP_FIELD: return parse_field(p, d);
    case OP_CALL: return parse_call(p, d);
    case OP_FOR: return parse_for(p, d);
    case OP_WHILE: return parse_carried(p, d) && parse_loop_info(p, d);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
    case OP_NEG:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_NOT:
    case OP_SHL:
    case OP_SHR:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE:
    case OP_LNOT:
    case OP_SELECT:
    case OP_CAST:
    case OP_INACTIVE:
    case OP_PTRDIFF:
    case OP_HEAP_SIZE:
    case OP_INDEX:
    case OP_ELEM:
    case OP_LOAD:
    case OP_STORE:
    case OP_IF:
    case OP_YIELD:
    case OP_CONDITION:
    case OP_RETURN:
    case OP_TAPE:
    case OP_PUSH:
    case OP_POP:
    case OP_TAPE_FREE: return parse_operands(p, d);
    case OP_COUNT: break;
    }
    return false;
}

// ---- Types, adjoint, origin -------------------------------------------------

static bool parse_result_types(Parser *p, Draft *d) {
    if (parse_accept(p, ':')) {
        do {
            const Type *type;
            if (!parse_type(p, &type))
                return false;
            vec_push(p->arena, &d->types, type);
        } while (parse_accept(p, ','));
    }
    return !d->types.count || d->types.count == d->results.count ||
           parse_error(p, d->loc, "%s: %zu result types for %zu results",
                       op_info(d->op.kind)->name, d->types.count,
                       d->results.count);
}

// #1 = "loss.c":12:9 "s += x;" or #1
static bool parse_origin(Parser *p, Draft *d) {
    if (p->token.kind != TOKEN_HASH)
        return true;
    Token number = p->token;
    parse_next(p);
    d->origin = strmap_get(p->origins, number.text);
    if (!parse_accept(p, '='))
        return d->origin ||
               parse_error(p, number.loc, "the origin #%s is not defined yet",
                           number.text);
    if (d->origin)
        return parse_error(p, number.loc, "the origin #%s is defined already",
                           number.text);
    Origin *origin = arena_new(p->arena, Origin);
    if (!parse_place(p, &origin->loc))
        return false;
    if (p->token.kind == TOKEN_STRING && !parse_string(p, &origin->text))
        return false;
    strmap_set(p->origins, number.text, origin);
    d->origin = origin;
    return true;
}

// ---- Making the operation ---------------------------------------------------

static bool check_rules(Parser *p, const Draft *d, const Op *op) {
    const char *rule = form_broken_rule(p->module, op);
    return !rule ||
           parse_error(p, d->loc, "%s: %s", op_info(op->kind)->name, rule);
}

static uint32_t region_count(OpKind kind) {
    return kind == OP_FOR ? 1 : kind == OP_IF || kind == OP_WHILE ? 2 : 0;
}

// Operands never tell, or are not enough to ask about rules.
static bool is_type_written(OpKind kind) {
    return kind == OP_STRING || kind == OP_FUNCTION || kind == OP_CAST ||
           kind == OP_TAPE || kind == OP_POP || region_count(kind) > 0;
}

// The type that is written, or that follows from the operands. Where operands
// are wrong none follows; then the rule that they break is reported.
static const Type *result_type(Parser *p, const Draft *d, Op *op, uint32_t i) {
    const Type *type =
        d->types.count ? d->types.items[i] : form_result_type(p->module, op, i);
    if (type)
        return type;
    Value none = {.type = type_scalar(p->module, TYPE_INT), .op = op};
    for (uint32_t r = 0; r < op->result_count; r++)
        op->results[r] = &none;
    if (op->kind == OP_FOR || op->kind == OP_WHILE)
        parse_error(p, d->loc, "%s has more results than carried values",
                    op_info(op->kind)->name);
    else if (is_type_written(op->kind) || check_rules(p, d, op))
        parse_error(p, d->loc, "%s needs its result type after ':'",
                    op_info(op->kind)->name);
    return NULL;
}

static Op *make_op(Parser *p, const Draft *d, Region *region) {
    Op *op = op_create(p->function, d->op.kind, (uint32_t)d->operands.count,
                       (uint32_t)d->results.count, region_count(d->op.kind));
    Builder b = builder_at_end(region);
    b.origin = d->origin;
    b.adjoint = d->adjoint;
    op->as = d->op.as;
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = d->operands.items[i];
    builder_insert(&b, op);
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Type *type = result_type(p, d, op, i);
        if (!type)
            return NULL;
        op_set_result(op, p->function, i, type, d->results.items[i].name);
    }
    return op;
}

// ---- Regions ----------------------------------------------------------------

static bool parse_op(Parser *p, Region *region);

static bool parse_ops(Parser *p, Region *region) {
    size_t scope = p->scope.count;
    if (!parse_expect(p, '{'))
        return false;
    while (!parse_is_sign(p, '}')) {
        if (region_terminator(region))
            return parse_unexpected(p, "'}' after the terminator");
        if (p->token.kind == TOKEN_END)
            return parse_unexpected(p, "'}'");
        if (!parse_op(p, region))
            return false;
    }
    parse_next(p);
    leave_scope(p, scope);
    return true;
}

// With the draft's parameters from the given one on.
static bool parse_region(Parser *p, const Draft *d, Op *op, uint32_t index,
                         size_t first_param) {
    uint32_t count = (uint32_t)(d->params.count - first_param);
    Region *region = region_create(p->function, op, count);
    size_t scope = p->scope.count;
    op->regions[index] = region;
    for (uint32_t i = 0; i < count; i++) {
        const Token *token = &d->params.items[first_param + i];
        const Type *type = d->param_types.items[first_param + i];
        if (!define(p, token, region_set_param(region, i, type, token->name)))
            return false;
    }
    if (!parse_ops(p, region))
        return false;
    leave_scope(p, scope);
    return true;
}

// An else branch that is not written yields nothing.
static bool parse_else(Parser *p, const Draft *d, Op *op) {
    if (parse_accept_word(p, "else"))
        return parse_region(p, d, op, IF_ELSE, 0);
    Region *region = region_create(p->function, op, 0);
    op->regions[IF_ELSE] = region;
    Builder b = builder_at_end(region);
    build_yield(&b, NULL, 0);
    return true;
}

// do (%p: double, ...) { ... }
static bool parse_do(Parser *p, Draft *d, Op *op) {
    size_t first = d->params.count;
    if (!parse_accept_word(p, "do"))
        return parse_unexpected(p, "do and the loop's body");
    if (parse_accept(p, '(')) {
        do {
            if (!parse_typed_value(p, d))
                return false;
        } while (parse_accept(p, ','));
        if (!parse_expect(p, ')'))
            return false;
    }
    return parse_region(p, d, op, WHILE_BODY, first);
}

static bool parse_regions(Parser *p, Draft *d, Op *op) {
    if (op->kind == OP_IF)
        return parse_region(p, d, op, IF_THEN, 0) && parse_else(p, d, op);
    if (op->kind == OP_FOR)
        return parse_region(p, d, op, 0, 0);
    if (op->kind == OP_WHILE)
        return parse_region(p, d, op, WHILE_CONDITION, 0) && parse_do(p, d, op);
    return true;
}

// ---- Operations -------------------------------------------------------------

// %a, %b =
static bool parse_results(Parser *p, Draft *d) {
    if (p->token.kind != TOKEN_VALUE)
        return true;
    do {
        Token token = {0};
        if (!parse_value_token(p, &token))
            return false;
        vec_push(p->arena, &d->results, token);
    } while (parse_accept(p, ','));
    return parse_expect(p, '=');
}

static bool parse_draft(Parser *p, Draft *d) {
    if (!parse_results(p, d))
        return false;
    d->loc = p->token.loc;
    if (p->token.kind != TOKEN_WORD)
        return parse_unexpected(p, "an operation");
    if (!op_kind_find(p->token.text, &d->op.kind))
        return parse_error(p, d->loc, "there is no operation '%s'",
                           p->token.text);
    parse_next(p);
    if (!parse_middle(p, d) || !parse_result_types(p, d))
        return false;
    d->adjoint = parse_accept_word(p, "adjoint");
    return parse_origin(p, d);
}

static bool parse_op(Parser *p, Region *region) {
    Draft d = {0};
    if (p->region_depth >= MAX_REGION_DEPTH)
        return parse_error(p, p->token.loc, "regions are nested too deeply");
    if (!parse_draft(p, &d))
        return false;
    Op *op = make_op(p, &d, region);
    if (!op)
        return false;
    p->region_depth++;
    bool parsed = parse_regions(p, &d, op);
    p->region_depth--;
    if (!parsed || !check_rules(p, &d, op))
        return false;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (!define(p, &d.results.items[i], op->results[i]))
            return false;
    return true;
}

bool parse_body(Parser *p, Function *function, const Token *params) {
    p->function = function;
    p->names = strmap_create(p->arena);
    p->origins = strmap_create(p->arena);
    p->scope.count = 0;
    p->depth = p->region_depth = 0;
    Region *body = function_add_body(function);
    for (uint32_t i = 0; i < function->param_count; i++) {
        body->params[i]->name = params[i].name;
        if (!define(p, &params[i], body->params[i]))
            return false;
    }
    if (!parse_ops(p, body))
        return false;
    const Op *last = region_terminator(body);
    return (last && last->kind == OP_RETURN) ||
           parse_error(p, function->loc, "the function must end in return");
}

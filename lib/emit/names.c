// names.c - what variables are called: as the source calls them, where that
// name is free; nameless values are t1, t2, ... A name may come again once the
// scope of its last bearer has ended, but never inside that scope.
#include "emit/plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// Keywords, and what the generated file's own headers and helpers bring in.
static const char *const reserved[] = {
    "auto",         "break",   "case",     "char",      "const",
    "continue",     "default", "do",       "double",    "else",
    "enum",         "extern",  "float",    "for",       "goto",
    "if",           "inline",  "int",      "long",      "register",
    "restrict",     "return",  "short",    "signed",    "sizeof",
    "static",       "struct",  "switch",   "typedef",   "union",
    "unsigned",     "void",    "volatile", "while",     "asm",
    "typeof",       "bool",    "true",     "false",     "nullptr",
    "thread_local", "alignas", "alignof",  "constexpr", "static_assert",
    "NULL",         "NAN",     "INFINITY", "HUGE_VAL",  "HUGE_VALF",
    "HUGE_VALL",    "EOF",     "stdin",    "stdout",    "stderr",
    "errno",        "size_t",  "malloc",   "calloc",    "free",
    "abort",        "memset",  "memcpy",   "memmove",   "fprintf",
    "fputs",        "linux",   "unix",     "I",         "complex",
};

static void take(Plan *plan, const char *name) {
    strmap_set(plan->taken, name, plan);
}

// Every identifier in a piece of C.
static void take_words(Plan *plan, const char *text) {
    for (const char *c = text; c && *c;) {
        size_t length = 0;
        while (isalnum((unsigned char)c[length]) || c[length] == '_')
            length++;
        if (length && !isdigit((unsigned char)*c))
            take(plan, arena_strndup(plan->arena, c, length));
        c += length ? length : 1;
    }
}

static void take_type(Plan *plan, const Type *type) {
    for (; type; type = type->element) {
        take_words(plan, type->spelling);
        if (type->record)
            take_words(plan, type->record->name);
    }
}

static void take_math(Plan *plan, const Op *op) {
    const char *name = math_info(op->as.math)->name;
    take(plan, name);
    take(plan, arena_printf(plan->arena, "%sf", name));
    take(plan, arena_printf(plan->arena, "%sl", name));
}

static void take_used(Plan *plan, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_MATH)
            take_math(plan, op);
        else if (op->kind == OP_FUNCTION ||
                 (op->kind == OP_CALL && !op->as.callee->is_indirect))
            take(plan, op->as.callee->name);
        else if (op->kind == OP_GLOBAL)
            take(plan, op->as.global->name);
        else if (op->kind == OP_CONST)
            take_words(plan, op->as.constant.spelling);
        else if (op->kind == OP_ALLOC)
            take_type(plan, op->as.type);
        for (uint32_t i = 0; i < op->result_count; i++)
            take_type(plan, op->results[i]->type);
        for (uint32_t r = 0; r < op->region_count; r++)
            take_used(plan, op->regions[r]);
    }
}

static void take_all(Plan *plan) {
    const Function *function = plan->function;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        take(plan, reserved[i]);
    take(plan, function->name);
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (i > 0 || !function->returns_record)
            take_words(plan, function->params[i].name);
        take_words(plan, function->params[i].extents);
        take_type(plan, function->params[i].type);
    }
    take_used(plan, function->body);
}

// ---- Giving names -----------------------------------------------------------

static bool is_free(const Plan *plan, const char *name, uint32_t from) {
    return !strmap_has(plan->taken, name) &&
           (uintptr_t)strmap_get(plan->ends, name) < from;
}

static const char *numbered(const Plan *plan, const char *base, uint32_t k) {
    bool digit = isdigit((unsigned char)base[strlen(base) - 1]);
    return arena_printf(plan->arena, digit ? "%s_%u" : "%s%u", base, k);
}

// base, base2, base3, ...; the first that is free.
static const char *free_name(Plan *plan, const char *base, bool nameless,
                             uint32_t from) {
    enum { TRIES = 60 };
    if (!nameless && is_free(plan, base, from))
        return base;
    const char *counter = arena_printf(plan->arena, "#%s", base);
    uint32_t next = nameless ? 1 : 2;
    for (uint32_t k = next; k < next + TRIES; k++)
        if (is_free(plan, numbered(plan, base, k), from))
            return numbered(plan, base, k);
    uint32_t k = (uint32_t)(uintptr_t)strmap_get(plan->ends, counter);
    for (k = k ? k : next + TRIES;; k++) {
        const char *name = numbered(plan, base, k);
        if (is_free(plan, name, from)) {
            strmap_set(plan->ends, counter, (void *)(uintptr_t)(k + 1));
            return name;
        }
    }
}

static bool is_identifier(const char *name) {
    if (!name || !*name || isdigit((unsigned char)*name))
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

static const char *index_name(Plan *plan, uint32_t from) {
    static const char *const names[] = {"i", "j", "k", "l", "m"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (is_free(plan, names[n], from))
            return names[n];
    return free_name(plan, "i", false, from);
}

// ---- Names for what has none ------------------------------------------------

static const char *name_of(const Plan *plan, const Value *value);

// A derivative's field has its mark.
static const char *field_name(const Plan *plan, const Op *op) {
    const char *base = name_of(plan, op->operands[0]);
    const char *field =
        op->operands[0]->type->element->record->fields[op->as.field].name;
    bool marked = field && base && string_starts(base, "d_") &&
                  !string_starts(field, "d_");
    return marked ? arena_printf(plan->arena, "d_%s", field) : field;
}

static const char *name_of(const Plan *plan, const Value *value) {
    const Op *op = value->op;
    const Variable *variable = plan_variable(plan, value);
    if (variable)
        return variable->stem ? variable->stem : variable->hint;
    if (!op || value_note(plan, value)->place != PLACE_INLINE)
        return NULL;
    if (op->kind == OP_GLOBAL)
        return op->as.global->name;
    if (op->kind == OP_FIELD)
        return field_name(plan, op);
    return op_is_address(op) || op->kind == OP_LOAD || op->kind == OP_CAST
               ? name_of(plan, op->operands[0])
               : NULL;
}

// x[i] is x_i, p->b is b, a row of a matrix has the matrix's name.
static const char *suggested_name(const Plan *plan, const Value *value) {
    const Op *op = value->op;
    if (op && op->kind == OP_CAST && type_is_pointer(value->type))
        return name_of(plan, op->operands[0]);
    if (!op || (op->kind != OP_LOAD && !op_is_address(op)))
        return NULL;
    const char *base = name_of(plan, op->operands[0]);
    const Op *place = op->kind == OP_LOAD ? op->operands[0]->op : NULL;
    if (place && value_note(plan, op->operands[0])->place != PLACE_INLINE)
        place = NULL;
    int64_t number;
    if (base && op->kind == OP_LOAD && type_is_float(value->type) &&
        (!place || (place->kind != OP_FIELD && !op_is_address(place))))
        return value_note(plan, op->operands[0])->indexed
                   ? arena_printf(plan->arena, "%s_0", base)
                   : base;
    if (!base || !is_identifier(base) || !place ||
        (place->kind != OP_INDEX && place->kind != OP_ELEM))
        return op->kind == OP_FIELD ? name_of(plan, op->results[0]) : base;
    const Value *index = place->operands[1];
    if (value_is_integer(index, &number) && number >= 0)
        return arena_printf(plan->arena, "%s_%lld", base, (long long)number);
    const char *name = name_of(plan, index);
    return name ? arena_printf(plan->arena, "%s_%s", base, name) : base;
}

// A while's condition that takes statements shares a block with its body.
static uint32_t end_of_scope(const Plan *plan, const Region *scope) {
    const Op *holder = scope->parent;
    bool shares = holder && holder->kind == OP_WHILE;
    return op_note(plan, shares ? holder : scope->last)->end;
}

static void name_variable(Plan *plan, Variable *variable) {
    const Region *scope = variable->scope;
    uint32_t from = variable->is_index ? op_note(plan, scope->parent)->start
                                       : op_note(plan, variable->first)->start;
    uint32_t to = end_of_scope(plan, scope);
    const char *hint = variable->hint;
    if (!is_identifier(hint))
        hint = suggested_name(plan, variable->value);
    bool has_hint = is_identifier(hint);
    bool is_letter = has_hint && strlen(hint) == 1 && *hint >= 'i' &&
                     *hint <= 'm' && !is_free(plan, hint, from);
    if (variable->is_index && (!has_hint || is_letter))
        variable->name = index_name(plan, from);
    else
        variable->name =
            free_name(plan, has_hint ? hint : "t", !has_hint, from);
    variable->stem = has_hint ? hint : NULL;
    strmap_set(plan->ends, variable->name, (void *)(uintptr_t)to);
}

static uint32_t declared_at(const Variable *variable, const Plan *plan) {
    return op_note(plan, variable->is_index ? variable->scope->parent
                                            : variable->first)
        ->start;
}

typedef struct Turn {
    Variable *variable;
    uint32_t position, number;
} Turn;

static int compare(const void *a, const void *b) {
    const Turn *x = a, *y = b;
    if (x->position != y->position)
        return (x->position > y->position) - (x->position < y->position);
    return (x->number > y->number) - (x->number < y->number);
}

static bool is_replaced(const Plan *plan, const Variable *variable) {
    return variable->is_flag && op_note(plan, variable->first)->is_do;
}

void name_variables(Plan *plan) {
    uint32_t count = 0;
    Turn *turns = arena_array(plan->arena, Turn, plan->variables.count);
    take_all(plan);
    for (uint32_t i = 0; i < plan->variables.count; i++) {
        Variable *variable = plan->variables.items[i];
        if (!variable->parent && !variable->is_parameter &&
            !is_replaced(plan, variable))
            turns[count++] = (Turn){variable, declared_at(variable, plan), i};
    }
    qsort(turns, count, sizeof *turns, compare);
    for (uint32_t i = 0; i < count; i++)
        name_variable(plan, turns[i].variable);
}

const char *plan_fresh_name(Plan *plan, const char *hint) {
    const char *name = hint;
    for (uint32_t k = 2;
         strmap_has(plan->taken, name) || strmap_has(plan->ends, name); k++)
        name = numbered(plan, hint, k);
    take(plan, name);
    return name;
}

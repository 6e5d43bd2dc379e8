// statement.c - operations as statements: assignments with declarations at the
// first of them, if, return, and the comments that say what an adjoint
// statement belongs to.
#include "emit/print.h"

#include <string.h>

// ---- The tree of statements -------------------------------------------------

Stmt *add_statement(Printer *p, StmtKind kind, const char *text) {
    Stmt *statement = arena_new(p->arena, Stmt);
    statement->kind = kind;
    statement->text = text;
    *(p->block->last ? &p->block->last->next : &p->block->first) = statement;
    p->block->last = statement;
    return statement;
}

static bool is_inner(const Printer *p, const Op *op);

Stmt *add_line(Printer *p, const char *format, ...) {
    Text t;
    va_list arguments;
    text_init(&t, p->arena);
    va_start(arguments, format);
    text_vprintf(&t, format, arguments);
    va_end(arguments);
    return add_statement(p, STMT_LINE, t.chars);
}

// Whether a primal value is computed again for the adjoint statements behind
// it.
static bool is_recomputed(const Printer *p, const Op *op) {
    const Op *holder = op->parent->parent;
    if (!holder || !holder->adjoint || op->result_count != 1)
        return false;
    for (const Op *next = op->next; next; next = next->next) {
        if (next->origin == op->origin && next->adjoint)
            return true;
        if (next->origin != op->origin && !is_inner(p, next))
            return false;
    }
    return false;
}

// An adjoint statement names the primal one, once for a run of statements.
void comment_for(Printer *p, const Op *op) {
    const Origin *origin = op->origin;
    if (!p->plan->comments || origin == p->comment)
        return;
    p->comment = NULL;
    if (!origin || !origin->text || string_starts(origin->text, "for (") ||
        string_starts(origin->text, "while (") ||
        (!op->adjoint && !is_recomputed(p, op)))
        return;
    p->comment = origin;
    add_statement(p, STMT_COMMENT,
                  arena_printf(p->arena, "adjoint of: %s", origin->text));
}

// ---- Assignments ------------------------------------------------------------

static bool is_one(const Printer *p, const Value *value) {
    return inline_op(p, value) && type_is_integer(value->type) &&
           value_is_one(value) && !value->op->as.constant.spelling;
}

void add_compound(Printer *p, const char *target, const Op *op,
                  const Value *rest) {
    const char *operator, * text = compound_text(p, op, rest, &operator);
    bool steps = operator[0] == '+' || operator[0] == '-';
    if (steps && (is_one(p, rest) || strcmp(text, "1") == 0) &&
        !type_is_float(op->results[0]->type))
        add_line(p, *target == '*' ? "(%s)%c%c;" : "%s%c%c;", target,
                 operator[0], operator[0]);
    else
        add_line(p, "%s %s %s;", target, operator, text);
}

static bool has_compound(const Op *op) {
    return is_assigning(op->kind) || op->kind == OP_INDEX;
}

// x = x + v, where both are one variable.
static bool assign_compound(Printer *p, Variable *variable,
                            const Value *value) {
    const Op *op = inline_op(p, value);
    if (!op || !has_compound(op) || op->operands[0] == op->operands[1])
        return false;
    for (uint32_t i = 0; i < (op_has_flag(op, OPF_COMMUTES) ? 2 : 1); i++) {
        const Value *old = op->operands[i];
        if (inline_op(p, old) || is_named_object(p, old) ||
            plan_variable(p->plan, old) != variable)
            continue;
        variable_name(p, old);
        add_compound(p, variable->name, op, op->operands[1 - i]);
        return true;
    }
    return false;
}

void print_assignment(Printer *p, Variable *variable, const Value *value) {
    bool declared = variable->is_parameter || ptrmap_has(p->declared, variable);
    if (declared && assign_compound(p, variable, value))
        return;
    const char *text = assigned_text(p, value);
    if (!declared)
        declare_variable(p, variable, text);
    else
        add_line(p, "%s = %s;", variable->name, text);
}

void print_definition(Printer *p, const Value *value) {
    ValueNote *note = value_note(p->plan, value);
    Variable *variable = plan_variable(p->plan, value);
    Place place = note->place;
    note->place = PLACE_INLINE; // print the expression, not the name
    if (variable && note->needed)
        print_assignment(p, variable, value);
    else
        add_line(p, value->op->kind == OP_MATH ? "(void)%s;" : "%s;",
                 value_text(p, value, PREC_ANY));
    note->place = place;
}

// ---- Declarations before what assigns first ---------------------------------

// `double a, b;` for plain types, else one declaration each.
static bool joins_last(const Printer *p, const Variable *variable,
                       const Variable *before) {
    return before && p->block->last && !variable->clear && !before->clear &&
           !type_is_pointer(variable->type) &&
           variable->type->kind == before->type->kind &&
           string_equal(variable->type->spelling, before->type->spelling);
}

void declare_before(Printer *p, const Op *op) {
    const Variable *before = NULL;
    for (Variable *v = ptrmap_get(p->firsts, op); v; v = v->also) {
        if (ptrmap_has(p->declared, v))
            continue;
        if (joins_last(p, v, before)) {
            Stmt *last = p->block->last;
            last->text =
                arena_printf(p->arena, "%.*s, %s;", (int)strlen(last->text) - 1,
                             last->text, v->name);
            ptrmap_set(p->declared, v, v);
        } else {
            declare_variable(p, v, v->clear ? "0" : NULL);
        }
        before = v;
    }
}

// ---- If ---------------------------------------------------------------------

static void print_branch(Printer *p, const Op *op, uint32_t branch,
                         Block *block) {
    const Op *yield = op->regions[branch]->last;
    Copies copies = {0};
    Block *outer = p->block;
    print_region(p, op->regions[branch], block);
    p->block = block;
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *value = yield->operands[i];
        bool undefined = value->op && value->op->kind == OP_UNDEF;
        if (value_note(p->plan, op->results[i])->needed && !undefined)
            vec_push(p->arena, &copies,
                     ((Copy){plan_variable(p->plan, op->results[i]), value}));
    }
    print_copies(p, &copies);
    p->block = outer;
}

static void print_if_statement(Printer *p, const Op *op) {
    Block yes = {0}, no = {0};
    Text condition;
    text_init(&condition, p->arena);
    print_branch(p, op, IF_THEN, &yes);
    print_branch(p, op, IF_ELSE, &no);
    if (!yes.first && !no.first)
        return;
    if (yes.first)
        print_condition(p, &condition, op->operands[0], PREC_ANY);
    else
        print_not(p, &condition, op->operands[0], PREC_ANY);
    Stmt *statement = add_statement(p, STMT_IF, condition.chars);
    statement->body = yes.first ? yes : no;
    statement->otherwise = yes.first ? no : (Block){0};
}

// ---- All --------------------------------------------------------------------

// A struct that is returned stands in a local variable until then.
static void declare_result(Printer *p) {
    const Function *function = p->plan->function;
    if (!function->returns_record)
        return;
    Text t;
    text_init(&t, p->arena);
    print_declarator(&t, function->params[0].type->element,
                     variable_name(p, function->body->params[0]), NULL);
    text_add_char(&t, ';');
    add_statement(p, STMT_LINE, t.chars)->declares = true;
}

static void print_return(Printer *p, const Op *op) {
    const Function *function = p->plan->function;
    if (function->returns_record)
        add_line(p, "return %s;", variable_name(p, function->body->params[0]));
    else if (op->operand_count)
        add_line(p, "return %s;", assigned_text(p, op->operands[0]));
}

static void print_call_statement(Printer *p, const Op *op) {
    Text t;
    text_init(&t, p->arena);
    print_call(p, &t, op);
    add_line(p, "%s;", t.chars);
}

static bool is_memory(OpKind kind) {
    return kind == OP_STORE || kind == OP_COPY || kind == OP_ZERO ||
           kind == OP_ALLOC || kind == OP_HEAP || kind == OP_FREE ||
           kind == OP_REALLOC || kind == OP_HEAP_SIZE || kind == OP_TAPE ||
           kind == OP_PUSH || kind == OP_POP || kind == OP_TAPE_FREE;
}

// Nothing to print: the pointer already is in its variable.
static bool is_shared(const Printer *p, const Op *op) {
    return is_heap_pointer(op) && plan_variable(p->plan, op->results[0]) ==
                                      plan_variable(p->plan, op->operands[0]);
}

static bool is_inner(const Printer *p, const Op *op) {
    return is_shared(p, op) || !op_note(p->plan, op)->needed ||
           op->kind == OP_YIELD || op->kind == OP_CONDITION || op == p->done ||
           (op->result_count == 1 && inline_op(p, op->results[0]));
}

static void print_op(Printer *p, const Op *op) {
    if (is_inner(p, op))
        return;
    p->at = op;
    if (!op->region_count || op_note(p->plan, op)->is_expression)
        comment_for(p, op);
    if (!op_is_loop(op))
        declare_before(p, op);
    if (is_memory(op->kind))
        print_memory(p, op);
    else if (op_is_loop(op))
        print_loop(p, op);
    else if (op->kind == OP_RETURN)
        print_return(p, op);
    else if (op->kind == OP_IF && !op_note(p->plan, op)->is_expression)
        print_if_statement(p, op);
    else if (op->result_count)
        print_definition(p, op->results[0]);
    else if (op->kind == OP_CALL)
        print_call_statement(p, op);
}

void print_region(Printer *p, const Region *region, Block *block) {
    Block *outer = p->block;
    p->block = block;
    for (const Op *op = region->first; op; op = op->next)
        print_op(p, op);
    p->block = outer;
}

static void collect_firsts(Printer *p) {
    for (size_t i = p->plan->variables.count; i-- > 0;) {
        Variable *variable = p->plan->variables.items[i];
        if (variable->parent || variable->is_parameter || variable->is_index ||
            variable->is_object || variable->direct || !variable->name)
            continue;
        variable->also = ptrmap_get(p->firsts, variable->first);
        ptrmap_set(p->firsts, variable->first, variable);
    }
}

// Parameters that the text does not name, so that no compiler complains.
static void mark_unused(Printer *p, Block *body) {
    Block marks = {0};
    Block *outer = p->block;
    p->block = &marks;
    for (size_t i = 0; i < p->plan->variables.count; i++) {
        const Variable *v = p->plan->variables.items[i];
        if (v->is_parameter && v->name && !ptrmap_has(p->mentioned, v))
            add_line(p, "(void)%s;", v->name);
    }
    p->block = outer;
    if (!marks.first)
        return;
    marks.last->next = body->first;
    *body = (Block){marks.first, body->last ? body->last : marks.last};
}

void print_body(Printer *p, Block *block) {
    p->declared = ptrmap_create(p->arena);
    p->mentioned = ptrmap_create(p->arena);
    p->firsts = ptrmap_create(p->arena);
    collect_firsts(p);
    p->block = block;
    declare_result(p);
    print_region(p, p->plan->function->body, block);
    mark_unused(p, block);
}

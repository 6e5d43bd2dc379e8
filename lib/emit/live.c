// live.c - the variables of a function, and where each one's value is alive.
//
// A value is alive from its definition to its last use at each level of
// regions between the two, and all through a loop that uses it but does not
// define it. A carried variable is written at the loop's start and at its
// yield; the result of an if is written at the yields of both branches. Uses
// count where their text is printed.
#include "emit/plan.h"

#include <stdlib.h>
#include <string.h>

// ---- Intervals --------------------------------------------------------------

void intervals_add(Arena *arena, Intervals *list, uint32_t from, uint32_t to) {
    if (list->count) {
        Interval *last = &vec_last(list);
        if (from >= last->from && from <= last->to + 1) {
            last->to = to > last->to ? to : last->to;
            return;
        }
        if (from == last->from)
            return;
    }
    vec_push(arena, list, ((Interval){from, to}));
}

static int compare(const void *a, const void *b) {
    const Interval *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void tidy(Intervals *list) {
    if (list->count < 2)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        Interval *last = &list->items[kept], next = list->items[i];
        if (next.from > last->to + 1)
            list->items[++kept] = next;
        else if (next.to > last->to)
            last->to = next.to;
    }
    list->count = kept + 1;
}

// The first interval that ends at `position` or later.
static size_t first_from(const Intervals *list, uint32_t position) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->items[middle].to < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool intervals_meet(const Intervals *a, const Intervals *b) {
    const Intervals *few = a->count < b->count ? a : b;
    const Intervals *many = few == a ? b : a;
    for (size_t i = 0; i < few->count; i++) {
        size_t at = first_from(many, few->items[i].from);
        if (at < many->count && many->items[at].from <= few->items[i].to)
            return true;
    }
    return false;
}

// Puts one interval among others that are in order and apart.
static void insert(Arena *arena, Intervals *list, Interval next) {
    size_t at = first_from(list, next.from ? next.from - 1 : 0), end = at;
    for (; end < list->count && list->items[end].from <= next.to + 1; end++) {
        Interval met = list->items[end];
        next.from = met.from < next.from ? met.from : next.from;
        next.to = met.to > next.to ? met.to : next.to;
    }
    size_t rest = list->count - end; // what stays behind it
    if (end == at)
        vec_push(arena, list, next);
    memmove(list->items + at + 1, list->items + end, rest * sizeof next);
    list->items[at] = next;
    list->count = at + 1 + rest;
}

// The shorter list goes into the longer one: chains of joins add a few
// intervals to many, time and again.
void intervals_merge(Arena *arena, Intervals *into, Intervals *from) {
    if (from->count > into->count) {
        Intervals longer = *from;
        *from = *into;
        *into = longer;
    }
    for (size_t i = 0; i < from->count; i++)
        insert(arena, into, from->items[i]);
}

// ---- Variables --------------------------------------------------------------

typedef struct Lives {
    Plan *plan;
    const Op *op;      // whose uses are counted
    uint32_t position; // where
} Lives;

static Variable *new_variable(Lives *l, const Value *value, const Op *first) {
    Variable *variable = arena_new(l->plan->arena, Variable);
    variable->value = value;
    variable->type = value->type;
    variable->hint = value->name;
    variable->first = first;
    variable->scope = first ? first->parent : l->plan->function->body;
    value_note(l->plan, value)->variable = variable;
    vec_push(l->plan->arena, &l->plan->variables, variable);
    return variable;
}

static void add(Lives *l, Variable *variable, uint32_t from, uint32_t to) {
    intervals_add(l->plan->arena, &variable->live, from, to);
}

static void make_carried(Lives *l, const Op *loop, uint32_t i) {
    const OpNote *note = op_note(l->plan, loop);
    const Value *param = loop_param(loop, 0, i);
    Variable *variable = new_variable(l, param, loop);
    variable->direct = variable->used_often = true;
    variable->is_flag = do_flag(l->plan, loop) == i;
    const Value *initial = loop_initial(loop, i);
    variable->clear = initial->op && initial->op->kind == OP_UNDEF;
    variable->position = 2 * note->start + 1;
    for (uint32_t r = 0; r < loop->region_count; r++)
        value_note(l->plan, loop_param(loop, r, i))->variable = variable;
    value_note(l->plan, loop->results[i])->variable = variable;
    for (uint32_t r = 0; r < loop->region_count && !variable->hint; r++)
        variable->hint = loop_param(loop, r, i)->name;
    if (!variable->hint)
        variable->hint = loop->results[i]->name;
    add(l, variable, 2 * note->start + 1, 2 * note->start + 1);
    add(l, variable, 2 * op_note(l->plan, loop_yield(loop))->start + 1,
        2 * note->end);
    if (loop->kind == OP_WHILE) { // tested while it still holds the value
        const Op *test = loop->regions[WHILE_CONDITION]->last;
        add(l, variable, 2 * note->start + 1,
            2 * op_note(l->plan, test)->start);
    }
}

static void make_index(Lives *l, const Op *loop) {
    const OpNote *note = op_note(l->plan, loop);
    Variable *variable = new_variable(l, loop->regions[0]->params[0], loop);
    variable->is_index = true;
    variable->scope = loop->regions[0];
    variable->position = 2 * note->start + 1;
    add(l, variable, 2 * note->start + 1, 2 * note->end);
}

static void make_branch_result(Lives *l, const Op *op, uint32_t i) {
    Variable *variable = new_variable(l, op->results[i], op);
    uint32_t start = op_note(l->plan, op->regions[IF_THEN]->last)->start;
    variable->used_often = value_note(l->plan, op->results[i])->uses > 1;
    variable->position = 2 * start + 1;
    for (uint32_t r = 0; r < 2; r++) {
        uint32_t at = 2 * op_note(l->plan, op->regions[r]->last)->start + 1;
        add(l, variable, at, at);
        if (op->regions[r]->last->operands[i]->op &&
            op->regions[r]->last->operands[i]->op->kind == OP_UNDEF)
            variable->clear = true;
    }
    uint32_t end = 2 * op_note(l->plan, op)->end;
    add(l, variable, end, end);
}

static void make_result(Lives *l, const Op *op, uint32_t i) {
    Variable *variable = new_variable(l, op->results[i], op);
    Place place = value_note(l->plan, op->results[i])->place;
    variable->is_object = place == PLACE_OBJECT;
    variable->direct = op->kind != OP_MATH || i == 0;
    variable->used_often = value_note(l->plan, op->results[i])->uses > 1;
    variable->position = 2 * op_note(l->plan, op)->start + 1;
    add(l, variable, variable->position, variable->position);
}

// One variable for the memory and the pointer of the right type, if there is no
// other.
static bool share_heap(Lives *l, const Op *op) {
    if (!is_heap_pointer(op))
        return false;
    Variable *variable = value_note(l->plan, op->operands[0])->variable;
    if (variable->type != op->operands[0]->type)
        return false;
    variable->type = op->results[0]->type;
    if (!variable->hint)
        variable->hint = op->results[0]->name;
    variable->used_often = true;
    value_note(l->plan, op->results[0])->variable = variable;
    return true;
}

static void make_results(Lives *l, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        ValueNote *note = value_note(l->plan, op->results[i]);
        bool is_out = op->kind == OP_MATH && i == 1;
        if (op_is_loop(op)) {
            if (loop_carried_needed(l->plan, op, i))
                make_carried(l, op, i);
        } else if ((!note->needed && !is_out) || note->place == PLACE_INLINE) {
            continue;
        } else if (op->kind == OP_IF && !op_note(l->plan, op)->is_expression) {
            make_branch_result(l, op, i);
        } else if (!share_heap(l, op)) {
            make_result(l, op, i);
        }
    }
}

static void make_params(Lives *l) {
    const Function *function = l->plan->function;
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Value *value = function->body->params[i];
        Variable *variable = new_variable(l, value, NULL);
        variable->is_parameter = true;
        variable->hint = variable->name = function->params[i].name;
        variable->is_object = function->params[i].by_value_record;
        if (!variable->is_object)
            variable->type = function->params[i].type;
        add(l, variable, 0, 0);
        if (i == 0 && function->returns_record) { // a local in C
            variable->is_parameter = false;
            variable->is_object = true;
            variable->first = function->body->first;
        }
    }
}

// ---- Uses -------------------------------------------------------------------

static uint32_t definition_of(const Plan *plan, const Value *value) {
    if (value->op) {
        const OpNote *note = op_note(plan, value->op);
        bool inner = value->op->region_count && !note->is_expression;
        return inner ? 2 * note->end : 2 * note->start + 1;
    }
    const Op *loop = value->region->parent;
    return loop ? 2 * op_note(plan, loop)->start + 1 : 0;
}

static void use(void *context, const Value *value) {
    Lives *l = context;
    Variable *variable = value_note(l->plan, value)->variable;
    const Region *home = value_region(value);
    uint32_t position = l->position;
    for (const Region *r = l->op->parent; r != home; r = r->parent->parent) {
        const OpNote *holder = op_note(l->plan, r->parent);
        if (op_is_loop(r->parent)) {
            add(l, variable, 2 * holder->start, 2 * holder->end);
            position = 2 * holder->end;
        } else {
            add(l, variable, 2 * op_note(l->plan, r->first)->start, position);
            position = 2 * holder->start;
        }
    }
    add(l, variable, definition_of(l->plan, value), position);
}

void visit_leaves(const Plan *plan, const Value *expression, LeafVisitor visit,
                  void *context) {
    const ValueNote *note = value_note(plan, expression);
    const Op *op = expression->op;
    if (!op || note->place == PLACE_VARIABLE) {
        if (!note->variable || !note->variable->is_object)
            visit(context, expression);
        return;
    }
    if (note->place == PLACE_OBJECT || note->absorbed)
        return;
    for (uint32_t i = 0; i < op->operand_count; i++)
        visit_leaves(plan, op->operands[i], visit, context);
    for (uint32_t r = 0; r < op->region_count; r++)
        visit_leaves(plan, op->regions[r]->last->operands[0], visit, context);
}

// A head of a for loop is evaluated again after each iteration.
static bool is_repeated(const Op *op, uint32_t operand) {
    if (op->kind != OP_FOR || operand >= FOR_FIRST_INITIAL)
        return false;
    LoopForm form = loop_form(op);
    return operand == FOR_STEP || form == LOOP_COUNTED ||
           operand == (form == LOOP_PLAIN ? FOR_END : FOR_BEGIN);
}

static void use_operands(Lives *l, const Op *op) {
    const OpNote *note = op_note(l->plan, op);
    l->op = op;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!takes_operand(l->plan, op, i))
            continue;
        l->position = 2 * (is_repeated(op, i) ? note->end : note->start);
        visit_leaves(l->plan, op->operands[i], use, l);
    }
    for (uint32_t r = 0; note->is_expression && r < 2; r++)
        visit_leaves(l->plan, op->regions[r]->last->operands[0], use, l);
}

static bool is_printed_alone(const Plan *plan, const Op *op) {
    return op->result_count != 1 ||
           value_note(plan, op->results[0])->place != PLACE_INLINE;
}

static void find_in_region(Lives *l, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        const OpNote *note = op_note(l->plan, op);
        if (!note->needed)
            continue;
        make_results(l, op);
        if (op->kind == OP_FOR)
            make_index(l, op);
        if (is_printed_alone(l->plan, op))
            use_operands(l, op);
        if (!note->is_expression)
            for (uint32_t r = 0; r < op->region_count; r++)
                find_in_region(l, op->regions[r]);
    }
}

void find_lives(Plan *plan) {
    Lives lives = {.plan = plan};
    make_params(&lives);
    find_in_region(&lives, plan->function->body);
    for (size_t i = 0; i < plan->variables.count; i++)
        tidy(&plan->variables.items[i]->live);
}

// coalesce.c - which values share a variable, and where it is declared.
//
// Values that a yield or a loop's start would copy into one another are joined
// where they are never alive at once; so are values that bear one name in the
// source. What stays apart is copied by explicit assignments.
#include "emit/plan.h"

static Variable *root_of(Variable *variable) {
    Variable *root = variable;
    while (root->parent)
        root = root->parent;
    while (variable->parent) {
        Variable *next = variable->parent;
        variable->parent = root;
        variable = next;
    }
    return root;
}

Variable *plan_variable(const Plan *plan, const Value *value) {
    Variable *variable = value_note(plan, value)->variable;
    return variable ? root_of(variable) : NULL;
}

// ---- Whether two may be joined ----------------------------------------------

// Pointers differ in what they may change, too.
static bool same_declaration(const Type *a, const Type *b) {
    if (!type_equal(a, b))
        return false;
    while (a->kind == TYPE_POINTER || a->kind == TYPE_ARRAY) {
        a = a->element;
        b = b->element;
        if (a->is_const != b->is_const)
            return false;
    }
    return true;
}

// Names must not mislead: differently named values share a variable only where
// one of them exists for nothing but the copy.
static bool names_agree(const Variable *from, const Variable *to) {
    if (string_equal(from->hint, to->hint))
        return true;
    if (from->is_parameter || to->is_parameter)
        return false;
    return !from->hint || !to->hint || !from->used_often;
}

static bool may_join(const Variable *a, const Variable *b) {
    return a != b && !a->is_object && !b->is_object && !a->is_index &&
           !b->is_index && !a->is_flag && !b->is_flag &&
           !(a->is_parameter && b->is_parameter) &&
           same_declaration(a->type, b->type) &&
           !intervals_meet(&a->live, &b->live);
}

// ---- Joining ----------------------------------------------------------------

static uint32_t depth_of(const Region *region) {
    uint32_t depth = 0;
    for (; region->parent; region = region->parent->parent)
        depth++;
    return depth;
}

static const Region *common_region(const Region *a, const Region *b) {
    uint32_t deep_a = depth_of(a), deep_b = depth_of(b);
    for (; deep_a > deep_b; deep_a--)
        a = a->parent->parent;
    for (; deep_b > deep_a; deep_b--)
        b = b->parent->parent;
    while (a != b) {
        a = a->parent->parent;
        b = b->parent->parent;
    }
    return a;
}

// Lifts the declaration to a region around it.
static void lift(Variable *variable, const Region *scope) {
    while (variable->scope != scope) {
        variable->first = variable->scope->parent;
        variable->scope = variable->scope->parent->parent;
        variable->direct = false;
    }
}

static void join(Plan *plan, Variable *a, Variable *b) {
    bool a_first =
        a->is_parameter || (!b->is_parameter && a->position <= b->position);
    Variable *into = a_first ? a : b, *from = a_first ? b : a;
    lift(into, common_region(into->scope, from->scope));
    if (!into->hint)
        into->hint = from->hint;
    if (!into->type->spelling && !into->is_parameter && from->type->spelling)
        into->type = from->type;
    into->clear |= from->clear;
    into->used_often |= from->used_often;
    intervals_merge(plan->arena, &into->live, &from->live);
    from->parent = into;
}

static void try_copy(Plan *plan, const Value *source, const Value *target) {
    if (source->op && value_note(plan, source)->place != PLACE_VARIABLE)
        return;
    Variable *from = plan_variable(plan, source);
    Variable *to = plan_variable(plan, target);
    if (!may_join(from, to) || !names_agree(from, to))
        return;
    const char *hint = to->hint;
    join(plan, from, to);
    if (hint)
        root_of(to)->hint = hint;
}

// ---- The copies of a function -----------------------------------------------

typedef enum CopyKind { COPY_LOOP, COPY_BRANCH, COPY_INITIAL } CopyKind;

static void join_op(Plan *plan, const Op *op, CopyKind kind) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *result = op->results[i];
        if (op->kind == OP_IF && kind == COPY_BRANCH &&
            value_note(plan, result)->needed) {
            try_copy(plan, op->regions[0]->last->operands[i], result);
            try_copy(plan, op->regions[1]->last->operands[i], result);
        }
        if (!op_is_loop(op) || !loop_carried_needed(plan, op, i))
            continue;
        if (kind == COPY_LOOP)
            try_copy(plan, loop_yield(op)->operands[i], result);
        if (kind == COPY_INITIAL)
            try_copy(plan, loop_initial(op, i), result);
    }
}

static void join_region(Plan *plan, const Region *region, CopyKind kind) {
    for (const Op *op = region->first; op; op = op->next) {
        const OpNote *note = op_note(plan, op);
        if (!note->needed || note->is_expression)
            continue;
        for (uint32_t r = 0; r < op->region_count; r++)
            join_region(plan, op->regions[r], kind);
        join_op(plan, op, kind);
    }
}

// Values of one name: a variable of the source that is assigned again.
static void join_names(Plan *plan) {
    StrMap *latest = strmap_create(plan->arena);
    for (size_t i = 0; i < plan->variables.count; i++) {
        Variable *variable = root_of(plan->variables.items[i]);
        if (!variable->hint || variable->is_object || variable->is_index)
            continue;
        Variable *before = strmap_get(latest, variable->hint);
        before = before ? root_of(before) : NULL;
        if (before && may_join(before, variable) &&
            region_contains(before->scope, variable->scope) &&
            before->position <= variable->position) {
            join(plan, before, variable);
            variable = root_of(before);
        }
        strmap_set(latest, variable->hint, variable);
    }
}

// ---- Loops with the test at their end ---------------------------------------

typedef struct Test {
    const Plan *plan;
    const Op *loop;
    bool clashes;
} Test;

// What the test mentions must not be overwritten by the copies before it.
static void check_leaf(void *context, const Value *value) {
    Test *test = context;
    const Op *yield = loop_yield(test->loop);
    Variable *variable = plan_variable(test->plan, value);
    for (uint32_t i = 0; i < yield->operand_count; i++) {
        if (!loop_carried_needed(test->plan, test->loop, i) ||
            plan_variable(test->plan, test->loop->results[i]) != variable)
            continue;
        const Value *next = yield->operands[i];
        bool is_copied = (next->op && value_note(test->plan, next)->place !=
                                          PLACE_VARIABLE) ||
                         plan_variable(test->plan, next) != variable;
        test->clashes |= is_copied;
    }
}

static void lift_leaf(void *context, const Value *value) {
    const Test *test = context;
    Variable *variable = plan_variable(test->plan, value);
    if (region_contains(test->loop->regions[WHILE_BODY], variable->scope))
        lift(variable, test->loop->parent);
}

static void choose_do(Plan *plan, const Op *loop) {
    int64_t flag = do_flag(plan, loop);
    if (flag < 0 || !op_note(plan, loop)->is_simple)
        return;
    const Value *test_value = loop_yield(loop)->operands[flag];
    Test test = {plan, loop, false};
    visit_leaves(plan, test_value, check_leaf, &test);
    if (test.clashes)
        return;
    op_note(plan, loop)->is_do = true;
    visit_leaves(plan, test_value, lift_leaf, &test);
}

static void choose_loops(Plan *plan, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (!op_note(plan, op)->needed)
            continue;
        for (uint32_t r = 0; r < op->region_count; r++)
            choose_loops(plan, op->regions[r]);
        if (op->kind == OP_WHILE)
            choose_do(plan, op);
    }
}

void coalesce_variables(Plan *plan) {
    const Region *body = plan->function->body;
    join_region(plan, body, COPY_LOOP);
    join_region(plan, body, COPY_BRANCH);
    join_region(plan, body, COPY_INITIAL);
    join_names(plan);
    choose_loops(plan, body);
}

// inline.c - which values are printed inside their user's expression. One walk
// backwards, so that users are decided before what they use.
//
// An expression may move down to its only user in the same region, but no load
// past a write, and no call past any access to memory. Constants, addresses
// and small indices are repeated wherever they are used. Long expressions end
// in variables, so that every tree printed later is small.
#include "emit/plan.h"

enum {
    TREE_LIMIT = 40,  // nodes in one statement
    DEPTH_LIMIT = 16, // of one tree
    NAMED_LIMIT = 5,  // a larger expression keeps the name it has
    INDEX_LIMIT = 7,  // of an index that is repeated
    SMALL = 4,        // goes into a long statement, too
};

enum PrintFlags {
    PRINT_BASE = 1,     // as the base of an access
    PRINT_INDEX = 2,    // between brackets
    PRINT_REPEATED = 4, // in the head of a loop
};

// Where the text of an operation's operands goes.
typedef struct Site {
    const Op *user, *root;
    uint32_t count, depth;
    unsigned flags; // PRINT_REPEATED or PRINT_INDEX, inherited
} Site;

static void visit_region(Plan *plan, const Region *region);

// ---- Prints -----------------------------------------------------------------

// The operation of `region` in which an inner one stands; NULL if outside.
static const Op *ancestor_in(const Op *op, const Region *region) {
    while (op && op->parent != region)
        op = op->parent->parent;
    return op;
}

static void note_last(Plan *plan, const Value *param, const Op *root) {
    const Op *place = ancestor_in(root, param->region);
    ValueNote *note = value_note(plan, param);
    uint32_t order = place ? op_note(plan, place)->order : 0;
    if (order > note->last)
        note->last = order;
}

static void print(Plan *plan, const Site *site, uint32_t operand,
                  unsigned flags) {
    const Value *value = site->user->operands[operand];
    ValueNote *note = value_note(plan, value);
    flags |= site->flags;
    note->prints += site->count;
    note->root = site->root;
    note->user = site->user;
    note->operand = operand;
    note->depth = site->depth;
    note->repeated |= (flags & PRINT_REPEATED) != 0;
    note->as_value |= !(flags & PRINT_BASE);
    note->as_number |= !(flags & PRINT_INDEX);
    note->indexed |= site->user->kind == OP_INDEX && operand == 0;
    op_note(plan, site->root)->tree++;
    if (!value->op)
        note_last(plan, value, site->root);
}

// ---- Compound assignment ----------------------------------------------------

static bool same_expression(const Value *a, const Value *b, int depth) {
    if (a == b)
        return true;
    if (!a->op || !b->op || a->op->kind != b->op->kind || depth == 0)
        return false;
    if (a->op->kind == OP_CONST)
        return !type_is_float(a->type) && a->type->kind == b->type->kind &&
               a->op->as.constant.integer == b->op->as.constant.integer;
    if (a->op->kind == OP_GLOBAL)
        return a->op->as.global == b->op->as.global;
    if (!op_has_flag(a->op, OPF_PURE) || a->op->kind == OP_MATH ||
        a->op->operand_count != b->op->operand_count ||
        a->type->kind != b->type->kind || a->op->operand_count == 0 ||
        (a->op->kind == OP_FIELD && a->op->as.field != b->op->as.field))
        return false;
    for (uint32_t i = 0; i < a->op->operand_count; i++)
        if (!same_expression(a->op->operands[i], b->op->operands[i], depth - 1))
            return false;
    return true;
}

bool same_address(const Value *a, const Value *b) {
    return same_expression(a, b, 8);
}

bool is_assigning(OpKind kind) {
    return (kind >= OP_ADD && kind <= OP_REM) || kind == OP_AND ||
           kind == OP_OR || kind == OP_XOR || kind == OP_SHL || kind == OP_SHR;
}

// The operand of the stored operation that loads the store's own address.
static int compound_operand(const Op *store) {
    const Op *op = store->operands[1]->op;
    if (!op || !is_assigning(op->kind))
        return -1;
    for (int i = 0; i < (op_has_flag(op, OPF_COMMUTES) ? 2 : 1); i++) {
        const Op *load = op->operands[i]->op;
        if (load && load->kind == OP_LOAD && load->parent == store->parent &&
            same_address(load->operands[0], store->operands[0]))
            return i;
    }
    return -1;
}

const Value *compound_rest(const Op *store) {
    return store->operands[1]->op->operands[1 - compound_operand(store)];
}

static bool visit_compound(Plan *plan, const Op *store, const Site *site) {
    OpNote *note = op_note(plan, store);
    int operand = compound_operand(store);
    const Op *op = store->operands[1]->op;
    if (operand < 0 || op->parent != store->parent)
        return false;
    const Value *old = op->operands[operand];
    ValueNote *loaded = value_note(plan, old);
    ValueNote *sum = value_note(plan, store->operands[1]);
    if (sum->uses != 1 || loaded->uses != 1 ||
        op_note(plan, old->op)->writes_before != note->writes_before)
        return false;
    note->compound = loaded->absorbed = true;
    loaded->place = sum->place = PLACE_INLINE;
    Site inner = *site;
    inner.user = op;
    inner.depth = 1;
    print(plan, &inner, (uint32_t)(1 - operand), 0);
    return true;
}

// ---- Decisions --------------------------------------------------------------

static bool is_leaf(const Op *op) {
    return op_has_flag(op, OPF_PURE) && op->operand_count == 0;
}

// i + 1, i * n + j, (size_t)i: repeated rather than named.
static bool may_repeat(const ValueNote *note, const Value *value) {
    const Op *op = value->op;
    if (!op_has_flag(op, OPF_PURE) || op->kind == OP_MATH || value->name)
        return false;
    if (op->kind == OP_CAST && type_is_arithmetic(value->type))
        return note->size <= 2;
    return type_is_integer(value->type) && !note->as_number &&
           note->size <= INDEX_LIMIT;
}

// A yielded value is assigned to its carried variable where it is computed,
// unless the old value is needed after that.
static bool waits_for_yield(const Plan *plan, const Op *op,
                            const ValueNote *note) {
    const Op *holder = note->user->parent->parent;
    if (note->user->kind != OP_YIELD || !op_is_loop(holder) ||
        do_flag(plan, holder) == note->operand)
        return true;
    const Value *param =
        loop_param(holder, holder->region_count - 1, note->operand);
    const char *name = op->results[0]->name;
    if (name && !string_equal(name, param->name))
        return false; // a variable of the source's own
    return value_note(plan, param)->last > op_note(plan, op)->order;
}

// Whether nothing between here and the root forbids to move the operation.
static bool may_move(const Plan *plan, const Op *op, const ValueNote *note) {
    const OpNote *from = op_note(plan, op), *to = op_note(plan, note->root);
    if (op->kind == OP_CALL)
        return !note->repeated &&
               to->accesses_before == from->accesses_before + 1;
    if (note->repeated && (op->kind == OP_MATH || (from->reads && to->writes)))
        return false;
    return !from->reads || to->writes_before == from->writes_before;
}

// All that a statement computes needs no name of its own.
static bool is_whole(const Plan *plan, const ValueNote *note) {
    OpKind kind = note->root->kind;
    bool is_compound = op_note(plan, note->root)->compound;
    return kind == OP_YIELD || ((kind == OP_STORE || kind == OP_RETURN) &&
                                note->depth == (is_compound ? 1 : 0));
}

static bool may_inline(const Plan *plan, const Op *op, const ValueNote *note) {
    bool movable = op_has_flag(op, OPF_PURE) || op->kind == OP_LOAD ||
                   op->kind == OP_CALL || op->kind == OP_IF;
    if (!movable || op->result_count != 1 || note->prints != 1 ||
        note->root->parent != op->parent)
        return false;
    if (op->results[0]->name && note->size > NAMED_LIMIT &&
        !is_whole(plan, note))
        return false;
    uint32_t limit = note->size <= SMALL ? 2 * TREE_LIMIT : TREE_LIMIT;
    return note->depth < DEPTH_LIMIT &&
           op_note(plan, note->root)->tree <= limit &&
           waits_for_yield(plan, op, note) && may_move(plan, op, note);
}

// A row of a matrix, indexed as a pointer: maybe beyond its end, which
// compilers see (and warn of) only in w[0][i], not in row[i].
static bool is_row(const Op *op) {
    const Op *base = op->kind == OP_ELEM ? op->operands[0]->op : NULL;
    return base && base->kind == OP_ELEM;
}

// Addresses stay in place, but a pointer that the source names, or that is
// computed and used as a value more than once, is a variable.
static bool is_pointer_variable(const ValueNote *note, const Value *value) {
    if (note->depth >= DEPTH_LIMIT ||
        (note->indexed && (is_row(value->op) || value->op->kind == OP_INDEX)))
        return true;
    if (note->prints <= 1)
        return false;
    return value->name || (value->op->kind == OP_INDEX && note->as_value);
}

static Place place_of(const Plan *plan, const Op *op, const Value *value) {
    const ValueNote *note = value_note(plan, value);
    if (op->kind == OP_ALLOC || op->kind == OP_TAPE)
        return PLACE_OBJECT;
    if (is_leaf(op))
        return PLACE_INLINE;
    if (is_heap_pointer(op))
        return PLACE_VARIABLE;
    if (op_is_address(op))
        return is_pointer_variable(note, value) ? PLACE_VARIABLE : PLACE_INLINE;
    if (note->prints > 1 && may_repeat(note, value))
        return PLACE_INLINE;
    return may_inline(plan, op, note) ? PLACE_INLINE : PLACE_VARIABLE;
}

// ---- The walk ---------------------------------------------------------------

static unsigned operand_flags(const Op *op, uint32_t operand) {
    if (op->kind == OP_INDEX || op->kind == OP_ELEM)
        return operand == 1          ? PRINT_INDEX
               : op->kind == OP_ELEM ? PRINT_BASE
                                     : 0;
    bool is_access = op->kind == OP_LOAD || op->kind == OP_FIELD ||
                     (op->kind == OP_STORE && operand == 0) ||
                     (op->kind == OP_COPY && op->operand_count == 2);
    return is_access ? PRINT_BASE : 0;
}

// The head of a for loop evaluates some operands in each iteration, or prints
// them more than once.
static void visit_for(Plan *plan, const Op *op, Site *site) {
    LoopForm form = loop_form(op);
    uint32_t again = form == LOOP_PLAIN ? FOR_END : FOR_BEGIN;
    for (uint32_t i = 0; i < FOR_FIRST_INITIAL; i++) {
        bool repeated = i == again || form == LOOP_COUNTED || i == FOR_STEP;
        site->count = form == LOOP_COUNTED ? 3 : 1;
        print(plan, site, i, repeated ? PRINT_REPEATED : 0);
    }
    site->count = 1;
    for (uint32_t i = FOR_FIRST_INITIAL; i < op->operand_count; i++)
        if (takes_operand(plan, op, i))
            print(plan, site, i, 0);
}

static void visit_yield(Plan *plan, const Op *op, const Site *site) {
    const Op *holder = op->parent->parent;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!takes_operand(plan, op, i))
            continue;
        const Value *value = op->operands[i];
        if (!op_is_loop(holder) ||
            value != loop_param(holder, holder->region_count - 1, i))
            print(plan, site, i, 0);
    }
}

static void visit_operands(Plan *plan, const Op *op, Site *site) {
    if (op->kind == OP_FOR) {
        visit_for(plan, op, site);
    } else if (op->kind == OP_YIELD) {
        visit_yield(plan, op, site);
    } else if (op->kind == OP_STORE) {
        print(plan, site, 0, PRINT_BASE);
        if (!visit_compound(plan, op, site))
            print(plan, site, 1, 0);
    } else {
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (takes_operand(plan, op, i))
                print(plan, site, i, operand_flags(op, i));
    }
}

static bool all_inline(const Plan *plan, const Region *region) {
    for (const Op *op = region->first; op != region->last; op = op->next)
        if (op_note(plan, op)->needed &&
            (op->result_count != 1 ||
             value_note(plan, op->results[0])->place != PLACE_INLINE))
            return false;
    return true;
}

static void visit_inner(Plan *plan, const Op *op, OpNote *note) {
    for (uint32_t r = op->region_count; r-- > 0;)
        visit_region(plan, op->regions[r]);
    if (op->kind == OP_IF)
        note->is_expression = note->may_be_expression &&
                              all_inline(plan, op->regions[IF_THEN]) &&
                              all_inline(plan, op->regions[IF_ELSE]);
    if (op->kind == OP_WHILE)
        note->is_simple = all_inline(plan, op->regions[WHILE_CONDITION]);
}

// Where its operands are printed: in its own text, or in its user's.
static Site site_of(const Op *op, const ValueNote *result) {
    if (result->place != PLACE_INLINE || result->prints == 0)
        return (Site){op, op, 1, 0, 0};
    unsigned flags = (result->repeated ? PRINT_REPEATED : 0) |
                     (result->as_number ? 0 : PRINT_INDEX);
    return (Site){op, result->root, result->prints, result->depth + 1, flags};
}

static void visit_op(Plan *plan, const Op *op) {
    OpNote *note = op_note(plan, op);
    Site site = {op, op, 1, 0, 0};
    visit_inner(plan, op, note);
    bool is_value = op->result_count == 1 && !op_is_loop(op) &&
                    (op->kind != OP_IF || note->is_expression);
    if (is_value) {
        ValueNote *result = value_note(plan, op->results[0]);
        if (result->place == PLACE_INLINE)
            return; // part of a compound assignment
        result->place = place_of(plan, op, op->results[0]);
        site = site_of(op, result);
    } else {
        for (uint32_t i = 0; i < op->result_count; i++)
            value_note(plan, op->results[i])->place = PLACE_VARIABLE;
    }
    visit_operands(plan, op, &site);
}

static void visit_region(Plan *plan, const Region *region) {
    for (const Op *op = region->last; op; op = op->previous)
        if (op_note(plan, op)->needed)
            visit_op(plan, op);
}

int64_t do_flag(const Plan *plan, const Op *loop) {
    if (loop->kind != OP_WHILE)
        return -1;
    const Region *condition = loop->regions[WHILE_CONDITION];
    const Value *flag = condition->last->operands[0];
    int64_t initial;
    if (flag->region != condition || value_note(plan, flag)->uses != 1 ||
        value_note(plan, loop->results[flag->index])->needed ||
        value_note(plan, loop_param(loop, WHILE_BODY, flag->index))->uses ||
        !value_is_integer(loop_initial(loop, flag->index), &initial) ||
        initial == 0)
        return -1;
    return flag->index;
}

void inline_values(Plan *plan) { visit_region(plan, plan->function->body); }

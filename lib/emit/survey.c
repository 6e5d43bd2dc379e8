// survey.c - which operations are needed, and where each stands: positions in
// the order of the text, memory accesses before it, sizes of expressions.
// Also the small questions about loops that several files ask.
#include "emit/plan.h"

#include <string.h>

// ---- Questions --------------------------------------------------------------

bool op_is_loop(const Op *op) {
    return op->kind == OP_FOR || op->kind == OP_WHILE;
}

bool op_is_address(const Op *op) {
    return op->kind == OP_INDEX || op->kind == OP_ELEM || op->kind == OP_FIELD;
}

bool op_has_flag(const Op *op, unsigned flag) {
    return (op_info(op->kind)->flags & flag) != 0;
}

bool is_heap_pointer(const Op *op) {
    const Op *heap = op->kind == OP_CAST ? op->operands[0]->op : NULL;
    return heap && (heap->kind == OP_HEAP || heap->kind == OP_REALLOC) &&
           heap->parent == op->parent &&
           heap->results[0]->type->element->kind == TYPE_VOID &&
           type_is_pointer(op->results[0]->type) &&
           !type_has_dynamic_length(op->results[0]->type->element);
}

uint32_t loop_carried_count(const Op *loop) { return loop->result_count; }

Value *loop_param(const Op *loop, uint32_t region, uint32_t i) {
    return loop->regions[region]->params[loop->kind == OP_FOR ? i + 1 : i];
}

Value *loop_initial(const Op *loop, uint32_t i) {
    return loop->operands[loop->kind == OP_FOR ? FOR_FIRST_INITIAL + i : i];
}

const Op *loop_yield(const Op *loop) {
    return loop->regions[loop->region_count - 1]->last;
}

bool loop_carried_needed(const Plan *plan, const Op *loop, uint32_t i) {
    if (value_note(plan, loop->results[i])->needed)
        return true;
    for (uint32_t r = 0; r < loop->region_count; r++)
        if (value_note(plan, loop_param(loop, r, i))->needed)
            return true;
    return false;
}

int64_t loop_step(const Op *loop) {
    const Value *step = loop->operands[FOR_STEP];
    int64_t number;
    if (!value_is_integer(step, &number))
        return 0;
    TypeKind kind = step->type->kind;
    if (kind == TYPE_UINT)
        return (int32_t)(uint32_t)number;
    if (kind == TYPE_USHORT)
        return (int16_t)(uint16_t)number;
    return kind == TYPE_UCHAR ? (int8_t)(uint8_t)number : number;
}

// Whether a counter that comes back to where the loop begins would go on beyond
// what its type holds.
static bool begins_at_limit(const Op *loop, bool least) {
    const Value *begin = loop->operands[FOR_BEGIN];
    int64_t number;
    if (!value_is_integer(begin, &number))
        return false;
    unsigned bits = type_integer_bits(begin->type);
    int64_t limit = bits == 64 ? INT64_MAX : (INT64_C(1) << (bits - 1)) - 1;
    return number == (least ? -limit - 1 : limit);
}

LoopForm loop_form(const Op *loop) {
    OpKind compare = loop->as.loop.compare;
    if (!loop->as.loop.reversed)
        return LOOP_PLAIN;
    int64_t step = loop_step(loop);
    bool is_signed = type_is_signed(loop->operands[FOR_BEGIN]->type);
    if (is_signed && begins_at_limit(loop, step > 0))
        return LOOP_COUNTED;
    if (step == 1 && (compare == OP_LT || compare == OP_LE || compare == OP_NE))
        return is_signed ? LOOP_DOWN : LOOP_DOWN_UNSIGNED;
    if (step == -1 &&
        (compare == OP_GT || compare == OP_GE || compare == OP_NE))
        return is_signed ? LOOP_UP : LOOP_UP_UNSIGNED;
    return LOOP_COUNTED;
}

// ---- Positions --------------------------------------------------------------

static void place_region(Plan *plan, const Region *region, uint32_t *position) {
    for (const Op *op = region->first; op; op = op->next) {
        OpNote *note = arena_new(plan->arena, OpNote);
        ptrmap_set(plan->ops, op, note);
        note->start = ++*position;
        for (uint32_t r = 0; r < op->region_count; r++) {
            ++*position;
            place_region(plan, op->regions[r], position);
        }
        note->end = op->region_count ? ++*position : note->start;
    }
}

// ---- What is needed ---------------------------------------------------------

typedef struct Marking {
    Plan *plan;
    Vec(const Value *) open;
} Marking;

static void need_value(Marking *m, const Value *value) {
    ValueNote *note = value_note(m->plan, value);
    if (note->needed)
        return;
    note->needed = true;
    vec_push(m->plan->arena, &m->open, value);
}

// An operation that stays: what it takes, and all that it stands in.
static void need_op(Marking *m, const Op *op) {
    for (; op; op = op->parent->parent) {
        OpNote *note = op_note(m->plan, op);
        if (note->needed)
            return;
        note->needed = true;
        uint32_t count = op->operand_count;
        if (op->kind == OP_YIELD || op->kind == OP_WHILE)
            count = 0; // value by value
        if (op->kind == OP_FOR)
            count = FOR_FIRST_INITIAL;
        for (uint32_t i = 0; i < count; i++)
            need_value(m, op->operands[i]);
        if (op->kind == OP_WHILE)
            need_op(m, op->regions[WHILE_CONDITION]->last);
        for (uint32_t r = 0; r < op->region_count; r++)
            if (op->regions[r]->last->kind == OP_YIELD)
                op_note(m->plan, op->regions[r]->last)->needed = true;
    }
}

static void need_carried(Marking *m, const Op *loop, uint32_t i) {
    need_op(m, loop);
    need_value(m, loop_initial(loop, i));
    need_value(m, loop_yield(loop)->operands[i]);
    for (uint32_t r = 0; r < loop->region_count; r++)
        need_value(m, loop_param(loop, r, i));
}

static void need_sources(Marking *m, const Value *value) {
    const Op *op = value->op ? value->op : value->region->parent;
    if (!op)
        return;
    if (op_is_loop(op)) {
        uint32_t i = value->index;
        if (value->region && op->kind == OP_FOR && i == 0)
            return;
        if (value->region && op->kind == OP_FOR)
            i--;
        need_carried(m, op, i);
        return;
    }
    need_op(m, op);
    if (op->kind == OP_IF)
        for (uint32_t r = 0; r < 2; r++)
            need_value(m, op->regions[r]->last->operands[value->index]);
}

static bool is_root(const Op *op) {
    return op->kind == OP_RETURN ||
           (op->kind != OP_ALLOC && op->kind != OP_HEAP &&
            op->kind != OP_TAPE && op_has_flag(op, OPF_WRITES | OPF_EFFECT));
}

static void need_roots(Marking *m, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (is_root(op))
            need_op(m, op);
        for (uint32_t r = 0; r < op->region_count; r++)
            need_roots(m, op->regions[r]);
    }
}

// ---- Counts -----------------------------------------------------------------

bool takes_operand(const Plan *plan, const Op *op, uint32_t i) {
    if (op_is_loop(op)) {
        uint32_t before = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
        return i < before || loop_carried_needed(plan, op, i - before);
    }
    const Op *parent = op->parent->parent;
    if (op->kind != OP_YIELD)
        return true;
    return op_is_loop(parent) ? loop_carried_needed(plan, parent, i)
                              : value_note(plan, parent->results[i])->needed;
}

static void count_region_uses(Plan *plan, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (!op_note(plan, op)->needed)
            continue;
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (takes_operand(plan, op, i))
                value_note(plan, op->operands[i])->uses++;
        for (uint32_t r = 0; r < op->region_count; r++)
            count_region_uses(plan, op->regions[r]);
    }
}

enum { SIZE_LIMIT = 1 << 20 };

// As an operand; what will be a variable counts as its name.
static uint32_t operand_size(const Plan *plan, const Value *value) {
    const ValueNote *note = value_note(plan, value);
    if (!value->op)
        return 1;
    bool in_place =
        op_is_address(value->op) ||
        (note->uses == 1 && (op_has_flag(value->op, OPF_PURE | OPF_READS) ||
                             op_note(plan, value->op)->may_be_expression));
    return in_place ? note->size : 1;
}

static uint32_t expression_size(const Plan *plan, const Op *op) {
    uint32_t size = op->kind != OP_LOAD;
    for (uint32_t i = 0; i < op->operand_count; i++)
        size += operand_size(plan, op->operands[i]);
    return size < SIZE_LIMIT ? size : SIZE_LIMIT;
}

static uint32_t region_size(const Plan *plan, const Region *region) {
    const Op *yield = region->last;
    return yield->operand_count ? operand_size(plan, yield->operands[0]) : 0;
}

// A branch of c ? a : b: only expressions.
static bool is_branch(const Plan *plan, const Region *region) {
    for (const Op *op = region->first; op != region->last; op = op->next) {
        const OpNote *note = op_note(plan, op);
        if (!note->needed)
            continue;
        if (op->kind == OP_IF ? !note->may_be_expression
                              : !op_has_flag(op, OPF_PURE | OPF_READS) ||
                                    op_has_flag(op, OPF_WRITES))
            return false;
    }
    return true;
}

// `if (c) s += x;` is what people write, not s = c ? s + x : s.
static bool keeps_variable(const Op *op) {
    const char *name = op->results[0]->name;
    for (uint32_t r = 0; name && r < 2; r++) {
        const Value *value = op->regions[r]->last->operands[0];
        if (!region_contains(op->regions[r], value_region(value)) &&
            !value_is_constant(value) && string_equal(value->name, name))
            return true;
    }
    return false;
}

enum { TERNARY_LIMIT = 24 };

static bool may_be_expression(const Plan *plan, const Op *op) {
    if (op->result_count != 1 || !value_note(plan, op->results[0])->needed ||
        keeps_variable(op))
        return false;
    uint32_t size = operand_size(plan, op->operands[0]);
    for (uint32_t r = 0; r < 2; r++) {
        if (!is_branch(plan, op->regions[r]))
            return false;
        size += region_size(plan, op->regions[r]);
    }
    return size <= TERNARY_LIMIT;
}

static void count_region(Plan *plan, const Region *region);

static void count_op(Plan *plan, const Op *op, OpNote *note) {
    note->writes = op_has_flag(op, OPF_WRITES);
    note->reads = op_has_flag(op, OPF_READS);
    for (uint32_t r = 0; r < op->region_count; r++) {
        count_region(plan, op->regions[r]);
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next) {
            const OpNote *part = op_note(plan, inner);
            note->writes |= part->needed && part->writes;
            note->reads |= part->needed && part->reads;
        }
    }
    uint32_t size = op->region_count ? 1 : expression_size(plan, op);
    if (op->kind == OP_IF &&
        (note->may_be_expression = may_be_expression(plan, op)))
        size = operand_size(plan, op->operands[0]) +
               region_size(plan, op->regions[IF_THEN]) +
               region_size(plan, op->regions[IF_ELSE]) + 1;
    for (uint32_t i = 0; i < op->result_count; i++)
        value_note(plan, op->results[i])->size = size;
}

static void count_region(Plan *plan, const Region *region) {
    uint32_t order = 0, writes = 0, accesses = 0;
    for (const Op *op = region->first; op; op = op->next) {
        OpNote *note = op_note(plan, op);
        note->order = ++order;
        note->writes_before = writes;
        note->accesses_before = accesses;
        if (!note->needed)
            continue;
        count_op(plan, op, note);
        writes += note->writes;
        accesses += note->writes || note->reads;
    }
}

void survey_function(Plan *plan) {
    uint32_t position = 0;
    Marking marking = {.plan = plan};
    place_region(plan, plan->function->body, &position);
    need_roots(&marking, plan->function->body);
    while (marking.open.count)
        need_sources(&marking, marking.open.items[--marking.open.count]);
    count_region_uses(plan, plan->function->body);
    count_region(plan, plan->function->body);
}

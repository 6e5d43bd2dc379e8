// simplify.c - the pass `simplify`: constants, identities, control flow that is
// decided already. Reads and changes: a function. Results stay the same bit for
// bit; operations that are marked `adjoint` follow the algebra of derivatives,
// where zero times anything is zero.
//
// One walk in the order of execution. There are no lists of uses: a value that
// goes away is entered into a map, which is applied to operands on the way;
// every use comes after its definition, in nested regions or behind it. What
// makes new work for places behind the walk waits for the pass's next run.
#include "optimize/simplify.h"

Value *simplify_resolve(const Simplify *s, Value *value) {
    for (Value *to = valuemap_get(&s->map, value); to;
         to = valuemap_get(&s->map, value))
        value = to;
    return value;
}

void simplify_replace(Simplify *s, Value *from, Value *to) {
    pass_on_name(from, to);
    valuemap_set(&s->map, from, to);
    s->changed = true;
}

static void resolve_operands(Simplify *s, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = simplify_resolve(s, op->operands[i]);
}

// An operation without regions.
static void simplify_single(Simplify *s, Op *op) {
    while (simplify_fold(op) || simplify_rewrite(op))
        s->changed = true;
    Value *same = simplify_identity(op);
    if (!same)
        return;
    simplify_replace(s, op->results[0], same);
    op_remove(op);
}

static bool is_condition(const Op *op) {
    return op->kind == OP_IF || op->kind == OP_SELECT || op->kind == OP_LNOT ||
           op->kind == OP_CONDITION;
}

// r = r, which a pointer that turns out to point to r may become.
static bool copies_to_itself(const Op *op) {
    return op->kind == OP_COPY && op->operands[0] == op->operands[1];
}

static Op *simplify_op(Simplify *s, Op *op) {
    Op *next = op->next;
    resolve_operands(s, op);
    if (copies_to_itself(op)) {
        op_remove(op);
        s->changed = true;
        return next;
    }
    if (is_condition(op)) {
        Value *condition = strip_condition(op->operands[0]);
        s->changed |= condition != op->operands[0];
        op->operands[0] = condition;
    }
    if (op->kind == OP_IF)
        return simplify_if(s, op);
    if (op->kind == OP_FOR || op->kind == OP_WHILE)
        return simplify_loop(s, op);
    simplify_single(s, op);
    return next;
}

void simplify_region(Simplify *s, Region *region) {
    for (Op *op = region->first; op;)
        op = simplify_op(s, op);
}

bool pass_simplify(Function *function) {
    Arena *arena = arena_create();
    Simplify s = {.function = function};
    valuemap_init(&s.map, arena, function);
    simplify_region(&s, function->body);
    arena_destroy(arena);
    return s.changed;
}

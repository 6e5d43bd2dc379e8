// invariant.c - values that are read again in each iteration of a loop, though
// nothing there changes them, are handed out of the loop once: the reverse
// sweep needs them, and one value an outer iteration is enough to keep. The
// load itself stays where it is: before the loop it might not be allowed.
#include "differentiate/carry.h"

static bool is_invariant(const Value *value, const Region *body, int depth) {
    if (!region_contains(body, value_region(value)))
        return true;
    const Op *op = value->op;
    if (!op || depth == 0 || op->region_count ||
        !(op_info(op->kind)->flags & OPF_PURE))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_invariant(op->operands[i], body, depth - 1))
            return false;
    return true;
}

static bool can_hand_out(const Carry *c, const Value *value) {
    const Op *op = value->op;
    if (!op || op->kind != OP_LOAD || carry_load_survives(c, op))
        return false;
    const Region *body = op->parent;
    const Op *loop = body->parent;
    return loop && loop->kind != OP_IF &&
           body == loop->regions[loop->region_count - 1] &&
           is_invariant(op->operands[0], body, 8) &&
           !memory_op_may_write(c->memory, loop, op->operands[0]);
}

// Carried along as "what the last iteration read".
static Value *hand_out(Value *value) {
    Region *body = value->op->parent;
    Op *loop = body->parent;
    Builder before = builder_before(loop);
    op_append_operand(loop, build_constant(&before, value->type, 0));
    for (uint32_t r = 0; r < loop->region_count; r++)
        region_append_param(loop->regions[r], value->type, value->name);
    op_append_operand(region_terminator(body), value);
    return op_append_result(loop, value->type, value->name);
}

void invariant_hand_out(Carry *c) {
    for (size_t i = 0; i < c->needs.count; i++) {
        Value *value = c->needs.items[i];
        if (!can_hand_out(c, value))
            continue;
        Value *result = hand_out(value);
        ptrmap_set(c->instead, value, result);
        c->needs.items[i] = result;
    }
}

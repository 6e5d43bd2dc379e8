// rewrite.c - changes of shape that several passes need: results of ifs and
// carried values of loops that go away (they must have no uses left but those
// that go, too), values computed in front of a loop, and integers of a type.
#include "optimize/passes.h"

#include <string.h>

// Keeps values[first + i] where keep[i]; answers how many are left in all.
static uint32_t compact(Value **values, uint32_t count, uint32_t first,
                        const bool *keep) {
    uint32_t left = first;
    for (uint32_t i = first; i < count; i++)
        if (keep[i - first])
            values[left++] = values[i];
    return left;
}

static void renumber(Value **values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        values[i]->index = i;
}

static void keep_yields(Region *region, const bool *keep) {
    Op *yield = region_terminator(region);
    yield->operand_count =
        compact(yield->operands, yield->operand_count, 0, keep);
}

static void keep_results(Op *op, const bool *keep) {
    op->result_count = compact(op->results, op->result_count, 0, keep);
    renumber(op->results, op->result_count);
}

void if_keep_results(Op *op, const bool *keep) {
    keep_results(op, keep);
    keep_yields(op->regions[IF_THEN], keep);
    keep_yields(op->regions[IF_ELSE], keep);
}

void loop_keep_carried(Op *op, const bool *keep) {
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    uint32_t first_param = op->kind == OP_FOR ? 1 : 0;
    keep_results(op, keep);
    keep_yields(loop_body(op), keep);
    op->operand_count = compact(op->operands, op->operand_count, first, keep);
    for (uint32_t r = 0; r < op->region_count; r++) {
        Region *region = op->regions[r];
        region->param_count =
            compact(region->params, region->param_count, first_param, keep);
        renumber(region->params, region->param_count);
    }
}

Value *hoist_value(Builder *b, const Op *loop, Value *value) {
    if (loop_is_invariant(loop, value))
        return value;
    const Op *op = value->op;
    ENSURE(op && !op->region_count);
    Op *copy = op_create(b->function, op->kind, op->operand_count,
                         op->result_count, 0);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++)
        copy->operands[i] = hoist_value(b, loop, op->operands[i]);
    for (uint32_t i = 0; i < op->result_count; i++)
        op_set_result(copy, b->function, i, op->results[i]->type,
                      op->results[i]->name);
    builder_insert(b, copy);
    copy->origin = op->origin;
    copy->adjoint = op->adjoint;
    return copy->results[value->index];
}

bool loop_in_mirror(const Op *loop) {
    const Region *region = loop->parent;
    if (!region->function->distinct)
        return true;
    for (; region->parent; region = region->parent->parent)
        if (region->parent->kind == OP_FOR && region->parent->as.loop.reversed)
            return true;
    return false;
}

Value *build_wrapped(Builder *b, const Type *type, int64_t value) {
    type = type_plain(b->function->module, type);
    if (type->kind == TYPE_UINT)
        value = (int64_t)(uint32_t)value;
    return build_int(b, type, value);
}

static bool is_adjoint(const Value *value) {
    const Op *op = value->op ? value->op : value->region->parent;
    return op && op->adjoint;
}

void pass_on_name(const Value *from, Value *to) {
    bool wants_name = !to->name && to->op && !value_is_constant(to);
    if (wants_name && (is_adjoint(to) || !is_adjoint(from)))
        to->name = from->name;
}

bool type_interchangeable(const Type *a, const Type *b) {
    if (!type_equal(a, b))
        return false;
    for (; a->kind == TYPE_POINTER || a->kind == TYPE_ARRAY;
         a = a->element, b = b->element)
        if (a->element->is_const != b->element->is_const ||
            a->length != b->length)
            return false;
    return true;
}

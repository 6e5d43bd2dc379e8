// rewrite.c - changes of shape that several passes need: results of ifs and
// carried values of loops that go away. The values must have no uses left but
// those that go, too.
#include "optimize/passes.h"

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

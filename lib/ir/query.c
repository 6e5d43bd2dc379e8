// query.c - questions about values, operations and regions. Changes nothing.
#include "ir/ir.h"

#include <string.h>

bool value_is_constant(const Value *value) {
    return value->op && value->op->kind == OP_CONST;
}

bool value_is_integer(const Value *value, int64_t *integer) {
    if (!value_is_constant(value))
        return false;
    if (!type_is_float(value->type)) {
        *integer = value->op->as.constant.integer;
        return true;
    }
    double real = value->op->as.constant.real;
    if (type_is_complex(value->type) && value->op->as.constant.imaginary != 0)
        return false;
    if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0) ||
        (double)(int64_t)real != real)
        return false;
    *integer = (int64_t)real;
    return true;
}

bool value_is_zero(const Value *value) {
    int64_t integer;
    return value_is_integer(value, &integer) && integer == 0;
}

bool value_is_one(const Value *value) {
    int64_t integer;
    return value_is_integer(value, &integer) && integer == 1;
}

Region *value_region(const Value *value) {
    return value->op ? value->op->parent : value->region;
}

bool region_contains(const Region *outer, const Region *inner) {
    while (inner && inner != outer)
        inner = inner->parent ? inner->parent->parent : NULL;
    return inner == outer;
}

Op *region_terminator(const Region *region) {
    return region->last && (op_info(region->last->kind)->flags & OPF_TERMINATOR)
               ? region->last
               : NULL;
}

// Whether the operation, or one in its regions, has one of the flags.
static bool has_flags(const Op *op, unsigned flags) {
    if (op_info(op->kind)->flags & flags)
        return true;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (has_flags(inner, flags))
                return true;
    return false;
}

bool op_is_pure(const Op *op) {
    return !has_flags(op, OPF_READS | OPF_WRITES | OPF_EFFECT) &&
           op->kind != OP_WHILE; // which need not end
}

bool op_reads_memory(const Op *op) { return has_flags(op, OPF_READS); }

bool op_writes_memory(const Op *op) { return has_flags(op, OPF_WRITES); }

bool op_has_effect(const Op *op) {
    return has_flags(op, OPF_WRITES | OPF_EFFECT) ||
           (op_info(op->kind)->flags & OPF_TERMINATOR);
}

static void count_region(const Region *region, uint32_t *uses) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            uses[op->operands[i]->id]++;
        for (uint32_t r = 0; r < op->region_count; r++)
            count_region(op->regions[r], uses);
    }
}

uint32_t *count_uses(Arena *arena, const Function *function) {
    uint32_t *uses = arena_array(arena, uint32_t, function->value_count);
    if (function->body)
        count_region(function->body, uses);
    return uses;
}

void walk_ops(Region *region, OpVisitor visit, void *context) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        visit(op, context);
        if (op->parent)
            for (uint32_t r = 0; r < op->region_count; r++)
                walk_ops(op->regions[r], visit, context);
    }
}

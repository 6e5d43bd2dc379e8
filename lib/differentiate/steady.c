// steady.c - arrays that a loop makes anew in each iteration, out of what does
// not change there, as a matrix product does that transposes one of its
// factors: from the first iteration on they hold the same numbers, and nothing
// has to be undone for the reverse sweep to find them. Changes nothing.
#include "differentiate/carry.h"

typedef struct Steady {
    const Carry *c;
    const Op *around;     // the outermost loop around the array
    const Op *alloc;      // the array
    const Region *inside; // where that is made, in each iteration
} Steady;

static bool is_in(const Op *op, const Value *value) {
    for (uint32_t r = 0; r < op->region_count; r++)
        if (region_contains(op->regions[r], value_region(value)))
            return true;
    return false;
}

static bool reads_same(const Steady *s, const Op *load) {
    const Value *address = load->operands[0];
    if (memory_address_changes_unseen(s->c->memory, address))
        return false;
    for (uint32_t r = 0; r < s->around->region_count; r++)
        if (nest_writes_object(s->c, s->around->regions[r], address))
            return false;
    return true;
}

// The same whenever the loops inside are at the same place.
static bool is_steady(const Steady *s, const Value *value, int depth) {
    const Op *op = value->op;
    if (!is_in(s->around, value) || (op && op == s->alloc))
        return true;
    if (!op) {
        const Op *loop = value->region->parent;
        return loop->kind == OP_FOR && value->index == 0 &&
               value->region != s->inside &&
               region_contains(s->inside, value->region);
    }
    bool repeats = op->kind == OP_LOAD ? reads_same(s, op)
                                       : op_info(op->kind)->flags & OPF_PURE;
    if (!repeats || op->region_count || depth == 0)
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_steady(s, op->operands[i], depth - 1))
            return false;
    return true;
}

enum { DEPTH = 12 };

// Whether the store runs equally often each time; the operation in which it
// stands in the array's own region, else NULL.
static const Op *find_filling(const Steady *s, const Op *store) {
    const Op *op = store;
    while (op->parent != s->inside) {
        op = op->parent->parent;
        if (!op || op->kind != OP_FOR)
            return NULL;
        for (int i = FOR_BEGIN; i <= FOR_STEP; i++)
            if (!is_steady(s, op->operands[i], DEPTH))
                return NULL;
    }
    return op;
}

const Op *steady_filling(const Carry *c, const Op *alloc, const Op *store) {
    Steady s = {.c = c, .alloc = alloc, .inside = alloc->parent};
    for (const Region *r = alloc->parent; r->parent; r = r->parent->parent)
        if (r->parent->kind != OP_IF)
            s.around = r->parent;
    bool same = s.around && is_steady(&s, store->operands[0], DEPTH) &&
                is_steady(&s, store->operands[1], DEPTH);
    return same ? find_filling(&s, store) : NULL;
}

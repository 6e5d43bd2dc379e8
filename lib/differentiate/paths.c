// paths.c - one end for each way through a function: what follows an `if` that
// carries derivatives moves into its branches, a copy for each. Ways through
// inactive code stay as they are.
#include "differentiate/eliminate.h"

enum { MAX_SPLITS = 7, MAX_OPERATIONS = 3000 };

static bool holds_active(const Derive *d, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (paths_op_is_active(d, inner))
                return true;
    return false;
}

bool paths_op_is_active(const Derive *d, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        if (derive_is_active(d, op->results[i]))
            return true;
    if (op->kind == OP_CALL)
        return !op->as.callee->inactive && !op->as.callee->is_output &&
               call_is_active(d, op);
    if ((op->kind == OP_STORE && type_is_float(op->operands[1]->type)) ||
        op->kind == OP_COPY || op->kind == OP_ZERO)
        return activity_of_address(d->activity, op->operands[0]);
    if (op->kind == OP_REALLOC)
        return activity_of_address(d->activity, op->results[0]);
    return holds_active(d, op);
}

// Whether nothing follows but the terminator, which takes the results.
static bool is_end(const Op *op) {
    const Op *end = op->next;
    bool same = end == region_terminator(op->parent) &&
                end->operand_count == op->result_count;
    for (uint32_t i = 0; same && i < op->result_count; i++)
        same = end->operands[i] == op->results[i];
    return same;
}

static Op *find_in_region(const Derive *d, const Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        if (op->kind != OP_IF || !paths_op_is_active(d, op))
            continue;
        if (!is_end(op))
            return op;
        Op *inner = find_in_region(d, op->regions[IF_THEN]);
        return inner ? inner : find_in_region(d, op->regions[IF_ELSE]);
    }
    return NULL;
}

// One branch and what follows the `if`.
static void copy_branch(const Op *op, const Region *branch, const Op *end,
                        Region *target, Arena *arena) {
    ValueMap map;
    Builder b = builder_at_end(target);
    valuemap_init(&map, arena, b.function);
    clone_region_body(&b, branch, &map);
    for (uint32_t i = 0; i < op->result_count; i++)
        valuemap_set(
            &map, op->results[i],
            valuemap_apply(&map, region_terminator(branch)->operands[i]));
    for (const Op *next = op->next; next != end; next = next->next)
        clone_op(&b, next, &map);
    Value **values = arena_array(arena, Value *, end->operand_count);
    for (uint32_t i = 0; i < end->operand_count; i++)
        values[i] = valuemap_apply(&map, end->operands[i]);
    b.origin = op->origin;
    build_yield(&b, values, end->operand_count);
}

static void split(Op *op, Arena *arena) {
    Op *end = region_terminator(op->parent);
    Builder b = builder_before(op);
    b.origin = op->origin;
    Op *choice = build_if(&b, op->operands[0]);
    for (uint32_t r = 0; r < 2; r++)
        copy_branch(op, op->regions[r], end, choice->regions[r], arena);
    for (uint32_t i = 0; i < end->operand_count; i++)
        end->operands[i] =
            op_append_result(choice, end->operands[i]->type, NULL);
    while (choice->next != end)
        op_remove(choice->next);
}

static void count(Op *op, void *context) {
    (void)op;
    ++*(int *)context;
}

bool paths_split(Derive *d, void (*analyse)(Derive *)) {
    for (int i = 0; i <= MAX_SPLITS; i++) {
        int operations = 0;
        analyse(d);
        walk_ops(d->function->body, count, &operations);
        Op *next = find_in_region(d, d->function->body);
        if (operations > MAX_OPERATIONS || !next)
            return !next;
        split(next, d->arena);
    }
    return false;
}

// ascend.c - the pass `ascend`: loops that visit the iterations of another one
// last first, as reverse sweeps do, visit them first to last where the order
// does not matter. Reads and changes: a function. Readers and the hardware's
// vectors prefer it.
//
// Where iterations meet in sums, a gradient's last bits change. A loop inside
// the mirror of another one is left alone then, so that the gradient has the
// same bits where the outer loop is checkpointed.
#include "optimize/passes.h"

typedef struct Ascend {
    Arena *arena;
    MemoryInfo *memory;
    uint32_t *uses;
    bool changed;
} Ascend;

static bool in_mirror(const Op *loop) {
    const Region *region = loop->parent;
    if (!region->function->distinct)
        return true;
    for (; region->parent; region = region->parent->parent)
        if (region->parent->kind == OP_FOR && region->parent->as.loop.reversed)
            return true;
    return false;
}

static void visit(Op *op, void *context) {
    Ascend *a = context;
    if (op->kind != OP_FOR || !op->as.loop.reversed)
        return;
    Commute commute = loop_commutes(a->arena, a->memory, op, a->uses);
    if (commute == COMMUTE_FULLY ||
        (commute == COMMUTE_BUT_FOR_ROUNDING && !in_mirror(op))) {
        op->as.loop.reversed = false;
        a->changed = true;
    }
}

bool pass_ascend(Function *function) {
    Arena *arena = arena_create();
    Ascend a = {.arena = arena,
                .memory = memory_analyse(arena, function),
                .uses = count_uses(arena, function)};
    walk_ops(function->body, visit, &a);
    arena_destroy(arena);
    return a.changed;
}

// ascend.c - the pass `ascend`: loops that visit the iterations of another one
// last first, as reverse sweeps do, visit them first to last where the order
// does not matter. Reads and changes: a function. Readers and the hardware's
// vectors prefer it.
//
// Where iterations meet in sums, a gradient's last bits change. A loop inside
// the mirror of another one is left alone then (loop_in_mirror), and so are
// loops of the primal (interchange.c turns some).
#include "optimize/passes.h"

typedef struct Ascend {
    Arena *arena;
    MemoryInfo *memory;
    uint32_t *uses;
    bool changed;
} Ascend;

// In a checkpointed step: where the gradient without checkpoints does. There
// one could see that what is added to is not read, and these are the same
// variables.
static bool is_asked_for(const Op *loop) {
    const LoopInfo *info = loop->as.loop.info;
    return info && info->order != ORDER_LAST_FIRST;
}

static void visit(Op *op, void *context) {
    Ascend *a = context;
    if (op->kind != OP_FOR || !op->as.loop.reversed)
        return;
    Commute commute = loop_commutes(a->arena, a->memory, op, a->uses);
    bool adds = op->adjoint && is_asked_for(op) &&
                loop_only_adds(a->memory, op, a->uses);
    if (commute == COMMUTE_FULLY || adds ||
        (commute == COMMUTE_BUT_FOR_ROUNDING && op->adjoint &&
         (!loop_in_mirror(op) || is_asked_for(op)))) {
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

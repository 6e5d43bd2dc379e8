// order.c - in which order the gradient without checkpoints visits the steps of
// loops. Where iterations meet in sums alone, it may take the first one first
// (fuse.c, and the optimiser's ascend), and sums have other last bits then. So
// the gradient is made as though nothing were marked, to look at its loops, and
// is dropped: a checkpointed loop follows its order.
//
// A loop that is fused with its mirror there is fused here, too, and needs no
// checkpoints: fuse.c takes from here what it cannot see where the bodies of
// marked loops inside have become calls. Another loop that is visited first to
// last needs no snapshots: from the state that it starts with it runs a second
// time, each step followed by its reverse. A loop around marked ones that is
// visited so does, too, as though it were marked. And so do loops in its steps,
// where the optimiser then finds that they may.
#include "differentiate/derive.h"

#include "optimize/optimize.h"

typedef struct Order {
    Derive *d;
    MemoryInfo *memory;
    uint32_t *uses;
    PtrMap *seen; // the LoopInfos that are asked about
} Order;

// Each loop gets an info of its own, if any is marked.
static void identify(Op *op, void *context) {
    Order *o = context;
    if (op->kind != OP_FOR && op->kind != OP_WHILE)
        return;
    LoopInfo *info = arena_new(o->d->arena, LoopInfo);
    if (op->as.loop.info)
        *info = *op->as.loop.info;
    op->as.loop.info = info;
    ptrmap_set(o->seen, info, info);
}

static void note_order(Op *op, void *context) {
    Order *o = context;
    if (op->kind != OP_FOR || !op->as.loop.info ||
        !ptrmap_has(o->seen, op->as.loop.info))
        return;
    if (op->as.loop.fusion)
        op->as.loop.info->order = ORDER_FUSED;
    else if (op->adjoint && !op->as.loop.reversed &&
             loop_commutes(o->d->arena, o->memory, op, o->uses) ==
                 COMMUTE_BUT_FOR_ROUNDING)
        op->as.loop.info->order = ORDER_FIRST_LAST;
}

static void look_at_gradient(Order *o, const Function *prepared) {
    Derive *d = o->d;
    Diagnostics silent;
    Pairs pairs = {{0}};
    Function *copy = clone_function(prepared, prepared->name);
    size_t functions = --d->module->functions.count;
    diag_init(&silent, NULL);
    outline_drop_markers(d, copy);
    Derive plain = {.arena = d->arena,
                    .module = d->module,
                    .diags = &silent,
                    .annotation = d->annotation,
                    .primal = d->primal,
                    .globals = d->globals,
                    .pairs = &pairs,
                    .fused = d->fused,
                    .finds_fused = true,
                    .disabled = d->disabled};
    if (derive_run(&plain, copy)) {
        optimize_function(plain.function, d->disabled);
        o->memory = memory_analyse(d->arena, plain.function);
        o->uses = count_uses(d->arena, plain.function);
        walk_ops(plain.function->body, note_order, o);
    }
    d->module->functions.count = functions;
}

// ---- What follows from it ---------------------------------------------------

static bool contains_marker(const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_CHECKPOINT)
            return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (contains_marker(op->regions[r]))
                return true;
    }
    return false;
}

static Op *marker_of(Op *loop) {
    for (Op *op = loop->previous; op; op = op->previous)
        if (op->kind == OP_CHECKPOINT && outline_loop_behind(op) == loop)
            return op;
    return NULL;
}

static void mark(Order *o, Op *loop) {
    Builder b = builder_before(loop);
    Op *marker = op_create(o->d->function, OP_CHECKPOINT, 0, 0, 0);
    marker->as.text = "";
    loop->as.loop.info->checkpoint = true;
    builder_insert(&b, marker);
}

static bool uses_any(const Op *op, const PtrMap *values) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (ptrmap_has(values, op->operands[i]))
            return true;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (uses_any(inner, values))
                return true;
    return false;
}

// Whether what the loop results in goes on through another marked loop, whose
// step hides that its weight is known before: then the two sweeps of this one
// cannot be fused.
static bool feeds_marked(const Order *o, const Op *loop) {
    PtrMap *values = ptrmap_create(o->d->arena);
    for (uint32_t i = 0; i < loop->result_count; i++)
        ptrmap_set(values, loop->results[i], loop->results[i]);
    for (const Op *op = loop->next; op; op = op->next) {
        if (!uses_any(op, values))
            continue;
        const LoopInfo *info = op->kind == OP_FOR || op->kind == OP_WHILE
                                   ? op->as.loop.info
                                   : NULL;
        if (info && info->checkpoint && info->order != ORDER_FUSED)
            return true;
        for (uint32_t i = 0; i < op->result_count; i++)
            ptrmap_set(values, op->results[i], op->results[i]);
    }
    return false;
}

// Inside: of a loop that has a schedule.
static void apply(Order *o, Region *region, bool inside) {
    for (Op *op = region->first; op; op = op->next) {
        bool loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        LoopInfo *info = loop ? op->as.loop.info : NULL;
        LoopOrder order = info ? info->order : ORDER_LAST_FIRST;
        Op *marker = info && info->checkpoint ? marker_of(op) : NULL;
        bool hidden = marker && order == ORDER_FUSED && feeds_marked(o, op);
        bool fused = order == ORDER_FUSED && !inside && !hidden;
        if (fused && marker)
            op_remove(marker); // it keeps one iteration at a time
        if (fused)
            info->checkpoint = false;
        if (order != ORDER_LAST_FIRST && !fused) {
            if (contains_marker(loop_body(op)) && !marker)
                mark(o, op);
            else if (marker && order == ORDER_FUSED && !hidden &&
                     !contains_marker(loop_body(op)))
                op_remove(marker);
        } else {
            for (uint32_t r = 0; r < op->region_count; r++)
                apply(o, op->regions[r], inside || (marker && !fused));
        }
    }
}

void order_find(Derive *d, const Function *prepared) {
    Order o = {.d = d, .seen = ptrmap_create(d->arena)};
    if (d->annotation->mode != GRAD_REVERSE || d->inner || d->split)
        return;
    if (!contains_marker(prepared->body))
        return;
    d->fused = ptrmap_create(d->arena);
    walk_ops(prepared->body, identify, &o);
    look_at_gradient(&o, prepared);
}

void order_apply(Derive *d) {
    Order o = {.d = d};
    if (d->annotation->mode == GRAD_REVERSE && !d->inner && !d->split)
        apply(&o, d->function->body, false);
}

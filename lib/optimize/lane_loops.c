// lane_loops.c - what the passes have in common that let several iterations of
// a loop run together (batch.c, jam.c): the walk over the loops, and the order
// of the primal's sums. Reads: IR and the answers of the analyses.
#include "optimize/batch.h"

// ---- The walk ---------------------------------------------------------------

bool lanes_can_split(const Op *loop, int lanes) {
    int64_t step, trips;
    const LoopInfo *info = loop->as.loop.info;
    return loop->kind == OP_FOR && !(info && info->checkpoint) &&
           loop_constant_step(loop, &step) && step == 1 &&
           (loop->as.loop.compare == OP_LT || loop->as.loop.compare == OP_LE) &&
           (!loop_constant_trip_count(loop, &trips) || trips >= 2 * lanes);
}

bool lanes_find_uses(Lanes *lanes) {
    uint32_t count = memory_object_count(lanes->memory);
    lanes->objects = arena_array(lanes->arena, ObjectUse, count);
    lanes->own = arena_array(lanes->arena, bool, count);
    return loop_object_uses(lanes->arena, lanes->memory, lanes->loop,
                            lanes->uses, lanes->objects);
}

typedef struct Visit {
    Function *function;
    bool (*is_candidate)(const Op *loop);
    bool (*try_loop)(Lanes *lanes);
    Arena *arena; // of analyses that hold until something changes
    const MemoryInfo *memory;
    const uint32_t *uses;
} Visit;

static void analyse(Visit *v) {
    if (v->arena)
        return;
    v->arena = arena_create();
    v->memory = memory_analyse(v->arena, v->function);
    v->uses = count_uses(v->arena, v->function);
}

static bool visit_loop(Visit *v, Op *loop) {
    analyse(v);
    Arena *arena = arena_create();
    Lanes lanes = {.function = v->function,
                   .arena = arena,
                   .memory = v->memory,
                   .uses = v->uses,
                   .loop = loop};
    bool done = lanes_find_uses(&lanes) && v->try_loop(&lanes);
    arena_destroy(arena);
    if (done) {
        arena_destroy(v->arena);
        v->arena = NULL;
    }
    return done;
}

static bool visit_region(Visit *v, Region *region) {
    bool changed = false;
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (v->is_candidate(op) && visit_loop(v, op)) {
            changed = true;
            continue;
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            changed |= visit_region(v, op->regions[r]);
    }
    return changed;
}

bool lanes_visit(Function *function, bool (*is_candidate)(const Op *loop),
                 bool (*try_loop)(Lanes *lanes)) {
    Visit v = {.function = function,
               .is_candidate = is_candidate,
               .try_loop = try_loop};
    bool changed = visit_region(&v, function->body);
    if (v.arena)
        arena_destroy(v.arena);
    return changed;
}

// ---- Sums of the primal -----------------------------------------------------

typedef struct Sums {
    const Lanes *lanes;
    Vec(const Op *) stores; // to memory that is summed up in
    bool fails;
} Sums;

// Whether the lanes' turns at this place follow each other for each element:
// between them stand only loops that reach each element once.
static bool lanes_take_turns(const Lanes *l, const Op *store) {
    bool turns = true;
    const Op *op = store->parent->parent;
    for (; op != l->loop; op = op->parent->parent) {
        const Value *address = store->operands[0];
        if (!lanes_share_way(l, op))
            turns = true;
        else if (op->kind != OP_IF)
            turns &= op->kind == OP_FOR && section_is_own(op, &address, 1);
    }
    return turns;
}

static bool is_summed(const Lanes *l, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(l->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (l->objects[objects[i]->id] == OBJECT_SUMMED)
            return true;
    return false;
}

static void look_at_store(Sums *s, const Op *store) {
    if (!is_summed(s->lanes, store->operands[0]))
        return;
    s->fails |= !lanes_take_turns(s->lanes, store);
    for (size_t i = 0; i < s->stores.count; i++)
        s->fails |= !memory_apart(s->lanes->memory, store->operands[0],
                                  s->stores.items[i]->operands[0]);
    vec_push(s->lanes->arena, &s->stores, store);
}

// A carried sum is added to right as it comes in.
static void look_at_addition(Sums *s, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *sum = op->operands[i];
        if (lane_class(s->lanes, sum) == LANE_SUM)
            s->fails |= sum->op ? sum->op->kind != OP_LOAD
                                : sum->region != loop_body(s->lanes->loop);
    }
}

static void look_at_sum(Op *op, void *context) {
    Sums *s = context;
    if (op->adjoint)
        return;
    if (op->kind == OP_STORE && type_is_float(op->operands[1]->type))
        look_at_store(s, op);
    else if (op_info(op->kind)->flags & OPF_PURE && !op->region_count &&
             op->result_count && type_is_float(op->results[0]->type))
        look_at_addition(s, op);
}

bool lanes_keep_sums(const Lanes *lanes) {
    Sums sums = {.lanes = lanes};
    walk_ops(loop_body(lanes->loop), look_at_sum, &sums);
    return !sums.fails;
}

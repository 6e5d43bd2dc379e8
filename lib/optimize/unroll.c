// unroll.c - counted loops with few iterations become straight-line code.
// Reads and changes: a function. A loop is unrolled, with the loops inside it,
// where its trip count is a constant and what comes out is small. The passes
// that follow find constant indices there, and scalars where arrays were.
#include "optimize/passes.h"

enum { MAX_LOOP = 1024, MAX_FUNCTION = 4096 };

typedef struct Unroller {
    Function *function;
    int64_t size; // of the function, as it is now
    ValueMap map; // results of loops that are gone
    bool changed;
} Unroller;

static int64_t region_size(const Region *region);

// Operations, once the loops are unrolled whose lengths are known by now.
static int64_t op_size(const Op *op) {
    int64_t size = 1, count;
    for (uint32_t r = 0; r < op->region_count; r++)
        size += region_size(op->regions[r]);
    if (op->kind != OP_FOR || !loop_constant_trip_count(op, &count))
        return size;
    return count <= MAX_FUNCTION && size <= MAX_FUNCTION ? size * count
                                                         : MAX_FUNCTION + 1;
}

static int64_t region_size(const Region *region) {
    int64_t size = 0;
    for (const Op *op = region->first; op && size <= MAX_FUNCTION;
         op = op->next)
        size += op_size(op);
    return size;
}

static bool is_small(const Unroller *u, const Op *op) {
    int64_t count, size = op_size(op);
    if (op->kind != OP_FOR)
        return false;
    const LoopInfo *info = op->as.loop.info;
    return !(info && info->checkpoint) &&
           loop_constant_trip_count(op, &count) && size <= MAX_LOOP &&
           u->size + size <= MAX_FUNCTION;
}

// One iteration in front of the loop; `carried` becomes what it yields.
static void copy_iteration(Op *op, int64_t index, Value **carried,
                           ValueMap *map) {
    const Region *body = op->regions[0];
    Builder b = builder_before(op);
    b.origin = op->origin;
    b.adjoint = op->adjoint;
    valuemap_set(map, body->params[0],
                 build_wrapped(&b, body->params[0]->type, index));
    for (uint32_t i = 0; i < op->result_count; i++)
        valuemap_set(map, body->params[1 + i], carried[i]);
    clone_region_body(&b, body, map);
    const Op *yield = region_terminator(body);
    for (uint32_t i = 0; i < op->result_count; i++)
        carried[i] = valuemap_apply(map, yield->operands[i]);
}

static void unroll(Unroller *u, Op *op) {
    Arena *arena = u->function->module->arena;
    int64_t count, begin, step;
    Value **carried = arena_array(arena, Value *, op->result_count);
    ValueMap map;
    valuemap_init(&map, arena, u->function);
    loop_constant_trip_count(op, &count);
    value_is_integer(op->operands[FOR_BEGIN], &begin);
    value_is_integer(op->operands[FOR_STEP], &step);
    for (uint32_t i = 0; i < op->result_count; i++)
        carried[i] = op->operands[FOR_FIRST_INITIAL + i];
    for (int64_t k = 0; k < count; k++) {
        int64_t at = op->as.loop.reversed ? count - 1 - k : k;
        uint64_t index = (uint64_t)begin + (uint64_t)at * (uint64_t)step;
        copy_iteration(op, (int64_t)index, carried, &map);
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        valuemap_set(&u->map, op->results[i], carried[i]);
    op_remove(op);
    u->changed = true;
}

// What an iteration yields may be the result of a loop inside that has gone
// since; inner loops are left for the next round, so it never is.
static void unroll_region(Unroller *u, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (is_small(u, op)) {
            u->size += op_size(op);
            unroll(u, op);
            continue;
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            unroll_region(u, op->regions[r]);
    }
}

// A loop's initial value may be the result of one that is gone, too.
static Value *resolve(const ValueMap *map, Value *value) {
    for (Value *image; (image = valuemap_get(map, value)) != NULL;)
        value = image;
    return value;
}

bool pass_unroll(Function *function) {
    Unroller u = {.function = function};
    valuemap_init(&u.map, function->module->arena, function);
    u.size = region_size(function->body);
    uint32_t count = function->value_count;
    unroll_region(&u, function->body);
    for (uint32_t i = 0; u.changed && i < count; i++)
        if (u.map.values[i])
            u.map.values[i] = resolve(&u.map, u.map.values[i]);
    if (u.changed)
        remap_region(function->body, &u.map);
    return u.changed;
}

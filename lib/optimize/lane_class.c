// lane_class.c - which values of a loop's body are the same in all iterations,
// if these run side by side; which are sums over them; and which memory each
// iteration needs a copy of. Reads: IR and the answers of the analyses.
//
// From below: everything counts as the same until something in it is found to
// depend on the index, or on a value of a lane's own. Memory that each
// iteration writes before it reads it is the same for all, too, where all write
// the same.
#include "optimize/batch.h"

typedef struct Classify {
    Lanes *lanes;
    bool *varies; // by object: lanes write different things, or elsewhere
    bool changed, hidden;
} Classify;

LaneClass lane_class(const Lanes *lanes, const Value *value) {
    return value->id < lanes->value_count ? (LaneClass)lanes->classes[value->id]
                                          : LANE_UNIFORM;
}

static void raise_class(Classify *c, const Value *value, LaneClass class) {
    uint8_t *known = &c->lanes->classes[value->id];
    if (*known < class) {
        *known = (uint8_t) class;
        c->changed = true;
    }
}

static bool is_varying(const Classify *c, const Value *value) {
    return lane_class(c->lanes, value) == LANE_VARYING;
}

static bool is_sum(const Classify *c, const Value *value) {
    return lane_class(c->lanes, value) == LANE_SUM;
}

// ---- Memory -----------------------------------------------------------------

static bool leads_to_varying(const Classify *c, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(c->lanes->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (c->varies[objects[i]->id])
            return true;
    return false;
}

static void vary_targets(Classify *c, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(c->lanes->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (!c->varies[objects[i]->id]) {
            c->varies[objects[i]->id] = true;
            c->changed = true;
        }
}

static bool is_summed(const Lanes *lanes, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(lanes->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (lanes->objects[objects[i]->id] != OBJECT_SUMMED)
            return false;
    return count > 0;
}

bool lanes_is_sum_access(const Lanes *lanes, const Op *op) {
    if (op->kind == OP_LOAD)
        return lane_class(lanes, op->results[0]) == LANE_SUM;
    return op->kind == OP_STORE &&
           lane_class(lanes, op->operands[1]) == LANE_SUM;
}

static void classify_load(Classify *c, const Op *op, bool alone) {
    const Value *address = op->operands[0];
    if (is_varying(c, address) || leads_to_varying(c, address))
        raise_class(c, op->results[0], LANE_VARYING);
    else if (is_summed(c->lanes, address))
        raise_class(c, op->results[0], alone ? LANE_VARYING : LANE_SUM);
}

static void classify_store(Classify *c, const Op *op, bool alone) {
    bool same = !alone && !is_varying(c, op->operands[0]) &&
                !is_varying(c, op->operands[1]);
    if (!same && !is_summed(c->lanes, op->operands[0]))
        vary_targets(c, op->operands[0]);
}

// ---- Operations -------------------------------------------------------------

static void classify_region(Classify *c, const Region *region, bool alone);

static LaneClass join(const Classify *c, const Value *a, const Value *b) {
    LaneClass x = lane_class(c->lanes, a), y = lane_class(c->lanes, b);
    return x > y ? x : y;
}

static void classify_arithmetic(Classify *c, const Op *op) {
    LaneClass class = LANE_UNIFORM;
    bool sum = false;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        sum |= is_sum(c, op->operands[i]);
        if (is_varying(c, op->operands[i]))
            class = LANE_VARYING;
    }
    if (sum) // sums are only added to: loop_object_uses has seen to it
        class = LANE_SUM;
    for (uint32_t i = 0; i < op->result_count; i++)
        raise_class(c, op->results[i], class);
}

// What goes around. A sum that a loop inside adds to would be made in another
// order.
static void classify_carried(Classify *c, const Op *op, uint32_t i,
                             bool alone) {
    const Value *param = loop_param(op, i), *next = loop_next(op, i);
    LaneClass class = join(c, loop_initial(op, i), next);
    if (is_sum(c, loop_initial(op, i))) {
        class = LANE_SUM;
        c->hidden |= alone || !loop_passes_through(op, i);
    } else if (alone || class == LANE_SUM) {
        class = LANE_VARYING;
    }
    raise_class(c, param, class);
    raise_class(c, op->results[i], class);
    if (op->kind == OP_WHILE)
        raise_class(c, op->regions[WHILE_CONDITION]->params[i], class);
}

static bool condition_varies(const Classify *c, const Op *op) {
    if (op->kind == OP_IF)
        return is_varying(c, op->operands[0]);
    if (op->kind == OP_WHILE) {
        const Op *end = region_terminator(op->regions[WHILE_CONDITION]);
        return is_varying(c, end->operands[0]);
    }
    return is_varying(c, op->operands[FOR_BEGIN]) ||
           is_varying(c, op->operands[FOR_END]) ||
           is_varying(c, op->operands[FOR_STEP]);
}

// A while loop is the same for all lanes as a whole, or each has one of its
// own.
static bool has_anything_own(const Classify *c, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op_info(op->kind)->flags & (OPF_WRITES | OPF_EFFECT))
            return true;
        for (uint32_t i = 0; i < op->result_count; i++)
            if (lane_class(c->lanes, op->results[i]) != LANE_UNIFORM)
                return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (has_anything_own(c, op->regions[r]))
                return true;
    }
    return false;
}

static void classify_loop(Classify *c, const Op *op, bool alone) {
    alone |= condition_varies(c, op);
    for (uint32_t r = 0; op->kind == OP_WHILE && r < 2; r++)
        alone |= has_anything_own(c, op->regions[r]);
    for (uint32_t i = 0; op->kind == OP_WHILE && i < op->result_count; i++)
        alone |= lane_class(c->lanes, op->results[i]) != LANE_UNIFORM;
    if (alone && op->kind == OP_FOR)
        raise_class(c, loop_index(op), LANE_VARYING);
    for (uint32_t r = 0; r < op->region_count; r++)
        classify_region(c, op->regions[r], alone);
    for (uint32_t i = 0; i < loop_carried_count(op); i++)
        classify_carried(c, op, i, alone);
}

static void classify_if(Classify *c, const Op *op, bool alone) {
    alone |= condition_varies(c, op);
    for (uint32_t r = 0; r < 2; r++)
        classify_region(c, op->regions[r], alone);
    for (uint32_t i = 0; i < op->result_count; i++) {
        LaneClass class =
            join(c, region_terminator(op->regions[IF_THEN])->operands[i],
                 region_terminator(op->regions[IF_ELSE])->operands[i]);
        c->hidden |= alone && class == LANE_SUM;
        raise_class(c, op->results[i], alone ? LANE_VARYING : class);
    }
}

static void classify_op(Classify *c, const Op *op, bool alone) {
    if (op->kind == OP_IF)
        classify_if(c, op, alone);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        classify_loop(c, op, alone);
    else if (op->kind == OP_LOAD)
        classify_load(c, op, alone);
    else if (op->kind == OP_STORE)
        classify_store(c, op, alone);
    else if (op->kind == OP_ZERO && alone)
        vary_targets(c, op->operands[0]);
    else if (op_info(op->kind)->flags & OPF_PURE)
        classify_arithmetic(c, op);
}

// alone: lanes get here by ways of their own.
static void classify_region(Classify *c, const Region *region, bool alone) {
    for (const Op *op = region->first; op; op = op->next)
        classify_op(c, op, alone);
}

bool lanes_share_way(const Lanes *lanes, const Op *op) {
    Classify c = {.lanes = (Lanes *)lanes};
    return op->region_count > 0 && !condition_varies(&c, op);
}

bool lanes_classify(Lanes *lanes) {
    Classify c = {.lanes = lanes};
    uint32_t count = memory_object_count(lanes->memory);
    lanes->value_count = lanes->function->value_count;
    lanes->classes = arena_array(lanes->arena, uint8_t, lanes->value_count);
    c.varies = arena_array(lanes->arena, bool, count);
    raise_class(&c, loop_index(lanes->loop), LANE_VARYING);
    for (uint32_t i = 0; i < loop_carried_count(lanes->loop); i++)
        raise_class(&c, loop_param(lanes->loop, i),
                    loop_passes_through(lanes->loop, i) ? LANE_UNIFORM
                                                        : LANE_SUM);
    do {
        c.changed = false;
        classify_region(&c, loop_body(lanes->loop), false);
    } while (c.changed);
    for (uint32_t i = 0; i < count; i++)
        lanes->own[i] &= c.varies[i];
    return !c.hidden;
}

// lanes.c - moves a loop over lanes inwards: loops and branches that all lanes
// go through together stay outside, and a loop over the lanes stands around
// each stretch of straight-line code between them. Reads classes
// (lane_class.c); builds the new code in front of the loop, and removes that.
//
// What the lanes share is computed once, outside. What one stretch makes for
// another one is kept in an array over the lanes, but for integers and
// addresses that are cheap to compute again. Sums are carried through the loops
// over the lanes, and what is added to memory in one place by all lanes is
// loaded before and stored behind one of them; each sum keeps its order.
#include "optimize/batch.h"

// Operations that go into one loop over the lanes.
typedef struct Stretch {
    Vec(const Op *) ops;
    Vec(const Op *) stores; // of sums, behind it
    // What goes to arrays at its end: carried values of loops and branches.
    Vec(Value *) values, targets;
} Stretch;

typedef Vec(const Op *) Users;

typedef struct Distribute {
    Lanes *lanes;
    Arena *arena;
    Op *loop;        // over the lanes
    PtrMap *users;   // value -> Users
    ValueMap shared; // what stands for uniform values and sums
    PtrMap *arrays;  // varying value -> its array over the lanes
    PtrMap *cheap;   // value -> itself, or NULL
    Region *home;    // where the arrays are made
    // In the loop that is being built:
    ValueMap local;
    Value *lane;
} Distribute;

static LaneClass class_of(const Distribute *d, const Value *value) {
    return lane_class(d->lanes, value);
}

// ---- Users ------------------------------------------------------------------

static void note_users(Op *op, void *context) {
    Distribute *d = context;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Users *users = ptrmap_get(d->users, op->operands[i]);
        if (!users) {
            users = arena_new(d->arena, Users);
            ptrmap_set(d->users, op->operands[i], users);
        }
        vec_push(d->arena, users, op);
    }
}

static const Op *ancestor_in(const Op *op, const Region *region) {
    while (op && op->parent != region)
        op = op->parent->parent;
    return op;
}

static bool has_op(const Stretch *s, const Op *op) {
    for (size_t i = 0; i < s->ops.count; i++)
        if (s->ops.items[i] == op)
            return true;
    return false;
}

static bool is_used_outside(const Distribute *d, const Stretch *s,
                            const Value *value) {
    const Users *users = ptrmap_get(d->users, value);
    for (size_t i = 0; users && i < users->count; i++) {
        const Op *top = ancestor_in(users->items[i], value_region(value));
        if (!top || !has_op(s, top))
            return true;
    }
    return false;
}

static bool is_cheap(const Distribute *d, const Value *value);

static bool find_cheap(const Distribute *d, const Value *value) {
    const Op *op = value->op;
    if (!op || type_is_float(value->type) || op->region_count ||
        !(op_info(op->kind)->flags & OPF_PURE) || op->kind == OP_MATH)
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_cheap(d, op->operands[i]))
            return false;
    return true;
}

// Integers and addresses that follow from the lane's number and what is shared.
static bool is_cheap(const Distribute *d, const Value *value) {
    if (class_of(d, value) != LANE_VARYING || value == loop_index(d->loop))
        return true;
    if (!ptrmap_has(d->cheap, value))
        ptrmap_set(d->cheap, value,
                   find_cheap(d, value) ? (void *)value : NULL);
    return ptrmap_get(d->cheap, value) != NULL;
}

// ---- Arrays over the lanes --------------------------------------------------

static Value *array_of(Distribute *d, const Value *value) {
    Value *array = ptrmap_get(d->arrays, value);
    if (array)
        return array;
    Module *module = d->lanes->function->module;
    int64_t lanes = 0;
    value_is_integer(d->loop->operands[FOR_END], &lanes);
    Builder b = builder_at_end(d->home);
    b.before = d->home->first;
    array = build_alloc(
        &b, type_array(module, type_plain(module, value->type), lanes), NULL, 0,
        value->name);
    ptrmap_set(d->arrays, value, array);
    return array;
}

static void share_array(Distribute *d, const Value *value, const Value *with) {
    ptrmap_set(d->arrays, value, array_of(d, with));
}

// ---- Inside of a loop over the lanes ----------------------------------------

static Value *in_lane(Distribute *d, Builder *b, Value *value);

static Value *again_in_lane(Distribute *d, Builder *b, const Value *value) {
    const Op *op = value->op;
    for (uint32_t i = 0; i < op->operand_count; i++)
        valuemap_set(&d->local, op->operands[i],
                     in_lane(d, b, op->operands[i]));
    return clone_op(b, op, &d->local)->results[value->index];
}

// The value, for the lane at hand.
static Value *in_lane(Distribute *d, Builder *b, Value *value) {
    Value *known = valuemap_get(&d->local, value);
    if (known)
        return known;
    if (value == loop_index(d->loop))
        return d->lane;
    if (class_of(d, value) != LANE_VARYING)
        return valuemap_apply(&d->shared, value);
    if (!ptrmap_has(d->arrays, value) && is_cheap(d, value)) {
        known = again_in_lane(d, b, value);
    } else {
        known = build_load(b, build_elem(b, array_of(d, value), d->lane));
        known->name = value->name;
    }
    valuemap_set(&d->local, value, known);
    return known;
}

// Has all that the operation takes from outside at hand.
static void bring_operands(Distribute *d, Builder *b, const Op *op,
                           const Op *top) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *value = op->operands[i];
        bool inside = false;
        for (uint32_t r = 0; r < top->region_count; r++)
            inside |= region_contains(top->regions[r], value_region(value));
        if (!inside)
            valuemap_set(&d->local, value, in_lane(d, b, value));
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            bring_operands(d, b, inner, top);
}

static void keep_results(Distribute *d, Builder *b, const Stretch *s,
                         const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *result = op->results[i];
        if (class_of(d, result) != LANE_VARYING || is_cheap(d, result) ||
            !is_used_outside(d, s, result))
            continue;
        Value *place = build_elem(b, array_of(d, result), d->lane);
        build_store(b, place, valuemap_get(&d->local, result));
    }
}

// All values first: an array may be among those that are assigned to.
static void assign(Distribute *d, Builder *b, const Stretch *s) {
    for (size_t i = 0; i < s->values.count; i++)
        valuemap_set(&d->local, s->values.items[i],
                     in_lane(d, b, s->values.items[i]));
    for (size_t i = 0; i < s->values.count; i++) {
        Value *value = valuemap_apply(&d->local, s->values.items[i]);
        build_store(b, build_elem(b, s->targets.items[i], d->lane), value);
    }
}

// ---- Sums through a stretch -------------------------------------------------

typedef struct Sums {
    Vec(Value *) first, last; // before and behind the stretch
} Sums;

static Value *next_of_sum(const Distribute *d, const Stretch *s,
                          const Value *sum) {
    const Users *users = ptrmap_get(d->users, sum);
    for (size_t i = 0; users && i < users->count; i++) {
        const Op *op = users->items[i];
        if (has_op(s, op) && op->result_count)
            return op->results[0];
    }
    return NULL;
}

static void find_sums(const Distribute *d, const Stretch *s, Sums *sums) {
    for (size_t i = 0; i < s->ops.count; i++) {
        const Op *op = s->ops.items[i];
        for (uint32_t k = 0; k < op->operand_count; k++) {
            Value *sum = op->operands[k], *next, *last;
            if (class_of(d, sum) != LANE_SUM || (sum->op && has_op(s, sum->op)))
                continue;
            for (last = sum; (next = next_of_sum(d, s, last)); last = next)
                ;
            vec_push(d->arena, &sums->first, sum);
            vec_push(d->arena, &sums->last, last);
        }
    }
}

// ---- One loop over the lanes ------------------------------------------------

static void fill_loop(Distribute *d, const Stretch *s, const Sums *sums,
                      Op *loop) {
    Builder b = builder_at_end(loop_body(loop));
    b.origin = loop->origin;
    valuemap_init(&d->local, d->arena, d->lanes->function);
    d->lane = loop_index(loop);
    for (size_t i = 0; i < sums->first.count; i++)
        valuemap_set(&d->local, sums->first.items[i],
                     loop_param(loop, (uint32_t)i));
    for (size_t i = 0; i < s->ops.count; i++) {
        const Op *op = s->ops.items[i];
        b.origin = op->origin;
        b.adjoint = op->adjoint;
        bring_operands(d, &b, op, op);
        clone_op(&b, op, &d->local);
        keep_results(d, &b, s, op);
    }
    assign(d, &b, s);
    Value **next = arena_array(d->lanes->function->module->arena, Value *,
                               sums->last.count);
    for (size_t i = 0; i < sums->last.count; i++)
        next[i] = valuemap_apply(&d->local, sums->last.items[i]);
    build_yield(&b, next, (uint32_t)sums->last.count);
}

static void store_sums(Distribute *d, Stretch *s, Builder *b) {
    for (size_t i = 0; i < s->stores.count; i++) {
        const Op *store = s->stores.items[i];
        b->origin = store->origin;
        b->adjoint = store->adjoint;
        build_store(b, valuemap_apply(&d->shared, store->operands[0]),
                    valuemap_apply(&d->shared, store->operands[1]));
    }
    s->stores.count = 0;
}

// Builds the loop for what has come together, and what stands behind it.
static void flush(Distribute *d, Stretch *s, Builder *b) {
    if (s->ops.count || s->values.count) {
        Sums sums = {0};
        find_sums(d, s, &sums);
        uint32_t count = (uint32_t)sums.first.count;
        Value **initial =
            arena_array(d->lanes->function->module->arena, Value *, count);
        for (uint32_t i = 0; i < count; i++)
            initial[i] = valuemap_apply(&d->shared, sums.first.items[i]);
        b->origin = s->ops.count ? s->ops.items[0]->origin : NULL;
        b->adjoint = s->ops.count && s->ops.items[0]->adjoint;
        Value **bounds = d->loop->operands;
        const Type *number = loop_index(d->loop)->type;
        int64_t lanes = 0;
        value_is_integer(bounds[FOR_END], &lanes);
        Op *loop =
            build_for(b, build_int(b, number, 0), build_int(b, number, lanes),
                      build_int(b, number, 1), OP_LT, initial, count, "lane");
        for (uint32_t i = 0; i < count; i++) {
            loop->results[i]->name = sums.first.items[i]->name;
            loop_param(loop, i)->name = sums.first.items[i]->name;
        }
        fill_loop(d, s, &sums, loop);
        for (uint32_t i = 0; i < count; i++)
            valuemap_set(&d->shared, sums.last.items[i], loop->results[i]);
    }
    store_sums(d, s, b);
    s->ops.count = s->values.count = s->targets.count = 0;
}

// ---- What stands between stretches ------------------------------------------

static void distribute_region(Distribute *d, const Region *region, Stretch *s,
                              Builder *b);

// Operations inside may reach memory through the address.
static bool stretch_touches(const Distribute *d, const Stretch *s,
                            const Value *address) {
    for (size_t i = 0; i < s->ops.count; i++)
        if (memory_op_may_write(d->lanes->memory, s->ops.items[i], address))
            return true;
    for (size_t i = 0; i < s->stores.count; i++)
        if (memory_may_alias(d->lanes->memory, s->stores.items[i]->operands[0],
                             address))
            return true;
    return false;
}

// An operation of a lane's own that reaches where a sum is on its way.
static bool disturbs_sums(const Distribute *d, const Stretch *s, const Op *op) {
    for (size_t i = 0; i < s->stores.count; i++) {
        const Value *address = s->stores.items[i]->operands[0];
        if (memory_op_may_write(d->lanes->memory, op, address) ||
            memory_op_may_read(d->lanes->memory, op, address))
            return true;
    }
    return false;
}

static void copy_shared(Distribute *d, const Op *op, Builder *b) {
    b->origin = op->origin;
    b->adjoint = op->adjoint;
    clone_op(b, op, &d->shared);
}

static void add_assignment(Distribute *d, Stretch *s, Value *value,
                           Value *target) {
    vec_push(d->arena, &s->values, value);
    vec_push(d->arena, &s->targets, target);
}

static Builder inside_of(Region *region, const Builder *b) {
    Builder inside = builder_at_end(region);
    inside.origin = b->origin;
    return inside;
}

// The values of a loop or branch that are no arrays, at the end of a region.
static void yield_shared(Distribute *d, const Op *yield,
                         const Value *const *like, Builder *b) {
    Value **values = arena_array(d->lanes->function->module->arena, Value *,
                                 yield->operand_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < yield->operand_count; i++)
        if (class_of(d, like[i]) != LANE_VARYING)
            values[count++] = valuemap_apply(&d->shared, yield->operands[i]);
    build_yield(b, values, count);
}

static void distribute_if(Distribute *d, const Op *op, Builder *b) {
    Op *made = build_if(b, valuemap_apply(&d->shared, op->operands[0]));
    const Value *const *like = (const Value *const *)op->results;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (class_of(d, op->results[i]) == LANE_VARYING)
            array_of(d, op->results[i]);
    for (uint32_t r = 0; r < 2; r++) {
        Builder inside = inside_of(made->regions[r], b);
        Stretch s = {0};
        const Op *yield = region_terminator(op->regions[r]);
        distribute_region(d, op->regions[r], &s, &inside);
        for (uint32_t i = 0; i < op->result_count; i++)
            if (class_of(d, op->results[i]) == LANE_VARYING)
                add_assignment(d, &s, yield->operands[i],
                               array_of(d, op->results[i]));
        flush(d, &s, &inside);
        yield_shared(d, yield, like, &inside);
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        if (class_of(d, op->results[i]) != LANE_VARYING)
            valuemap_set(&d->shared, op->results[i],
                         op_append_result(made, op->results[i]->type,
                                          op->results[i]->name));
}

// Whether nobody else looks at what a loop begins with: it can go on in the
// same array.
static bool is_taken_over(const Distribute *d, const Value *initial) {
    const Users *users = ptrmap_get(d->users, initial);
    return class_of(d, initial) == LANE_VARYING && !is_cheap(d, initial) &&
           users && users->count == 1;
}

// Carried values of the lanes' own live in one array each, from before the loop
// to behind it.
static void enter_loop(Distribute *d, const Op *op, Stretch *s) {
    for (uint32_t i = 0; i < loop_carried_count(op); i++) {
        const Value *param = loop_param(op, i);
        if (class_of(d, param) != LANE_VARYING)
            continue;
        Value *initial = loop_initial(op, i);
        if (is_taken_over(d, initial))
            share_array(d, param, initial);
        else
            add_assignment(d, s, initial, array_of(d, param));
        share_array(d, op->results[i], param);
    }
}

static void distribute_body(Distribute *d, const Op *op, Op *made) {
    Builder inside = builder_at_end(loop_body(made));
    inside.origin = op->origin;
    Stretch s = {0};
    uint32_t count = loop_carried_count(op);
    const Value **like = arena_array(d->arena, const Value *, count);
    distribute_region(d, loop_body(op), &s, &inside);
    for (uint32_t i = 0; i < count; i++) {
        like[i] = loop_param(op, i);
        if (class_of(d, like[i]) == LANE_VARYING &&
            ptrmap_get(d->arrays, loop_next(op, i)) != array_of(d, like[i]))
            add_assignment(d, &s, loop_next(op, i), array_of(d, like[i]));
    }
    flush(d, &s, &inside);
    yield_shared(d, region_terminator(loop_body(op)), like, &inside);
}

static void distribute_for(Distribute *d, const Op *op, Builder *b) {
    uint32_t count = 0;
    Value **initial = arena_array(d->lanes->function->module->arena, Value *,
                                  loop_carried_count(op));
    for (uint32_t i = 0; i < loop_carried_count(op); i++)
        if (class_of(d, loop_param(op, i)) != LANE_VARYING)
            initial[count++] = valuemap_apply(&d->shared, loop_initial(op, i));
    Op *made =
        build_for(b, valuemap_apply(&d->shared, op->operands[FOR_BEGIN]),
                  valuemap_apply(&d->shared, op->operands[FOR_END]),
                  valuemap_apply(&d->shared, op->operands[FOR_STEP]),
                  op->as.loop.compare, initial, count, loop_index(op)->name);
    made->as.loop.reversed = op->as.loop.reversed;
    valuemap_set(&d->shared, loop_index(op), loop_index(made));
    count = 0;
    for (uint32_t i = 0; i < loop_carried_count(op); i++)
        if (class_of(d, loop_param(op, i)) != LANE_VARYING) {
            made->results[count]->name = op->results[i]->name;
            loop_param(made, count)->name = loop_param(op, i)->name;
            valuemap_set(&d->shared, loop_param(op, i),
                         loop_param(made, count));
            valuemap_set(&d->shared, op->results[i], made->results[count++]);
        }
    distribute_body(d, op, made);
}

// ---- Regions ----------------------------------------------------------------

// The same for all lanes, and so done once.
static bool is_shared_op(const Distribute *d, const Op *op) {
    if (op->kind == OP_ALLOC)
        return true;
    if (op->kind == OP_STORE)
        return class_of(d, op->operands[0]) == LANE_UNIFORM &&
               class_of(d, op->operands[1]) == LANE_UNIFORM &&
               !lanes_is_sum_access(d->lanes, op);
    if (op->kind == OP_ZERO)
        return true;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (class_of(d, op->results[i]) != LANE_UNIFORM)
            return false;
    return op->result_count > 0 && (!op->region_count || op->kind == OP_WHILE);
}

// Loops and branches that all go through together, where that is worth it.
static bool goes_outside(const Distribute *d, const Op *op) {
    return (op->kind == OP_FOR || op->kind == OP_IF) &&
           lanes_share_way(d->lanes, op);
}

static void add_op(Distribute *d, const Op *op, Stretch *s, Builder *b) {
    bool writes = op->kind == OP_STORE || op->kind == OP_ZERO;
    if (op->kind == OP_LOAD && lanes_is_sum_access(d->lanes, op)) {
        if (stretch_touches(d, s, op->operands[0]))
            flush(d, s, b);
        copy_shared(d, op, b);
    } else if (op->kind == OP_STORE && lanes_is_sum_access(d->lanes, op)) {
        vec_push(d->arena, &s->stores, op);
    } else if (is_shared_op(d, op)) {
        if (writes)
            flush(d, s, b);
        copy_shared(d, op, b);
    } else {
        if (disturbs_sums(d, s, op))
            flush(d, s, b);
        vec_push(d->arena, &s->ops, op);
    }
}

static void distribute_region(Distribute *d, const Region *region, Stretch *s,
                              Builder *b) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op_info(op->kind)->flags & OPF_TERMINATOR)
            return;
        if (!goes_outside(d, op)) {
            add_op(d, op, s, b);
            continue;
        }
        if (op->kind == OP_FOR)
            enter_loop(d, op, s);
        flush(d, s, b);
        b->origin = op->origin;
        b->adjoint = op->adjoint;
        if (op->kind == OP_FOR)
            distribute_for(d, op, b);
        else
            distribute_if(d, op, b);
    }
}

void lanes_distribute(Lanes *lanes) {
    Op *loop = lanes->loop;
    Distribute d = {.lanes = lanes,
                    .arena = lanes->arena,
                    .loop = loop,
                    .users = ptrmap_create(lanes->arena),
                    .arrays = ptrmap_create(lanes->arena),
                    .cheap = ptrmap_create(lanes->arena),
                    .home = loop->parent};
    valuemap_init(&d.shared, lanes->arena, lanes->function);
    walk_ops(loop_body(loop), note_users, &d);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        valuemap_set(&d.shared, loop_param(loop, i), loop_initial(loop, i));
    Builder b = builder_before(loop);
    Stretch s = {0};
    distribute_region(&d, loop_body(loop), &s, &b);
    flush(&d, &s, &b);
    ValueMap results;
    valuemap_init(&results, lanes->arena, lanes->function);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        valuemap_set(&results, loop->results[i],
                     valuemap_apply(&d.shared, loop_next(loop, i)));
    op_remove(loop);
    remap_region(lanes->function->body, &results);
}

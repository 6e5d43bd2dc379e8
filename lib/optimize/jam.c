// jam.c - the pass `jam`: several iterations of a loop with loops inside run
// together, in one pass of the loops inside:
//
//     for (o = 0; o < n; o++)             for (o = 0; o < n - n % 4; o += 4)
//         for (i = 0; i < m; i++)             for (i = 0; i < m; i++) {
//             d_x[i] += d * w[o][i];              d_x[i] += d * w[o][i];
//                                                 d_x[i] += d2 * w[o + 1][i];
//                                                 ...
//
// and the rest one by one. What they share is then loaded and stored once, not
// each time (d_x[i]), and sums of their own, such as of matrix products, need
// not wait for one another. Reads and changes: a function.
//
// Iterations must meet in sums at most, and those of the primal keep their
// order (lane_loops.c). Straight-line code between the loops inside stays
// together, one iteration behind the other.
#include "optimize/batch.h"

enum {
    COPIES = 4,
    MOST_OPERATIONS = 120,
    MOST_CARRIED = 4, // by an inner loop
    MOST_DEPTH = 3,
    FEW_TRIPS = 16
};

typedef Vec(const Op *) Ops;

typedef struct Jam {
    Lanes lanes;
    Op *loop;
    ValueMap maps[COPIES];
} Jam;

static LaneClass class_of(const Jam *j, const Value *value) {
    return lane_class(&j->lanes, value);
}

// ---- Whether it can be done, and pays ---------------------------------------

static bool has_inner_loop(const Op *loop) {
    for (const Op *op = loop_body(loop)->first; op; op = op->next)
        if (op->kind == OP_FOR)
            return true;
    return false;
}

static bool is_candidate(const Op *loop) {
    return lanes_can_split(loop, COPIES) && has_inner_loop(loop) &&
           (!loop->as.loop.reversed || type_is_signed(loop_index(loop)->type));
}

// What the innermost loops do, once.
typedef struct Work {
    int operations, accesses, saved;
    bool unfit;
} Work;

static void add_access(const Jam *j, const Op *op, Work *work) {
    if (op->kind != OP_LOAD && op->kind != OP_STORE)
        return;
    work->accesses++;
    work->saved += class_of(j, op->operands[0]) == LANE_UNIFORM;
}

static void add_innermost(const Jam *j, const Op *loop, Work *work) {
    for (const Op *op = loop_body(loop)->first; op; op = op->next) {
        work->operations++;
        work->unfit |=
            op->region_count > 0 || op->kind == OP_MATH || op->kind == OP_DIV;
        add_access(j, op, work);
    }
}

static bool is_simple(const Op *op) {
    return op->kind == OP_LOAD || op->kind == OP_STORE ||
           (op_info(op->kind)->flags & (OPF_PURE | OPF_TERMINATOR) &&
            op->kind != OP_ALLOC);
}

static void add_work(const Jam *j, const Region *region, bool loops, int depth,
                     Work *work);

static void add_loop(const Jam *j, const Op *loop, int depth, Work *work) {
    int64_t trips;
    work->unfit |=
        depth == 0 || loop_carried_count(loop) > MOST_CARRIED ||
        !lanes_share_way(&j->lanes, loop) ||
        (loop_constant_trip_count(loop, &trips) && trips <= FEW_TRIPS);
    if (has_inner_loop(loop) && depth > 0)
        add_work(j, loop_body(loop), true, depth - 1, work);
    else
        add_innermost(j, loop, work);
}

static void add_work(const Jam *j, const Region *region, bool loops, int depth,
                     Work *work) {
    for (const Op *op = region->first; op && !work->unfit; op = op->next) {
        work->operations++;
        if (op->kind == OP_FOR && loops) {
            add_loop(j, op, depth, work);
        } else if (op->kind == OP_IF) {
            for (uint32_t i = 0; i < op->result_count; i++)
                work->unfit |= class_of(j, op->results[i]) == LANE_SUM;
            for (uint32_t r = 0; r < 2; r++)
                add_work(j, op->regions[r], false, 0, work);
        } else {
            work->unfit |= !is_simple(op);
        }
    }
}

// Where two in five accesses are the same for all.
static bool pays(const Jam *j) {
    Work work = {0};
    add_work(j, loop_body(j->loop), true, MOST_DEPTH, &work);
    return !work.unfit && work.operations <= MOST_OPERATIONS &&
           work.saved > 0 && 5 * work.saved >= 2 * work.accesses;
}

typedef struct Places {
    const Jam *jam;
    bool *added; // by object
    bool several;
} Places;

static void count_places(Op *op, void *context) {
    Places *p = context;
    const MemObject *const *objects;
    if (op->kind != OP_STORE)
        return;
    uint32_t count =
        memory_targets(p->jam->lanes.memory, op->operands[0], &objects);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = objects[i]->id;
        bool sum = p->jam->lanes.objects[id] == OBJECT_SUMMED;
        p->several |= sum && p->added[id];
        p->added[id] = true;
    }
}

// Whether several places may add to one object: they would no longer take
// turns.
static bool mixes_sums(const Jam *j) {
    const Lanes *l = &j->lanes;
    Places places = {.jam = j};
    places.added = arena_array(l->arena, bool, memory_object_count(l->memory));
    walk_ops(loop_body(j->loop), count_places, &places);
    return places.several;
}

static bool is_allowed(Jam *j) {
    const Lanes *l = &j->lanes;
    for (uint32_t i = 0; i < memory_object_count(l->memory); i++)
        if (l->objects[i] == OBJECT_SHARED || l->objects[i] == OBJECT_INSIDE)
            return false;
    return !(loop_in_mirror(j->loop) && mixes_sums(j)) &&
           lanes_classify(&j->lanes) && lanes_keep_sums(l);
}

// ---- Copies of straight-line code -------------------------------------------

// Done once for all, where all do the same.
static bool is_same(const Jam *j, const Op *op) {
    if (op->result_count == 0 || op_has_effect(op))
        return false;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (class_of(j, op->results[i]) != LANE_UNIFORM)
            return false;
    return true;
}

static void set_all(Jam *j, const Value *value, Value *image) {
    for (int u = 0; u < COPIES; u++)
        valuemap_set(&j->maps[u], value, image);
}

// A sum goes on from what the copy before has come to.
static void pass_sum_on(Jam *j, const Op *op, Value *image) {
    if (op->result_count != 1 || class_of(j, op->results[0]) != LANE_SUM)
        return;
    set_all(j, op->results[0], image);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (class_of(j, op->operands[i]) == LANE_SUM)
            set_all(j, op->operands[i], image);
}

static void copy_ops(Jam *j, Ops *ops, Builder *b) {
    for (int u = 0; u < COPIES; u++)
        for (size_t i = 0; i < ops->count; i++) {
            const Op *op = ops->items[i];
            bool same = is_same(j, op);
            if (same && u > 0)
                continue;
            b->origin = op->origin;
            b->adjoint = op->adjoint;
            Op *copy = clone_op(b, op, &j->maps[u]);
            for (uint32_t r = 0; same && r < op->result_count; r++)
                set_all(j, op->results[r], copy->results[r]);
            pass_sum_on(j, op, op->result_count ? copy->results[0] : NULL);
        }
    ops->count = 0;
}

// ---- Loops inside -----------------------------------------------------------

static int copies_of(const Jam *j, const Value *param) {
    return class_of(j, param) == LANE_VARYING ? COPIES : 1;
}

// Sets a value's images to as many of `from` as it has; answers how many.
static int take_images(Jam *j, const Value *value, Value **from) {
    int copies = copies_of(j, value);
    for (int u = 0; u < COPIES; u++)
        valuemap_set(&j->maps[u], value, from[u < copies ? u : 0]);
    return copies;
}

static int give_images(const Jam *j, const Value *like, Value *value,
                       Value **to) {
    int copies = copies_of(j, like);
    for (int u = 0; u < copies; u++)
        to[u] = valuemap_apply(&j->maps[u], value);
    return copies;
}

static void jam_body(Jam *j, const Region *region, Builder *b);

static void jam_loop(Jam *j, const Op *op, Builder *b) {
    Arena *arena = j->lanes.function->module->arena;
    uint32_t carried = loop_carried_count(op), count = 0;
    Value **values = arena_array(arena, Value *, carried * COPIES);
    for (uint32_t i = 0; i < carried; i++)
        count += (uint32_t)give_images(j, loop_param(op, i),
                                       loop_initial(op, i), values + count);
    const ValueMap *map = &j->maps[0];
    b->origin = op->origin;
    b->adjoint = op->adjoint;
    Op *made =
        build_for(b, valuemap_apply(map, op->operands[FOR_BEGIN]),
                  valuemap_apply(map, op->operands[FOR_END]),
                  valuemap_apply(map, op->operands[FOR_STEP]),
                  op->as.loop.compare, values, count, loop_index(op)->name);
    made->as.loop.reversed = op->as.loop.reversed;
    set_all(j, loop_index(op), loop_index(made));
    count = 0;
    for (uint32_t i = 0; i < carried; i++) {
        Value **params = loop_body(made)->params + 1 + count;
        int copies = take_images(j, loop_param(op, i), params);
        for (int u = 0; u < copies; u++) {
            params[u]->name = loop_param(op, i)->name;
            made->results[count + (uint32_t)u]->name = op->results[i]->name;
        }
        count += (uint32_t)copies;
    }
    Builder inside = builder_at_end(loop_body(made));
    jam_body(j, loop_body(op), &inside);
    count = 0;
    for (uint32_t i = 0; i < carried; i++)
        count += (uint32_t)give_images(j, loop_param(op, i), loop_next(op, i),
                                       values + count);
    inside.origin = op->origin;
    inside.adjoint = op->adjoint;
    build_yield(&inside, values, count);
    count = 0;
    for (uint32_t i = 0; i < carried; i++) {
        int copies = copies_of(j, loop_param(op, i));
        for (int u = 0; u < COPIES; u++)
            valuemap_set(&j->maps[u], op->results[i],
                         made->results[count + (uint32_t)(u < copies ? u : 0)]);
        count += (uint32_t)copies;
    }
}

static void jam_body(Jam *j, const Region *region, Builder *b) {
    Ops ops = {0};
    for (const Op *op = region->first; op; op = op->next) {
        if (op_info(op->kind)->flags & OPF_TERMINATOR)
            break;
        if (op->kind != OP_FOR) {
            vec_push(j->lanes.arena, &ops, op);
            continue;
        }
        copy_ops(j, &ops, b);
        jam_loop(j, op, b);
    }
    copy_ops(j, &ops, b);
}

// ---- The loop itself --------------------------------------------------------

// Where the rest of the iterations lie: from there on, or, for a loop that is
// reversed, up to there.
static Value *build_limit(Builder *b, const Op *loop) {
    Value *begin = loop->operands[FOR_BEGIN], *end = loop->operands[FOR_END];
    const Type *type = begin->type;
    Value *trips = end;
    if (!value_is_zero(begin) || loop->as.loop.compare != OP_LT ||
        !type_is_signed(type))
        trips = loop_build_trip_count(b, loop);
    Value *rest =
        build_binary(b, OP_REM, trips, build_int(b, trips->type, COPIES));
    Value *part =
        loop->as.loop.reversed ? rest : build_binary(b, OP_SUB, trips, rest);
    return trips == end
               ? part
               : build_binary(b, OP_ADD, begin, build_cast(b, type, part));
}

// The last number of the loop.
static Value *build_last(Builder *b, const Op *loop) {
    Value *end = loop->operands[FOR_END];
    return loop->as.loop.compare == OP_LE
               ? end
               : build_binary(b, OP_SUB, end, build_int(b, end->type, 1));
}

static Op *build_main(const Jam *j, Builder *b, Value *limit) {
    const Op *loop = j->loop;
    const Type *type = loop_index(loop)->type;
    uint32_t count = loop_carried_count(loop);
    Value **initial =
        arena_array(j->lanes.function->module->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        initial[i] = loop_initial(loop, i);
    const char *name = loop_index(loop)->name;
    if (loop->as.loop.reversed)
        return build_for(b, build_last(b, loop), limit,
                         build_int(b, type, -COPIES), OP_GE, initial, count,
                         name);
    return build_for(b, loop->operands[FOR_BEGIN], limit,
                     build_int(b, type, COPIES), OP_LT, initial, count, name);
}

// The loop itself does the rest.
static void leave_rest(Op *loop, const Op *main, Value *limit) {
    if (loop->as.loop.reversed) {
        loop->operands[FOR_END] = limit;
        loop->as.loop.compare = OP_LT;
    } else {
        loop->operands[FOR_BEGIN] = limit;
    }
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        loop->operands[FOR_FIRST_INITIAL + i] = main->results[i];
}

static void jam(Jam *j) {
    Op *loop = j->loop;
    uint32_t count = loop_carried_count(loop);
    Builder before = builder_before(loop);
    before.origin = loop->origin;
    before.adjoint = loop->adjoint;
    Value *limit = build_limit(&before, loop);
    Op *main = build_main(j, &before, limit);
    for (uint32_t i = 0; i < count; i++) {
        main->results[i]->name = loop->results[i]->name;
        loop_param(main, i)->name = loop_param(loop, i)->name;
    }
    Builder inside = builder_at_end(loop_body(main));
    int sign = loop->as.loop.reversed ? -1 : 1;
    for (int u = 0; u < COPIES; u++) {
        valuemap_init(&j->maps[u], j->lanes.arena, j->lanes.function);
        Value *index = loop_index(main);
        if (u > 0)
            index = build_binary(&inside, OP_ADD, index,
                                 build_int(&inside, index->type, sign * u));
        valuemap_set(&j->maps[u], loop_index(loop), index);
        for (uint32_t i = 0; i < count; i++)
            valuemap_set(&j->maps[u], loop_param(loop, i), loop_param(main, i));
    }
    jam_body(j, loop_body(loop), &inside);
    Value **next =
        arena_array(j->lanes.function->module->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        next[i] = valuemap_apply(&j->maps[COPIES - 1], loop_next(loop, i));
    build_yield(&inside, next, count);
    leave_rest(loop, main, limit);
}

static bool try_loop(Lanes *lanes) {
    Jam j = {.lanes = *lanes, .loop = lanes->loop};
    bool done = is_allowed(&j) && pays(&j);
    if (done)
        jam(&j);
    return done;
}

bool pass_jam(Function *function) {
    return function->body && lanes_visit(function, is_candidate, try_loop);
}

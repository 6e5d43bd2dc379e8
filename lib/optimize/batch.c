// batch.c - the pass `batch`: several iterations of a loop side by side, as
// lanes, where iterations meet in sums at most. Reads and changes: a function.
//
//     for (i = 0; i < n - n % 8; i += 8)        then the rest, one by one:
//         for (lane = 0; lane < 8; lane++)      for (; i < n; i++)
//             body of i + lane                      body
//
// and then the loop over the lanes goes inwards (lanes.c), where compilers make
// one vector instruction of it. That pays where they cannot vectorise the loop
// as it stands, since it has loops inside. What one place adds to a sum keeps
// its order; places that add to the same sum take turns after each batch, not
// after each iteration: sums of the primal, whose values must keep their bits,
// have one place only. Scratch memory has a copy for each lane:
// scratch[k][lane].
#include "optimize/batch.h"

enum { LANES = 8, MOST_OPERATIONS = 2000, SOME = 8 };

typedef struct Batch {
    Lanes lanes;
    Op *loop;
    Op *outer;      // the new loop over batches
    PtrMap *roots;  // of memory that gets copies, to themselves
    PtrMap *copies; // root, or address -> what stands for it in the lanes
} Batch;

// ---- Memory that lanes can have copies of -----------------------------------

// An array of scalars, or one of them.
static bool is_flat(const MemObject *object) {
    const Value *root = object->root;
    const Type *type;
    if (!root || !root->op)
        return false;
    if (root->op->kind == OP_ALLOC) {
        type = root->op->as.type;
        if (root->op->operand_count)
            return false;
        if (type->kind == TYPE_ARRAY)
            type = type->element;
        return type_is_arithmetic(type) || type_is_pointer(type);
    }
    return root->op->kind == OP_HEAP && object->kind == MEM_HEAP &&
           root->op->as.heap != HEAP_ALLOCA;
}

// The value that an address starts from, where the rest are indices.
static const Value *base_of(const Value *address) {
    while (address->op &&
           (address->op->kind == OP_INDEX || address->op->kind == OP_ELEM ||
            (address->op->kind == OP_CAST && address->op->operand_count == 1 &&
             type_is_pointer(address->op->operands[0]->type) &&
             address->op->operands[0]->type->element->kind == TYPE_VOID)))
        address = address->op->operands[0];
    return address;
}

static bool leads_to(const Lanes *l, const Value *address, uint32_t object,
                     bool *alone) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(l->memory, address, &objects);
    *alone = count == 1;
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->id == object)
            return true;
    return false;
}

// A question about all accesses to an object, in the loop and outside.
typedef struct Search {
    const Lanes *lanes;
    const MemObject *object;
    bool fails;
} Search;

// In the loop, by indices from its root; outside, nothing is read.
static void look_at_access(Op *op, void *context) {
    Search *s = context;
    bool inside = region_contains(loop_body(s->lanes->loop), op->parent), alone;
    for (uint32_t i = 0; op->kind == OP_CALL && i < op->operand_count; i++)
        s->fails |= type_is_pointer(op->operands[i]->type) &&
                    leads_to(s->lanes, op->operands[i], s->object->id, &alone);
    for (uint32_t i = 0; i < op_address_count(op); i++) {
        const Value *address = op->operands[i];
        if (!leads_to(s->lanes, address, s->object->id, &alone))
            continue;
        bool plain = op->kind == OP_LOAD || op->kind == OP_STORE ||
                     (op->kind == OP_ZERO && op->operand_count == 1);
        if (inside)
            s->fails |= !alone || !plain || base_of(address) != s->object->root;
        else
            s->fails |= op->kind == OP_LOAD || op->kind == OP_COPY;
    }
}

static bool is_of_object(void *context, const Value *address) {
    const Search *s = context;
    bool alone;
    return leads_to(s->lanes, address, s->object->id, &alone);
}

static bool is_scratch(const Batch *b, const MemObject *object) {
    const Fusion *fusion = b->loop->as.loop.fusion;
    for (size_t i = 0; fusion && i < fusion->scratch.count; i++)
        if (fusion->scratch.items[i] == object->root)
            return true;
    Search s = {&b->lanes, object, false};
    return section_written_first(b->loop, is_of_object, &s);
}

static bool can_have_copies(Batch *b, const MemObject *object) {
    Search s = {&b->lanes, object, false};
    bool inside = b->lanes.objects[object->id] == OBJECT_INSIDE;
    if ((object->kind != MEM_LOCAL && object->kind != MEM_HEAP) ||
        object->escapes || !is_flat(object) ||
        (!inside && !is_scratch(b, object)))
        return false;
    walk_ops(b->lanes.function->body, look_at_access, &s);
    return !s.fails;
}

// ---- Whether it can be done, and pays ---------------------------------------

static bool find_memory(Batch *b) {
    Lanes *l = &b->lanes;
    uint32_t count = memory_object_count(l->memory);
    for (uint32_t i = 0; i < count; i++) {
        ObjectUse use = l->objects[i];
        if (use != OBJECT_SHARED && use != OBJECT_INSIDE)
            continue;
        l->own[i] = can_have_copies(b, memory_object(l->memory, i));
        if (!l->own[i])
            return false;
    }
    return true;
}

// What one iteration does, weighted by how often its inner loops run.
typedef struct Work {
    double vector; // operations on values of a lane's own, in shared loops
    double gather; // accesses to memory in places of a lane's own
    int operations;
    bool loops;
} Work;

static bool can_pack(const Lanes *l, const Op *op, Pack *pack) {
    const MemObject *const *objects;
    if (op->kind != OP_LOAD)
        return false;
    uint32_t count = memory_targets(l->memory, op->operands[0], &objects);
    for (uint32_t i = 0; i < count; i++)
        if (l->objects[objects[i]->id] != OBJECT_READ)
            return false;
    return count > 0 && pack_find(l, op, pack);
}

static void add_work(const Lanes *l, const Region *region, double often,
                     Work *work);

static void add_op_work(const Lanes *l, const Op *op, double often,
                        Work *work) {
    bool varying = op->result_count && type_is_float(op->results[0]->type) &&
                   lane_class(l, op->results[0]) != LANE_UNIFORM;
    work->operations++;
    if (op->kind == OP_LOAD || op->kind == OP_STORE) {
        Pack pack;
        if (lane_class(l, op->operands[0]) == LANE_VARYING)
            work->gather += can_pack(l, op, &pack) ? often / SOME : often;
        else if (varying)
            work->vector += often / 4;
    } else if (varying) {
        work->vector += op->kind == OP_MATH ? 10 * often : often;
    }
    bool shared = lanes_share_way(l, op);
    bool loops = op->kind == OP_FOR || op->kind == OP_WHILE;
    work->loops |= shared && loops;
    for (uint32_t r = 0; r < op->region_count; r++)
        add_work(l, op->regions[r], loops ? SOME * often : often, work);
}

static void add_work(const Lanes *l, const Region *region, double often,
                     Work *work) {
    for (const Op *op = region->first; op; op = op->next)
        add_op_work(l, op, often, work);
}

static bool pays(const Batch *b) {
    Work work = {0};
    add_work(&b->lanes, loop_body(b->loop), 1, &work);
    return work.loops && work.operations <= MOST_OPERATIONS &&
           work.vector > 6 * work.gather;
}

static bool is_candidate(const Op *loop) {
    return lanes_can_split(loop, LANES) && !loop->as.loop.reversed &&
           loop->as.loop.fusion;
}

// ---- Copies of memory -------------------------------------------------------

const Type *lanes_array_type(Module *module, const Type *type) {
    return type_array(module, type_plain(module, type), LANES);
}

static bool is_zeroed(HeapFn fn) {
    return fn == HEAP_CALLOC || fn == HEAP_CHECKED || fn == HEAP_SIZED;
}

// How many elements a block has, and how large each is; malloc(n * size) tells
// both.
static void split_size(Builder *b, const Op *heap, Value **count,
                       Value **size) {
    Value *bytes = heap->operands[heap->as.heap == HEAP_ALIGNED];
    const Op *product = bytes->op;
    *count = heap->operands[0];
    *size = heap->operands[1];
    if (heap->as.heap != HEAP_MALLOC && heap->as.heap != HEAP_ALIGNED)
        return;
    bool counted = product && product->kind == OP_MUL;
    *count = counted ? product->operands[0] : bytes;
    *size = counted ? product->operands[1] : build_int(b, bytes->type, 1);
}

static Value *take_bytes(Op *loop, const Type *type, Value *count, Value *size,
                         bool zeroed) {
    Function *function = loop->parent->function;
    Builder before = builder_before(loop), behind = builder_after(loop);
    Op *heap = op_create(function, OP_HEAP, 2, 1, 0);
    heap->as.heap = zeroed ? HEAP_CHECKED : HEAP_UNSET;
    heap->operands[0] = count;
    heap->operands[1] = size;
    op_set_result(heap, function, 0, type_pointer(function->module, type),
                  NULL);
    builder_insert(&before, heap);
    build_free(&behind, heap->results[0]);
    return heap->results[0];
}

Value *lanes_take_block(Op *loop, const Type *type, Value *count, bool zeroed) {
    Builder before = builder_before(loop);
    return take_bytes(loop, type, count, build_sizeof(&before, type), zeroed);
}

// LANES blocks in one, as elements of LANES each; freed behind the loops.
static Value *copy_heap(Batch *b, const Value *root, const Type *element) {
    Module *module = b->lanes.function->module;
    Builder before = builder_before(b->outer);
    before.adjoint = root->op->adjoint;
    const Type *type = lanes_array_type(module, element);
    Value *count, *size;
    split_size(&before, root->op, &count, &size);
    size = size->op->as.constant.spelling
               ? build_sizeof(&before, type)
               : build_binary(&before, OP_MUL, size,
                              build_int(&before, size->type, LANES));
    Value *copy =
        take_bytes(b->outer, type, count, size, is_zeroed(root->op->as.heap));
    copy->name = root->name;
    return copy;
}

static const Type *lane_type(Module *module, const Type *type) {
    if (type->kind == TYPE_ARRAY)
        return type_array(module, lanes_array_type(module, type->element),
                          type->length);
    return lanes_array_type(module, type);
}

static Value *copy_alloc(Batch *b, const Value *root) {
    Module *module = b->lanes.function->module;
    Builder before = builder_before(b->outer);
    before.adjoint = root->op->adjoint;
    Value *copy = build_alloc(&before, lane_type(module, root->op->as.type),
                              NULL, 0, root->name);
    build_zero(&before, copy);
    return copy;
}

static Value *copy_of_root(Batch *b, const Value *root) {
    Value *copy = ptrmap_get(b->copies, root);
    if (copy)
        return copy;
    copy = root->op->kind == OP_ALLOC ? copy_alloc(b, root)
                                      : copy_heap(b, root, root->type->element);
    ptrmap_set(b->copies, root, copy);
    return copy;
}

// ---- Iterations as lanes ----------------------------------------------------

// The address in the lanes' copy, up to the lane; built where the old one is.
static Value *copy_of_address(Batch *b, Value *address) {
    Value *known = ptrmap_get(b->copies, address);
    if (known)
        return known;
    const Op *op = address->op;
    bool root = op->kind == OP_HEAP || op->kind == OP_ALLOC;
    if (root)
        return copy_of_root(b, address);
    Value *base;
    if (op->kind == OP_CAST) { // of malloc's result
        base = copy_heap(b, op->operands[0], address->type->element);
        base->name = address->name;
        ptrmap_set(b->copies, address, base);
        return base;
    }
    base = copy_of_address(b, op->operands[0]);
    bool inside = region_contains(loop_body(b->outer), op->parent);
    Builder where = inside ? builder_after((Op *)op) : builder_before(b->outer);
    Value *copy = op->kind == OP_INDEX
                      ? build_index(&where, base, op->operands[1])
                      : build_elem(&where, base, op->operands[1]);
    copy->name = address->name;
    ptrmap_set(b->copies, address, copy);
    return copy;
}

static bool has_copies(const Batch *b, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(b->lanes.memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->root && ptrmap_has(b->roots, objects[i]->root))
            return true;
    return false;
}

// Ends with the lane's own element.
static void redirect(Batch *b, Op *op, Value *lane) {
    Value *address = copy_of_address(b, op->operands[0]);
    Builder before = builder_before(op);
    op->operands[0] = build_elem(&before, address, lane);
}

// All elements of the lane's own, one by one.
static void clear_lane(Batch *b, Op *zero, Value *lane) {
    Value *address = copy_of_address(b, zero->operands[0]);
    const Type *type = address->type->element;
    Builder before = builder_before(zero);
    const Type *number = type_scalar(b->lanes.function->module, TYPE_INT);
    bool one = zero->as.type->kind != TYPE_ARRAY;
    if (!one) {
        Op *loop =
            build_for(&before, build_int(&before, number, 0),
                      build_int(&before, number, type->length),
                      build_int(&before, number, 1), OP_LT, NULL, 0, "k");
        Builder inside = builder_at_end(loop_body(loop));
        build_yield(&inside, NULL, 0);
        before = builder_before(loop_body(loop)->first);
        address = build_elem(&before, address, loop_index(loop));
    }
    Value *place = build_elem(&before, address, lane);
    build_store(&before, place,
                build_constant(&before, place->type->element, 0));
    op_remove(zero);
}

// An array that the body makes is made for all lanes, with its name.
static void widen(Batch *b, Op *alloc) {
    Module *module = b->lanes.function->module;
    Builder before = builder_before(alloc);
    Value *copy = build_alloc(&before, lane_type(module, alloc->as.type), NULL,
                              0, alloc->results[0]->name);
    ptrmap_set(b->copies, alloc->results[0], copy);
}

typedef struct Accesses {
    Batch *batch;
    Vec(Op *) items; // allocs come before what uses them
} Accesses;

static void find_accesses(Op *op, void *context) {
    Accesses *a = context;
    bool access =
        op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_ZERO;
    if ((access && has_copies(a->batch, op->operands[0])) ||
        (op->kind == OP_ALLOC && has_copies(a->batch, op->results[0])))
        vec_push(a->batch->lanes.arena, &a->items, op);
}

static void use_copies(Batch *b, Region *body, Value *lane) {
    Accesses a = {.batch = b};
    walk_ops(body, find_accesses, &a);
    for (size_t i = 0; i < a.items.count; i++) {
        Op *op = a.items.items[i];
        if (op->kind == OP_ALLOC)
            widen(b, op);
        else if (op->kind == OP_ZERO)
            clear_lane(b, op, lane);
        else
            redirect(b, op, lane);
    }
}

// Where whole batches end: begin + trips / LANES * LANES.
static Value *build_limit(Builder *b, const Op *loop) {
    Value *begin = loop->operands[FOR_BEGIN], *end = loop->operands[FOR_END];
    const Type *type = begin->type;
    if (value_is_zero(begin) && loop->as.loop.compare == OP_LT)
        return build_binary(
            b, OP_SUB, end,
            build_binary(b, OP_REM, end, build_int(b, type, LANES)));
    Value *trips = loop_build_trip_count(b, loop);
    Value *lanes = build_int(b, trips->type, LANES);
    Value *whole =
        build_binary(b, OP_MUL, build_binary(b, OP_DIV, trips, lanes), lanes);
    return build_binary(b, OP_ADD, begin, build_cast(b, type, whole));
}

static Value **carried_of(const Op *loop, bool results, Arena *arena) {
    uint32_t count = loop_carried_count(loop);
    Value **values = arena_array(arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        values[i] = results ? loop->results[i] : loop_initial(loop, i);
    return values;
}

// The two loops around one copy of the body; answers the inner one.
static Op *build_batches(Batch *b, Value **limit) {
    Op *loop = b->loop;
    Arena *arena = b->lanes.function->module->arena;
    uint32_t count = loop_carried_count(loop);
    Builder before = builder_before(loop);
    const Type *type = loop->operands[FOR_BEGIN]->type;
    const Type *number = type_scalar(b->lanes.function->module, TYPE_INT);
    *limit = build_limit(&before, loop);
    b->outer = build_for(&before, loop->operands[FOR_BEGIN], *limit,
                         build_int(&before, type, LANES), OP_LT,
                         carried_of(loop, false, arena), count,
                         loop_index(loop)->name);
    Builder inside = builder_at_end(loop_body(b->outer));
    inside.origin = loop->origin;
    Value **params = loop_body(b->outer)->params + 1;
    Op *lanes =
        build_for(&inside, build_int(&inside, number, 0),
                  build_int(&inside, number, LANES),
                  build_int(&inside, number, 1), OP_LT, params, count, "lane");
    build_yield(&inside, carried_of(lanes, true, arena), count);
    return lanes;
}

// Those that the body makes itself are made by its copy, too.
static void find_roots(Batch *b, const ValueMap *map) {
    const Lanes *l = &b->lanes;
    b->roots = ptrmap_create(l->arena);
    for (uint32_t i = 0; i < memory_object_count(l->memory); i++) {
        if (!l->own[i])
            continue;
        Value *root = valuemap_apply(map, memory_object(l->memory, i)->root);
        ptrmap_set(b->roots, root, root);
    }
}

static void copy_body(Batch *b, Op *lanes) {
    Op *loop = b->loop;
    ValueMap map;
    valuemap_init(&map, b->lanes.arena, b->lanes.function);
    Builder inside = builder_at_end(loop_body(lanes));
    Value *lane =
        build_cast(&inside, loop_index(loop)->type, loop_index(lanes));
    Value *index = build_binary(&inside, OP_ADD, loop_index(b->outer), lane);
    valuemap_set(&map, loop_index(loop), index);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        valuemap_set(&map, loop_param(loop, i), loop_param(lanes, i));
    clone_region_body(&inside, loop_body(loop), &map);
    uint32_t count = loop_carried_count(loop);
    Value **next =
        arena_array(b->lanes.function->module->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        next[i] = valuemap_apply(&map, loop_next(loop, i));
    build_yield(&inside, next, count);
    find_roots(b, &map);
}

// The loop itself does the rest.
static void leave_rest(const Batch *b, Value *limit) {
    b->loop->operands[FOR_BEGIN] = limit;
    for (uint32_t i = 0; i < loop_carried_count(b->loop); i++)
        b->loop->operands[FOR_FIRST_INITIAL + i] = b->outer->results[i];
}

typedef struct Gathers {
    const Lanes *lanes;
    Vec(Op *) loads;
} Gathers;

static void find_packed(Op *op, void *context) {
    Gathers *p = context;
    Pack pack;
    if (op->kind == OP_LOAD &&
        lane_class(p->lanes, op->operands[0]) == LANE_VARYING &&
        can_pack(p->lanes, op, &pack))
        vec_push(p->lanes->arena, &p->loads, op);
}

static void pack_loads(const Batch *b, const Lanes *l) {
    Gathers p = {.lanes = l};
    PackedLoads known = {0};
    Pack pack;
    walk_ops(loop_body(l->loop), find_packed, &p);
    for (size_t i = 0; i < p.loads.count; i++)
        if (pack_find(l, p.loads.items[i], &pack))
            pack_load(l->arena, &known, &pack, p.loads.items[i], b->outer,
                      loop_index(l->loop));
}

static void classify_anew(Lanes *l) {
    l->memory = memory_analyse(l->arena, l->function);
    l->uses = count_uses(l->arena, l->function);
    bool known = lanes_find_uses(l) && lanes_classify(l);
    ENSURE(known);
}

static void distribute(const Batch *b, Op *loop) {
    Lanes lanes = {
        .function = b->lanes.function, .arena = b->lanes.arena, .loop = loop};
    classify_anew(&lanes);
    pack_loads(b, &lanes);
    classify_anew(&lanes);
    lanes_distribute(&lanes);
}

static void batch(Batch *b) {
    Value *limit;
    Op *lanes = build_batches(b, &limit);
    copy_body(b, lanes);
    leave_rest(b, limit);
    b->copies = ptrmap_create(b->lanes.arena);
    // The analysis knows the loop's own operations, not their copies.
    b->lanes.memory = memory_analyse(b->lanes.arena, b->lanes.function);
    use_copies(b, loop_body(lanes), loop_index(lanes));
    distribute(b, lanes);
}

static bool try_loop(Lanes *lanes) {
    Batch b = {.lanes = *lanes, .loop = lanes->loop};
    bool done = find_memory(&b) && lanes_classify(&b.lanes) &&
                lanes_keep_sums(&b.lanes) && pays(&b);
    if (done)
        batch(&b);
    return done;
}

bool pass_batch(Function *function) {
    return function->body && lanes_visit(function, is_candidate, try_loop);
}

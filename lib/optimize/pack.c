// pack.c - loads that are far apart from lane to lane, done once for many uses:
// what a loop reads again in each iteration, in places of a lane's own, is read
// into an array with the lanes side by side before that loop.
//
//     for c, j: ... x[(i + lane) * d + j]      for j: packed[j][lane] = x[...]
//                                              for c, j: ... packed[j][lane]
#include "optimize/batch.h"

enum { FEWEST_USES = 4, DEPTH = 12 };

static bool is_counted(const Op *loop) {
    int64_t step;
    return loop->kind == OP_FOR && loop_constant_step(loop, &step) &&
           step == 1 &&
           (loop->as.loop.compare == OP_LT || loop->as.loop.compare == OP_LE);
}

// The number of iterations must be known before all loops.
static bool is_fixed(const Lanes *l, const Op *loop) {
    return loop_is_invariant(l->loop, loop->operands[FOR_BEGIN]) &&
           loop_is_invariant(l->loop, loop->operands[FOR_END]);
}

static bool is_often(const Op *loop) {
    int64_t trips;
    return !loop_constant_trip_count(loop, &trips) || trips >= FEWEST_USES;
}

bool pack_find(const Lanes *l, const Op *load, Pack *pack) {
    const Op *inner[MOST_PACKED];
    uint32_t count = 0;
    bool found = false;
    const Region *region = load->parent;
    for (; region != loop_body(l->loop); region = region->parent->parent) {
        const Op *loop = region->parent;
        if (!is_counted(loop) || !lanes_share_way(l, loop))
            break;
        Pack here = {.around = loop, .count = count};
        for (uint32_t i = 0; i < count; i++)
            here.inner[i] = inner[count - 1 - i];
        if (is_often(loop) && loop_value_follows(loop, here.inner, count,
                                                 load->operands[0], NULL)) {
            *pack = here;
            found = true;
        }
        if (count == MOST_PACKED || !is_fixed(l, loop))
            break;
        inner[count++] = loop;
    }
    return found;
}

// ---- What has been read already ---------------------------------------------

// Whether the values are equal where the inner loops of both are at the same
// numbers.
static bool is_alike(const Pack *a, const Value *x, const Pack *b,
                     const Value *y, int depth) {
    if (x == y)
        return true;
    for (uint32_t i = 0; i < a->count; i++)
        if (x == loop_index(a->inner[i]))
            return y == loop_index(b->inner[i]);
    if (values_equal(x, y))
        return true;
    const Op *p = x->op, *q = y->op;
    if (!p || !q || depth == 0 || p->kind != q->kind || p->region_count ||
        !(op_info(p->kind)->flags & OPF_PURE) || p->kind == OP_MATH ||
        p->kind == OP_CONST || p->operand_count != q->operand_count ||
        !type_equal(x->type, y->type) ||
        (p->kind == OP_FIELD && p->as.field != q->as.field))
        return false;
    for (uint32_t i = 0; i < p->operand_count; i++)
        if (!is_alike(a, p->operands[i], b, q->operands[i], depth - 1))
            return false;
    return p->operand_count > 0;
}

static bool same_bounds(const Op *a, const Op *b) {
    return a->as.loop.compare == b->as.loop.compare &&
           values_equal(a->operands[FOR_BEGIN], b->operands[FOR_BEGIN]) &&
           values_equal(a->operands[FOR_END], b->operands[FOR_END]);
}

static bool stands_before(const Op *a, const Op *b) {
    while (b && b->parent != a->parent)
        b = b->parent->parent;
    while (a && a != b)
        a = a->next;
    return b && a == b;
}

// Whether what was read for the first one serves for the second.
static bool serves(const Packed *first, const Pack *pack, const Op *load) {
    const Pack *known = &first->pack;
    if (known->count != pack->count ||
        !same_bounds(known->around, pack->around) ||
        !stands_before(known->around, pack->around))
        return false;
    for (uint32_t i = 0; i < pack->count; i++)
        if (!same_bounds(known->inner[i], pack->inner[i]))
            return false;
    return is_alike(known, first->address, pack, load->operands[0], DEPTH);
}

// ---- Doing it ---------------------------------------------------------------

static Value *count_elements(Builder *b, const Pack *pack) {
    const Type *type = type_scalar(b->function->module, TYPE_LONG);
    Value *count = build_int(b, type, 1);
    for (uint32_t i = 0; i < pack->count; i++) {
        Value *trips = loop_build_trip_count(b, pack->inner[i]);
        count =
            value_is_one(count) ? trips : build_binary(b, OP_MUL, count, trips);
    }
    return count;
}

// The place of the iteration that the inner loops are in.
static Value *place_of(Builder *b, const Pack *pack, const ValueMap *map) {
    const Type *type = type_scalar(b->function->module, TYPE_LONG);
    Value *place = build_int(b, type, 0);
    if (pack->count == 1 && value_is_zero(pack->inner[0]->operands[FOR_BEGIN]))
        return valuemap_apply(map, loop_index(pack->inner[0]));
    for (uint32_t i = 0; i < pack->count; i++) {
        const Op *loop = pack->inner[i];
        Value *index =
            build_cast(b, type, valuemap_apply(map, loop_index(loop)));
        if (!value_is_zero(loop->operands[FOR_BEGIN]))
            index =
                build_binary(b, OP_SUB, index,
                             build_cast(b, type, loop->operands[FOR_BEGIN]));
        if (i > 0)
            index = build_binary(
                b, OP_ADD,
                build_binary(b, OP_MUL, place, loop_build_trip_count(b, loop)),
                index);
        place = index;
    }
    return place;
}

static Value *copy_value(Builder *b, const Pack *pack, ValueMap *map,
                         Value *value) {
    Value *known = valuemap_get(map, value);
    if (known || loop_is_invariant(pack->around, value))
        return known ? known : value;
    const Op *op = value->op;
    for (uint32_t i = 0; i < op->operand_count; i++)
        valuemap_set(map, op->operands[i],
                     copy_value(b, pack, map, op->operands[i]));
    return clone_op(b, op, map)->results[value->index];
}

static Builder empty_inside(Region *region, const Builder *like) {
    Builder end = builder_at_end(region);
    build_yield(&end, NULL, 0);
    Builder inside = builder_before(region->first);
    inside.origin = like->origin;
    inside.adjoint = like->adjoint;
    return inside;
}

// Where the loop runs at all: the places might be out of bounds otherwise.
static Builder where_it_runs(Builder *b, const Op *loop) {
    Value *runs =
        build_binary(b, loop->as.loop.compare, loop->operands[FOR_BEGIN],
                     loop->operands[FOR_END]);
    Op *branch = build_if(b, runs);
    empty_inside(branch->regions[IF_ELSE], b);
    return empty_inside(branch->regions[IF_THEN], b);
}

// In front of the loop around: packed[place][lane] = what the load reads.
static void fill(const Pack *pack, const Op *load, Value *packed, Value *lane,
                 Arena *arena) {
    ValueMap map;
    valuemap_init(&map, arena, load->parent->function);
    Builder before = builder_before((Op *)pack->around);
    Builder b = where_it_runs(&before, pack->around);
    for (uint32_t i = 0; i < pack->count; i++) {
        const Op *loop = pack->inner[i];
        Op *again =
            build_for(&b, loop->operands[FOR_BEGIN], loop->operands[FOR_END],
                      loop->operands[FOR_STEP], loop->as.loop.compare, NULL, 0,
                      loop_index(loop)->name);
        valuemap_set(&map, loop_index(loop), loop_index(again));
        b = empty_inside(loop_body(again), &b);
    }
    Value *address = copy_value(&b, pack, &map, load->operands[0]);
    Value *place = place_of(&b, pack, &map);
    build_store(&b, build_elem(&b, build_index(&b, packed, place), lane),
                build_load(&b, address));
}

static Value *read_before(Arena *arena, const Pack *pack, const Op *load,
                          Op *outer, Value *lane) {
    Module *module = outer->parent->function->module;
    Builder before = builder_before(outer);
    const Type *type = lanes_array_type(module, load->results[0]->type);
    Value *packed =
        lanes_take_block(outer, type, count_elements(&before, pack), false);
    packed->name = load->results[0]->name ? load->results[0]->name : "packed";
    fill(pack, load, packed, lane, arena);
    return packed;
}

void pack_load(Arena *arena, PackedLoads *known, const Pack *pack, Op *load,
               Op *outer, Value *lane) {
    Packed packed = {*pack, load->operands[0], NULL};
    for (size_t i = 0; i < known->count && !packed.block; i++)
        if (serves(&known->items[i], pack, load))
            packed.block = known->items[i].block;
    if (!packed.block)
        packed.block = read_before(arena, pack, load, outer, lane);
    vec_push(arena, known, packed);
    ValueMap none;
    valuemap_init(&none, arena, load->parent->function);
    Builder b = builder_before(load);
    Value *place = place_of(&b, pack, &none);
    load->operands[0] =
        build_elem(&b, build_index(&b, packed.block, place), lane);
}

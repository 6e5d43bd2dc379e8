// interchange.c - the pass `interchange`: a loop whose iterations spread what
// they add over their neighbours becomes the innermost one. Reads and changes:
// a function.
//
//     for (x = 0; x < n; x++)              for (j = 2; j >= 0; j--)
//         for (j = 0; j < 3; j++)              for (x = 0; x < n; x++)
//             d_x[x + j] += d[x] * w[j];           d_x[x + j] += d[x] * w[j];
//
// Compilers make vector code of the right one, not of the left one, whose
// iterations meet. Each element gets what is added to it in the same order as
// before, so that nothing changes but the speed (nest_order). Long loops go in
// blocks, so that the innermost one finds in the cache what it had before. What
// is stored in the same loops and would not gain stays there, in loops of their
// own behind.
//
// Straight-line code between the loops goes along to the innermost one, where
// it is cheap and reads nothing that the loops write.
#include "optimize/passes.h"

#include <string.h>

enum {
    MOST_ACCESSES = 32,
    MOST_OPERATIONS = 60,
    MOST_INSIDE = 32, // iterations of the loops inside
    FEW_INSIDE = 4,   // too few for loops of their own for what stays
    FEW_TRIPS = 8,
    BLOCK = 512,
    MOST_CHANGES = 50,
};

typedef struct Access {
    Op *op;
    bool inside; // of the innermost loop
    bool moves;  // a store that gains
    bool last;   // a store that can be done when the loops are through
} Access;

typedef struct Nest {
    Arena *arena;
    const MemoryInfo *memory;
    Function *function;
    const Op *loops[NEST_LOOPS]; // outermost first
    uint32_t count;
    Access accesses[MOST_ACCESSES];
    uint32_t access_count, operations;
    int64_t inside; // iterations of the loops inside
    bool unfit;
    bool costly;             // not to be computed twice
    bool turned[NEST_LOOPS]; // the other way, once they are around the first
    bool *needed;            // values, while a store's are looked for
} Nest;

// ---- The loops --------------------------------------------------------------

static bool is_plain(const Op *op) {
    return op->kind == OP_FOR && loop_carried_count(op) == 0 &&
           !op->as.loop.info && !op->as.loop.fusion;
}

static const Value *bound_of(const Op *loop, int i) {
    return loop->operands[i];
}

// Whether the bounds can be told in front of the first loop.
static bool has_fixed_bounds(const Nest *n, const Op *loop) {
    for (int i = FOR_BEGIN; i <= FOR_STEP; i++)
        if (!loop_is_invariant(n->loops[0], bound_of(loop, i)) &&
            !value_is_constant(bound_of(loop, i)))
            return false;
    return true;
}

static bool is_costly(const Op *op) {
    return op->kind == OP_MATH || op->kind == OP_DIV || op->kind == OP_REM;
}

static void add_op(Nest *n, Op *op, bool inside) {
    bool access = op->kind == OP_LOAD || op->kind == OP_STORE;
    n->operations++;
    n->costly |= is_costly(op);
    n->unfit |= is_costly(op) && !inside;
    if (access && n->access_count < MOST_ACCESSES)
        n->accesses[n->access_count++] = (Access){.op = op, .inside = inside};
    else if (access || op->region_count || op->kind == OP_ALLOC ||
             !(op_info(op->kind)->flags & OPF_PURE))
        n->unfit = true;
}

static Op *inner_loop(const Op *loop) {
    for (Op *op = loop_body(loop)->first; op; op = op->next)
        if (op->kind == OP_FOR)
            return op;
    return NULL;
}

// The loop and those inside, each the last thing in the one around it.
static void find_nest(Nest *n, const Op *loop) {
    while (loop && !n->unfit) {
        const Op *inner = inner_loop(loop);
        const Op *last = region_terminator(loop_body(loop));
        if (n->count == NEST_LOOPS || !is_plain(loop) ||
            (n->count > 0 && !has_fixed_bounds(n, loop)) ||
            (inner && inner->next != last)) {
            n->unfit = true;
            return;
        }
        n->loops[n->count++] = loop;
        const Op *end = inner ? inner : last;
        for (Op *op = loop_body(loop)->first; op != end; op = op->next)
            add_op(n, op, !inner);
        loop = inner;
    }
    n->unfit |= n->count < 2 || n->operations > MOST_OPERATIONS;
}

// ---- Memory -----------------------------------------------------------------

static bool is_store(const Access *access) {
    return access->op->kind == OP_STORE;
}

static const Value *address_of(const Access *access) {
    return access->op->operands[0];
}

static bool may_meet(const Nest *n, const Access *a, const Access *b) {
    return !memory_apart(n->memory, address_of(a), address_of(b));
}

// What is stored is reached in one way only, and by the innermost loop alone.
static bool has_one_way(const Nest *n, const Access *store) {
    for (uint32_t i = 0; i < n->access_count; i++) {
        const Access *other = &n->accesses[i];
        if (other != store && may_meet(n, store, other) &&
            (!other->inside || !memory_must_alias(n->memory, address_of(store),
                                                  address_of(other))))
            return false;
    }
    return true;
}

// A store of the first loop itself, of something that is the same all the time,
// to elements that no other iteration reaches, and this one only by loads
// before it: it can as well be done when the loops are through. So adjoints are
// cleared.
static bool may_be_last(const Nest *n, const Access *store) {
    const Value *address = address_of(store), *value = store->op->operands[1];
    if (store->op->parent != loop_body(n->loops[0]) ||
        !section_is_own(n->loops[0], &address, 1) ||
        (!value_is_constant(value) && !loop_is_invariant(n->loops[0], value)))
        return false;
    for (uint32_t i = 0; i < n->access_count; i++) {
        const Access *other = &n->accesses[i];
        if (other != store && may_meet(n, store, other) &&
            (other > store || is_store(other) ||
             !memory_must_alias(n->memory, address, address_of(other))))
            return false;
    }
    return true;
}

static bool memory_allows(Nest *n) {
    for (uint32_t i = 0; i < n->access_count; i++) {
        Access *access = &n->accesses[i];
        if (memory_address_changes_unseen(n->memory, address_of(access)))
            return false;
        if (!is_store(access))
            continue;
        access->last = !access->inside;
        if (access->last ? !may_be_last(n, access) : !has_one_way(n, access))
            return false;
    }
    return true;
}

// ---- What a store needs -----------------------------------------------------

static void need(Nest *n, const Value *value) {
    if (n->needed[value->id] || loop_is_invariant(n->loops[0], value))
        return;
    n->needed[value->id] = true;
    for (uint32_t i = 0; value->op && i < value->op->operand_count; i++)
        need(n, value->op->operands[i]);
}

static void find_needed(Nest *n, const Access *store) {
    n->needed = arena_array(n->arena, bool, n->function->value_count);
    for (uint32_t i = 0; i < store->op->operand_count; i++)
        need(n, store->op->operands[i]);
}

static bool needs(const Nest *n, const Access *store, const Access *access) {
    return access == store ||
           (!is_store(access) && n->needed[access->op->results[0]->id]);
}

// ---- Whether it pays --------------------------------------------------------

static bool counts_up(const Op *loop) {
    int64_t step;
    return loop_constant_step(loop, &step) && step == 1 &&
           (loop->as.loop.compare == OP_LT || loop->as.loop.compare == OP_LE);
}

// The loops inside are unrolled by compilers, and the first one is what could
// become vector code.
static bool has_few_inside(Nest *n) {
    int64_t trips;
    n->inside = 1;
    for (uint32_t i = 1; i < n->count; i++) {
        if (!loop_constant_trip_count(n->loops[i], &trips) || trips < 1 ||
            trips > MOST_INSIDE)
            return false;
        n->inside *= trips;
    }
    return n->inside <= MOST_INSIDE &&
           (!loop_constant_trip_count(n->loops[0], &trips) ||
            trips > FEW_TRIPS);
}

// Whether all that the store needs lies side by side.
static bool is_contiguous(Nest *n, const Access *store) {
    find_needed(n, store);
    for (uint32_t i = 0; i < n->access_count; i++) {
        const Access *access = &n->accesses[i];
        if (needs(n, store, access) &&
            nest_stride(n->loops[0], address_of(access)) == STRIDE_OTHER)
            return false;
    }
    return nest_stride(n->loops[0], address_of(store)) == STRIDE_UNIT;
}

// All that move do so in the same loops.
static void choose(Nest *n) {
    bool turned[NEST_LOOPS], any = false;
    for (uint32_t i = 0; i < n->access_count; i++) {
        Access *access = &n->accesses[i];
        if (!is_store(access) || access->last ||
            nest_order(n->loops, n->count, address_of(access), turned) !=
                NEST_SPREADS ||
            !is_contiguous(n, access) ||
            (any && memcmp(turned, n->turned, sizeof turned) != 0))
            continue;
        access->moves = any = true;
        memcpy(n->turned, turned, sizeof turned);
    }
}

static bool any_moves(const Nest *n) {
    for (uint32_t i = 0; i < n->access_count; i++)
        if (n->accesses[i].moves)
            return true;
    return false;
}

// Whether a store stays; one that computes something.
static bool any_stays(const Nest *n, bool last) {
    for (uint32_t i = 0; i < n->access_count; i++) {
        const Access *access = &n->accesses[i];
        if (is_store(access) && !access->moves && (last || !access->last))
            return true;
    }
    return false;
}

// Whether what the store needs is written by a store that comes to stand on the
// other side, before it.
static bool needs_other_side(const Nest *n, const Access *store) {
    for (uint32_t i = 0; i < n->access_count; i++)
        for (uint32_t k = 0; k < n->access_count; k++) {
            const Access *other = &n->accesses[k];
            if (needs(n, store, &n->accesses[i]) && is_store(other) &&
                other->moves != store->moves && !other->last &&
                may_meet(n, &n->accesses[i], other))
                return true;
        }
    return false;
}

static bool is_divided(Nest *n) {
    for (uint32_t i = 0; i < n->access_count; i++) {
        if (!is_store(&n->accesses[i]))
            continue;
        find_needed(n, &n->accesses[i]);
        if (needs_other_side(n, &n->accesses[i]))
            return false;
    }
    return true;
}

// ---- The change -------------------------------------------------------------

static void remove_stores(Nest *n, bool moving) {
    for (uint32_t i = 0; i < n->access_count; i++)
        if (is_store(&n->accesses[i]) && n->accesses[i].moves == moving)
            op_remove(n->accesses[i].op);
}

// The loops a second time, behind themselves; each has what the other has not.
static void divide(Nest *n) {
    ValueMap map;
    Op *loop = (Op *)n->loops[0];
    Nest rest = {.arena = n->arena, .function = n->function};
    Builder behind = builder_after(loop);
    behind.origin = loop->origin;
    behind.adjoint = loop->adjoint;
    valuemap_init(&map, n->arena, n->function);
    find_nest(&rest, clone_op(&behind, loop, &map));
    for (uint32_t i = 0; i < n->access_count; i++)
        rest.accesses[i].moves = n->accesses[i].moves;
    remove_stores(n, false);
    remove_stores(&rest, true);
}

// In front of the blocks: how many there are.
static Value *build_block_count(Builder *b, const Op *loop, Value *begin,
                                Value *end) {
    bool included = loop->as.loop.compare == OP_LE;
    Value *trips =
        value_is_zero(begin) ? end : build_binary(b, OP_SUB, end, begin);
    Value *up = build_int(b, trips->type, included ? BLOCK : BLOCK - 1);
    return build_binary(b, OP_DIV, build_binary(b, OP_ADD, trips, up),
                        build_int(b, trips->type, BLOCK));
}

// Begins and ends the loop, which is in a block, with this one.
static void limit_to_block(Builder *b, Op *loop, Value *block, Value *begin,
                           Value *end) {
    const Type *type = loop_index(loop)->type, *wide = block->type;
    bool included = loop->as.loop.compare == OP_LE;
    Value *first = build_binary(b, OP_MUL, block, build_int(b, wide, BLOCK));
    if (!value_is_zero(begin))
        first = build_binary(b, OP_ADD, begin, first);
    Value *last = build_binary(
        b, OP_ADD, first, build_int(b, wide, included ? BLOCK - 1 : BLOCK));
    Value *less = build_binary(b, OP_LT, last, end);
    loop->operands[FOR_BEGIN] = build_cast(b, type, first);
    loop->operands[FOR_END] =
        build_cast(b, type, build_select(b, less, last, end));
}

// Loops inside others are taken for rows, which fit the cache.
static bool may_be_long(const Op *loop) {
    int64_t trips;
    for (const Op *op = loop->parent->parent; op; op = op->parent->parent)
        if (op->kind == OP_FOR)
            return false;
    return !loop_constant_trip_count(loop, &trips) || trips > BLOCK;
}

// Long loops in blocks, so that what the loops around go through again is still
// in the cache. Blocks come in the order of the loop, as its iterations do.
static void divide_in_blocks(const Nest *n) {
    Op *loop = (Op *)n->loops[0];
    if (!may_be_long(loop))
        return;
    const Type *wide = type_scalar(n->function->module, TYPE_LONG);
    Builder b = builder_before(loop);
    b.origin = loop->origin;
    b.adjoint = loop->adjoint;
    Value *begin = build_cast(&b, wide, loop->operands[FOR_BEGIN]);
    Value *end = build_cast(&b, wide, loop->operands[FOR_END]);
    Value *count = build_block_count(&b, loop, begin, end);
    Op *blocks = build_for(&b, build_int(&b, wide, 0), count,
                           build_int(&b, wide, 1), OP_LT, NULL, 0, "block");
    blocks->as.loop.reversed = loop->as.loop.reversed;
    Builder inside = builder_at_end(loop_body(blocks));
    inside.origin = loop->origin;
    inside.adjoint = loop->adjoint;
    limit_to_block(&inside, loop, loop_index(blocks), begin, end);
    op_move(&inside, loop);
    build_yield(&inside, NULL, 0);
}

static void hoist_bounds(const Nest *n) {
    Builder b = builder_before((Op *)n->loops[0]);
    for (uint32_t k = 1; k < n->count; k++) {
        Op *loop = (Op *)n->loops[k];
        for (int i = FOR_BEGIN; i <= FOR_STEP; i++)
            loop->operands[i] = hoist_value(&b, n->loops[0], loop->operands[i]);
    }
}

static void take_code(Op *first, const Op *from) {
    for (Op *op = loop_body(from)->first, *next;
         op != region_terminator(loop_body(from)); op = next) {
        next = op->next;
        Builder end = builder_before(region_terminator(loop_body(first)));
        if (op->kind != OP_FOR)
            op_move(&end, op);
    }
}

// Arithmetic that has nothing to do with the loop any more leaves it, so that
// analyses see it.
static void leave_behind(Op *loop) {
    for (Op *op = loop_body(loop)->first, *next; op; op = next) {
        next = op->next;
        bool fixed = op_info(op->kind)->flags & OPF_PURE && !is_costly(op);
        for (uint32_t i = 0; fixed && i < op->operand_count; i++)
            fixed = loop_is_invariant(loop, op->operands[i]);
        Builder b = builder_before(loop);
        if (fixed)
            op_move(&b, op);
    }
}

// All code goes to the first loop, and this one into the innermost one. There
// its iterations meet no longer (NEST_SPREADS), and go forwards.
static void interchange(const Nest *n) {
    Op *first = (Op *)n->loops[0];
    Builder before = builder_before(first);
    hoist_bounds(n);
    op_move(&before, (Op *)n->loops[1]);
    first->as.loop.reversed = false;
    for (uint32_t k = 1; k < n->count; k++) {
        Op *loop = (Op *)n->loops[k];
        take_code(first, loop);
        loop->as.loop.reversed ^= n->turned[k];
    }
    Op *innermost = (Op *)n->loops[n->count - 1];
    Builder inside = builder_before(region_terminator(loop_body(innermost)));
    op_move(&inside, first);
    leave_behind(first);
}

// ---- The walk ---------------------------------------------------------------

typedef struct Walk {
    Arena *arena;
    Function *function;
    const MemoryInfo *memory; // NULL where it has to be found out
    int left;                 // changes that may still be made
} Walk;

static bool try_loop(Walk *w, const Op *loop) {
    Nest n = {.arena = w->arena, .function = w->function};
    find_nest(&n, loop);
    if (n.unfit || !counts_up(loop) || !has_few_inside(&n))
        return false;
    if (!w->memory)
        w->memory = memory_analyse(w->arena, w->function);
    n.memory = w->memory;
    if (!memory_allows(&n))
        return false;
    choose(&n);
    if (!any_moves(&n) || !is_divided(&n) ||
        (any_stays(&n, false) && (n.costly || n.inside < FEW_INSIDE)))
        return false;
    divide_in_blocks(&n);
    if (any_stays(&n, true))
        divide(&n);
    interchange(&n);
    return true;
}

static void walk(Walk *w, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (op->kind == OP_FOR && w->left > 0 && try_loop(w, op)) {
            w->memory = NULL;
            w->left--;
            continue;
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            walk(w, op->regions[r]);
    }
}

bool pass_interchange(Function *function) {
    if (!function->body)
        return false;
    Arena *arena = arena_create();
    Walk w = {.arena = arena, .function = function, .left = MOST_CHANGES};
    walk(&w, function->body);
    arena_destroy(arena);
    return w.left < MOST_CHANGES;
}

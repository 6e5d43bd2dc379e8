// licm.c - the pass `licm`: what a loop computes again and again is computed in
// front of it. Reads and changes: a function. Only where it is worth a variable
// and does no harm: math functions and floating divisions of invariants, and
// loads that the loop does not overwrite, all from the loop's own region (what
// an if guards stays). C compilers do the rest, but they cannot know about
// errno, nor that parameters do not overlap.
//
// A load moves only where its address is good even if the loop never runs: in
// a local or global, or in a record or elements of an array that were accessed
// in front of the loop.
#include "optimize/passes.h"

typedef struct Mover {
    Arena *arena;
    MemoryInfo *memory;
    // Bases that were loaded from or stored to on the way here, to themselves.
    PtrMap *accessed;
    Vec(const Value *) entered; // the same, in order
    bool changed;
} Mover;

// ---- Addresses that are good ------------------------------------------------

// The base of an address of fields and constant elements; NULL for others.
static const Value *fixed_base(const Value *address) {
    int64_t index;
    while (address->op) {
        const Op *op = address->op;
        if (op->kind == OP_ELEM &&
            (!value_is_integer(op->operands[1], &index) || index < 0 ||
             index >= op->operands[0]->type->element->length))
            return NULL;
        if (op->kind != OP_FIELD && op->kind != OP_ELEM)
            break;
        address = op->operands[0];
    }
    return address;
}

static bool is_good(const Mover *m, const Value *address) {
    const Value *base = fixed_base(address);
    if (!base)
        return false;
    bool storage =
        base->op && (base->op->kind == OP_ALLOC || base->op->kind == OP_GLOBAL);
    return storage || ptrmap_get(m->accessed, base);
}

static void note_access(Mover *m, const Op *op) {
    if (op->kind != OP_LOAD && op->kind != OP_STORE)
        return;
    const Value *base = fixed_base(op->operands[0]);
    if (!base || ptrmap_get(m->accessed, base))
        return;
    ptrmap_set(m->accessed, base, (void *)base);
    vec_push(m->arena, &m->entered, base);
}

static void forget_accesses(Mover *m, size_t count) {
    while (m->entered.count > count)
        ptrmap_set(m->accessed, m->entered.items[--m->entered.count], NULL);
}

// ---- What moves -------------------------------------------------------------

// Addresses and other cheap parts of a moved operation come along.
static bool can_come(const Op *loop, const Value *value, int depth) {
    if (loop_is_invariant(loop, value))
        return true;
    const Op *op = value->op;
    if (!op || depth == 0 || op->parent != loop_body(loop))
        return false;
    bool cheap = op->kind == OP_CONST || op->kind == OP_FIELD ||
                 op->kind == OP_ELEM || op->kind == OP_GLOBAL ||
                 op->kind == OP_INDEX;
    for (uint32_t i = 0; cheap && i < op->operand_count; i++)
        cheap = can_come(loop, op->operands[i], depth - 1);
    return cheap;
}

// Whether the load is fine in front of the loop, too.
static bool is_allowed(const Mover *m, const Op *loop, const Op *load) {
    int64_t trips;
    const Value *address = load->operands[0];
    return is_good(m, address) ||
           (loop->kind == OP_FOR && loop_constant_trip_count(loop, &trips) &&
            trips > 0) ||
           section_reached_before(loop, address);
}

static bool is_worth_it(const Mover *m, const Op *loop, const Op *op) {
    if (op->kind == OP_LOAD)
        return !memory_op_may_write(m->memory, loop, op->operands[0]) &&
               is_allowed(m, loop, op);
    return op->kind == OP_MATH ||
           (op->kind == OP_DIV && type_is_float(op->results[0]->type));
}

static bool may_move(const Mover *m, const Op *loop, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!can_come(loop, op->operands[i], 4))
            return false;
    return is_worth_it(m, loop, op);
}

static void move(Mover *m, Op *loop, Op *op) {
    Builder b = builder_before(loop);
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = hoist_value(&b, loop, op->operands[i]);
    op_move(&b, op);
    m->changed = true;
}

// ---- The walk ---------------------------------------------------------------

static void visit_region(Mover *m, Region *region);

// What moves out of an inner loop may move on.
static void move_out(Mover *m, Op *loop) {
    for (Op *op = loop_body(loop)->first, *next; op; op = next) {
        next = op->next;
        if (may_move(m, loop, op))
            move(m, loop, op);
    }
}

static void visit_op(Mover *m, Op *op) {
    size_t entered = m->entered.count;
    for (uint32_t r = 0; r < op->region_count; r++) {
        visit_region(m, op->regions[r]);
        forget_accesses(m, entered);
    }
    if (op->kind == OP_FOR || op->kind == OP_WHILE)
        move_out(m, op);
    note_access(m, op);
}

static void visit_region(Mover *m, Region *region) {
    for (Op *op = region->first; op; op = op->next)
        visit_op(m, op);
}

bool pass_licm(Function *function) {
    Arena *arena = arena_create();
    Mover m = {.arena = arena, .memory = memory_analyse(arena, function)};
    m.accessed = ptrmap_create(arena);
    visit_region(&m, function->body);
    arena_destroy(arena);
    return m.changed;
}

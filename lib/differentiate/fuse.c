// fuse.c - loop fusion: the reverse sweep of a loop's iteration directly behind
// its forward sweep, so that nothing has to be kept from one sweep to the
// other.
//
// Runs between reverse.c and carry.c, where the mirror of a loop still names
// values of the loop as though they were visible: once both bodies are one,
// they are. The mirror's iterations then run first to last instead of last to
// first, and before all that stood between the loop and its mirror. That is the
// same where
// - the weights that come in are known before the loop (a sum's is; what they
//   are computed from is hoisted, where it is pure), and pass through
//   unchanged;
// - other adjoints that the mirror carries are sums only;
// - the mirror uses nothing else that the loop, or what follows it, makes;
// - the derivative memory that the mirror touches is only added to, there and
//   in between; or belongs to one iteration: elements that no other iteration
//   reaches, or scratch memory that each iteration writes before it reads.
//
// Sums then add in the other order: a gradient's last bits may differ.
#include "differentiate/carry.h"

enum { HOIST_DEPTH = 12, NEED_DEPTH = 12 };

// What happens to one object of derivative memory.
typedef struct Touch {
    bool mirror;        // by the mirror at all
    bool mirror_others; // by other ways than sums
    bool between, between_others;
} Touch;

typedef struct Fuse {
    Derive *d;
    PtrMap *mirrors, *loops;
    const MemoryInfo *memory;
    uint32_t *uses; // of all values, as the function is now
    // Of the pair that is looked at:
    Op *loop, *mirror;
    const FusedLoop *known;       // without checkpoints, both are fused
    Touch *touched;               // by object
    Fusion *fusion;               // what becomes of it
    Vec(const Value *) addresses; // in the mirror, of derivative memory
    Vec(uint32_t) slots; // what the loop carries, by the mirror's first values
    uint32_t object;     // the one that is asked about
    ValueMap images;     // what to put for what in the mirror
} Fuse;

// ---- Before the loop --------------------------------------------------------

static bool is_before(const Fuse *f, const Value *value) {
    const Region *region = value_region(value);
    if (region != f->loop->parent)
        return region_contains(region, f->loop->parent);
    return !value->op ||
           (value->op != f->loop && carry_precedes(value->op, f->loop));
}

// Known before the loop, or pure and made of what is.
static bool is_available(const Fuse *f, const Value *value, int depth) {
    if (is_before(f, value))
        return true;
    const Op *op = value->op;
    if (!op || depth == 0 || op->parent != f->loop->parent ||
        op->region_count || !(op_info(op->kind)->flags & OPF_PURE))
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_available(f, op->operands[i], depth - 1))
            return false;
    return true;
}

static Value *hoist(Fuse *f, Value *value) {
    if (is_before(f, value))
        return value;
    Value *known = valuemap_get(&f->images, value);
    if (known)
        return known;
    Op *op = value->op;
    for (uint32_t i = 0; i < op->operand_count; i++)
        valuemap_set(&f->images, op->operands[i], hoist(f, op->operands[i]));
    Builder b = builder_before(f->loop);
    return clone_op(&b, op, &f->images)->results[value->index];
}

// ---- What the mirror carries ------------------------------------------------
//
// First the adjoints of what the loop carries, then of what is used from
// outside. These are sums always, if one cannot see it where calls make them.

static FusedSlot known_slot(const Fuse *f, uint32_t i) {
    return i < f->slots.count ? f->known->slots[f->slots.items[i]] : FUSED_SUMS;
}

static bool is_passed(const Fuse *f, uint32_t i) {
    return loop_passes_through(f->mirror, i) ||
           (f->known && known_slot(f, i) == FUSED_PASSES);
}

// Zero, or of no consequence, as only an analysis of the whole loop can see.
static bool is_passive(const Fuse *f, uint32_t i) {
    return f->known && known_slot(f, i) == FUSED_PASSIVE;
}

static bool is_sum(const Fuse *f, uint32_t i) {
    return loop_carries_sum(f->mirror, i, f->uses) ||
           (f->known && known_slot(f, i) == FUSED_SUMS);
}

static bool carries_sums(const Fuse *f) {
    for (uint32_t i = 0; i < loop_carried_count(f->mirror); i++) {
        if (is_passive(f, i))
            continue;
        if (is_passed(f, i)
                ? !is_available(f, loop_initial(f->mirror, i), HOIST_DEPTH)
                : !is_sum(f, i))
            return false;
    }
    return true;
}

// ---- What is known from the gradient without checkpoints --------------------

static const LoopInfo *info_of(const Fuse *f) { return f->loop->as.loop.info; }

static void find_slots(Fuse *f) {
    f->slots.count = 0;
    for (uint32_t i = 0; i < loop_carried_count(f->loop); i++)
        if (reverse_slot_is_active(f->d, f->loop, i))
            vec_push(f->d->arena, &f->slots, i);
}

static void recall(Fuse *f) {
    f->known = NULL;
    if (!f->d->fused || f->d->finds_fused || !info_of(f))
        return;
    f->known = ptrmap_get(f->d->fused, info_of(f));
    if (f->known && f->known->count != loop_carried_count(f->loop))
        f->known = NULL;
}

static void note(Fuse *f) {
    if (!f->d->finds_fused || !info_of(f))
        return;
    FusedLoop *found = arena_new(f->d->arena, FusedLoop);
    found->count = loop_carried_count(f->loop);
    found->slots = arena_array(f->d->arena, FusedSlot, found->count);
    for (uint32_t i = 0; i < f->slots.count; i++)
        found->slots[f->slots.items[i]] =
            loop_passes_through(f->mirror, i) ? FUSED_PASSES : FUSED_SUMS;
    ptrmap_set(f->d->fused, info_of(f), found);
}

// ---- What the mirror uses ---------------------------------------------------

static bool uses_available(const Fuse *f, const Region *region) {
    const Region *bodies[] = {loop_body(f->loop), loop_body(f->mirror)};
    for (const Op *op = region->first; op; op = op->next) {
        if (!f->known && (op->kind == OP_CALL || op->kind == OP_WHILE ||
                          op->kind == OP_REALLOC))
            return false;
        for (uint32_t i = 0; i < op->operand_count; i++) {
            const Value *value = op->operands[i];
            const Region *home = value_region(value);
            if (!region_contains(bodies[0], home) &&
                !region_contains(bodies[1], home) &&
                !is_available(f, value, HOIST_DEPTH))
                return false;
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            if (!uses_available(f, op->regions[r]))
                return false;
    }
    return true;
}

// Whether a value of the loop's would have to be kept for the mirror: what is
// cheap to repeat is no reason to fuse, and both loops stay simpler alone.
static bool would_be_kept(const Fuse *f, const Value *value, int depth) {
    if (!region_contains(loop_body(f->loop), value_region(value)))
        return false;
    const Carry carry = {.d = f->d, .memory = f->memory, .mirrors = f->mirrors};
    if (!value->op)
        return !(value->region->parent->kind == OP_FOR && value->index == 0);
    if (depth == 0 || value->op->region_count ||
        plan_own_cost(&carry, value->op) < 0)
        return value->op->kind != OP_ALLOC && value->op->kind != OP_HEAP;
    for (uint32_t i = 0; i < value->op->operand_count; i++)
        if (would_be_kept(f, value->op->operands[i], depth - 1))
            return true;
    return false;
}

static bool keeps(const Fuse *f, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (would_be_kept(f, op->operands[i], NEED_DEPTH))
                return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (keeps(f, op->regions[r]))
                return true;
    }
    return false;
}

// ---- Derivative memory ------------------------------------------------------

typedef struct Local {
    PtrMap *derived; // addresses made of the memory's
    bool leaves;
} Local;

static void find_leaving(Op *op, void *context) {
    Local *local = context;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!ptrmap_has(local->derived, op->operands[i]))
            continue;
        if (op->kind == OP_INDEX || op->kind == OP_ELEM || op->kind == OP_FIELD)
            ptrmap_set(local->derived, op->results[0], op->results[0]);
        else if (op_address_count(op) <= i)
            local->leaves = true;
    }
}

// Memory that the loop takes and the mirror frees: nothing may reach it once
// the iteration is over.
static bool ends_with_iteration(const Fuse *f, Value *memory) {
    Local local = {ptrmap_create(f->d->arena), false};
    if (!region_contains(loop_body(f->loop), value_region(memory)))
        return false;
    ptrmap_set(local.derived, memory, memory);
    walk_ops(loop_body(f->loop), find_leaving, &local);
    return !local.leaves;
}

// False where the address could lead anywhere.
static bool touch_mirror(Fuse *f, const Value *address, bool others) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(f->memory, address, &objects);
    vec_push(f->d->arena, &f->addresses, address);
    for (uint32_t i = 0; i < count; i++) {
        if (objects[i]->kind == MEM_UNKNOWN)
            return false;
        f->touched[objects[i]->id].mirror = true;
        f->touched[objects[i]->id].mirror_others |= others;
    }
    return true;
}

static bool touch_in_mirror(Fuse *f, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        bool others = !op_is_addition(f->memory, op, f->uses);
        if (op->kind == OP_FREE && !ends_with_iteration(f, op->operands[0]))
            return false;
        for (uint32_t i = 0; i < op_address_count(op); i++)
            if (!touch_mirror(f, op->operands[i], others))
                return false;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (!touch_in_mirror(f, op->regions[r]))
                return false;
    }
    return true;
}

static bool touch_between(Fuse *f, const Op *op) {
    if ((op->kind == OP_CALL && op->adjoint) || op->kind == OP_REALLOC)
        return false;
    bool others = !op_is_addition(f->memory, op, f->uses);
    for (uint32_t i = 0; i < op_address_count(op); i++) {
        const MemObject *const *objects;
        uint32_t count = memory_targets(f->memory, op->operands[i], &objects);
        for (uint32_t k = 0; k < count; k++) {
            if (objects[k]->kind == MEM_UNKNOWN && op->adjoint)
                return false;
            f->touched[objects[k]->id].between = true;
            f->touched[objects[k]->id].between_others |= others;
        }
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (!touch_between(f, inner))
                return false;
    return true;
}

static bool leads_to(const Fuse *f, const Value *address, bool *alone) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(f->memory, address, &objects);
    *alone = count == 1;
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->id == f->object)
            return true;
    return false;
}

// A primal address whose derivative memory is the object in question.
static bool concerns(void *context, const Value *address) {
    const Fuse *f = context;
    const Value *shadow = shadow_of(f->d, address);
    bool alone;
    return shadow && leads_to(f, shadow, &alone);
}

static bool is_made_inside(const Fuse *f, const MemObject *object) {
    return object->root && object->root->op &&
           region_contains(loop_body(f->loop), object->root->op->parent);
}

static bool has_own_elements(Fuse *f) {
    Vec(const Value *) list = {0};
    for (size_t i = 0; i < f->addresses.count; i++) {
        bool alone;
        if (!leads_to(f, f->addresses.items[i], &alone))
            continue;
        if (!alone)
            return false;
        vec_push(f->d->arena, &list, f->addresses.items[i]);
    }
    return section_is_own(f->loop, list.items, list.count);
}

// Whether the order of iterations does not matter to the object.
static bool object_allows(Fuse *f, uint32_t id) {
    const Touch *touch = &f->touched[id];
    const MemObject *object = memory_object(f->memory, id);
    if (!touch->mirror)
        return true;
    if (!touch->mirror_others)
        return !touch->between_others;
    if (touch->between)
        return false;
    const LoopInfo *info = f->loop->as.loop.info;
    if (is_made_inside(f, object) || (info && info->independent))
        return true;
    f->object = id;
    bool ours = object->kind == MEM_LOCAL || object->kind == MEM_HEAP;
    if (has_own_elements(f))
        return true;
    if (!ours || !section_written_first(f->loop, concerns, f))
        return false;
    vec_push(f->d->arena, &f->fusion->scratch, object->root);
    return true;
}

static bool memory_allows(Fuse *f) {
    uint32_t count = memory_object_count(f->memory);
    f->touched = arena_array(f->d->arena, Touch, count);
    f->addresses.count = 0;
    if (!touch_in_mirror(f, loop_body(f->mirror)))
        return false;
    for (const Op *op = f->loop->next; op != f->mirror; op = op->next)
        if (!touch_between(f, op))
            return false;
    for (uint32_t i = 0; i < count; i++)
        if (!object_allows(f, i))
            return false;
    return true;
}

// ---- Fusing -----------------------------------------------------------------

static void hoist_uses(Fuse *f, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++) {
            Value *value = op->operands[i];
            if (value_region(value) == f->loop->parent && !is_before(f, value))
                valuemap_set(&f->images, value, hoist(f, value));
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            hoist_uses(f, op->regions[r]);
    }
}

// The loop carries the sum that the mirror carried, from zero.
static Value *append_sum(Fuse *f, uint32_t i) {
    const Value *param = loop_param(f->mirror, i);
    Builder b = builder_before(f->loop);
    b.adjoint = true;
    Value *initial = loop_initial(f->mirror, i);
    op_append_operand(f->loop, build_float(&b, initial->type, 0));
    Value *inside =
        region_append_param(loop_body(f->loop), param->type, param->name);
    valuemap_set(&f->images, param, inside);
    Value *result = op_append_result(f->loop, param->type, param->name);
    if (value_is_zero(initial))
        return result;
    Builder after = builder_before(f->mirror);
    after.adjoint = true;
    after.origin = f->mirror->origin;
    return build_binary(&after, OP_ADD, initial, result);
}

static void move_body(Fuse *f) {
    Region *from = loop_body(f->mirror);
    Op *end = region_terminator(loop_body(f->loop));
    for (Op *op = from->first, *next; op != region_terminator(from);
         op = next) {
        next = op->next;
        Builder b = builder_before(end);
        op_move(&b, op);
    }
}

static void fuse(Fuse *f) {
    Op *loop = f->loop, *mirror = f->mirror;
    Function *function = f->d->function;
    uint32_t count = loop_carried_count(mirror);
    ValueMap after;
    valuemap_init(&f->images, f->d->arena, function);
    valuemap_init(&after, f->d->arena, function);
    hoist_uses(f, loop_body(mirror));
    valuemap_set(&f->images, loop_index(mirror), loop_index(loop));
    Op *end = region_terminator(loop_body(mirror));
    Op *yield = region_terminator(loop_body(loop));
    Builder before = builder_before(loop);
    before.adjoint = true;
    for (uint32_t i = 0; i < count; i++) {
        Value *initial = loop_initial(mirror, i), *instead = initial;
        if (is_passive(f, i)) {
            instead = build_float(&before, initial->type, 0);
            valuemap_set(&f->images, loop_param(mirror, i), instead);
        } else if (is_passed(f, i)) {
            valuemap_set(&f->images, loop_param(mirror, i), hoist(f, initial));
        } else {
            instead = append_sum(f, i);
            op_append_operand(yield, end->operands[i]);
        }
        valuemap_set(&after, mirror->results[i], instead);
    }
    remap_region(loop_body(mirror), &f->images);
    move_body(f);
    op_remove(mirror);
    remap_region(function->body, &after);
    loop->as.loop.fusion = f->fusion;
    ptrmap_set(f->mirrors, loop_body(loop), loop_body(loop));
    ptrmap_set(f->loops, loop, loop);
}

static bool is_allowed(Fuse *f) {
    if (!carries_sums(f) || !uses_available(f, loop_body(f->mirror)))
        return false;
    return f->known || (keeps(f, loop_body(f->mirror)) && memory_allows(f));
}

static bool try_to_fuse(Fuse *f, Op *loop, Op *mirror) {
    f->loop = loop;
    f->mirror = mirror;
    f->fusion = arena_new(f->d->arena, Fusion);
    find_slots(f);
    recall(f);
    if (!is_allowed(f))
        return false;
    note(f);
    fuse(f);
    f->uses = count_uses(f->d->arena, f->d->function);
    return true;
}

// A loop and its mirror stand in one region at the function's top level, and in
// loops that have been fused.
static void fuse_region(Fuse *f, Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        Op *mirror = op->kind == OP_FOR && !op->adjoint
                         ? ptrmap_get(f->loops, op)
                         : NULL;
        if (mirror && mirror->parent == region && try_to_fuse(f, op, mirror))
            fuse_region(f, loop_body(op));
    }
}

void fuse_loops(Derive *d, PtrMap *mirrors, PtrMap *loops) {
    Fuse f = {
        .d = d, .mirrors = mirrors, .loops = loops, .memory = d->sweep_memory};
    if (d->split || d->disabled & DIFFERENTIATE_FUSE)
        return;
    f.uses = count_uses(d->arena, d->function);
    fuse_region(&f, d->function->body);
}

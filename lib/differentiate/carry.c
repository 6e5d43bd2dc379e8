// carry.c - makes every use of a primal value in the reverse sweep true: values
// that are out of sight there are recomputed or stored, as plan.c decides.
#include "differentiate/carry.h"

// A split function's sweep sees nothing of the forward sweep but the tape and
// the parameters behind it.
static bool is_cut_off(const Carry *c, const Value *value,
                       const Region *region) {
    const Region *body = c->d->function->body;
    return c->d->split && value_region(value) == body &&
           region_contains(c->sweep->regions[IF_THEN], region) &&
           (value->op || value->index < c->d->tape_position);
}

bool carry_visible(const Carry *c, const Value *value, const Region *region) {
    return region_contains(value_region(value), region) &&
           !is_cut_off(c, value, region);
}

bool carry_is_shared(const Carry *c, const Region *region) {
    return ptrmap_get(c->mirrors, region) == region;
}

// The loop around the innermost body that both sweeps share; NULL if none.
static const Op *shared_loop(const Carry *c, const Region *region) {
    while (region->parent && !carry_is_shared(c, region))
        region = region->parent->parent;
    return region->parent;
}

static bool restores_object(const Carry *c, const MemObject *object,
                            const Op *access) {
    const Op *within = c->restored_in[object->id];
    return c->restored[object->id] &&
           (!within || region_contains(loop_body(within), access->parent));
}

// Whether writes to all that the operation may have accessed are undone, so
// that it is there again in the mirror of the operation's region, if only the
// rest of the region leaves it alone.
static bool is_restored(const Carry *c, const Op *access) {
    const MemObject *const *objects;
    const Value *address = access->operands[0];
    uint32_t count = memory_targets(c->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (!restores_object(c, objects[i], access) &&
            memory_object_written(c->memory, objects[i]))
            return false;
    for (const Op *op = access->next; op && count; op = op->next)
        if (!op->adjoint && memory_op_may_write(c->memory, op, address))
            return false;
    return count > 0;
}

// What a load read is there where the reverse sweep wants it.
bool carry_load_survives(const Carry *c, const Op *load) {
    return memory_load_survives_in(c->memory, load,
                                   shared_loop(c, load->parent)) ||
           (c->restored && is_restored(c, load));
}

bool carry_load_survives_tree(const Carry *c, const Op *load, const Op *tree) {
    if (memory_load_survives_in(c->memory, load, shared_loop(c, load->parent)))
        return true;
    for (const Op *op = tree->next; op; op = op->next)
        if (!op->adjoint &&
            memory_op_may_write(c->memory, op, load->operands[0]))
            return false;
    return true;
}

// What is too wide for a bit-field does not come back from it.
static bool keeps_all_bits(const Value *address) {
    const Op *op = address->op;
    return !op || op->kind != OP_FIELD ||
           !op->operands[0]->type->element->record->fields[op->as.field].bits;
}

static void note_copy(Op *op, void *context) {
    Carry *c = context;
    if (op->adjoint || op->kind != OP_STORE || !keeps_all_bits(op->operands[0]))
        return;
    Value *value = op->operands[1];
    if (value_region(value) == op->parent && !ptrmap_has(c->copies, value))
        ptrmap_set(c->copies, value, op);
}

static bool is_any_restored(const Carry *c, const Op *store) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(c->memory, store->operands[0], &objects);
    for (uint32_t i = 0; c->restored && i < count; i++)
        if (c->restored[objects[i]->id] && !c->steady[objects[i]->id])
            return true;
    return false;
}

const Op *carry_copy(const Carry *c, const Value *value) {
    const Op *store = ptrmap_get(c->copies, value);
    if (!store || c->d->split)
        return NULL;
    bool held = is_any_restored(c, store)
                    ? is_restored(c, store)
                    : memory_store_survives_in(c->memory, store,
                                               shared_loop(c, store->parent));
    return held ? store : NULL;
}

static bool is_index(const Value *value) {
    return !value->op && value->region->parent &&
           value->region->parent->kind == OP_FOR && value->index == 0;
}

// Values that came after the plan (lengths, places of arrays, numbers of
// iterations) have none.
Plan carry_plan(const Carry *c, const Value *value) {
    const Region *region = value_region(value);
    bool behind_tape = !value->op && value->index >= c->d->tape_position;
    if ((region == c->d->function->body && (!c->d->split || behind_tape)) ||
        carry_is_shared(c, region))
        return PLAN_FREE;
    if (is_index(value))
        return PLAN_INDEX;
    return value->id < c->value_count ? (Plan)c->plans[value->id] : PLAN_NONE;
}

Region *carry_mirror(const Carry *c, const Value *value) {
    return ptrmap_get(c->mirrors, value_region(value));
}

Op *carry_ancestor(Op *op, const Region *region) {
    while (op->parent != region) {
        op = op->parent->parent;
        ENSURE(op);
    }
    return op;
}

// ---- Needs ------------------------------------------------------------------

static void collect_op(Carry *c, const Op *op, PtrMap *seen) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *value = op->operands[i];
        if (carry_visible(c, value, op->parent) || ptrmap_has(seen, value))
            continue;
        ptrmap_set(seen, value, value);
        vec_push(c->d->arena, &c->needs, value);
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            collect_op(c, inner, seen);
}

// The reverse sweep: what follows the forward sweep, and what stands in shared
// bodies. The visitor may put operations before the one that it is given.
typedef void (*SweepVisitor)(Carry *c, Op *op, void *context);

static void walk_shared(Carry *c, Region *region, SweepVisitor visit,
                        void *context) {
    bool shared = carry_is_shared(c, region);
    for (Op *op = region->first; op; op = op->next) {
        if (shared && op->adjoint)
            visit(c, op, context);
        else if (op->kind == OP_FOR && carry_is_shared(c, loop_body(op)))
            walk_shared(c, loop_body(op), visit, context);
    }
}

static void walk_sweep(Carry *c, SweepVisitor visit, void *context) {
    walk_shared(c, c->d->function->body, visit, context);
    for (Op *op = c->sweep; op; op = op->next)
        visit(c, op, context);
}

static void collect_visitor(Carry *c, Op *op, void *seen) {
    collect_op(c, op, seen);
}

// ---- Repeating operations ---------------------------------------------------

// Once to have all stand-ins made (which uses the scratch map for others), once
// more to enter them.
static void provide_operands(Carry *c, const Op *op, const Op *branch,
                             Op *anchor, bool enter) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *value = op->operands[i];
        bool inside = false;
        for (uint32_t r = 0; r < branch->region_count; r++)
            inside |= region_contains(branch->regions[r], value_region(value));
        if (inside)
            continue;
        Value *provided = carry_provide(c, value, anchor);
        if (enter)
            valuemap_set(&c->scratch, value, provided);
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            provide_operands(c, inner, branch, anchor, enter);
}

static void clear_scratch(Carry *c, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        valuemap_set(&c->scratch, op->operands[i], NULL);
    for (uint32_t i = 0; i < op->result_count; i++)
        valuemap_set(&c->scratch, op->results[i], NULL);
    for (uint32_t r = 0; r < op->region_count; r++) {
        const Region *region = op->regions[r];
        for (uint32_t i = 0; i < region->param_count; i++)
            valuemap_set(&c->scratch, region->params[i], NULL);
        for (const Op *inner = region->first; inner; inner = inner->next)
            clear_scratch(c, inner);
    }
}

// What is repeated stays primal (its value must be the forward sweep's, bit for
// bit), but stands where the statement that needs it does.
static void set_origin(Op *op, const Origin *origin) {
    op->origin = origin;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (Op *inner = op->regions[r]->first; inner; inner = inner->next)
            set_origin(inner, origin);
}

bool carry_precedes(const Op *op, const Op *place) {
    while (op && op != place)
        op = op->next;
    return op == place;
}

// Stand-ins are made before their first use; here is an earlier one. Moves what
// computes the value, as far as it stands behind the place in its region, to
// before it.
static void move_up(Value *value, Op *place) {
    Op *op = value->op;
    if (!op || op->parent != place->parent || carry_precedes(op, place))
        return;
    for (uint32_t i = 0; i < op->operand_count; i++)
        move_up(op->operands[i], place);
    Builder b = builder_before(place);
    op_move(&b, op);
}

static Value *repeat(Carry *c, Value *value, Op *anchor) {
    const Op *op = value->op;
    provide_operands(c, op, op, anchor, false);
    provide_operands(c, op, op, anchor, true);
    Builder b = builder_before(anchor);
    b.adjoint = false;
    Op *copy = clone_op(&b, op, &c->scratch);
    set_origin(copy, anchor->origin);
    for (uint32_t i = 0; c->early && i < copy->operand_count; i++)
        move_up(copy->operands[i], copy);
    for (uint32_t i = 0; i < op->result_count; i++)
        valuemap_set(&c->provided, op->results[i], copy->results[i]);
    clear_scratch(c, op);
    return valuemap_get(&c->provided, value);
}

// Where the store has been undone already, right before that: the memory holds
// the value from the end of its region on.
static Value *reload(Carry *c, Value *value, Op *anchor) {
    // The plan has found it fit; what stands behind it by now does not count.
    const Op *copy = ptrmap_get(c->copies, value);
    Op *undo = c->undone ? ptrmap_get(c->undone, copy) : NULL;
    if (undo && undo->parent == anchor->parent && carry_precedes(undo, anchor))
        anchor = undo;
    Value *address = anchor == undo
                         ? undo->operands[0]
                         : carry_provide(c, copy->operands[0], anchor);
    Builder b = builder_before(anchor);
    b.adjoint = false;
    Value *read = build_load(&b, address);
    read->name = value->name;
    valuemap_set(&c->provided, value, read);
    return read;
}

// Memory of one iteration: made at the mirror's start, derivative memory
// zeroed.
static Value *remake(Carry *c, Value *value, Region *mirror) {
    c->early = true;
    Value *made = repeat(c, value, mirror->first);
    c->early = false;
    if (made->op->kind == OP_ALLOC && !ptrmap_has(c->d->doubled, value)) {
        Builder b = builder_after(made->op);
        build_zero(&b, made);
    }
    return made;
}

Value *carry_instead(const Carry *c, Value *value) {
    Value *other = ptrmap_get(c->instead, value);
    return other ? other : value;
}

static bool follows(const Carry *c, const Value *value, int depth);

// Whether the value can be had in the reverse sweep, at its mirror, without
// keeping more than is kept anyway: the blocks of arrays are, to be released.
static bool is_at_hand(const Carry *c, const Value *value, int depth) {
    bool block =
        value->id >= c->value_count && value->op && value->op->kind == OP_HEAP;
    return block || ptrmap_has(c->slots, value) ||
           carry_plan(c, value) != PLAN_NONE || follows(c, value, depth);
}

// Whether it can be computed again from such values. Of loads that came late,
// nobody knows.
static bool follows(const Carry *c, const Value *value, int depth) {
    const Op *op = value->op;
    bool late = value->id >= c->value_count;
    if (!op || op->region_count || op->result_count != 1 || depth == 0 ||
        (late && op->kind == OP_LOAD) || plan_own_cost(c, op) < 0)
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_at_hand(c, carry_instead(c, op->operands[i]), depth - 1))
            return false;
    return true;
}

Value *carry_provide(Carry *c, Value *value, Op *anchor) {
    value = carry_instead(c, value);
    if (carry_visible(c, value, anchor->parent))
        return value;
    Value *known = valuemap_get(&c->provided, value);
    if (known)
        return known;
    Plan plan = carry_plan(c, value);
    if (plan == PLAN_INDEX) {
        const Op *mirror = ptrmap_get(c->loops, value->region->parent);
        ENSURE(mirror);
        return mirror->regions[0]->params[0];
    }
    Region *mirror = carry_mirror(c, value);
    ENSURE(mirror);
    anchor = carry_ancestor(anchor, mirror);
    if (plan == PLAN_REMAKE)
        return remake(c, value, mirror);
    if (plan == PLAN_RELOAD)
        return reload(c, value, anchor);
    enum { DEPTH = 12 };
    bool kept = ptrmap_has(c->slots, value);
    if (plan == PLAN_RECOMPUTE ||
        (plan == PLAN_NONE && !kept && follows(c, value, DEPTH)))
        return repeat(c, value, anchor);
    Value *read = storage_read(c, value, anchor);
    valuemap_set(&c->provided, value, read);
    return read;
}

// ---- Rewriting --------------------------------------------------------------

static void rewrite_op(Carry *c, Op *op, void *none) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = carry_provide(c, op->operands[i], op);
    for (uint32_t r = 0; r < op->region_count; r++)
        for (Op *inner = op->regions[r]->first; inner; inner = inner->next)
            rewrite_op(c, inner, none);
}

// ---- Derivative memory of loops and branches --------------------------------

typedef struct Escape {
    const Value *memory;
    PtrMap *derived; // addresses made of it
    bool escapes;
} Escape;

// Heap memory that the forward sweep keeps pointers in must stay, too: a load
// of one may be repeated. Loads from a loop's own variable never are.
static void find_escape(Op *op, void *context) {
    Escape *e = context;
    if (op->adjoint)
        return;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!ptrmap_has(e->derived, op->operands[i]))
            continue;
        if (op->kind == OP_INDEX || op->kind == OP_ELEM ||
            op->kind == OP_FIELD || op->kind == OP_CAST)
            ptrmap_set(e->derived, op->results[0], op->results[0]);
        else if (op->kind != OP_ZERO &&
                 !((op->kind == OP_STORE || op->kind == OP_LOAD) && i == 0 &&
                   e->memory->op->kind == OP_ALLOC))
            e->escapes = true;
    }
}

static bool escapes(Carry *c, Value *memory) {
    Escape e = {memory, ptrmap_create(c->d->arena), false};
    ptrmap_set(e.derived, memory, memory);
    walk_ops(c->d->function->body, find_escape, &e);
    for (size_t k = 0; k < c->d->paired.count; k++) {
        const Op *call = c->d->paired.items[k].op;
        if (call_waits(c->d, call))
            continue;
        for (uint32_t i = 0; i < call->operand_count; i++) {
            const Value *shadow = shadow_of(c->d, call->operands[i]);
            bool copied = call->as.callee->params[i].by_value_record;
            e.escapes |= !copied && shadow && ptrmap_has(e.derived, shadow);
        }
    }
    return e.escapes;
}

void carry_move_to_top(Carry *c, Op *alloc) {
    Op *zero = alloc->next;
    Builder b = builder_at_end(c->d->function->body);
    b.before = c->d->function->body->first;
    op_remove(alloc);
    builder_insert(&b, alloc);
    if (zero && zero->kind == OP_ZERO &&
        zero->operands[0] == alloc->results[0]) {
        op_remove(zero);
        builder_insert(&b, zero);
    }
}

// Shadows of memory that loops and branches make: of fixed size, they can serve
// all iterations (each store's adjoint leaves zero behind); others are made
// anew in the mirror. Heap memory whose address goes further stays from the
// forward sweep until the mirror frees it.
static void place_shadow(Carry *c, Value *shadow) {
    Op *op = shadow->op;
    bool split = c->d->split;
    if (!op || (op->parent == c->d->function->body && !split) ||
        carry_is_shared(c, op->parent))
        return;
    if (op->kind == OP_ALLOC && op->operand_count == 0 && !split) {
        carry_move_to_top(c, op);
    } else if (op->kind == OP_ALLOC || op->kind == OP_HEAP) {
        if (!escapes(c, shadow))
            ptrmap_set(c->d->remade, shadow, shadow);
        else if (op->kind == OP_ALLOC)
            derive_error(c->d, derive_loc(c->d, op),
                         "the address of memory that is made anew in each "
                         "iteration is stored or chosen between",
                         "make it before the loop");
    }
}

static void place_visitor(Op *op, void *context) {
    Carry *c = context;
    if (!op->adjoint && op->result_count &&
        type_is_pointer(op->results[0]->type)) {
        Value *shadow = shadow_of(c->d, op->results[0]);
        if (shadow && shadow != op->results[0])
            place_shadow(c, shadow);
    }
}

// ---- Cleaning up ------------------------------------------------------------

static void drop_dead(Carry *c, Region *region, uint32_t *uses) {
    for (Op *op = region->last, *previous; op; op = previous) {
        previous = op->previous;
        bool remade =
            op->result_count && ptrmap_has(c->d->remade, op->results[0]);
        bool zeroes =
            op->kind == OP_ZERO && ptrmap_has(c->d->remade, op->operands[0]);
        bool unused = true;
        for (uint32_t i = 0; i < op->result_count; i++)
            unused &= uses[op->results[i]->id] == 0;
        for (uint32_t r = 0; r < op->region_count; r++)
            drop_dead(c, op->regions[r], uses);
        if (!zeroes &&
            !(unused && (remade || !op_has_effect(op)) && op->kind != OP_WHILE))
            continue;
        if (op->region_count)
            continue;
        for (uint32_t i = 0; i < op->operand_count; i++)
            uses[op->operands[i]->id]--;
        op_remove(op);
    }
}

static void free_tape(Derive *d) {
    if (!d->tape || d->split)
        return;
    Builder end = builder_before(region_terminator(d->function->body));
    Op *release = op_create(d->function, OP_TAPE_FREE, 1, 0, 0);
    release->operands[0] = d->tape;
    builder_insert(&end, release);
}

// The sweep may start with what takes another's place there.
static void run_again(Carry *c) {
    const Op *before = c->sweep->previous;
    checkpoint_run_again(c->d, c->loops);
    c->sweep = before ? before->next : c->d->function->body->first;
}

static void collect_needs(Carry *c) {
    c->needs.count = 0;
    walk_sweep(c, collect_visitor, ptrmap_create(c->d->arena));
}

static void plan_needs(Carry *c) {
    c->value_count = c->d->function->value_count;
    c->plans = arena_array(c->d->arena, unsigned char, c->value_count);
    c->stored.count = 0;
    plan_values(c);
}

void carry_plan_anew(Carry *c) {
    collect_needs(c);
    plan_needs(c);
}

bool carry_values(Derive *d, Op *sweep, PtrMap *mirrors, PtrMap *loops) {
    Carry carry = {.d = d, .mirrors = mirrors, .loops = loops, .sweep = sweep};
    Carry *c = &carry;
    d->remade = ptrmap_create(d->arena);
    d->doubled = ptrmap_create(d->arena);
    c->instead = ptrmap_create(d->arena);
    c->copies = ptrmap_create(d->arena);
    c->slots = ptrmap_create(d->arena);
    c->records = ptrmap_create(d->arena);
    c->nests = ptrmap_create(d->arena);
    c->numbers = ptrmap_create(d->arena);
    walk_ops(d->function->body, place_visitor, c);
    if (d->failed)
        return false;
    c->memory = d->sweep_memory;
    run_again(c);
    walk_ops(d->function->body, note_copy, c);
    restore_memory(c);
    collect_needs(c);
    invariant_hand_out(c);
    plan_needs(c);
    valuemap_init(&c->provided, d->arena, d->function);
    valuemap_init(&c->scratch, d->arena, d->function);
    storage_create(c);
    walk_sweep(c, rewrite_op, NULL);
    calls_redirect(d);
    storage_finish(c);
    checkpoint_finish(d, loops);
    free_tape(d);
    drop_dead(c, d->function->body, count_uses(d->arena, d->function));
    return true;
}

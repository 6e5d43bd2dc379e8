// restore.c - memory whose contents the reverse sweep restores: what a store
// overwrites is kept, and put back in the mirror right before the store's own
// reverse. There memory is what it was when the store ran, so that loads can be
// repeated: one value for each store is kept instead of one for each load, as
// where a time step reads an element several times and overwrites it once.
//
// Runs before plan.c decides; where memory is chosen, the stores that put it
// back name forward values as all of the reverse sweep does. Memory is chosen
// in groups, for a store through a pointer may reach several objects. Fit are
// objects that live through both sweeps, and that only plain stores write. What
// is the caller's is restored in one loop only, and then put back as it was
// (put_back.c): the primal's results are there in the end.
#include "differentiate/carry.h"

enum { MOST_GROUPS = 16, MOST_ACCESSES = 400 };

typedef struct Group {
    bool unfit;
    bool lasting; // the caller sees some of it
    bool steady;  // it needs no restoring (steady.c)
    Op *within;   // lasting: the loop in whose mirror it is restored
    Vec(Op *) stores;
    Vec(Op *) loads;
    Vec(Op *) allocs; // that stand in loops
    uint32_t objects;
} Group;

// What was changed for a group, to be taken back where it does not pay.
typedef struct Undone {
    Vec(Op *) ops;           // added
    Vec(Op *) moved, before; // allocs, and what stood behind each
} Undone;

typedef struct Restore {
    Carry *c;
    Arena *arena;
    uint32_t *leader; // by object: one of its group
    Group *groups;    // by object, of leaders
} Restore;

// ---- Groups -----------------------------------------------------------------

static uint32_t find_leader(const Restore *r, uint32_t object) {
    while (r->leader[object] != object)
        object = r->leader[object];
    return object;
}

static Group *group_of(const Restore *r, const Value *address) {
    const MemObject *const *objects;
    if (memory_targets(r->c->memory, address, &objects) == 0)
        return NULL;
    return &r->groups[find_leader(r, objects[0]->id)];
}

static void join_targets(Op *op, void *context) {
    Restore *r = context;
    if (op->adjoint)
        return;
    for (uint32_t i = 0; i < op_address_count(op); i++) {
        const MemObject *const *objects;
        uint32_t count =
            memory_targets(r->c->memory, op->operands[i], &objects);
        for (uint32_t k = 1; k < count; k++)
            r->leader[find_leader(r, objects[k]->id)] =
                find_leader(r, objects[0]->id);
    }
}

static bool in_loop(const Region *region) {
    for (; region->parent; region = region->parent->parent)
        if (region->parent->kind != OP_IF)
            return true;
    return false;
}

// Memory that is there, in one place, in both sweeps.
static bool is_fit(Restore *r, const MemObject *object) {
    Group *group = &r->groups[find_leader(r, object->id)];
    Op *root = object->root ? object->root->op : NULL;
    if (object->kind == MEM_PARAM || object->kind == MEM_CONTENT) {
        group->lasting = true;
        return true;
    }
    if (object->kind == MEM_HEAP)
        return !object->escapes && root->kind == OP_HEAP &&
               !in_loop(root->parent);
    if (object->kind != MEM_LOCAL || object->escapes)
        return false;
    if (!root || root->parent == r->c->d->function->body)
        return true;
    if (root->kind != OP_ALLOC || root->operand_count)
        return false;
    vec_push(r->arena, &group->allocs, root);
    return true;
}

static bool is_number(const Type *type) {
    return type_is_arithmetic(type) && type->kind != TYPE_BOOL;
}

static bool is_bit_field(const Value *address) {
    const Op *op = address->op;
    return op && op->kind == OP_FIELD &&
           op->operands[0]->type->element->record->fields[op->as.field].bits;
}

static bool in_shared(const Carry *c, const Region *region) {
    for (; region->parent; region = region->parent->parent)
        if (carry_is_shared(c, region))
            return true;
    return false;
}

static bool can_undo(const Carry *c, const Op *store) {
    const Value *address = store->operands[0];
    return is_number(store->operands[1]->type) && !is_bit_field(address) &&
           !memory_address_changes_unseen(c->memory, address) &&
           !in_shared(c, store->parent);
}

static void add_access(Op *op, void *context) {
    Restore *r = context;
    if (op->adjoint || (op->kind != OP_LOAD && op->kind != OP_STORE))
        return;
    Group *group = group_of(r, op->operands[0]);
    if (group && op->kind == OP_LOAD)
        vec_push(r->arena, &group->loads, op);
    else if (group)
        vec_push(r->arena, &group->stores, op);
}

// Writes that are no plain stores: calls, copies, frees.
static void find_others(Op *op, void *context) {
    Restore *r = context;
    bool writes = op_info(op->kind)->flags & OPF_WRITES;
    if (op->adjoint || !writes || op->kind == OP_STORE || op->kind == OP_PUSH)
        return;
    for (uint32_t i = 0; i < memory_object_count(r->c->memory); i++) {
        Group *group = &r->groups[i];
        group->unfit |= group->stores.count == 0 ||
                        group->stores.count > MOST_ACCESSES ||
                        group->loads.count > MOST_ACCESSES;
        for (size_t k = 0; !group->unfit && k < group->loads.count; k++)
            group->unfit = memory_op_may_write(
                r->c->memory, op, group->loads.items[k]->operands[0]);
    }
}

static void find_groups(Restore *r) {
    const MemoryInfo *memory = r->c->memory;
    Region *body = r->c->d->function->body;
    uint32_t count = memory_object_count(memory);
    r->leader = arena_array(r->arena, uint32_t, count);
    r->groups = arena_array(r->arena, Group, count);
    for (uint32_t i = 0; i < count; i++)
        r->leader[i] = i;
    walk_ops(body, join_targets, r);
    for (uint32_t i = 0; i < count; i++)
        r->groups[find_leader(r, i)].objects++;
    for (uint32_t i = 0; i < count; i++)
        if (!is_fit(r, memory_object(memory, i)))
            r->groups[find_leader(r, i)].unfit = true;
    walk_ops(body, add_access, r);
    walk_ops(body, find_others, r);
}

// ---- What has to be undone --------------------------------------------------

static bool is_within(const Op *loop, const Op *op) {
    return !loop || region_contains(loop_body(loop), op->parent);
}

static Op *outermost_loop(const Op *op) {
    Op *outermost = NULL;
    for (const Region *r = op->parent; r->parent; r = r->parent->parent)
        if (r->parent->kind != OP_IF)
            outermost = r->parent;
    return outermost;
}

// Whether it may overwrite what a load of the group has read, there.
static bool may_follow_load(const Restore *r, const Group *group,
                            const Op *store) {
    for (size_t i = 0; i < group->loads.count; i++) {
        const Op *load = group->loads.items[i];
        if (is_within(group->within, load) &&
            memory_may_follow(r->c->memory, store, load))
            return true;
    }
    return false;
}

// The loop in which the caller's memory is read, then overwritten.
static bool find_loop(const Restore *r, Group *group) {
    for (size_t i = 0; group->lasting && i < group->stores.count; i++) {
        Op *loop = outermost_loop(group->stores.items[i]);
        if (group->within == loop)
            continue;
        if (group->within || !loop)
            return false;
        group->within = loop;
    }
    return !group->lasting || ptrmap_has(r->c->loops, group->within);
}

// Whether the store is the first to write there, so that no load before it has
// read anything: the memory is made right before, once.
static bool is_first(const Restore *r, const Op *store) {
    const Value *base = store->operands[0];
    while (base->op &&
           (base->op->kind == OP_INDEX || base->op->kind == OP_ELEM ||
            base->op->kind == OP_FIELD))
        base = base->op->operands[0];
    if (store->parent != r->c->d->function->body || !base->op ||
        base->op->kind != OP_ALLOC)
        return false;
    for (const Op *op = store->previous; op; op = op->previous) {
        if (op == base->op)
            return true;
        if (memory_op_may_write(r->c->memory, op, store->operands[0]))
            return false;
    }
    return false;
}

// Stores that may follow a load. False where one of them cannot be undone.
static bool select_stores(const Restore *r, Group *group) {
    const Carry *c = r->c;
    size_t kept = 0;
    for (size_t i = 0; i < group->stores.count; i++) {
        Op *store = group->stores.items[i];
        if (is_first(r, store) || !may_follow_load(r, group, store))
            continue;
        if (!can_undo(c, store) || !ptrmap_has(c->d->turns, store))
            return false;
        group->stores.items[kept++] = store;
    }
    group->stores.count = kept;
    if (!find_loop(r, group))
        return false;
    for (size_t i = 0; group->lasting && i < kept; i++)
        if (!put_back_can(c, group->within, group->stores.items[i]))
            return false;
    return kept > 0;
}

// One array that a loop fills again and again with the same numbers, each time
// before it is read.
static bool is_steady(const Restore *r, const Group *group) {
    if (group->objects != 1 || group->lasting || group->allocs.count != 1 ||
        group->stores.count != 1)
        return false;
    const Op *alloc = group->allocs.items[0], *store = group->stores.items[0];
    const Op *filling = in_shared(r->c, alloc->parent)
                            ? NULL
                            : steady_filling(r->c, alloc, store);
    for (size_t i = 0; filling && i < group->loads.count; i++) {
        Op *load = group->loads.items[i];
        if (!region_contains(alloc->parent, load->parent))
            return false;
        const Op *reader = carry_ancestor(load, alloc->parent);
        if (reader == filling || !carry_precedes(filling, reader))
            return false;
    }
    return filling;
}

// What the store overwrites: a value that is known from an earlier load or
// store, or read for this.
static Value *old_value(Restore *r, Undone *undone, Op *store) {
    Value *address = store->operands[0];
    const MemoryInfo *memory = r->c->memory;
    for (Op *op = store->previous; op; op = op->previous) {
        bool same = (op->kind == OP_LOAD || op->kind == OP_STORE) &&
                    memory_must_alias(memory, op->operands[0], address);
        if (same && op->kind == OP_LOAD)
            return op->results[0];
        if (same)
            return op->operands[1];
        if (memory_op_may_write(memory, op, address))
            break;
    }
    Builder b = builder_before(store);
    Value *old = build_load(&b, address);
    vec_push(r->arena, &undone->ops, old->op);
    return old;
}

static void undo_store(Restore *r, Undone *undone, Op *store) {
    Value *old = old_value(r, undone, store);
    Builder b = builder_after(ptrmap_get(r->c->d->turns, store));
    b.origin = store->origin;
    b.adjoint = true;
    Op *undo = build_store(&b, store->operands[0], old);
    vec_push(r->arena, &undone->ops, undo);
    ptrmap_set(r->c->undone, store, undo);
}

static void move_alloc(Restore *r, Undone *undone, Op *alloc) {
    vec_push(r->arena, &undone->moved, alloc);
    vec_push(r->arena, &undone->before, alloc->next);
    carry_move_to_top(r->c, alloc);
}

static void apply(Restore *r, Group *group, Undone *undone) {
    for (size_t i = 0; i < group->allocs.count; i++)
        move_alloc(r, undone, group->allocs.items[i]);
    for (size_t i = 0; i < group->stores.count; i++)
        undo_store(r, undone, group->stores.items[i]);
}

static void take_back(Restore *r, const Group *group, Undone *undone) {
    for (size_t i = 0; i < group->stores.count; i++)
        ptrmap_set(r->c->undone, group->stores.items[i], NULL);
    for (size_t i = undone->ops.count; i-- > 0;)
        op_remove(undone->ops.items[i]);
    for (size_t i = undone->moved.count; i-- > 0;) {
        Builder b = builder_before(undone->before.items[i]);
        op_move(&b, undone->moved.items[i]);
    }
}

// ---- Choosing ---------------------------------------------------------------

static void mark(const Restore *r, const Group *group, bool restored) {
    for (uint32_t i = 0; i < memory_object_count(r->c->memory); i++)
        if (&r->groups[find_leader(r, i)] == group) {
            r->c->restored[i] = restored;
            r->c->restored_in[i] = group->within;
            r->c->steady[i] = restored && group->steady;
        }
}

// Of putting values back.
static double undo_cost(const Restore *r, const Group *group) {
    enum { PUT_BACK = 6 };
    double cost = 0;
    for (size_t i = 0; i < group->stores.count; i++)
        cost += (double)plan_frequency(r->c, group->stores.items[i]->parent);
    return cost * PUT_BACK;
}

// What was read and never set before reads as zero, in every compiler's eyes.
static void clear_moved(const Undone *undone) {
    for (size_t i = 0; i < undone->moved.count; i++) {
        const Op *alloc = undone->moved.items[i];
        Builder b = builder_after((Op *)alloc);
        if (!alloc->next || alloc->next->kind != OP_ZERO)
            build_zero(&b, alloc->results[0]);
    }
}

static void try_group(Restore *r, Group *group, double *best) {
    Undone undone = {0};
    apply(r, group, &undone);
    mark(r, group, true);
    carry_plan_anew(r->c);
    double cost = r->c->cost + undo_cost(r, group);
    if (cost < *best) {
        *best = cost;
        clear_moved(&undone);
        for (size_t i = 0; group->lasting && i < group->stores.count; i++)
            put_back_build(r->c, group->within, group->stores.items[i]);
    } else {
        take_back(r, group, &undone);
        mark(r, group, false);
    }
}

void restore_memory(Carry *c) {
    Restore r = {.c = c, .arena = c->d->arena};
    uint32_t count = memory_object_count(c->memory);
    if (c->d->split || c->d->disabled & DIFFERENTIATE_RESTORE)
        return;
    find_groups(&r);
    c->restored = arena_array(r.arena, bool, count);
    c->undone = ptrmap_create(r.arena);
    c->restored_in = arena_array(r.arena, const Op *, count);
    c->steady = arena_array(r.arena, bool, count);
    double best = -1;
    uint32_t tried = 0;
    for (uint32_t i = 0; i < count && tried < MOST_GROUPS; i++) {
        Group *group = &r.groups[i];
        if (r.leader[i] != i || group->unfit || group->loads.count == 0)
            continue;
        group->steady = is_steady(&r, group);
        if (group->steady)
            group->stores.count = 0; // none is undone
        else if (!select_stores(&r, group))
            continue;
        if (tried++ == 0) {
            carry_plan_anew(c);
            best = c->cost;
        }
        try_group(&r, group, &best);
    }
}

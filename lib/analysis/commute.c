// commute.c - loops whose iterations meet in sums at most, so that they can run
// in any order. Reads: IR, and the answers of memory.c and section.c.
//
// Two iterations meet in what the loop carries and in memory. A carried value
// allows any order where it is a sum (s + contributions that have nothing to
// do with s), or the same all the time. An object allows it where it is only
// read or only added to (*p += w), where each iteration reaches elements of its
// own, or where the iteration itself makes it and lets it go.
#include "analysis/memory_internal.h"

// ---- Sums -------------------------------------------------------------------

bool sum_reaches(const uint32_t *uses, const Value *value, const Value *from,
                 uint32_t *count) {
    if (value == from) {
        (*count)++;
        return true;
    }
    const Op *op = value->op;
    if (!op || uses[value->id] != 1)
        return false;
    if (op->kind == OP_ADD)
        return sum_reaches(uses, op->operands[0], from, count) ||
               sum_reaches(uses, op->operands[1], from, count);
    if (op->kind == OP_SUB)
        return sum_reaches(uses, op->operands[0], from, count);
    if (op->kind == OP_IF) {
        for (uint32_t r = 0; r < 2; r++) {
            const Op *yield = region_terminator(op->regions[r]);
            if (!sum_reaches(uses, yield->operands[value->index], from, count))
                return false;
        }
        return true;
    }
    if (op->kind != OP_FOR)
        return false;
    return loop_carries_sum(op, value->index, uses) &&
           sum_reaches(uses, loop_initial(op, value->index), from, count);
}

bool loop_carries_sum(const Op *loop, uint32_t i, const uint32_t *uses) {
    const Value *param = loop_param(loop, i);
    uint32_t count = 0;
    return sum_reaches(uses, loop_next(loop, i), param, &count) &&
           count == uses[param->id];
}

bool loop_passes_through(const Op *loop, uint32_t i) {
    const Value *next = loop_next(loop, i);
    return next == loop_param(loop, i) ||
           (value_is_zero(next) && value_is_zero(loop_initial(loop, i)));
}

// Whether the store puts back what the load read plus contributions, and
// nothing else sees what was read.
static bool adds_to(const uint32_t *uses, const Op *load, const Op *store) {
    const Value *loaded = load->results[0], *sum = store->operands[1];
    uint32_t count = 0;
    return sum != loaded && uses[loaded->id] == 1 &&
           sum_reaches(uses, sum, loaded, &count) && count == 1;
}

// The store of *p = *p + w, of its load; NULL where it is none.
static const Op *addition_of(const MemoryInfo *memory, const Op *load,
                             const uint32_t *uses) {
    for (const Op *op = load->next; op; op = op->next) {
        if (op->kind == OP_STORE &&
            memory_must_alias(memory, op->operands[0], load->operands[0]))
            return adds_to(uses, load, op) ? op : NULL;
        if (memory_op_may_write(memory, op, load->operands[0]))
            return NULL;
    }
    return NULL;
}

static const Op *load_of(const MemoryInfo *memory, const Op *store,
                         const Value *value, const uint32_t *uses) {
    const Op *op = value->op;
    if (!op || op->parent != store->parent)
        return NULL;
    if (op->kind == OP_LOAD &&
        memory_must_alias(memory, op->operands[0], store->operands[0]))
        return op;
    if (op->kind != OP_ADD && op->kind != OP_SUB)
        return NULL;
    const Op *load = load_of(memory, store, op->operands[0], uses);
    return load || op->kind == OP_SUB
               ? load
               : load_of(memory, store, op->operands[1], uses);
}

bool op_is_addition(const MemoryInfo *memory, const Op *op,
                    const uint32_t *uses) {
    if (op->kind == OP_LOAD)
        return addition_of(memory, op, uses) != NULL;
    if (op->kind != OP_STORE)
        return false;
    const Op *load = load_of(memory, op, op->operands[1], uses);
    return load && addition_of(memory, load, uses) == op;
}

// ---- Memory -----------------------------------------------------------------

uint32_t op_address_count(const Op *op) {
    if (op->kind == OP_COPY)
        return 2;
    return op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_ZERO ||
           op->kind == OP_FREE;
}

// What happens to one object in the loop.
typedef struct Touch {
    bool written;
    bool others; // by other ways than sums
} Touch;

typedef struct Access {
    const Value *address;
    bool writes, others;
} Access;

typedef struct Commuting {
    Arena *arena;
    const MemoryInfo *memory;
    const Op *loop;
    const uint32_t *uses;
    Touch *touched; // by object
    Vec(Access) accesses;
    bool unknown_read, any_write;
    bool sums;
} Commuting;

static bool touch(Commuting *c, const Value *address, bool writes,
                  bool others) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(c->memory, address, &objects);
    if (memory_address_changes_unseen(c->memory, address))
        return false;
    Access access = {address, writes, others};
    vec_push(c->arena, &c->accesses, access);
    c->any_write |= writes;
    for (uint32_t i = 0; i < count; i++) {
        if (objects[i]->kind == MEM_UNKNOWN && writes)
            return false;
        c->unknown_read |= objects[i]->kind == MEM_UNKNOWN;
        c->touched[objects[i]->id].written |= writes;
        c->touched[objects[i]->id].others |= others;
    }
    return true;
}

// The tape knows an order, and so do calls, as far as we know.
static bool is_ordered(const Op *op) {
    return op->kind == OP_CALL || op->kind == OP_REALLOC ||
           op->kind == OP_PUSH || op->kind == OP_POP || op->kind == OP_TAPE ||
           op->kind == OP_TAPE_FREE || op->kind == OP_CHECKPOINT ||
           op->kind == OP_HEAP || op->kind == OP_FREE;
}

static bool touch_region(Commuting *c, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (is_ordered(op))
            return false;
        bool others = !op_is_addition(c->memory, op, c->uses);
        for (uint32_t i = 0; i < op_address_count(op); i++)
            if (!touch(c, op->operands[i], op->kind != OP_LOAD && i == 0,
                       others))
                return false;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (!touch_region(c, op->regions[r]))
                return false;
    }
    return true;
}

// Whether the address leads to the object, and to nothing else.
static bool leads_to(const MemoryInfo *memory, const Value *address,
                     uint32_t object, bool *alone) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(memory, address, &objects);
    *alone = count == 1;
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->id == object)
            return true;
    return false;
}

static bool has_own_elements(Commuting *c, uint32_t object) {
    Vec(const Value *) list = {0};
    for (size_t i = 0; i < c->accesses.count; i++) {
        bool alone;
        const Value *address = c->accesses.items[i].address;
        if (!leads_to(c->memory, address, object, &alone))
            continue;
        if (!alone)
            return false;
        vec_push(c->arena, &list, address);
    }
    return section_is_own(c->loop, list.items, list.count);
}

// Which accesses may reach what the first of them does, by the pointer that
// they start from.
static bool by_base(Commuting *c, size_t first, const Value **list,
                    size_t *count, Touch *touch) {
    const Value *address = c->accesses.items[first].address;
    *count = 0;
    *touch = (Touch){false, false};
    for (size_t i = 0; i < c->accesses.count; i++) {
        const Access *access = &c->accesses.items[i];
        if (memory_apart(c->memory, address, access->address))
            continue;
        touch->written |= access->writes;
        touch->others |= access->others;
        list[(*count)++] = access->address;
    }
    return !touch->written || section_is_own(c->loop, list, *count);
}

// For pointers that lead to several objects, but each time to different ones.
static bool pointers_allow(Commuting *c) {
    enum { MOST = 100 };
    const Value *list[MOST];
    size_t count;
    if (c->accesses.count > MOST)
        return false;
    for (size_t i = 0; i < c->accesses.count; i++) {
        Touch touch;
        if (by_base(c, i, list, &count, &touch))
            continue;
        c->sums = true;
        if (touch.others)
            return false;
    }
    return true;
}

static bool is_made_inside(const Commuting *c, const MemObject *object) {
    return object->kind == MEM_LOCAL && object->root->op &&
           region_contains(loop_body(c->loop), object->root->op->parent);
}

static ObjectUse use_of(Commuting *c, uint32_t id) {
    const Touch *touch = &c->touched[id];
    if (!touch->written)
        return OBJECT_READ;
    if (is_made_inside(c, memory_object(c->memory, id)))
        return OBJECT_INSIDE;
    if (has_own_elements(c, id))
        return OBJECT_OWN;
    return touch->others ? OBJECT_SHARED : OBJECT_SUMMED;
}

static bool object_allows(Commuting *c, uint32_t id) {
    ObjectUse use = use_of(c, id);
    c->sums |= use == OBJECT_SUMMED;
    return use != OBJECT_SHARED;
}

static bool carried_allow(Commuting *c) {
    for (uint32_t i = 0; i < loop_carried_count(c->loop); i++) {
        if (loop_passes_through(c->loop, i))
            continue;
        c->sums = true;
        if (!loop_carries_sum(c->loop, i, c->uses))
            return false;
    }
    return true;
}

static bool start(Commuting *c) {
    c->touched = arena_array(c->arena, Touch, memory_object_count(c->memory));
    return carried_allow(c) && touch_region(c, loop_body(c->loop)) &&
           !(c->unknown_read && c->any_write);
}

bool loop_object_uses(Arena *arena, const MemoryInfo *memory, const Op *loop,
                      const uint32_t *uses, ObjectUse *by_object) {
    Commuting c = {
        .arena = arena, .memory = memory, .loop = loop, .uses = uses};
    if (!start(&c))
        return false;
    for (uint32_t i = 0; i < memory_object_count(memory); i++)
        by_object[i] = use_of(&c, i);
    return true;
}

Commute loop_commutes(Arena *arena, const MemoryInfo *memory, const Op *loop,
                      const uint32_t *uses) {
    Commuting c = {
        .arena = arena, .memory = memory, .loop = loop, .uses = uses};
    if (!start(&c))
        return COMMUTE_NOT;
    uint32_t count = memory_object_count(memory);
    bool sums = c.sums, allowed = true;
    for (uint32_t i = 0; i < count; i++)
        allowed = allowed && object_allows(&c, i);
    if (!allowed) {
        c.sums = sums;
        if (!pointers_allow(&c))
            return COMMUTE_NOT;
    }
    return c.sums ? COMMUTE_BUT_FOR_ROUNDING : COMMUTE_FULLY;
}

static bool only_adds(const Commuting *c, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (is_ordered(op) ||
            (op->kind != OP_LOAD && op_address_count(op) > 0 &&
             !op_is_addition(c->memory, op, c->uses)))
            return false;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (!only_adds(c, op->regions[r]))
                return false;
    }
    return true;
}

bool loop_only_adds(const MemoryInfo *memory, const Op *loop,
                    const uint32_t *uses) {
    Commuting c = {.memory = memory, .loop = loop, .uses = uses};
    return carried_allow(&c) && only_adds(&c, loop_body(loop));
}

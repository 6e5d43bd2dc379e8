// cse.c - the pass `cse`: common subexpressions, and loads of one address that
// nothing may write between. Reads and changes: a function.
//
// One walk. An expression is known from its place to the end of its region,
// nested regions included; the first one stays, where it is. A load is known
// as long as nothing may write its address; it is known in a loop only if the
// loop does not. Nothing is computed earlier than it was.
#include "optimize/passes.h"

#include <string.h>

enum { MAX_LOADS = 48 }; // known at a time; the oldest is forgotten

typedef struct Known {
    Op *op;
    uint64_t hash;
    struct Known *next; // in its bucket
} Known;

typedef Vec(Op *) Loads;

typedef struct Cse {
    Arena *arena;
    MemoryInfo *memory;
    ValueMap map;
    Known **buckets;
    size_t bucket_count;  // a power of two
    Vec(Known *) entered; // of the regions around, in order
    Loads loads;
    bool changed;
} Cse;

// ---- Equal expressions ------------------------------------------------------

static bool same_results(const Op *a, const Op *b) {
    if (a->result_count != b->result_count)
        return false;
    for (uint32_t i = 0; i < a->result_count; i++)
        if (!type_interchangeable(a->results[i]->type, b->results[i]->type))
            return false;
    return true;
}

static bool same_constant(const Op *a, const Op *b) {
    return a->as.constant.integer == b->as.constant.integer &&
           memcmp(&a->as.constant.real, &b->as.constant.real,
                  sizeof(double)) == 0 && // tells -0.0 from 0.0
           memcmp(&a->as.constant.imaginary, &b->as.constant.imaginary,
                  sizeof(double)) == 0 &&
           string_equal(a->as.constant.spelling, b->as.constant.spelling);
}

static bool same_attribute(const Op *a, const Op *b) {
    if (a->kind == OP_CONST)
        return same_constant(a, b);
    if (a->kind == OP_STRING)
        return string_equal(a->as.text, b->as.text);
    if (a->kind == OP_FUNCTION)
        return a->as.callee == b->as.callee;
    if (a->kind == OP_GLOBAL)
        return a->as.global == b->as.global;
    if (a->kind == OP_FIELD)
        return a->as.field == b->as.field;
    if (a->kind == OP_SELECT)
        return a->as.guard == b->as.guard;
    return a->kind != OP_MATH || a->as.math == b->as.math;
}

static bool commutes(const Op *op) {
    return op_info(op->kind)->flags & OPF_COMMUTES;
}

static bool same_operands(const Op *a, const Op *b) {
    if (a->operand_count != b->operand_count)
        return false;
    if (commutes(a) && a->operands[0] == b->operands[1] &&
        a->operands[1] == b->operands[0])
        return true;
    for (uint32_t i = 0; i < a->operand_count; i++)
        if (a->operands[i] != b->operands[i])
            return false;
    return true;
}

static bool same_expression(const Op *a, const Op *b) {
    return a->kind == b->kind && same_operands(a, b) && same_attribute(a, b) &&
           same_results(a, b);
}

static uint64_t mix(uint64_t hash, uint64_t more) {
    hash ^= more + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2);
    return hash * UINT64_C(0xff51afd7ed558ccd);
}

static uint64_t hash_attribute(const Op *op) {
    if (op->kind == OP_CONST) {
        uint64_t bits;
        memcpy(&bits, &op->as.constant.real, sizeof bits);
        return mix((uint64_t)op->as.constant.integer, bits);
    }
    if (op->kind == OP_FIELD)
        return op->as.field;
    if (op->kind == OP_MATH)
        return op->as.math;
    return op->kind == OP_GLOBAL ? (uint64_t)(uintptr_t)op->as.global : 0;
}

static uint64_t hash_of(const Op *op) {
    uint64_t hash = mix(op->kind, hash_attribute(op));
    hash = mix(hash, op->results[0]->type->kind);
    if (commutes(op))
        return mix(hash, op->operands[0]->id + (uint64_t)op->operands[1]->id);
    for (uint32_t i = 0; i < op->operand_count; i++)
        hash = mix(hash, op->operands[i]->id);
    return hash ^ hash >> 31;
}

// ---- The table --------------------------------------------------------------

static Known **bucket(const Cse *c, uint64_t hash) {
    return &c->buckets[hash & (c->bucket_count - 1)];
}

static Known *find(const Cse *c, const Op *op, uint64_t hash) {
    Known *known = *bucket(c, hash);
    while (known && (known->hash != hash || !same_expression(known->op, op)))
        known = known->next;
    return known;
}

static void enter(Cse *c, Op *op, uint64_t hash) {
    Known *known = arena_new(c->arena, Known);
    *known = (Known){op, hash, *bucket(c, hash)};
    *bucket(c, hash) = known;
    vec_push(c->arena, &c->entered, known);
}

// In a bucket, what was entered last comes first.
static void forget_entered(Cse *c, size_t count) {
    while (c->entered.count > count) {
        const Known *known = c->entered.items[--c->entered.count];
        *bucket(c, known->hash) = known->next;
    }
}

// ---- Operations -------------------------------------------------------------

static void replace(Cse *c, Op *op, const Op *by) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        pass_on_name(op->results[i], by->results[i]);
        valuemap_set(&c->map, op->results[i], by->results[i]);
    }
    op_remove(op);
    c->changed = true;
}

// The primal must not depend on what follows the algebra of derivatives.
static bool may_stand_for(const Op *known, const Op *op) {
    return op->adjoint || !known->adjoint || known->kind == OP_CONST ||
           !type_is_float(known->results[0]->type);
}

static void visit_pure(Cse *c, Op *op) {
    uint64_t hash = hash_of(op);
    Known *known = find(c, op, hash);
    if (known && may_stand_for(known->op, op))
        replace(c, op, known->op);
    else
        enter(c, op, hash);
}

static void visit_load(Cse *c, Op *op) {
    for (size_t i = c->loads.count; i-- > 0;) {
        Op *known = c->loads.items[i];
        if (known->operands[0] == op->operands[0] && same_results(known, op)) {
            replace(c, op, known);
            return;
        }
    }
    if (c->loads.count == MAX_LOADS) {
        memmove(c->loads.items, c->loads.items + 1,
                (MAX_LOADS - 1) * sizeof *c->loads.items);
        c->loads.count--;
    }
    vec_push(c->arena, &c->loads, op);
}

static void forget_written(Cse *c, const Op *op) {
    size_t left = 0;
    for (size_t i = 0; i < c->loads.count; i++) {
        Op *load = c->loads.items[i];
        if (!memory_op_may_write(c->memory, op, load->operands[0]))
            c->loads.items[left++] = load;
    }
    c->loads.count = left;
}

static void visit_region(Cse *c, Region *region);

// What is known before the operation, less what it writes, is known in each of
// its regions (those of an if do not disturb one another) and behind it.
static void visit_regions(Cse *c, Op *op) {
    bool is_if = op->kind == OP_IF;
    if (!is_if)
        forget_written(c, op);
    Loads before = c->loads;
    for (uint32_t r = 0; r < op->region_count; r++) {
        size_t entered = c->entered.count;
        c->loads = (Loads){0};
        for (size_t i = 0; i < before.count; i++)
            vec_push(c->arena, &c->loads, before.items[i]);
        visit_region(c, op->regions[r]);
        forget_entered(c, entered);
    }
    c->loads = before;
    if (is_if)
        forget_written(c, op);
}

static bool is_shareable(const Op *op) {
    return (op_info(op->kind)->flags & OPF_PURE) && op->result_count &&
           op->kind != OP_UNDEF;
}

static void visit(Cse *c, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = valuemap_apply(&c->map, op->operands[i]);
    if (op->region_count)
        visit_regions(c, op);
    else if (op->kind == OP_LOAD)
        visit_load(c, op);
    else if (is_shareable(op))
        visit_pure(c, op);
    else if (op_writes_memory(op))
        forget_written(c, op);
}

static void visit_region(Cse *c, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        visit(c, op);
    }
}

bool pass_cse(Function *function) {
    Arena *arena = arena_create();
    Cse c = {.arena = arena, .memory = memory_analyse(arena, function)};
    valuemap_init(&c.map, arena, function);
    c.bucket_count = 64;
    while (c.bucket_count < function->value_count)
        c.bucket_count *= 2;
    c.buckets = arena_array(arena, Known *, c.bucket_count);
    visit_region(&c, function->body);
    arena_destroy(arena);
    return c.changed;
}

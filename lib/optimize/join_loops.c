// join_loops.c - the pass `join`: two loops over the same numbers, one right
// behind the other, become one where each of its iterations only needs what the
// same iteration of the first has made. Reads and changes: a function. Scratch
// arrays between them become scalars then, and what both load is loaded once.
//
// Loops that carry values stay apart: one that sums up, in order, would keep
// the other one from becoming vector code. So do loops around others: more is
// gained by iterations that go through the loops inside together (jam.c).
#include "optimize/passes.h"

enum { MOST_ACCESSES = 64, MOST_OPERATIONS = 300, MOST_JOINS = 50 };

typedef struct Access {
    const Value *address;
    bool writes;
} Access;

typedef struct Accesses {
    Access items[MOST_ACCESSES];
    uint32_t count, operations;
    bool unfit;
} Accesses;

typedef struct Join {
    Arena *arena;
    MemoryInfo *memory;
    int left; // joins that may still be made: each costs an analysis
} Join;

static void add_access(Accesses *a, const Value *address, bool writes) {
    if (a->count == MOST_ACCESSES)
        a->unfit = true;
    else
        a->items[a->count++] = (Access){address, writes};
}

static void find_accesses(Op *op, void *context) {
    Accesses *a = context;
    unsigned flags = op_info(op->kind)->flags;
    a->operations++;
    if (op->kind == OP_LOAD || op->kind == OP_STORE)
        add_access(a, op->operands[0], op->kind == OP_STORE);
    else if (flags & (OPF_READS | OPF_WRITES | OPF_EFFECT))
        a->unfit = true;
}

static bool find_all(const Join *j, const Op *loop, Accesses *a) {
    *a = (Accesses){.unfit = false};
    walk_ops(loop_body(loop), find_accesses, a);
    for (uint32_t i = 0; i < a->count && !a->unfit; i++)
        a->unfit =
            memory_address_changes_unseen(j->memory, a->items[i].address);
    return !a->unfit && a->operations <= MOST_OPERATIONS;
}

static bool is_innermost(const Op *loop) {
    for (const Op *op = loop_body(loop)->first; op; op = op->next)
        if (op->kind == OP_FOR || op->kind == OP_WHILE)
            return false;
    return true;
}

static bool is_plain(const Op *op) {
    return op->kind == OP_FOR && loop_carried_count(op) == 0 &&
           !op->as.loop.info && !op->as.loop.fusion && !op->adjoint &&
           is_innermost(op);
}

static bool same_numbers(const Op *a, const Op *b) {
    for (int i = FOR_BEGIN; i <= FOR_STEP; i++)
        if (!values_equal(a->operands[i], b->operands[i]))
            return false;
    return a->as.loop.compare == b->as.loop.compare &&
           a->as.loop.reversed == b->as.loop.reversed;
}

// Whether the operation can just as well stand before the loop.
static bool can_precede(const Join *j, const Op *op, const Op *loop) {
    if (op->region_count)
        return op_is_pure(op);
    if (op->kind == OP_LOAD)
        return !memory_op_may_write(j->memory, loop, op->operands[0]);
    return op_info(op->kind)->flags & OPF_PURE || op->kind == OP_ALLOC;
}

// The loop behind, with nothing between that has to stay there; or NULL.
static Op *next_loop(const Join *j, const Op *loop) {
    for (Op *op = loop->next; op; op = op->next) {
        if (op->kind == OP_FOR)
            return op;
        if (op_info(op->kind)->flags & OPF_TERMINATOR ||
            !can_precede(j, op, loop))
            return NULL;
    }
    return NULL;
}

// The order of the accesses stays; some share what they reach.
static bool may_join(const Join *j, const Op *a, const Op *b) {
    Accesses first, second;
    bool shared = false;
    if (!find_all(j, a, &first) || !find_all(j, b, &second))
        return false;
    for (uint32_t i = 0; i < first.count; i++)
        for (uint32_t k = 0; k < second.count; k++) {
            const Access *x = &first.items[i], *y = &second.items[k];
            if (memory_apart(j->memory, x->address, y->address))
                continue;
            bool at_once = section_meets_at_once(a, x->address, b, y->address);
            if ((x->writes || y->writes) && !at_once)
                return false;
            shared |= at_once && !y->writes;
        }
    return shared;
}

static void join(Op *a, Op *b) {
    ValueMap map;
    Function *function = a->parent->function;
    for (Op *op = a->next, *next; op != b; op = next) {
        next = op->next;
        Builder before = builder_before(a);
        op_move(&before, op);
    }
    valuemap_init(&map, function->module->arena, function);
    valuemap_set(&map, loop_index(b), loop_index(a));
    remap_region(loop_body(b), &map);
    Op *end = region_terminator(loop_body(a));
    for (Op *op = loop_body(b)->first, *next;
         op != region_terminator(loop_body(b)); op = next) {
        next = op->next;
        Builder behind = builder_before(end);
        op_move(&behind, op);
    }
    op_remove(b);
}

static void join_followers(Join *j, Op *loop) {
    while (is_plain(loop) && j->left > 0) {
        Op *other = next_loop(j, loop);
        if (!other || !is_plain(other) || !same_numbers(loop, other) ||
            !may_join(j, loop, other))
            return;
        join(loop, other);
        j->left--;
        j->memory = memory_analyse(j->arena, loop->parent->function);
    }
}

static void join_region(Join *j, Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        join_followers(j, op);
        for (uint32_t r = 0; r < op->region_count; r++)
            join_region(j, op->regions[r]);
    }
}

bool pass_join(Function *function) {
    Arena *arena = arena_create();
    Join j = {arena, memory_analyse(arena, function), MOST_JOINS};
    join_region(&j, function->body);
    arena_destroy(arena);
    return j.left < MOST_JOINS;
}

// dce.c - removes what nobody needs. Reads and changes: a function. Needed are
// effects, and what they and the result are computed from. Not needed: pure
// operations and loads without uses, results of ifs and carried values of loops
// that only feed themselves, loops and ifs without effects, and locals, structs
// passed by value and heap memory that are only written (with the writes).
#include "optimize/passes.h"

typedef Vec(Op *) OpList;

typedef struct Sweeper {
    Function *function;
    Arena *arena;
    bool *needed;      // by value
    uint32_t count;    // of values
    PtrMap *live;      // operations that stay
    PtrMap *writes;    // of storage: OpList of what only writes it
    Vec(Value *) todo; // values just found to be needed
    bool changed;
} Sweeper;

static void need(Sweeper *s, Value *value) {
    if (s->needed[value->id])
        return;
    s->needed[value->id] = true;
    vec_push(s->arena, &s->todo, value);
}

// ---- Writes to storage that may be read nowhere -----------------------------

// The local, heap memory or struct passed by value that an address is visibly
// made from.
static const Value *storage_of(const Function *function, const Value *address) {
    while (address->op &&
           (address->op->kind == OP_INDEX || address->op->kind == OP_ELEM ||
            address->op->kind == OP_FIELD || address->op->kind == OP_CAST) &&
           type_is_pointer(address->op->operands[0]->type))
        address = address->op->operands[0];
    bool storage =
        address->op
            ? address->op->kind == OP_ALLOC || address->op->kind == OP_HEAP
            : address->region == function->body &&
                  function->params[address->index].by_value_record;
    return storage ? address : NULL;
}

// The storage that the operation does nothing but write, or free.
static const Value *only_writes(const Function *function, const Op *op) {
    bool writes = op->kind == OP_STORE || op->kind == OP_COPY ||
                  op->kind == OP_ZERO || op->kind == OP_FREE;
    return writes ? storage_of(function, op->operands[0]) : NULL;
}

// ---- Marking ----------------------------------------------------------------

// The operation stays; its results may still be unused.
static void keep_op(Sweeper *s, Op *op) {
    if (ptrmap_has(s->live, op))
        return;
    ptrmap_set(s->live, op, op);
    if (op->parent->parent)
        keep_op(s, op->parent->parent);
    uint32_t operands = op->operand_count;
    if (op->kind == OP_FOR)
        operands = FOR_FIRST_INITIAL;
    if (op->kind == OP_WHILE || op->kind == OP_YIELD)
        operands = 0; // needed one by one, as the results are
    for (uint32_t i = 0; i < operands; i++)
        need(s, op->operands[i]);
    for (uint32_t r = 0; r < op->region_count; r++)
        keep_op(s, region_terminator(op->regions[r]));
}

static void need_carried(Sweeper *s, Op *loop, uint32_t i) {
    keep_op(s, loop);
    need(s, loop_initial(loop, i));
    need(s, loop_next(loop, i));
    need(s, loop_param(loop, i)); // so that all of them stay together
}

static void mark_value(Sweeper *s, Value *value) {
    OpList *writes = ptrmap_get(s->writes, value);
    for (size_t i = 0; writes && i < writes->count; i++)
        keep_op(s, writes->items[i]);
    Op *op = value->op ? value->op : value->region->parent;
    if (!op)
        return; // a parameter of the function
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    if (is_loop && value->op)
        need_carried(s, op, value->index);
    else if (is_loop && value != loop_index(op))
        need_carried(s, op, value->index - (op->kind == OP_FOR));
    else
        keep_op(s, op);
    if (op->kind == OP_IF)
        for (uint32_t r = 0; r < op->region_count; r++)
            need(s, region_terminator(op->regions[r])->operands[value->index]);
}

static bool is_root(const Op *op) {
    unsigned flags = op_info(op->kind)->flags;
    if (op->kind == OP_ALLOC || op->kind == OP_HEAP || op->kind == OP_YIELD ||
        op->kind == OP_CONDITION || op->kind == OP_TAPE)
        return false;
    return flags & (OPF_WRITES | OPF_EFFECT | OPF_TERMINATOR);
}

static void find_roots(Sweeper *s, Region *region) {
    for (Op *op = region->first; op; op = op->next) {
        const Value *storage = only_writes(s->function, op);
        if (storage) {
            OpList *list = ptrmap_get(s->writes, storage);
            if (!list) {
                list = arena_new(s->arena, OpList);
                ptrmap_set(s->writes, storage, list);
            }
            vec_push(s->arena, list, op);
        } else if (is_root(op)) {
            keep_op(s, op);
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            find_roots(s, op->regions[r]);
    }
}

static void mark(Sweeper *s) {
    while (s->todo.count)
        mark_value(s, s->todo.items[--s->todo.count]);
}

// ---- Sweeping ---------------------------------------------------------------

static bool carried_is_needed(const Sweeper *s, const Op *loop, uint32_t i) {
    return s->needed[loop_param(loop, i)->id];
}

static void prune(Sweeper *s, Op *op) {
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    if (!is_loop && op->kind != OP_IF)
        return;
    bool *keep = arena_array(s->arena, bool, op->result_count);
    bool all = true;
    for (uint32_t i = 0; i < op->result_count; i++) {
        keep[i] = is_loop ? carried_is_needed(s, op, i)
                          : s->needed[op->results[i]->id];
        all &= keep[i];
    }
    if (all)
        return;
    s->changed = true;
    if (is_loop)
        loop_keep_carried(op, keep);
    else
        if_keep_results(op, keep);
}

static void sweep(Sweeper *s, Region *region) {
    for (Op *op = region->last, *previous; op; op = previous) {
        previous = op->previous;
        if (!ptrmap_has(s->live, op)) {
            op_remove(op);
            s->changed = true;
            continue;
        }
        prune(s, op);
        for (uint32_t r = 0; r < op->region_count; r++)
            sweep(s, op->regions[r]);
    }
}

bool pass_dce(Function *function) {
    Arena *arena = function->module->arena;
    Sweeper s = {.function = function, .arena = arena};
    s.count = function->value_count;
    s.needed = arena_array(arena, bool, s.count);
    s.live = ptrmap_create(arena);
    s.writes = ptrmap_create(arena);
    find_roots(&s, function->body);
    mark(&s);
    sweep(&s, function->body);
    return s.changed;
}

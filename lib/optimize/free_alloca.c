// free_alloca.c - the pass `free-alloca`: stack memory of unknown size becomes
// heap memory that is freed where it is used last for certain: at the end of
// the function, or of the iteration that takes it. Without it, the alloca of an
// inlined helper would take new stack in each iteration of its caller's loops.
// One whose address leaves the iteration stays on the stack. Reads and
// changes: a function.
#include "optimize/passes.h"

typedef struct Finder {
    PtrMap *derived; // pointers into the memory
    bool changed;
    bool escapes;
} Finder;

static bool is_derived(const Finder *f, const Value *value) {
    return ptrmap_has(f->derived, value);
}

static void derive(Finder *f, Value *value) {
    if (is_derived(f, value))
        return;
    ptrmap_set(f->derived, value, value);
    f->changed = true;
}

static void follow_loop(Finder *f, Op *op) {
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    const Op *yield = region_terminator(op->regions[op->region_count - 1]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (!is_derived(f, op->operands[first + i]) &&
            !is_derived(f, yield->operands[i]))
            continue;
        derive(f, op->results[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            derive(f, op->regions[r]->params[skip + i]);
    }
}

static void follow_if(Finder *f, Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++)
        for (uint32_t r = 0; r < op->region_count; r++)
            if (is_derived(f, region_terminator(op->regions[r])->operands[i]))
                derive(f, op->results[i]);
}

static bool only_looks(const Op *op, uint32_t operand) {
    if (op->kind == OP_CALL)
        return op->as.callee->is_output;
    return op->kind == OP_LOAD || op->kind == OP_COPY || op->kind == OP_ZERO ||
           (op->kind == OP_STORE && operand == 0) || op->kind == OP_PTRDIFF ||
           op->kind == OP_LNOT || op->kind == OP_IF || op->kind == OP_YIELD ||
           (op_info(op->kind)->flags & OPF_COMPARES);
}

static void follow(Op *op, void *context) {
    Finder *f = context;
    if (op->kind == OP_FOR || op->kind == OP_WHILE) {
        follow_loop(f, op);
        return;
    }
    if (op->kind == OP_IF)
        follow_if(f, op);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!is_derived(f, op->operands[i]))
            continue;
        if (op->result_count == 1 && type_is_pointer(op->results[0]->type) &&
            (op_info(op->kind)->flags & OPF_PURE))
            derive(f, op->results[0]);
        else
            f->escapes |= !only_looks(op, i);
    }
}

// Whether a pointer into the memory may be used after the region's end.
static bool leaves(Arena *arena, Region *region, Op *alloca_op) {
    Finder f = {.derived = ptrmap_create(arena)};
    derive(&f, alloca_op->results[0]);
    while (f.changed && !f.escapes) {
        f.changed = false;
        walk_ops(region, follow, &f);
    }
    const Op *end = region_terminator(region);
    for (uint32_t i = 0; i < end->operand_count; i++)
        f.escapes |= is_derived(&f, end->operands[i]);
    return f.escapes;
}

// Where the memory may end: the branch, iteration or function that no pointer
// to it leaves; NULL if there is none.
static Region *region_of_life(Arena *arena, Op *op) {
    Region *region = op->parent;
    for (; region->parent; region = region->parent->parent) {
        if (!leaves(arena, region, op))
            return region;
        if (region->parent->kind != OP_IF)
            return NULL;
    }
    return region;
}

// The pointer, or null where the branch with it was not taken.
static Value *hand_out(Region *to, Value *pointer) {
    for (Region *region = value_region(pointer); region != to;
         region = region->parent->parent) {
        Op *branch = region->parent;
        for (uint32_t r = 0; r < 2; r++) {
            Op *yield = region_terminator(branch->regions[r]);
            Builder b = builder_before(yield);
            bool taken = branch->regions[r] == region;
            op_append_operand(yield, taken ? pointer
                                           : build_int(&b, pointer->type, 0));
        }
        pointer = op_append_result(branch, pointer->type, NULL);
    }
    return pointer;
}

static void make_heap(Op *op, Region *region) {
    Builder before = builder_before(op);
    Value *size = op->operands[0];
    const Op *product = size->op && size->op->kind == OP_MUL ? size->op : NULL;
    Value *count = product ? product->operands[0] : size;
    Value *unit =
        product ? product->operands[1] : build_int(&before, size->type, 1);
    op->as.heap = HEAP_CHECKED;
    op->operands[0] = count;
    op_append_operand(op, unit);
    Value *pointer = hand_out(region, op->results[0]);
    Builder end = builder_before(region_terminator(region));
    build_free(&end, pointer);
}

typedef struct Allocas {
    Arena *arena;
    Vec(Op *) items;
} Allocas;

static void collect(Op *op, void *context) {
    Allocas *allocas = context;
    if (op->kind == OP_HEAP && op->as.heap == HEAP_ALLOCA)
        vec_push(allocas->arena, &allocas->items, op);
}

bool pass_free_alloca(Function *function) {
    Allocas allocas = {.arena = function->module->arena};
    bool changed = false;
    walk_ops(function->body, collect, &allocas);
    for (size_t i = 0; i < allocas.items.count; i++) {
        Op *op = allocas.items.items[i];
        Region *region = region_of_life(allocas.arena, op);
        if (region)
            make_heap(op, region);
        changed |= region != NULL;
    }
    return changed;
}

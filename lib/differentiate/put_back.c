// put_back.c - what restore.c does to the caller's memory in the reverse sweep
// of a loop is undone: the elements that the loop has written are saved before
// the loop's mirror, and put back behind it.
//
// The elements are those of a store that runs in each iteration of each loop
// around it. Loops on which its address does not depend write the same elements
// again and again: they are left out, but must have run. Of the others, loops
// are made that run over the same addresses.
#include "differentiate/carry.h"

enum { MOST_LOOPS = 8 };

// One store, seen from outside of the outermost loop around it.
typedef struct Scan {
    const Carry *c;
    const Op *outermost, *store;
    const Op *loops[MOST_LOOPS]; // outermost first
    uint32_t count, first;       // from this one on, they tell the address
} Scan;

// ---- Whether it can be done -------------------------------------------------

static bool find_loops(Scan *s) {
    const Region *region = s->store->parent;
    for (;; region = region->parent->parent) {
        const Op *op = region->parent;
        if (!op || op->kind == OP_IF || s->count == MOST_LOOPS ||
            region != loop_body(op))
            return false;
        s->loops[s->count++] = op;
        if (op == s->outermost)
            break;
    }
    for (uint32_t i = 0; i < s->count / 2; i++) {
        const Op *other = s->loops[s->count - 1 - i];
        s->loops[s->count - 1 - i] = s->loops[i];
        s->loops[i] = other;
    }
    return true;
}

// Whether the value can be computed outside, given the indices of the loops;
// lowers `first` to the outermost of them that it depends on.
static bool follows_from(Scan *s, const Value *value) {
    return loop_value_follows(s->outermost, s->loops, s->count, value,
                              &s->first);
}

// Counted loops whose bounds are known outside.
static bool has_known_bounds(const Scan *s, uint32_t i) {
    Scan bounds = *s;
    int64_t step;
    const Op *loop = s->loops[i];
    bounds.first = s->count;
    return loop->kind == OP_FOR && loop_constant_step(loop, &step) &&
           follows_from(&bounds, loop->operands[FOR_BEGIN]) &&
           follows_from(&bounds, loop->operands[FOR_END]) &&
           bounds.first == s->count;
}

static bool describe(Scan *s) {
    if (!find_loops(s))
        return false;
    s->first = s->count;
    if (!follows_from(s, s->store->operands[0]))
        return false;
    for (uint32_t i = 0; i < s->count; i++)
        if ((i >= s->first || s->loops[i] != s->outermost) &&
            !has_known_bounds(s, i))
            return false;
    return s->outermost->kind != OP_FOR || has_known_bounds(s, 0);
}

bool put_back_can(const Carry *c, const Op *loop, const Op *store) {
    Scan scan = {.c = c, .outermost = loop, .store = store};
    return describe(&scan);
}

// ---- Doing it ---------------------------------------------------------------

// The value, computed outside the loop: copies of what is inside.
static Value *copy_outside(const Scan *s, Builder *b, ValueMap *images,
                           Value *value) {
    Value *known = valuemap_get(images, value);
    if (known || loop_is_invariant(s->outermost, value))
        return known ? known : value;
    const Op *op = value->op;
    for (uint32_t i = 0; i < op->operand_count; i++)
        valuemap_set(images, op->operands[i],
                     copy_outside(s, b, images, op->operands[i]));
    return clone_op(b, op, images)->results[value->index];
}

// Inside of what runs where the loop has run.
static Builder where_it_ran(const Scan *s, Builder *b, ValueMap *images,
                            uint32_t i) {
    const Op *loop = s->loops[i];
    Value *runs;
    if (loop->kind == OP_FOR) {
        Value *begin = copy_outside(s, b, images, loop->operands[FOR_BEGIN]);
        Value *end = copy_outside(s, b, images, loop->operands[FOR_END]);
        runs = build_binary(b, loop->as.loop.compare, begin, end);
    } else {
        const Op *mirror = ptrmap_get(s->c->loops, loop);
        Value *trips = mirror->operands[FOR_END];
        runs = build_binary(b, OP_GT, trips, build_int(b, trips->type, 0));
    }
    Op *branch = build_if(b, runs);
    for (uint32_t r = 0; r < 2; r++) {
        Builder end = builder_at_end(branch->regions[r]);
        end.adjoint = true;
        build_yield(&end, NULL, 0);
    }
    Builder inside = builder_before(branch->regions[IF_THEN]->first);
    inside.origin = b->origin;
    return inside;
}

static Builder loop_again(const Scan *s, Builder *b, ValueMap *images,
                          uint32_t i, Value **number) {
    const Op *loop = s->loops[i];
    Value *begin = copy_outside(s, b, images, loop->operands[FOR_BEGIN]);
    Value *end = copy_outside(s, b, images, loop->operands[FOR_END]);
    Value *step = copy_outside(s, b, images, loop->operands[FOR_STEP]);
    Op *again = build_for(b, begin, end, step, loop->as.loop.compare, NULL, 0,
                          loop_index(loop)->name);
    Value *trips = loop_build_trip_count(b, again);
    op_remove(again);
    builder_insert(b, again);
    Builder inside = builder_at_end(loop_body(again));
    inside.adjoint = true;
    build_yield(&inside, NULL, 0);
    inside = builder_before(loop_body(again)->first);
    inside.origin = b->origin;
    valuemap_set(images, loop_index(loop), loop_index(again));
    Value *own =
        storage_iteration(&inside, loop_index(again), begin, step, loop);
    *number =
        *number
            ? build_binary(&inside, OP_ADD,
                           build_binary(&inside, OP_MUL, *number, trips), own)
            : own;
    return inside;
}

// Between the memory and the array that keeps it meanwhile.
static void build_scan(const Scan *s, Builder b, Value *array, bool save) {
    ValueMap images;
    valuemap_init(&images, s->c->d->arena, s->c->d->function);
    Value *number = NULL;
    for (uint32_t i = 0; i < s->first; i++)
        b = where_it_ran(s, &b, &images, i);
    for (uint32_t i = s->first; i < s->count; i++)
        b = loop_again(s, &b, &images, i, &number);
    Value *memory = copy_outside(s, &b, &images, s->store->operands[0]);
    Value *place = number ? build_index(&b, array, number) : array;
    if (save)
        build_store(&b, place, build_load(&b, memory));
    else
        build_store(&b, memory, build_load(&b, place));
}

static Value *count_elements(const Scan *s, Builder *b) {
    ValueMap images;
    valuemap_init(&images, s->c->d->arena, s->c->d->function);
    Value *count = build_int(b, type_scalar(b->function->module, TYPE_LONG), 1);
    for (uint32_t i = s->first; i < s->count; i++) {
        Op loop = *s->loops[i];
        Value *operands[3];
        loop.operands = operands;
        for (int k = FOR_BEGIN; k <= FOR_STEP; k++)
            operands[k] = copy_outside(s, b, &images, s->loops[i]->operands[k]);
        Value *trips = loop_build_trip_count(b, &loop);
        count =
            value_is_one(count) ? trips : build_binary(b, OP_MUL, count, trips);
    }
    return count;
}

static Value *take_array(const Scan *s, Builder *b) {
    Function *function = s->c->d->function;
    const Type *type =
        type_plain(function->module, s->store->operands[1]->type);
    Op *heap = op_create(function, OP_HEAP, 2, 1, 0);
    heap->as.heap = HEAP_UNSET;
    heap->operands[0] = count_elements(s, b);
    heap->operands[1] = build_sizeof(b, type);
    op_set_result(heap, function, 0, type_pointer(function->module, type),
                  "last");
    return builder_insert(b, heap)->results[0];
}

void put_back_build(Carry *c, const Op *loop, const Op *store) {
    Scan scan = {.c = c, .outermost = loop, .store = store};
    bool described = describe(&scan);
    ENSURE(described);
    Op *mirror = ptrmap_get(c->loops, loop);
    Builder before = builder_before(mirror), behind = builder_after(mirror);
    before.origin = behind.origin = NULL;
    before.adjoint = behind.adjoint = true;
    Value *array = take_array(&scan, &before);
    build_scan(&scan, before, array, true);
    behind.before = build_free(&behind, array);
    build_scan(&scan, behind, array, false);
}

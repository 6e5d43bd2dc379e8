// storage.c - where stored values live: a local variable outside loops; in
// counted loops, an array indexed by the iteration, made before the outermost
// loop from which on inwards all trip counts are known; the tape everywhere
// else. Arrays that loops make are blocks on the tape. What a region keeps
// there is pushed at its end and popped at the start of its mirror, so that
// pushes, blocks and pops nest.
#include "differentiate/carry.h"

enum { LOCAL_BYTES = 1 << 14, FEW = 8 };

// ---- Iteration numbers ------------------------------------------------------

// (index - begin) / step as a long. A constant step has the sign that the loop
// goes in, also where its type is unsigned.
Value *storage_iteration(Builder *b, Value *index, Value *begin, Value *step,
                         const Op *loop) {
    const Type *type = type_scalar(b->function->module, TYPE_LONG);
    int64_t stride;
    Value *divisor = loop_constant_step(loop, &stride)
                         ? build_int(b, type, stride)
                         : build_cast(b, type, step);
    if (!value_is_zero(begin))
        index = build_binary(b, OP_SUB, build_cast(b, type, index),
                             build_cast(b, type, begin));
    index = build_cast(b, type, index);
    return value_is_one(divisor) ? index
                                 : build_binary(b, OP_DIV, index, divisor);
}

static Value *fold_number(Builder *b, Value *number, Value *trips,
                          Value *next) {
    return number ? build_binary(b, OP_ADD,
                                 build_binary(b, OP_MUL, number, trips), next)
                  : next;
}

// The position of the current iteration in the nest's arrays, in the forward
// sweep; made once at the start of each region.
static Value *forward_number(Carry *c, Region *region, const Nest *nest) {
    Value *number = nest->reduced ? NULL : ptrmap_get(c->numbers, region);
    if (number)
        return number;
    Builder b = builder_before(region->first);
    b.origin = NULL;
    for (size_t i = 0; i < nest->loops.count; i++) {
        const Op *loop = nest->loops.items[i];
        Value *step = loop->operands[FOR_STEP];
        Value *next = storage_iteration(&b, loop->regions[0]->params[0],
                                        loop->operands[FOR_BEGIN], step, loop);
        number = fold_number(&b, number, nest->trips[i], next);
    }
    if (!nest->reduced)
        ptrmap_set(c->numbers, region, number);
    return number;
}

static Value *reverse_number(Carry *c, Region *mirror, const Nest *nest) {
    Value *number = nest->reduced ? NULL : ptrmap_get(c->numbers, mirror);
    if (number)
        return number;
    Op *first = mirror->first;
    for (size_t i = 0; i < nest->loops.count; i++) {
        const Op *loop = nest->loops.items[i];
        const Op *reversed = ptrmap_get(c->loops, loop);
        Value *begin = carry_provide(c, loop->operands[FOR_BEGIN], first);
        Value *step = carry_provide(c, loop->operands[FOR_STEP], first);
        Value *trips = i ? carry_provide(c, nest->trips[i], first) : NULL;
        Builder b = builder_before(first);
        Value *next = storage_iteration(&b, reversed->regions[0]->params[0],
                                        begin, step, loop);
        number = fold_number(&b, number, trips, next);
    }
    if (!nest->reduced)
        ptrmap_set(c->numbers, mirror, number);
    return number;
}

// ---- Making storage ---------------------------------------------------------

// What a person would call a value: its variable, the array it came from, the
// function that made it.
static const char *base_name(const Value *value) {
    if (value->name || !value->op)
        return value->name ? value->name : "kept";
    const Op *op = value->op;
    if (op->kind == OP_MATH)
        return math_info(op->as.math)->name;
    if (op_info(op->kind)->flags & OPF_COMPARES || op->kind == OP_IF)
        return type_is_integer(value->type) ? "taken" : "kept";
    if (op->kind != OP_LOAD)
        return "kept";
    const Value *address = op->operands[0];
    while (address->op && !address->name && address->op->operand_count) {
        if (address->op->kind == OP_FIELD) {
            const Type *record = address->op->operands[0]->type->element;
            return record->record->fields[address->op->as.field].name;
        }
        address = address->op->operands[0];
    }
    return address->name ? address->name : "kept";
}

static const char *storage_name(Carry *c, const Value *value,
                                const char *suffix) {
    return arena_printf(c->d->arena, "%s%s", base_name(value), suffix);
}

// Right behind the definition, or at the start of the region of a parameter.
static Builder after_definition(const Value *value) {
    Builder b = value->op ? builder_after(value->op)
                          : builder_before(value->region->first);
    b.adjoint = false;
    return b;
}

static Builder at_top(Carry *c) {
    Builder b = builder_at_end(c->d->function->body);
    b.before = c->d->function->body->first;
    return b;
}

static Value *null_or_zero(Builder *b, const Type *type) {
    return type_is_pointer(type) ? build_int(b, type, 0)
                                 : build_constant(b, type, 0);
}

static void create_cell(Carry *c, Slot *slot) {
    Builder top = at_top(c);
    const Type *type = type_plain(c->d->module, slot->value->type);
    slot->kind = SLOT_CELL;
    slot->storage = build_alloc(&top, type, NULL, 0, slot->value->name);
    build_store(&top, slot->storage, null_or_zero(&top, type));
    Builder b = after_definition(slot->value);
    build_store(&b, slot->storage, slot->value);
}

int64_t carry_size(const Type *type) {
    if (type->kind == TYPE_CLDOUBLE)
        return 32;
    if (type->kind == TYPE_LDOUBLE || type->kind == TYPE_CDOUBLE)
        return 16;
    return type->kind == TYPE_FLOAT || type->kind <= TYPE_UINT ? 4 : 8;
}

// All trip counts constant and few: the number of elements, else 0.
static int64_t small_count(const Nest *nest, const Type *type) {
    int64_t count = 1;
    for (size_t i = 0; i < nest->loops.count; i++) {
        int64_t trips;
        if (!value_is_integer(nest->trips[i], &trips) || trips <= 0 ||
            trips > LOCAL_BYTES)
            return 0;
        count *= trips;
        if (count * carry_size(type) > LOCAL_BYTES)
            return 0;
    }
    return count;
}

static Value *product_of_trips(Builder *b, const Nest *nest) {
    Value *total = nest->trips[0];
    for (size_t i = 1; i < nest->loops.count; i++)
        total = build_binary(b, OP_MUL, total, nest->trips[i]);
    return total;
}

static Op *release(Builder *b, Value *block, Value *tape) {
    Op *op = op_create(b->function, OP_FREE, tape ? 2 : 1, 0, 0);
    op->operands[0] = block;
    op->as.heap = tape ? HEAP_TAPE : HEAP_MALLOC;
    if (tape)
        op->operands[1] = tape;
    return builder_insert(b, op);
}

// Its length comes last, when all is known that goes there.
static void create_workspace(Carry *c, Workspace *work, const Type *type,
                             bool on_tape) {
    Value *tape = on_tape ? derive_tape(c->d) : NULL;
    Builder b = builder_before(work->place);
    b.origin = NULL;
    Op *heap = op_create(c->d->function, OP_HEAP, tape ? 3 : 2, 1, 0);
    heap->as.heap = tape ? HEAP_TAPE : HEAP_UNSET;
    heap->operands[1] = build_sizeof(&b, type);
    if (tape)
        heap->operands[2] = tape;
    op_set_result(heap, c->d->function, 0, type_pointer(c->d->module, type),
                  NULL);
    work->block = builder_insert(&b, heap);
    // The mirror of a loop around the bodies that both sweeps share is itself.
    Op *mirror = ptrmap_get(c->loops, work->place);
    Builder end = builder_after(mirror);
    end.origin = NULL;
    work->release = release(&end, heap->results[0], tape);
}

// Whether one C type serves for both: pointers may differ in const.
static bool same_storage(const Type *a, const Type *b) {
    for (; type_is_pointer(a) && type_is_pointer(b);
         a = a->element, b = b->element)
        if (a->element->is_const != b->element->is_const)
            return false;
    return type_equal(a, b);
}

// All trip counts constant: the number of elements, else 0.
static int64_t constant_count(const Nest *nest) {
    enum { MOST = 1 << 20 };
    int64_t count = 1, trips;
    for (size_t i = 0; i < nest->loops.count; i++) {
        if (!value_is_integer(nest->trips[i], &trips) || trips <= 0 ||
            trips > MOST || (count *= trips) > MOST)
            return 0;
    }
    return count;
}

// Whether an array is for one of the blocks that stand for their whole region.
static bool joins(const Nest *nest) {
    return !nest->shared && nest->on_tape && constant_count(nest);
}

// Arrays of one type at one place share a block: large ones that are freed one
// by one go back to the system, and each call would have to get them again,
// page by page. (Those for one iteration of a fused loop are small, and easier
// to follow apart.) So do arrays on the tape, where their lengths are constant
// and what they are for stands in one region.
static Workspace *find_workspace(const Carry *c, const Nest *nest,
                                 const Type *type) {
    for (size_t i = 0; i < c->workspaces.count && !nest->shared; i++) {
        Workspace *known = c->workspaces.items[i];
        bool here =
            joins(nest)
                ? known->constant && known->place->parent == nest->place->parent
                : !known->constant && known->place == nest->place;
        if (here && same_storage(known->block->results[0]->type->element, type))
            return known;
    }
    return NULL;
}

// The block is taken before the first place where it is needed, and released
// behind the mirror of that.
static void take_earlier(Carry *c, Workspace *work, Op *place) {
    if (work->place == place || !carry_precedes(place, work->place))
        return;
    work->place = place;
    Builder b = builder_before(place);
    op_move(&b, work->block->operands[1]->op); // the size of an element
    op_move(&b, work->block);
    Builder end = builder_after(ptrmap_get(c->loops, place));
    op_move(&end, work->release);
}

static Value *add_array(Carry *c, Workspace *work, const Nest *nest) {
    Builder b = builder_before(nest->place);
    b.origin = NULL;
    if (!work->constant)
        return build_index(&b, work->last,
                           work->counts.items[work->counts.count - 1]);
    take_earlier(c, work, nest->place);
    const Type *type = type_scalar(c->d->module, TYPE_LONG);
    return build_index(&b, work->block->results[0],
                       build_int(&b, type, work->constant));
}

static Value *create_heap_array(Carry *c, const Slot *slot, const Nest *nest,
                                const Type *type) {
    Workspace *work = find_workspace(c, nest, type);
    Value *array;
    if (work) {
        array = add_array(c, work, nest);
    } else {
        work = arena_new(c->d->arena, Workspace);
        work->place = nest->place;
        create_workspace(c, work, type, nest->on_tape);
        vec_push(c->d->arena, &c->workspaces, work);
        array = work->block->results[0];
    }
    Builder b = builder_before(nest->place);
    b.origin = NULL;
    if (joins(nest))
        work->constant += constant_count(nest);
    else
        vec_push(c->d->arena, &work->counts, product_of_trips(&b, nest));
    work->last = array;
    array->name = storage_name(c, slot->value, "_at");
    return array;
}

// How many of the counts from the first on are equal to it; takes them out.
static int64_t take_equal(Workspace *work, Value **count) {
    size_t kept = 0;
    *count = work->counts.items[0];
    for (size_t i = 0; i < work->counts.count; i++)
        if (!values_equal(work->counts.items[i], *count))
            work->counts.items[kept++] = work->counts.items[i];
    int64_t taken = (int64_t)(work->counts.count - kept);
    work->counts.count = kept;
    return taken;
}

// The counts are computed before the place, all behind the block: they and what
// they need go before it. What is still behind it stands in the map.
static void move_before_block(Value *value, Op *block, PtrMap *behind) {
    Op *op = value->op;
    if (!op || !ptrmap_get(behind, op))
        return;
    ptrmap_set(behind, op, NULL);
    for (uint32_t i = 0; i < op->operand_count; i++)
        move_before_block(op->operands[i], block, behind);
    Builder b = builder_before(block);
    op_move(&b, op);
}

static void set_length(Carry *c, const Workspace *work, Value *total) {
    PtrMap *behind = ptrmap_create(c->d->arena);
    for (Op *op = work->block->next; op && op != work->place; op = op->next)
        ptrmap_set(behind, op, op);
    move_before_block(total, work->block, behind);
    work->block->operands[0] = total;
}

void storage_finish(Carry *c) {
    for (size_t i = 0; i < c->workspaces.count; i++) {
        Workspace *work = c->workspaces.items[i];
        Builder b = builder_before(work->place);
        Value *total = NULL, *count;
        if (work->constant)
            total = build_int(&b, type_scalar(c->d->module, TYPE_LONG),
                              work->constant);
        while (work->counts.count) {
            int64_t times = take_equal(work, &count);
            if (times > 1)
                count = build_binary(&b, OP_MUL,
                                     build_int(&b, count->type, times), count);
            total = total ? build_binary(&b, OP_ADD, total, count) : count;
        }
        set_length(c, work, total);
        work->release->operands[0] =
            carry_provide(c, work->release->operands[0], work->release);
    }
}

static Value *slot_address(Builder *b, Value *storage, Value *number) {
    return storage->type->element->kind == TYPE_ARRAY
               ? build_elem(b, storage, number)
               : build_index(b, storage, number);
}

static void create_array(Carry *c, Slot *slot, const Nest *nest) {
    const Type *type = type_plain(c->d->module, slot->value->type);
    int64_t count = nest->on_tape ? 0 : small_count(nest, type);
    slot->kind = SLOT_ARRAY;
    if (count) {
        Builder top = at_top(c);
        slot->storage =
            build_alloc(&top, type_array(c->d->module, type, count), NULL, 0,
                        storage_name(c, slot->value, "_at"));
        // What compilers turn into scalars they also take for unset.
        if (count <= FEW)
            build_zero(&top, slot->storage);
    } else {
        slot->storage = create_heap_array(c, slot, nest, type);
    }
    Value *number = forward_number(c, value_region(slot->value), nest);
    Builder b = after_definition(slot->value);
    if (!slot->value->op) // behind the iteration's number
        b.before = number->op ? number->op->next : b.before;
    build_store(&b, slot_address(&b, slot->storage, number), slot->value);
}

// ---- The tape ---------------------------------------------------------------

typedef struct TapeRecord {
    Op *push, *pop;
} TapeRecord;

static TapeRecord *tape_record(Carry *c, Region *region) {
    TapeRecord *record = ptrmap_get(c->records, region);
    if (record)
        return record;
    record = arena_new(c->d->arena, TapeRecord);
    Region *mirror = ptrmap_get(c->mirrors, region);
    Value *handle = derive_tape(c->d);
    record->push = op_create(c->d->function, OP_PUSH, 1, 0, 0);
    record->pop = op_create(c->d->function, OP_POP, 1, 0, 0);
    record->push->operands[0] = record->pop->operands[0] = handle;
    bool whole = region == c->d->function->body; // before the split-off sweep
    Builder b = builder_before(whole ? c->sweep : region_terminator(region));
    b.origin = NULL;
    b.adjoint = false;
    builder_insert(&b, record->push);
    Builder start = builder_before(mirror->first);
    start.origin = NULL;
    start.adjoint = true;
    builder_insert(&start, record->pop);
    ptrmap_set(c->records, region, record);
    return record;
}

// The tape holds real numbers: both parts.
static void create_complex_entry(Carry *c, const Slot *slot,
                                 const TapeRecord *record) {
    const Type *part = type_part(c->d->module, slot->value->type);
    Builder before = builder_before(record->push);
    before.adjoint = false;
    op_append_operand(record->push,
                      build_math1(&before, MATH_creal, slot->value));
    op_append_operand(record->push,
                      build_math1(&before, MATH_cimag, slot->value));
    Value *real = op_append_result(record->pop, part, NULL);
    Value *imaginary = op_append_result(record->pop, part, NULL);
    Builder after = builder_after(record->pop);
    after.adjoint = true;
    Value *whole = build_math2(&after, MATH_CMPLX, real, imaginary);
    whole->name = slot->value->name;
    valuemap_set(&c->provided, slot->value, whole);
}

static void create_tape_entry(Carry *c, Slot *slot) {
    TapeRecord *record = tape_record(c, value_region(slot->value));
    slot->kind = SLOT_TAPE;
    const Type *type = type_plain(c->d->module, slot->value->type);
    if (type_is_complex(type)) {
        create_complex_entry(c, slot, record);
        return;
    }
    op_append_operand(record->push, slot->value);
    valuemap_set(&c->provided, slot->value,
                 op_append_result(record->pop, type, slot->value->name));
}

void storage_create_one(Carry *c, Value *value) {
    Slot *slot = arena_new(c->d->arena, Slot);
    slot->value = value;
    const Nest *nest = slot->nest = nest_of_value(c, value);
    if (!nest->in_loop && !c->d->split)
        create_cell(c, slot);
    else if (nest->loops.count)
        create_array(c, slot, nest);
    else
        create_tape_entry(c, slot);
    ptrmap_set(c->slots, value, slot);
}

void storage_create(Carry *c) {
    for (size_t i = 0; i < c->stored.count; i++)
        storage_create_one(c, c->stored.items[i]);
}

Value *storage_read(Carry *c, Value *value, Op *anchor) {
    Slot *slot = ptrmap_get(c->slots, value);
    if (!slot) {
        storage_create_one(c, value);
        slot = ptrmap_get(c->slots, value);
    }
    if (slot->kind == SLOT_TAPE)
        return valuemap_get(&c->provided, value);
    Value *address = slot->storage;
    if (slot->kind == SLOT_ARRAY) {
        Region *region = value_region(value);
        Region *mirror = ptrmap_get(c->mirrors, region);
        Value *number = reverse_number(c, mirror, slot->nest);
        Value *storage = carry_provide(c, slot->storage, mirror->first);
        Builder b = builder_before(anchor);
        address = slot_address(&b, storage, number);
    }
    Builder b = builder_before(anchor);
    Value *read = build_load(&b, address);
    read->name = value->name;
    return read;
}

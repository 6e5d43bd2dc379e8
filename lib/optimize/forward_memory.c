// forward_memory.c - the pass `forward-memory`: what is known to stand in
// memory is not loaded again, nor stored again, and what is overwritten before
// anyone may read it is not stored at all. Reads and changes: a function.
//
// One walk, with a list of places whose contents are known. Nested regions
// start with what is known before them, if nothing in them may write it (of an
// if: in the branches, with all); what they find out stays in them. A store is
// dead only if one in its own region overwrites it. Answers of memory.c are of
// values that were there before; the pass makes none.
#include "optimize/passes.h"

#include <string.h>

enum { MAX_PLACES = 48 }; // known at a time; the oldest is forgotten

// A place in memory, by its address.
typedef struct Place {
    Value *address;
    const Value *base; // of the address
    Value *content;    // NULL: not known
    Op *store;         // what was stored last, and not read yet; or NULL
} Place;

typedef struct Places {
    Place items[MAX_PLACES];
    uint32_t count;
} Places;

typedef struct Forward {
    MemoryInfo *memory;
    ValueMap map;
    bool changed;
} Forward;

// ---- Addresses --------------------------------------------------------------

static const Value *base_of(const Value *address) {
    while (address->op &&
           (address->op->kind == OP_INDEX || address->op->kind == OP_ELEM ||
            address->op->kind == OP_FIELD))
        address = address->op->operands[0];
    return address;
}

// A bit-field does not give back what was stored.
static bool is_bit_field(const Value *address) {
    const Op *op = address->op;
    if (!op || op->kind != OP_FIELD)
        return false;
    const Record *record = op->operands[0]->type->element->record;
    return record->fields[op->as.field].bits != 0;
}

static bool is_same_place(const Forward *f, const Place *place,
                          const Value *address, const Value *base) {
    if (place->address == address)
        return true;
    bool globals = base->op && base->op->kind == OP_GLOBAL;
    if (place->base != base && !globals)
        return false; // most pairs, and cheaply
    return type_equal(place->address->type, address->type) &&
           memory_must_alias(f->memory, place->address, address);
}

static Place *find_place(const Forward *f, Places *places,
                         const Value *address) {
    const Value *base = base_of(address);
    for (uint32_t i = places->count; i-- > 0;)
        if (is_same_place(f, &places->items[i], address, base))
            return &places->items[i];
    return NULL;
}

static void remove_place(Places *places, uint32_t i) {
    memmove(&places->items[i], &places->items[i + 1],
            (places->count - i - 1) * sizeof *places->items);
    places->count--;
}

static void add_place(Places *places, Value *address, Value *content,
                      Op *store) {
    if (places->count == MAX_PLACES)
        remove_place(places, 0);
    places->items[places->count++] =
        (Place){address, base_of(address), content, store};
}

// ---- What an operation does to places ---------------------------------------

// Forgets places of which nothing is known.
static void compact(Places *places) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < places->count; i++)
        if (places->items[i].content || places->items[i].store)
            places->items[left++] = places->items[i];
    places->count = left;
}

static void after_writes(const Forward *f, Places *places, const Op *op) {
    for (uint32_t i = 0; i < places->count; i++) {
        Place *place = &places->items[i];
        if (place->content &&
            memory_op_may_write(f->memory, op, place->address))
            place->content = NULL;
    }
    compact(places);
}

static void after_reads(const Forward *f, Places *places, const Op *op) {
    for (uint32_t i = 0; i < places->count; i++) {
        Place *place = &places->items[i];
        if (place->store && memory_op_may_read(f->memory, op, place->address))
            place->store = NULL;
    }
    compact(places);
}

// ---- Loads and stores -------------------------------------------------------

static void replace_load(Forward *f, Op *load, Value *content) {
    Value *result = load->results[0];
    pass_on_name(result, content);
    valuemap_set(&f->map, result, content);
    op_remove(load);
    f->changed = true;
}

static void visit_load(Forward *f, Places *places, Op *load) {
    Value *address = load->operands[0], *result = load->results[0];
    Place *place = find_place(f, places, address);
    if (place && place->content &&
        type_equal(place->content->type, result->type)) {
        replace_load(f, load, place->content);
        return;
    }
    after_reads(f, places, load);
    add_place(places, address, result, NULL);
}

static bool same_content(const Value *a, const Value *b) {
    if (a == b)
        return true;
    return a && value_is_constant(a) && value_is_constant(b) &&
           values_equal(a, b);
}

static void remove_store(Forward *f, Op *store) {
    op_remove(store);
    f->changed = true;
}

static void visit_store(Forward *f, Places *places, Op *store) {
    Value *address = store->operands[0], *value = store->operands[1];
    if (memory_address_changes_unseen(f->memory, address)) {
        after_writes(f, places, store);
        return;
    }
    Place *place = find_place(f, places, address);
    if (place && same_content(place->content, value)) {
        remove_store(f, store);
        return;
    }
    if (place && place->store &&
        type_equal(place->store->operands[1]->type, value->type)) {
        remove_store(f, place->store);
        place->store = NULL;
    }
    if (place)
        remove_place(places, (uint32_t)(place - places->items));
    after_writes(f, places, store);
    if (!is_bit_field(address))
        add_place(places, address, value, store);
}

// ---- Operations with regions ------------------------------------------------

static void visit_region(Forward *f, Places *places, Region *region);

static void visit_regions(Forward *f, Places *places, Op *op) {
    Places before = *places;
    for (uint32_t i = 0; i < before.count; i++)
        before.items[i].store = NULL; // what is outside of the region stays
    if (op->kind != OP_IF)
        after_writes(f, &before, op);
    compact(&before);
    for (uint32_t r = 0; r < op->region_count; r++) {
        Places inner = before;
        visit_region(f, &inner, op->regions[r]);
    }
    after_writes(f, places, op);
    after_reads(f, places, op);
}

static void visit(Forward *f, Places *places, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = valuemap_apply(&f->map, op->operands[i]);
    if (op->region_count) {
        visit_regions(f, places, op);
    } else if (op->kind == OP_LOAD) {
        visit_load(f, places, op);
    } else if (op->kind == OP_STORE) {
        visit_store(f, places, op);
    } else if (op_writes_memory(op) || op_reads_memory(op)) {
        after_writes(f, places, op);
        after_reads(f, places, op);
    }
}

static void visit_region(Forward *f, Places *places, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        visit(f, places, op);
    }
}

bool pass_forward_memory(Function *function) {
    Arena *arena = arena_create();
    Forward f = {.memory = memory_analyse(arena, function)};
    Places places = {.count = 0};
    valuemap_init(&f.map, arena, function);
    visit_region(&f, &places, function->body);
    arena_destroy(arena);
    return f.changed;
}

// promote.c - local variables in memory become values. Reads and changes: a
// function. A local (OP_ALLOC) is promoted where its address is only loaded
// from, stored to, copied whole and zeroed, by fields and constant indices:
// then each scalar in it, a slot, is a value of its own, carried through ifs
// and loops. What out-parameters and small records leave behind after inlining
// is gone afterwards.
#include "optimize/passes.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SCALARS = 32 };

// One scalar of a local.
typedef struct Slot {
    const Type *type;
    const char *name;
} Slot;

typedef struct Local {
    const Op *alloc;
    bool kept; // its address gets away
    uint32_t first_slot, slot_count;
} Local;

// What an address leads to: part of a local.
typedef struct Part {
    Local *local; // NULL: not a local, or not a known part of it
    uint32_t slot;
} Part;

typedef Vec(uint32_t) SlotList;

typedef struct Promoter {
    Function *function;
    Arena *arena;
    Part *parts; // by value
    uint32_t value_count;
    Vec(Slot) slots;
    PtrMap *modified; // operations with regions to the SlotList stored inside
    Value **current;  // by slot; NULL where nothing was stored yet
    ValueMap map;     // loads that are gone
    bool any;
} Promoter;

// ---- Which locals -----------------------------------------------------------

// The scalars of a type; more than MAX_SCALARS where it cannot be taken apart.
static uint32_t scalar_count(const Type *type) {
    if (type->kind == TYPE_ARRAY) {
        if (type->length < 0 || type->length > MAX_SCALARS)
            return MAX_SCALARS + 1;
        uint32_t count = scalar_count(type->element) * (uint32_t)type->length;
        return count > MAX_SCALARS ? MAX_SCALARS + 1 : count;
    }
    if (type->kind != TYPE_RECORD)
        return type_is_arithmetic(type) || type_is_pointer(type)
                   ? 1
                   : MAX_SCALARS + 1;
    uint32_t count = 0;
    const Record *record = type->record;
    for (size_t i = 0; i < record->field_count && count <= MAX_SCALARS; i++)
        count += record->is_union || record->fields[i].bits
                     ? MAX_SCALARS + 1
                     : scalar_count(record->fields[i].type);
    return count > MAX_SCALARS ? MAX_SCALARS + 1 : count;
}

static const char *join(Promoter *p, const char *name, const char *part) {
    if (!name || !part)
        return name ? name : part;
    return arena_printf(p->arena, "%s_%s", name, part);
}

static void add_slots(Promoter *p, const Type *type, const char *name) {
    if (type->kind == TYPE_ARRAY) {
        for (int64_t i = 0; i < type->length; i++)
            add_slots(p, type->element,
                      join(p, name, arena_printf(p->arena, "%d", (int)i)));
    } else if (type->kind == TYPE_RECORD) {
        for (size_t i = 0; i < type->record->field_count; i++)
            add_slots(p, type->record->fields[i].type,
                      join(p, name, type->record->fields[i].name));
    } else {
        Slot slot = {type_plain(p->function->module, type), name};
        vec_push(p->arena, &p->slots, slot);
    }
}

static void enter_local(Promoter *p, const Op *alloc) {
    uint32_t count = scalar_count(alloc->as.type);
    if (alloc->operand_count || count > MAX_SCALARS || count == 0)
        return;
    Local *local = arena_new(p->arena, Local);
    local->alloc = alloc;
    local->first_slot = (uint32_t)p->slots.count;
    local->slot_count = count;
    add_slots(p, alloc->as.type, alloc->results[0]->name);
    p->parts[alloc->results[0]->id] = (Part){local, local->first_slot};
}

static Part part_of(const Promoter *p, const Value *value) {
    return value->id < p->value_count ? p->parts[value->id] : (Part){0};
}

// The index within the array that the address's own element stands in, and how
// many elements that has.
static bool element_of(const Value *address, int64_t *index, int64_t *length) {
    const Op *op = address->op;
    if (!op || op->kind != OP_ELEM)
        return false;
    *length = op->operands[0]->type->element->length;
    return value_is_integer(op->operands[1], index);
}

// The part that an address operation makes from its base's.
static bool derive(const Op *op, Part base, Part *part) {
    const Type *from = op->operands[0]->type->element;
    const Type *to = op->results[0]->type->element;
    int64_t index, before = 0, length = 1;
    *part = base;
    if (op->kind == OP_CAST)
        return type_equal(from, to) && op->operand_count == 1;
    if (op->kind == OP_FIELD) {
        for (uint32_t i = 0; i < op->as.field; i++)
            part->slot += scalar_count(from->record->fields[i].type);
        return true;
    }
    if (!value_is_integer(op->operands[1], &index))
        return false;
    if (op->kind == OP_ELEM)
        length = from->length;
    else if (index != 0)
        element_of(op->operands[0], &before, &length);
    if (before + index < 0 || before + index >= length)
        return false;
    part->slot += (uint32_t)((int64_t)scalar_count(to) * index);
    return true;
}

static bool is_address_op(const Op *op) {
    return op->kind == OP_FIELD || op->kind == OP_ELEM ||
           op->kind == OP_INDEX ||
           (op->kind == OP_CAST && type_is_pointer(op->results[0]->type));
}

static bool slot_has_type(const Promoter *p, Part part, const Type *type) {
    return part.slot < p->slots.count &&
           type_equal(p->slots.items[part.slot].type, type);
}

// An object of the type, whole, at the part.
static bool fits(const Part *part, const Type *type) {
    const Local *local = part->local;
    return scalar_count(type) <=
           local->first_slot + local->slot_count - part->slot;
}

static bool of_whole_objects(const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!type_equal(op->operands[i]->type->element, op->as.type))
            return false;
    return true;
}

static void check_use(Promoter *p, const Op *op, uint32_t i) {
    Part part = part_of(p, op->operands[i]);
    if (!part.local)
        return;
    bool good = false;
    if (op->kind == OP_LOAD)
        good = slot_has_type(p, part, op->results[0]->type);
    else if (op->kind == OP_STORE && i == 0)
        good = slot_has_type(p, part, op->operands[1]->type);
    else if ((op->kind == OP_COPY && op->operand_count == 2) ||
             (op->kind == OP_ZERO && op->operand_count == 1))
        good = of_whole_objects(op) && fits(&part, op->as.type);
    else if (is_address_op(op) && i == 0)
        good = derive(op, part, &p->parts[op->results[0]->id]);
    if (!good)
        part.local->kept = true;
}

static void find_locals(Promoter *p, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_ALLOC)
            enter_local(p, op);
        for (uint32_t i = 0; i < op->operand_count; i++)
            check_use(p, op, i);
        for (uint32_t r = 0; r < op->region_count; r++)
            find_locals(p, op->regions[r]);
    }
}

static bool is_promoted(const Promoter *p, const Value *address, Part *part) {
    *part = part_of(p, address);
    return part->local && !part->local->kept;
}

// ---- What is stored where ---------------------------------------------------

static void note_stores(Promoter *p, const Op *op, Part part, uint32_t count) {
    const Region *home = part.local->alloc->parent;
    for (const Region *r = op->parent; r != home; r = r->parent->parent) {
        SlotList *list = ptrmap_get(p->modified, r->parent);
        if (!list) {
            list = arena_new(p->arena, SlotList);
            ptrmap_set(p->modified, r->parent, list);
        }
        for (uint32_t i = 0; i < count; i++)
            vec_push(p->arena, list, part.slot + i);
    }
}

static void find_stores(Promoter *p, const Region *region) {
    Part part;
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_STORE && is_promoted(p, op->operands[0], &part))
            note_stores(p, op, part, 1);
        if ((op->kind == OP_COPY || op->kind == OP_ZERO) &&
            is_promoted(p, op->operands[0], &part))
            note_stores(p, op, part, scalar_count(op->as.type));
        for (uint32_t r = 0; r < op->region_count; r++)
            find_stores(p, op->regions[r]);
    }
}

static int compare_slots(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

// The slots stored inside, each once.
static SlotList modified_in(Promoter *p, const Op *op) {
    SlotList *list = ptrmap_get(p->modified, op);
    if (!list)
        return (SlotList){0};
    qsort(list->items, list->count, sizeof *list->items, compare_slots);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (i == 0 || list->items[i] != list->items[i - 1])
            list->items[count++] = list->items[i];
    list->count = count;
    return *list;
}

// ---- Rewriting --------------------------------------------------------------

static Value *current_or_undef(Promoter *p, uint32_t slot, Builder b) {
    if (p->current[slot])
        return p->current[slot];
    return build_undef(&b, p->slots.items[slot].type);
}

static void set_slot(Promoter *p, uint32_t slot, Value *value) {
    if (!value->name && value->op && !value_is_constant(value) &&
        value->op->kind != OP_UNDEF)
        value->name = p->slots.items[slot].name;
    p->current[slot] = value;
}

static void visit_region(Promoter *p, Region *region);

static void visit_if(Promoter *p, Op *op) {
    SlotList slots = modified_in(p, op);
    Value **before = arena_array(p->arena, Value *, slots.count);
    Value **then = arena_array(p->arena, Value *, slots.count);
    for (size_t i = 0; i < slots.count; i++)
        before[i] = p->current[slots.items[i]];
    visit_region(p, op->regions[IF_THEN]);
    for (size_t i = 0; i < slots.count; i++) {
        then[i] = p->current[slots.items[i]];
        p->current[slots.items[i]] = before[i];
    }
    visit_region(p, op->regions[IF_ELSE]);
    Op *yields[2];
    for (int r = 0; r < 2; r++)
        yields[r] = region_terminator(op->regions[r]);
    for (size_t i = 0; i < slots.count; i++) {
        uint32_t slot = slots.items[i];
        if (then[i] == p->current[slot])
            continue;
        op_append_operand(
            yields[IF_ELSE],
            current_or_undef(p, slot, builder_before(yields[IF_ELSE])));
        p->current[slot] = then[i];
        op_append_operand(
            yields[IF_THEN],
            current_or_undef(p, slot, builder_before(yields[IF_THEN])));
        const Slot *s = &p->slots.items[slot];
        p->current[slot] = op_append_result(op, s->type, s->name);
    }
}

static void visit_loop(Promoter *p, Op *op) {
    SlotList slots = modified_in(p, op);
    Value **results = arena_array(p->arena, Value *, slots.count);
    for (size_t i = 0; i < slots.count; i++) {
        uint32_t slot = slots.items[i];
        const Slot *s = &p->slots.items[slot];
        op_append_operand(op, current_or_undef(p, slot, builder_before(op)));
        results[i] = op_append_result(op, s->type, s->name);
    }
    for (uint32_t r = 0; r < op->region_count; r++) {
        Region *region = op->regions[r];
        for (size_t i = 0; i < slots.count; i++) {
            const Slot *s = &p->slots.items[slots.items[i]];
            p->current[slots.items[i]] =
                region_append_param(region, s->type, s->name);
        }
        visit_region(p, region);
    }
    Op *yield = region_terminator(loop_body(op));
    for (size_t i = 0; i < slots.count; i++) {
        op_append_operand(yield, p->current[slots.items[i]]);
        p->current[slots.items[i]] = results[i];
    }
}

static void visit_load(Promoter *p, Op *op, Part part) {
    Value *value = current_or_undef(p, part.slot, builder_before(op));
    valuemap_set(&p->map, op->results[0], value);
    op_remove(op);
}

// Addresses of the scalars of an object, in order of slots.
static void scalar_addresses(Promoter *p, Builder *b, Value *address,
                             Value **addresses, uint32_t *count) {
    const Type *type = address->type->element;
    if (type->kind == TYPE_ARRAY) {
        const Type *int_type = type_scalar(p->function->module, TYPE_INT);
        for (int64_t i = 0; i < type->length; i++) {
            Value *element = build_elem(b, address, build_int(b, int_type, i));
            scalar_addresses(p, b, element, addresses, count);
        }
    } else if (type->kind == TYPE_RECORD) {
        for (uint32_t i = 0; i < type->record->field_count; i++)
            scalar_addresses(p, b, build_field(b, address, i), addresses,
                             count);
    } else {
        addresses[(*count)++] = address;
    }
}

static void visit_copy(Promoter *p, Op *op) {
    Part target, source;
    bool to_local = is_promoted(p, op->operands[0], &target);
    bool from_local = is_promoted(p, op->operands[1], &source);
    if (!to_local && !from_local)
        return;
    Builder b = builder_before(op);
    Value *addresses[MAX_SCALARS], *values[MAX_SCALARS];
    uint32_t count = scalar_count(op->as.type), found = 0;
    if (!from_local || !to_local)
        scalar_addresses(p, &b, op->operands[from_local ? 0 : 1], addresses,
                         &found);
    for (uint32_t i = 0; i < count; i++)
        values[i] = from_local ? current_or_undef(p, source.slot + i, b)
                               : build_load(&b, addresses[i]);
    for (uint32_t i = 0; i < count; i++) {
        if (to_local)
            set_slot(p, target.slot + i, values[i]);
        else
            build_store(&b, addresses[i], values[i]);
    }
    op_remove(op);
}

static Value *zero_of(Builder *b, const Type *type) {
    return build_constant(b, type, 0);
}

static void visit_op(Promoter *p, Op *op) {
    Part part;
    if (op->kind == OP_IF)
        visit_if(p, op);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        visit_loop(p, op);
    else if (op->kind == OP_COPY)
        visit_copy(p, op);
    else if (op->kind == OP_ALLOC && is_promoted(p, op->results[0], &part)) {
        for (uint32_t i = 0; i < part.local->slot_count; i++)
            p->current[part.slot + i] = NULL;
        op_remove(op);
    } else if (op->operand_count && is_promoted(p, op->operands[0], &part)) {
        Builder b = builder_before(op);
        uint32_t count = op->kind == OP_ZERO ? scalar_count(op->as.type) : 0;
        for (uint32_t i = 0; i < count; i++)
            p->current[part.slot + i] =
                zero_of(&b, p->slots.items[part.slot + i].type);
        if (op->kind == OP_STORE)
            set_slot(p, part.slot, op->operands[1]);
        if (op->kind == OP_LOAD)
            visit_load(p, op, part);
        else
            op_remove(op); // a store, a zero, or an address
    }
}

static void visit_region(Promoter *p, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = valuemap_apply(&p->map, op->operands[i]);
        visit_op(p, op);
    }
}

static bool find_any(Promoter *p) {
    for (uint32_t i = 0; i < p->value_count; i++)
        if (p->parts[i].local && !p->parts[i].local->kept)
            return true;
    return false;
}

bool pass_promote(Function *function) {
    Arena *arena = function->module->arena;
    Promoter p = {.function = function,
                  .arena = arena,
                  .value_count = function->value_count};
    p.parts = arena_array(arena, Part, p.value_count);
    p.modified = ptrmap_create(arena);
    find_locals(&p, function->body);
    if (!find_any(&p))
        return false;
    find_stores(&p, function->body);
    p.current = arena_array(arena, Value *, p.slots.count);
    valuemap_init(&p.map, arena, function);
    visit_region(&p, function->body);
    return true;
}

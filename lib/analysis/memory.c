// memory.c - which objects an address may point into: inclusion constraints
// (Andersen), without regard to order, with the slots of records told apart,
// solved by repetition. Reads: a function's IR. Answers: memory_targets and
// the questions about objects. Changes nothing.
//
// On entry a pointer slot of a parameter, global or content object points to a
// content object of its own; distinct ones do not overlap (the aliasing
// contract). Chains of content objects end after MAX_DEPTH, or where a record
// leads to its like (lists), in an object whose pointers point to itself.
#include "analysis/memory_internal.h"

#include <string.h>

enum { MAX_DEPTH = 4, MAX_PLACES = 48, UNKNOWN = 0 };

// ---- Types ------------------------------------------------------------------

bool memory_type_is_bytes(const Type *type) {
    return type->kind == TYPE_VOID || type->kind == TYPE_CHAR ||
           type->kind == TYPE_SCHAR || type->kind == TYPE_UCHAR ||
           type->kind == TYPE_OPAQUE;
}

uint32_t memory_slot_count(const Type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    if (type->kind != TYPE_RECORD || type->record->is_union)
        return 1;
    uint32_t count = 0;
    for (size_t i = 0; i < type->record->field_count; i++)
        count += memory_slot_count(type->record->fields[i].type);
    return count ? count : 1;
}

static uint32_t field_slot(const Record *record, uint32_t field) {
    uint32_t slot = 0;
    for (uint32_t i = 0; i < field; i++)
        slot += memory_slot_count(record->fields[i].type);
    return slot;
}

// Whether something of type `part` begins at the slot.
static bool type_has_at(const Type *type, uint32_t slot, const Type *part) {
    if (slot == 0 && type_equal(type, part))
        return true;
    if (type->kind == TYPE_ARRAY)
        return type_has_at(type->element, slot, part);
    if (type->kind != TYPE_RECORD || type->record->is_union)
        return false;
    for (size_t i = 0; i < type->record->field_count; i++) {
        const Type *field = type->record->fields[i].type;
        uint32_t count = memory_slot_count(field);
        if (slot < count)
            return type_has_at(field, slot, part);
        slot -= count;
    }
    return false;
}

// The name of a slot in C: "->next", "->inner.w", "[...]".
static void describe_slot(Text *text, const Type *type, uint32_t slot,
                          const char *link) {
    if (type->kind == TYPE_ARRAY) {
        text_add(text, "[...]");
        describe_slot(text, type->element, slot, ".");
        return;
    }
    if (type->kind != TYPE_RECORD || type->record->is_union)
        return;
    for (size_t i = 0; i < type->record->field_count; i++) {
        const Field *field = &type->record->fields[i];
        uint32_t count = memory_slot_count(field->type);
        if (slot < count) {
            text_printf(text, "%s%s", link, field->name ? field->name : "?");
            describe_slot(text, field->type, slot, ".");
            return;
        }
        slot -= count;
    }
}

// ---- Sets of places ---------------------------------------------------------

static bool set_has(const PlaceSet *set, Place place) {
    for (uint32_t i = 0; i < set->count; i++)
        if (set->items[i].object == place.object &&
            (set->items[i].slot == place.slot ||
             set->items[i].slot == MEM_ANY_SLOT))
            return true;
    return false;
}

static void set_add(MemoryInfo *info, PlaceSet *set, Place place) {
    if (set->count >= MAX_PLACES)
        place = (Place){UNKNOWN, MEM_ANY_SLOT};
    if (set_has(set, place))
        return;
    if (set->count == set->capacity) {
        uint32_t capacity = set->capacity ? set->capacity * 2 : 2;
        Place *items = arena_array(info->arena, Place, capacity);
        if (set->count)
            memcpy(items, set->items, set->count * sizeof *items);
        set->items = items;
        set->capacity = capacity;
    }
    set->items[set->count++] = place;
    info->changed = true;
}

static void set_add_all(MemoryInfo *info, PlaceSet *set, PlaceSet more) {
    for (uint32_t i = 0; i < more.count; i++)
        set_add(info, set, more.items[i]);
}

static PlaceSet *value_set(MemoryInfo *info, const Value *value) {
    PlaceSet **set = &info->targets[value->id];
    if (!*set)
        *set = arena_new(info->arena, PlaceSet);
    return *set;
}

// ---- Objects ----------------------------------------------------------------

Object *memory_object_at(const MemoryInfo *info, uint32_t id) {
    return info->objects.items[id];
}

static Object *new_object(MemoryInfo *info, MemKind kind, const Type *type,
                          const char *description) {
    Object *object = arena_new(info->arena, Object);
    object->shown.kind = kind;
    object->shown.id = (uint32_t)info->objects.count;
    object->shown.type =
        type && (type->kind == TYPE_VOID || type->kind == TYPE_OPAQUE) ? NULL
                                                                       : type;
    object->shown.field = MEM_ANY_FIELD;
    object->shown.description = description;
    object->alone = arena_array(info->arena, const MemObject *, 1);
    object->alone[0] = &object->shown;
    vec_push(info->arena, &info->objects, object);
    return object;
}

static const char *named(MemoryInfo *info, const char *what,
                         const Value *value) {
    return value->name ? arena_printf(info->arena, "%s '%s'", what, value->name)
                       : what;
}

static Object *object_of_param(MemoryInfo *info, uint32_t i) {
    Value *param = info->function->body->params[i];
    bool copy = info->function->params[i].by_value_record;
    Object *object =
        new_object(info, copy ? MEM_LOCAL : MEM_PARAM, param->type->element,
                   named(info, "parameter", param));
    object->shown.root = param;
    return object;
}

// The object of an alloc, heap, realloc or tape operation.
static Object *object_of_root(MemoryInfo *info, const Op *op) {
    Object *object = ptrmap_get(info->by_key, op);
    if (object)
        return object;
    const Type *type = op->kind == OP_ALLOC ? op->as.type : NULL;
    bool heap = op->kind == OP_HEAP || op->kind == OP_REALLOC;
    const char *what = heap                       ? "the heap memory"
                       : op->kind == OP_TAPE      ? "the tape"
                       : type->kind == TYPE_ARRAY ? "local array"
                                                  : "local variable";
    object = new_object(info, heap ? MEM_HEAP : MEM_LOCAL, type,
                        named(info, what, op->results[0]));
    object->shown.root = op->results[0];
    ptrmap_set(info->by_key, op, object);
    return object;
}

static Object *object_of_global(MemoryInfo *info, Global *global) {
    Object *object = ptrmap_get(info->by_key, global);
    if (object)
        return object;
    object = new_object(info, MEM_GLOBAL, global->type,
                        arena_printf(info->arena, "global '%s'", global->name));
    object->shown.global = global;
    ptrmap_set(info->by_key, global, object);
    return object;
}

static Object *text_object(MemoryInfo *info) {
    if (!info->text)
        info->text = new_object(info, MEM_GLOBAL, NULL, "a string literal");
    return info->text;
}

// What errno's macro calls points to errno and nothing else.
static Object *errno_object(MemoryInfo *info) {
    if (!info->error_number)
        info->error_number = new_object(info, MEM_GLOBAL, NULL, "errno");
    return info->error_number;
}

static bool gives_errno(const Op *call) {
    static const char *const names[] = {"__errno_location", "__error",
                                        "___errno", "_errno"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (string_equal(call->as.callee->name, names[i]))
            return call->as.callee->in_header && call->operand_count == 0;
    return false;
}

// The bare C name in a description: "parameter 'net'" -> "net".
static const char *bare_name(MemoryInfo *info, const Object *object) {
    const char *quote = strchr(object->shown.description, '\'');
    if (!quote)
        return "?";
    return arena_strndup(info->arena, quote + 1, strlen(quote + 1) - 1);
}

static const char *describe_content(MemoryInfo *info, const Object *container,
                                    uint32_t slot) {
    Text text;
    text_init(&text, info->arena);
    text_printf(&text, "'%s", bare_name(info, container));
    const Type *type = container->shown.type;
    bool direct = container->shown.kind == MEM_GLOBAL ||
                  container->shown.kind == MEM_LOCAL;
    if (type && slot != MEM_ANY_SLOT && type->kind == TYPE_RECORD)
        describe_slot(&text, type, slot, direct ? "." : "->");
    else if (!direct || (type && type->kind == TYPE_ARRAY))
        text_add(&text, "[...]");
    text_add(&text, "'");
    return text.chars;
}

// The type of the pointer in a slot, or NULL.
static const Type *pointer_at(const Type *type, uint32_t slot) {
    while (type && type->kind == TYPE_ARRAY)
        type = type->element;
    if (!type || type->kind != TYPE_RECORD || type->record->is_union)
        return type && slot == 0 && type_is_pointer(type) ? type : NULL;
    for (size_t i = 0; i < type->record->field_count; i++) {
        const Type *field = type->record->fields[i].type;
        uint32_t count = memory_slot_count(field);
        if (slot < count)
            return pointer_at(field, slot);
        slot -= count;
    }
    return NULL;
}

static Object *content_of(MemoryInfo *info, Object *container, uint32_t slot,
                          const Type *loaded) {
    const Type *type = loaded->element;
    const Type *known = container->shown.type;
    bool like = container->shown.kind == MEM_CONTENT && known &&
                type->kind == TYPE_RECORD && type_equal(known, type);
    if (like || container->depth >= MAX_DEPTH)
        return container;
    const Type *declared = known ? pointer_at(known, slot) : NULL;
    if (declared && !memory_type_is_bytes(declared->element))
        type = declared->element;
    Object *object = container->first_content;
    for (; object; object = object->next_content)
        if (object->shown.field == slot)
            return object;
    object = new_object(info, MEM_CONTENT, type,
                        describe_content(info, container, slot));
    object->shown.container = &container->shown;
    object->shown.field = slot;
    object->depth = container->depth + 1;
    object->next_content = container->first_content;
    container->first_content = object;
    info->changed = true;
    return object;
}

// ---- Contents ---------------------------------------------------------------

static PlaceSet *slot_set(MemoryInfo *info, Object *object, uint32_t slot) {
    for (uint32_t i = 0; i < object->content_count; i++)
        if (object->contents[i].slot == slot)
            return &object->contents[i].places;
    if (object->content_count == object->content_capacity) {
        uint32_t capacity = object->content_capacity * 2 + 2;
        SlotContent *contents = arena_array(info->arena, SlotContent, capacity);
        if (object->content_count)
            memcpy(contents, object->contents,
                   object->content_count * sizeof *contents);
        object->contents = contents;
        object->content_capacity = capacity;
    }
    object->contents[object->content_count].slot = slot;
    return &object->contents[object->content_count++].places;
}

static bool has_entry_content(const Object *object) {
    return object->shown.kind == MEM_PARAM ||
           object->shown.kind == MEM_CONTENT ||
           (object->shown.kind == MEM_GLOBAL && object->shown.global) ||
           (object->shown.kind == MEM_LOCAL && !object->shown.root->op);
}

static const Place unknown_place = {UNKNOWN, MEM_ANY_SLOT};

// Adds what a pointer of the given type, read at the place, may point to.
static void read_place(MemoryInfo *info, Place place, const Type *type,
                       PlaceSet *into) {
    Object *object = memory_object_at(info, place.object);
    if (object->shown.kind == MEM_UNKNOWN) {
        set_add(info, into, unknown_place);
        return;
    }
    for (uint32_t i = 0; i < object->content_count; i++) {
        uint32_t slot = object->contents[i].slot;
        if (slot == place.slot || slot == MEM_ANY_SLOT ||
            place.slot == MEM_ANY_SLOT)
            set_add_all(info, into, object->contents[i].places);
    }
    if (has_entry_content(object)) {
        Object *content = content_of(info, object, place.slot, type);
        set_add(info, into, (Place){content->shown.id, 0});
        if (place.slot == MEM_ANY_SLOT)
            set_add(info, into, unknown_place);
    }
    if (info->unknown_store &&
        (object->shown.escapes || has_entry_content(object)))
        set_add(info, into, unknown_place);
}

static void write_place(MemoryInfo *info, Place place, PlaceSet from) {
    Object *object = memory_object_at(info, place.object);
    if (object->shown.kind == MEM_UNKNOWN && from.count && !info->unknown_store)
        info->unknown_store = info->changed = true;
    else if (object->shown.kind != MEM_UNKNOWN && from.count)
        set_add_all(info, slot_set(info, object, place.slot), from);
}

// ---- Constraints of each operation ------------------------------------------

static void flow(MemoryInfo *info, const Value *from, const Value *to) {
    if (type_is_pointer(to->type) && info->targets[from->id])
        set_add_all(info, value_set(info, to), *info->targets[from->id]);
}

static void point_to(MemoryInfo *info, const Value *value, Object *object) {
    set_add(info, value_set(info, value), (Place){object->shown.id, 0});
}

static Place place_of_field(Place place, const Type *type, uint32_t field) {
    if (place.slot == MEM_ANY_SLOT || type->kind != TYPE_RECORD)
        return (Place){place.object, MEM_ANY_SLOT};
    if (type->record->is_union)
        return (Place){place.object, MEM_ANY_SLOT};
    place.slot += field_slot(type->record, field);
    return place;
}

// A cast keeps the slot where the object really has that type there. Heap
// memory and what a void pointer points to take the first type they are given.
static Place place_of_cast(MemoryInfo *info, Place place, const Type *to) {
    Object *object = memory_object_at(info, place.object);
    if (place.slot == MEM_ANY_SLOT || object->shown.kind == MEM_UNKNOWN ||
        to->kind == TYPE_VOID || to->kind == TYPE_OPAQUE)
        return place;
    if (!object->shown.type && place.slot == 0 && !memory_type_is_bytes(to))
        object->shown.type = to;
    if (!object->shown.type || !type_has_at(object->shown.type, place.slot, to))
        place.slot = MEM_ANY_SLOT;
    return place;
}

static void derive(MemoryInfo *info, const Op *op) {
    const Value *base = op->operands[0], *result = op->results[0];
    const Type *from = base->type->element, *to = result->type->element;
    PlaceSet *set = value_set(info, base);
    bool same = op->kind == OP_INDEX || op->kind == OP_ELEM ||
                (op->kind == OP_CAST && type_equal(from, to));
    if (same) { // shared: it grows with the base's
        info->targets[result->id] = set;
        return;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        Place place = op->kind == OP_FIELD
                          ? place_of_field(set->items[i], from, op->as.field)
                          : place_of_cast(info, set->items[i], to);
        set_add(info, value_set(info, result), place);
    }
}

static void visit_region(MemoryInfo *info, const Region *region);

static void visit_if(MemoryInfo *info, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++) {
        visit_region(info, op->regions[r]);
        const Op *yield = region_terminator(op->regions[r]);
        for (uint32_t i = 0; i < op->result_count; i++)
            flow(info, yield->operands[i], op->results[i]);
    }
}

static void visit_loop(MemoryInfo *info, const Op *op) {
    for (uint32_t i = 0; i < loop_carried_count(op); i++) {
        const Value *param = loop_param(op, i);
        flow(info, loop_initial(op, i), param);
        flow(info, loop_next(op, i), param);
        flow(info, param, op->results[i]);
        if (op->kind == OP_WHILE)
            flow(info, param, op->regions[WHILE_CONDITION]->params[i]);
    }
    for (uint32_t r = 0; r < op->region_count; r++)
        visit_region(info, op->regions[r]);
}

static void visit_load(MemoryInfo *info, const Op *op) {
    const Value *result = op->results[0];
    if (!type_is_pointer(result->type))
        return;
    PlaceSet *set = value_set(info, op->operands[0]);
    PlaceSet *into = value_set(info, result);
    for (uint32_t i = 0; i < set->count; i++)
        read_place(info, set->items[i], result->type, into);
}

static void visit_store(MemoryInfo *info, const Op *op) {
    const Value *value = op->operands[1];
    if (!type_is_pointer(value->type) || !info->targets[value->id])
        return;
    PlaceSet *set = value_set(info, op->operands[0]);
    for (uint32_t i = 0; i < set->count; i++)
        write_place(info, set->items[i], *info->targets[value->id]);
}

// A record's pointers are copied slot by slot.
static void copy_slots(MemoryInfo *info, const Type *type, Place target,
                       Place source) {
    uint32_t count = memory_slot_count(type);
    bool any = target.slot == MEM_ANY_SLOT || source.slot == MEM_ANY_SLOT;
    for (uint32_t i = 0; i < count; i++) {
        const Type *pointer = pointer_at(type, i);
        if (!pointer && !any)
            continue;
        Place from = source, to = target;
        from.slot += from.slot == MEM_ANY_SLOT ? 0 : i;
        to.slot += to.slot == MEM_ANY_SLOT ? 0 : i;
        Type bytes = {.kind = TYPE_VOID};
        Type anything = {.kind = TYPE_POINTER, .element = &bytes};
        PlaceSet read = {0};
        bool changed = info->changed;
        read_place(info, from, pointer ? pointer : &anything, &read);
        info->changed = changed;
        write_place(info, to, read);
    }
}

static void visit_copy(MemoryInfo *info, const Op *op) {
    if (!type_holds_pointer(op->as.type) && !memory_type_is_bytes(op->as.type))
        return;
    PlaceSet targets = *value_set(info, op->operands[0]);
    PlaceSet sources = *value_set(info, op->operands[1]);
    for (uint32_t i = 0; i < targets.count; i++)
        for (uint32_t j = 0; j < sources.count; j++)
            copy_slots(info, op->as.type, targets.items[i], sources.items[j]);
}

static void visit_call(MemoryInfo *info, const Op *op) {
    bool only_reads = op->as.callee->is_output;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        PlaceSet *set = info->targets[op->operands[i]->id];
        if (!set || only_reads || memory_argument_is_read_only(op, i))
            continue;
        PlaceSet unknown = {(Place *)&unknown_place, 1, 1};
        for (uint32_t j = 0; j < set->count; j++) {
            const Object *object = memory_object_at(info, set->items[j].object);
            const Type *type = object->shown.type;
            if (!type || type_holds_pointer(type))
                write_place(info, (Place){set->items[j].object, MEM_ANY_SLOT},
                            unknown);
        }
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        if (gives_errno(op))
            point_to(info, op->results[i], errno_object(info));
        else if (type_is_pointer(op->results[i]->type))
            set_add(info, value_set(info, op->results[i]), unknown_place);
}

// What is popped has been pushed as a pointer to the same kind of thing: each
// has a slot of its own.
static Place place_on_tape(Place tape, const Type *pointer) {
    const Type *type = pointer->element;
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    return (Place){tape.object, 1 + (uint32_t)type->kind};
}

// A tape is an object whose contents are all that is pushed.
static void visit_tape(MemoryInfo *info, const Op *op) {
    PlaceSet *tape = value_set(info, op->operands[0]);
    for (uint32_t t = 0; t < tape->count; t++) {
        for (uint32_t i = 1; op->kind == OP_PUSH && i < op->operand_count;
             i++) {
            const Value *value = op->operands[i];
            if (info->targets[value->id])
                write_place(info, place_on_tape(tape->items[t], value->type),
                            *info->targets[value->id]);
        }
        for (uint32_t i = 0; i < op->result_count; i++) {
            const Type *type = op->results[i]->type;
            if (type_is_pointer(type))
                read_place(info, place_on_tape(tape->items[t], type), type,
                           value_set(info, op->results[i]));
        }
    }
}

// What stood in the old block stands in the new one.
static void visit_realloc(MemoryInfo *info, const Op *op) {
    Object *block = object_of_root(info, op);
    PlaceSet old = *value_set(info, op->operands[0]);
    point_to(info, op->results[0], block);
    for (uint32_t i = 0; i < old.count; i++) {
        const Object *object = memory_object_at(info, old.items[i].object);
        for (uint32_t c = 0; c < object->content_count && object != block;
             c++) {
            Place place = {block->shown.id, object->contents[c].slot};
            write_place(info, place, object->contents[c].places);
        }
        const Type nothing = {.kind = TYPE_VOID};
        if (has_entry_content(object) || object->shown.kind == MEM_UNKNOWN)
            copy_slots(info, &nothing, (Place){block->shown.id, MEM_ANY_SLOT},
                       (Place){object->shown.id, MEM_ANY_SLOT});
    }
}

static void visit_pointer_op(MemoryInfo *info, const Op *op) {
    const Value *result = op->results[0];
    bool from_pointer =
        op->operand_count && type_is_pointer(op->operands[0]->type);
    if (op->kind == OP_INDEX || op->kind == OP_ELEM || op->kind == OP_FIELD ||
        (op->kind == OP_CAST && from_pointer))
        derive(info, op);
    else if (op->kind == OP_REALLOC)
        visit_realloc(info, op);
    else if (op->kind == OP_ALLOC || op->kind == OP_HEAP || op->kind == OP_TAPE)
        point_to(info, result, object_of_root(info, op));
    else if (op->kind == OP_GLOBAL)
        point_to(info, result, object_of_global(info, op->as.global));
    else if (op->kind == OP_STRING || op->kind == OP_FUNCTION)
        point_to(info, result, text_object(info));
    else if (op->kind == OP_SELECT) {
        flow(info, op->operands[1], result);
        flow(info, op->operands[2], result);
    } else if (op->kind == OP_INACTIVE)
        flow(info, op->operands[0], result);
    else if (op->kind != OP_CONST && op->kind != OP_UNDEF)
        set_add(info, value_set(info, result), unknown_place);
}

static void visit_op(MemoryInfo *info, const Op *op) {
    if (op->kind == OP_IF)
        visit_if(info, op);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        visit_loop(info, op);
    else if (op->kind == OP_LOAD)
        visit_load(info, op);
    else if (op->kind == OP_STORE)
        visit_store(info, op);
    else if (op->kind == OP_COPY)
        visit_copy(info, op);
    else if (op->kind == OP_CALL)
        visit_call(info, op);
    else if (op->kind == OP_PUSH || op->kind == OP_POP)
        visit_tape(info, op);
    else if (op->result_count && type_is_pointer(op->results[0]->type))
        visit_pointer_op(info, op);
}

static void visit_region(MemoryInfo *info, const Region *region) {
    for (const Op *op = region->first; op; op = op->next)
        visit_op(info, op);
}

// ---- The analysis -----------------------------------------------------------

// An earlier parameter that may lead to the same memory; NULL if there is none.
static const Value *same_memory(const MemoryInfo *info, uint32_t i) {
    const Param *params = info->function->params;
    for (uint32_t k = 0; params[i].group && k < i; k++)
        if (params[k].group == params[i].group)
            return info->function->body->params[k];
    return NULL;
}

static void enter_params(MemoryInfo *info) {
    const Region *body = info->function->body;
    for (uint32_t i = 0; i < body->param_count; i++) {
        const Value *other = same_memory(info, i);
        if (other)
            set_add(info, value_set(info, body->params[i]),
                    (Place){info->targets[other->id]->items[0].object,
                            MEM_ANY_SLOT});
        else if (type_is_pointer(body->params[i]->type))
            point_to(info, body->params[i], object_of_param(info, i));
    }
}

// The answer of memory_targets for a set of places: each object once.
static const MemObject **objects_of(MemoryInfo *info, const PlaceSet *set) {
    if (set->count == 1)
        return memory_object_at(info, set->items[0].object)->alone;
    const MemObject **objects =
        arena_array(info->arena, const MemObject *, set->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t seen = 0;
        const Object *object = memory_object_at(info, set->items[i].object);
        while (seen < count && objects[seen] != &object->shown)
            seen++;
        objects[seen] = &object->shown;
        count += seen == count;
    }
    return objects;
}

MemoryInfo *memory_analyse(Arena *arena, const Function *function) {
    MemoryInfo *info = arena_new(arena, MemoryInfo);
    info->arena = arena;
    info->function = function;
    info->value_count = function->value_count;
    info->targets = arena_array(arena, PlaceSet *, info->value_count);
    info->by_key = ptrmap_create(arena);
    new_object(info, MEM_UNKNOWN, NULL, "memory that cannot be followed");
    info->objects.items[UNKNOWN]->shown.escapes = true;
    enter_params(info);
    do {
        info->changed = false;
        visit_region(info, function->body);
        info->changed |= memory_find_escapes(info);
    } while (info->changed);
    info->object_sets =
        arena_array(arena, const MemObject **, info->value_count);
    memory_find_accesses(info);
    return info;
}

// ---- Answers ----------------------------------------------------------------

uint32_t memory_object_count(const MemoryInfo *info) {
    return (uint32_t)info->objects.count;
}

const MemObject *memory_object(const MemoryInfo *info, uint32_t id) {
    return &memory_object_at(info, id)->shown;
}

// The value that the analysis knew, below addresses that were built later.
static const Value *known_base(const MemoryInfo *info, const Value *pointer) {
    while (pointer->id >= info->value_count) {
        const Op *op = pointer->op;
        if (!op || (op->kind != OP_INDEX && op->kind != OP_ELEM &&
                    op->kind != OP_FIELD && op->kind != OP_CAST))
            return NULL;
        pointer = op->operands[0];
    }
    return pointer;
}

static bool is_null(const Value *pointer) {
    return pointer->op && pointer->op->kind == OP_CONST;
}

PlaceSet memory_places(const MemoryInfo *info, const Value *pointer) {
    PlaceSet unknown = {(Place *)&unknown_place, 1, 1};
    const Value *base = known_base(info, pointer);
    if (!base || !type_is_pointer(base->type))
        return unknown;
    const PlaceSet *set = info->targets[base->id];
    if (set && set->count) {
        if (base == pointer)
            return *set;
        PlaceSet any = {arena_array(info->arena, Place, set->count), set->count,
                        set->count};
        for (uint32_t i = 0; i < set->count; i++)
            any.items[i] = (Place){set->items[i].object, MEM_ANY_SLOT};
        return any;
    }
    return is_null(base) ? (PlaceSet){0} : unknown;
}

bool memory_share_object(const MemoryInfo *info, const Value *a,
                         const Value *b) {
    const MemObject *const *x, *const *y;
    uint32_t count_x = memory_targets(info, a, &x);
    uint32_t count_y = memory_targets(info, b, &y);
    for (uint32_t i = 0; i < count_x; i++)
        for (uint32_t j = 0; j < count_y; j++)
            if (x[i] == y[j] || x[i]->kind == MEM_UNKNOWN ||
                y[j]->kind == MEM_UNKNOWN)
                return true;
    return false;
}

uint32_t memory_targets(const MemoryInfo *info, const Value *pointer,
                        const MemObject *const **objects) {
    const Value *base = known_base(info, pointer);
    const PlaceSet *set =
        base && type_is_pointer(base->type) ? info->targets[base->id] : NULL;
    *objects = memory_object_at(info, UNKNOWN)->alone;
    if (!set || !set->count)
        return base && is_null(base) ? 0 : 1;
    const MemObject ***cached = &info->object_sets[base->id];
    if (!*cached)
        *cached = objects_of((MemoryInfo *)info, set);
    *objects = *cached;
    if (set->count == 1)
        return 1;
    uint32_t count = 0;
    while ((*cached)[count])
        count++;
    return count;
}

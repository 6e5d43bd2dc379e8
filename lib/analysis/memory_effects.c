// memory_effects.c - which operations read and write which memory. Reads: IR
// and the points-to sets of memory.c. Answers: memory_op_may_write and its
// kin, memory_object_written; and for memory.c, which objects escape.
//
// A call reads and writes all that its arguments lead to, and every global
// that is not constant; a parameter that points to const scalars is only read,
// and so is all by output functions. Functions of system headers leave the
// program's globals alone.
#include "analysis/memory_internal.h"

// ---- Escaping ---------------------------------------------------------------

static bool escape(MemoryInfo *info, uint32_t id) {
    Object *object = memory_object_at(info, id);
    if (object->shown.escapes)
        return false;
    object->shown.escapes = true;
    for (uint32_t i = 0; i < object->content_count; i++) {
        const PlaceSet *places = &object->contents[i].places;
        for (uint32_t j = 0; j < places->count; j++)
            escape(info, places->items[j].object);
    }
    return true;
}

static bool escape_value(MemoryInfo *info, const Value *value) {
    const PlaceSet *set = info->targets[value->id];
    bool any = false;
    for (uint32_t i = 0; set && i < set->count; i++)
        any |= escape(info, set->items[i].object);
    return any;
}

static bool stays_inside(const Object *object) {
    return (object->shown.kind == MEM_LOCAL ||
            object->shown.kind == MEM_HEAP) &&
           !object->shown.escapes;
}

static bool escapes_by_store(MemoryInfo *info, const Op *op) {
    const PlaceSet *set = info->targets[op->operands[0]->id];
    bool inside = set && set->count;
    for (uint32_t i = 0; inside && i < set->count; i++)
        inside = stays_inside(memory_object_at(info, set->items[i].object));
    return !inside && escape_value(info, op->operands[1]);
}

static bool find_escapes(MemoryInfo *info, const Region *region) {
    bool any = false;
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_STORE)
            any |= escapes_by_store(info, op);
        // A step of a checkpointed loop keeps no pointers.
        if ((op->kind == OP_CALL && !op->as.callee->is_output &&
             !op->as.callee->is_step) ||
            op->kind == OP_RETURN ||
            (op->kind == OP_CAST && !type_is_pointer(op->results[0]->type)))
            for (uint32_t i = 0; i < op->operand_count; i++)
                any |= escape_value(info, op->operands[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            any |= find_escapes(info, op->regions[r]);
    }
    return any;
}

bool memory_find_escapes(MemoryInfo *info) {
    bool any = find_escapes(info, info->function->body);
    for (uint32_t i = 0; i < info->objects.count; i++) {
        Object *object = info->objects.items[i];
        if (stays_inside(object))
            continue;
        for (uint32_t c = 0; c < object->content_count; c++)
            for (uint32_t j = 0; j < object->contents[c].places.count; j++)
                any |= escape(info, object->contents[c].places.items[j].object);
    }
    return any;
}

// ---- Calls ------------------------------------------------------------------

// The user's derivatives say which floating values a function writes through a
// parameter: none, where their `of` was given and does not name it.
static bool rules_out_floats(const Function *callee, uint32_t index) {
    for (uint32_t r = 0; r < callee->rule_count; r++) {
        const Annotation *a = &callee->rules[r].annotation;
        if (!a->of_given)
            return false;
        for (uint32_t i = 0; i < a->of_count; i++)
            if (a->of[i].kind == ITEM_PARAM && a->of[i].param == index)
                return false;
    }
    return callee->rule_count > 0;
}

static bool rules_out_writes(const Function *callee, uint32_t index) {
    const Type *type = callee->params[index].type;
    return type_is_pointer(type) && type_is_float(type->element) &&
           rules_out_floats(callee, index);
}

bool memory_argument_is_read_only(const Op *call, uint32_t index) {
    const Function *callee = call->as.callee;
    if (callee->is_output)
        return true;
    if (index >= callee->param_count)
        return false;
    const Param *param = &callee->params[index];
    return param->by_value_record || param->is_read_only ||
           rules_out_writes(callee, index) ||
           (type_is_pointer(param->type) && param->type->element->is_const &&
            !type_holds_pointer(param->type->element));
}

// What one call may touch, by object.
typedef struct CallReach {
    bool *read, *written;
} CallReach;

static void reach(const MemoryInfo *info, uint32_t id, bool *reached) {
    if (reached[id])
        return;
    reached[id] = true;
    const Object *object = memory_object_at(info, id);
    for (uint32_t i = 0; i < object->content_count; i++) {
        const PlaceSet *places = &object->contents[i].places;
        for (uint32_t j = 0; j < places->count; j++)
            reach(info, places->items[j].object, reached);
    }
    for (const Object *o = object->first_content; o; o = o->next_content)
        reach(info, o->shown.id, reached);
}

// Whether the operations may touch the global; what they call may.
static bool mentions(const Region *region, const Global *global) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_CALL ||
            (op->kind == OP_GLOBAL && op->as.global == global))
            return true;
        for (uint32_t i = 0; i < op->region_count; i++)
            if (mentions(op->regions[i], global))
                return true;
    }
    return false;
}

// What a step of a checkpointed loop does is known.
static void reach_globals_of_step(const MemoryInfo *info, const Function *step,
                                  CallReach *r) {
    for (uint32_t i = 0; i < info->objects.count; i++) {
        const Global *global = memory_object_at(info, i)->shown.global;
        if (!global || !mentions(step->body, global))
            continue;
        reach(info, i, r->read);
        if (!global->is_constant)
            reach(info, i, r->written);
    }
}

static void reach_globals(const MemoryInfo *info, const Op *call,
                          CallReach *r) {
    const Function *callee = call->as.callee;
    if (callee->is_step) {
        reach_globals_of_step(info, callee, r);
        return;
    }
    if (callee->touches_all)
        r->read[0] = r->written[0] = true;
    else if (callee->is_system)
        return;
    for (uint32_t i = 0; i < info->objects.count; i++) {
        const Object *object = info->objects.items[i];
        // A function with a derivative of the user's own keeps no pointers.
        bool left =
            !callee->rule_count && object->shown.escapes &&
            (object->shown.kind == MEM_LOCAL || object->shown.kind == MEM_HEAP);
        if (left || object->shown.global) {
            reach(info, i, r->read);
            if (!callee->is_output &&
                !(object->shown.global && object->shown.global->is_constant))
                reach(info, i, r->written);
        }
    }
}

static const CallReach *call_reach(const MemoryInfo *info, const Op *call) {
    CallReach *r = ptrmap_get(info->call_reach, call);
    if (r)
        return r;
    r = arena_new(info->arena, CallReach);
    r->read = arena_array(info->arena, bool, info->objects.count);
    r->written = arena_array(info->arena, bool, info->objects.count);
    for (uint32_t i = 0; i < call->operand_count; i++) {
        const Type *type = call->operands[i]->type;
        if (!type_is_pointer(type) || type_function_result(type->element))
            continue;
        PlaceSet set = memory_places(info, call->operands[i]);
        bool unknown = r->written[0];
        for (uint32_t j = 0; j < set.count; j++) {
            reach(info, set.items[j].object, r->read);
            if (!memory_argument_is_read_only(call, i))
                reach(info, set.items[j].object, r->written);
        }
        // A context of whatever kind leads to state of its own.
        if (i < call->as.callee->param_count &&
            rules_out_floats(call->as.callee, i))
            r->written[0] = unknown;
    }
    reach_globals(info, call, r);
    if (info->error_number) {
        reach(info, info->error_number->shown.id, r->read);
        reach(info, info->error_number->shown.id, r->written);
    }
    ptrmap_set(info->call_reach, call, r);
    return r;
}

const bool *memory_call_outputs(const MemoryInfo *info, const Op *call) {
    const Function *callee = call->as.callee;
    if (callee->rule_count == 0)
        return call_reach(info, call)->written;
    bool *written = arena_array(info->arena, bool, info->objects.count);
    for (uint32_t i = 0; i < call->operand_count; i++) {
        PlaceSet set = memory_places(info, call->operands[i]);
        if (!type_is_pointer(call->operands[i]->type) ||
            memory_argument_is_read_only(call, i) ||
            (i < callee->param_count && rules_out_floats(callee, i)))
            continue;
        for (uint32_t j = 0; j < set.count; j++)
            reach(info, set.items[j].object, written);
    }
    return written;
}

bool *memory_reach(const MemoryInfo *info, const Value *pointer) {
    bool *reached = arena_array(info->arena, bool, info->objects.count);
    PlaceSet set = memory_places(info, pointer);
    for (uint32_t i = 0; i < set.count; i++)
        reach(info, set.items[i].object, reached);
    return reached;
}

static bool touches(const MemoryInfo *info, const bool *reached,
                    const Value *address) {
    PlaceSet set = memory_places(info, address);
    for (uint32_t i = 0; i < set.count; i++) {
        const Object *object = memory_object_at(info, set.items[i].object);
        if (reached[set.items[i].object] || object->shown.kind == MEM_UNKNOWN ||
            (reached[0] && !stays_inside(object)))
            return true;
    }
    return false;
}

// ---- Single operations ------------------------------------------------------

// The type of a whole-object access; NULL where a count makes it an array.
static const Type *counted(const Op *op, uint32_t plain_operands) {
    return op->operand_count > plain_operands ? NULL : op->as.type;
}

// Written (or read) by an operation of one address; false where it has none.
static bool access_of(const Op *op, bool writes, const Value **address,
                      const Type **type) {
    if (op->kind == (writes ? OP_STORE : OP_LOAD)) {
        *address = op->operands[0];
        *type = writes ? op->operands[1]->type : op->results[0]->type;
        return true;
    }
    if (op->kind == OP_COPY) {
        *address = op->operands[writes ? 0 : 1];
        *type = counted(op, 2);
        return true;
    }
    if (op->kind == OP_ZERO && writes) {
        *address = op->operands[0];
        *type = counted(op, 1);
        return true;
    }
    if (op->kind == OP_FREE || op->kind == OP_REALLOC || op->kind == OP_PUSH ||
        op->kind == OP_POP || op->kind == OP_TAPE_FREE) {
        *address = op->operands[0];
        *type = NULL;
        return writes || op->kind == OP_POP || op->kind == OP_REALLOC;
    }
    return false;
}

bool memory_changes_unseen(const MemoryInfo *info, const MemObject *object) {
    return (object->global && object->global->is_volatile) ||
           (info->error_number && object == &info->error_number->shown);
}

bool memory_address_changes_unseen(const MemoryInfo *info,
                                   const Value *address) {
    PlaceSet set = memory_places(info, address);
    for (uint32_t i = 0; i < set.count; i++)
        if (memory_changes_unseen(
                info, &memory_object_at(info, set.items[i].object)->shown))
            return true;
    return false;
}

static bool single_op_touches(const MemoryInfo *info, const Op *op,
                              const Value *address, bool writes) {
    const Value *touched;
    const Type *type;
    if (op->kind == OP_CALL) {
        const CallReach *r = call_reach(info, op);
        return touches(info, writes ? r->written : r->read, address);
    }
    if (!access_of(op, writes, &touched, &type))
        return false;
    return memory_overlap(info, touched, type, address, address->type->element);
}

bool memory_single_op_writes(const MemoryInfo *info, const Op *op,
                             const Value *address) {
    return memory_address_changes_unseen(info, address) ||
           single_op_touches(info, op, address, true);
}

bool memory_single_op_reads(const MemoryInfo *info, const Op *op,
                            const Value *address) {
    return single_op_touches(info, op, address, false);
}

static bool writes_reached(const MemoryInfo *info, const Op *op,
                           const bool *reached) {
    const Value *address;
    const Type *type;
    if (op->kind == OP_CALL) {
        const CallReach *r = call_reach(info, op);
        for (uint32_t i = 0; i < info->objects.count; i++)
            if (r->written[i] && (reached[i] || i == 0))
                return true;
    } else if (access_of(op, true, &address, &type)) {
        PlaceSet set = memory_places(info, address);
        for (uint32_t i = 0; i < set.count; i++)
            if (reached[set.items[i].object] || set.items[i].object == 0)
                return true;
    }
    return false;
}

static bool region_writes_reached(const MemoryInfo *info, const Region *region,
                                  const bool *reached) {
    for (const Op *op = region->first; op; op = op->next) {
        if (writes_reached(info, op, reached))
            return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (region_writes_reached(info, op->regions[r], reached))
                return true;
    }
    return false;
}

static bool *reach_directly(const MemoryInfo *info, const Value *pointer) {
    bool *reached = arena_array(info->arena, bool, info->objects.count);
    PlaceSet set = memory_places(info, pointer);
    for (uint32_t i = 0; i < set.count; i++)
        reached[set.items[i].object] = true;
    return reached;
}

MemRelation memory_relation(const MemoryInfo *info, const Value *a,
                            const Value *b) {
    const bool *direct_a = reach_directly(info, a),
               *all_a = memory_reach(info, a);
    const bool *direct_b = reach_directly(info, b),
               *all_b = memory_reach(info, b);
    MemRelation relation = direct_a[0] || direct_b[0] ? MEM_SHARED : MEM_APART;
    for (uint32_t i = 0; i < info->objects.count; i++) {
        if (a != b && direct_a[i] && direct_b[i])
            relation = MEM_SHARED;
        else if (a != b && all_a[i] && all_b[i])
            return MEM_ENTANGLED;
        // Slots that lead to one object look like those that lead to two.
        else if (a == b && all_a[i] && !direct_a[i] &&
                 memory_object_at(info, i)->shown.kind != MEM_CONTENT)
            return MEM_ENTANGLED;
    }
    return relation;
}

bool memory_region_leaves(const MemoryInfo *info, const Region *region,
                          const Value *pointer) {
    const bool *reached = memory_reach(info, pointer);
    return !reached[0] && !region_writes_reached(info, region, reached);
}

// ---- With regions -----------------------------------------------------------

static bool tree_touches(const MemoryInfo *info, const Op *op,
                         const Value *address, bool writes) {
    if (single_op_touches(info, op, address, writes))
        return true;
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            if (tree_touches(info, inner, address, writes))
                return true;
    return false;
}

bool memory_op_may_write(const MemoryInfo *info, const Op *op,
                         const Value *address) {
    return memory_address_changes_unseen(info, address) ||
           tree_touches(info, op, address, true);
}

bool memory_op_may_read(const MemoryInfo *info, const Op *op,
                        const Value *address) {
    return tree_touches(info, op, address, false);
}

// ---- Program order ----------------------------------------------------------

static void set_written(Object *object, bool overwritten) {
    object->written = true;
    object->overwritten |= overwritten;
}

static void mark_written(MemoryInfo *info, const Op *op) {
    if (op->kind == OP_CALL) {
        const CallReach *r = call_reach(info, op);
        for (uint32_t i = 0; i < info->objects.count; i++)
            if (r->written[i])
                set_written(memory_object_at(info, i), true);
        return;
    }
    const Value *address;
    const Type *type;
    if (!access_of(op, true, &address, &type))
        return;
    PlaceSet set = memory_places(info, address);
    for (uint32_t i = 0; i < set.count; i++)
        set_written(memory_object_at(info, set.items[i].object),
                    op->kind != OP_FREE && op->kind != OP_REALLOC);
}

static void number(MemoryInfo *info, const Region *region, uint32_t *next) {
    for (const Op *op = region->first; op; op = op->next) {
        uint32_t order = ++*next;
        ptrmap_set(info->order, op, (void *)(uintptr_t)order);
        if (op_info(op->kind)->flags & (OPF_WRITES)) {
            MemAccess access = {op, order};
            vec_push(info->arena, &info->writes, access);
            mark_written(info, op);
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            number(info, op->regions[r], next);
    }
}

void memory_find_accesses(MemoryInfo *info) {
    uint32_t next = 0;
    info->order = ptrmap_create(info->arena);
    info->never_written = arena_array(info->arena, uint8_t, info->value_count);
    info->call_reach = ptrmap_create(info->arena);
    number(info, info->function->body, &next);
}

bool memory_object_overwritten(const MemoryInfo *info,
                               const MemObject *object) {
    const Object *unknown = memory_object_at(info, 0);
    const Object *own = memory_object_at(info, object->id);
    return own->overwritten || (unknown->overwritten && !stays_inside(own));
}

bool memory_object_written(const MemoryInfo *info, const MemObject *object) {
    const Object *unknown = memory_object_at(info, 0);
    if (unknown->written && !stays_inside(memory_object_at(info, object->id)))
        return true;
    return memory_object_at(info, object->id)->written;
}

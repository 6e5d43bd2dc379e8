// inline.c - calls replaced by the bodies of what they call. Reads and changes:
// the function; its callees stay as they are. Left alone: recursive callees,
// those without a body, inactive ones, those that never return, and those with
// a derivative of the user's own.
//
// A body has one return, at its end, so that it is spliced in front of the
// call. The copies keep their own origins. A record parameter passed by value
// becomes a local copy, unless nothing can tell it from the original.
#include "optimize/passes.h"

typedef struct Inliner {
    Function *function;
    Arena *arena;
    PtrMap *recursive; // functions that can call themselves, mapped to YES, NO
    PtrMap *memory;    // callees to what is known of their memory
    ValueMap results;  // of calls that are gone
    bool changed;
} Inliner;

// ---- Which calls ------------------------------------------------------------

static bool reaches(const Region *region, const Function *target,
                    PtrMap *visited) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t r = 0; r < op->region_count; r++)
            if (reaches(op->regions[r], target, visited))
                return true;
        if (op->kind != OP_CALL)
            continue;
        Function *callee = op->as.callee;
        if (callee == target)
            return true;
        if (!callee->body || ptrmap_has(visited, callee))
            continue;
        ptrmap_set(visited, callee, callee);
        if (reaches(callee->body, target, visited))
            return true;
    }
    return false;
}

static bool is_recursive(Inliner *in, Function *function) {
    static const char yes = 1, no = 0;
    const char *known = ptrmap_get(in->recursive, function);
    if (!known) {
        PtrMap *visited = ptrmap_create(in->arena);
        known = reaches(function->body, function, visited) ? &yes : &no;
        ptrmap_set(in->recursive, function, (void *)known);
    }
    return *known;
}

static bool is_wanted(Inliner *in, const Op *op) {
    if (op->kind != OP_CALL)
        return false;
    Function *callee = op->as.callee;
    return callee->body && callee != in->function && !callee->inactive &&
           !callee->rule_count && !callee->never_returns &&
           !callee->is_variadic && op->operand_count == callee->param_count &&
           !is_recursive(in, callee);
}

// ---- Records by value -------------------------------------------------------

// What an address was made from.
static const Value *root_of(const Value *address) {
    while (address->op &&
           (address->op->kind == OP_INDEX || address->op->kind == OP_ELEM ||
            address->op->kind == OP_FIELD || address->op->kind == OP_CAST))
        address = address->op->operands[0];
    return address;
}

static bool is_storage(const Value *root) {
    return !root->op || root->op->kind == OP_ALLOC ||
           root->op->kind == OP_HEAP || root->op->kind == OP_GLOBAL;
}

static bool are_different(const Value *a, const Value *b) {
    a = root_of(a);
    b = root_of(b);
    return a != b && is_storage(a) && is_storage(b) &&
           !(a->op && b->op && a->op->kind == OP_GLOBAL &&
             b->op->kind == OP_GLOBAL && a->op->as.global == b->op->as.global);
}

static const MemoryInfo *memory_of(Inliner *in, const Function *callee) {
    MemoryInfo *info = ptrmap_get(in->memory, callee);
    if (!info) {
        info = memory_analyse(in->arena, callee);
        ptrmap_set(in->memory, callee, info);
    }
    return info;
}

// Whether the callee's write to the object may reach the caller's record.
static bool may_write_argument(const Op *call, uint32_t i,
                               const MemObject *object) {
    if (object->kind == MEM_HEAP)
        return false;
    if (object->kind != MEM_PARAM && object->kind != MEM_LOCAL)
        return true;
    if (object->root->op) // the callee's own
        return false;
    uint32_t other = object->root->index;
    bool copy = call->as.callee->params[other].by_value_record;
    if (copy)
        return other == i;
    return !are_different(call->operands[i], call->operands[other]);
}

// The copy is needed where the callee may write it, or the original.
static bool needs_copy(Inliner *in, const Op *call, uint32_t i) {
    const MemoryInfo *info = memory_of(in, call->as.callee);
    for (uint32_t o = 0; o < memory_object_count(info); o++) {
        const MemObject *object = memory_object(info, o);
        bool same = object->root == call->as.callee->body->params[i];
        if (same && object->escapes)
            return true;
        if (memory_object_written(info, object) &&
            may_write_argument(call, i, object))
            return true;
    }
    return false;
}

static Value *argument(Inliner *in, Builder *b, const Op *call, uint32_t i) {
    const Param *param = &call->as.callee->params[i];
    Value *value = call->operands[i];
    if (!param->by_value_record || !needs_copy(in, call, i))
        return value;
    const Type *type = type_plain(in->function->module, param->type);
    Value *copy = build_alloc(b, type, NULL, 0, param->name);
    build_copy(b, copy, value);
    return copy;
}

// ---- Splicing ---------------------------------------------------------------

static void splice(Inliner *in, Op *call) {
    const Function *callee = call->as.callee;
    Builder b = builder_before(call);
    ValueMap map;
    valuemap_init(&map, in->arena, callee);
    for (uint32_t i = 0; i < callee->param_count; i++)
        valuemap_set(&map, callee->body->params[i], argument(in, &b, call, i));
    clone_region_body(&b, callee->body, &map);
    if (call->result_count) {
        const Op *end = region_terminator(callee->body);
        Value *result = valuemap_apply(&map, end->operands[0]);
        Value *old = call->results[0];
        if (!result->name && result->op && !value_is_constant(result))
            result->name = old->name;
        valuemap_set(&in->results, old, result);
    }
    op_remove(call);
    in->changed = true;
}

// What stands for a result now. It may be the result of a call in a callee
// that was not optimised yet, which is inlined itself by now.
static Value *resolve(const Inliner *in, Value *value) {
    for (Value *to = valuemap_get(&in->results, value); to;
         to = valuemap_get(&in->results, value))
        value = to;
    return value;
}

static void visit_region(Inliner *in, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = resolve(in, op->operands[i]);
        if (is_wanted(in, op)) {
            Op *before = op->previous;
            splice(in, op);
            next = before ? before->next : region->first;
            continue;
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            visit_region(in, op->regions[r]);
    }
}

bool pass_inline(Function *function) {
    Arena *arena = function->module->arena;
    Inliner in = {.function = function, .arena = arena};
    in.recursive = ptrmap_create(arena);
    in.memory = ptrmap_create(arena);
    valuemap_init(&in.results, arena, function);
    visit_region(&in, function->body);
    return in.changed;
}

// state.c - the state of a checkpointed loop: what steps may read of what
// earlier ones wrote, and of what is overwritten before they are run again.
// Asks memory analysis for each object that the loop reaches; appends the
// pieces to its marker.
#include "differentiate/outline.h"

// ---- The state --------------------------------------------------------------

// The pieces are operands of the OP_CHECKPOINT, in pairs behind the others.
void outline_add_piece(Outline *o, Value *pointer, Value *bytes) {
    op_append_operand(o->marker, pointer);
    op_append_operand(o->marker, bytes);
}

Value *outline_bytes(Builder *b, const Type *type, Value *count) {
    Value *size = build_sizeof(b, type);
    return count
               ? build_binary(b, OP_MUL, build_cast(b, size->type, count), size)
               : size;
}

static bool leads_to(void *context, const Value *address) {
    const Outline *o = context;
    const MemObject *const *objects;
    uint32_t count = memory_targets(o->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->id == o->object || objects[i]->kind == MEM_UNKNOWN)
            return true;
    return false;
}

typedef struct Accesses {
    Outline *o;
    Vec(const Value *) addresses; // that lead to the object
    bool written, calls, overwritten;
} Accesses;

static void find_access(Op *op, void *context) {
    Accesses *a = context;
    Outline *o = a->o;
    bool known = op->kind == OP_LOAD || op->kind == OP_STORE ||
                 op->kind == OP_ZERO || op->kind == OP_COPY;
    if (op->kind == OP_CALL && !op->as.callee->is_output &&
        !op->as.callee->never_returns)
        for (uint32_t i = 0; i < op->operand_count; i++)
            a->calls |= type_is_pointer(op->operands[i]->type) &&
                        leads_to(o, op->operands[i]);
    for (uint32_t i = 0; known && i < (op->kind == OP_COPY ? 2 : 1); i++) {
        if (!leads_to(o, op->operands[i]))
            continue;
        vec_push(o->d->arena, &a->addresses, op->operands[i]);
        a->written |= i == 0 && op->kind != OP_LOAD;
    }
}

// A pointer that one step leaves in memory for another: restoring a state would
// have to restore its derivative pointer, too.
static void find_pointer_store(Op *op, void *context) {
    Outline *o = context;
    const MemObject *const *objects;
    if (op->kind != OP_STORE || !type_is_pointer(op->operands[1]->type))
        return;
    uint32_t count = memory_targets(o->memory, op->operands[0], &objects);
    for (uint32_t i = 0; i < count; i++) {
        const Value *root = objects[i]->root;
        if (!root || loop_is_invariant(o->loop, root)) {
            outline_complain(o, "a checkpointed loop stores a pointer",
                             "keep pointers out of the state: use indices");
            return;
        }
    }
}

// Whether the program ends behind the operation: what it prints there, it
// prints once.
static bool leads_to_end(const Op *op) {
    for (; op; op = op->next)
        if (op->kind == OP_CALL && op->as.callee->never_returns)
            return true;
    return false;
}

// Steps run more than once: they must do the same each time, and nothing else.
static void find_call(Op *op, void *context) {
    Outline *o = context;
    const Function *callee = op->as.callee;
    if (op->kind != OP_CALL || o->d->failed || callee->never_returns ||
        callee->rule_count || leads_to_end(op))
        return;
    derive_error(
        o->d, derive_loc(o->d, op),
        arena_printf(o->d->arena,
                     "'%s' is called in a checkpointed loop, whose steps run "
                     "more than once",
                     callee->name),
        callee->is_output
            ? "print behind the loop"
            : "call only what is defined here, without recursion");
}

static const Role *role_of(const Outline *o, const Value *param) {
    return param && !param->op ? derive_role(o->d, param) : NULL;
}

// The number of elements in all dimensions of an annotation's section.
static Value *section_count(Outline *o, Builder *b, const Role *role) {
    return signature_extent(o->d, b, &role->item->extents[0]);
}

// Fields of one struct only, whatever else the pointer could lead to.
static bool is_single(const Accesses *a, const Value *root) {
    for (size_t i = 0; i < a->addresses.count; i++) {
        const Value *address = a->addresses.items[i];
        while (address->op &&
               (address->op->kind == OP_FIELD || address->op->kind == OP_ELEM))
            address = address->op->operands[0];
        if (address != root)
            return false;
    }
    return true;
}

static Value *bytes_of_block(Builder *b, const Op *op) {
    if (op->kind == OP_REALLOC || op->as.heap == HEAP_ALIGNED)
        return op->operands[1];
    Value *bytes = op->operands[0];
    if (op->operand_count == 1)
        return bytes;
    return build_binary(b, OP_MUL, bytes,
                        build_cast(b, bytes->type, op->operands[1]));
}

static bool add_whole(Outline *o, Builder *b, const MemObject *object,
                      const Accesses *a) {
    Value *root = object->root;
    const Op *op = root ? root->op : NULL;
    if (root && !region_contains(value_region(root), o->marker->parent))
        return false;
    if (object->global && object->kind == MEM_GLOBAL) {
        outline_add_piece(o, build_global(b, object->global),
                          outline_bytes(b, object->global->type, NULL));
    } else if (object->kind == MEM_LOCAL) {
        Value *count = NULL;
        const Type *type = root->type->element;
        for (uint32_t i = 0; op && i < op->operand_count; i++) {
            count = count ? build_binary(b, OP_MUL, count, op->operands[i])
                          : op->operands[i];
            type = type->element;
        }
        outline_add_piece(o, root, outline_bytes(b, type, count));
    } else if (object->kind == MEM_HEAP && op) {
        outline_add_piece(o, root, bytes_of_block(b, op));
    } else {
        const Role *role = object->kind == MEM_PARAM ? role_of(o, root) : NULL;
        if (role && role->item && role->item->extent_count)
            outline_add_piece(o, root,
                              outline_bytes(b, root->type->element,
                                            section_count(o, b, role)));
        else if (role && root->type->element->kind == TYPE_RECORD &&
                 is_single(a, root))
            outline_add_piece(o, root,
                              outline_bytes(b, root->type->element, NULL));
        else
            return false;
    }
    return true;
}

static bool is_listed(Outline *o) {
    for (uint32_t i = o->checkpoint->first; i < o->marker->operand_count;
         i += 2)
        if (leads_to(o, o->marker->operands[i]))
            return true;
    return false;
}

// Whether nobody sees what the object holds in the end.
static bool is_ours(const MemObject *object) {
    return object->kind == MEM_LOCAL ||
           (object->kind == MEM_HEAP && !object->escapes);
}

// Memory that each step writes before it reads, and that nothing else reads:
// what steps leave there means nothing.
static bool is_scratch(Outline *o, const MemObject *object) {
    Accesses condition = {.o = o};
    if (o->loop->kind == OP_WHILE)
        walk_ops(o->loop->regions[WHILE_CONDITION], find_access, &condition);
    return is_ours(object) && condition.addresses.count == 0 &&
           section_written_first(o->loop, leads_to, o);
}

// Whether steps may meet in what is no scratch memory: else it is no part of
// the state.
static bool is_shared(Outline *o, const Accesses *a, const MemObject *object) {
    return o->loop->kind != OP_FOR ||
           !section_written_first(o->loop, leads_to, o) || is_ours(object) ||
           !section_is_own(o->loop, a->addresses.items, a->addresses.count);
}

// Frees are not asked about: they wait, or are refused.
static void find_overwriting(Op *op, void *context) {
    Accesses *a = context;
    if (op->region_count || op->kind == OP_FREE || op->kind == OP_REALLOC)
        return;
    for (size_t i = 0; i < a->addresses.count; i++)
        a->overwritten |=
            memory_op_may_write(a->o->memory, op, a->addresses.items[i]);
}

static void find_overwriting_in(Op *op, Accesses *a) {
    find_overwriting(op, a);
    for (uint32_t r = 0; r < op->region_count; r++)
        walk_ops(op->regions[r], find_overwriting, a);
}

// Whether what steps reach is overwritten behind the loop, by later iterations
// of loops around it, too: steps are run again after that.
static bool is_overwritten(const Outline *o, Accesses *a) {
    for (Op *at = o->loop; at; at = at->parent->parent) {
        if (at != o->loop && at->kind != OP_IF)
            find_overwriting_in(at, a);
        for (Op *op = at->next; op; op = op->next)
            find_overwriting_in(op, a);
    }
    return a->overwritten;
}

// Putting a pointer back would take its derivative pointer, too.
static void refuse_changed_pointers(Outline *o, const Accesses *a) {
    for (size_t i = 0; i < a->addresses.count && !o->d->failed; i++)
        if (type_holds_pointer(a->addresses.items[i]->type->element))
            outline_complain(
                o,
                "a pointer that a checkpointed loop reads from memory "
                "changes behind the loop",
                "use another variable behind the loop");
}

// Memory of the step around the loop, of which the step's reverse has its own.
static bool is_of_outer_step(const Outline *o, const MemObject *object) {
    return o->outer && object->root &&
           region_contains(loop_body(o->outer), value_region(object->root));
}

static bool must_restore(Outline *o, Accesses *a, const MemObject *object) {
    if (a->addresses.count == 0 || is_scratch(o, object))
        return false;
    // What is run again must leave behind what was there.
    if (is_of_outer_step(o, object) ||
        (o->checkpoint->again && a->written && object->kind != MEM_UNKNOWN))
        return true;
    if (a->written && object->kind != MEM_UNKNOWN && is_shared(o, a, object))
        return true;
    if (!is_overwritten(o, a))
        return false;
    refuse_changed_pointers(o, a);
    return !o->d->failed;
}

bool state_reaches(Outline *o, const MemObject *object) {
    Accesses a = {.o = o};
    o->object = object->id;
    walk_ops(loop_body(o->loop), find_access, &a);
    return a.addresses.count > 0;
}

static void add_object(Outline *o, Builder *b, const MemObject *object) {
    Accesses a = {.o = o};
    o->object = object->id;
    if (object->root && !loop_is_invariant(o->loop, object->root))
        return; // made anew in each step
    walk_ops(loop_body(o->loop), find_access, &a);
    if (o->checkpoint->again) // its condition is evaluated again
        walk_ops(o->loop->regions[0], find_access, &a);
    if (a.calls)
        outline_complain(
            o,
            "memory of a checkpointed loop is passed to a function "
            "that is not inlined",
            "define the function here, and without recursion");
    if (is_listed(o) || !must_restore(o, &a, object))
        return;
    if (!add_whole(o, b, object, &a))
        outline_complain(
            o,
            arena_printf(o->d->arena,
                         "the length of %s, which is a part of the "
                         "loop's state, is needed",
                         object->description ? object->description
                                             : "an array"),
            "list it with a section, as in state(u[0:n])");
}

static void find_unknown(Op *op, void *context) {
    Outline *o = context;
    const MemObject *const *objects;
    if (op->kind != OP_STORE && op->kind != OP_COPY && op->kind != OP_ZERO)
        return;
    uint32_t count = memory_targets(o->memory, op->operands[0], &objects);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->kind == MEM_UNKNOWN && !o->d->failed)
            outline_complain(
                o,
                "a checkpointed loop writes memory that cannot be "
                "followed",
                "write through the function's parameters or its own "
                "variables");
}

void outline_find_state(Outline *o) {
    Builder b = builder_before(o->marker);
    b.origin = o->marker->origin;
    walk_ops(loop_body(o->loop), find_call, o);
    walk_ops(loop_body(o->loop), find_unknown, o);
    walk_ops(loop_body(o->loop), find_pointer_store, o);
    for (uint32_t i = 1; i < memory_object_count(o->memory); i++)
        if (!o->d->failed)
            add_object(o, &b, memory_object(o->memory, i));
}

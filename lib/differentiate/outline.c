// outline.c - the body of a checkpointed loop as a function of its own, before
// the analyses: what the loop carries moves to variables in memory, so that a
// state is a list of pieces of memory, and a step is a call. calls.c then takes
// the step apart into one that fills the tape and one that runs backwards;
// checkpoint.c puts the schedule around them.
//
// The state is what steps may read of what earlier ones wrote: the variables
// that the loop carries, and all memory that it writes, but scratch memory that
// a step writes before it reads, and results of which each step has its own.
// What steps only read belongs to it, too, if it is overwritten behind the
// loop.
#include "differentiate/derive.h"

#include <inttypes.h>
#include <string.h>

typedef struct Outline {
    Derive *d;
    const MemoryInfo *memory;
    Checkpoint *checkpoint;
    Op *marker, *loop;
    Vec(Value *) captured;
    PtrMap *seen;
    ValueMap map; // values of the function to those of the step
    uint32_t object;
} Outline;

static bool is_loop(const Op *op) {
    return op->kind == OP_FOR || op->kind == OP_WHILE;
}

static void complain(Outline *o, const char *message, const char *way_out) {
    SourceLoc loc = o->loop->as.loop.info->loc;
    derive_error(o->d, loc.line ? loc : derive_loc(o->d, o->loop), message,
                 way_out);
}

// ---- What the body takes from outside ---------------------------------------

static bool is_literal(const Value *value) {
    OpKind kind = value->op ? value->op->kind : OP_COUNT;
    return kind == OP_CONST || kind == OP_UNDEF || kind == OP_STRING ||
           kind == OP_GLOBAL || kind == OP_FUNCTION;
}

static void capture(Outline *o, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++) {
            Value *value = op->operands[i];
            if (!loop_is_invariant(o->loop, value) ||
                ptrmap_has(o->seen, value))
                continue;
            ptrmap_set(o->seen, value, value);
            vec_push(o->d->arena, &o->captured, value);
        }
        for (uint32_t r = 0; r < op->region_count; r++)
            capture(o, op->regions[r]);
    }
}

// ---- The state --------------------------------------------------------------

// The pieces are operands of the OP_CHECKPOINT, in pairs behind the others.
static void add_piece(Outline *o, Value *pointer, Value *bytes) {
    op_append_operand(o->marker, pointer);
    op_append_operand(o->marker, bytes);
}

static Value *bytes_of(Builder *b, const Type *type, Value *count) {
    Value *size = derive_build_sizeof(b, type);
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
            complain(o, "a checkpointed loop stores a pointer",
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

static bool add_whole(Outline *o, Builder *b, const MemObject *object,
                      const Accesses *a) {
    Value *root = object->root;
    const Op *op = root ? root->op : NULL;
    if (object->global && object->kind == MEM_GLOBAL) {
        add_piece(o, build_global(b, object->global),
                  bytes_of(b, object->global->type, NULL));
    } else if (object->kind == MEM_LOCAL) {
        Value *count = NULL;
        const Type *type = root->type->element;
        for (uint32_t i = 0; op && i < op->operand_count; i++) {
            count = count ? build_binary(b, OP_MUL, count, op->operands[i])
                          : op->operands[i];
            type = type->element;
        }
        add_piece(o, root, bytes_of(b, type, count));
    } else if (object->kind == MEM_HEAP && op) {
        Value *bytes = op->operands[0];
        if (op->operand_count == 2)
            bytes = build_binary(b, OP_MUL, bytes,
                                 build_cast(b, bytes->type, op->operands[1]));
        add_piece(o, root, bytes);
    } else {
        const Role *role = object->kind == MEM_PARAM ? role_of(o, root) : NULL;
        if (role && role->item && role->item->extent_count)
            add_piece(
                o, root,
                bytes_of(b, root->type->element, section_count(o, b, role)));
        else if (role && root->type->element->kind == TYPE_RECORD &&
                 is_single(a, root))
            add_piece(o, root, bytes_of(b, root->type->element, NULL));
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

// Whether steps may meet in the object: else it is no part of the state.
static bool is_shared(Outline *o, const Accesses *a, const MemObject *object) {
    bool ours = object->kind == MEM_LOCAL || object->kind == MEM_HEAP;
    bool first = section_written_first(o->loop, leads_to, o);
    if (o->loop->kind != OP_FOR)
        return !(ours && first);
    return !first || (!ours && !section_is_own(o->loop, a->addresses.items,
                                               a->addresses.count));
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

// Whether steps read what something behind the loop overwrites: they are run
// again after that.
static bool is_overwritten(const Outline *o, Accesses *a) {
    for (Op *op = o->loop->next; op; op = op->next) {
        find_overwriting(op, a);
        for (uint32_t r = 0; r < op->region_count; r++)
            walk_ops(op->regions[r], find_overwriting, a);
    }
    return a->overwritten;
}

// Putting a pointer back would take its derivative pointer, too.
static void refuse_changed_pointers(Outline *o, const Accesses *a) {
    for (size_t i = 0; i < a->addresses.count && !o->d->failed; i++)
        if (type_holds_pointer(a->addresses.items[i]->type->element))
            complain(o,
                     "a pointer that a checkpointed loop reads from memory "
                     "changes behind the loop",
                     "use another variable behind the loop");
}

static bool must_restore(Outline *o, Accesses *a, const MemObject *object) {
    if (a->written && object->kind != MEM_UNKNOWN && is_shared(o, a, object))
        return true;
    if (a->addresses.count == 0 || !is_overwritten(o, a) ||
        section_written_first(o->loop, leads_to, o))
        return false;
    refuse_changed_pointers(o, a);
    return !o->d->failed;
}

static void add_object(Outline *o, Builder *b, const MemObject *object) {
    Accesses a = {.o = o};
    o->object = object->id;
    if (object->root && !loop_is_invariant(o->loop, object->root))
        return; // made anew in each step
    walk_ops(o->loop->regions[o->loop->region_count - 1], find_access, &a);
    if (a.calls)
        complain(o,
                 "memory of a checkpointed loop is passed to a function "
                 "that is not inlined",
                 "define the function here, and without recursion");
    if (is_listed(o) || !must_restore(o, &a, object))
        return;
    if (!add_whole(o, b, object, &a))
        complain(o,
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
            complain(o,
                     "a checkpointed loop writes memory that cannot be "
                     "followed",
                     "write through the function's parameters or its own "
                     "variables");
}

static void find_state(Outline *o) {
    Builder b = builder_before(o->marker);
    b.origin = o->marker->origin;
    walk_ops(loop_body(o->loop), find_call, o);
    walk_ops(loop_body(o->loop), find_unknown, o);
    walk_ops(loop_body(o->loop), find_pointer_store, o);
    for (uint32_t i = 1; i < memory_object_count(o->memory); i++)
        if (!o->d->failed)
            add_object(o, &b, memory_object(o->memory, i));
}

// ---- The clauses ------------------------------------------------------------

static void read_marker(Outline *o) {
    Checkpoint *c = o->checkpoint;
    const char *text = o->marker->as.text;
    c->marker = o->marker;
    c->has_snapshots = strncmp(text, "snapshots", 9) == 0;
    c->has_memory = strncmp(text, "memory", 6) == 0;
    c->first = c->has_snapshots || c->has_memory;
    const char *disk = strstr(text, "disk ");
    c->disk = disk ? disk + strlen("disk ") : NULL;
    Builder b = builder_before(o->marker);
    for (uint32_t i = c->first; i + 1 < o->marker->operand_count; i += 2) {
        const Type *type = o->marker->operands[i]->type->element;
        Value **count = &o->marker->operands[i + 1];
        *count = bytes_of(&b, type, *count);
    }
}

// ---- The step ---------------------------------------------------------------

static const char *param_name(Outline *o, const Value *value,
                              const char *otherwise, uint32_t position) {
    const Function *step = o->checkpoint->step;
    const char *base = value->name ? value->name : otherwise;
    const char *name = base;
    for (int number = 2;; number++) {
        bool taken = false;
        for (uint32_t i = 0; i < position; i++)
            taken |= strcmp(step->params[i].name, name) == 0;
        if (!taken)
            return name;
        name = arena_printf(o->d->arena, "%s%d", base, number);
    }
}

static const char *step_name(const Derive *d) {
    const char *name = arena_printf(d->arena, "%s_step", d->primal->name);
    for (int i = 2; module_find_function(d->module, name); i++)
        name = arena_printf(d->arena, "%s_step%d", d->primal->name, i);
    return name;
}

static void add_param(Outline *o, uint32_t position, const Value *value,
                      const Type *type) {
    o->checkpoint->step->params[position] =
        (Param){.name = param_name(o, value, "value", position),
                .type = type,
                .loc = o->d->primal->loc};
}

// Parameters: the index of a counted loop, what the body takes from outside,
// the variables that the loop carries.
static void declare_step(Outline *o) {
    Derive *d = o->d;
    uint32_t carried = loop_carried_count(o->loop), position = 0;
    bool counted = o->loop->kind == OP_FOR;
    uint32_t count = (uint32_t)o->captured.count + carried + counted;
    Function *step = function_create(d->module, step_name(d),
                                     type_scalar(d->module, TYPE_VOID), count);
    o->checkpoint->step = step;
    step->is_static = step->is_step = true;
    step->derivative_of = d->primal;
    step->loc = d->primal->loc;
    step->comment = arena_printf(
        d->arena, "One step of the checkpointed loop of %s.", d->primal->name);
    if (counted)
        add_param(o, position++, loop_index(o->loop),
                  loop_index(o->loop)->type);
    for (size_t i = 0; i < o->captured.count; i++)
        add_param(o, position++, o->captured.items[i],
                  o->captured.items[i]->type);
    for (uint32_t i = 0; i < carried; i++) {
        const Value *param = loop_param(o->loop, i);
        add_param(o, position++, param,
                  type_pointer(d->module, type_plain(d->module, param->type)));
    }
    step->param_count = count;
}

static void fill_step(Outline *o) {
    Function *step = o->checkpoint->step;
    Region *body = function_add_body(step);
    Builder b = builder_at_end(body);
    uint32_t carried = loop_carried_count(o->loop), position = 0;
    valuemap_init(&o->map, o->d->arena, o->d->function);
    if (o->loop->kind == OP_FOR)
        valuemap_set(&o->map, loop_index(o->loop), body->params[position++]);
    for (size_t i = 0; i < o->captured.count; i++)
        valuemap_set(&o->map, o->captured.items[i], body->params[position++]);
    for (uint32_t i = 0; i < carried; i++) {
        Value *now = build_load(&b, body->params[position + i]);
        now->name = loop_param(o->loop, i)->name;
        valuemap_set(&o->map, loop_param(o->loop, i), now);
    }
    clone_region_body(&b, loop_body(o->loop), &o->map);
    for (uint32_t i = 0; i < carried; i++)
        build_store(&b, body->params[position + i],
                    valuemap_apply(&o->map, loop_next(o->loop, i)));
    build_return(&b, NULL);
}

// Constants are repeated inside.
static void clone_literals(Outline *o) {
    Region *body = loop_body(o->loop);
    for (uint32_t r = 0; r < o->loop->region_count; r++) {
        Region *region = o->loop->regions[r];
        PtrMap *done = ptrmap_create(o->d->arena);
        ValueMap images;
        valuemap_init(&images, o->d->arena, o->d->function);
        capture(o, region);
        for (size_t i = 0; i < o->captured.count; i++) {
            Value *value = o->captured.items[i];
            if (!is_literal(value) || ptrmap_has(done, value))
                continue;
            ptrmap_set(done, value, value);
            Builder b = builder_before(region->first);
            clone_op(&b, value->op, &images);
        }
        remap_region(region, &images);
        o->captured.count = 0;
        o->seen = ptrmap_create(o->d->arena);
    }
    capture(o, body);
}

// ---- The loop ---------------------------------------------------------------

static Value *const *make_cells(Outline *o) {
    Builder before = builder_before(o->loop), *b = &before;
    before.origin = o->loop->origin;
    uint32_t carried = loop_carried_count(o->loop);
    Value **cells = arena_array(o->d->arena, Value *, carried);
    for (uint32_t i = 0; i < carried; i++) {
        const Value *param = loop_param(o->loop, i);
        const Type *type = type_plain(o->d->module, param->type);
        cells[i] = build_alloc(b, type, NULL, 0, param->name);
        build_store(b, cells[i], loop_initial(o->loop, i));
        add_piece(o, cells[i], bytes_of(b, type, NULL));
    }
    return cells;
}

static Op *call_step(Outline *o, Builder *b, Value *index,
                     Value *const *cells) {
    Checkpoint *c = o->checkpoint;
    uint32_t count = 0;
    Value **arguments = arena_array(o->d->arena, Value *, c->step->param_count);
    if (index)
        arguments[count++] = index;
    for (size_t i = 0; i < o->captured.count; i++)
        arguments[count++] = o->captured.items[i];
    for (uint32_t i = 0; i < loop_carried_count(o->loop); i++)
        arguments[count++] = cells[i];
    c->operands = arguments;
    return build_call(b, c->step, arguments, count);
}

static Op *build_counted(Outline *o, Builder *b, Value *const *cells) {
    const Op *loop = o->loop;
    Op *made = build_for(b, loop->operands[FOR_BEGIN], loop->operands[FOR_END],
                         loop->operands[FOR_STEP], loop->as.loop.compare, NULL,
                         0, loop_index(loop)->name);
    Builder inside = builder_at_end(made->regions[0]);
    inside.origin = loop->origin;
    call_step(o, &inside, loop_index(made), cells);
    build_yield(&inside, NULL, 0);
    return made;
}

static Op *build_open(Outline *o, Builder *b, Value *const *cells) {
    Op *loop = o->loop, *made = build_while(b, NULL, 0);
    const Region *condition = loop->regions[WHILE_CONDITION];
    Builder test = builder_at_end(made->regions[WHILE_CONDITION]);
    ValueMap map;
    test.origin = loop->origin;
    valuemap_init(&map, o->d->arena, o->d->function);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        valuemap_set(&map, condition->params[i], build_load(&test, cells[i]));
    clone_region_body(&test, condition, &map);
    build_condition(
        &test, valuemap_apply(&map, region_terminator(condition)->operands[0]));
    Builder inside = builder_at_end(made->regions[WHILE_BODY]);
    inside.origin = loop->origin;
    call_step(o, &inside, NULL, cells);
    build_yield(&inside, NULL, 0);
    return made;
}

static void replace_loop(Outline *o) {
    Op *loop = o->loop;
    Builder b = builder_before(loop);
    b.origin = loop->origin;
    Value *const *cells = make_cells(o);
    op_remove(o->marker); // it names the variables
    builder_insert(&b, o->marker);
    Op *made = loop->kind == OP_FOR ? build_counted(o, &b, cells)
                                    : build_open(o, &b, cells);
    made->as.loop.info = loop->as.loop.info;
    ValueMap after;
    valuemap_init(&after, o->d->arena, o->d->function);
    for (uint32_t i = 0; i < loop->result_count; i++) {
        Value *last = build_load(&b, cells[i]);
        last->name = loop->results[i]->name;
        valuemap_set(&after, loop->results[i], last);
    }
    op_remove(loop);
    remap_region(o->d->function->body, &after);
    o->checkpoint->loop = made;
}

// ---- All of them ------------------------------------------------------------

static bool carries_pointer(const Op *loop) {
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        if (type_is_pointer(loop_param(loop, i)->type))
            return true;
    return false;
}

static void outline_loop(Derive *d, Op *marker, Op *loop) {
    Outline o = {.d = d, .marker = marker, .loop = loop};
    o.checkpoint = arena_new(d->arena, Checkpoint);
    o.seen = ptrmap_create(d->arena);
    if (marker->parent != d->function->body) {
        complain(&o,
                 "a checkpointed loop stands inside another loop or a "
                 "branch",
                 "annotate the outer loop, or move it out of the branch");
        return;
    }
    if (carries_pointer(loop) && !swap_number_pointers(d, loop)) {
        complain(&o,
                 "a pointer changes from step to step of a checkpointed "
                 "loop",
                 "compute it from the step's number, or copy the array");
        return;
    }
    if (loop->kind == OP_FOR) {
        int64_t step;
        if (!loop_constant_step(loop, &step)) {
            complain(&o, "the step of a checkpointed loop is not a constant",
                     "count in steps of 1");
            return;
        }
    }
    o.memory = memory_analyse(d->arena, d->function);
    read_marker(&o);
    find_state(&o);
    if (d->failed)
        return;
    clone_literals(&o);
    declare_step(&o);
    fill_step(&o);
    replace_loop(&o);
    vec_push(d->arena, &d->checkpoints, o.checkpoint);
}

// ---- What must live until the end -------------------------------------------

static bool share_object(const Derive *d, const Value *a, const Value *b) {
    const MemObject *const *x, *const *y;
    uint32_t count_x = memory_targets(d->memory, a, &x);
    uint32_t count_y = memory_targets(d->memory, b, &y);
    for (uint32_t i = 0; i < count_x; i++)
        for (uint32_t j = 0; j < count_y; j++)
            if (x[i] == y[j])
                return true;
    return false;
}

static void refuse_free(Op *op, void *context) {
    Derive *d = context;
    if (op->kind != OP_FREE && op->kind != OP_REALLOC)
        return;
    for (size_t i = 0; i < d->checkpoints.count; i++) {
        const Checkpoint *c = d->checkpoints.items[i];
        for (uint32_t k = 0; k < c->step->param_count; k++)
            if (type_is_pointer(c->operands[k]->type) && !d->failed &&
                share_object(d, c->operands[k], op->operands[0]))
                derive_error(d, derive_loc(d, op),
                             "memory that a checkpointed loop uses is freed "
                             "while the reverse sweep still needs it",
                             "take it and free it once, outside all loops and "
                             "branches");
    }
}

void outline_refuse_frees(Derive *d) {
    walk_ops(d->function->body, refuse_free, d);
}

// ---- Finding them -----------------------------------------------------------

static Op *loop_behind(Op *marker) {
    for (Op *op = marker->next; op; op = op->next)
        if (is_loop(op) && op->as.loop.info && op->as.loop.info->checkpoint)
            return op;
    return NULL;
}

typedef struct Markers {
    Derive *d;
    Vec(Op *) list;
} Markers;

static void find_marker(Op *op, void *context) {
    Markers *markers = context;
    if (op->kind == OP_CHECKPOINT)
        vec_push(markers->d->arena, &markers->list, op);
}

void outline_checkpoints(Derive *d) {
    Markers markers = {.d = d};
    walk_ops(d->function->body, find_marker, &markers);
    for (size_t i = 0; i < markers.list.count; i++) {
        Op *marker = markers.list.items[i], *loop = loop_behind(marker);
        bool wanted = d->annotation->mode == GRAD_REVERSE && !d->inner;
        if (loop && wanted && !d->split)
            outline_loop(d, marker, loop);
        else
            op_remove(marker);
    }
}

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
//
// A loop inside another loop or a branch runs as it stands in the forward
// sweep, which pushes only the state that it starts with; the reverse sweep
// runs it again, then under its schedule. So does a marked call, a loop of one
// step.
#include "differentiate/outline.h"

#include <string.h>

static bool is_loop(const Op *op) {
    return op->kind == OP_FOR || op->kind == OP_WHILE;
}

void outline_complain(Outline *o, const char *message, const char *way_out) {
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

// ---- The clauses ------------------------------------------------------------

// What begins the text of a marker to which the state has been added.
enum { STATE_IS_KNOWN = '+' };

static bool knows_state(const Op *marker) {
    return marker->as.text[0] == STATE_IS_KNOWN;
}

static void read_marker(Outline *o) {
    Checkpoint *c = o->checkpoint;
    const char *text = o->marker->as.text + knows_state(o->marker);
    c->marker = o->marker;
    c->once = strncmp(text, "again", 5) == 0;
    LoopOrder order = o->loop->as.loop.info->order;
    c->first_last = order != ORDER_LAST_FIRST && !c->once;
    c->from_zero = order == ORDER_FUSED;
    c->again = c->once || c->first_last || o->outer || o->d->split ||
               o->marker->parent != o->d->function->body;
    c->has_snapshots = strncmp(text, "snapshots", 9) == 0;
    c->has_memory = strncmp(text, "memory", 6) == 0;
    c->first = c->has_snapshots || c->has_memory;
    const char *disk = strstr(text, "disk ");
    c->disk = disk ? disk + strlen("disk ") : NULL;
    Builder b = builder_before(o->marker);
    for (uint32_t i = c->first;
         i + 1 < o->marker->operand_count && !knows_state(o->marker); i += 2) {
        const Type *type = o->marker->operands[i]->type->element;
        Value **count = &o->marker->operands[i + 1];
        *count = outline_bytes(&b, type, *count);
    }
}

// ---- Pointers that may lead to the same memory ------------------------------

// What a flat pointer was made of, which the analysis knows.
static const Value *known_pointer(const Value *value) {
    while (value->op && value->op->kind == OP_CAST &&
           type_is_pointer(value->op->operands[0]->type))
        value = value->op->operands[0];
    return value;
}

static void join_groups(Outline *o, size_t i, size_t k) {
    uint32_t from = o->groups[k], to = o->groups[i] ? o->groups[i] : i + 1;
    o->groups[i] = o->groups[k] = to;
    for (size_t j = 0; from && j < o->captured.count; j++)
        if (o->groups[j] == from)
            o->groups[j] = to;
}

static void relate(Outline *o, size_t i, size_t k) {
    const Value *a = o->captured.items[i], *b = o->captured.items[k];
    if (!type_is_pointer(a->type) || !type_is_pointer(b->type))
        return;
    MemRelation relation =
        memory_relation(o->memory, known_pointer(a), known_pointer(b));
    if (relation == MEM_SHARED && i != k)
        join_groups(o, i, k);
    if (relation == MEM_ENTANGLED)
        outline_complain(o,
                         "a checkpointed loop reads pointers from memory that "
                         "lead to what it may reach otherwise",
                         "keep these pointers in variables, not in memory");
}

static void find_groups(Outline *o) {
    o->groups = arena_array(o->d->arena, uint32_t, o->captured.count + 1);
    for (size_t i = 0; i < o->captured.count; i++)
        for (size_t k = 0; k <= i && !o->d->failed; k++)
            relate(o, k, i);
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
    step->derivative_of =
        d->primal->is_step ? d->primal->derivative_of : d->primal;
    step->loc = d->primal->loc;
    step->comment = arena_printf(
        d->arena, "One step of the checkpointed loop of %s.", d->primal->name);
    if (counted)
        add_param(o, position++, loop_index(o->loop),
                  loop_index(o->loop)->type);
    for (size_t i = 0; i < o->captured.count; i++) {
        const Value *value = o->captured.items[i];
        add_param(o, position, value, value->type);
        step->params[position].group = o->groups[i];
        step->params[position++].is_read_only =
            type_is_pointer(value->type) &&
            memory_region_leaves(o->memory, loop_body(o->loop), value);
    }
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

// An address made of another one: the step makes it itself, so that it knows
// what that leads to.
static bool is_derived(const Value *value) {
    OpKind kind = value->op ? value->op->kind : OP_COUNT;
    return type_is_pointer(value->type) &&
           (kind == OP_INDEX || kind == OP_ELEM || kind == OP_FIELD ||
            kind == OP_SELECT || kind == OP_INACTIVE ||
            (kind == OP_CAST && type_is_pointer(value->op->operands[0]->type)));
}

static bool is_repeated(const Outline *o, const Value *value) {
    return loop_is_invariant(o->loop, value) && !ptrmap_has(o->flat, value) &&
           (is_literal(value) || is_derived(value));
}

// What it is made of stands before it.
static void repeat_before(const Outline *o, Op *first, ValueMap *images,
                          const Value *value) {
    if (valuemap_get(images, value))
        return;
    for (uint32_t i = 0; i < value->op->operand_count; i++)
        if (is_repeated(o, value->op->operands[i]))
            repeat_before(o, first, images, value->op->operands[i]);
    Builder b = builder_before(first);
    clone_op(&b, value->op, images);
}

// Constants are repeated inside, and addresses.
static void clone_literals(Outline *o) {
    Region *body = loop_body(o->loop);
    for (uint32_t r = 0; r < o->loop->region_count; r++) {
        Region *region = o->loop->regions[r];
        Op *first = region->first;
        ValueMap images;
        valuemap_init(&images, o->d->arena, o->d->function);
        o->captured.count = 0;
        o->seen = ptrmap_create(o->d->arena);
        capture(o, region);
        for (size_t i = 0; i < o->captured.count; i++)
            if (is_repeated(o, o->captured.items[i]))
                repeat_before(o, first, &images, o->captured.items[i]);
        remap_region(region, &images);
    }
    o->captured.count = 0;
    o->seen = ptrmap_create(o->d->arena);
    capture(o, body);
}

// ---- Memory of an iteration around it ---------------------------------------

// A variable of fixed size may as well stand at the top, where both sweeps see
// it; each iteration sets it before it reads it.
static void move_to_top(Outline *o, Op *alloc) {
    Builder top = builder_at_end(o->d->function->body);
    top.before = o->d->function->body->first;
    op_remove(alloc);
    builder_insert(&top, alloc);
}

static void lift_variables(Outline *o) {
    for (uint32_t i = 1; i < memory_object_count(o->memory); i++) {
        const MemObject *object = memory_object(o->memory, i);
        Op *op = object->kind == MEM_LOCAL ? object->root->op : NULL;
        if (!op || op->kind != OP_ALLOC || op->parent == o->d->function->body ||
            !loop_is_invariant(o->loop, object->root) ||
            !state_reaches(o, object))
            continue;
        if (op->operand_count == 0)
            move_to_top(o, op);
        else
            outline_complain(o,
                             "a checkpointed loop inside another loop or a "
                             "branch uses an array whose length is known only "
                             "there",
                             "make the array outside");
    }
}

// ---- The loop ---------------------------------------------------------------

static Value *const *make_cells(Outline *o) {
    Builder before = builder_before(o->loop), *b = &before;
    before.origin = o->loop->origin;
    uint32_t carried = loop_carried_count(o->loop);
    Value **cells = arena_array(o->d->arena, Value *, carried);
    Builder top = builder_at_end(o->d->function->body);
    top.before = o->d->function->body->first;
    for (uint32_t i = 0; i < carried; i++) {
        const Value *param = loop_param(o->loop, i);
        const Type *type = type_plain(o->d->module, param->type);
        // Both sweeps see it there.
        cells[i] = build_alloc(o->checkpoint->again ? &top : b, type, NULL, 0,
                               param->name);
        build_store(b, cells[i], loop_initial(o->loop, i));
        outline_add_piece(o, cells[i], outline_bytes(b, type, NULL));
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

Op *outline_loop_behind(Op *marker) {
    for (Op *op = marker->next; op && op->kind != OP_CHECKPOINT; op = op->next)
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

static bool carries_pointer(const Op *loop) {
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        if (type_is_pointer(loop_param(loop, i)->type))
            return true;
    return false;
}

static Outline open_outline(Derive *d, Op *marker, Op *loop) {
    Outline o = {.d = d, .marker = marker, .loop = loop};
    o.checkpoint = arena_new(d->arena, Checkpoint);
    o.seen = ptrmap_create(d->arena);
    o.flat = ptrmap_create(d->arena);
    if (carries_pointer(loop) && !swap_number_pointers(d, loop))
        outline_complain(
            &o,
            "a pointer changes from step to step of a checkpointed "
            "loop",
            "compute it from the step's number, or copy the array");
    int64_t step;
    if (loop->kind == OP_FOR && !loop_constant_step(loop, &step))
        outline_complain(&o,
                         "the step of a checkpointed loop is not a constant",
                         "count in steps of 1");
    return o;
}

// Adds the state of a marked loop in the step of another one to its marker,
// while the memory that it uses is in sight.
static void find_inner_state(Outline *inner, const Outline *o) {
    inner->memory = o->memory;
    inner->outer = o->loop;
    read_marker(inner);
    outline_find_state(inner);
    inner->marker->as.text = arena_printf(
        inner->d->arena, "%c%s", STATE_IS_KNOWN, inner->marker->as.text);
}

static void find_states(Outline *o) {
    Derive *d = o->d;
    Markers markers = {.d = d};
    Vec(Outline) inner = {0};
    if (knows_state(o->marker))
        return;
    walk_ops(loop_body(o->loop), find_marker, &markers);
    for (size_t i = 0; i < markers.list.count; i++) {
        Op *marker = markers.list.items[i], *loop = outline_loop_behind(marker);
        if (loop)
            vec_push(d->arena, &inner, open_outline(d, marker, loop));
        else
            op_remove(marker);
    }
    o->memory = memory_analyse(d->arena, d->function);
    for (size_t i = 0; i < inner.count && !d->failed; i++)
        find_inner_state(&inner.items[i], o);
    outline_find_state(o);
}

static void outline_loop(Derive *d, Op *marker, Op *loop) {
    Outline o = open_outline(d, marker, loop);
    if (d->failed)
        return;
    o.memory = memory_analyse(d->arena, d->function);
    read_marker(&o);
    find_states(&o);
    if (o.checkpoint->again)
        lift_variables(&o);
    if (d->failed)
        return;
    clone_literals(&o);
    rows_flatten(&o);
    if (d->failed)
        return;
    clone_literals(&o); // of what is captured now
    find_groups(&o);
    if (d->failed)
        return;
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

// In the step of another marked loop: its turn comes with the step's.
static bool is_in_step(const Op *marker) {
    for (const Region *r = marker->parent; r->parent; r = r->parent->parent)
        if (is_loop(r->parent) && r->parent->as.loop.info &&
            r->parent->as.loop.info->checkpoint)
            return true;
    return false;
}

void outline_checkpoints(Derive *d) {
    Markers markers = {.d = d};
    walk_ops(d->function->body, find_marker, &markers);
    bool wanted = d->annotation->mode == GRAD_REVERSE && !d->inner &&
                  (!d->split || d->primal->is_step);
    size_t count = 0;
    for (size_t i = 0; i < markers.list.count; i++) {
        Op *marker = markers.list.items[i];
        if (!wanted || !outline_loop_behind(marker))
            op_remove(marker);
        else if (!is_in_step(marker))
            markers.list.items[count++] = marker;
    }
    for (size_t i = 0; i < count && !d->failed; i++)
        outline_loop(d, markers.list.items[i],
                     outline_loop_behind(markers.list.items[i]));
}

void outline_drop_markers(Derive *d, const Function *step) {
    Markers markers = {.d = d};
    walk_ops(step->body, find_marker, &markers);
    for (size_t i = 0; i < markers.list.count; i++)
        op_remove(markers.list.items[i]);
}

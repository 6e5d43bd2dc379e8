// checkpoint.c - schedules around the steps of checkpointed loops. The loop in
// the forward sweep and its mirror in the reverse sweep become
//
//     grad_checkpoint_init(&loop, steps);
//     grad_checkpoint_state(&loop, u, ...);
//     int todo = grad_checkpoint_next(&loop);
//     while (todo != GRAD_TURN) {
//         if (todo == GRAD_ADVANCE) ... f_step(...) for each of its steps
//         else ... f_step_forward(..., &tape)
//         todo = grad_checkpoint_next(&loop);
//     }
//
// and the same once more until GRAD_DONE, where steps may also be reversed. If
// the loop is run again, both follow each other in the reverse sweep.
#include "differentiate/derive.h"

enum { STEP, END, FIELDS }; // of GradCheckpoint

typedef struct Schedule {
    Derive *d;
    const Checkpoint *c;
    Op *loop, *mirror, *call;
    Value *handle;
    const Type *count; // int64_t
} Schedule;

// ---- The runtime's functions ------------------------------------------------

static const Type *handle_type(Derive *d) {
    Module *module = d->module;
    for (size_t i = 0; i < module->records.count; i++)
        if (string_equal(module->records.items[i]->name, "GradCheckpoint"))
            return type_record(module, module->records.items[i]);
    Record *record = arena_new(d->arena, Record);
    const Type *count =
        type_named(module, type_scalar(module, TYPE_LONG), "int64_t");
    *record = (Record){.name = "GradCheckpoint",
                       .in_header = true,
                       .definition = "",
                       .field_count = FIELDS};
    record->fields = arena_array(d->arena, Field, FIELDS);
    record->fields[STEP] = (Field){.name = "step", .type = count};
    record->fields[END] = (Field){.name = "end", .type = count};
    vec_push(module->arena, &module->records, record);
    return type_record(module, record);
}

static Value *call_runtime(Schedule *s, Builder *b, const char *name,
                           TypeKind result, Value **arguments, uint32_t count) {
    return derive_call_runtime(b, name, type_scalar(s->d->module, result),
                               arguments, count);
}

static void tell(Schedule *s, Builder *b, const char *name, Value *value) {
    Value *arguments[] = {s->handle, value};
    call_runtime(s, b, name, TYPE_VOID, arguments, value ? 2 : 1);
}

static Value *action(Schedule *s, Builder *b) {
    Value *todo =
        call_runtime(s, b, "grad_checkpoint_next", TYPE_INT, &s->handle, 1);
    todo->name = "todo";
    return todo;
}

// GRAD_ADVANCE and its kind, in the order of gradrt.h.
static Value *is_action(Schedule *s, Builder *b, OpKind compare, Value *todo,
                        int number, const char *name) {
    const Type *type = type_scalar(s->d->module, TYPE_INT);
    return build_binary(b, compare, todo, build_spelled(b, type, number, name));
}

enum { ADVANCE = 0, TURN = 4, REVERSE = 5, DONE = 6 };

static Value *part(Schedule *s, Builder *b, uint32_t field, const char *name) {
    Value *value = build_load(b, build_field(b, s->handle, field));
    value->name = name;
    return build_cast(b, s->count, value);
}

// ---- Steps ------------------------------------------------------------------

// What the loop's index is in the step of that number.
static Value *index_of(Schedule *s, Builder *b, Value *number) {
    const Op *loop = s->loop;
    if (loop->kind != OP_FOR)
        return number;
    int64_t stride;
    Value *begin = loop->operands[FOR_BEGIN];
    loop_constant_step(loop, &stride);
    Value *index = build_cast(b, begin->type, number);
    int64_t width = stride < 0 ? -stride : stride;
    if (width != 1)
        index =
            build_binary(b, OP_MUL, index, build_int(b, begin->type, width));
    if (value_is_zero(begin) && stride > 0)
        return index;
    return build_binary(b, stride < 0 ? OP_SUB : OP_ADD, begin, index);
}

// A step's call, or that of the function that fills the tape, for the step of
// the number.
static void build_step(Schedule *s, Builder *b, Value *number, bool record) {
    const Op *call = s->call;
    bool counted = s->loop->kind == OP_FOR;
    if (record && s->c->again) {
        call_build_forward(s->d, b, call,
                           counted ? index_of(s, b, number) : NULL);
        return;
    }
    Function *callee = record ? call->as.callee : s->c->step;
    uint32_t count = record ? call->operand_count : callee->param_count;
    Value **operands = record ? call->operands : s->c->operands;
    Value **arguments = arena_array(s->d->arena, Value *, count);
    for (uint32_t i = 0; i < count; i++)
        arguments[i] = operands[i];
    if (counted)
        arguments[0] = index_of(s, b, number);
    build_call(b, callee, arguments, count);
}

// A value of the loop's condition, for the state at hand.
static Value *goes_on(Schedule *s, Builder *b) {
    const Region *condition = s->loop->regions[WHILE_CONDITION];
    ValueMap map;
    valuemap_init(&map, s->d->arena, s->d->function);
    clone_region_body(b, condition, &map);
    return valuemap_apply(&map, region_terminator(condition)->operands[0]);
}

// i < end && the loop's own condition
static Value *goes_on_before(Schedule *s, Builder *b, Value *i, Value *end) {
    Op *both = build_if(b, build_binary(b, OP_LT, i, end));
    Builder inside = builder_at_end(both->regions[IF_THEN]);
    Builder other = builder_at_end(both->regions[IF_ELSE]);
    inside.adjoint = other.adjoint = b->adjoint;
    const Type *type = type_scalar(s->d->module, TYPE_INT);
    Value *yes = goes_on(s, &inside);
    yes = build_binary(&inside, OP_NE, yes, build_int(&inside, yes->type, 0));
    Value *no = build_int(&other, type, 0);
    build_yield(&inside, &yes, 1);
    build_yield(&other, &no, 1);
    return op_append_result(both, type, NULL);
}

// Until the loop's condition fails, of which the schedule is told.
static void advance_open(Schedule *s, Builder *b) {
    Value *i = part(s, b, STEP, "step"), *end = part(s, b, END, "end");
    Op *loop = build_while(b, &i, 1);
    Region *condition = loop->regions[WHILE_CONDITION];
    Region *body = loop->regions[WHILE_BODY];
    condition->params[0]->name = body->params[0]->name = "step";
    Builder test = builder_at_end(condition), inside = builder_at_end(body);
    build_condition(&test, goes_on_before(s, &test, condition->params[0], end));
    build_step(s, &inside, body->params[0], false);
    Value *next = build_binary(&inside, OP_ADD, body->params[0],
                               build_int(&inside, s->count, 1));
    build_yield(&inside, &next, 1);
    loop->results[0]->name = "step";
    Op *ended = build_if(b, build_binary(b, OP_LT, loop->results[0], end));
    Builder then = builder_at_end(ended->regions[IF_THEN]);
    Builder other = builder_at_end(ended->regions[IF_ELSE]);
    tell(s, &then, "grad_checkpoint_end", loop->results[0]);
    build_yield(&then, NULL, 0);
    build_yield(&other, NULL, 0);
}

static void advance_counted(Schedule *s, Builder *b) {
    Value *from = part(s, b, STEP, "step"), *to = part(s, b, END, "end");
    Op *loop = build_for(b, from, to, build_int(b, s->count, 1), OP_LT, NULL, 0,
                         "step");
    Builder inside = builder_at_end(loop->regions[0]);
    build_step(s, &inside, loop_index(loop), false);
    build_yield(&inside, NULL, 0);
}

// Does what is to do in the forward direction.
static void go_forward(Schedule *s, Builder *b, Value *todo, bool first) {
    Op *choice =
        build_if(b, is_action(s, b, OP_EQ, todo, ADVANCE, "GRAD_ADVANCE"));
    Builder advance = builder_at_end(choice->regions[IF_THEN]);
    Builder record = builder_at_end(choice->regions[IF_ELSE]);
    if (first && s->loop->kind == OP_WHILE)
        advance_open(s, &advance);
    else
        advance_counted(s, &advance);
    build_yield(&advance, NULL, 0);
    build_step(s, &record, part(s, &record, STEP, "step"), true);
    build_yield(&record, NULL, 0);
}

// ---- Both sweeps ------------------------------------------------------------

static void start(Schedule *s, Builder *b) {
    const Op *marker = s->c->marker;
    Module *module = s->d->module;
    const Type *size =
        type_named(module, type_scalar(module, TYPE_ULONG), "size_t");
    const Type *real = type_scalar(module, TYPE_DOUBLE);
    bool counted = s->loop->kind == OP_FOR;
    tell(s, b, "grad_checkpoint_init",
         counted ? build_cast(b, s->count, loop_build_trip_count(b, s->loop))
                 : build_spelled(b, s->count, -1, "GRAD_UNKNOWN"));
    if (s->c->has_snapshots)
        tell(s, b, "grad_checkpoint_snapshots",
             build_cast(b, s->count, marker->operands[0]));
    if (s->c->has_memory)
        tell(s, b, "grad_checkpoint_memory",
             build_cast(b, size, marker->operands[0]));
    if (s->c->disk) {
        Op *path = op_create(s->d->function, OP_STRING, 0, 1, 0);
        path->as.text = arena_printf(s->d->arena, "\"%s\"", s->c->disk);
        const Type *text = type_pointer(
            module, type_const(module, type_scalar(module, TYPE_CHAR)));
        op_set_result(path, s->d->function, 0, text, NULL);
        builder_insert(b, path);
        Value *arguments[] = {s->handle, path->results[0],
                              build_float(b, real, 2), build_float(b, real, 2)};
        call_runtime(s, b, "grad_checkpoint_disk", TYPE_VOID, arguments, 4);
    }
    const Type *any = type_pointer(module, type_scalar(module, TYPE_VOID));
    for (uint32_t i = s->c->first; i + 1 < marker->operand_count; i += 2) {
        Value *arguments[] = {s->handle,
                              build_cast(b, any, marker->operands[i]),
                              build_cast(b, size, marker->operands[i + 1])};
        call_runtime(s, b, "grad_checkpoint_state", TYPE_VOID, arguments, 3);
    }
    Value *arguments[] = {s->handle, derive_tape(s->d),
                          build_spelled(b, size, -1, "GRAD_MEASURE")};
    call_runtime(s, b, "grad_checkpoint_tape", TYPE_VOID, arguments, 3);
    if (s->c->again)
        tell(s, b, "grad_checkpoint_again", NULL);
}

// No step at all is known before the first action.
static void end_at_once(Schedule *s, Builder *b) {
    Value *go = goes_on(s, b);
    Op *none =
        build_if(b, build_binary(b, OP_EQ, go, build_int(b, go->type, 0)));
    Builder then = builder_at_end(none->regions[IF_THEN]);
    Builder other = builder_at_end(none->regions[IF_ELSE]);
    tell(s, &then, "grad_checkpoint_end", build_int(&then, s->count, 0));
    build_yield(&then, NULL, 0);
    build_yield(&other, NULL, 0);
}

static void build_forward(Schedule *s) {
    Builder b = builder_before(s->c->again ? s->mirror : s->loop);
    b.origin = NULL;
    b.adjoint = s->c->again;
    start(s, &b);
    if (s->loop->kind == OP_WHILE)
        end_at_once(s, &b);
    Value *todo = action(s, &b);
    Op *until = build_while(&b, &todo, 1);
    Region *condition = until->regions[WHILE_CONDITION];
    Region *body = until->regions[WHILE_BODY];
    condition->params[0]->name = body->params[0]->name = "todo";
    Builder test = builder_at_end(condition), inside = builder_at_end(body);
    build_condition(&test, is_action(s, &test, OP_NE, condition->params[0],
                                     TURN, "GRAD_TURN"));
    go_forward(s, &inside, body->params[0], true);
    Value *next = action(s, &inside);
    build_yield(&inside, &next, 1);
}

// The mirror's body, once: new adjoints of what it carries.
static void reverse_step(Schedule *s, Builder *b, Value *number,
                         Value **adjoints) {
    Op *mirror = s->mirror;
    const Region *body = loop_body(mirror);
    ValueMap map;
    valuemap_init(&map, s->d->arena, s->d->function);
    valuemap_set(&map, loop_index(mirror), index_of(s, b, number));
    for (uint32_t i = 0; i < loop_carried_count(mirror); i++)
        valuemap_set(&map, loop_param(mirror, i), adjoints[i]);
    b->adjoint = true;
    clone_region_body(b, body, &map);
    for (uint32_t i = 0; i < loop_carried_count(mirror); i++)
        adjoints[i] = valuemap_apply(&map, loop_next(mirror, i));
}

static void reverse_or_go(Schedule *s, Builder *b, Value **carried) {
    uint32_t count = loop_carried_count(s->mirror);
    Value *todo = carried[0];
    Value **yes = arena_array(s->d->arena, Value *, count + 1);
    Op *choice =
        build_if(b, is_action(s, b, OP_EQ, todo, REVERSE, "GRAD_REVERSE"));
    Builder reverse = builder_at_end(choice->regions[IF_THEN]);
    Builder forward = builder_at_end(choice->regions[IF_ELSE]);
    for (uint32_t i = 0; i < count; i++)
        yes[i] = carried[i + 1];
    reverse_step(s, &reverse, part(s, &reverse, STEP, "step"), yes);
    build_yield(&reverse, yes, count);
    go_forward(s, &forward, todo, false);
    build_yield(&forward, carried + 1, count);
    for (uint32_t i = 0; i < count; i++)
        carried[i + 1] = op_append_result(choice, carried[i + 1]->type,
                                          loop_param(s->mirror, i)->name);
}

// Ends the schedule, in the mirror's place, with the adjoints that it results
// in.
static void take_place(Schedule *s, Builder *b, Value **results) {
    Op *mirror = s->mirror;
    ValueMap after;
    valuemap_init(&after, s->d->arena, s->d->function);
    for (uint32_t i = 0; i < loop_carried_count(mirror); i++)
        valuemap_set(&after, mirror->results[i], results[i]);
    tell(s, b, "grad_checkpoint_free", NULL);
    op_remove(mirror);
    remap_region(s->d->function->body, &after);
}

static void build_reverse(Schedule *s) {
    Op *mirror = s->mirror;
    uint32_t count = loop_carried_count(mirror);
    Builder b = builder_before(mirror);
    b.origin = NULL;
    Value **carried = arena_array(s->d->arena, Value *, count + 1);
    carried[0] = action(s, &b);
    for (uint32_t i = 0; i < count; i++)
        carried[i + 1] = loop_initial(mirror, i);
    Op *until = build_while(&b, carried, count + 1);
    Region *condition = until->regions[WHILE_CONDITION];
    Region *body = until->regions[WHILE_BODY];
    for (uint32_t i = 0; i <= count; i++) {
        const char *name = i ? loop_param(mirror, i - 1)->name : "todo";
        condition->params[i]->name = body->params[i]->name = name;
        until->results[i]->name = name;
        carried[i] = body->params[i];
    }
    Builder test = builder_at_end(condition), inside = builder_at_end(body);
    build_condition(&test, is_action(s, &test, OP_NE, condition->params[0],
                                     DONE, "GRAD_DONE"));
    reverse_or_go(s, &inside, carried);
    carried[0] = action(s, &inside);
    build_yield(&inside, carried, count + 1);
    take_place(s, &b, until->results + 1);
}

static Op *find_call(const Schedule *s) {
    for (Op *op = loop_body(s->loop)->first; op; op = op->next)
        if (op->kind == OP_CALL)
            return op;
    BUG("a checkpointed loop without its step");
}

// Where both sweeps see it; if these are two functions, the reverse one.
static Builder top_of(Derive *d, const Op *mirror) {
    Region *region = d->function->body;
    for (Region *r = mirror->parent; d->split && r != d->function->body;
         r = r->parent->parent)
        region = r;
    Builder top = builder_at_end(region);
    top.before = region->first;
    return top;
}

// What the step takes from a split function's own memory, which its reverse has
// not: only the state's contents come there, by the tape.
static void double_memory(const Schedule *s) {
    Derive *d = s->d;
    for (uint32_t i = 0; d->split && i < s->c->step->param_count; i++) {
        Value *value = s->c->operands[i];
        while (value->op &&
               (value->op->kind == OP_INDEX || value->op->kind == OP_ELEM ||
                value->op->kind == OP_FIELD || value->op->kind == OP_CAST))
            value = value->op->operands[0];
        if (value->op && value->op->kind == OP_ALLOC)
            ptrmap_set(d->doubled, value, value);
    }
}

static Schedule schedule_of(Derive *d, const Checkpoint *c, PtrMap *loops) {
    Schedule s = {.d = d, .c = c, .loop = c->loop};
    s.count =
        type_named(d->module, type_scalar(d->module, TYPE_LONG), "int64_t");
    s.mirror = ptrmap_get(loops, c->loop);
    // Where nothing in it carries derivatives, the loop stays a loop.
    if (s.mirror) {
        Builder top = top_of(d, s.mirror);
        s.call = find_call(&s);
        double_memory(&s);
        s.handle = build_alloc(&top, handle_type(d), NULL, 0, "loop");
    }
    return s;
}

void checkpoint_finish(Derive *d, PtrMap *loops) {
    for (size_t i = 0; i < d->checkpoints.count; i++) {
        const Checkpoint *c = d->checkpoints.items[i];
        if (c->again)
            continue;
        Schedule s = schedule_of(d, c, loops);
        if (s.mirror) {
            build_forward(&s);
            build_reverse(&s);
            op_remove(c->loop);
        }
        outline_drop_markers(d, c->step);
        op_remove(c->marker);
    }
}

// ---- Loops that run again ---------------------------------------------------

// The state, in front of the loop as it stands in the forward sweep.
static void push_state(Schedule *s) {
    const Op *marker = s->c->marker;
    Module *module = s->d->module;
    const Type *any = type_pointer(module, type_scalar(module, TYPE_VOID));
    const Type *size =
        type_named(module, type_scalar(module, TYPE_ULONG), "size_t");
    Builder b = builder_before(s->loop);
    b.origin = NULL;
    for (uint32_t i = s->c->first; i + 1 < marker->operand_count; i += 2) {
        Value *arguments[] = {derive_tape(s->d),
                              build_cast(&b, any, marker->operands[i]),
                              build_cast(&b, size, marker->operands[i + 1])};
        call_runtime(s, &b, "grad_push_bytes", TYPE_VOID, arguments, 3);
    }
}

// The only step of a marked call, and its reversal behind it.
static void build_once(Schedule *s) {
    uint32_t count = loop_carried_count(s->mirror);
    Value **adjoints = arena_array(s->d->arena, Value *, count);
    Builder b = builder_before(s->mirror);
    b.origin = NULL;
    b.adjoint = true;
    start(s, &b);
    Value *number = build_int(&b, s->count, 0);
    for (uint32_t i = 0; i < count; i++)
        adjoints[i] = loop_initial(s->mirror, i);
    build_step(s, &b, number, true);
    reverse_step(s, &b, number, adjoints);
    tell(s, &b, "grad_checkpoint_put_back", NULL);
    take_place(s, &b, adjoints);
}

static Value *count_steps(Schedule *s, Builder *b) {
    Value *count = s->loop->kind == OP_FOR ? loop_build_trip_count(b, s->loop)
                                           : s->mirror->operands[FOR_END];
    return build_cast(b, s->count, count);
}

// Each step once more, and its reversal behind it.
static void build_first_last(Schedule *s) {
    uint32_t count = loop_carried_count(s->mirror);
    Value **adjoints = arena_array(s->d->arena, Value *, count);
    Builder b = builder_before(s->mirror);
    b.origin = NULL;
    b.adjoint = true;
    start(s, &b);
    for (uint32_t i = 0; i < count; i++) {
        Value *initial = loop_initial(s->mirror, i);
        adjoints[i] =
            s->c->from_zero ? build_float(&b, initial->type, 0) : initial;
    }
    Value *steps = count_steps(s, &b);
    Op *loop =
        build_for(&b, build_int(&b, s->count, 0), steps,
                  build_int(&b, s->count, 1), OP_LT, adjoints, count, "step");
    Builder inside = builder_at_end(loop_body(loop));
    inside.adjoint = true;
    build_step(s, &inside, loop_index(loop), true);
    for (uint32_t i = 0; i < count; i++) {
        loop_param(loop, i)->name = loop_param(s->mirror, i)->name;
        loop->results[i]->name = loop_param(s->mirror, i)->name;
        adjoints[i] = loop_param(loop, i);
    }
    reverse_step(s, &inside, loop_index(loop), adjoints);
    build_yield(&inside, adjoints, count);
    for (uint32_t i = 0; i < count; i++) {
        Value *initial = loop_initial(s->mirror, i);
        adjoints[i] = s->c->from_zero && !value_is_zero(initial)
                          ? build_binary(&b, OP_ADD, initial, loop->results[i])
                          : loop->results[i];
    }
    tell(s, &b, "grad_checkpoint_put_back", NULL);
    take_place(s, &b, adjoints);
}

void checkpoint_run_again(Derive *d, PtrMap *loops) {
    for (size_t i = 0; i < d->checkpoints.count; i++) {
        const Checkpoint *c = d->checkpoints.items[i];
        if (!c->again)
            continue;
        Schedule s = schedule_of(d, c, loops);
        if (s.mirror) {
            push_state(&s);
            if (c->once) {
                build_once(&s);
            } else if (c->first_last) {
                build_first_last(&s);
            } else {
                build_forward(&s);
                build_reverse(&s);
            }
        }
        outline_drop_markers(d, c->step);
        op_remove(c->marker);
    }
}

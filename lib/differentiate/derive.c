// derive.c - one derivative function, phase by phase.
#include "differentiate/derive.h"

#include "differentiate/globals.h"

#include <string.h>

SourceLoc derive_loc(const Derive *d, const Op *op) {
    return op && op->origin ? op->origin->loc : d->annotation->loc;
}

void derive_error(Derive *d, SourceLoc loc, const char *message,
                  const char *way_out) {
    diag_error(d->diags, loc, "%s", message);
    if (way_out)
        diag_note(d->diags, loc, "%s", way_out);
    d->failed = true;
}

const char *derive_name(Derive *d, const char *name) {
    if (!name || !d->second)
        return name ? arena_printf(d->arena, "d_%s", name) : NULL;
    bool adjoint = strncmp(name, "d_", 2) == 0;
    return arena_printf(d->arena, "%s_%s", adjoint ? "h" : "v",
                        name + (adjoint ? 2 : 0));
}

bool derive_is_active(const Derive *d, const Value *value) {
    return activity_of_value(d->activity, value);
}

bool derive_returns_record(const Derive *d) {
    return d->primal->returns_record && !d->pair;
}

Role *derive_role(const Derive *d, const Value *param) {
    if (param->op || param->region != d->function->body)
        return NULL;
    for (uint32_t i = 0; i < d->role_count; i++)
        if (d->roles[i].position == param->index)
            return &d->roles[i];
    return NULL;
}

void derive_build_release(Builder *b, Value *shadow) {
    bool sized = shadow->op && shadow->op->kind == OP_HEAP &&
                 shadow->op->as.heap == HEAP_SIZED;
    build_free(b, shadow)->as.heap = sized ? HEAP_SIZED : HEAP_MALLOC;
}

Value *derive_call_runtime(Builder *b, const char *name, const Type *result,
                           Value **arguments, uint32_t count) {
    Module *module = b->function->module;
    Function *callee = module_find_function(module, name);
    if (!callee) {
        callee = function_create(module, name, result, count);
        callee->in_header = callee->is_system = callee->touches_all = true;
        for (uint32_t i = 0; i < count; i++)
            callee->params[i] =
                (Param){.name = arena_printf(module->arena, "a%u", (unsigned)i),
                        .type = arguments[i]->type};
    }
    Op *op = build_call(b, callee, arguments, count);
    return op->result_count ? op->results[0] : NULL;
}

bool derive_is_tape(const Derive *d, const Type *type) {
    return type_equal(type, derive_tape_type(d->module));
}

static void analyse(Derive *d) {
    uint32_t count = d->function->param_count;
    ActivitySeeds seeds = {0};
    seeds.independent = arena_array(d->arena, bool, count);
    seeds.dependent = arena_array(d->arena, bool, count);
    seeds.result_dependent = d->of_return;
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Role *role = &d->roles[i];
        bool tape = d->second && derive_is_tape(d, d->primal->params[i].type);
        seeds.independent[role->position] = role->wrt || tape;
        seeds.dependent[role->position] = role->of || tape;
    }
    d->memory = memory_analyse(d->arena, d->function);
    d->activity = activity_analyse(d->arena, d->function, d->memory, &seeds);
}

// ---- What cannot be differentiated ------------------------------------------

static void refuse_indirect(Derive *d, const Op *call) {
    const Value *address = call->operands[call->as.callee->returns_record];
    const Role *role = derive_role(d, address);
    const char *name = role ? d->primal->params[role - d->roles].name : NULL;
    derive_error(
        d, derive_loc(d, call),
        "a call through a pointer carries derivatives, and which "
        "functions it may call is not known",
        name ? arena_printf(d->arena,
                            "write the derivative of the callback '%s' as a "
                            "function, below '#pragma grad derivative(%s)'",
                            name, name)
             : "take the pointer from functions of this file, or "
               "call the function by its name");
}

static const char *way_out_of_call(const Function *callee) {
    if (callee->body)
        return "write the recursion as a loop";
    if (callee->is_system && string_equal(callee->name, "qsort"))
        return "sort an array of indices, and read the values through it";
    if (callee->is_system && string_equal(callee->name, "bsearch"))
        return "search for the index, in values that carry no derivative";
    return "define it in this file or in a header, give gradcc the file that "
           "defines it, too, or mark it with '#pragma grad inactive' if it "
           "carries no derivative; '#pragma grad derivative' gives it one of "
           "your own";
}

static void refuse_call(Derive *d, const Op *call) {
    const Function *callee = call->as.callee;
    if (callee->inactive || callee->is_output || !call_is_active(d, call))
        return;
    if (callee->rule_count) {
        rules_refuse(d, call);
        return;
    }
    const char *obstacle = callee->body ? call_obstacle(d, call) : NULL;
    if (callee->body && d->vector)
        obstacle = "derivatives in several directions through a recursive "
                   "function are not supported";
    if (callee->body && !obstacle)
        return;
    if (callee->is_indirect) {
        refuse_indirect(d, call);
        return;
    }
    if (obstacle)
        diag_error(d->diags, derive_loc(d, call), "%s", obstacle);
    else
        diag_error(d->diags, derive_loc(d, call),
                   "the call of '%s' carries derivatives, but its body is not "
                   "%s",
                   callee->name, callee->refusal ? "supported" : "known");
    if (callee->refusal)
        diag_note(d->diags, callee->refusal_loc, "%s%s%s", callee->refusal,
                  callee->refusal_note ? ": " : "",
                  callee->refusal_note ? callee->refusal_note : "");
    else
        diag_note(d->diags, callee->loc, "%s", way_out_of_call(callee));
    d->failed = true;
}

// Only blocks that are made here have derivative blocks that can grow.
static void refuse_realloc(Derive *d, const Op *op) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(d->memory, op->operands[0], &objects);
    if (!activity_of_address(d->activity, op->results[0]))
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (objects[i]->kind == MEM_HEAP)
            continue;
        derive_error(d, derive_loc(d, op),
                     "the block that is reallocated here carries derivatives, "
                     "and was not allocated in this function",
                     "allocate a new block and copy");
        return;
    }
}

static void refuse(Op *op, void *context) {
    Derive *d = context;
    if (op->kind == OP_REALLOC)
        refuse_realloc(d, op);
    if (op->kind == OP_CALL)
        refuse_call(d, op);
    if (op->kind == OP_MATH && derive_is_active(d, op->results[0]) &&
        !local_has_rule(op)) {
        diag_error(d->diags, derive_loc(d, op), "'%s' has no derivative rule",
                   math_info(op->as.math)->name);
        diag_note(d->diags, derive_loc(d, op),
                  "mark the value with '#pragma grad inactive' if its "
                  "derivative is not wanted");
        d->failed = true;
    }
    if (op->result_count == 1 && derive_is_active(d, op->results[0]) &&
        op->kind == OP_REM)
        derive_error(d, derive_loc(d, op), "this cannot be differentiated",
                     NULL);
}

static void refuse_unlisted_global(Derive *d, const Global *global) {
    diag_error(d->diags, global->loc,
               "the global '%s' carries derivatives, but is in none of wrt, of "
               "and work",
               global->name);
    diag_note(d->diags, d->annotation->loc, "add work(%s) to the annotation",
              global->name);
    d->failed = true;
}

// A parameter that carries derivatives in and out but is listed nowhere.
static void refuse_unlisted(Derive *d) {
    for (uint32_t i = 0; i < memory_object_count(d->memory); i++) {
        const MemObject *object = memory_object(d->memory, i);
        if (object->kind == MEM_GLOBAL && object->global &&
            activity_of_object(d->activity, object))
            refuse_unlisted_global(d, object->global);
        if (object->kind != MEM_PARAM ||
            !activity_of_object(d->activity, object))
            continue;
        Role *role = derive_role(d, object->root);
        if (!role || role->wrt || role->of || role->work)
            continue;
        const Param *param = &d->primal->params[role - d->roles];
        if (derive_is_tape(d, param->type))
            continue; // it holds tangents beside what they belong to
        if (param->by_value_record)
            continue; // a local copy: shadow.c gives it a local shadow
        diag_error(d->diags, param->loc,
                   "parameter '%s' carries derivatives, but is in none of wrt, "
                   "of and work",
                   param->name);
        diag_note(d->diags, d->annotation->loc,
                  "add work(%s[0:n]), n being its length", param->name);
        d->failed = true;
    }
}

// ---- Frees ------------------------------------------------------------------

static bool in_loop(const Op *op) {
    for (const Region *r = op->parent; r && r->parent; r = r->parent->parent)
        if (r->parent->kind != OP_IF)
            return true;
    return false;
}

// The frees of a function: which ones stay, and of which allocations (by their
// results) the memory must be given back where the primal does.
typedef struct Frees {
    Derive *d;
    PtrMap *stay;
    bool any;
} Frees;

static bool can_wait(const Frees *f, const MemObject *object) {
    return object->kind == MEM_HEAP && !object->escapes &&
           !in_loop(object->root->op) && !ptrmap_has(f->stay, object->root);
}

// Reallocating ends the old block where it stands.
static void stay_with_realloc(Frees *f, Op *op) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(f->d->memory, op->operands[0], &objects);
    f->any = true;
    ptrmap_set(f->stay, op, op);
    ptrmap_set(f->stay, op->results[0], op->results[0]);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->root)
            ptrmap_set(f->stay, objects[i]->root, objects[i]->root);
}

// A free stays where one of its targets cannot wait, and then none can.
static void find_staying(Op *op, void *context) {
    Frees *f = context;
    if (op->kind == OP_REALLOC && !ptrmap_has(f->stay, op))
        stay_with_realloc(f, op);
    if (op->kind != OP_FREE || ptrmap_has(f->stay, op))
        return;
    const MemObject *const *objects;
    uint32_t count = memory_targets(f->d->memory, op->operands[0], &objects);
    bool waits = count > 0 && !in_loop(op);
    for (uint32_t i = 0; i < count; i++)
        waits &= can_wait(f, objects[i]);
    if (waits)
        return;
    f->any = true;
    ptrmap_set(f->stay, op, op);
    for (uint32_t i = 0; i < count; i++)
        if (objects[i]->root)
            ptrmap_set(f->stay, objects[i]->root, objects[i]->root);
}

static void postpone_free(Op *op, void *context) {
    Frees *f = context;
    if (op->kind != OP_FREE || ptrmap_has(f->stay, op))
        return;
    const MemObject *const *objects;
    uint32_t count = memory_targets(f->d->memory, op->operands[0], &objects);
    for (uint32_t i = 0; i < count; i++)
        ptrmap_set(f->d->postponed, objects[i]->root, objects[i]->root);
    op_remove(op);
}

// What the reverse sweep may read must live until its end: a free of memory
// that was taken outside all loops moves to where the taking is reversed. A
// pointer may lead to several such allocations; they wait all or none, for each
// is given back once.
static void postpone_frees(Derive *d) {
    Frees f = {.d = d, .stay = ptrmap_create(d->arena)};
    do {
        f.any = false;
        walk_ops(d->function->body, find_staying, &f);
    } while (f.any);
    walk_ops(d->function->body, postpone_free, &f);
}

// ---- Buffers ----------------------------------------------------------------

static bool written_through(const Derive *d, const Role *role) {
    const Value *param = d->function->body->params[role->position];
    for (uint32_t i = 0; i < memory_object_count(d->memory); i++) {
        const MemObject *object = memory_object(d->memory, i);
        if (memory_object_param(object) == param &&
            memory_object_overwritten(d->memory, object))
            return true;
    }
    return false;
}

static bool is_active_param(const Derive *d, const Role *role) {
    const Value *param = d->function->body->params[role->position];
    return !type_is_pointer(param->type) ||
           activity_of_address(d->activity, param);
}

// Adjoints of an input that f overwrites, but does not give out, must not
// disturb what the caller has in d_x.
static void choose_buffers(Derive *d) {
    for (uint32_t i = 0; i < d->role_count; i++) {
        Role *role = &d->roles[i];
        const Param *param = &d->primal->params[i];
        // The adjoint of a record that came by value goes to a cell of the
        // caller's, which nobody else sees.
        bool memory = type_is_pointer(param->type) ||
                      (param->by_value_record && !d->split);
        if (role->work)
            role->own_buffer =
                memory && !role->wrt && !role->of && is_active_param(d, role);
        else if (role->wrt && !role->of && memory &&
                 d->annotation->mode == GRAD_REVERSE)
            role->own_buffer = written_through(d, role);
    }
}

static const Type *item_type(const Derive *d, const GradItem *item) {
    switch (item->kind) {
    case ITEM_RETURN: return d->primal->result;
    case ITEM_GLOBAL: return item->global->type;
    case ITEM_PARAM: return d->primal->params[item->param].type;
    }
    return d->primal->result;
}

static bool refuse_complex(Derive *d, const GradItem *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (type_reaches_complex(item_type(d, &items[i]))) {
            derive_error(d, items[i].loc,
                         "Jacobians and Hessians of complex numbers are not "
                         "supported",
                         "pass the parts as real numbers, or use the mode "
                         "reverse, forward or hvp");
            return true;
        }
    return false;
}

// Entries of a matrix are real.
static bool is_real_matrix(Derive *d) {
    const Annotation *a = d->annotation;
    if (a->mode != GRAD_JACOBIAN && a->mode != GRAD_HESSIAN)
        return true;
    return !refuse_complex(d, a->wrt, a->wrt_count) &&
           !refuse_complex(d, a->of, a->of_count);
}

static bool takes_record_result(Derive *d) {
    GradMode mode = d->annotation->mode;
    if (!d->primal->returns_record || mode == GRAD_REVERSE ||
        mode == GRAD_FORWARD)
        return true;
    derive_error(d, d->annotation->loc,
                 "second derivatives and Jacobians of a function that returns "
                 "a struct are not supported",
                 "write one that gives the result out through a pointer "
                 "parameter, or use the mode reverse or forward");
    return false;
}

static bool build(Derive *d) {
    choose_buffers(d);
    Builder b = builder_at_end(d->function->body);
    b.before = d->function->body->first;
    return signature_make_buffers(d, &b) && shadow_build(d) &&
           (d->annotation->mode == GRAD_REVERSE ? reverse_build(d)
            : d->vector                         ? vector_build(d)
                                                : forward_build(d));
}

// Parameters and declarations first: recursive calls refer to them.
static bool declare(Derive *d) {
    if (d->split ? !split_signature(d) : !signature_create(d))
        return false;
    if (d->split)
        split_declare(d);
    if (d->pair) {
        d->function->is_static = true;
        const Function *origin = d->primal->derivative_of;
        d->function->derivative_of = origin ? origin : d->primal;
        d->function->loc = d->primal->loc;
        d->pair->forward = d->function;
    }
    if (d->split)
        d->function->comment = arena_printf(
            d->arena,
            "Does what %s does, and leaves on the tape what %s takes.",
            d->primal->name, d->pair->reverse->name);
    return true;
}

bool derive_run(Derive *d, const Function *prepared) {
    d->shadows = ptrmap_create(d->arena);
    d->postponed = ptrmap_create(d->arena);
    d->vector = d->annotation->has_directions;
    if (!declare(d))
        return false;
    order_find(d, prepared);
    signature_copy_body(d, prepared);
    order_apply(d);
    outline_checkpoints(d);
    if (d->failed)
        return false;
    analyse(d);
    // A pattern must have all that might be chosen (decisions.c).
    bool choose =
        !(d->disabled & DIFFERENTIATE_CHOOSE) && !d->annotation->sparse;
    if (d->annotation->mode == GRAD_REVERSE && choose && choose_where(d))
        analyse(d);
    if (d->annotation->mode == GRAD_REVERSE && !d->split) {
        postpone_frees(d);
        outline_refuse_frees(d);
        analyse(d);
    } else if (d->split) {
        outline_refuse_frees(d);
    }
    walk_ops(d->function->body, refuse, d);
    refuse_unlisted(d);
    pun_refuse(d);
    return !d->failed && build(d) && !d->failed;
}

static const struct {
    const char *name;
    unsigned bit;
} switches[] = {{"fuse", DIFFERENTIATE_FUSE},
                {"eliminate", DIFFERENTIATE_ELIMINATE},
                {"restore", DIFFERENTIATE_RESTORE},
                {"choose", DIFFERENTIATE_CHOOSE},
                {"unset", DIFFERENTIATE_UNSET}};

bool differentiate_switch_find(const char *name, unsigned *bit) {
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        if (string_equal(switches[i].name, name)) {
            *bit = switches[i].bit;
            return true;
        }
    return false;
}

const char *differentiate_switch_name(size_t number) {
    return number < sizeof switches / sizeof *switches ? switches[number].name
                                                       : NULL;
}

static void restore_globals(const Derive *d, const GlobalParams *g) {
    uint32_t *positions = arena_array(d->arena, uint32_t, g->globals.count);
    for (size_t i = 0; i < g->globals.count; i++)
        positions[i] = d->position ? d->position[g->own_params + i]
                                   : d->roles[g->own_params + i].position;
    globals_restore(g, d->function, positions);
}

static bool run_mode(Derive *d, const Function *prepared) {
    switch (d->annotation->mode) {
    case GRAD_REVERSE:
    case GRAD_FORWARD: return derive_run(d, prepared);
    case GRAD_HVP: return second_run(d, prepared);
    case GRAD_JACOBIAN:
    case GRAD_HESSIAN: return dense_run(d, prepared);
    }
    return false;
}

// Steps of checkpointed loops, too, belong to the function that the user wrote.
static void rename_origin(Module *module, const Function *from,
                          const Function *to) {
    for (size_t i = 0; i < module->functions.count; i++)
        if (module->functions.items[i]->derivative_of == from)
            module->functions.items[i]->derivative_of = to;
}

Function *differentiate(Function *primal, const Function *named_after,
                        const Annotation *annotation, unsigned disabled,
                        Diagnostics *diags) {
    Pairs pairs = {{0}};
    GlobalParams globals = {0};
    if (!globals_as_params(&globals, named_after, primal, annotation, diags))
        return NULL;
    bool any = globals.globals.count > 0;
    Derive derive = {.arena = primal->module->arena,
                     .module = primal->module,
                     .diags = diags,
                     .annotation = any ? &globals.annotation : annotation,
                     .primal = any ? globals.function : named_after,
                     .globals = (uint32_t)globals.globals.count,
                     .pairs = &pairs,
                     .disabled = disabled};
    const Function *prepared = any ? globals.prepared : primal;
    if (!is_real_matrix(&derive) || !takes_record_result(&derive) ||
        !run_mode(&derive, prepared))
        return NULL;
    if (any) {
        restore_globals(&derive, &globals);
        derive.function->derivative_of = named_after;
        rename_origin(derive.module, globals.function, named_after);
    }
    return derive.function;
}

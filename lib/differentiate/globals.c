// globals.c - globals among the variables. For the time of differentiation
// each is a pointer parameter behind the function's own, so that all phases see
// it as they see a parameter; afterwards the derivative names the global again
// and keeps only its derivative parameter.
#include "differentiate/globals.h"

#include <ctype.h>
#include <string.h>

// ---- Which ones -------------------------------------------------------------

static void note_items(GlobalParams *g, const GradItem *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        bool known = items[i].kind != ITEM_GLOBAL;
        for (size_t k = 0; k < g->globals.count; k++)
            known |= g->globals.items[k] == items[i].global;
        if (!known)
            vec_push(g->arena, &g->globals, items[i].global);
    }
}

static int index_of(const GlobalParams *g, const Global *global) {
    for (size_t i = 0; i < g->globals.count; i++)
        if (g->globals.items[i] == global)
            return (int)i;
    return -1;
}

// ---- What would reach them otherwise ----------------------------------------

typedef struct Search {
    GlobalParams *g;
    const Function *function; // as the user wrote it
    const Annotation *annotation;
    Diagnostics *diags;
    PtrMap *visited;
    const Global *found;
    const Function *unknown; // without a body: it may reach any
    bool failed;
} Search;

static void search_callee(Search *s, const Function *callee);

static void search_op(Op *op, void *context) {
    Search *s = context;
    if (op->kind == OP_GLOBAL && index_of(s->g, op->as.global) >= 0)
        s->found = op->as.global;
    if (op->kind == OP_CALL || op->kind == OP_FUNCTION)
        search_callee(s, op->as.callee);
}

static void search_callee(Search *s, const Function *callee) {
    if (ptrmap_has(s->visited, callee))
        return;
    ptrmap_set(s->visited, callee, (void *)(uintptr_t)callee);
    if (callee->body)
        walk_ops(callee->body, search_op, s);
    else if (!callee->is_system && !callee->is_output && !callee->never_returns)
        s->unknown = callee;
}

static void complain(Search *s, SourceLoc loc, const char *message,
                     const Global *global) {
    diag_error(s->diags, loc, message, global->name);
    diag_note(s->diags, s->annotation->loc,
              "pass its address as a parameter, here and to what is called");
    s->failed = true;
}

static void check_call(Op *op, void *context) {
    Search *s = context;
    if (s->failed || (op->kind != OP_CALL && op->kind != OP_FUNCTION))
        return;
    SourceLoc loc = op->origin ? op->origin->loc : s->annotation->loc;
    search_callee(s, op->as.callee);
    if (s->found)
        complain(s, loc,
                 "this call reaches the global '%s', which is among the "
                 "variables",
                 s->found);
    else if (s->unknown)
        complain(s, loc,
                 "this calls what has no body here and may reach the global "
                 "'%s', which is among the variables",
                 s->g->globals.items[0]);
}

static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        bool starts =
            at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (starts &&
            !(isalnum((unsigned char)at[length]) || at[length] == '_'))
            return true;
    }
    return false;
}

// A table of pointers leads to it under another name.
static void check_tables(Search *s, const Module *module) {
    for (size_t i = 0; i < module->globals.count && !s->failed; i++) {
        const Global *table = module->globals.items[i];
        for (size_t k = 0; k < s->g->globals.count; k++) {
            const Global *global = s->g->globals.items[k];
            if (table != global && table->definition &&
                type_holds_pointer(table->type) &&
                has_word(table->definition, global->name))
                complain(s, table->loc,
                         "this table leads to the global '%s', which is among "
                         "the variables",
                         global);
        }
    }
}

// A global pointer stands for what it points to as long as nothing changes it.
static void check_pointer(Op *op, void *context) {
    Search *s = context;
    for (uint32_t i = 0; i < op->operand_count && !s->failed; i++) {
        const Op *definition = op->operands[i]->op;
        if (op->kind != OP_LOAD && definition &&
            definition->kind == OP_GLOBAL &&
            type_is_pointer(definition->as.global->type) &&
            index_of(s->g, definition->as.global) >= 0)
            complain(s, op->origin ? op->origin->loc : s->annotation->loc,
                     "the global pointer '%s' is among the variables and is "
                     "changed here, or its address is taken",
                     definition->as.global);
    }
}

static bool can_stand_as_params(GlobalParams *g, const Function *function,
                                const Function *prepared,
                                const Annotation *annotation,
                                Diagnostics *diags) {
    Search s = {.g = g,
                .function = function,
                .annotation = annotation,
                .diags = diags,
                .visited = ptrmap_create(g->arena)};
    walk_ops(prepared->body, check_call, &s);
    walk_ops(prepared->body, check_pointer, &s);
    check_tables(&s, function->module);
    return !s.failed;
}

// ---- As parameters ----------------------------------------------------------

// What the parameter points to: an array's elements, the object itself, or
// what a global pointer points to.
static const Type *param_type(Module *module, const Type *type) {
    if (type_is_pointer(type))
        return type;
    return type_pointer(module,
                        type->kind == TYPE_ARRAY ? type->element : type);
}

static const char *extents_text(Arena *arena, const Type *type) {
    Text text;
    text_init(&text, arena);
    for (; type->kind == TYPE_ARRAY; type = type->element) {
        if (type->length == ARRAY_DYNAMIC)
            return NULL;
        text_printf(&text, "[%lld]", (long long)type->length);
    }
    return text.length ? text.chars : NULL;
}

static Param make_param(const GlobalParams *g, Module *module,
                        const Global *global) {
    return (Param){.name = global->name,
                   .type = param_type(module, global->type),
                   .extents = extents_text(g->arena, global->type),
                   .loc = global->loc};
}

static Function *with_params(const GlobalParams *g, const Function *function) {
    uint32_t own = function->param_count;
    uint32_t count = own + (uint32_t)g->globals.count;
    Function *copy = arena_new(g->arena, Function);
    *copy = *function;
    copy->params = arena_array(g->arena, Param, count);
    copy->param_count = count;
    for (uint32_t i = 0; i < count; i++)
        copy->params[i] = i < own ? function->params[i]
                                  : make_param(g, function->module,
                                               g->globals.items[i - own]);
    return copy;
}

typedef struct Replacing {
    const GlobalParams *g;
    Function *function;
    uint32_t own;
    ValueMap map;
} Replacing;

// weights[i], which is `elem @weights, i`, becomes `index %weights, i`.
static void replace_use(Op *op, void *context) {
    Replacing *r = context;
    const Op *base = op->operand_count ? op->operands[0]->op : NULL;
    int index =
        base && base->kind == OP_GLOBAL ? index_of(r->g, base->as.global) : -1;
    if (index < 0)
        return;
    const Type *type = base->as.global->type;
    Value *param = r->function->body->params[r->own + (uint32_t)index];
    if (type_is_pointer(type)) {
        valuemap_set(&r->map, op->results[0], param);
    } else if (type->kind == TYPE_ARRAY && op->kind == OP_ELEM) {
        op->kind = OP_INDEX;
        op->operands[0] = param;
    }
}

// All other uses: the object's address.
static void replace_address(Op *op, void *context) {
    Replacing *r = context;
    int index = op->kind == OP_GLOBAL ? index_of(r->g, op->as.global) : -1;
    if (index < 0 || type_is_pointer(op->as.global->type))
        return;
    Value *param = r->function->body->params[r->own + (uint32_t)index];
    Builder b = builder_before(op);
    valuemap_set(&r->map, op->results[0],
                 build_cast(&b, op->results[0]->type, param));
}

static Function *clone_unlisted(const Function *function) {
    Function *copy = clone_function(function, function->name);
    function->module->functions.count--; // not one of the module's own
    return copy;
}

static Function *body_with_params(const GlobalParams *g,
                                  const Function *prepared) {
    Function *copy = clone_unlisted(prepared);
    Replacing r = {g, copy, prepared->param_count, {0}};
    for (size_t i = 0; i < g->globals.count; i++) {
        const Global *global = g->globals.items[i];
        region_append_param(copy->body, param_type(copy->module, global->type),
                            global->name);
    }
    copy->params = with_params(g, prepared)->params;
    copy->param_count = prepared->param_count + (uint32_t)g->globals.count;
    valuemap_init(&r.map, g->arena, copy);
    walk_ops(copy->body, replace_use, &r);
    walk_ops(copy->body, replace_address, &r);
    remap_region(copy->body, &r.map);
    return copy;
}

// An array's length and an object's one are known where no section says them.
static void set_extent(const GlobalParams *g, GradItem *item) {
    const Type *type = item->global->type;
    if (item->extent_count > 0 || type_is_pointer(type) ||
        (type->kind == TYPE_ARRAY && type->length == ARRAY_DYNAMIC))
        return;
    item->extents = arena_new(g->arena, Extent);
    item->extents[0] = (Extent){
        .constant = type->kind == TYPE_ARRAY ? type->length : 1, .param = -1};
    item->extent_count = 1;
}

static GradItem *items_as_params(const GlobalParams *g, const GradItem *items,
                                 uint32_t count, uint32_t own) {
    GradItem *copy = arena_array(g->arena, GradItem, count);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = items[i];
        if (items[i].kind != ITEM_GLOBAL)
            continue;
        set_extent(g, &copy[i]);
        copy[i].kind = ITEM_PARAM;
        copy[i].param = own + (uint32_t)index_of(g, items[i].global);
    }
    return copy;
}

bool globals_as_params(GlobalParams *g, const Function *function,
                       const Function *prepared, const Annotation *annotation,
                       Diagnostics *diags) {
    const Annotation *a = annotation;
    uint32_t own = function->param_count;
    g->arena = function->module->arena;
    g->own_params = own;
    note_items(g, a->wrt, a->wrt_count);
    note_items(g, a->of, a->of_count);
    note_items(g, a->work, a->work_count);
    if (g->globals.count == 0)
        return true;
    if (!can_stand_as_params(g, function, prepared, a, diags))
        return false;
    g->annotation = *a;
    g->annotation.wrt = items_as_params(g, a->wrt, a->wrt_count, own);
    g->annotation.of = items_as_params(g, a->of, a->of_count, own);
    g->annotation.work = items_as_params(g, a->work, a->work_count, own);
    g->function = with_params(g, function);
    g->prepared = body_with_params(g, prepared);
    return true;
}

// ---- And back ---------------------------------------------------------------

// The value that the parameter stood for: weights, &scale, or the pointer.
static Value *build_stand_in(Builder *b, Global *global) {
    Value *address = build_global(b, global);
    if (type_is_pointer(global->type))
        return build_load(b, address);
    if (global->type->kind != TYPE_ARRAY)
        return address;
    return build_elem(
        b, address,
        build_int(b, type_scalar(b->function->module, TYPE_INT), 0));
}

static void remove_param(Function *function, uint32_t position) {
    Region *body = function->body;
    function->param_count--;
    body->param_count--;
    for (uint32_t i = position; i < body->param_count; i++) {
        function->params[i] = function->params[i + 1];
        body->params[i] = body->params[i + 1];
        body->params[i]->index = i;
    }
}

void globals_restore(const GlobalParams *g, Function *derivative,
                     const uint32_t *positions) {
    ValueMap map;
    Builder b = builder_before(derivative->body->first);
    valuemap_init(&map, g->arena, derivative);
    for (size_t i = 0; i < g->globals.count; i++) {
        Value *param = derivative->body->params[positions[i]];
        valuemap_set(&map, param, build_stand_in(&b, g->globals.items[i]));
    }
    remap_region(derivative->body, &map);
    for (size_t i = g->globals.count; i-- > 0;)
        remove_param(derivative, positions[i]);
}

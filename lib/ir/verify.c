// verify.c - whether a module keeps every rule of docs/ir.md. Here: modules,
// types, signatures, links and the order of definitions; verify_op.c has the
// rules of each operation. One walk, in time linear in the module's size.
// Reads anything that a faulty pass may leave behind (missing operands, stale
// links), changes nothing, and stops at the first rule broken.
#include "ir/form.h"

#include <string.h>

typedef struct Verifier {
    Arena *arena;
    Module module;   // a copy: types made on the way go to this arena
    PtrMap *members; // globals of the module, and records, whose value is their
                     // place in the order of definition; NULL: see the lists
    PtrMap *types;   // those found well formed
    const Function *function;
    const Op *op;          // looked at, or NULL
    const Value **visible; // by id: what can be used here
    bool *defined;         // by id: defined somewhere already
    const char *message;
} Verifier;

// `loss: '%a = add %x, %y': operands 0 and 1 must ...`; always false.
static bool PRINTF_LIKE(2, 3) fail(Verifier *v, const char *format, ...) {
    Text text;
    va_list arguments;
    text_init(&text, v->arena);
    if (v->function) {
        const char *name = v->function->name;
        text_printf(&text, "%s: ", name ? name : "<nameless function>");
    }
    if (v->op) {
        text_add_char(&text, '\'');
        form_print_op(&text, v->function, v->op);
        text_add(&text, "': ");
    }
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    v->message = text.chars;
    return false;
}

// ---- What the module lists --------------------------------------------------

// A map pays where the whole module is looked at, not for one function.
static void list_members(Verifier *v) {
    const Module *m = &v->module;
    v->members = ptrmap_create(v->arena);
    for (size_t i = 0; i < m->records.count; i++)
        if (m->records.items[i])
            ptrmap_set(v->members, m->records.items[i], (void *)(i + 1));
    for (size_t i = 0; i < m->globals.count; i++)
        if (m->globals.items[i])
            ptrmap_set(v->members, m->globals.items[i], v);
}

static bool lists_function(const Verifier *v, const Function *function) {
    const Module *m = &v->module;
    size_t place = function->place;
    if (place < m->functions.count && m->functions.items[place] == function)
        return true;
    for (size_t i = 0; i < m->functions.count; i++)
        if (m->functions.items[i] == function)
            return true;
    return false;
}

static bool lists_global(const Verifier *v, const Global *global) {
    if (v->members)
        return ptrmap_has(v->members, global);
    for (size_t i = 0; i < v->module.globals.count; i++)
        if (v->module.globals.items[i] == global)
            return true;
    return false;
}

static bool lists_record(const Verifier *v, const Record *record) {
    if (v->members)
        return ptrmap_has(v->members, record);
    for (size_t i = 0; i < v->module.records.count; i++)
        if (v->module.records.items[i] == record)
            return true;
    return false;
}

// ---- Types ------------------------------------------------------------------

static bool check_type(Verifier *v, const Type *type, const char *what);

static bool check_type_parts(Verifier *v, const Type *type, const char *what) {
    if ((unsigned)type->kind > TYPE_OPAQUE)
        return fail(v, "%s has a type of no kind", what);
    if (type->kind == TYPE_RECORD)
        return lists_record(v, type->record) ||
               fail(v, "%s has a record type that the module does not list",
                    what);
    if (type->kind == TYPE_OPAQUE)
        return (type->spelling && *type->spelling) ||
               fail(v, "%s has an opaque type without a spelling", what);
    if (type->kind != TYPE_POINTER && type->kind != TYPE_ARRAY)
        return true;
    if (!check_type(v, type->element, what) || type->kind == TYPE_POINTER)
        return !v->message;
    if (type->element->kind == TYPE_VOID)
        return fail(v, "%s has a type with an array of void", what);
    return type->length >= 0 || type->length == ARRAY_DYNAMIC ||
           fail(v, "%s has a type with an array of negative length", what);
}

static bool check_type(Verifier *v, const Type *type, const char *what) {
    if (!type)
        return fail(v, "%s has no type, or a type that lacks a part", what);
    if (ptrmap_has(v->types, type))
        return true;
    if (!check_type_parts(v, type, what))
        return false;
    ptrmap_set(v->types, type, (void *)type);
    return true;
}

// What a value has: something that C keeps in one variable.
static bool check_value_type(Verifier *v, const Value *value,
                             const char *what) {
    if (!check_type(v, value->type, what))
        return false;
    return type_is_arithmetic(value->type) || type_is_pointer(value->type) ||
           fail(v, "%s must be a scalar or a pointer", what);
}

// ---- Values: links, ids, visibility -----------------------------------------

static bool define(Verifier *v, const Value *value, const char *what) {
    if (value->id >= v->function->value_count)
        return fail(v, "%s has the id %u, but the function has only %u values",
                    what, value->id, v->function->value_count);
    if (v->defined[value->id])
        return fail(v, "%s has the id %u, which another value has", what,
                    value->id);
    v->defined[value->id] = true;
    v->visible[value->id] = value;
    return check_value_type(v, value, what);
}

static bool define_param(Verifier *v, const Region *region, uint32_t index) {
    const Value *value = region->params[index];
    const char *what =
        arena_printf(v->arena, "parameter %u of its region", index);
    if (!value)
        return fail(v, "%s is missing", what);
    if (value->region != region || value->op || value->index != index)
        return fail(v, "%s is linked to another place", what);
    return define(v, value, what);
}

static bool check_result(Verifier *v, const Op *op, uint32_t index) {
    const Value *value = op->results[index];
    if (!value)
        return fail(v, "result %u is missing", index);
    if (value->op != op || value->region || value->index != index)
        return fail(v, "result %u is linked to another place", index);
    return check_type(v, value->type, "its result");
}

static const Function *function_of(const Value *value) {
    const Region *region = value_region(value);
    return region ? region->function : NULL;
}

static bool check_operand(Verifier *v, const Op *op, uint32_t index) {
    const Value *value = op->operands[index];
    if (!value)
        return fail(v, "operand %u is missing", index);
    if (value->id < v->function->value_count && v->visible[value->id] == value)
        return true;
    const Function *owner = function_of(value);
    if (!owner)
        return fail(v, "operand %u is defined nowhere", index);
    if (owner != v->function)
        return fail(v, "operand %u belongs to the function %s", index,
                    owner->name);
    return fail(v,
                "operand %u is not visible here: its definition comes "
                "later, was removed, or is in a region that has ended",
                index);
}

// What a region defined is invisible after it.
static void forget_region(Verifier *v, const Region *region) {
    for (uint32_t i = 0; i < region->param_count; i++)
        v->visible[region->params[i]->id] = NULL;
    for (const Op *op = region->first; op; op = op->next)
        for (uint32_t i = 0; i < op->result_count; i++)
            v->visible[op->results[i]->id] = NULL;
}

// ---- Operations and regions -------------------------------------------------

static bool check_region(Verifier *v, const Region *region);

static bool check_held_region(Verifier *v, const Op *op, uint32_t index) {
    const Region *region = op->regions[index];
    if (!region)
        return fail(v, "region %u is missing", index);
    if (region->parent != op)
        return fail(v, "region %u is linked to another operation", index);
    for (uint32_t i = 0; i < index; i++)
        if (op->regions[i] == region)
            return fail(v, "regions %u and %u are one", i, index);
    bool kept = check_region(v, region);
    v->op = kept ? op : v->op;
    return kept;
}

static bool check_attributes(Verifier *v, const Op *op) {
    bool has_type =
        op->kind == OP_ALLOC || op->kind == OP_COPY || op->kind == OP_ZERO;
    bool has_callee = op->kind == OP_CALL || op->kind == OP_FUNCTION;
    if (has_type && op->as.type && !check_type(v, op->as.type, "its attribute"))
        return false;
    if (has_callee && op->as.callee && !lists_function(v, op->as.callee))
        return fail(v, "the module does not list this function");
    if (op->kind == OP_GLOBAL && op->as.global &&
        !lists_global(v, op->as.global))
        return fail(v, "the module does not list this global");
    return true;
}

static bool check_op(Verifier *v, const Op *op) {
    v->op = op;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!check_operand(v, op, i))
            return false;
    for (uint32_t i = 0; i < op->result_count; i++)
        if (!check_result(v, op, i))
            return false;
    if (!check_attributes(v, op))
        return false;
    for (uint32_t r = 0; r < op->region_count; r++)
        if (!check_held_region(v, op, r))
            return false;
    const char *rule = form_broken_rule(&v->module, op);
    if (rule)
        return fail(v, "%s", rule);
    for (uint32_t i = 0; i < op->result_count; i++)
        if (!define(v, op->results[i], "its result"))
            return false;
    return true;
}

static bool check_links(Verifier *v, const Region *region, const Op *op) {
    v->op = op;
    if ((unsigned)op->kind >= OP_COUNT) {
        v->op = NULL;
        return fail(v, "an operation is of no kind");
    }
    if (op->parent != region)
        return fail(v, "is linked to another region than the one it is in");
    if (op->previous ? op->previous->next != op : region->first != op)
        return fail(v, "is not what follows the operation before it");
    if (op->next ? op->next->previous != op : region->last != op)
        return fail(v, "is not what precedes the operation after it");
    bool ends = op_info(op->kind)->flags & OPF_TERMINATOR;
    if (ends && op->next)
        return fail(v, "ends its region, but operations follow");
    if (!ends && !op->next)
        return fail(v, "is the last of its region, but no terminator");
    return true;
}

// A region that holds nothing, or belongs elsewhere.
static bool check_region_itself(Verifier *v, const Region *region) {
    if (region->function != v->function)
        return fail(v, "a region is linked to another function");
    if (!region->first || !region->last)
        return fail(v, "a region is empty; it needs a terminator");
    return true;
}

static bool check_region(Verifier *v, const Region *region) {
    if (!check_region_itself(v, region))
        return false;
    for (uint32_t i = 0; i < region->param_count; i++)
        if (!define_param(v, region, i))
            return false;
    for (const Op *op = region->first; op; op = op->next)
        if (!check_links(v, region, op) || !check_op(v, op))
            return false;
    forget_region(v, region);
    return true;
}

// ---- Annotations ------------------------------------------------------------

static bool check_extent(Verifier *v, const Extent *extent) {
    const Function *function = v->function;
    if (extent->operands[0])
        return check_extent(v, extent->operands[0]) &&
               check_extent(v, extent->operands[1]);
    if (extent->param < 0)
        return extent->constant >= 0 ||
               fail(v, "an annotation has a section of negative length");
    if ((uint32_t)extent->param >= function->param_count)
        return fail(v, "an annotation's length is no parameter");
    return type_is_integer(function->params[extent->param].type) ||
           fail(v, "an annotation's length must be an integer parameter");
}

static bool check_item(Verifier *v, const GradItem *item, bool may_return) {
    const Function *function = v->function;
    for (uint32_t i = 0; i < item->extent_count; i++)
        if (!check_extent(v, &item->extents[i]))
            return false;
    switch (item->kind) {
    case ITEM_PARAM:
        return item->param < function->param_count ||
               fail(v, "an annotation names no parameter");
    case ITEM_GLOBAL:
        return lists_global(v, item->global) ||
               fail(v, "an annotation names a global that the module does not "
                       "list");
    case ITEM_RETURN:
        if (!may_return)
            return fail(v, "return stands only in the annotation's of");
        return function->result->kind != TYPE_VOID ||
               fail(v, "an annotation names the return value of a function "
                       "that returns nothing");
    }
    return fail(v, "an annotation has an item of no kind");
}

static bool check_items(Verifier *v, const GradItem *items, uint32_t count,
                        bool may_return) {
    for (uint32_t i = 0; i < count; i++)
        if (!check_item(v, &items[i], may_return))
            return false;
    return true;
}

static bool check_clauses(Verifier *v, const Annotation *a) {
    return check_items(v, a->wrt, a->wrt_count, false) &&
           check_items(v, a->of, a->of_count, true) &&
           check_items(v, a->work, a->work_count, false) &&
           (!a->has_directions || check_extent(v, &a->directions));
}

static bool check_annotations(Verifier *v) {
    const Function *function = v->function;
    for (uint32_t i = 0; i < function->annotation_count; i++) {
        const Annotation *a = &function->annotations[i];
        if (!a->name || !*a->name)
            return fail(v, "an annotation has no name for its function");
        if (!check_clauses(v, a))
            return false;
    }
    for (uint32_t i = 0; i < function->rule_count; i++) {
        const UserRule *rule = &function->rules[i];
        if (!rule->derivative || !lists_function(v, rule->derivative))
            return fail(v, "the module does not list a rule's function");
        if (!check_clauses(v, &rule->annotation))
            return false;
    }
    return true;
}

// The address that is called comes before the arguments.
static bool check_indirect(Verifier *v) {
    const Function *function = v->function;
    uint32_t at = function->returns_record ? 1 : 0;
    return !function->is_indirect ||
           (!function->body && function->param_count > at &&
            type_is_pointer(function->params[at].type)) ||
           fail(v, "indirect needs a parameter for the address, and no body");
}

// ---- Functions --------------------------------------------------------------

static bool check_param(Verifier *v, const Param *param, uint32_t index) {
    const char *what = arena_printf(v->arena, "parameter %u", index);
    if (!check_type(v, param->type, what))
        return false;
    if (param->by_value_record && param->type->kind != TYPE_RECORD)
        return fail(v, "%s is by_value, but no record", what);
    if (param->type->kind == TYPE_VOID || param->type->kind == TYPE_ARRAY)
        return fail(v, "%s must have the type that C passes", what);
    if (param->callback &&
        (!lists_function(v, param->callback) || !param->callback->is_indirect))
        return fail(v, "the callback of %s is no indirect function", what);
    return true;
}

static bool check_body_param(Verifier *v, uint32_t index) {
    const Param *param = &v->function->params[index];
    const Value *value = v->function->body->params[index];
    if (param->type->kind == TYPE_RECORD && !param->by_value_record)
        return fail(v, "parameter %u is a record, so it must be by_value",
                    index);
    if (!value || !check_type(v, value->type, "a parameter"))
        return !value ? fail(v, "parameter %u has no value", index) : false;
    const Type *type = value->type;
    if (param->by_value_record) {
        if (!type_is_pointer(type))
            return fail(v, "parameter %u must be a pointer in the body", index);
        type = type->element;
    }
    return type_equal(type, param->type) ||
           fail(v, "parameter %u has another type in the body", index);
}

static bool check_body(Verifier *v) {
    const Function *function = v->function;
    const Region *body = function->body;
    if (function->result->kind == TYPE_RECORD)
        return fail(v, "a function with a body returns no record");
    if (body->parent)
        return fail(v, "its body stands in an operation");
    if (body->param_count != function->param_count)
        return fail(v, "its body has %u parameters instead of %u",
                    body->param_count, function->param_count);
    for (uint32_t i = 0; i < function->param_count; i++)
        if (!check_body_param(v, i))
            return false;
    v->visible = arena_array(v->arena, const Value *, function->value_count);
    v->defined = arena_array(v->arena, bool, function->value_count);
    return check_region(v, body);
}

// Where C returns a record, the first parameter says where it goes.
static bool check_record_result(Verifier *v) {
    const Function *function = v->function;
    if (!function->returns_record)
        return true;
    const Type *type = function->param_count ? function->params[0].type : NULL;
    return (function->result->kind == TYPE_VOID && type &&
            type_is_pointer(type) && type->element->kind == TYPE_RECORD) ||
           fail(v, "returns_record needs a first parameter that points to the "
                   "record, and no result");
}

static bool check_function(Verifier *v, const Function *function) {
    v->function = function;
    v->op = NULL;
    if (!function->name || !*function->name)
        return fail(v, "a function must have a name");
    if (!check_type(v, function->result, "its result"))
        return false;
    if (function->result->kind == TYPE_ARRAY)
        return fail(v, "a function returns no array");
    for (uint32_t i = 0; i < function->param_count; i++)
        if (!check_param(v, &function->params[i], i))
            return false;
    if (function->derivative_of && !lists_function(v, function->derivative_of))
        return fail(v, "the module does not list what it is derived from");
    return check_record_result(v) && check_indirect(v) &&
           check_annotations(v) && (!function->body || check_body(v));
}

// ---- Modules ----------------------------------------------------------------

// A record is whole when another holds it, so it stands before that one.
static bool check_field(Verifier *v, size_t place, const Field *field,
                        const char *what) {
    const Type *type = field->type;
    if (!check_type(v, type, what))
        return false;
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    if (type->kind == TYPE_VOID)
        return fail(v, "%s holds void", what);
    if (field->bits < 0)
        return fail(v, "%s holds a bit-field of negative width", what);
    return type->kind != TYPE_RECORD ||
           (uintptr_t)ptrmap_get(v->members, type->record) < place + 1 ||
           fail(v, "%s holds a record that is not defined before it", what);
}

static bool check_record(Verifier *v, size_t place) {
    const Record *record = v->module.records.items[place];
    if (!record)
        return fail(v, "record %zu of the module is missing", place);
    const char *what =
        arena_printf(v->arena, "record %s", record->name ? record->name : "_");
    for (size_t i = 0; i < record->field_count; i++)
        if (!check_field(v, place, &record->fields[i], what))
            return false;
    return true;
}

// Functions and globals share one space of names, as in C.
static bool check_name(Verifier *v, StrMap *names, const char *name) {
    if (!name || !*name)
        return fail(v, "a global or function of the module has no name");
    if (strmap_has(names, name))
        return fail(v, "the module has two functions or globals named %s",
                    name);
    strmap_set(names, name, v);
    return true;
}

static bool check_module(Verifier *v) {
    const Module *m = &v->module;
    StrMap *names = strmap_create(v->arena);
    for (size_t i = 0; i < m->records.count; i++)
        if (!check_record(v, i))
            return false;
    for (size_t i = 0; i < m->globals.count; i++) {
        const Global *global = m->globals.items[i];
        if (!check_name(v, names, global ? global->name : NULL) ||
            !check_type(v, global->type, global->name))
            return false;
    }
    for (size_t i = 0; i < m->functions.count; i++) {
        const Function *function = m->functions.items[i];
        if (!check_name(v, names, function ? function->name : NULL))
            return false;
    }
    return true;
}

static Verifier verifier(Arena *arena, const Module *module) {
    Verifier v = {.arena = arena, .module = *module};
    v.module.arena = arena;
    v.types = ptrmap_create(arena);
    return v;
}

bool ir_verify(Arena *arena, const Module *module, const char **message) {
    Verifier v = verifier(arena, module);
    list_members(&v);
    bool kept = check_module(&v);
    for (size_t i = 0; kept && i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        v.function = NULL;
        kept = function->module == module
                   ? check_function(&v, function)
                   : fail(&v, "%s is linked to another module", function->name);
    }
    *message = v.message;
    return kept;
}

bool ir_verify_function(Arena *arena, const Function *function,
                        const char **message) {
    Verifier v = verifier(arena, function->module);
    bool kept = check_function(&v, function);
    *message = v.message;
    return kept;
}

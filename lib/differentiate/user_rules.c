// user_rules.c - functions whose derivative the user wrote. In forward mode the
// call becomes one of the rule's function. In reverse mode it stays, and the
// reverse sweep calls the rule with the arguments as they were before the call:
// what they point to must still be there, or is kept.
//
// A rule's function writes what f writes. Where f's outputs are still there, it
// writes the same values once more; else it gets memory of its own for them.
#include "differentiate/derive.h"

#include <stdlib.h>
#include <string.h>

// ---- A rule and its parameters ----------------------------------------------

// What a rule says of one of f's parameters.
typedef struct Place {
    bool wrt, of;
    const GradItem *item;
} Place;

static Place place_of(const UserRule *rule, uint32_t param) {
    const Annotation *a = &rule->annotation;
    Place place = {0};
    for (uint32_t i = 0; i < a->of_count; i++)
        if (a->of[i].kind == ITEM_PARAM && a->of[i].param == param) {
            place.of = true;
            place.item = &a->of[i];
        }
    for (uint32_t i = 0; i < a->wrt_count; i++)
        if (a->wrt[i].kind == ITEM_PARAM && a->wrt[i].param == param) {
            place.wrt = true;
            if (!place.item || !place.item->extent_count)
                place.item = &a->wrt[i];
        }
    return place;
}

static bool is_of_return(const UserRule *rule) {
    for (uint32_t i = 0; i < rule->annotation.of_count; i++)
        if (rule->annotation.of[i].kind == ITEM_RETURN)
            return true;
    return false;
}

// A callback is named after its parameter, and its type.
static const char *name_of(Arena *arena, const Function *f) {
    size_t length = f->is_indirect ? strcspn(f->name, ":") : strlen(f->name);
    return arena_strndup(arena, f->name, length);
}

// The address that is called is no argument of the rule's function.
static uint32_t first_param(const Function *f) {
    return f->is_indirect ? 1 : 0;
}

bool call_has_rules(const Op *op) {
    return op->kind == OP_CALL && op->as.callee->rule_count > 0 &&
           !op->as.callee->inactive;
}

// ---- The signature ----------------------------------------------------------

static Param dual_param(Module *module, const Param *param, const Place *place,
                        GradMode mode) {
    Param dual = *param;
    bool reverse = mode == GRAD_REVERSE;
    dual.name = arena_printf(module->arena, "d_%s", param->name);
    if (reverse || place->of)
        dual.type = derive_unconst(module, param->type);
    if (reverse && !type_is_pointer(param->type)) {
        dual.type = type_pointer(module, dual.type);
        dual.by_value_record = false;
    }
    return dual;
}

typedef Vec(Param) Params;

static Params expected_params(Module *module, const Function *f,
                              const UserRule *rule) {
    Params params = {0};
    GradMode mode = rule->annotation.mode;
    for (uint32_t i = first_param(f); i < f->param_count; i++) {
        Place place = place_of(rule, i);
        vec_push(module->arena, &params, f->params[i]);
        if (!place.wrt && !place.of)
            continue;
        Param dual = dual_param(module, &f->params[i], &place, mode);
        vec_push(module->arena, &params, dual);
    }
    if (is_of_return(rule)) {
        const Type *type = type_plain(module, f->result);
        Param weight = {
            .name = "d_return",
            .type = mode == GRAD_REVERSE ? type : type_pointer(module, type)};
        vec_push(module->arena, &params, weight);
    }
    return params;
}

// The const of what is pointed to counts, that of the parameter does not.
static bool same_param_type(const Type *a, const Type *b) {
    if (!type_equal(a, b))
        return false;
    while (a->element && b->element) {
        a = a->element;
        b = b->element;
        if (a->is_const != b->is_const)
            return false;
    }
    return true;
}

static bool has_signature(const Function *f, const Function *g,
                          const Params *params) {
    if (g->is_variadic || g->returns_record ||
        g->param_count != params->count || !type_equal(g->result, f->result))
        return false;
    for (uint32_t i = 0; i < g->param_count; i++)
        if (!same_param_type(g->params[i].type, params->items[i].type) ||
            g->params[i].by_value_record != params->items[i].by_value_record)
            return false;
    return true;
}

static const char *signature_text(Arena *arena, const Function *f,
                                  const Function *g, const Params *params) {
    Text text, list;
    text_init(&list, arena);
    text_init(&text, arena);
    for (size_t i = 0; i < params->count; i++) {
        text_add(&list, i ? ", " : "");
        type_print_c(&list, params->items[i].type, params->items[i].name);
    }
    type_print_c(&text, f->result,
                 arena_printf(arena, "%s(%s)", g->name, list.chars));
    return text.chars;
}

static bool check_rule(Module *module, const Function *f, const UserRule *rule,
                       Diagnostics *diags) {
    SourceLoc loc = rule->annotation.loc;
    const Function *g = rule->derivative;
    bool reverse = rule->annotation.mode == GRAD_REVERSE;
    Params params = expected_params(module, f, rule);
    if (has_signature(f, g, &params))
        return true;
    diag_error(
        diags, loc,
        "'%s' has not the signature of the derivative of '%s' in %s mode",
        g->name, name_of(module->arena, f), reverse ? "reverse" : "forward");
    diag_note(diags, g->loc, "it must be '%s'",
              signature_text(module->arena, f, g, &params));
    return false;
}

static bool same_places(const Function *f, const UserRule *a,
                        const UserRule *b) {
    for (uint32_t i = 0; i < f->param_count; i++) {
        Place x = place_of(a, i), y = place_of(b, i);
        if (x.wrt != y.wrt || x.of != y.of)
            return false;
    }
    return a->annotation.mode == b->annotation.mode &&
           is_of_return(a) == is_of_return(b);
}

static bool check_alone(const Function *f, uint32_t at, Diagnostics *diags) {
    for (uint32_t i = 0; i < at; i++) {
        if (!same_places(f, &f->rules[i], &f->rules[at]))
            continue;
        diag_error(diags, f->rules[at].annotation.loc,
                   "there is another derivative of '%s' in this mode",
                   name_of(f->module->arena, f));
        diag_note(diags, f->rules[i].annotation.loc,
                  "it is here; two must differ in wrt or of");
        return false;
    }
    return true;
}

bool differentiate_check_rules(Module *module, Diagnostics *diags) {
    bool good = true;
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *f = module->functions.items[i];
        for (uint32_t r = 0; r < f->rule_count; r++)
            good &= check_rule(module, f, &f->rules[r], diags) &&
                    check_alone(f, r, diags);
    }
    return good;
}

// ---- Which rule -------------------------------------------------------------

// What the rule leaves out, though the call needs it; NULL if nothing.
static const char *left_out(const Derive *d, const Op *op,
                            const UserRule *rule) {
    const Function *f = op->as.callee;
    for (uint32_t i = first_param(f); i < f->param_count; i++) {
        const Param *param = &f->params[i];
        Place place = place_of(rule, i);
        if (!call_argument_is_active(d, op->operands[i]))
            continue;
        if (!place.wrt && !place.of)
            return arena_printf(d->arena,
                                "'%s' carries derivatives, but is not in wrt",
                                param->name);
        if (type_is_pointer(param->type) && !place.of &&
            !rule->annotation.of_given && !param->type->element->is_const)
            return arena_printf(
                d->arena,
                "write of(...): '%s' carries derivatives, and whether '%s' "
                "writes to it is not known",
                param->name, name_of(d->arena, f));
    }
    if (op->result_count && derive_is_active(d, op->results[0]) &&
        !is_of_return(rule))
        return "the result carries derivatives, but 'return' is not in of";
    return NULL;
}

static uint32_t place_count(const Function *f, const UserRule *rule) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < f->param_count; i++)
        count += place_of(rule, i).wrt;
    return count;
}

// The rule of the mode that leaves nothing out and has the least in it.
static const UserRule *find_rule(const Derive *d, const Op *op) {
    const Function *f = op->as.callee;
    const UserRule *best = NULL;
    for (uint32_t i = 0; i < f->rule_count; i++) {
        const UserRule *rule = &f->rules[i];
        if (rule->annotation.mode == d->annotation->mode &&
            !left_out(d, op, rule) &&
            (!best || place_count(f, rule) < place_count(f, best)))
            best = rule;
    }
    return best;
}

void rules_refuse(Derive *d, const Op *op) {
    const Function *f = op->as.callee;
    const char *mode =
        d->annotation->mode == GRAD_REVERSE ? "reverse" : "forward";
    if (!d->vector && find_rule(d, op))
        return;
    d->failed = true;
    if (d->vector) {
        diag_error(d->diags, derive_loc(d, op),
                   "derivatives in several directions through a function "
                   "with a derivative of one's own are not supported");
        diag_note(d->diags, d->annotation->loc,
                  "drop the 'directions' clause, and call it for each");
        return;
    }
    diag_error(d->diags, derive_loc(d, op),
               "no derivative of '%s' in %s mode serves this call",
               name_of(d->arena, f), mode);
    for (uint32_t i = 0; i < f->rule_count; i++) {
        const Annotation *a = &f->rules[i].annotation;
        if (a->mode == d->annotation->mode)
            diag_note(d->diags, a->loc, "%s", left_out(d, op, &f->rules[i]));
        else
            diag_note(d->diags, a->loc,
                      "this one is of the other mode; write one below "
                      "'#pragma grad derivative(%s) %s'",
                      name_of(d->arena, f), mode);
    }
}

bool rule_needs_shadow(const Derive *d, const Op *op, uint32_t argument) {
    const UserRule *rule = find_rule(d, op);
    if (!rule || argument < first_param(op->as.callee) ||
        argument >= op->as.callee->param_count ||
        !type_is_pointer(op->operands[argument]->type))
        return false;
    Place place = place_of(rule, argument);
    return (place.wrt || place.of) &&
           call_argument_is_active(d, op->operands[argument]);
}

// ---- Memory of our own ------------------------------------------------------

// How many elements an argument points to: a value, or a constant.
typedef struct Count {
    Value *value;
    int64_t constant; // where value is NULL; 0 where it is not known
} Count;

// An object whose address is passed: &x, or an array of known length.
static int64_t object_length(const Value *pointer) {
    const Op *op = pointer->op;
    int64_t zero;
    if (op && op->kind == OP_ALLOC)
        return op->as.type->kind == TYPE_ARRAY ? 0 : 1;
    if (!op || op->kind != OP_ELEM ||
        !value_is_integer(op->operands[1], &zero) || zero != 0 ||
        !op->operands[0]->op || op->operands[0]->op->kind != OP_ALLOC)
        return 0;
    return op->operands[0]->type->element->length;
}

static Count count_of(Builder *b, const Op *op, const Place *place,
                      uint32_t i) {
    const Param *param = &op->as.callee->params[i];
    Count count = {0};
    if (param->by_value_record) {
        count.constant = 1;
    } else if (place->item && place->item->extent_count) {
        const Extent *extent = &place->item->extents[0];
        const Type *type = type_scalar(b->function->module, TYPE_LONG);
        count.constant = extent->constant;
        if (extent->param >= 0)
            count.value = build_cast(b, type, op->operands[extent->param]);
    } else if (param->extents && param->extents[0] == '[') {
        count.constant = strtoll(param->extents + 1, NULL, 10);
    }
    if (!count.value && count.constant <= 0)
        count.constant = object_length(op->operands[i]);
    if (count.value && value_is_integer(count.value, &count.constant))
        count.value = NULL;
    return count;
}

static bool is_known(const Count *count) {
    return count->value || count->constant > 0;
}

static const Type *element_of(Module *module, const Op *op, uint32_t i) {
    return type_plain(module,
                      derive_unconst(module, op->operands[i]->type->element));
}

// So many zeroed elements; released by build_free where *heap.
static Value *build_zeros(Builder *b, const Type *type, const Count *count,
                          const char *name, bool *heap) {
    enum { MOST_LOCAL = 64 };
    Module *module = b->function->module;
    *heap = count->value || count->constant > MOST_LOCAL;
    if (*heap) {
        Op *op = op_create(b->function, OP_HEAP, 2, 1, 0);
        const Type *size = type_scalar(module, TYPE_LONG);
        op->as.heap = HEAP_CHECKED;
        op->operands[0] =
            count->value ? count->value : build_int(b, size, count->constant);
        op->operands[1] = build_sizeof(b, type);
        op_set_result(op, b->function, 0, type_pointer(module, type), name);
        return builder_insert(b, op)->results[0];
    }
    bool one = count->constant == 1;
    const Type *whole = one ? type : type_array(module, type, count->constant);
    Value *object = build_alloc(b, whole, NULL, 0, name);
    build_zero(b, object);
    const Type *index = type_scalar(module, TYPE_INT);
    return one ? object : build_elem(b, object, build_int(b, index, 0));
}

static void refuse_length(Derive *d, const Op *op, const UserRule *rule,
                          uint32_t i, const char *why) {
    const char *name = op->as.callee->params[i].name;
    const Type *type = op->operands[i]->type->element;
    d->failed = true;
    diag_error(d->diags, derive_loc(d, op), "%s", why);
    if (type_holds_pointer(type) || type->kind == TYPE_VOID ||
        type_has_dynamic_length(type))
        diag_note(d->diags, rule->annotation.loc,
                  "pass '%s' as pointers to floating-point values", name);
    else
        diag_note(d->diags, rule->annotation.loc,
                  "write an array section here, as in %s[0:n]", name);
}

static bool can_be_made(Builder *b, const Op *op, uint32_t i, Count *count,
                        const Place *place) {
    const Type *type = op->operands[i]->type->element;
    if (type_holds_pointer(type) || type->kind == TYPE_VOID ||
        type_has_dynamic_length(type))
        return false;
    *count = count_of(b, op, place, i);
    return is_known(count);
}

// ---- The call of the rule ---------------------------------------------------

typedef struct RuleCall {
    Derive *d;
    Op *op;
    const UserRule *rule;
    Builder *b; // where the rule is called
    Vec(Value *) arguments;
    Vec(Value *) released; // heap memory to free behind it
} RuleCall;

static void add_argument(RuleCall *c, Value *value) {
    vec_push(c->d->arena, &c->arguments, value);
}

static Value *make_zeros(RuleCall *c, uint32_t i, const Place *place,
                         const char *name, const char *why) {
    Count count;
    bool heap;
    if (!can_be_made(c->b, c->op, i, &count, place)) {
        refuse_length(c->d, c->op, c->rule, i, why);
        return c->op->operands[i];
    }
    Value *made = build_zeros(c->b, element_of(c->d->module, c->op, i), &count,
                              name, &heap);
    if (heap)
        vec_push(c->d->arena, &c->released, made);
    return made;
}

// Derivative memory of an argument: its own, or zeros that nobody asks for.
static Value *dual_memory(RuleCall *c, uint32_t i, const Place *place) {
    const char *name = c->op->as.callee->params[i].name;
    Value *shadow = shadow_of(c->d, c->op->operands[i]);
    if (shadow && call_argument_is_active(c->d, c->op->operands[i]))
        return shadow;
    return make_zeros(
        c, i, place, derive_name(c->d, name),
        arena_printf(c->d->arena,
                     "the length of '%s' is needed: its derivative memory for "
                     "this call must be made inside",
                     name));
}

static void release(RuleCall *c, Builder *b) {
    for (size_t i = 0; i < c->released.count; i++)
        build_free(b, c->released.items[i]);
}

// ---- Forward mode -----------------------------------------------------------

Value *rule_forward(Derive *d, Op *op, TangentFn tangent, void *context) {
    Builder b = builder_before(op);
    b.adjoint = true;
    const Function *f = op->as.callee;
    RuleCall call = {.d = d, .op = op, .rule = find_rule(d, op), .b = &b};
    ENSURE(call.rule);
    for (uint32_t i = first_param(f); i < f->param_count; i++) {
        Value *argument = op->operands[i];
        Place place = place_of(call.rule, i);
        add_argument(&call, argument);
        if (place.wrt || place.of)
            add_argument(&call, type_is_pointer(argument->type)
                                    ? dual_memory(&call, i, &place)
                                    : tangent(context, &b, argument));
    }
    Value *cell = NULL;
    if (is_of_return(call.rule))
        add_argument(&call, cell = call_cell(&b, f->result, "d_return"));
    op->as.callee = call.rule->derivative;
    op->operands = call.arguments.items;
    op->operand_count = (uint32_t)call.arguments.count;
    Builder after = builder_after(op);
    after.adjoint = true;
    Value *result = cell ? build_load(&after, cell) : NULL;
    release(&call, &after);
    return result;
}

// ---- Reverse mode -----------------------------------------------------------

// Keeps what the argument points to, as it is before the call.
static Value *keep_argument(RuleCall *c, uint32_t i, const Place *place) {
    Count count;
    Builder b = builder_before(c->op);
    const char *name = c->op->as.callee->params[i].name;
    b.adjoint = true;
    if (!can_be_made(&b, c->op, i, &count, place)) {
        refuse_length(c->d, c->op, c->rule, i,
                      arena_printf(c->d->arena,
                                   "what '%s' points to is overwritten, but "
                                   "the derivative of '%s' needs it: its "
                                   "length must be known to keep it",
                                   name,
                                   name_of(c->d->arena, c->op->as.callee)));
        return c->op->operands[i];
    }
    const Type *type = element_of(c->d->module, c->op, i);
    bool one = !count.value && count.constant == 1;
    Op *heap = op_create(b.function, OP_HEAP, 2, 1, 0);
    const Type *size = type_scalar(c->d->module, TYPE_LONG);
    if (!count.value)
        count.value = build_int(&b, size, count.constant);
    heap->as.heap = HEAP_CHECKED;
    heap->operands[0] = count.value;
    heap->operands[1] = build_sizeof(&b, type);
    op_set_result(heap, b.function, 0, type_pointer(c->d->module, type),
                  arena_printf(c->d->arena, "%s_before", name));
    builder_insert(&b, heap);
    Op *copy = op_create(b.function, OP_COPY, one ? 2 : 3, 0, 0);
    copy->as.type = type;
    copy->operands[0] = heap->results[0];
    copy->operands[1] = c->op->operands[i];
    if (!one)
        copy->operands[2] = count.value;
    builder_insert(&b, copy);
    vec_push(c->d->arena, &c->released, heap->results[0]);
    return heap->results[0];
}

// What the rule gets for one of f's own arguments.
static Value *argument_again(RuleCall *c, uint32_t i, const Place *place) {
    Value *argument = c->op->operands[i];
    const char *name = c->op->as.callee->params[i].name;
    if (!type_is_pointer(argument->type) ||
        type_function_result(argument->type->element))
        return argument;
    bool survives =
        !c->d->split && memory_argument_survives(c->d->sweep_memory, c->op, i);
    if (place->wrt && (place->of || !survives))
        return keep_argument(c, i, place);
    if (survives)
        return argument;
    if (place->of)
        return make_zeros(
            c, i, place, arena_printf(c->d->arena, "%s_again", name),
            arena_printf(c->d->arena,
                         "what '%s' writes to '%s' is overwritten later: its "
                         "length must be known to compute it again",
                         name_of(c->d->arena, c->op->as.callee), name));
    return keep_argument(c, i, place);
}

void rule_reverse(Derive *d, Builder *b, Op *op, Value *weight, AddFn add,
                  void *context) {
    const Function *f = op->as.callee;
    RuleCall call = {.d = d, .op = op, .rule = find_rule(d, op), .b = b};
    ENSURE(call.rule);
    Value **cells = arena_array(d->arena, Value *, op->operand_count + 1);
    for (uint32_t i = first_param(f); i < f->param_count && !d->failed; i++) {
        const Value *argument = op->operands[i];
        Place place = place_of(call.rule, i);
        add_argument(&call, argument_again(&call, i, &place));
        if (!place.wrt && !place.of)
            continue;
        if (!type_is_pointer(argument->type))
            cells[i] =
                call_cell(b, argument->type, derive_name(d, f->params[i].name));
        add_argument(&call,
                     cells[i] ? cells[i] : dual_memory(&call, i, &place));
    }
    if (d->failed)
        return;
    if (is_of_return(call.rule))
        add_argument(&call, weight ? weight : build_float(b, f->result, 0));
    build_call(b, call.rule->derivative, call.arguments.items,
               (uint32_t)call.arguments.count);
    release(&call, b);
    for (uint32_t i = 0; i < f->param_count; i++)
        if (cells[i])
            add(context, b, op->operands[i], build_load(b, cells[i]));
}

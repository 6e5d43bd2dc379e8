// signature.c - the derivative function's name and parameters, its copy of the
// primal, and the derivative memory that gradcc must provide itself.
#include "differentiate/derive.h"

#include <inttypes.h>
#include <string.h>

const Type *derive_unconst(Module *module, const Type *type) {
    if (type->kind == TYPE_POINTER)
        return type_pointer(module, derive_unconst(module, type->element));
    if (type->kind == TYPE_ARRAY)
        return type_array(module, derive_unconst(module, type->element),
                          type->length);
    return type_plain(module, type);
}

// ---- Roles ------------------------------------------------------------------

static void set_role(Derive *d, const GradItem *item, bool wrt, bool of,
                     bool work) {
    if (item->kind == ITEM_RETURN) {
        d->of_return = true;
        if (d->annotation->mode == GRAD_REVERSE &&
            type_is_complex(d->primal->result))
            derive_error(d, item->loc,
                         "the derivative of a complex result needs a complex "
                         "weight, and reverse mode takes 1",
                         "return a real number, or give the result out "
                         "through a pointer parameter");
        return;
    }
    if (item->kind == ITEM_GLOBAL) {
        derive_error(d, item->loc,
                     "globals among the variables are not supported yet",
                     "pass its address as a parameter");
        return;
    }
    Role *role = &d->roles[item->param];
    role->wrt |= wrt;
    role->of |= of;
    role->work |= work;
    if (!role->item)
        role->item = item;
}

static void find_roles(Derive *d) {
    const Annotation *a = d->annotation;
    for (uint32_t i = 0; i < a->wrt_count; i++)
        set_role(d, &a->wrt[i], true, false, false);
    for (uint32_t i = 0; i < a->of_count; i++)
        set_role(d, &a->of[i], false, true, false);
    for (uint32_t i = 0; i < a->work_count; i++)
        set_role(d, &a->work[i], false, false, true);
}

// ---- Parameters -------------------------------------------------------------

// Several directions: a scalar has a pointer to N values, arrays are flat.
static void direct_param(Derive *d, Param *dual) {
    const Type *to = dual->type;
    dual->extents = NULL;
    if (type_is_pointer(dual->type))
        dual->type = directions_type(d, dual->type);
    else if (type_is_float(dual->type))
        dual->type = type_pointer(
            d->module, type_const(d->module, directions_number(d, dual->type)));
    while (to->kind == TYPE_POINTER || to->kind == TYPE_ARRAY)
        to = to->element;
    if (to->kind != TYPE_RECORD)
        return;
    derive_error(d, d->annotation->loc,
                 "structs carry derivatives in one direction only",
                 "pass their arrays and numbers as parameters of their own, or "
                 "leave 'directions' out");
}

// A scalar's adjoint goes out through a pointer, a struct's too.
static Param derivative_param(Derive *d, const Param *param, const Role *role) {
    bool reverse = d->annotation->mode == GRAD_REVERSE;
    Param dual = *param;
    dual.name = derive_name(d, param->name);
    dual.loc = d->annotation->loc;
    if (reverse || role->of)
        dual.type = derive_unconst(d->module, param->type);
    if (d->annotation->has_directions)
        direct_param(d, &dual);
    if (reverse && !type_is_pointer(param->type)) {
        dual.type = type_pointer(d->module, dual.type);
        dual.by_value_record = false;
    }
    return dual;
}

static bool name_taken(const Function *function, const char *name) {
    for (uint32_t i = 0; i < function->param_count; i++)
        if (string_equal(function->params[i].name, name))
            return true;
    return false;
}

static bool has_derivative(const Role *role) { return role->wrt || role->of; }

// d2_x where the primal, a derivative itself, has a d_x already.
static const char *free_name(const Derive *d, const char *name) {
    const char *free = name;
    for (int i = 2; name_taken(d->primal, free); i++)
        free = arena_printf(d->arena, "%c%d%s", name[0], i, name + 1);
    return free;
}

// d_return: the tangent of the result, last; in reverse mode, the weights of a
// struct.
static void add_return_param(Derive *d, uint32_t position) {
    Param *param = &d->function->params[position];
    const Type *type = d->primal->result;
    if (derive_returns_record(d))
        type = d->primal->params[0].type->element;
    bool weights = d->annotation->mode == GRAD_REVERSE;
    param->name = free_name(d, "d_return");
    param->type = type_pointer(d->module, weights ? type_const(d->module, type)
                                                  : directions_number(d, type));
    param->loc = d->annotation->loc;
    if (!derive_returns_record(d))
        return;
    d->roles[0].derivative = (int)position;
    if (d->annotation->has_directions)
        direct_param(d, param);
}

static bool is_result(const Derive *d, uint32_t i) {
    return i == 0 && derive_returns_record(d);
}

static void add_params(Derive *d) {
    uint32_t position = 0;
    for (uint32_t i = 0; i < d->role_count; i++) {
        Role *role = &d->roles[i];
        const Param *param = &d->primal->params[i];
        role->position = position;
        role->derivative = -1;
        d->function->params[position++] = *param;
        if (!has_derivative(role) || is_result(d, i))
            continue;
        Param dual = derivative_param(d, param, role);
        dual.name = free_name(d, dual.name);
        role->derivative = (int)position;
        d->function->params[position++] = dual;
    }
    if (position < d->function->param_count)
        add_return_param(d, position);
}

static uint32_t count_params(const Derive *d) {
    uint32_t count = d->role_count;
    for (uint32_t i = 0; i < d->role_count; i++)
        count += has_derivative(&d->roles[i]);
    if (derive_returns_record(d)) // d_return is its derivative
        return count;
    return count + (d->annotation->mode == GRAD_FORWARD && d->of_return);
}

// ---- The comment above it ---------------------------------------------------

static const char *list_duals(Derive *d, bool wrt) {
    Text text;
    text_init(&text, d->arena);
    for (uint32_t i = 0; i < d->role_count; i++) {
        if ((wrt ? !d->roles[i].wrt : !d->roles[i].of) || is_result(d, i))
            continue;
        if (text.length)
            text_add(&text, ", ");
        const char *name = d->function->params[d->roles[i].derivative].name;
        bool indirect = d->annotation->mode == GRAD_REVERSE &&
                        !type_is_pointer(d->primal->params[i].type);
        text_printf(&text, "%s%s", indirect ? "*" : "", name);
    }
    return text.chars;
}

static const char *call_text(Derive *d) {
    Text text;
    text_init(&text, d->arena);
    text_printf(&text, "%s(", d->primal->name);
    uint32_t first = derive_returns_record(d) ? 1 : 0;
    for (uint32_t i = first; i < d->role_count - d->globals; i++)
        text_printf(&text, "%s%s", i > first ? ", " : "",
                    d->primal->params[i].name);
    text_add(&text, ")");
    return text.chars;
}

static const char *verb_of(const Derive *d) {
    bool returns =
        d->primal->result->kind != TYPE_VOID || derive_returns_record(d);
    return returns ? "Returns" : "Does";
}

// The name of d_return where it belongs to a struct, or NULL.
static const char *record_dual(const Derive *d) {
    bool has = derive_returns_record(d) && d->roles[0].derivative >= 0;
    return has ? d->function->params[d->roles[0].derivative].name : NULL;
}

static const char *reverse_comment(Derive *d) {
    const char *verb = verb_of(d);
    const char *weights = list_duals(d, false);
    const char *result = record_dual(d);
    if (!weights[0] && result)
        return arena_printf(d->arena,
                            "%s %s and adds to %s the sum of its derivatives "
                            "that *%s weighs.",
                            verb, call_text(d), list_duals(d, true), result);
    if (!weights[0])
        return arena_printf(d->arena, "%s %s and adds its gradient to %s.",
                            verb, call_text(d), list_duals(d, true));
    return arena_printf(
        d->arena,
        "%s %s. On entry %s holds the weights%s; adds the weighted sum of "
        "derivatives to %s. On return %s holds the adjoint of what was there "
        "on "
        "entry.",
        verb, call_text(d), weights,
        result ? arena_printf(d->arena, " (the result's are in *%s)", result)
        : d->of_return ? " (the result's is 1)"
                       : "",
        list_duals(d, true), weights);
}

static const char *directions_comment(Derive *d, const char *verb,
                                      const char *outputs, const char *result) {
    const Extent *n = &d->annotation->directions;
    const char *count = n->param >= 0
                            ? d->primal->params[n->param].name
                            : arena_printf(d->arena, "%" PRId64, n->constant);
    return arena_printf(
        d->arena,
        "%s %s and sets %s%s%s to the derivatives in %s directions, %s: entry "
        "i * %s + k belongs to element i and direction k.",
        verb, call_text(d), outputs, outputs[0] && result[0] ? ", " : "",
        result, count, list_duals(d, true), count);
}

static const char *forward_comment(Derive *d) {
    const char *verb = verb_of(d);
    const char *outputs = list_duals(d, false);
    const Function *function = d->function;
    const char *last = function->params[function->param_count - 1].name;
    const char *result = !d->of_return && !record_dual(d) ? ""
                         : d->annotation->has_directions
                             ? last
                             : arena_printf(d->arena, "*%s", last);
    if (d->annotation->has_directions)
        return directions_comment(d, verb, outputs, result);
    return arena_printf(
        d->arena,
        "%s %s and sets %s%s%s to the derivative in the direction %s.", verb,
        call_text(d), outputs, outputs[0] && result[0] ? ", " : "", result,
        list_duals(d, true));
}

// ---- The function -----------------------------------------------------------

static void set_shadows(Derive *d);

void signature_copy_body(Derive *d, const Function *prepared) {
    ValueMap map;
    valuemap_init(&map, d->arena, prepared);
    Region *body = function_add_body(d->function);
    for (uint32_t i = 0; i < d->role_count; i++)
        valuemap_set(&map, prepared->body->params[i],
                     body->params[d->roles[i].position]);
    Builder b = builder_at_end(body);
    for (const Op *op = prepared->body->first; op; op = op->next)
        clone_op(&b, op, &map);
    set_shadows(d);
}

static void set_shadows(Derive *d) {
    Region *body = d->function->body;
    for (uint32_t i = 0; i < d->role_count; i++)
        if (d->roles[i].derivative >= 0)
            d->roles[i].shadow = body->params[d->roles[i].derivative];
    if (d->annotation->mode == GRAD_FORWARD && d->of_return)
        d->return_weight = body->params[body->param_count - 1];
}

bool signature_create(Derive *d) {
    d->role_count = d->primal->param_count;
    d->roles = arena_array(d->arena, Role, d->role_count);
    find_roles(d);
    d->function = function_create(d->module, d->annotation->name,
                                  d->primal->result, count_params(d));
    d->function->derivative_of = d->primal;
    d->function->returns_record = derive_returns_record(d);
    d->function->distinct = !d->pair;
    d->function->loc = d->primal->loc;
    add_params(d);
    if (d->failed)
        return false;
    d->function->comment = d->annotation->mode == GRAD_FORWARD
                               ? forward_comment(d)
                               : reverse_comment(d);
    return true;
}

// ---- Derivative memory of our own -------------------------------------------

Value *signature_extent(Derive *d, Builder *b, const Extent *extent) {
    const Type *type = type_scalar(d->module, TYPE_LONG);
    if (extent->operands[0]) {
        Value *left = signature_extent(d, b, extent->operands[0]);
        return build_binary(b, extent->operation, left,
                            signature_extent(d, b, extent->operands[1]));
    }
    if (extent->param < 0)
        return build_int(b, type, extent->constant);
    Role *role = &d->roles[extent->param];
    return build_cast(b, type, d->function->body->params[role->position]);
}

// The number of pointed-to elements of a section: its first extent. Further
// ones must be those of the type, which the front end has seen to.
static Value *section_count(Derive *d, Builder *b, const Role *role) {
    return signature_extent(d, b, &role->item->extents[0]);
}

static bool is_sized(const Role *role, const Param *param) {
    return !type_is_pointer(param->type) || role->item->extent_count > 0;
}

static Value *make_buffer(Derive *d, Builder *b, Role *role,
                          const Param *param) {
    const char *name = arena_printf(d->arena, "own_d_%s", param->name);
    const Value *value = d->function->body->params[role->position];
    if (!type_is_pointer(param->type)) {
        const Type *type = derive_unconst(d->module, param->type);
        Value *buffer = build_alloc(b, type, NULL, 0, name);
        build_zero(b, buffer);
        return buffer;
    }
    const Type *type = derive_unconst(d->module, param->type);
    Value *count = section_count(d, b, role);
    if (d->vector) {
        count = directions_elements(d, b, type->element, count, value);
        type = directions_type(d, type);
    }
    Op *heap = op_create(d->function, OP_HEAP, 2, 1, 0);
    heap->as.heap = HEAP_CHECKED;
    heap->operands[0] = count;
    heap->operands[1] = build_sizeof(b, type->element);
    op_set_result(heap, d->function, 0, type, name);
    return builder_insert(b, heap)->results[0];
}

static void lend_pointer(Builder *b, Value *own, Value *given) {
    build_store(b, own, build_load(b, given));
}

// A buffer's pointers lead where those of the caller's derivative struct do.
static bool lend_pointers(Derive *d, Builder *b, const Role *role,
                          const Param *param) {
    if (role->derivative < 0 || role->shadow->op->kind == OP_HEAP) {
        diag_error(d->diags, param->loc,
                   "'%s' needs derivative memory of its own, but holds "
                   "pointers",
                   param->name);
        diag_note(d->diags, role->item->loc, "add it to wrt and of");
        d->failed = true;
        return false;
    }
    aggregate_each_pointer(b, role->shadow->type->element, role->shadow,
                           d->function->body->params[role->derivative],
                           lend_pointer);
    return true;
}

// The reverse sweep uses up weights: a copy of the caller's. Tangents are zero
// where the function sets no active value.
static void make_result_buffer(Derive *d, Builder *b) {
    Role *role = &d->roles[0];
    if (!derive_returns_record(d) || role->derivative < 0)
        return;
    if (d->annotation->mode == GRAD_FORWARD) {
        build_zero(b, role->shadow);
        return;
    }
    Value *weights = role->shadow;
    const Type *type = type_plain(d->module, weights->type->element);
    role->shadow = build_alloc(b, type, NULL, 0, "d_result");
    build_copy(b, role->shadow, weights);
}

bool signature_make_buffers(Derive *d, Builder *b) {
    make_result_buffer(d, b);
    for (uint32_t i = 0; i < d->role_count; i++) {
        Role *role = &d->roles[i];
        const Param *param = &d->primal->params[i];
        if (!role->own_buffer)
            continue;
        if (type_is_pointer(param->type) &&
            type_has_dynamic_length(param->type->element)) {
            derive_error(d, role->item->loc,
                         "derivative memory must be made inside for this "
                         "array, whose rows have a computed length",
                         "pass it as a flat array, or put it into both wrt and "
                         "of");
            return false;
        }
        if (!is_sized(role, param)) {
            diag_error(d->diags, role->item->loc,
                       "the length of '%s' is needed: its derivative memory "
                       "must be made inside",
                       param->name);
            diag_note(d->diags, param->loc,
                      "write an array section, as in %s[0:n]", param->name);
            d->failed = true;
            return false;
        }
        role->shadow = make_buffer(d, b, role, param);
        if (type_holds_pointer(role->shadow->type->element) &&
            !lend_pointers(d, b, role, param))
            return false;
    }
    return true;
}

static void add_leaf(Builder *b, Value *target, Value *source) {
    Value *sum =
        build_binary(b, OP_ADD, build_load(b, target), build_load(b, source));
    build_store(b, target, sum);
}

void signature_fold_buffers(Derive *d, Builder *b) {
    for (uint32_t i = 0; i < d->role_count; i++) {
        Role *role = &d->roles[i];
        if (!role->own_buffer)
            continue;
        const Type *type = role->shadow->type->element;
        bool heap = role->shadow->op->kind == OP_HEAP;
        if (role->derivative >= 0)
            aggregate_each_float(
                b, type, d->function->body->params[role->derivative],
                role->shadow, heap ? section_count(d, b, role) : NULL,
                add_leaf);
        if (heap) {
            build_free(b, role->shadow);
        }
    }
}

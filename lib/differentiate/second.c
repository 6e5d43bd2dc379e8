// second.c - Hessian times vector: forward mode of the function that reverse
// mode makes. That one is IR like any other, what it stores included, so this
// file only says which of its parameters are what: x has the direction v_x, and
// the gradient d_x has the tangent h_x.
#include "differentiate/derive.h"

#include "optimize/optimize.h"

bool second_is_scalar(Derive *d) {
    const Annotation *a = d->annotation;
    if (a->of_count == 1 && a->of[0].kind == ITEM_RETURN)
        return true;
    derive_error(d, a->loc,
                 "second derivatives are those of one number, the return value",
                 "let the function return it, and leave 'of' out");
    return false;
}

static bool make_gradient(Derive *reverse, const Derive *d,
                          const Function *prepared) {
    Annotation *a = arena_new(d->arena, Annotation);
    *a = *d->annotation;
    a->mode = GRAD_REVERSE;
    a->name = arena_printf(d->arena, "%s_gradient", a->name);
    a->has_directions = false;
    *reverse = (Derive){.arena = d->arena,
                        .module = d->module,
                        .diags = d->diags,
                        .annotation = a,
                        .primal = d->primal,
                        .pairs = d->pairs,
                        .inner = true,
                        .disabled = d->disabled};
    return derive_run(reverse, prepared);
}

// ---- The gradient's parameters ----------------------------------------------

static Extent map_extent(const Derive *reverse, Extent extent) {
    for (int i = 0; i < 2 && extent.operands[i]; i++) {
        Extent *operand = arena_new(reverse->arena, Extent);
        *operand = map_extent(reverse, *extent.operands[i]);
        extent.operands[i] = operand;
    }
    if (extent.param >= 0)
        extent.param = (int)reverse->roles[extent.param].position;
    return extent;
}

static GradItem item_at(const Derive *reverse, const GradItem *from,
                        uint32_t position) {
    GradItem item = *from;
    item.param = position;
    item.extents = arena_array(reverse->arena, Extent, from->extent_count);
    for (uint32_t i = 0; i < from->extent_count; i++)
        item.extents[i] = map_extent(reverse, from->extents[i]);
    return item;
}

// x and d_x come in, d_x goes out; what is work stays work.
static Annotation *tangent_annotation(const Derive *reverse,
                                      const Annotation *asked) {
    uint32_t count = reverse->role_count;
    Annotation *a = arena_new(reverse->arena, Annotation);
    *a = *asked;
    a->mode = GRAD_FORWARD;
    a->directions = map_extent(reverse, asked->directions);
    a->wrt = arena_array(reverse->arena, GradItem, count + count);
    a->of = arena_array(reverse->arena, GradItem, count);
    a->work = arena_array(reverse->arena, GradItem, count);
    a->wrt_count = a->of_count = a->work_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Role *role = &reverse->roles[i];
        if (role->wrt) {
            a->wrt[a->wrt_count++] =
                item_at(reverse, role->item, role->position);
            a->wrt[a->wrt_count++] = a->of[a->of_count++] =
                item_at(reverse, role->item, (uint32_t)role->derivative);
        } else if (role->work) {
            a->work[a->work_count++] =
                item_at(reverse, role->item, role->position);
        }
    }
    return a;
}

static const char *comment(const Derive *d) {
    Text x;
    text_init(&x, d->arena);
    for (uint32_t i = 0; i < d->annotation->wrt_count; i++)
        text_printf(&x, "%s%s", i ? ", " : "",
                    d->primal->params[d->annotation->wrt[i].param].name);
    const Extent *n = &d->annotation->directions;
    const char *count = !d->annotation->has_directions ? NULL
                        : n->param >= 0
                            ? d->primal->params[n->param].name
                            : arena_printf(d->arena, "%d", (int)n->constant);
    const char *flat =
        count ? arena_printf(d->arena,
                             " There are %s directions: entry i * %s + k of "
                             "v_ and h_ belongs to element i and direction k.",
                             count, count)
              : "";
    return arena_printf(
        d->arena,
        "Returns %s of the parameters without prefix. Of x in %s: adds the "
        "gradient to d_x, and the Hessian times the vector v to h_x, where "
        "v_x is the part of v that belongs to x.%s",
        d->primal->name, x.chars, flat);
}

// ---- Functions that are not called any more ---------------------------------

static void keep_callees(const Function *function, PtrMap *kept);

static void keep_callee(Op *op, void *context) {
    PtrMap *kept = context;
    bool names = op->kind == OP_CALL || op->kind == OP_FUNCTION;
    if (!names || ptrmap_has(kept, op->as.callee))
        return;
    ptrmap_set(kept, op->as.callee, op->as.callee);
    keep_callees(op->as.callee, kept);
}

static void keep_callees(const Function *function, PtrMap *kept) {
    if (function->body)
        walk_ops(function->body, keep_callee, kept);
}

// Leaves, of the functions made from `first` on, those that the derivative
// needs.
void derive_drop_uncalled(Derive *d, Function *root, size_t first) {
    PtrMap *kept = ptrmap_create(d->arena);
    ptrmap_set(kept, root, root);
    keep_callees(root, kept);
    size_t count = first;
    for (size_t i = first; i < d->module->functions.count; i++) {
        Function *function = d->module->functions.items[i];
        if (ptrmap_has(kept, function))
            d->module->functions.items[count++] = function;
    }
    d->module->functions.count = count;
}

// ---- The whole way ----------------------------------------------------------

static Function *derive_tangents(Derive *d, const Derive *reverse,
                                 const Annotation *annotation, size_t first) {
    for (size_t i = first; i < d->module->functions.count; i++)
        optimize_function(d->module->functions.items[i], d->disabled);
    Derive forward = {.arena = d->arena,
                      .module = d->module,
                      .diags = d->diags,
                      .annotation = annotation,
                      .primal = reverse->function,
                      .pairs = d->pairs,
                      .second = true,
                      .bits = d->bits,
                      .disabled = d->disabled};
    if (!derive_run(&forward, reverse->function))
        return NULL;
    uint32_t count = d->primal->param_count;
    d->position = arena_array(d->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++)
        d->position[i] = forward.roles[reverse->roles[i].position].position;
    forward.function->derivative_of = d->primal;
    forward.function->loc = d->primal->loc;
    d->function = forward.function;
    return d->function;
}

bool second_run(Derive *d, const Function *prepared) {
    Derive reverse;
    size_t first = d->module->functions.count;
    if (!second_is_scalar(d) || !make_gradient(&reverse, d, prepared))
        return false;
    const Annotation *a = tangent_annotation(&reverse, d->annotation);
    if (!derive_tangents(d, &reverse, a, first))
        return false;
    d->function->comment = comment(d);
    derive_drop_uncalled(d, d->function, first);
    return true;
}

// Weights go into d_y of each output, and come out of d_x of each input. What
// the reverse sweep puts back into x comes from where weights were stored, too,
// for all that is known.
static Annotation *weights_annotation(const Derive *reverse,
                                      const Annotation *asked) {
    Annotation *a = arena_new(reverse->arena, Annotation);
    *a = *asked;
    a->mode = GRAD_FORWARD;
    a->wrt = a->of = arena_array(reverse->arena, GradItem, reverse->role_count);
    a->work = arena_array(reverse->arena, GradItem, reverse->role_count);
    a->wrt_count = a->work_count = 0;
    for (uint32_t i = 0; i < reverse->role_count; i++) {
        const Role *role = &reverse->roles[i];
        const Type *type = reverse->primal->params[i].type;
        if (role->derivative >= 0)
            a->wrt[a->wrt_count++] =
                item_at(reverse, role->item, (uint32_t)role->derivative);
        if (role->item && type_is_pointer(type))
            a->work[a->work_count++] =
                item_at(reverse, role->item, role->position);
    }
    a->of_count = a->wrt_count;
    return a;
}

bool second_rows(Derive *d, const Function *prepared) {
    Derive reverse;
    size_t first = d->module->functions.count;
    if (!make_gradient(&reverse, d, prepared))
        return false;
    const Annotation *a = weights_annotation(&reverse, d->annotation);
    if (!derive_tangents(d, &reverse, a, first))
        return false;
    d->function->comment = arena_printf(
        d->arena,
        "Does what %s does. On entry h_ of outputs holds weights, several for "
        "each entry; adds the weighted sums of derivatives to h_ of inputs.",
        d->primal->name);
    derive_drop_uncalled(d, d->function, first);
    return true;
}

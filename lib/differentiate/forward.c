// forward.c - forward mode: beside each active value its tangent, computed
// right after it. One walk; nothing is stored.
#include "differentiate/derive.h"

typedef struct Forward {
    Derive *d;
    PtrMap *tangents; // value -> tangent
} Forward;

static Value *get(const Forward *f, const Value *value) {
    return ptrmap_get(f->tangents, value);
}

static void set(Forward *f, const Value *value, Value *tangent) {
    if (!tangent->name)
        tangent->name = derive_name(f->d, value->name);
    ptrmap_set(f->tangents, value, tangent);
}

// The tangent, or a zero built at b where there is none.
static Value *get_or_zero(const Forward *f, Builder *b, const Value *value) {
    Value *tangent = get(f, value);
    return tangent ? tangent : build_float(b, value->type, 0);
}

static void forward_region(Forward *f, Region *region);

static Value *sum(Builder *b, Value *left, Value *right) {
    if (!left || !right)
        return left ? left : right;
    return build_binary(b, OP_ADD, left, right);
}

// w != 0 ? x : 0 where x is a multiple of the weight w: away from singular
// points it is x, so its tangent is x's, unless w is zero and stays so.
static Value *guard_tangent(Builder *b, const Op *op, Value **tangents) {
    const Op *test = op->operands[0]->op;
    ENSURE(test && test->kind == OP_NE);
    Value *zero = build_float(b, op->results[0]->type, 0);
    Value *condition = op->operands[0];
    if (!tangents[1])
        return NULL;
    if (tangents[0])
        condition = build_binary(b, OP_OR, condition,
                                 derive_build_nonzero(b, tangents[0]));
    return build_select(b, condition, tangents[1], zero);
}

// Sum over the operands of tangent times partial.
Value *forward_tangent(Builder *b, const Op *op, Value **tangents) {
    const Type *result = op->results[0]->type;
    Value *total = NULL;
    if (op->kind == OP_SELECT && op->as.guard)
        return guard_tangent(b, op, tangents);
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Value *part = tangents[i] ? local_tangent(b, op, i, tangents[i]) : NULL;
        // A real part of a complex sum stays real, as C adds it.
        if (part && !(type_is_complex(result) && type_is_real(part->type)))
            part = derive_convert(b, result, part);
        if (part)
            total = sum(b, total, part);
    }
    return total ? derive_convert(b, result, total) : NULL;
}

const Value *forward_source(const Op *op, uint32_t operand) {
    const Value *value = op->operands[operand];
    bool guard = op->kind == OP_SELECT && op->as.guard && operand == 0;
    return guard ? value->op->operands[0] : value;
}

static void forward_arithmetic(Forward *f, Builder *b, const Op *op) {
    Value **tangents = arena_array(f->d->arena, Value *, op->operand_count);
    for (uint32_t i = 0; i < op->operand_count; i++)
        tangents[i] = get(f, forward_source(op, i));
    Value *total = forward_tangent(b, op, tangents);
    if (total)
        set(f, op->results[0], total);
}

static void forward_store(Forward *f, Builder *b, const Op *op) {
    Value *value = op->operands[1];
    if (type_is_float(value->type) &&
        activity_of_address(f->d->activity, op->operands[0]))
        build_store(b, shadow_of(f->d, op->operands[0]),
                    get_or_zero(f, b, value));
}

// An operation on the shadows with the same extra operands.
static void repeat_on_shadows(Forward *f, Builder *b, const Op *op,
                              OpKind kind) {
    uint32_t skip = kind == OP_ZERO && op->kind == OP_COPY ? 1 : 0;
    Op *copy = op_create(b->function, kind, op->operand_count - skip, 0, 0);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (i == 1 && skip)
            continue;
        Value *shadow = shadow_of(f->d, op->operands[i]);
        copy->operands[i > 0 ? i - skip : i] =
            shadow ? shadow : op->operands[i];
    }
    builder_insert(b, copy);
}

static void forward_memory(Forward *f, Builder *b, const Op *op) {
    if (!type_holds_float(op->as.type) && !type_holds_pointer(op->as.type))
        return;
    if (!shadow_of(f->d, op->operands[0]))
        return;
    bool from_shadow = op->kind == OP_COPY && shadow_of(f->d, op->operands[1]);
    repeat_on_shadows(f, b, op, from_shadow ? OP_COPY : OP_ZERO);
}

static void forward_free(Forward *f, Builder *b, const Op *op) {
    Value *shadow = shadow_of(f->d, op->operands[0]);
    if (!shadow)
        return;
    build_free(b, shadow);
}

static bool slot_is_active(const Forward *f, const Value *a, const Value *c) {
    return derive_is_active(f->d, a) || derive_is_active(f->d, c);
}

static void append_yield(Forward *f, Region *region, uint32_t slot) {
    Op *yield = region_terminator(region);
    Builder b = builder_before(yield);
    op_append_operand(yield, get_or_zero(f, &b, yield->operands[slot]));
}

static void forward_if(Forward *f, Op *op) {
    uint32_t results = op->result_count;
    forward_region(f, op->regions[IF_THEN]);
    forward_region(f, op->regions[IF_ELSE]);
    for (uint32_t i = 0; i < results; i++) {
        const Value *result = op->results[i];
        if (!derive_is_active(f->d, result))
            continue;
        append_yield(f, op->regions[IF_THEN], i);
        append_yield(f, op->regions[IF_ELSE], i);
        set(f, result, op_append_result(op, result->type, NULL));
    }
}

static void open_slot(Forward *f, Op *op, uint32_t slot, uint32_t skip,
                      uint32_t first) {
    Builder b = builder_before(op);
    op_append_operand(op, get_or_zero(f, &b, op->operands[first + slot]));
    for (uint32_t r = 0; r < op->region_count; r++) {
        Region *region = op->regions[r];
        const Value *param = region->params[skip + slot];
        set(f, param, region_append_param(region, param->type, NULL));
    }
}

static void forward_loop(Forward *f, Op *op) {
    uint32_t results = op->result_count;
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    uint32_t first = op->kind == OP_FOR ? FOR_FIRST_INITIAL : 0;
    Region *body = op->regions[op->region_count - 1];
    for (uint32_t i = 0; i < results; i++)
        if (slot_is_active(f, op->results[i], body->params[skip + i]))
            open_slot(f, op, i, skip, first);
    forward_region(f, body);
    for (uint32_t i = 0; i < results; i++) {
        const Value *result = op->results[i];
        if (!slot_is_active(f, result, body->params[skip + i]))
            continue;
        append_yield(f, body, i);
        set(f, result, op_append_result(op, result->type, NULL));
    }
}

static void forward_return(Forward *f, Op *op) {
    if (!f->d->return_weight)
        return;
    Builder b = builder_before(op);
    b.adjoint = true;
    Value *tangent = get_or_zero(f, &b, op->operands[0]);
    build_store(&b, f->d->return_weight, tangent);
}

static Value *tangent_for(void *context, Builder *b, const Value *value) {
    return get_or_zero(context, b, value);
}

static void forward_call(Forward *f, Op *op) {
    bool result = op->result_count && derive_is_active(f->d, op->results[0]);
    Value *tangent = call_has_rules(op)
                         ? rule_forward(f->d, op, tangent_for, f)
                         : call_forward(f->d, op, tangent_for, f);
    if (tangent && result)
        set(f, op->results[0], tangent);
}

// What is stored has its tangent stored behind it.
static void forward_push(Forward *f, Op *op) {
    uint32_t count = op->operand_count;
    Builder b = builder_before(op);
    for (uint32_t i = 1; i < count; i++)
        if (type_is_float(op->operands[i]->type))
            op_append_operand(op, get_or_zero(f, &b, op->operands[i]));
}

static void forward_pop(Forward *f, Op *op) {
    uint32_t count = op->result_count;
    for (uint32_t i = 0; i < count; i++) {
        const Value *result = op->results[i];
        if (type_is_float(result->type))
            set(f, result, op_append_result(op, result->type, NULL));
    }
}

static void forward_op(Forward *f, Op *op) {
    Builder b = builder_after(op);
    b.adjoint = true;
    const Value *result = op->result_count ? op->results[0] : NULL;
    if (op->kind == OP_IF)
        forward_if(f, op);
    else if (op->kind == OP_FOR || op->kind == OP_WHILE)
        forward_loop(f, op);
    else if (op->kind == OP_STORE)
        forward_store(f, &b, op);
    else if (op->kind == OP_COPY || op->kind == OP_ZERO)
        forward_memory(f, &b, op);
    else if (op->kind == OP_FREE)
        forward_free(f, &b, op);
    else if (op->kind == OP_PUSH)
        forward_push(f, op);
    else if (op->kind == OP_POP)
        forward_pop(f, op);
    else if (op->kind == OP_CALL) {
        if ((call_is_paired(op) || call_has_rules(op)) &&
            call_is_active(f->d, op))
            forward_call(f, op);
    } else if (op->kind == OP_RETURN)
        forward_return(f, op);
    else if (op->kind == OP_LOAD && derive_is_active(f->d, result))
        set(f, result, build_load(&b, shadow_of(f->d, op->operands[0])));
    else if (result && derive_is_active(f->d, result) && local_has_rule(op))
        forward_arithmetic(f, &b, op);
}

static void forward_region(Forward *f, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (!op->adjoint || f->d->second)
            forward_op(f, op);
    }
}

static void seed_scalars(Forward *f) {
    Derive *d = f->d;
    for (uint32_t i = 0; i < d->role_count; i++) {
        const Value *param = d->function->body->params[d->roles[i].position];
        if (d->roles[i].wrt && type_is_float(param->type))
            ptrmap_set(f->tangents, param, d->roles[i].shadow);
    }
}

void forward_free_buffers(Derive *d) {
    Builder b = builder_before(region_terminator(d->function->body));
    for (uint32_t i = 0; i < d->role_count; i++) {
        Value *shadow = d->roles[i].shadow;
        if (!d->roles[i].own_buffer || shadow->op->kind != OP_HEAP)
            continue;
        build_free(&b, shadow);
    }
}

bool forward_build(Derive *d) {
    Forward forward = {d, ptrmap_create(d->arena)};
    seed_scalars(&forward);
    forward_region(&forward, d->function->body);
    forward_free_buffers(d);
    return !d->failed;
}

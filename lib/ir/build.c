// build.c - making modules, functions, regions and operations.
#include "ir/ir.h"

#include <string.h>

Module *module_create(Arena *arena, const char *source) {
    Module *module = arena_new(arena, Module);
    module->arena = arena;
    module->source = source;
    return module;
}

Function *module_find_function(const Module *module, const char *name) {
    for (size_t i = 0; i < module->functions.count; i++)
        if (strcmp(module->functions.items[i]->name, name) == 0)
            return module->functions.items[i];
    return NULL;
}

Function *function_create(Module *module, const char *name, const Type *result,
                          uint32_t param_count) {
    Function *function = arena_new(module->arena, Function);
    function->module = module;
    function->name = name;
    function->result = result;
    function->params = arena_array(module->arena, Param, param_count);
    function->param_count = param_count;
    function->place = module->functions.count;
    vec_push(module->arena, &module->functions, function);
    return function;
}

Region *function_add_body(Function *function) {
    Region *body = region_create(function, NULL, function->param_count);
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Param *param = &function->params[i];
        const Type *type = param->by_value_record
                               ? type_pointer(function->module, param->type)
                               : param->type;
        region_set_param(body, i, type, param->name);
    }
    function->body = body;
    return body;
}

// ---- Raw operations and regions ---------------------------------------------

static Value *new_value(Function *function, const Type *type, const char *name,
                        uint32_t index) {
    Value *value = arena_new(function->module->arena, Value);
    value->type = type;
    value->name = name;
    value->index = index;
    value->id = function->value_count++;
    return value;
}

Op *op_create(Function *function, OpKind kind, uint32_t operands,
              uint32_t results, uint32_t regions) {
    Arena *arena = function->module->arena;
    Op *op = arena_new(arena, Op);
    op->kind = kind;
    op->operands = arena_array(arena, Value *, operands);
    op->results = arena_array(arena, Value *, results);
    op->regions = arena_array(arena, Region *, regions);
    op->operand_count = operands;
    op->result_count = results;
    op->region_count = regions;
    return op;
}

Value *op_set_result(Op *op, Function *function, uint32_t index,
                     const Type *type, const char *name) {
    ENSURE(index < op->result_count);
    Value *value = new_value(function, type, name, index);
    value->op = op;
    op->results[index] = value;
    return value;
}

Region *region_create(Function *function, Op *parent, uint32_t params) {
    Region *region = arena_new(function->module->arena, Region);
    region->function = function;
    region->parent = parent;
    region->params = arena_array(function->module->arena, Value *, params);
    region->param_count = params;
    return region;
}

Value *region_set_param(Region *region, uint32_t index, const Type *type,
                        const char *name) {
    ENSURE(index < region->param_count);
    Value *value = new_value(region->function, type, name, index);
    value->region = region;
    region->params[index] = value;
    return value;
}

// One more slot at the end; the old array is left to the arena.
static Value **append(Arena *arena, Value **values, uint32_t count,
                      Value *value) {
    Value **grown = arena_array(arena, Value *, count + 1);
    if (count)
        memcpy(grown, values, count * sizeof *values);
    grown[count] = value;
    return grown;
}

static Function *function_of(const Op *op) {
    ENSURE(op->parent);
    return op->parent->function;
}

void op_append_operand(Op *op, Value *value) {
    Arena *arena = function_of(op)->module->arena;
    op->operands = append(arena, op->operands, op->operand_count, value);
    op->operand_count++;
}

Value *op_append_result(Op *op, const Type *type, const char *name) {
    Function *function = function_of(op);
    Value *value = new_value(function, type, name, op->result_count);
    value->op = op;
    op->results =
        append(function->module->arena, op->results, op->result_count, value);
    op->result_count++;
    return value;
}

Value *region_append_param(Region *region, const Type *type, const char *name) {
    Function *function = region->function;
    Value *value = new_value(function, type, name, region->param_count);
    value->region = region;
    region->params = append(function->module->arena, region->params,
                            region->param_count, value);
    region->param_count++;
    return value;
}

// ---- Places -----------------------------------------------------------------

Builder builder_at_end(Region *region) {
    Builder b = {region->function, region, NULL, NULL, false};
    return b;
}

Builder builder_before(Op *op) {
    Builder b = {function_of(op), op->parent, op, op->origin, op->adjoint};
    return b;
}

Builder builder_after(Op *op) {
    Builder b = builder_before(op);
    b.before = op->next;
    return b;
}

static void link_before(Region *region, Op *op, Op *before) {
    op->parent = region;
    op->next = before;
    op->previous = before ? before->previous : region->last;
    *(op->previous ? &op->previous->next : &region->first) = op;
    *(before ? &before->previous : &region->last) = op;
}

Op *builder_insert(Builder *b, Op *op) {
    op->origin = b->origin;
    op->adjoint = b->adjoint;
    link_before(b->region, op, b->before);
    return op;
}

void op_remove(Op *op) {
    Region *region = op->parent;
    *(op->previous ? &op->previous->next : &region->first) = op->next;
    *(op->next ? &op->next->previous : &region->last) = op->previous;
    op->parent = NULL;
    op->previous = op->next = NULL;
}

void op_move(Builder *b, Op *op) {
    const Origin *origin = op->origin;
    bool adjoint = op->adjoint;
    op_remove(op);
    builder_insert(b, op);
    op->origin = origin;
    op->adjoint = adjoint;
}

// ---- One function per operation ---------------------------------------------

// With up to three operands and one result.
static Op *build_op(Builder *b, OpKind kind, const Type *type, uint32_t count,
                    Value *const *operands) {
    Op *op = op_create(b->function, kind, count, type ? 1 : 0, 0);
    for (uint32_t i = 0; i < count; i++)
        op->operands[i] = operands[i];
    if (type)
        op_set_result(op, b->function, 0, type_plain(b->function->module, type),
                      NULL);
    return builder_insert(b, op);
}

Value *build_spelled(Builder *b, const Type *type, double value,
                     const char *spelling) {
    Op *op = build_op(b, OP_CONST, type, 0, NULL);
    op->as.constant.spelling = spelling;
    if (type_is_float(type))
        op->as.constant.real = value;
    else
        op->as.constant.integer = (int64_t)value;
    return op->results[0];
}

Value *build_int(Builder *b, const Type *type, int64_t value) {
    Op *op = build_op(b, OP_CONST, type, 0, NULL);
    op->as.constant.integer = value;
    return op->results[0];
}

Value *build_float(Builder *b, const Type *type, double value) {
    return build_spelled(b, type, value, NULL);
}

Value *build_constant(Builder *b, const Type *type, double value) {
    return build_spelled(b, type, value, NULL);
}

Value *build_undef(Builder *b, const Type *type) {
    return build_op(b, OP_UNDEF, type, 0, NULL)->results[0];
}

static const Type *int_type(const Builder *b) {
    return type_scalar(b->function->module, TYPE_INT);
}

Value *build_unary(Builder *b, OpKind kind, Value *x) {
    const Type *type = kind == OP_LNOT ? int_type(b) : x->type;
    return build_op(b, kind, type, 1, &x)->results[0];
}

Value *build_binary(Builder *b, OpKind kind, Value *x, Value *y) {
    Value *operands[] = {x, y};
    const Type *type = type_is_complex(y->type) ? y->type : x->type;
    if (op_info(kind)->flags & OPF_COMPARES)
        type = int_type(b);
    if (kind == OP_PTRDIFF)
        type = type_scalar(b->function->module, TYPE_LONG);
    return build_op(b, kind, type, 2, operands)->results[0];
}

Value *build_select(Builder *b, Value *condition, Value *yes, Value *no) {
    Value *operands[] = {condition, yes, no};
    return build_op(b, OP_SELECT, yes->type, 3, operands)->results[0];
}

Value *build_cast(Builder *b, const Type *type, Value *x) {
    if (type_equal(type, x->type) && !type_is_pointer(type))
        return x;
    return build_op(b, OP_CAST, type, 1, &x)->results[0];
}

static const Type *math_result_type(Builder *b, char letter,
                                    const Type *floating) {
    switch (letter) {
    case 'i': return int_type(b);
    case 'l': return type_scalar(b->function->module, TYPE_LONG);
    case 'q': return type_scalar(b->function->module, TYPE_LLONG);
    case 'c': return type_with_parts(b->function->module, floating);
    default: return type_part(b->function->module, floating);
    }
}

Value *build_math(Builder *b, MathFn fn, Value **arguments) {
    const MathInfo *info = math_info(fn);
    uint32_t count = (uint32_t)strlen(info->arguments);
    uint32_t results = (uint32_t)strlen(info->results);
    Op *op = op_create(b->function, OP_MATH, count, results, 0);
    op->as.math = fn;
    memcpy(op->operands, arguments, count * sizeof *arguments);
    const Type *floating = type_plain(b->function->module, arguments[0]->type);
    for (uint32_t i = 0; i < results; i++)
        op_set_result(op, b->function, i,
                      math_result_type(b, info->results[i], floating), NULL);
    return builder_insert(b, op)->results[0];
}

Value *build_math1(Builder *b, MathFn fn, Value *x) {
    return build_math(b, fn, &x);
}

Value *build_math2(Builder *b, MathFn fn, Value *x, Value *y) {
    Value *arguments[] = {x, y};
    return build_math(b, fn, arguments);
}

Value *build_alloc(Builder *b, const Type *type, Value **extents,
                   uint32_t extent_count, const char *name) {
    const Type *pointer = type_pointer(b->function->module, type);
    Op *op = build_op(b, OP_ALLOC, pointer, extent_count, extents);
    op->as.type = type;
    op->results[0]->name = name;
    return op->results[0];
}

Value *build_global(Builder *b, Global *global) {
    const Type *pointer = type_pointer(b->function->module, global->type);
    Op *op = build_op(b, OP_GLOBAL, pointer, 0, NULL);
    op->as.global = global;
    return op->results[0];
}

Value *build_index(Builder *b, Value *pointer, Value *index) {
    Value *operands[] = {pointer, index};
    return build_op(b, OP_INDEX, pointer->type, 2, operands)->results[0];
}

// A const object has const parts.
static const Type *part_pointer(Builder *b, const Type *whole,
                                const Type *part) {
    Module *module = b->function->module;
    return type_pointer(module,
                        whole->is_const ? type_const(module, part) : part);
}

Value *build_elem(Builder *b, Value *array_pointer, Value *index) {
    const Type *array = array_pointer->type->element;
    ENSURE(array->kind == TYPE_ARRAY);
    Value *operands[] = {array_pointer, index};
    const Type *type = part_pointer(b, array, array->element);
    return build_op(b, OP_ELEM, type, 2, operands)->results[0];
}

Value *build_field(Builder *b, Value *record_pointer, uint32_t field) {
    const Type *record = record_pointer->type->element;
    ENSURE(record->kind == TYPE_RECORD && field < record->record->field_count);
    const Type *type =
        part_pointer(b, record, record->record->fields[field].type);
    Op *op = build_op(b, OP_FIELD, type, 1, &record_pointer);
    op->as.field = field;
    return op->results[0];
}

Value *build_load(Builder *b, Value *address) {
    ENSURE(type_is_pointer(address->type));
    return build_op(b, OP_LOAD, address->type->element, 1, &address)
        ->results[0];
}

Op *build_store(Builder *b, Value *address, Value *value) {
    Value *operands[] = {address, value};
    return build_op(b, OP_STORE, NULL, 2, operands);
}

Op *build_copy(Builder *b, Value *target, Value *source) {
    Value *operands[] = {target, source};
    Op *op = build_op(b, OP_COPY, NULL, 2, operands);
    op->as.type = target->type->element;
    return op;
}

Op *build_zero(Builder *b, Value *target) {
    Op *op = build_op(b, OP_ZERO, NULL, 1, &target);
    op->as.type = target->type->element;
    return op;
}

Op *build_free(Builder *b, Value *pointer) {
    return build_op(b, OP_FREE, NULL, 1, &pointer);
}

Value *build_sizeof(Builder *b, const Type *type) {
    Module *module = b->function->module;
    Text text;
    text_init(&text, module->arena);
    text_add(&text, "sizeof(");
    type_print_c(&text, type, "");
    text_add(&text, ")");
    const Type *size =
        type_named(module, type_scalar(module, TYPE_ULONG), "size_t");
    return build_spelled(b, size, type->kind == TYPE_FLOAT ? 4 : 8, text.chars);
}

Op *build_call(Builder *b, Function *callee, Value **arguments,
               uint32_t argument_count) {
    const Type *type =
        callee->result->kind == TYPE_VOID ? NULL : callee->result;
    Op *op = build_op(b, OP_CALL, type, argument_count, arguments);
    op->as.callee = callee;
    return op;
}

Op *build_if(Builder *b, Value *condition) {
    Op *op = op_create(b->function, OP_IF, 1, 0, 2);
    op->operands[0] = condition;
    op->regions[IF_THEN] = region_create(b->function, op, 0);
    op->regions[IF_ELSE] = region_create(b->function, op, 0);
    return builder_insert(b, op);
}

Op *build_for(Builder *b, Value *begin, Value *end, Value *step, OpKind compare,
              Value **initial, uint32_t count, const char *index_name) {
    Op *op =
        op_create(b->function, OP_FOR, FOR_FIRST_INITIAL + count, count, 1);
    op->operands[FOR_BEGIN] = begin;
    op->operands[FOR_END] = end;
    op->operands[FOR_STEP] = step;
    op->as.loop.compare = compare;
    Region *body = region_create(b->function, op, count + 1);
    op->regions[0] = body;
    const Module *module = b->function->module;
    region_set_param(body, 0, type_plain((Module *)module, begin->type),
                     index_name);
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = type_plain((Module *)module, initial[i]->type);
        op->operands[FOR_FIRST_INITIAL + i] = initial[i];
        region_set_param(body, i + 1, type, initial[i]->name);
        op_set_result(op, b->function, i, type, initial[i]->name);
    }
    return builder_insert(b, op);
}

Op *build_while(Builder *b, Value **initial, uint32_t count) {
    Op *op = op_create(b->function, OP_WHILE, count, count, 2);
    for (int r = 0; r < 2; r++)
        op->regions[r] = region_create(b->function, op, count);
    for (uint32_t i = 0; i < count; i++) {
        const Type *type = type_plain(b->function->module, initial[i]->type);
        op->operands[i] = initial[i];
        for (int r = 0; r < 2; r++)
            region_set_param(op->regions[r], i, type, initial[i]->name);
        op_set_result(op, b->function, i, type, initial[i]->name);
    }
    return builder_insert(b, op);
}

Op *build_yield(Builder *b, Value **values, uint32_t count) {
    return build_op(b, OP_YIELD, NULL, count, values);
}

Op *build_condition(Builder *b, Value *condition) {
    return build_op(b, OP_CONDITION, NULL, 1, &condition);
}

Op *build_return(Builder *b, Value *value) {
    return build_op(b, OP_RETURN, NULL, value ? 1 : 0, &value);
}

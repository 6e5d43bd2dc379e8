// clone.c - copying operations, regions and functions under a value map.
#include "ir/ir.h"

#include <string.h>

void valuemap_init(ValueMap *map, Arena *arena, const Function *source) {
    map->arena = arena;
    map->capacity = source->value_count;
    map->values = arena_array(arena, Value *, map->capacity);
}

Value *valuemap_get(const ValueMap *map, const Value *value) {
    return value->id < map->capacity ? map->values[value->id] : NULL;
}

void valuemap_set(ValueMap *map, const Value *value, Value *image) {
    if (value->id >= map->capacity) {
        uint32_t capacity = value->id * 2 + 16;
        Value **values = arena_array(map->arena, Value *, capacity);
        memcpy(values, map->values, map->capacity * sizeof *values);
        map->values = values;
        map->capacity = capacity;
    }
    map->values[value->id] = image;
}

Value *valuemap_apply(const ValueMap *map, Value *value) {
    Value *image = valuemap_get(map, value);
    return image ? image : value;
}

static Region *clone_region(Function *function, Op *parent,
                            const Region *region, ValueMap *map) {
    Region *copy = region_create(function, parent, region->param_count);
    for (uint32_t i = 0; i < region->param_count; i++) {
        const Value *param = region->params[i];
        valuemap_set(map, param,
                     region_set_param(copy, i, param->type, param->name));
    }
    Builder b = builder_at_end(copy);
    for (const Op *op = region->first; op; op = op->next)
        clone_op(&b, op, map);
    return copy;
}

Op *clone_op(Builder *b, const Op *op, ValueMap *map) {
    Op *copy = op_create(b->function, op->kind, op->operand_count,
                         op->result_count, op->region_count);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++)
        copy->operands[i] = valuemap_apply(map, op->operands[i]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Value *result = op->results[i];
        valuemap_set(
            map, result,
            op_set_result(copy, b->function, i, result->type, result->name));
    }
    builder_insert(b, copy);
    copy->origin = op->origin;
    copy->adjoint = op->adjoint || b->adjoint;
    for (uint32_t r = 0; r < op->region_count; r++)
        copy->regions[r] = clone_region(b->function, copy, op->regions[r], map);
    return copy;
}

void clone_region_body(Builder *b, const Region *region, ValueMap *map) {
    const Op *end = region_terminator(region);
    for (const Op *op = region->first; op && op != end; op = op->next)
        clone_op(b, op, map);
}

Function *clone_function(const Function *function, const char *name) {
    Module *module = function->module;
    Function *copy = function_create(module, name, function->result, 0);
    Function blank = *copy;
    *copy = *function;
    copy->name = blank.name;
    copy->place = blank.place;
    copy->value_count = 0;
    copy->body = NULL;
    if (!function->body)
        return copy;
    ValueMap map;
    valuemap_init(&map, module->arena, function);
    copy->body = clone_region(copy, NULL, function->body, &map);
    return copy;
}

void remap_region(Region *region, const ValueMap *map) {
    for (Op *op = region->first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = valuemap_apply(map, op->operands[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            remap_region(op->regions[r], map);
    }
}

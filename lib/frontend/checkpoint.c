// checkpoint.c - `#pragma grad checkpoint` before a loop: its clauses as the
// operands of an OP_CHECKPOINT, so that they are evaluated where the loop
// starts and follow it wherever it is inlined.
#include "frontend/internal.h"

#include <stdlib.h>
#include <string.h>

static bool is_visible(const Lowering *lw, const Variable *variable) {
    if (variable->in_memory)
        return region_contains(value_region(variable->address), lw->b.region);
    return variable->index < lw->env.count &&
           lw->env.variables[variable->index] == variable;
}

// The variable of that name that was declared last; NULL if there is none.
static Variable *find_variable(const Lowering *lw, const char *name) {
    for (size_t i = lw->named.count; i-- > 0;) {
        Variable *variable = lw->named.items[i];
        if (variable->name && strcmp(variable->name, name) == 0 &&
            is_visible(lw, variable))
            return variable;
    }
    return NULL;
}

static void report(Lowering *lw, SourceLoc loc, const char *message,
                   const char *name, const char *note) {
    diag_error(lw->fe->diags, loc, message, name);
    diag_note(lw->fe->diags, loc, "%s", note);
}

static Value *variable_value(Lowering *lw, Variable *variable) {
    return variable->in_memory ? build_load(&lw->b, variable->address)
                               : variable_get(lw, variable);
}

static int64_t unit_of(const char *name) {
    if (strcmp(name, "KB") == 0)
        return INT64_C(1) << 10;
    if (strcmp(name, "MB") == 0)
        return INT64_C(1) << 20;
    return strcmp(name, "GB") == 0 ? INT64_C(1) << 30 : 0;
}

static Value *factor_value(Lowering *lw, const ClauseSection *factor) {
    const Type *type = type_scalar(lw->function->module, TYPE_LONG);
    const char *text = factor->length;
    char *end;
    int64_t number = strtoll(text, &end, 0);
    if (end != text) {
        end += strspn(end, "uUlL");
        if (*end)
            report(lw, factor->loc, "'%s' is not an integer", text,
                   "write a number, or an integer variable");
        return build_int(&lw->b, type, number);
    }
    Variable *variable = find_variable(lw, text);
    if (!variable && unit_of(text))
        return build_int(&lw->b, type, unit_of(text));
    if (!variable || !type_is_integer(variable->type)) {
        report(lw, factor->loc, "'%s' is not an integer variable here", text,
               "write a number, or a variable that is declared before the "
               "loop");
        return build_int(&lw->b, type, 1);
    }
    return build_cast(&lw->b, type, variable_value(lw, variable));
}

static Value *product_value(Lowering *lw, const Product *product) {
    Value *value = factor_value(lw, &product->factors.items[0]);
    for (size_t i = 1; i < product->factors.count; i++)
        value = build_binary(&lw->b, OP_MUL, value,
                             factor_value(lw, &product->factors.items[i]));
    return value;
}

typedef Vec(Value *) ValueList;

static void add_state(Lowering *lw, const ClauseItem *item,
                      const Product *length, ValueList *list) {
    Variable *variable = find_variable(lw, item->name);
    const Type *type = type_scalar(lw->function->module, TYPE_LONG);
    if (!variable) {
        report(lw, item->loc, "there is no variable '%s' here", item->name,
               "list what is declared before the loop; globals cannot be "
               "listed");
        return;
    }
    if (length->factors.count == 0) {
        if (!variable->in_memory)
            return; // the loop carries it
        vec_push(lw->fe->arena, list, variable->address);
        vec_push(lw->fe->arena, list, build_int(&lw->b, type, 1));
        return;
    }
    Value *pointer =
        variable->in_memory ? variable->address : variable_get(lw, variable);
    if (variable->in_memory && type_is_pointer(variable->type))
        pointer = build_load(&lw->b, variable->address);
    if (type_is_pointer(pointer->type) &&
        pointer->type->element->kind == TYPE_ARRAY)
        pointer = build_elem(&lw->b, pointer, build_int(&lw->b, type, 0));
    if (!type_is_pointer(pointer->type)) {
        report(lw, item->loc, "'%s' is no array", item->name,
               "leave the section out");
        return;
    }
    vec_push(lw->fe->arena, list, pointer);
    vec_push(lw->fe->arena, list, product_value(lw, length));
}

static void build_marker(Lowering *lw, const CheckpointClauses *c,
                         const char *text) {
    ValueList list = {0};
    if (c->snapshots.factors.count) {
        text = "snapshots";
        vec_push(lw->fe->arena, &list, product_value(lw, &c->snapshots));
    } else if (c->memory.factors.count) {
        text = "memory";
        vec_push(lw->fe->arena, &list, product_value(lw, &c->memory));
    }
    if (c->disk)
        text = arena_printf(lw->fe->arena, "%s%sdisk %s", text,
                            *text ? " " : "", c->disk);
    for (size_t i = 0; i < c->state.count; i++)
        add_state(lw, &c->state.items[i], &c->lengths.items[i], &list);
    Op *op = op_create(lw->function, OP_CHECKPOINT, (uint32_t)list.count, 0, 0);
    for (size_t i = 0; i < list.count; i++)
        op->operands[i] = list.items[i];
    op->as.text = text;
    builder_insert(&lw->b, op);
}

void lower_checkpoint(Lowering *lw, CXCursor loop) {
    const Clauses *clauses =
        strmap_get(lw->fe->checkpoints, place_key(lw->fe, loop));
    if (clauses)
        build_marker(lw, &clauses->checkpoint, "");
}

// A loop of one step, for which there is no need of a schedule.
bool lower_marked_call(Lowering *lw, CXCursor statement) {
    const char *place = place_key(lw->fe, statement);
    const Clauses *clauses = strmap_get(lw->fe->checkpoints, place);
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    Variables carried = {0};
    Looping loop;
    if (!clauses)
        return false;
    Variable *once = variable_create(lw, "once", type);
    variable_set(lw, once, build_int(&lw->b, type, 0));
    find_assigned(lw, statement, &carried);
    vec_push(lw->fe->arena, &carried, once);
    build_marker(lw, &clauses->checkpoint, "again");
    loop_begin(lw, &loop, carried.items, (uint32_t)carried.count);
    Value *end = build_int(&lw->b, type, 1);
    loop_body(lw, &loop,
              build_binary(&lw->b, OP_LT, variable_get(lw, once), end));
    lower_effect(lw, statement);
    end = build_int(&lw->b, type, 1);
    variable_set(lw, once,
                 build_binary(&lw->b, OP_ADD, variable_get(lw, once), end));
    loop_end(lw, &loop);
    loop.op->as.loop.info = strmap_get(lw->fe->loop_infos, place);
    return true;
}

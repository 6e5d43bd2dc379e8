// declaration.c - declarators, variables, signatures. A dynamic array length
// stands in no type; it comes from the operation or parameter that has it.
#include "emit/print.h"

#include <string.h>

// ---- Declarators ------------------------------------------------------------

// C's declarators grow outwards from the name; `lengths` is used up outermost
// first, and may be NULL.
void print_declarator(Text *t, const Type *type, const char *declarator,
                      const char *const *lengths) {
    Arena *arena = t->arena;
    while (type->kind == TYPE_POINTER || type->kind == TYPE_ARRAY) {
        if (type->kind == TYPE_POINTER) {
            const char *mark = !type->is_const         ? "*"
                               : declarator[0] == '\0' ? "*const"
                                                       : "*const ";
            bool closed = type->element->kind == TYPE_ARRAY ||
                          type_function_result(type->element);
            declarator = arena_printf(arena, closed ? "(%s%s)" : "%s%s", mark,
                                      declarator);
        } else if (type->length != ARRAY_DYNAMIC) {
            declarator = arena_printf(arena, "%s[%lld]", declarator,
                                      (long long)type->length);
        } else {
            declarator = arena_printf(arena, "%s[%s]", declarator,
                                      lengths && *lengths ? *lengths++ : "");
        }
        type = type->element;
    }
    size_t result = type_function_result(type);
    if (result) {
        text_printf(t, "%.*s%s%s", (int)result, type->spelling, declarator,
                    type->spelling + result);
        return;
    }
    const char *name = type->spelling              ? type->spelling
                       : type->kind == TYPE_RECORD ? type->record->name
                                                   : type_kind_name(type->kind);
    text_printf(t, "%s%s%s%s", type->is_const ? "const " : "", name,
                declarator[0] ? " " : "", declarator);
}

// ---- Lengths behind a pointer -----------------------------------------------

static const char *const *operand_lengths(Printer *p, const Op *op,
                                          uint32_t from) {
    uint32_t count = op->operand_count - from;
    const char **lengths = arena_array(p->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        lengths[i] = value_text(p, op->operands[from + i], PREC_ANY);
    return lengths;
}

// From "[n][m]" of a parameter: what its pointer leaves out is the first.
static const char *const *extent_lengths(Printer *p, const char *extents) {
    Vec(const char *) lengths = {0};
    for (const char *c = extents; c && *c; c++) {
        const char *end = strchr(c, ']');
        if (*c != '[' || !end)
            break;
        if (c != extents)
            vec_push(p->arena, &lengths,
                     arena_strndup(p->arena, c + 1, (size_t)(end - c - 1)));
        c = end;
    }
    vec_push(p->arena, &lengths, NULL);
    return lengths.items;
}

const char *const *pointer_lengths(Printer *p, const Value *value) {
    while (value->op) {
        const Op *op = value->op;
        if (op->kind == OP_CAST)
            return operand_lengths(p, op, 1);
        if (op->kind == OP_ALLOC)
            return operand_lengths(p, op, 0);
        if (op->kind == OP_ELEM) {
            const char *const *lengths = pointer_lengths(p, op->operands[0]);
            bool dynamic =
                op->operands[0]->type->element->length == ARRAY_DYNAMIC;
            return lengths && *lengths && dynamic ? lengths + 1 : lengths;
        }
        if (op->kind == OP_SELECT)
            value = op->operands[1];
        else if (op->kind == OP_INDEX || op->kind == OP_INACTIVE)
            value = op->operands[0];
        else if (op->kind == OP_IF)
            value = op->regions[0]->last->operands[value->index];
        else if (op_is_loop(op))
            value = loop_initial(op, value->index);
        else
            return NULL;
    }
    const Function *function = value->region->function;
    const Op *loop = value->region->parent;
    if (loop)
        return pointer_lengths(
            p, loop_initial(loop, value->index - (loop->kind == OP_FOR)));
    return extent_lengths(p, function->params[value->index].extents);
}

static const char *const *lengths_of(Printer *p, const Value *value) {
    const Type *type = value->type;
    while (type->kind == TYPE_POINTER)
        type = type->element;
    return type_has_dynamic_length(type) ? pointer_lengths(p, value) : NULL;
}

void print_type_name(Printer *p, Text *t, const Op *cast) {
    print_declarator(t, type_plain(&p->plan->types, cast->results[0]->type), "",
                     operand_lengths(p, cast, 1));
}

// ---- Variables --------------------------------------------------------------

void declare_variable(Printer *p, const Variable *variable, const char *init) {
    Text t;
    text_init(&t, p->arena);
    print_declarator(&t, type_plain(&p->plan->types, variable->type),
                     variable->name, lengths_of(p, variable->value));
    if (init)
        text_printf(&t, " = %s", init);
    text_add_char(&t, ';');
    add_statement(p, STMT_LINE, t.chars)->declares = true;
    ptrmap_set(p->declared, variable, (void *)variable);
}

// ---- Signatures -------------------------------------------------------------

static void print_param(Text *t, const Param *param, bool is_restrict) {
    const Type *type = param->type;
    if (param->extents && type_is_pointer(type)) {
        type = type->element;
        while (type->kind == TYPE_ARRAY)
            type = type->element;
        const char *extents = param->extents;
        if (is_restrict && extents[0] == '[')
            extents = arena_printf(t->arena, "[restrict %s", extents + 1);
        print_declarator(t, type,
                         arena_printf(t->arena, "%s%s", param->name, extents),
                         NULL);
    } else if (is_restrict && type_is_pointer(type)) {
        const char *name =
            arena_printf(t->arena, "*%srestrict %s",
                         type->is_const ? "const " : "", param->name);
        if (type->element->kind == TYPE_ARRAY)
            name = arena_printf(t->arena, "(%s)", name);
        print_declarator(t, type->element, name, NULL);
    } else {
        print_declarator(t, type, param->name ? param->name : "", NULL);
    }
}

// Only the likes of float and double: compilers know that others are apart.
static bool points_to_floats(const Param *param) {
    return type_is_pointer(param->type) &&
           type_reaches_float(param->type->element);
}

static bool has_several_pointers(const Function *function) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < function->param_count; i++)
        count += points_to_floats(&function->params[i]);
    return count > 1;
}

// Parameters that the function assigns to are left alone: restrict pointers may
// not be assigned to one another.
static bool gets_restrict(const Plan *plan, uint32_t i) {
    if (!plan->function->distinct || !has_several_pointers(plan->function) ||
        !points_to_floats(&plan->function->params[i]))
        return false;
    const Value *value = plan->function->body->params[i];
    const Variable *variable = plan_variable(plan, value);
    for (size_t v = 0; v < plan->variables.count; v++) {
        const Value *member = plan->variables.items[v]->value;
        if (member != value && plan_variable(plan, member) == variable)
            return false;
    }
    return true;
}

void print_signature(Text *text, const Function *function, const Plan *plan) {
    Text params, all;
    text_init(&params, text->arena);
    text_init(&all, text->arena);
    uint32_t first = function->returns_record ? 1 : 0;
    const Type *result = function->returns_record
                             ? function->params[0].type->element
                             : function->result;
    for (uint32_t i = first; i < function->param_count; i++) {
        text_add(&params, i > first ? ", " : "");
        const Param *param = &function->params[i];
        print_param(&params, param,
                    param->is_restrict || (plan && gets_restrict(plan, i)));
    }
    if (function->is_variadic)
        text_add(&params, ", ...");
    print_declarator(&all, result,
                     arena_printf(text->arena, "%s(%s)", function->name,
                                  params.length ? params.chars : "void"),
                     NULL);
    text_add(text, all.chars);
}

// defaults.c - which parameters `wrt` and `of` mean where they are left out:
// those through which floating values come in and go out. Reads the lowered
// body: a parameter that is only written is no input, one that is never
// written is no output.
#include "frontend/internal.h"

#include <string.h>

// One bit for each parameter that a value may point into; parameters beyond
// the 64th share the last bit.
typedef struct Access {
    uint64_t *roots; // by value id
    uint64_t read, written;
    bool changed;
} Access;

static uint64_t bit_of(uint32_t param) {
    return UINT64_C(1) << (param < 63 ? param : 63);
}

static void add_roots(Access *access, const Value *value, uint64_t roots) {
    if ((access->roots[value->id] | roots) == access->roots[value->id])
        return;
    access->roots[value->id] |= roots;
    access->changed = true;
}

static void join_regions(Access *access, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++) {
        const Op *end = region_terminator(op->regions[r]);
        if (op->kind == OP_WHILE)
            for (uint32_t i = 0; i < op->operand_count; i++)
                add_roots(access, op->regions[r]->params[i],
                          access->roots[op->operands[i]->id] |
                              access->roots[op->results[i]->id]);
        if (end && end->kind == OP_YIELD)
            for (uint32_t i = 0; i < end->operand_count; i++)
                add_roots(access, op->results[i],
                          access->roots[end->operands[i]->id]);
    }
}

static void note_access(Op *op, void *context) {
    Access *access = context;
    uint64_t all = 0;
    for (uint32_t i = 0; i < op->operand_count; i++)
        all |= access->roots[op->operands[i]->id];
    switch ((int)op->kind) {
    case OP_IF:
    case OP_WHILE:
    case OP_FOR: join_regions(access, op); return;
    case OP_LOAD:
        if (type_holds_float(op->results[0]->type))
            access->read |= all;
        add_roots(access, op->results[0], all);
        return;
    case OP_STORE:
        if (type_holds_float(op->operands[1]->type))
            access->written |= access->roots[op->operands[0]->id];
        // A pointer that is put away may come back anywhere.
        access->read |= access->roots[op->operands[1]->id];
        access->written |= access->roots[op->operands[1]->id];
        add_roots(access, op->operands[0], access->roots[op->operands[1]->id]);
        return;
    case OP_COPY:
        access->written |= access->roots[op->operands[0]->id];
        access->read |= access->roots[op->operands[1]->id];
        if (type_holds_pointer(op->as.type))
            add_roots(access, op->operands[0],
                      access->roots[op->operands[1]->id]);
        return;
    case OP_ZERO: access->written |= all; return;
    case OP_CALL:
        for (uint32_t i = 0; i < op->operand_count; i++) {
            const Value *operand = op->operands[i];
            access->read |= access->roots[operand->id];
            if (!type_is_pointer(operand->type) ||
                !operand->type->element->is_const)
                access->written |= access->roots[operand->id];
        }
        break;
    default: break;
    }
    for (uint32_t i = 0; i < op->result_count; i++)
        add_roots(access, op->results[i], all);
}

static Access find_access(Arena *arena, const Function *function) {
    Access access = {0};
    access.roots = arena_array(arena, uint64_t, function->value_count);
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Type *type = function->params[i].type;
        if (type_is_pointer(type) || type->kind == TYPE_RECORD)
            access.roots[function->body->params[i]->id] = bit_of(i);
    }
    do {
        access.changed = false;
        walk_ops(function->body, note_access, &access);
    } while (access.changed);
    return access;
}

static bool comes_in(const Access *access, const Param *param, uint32_t i) {
    if (!type_reaches_float(param->type))
        return false;
    return type_is_float(param->type) || (access->read & bit_of(i)) != 0;
}

static bool goes_out(const Access *access, const Param *param, uint32_t i) {
    return reaches_writable(param->type, 0) &&
           (access->written & bit_of(i)) != 0;
}

static void add_params(Arena *arena, const Function *function,
                       const Access *access,
                       bool (*wanted)(const Access *, const Param *, uint32_t),
                       SourceLoc loc, GradItem **items, uint32_t *count) {
    *items = arena_array(arena, GradItem, function->param_count);
    *count = 0;
    for (uint32_t i = function->returns_record; i < function->param_count; i++)
        if (wanted(access, &function->params[i], i))
            (*items)[(*count)++] =
                (GradItem){.kind = ITEM_PARAM, .param = i, .loc = loc};
}

static void complete(Frontend *fe, const Function *function,
                     const Access *access, Annotation *a) {
    if (!a->wrt_given)
        add_params(fe->arena, function, access, comes_in, a->loc, &a->wrt,
                   &a->wrt_count);
    if (!a->of_given && type_is_float(function->result)) {
        a->of = arena_new(fe->arena, GradItem);
        *a->of = (GradItem){.kind = ITEM_RETURN, .loc = a->loc};
        a->of_count = 1;
    } else if (!a->of_given && function->returns_record &&
               type_holds_float(function->params[0].type->element)) {
        a->of = arena_new(fe->arena, GradItem);
        a->of_count = 1;
        if (!resolve_record_result(fe, function, a->loc, a->of))
            return;
    } else if (!a->of_given) {
        add_params(fe->arena, function, access, goes_out, a->loc, &a->of,
                   &a->of_count);
    }
    if (a->wrt_count == 0) {
        diag_error(fe->diags, a->loc,
                   "no floating-point value comes into '%s': there is nothing "
                   "to differentiate with respect to",
                   function->name);
        diag_note(fe->diags, a->loc, "name what should be in 'wrt(...)'");
    } else if (a->of_count == 0) {
        diag_error(fe->diags, a->loc,
                   "no floating-point value comes out of '%s': there is "
                   "nothing to differentiate",
                   function->name);
        diag_note(fe->diags, a->loc, "name what should be in 'of(...)'");
    }
}

void complete_annotations(Frontend *fe, Function *function) {
    if (!function->body)
        return;
    Access access = find_access(fe->arena, function);
    for (uint32_t i = 0; i < function->annotation_count; i++)
        complete(fe, function, &access, &function->annotations[i]);
}

// Outputs through other parameters than those of `of` are ruled out: by the
// user, or by what the body does.
static bool has_all_outputs(const Function *function, const Access *access,
                            const Annotation *a) {
    for (uint32_t i = 0; i < function->param_count; i++) {
        bool listed = false;
        for (uint32_t k = 0; k < a->of_count; k++)
            listed |= a->of[k].kind == ITEM_PARAM && a->of[k].param == i;
        if (!listed && goes_out(access, &function->params[i], i))
            return false;
    }
    return true;
}

void complete_rules(Frontend *fe, Function *function) {
    Access access = {.read = ~UINT64_C(0), .written = ~UINT64_C(0)};
    if (function->body)
        access = find_access(fe->arena, function);
    for (uint32_t i = 0; i < function->rule_count; i++) {
        Annotation *a = &function->rules[i].annotation;
        complete(fe, function, &access, a);
        a->of_given = a->of_given || has_all_outputs(function, &access, a);
    }
}

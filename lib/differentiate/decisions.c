// decisions.c - what decides where derivatives flow, besides the integers that
// come in as parameters: branches that are taken, lengths of loops, and
// elements that are reached. Makes a function that runs like the primal and
// turns all of them, in their order, into one number. Where two runs have the
// same integers and the same number, they have the same derivatives' pattern.
//
// Choices that are no branches (select, fmax) are not among them: index sets
// take both sides. So nothing on the way to the pattern's function may make
// branches or places of such choices.
#include "differentiate/sparse.h"

typedef struct Decisions {
    Derive *d;
    Function *function;
    Value *cell;  // of the number
    bool *varies; // by value: the integers do not determine it, nor do
                  // decisions that are taken down
    bool changed;
    uint32_t count; // of decisions
} Decisions;

// ---- Which values vary ------------------------------------------------------

// What a loop counts does not vary where its ends do: they are taken down.

static bool varies(const Decisions *s, const Value *value) {
    return s->varies[value->id];
}

static void set(Decisions *s, const Value *value) {
    // Which pointer it is, decisions tell.
    if (varies(s, value) || type_is_pointer(value->type))
        return;
    s->varies[value->id] = s->changed = true;
}

static void follow(Decisions *s, const Value *from, const Value *to) {
    if (varies(s, from))
        set(s, to);
}

static bool in_constant(const Value *address) {
    const Op *op = address->op;
    while (op && (op->kind == OP_INDEX || op->kind == OP_ELEM ||
                  op->kind == OP_FIELD))
        op = op->operands[0]->op;
    return op && op->kind == OP_GLOBAL && op->as.global->is_constant;
}

static bool index_varies(const Decisions *s, const Value *address) {
    const Op *op = address->op;
    bool any = false;
    for (; op && op->operand_count; op = op->operands[0]->op)
        any |= op->operand_count > 1 && varies(s, op->operands[1]);
    return any;
}

static bool looks_at_pointer(const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (type_is_pointer(op->operands[i]->type))
            return true;
    return false;
}

static void follow_region(Decisions *s, const Region *region);

static void follow_loop(Decisions *s, const Op *op) {
    uint32_t skip = op->kind == OP_FOR ? 1 : 0;
    for (uint32_t r = 0; r < op->region_count; r++)
        follow_region(s, op->regions[r]);
    for (uint32_t i = 0; i < loop_carried_count(op); i++) {
        follow(s, loop_initial(op, i), op->results[i]);
        follow(s, loop_next(op, i), op->results[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            follow(s, op->results[i], op->regions[r]->params[i + skip]);
    }
}

static void follow_op(Decisions *s, const Op *op) {
    if (op->kind == OP_FOR || op->kind == OP_WHILE) {
        follow_loop(s, op);
        return;
    }
    for (uint32_t r = 0; r < op->region_count; r++) {
        follow_region(s, op->regions[r]);
        for (uint32_t i = 0; i < op->result_count; i++)
            follow(s, region_terminator(op->regions[r])->operands[i],
                   op->results[i]);
    }
    bool any = op->kind == OP_CALL || op->kind == OP_HEAP_SIZE ||
               (op->kind == OP_LOAD && (!in_constant(op->operands[0]) ||
                                        index_varies(s, op->operands[0]))) ||
               (op->kind != OP_LOAD && looks_at_pointer(op));
    for (uint32_t i = 0; !any && !op->region_count && i < op->operand_count;
         i++)
        any = varies(s, op->operands[i]);
    for (uint32_t i = 0; any && i < op->result_count; i++)
        set(s, op->results[i]);
}

static void follow_region(Decisions *s, const Region *region) {
    for (const Op *op = region->first; op; op = op->next)
        follow_op(s, op);
}

static void find_varying(Decisions *s) {
    const Function *function = s->function;
    s->varies = arena_array(s->d->arena, bool, function->value_count);
    for (uint32_t i = 0; i < function->param_count; i++)
        if (!type_is_integer(function->params[i].type))
            set(s, function->body->params[i]);
    do {
        s->changed = false;
        follow_region(s, function->body);
    } while (s->changed);
}

// ---- Taking them down -------------------------------------------------------

Value *decisions_add(Builder *b, Value *number, Value *decision) {
    const Type *word = type_scalar(b->function->module, TYPE_ULLONG);
    if (!type_is_integer(decision->type))
        decision = build_binary(b, OP_NE, decision,
                                build_constant(b, decision->type, 0));
    Value *mixed =
        build_binary(b, OP_XOR, number, build_cast(b, word, decision));
    Value *factor = build_int(b, word, (int64_t)0x9E3779B97F4A7C15u);
    factor->op->as.constant.spelling = "0x9E3779B97F4A7C15";
    mixed = build_binary(b, OP_MUL, mixed, factor);
    return build_binary(b, OP_XOR, mixed,
                        build_binary(b, OP_SHR, mixed, build_int(b, word, 32)));
}

static void take_down(Decisions *s, Builder *b, Value *decision) {
    b->adjoint = true;
    b->origin = NULL; // no statement's derivative
    build_store(b, s->cell, decisions_add(b, build_load(b, s->cell), decision));
    s->count++;
}

static void take_down_if(Decisions *s, Op *op, Value *decision) {
    if (!varies(s, decision) && !type_is_pointer(decision->type))
        return;
    Builder b = builder_before(op);
    take_down(s, &b, decision);
}

static void take_down_while(Decisions *s, Op *op) {
    const Type *type = type_scalar(s->d->module, TYPE_INT);
    const Region *test = op->regions[WHILE_CONDITION];
    const Value *goes_on = region_terminator(test)->operands[0];
    if (!varies(s, goes_on) && !type_is_pointer(goes_on->type))
        return;
    Region *body = op->regions[WHILE_BODY];
    Builder again = builder_before(body->first), end = builder_after(op);
    take_down(s, &again, build_int(&again, type, 1));
    take_down(s, &end, build_int(&end, type, 2));
}

static void take_down_region(Decisions *s, Region *region);

static void take_down_op(Decisions *s, Op *op) {
    if (op->kind == OP_IF || op->kind == OP_SELECT) {
        if (op->kind == OP_IF || type_is_pointer(op->results[0]->type))
            take_down_if(s, op, op->operands[0]);
    } else if (op->kind == OP_WHILE) {
        take_down_while(s, op);
    } else if (op->kind == OP_FOR) {
        for (int i = 0; i < FOR_FIRST_INITIAL; i++)
            take_down_if(s, op, op->operands[i]);
    } else if (op->kind == OP_INDEX || op->kind == OP_ELEM) {
        if (type_reaches_float(op->results[0]->type))
            take_down_if(s, op, op->operands[1]);
    } else if (op->kind == OP_COPY || op->kind == OP_ZERO) {
        uint32_t plain = op->kind == OP_COPY ? 2 : 1;
        if (op->operand_count > plain)
            take_down_if(s, op, op->operands[plain]);
    }
    // What a condition looks at is told by what it finds.
    for (uint32_t r = 0; r < op->region_count; r++)
        if (op->kind != OP_WHILE || r == WHILE_BODY)
            take_down_region(s, op->regions[r]);
}

static void take_down_region(Decisions *s, Region *region) {
    for (Op *op = region->first, *next; op; op = next) {
        next = op->next;
        if (!op->adjoint)
            take_down_op(s, op);
    }
}

// ---- The function -----------------------------------------------------------

static void drop_marker(Op *op, void *context) {
    (void)context;
    if (op->kind == OP_CHECKPOINT)
        op_remove(op);
}

static void add_cell(Decisions *s, const Function *primal) {
    Function *f = s->function;
    Module *module = s->d->module;
    const Type *type = type_pointer(module, type_scalar(module, TYPE_ULLONG));
    uint32_t count = primal->param_count;
    f->params = arena_array(s->d->arena, Param, count + 1);
    for (uint32_t i = 0; i < count; i++)
        f->params[i] = primal->params[i];
    f->params[count] =
        (Param){.name = "decisions", .type = type, .loc = primal->loc};
    f->param_count = count + 1;
    s->cell = region_append_param(f->body, type, "decisions");
}

Function *decisions_build(Derive *d, const Function *prepared) {
    const char *name =
        arena_printf(d->arena, "%s_decisions", d->annotation->name);
    Decisions s = {.d = d, .function = clone_function(prepared, name)};
    Function *f = s.function;
    walk_ops(f->body, drop_marker, NULL);
    find_varying(&s);
    add_cell(&s, d->primal);
    take_down_region(&s, f->body);
    if (s.count == 0) {
        d->module->functions.count--;
        return NULL;
    }
    f->result = type_scalar(d->module, TYPE_VOID);
    region_terminator(f->body)->operand_count = 0;
    f->annotation_count = 0;
    f->is_static = f->distinct = true;
    f->is_inline = f->in_header = false;
    f->text = NULL;
    f->derivative_of = d->primal;
    f->comment = arena_printf(d->arena,
                              "Runs like %s, and adds to *decisions what its "
                              "derivatives' pattern depends on.",
                              d->primal->name);
    return f;
}

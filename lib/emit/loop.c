// loop.c - counted loops and while loops. What they carry is assigned before
// the loop and at the end of its body, where it does not already stand in the
// carried variable.
#include "emit/print.h"

// ---- Carried values ---------------------------------------------------------

static bool is_carried(const Printer *p, const Op *loop, uint32_t i) {
    return loop_carried_needed(p->plan, loop, i) &&
           !(op_note(p->plan, loop)->is_do && do_flag(p->plan, loop) == i);
}

static Variable *carried(const Printer *p, const Op *loop, uint32_t i) {
    return plan_variable(p->plan, loop_param(loop, 0, i));
}

static void print_initial(Printer *p, const Op *loop) {
    Copies copies = {0};
    for (uint32_t i = 0; i < loop_carried_count(loop); i++) {
        const Value *value = loop_initial(loop, i);
        if (!is_carried(p, loop, i))
            continue;
        Variable *variable = carried(p, loop, i);
        bool undefined = value->op && value->op->kind == OP_UNDEF;
        if (!undefined || !ptrmap_has(p->declared, variable))
            vec_push(p->arena, &copies, ((Copy){variable, value}));
    }
    print_copies(p, &copies);
}

static void print_loop_body(Printer *p, const Op *loop, Block *block) {
    Copies copies = {0};
    Block *outer = p->block;
    print_region(p, loop->regions[loop->region_count - 1], block);
    p->block = block;
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        if (is_carried(p, loop, i))
            vec_push(
                p->arena, &copies,
                ((Copy){carried(p, loop, i), loop_yield(loop)->operands[i]}));
    print_copies(p, &copies);
    p->block = outer;
}

// ---- While ------------------------------------------------------------------

static const char *condition_text(Printer *p, const Value *value,
                                  bool negated) {
    Text t;
    text_init(&t, p->arena);
    if (negated)
        print_not(p, &t, value, PREC_ANY);
    else
        print_condition(p, &t, value, PREC_ANY);
    return t.chars;
}

static void print_test(Printer *p, const Op *loop, Block *body) {
    const Region *region = loop->regions[WHILE_CONDITION];
    Block *outer = p->block;
    print_region(p, region, body);
    p->block = body;
    Stmt *test = add_statement(
        p, STMT_IF, condition_text(p, region->last->operands[0], true));
    p->block = &test->body;
    add_line(p, "break;");
    p->block = outer;
}

static void print_while(Printer *p, const Op *loop) {
    const OpNote *note = op_note(p->plan, loop);
    const Value *condition = loop->regions[WHILE_CONDITION]->last->operands[0];
    Block body = {0};
    StmtKind kind = note->is_do ? STMT_DO : STMT_LOOP;
    const char *head = "for (;;)";
    if (note->is_do)
        condition = loop_yield(loop)->operands[do_flag(p->plan, loop)];
    else if (note->is_simple)
        head = arena_printf(p->arena, "while (%s)",
                            condition_text(p, condition, false));
    else
        print_test(p, loop, &body);
    print_loop_body(p, loop, &body);
    if (note->is_do)
        head = condition_text(p, condition, false);
    add_statement(p, kind, head)->body = body;
}

// ---- For --------------------------------------------------------------------

typedef struct Head {
    const char *type, *index;       // "int", "i"
    const char *begin, *end, *step; // as assigned
    const char *below, *above;      // begin and end beside a comparison
    const char *compare;
} Head;

// One side of the comparison, whose other side is the index.
static const char *bound_text(Printer *p, const Value *bound) {
    Text t;
    text_init(&t, p->arena);
    const Op *op = inline_op(p, bound);
    if (op && op->kind == OP_CONST)
        print_constant(p, &t, op, PREC_SHIFT, true);
    else
        print_value(p, &t, bound, PREC_SHIFT);
    return t.chars;
}

static Head head_of(Printer *p, const Op *loop) {
    const Value *index = loop->regions[0]->params[0];
    Text type;
    text_init(&type, p->arena);
    print_declarator(&type, type_plain(&p->plan->types, index->type), "", NULL);
    return (Head){
        .type = type.chars,
        .index = variable_name(p, index),
        .begin = assigned_text(p, loop->operands[FOR_BEGIN]),
        .end = assigned_text(p, loop->operands[FOR_END]),
        .step = value_text(p, loop->operands[FOR_STEP], PREC_UNARY),
        .below = bound_text(p, loop->operands[FOR_BEGIN]),
        .above = bound_text(p, loop->operands[FOR_END]),
        .compare = op_info(loop->as.loop.compare)->symbol,
    };
}

static const char *plain_head(Printer *p, const Op *loop, const Head *h) {
    int64_t step = loop_step(loop);
    const char *move =
        step == 1    ? arena_printf(p->arena, "%s++", h->index)
        : step == -1 ? arena_printf(p->arena, "%s--", h->index)
        : step < 0 && step > INT32_MIN
            ? arena_printf(p->arena, "%s -= %lld", h->index, (long long)-step)
        : step > 0
            ? arena_printf(p->arena, "%s += %lld", h->index, (long long)step)
            : arena_printf(p->arena, "%s += %s", h->index, h->step);
    return arena_printf(p->arena, "for (%s %s = %s; %s %s %s; %s)", h->type,
                        h->index, h->begin, h->index, h->compare, h->above,
                        move);
}

// `end - 1`, or the number where end is one.
static const char *beside_end(Printer *p, const Op *loop, int64_t by) {
    const Value *end = loop->operands[FOR_END];
    const Op *op = inline_op(p, end);
    int64_t number;
    if (value_is_integer(end, &number) && !op->as.constant.spelling)
        return arena_printf(p->arena, "%lld", (long long)(number + by));
    if (by == 0)
        return assigned_text(p, end);
    return arena_printf(p->arena, by < 0 ? "%s - 1" : "%s + 1",
                        value_text(p, end, PREC_SUM));
}

// Exact for begin >= end, where there is no iteration.
static const char *reversed_head(Printer *p, const Op *loop, const Head *h,
                                 LoopForm form) {
    OpKind compare = loop->as.loop.compare;
    bool closed = compare == OP_LE || compare == OP_GE;
    Arena *arena = p->arena;
    if (form == LOOP_DOWN)
        return arena_printf(arena, "for (%s %s = %s; %s >= %s; %s--)", h->type,
                            h->index, beside_end(p, loop, closed ? 0 : -1),
                            h->index, h->below, h->index);
    if (form == LOOP_UP)
        return arena_printf(arena, "for (%s %s = %s; %s <= %s; %s++)", h->type,
                            h->index, beside_end(p, loop, closed ? 0 : 1),
                            h->index, h->below, h->index);
    bool down = form == LOOP_DOWN_UNSIGNED;
    const char *start = beside_end(p, loop, !closed ? 0 : down ? 1 : -1);
    const char *test = compare == OP_NE ? "!=" : down ? ">" : "<";
    return arena_printf(arena, "for (%s %s = %s; %s%s %s %s;)", h->type,
                        h->index, start, h->index, down ? "--" : "++", test,
                        h->below);
}

// The number of steps from begin to end, which comes out even. An unsigned
// step may stand for a negative one: then it is larger than its opposite.
static const char *distance_text(Printer *p, const Op *loop, const char *begin,
                                 const char *end, const char *stride) {
    int64_t step = loop_step(loop);
    const char *up =
        arena_printf(p->arena, "(%s - %s) / %s", end, begin, stride);
    const char *down = arena_printf(p->arena, "(%s - %s) / %s%s", begin, end,
                                    step ? "" : "-", stride);
    if (step || type_is_signed(loop->operands[FOR_STEP]->type))
        return step < 0 ? down : up;
    return arena_printf(p->arena, "%s > -%s ? %s : %s", stride, stride, down,
                        up);
}

// How many iterations there are. begin, end and step are names or numbers.
static const char *count_text(Printer *p, const Op *loop, const Head *h) {
    OpKind compare = loop->as.loop.compare;
    bool down = compare == OP_GT || compare == OP_GE;
    const char *low = value_text(p, loop->operands[FOR_BEGIN], PREC_PRODUCT);
    const char *high = value_text(p, loop->operands[FOR_END], PREC_PRODUCT);
    int64_t step = loop_step(loop);
    const char *stride =
        step   ? arena_printf(p->arena, "%lld",
                              (long long)(step < 0 ? -step : step))
        : down ? arena_printf(p->arena, "-%s", h->step)
               : h->step;
    if (down) {
        const char *swap = low;
        low = high;
        high = swap;
    }
    if (compare == OP_NE)
        return distance_text(p, loop, low, high, stride);
    bool closed = compare == OP_LE || compare == OP_GE;
    const char *distance =
        value_is_zero(loop->operands[down ? FOR_END : FOR_BEGIN])
            ? high
            : arena_printf(p->arena, "%s - %s", high, low);
    if (closed && distance == high &&
        !type_is_signed(loop->operands[FOR_END]->type))
        return arena_printf(p->arena, "%s / %s + 1", high, stride);
    if (step == 1 || step == -1)
        return arena_printf(p->arena, "%s %s %s ? %s%s : 0", low,
                            closed ? "<=" : "<", high, distance,
                            closed ? " + 1" : "");
    return arena_printf(
        p->arena,
        closed && distance == high ? "%s %s %s ? %s%s / %s + 1 : 0"
                                   : "%s %s %s ? (%s%s) / %s + 1 : 0",
        low, closed ? "<=" : "<", high, distance, closed ? "" : " - 1", stride);
}

// The index, where the body asks for it: begin + k * step.
static void print_counted_index(Printer *p, const Op *loop, const Head *h,
                                const char *k) {
    const Value *begin = loop->operands[FOR_BEGIN];
    int64_t step = loop_step(loop);
    const char *offset =
        step == 1 || step == -1 ? k
        : step < 0 ? arena_printf(p->arena, "%s * %lld", k, (long long)-step)
        : step     ? arena_printf(p->arena, "%s * %lld", k, (long long)step)
                   : arena_printf(p->arena, "%s * %s", k, h->step);
    Stmt *line = value_is_zero(begin) && step >= 0
                     ? add_line(p, "%s %s = %s;", h->type, h->index, offset)
                     : add_line(p, "%s %s = %s %c %s;", h->type, h->index,
                                value_text(p, begin, PREC_SUM),
                                step < 0 ? '-' : '+', offset);
    line->declares = true;
}

static const char *counted_head(Printer *p, const Op *loop, const Head *h,
                                Block *body) {
    const char *k = plan_fresh_name(p->plan, "trip");
    const char *count = count_text(p, loop, h);
    Block *outer = p->block;
    p->block = body;
    if (value_note(p->plan, loop->regions[0]->params[0])->prints)
        print_counted_index(p, loop, h, k);
    p->block = outer;
    return arena_printf(p->arena, "for (%s %s = %s; %s-- > 0;)", h->type, k,
                        count, k);
}

static void print_for(Printer *p, const Op *loop) {
    Block body = {0};
    Head h = head_of(p, loop);
    LoopForm form = loop_form(loop);
    const char *head = form == LOOP_PLAIN ? plain_head(p, loop, &h)
                       : form == LOOP_COUNTED
                           ? counted_head(p, loop, &h, &body)
                           : reversed_head(p, loop, &h, form);
    print_loop_body(p, loop, &body);
    add_statement(p, STMT_LOOP, head)->body = body;
}

void print_loop(Printer *p, const Op *loop) {
    print_initial(p, loop);
    declare_before(p, loop);
    if (loop->kind == OP_FOR)
        print_for(p, loop);
    else
        print_while(p, loop);
}

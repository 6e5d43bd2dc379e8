// choose.c - loops that only choose among values, as the search for the largest
// does:
//
//     for (i = 1; i < n; i++)           at = 0;
//         if (x[i] > most)              for (i = 1; i < n; i++)
//             most = x[i];                  if (x[i] > most) {
//                                               most = x[i];
//                                               at = i;
//                                           }
//                                       most = at != 0 ? x[at] : most before
//
// Then nothing in the loop carries a derivative, and it needs no mirror: the
// adjoint goes to the one element that was chosen, or to the value before. What
// is chosen must be there still behind the loop, and cheap to look up: it is
// loaded in the loop, or stored. Where the first of the largest is chosen, the
// loop stays as it is, and another one, which compilers vectorise, looks for
// it.
#include "differentiate/derive.h"

enum { MOST_LOOKED_UP = 12, FAR = 1 << 30 };

typedef struct Choice {
    Derive *d;
    Op *loop;
    uint32_t slot;
    Op *op;         // if, select, fmax or fmin that makes the next value
    Value *chosen;  // the value that it may take
    uint32_t taken; // of an if and select: the branch or operand that takes it
    Op *stored;     // where the value is looked up, if not computed again
    int left;       // operations that may still be copied
    bool search;    // all of them are cheap, of memory that is only read
} Choice;

// ---- Whether it is one ------------------------------------------------------

static bool is_compare(OpKind kind) {
    return kind == OP_LT || kind == OP_LE || kind == OP_GT || kind == OP_GE ||
           kind == OP_EQ || kind == OP_NE;
}

// One of two is the value before, the other one becomes what is chosen.
static bool one_keeps(Choice *c, Value *first, Value *second) {
    const Value *before = loop_param(c->loop, c->slot);
    if ((first == before) == (second == before))
        return false;
    c->taken = first == before;
    c->chosen = c->taken ? second : first;
    return true;
}

static bool find_choice(Choice *c) {
    Value *next = loop_next(c->loop, c->slot);
    Op *op = next->op;
    if (!op || op->parent != loop_body(c->loop))
        return false;
    c->op = op;
    if (op->kind == OP_IF)
        return one_keeps(
            c, region_terminator(op->regions[IF_THEN])->operands[next->index],
            region_terminator(op->regions[IF_ELSE])->operands[next->index]);
    if (op->kind == OP_SELECT)
        return one_keeps(c, op->operands[1], op->operands[2]);
    return op->kind == OP_MATH &&
           (op->as.math == MATH_fmax || op->as.math == MATH_fmin) &&
           one_keeps(c, op->operands[0], op->operands[1]);
}

typedef struct Uses {
    const Choice *choice;
    bool others;
} Uses;

static void look_at_uses(Op *op, void *context) {
    Uses *u = context;
    const Choice *c = u->choice;
    bool keeps = op == c->op || (c->op->kind == OP_IF && op->kind == OP_YIELD &&
                                 op->parent->parent == c->op);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (op->operands[i] == loop_param(c->loop, c->slot) && !keeps &&
            !is_compare(op->kind))
            u->others = true;
}

// The value before is compared, and kept in its own slot, but nothing else.
static bool only_compared(const Choice *c) {
    Uses u = {.choice = c};
    const Op *end = region_terminator(loop_body(c->loop));
    walk_ops(loop_body(c->loop), look_at_uses, &u);
    for (uint32_t i = 0; i < end->operand_count; i++)
        u.others |=
            i != c->slot && end->operands[i] == loop_next(c->loop, c->slot);
    if (c->op->kind == OP_IF)
        for (uint32_t r = 0; r < 2; r++) {
            const Op *yield = region_terminator(c->op->regions[r]);
            for (uint32_t i = 0; i < yield->operand_count; i++)
                u.others |= i != loop_next(c->loop, c->slot)->index &&
                            yield->operands[i] == loop_param(c->loop, c->slot);
        }
    return !u.others;
}

typedef struct Writes {
    const Choice *choice;
    const Value *address;
    const Op *but;
    bool clash;
} Writes;

static void look_at_write(Op *op, void *context) {
    Writes *w = context;
    const MemoryInfo *memory = w->choice->d->memory;
    if (op == w->but || op->region_count ||
        !(op_info(op->kind)->flags & OPF_WRITES))
        return;
    if (op->kind == OP_STORE)
        w->clash |= !memory_apart(memory, op->operands[0], w->address);
    else
        w->clash |= memory_op_may_write(memory, op, w->address);
}

// Whether an iteration may write what is there, in this one or another.
static bool is_written(const Choice *c, const Value *address, const Op *but) {
    Writes w = {c, address, but, false};
    if (memory_address_changes_unseen(c->d->memory, address))
        return true;
    walk_ops(loop_body(c->loop), look_at_write, &w);
    return w.clash;
}

static bool is_overwritten(const Choice *c, const Value *address) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(c->d->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (memory_object_overwritten(c->d->memory, objects[i]))
            return true;
    return false;
}

static bool can_do_again(Choice *c, const Op *op) {
    if (!op || op->region_count || op->result_count != 1 || c->left-- <= 0)
        return false;
    c->search &= op->kind != OP_MATH;
    if (op->kind == OP_LOAD)
        c->search &= !is_overwritten(c, op->operands[0]);
    return op->kind == OP_LOAD ? !is_written(c, op->operands[0], NULL)
                               : op_info(op->kind)->flags & OPF_PURE;
}

// Whether the value can be had again behind the loop, given the index.
static bool can_compute(Choice *c, const Value *value) {
    if (loop_is_invariant(c->loop, value) || value == loop_index(c->loop))
        return true;
    if (!can_do_again(c, value->op))
        return false;
    for (uint32_t i = 0; i < value->op->operand_count; i++)
        if (!can_compute(c, value->op->operands[i]))
            return false;
    return true;
}

// Whether every iteration leaves the value in an element of its own.
static bool find_stored(Choice *c) {
    for (Op *op = loop_body(c->loop)->first; op; op = op->next) {
        const Value *address = op->operand_count ? op->operands[0] : NULL;
        if (op->kind == OP_STORE && op->operands[1] == c->chosen &&
            section_is_own(c->loop, &address, 1) &&
            !is_written(c, address, op) && can_compute(c, address)) {
            c->stored = op;
            return true;
        }
    }
    return false;
}

static bool can_look_up(Choice *c) {
    Choice again = *c;
    again.search = true;
    if (can_compute(&again, c->chosen)) {
        *c = again;
        return true;
    }
    return find_stored(c);
}

// ---- Doing it ---------------------------------------------------------------

static Value *compute(const Choice *c, Builder *b, Value *value, Value *index) {
    if (value == loop_index(c->loop))
        return index;
    if (loop_is_invariant(c->loop, value))
        return value;
    const Op *op = value->op;
    Op *copy = op_create(b->function, op->kind, op->operand_count, 1, 0);
    copy->as = op->as;
    for (uint32_t i = 0; i < op->operand_count; i++)
        copy->operands[i] = compute(c, b, op->operands[i], index);
    op_set_result(copy, b->function, 0, value->type, value->name);
    builder_insert(b, copy);
    copy->origin = op->origin;
    return copy->results[0];
}

static Value *look_up(const Choice *c, Builder *b, Value *index) {
    if (!c->stored)
        return compute(c, b, c->chosen, index);
    return build_load(b, compute(c, b, c->stored->operands[0], index));
}

// Whether this iteration takes the value, for a choice that is no if.
static Value *build_taken(const Choice *c, Builder *b, Value *at, Value *kept) {
    Op *op = c->op;
    Value *first = op->operands[0];
    // As the derivative's rule has it: the first operand, where it is equal.
    if (op->kind == OP_MATH)
        first = build_binary(b, OP_EQ, op->results[0], first);
    return build_select(b, first, c->taken ? kept : at, c->taken ? at : kept);
}

// The number before the first one, if there is such a number.
static bool number_before(const Op *loop, int64_t *number) {
    int64_t begin, step;
    TypeKind kind = loop_index(loop)->type->kind;
    if ((kind != TYPE_INT && kind != TYPE_LONG && kind != TYPE_LLONG) ||
        !value_is_integer(loop->operands[FOR_BEGIN], &begin) ||
        !loop_constant_step(loop, &step) || begin > FAR || begin < -FAR ||
        step > FAR || step < -FAR)
        return false;
    *number = begin - step;
    return true;
}

static const char *place_name(const Choice *c) {
    const char *name = loop_param(c->loop, c->slot)->name;
    return name ? arena_printf(c->d->module->arena, "%s_at", name)
                : "chosen_at";
}

// The loop carries where the value was taken: the index, or, where no number
// can stand for nowhere, the one behind. Answers whether something was taken.
static Value *carry_place(Choice *c, Builder *behind, Value **place) {
    Op *loop = c->loop;
    Region *body = loop_body(loop);
    Value *index = loop_index(loop), *step = loop->operands[FOR_STEP], *kept;
    const char *name = place_name(c);
    int64_t none;
    bool plain = number_before(loop, &none);
    Builder ahead = builder_before(loop);
    Value *nowhere = plain ? build_int(&ahead, index->type, none)
                           : loop->operands[FOR_BEGIN];
    op_append_operand(loop, nowhere);
    kept = region_append_param(body, index->type, name);
    Value *next;
    if (c->op->kind == OP_IF) {
        for (uint32_t r = 0; r < 2; r++) {
            Op *yield = region_terminator(c->op->regions[r]);
            Builder b = builder_before(yield);
            Value *at = index;
            if (r == c->taken && !plain)
                at = build_binary(&b, OP_ADD, index, step);
            op_append_operand(yield, r == c->taken ? at : kept);
        }
        next = op_append_result(c->op, index->type, name);
    } else {
        Builder b = builder_before(c->op->next);
        Value *at = plain ? index : build_binary(&b, OP_ADD, index, step);
        next = build_taken(c, &b, at, kept);
    }
    op_append_operand(region_terminator(body), next);
    Value *last = op_append_result(loop, index->type, name);
    *place = last;
    Value *any = build_binary(behind, OP_NE, last, nowhere);
    if (!plain)
        *place = build_binary(behind, OP_SUB, last, step);
    return any;
}

// Whether the first of the largest, or smallest, values is chosen, and a place
// behind all others is known.
static bool is_first_of_largest(const Choice *c) {
    int64_t step;
    const Value *before = loop_param(c->loop, c->slot);
    const Op *op = c->op, *test;
    if (op->kind == OP_MATH || !c->search ||
        c->loop->as.loop.compare != OP_LT ||
        !loop_constant_step(c->loop, &step) || step < 1)
        return false;
    test = op->operands[0]->op;
    if (!test || c->taken || (test->kind != OP_LT && test->kind != OP_GT))
        return false;
    const Value *left = test->operands[0], *right = test->operands[1];
    return (left == c->chosen && right == before) ||
           (left == before && right == c->chosen);
}

// The first index with the value that the loop came to, there being one.
static Value *search(const Choice *c, Builder *b, Value *result) {
    Op *loop = c->loop;
    Value *end = loop->operands[FOR_END];
    Op *walk =
        build_for(b, loop->operands[FOR_BEGIN], end, loop->operands[FOR_STEP],
                  OP_LT, &end, 1, loop_index(loop)->name);
    Builder inner = builder_at_end(loop_body(walk));
    inner.origin = b->origin;
    Value *index = loop_index(walk), *before = loop_param(walk, 0);
    Value *same =
        build_binary(&inner, OP_EQ, look_up(c, &inner, index), result);
    Value *here = build_select(&inner, same, index, end);
    Value *less = build_binary(&inner, OP_LT, here, before);
    Value *next = build_select(&inner, less, here, before);
    build_yield(&inner, &next, 1);
    walk->results[0]->name = before->name = place_name(c);
    return walk->results[0];
}

// The same comparison, of what the loop came to with what it began with.
static Value *build_better(const Choice *c, Builder *b, Value *result) {
    const Op *test = c->op->operands[0]->op;
    Value *initial = loop_initial(c->loop, c->slot);
    bool swapped = test->operands[0] != c->chosen;
    return build_binary(b, test->kind, swapped ? initial : result,
                        swapped ? result : initial);
}

// Uses of the loop's result behind the branch become uses of the branch's.
static void replace_result(const Choice *c, Value *result, Op *branch) {
    ValueMap map;
    valuemap_init(&map, c->d->arena, c->d->function);
    valuemap_set(&map, result, branch->results[0]);
    for (Op *op = branch->next; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = valuemap_apply(&map, op->operands[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            remap_region(op->regions[r], &map);
    }
}

static void rewrite(Choice *c) {
    Value *result = c->loop->results[c->slot], *place, *any;
    Value *initial = loop_initial(c->loop, c->slot);
    Builder behind = builder_before(c->loop->next);
    behind.origin = c->op->origin;
    if (is_first_of_largest(c)) {
        place = search(c, &behind, result);
        any = build_better(c, &behind, result);
    } else {
        any = carry_place(c, &behind, &place);
    }
    Op *branch = build_if(&behind, any);
    Builder then = builder_at_end(branch->regions[IF_THEN]);
    Builder other = builder_at_end(branch->regions[IF_ELSE]);
    then.origin = other.origin = c->op->origin;
    Value *found = look_up(c, &then, place);
    build_yield(&then, &found, 1);
    build_yield(&other, &initial, 1);
    op_append_result(branch, result->type, result->name);
    replace_result(c, result, branch);
}

static bool rewrite_slot(Derive *d, Op *loop, uint32_t slot) {
    Choice c = {.d = d, .loop = loop, .slot = slot, .left = MOST_LOOKED_UP};
    if (!derive_is_active(d, loop->results[slot]) || !find_choice(&c) ||
        !only_compared(&c) || !can_look_up(&c))
        return false;
    rewrite(&c);
    return true;
}

typedef struct Loops {
    Derive *d;
    bool changed;
} Loops;

static void look_at_loop(Op *op, void *context) {
    Loops *l = context;
    if (op->kind != OP_FOR || op->as.loop.reversed || op->as.loop.info)
        return;
    for (uint32_t i = loop_carried_count(op); i-- > 0;)
        l->changed |= rewrite_slot(l->d, op, i);
}

bool choose_where(Derive *d) {
    Loops l = {.d = d};
    walk_ops(d->function->body, look_at_loop, &l);
    return l.changed;
}

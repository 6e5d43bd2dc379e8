// swap.c - pointers that a checkpointed loop carries, as numbers. Steps that
// swap two arrays pass pointers on; restoring a state would have to restore the
// derivative pointers that belong to them, too. So a carried pointer becomes
// the number of one of the few pointers from outside that it can be, and each
// step chooses by that number.
#include "differentiate/derive.h"

enum { MOST_POINTERS = 8 };

typedef struct Swap {
    Derive *d;
    Op *loop;
    Value *bases[MOST_POINTERS]; // the pointers from outside
    uint32_t count;
    const Type *number;
} Swap;

static bool is_pointer_slot(const Swap *s, uint32_t i) {
    return type_is_pointer(loop_param(s->loop, i)->type);
}

// The number of a pointer from outside; -1 where there are too many.
static int base_number(Swap *s, Value *pointer) {
    for (uint32_t i = 0; i < s->count; i++)
        if (s->bases[i] == pointer)
            return (int)i;
    if (s->count == MOST_POINTERS)
        return -1;
    s->bases[s->count] = pointer;
    return (int)s->count++;
}

// The slot whose pointer the value is; -1 for others.
static int slot_of(const Swap *s, const Value *value) {
    for (uint32_t i = 0; i < loop_carried_count(s->loop); i++)
        if (loop_param(s->loop, i) == value)
            return (int)i;
    return -1;
}

// Steps pass on what they were given, or pointers from outside.
static bool find_bases(Swap *s) {
    for (uint32_t i = 0; i < loop_carried_count(s->loop); i++) {
        Value *next = loop_next(s->loop, i);
        if (!is_pointer_slot(s, i))
            continue;
        if (base_number(s, loop_initial(s->loop, i)) < 0)
            return false;
        if (slot_of(s, next) < 0 &&
            (!loop_is_invariant(s->loop, next) || base_number(s, next) < 0))
            return false;
    }
    return true;
}

static Value *choose(const Swap *s, Builder *b, Value *number,
                     const Value *like) {
    Value *chosen = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        if (!type_equal(s->bases[i]->type, like->type))
            continue;
        Value *base = build_cast(b, like->type, s->bases[i]);
        chosen = chosen ? build_select(b,
                                       build_binary(b, OP_EQ, number,
                                                    build_int(b, s->number, i)),
                                       base, chosen)
                        : base;
    }
    chosen->name = like->name;
    return chosen;
}

// The parameter of one region becomes a number, by which its users choose.
static void number_param(Swap *s, Region *region, uint32_t position) {
    Value *param = region->params[position];
    Builder b = builder_before(region->first);
    Value like = *param;
    param->type = s->number;
    ValueMap map;
    Value *chosen = choose(s, &b, param, &like);
    valuemap_init(&map, s->d->arena, s->d->function);
    valuemap_set(&map, param, chosen);
    param->name =
        like.name ? arena_printf(s->d->arena, "which_%s", like.name) : "which";
    Op *first = b.before, *yield = region_terminator(region);
    Vec(Value *) passed = {0};
    for (uint32_t i = 0; i < yield->operand_count; i++)
        vec_push(s->d->arena, &passed, yield->operands[i]);
    for (Op *op = first; op; op = op->next) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = valuemap_apply(&map, op->operands[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            remap_region(op->regions[r], &map);
    }
    // What the step passes on is the number itself.
    for (uint32_t i = 0; i < yield->operand_count; i++)
        if (passed.items[i] == param)
            yield->operands[i] = param;
}

static void number_slot(Swap *s, uint32_t i) {
    Op *loop = s->loop;
    bool counted = loop->kind == OP_FOR;
    uint32_t operand = (counted ? FOR_FIRST_INITIAL : 0) + i;
    Builder before = builder_before(loop), after = builder_after(loop);
    int initial = base_number(s, loop->operands[operand]);
    loop->operands[operand] = build_int(&before, s->number, initial);
    for (uint32_t r = 0; r < loop->region_count; r++)
        number_param(s, loop->regions[r], i + counted);
    Value *result = loop->results[i];
    Value like = *result;
    result->type = s->number;
    Value *chosen = choose(s, &after, result, &like);
    ValueMap map;
    valuemap_init(&map, s->d->arena, s->d->function);
    valuemap_set(&map, result, chosen);
    for (Op *op = after.before; op; op = op->next) {
        for (uint32_t k = 0; k < op->operand_count; k++)
            op->operands[k] = valuemap_apply(&map, op->operands[k]);
        for (uint32_t r = 0; r < op->region_count; r++)
            remap_region(op->regions[r], &map);
    }
}

bool swap_number_pointers(Derive *d, Op *loop) {
    Swap s = {.d = d, .loop = loop, .number = type_scalar(d->module, TYPE_INT)};
    if (!find_bases(&s))
        return false;
    // What is passed on is looked up before any slot changes its type.
    Op *yield = region_terminator(loop_body(loop));
    for (uint32_t i = 0; i < loop_carried_count(loop); i++) {
        Value *next = loop_next(loop, i);
        if (!is_pointer_slot(&s, i) || slot_of(&s, next) >= 0)
            continue;
        Builder b = builder_before(yield);
        yield->operands[i] = build_int(&b, s.number, base_number(&s, next));
    }
    for (uint32_t i = 0; i < loop_carried_count(loop); i++)
        if (is_pointer_slot(&s, i))
            number_slot(&s, i);
    return true;
}

// memory_address.c - comparing addresses: by the objects they point into, by
// the types accessed (strict aliasing, unions apart), and by the indices of
// addresses that share a base, as linear forms. Reads: IR and points-to sets.
// Answers: memory_may_alias, memory_must_alias, values_equal.
#include "analysis/memory_internal.h"

#include <string.h>

// ---- Equal expressions ------------------------------------------------------

enum { EQUAL_DEPTH = 6 };

static bool same_constant(const Op *a, const Op *b) {
    return a->as.constant.integer == b->as.constant.integer &&
           memcmp(&a->as.constant.real, &b->as.constant.real,
                  sizeof(double)) == 0 && // tells -0.0 from 0.0
           memcmp(&a->as.constant.imaginary, &b->as.constant.imaginary,
                  sizeof(double)) == 0 &&
           string_equal(a->as.constant.spelling, b->as.constant.spelling);
}

static bool same_attributes(const Op *a, const Op *b) {
    if (a->kind == OP_CONST)
        return same_constant(a, b);
    if (a->kind == OP_STRING)
        return string_equal(a->as.text, b->as.text);
    return memcmp(&a->as, &b->as, sizeof a->as) == 0; // zero where unused
}

static bool equal_to_depth(const Value *a, const Value *b, int depth,
                           bool loads) {
    if (a == b)
        return true;
    if (!a->op || !b->op || depth == 0 || a->op->kind != b->op->kind ||
        a->op->kind == OP_UNDEF ||
        !((op_info(a->op->kind)->flags & OPF_PURE) ||
          (loads && a->op->kind == OP_LOAD)) ||
        a->index != b->index || !type_equal(a->type, b->type) ||
        a->op->operand_count != b->op->operand_count ||
        !same_attributes(a->op, b->op))
        return false;
    for (uint32_t i = 0; i < a->op->operand_count; i++)
        if (!equal_to_depth(a->op->operands[i], b->op->operands[i], depth - 1,
                            loads))
            return false;
    return true;
}

bool values_equal(const Value *a, const Value *b) {
    return equal_to_depth(a, b, EQUAL_DEPTH, false);
}

bool memory_loads_equal(const Value *a, const Value *b) {
    return equal_to_depth(a, b, EQUAL_DEPTH, true);
}

// ---- Linear forms -----------------------------------------------------------

// False where the terms do not fit.
static bool add_term(Linear *linear, const Value *value, int64_t factor) {
    for (uint32_t i = 0; i < linear->count; i++) {
        Term *term = &linear->terms[i];
        if (!values_equal(term->value, value))
            continue;
        term->factor = (int64_t)((uint64_t)term->factor + (uint64_t)factor);
        if (term->factor == 0)
            *term = linear->terms[--linear->count];
        return true;
    }
    if (linear->count == LINEAR_TERMS)
        return false;
    linear->terms[linear->count++] = (Term){value, factor};
    return true;
}

static unsigned width_of(const Type *type) {
    return (type_integer_bits(type) + 7) / 8;
}

// Whether arithmetic in the type is linear once widened to 64 bits: signed
// types do not overflow in C, the widest wrap as the linear form does.
static bool is_linear_type(const Type *type) {
    return type_is_integer(type) &&
           (type_is_signed(type) || width_of(type) == 8);
}

static bool add_linear(Linear *linear, const Value *value, int64_t factor,
                       int depth);

static bool add_product(Linear *linear, const Op *op, int64_t factor,
                        int depth) {
    int64_t constant;
    for (int i = 0; i < 2; i++)
        if (value_is_integer(op->operands[i], &constant))
            return add_linear(linear, op->operands[1 - i],
                              (int64_t)((uint64_t)factor * (uint64_t)constant),
                              depth);
    return add_term(linear, op->results[0], factor);
}

static bool add_linear(Linear *linear, const Value *value, int64_t factor,
                       int depth) {
    const Op *op = value->op;
    int64_t constant;
    if (value_is_integer(value, &constant)) {
        linear->constant = (int64_t)((uint64_t)linear->constant +
                                     (uint64_t)factor * (uint64_t)constant);
        return true;
    }
    if (!op || depth == 0)
        return add_term(linear, value, factor);
    if (op->kind == OP_CAST && type_is_integer(op->operands[0]->type) &&
        width_of(op->operands[0]->type) <= width_of(value->type) &&
        value->type->kind != TYPE_BOOL)
        return is_linear_type(op->operands[0]->type)
                   ? add_linear(linear, op->operands[0], factor, depth - 1)
                   : add_term(linear, op->operands[0], factor);
    if (!is_linear_type(value->type))
        return add_term(linear, value, factor);
    int64_t minus = (int64_t)(0 - (uint64_t)factor);
    if (op->kind == OP_ADD || op->kind == OP_SUB)
        return add_linear(linear, op->operands[0], factor, depth - 1) &&
               add_linear(linear, op->operands[1],
                          op->kind == OP_ADD ? factor : minus, depth - 1);
    if (op->kind == OP_NEG)
        return add_linear(linear, op->operands[0], minus, depth - 1);
    if (op->kind == OP_MUL)
        return add_product(linear, op, factor, depth - 1);
    return add_term(linear, value, factor);
}

Linear linear_of(const Value *value) {
    Linear linear = {0};
    if (add_linear(&linear, value, 1, 12))
        return linear;
    return (Linear){.terms = {{value, 1}}, .count = 1};
}

bool linear_add(Linear *sum, const Linear *more, int64_t factor) {
    sum->constant = (int64_t)((uint64_t)sum->constant +
                              (uint64_t)factor * (uint64_t)more->constant);
    for (uint32_t i = 0; i < more->count; i++)
        if (!add_term(
                sum, more->terms[i].value,
                (int64_t)((uint64_t)factor * (uint64_t)more->terms[i].factor)))
            return false;
    return true;
}

bool linear_subtract(const Linear *a, const Linear *b, Linear *difference) {
    *difference = *a;
    return linear_add(difference, b, -1);
}

// ---- Addresses --------------------------------------------------------------

static bool is_step(const Op *op) {
    return op && (op->kind == OP_INDEX || op->kind == OP_ELEM ||
                  op->kind == OP_FIELD ||
                  (op->kind == OP_CAST && op->operand_count == 1 &&
                   type_is_pointer(op->operands[0]->type) &&
                   type_equal(op->operands[0]->type, op->results[0]->type)));
}

static void push_index(Address *parts, OpKind kind, const Value *index) {
    Step *last = &parts->steps[parts->count - 1];
    Linear linear = linear_of(index);
    // An array that decays (elem a, 0) and is indexed, or p + i + j.
    if (kind == OP_INDEX && last->kind != OP_FIELD &&
        linear_add(&last->index, &linear, 1))
        return;
    Step step = {.kind = kind, .index = linear};
    parts->steps[parts->count++] = step;
}

static void push_step(Address *parts, const Op *op) {
    if (op->kind == OP_FIELD) {
        const Record *record = op->operands[0]->type->element->record;
        Step step = {.kind = OP_FIELD,
                     .field = op->as.field,
                     .in_union = record->is_union};
        parts->steps[parts->count++] = step;
    } else if (op->kind != OP_CAST) {
        push_index(parts, op->kind, op->operands[1]);
    }
}

void memory_decompose(const Value *address, Address *parts) {
    const Op *chain[ADDRESS_STEPS - 1];
    uint32_t count = 0;
    while (is_step(address->op) && count < ADDRESS_STEPS - 1) {
        chain[count++] = address->op;
        address = address->op->operands[0];
    }
    parts->base = address;
    parts->count = 1;
    parts->steps[0] = (Step){.kind = OP_INDEX};
    while (count--)
        push_step(parts, chain[count]);
}

// ---- Dimensions -------------------------------------------------------------

// The index of a loop that counts up from zero or more to below a limit.
static const Op *loop_of_index(const Value *value) {
    const Op *loop = value->region ? value->region->parent : NULL;
    return loop && loop->kind == OP_FOR && value->index == 0 ? loop : NULL;
}

static const Value *strip_casts(const Value *value) {
    while (value->op && value->op->kind == OP_CAST &&
           type_is_integer(value->type) &&
           type_is_integer(value->op->operands[0]->type) &&
           width_of(value->op->operands[0]->type) <= width_of(value->type))
        value = value->op->operands[0];
    return value;
}

// x, where the value is the number of iterations x > 0 ? x : 0.
static const Value *positive_part(const Value *value) {
    const Op *op = strip_casts(value)->op;
    return op && op->kind == OP_SELECT && value_is_zero(op->operands[2])
               ? op->operands[1]
               : value;
}

// Whether begin + offset and all up to the end are from 0 to below the limit.
// There is such a number, so that a limit of x > 0 ? x : 0 is x.
static bool loop_stays_below(const Op *loop, int64_t offset, const Value *limit,
                             int64_t constant_limit) {
    int64_t begin, step, end;
    if (!value_is_integer(loop->operands[FOR_BEGIN], &begin) || begin < 0 ||
        begin + offset < 0 || !loop_constant_step(loop, &step) || step <= 0 ||
        (loop->as.loop.compare != OP_LT && loop->as.loop.compare != OP_LE))
        return false;
    if (loop->as.loop.compare == OP_LE)
        offset++;
    if (limit) {
        Linear bound = linear_of(loop->operands[FOR_END]);
        Linear other = linear_of(positive_part(limit)), distance;
        return linear_subtract(&bound, &other, &distance) &&
               distance.count == 0 && distance.constant + offset <= 0;
    }
    return value_is_integer(strip_casts(loop->operands[FOR_END]), &end) &&
           end + offset <= constant_limit;
}

// Whether 0 <= linear < limit (limit NULL: the constant).
static bool stays_below(const Linear *linear, const Value *limit,
                        int64_t constant_limit) {
    enum { FARTHEST = 1 << 20 };
    if (linear->count == 0)
        return linear->constant == 0 || (!limit && linear->constant > 0 &&
                                         linear->constant < constant_limit);
    const Op *loop = loop_of_index(linear->terms[0].value);
    return linear->count == 1 && linear->terms[0].factor == 1 && loop &&
           linear->constant > -FARTHEST && linear->constant < FARTHEST &&
           loop_stays_below(loop, linear->constant, limit, constant_limit);
}

// Moves whole multiples of the divisor to the quotient: (i - 1) * n.
static void move_multiples(Dimension *upper, Linear *rest) {
    for (uint32_t i = 0; i < rest->count; i++) {
        if (!values_equal(strip_casts(rest->terms[i].value),
                          strip_casts(upper->by_value)))
            continue;
        upper->index.constant += rest->terms[i].factor;
        rest->terms[i] = rest->terms[--rest->count];
        return;
    }
}

// Splits index into quotient and rest at its term t, where that is
// quotient * divisor and the rest stays within the divisor.
static bool split_at(const Linear *index, uint32_t t, Dimension *upper,
                     Linear *rest) {
    Term term = index->terms[t];
    *rest = *index;
    rest->terms[t] = rest->terms[--rest->count];
    const Op *op = term.value->op;
    if (term.factor > 1) {
        upper->by_value = NULL;
        upper->by_constant = term.factor;
        upper->index =
            (Linear){.terms = {{term.value, 1}}, .count = 1, .constant = 0};
        return stays_below(rest, NULL, term.factor);
    }
    if (term.factor != 1 || !op || op->kind != OP_MUL)
        return false;
    for (int i = 0; i < 2; i++) {
        upper->by_value = op->operands[i];
        upper->by_constant = 0;
        upper->index = linear_of(op->operands[1 - i]);
        Linear below = *rest;
        move_multiples(upper, &below);
        if (stays_below(&below, op->operands[i], 0)) {
            *rest = below;
            return true;
        }
    }
    return false;
}

static uint32_t split(const Step *step, Linear index, Dimension *dimensions,
                      int depth) {
    Dimension upper = {.step = step};
    Linear rest;
    for (uint32_t t = 0; depth && t < index.count; t++) {
        bool alone = index.count == 1 && index.constant == 0;
        if ((alone && index.terms[t].factor <= 1) ||
            !split_at(&index, t, &upper, &rest))
            continue;
        uint32_t count = split(step, upper.index, dimensions, depth - 1);
        dimensions[count - 1].by_value = upper.by_value;
        dimensions[count - 1].by_constant = upper.by_constant;
        dimensions[count] = (Dimension){.step = step, .index = rest};
        return count + 1;
    }
    dimensions[0] = (Dimension){.step = step, .index = index};
    return 1;
}

uint32_t memory_dimensions(const Address *address, Dimension *dimensions) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < address->count; i++) {
        const Step *step = &address->steps[i];
        int room = (int)(ADDRESS_DIMENSIONS - count - (address->count - i));
        int depth = room < 3 ? (room < 0 ? 0 : room) : 3;
        if (step->kind == OP_FIELD)
            dimensions[count++] = (Dimension){.step = step};
        else
            count += split(step, step->index, &dimensions[count], depth);
    }
    return count;
}

bool memory_same_division(const Dimension *a, const Dimension *b) {
    if (a->step->kind != b->step->kind || a->by_constant != b->by_constant)
        return false;
    if (!a->by_value || !b->by_value)
        return a->by_value == b->by_value;
    return values_equal(strip_casts(a->by_value), strip_casts(b->by_value));
}

// ---- Addresses of one base --------------------------------------------------

static Overlap compare_linear(const Linear *a, const Linear *b) {
    Linear difference;
    if (!linear_subtract(a, b, &difference) || difference.count)
        return OVERLAP_MAYBE;
    return difference.constant ? OVERLAP_NONE : OVERLAP_SAME;
}

// Two steps at one depth; FIELD steps of one record.
static Overlap compare_steps(const Step *a, const Step *b) {
    if (a->kind == OP_FIELD) {
        if (a->field == b->field)
            return OVERLAP_SAME;
        return a->in_union ? OVERLAP_MAYBE : OVERLAP_NONE;
    }
    Overlap overlap = compare_linear(&a->index, &b->index);
    if (overlap != OVERLAP_MAYBE)
        return overlap;
    Dimension x[ADDRESS_DIMENSIONS], y[ADDRESS_DIMENSIONS];
    uint32_t count = split(a, a->index, x, 3);
    if (count < 2 || split(b, b->index, y, 3) != count)
        return OVERLAP_MAYBE;
    for (uint32_t i = 0; i < count; i++)
        if (!memory_same_division(&x[i], &y[i]))
            return OVERLAP_MAYBE;
    for (uint32_t i = 0; i < count; i++)
        if (compare_linear(&x[i].index, &y[i].index) == OVERLAP_NONE)
            return OVERLAP_NONE;
    return OVERLAP_MAYBE;
}

Overlap memory_compare(const Address *a, const Address *b) {
    if (!values_equal(a->base, b->base))
        return OVERLAP_MAYBE;
    Overlap all = OVERLAP_SAME;
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        if (a->steps[i].kind != b->steps[i].kind)
            return OVERLAP_MAYBE;
        Overlap step = compare_steps(&a->steps[i], &b->steps[i]);
        if (step == OVERLAP_NONE)
            return OVERLAP_NONE;
        if (step == OVERLAP_MAYBE && a->steps[i].in_union)
            return OVERLAP_MAYBE;
        if (step == OVERLAP_MAYBE)
            all = OVERLAP_MAYBE;
    }
    return a->count == b->count ? all : OVERLAP_MAYBE;
}

// ---- Types ------------------------------------------------------------------

// The kinds of scalars inside, as bits; all bits for bytes.
static uint32_t kinds_in(const Type *type) {
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    if (memory_type_is_bytes(type))
        return UINT32_MAX;
    if (type->kind != TYPE_RECORD) {
        // Signed and unsigned of one width may stand for one another.
        TypeKind kind = type->kind == TYPE_USHORT   ? TYPE_SHORT
                        : type->kind == TYPE_UINT   ? TYPE_INT
                        : type->kind == TYPE_ULONG  ? TYPE_LONG
                        : type->kind == TYPE_ULLONG ? TYPE_LLONG
                                                    : type->kind;
        if (type_is_complex(type)) // may be read part by part
            kind = (TypeKind)(kind - (TYPE_CFLOAT - TYPE_FLOAT));
        return UINT32_C(1) << kind;
    }
    uint32_t kinds = 0;
    for (size_t i = 0; i < type->record->field_count; i++)
        kinds |= kinds_in(type->record->fields[i].type);
    return kinds;
}

static bool through_union(const Value *address) {
    for (; is_step(address->op); address = address->op->operands[0])
        if (address->op->kind == OP_FIELD &&
            address->op->operands[0]->type->element->record->is_union)
            return true;
    return false;
}

static bool types_overlap(const Value *a, const Type *type_a, const Value *b,
                          const Type *type_b) {
    if (!type_a || !type_b || type_equal(type_a, type_b))
        return true;
    return (kinds_in(type_a) & kinds_in(type_b)) || through_union(a) ||
           through_union(b);
}

// ---- Objects ----------------------------------------------------------------

static bool slots_overlap(Place a, const Type *type_a, Place b,
                          const Type *type_b) {
    if (a.slot == MEM_ANY_SLOT || b.slot == MEM_ANY_SLOT || !type_a || !type_b)
        return true;
    return a.slot < b.slot + memory_slot_count(type_b) &&
           b.slot < a.slot + memory_slot_count(type_a);
}

static bool objects_overlap(const MemoryInfo *info, Place a, const Type *type_a,
                            Place b, const Type *type_b) {
    const MemObject *x = memory_object(info, a.object);
    const MemObject *y = memory_object(info, b.object);
    if (x == y)
        return slots_overlap(a, type_a, b, type_b);
    if (x->kind != MEM_UNKNOWN && y->kind != MEM_UNKNOWN)
        return false;
    const MemObject *other = x->kind == MEM_UNKNOWN ? y : x;
    return other->escapes ||
           (other->kind != MEM_LOCAL && other->kind != MEM_HEAP);
}

bool memory_places_overlap(const MemoryInfo *info, const Value *a,
                           const Type *type_a, const Value *b,
                           const Type *type_b) {
    if (!types_overlap(a, type_a, b, type_b))
        return false;
    PlaceSet x = memory_places(info, a), y = memory_places(info, b);
    for (uint32_t i = 0; i < x.count; i++)
        for (uint32_t j = 0; j < y.count; j++)
            if (objects_overlap(info, x.items[i], type_a, y.items[j], type_b))
                return true;
    return false;
}

// ---- Pointers that a loop swaps ---------------------------------------------

enum { MOST_SWAPPED = 8 };

// The loop whose body has the value as a parameter that it carries, and which
// one; NULL for others.
static const Op *loop_carrying(const Value *value, uint32_t *slot) {
    const Op *loop = value->op ? NULL : value->region->parent;
    if (!loop || loop->kind == OP_IF || value->region != loop_body(loop) ||
        value == loop_index(loop))
        return NULL;
    *slot = value->index - (loop->kind == OP_FOR);
    return loop;
}

// The slots that these two exchange with others; false where something else
// comes in, or one goes to two places.
static bool find_cycle(const Op *loop, uint32_t *slots, uint32_t *count) {
    bool taken[MOST_SWAPPED] = {false};
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t from, k = 0;
        if (loop_carrying(loop_next(loop, slots[i]), &from) != loop)
            return false;
        while (k < *count && slots[k] != from)
            k++;
        if (k == MOST_SWAPPED || taken[k])
            return false;
        taken[k] = true;
        if (k == *count)
            slots[(*count)++] = from;
    }
    return true;
}

// Whether both are pointers that the iterations of one loop pass around among
// themselves, and that were apart before it: then they are in each iteration.
static bool are_swapped(const MemoryInfo *info, const Value *a,
                        const Value *b) {
    uint32_t slots[MOST_SWAPPED + 1], count = 2;
    const Op *loop = loop_carrying(a, &slots[0]);
    if (!loop || a == b || loop_carrying(b, &slots[1]) != loop ||
        !find_cycle(loop, slots, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (memory_places_overlap(info, loop_initial(loop, slots[i]), NULL,
                                      loop_initial(loop, slots[k]), NULL))
                return false;
    return true;
}

bool memory_apart(const MemoryInfo *info, const Value *a, const Value *b) {
    if (!memory_share_object(info, a, b))
        return true;
    Address x, y;
    memory_decompose(a, &x);
    memory_decompose(b, &y);
    return are_swapped(info, x.base, y.base);
}

bool memory_overlap(const MemoryInfo *info, const Value *a, const Type *type_a,
                    const Value *b, const Type *type_b) {
    if (a == b)
        return true;
    if (!memory_places_overlap(info, a, type_a, b, type_b))
        return false;
    Address x, y;
    memory_decompose(a, &x);
    memory_decompose(b, &y);
    if (are_swapped(info, x.base, y.base))
        return false;
    return !type_a || !type_b || memory_compare(&x, &y) != OVERLAP_NONE;
}

bool memory_may_alias(const MemoryInfo *info, const Value *a, const Value *b) {
    return memory_overlap(info, a, a->type->element, b, b->type->element);
}

bool memory_must_alias(const MemoryInfo *info, const Value *a, const Value *b) {
    (void)info;
    if (a == b)
        return true;
    Address x, y;
    memory_decompose(a, &x);
    memory_decompose(b, &y);
    return memory_compare(&x, &y) == OVERLAP_SAME;
}

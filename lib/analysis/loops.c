// loops.c - trip counts, and what a loop carries. Reads: IR. Changes nothing,
// but for the operations that loop_build_trip_count adds where it is told to.
#include "analysis/analysis.h"

bool loop_is_invariant(const Op *loop, const Value *value) {
    const Region *region = value_region(value);
    for (uint32_t r = 0; r < loop->region_count; r++)
        if (region_contains(loop->regions[r], region))
            return false;
    return true;
}

// ---- Trip counts ------------------------------------------------------------

// What LT and LE, GT and GE, NE have in common: the distance to go, and
// whether the end itself is visited.
typedef struct Span {
    bool up;       // counts upwards
    int64_t step;  // its size, positive
    bool included; // the end is visited
} Span;

bool loop_constant_step(const Op *loop, int64_t *step) {
    const Value *value = loop->operands[FOR_STEP];
    if (!value_is_integer(value, step))
        return false;
    TypeKind kind = value->type->kind; // 4294967295u leads down by one
    if (kind == TYPE_UINT)
        *step = (int32_t)(uint32_t)*step;
    else if (kind == TYPE_USHORT)
        *step = (int16_t)(uint16_t)*step;
    else if (kind == TYPE_UCHAR)
        *step = (int8_t)(uint8_t)*step;
    return *step != 0 && *step != INT64_MIN;
}

static bool follows(const Op *outermost, const Op *const *loops, uint32_t count,
                    const Value *value, uint32_t *first, int depth) {
    if (loop_is_invariant(outermost, value))
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (value == loop_index(loops[i])) {
            if (first && i < *first)
                *first = i;
            return true;
        }
    const Op *op = value->op;
    if (!op || depth == 0 || op->region_count ||
        !(op_info(op->kind)->flags & OPF_PURE) || op->kind == OP_MATH)
        return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!follows(outermost, loops, count, op->operands[i], first,
                     depth - 1))
            return false;
    return true;
}

bool loop_value_follows(const Op *outermost, const Op *const *loops,
                        uint32_t count, const Value *value, uint32_t *first) {
    enum { DEPTH = 12 };
    return follows(outermost, loops, count, value, first, DEPTH);
}

static bool find_span(const Op *loop, Span *span) {
    int64_t step;
    OpKind compare = loop->as.loop.compare;
    if (!loop_constant_step(loop, &step))
        return false;
    span->up = step > 0;
    span->step = step > 0 ? step : -step;
    span->included = compare == OP_LE || compare == OP_GE;
    bool upwards = compare == OP_LT || compare == OP_LE;
    return compare == OP_NE || upwards == span->up;
}

static bool goes_on(OpKind compare, bool is_unsigned, int64_t i, int64_t end) {
    uint64_t x = (uint64_t)i, y = (uint64_t)end;
    if (!is_unsigned) { // order-preserving map of signed to unsigned
        x ^= UINT64_C(1) << 63;
        y ^= UINT64_C(1) << 63;
    }
    if (compare == OP_LT)
        return x < y;
    if (compare == OP_LE)
        return x <= y;
    if (compare == OP_GT)
        return x > y;
    if (compare == OP_GE)
        return x >= y;
    return x != y;
}

bool loop_constant_trip_count(const Op *loop, int64_t *count) {
    int64_t begin, end;
    Span span;
    if (!value_is_integer(loop->operands[FOR_BEGIN], &begin) ||
        !value_is_integer(loop->operands[FOR_END], &end))
        return false;
    bool is_unsigned = !type_is_signed(loop->operands[FOR_BEGIN]->type);
    if (!goes_on(loop->as.loop.compare, is_unsigned, begin, end)) {
        *count = 0;
        return true;
    }
    if (!find_span(loop, &span))
        return false; // runs until the index wraps around
    uint64_t distance = span.up ? (uint64_t)end - (uint64_t)begin
                                : (uint64_t)begin - (uint64_t)end;
    uint64_t step = (uint64_t)span.step;
    uint64_t whole = distance / step;
    if (span.included || distance % step != 0)
        whole++;
    *count = (int64_t)whole;
    return whole <= INT64_MAX;
}

// (distance + step - 1) / step, or distance / step + 1 where the end counts.
static Value *divide_distance(Builder *b, Value *distance, const Span *span) {
    const Type *type = distance->type;
    int64_t extra = span->included ? span->step : span->step - 1;
    if (extra)
        distance = build_binary(b, OP_ADD, distance, build_int(b, type, extra));
    if (span->step != 1)
        distance =
            build_binary(b, OP_DIV, distance, build_int(b, type, span->step));
    return distance;
}

Value *loop_build_trip_count(Builder *b, const Op *loop) {
    const Type *type = type_scalar(b->function->module, TYPE_LONG);
    int64_t constant;
    Span span;
    if (loop_constant_trip_count(loop, &constant))
        return build_int(b, type, constant);
    Value *begin = loop->operands[FOR_BEGIN], *end = loop->operands[FOR_END];
    if (!find_span(loop, &span))
        BUG("trip count of a loop with a step that is no constant");
    bool from_zero = value_is_zero(begin) && span.up;
    Value *distance = build_cast(b, type, end);
    if (!from_zero) {
        Value *first = build_cast(b, type, begin);
        distance = span.up ? build_binary(b, OP_SUB, distance, first)
                           : build_binary(b, OP_SUB, first, distance);
    }
    Value *count = divide_distance(b, distance, &span);
    bool never_empty = loop->as.loop.compare == OP_NE ||
                       (from_zero && !span.included && span.step == 1 &&
                        !type_is_signed(begin->type));
    if (never_empty)
        return count;
    Value *runs = build_binary(b, loop->as.loop.compare, begin, end);
    return build_select(b, runs, count, build_int(b, type, 0));
}

// nest.c - loops that stand one in the other: in which order iterations reach
// an element, and how addresses move. Reads: IR, and addresses as linear forms
// (memory_address.c).
//
// Two iterations that reach the same element through one address differ in
// their indices such that the address does not: factor * difference, summed up
// over the indices, is zero. An index n * q + r whose r varies by less than n
// makes two such equations, one for q and one for r. An equation with a single
// index says that it is the same in both iterations.
#include "analysis/memory_internal.h"

enum { MOST_EQUATIONS = 16, MOST_SPLITS = 6, DEPTH = 12 };

typedef struct Equation {
    int64_t factors[NEST_LOOPS];
} Equation;

typedef struct Nest {
    const Op *const *loops;
    uint32_t count;
    Equation equations[MOST_EQUATIONS];
    uint32_t equation_count;
    bool same[NEST_LOOPS]; // in all iterations that reach one element
} Nest;

// ---- Equations --------------------------------------------------------------

static bool is_small(int64_t factor) {
    enum { LARGEST = 1 << 30 };
    return factor > -LARGEST && factor < LARGEST;
}

// Whether the sum of the factors' indices varies by less than the limit.
static bool varies_less(const Nest *n, const Equation *e, Linear limit) {
    limit.constant--;
    for (uint32_t i = 0; i < n->count; i++) {
        Linear first, last;
        int64_t size = e->factors[i] < 0 ? -e->factors[i] : e->factors[i];
        if (size == 0)
            continue;
        if (!loop_index_bound(n->loops[i], true, &first) ||
            !loop_index_bound(n->loops[i], false, &last) ||
            !linear_add(&limit, &last, -size) ||
            !linear_add(&limit, &first, size))
            return false;
    }
    return linear_never_negative(limit);
}

static bool push(Nest *n, const Equation *e) {
    if (n->equation_count == MOST_EQUATIONS)
        return false;
    n->equations[n->equation_count++] = *e;
    return true;
}

static int64_t largest_factor(const Nest *n, const Equation *e) {
    int64_t largest = 0;
    for (uint32_t i = 0; i < n->count; i++) {
        int64_t size = e->factors[i] < 0 ? -e->factors[i] : e->factors[i];
        if (size > largest)
            largest = size;
    }
    return largest;
}

// As one equation, or 100 * i + j as two.
static bool push_split(Nest *n, Equation e) {
    for (int split = 0; split < MOST_SPLITS; split++) {
        Equation upper = {{0}}, lower = {{0}};
        int64_t largest = largest_factor(n, &e);
        for (uint32_t i = 0; i < n->count; i++) {
            bool whole = largest && e.factors[i] % largest == 0;
            (whole ? &upper : &lower)->factors[i] = e.factors[i];
        }
        if (largest_factor(n, &lower) == 0 ||
            !varies_less(n, &lower, (Linear){.constant = largest}))
            break;
        if (!push(n, &upper))
            return false;
        e = lower;
    }
    return push(n, &e);
}

// The quotient and the divisor, which is the same all the time, of q * n.
static bool split_product(const Nest *n, const Value *product, Linear *quotient,
                          Linear *divisor) {
    const Op *op = product->op;
    if (!op || op->kind != OP_MUL)
        return false;
    for (int i = 0; i < 2; i++)
        if (loop_is_invariant(n->loops[0], op->operands[i])) {
            *divisor = linear_of(op->operands[i]);
            *quotient = linear_of(op->operands[1 - i]);
            return true;
        }
    return false;
}

// What the equality of the form in two iterations says of their indices.
static bool add_form(Nest *n, Linear form, int depth) {
    Equation e = {{0}};
    const Value *product = NULL;
    for (uint32_t i = 0; i < n->count; i++) {
        e.factors[i] = linear_take(&form, loop_index(n->loops[i]));
        if (!is_small(e.factors[i]))
            return false;
    }
    for (uint32_t i = 0; i < form.count; i++) {
        const Term *term = &form.terms[i];
        if (loop_is_invariant(n->loops[0], term->value))
            continue;
        if (product || (term->factor != 1 && term->factor != -1))
            return false;
        product = term->value;
    }
    if (!product)
        return push_split(n, e);
    Linear quotient, divisor;
    return depth > 0 && split_product(n, product, &quotient, &divisor) &&
           varies_less(n, &e, divisor) && push_split(n, e) &&
           add_form(n, quotient, depth - 1);
}

static bool add_address(Nest *n, const Value *address) {
    Address parts;
    memory_decompose(address, &parts);
    if (!loop_is_invariant(n->loops[0], parts.base))
        return false;
    for (uint32_t i = 0; i < parts.count; i++)
        if (parts.steps[i].kind != OP_FIELD &&
            !add_form(n, parts.steps[i].index, DEPTH))
            return false;
    return true;
}

// How many indices of the equation are not known to be the same; and one.
static uint32_t count_open(const Nest *n, const Equation *e, uint32_t *open) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n->count; i++)
        if (e->factors[i] && !n->same[i]) {
            count++;
            *open = i;
        }
    return count;
}

static void solve(Nest *n) {
    uint32_t open;
    for (uint32_t round = 0; round < n->count; round++)
        for (uint32_t i = 0; i < n->equation_count; i++)
            if (count_open(n, &n->equations[i], &open) == 1)
                n->same[open] = true;
}

// ---- Order ------------------------------------------------------------------

static bool all_same_but(const Nest *n, uint32_t other) {
    for (uint32_t i = 1; i < n->count; i++)
        if (i != other && !n->same[i])
            return false;
    return true;
}

// 1 or -1; 0 where it is not known.
static int direction(const Op *loop) {
    int64_t step;
    if (!loop_constant_step(loop, &step))
        return 0;
    return (step > 0) == !loop->as.loop.reversed ? 1 : -1;
}

// Elements that are reached again when the first index and one other move by so
// much and so much: the other loop has to bring them in the first one's order.
static NestOrder order_of_two(const Nest *n, bool *turned) {
    for (uint32_t i = 0; i < n->equation_count; i++) {
        const Equation *e = &n->equations[i];
        uint32_t other = 0;
        if (e->factors[0] == 0 || count_open(n, e, &other) != 2 ||
            !all_same_but(n, other))
            continue;
        int first = direction(n->loops[0]), now = direction(n->loops[other]);
        bool alike = (e->factors[0] > 0) == (e->factors[other] > 0);
        if (first == 0 || now == 0)
            return NEST_CHANGES;
        turned[other] = now != (alike ? -first : first);
        return NEST_SPREADS;
    }
    return NEST_CHANGES;
}

NestOrder nest_order(const Op *const *loops, uint32_t count,
                     const Value *address, bool *turned) {
    Nest n = {.loops = loops, .count = count};
    for (uint32_t i = 0; i < count; i++)
        turned[i] = false;
    if (count > NEST_LOOPS || !add_address(&n, address))
        return NEST_CHANGES;
    solve(&n);
    if (n.same[0] || all_same_but(&n, 0))
        return NEST_KEEPS;
    return order_of_two(&n, turned);
}

// ---- Strides ----------------------------------------------------------------

static bool depends_on(const Value *value, const Value *index, int depth) {
    const Op *op = value->op;
    if (!op || depth == 0 || op->region_count || op->kind == OP_LOAD)
        return value == index || (op != NULL);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (depends_on(op->operands[i], index, depth - 1))
            return true;
    return false;
}

static bool moves(const Op *loop, const Value *value) {
    return !loop_is_invariant(loop, value) &&
           depends_on(value, loop_index(loop), DEPTH);
}

Stride nest_stride(const Op *loop, const Value *address) {
    Address parts;
    Stride stride = STRIDE_NONE;
    int64_t step;
    memory_decompose(address, &parts);
    if (moves(loop, parts.base))
        return STRIDE_OTHER;
    for (uint32_t i = 0; i < parts.count; i++) {
        Linear form = parts.steps[i].index;
        if (parts.steps[i].kind == OP_FIELD)
            continue;
        int64_t factor = linear_take(&form, loop_index(loop));
        for (uint32_t t = 0; t < form.count; t++)
            if (moves(loop, form.terms[t].value))
                return STRIDE_OTHER;
        if (factor && i + 1 == parts.count && (factor == 1 || factor == -1) &&
            loop_constant_step(loop, &step) && (step == 1 || step == -1))
            stride = STRIDE_UNIT;
        else if (factor)
            return STRIDE_OTHER;
    }
    return stride;
}

// plan.c - store or recompute: for each primal value that the reverse sweep
// needs, how it gets there. Changes nothing but c->plans and c->stored.
//
// A minimum cut. Each value that may have to be there has a node, and so has
// each operation that may be repeated for it. A value that is wanted (on the
// source's side) is stored, which costs the edge from it to its operation, or
// the operation is repeated (on the source's side, too), which costs the edge
// from there to the sink, and then its operands are wanted: edges of infinite
// capacity. What cannot be repeated has an infinite edge to the sink. So the
// cheapest cut is the cheapest plan; of several, the one that repeats the
// least.
#include "differentiate/carry.h"

#include <stdlib.h>

static bool is_cheap_math(MathFn fn) {
    return fn == MATH_fabs || fn == MATH_fmax || fn == MATH_fmin ||
           fn == MATH_floor || fn == MATH_ceil || fn == MATH_trunc ||
           fn == MATH_copysign || fn == MATH_creal || fn == MATH_cimag ||
           fn == MATH_conj || fn == MATH_CMPLX ||
           (fn >= MATH_isnan && fn <= MATH_fpclassify);
}

// ---- What things cost -------------------------------------------------------
//
// One unit is half of an addition of floating numbers, as where loops run over
// data in the nearer caches. Addresses are cheap: they are needed for the
// derivative memory anyway.

enum {
    COST_ADDRESS = 0,
    COST_INTEGER = 1,
    COST_FLOAT = 2,
    COST_LOAD = 2,
    COST_DIVISION = 8,
    COST_LOCAL = 4, // storing where a local array or variable will do
    COST_TAPE = 8,  // more than elsewhere, for one value
    COST_POINTER = 48,
};

int plan_own_cost(const Carry *c, const Op *op) {
    OpKind kind = op->kind;
    if (kind == OP_LOAD && c->d->split)
        return -1; // the caller may overwrite what was read
    if (kind == OP_LOAD)
        return carry_load_survives(c, op) ? COST_LOAD : -1;
    if (kind == OP_MATH)
        return op->result_count == 1 && is_cheap_math(op->as.math) ? COST_FLOAT
                                                                   : -1;
    if (kind == OP_INDEX || kind == OP_ELEM || kind == OP_FIELD ||
        kind == OP_CONST || kind == OP_UNDEF || kind == OP_GLOBAL ||
        kind == OP_STRING || kind == OP_FUNCTION)
        return COST_ADDRESS;
    if (kind == OP_IF)
        return COST_INTEGER;
    if (!(op_info(kind)->flags & OPF_PURE))
        return -1;
    if (kind == OP_DIV || kind == OP_REM)
        return COST_DIVISION;
    return op->result_count && type_is_float(op->results[0]->type)
               ? COST_FLOAT
               : COST_INTEGER;
}

// Of the operation with its regions, in the tree that is repeated as a whole;
// negative: never.
static int tree_cost(const Carry *c, const Op *op, const Op *tree) {
    bool ends = op_info(op->kind)->flags & OPF_TERMINATOR;
    int cost = ends ? 0 : plan_own_cost(c, op);
    if (op->kind == OP_LOAD && cost >= 0 && op != tree &&
        !carry_load_survives_tree(c, op, tree))
        return -1;
    for (uint32_t r = 0; cost >= 0 && r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner && cost >= 0;
             inner = inner->next) {
            int more = tree_cost(c, inner, tree);
            cost = more < 0 ? -1 : cost + more;
        }
    return cost;
}

// How often a loop runs: some times, where nobody knows.
static int64_t guess_trips(const Op *loop) {
    enum { SOME = 16 };
    int64_t trips;
    bool known = loop->kind == OP_FOR && loop_constant_trip_count(loop, &trips);
    return !known || trips > SOME ? SOME : trips < 1 ? 1 : trips;
}

// How often the region runs for one run of the body that both sweeps share.
// With a value: of loops in which that does not vary, one iteration counts.
static int64_t frequency(const Carry *c, const Region *region,
                         const Value *value) {
    enum { MOST = 1 << 24 };
    int64_t count = 1;
    for (; region->parent && !carry_is_shared(c, region);
         region = region->parent->parent) {
        const Op *loop = region->parent;
        if (loop->kind != OP_IF && count < MOST &&
            (!value || nest_varies_in(c, loop, value)))
            count *= guess_trips(loop);
    }
    return count;
}

int64_t plan_frequency(const Carry *c, const Region *region) {
    return frequency(c, region, NULL);
}

// Whether storage_create will find a place for it in a local variable, or in a
// local array of few elements; and whether nothing but the tape is left.
static bool is_local_nest(const Carry *c, const Region *region) {
    enum { FEW = 16 };
    int64_t all = 1, trips;
    for (; region->parent && !carry_is_shared(c, region);
         region = region->parent->parent) {
        if (region->parent->kind == OP_IF)
            continue;
        if (region->parent->kind != OP_FOR ||
            !loop_constant_trip_count(region->parent, &trips) || trips > FEW)
            return false;
        all *= trips;
    }
    return all <= FEW && !c->d->split;
}

static bool is_tape_entry(const Carry *c, const Region *region) {
    for (; region->parent && !carry_is_shared(c, region);
         region = region->parent->parent)
        if (region->parent->kind != OP_IF)
            return region->parent->kind != OP_FOR;
    return c->d->split;
}

static int64_t store_cost(const Carry *c, const Value *value) {
    const Region *region = value_region(value);
    int64_t bytes = carry_size(value->type), cost = 3 * bytes, read = bytes;
    if (type_is_pointer(value->type))
        cost = COST_POINTER;
    else if (!type_is_float(value->type))
        cost = 24; // integers spoil loops over arrays
    if (is_local_nest(c, region))
        cost = read = COST_LOCAL;
    else if (is_tape_entry(c, region))
        cost += COST_TAPE;
    return cost * frequency(c, region, value) +
           read * frequency(c, region, NULL);
}

// ---- The graph --------------------------------------------------------------

// What the graph knows of one value; repeat is the node of the operation that
// makes it, or of the load that gets it from a copy.
typedef struct Node {
    Value *value;
    uint32_t wanted, repeat;
    bool reload;
    int64_t store, again; // costs
} Node;

typedef struct Graph {
    Carry *c;
    Cut *cut;
    PtrMap *nodes;   // value -> Node
    PtrMap *repeats; // operation -> number of its node
    Vec(Node *) all; // the first `done` of them have all their edges
    size_t done;
} Graph;

// Derivative memory that lives in one iteration or branch only, and other
// memory that the reverse sweep makes for itself.
static bool is_own_memory(const Carry *c, const Value *value) {
    return value->op &&
           (value->op->kind == OP_ALLOC || value->op->kind == OP_HEAP) &&
           (ptrmap_has(c->d->remade, value) ||
            ptrmap_has(c->d->doubled, value));
}

// Addresses in it are good only where it is made anew.
static bool leads_to_own_memory(const Carry *c, const Value *value) {
    while (value->op &&
           (value->op->kind == OP_INDEX || value->op->kind == OP_ELEM ||
            value->op->kind == OP_FIELD || value->op->kind == OP_CAST))
        value = value->op->operands[0];
    return is_own_memory(c, value);
}

// A pointer to rows of a computed length, which the tape knows nothing of.
static bool needs_lengths(const Carry *c, const Value *value) {
    return c->d->split && type_is_pointer(value->type) &&
           type_has_dynamic_length(value->type->element);
}

static Node *node_of(Graph *g, Value *value) {
    Node *node = ptrmap_get(g->nodes, value);
    if (node)
        return node;
    node = arena_new(g->c->d->arena, Node);
    node->value = value;
    node->wanted = cut_add_node(g->cut);
    ptrmap_set(g->nodes, value, node);
    vec_push(g->c->d->arena, &g->all, node);
    return node;
}

static bool is_there(const Carry *c, const Value *value) {
    Plan plan = carry_plan(c, value);
    return plan == PLAN_FREE || plan == PLAN_INDEX;
}

static void want_operand(Graph *g, uint32_t repeat, Value *operand) {
    operand = carry_instead(g->c, operand);
    if (!is_there(g->c, operand))
        cut_add_edge(g->cut, repeat, node_of(g, operand)->wanted, CUT_INFINITE);
}

static bool is_inside(const Op *branch, const Value *value) {
    for (uint32_t r = 0; r < branch->region_count; r++)
        if (region_contains(branch->regions[r], value_region(value)))
            return true;
    return false;
}

static void want_operands(Graph *g, uint32_t repeat, const Op *op,
                          const Op *branch) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_inside(branch, op->operands[i]))
            want_operand(g, repeat, op->operands[i]);
    for (uint32_t r = 0; r < op->region_count; r++)
        for (const Op *inner = op->regions[r]->first; inner;
             inner = inner->next)
            want_operands(g, repeat, inner, branch);
}

// The node of repeating an operation, for all its results.
static uint32_t repeat_op(Graph *g, const Op *op, int64_t cost) {
    void *known = ptrmap_get(g->repeats, op);
    if (known)
        return (uint32_t)(uintptr_t)known;
    uint32_t repeat = cut_add_node(g->cut);
    ptrmap_set(g->repeats, op, (void *)(uintptr_t)repeat);
    cut_add_edge(g->cut, repeat, CUT_SINK, cost);
    want_operands(g, repeat, op, op);
    return repeat;
}

// Where there is a copy, there is no need for its operands.
static bool is_arithmetic(const Op *op) {
    return op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL ||
           op->kind == OP_DIV;
}

static void add_edges(Graph *g, Node *node) {
    const Carry *c = g->c;
    const Value *value = node->value;
    bool remade = is_own_memory(c, value);
    int cost = !value->op ? -1
               : remade   ? 0
                          : tree_cost(c, value->op, value->op);
    const Op *copy =
        cost < 0 || is_arithmetic(value->op) ? carry_copy(c, value) : NULL;
    if (copy)
        cost = -1;
    int64_t often = frequency(c, value_region(value), NULL);
    bool stays = leads_to_own_memory(c, value) || needs_lengths(c, value);
    node->store = stays ? CUT_INFINITE / 1024 : store_cost(c, value);
    node->again = (cost < 0 ? COST_LOAD : cost) * often;
    if (cost >= 0) {
        node->repeat = repeat_op(g, value->op, node->again);
        cut_add_edge(g->cut, node->wanted, node->repeat, node->store);
    } else if (copy) {
        node->reload = true;
        node->repeat = cut_add_node(g->cut);
        cut_add_edge(g->cut, node->wanted, node->repeat, node->store);
        cut_add_edge(g->cut, node->repeat, CUT_SINK, node->again);
        want_operand(g, node->repeat, copy->operands[0]);
    } else {
        cut_add_edge(g->cut, node->wanted, CUT_SINK, node->store);
    }
}

static void build_graph(Graph *g) {
    for (size_t i = 0; i < g->c->needs.count; i++) {
        Value *value = carry_instead(g->c, g->c->needs.items[i]);
        if (!is_there(g->c, value) && !ptrmap_has(g->nodes, value))
            cut_add_edge(g->cut, CUT_SOURCE, node_of(g, value)->wanted,
                         CUT_INFINITE);
    }
    for (; g->done < g->all.count; g->done++)
        add_edges(g, g->all.items[g->done]);
}

// ---- Deciding ---------------------------------------------------------------

static void set_plan(Carry *c, const Value *value, Plan plan) {
    ENSURE(value->id < c->value_count);
    c->plans[value->id] = (unsigned char)plan;
}

static void decide(Graph *g, const Node *node) {
    Carry *c = g->c;
    Value *value = node->value;
    if (!cut_is_on_source_side(g->cut, node->wanted))
        return;
    bool again = node->repeat && cut_is_on_source_side(g->cut, node->repeat);
    c->cost += (double)(again ? node->again : node->store);
    if (!again) {
        set_plan(c, value, PLAN_STORE);
        vec_push(c->d->arena, &c->stored, value);
    } else if (is_own_memory(c, value)) {
        set_plan(c, value, PLAN_REMAKE);
    } else {
        set_plan(c, value, node->reload ? PLAN_RELOAD : PLAN_RECOMPUTE);
    }
}

static int by_id(const void *a, const void *b) {
    const Value *x = *(Value *const *)a, *y = *(Value *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

void plan_values(Carry *c) {
    Graph g = {.c = c,
               .cut = cut_create(c->d->arena),
               .nodes = ptrmap_create(c->d->arena),
               .repeats = ptrmap_create(c->d->arena)};
    if (c->needs.count)
        qsort(c->needs.items, c->needs.count, sizeof *c->needs.items, by_id);
    build_graph(&g);
    cut_solve(g.cut);
    c->cost = 0;
    for (size_t i = 0; i < g.all.count; i++)
        decide(&g, g.all.items[i]);
    if (c->stored.count)
        qsort(c->stored.items, c->stored.count, sizeof *c->stored.items, by_id);
}

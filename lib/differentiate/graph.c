// graph.c - vertex elimination (Griewank and Walther 2008, chapters 9 and 10).
// Between a vertex's predecessors and successors, eliminating it leaves edges
// that are the products of those to and from it. When only columns and rows are
// left, the edges are the Jacobian. The order decides how many multiplications
// that takes; to find the best one is NP-complete, so several are tried.
#include "differentiate/eliminate.h"

#include <string.h>

typedef enum Order {
    ORDER_FORWARD,
    ORDER_REVERSE,
    ORDER_MARKOWITZ, // in-degree times out-degree
    ORDER_RELATIVE,  // less columns that reach it times rows that it reaches
    ORDER_CHEAPEST,  // multiplications at this step
    ORDER_COUNT
} Order;

static const char *const order_words[ORDER_COUNT] = {
    "in the order of the computation", "in reverse order",
    "lowest Markowitz degree first",   "lowest relative Markowitz degree first",
    "fewest multiplications first",
};

// Edges to or from a vertex, and how many of them are not free.
typedef struct Degree {
    uint32_t all, dear;
} Degree;

typedef struct Run {
    const Graph *graph;
    Ref *edges;
    Degree *in, *out;
    bool *gone;
} Run;

// ---- Edges ------------------------------------------------------------------

static Ref *edge(const Run *r, uint32_t from, uint32_t to) {
    return &r->edges[(size_t)from * r->graph->count + to];
}

static void count_edge(Run *r, uint32_t from, uint32_t to, uint32_t by) {
    Ref ref = *edge(r, from, to);
    if (ref == REF_ZERO)
        return;
    bool dear = !term_is_free(r->graph->terms, ref);
    r->out[from].all += by;
    r->in[to].all += by;
    r->out[from].dear += dear ? by : 0;
    r->in[to].dear += dear ? by : 0;
}

static void set_edge(Run *r, uint32_t from, uint32_t to, Ref ref) {
    count_edge(r, from, to, (uint32_t)-1);
    *edge(r, from, to) = ref;
    count_edge(r, from, to, 1);
}

static void start(Run *r, Arena *arena) {
    uint32_t count = r->graph->count;
    memcpy(r->edges, r->graph->edges, (size_t)count * count * sizeof *r->edges);
    r->in = arena_array(arena, Degree, count);
    r->out = arena_array(arena, Degree, count);
    r->gone = arena_array(arena, bool, count);
    for (uint32_t from = 0; from < count; from++)
        for (uint32_t to = from + 1; to < count; to++)
            count_edge(r, from, to, 1);
}

static void eliminate(Run *r, uint32_t vertex) {
    uint32_t count = r->graph->count;
    Terms *terms = r->graph->terms;
    for (uint32_t from = 0; from < vertex; from++) {
        Ref first = *edge(r, from, vertex);
        if (first == REF_ZERO)
            continue;
        for (uint32_t to = vertex + 1; to < count; to++) {
            Ref second = *edge(r, vertex, to);
            if (second == REF_ZERO)
                continue;
            Ref product = term_product(terms, first, second);
            set_edge(r, from, to, term_sum(terms, *edge(r, from, to), product));
        }
        set_edge(r, from, vertex, REF_ZERO);
    }
    for (uint32_t to = vertex + 1; to < count; to++)
        set_edge(r, vertex, to, REF_ZERO);
    r->gone[vertex] = true;
}

// ---- Orders -----------------------------------------------------------------

// For each vertex: columns that reach it times rows that it reaches.
static int64_t *count_pairs(const Graph *g, Arena *arena) {
    int64_t *columns = arena_array(arena, int64_t, g->count);
    int64_t *pairs = arena_array(arena, int64_t, g->count);
    bool *reached = arena_array(arena, bool, g->count);
    for (uint32_t c = 0; c < g->columns; c++) {
        memset(reached, 0, g->count);
        reached[c] = true;
        for (uint32_t from = 0; from < g->count; from++)
            for (uint32_t to = from + 1; reached[from] && to < g->count; to++)
                reached[to] |= g->edges[(size_t)from * g->count + to] != 0;
        for (uint32_t v = 0; v < g->count; v++)
            columns[v] += reached[v];
    }
    for (uint32_t row = g->count - g->rows; row < g->count; row++) {
        memset(reached, 0, g->count);
        reached[row] = true;
        for (uint32_t from = row; from-- > 0;)
            for (uint32_t to = from + 1; to < g->count; to++)
                reached[from] |=
                    reached[to] && g->edges[(size_t)from * g->count + to] != 0;
        for (uint32_t v = 0; v < g->count; v++)
            pairs[v] += reached[v] ? columns[v] : 0;
    }
    return pairs;
}

static int64_t rank(const Run *r, Order order, const int64_t *pairs,
                    uint32_t v) {
    int64_t degree = (int64_t)r->in[v].all * r->out[v].all;
    switch (order) {
    case ORDER_FORWARD: return v;
    case ORDER_REVERSE: return -(int64_t)v;
    case ORDER_MARKOWITZ: return degree;
    case ORDER_RELATIVE: return degree - pairs[v];
    case ORDER_CHEAPEST: return (int64_t)r->in[v].dear * r->out[v].dear;
    case ORDER_COUNT: break;
    }
    return 0;
}

// The vertex with the lowest rank; of several, the first or the last one.
static uint32_t choose(const Run *r, Order order, const int64_t *pairs,
                       bool last) {
    const Graph *g = r->graph;
    uint32_t best = g->count;
    int64_t lowest = INT64_MAX;
    for (uint32_t v = g->columns; v < g->count - g->rows; v++) {
        if (r->gone[v])
            continue;
        int64_t value = rank(r, order, pairs, v);
        if (value < lowest || (last && value == lowest)) {
            lowest = value;
            best = v;
        }
    }
    return best;
}

static Ref *read_entries(const Run *r, Arena *arena) {
    const Graph *g = r->graph;
    Ref *entries = arena_array(arena, Ref, (size_t)g->rows * g->columns);
    for (uint32_t i = 0; i < g->rows; i++)
        for (uint32_t j = 0; j < g->columns; j++)
            entries[(size_t)i * g->columns + j] =
                *edge(r, j, g->count - g->rows + i);
    return entries;
}

static bool is_less(Work a, Work b) {
    return a.products != b.products ? a.products < b.products : a.sums < b.sums;
}

// One order, with common factors taken out of sums or not, and of vertices of
// one rank the first or the last one first.
typedef struct Choice {
    Order order;
    bool factors, last;
} Choice;

static void try_order(Run *run, Choice c, const int64_t *pairs,
                      Elimination *best) {
    const Graph *g = run->graph;
    Arena *arena = g->terms->arena;
    g->terms->factors = c.factors;
    start(run, arena);
    for (uint32_t i = g->columns; i < g->count - g->rows; i++)
        eliminate(run, choose(run, c.order, pairs, c.last));
    Ref *entries = read_entries(run, arena);
    Work work = terms_work(g->terms, entries, (size_t)g->rows * g->columns);
    if (c.order == ORDER_FORWARD && !c.factors)
        best->forward = work;
    if (c.order == ORDER_REVERSE && !c.factors)
        best->reverse = work;
    if (best->order && !is_less(work, best->work))
        return;
    best->order = order_words[c.order];
    best->work = work;
    best->entries = entries;
}

void graph_eliminate(const Graph *g, Elimination *best) {
    Arena *arena = g->terms->arena;
    Run run = {.graph = g};
    run.edges = arena_array(arena, Ref, (size_t)g->count * g->count);
    const int64_t *pairs = count_pairs(g, arena);
    *best = (Elimination){.order = NULL};
    for (int i = 0; i < 4 * ORDER_COUNT; i++) {
        Choice c = {(Order)(i / 4), i % 2, i % 4 / 2};
        if (c.order >= ORDER_MARKOWITZ || !c.last)
            try_order(&run, c, pairs, best);
    }
}

// Minimum cuts against all cuts of small random graphs.
//
// RUN: cd %source_root/lib
// RUN: %cc -std=gnu17 -O1 %sanitize -I . %check %s support/*.c -o %t -lm
// RUN: env ASAN_OPTIONS=detect_leaks=0 %t
#include "check.h"
#include "support/support.h"

enum { NODES = 9, EDGES = 24 };

typedef struct Graph {
    int nodes, edges;
    int from[EDGES], to[EDGES];
    int64_t capacity[EDGES];
} Graph;

static Graph random_graph(struct rng *rng)
{
    Graph g = {.nodes = 2 + (int)(rng_bits(rng) % (NODES - 1)),
               .edges = (int)(rng_bits(rng) % EDGES)};
    for (int e = 0; e < g.edges; e++) {
        g.from[e] = (int)(rng_bits(rng) % (unsigned)g.nodes);
        g.to[e] = (int)(rng_bits(rng) % (unsigned)g.nodes);
        g.capacity[e] = (int64_t)(rng_bits(rng) % 20);
        if (g.capacity[e] == 19 && g.from[e] != CUT_SOURCE)
            g.capacity[e] = CUT_INFINITE;
    }
    return g;
}

// What the edges hold that lead out of the set, of which the source is one and
// the sink none.
static int64_t cost_of(const Graph *g, unsigned set)
{
    int64_t cost = 0;
    for (int e = 0; e < g->edges; e++)
        if ((set >> g->from[e] & 1) && !(set >> g->to[e] & 1))
            cost += g->capacity[e];
    return cost;
}

static int64_t least_cost(const Graph *g)
{
    int64_t least = INT64_MAX;
    for (unsigned set = 0; set < 1u << g->nodes; set++)
        if ((set & 1) && !(set & 2) && cost_of(g, set) < least)
            least = cost_of(g, set);
    return least;
}

static void check_graph(const Graph *g)
{
    Arena *arena = arena_create();
    Cut *cut = cut_create(arena);
    for (int i = 2; i < g->nodes; i++)
        cut_add_node(cut);
    for (int e = 0; e < g->edges; e++)
        cut_add_edge(cut, (uint32_t)g->from[e], (uint32_t)g->to[e],
                     g->capacity[e]);
    cut_solve(cut);
    unsigned set = 0;
    for (int i = 0; i < g->nodes; i++)
        set |= (unsigned)cut_is_on_source_side(cut, (uint32_t)i) << i;
    CHECK_TRUE((set & 1) && !(set & 2));
    CHECK_TRUE(cost_of(g, set) == least_cost(g));
    arena_destroy(arena);
}

// A chain as long as a large function: one flow for each of its links.
static void check_chain(void)
{
    enum { LENGTH = 100000 };
    Arena *arena = arena_create();
    Cut *cut = cut_create(arena);
    uint32_t last = CUT_SOURCE;
    for (int i = 0; i < LENGTH; i++) {
        uint32_t node = cut_add_node(cut);
        cut_add_edge(cut, last, node, i % 7 == 3 ? 5 : CUT_INFINITE);
        cut_add_edge(cut, node, CUT_SINK, i < 3 ? 0 : 1);
        last = node;
    }
    cut_solve(cut);
    CHECK_TRUE(cut_is_on_source_side(cut, 4));
    CHECK_TRUE(!cut_is_on_source_side(cut, last));
    arena_destroy(arena);
}

int main(void)
{
    struct rng rng = {5};
    for (int i = 0; i < 4000; i++) {
        Graph g = random_graph(&rng);
        check_graph(&g);
    }
    check_chain();
    return check_done();
}

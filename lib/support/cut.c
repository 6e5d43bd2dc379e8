// cut.c - the minimum cut between a source and a sink of a graph with
// capacities, by maximum flow: blocking flows in layered graphs (Dinic 1970).
// Nodes and edges are numbered in the order of their making, so that the same
// graph gives the same cut.
#include "support/support.h"

#include <string.h>

enum { NONE = UINT32_MAX };

typedef struct Edge {
    uint32_t to, next; // next edge of the node that it leaves
    int64_t left;      // capacity that no flow uses yet
} Edge;

typedef struct Node {
    uint32_t first; // edge
    uint32_t now;   // the edge that the search is at
    uint32_t layer; // distance from the source; NONE: out of reach
} Node;

struct Cut {
    Arena *arena;
    Vec(Node) nodes;
    Vec(Edge) edges; // each one followed by its reverse
    uint32_t *queue, *path;
};

Cut *cut_create(Arena *arena) {
    Cut *cut = arena_new(arena, Cut);
    cut->arena = arena;
    cut_add_node(cut);
    cut_add_node(cut);
    return cut;
}

uint32_t cut_add_node(Cut *cut) {
    Node node = {NONE, NONE, NONE};
    vec_push(cut->arena, &cut->nodes, node);
    return (uint32_t)cut->nodes.count - 1;
}

static void add_half(Cut *cut, uint32_t from, uint32_t to, int64_t capacity) {
    Node *node = &cut->nodes.items[from];
    Edge edge = {to, node->first, capacity};
    node->first = (uint32_t)cut->edges.count;
    vec_push(cut->arena, &cut->edges, edge);
}

void cut_add_edge(Cut *cut, uint32_t from, uint32_t to, int64_t capacity) {
    add_half(cut, from, to, capacity);
    add_half(cut, to, from, 0);
}

// Layers by distance over edges that have capacity left; false where the sink
// is out of reach.
static bool find_layers(Cut *cut) {
    uint32_t head = 0, tail = 0;
    for (size_t i = 0; i < cut->nodes.count; i++) {
        cut->nodes.items[i].layer = NONE;
        cut->nodes.items[i].now = cut->nodes.items[i].first;
    }
    cut->nodes.items[CUT_SOURCE].layer = 0;
    cut->queue[tail++] = CUT_SOURCE;
    while (head < tail) {
        const Node *node = &cut->nodes.items[cut->queue[head++]];
        for (uint32_t e = node->first; e != NONE;
             e = cut->edges.items[e].next) {
            const Edge *edge = &cut->edges.items[e];
            Node *to = &cut->nodes.items[edge->to];
            if (edge->left == 0 || to->layer != NONE)
                continue;
            to->layer = node->layer + 1;
            cut->queue[tail++] = edge->to;
        }
    }
    return cut->nodes.items[CUT_SINK].layer != NONE;
}

// Goes on from the node at the path's end, or back where that leads nowhere.
static bool extend(Cut *cut, uint32_t *length, uint32_t *at) {
    Node *node = &cut->nodes.items[*at];
    for (; node->now != NONE; node->now = cut->edges.items[node->now].next) {
        const Edge *edge = &cut->edges.items[node->now];
        if (edge->left == 0 ||
            cut->nodes.items[edge->to].layer != node->layer + 1)
            continue;
        cut->path[(*length)++] = node->now;
        *at = edge->to;
        return true;
    }
    if (*length == 0)
        return false;
    uint32_t back = cut->path[--*length];
    *at = cut->edges.items[back ^ 1].to;
    Node *before = &cut->nodes.items[*at];
    before->now = cut->edges.items[before->now].next;
    return true;
}

// One more path through the layers; false where there is none.
static bool push_path(Cut *cut) {
    uint32_t length = 0, at = CUT_SOURCE;
    while (at != CUT_SINK)
        if (!extend(cut, &length, &at))
            return false;
    int64_t most = INT64_MAX;
    for (uint32_t i = 0; i < length; i++)
        if (cut->edges.items[cut->path[i]].left < most)
            most = cut->edges.items[cut->path[i]].left;
    for (uint32_t i = 0; i < length; i++) {
        cut->edges.items[cut->path[i]].left -= most;
        cut->edges.items[cut->path[i] ^ 1].left += most;
    }
    return true;
}

void cut_solve(Cut *cut) {
    cut->queue = arena_array(cut->arena, uint32_t, cut->nodes.count);
    cut->path = arena_array(cut->arena, uint32_t, cut->nodes.count);
    while (find_layers(cut))
        while (push_path(cut))
            ;
}

bool cut_is_on_source_side(const Cut *cut, uint32_t node) {
    return cut->nodes.items[node].layer != NONE;
}

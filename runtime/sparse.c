// sparse.c - sparse Jacobians and Hessians: the pattern from index sets, a
// colouring of its columns or rows, and the entries from compressed products.
//
// Columns that share no row have one direction (Curtis, Powell and Reid 1974);
// of a symmetric matrix, columns may share one if each entry or its mirror
// image stands alone (a star colouring: Coleman and More 1984). Colours are
// given greedily, in the orders that Gebremedhin, Manne and Pothen (SIAM Review
// 47, 2005) compare; the one with the fewest colours is kept.
#include "gradrt.h"

#include <limits.h>
#include <stdlib.h>

enum { WIDTH = GRAD_SPARSE_WIDTH, WORDS = GRAD_SPARSE_WORDS, BITS = 64 };
enum { FIXED = 1 << 30 }; // a kind: the pattern was given

typedef struct Pair {
    int row, column;
} Pair;

typedef struct GradSparseWork_ {
    unsigned kinds;
    uint64_t decisions;
    bool complete; // pattern and colours are there
    const int *fixed;
    GradSparseAction action;
    int64_t first; // column or colour of the block under way
    unsigned long long *seed_bits, *result_bits;
    double *seed, *result;
    Pair *pairs;
    size_t pair_count, pair_capacity;
    int *color;  // by column; by row where rows are combined
    int *source; // entry k is result[source[k] * WIDTH + c - first] in the
    int *at;     // block that has colour c = at[k]
} Work;

// ---- The pattern ------------------------------------------------------------

static void add_pair(Work *w, int row, int column) {
    if (w->pair_count == w->pair_capacity) {
        size_t more = w->pair_capacity ? 2 * w->pair_capacity : 1024;
        Pair *pairs = grad_allocate(more, sizeof *pairs);
        if (w->pair_count)
            memcpy(pairs, w->pairs, w->pair_count * sizeof *pairs);
        free(w->pairs);
        w->pairs = pairs;
        w->pair_capacity = more;
    }
    w->pairs[w->pair_count++] = (Pair){row, column};
}

static void add_bits(const GradSparse *a, Work *w) {
    for (int i = 0; i < a->rows; i++)
        for (int k = 0; k < WORDS; k++) {
            unsigned long long bits = w->result_bits[i * (ptrdiff_t)WORDS + k];
            for (int j = 0; bits != 0; j++, bits >>= 1)
                if (bits & 1)
                    add_pair(w, i, (int)w->first + k * BITS + j);
        }
}

static void seed_bits(const GradSparse *a, Work *w) {
    size_t row = WORDS * sizeof *w->seed_bits;
    memset(w->seed_bits, 0, (size_t)a->columns * row);
    memset(w->result_bits, 0, (size_t)a->rows * row);
    for (int k = 0; k < WORDS * BITS && w->first + k < a->columns; k++)
        w->seed_bits[(w->first + k) * WORDS + k / BITS] = 1ull << k % BITS;
}

// start[i] to start[i + 1]: where the pairs of i stand, sorted by column or by
// row; a stable sort, for both together.
static Pair *sort_pairs(const Pair *pairs, size_t count, bool by_row, int n) {
    Pair *sorted = grad_allocate(count, sizeof *sorted);
    size_t *place = grad_allocate_zeroed((size_t)n + 1, sizeof *place);
    for (size_t k = 0; k < count; k++)
        place[(by_row ? pairs[k].row : pairs[k].column) + 1]++;
    for (int i = 0; i < n; i++)
        place[i + 1] += place[i];
    for (size_t k = 0; k < count; k++)
        sorted[place[by_row ? pairs[k].row : pairs[k].column]++] = pairs[k];
    free(place);
    return sorted;
}

// The matrix by rows, each entry once.
static void make_rows(GradSparse *a, Work *w) {
    size_t given = w->pair_count;
    for (size_t k = 0; w->kinds & GRAD_SPARSE_SYMMETRIC && k < given; k++)
        add_pair(w, w->pairs[k].column, w->pairs[k].row);
    Pair *half = sort_pairs(w->pairs, w->pair_count, false, a->columns);
    Pair *pairs = sort_pairs(half, w->pair_count, true, a->rows);
    size_t count = 0;
    for (size_t k = 0; k < w->pair_count; k++)
        if (k == 0 || pairs[k].row != pairs[k - 1].row ||
            pairs[k].column != pairs[k - 1].column)
            pairs[count++] = pairs[k];
    free(half);
    if (count > INT_MAX / 2)
        grad_fail(GRAD_ERROR_LIMIT, "a sparse matrix of %zu entries", count);
    a->entries = (int)count;
    a->row_start = grad_allocate_zeroed((size_t)a->rows + 1, sizeof(int));
    a->column = grad_allocate(count, sizeof(int));
    a->value = grad_allocate_zeroed(count, sizeof(double));
    for (size_t k = 0; k < count; k++) {
        a->column[k] = pairs[k].column;
        a->row_start[pairs[k].row + 1]++;
    }
    for (int i = 0; i < a->rows; i++)
        a->row_start[i + 1] += a->row_start[i];
    free(pairs);
}

// ---- Colours ----------------------------------------------------------------

// What links[start[v]] onwards leads to, leads back by `back` to vertices that
// share it. Of a symmetric matrix both are the same.
typedef struct Graph {
    int count;
    bool symmetric;
    const int *start, *links, *back_start, *back;
} Graph;

// The other direction of a matrix by rows.
static void transpose(int rows, int columns, const int *start, const int *links,
                      int *to_start, int *to_links) {
    memset(to_start, 0, ((size_t)columns + 1) * sizeof *to_start);
    for (int k = 0; k < start[rows]; k++)
        to_start[links[k] + 1]++;
    for (int j = 0; j < columns; j++)
        to_start[j + 1] += to_start[j];
    for (int i = 0; i < rows; i++)
        for (int k = start[i]; k < start[i + 1]; k++)
            to_links[to_start[links[k]]++] = i;
    memmove(to_start + 1, to_start, (size_t)columns * sizeof *to_start);
    to_start[0] = 0;
}

// The vertices that v must tell itself apart from, each once; of a symmetric
// matrix, those next to it. `seen` holds v for those that were met.
static int neighbours(const Graph *g, int v, int *seen, int *list) {
    int count = 0;
    seen[v] = v;
    for (int k = g->start[v]; k < g->start[v + 1]; k++) {
        int link = g->links[k];
        int from = g->symmetric ? k : g->back_start[link];
        int to = g->symmetric ? k + 1 : g->back_start[link + 1];
        for (int e = from; e < to; e++)
            if (seen[g->back[e]] != v) {
                seen[g->back[e]] = v;
                list[count++] = g->back[e];
            }
    }
    return count;
}

typedef enum Order {
    NATURAL,
    LARGEST_FIRST,
    SMALLEST_LAST,    // the one with the fewest neighbours left, from the end
    INCIDENCE_DEGREE, // the one with the most neighbours that come before
    ORDERS,
} Order;

// Vertices in lists by degree, linked both ways.
typedef struct Lists {
    int *first, *next, *previous, *degree;
} Lists;

static void list_add(Lists *l, int v, int degree) {
    int next = l->first[degree];
    l->degree[v] = degree;
    l->next[v] = next;
    l->previous[v] = -1;
    l->first[degree] = v;
    if (next >= 0)
        l->previous[next] = v;
}

static void list_remove(Lists *l, int v) {
    int next = l->next[v], previous = l->previous[v];
    if (next >= 0)
        l->previous[next] = previous;
    if (previous >= 0)
        l->next[previous] = next;
    else
        l->first[l->degree[v]] = next;
    l->degree[v] = -1;
}

static void fill(int *numbers, int count, int value) {
    for (int i = 0; i < count; i++)
        numbers[i] = value;
}

// memory: 7 numbers for each vertex.
static void make_order(const Graph *g, Order kind, int *order, int *memory) {
    int n = g->count, *seen = memory, *list = memory + n;
    Lists lists = {memory + 2 * n, memory + 3 * n, memory + 4 * n,
                   memory + 5 * n};
    bool least = kind == SMALLEST_LAST;
    fill(seen, n, -1);
    fill(lists.first, n, -1);
    for (int v = n - 1; v >= 0; v--)
        list_add(&lists, v,
                 kind == INCIDENCE_DEGREE ? 0 : neighbours(g, v, seen, list));
    fill(seen, n, -1);
    for (int k = 0, at = least ? 0 : n - 1; k < n; k++) {
        while (lists.first[at] < 0)
            at += least ? 1 : -1;
        int v = lists.first[at];
        list_remove(&lists, v);
        order[least ? n - 1 - k : k] = v;
        if (kind == LARGEST_FIRST)
            continue;
        int count = neighbours(g, v, seen, list);
        for (int i = 0; i < count; i++) {
            int degree = lists.degree[list[i]];
            if (degree < 0)
                continue;
            list_remove(&lists, list[i]);
            list_add(&lists, list[i], degree + (least ? -1 : 1));
        }
        at += least ? (at > 0 ? -1 : 0) : (at < n - 1 ? 1 : 0);
    }
}

// What a star colouring knows so far. The colours around v, each once, stand
// from start[v] on: `around`, a neighbour that has it, and whether it is barred
// from what else is next to v: a neighbour x of that colour has another
// neighbour with v's own colour.
typedef struct Star {
    int *count, *around, *first;
    bool *barred;
} Star;

static int find_around(const Graph *g, const Star *s, int v, int c) {
    int k = g->start[v];
    while (k < g->start[v] + s->count[v] && s->around[k] != c)
        k++;
    return k;
}

// Marks the colours that v must not have by `forbidden[colour] = v`: no path of
// four vertices may have two colours.
static void forbid_star(const Graph *g, const Star *s, int v, const int *color,
                        int *forbidden) {
    for (int k = g->start[v]; k < g->start[v + 1]; k++) {
        int w = g->links[k];
        if (w != v && color[w] >= 0)
            forbidden[color[w]] = v;
        for (int e = g->start[w]; w != v && e < g->start[w] + s->count[w]; e++)
            if (color[w] < 0 || s->barred[e])
                forbidden[s->around[e]] = v;
    }
}

// v has its colour now. (While x has none, those around it differ.)
static void note_star(const Graph *g, Star *s, int v, const int *color) {
    for (int k = g->start[v]; k < g->start[v + 1]; k++) {
        int x = g->links[k];
        if (x == v)
            continue;
        int at = find_around(g, s, x, color[v]);
        if (at < g->start[x] + s->count[x]) {
            int other = s->first[at];
            s->barred[find_around(g, s, v, color[x])] = true;
            s->barred[find_around(g, s, other, color[x])] = true;
        } else {
            s->around[at] = color[v];
            s->first[at] = v;
            s->barred[at] = false;
            s->count[x]++;
        }
    }
}

static void forbid_shared(const Graph *g, int v, const int *color,
                          int *forbidden) {
    for (int k = g->start[v]; k < g->start[v + 1]; k++) {
        int link = g->links[k];
        for (int e = g->back_start[link]; e < g->back_start[link + 1]; e++)
            if (color[g->back[e]] >= 0)
                forbidden[color[g->back[e]]] = v;
    }
}

// The number of colours; `forbidden` has one number more than vertices.
static int color_greedily(const Graph *g, const int *order, int *color,
                          int *forbidden) {
    size_t links = g->symmetric ? (size_t)g->start[g->count] : 0;
    int colors = 0;
    Star star = {grad_allocate_zeroed((size_t)g->count, sizeof(int)),
                 grad_allocate(links, sizeof(int)),
                 grad_allocate(links, sizeof(int)),
                 grad_allocate(links, sizeof(bool))};
    fill(color, g->count, -1);
    fill(forbidden, g->count + 1, -1);
    for (int i = 0; i < g->count; i++) {
        int v = order ? order[i] : i, c = 0;
        if (g->symmetric)
            forbid_star(g, &star, v, color, forbidden);
        else
            forbid_shared(g, v, color, forbidden);
        while (forbidden[c] == v)
            c++;
        color[v] = c;
        if (g->symmetric)
            note_star(g, &star, v, color);
        if (c >= colors && g->start[v] < g->start[v + 1])
            colors = c + 1; // without entries, any colour will do
    }
    free(star.count);
    free(star.around);
    free(star.first);
    free(star.barred);
    return colors;
}

// No colouring has fewer.
static int least_colors(const Graph *g, int others) {
    int most = 0;
    for (int i = 0; i < others; i++) {
        int shared = g->back_start[i + 1] - g->back_start[i];
        most = shared > most ? shared : most;
    }
    return g->symmetric && most > 2 ? 2 : most;
}

static int color_graph(const Graph *g, int least, int *color) {
    size_t n = (size_t)g->count;
    int *memory = grad_allocate(9 * n + 1, sizeof *memory);
    int *order = memory + 7 * n, *trial = memory + 6 * n;
    int colors = color_greedily(g, NULL, color, memory);
    for (Order kind = NATURAL + 1; kind < ORDERS && colors > least; kind++) {
        make_order(g, kind, order, memory);
        int number = color_greedily(g, order, trial, memory);
        if (number < colors) {
            colors = number;
            memcpy(color, trial, n * sizeof *color);
        }
    }
    free(memory);
    return colors;
}

// ---- Where each entry is read -----------------------------------------------

// Of the entries of a row, how many have a column of that colour.
static int count_color(const GradSparse *a, const int *color, int row, int c) {
    int count = 0;
    for (int k = a->row_start[row]; k < a->row_start[row + 1]; k++)
        count += color[a->column[k]] == c;
    return count;
}

static int row_size(const GradSparse *a, int row) {
    return a->row_start[row + 1] - a->row_start[row];
}

// Both images of an entry are read at one place: the shorter row's, if it can
// be.
static void find_sources(const GradSparse *a, Work *w) {
    bool symmetric = w->kinds & GRAD_SPARSE_SYMMETRIC;
    w->source = grad_allocate((size_t)a->entries, sizeof(int));
    w->at = grad_allocate((size_t)a->entries, sizeof(int));
    for (int i = 0; i < a->rows; i++)
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++) {
            int j = a->column[k], sizes = 0;
            if (symmetric)
                sizes = row_size(a, i) - row_size(a, j);
            bool turned = symmetric && (sizes > 0 || (sizes == 0 && i < j));
            int from = turned ? j : i, to = turned ? i : j;
            bool other =
                a->by_rows ||
                (symmetric && count_color(a, w->color, from, w->color[to]) > 1);
            w->source[k] = other ? to : from;
            w->at[k] = w->color[other ? from : to];
        }
}

// Colours a graph, if that can take fewer colours than there are, or with
// `rows`, fewer blocks; and keeps that if it does. Without colours so far, all
// is fewer.
static bool choose_fewer(GradSparse *a, Work *w, const Graph *g, int others,
                         bool rows) {
    int unit = rows ? WIDTH : 1, least = least_colors(g, others);
    int limit = w->color ? (a->colors - 1) / unit : INT_MAX;
    if (limit == 0 || (least > 0 && (least - 1) / unit >= limit))
        return false;
    int *color = grad_allocate((size_t)g->count, sizeof *color);
    int colors = color_graph(g, least, color);
    if (colors > 0 && (colors - 1) / unit >= limit) {
        free(color);
        return false;
    }
    free(w->color);
    w->color = color;
    a->colors = colors;
    return true;
}

// The side that may take fewer colours comes first: colouring the other one,
// with a full row or column, takes the square of the time.
static void choose_colors(GradSparse *a, Work *w) {
    int *start = grad_allocate((size_t)a->columns + 1, sizeof *start);
    int *row = grad_allocate((size_t)a->entries, sizeof *row);
    bool symmetric = w->kinds & GRAD_SPARSE_SYMMETRIC;
    bool both = w->kinds & GRAD_SPARSE_ROWS;
    transpose(a->rows, a->columns, a->row_start, a->column, start, row);
    Graph columns = {a->columns, symmetric,    start,
                     row,        a->row_start, a->column};
    Graph rows = {a->rows, false, a->row_start, a->column, start, row};
    a->by_rows = both && (least_colors(&rows, a->columns) - 1) / WIDTH <
                             (least_colors(&columns, a->rows) - 1) / WIDTH;
    if (a->by_rows) {
        choose_fewer(a, w, &rows, a->columns, true);
        a->by_rows = !choose_fewer(a, w, &columns, a->rows, true);
    } else {
        choose_fewer(a, w, &columns, a->rows, false);
        if (both || symmetric)
            a->by_rows =
                choose_fewer(a, w, &rows, a->columns, both) && !symmetric;
    }
    free(start);
    free(row);
    find_sources(a, w);
}

// ---- The entries ------------------------------------------------------------

static void seed_block(const GradSparse *a, Work *w) {
    int seeds = a->by_rows ? a->rows : a->columns;
    int results = a->by_rows ? a->columns : a->rows;
    memset(w->seed, 0, (size_t)seeds * WIDTH * sizeof *w->seed);
    memset(w->result, 0, (size_t)results * WIDTH * sizeof *w->result);
    for (int j = 0; j < seeds; j++)
        if (w->color[j] >= w->first && w->color[j] < w->first + WIDTH)
            w->seed[(size_t)j * WIDTH + (size_t)(w->color[j] - w->first)] = 1;
}

static void collect_block(const GradSparse *a, const Work *w) {
    for (int k = 0; k < a->entries; k++) {
        int64_t c = w->at[k] - w->first;
        if (c >= 0 && c < WIDTH)
            a->value[k] = w->result[(size_t)w->source[k] * WIDTH + (size_t)c];
    }
}

// ---- What generated code calls ----------------------------------------------

static void drop_pattern(GradSparse *a) {
    Work *w = a->work;
    free(a->row_start);
    free(a->column);
    free(a->value);
    if (w) {
        free(w->seed_bits);
        free(w->result_bits);
        free(w->seed);
        free(w->result);
        free(w->pairs);
        free(w->color);
        free(w->source);
        free(w->at);
        *w = (Work){0};
    }
    *a = (GradSparse){.work = w};
}

void grad_sparse_free(GradSparse *a) {
    drop_pattern(a);
    free(a->work);
    a->work = NULL;
}

void grad_sparse_begin(GradSparse *a, int64_t rows, int64_t columns,
                       unsigned kinds, uint64_t decisions) {
    if (rows < 0 || columns < 0 || rows >= INT_MAX || columns >= INT_MAX)
        grad_fail(GRAD_ERROR_ARGUMENT,
                  "a sparse matrix of %lld rows and %lld columns",
                  (long long)rows, (long long)columns);
    if (!a->work)
        a->work = grad_allocate_zeroed(1, sizeof *a->work);
    Work *w = a->work;
    w->action = GRAD_SPARSE_DONE;
    if (w->complete && a->rows == rows && a->columns == columns &&
        w->kinds == kinds && w->decisions == decisions)
        return;
    drop_pattern(a);
    a->rows = (int)rows;
    a->columns = (int)columns;
    w->kinds = kinds;
    w->decisions = decisions;
    w->seed_bits = grad_allocate((size_t)columns, WORDS * sizeof *w->seed_bits);
    w->result_bits = grad_allocate((size_t)rows, WORDS * sizeof *w->seed_bits);
}

static void finish_pattern(GradSparse *a, Work *w) {
    make_rows(a, w);
    free(w->seed_bits);
    free(w->result_bits);
    free(w->pairs);
    w->seed_bits = w->result_bits = NULL;
    w->pairs = NULL;
    choose_colors(a, w);
    size_t seeds = (size_t)(a->by_rows ? a->rows : a->columns);
    size_t results = (size_t)(a->by_rows ? a->columns : a->rows);
    w->seed = grad_allocate(seeds, WIDTH * sizeof *w->seed);
    w->result = grad_allocate(results, WIDTH * sizeof *w->result);
    w->complete = true;
}

// The next block of columns whose pattern is to be found; false behind the
// last.
static bool next_pattern(GradSparse *a, Work *w) {
    if (w->action == GRAD_SPARSE_PATTERN) {
        add_bits(a, w);
        w->first += WORDS * BITS;
    } else {
        w->first = 0;
    }
    if (w->first >= a->columns) {
        finish_pattern(a, w);
        w->action = GRAD_SPARSE_DONE;
        return false;
    }
    seed_bits(a, w);
    w->action = GRAD_SPARSE_PATTERN;
    return true;
}

GradSparseAction grad_sparse_next(GradSparse *a) {
    Work *w = a->work;
    if (!w->complete && next_pattern(a, w))
        return w->action;
    if (w->action != GRAD_SPARSE_DONE) {
        collect_block(a, w);
        w->first += WIDTH;
    } else {
        w->first = 0;
    }
    // Once at least: the primal's results are wanted.
    if (w->first > 0 && w->first >= a->colors)
        return w->action = GRAD_SPARSE_DONE;
    seed_block(a, w);
    return w->action =
               a->by_rows ? GRAD_SPARSE_BY_ROWS : GRAD_SPARSE_BY_COLUMNS;
}

void *grad_sparse_seed(const GradSparse *a) {
    const Work *w = a->work;
    return w->complete ? (void *)w->seed : (void *)w->seed_bits;
}

void *grad_sparse_result(const GradSparse *a) {
    const Work *w = a->work;
    return w->complete ? (void *)w->result : (void *)w->result_bits;
}

double *grad_sparse_fixed(GradSparse *a, int rows, int columns,
                          const int *row_start, const int *column) {
    if (!a->work)
        a->work = grad_allocate_zeroed(1, sizeof *a->work);
    Work *w = a->work;
    if (w->complete && w->kinds == FIXED && w->fixed == column)
        return a->value;
    drop_pattern(a);
    size_t entries = (size_t)row_start[rows];
    a->rows = rows;
    a->columns = columns;
    a->entries = row_start[rows];
    a->row_start = grad_allocate((size_t)rows + 1, sizeof(int));
    a->column = grad_allocate(entries, sizeof(int));
    a->value = grad_allocate_zeroed(entries, sizeof(double));
    memcpy(a->row_start, row_start, ((size_t)rows + 1) * sizeof(int));
    memcpy(a->column, column, entries * sizeof(int));
    w->kinds = FIXED;
    w->fixed = column;
    w->complete = true;
    return a->value;
}

int grad_sparse_lower(const GradSparse *a, int *row, int *column,
                      double *value) {
    int count = 0;
    for (int i = 0; i < a->rows; i++)
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++) {
            if (a->column[k] > i)
                continue;
            if (row)
                row[count] = i;
            if (column)
                column[count] = a->column[k];
            if (value)
                value[count] = a->value[k];
            count++;
        }
    return count;
}

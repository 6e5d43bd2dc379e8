// linearize.c - the graph of local partial derivatives of straight-line code.
// Vertices are values that depend on the variables; an edge has the partial
// derivative of the later value by the earlier one. Memory is followed scalar
// by scalar: addresses are a parameter or a local object and a constant number
// of scalars behind it.
#include "differentiate/eliminate.h"

#include <stdlib.h>

enum { MAX_VERTICES = 1000, MAX_SCALARS = 4096 };

// Vertices by number + 1; 0: a value without derivative.
typedef uint32_t Vertex;

typedef struct Cell {
    const Value *root;
    int64_t offset;
    Vertex vertex;
} Cell;

typedef struct Edge {
    Vertex from, to;
    Ref ref;
    bool shows;    // where `from` is not finite, `to` is not
    Vertex result; // not finite where the partial is not; 0 if there is none
} Edge;

typedef struct Linear {
    const Dense *m;
    Derive *d;
    Builder *b;
    Terms *terms;
    uint32_t count; // of vertices
    PtrMap *vertices;
    Vec(Cell) cells;
    Vec(Edge) edges;
    Vec(const Value *) nonzero; // known so on this way
    bool failed; // this is not straight-line code, or too much of it
} Linear;

static void *as_pointer(Vertex vertex) { return (void *)(uintptr_t)vertex; }

static Vertex vertex_of(const Linear *l, const Value *value) {
    return (Vertex)(uintptr_t)ptrmap_get(l->vertices, value);
}

static Vertex add_vertex(Linear *l) {
    if (l->count == MAX_VERTICES)
        l->failed = true;
    return ++l->count;
}

static void add_edge(Linear *l, Edge edge) {
    if (edge.ref != REF_ZERO)
        vec_push(l->d->arena, &l->edges, edge);
}

// ---- Addresses --------------------------------------------------------------

// Scalars in an object; -1 where that has no meaning here.
static int64_t scalars_of(const Type *type) {
    if (type_is_arithmetic(type) || type_is_pointer(type))
        return 1;
    int64_t count = 0;
    if (type->kind == TYPE_ARRAY && type->length >= 0) {
        count = scalars_of(type->element);
        return count < 0 || count * type->length > MAX_SCALARS
                   ? -1
                   : count * type->length;
    }
    if (type->kind != TYPE_RECORD || type->record->is_union)
        return -1;
    for (size_t i = 0; i < type->record->field_count; i++) {
        int64_t more = scalars_of(type->record->fields[i].type);
        if (more < 0 || count > MAX_SCALARS)
            return -1;
        count += more;
    }
    return count;
}

// Constants with a name (enumerators) are not folded in the primal.
static bool constant_of(const Value *value, int64_t *number) {
    const Op *op = value->op;
    int64_t left, right;
    if (value_is_integer(value, number))
        return true;
    if (op && op->kind == OP_CAST && type_is_integer(op->operands[0]->type))
        return constant_of(op->operands[0], number);
    if (!op || op->operand_count != 2 || !constant_of(op->operands[0], &left) ||
        !constant_of(op->operands[1], &right) || left < 0 || right < 0 ||
        left > MAX_SCALARS || right > MAX_SCALARS)
        return false;
    *number = op->kind == OP_MUL ? left * right : left + right;
    return op->kind == OP_ADD || op->kind == OP_MUL;
}

static bool add_element(const Type *element, const Value *index,
                        int64_t *offset) {
    int64_t number, size = scalars_of(element);
    if (size < 0 || !constant_of(index, &number) || number > MAX_SCALARS ||
        number < -MAX_SCALARS)
        return false;
    *offset += number * size;
    return true;
}

static bool add_field(const Op *op, int64_t *offset) {
    const Record *record = op->operands[0]->type->element->record;
    if (record->is_union)
        return false;
    for (uint32_t i = 0; i < op->as.field; i++) {
        int64_t size = scalars_of(record->fields[i].type);
        if (size < 0)
            return false;
        *offset += size;
    }
    return true;
}

static bool resolve(const Value *address, const Value **root, int64_t *offset) {
    *offset = 0;
    while (address->op && address->op->kind != OP_ALLOC) {
        const Op *op = address->op;
        const Type *element = address->type->element;
        if (op->kind == OP_INDEX || op->kind == OP_ELEM) {
            if (!add_element(element, op->operands[1], offset))
                return false;
        } else if (op->kind != OP_FIELD || !add_field(op, offset)) {
            return false;
        }
        address = op->operands[0];
    }
    *root = address;
    return address->op || !address->region->parent;
}

// ---- Memory -----------------------------------------------------------------

static Cell *find_cell(const Linear *l, const Value *root, int64_t offset) {
    for (size_t i = l->cells.count; i-- > 0;)
        if (l->cells.items[i].root == root &&
            l->cells.items[i].offset == offset)
            return &l->cells.items[i];
    return NULL;
}

static Vertex get_cell(const Linear *l, const Value *root, int64_t offset) {
    const Cell *cell = find_cell(l, root, offset);
    return cell ? cell->vertex : 0;
}

static void set_cell(Linear *l, const Value *root, int64_t offset,
                     Vertex vertex) {
    Cell *cell = find_cell(l, root, offset);
    Cell added = {root, offset, vertex};
    if (cell)
        cell->vertex = vertex;
    else
        vec_push(l->d->arena, &l->cells, added);
}

static void load(Linear *l, const Op *op) {
    const Value *root;
    int64_t offset;
    if (!resolve(op->operands[0], &root, &offset))
        l->failed = true;
    else
        ptrmap_set(l->vertices, op->results[0],
                   as_pointer(get_cell(l, root, offset)));
}

static void store(Linear *l, const Op *op) {
    const Value *root;
    int64_t offset;
    if (!resolve(op->operands[0], &root, &offset))
        l->failed = true;
    else
        set_cell(l, root, offset, vertex_of(l, op->operands[1]));
}

// How many scalars a copy or zero concerns; -1 where that is not known.
static int64_t extent_of(const Op *op, uint32_t count) {
    int64_t number = 1, size = scalars_of(op->as.type);
    if (op->operand_count > count &&
        !value_is_integer(op->operands[count], &number))
        return -1;
    return size < 0 || number < 0 || number > MAX_SCALARS ||
                   number * size > MAX_SCALARS
               ? -1
               : number * size;
}

static void zero(Linear *l, const Op *op) {
    const Value *root;
    int64_t offset, extent = extent_of(op, 1);
    if (extent < 0 || !resolve(op->operands[0], &root, &offset)) {
        l->failed = true;
        return;
    }
    for (int64_t i = 0; i < extent; i++)
        set_cell(l, root, offset + i, 0);
}

// Elements may overlap: all are read before any is written.
static void copy(Linear *l, const Op *op) {
    const Value *to, *from;
    int64_t at, source, extent = extent_of(op, 2);
    if (extent < 0 || !resolve(op->operands[0], &to, &at) ||
        !resolve(op->operands[1], &from, &source)) {
        l->failed = true;
        return;
    }
    Vertex *read = arena_array(l->d->arena, Vertex, extent);
    for (int64_t i = 0; i < extent; i++)
        read[i] = get_cell(l, from, source + i);
    for (int64_t i = 0; i < extent; i++)
        set_cell(l, to, at + i, read[i]);
}

// ---- Arithmetic -------------------------------------------------------------

static bool is_nonzero(const Linear *l, const Value *value) {
    for (size_t i = 0; i < l->nonzero.count; i++)
        if (l->nonzero.items[i] == value)
            return true;
    const Op *op = value->op;
    bool keeps = op && (op->kind == OP_NEG ||
                        (op->kind == OP_MATH && (op->as.math == MATH_sqrt ||
                                                 op->as.math == MATH_fabs)));
    return keeps && is_nonzero(l, op->operands[0]);
}

// Whether the way taken shows that no partial can be infinite.
static bool is_regular(const Linear *l, const Op *op) {
    if (op->kind == OP_DIV)
        return is_nonzero(l, op->operands[1]);
    return op->kind == OP_MATH &&
           (op->as.math == MATH_sqrt || op->as.math == MATH_log) &&
           is_nonzero(l, op->operands[0]);
}

static Ref partial(Linear *l, const Op *op, uint32_t operand) {
    Value *one = build_float(l->b, l->terms->type, 1);
    Value *value = local_tangent(l->b, op, operand, one);
    if (!value)
        return REF_ZERO;
    if (value->op && value->op->kind == OP_SELECT && value->op->as.guard &&
        is_regular(l, op))
        value = value->op->operands[1];
    return term_of_partial(l->terms, value);
}

// z = x / y: dz = (dx - z dy) / y, so that the factor 1 / y stands once.
static void divide(Linear *l, const Op *op, Vertex x, Vertex y) {
    Vertex difference = add_vertex(l), quotient = add_vertex(l);
    Ref factor = partial(l, op, 0);
    Ref result = term_of_partial(l->terms, op->results[0]);
    if (term_is_singular(l->terms, factor))
        result = term_make_singular(l->terms, result);
    if (x)
        add_edge(l, (Edge){x, difference, REF_ONE, true, 0});
    if (y)
        add_edge(l, (Edge){y, difference, -result, false, quotient});
    add_edge(l, (Edge){difference, quotient, factor, true, quotient});
    ptrmap_set(l->vertices, op->results[0], as_pointer(quotient));
}

// Whether the result is not finite wherever an operand is not.
static bool shows_operands(const Op *op) {
    if (op->kind == OP_MATH)
        return op->as.math == MATH_sqrt || op->as.math == MATH_fabs ||
               op->as.math == MATH_sin || op->as.math == MATH_cos ||
               op->as.math == MATH_log || op->as.math == MATH_fma;
    return op->kind == OP_ADD || op->kind == OP_SUB || op->kind == OP_MUL ||
           op->kind == OP_NEG || op->kind == OP_CAST;
}

// Whether the result is not finite where the partial is not.
static bool shows_partial(const Op *op) {
    return op->kind == OP_MATH &&
           (op->as.math == MATH_log || op->as.math == MATH_log2 ||
            op->as.math == MATH_log10 || op->as.math == MATH_log1p);
}

static bool depends(const Linear *l, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (vertex_of(l, op->operands[i]))
            return true;
    return false;
}

static void arithmetic(Linear *l, const Op *op) {
    if (op->result_count == 0 || !derive_is_active(l->d, op->results[0]) ||
        op->kind == OP_INACTIVE || !depends(l, op))
        return;
    if (!local_has_rule(op) ||
        op->results[0]->type->kind != l->terms->type->kind) {
        l->failed = true;
        return;
    }
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (vertex_of(l, op->operands[i]) &&
            op->operands[i]->type->kind != l->terms->type->kind)
            l->failed = true; // the partials would have several types
    if (l->failed)
        return;
    if (op->kind == OP_DIV) {
        divide(l, op, vertex_of(l, op->operands[0]),
               vertex_of(l, op->operands[1]));
        return;
    }
    Vertex vertex = add_vertex(l);
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (vertex_of(l, op->operands[i]))
            add_edge(l, (Edge){vertex_of(l, op->operands[i]), vertex,
                               partial(l, op, i), shows_operands(op),
                               shows_partial(op) ? vertex : 0});
    ptrmap_set(l->vertices, op->results[0], as_pointer(vertex));
}

static void add_op(Linear *l, const Op *op) {
    bool memory = op->kind == OP_LOAD || op->kind == OP_STORE ||
                  op->kind == OP_COPY || op->kind == OP_ZERO;
    bool local = op->kind == OP_ALLOC || op->kind == OP_HEAP ||
                 op->kind == OP_HEAP_SIZE || op->kind == OP_FREE;
    bool effect = op_has_effect(op) && !local;
    if (!memory && !op->region_count && op->kind != OP_CALL) {
        l->failed |= effect;
        arithmetic(l, op);
        return;
    }
    if (!paths_op_is_active(l->d, op))
        return;
    if (op->kind == OP_LOAD)
        load(l, op);
    else if (op->kind == OP_STORE)
        store(l, op);
    else if (op->kind == OP_ZERO)
        zero(l, op);
    else if (op->kind == OP_COPY)
        copy(l, op);
    else
        l->failed = true;
}

// The operations of a region up to one that holds the rest of the way.
static void add_region(Linear *l, const Region *region, const Op *end) {
    for (const Op *op = region->first; op != end && !l->failed; op = op->next)
        add_op(l, op);
}

// What the condition says where it holds, or fails.
static void add_fact(Linear *l, const Value *condition, bool holds) {
    const Op *op = condition->op;
    if (!op || !(op_info(op->kind)->flags & OPF_COMPARES) ||
        !type_is_float(op->operands[0]->type))
        return;
    bool strict = op->kind == OP_NE || op->kind == OP_LT || op->kind == OP_GT;
    for (uint32_t i = 0; i < 2; i++)
        if (strict == holds && value_is_zero(op->operands[1 - i]))
            vec_push(l->d->arena, &l->nonzero, op->operands[i]);
}

static void add_way(Linear *l, const Region *end) {
    const Op *choice = end->parent;
    if (choice) {
        add_way(l, choice->parent);
        add_fact(l, choice->operands[0], choice->regions[IF_THEN] == end);
    }
    const Op *stop = region_terminator(end);
    if (stop->previous && stop->previous->kind == OP_IF &&
        paths_op_is_active(l->d, stop->previous))
        stop = stop->previous;
    add_region(l, end, stop);
}

// ---- Columns and rows -------------------------------------------------------

static int64_t length_of(const Variable *variable) {
    int64_t length = 1;
    value_is_integer(variable->length, &length);
    return length;
}

static const Value *root_of(const Linear *l, const Variable *variable) {
    return l->d->function->body->params[variable->param];
}

static void add_columns(Linear *l) {
    const Side *side = &l->m->wrt;
    for (uint32_t i = 0; i < side->count; i++) {
        const Value *root = root_of(l, &side->variables[i]);
        int64_t length = length_of(&side->variables[i]);
        for (int64_t k = 0; k < length; k++) {
            Vertex vertex = add_vertex(l);
            if (type_is_pointer(root->type))
                set_cell(l, root, k, vertex);
            else
                ptrmap_set(l->vertices, root, as_pointer(vertex));
        }
    }
}

// Vertices of their own, so that what they are equal to can be eliminated.
static void add_rows(Linear *l, const Region *end) {
    const Side *side = &l->m->of;
    for (uint32_t i = 0; i < side->count; i++) {
        const Variable *v = &side->variables[i];
        int64_t length = length_of(v);
        for (int64_t k = 0; k < length; k++) {
            Vertex from =
                v->is_return ? vertex_of(l, region_terminator(end)->operands[0])
                             : get_cell(l, root_of(l, v), k);
            Vertex row = add_vertex(l);
            if (from)
                add_edge(l, (Edge){from, row, REF_ONE, true, 0});
        }
    }
}

// ---- Partials that need no guard --------------------------------------------

// What vertices have to do with rows, by vertex and row.
typedef struct Reach {
    bool *depends, *shows;
} Reach;

static int by_start(const void *a, const void *b) {
    const Edge *x = *(const Edge *const *)a, *y = *(const Edge *const *)b;
    return x->from < y->from ? 1 : x->from > y->from ? -1 : 0;
}

// Last vertices first: edges lead to later ones.
static Reach find_reach(const Linear *l, const Graph *g) {
    size_t size = (size_t)(l->count + 1) * g->rows;
    Reach reach = {arena_array(l->d->arena, bool, size),
                   arena_array(l->d->arena, bool, size)};
    const Edge **edges = arena_array(l->d->arena, const Edge *, l->edges.count);
    for (size_t i = 0; i < l->edges.count; i++)
        edges[i] = &l->edges.items[i];
    qsort(edges, l->edges.count, sizeof *edges, by_start);
    for (uint32_t row = 0; row < g->rows; row++) {
        size_t own = (size_t)(l->count - g->rows + 1 + row) * g->rows + row;
        reach.depends[own] = reach.shows[own] = true;
    }
    for (size_t i = 0; i < l->edges.count; i++)
        for (uint32_t row = 0; row < g->rows; row++) {
            size_t from = (size_t)edges[i]->from * g->rows + row;
            size_t to = (size_t)edges[i]->to * g->rows + row;
            reach.depends[from] |= reach.depends[to];
            reach.shows[from] |= edges[i]->shows && reach.shows[to];
        }
    return reach;
}

// Zero times a partial that is infinite is zero. Nobody sees that where all
// rows that it has to do with are infinite, or no numbers, themselves.
static void drop_guards(const Linear *l, const Graph *g) {
    Reach reach = find_reach(l, g);
    for (size_t i = 0; i < l->edges.count; i++) {
        Edge *e = &l->edges.items[i];
        bool seen = e->result && term_is_singular(l->terms, e->ref);
        for (uint32_t row = 0; row < g->rows && seen; row++) {
            size_t at = (size_t)e->result * g->rows + row;
            seen = !reach.depends[at] || reach.shows[at];
        }
        if (seen)
            e->ref = term_make_regular(l->terms, e->ref);
    }
}

// ---- The graph --------------------------------------------------------------

static void fill(const Linear *l, Graph *g) {
    g->edges = arena_array(l->d->arena, Ref, (size_t)l->count * l->count);
    for (size_t i = 0; i < l->edges.count; i++) {
        Edge e = l->edges.items[i];
        Ref *at = &g->edges[(size_t)(e.from - 1) * l->count + e.to - 1];
        *at = term_sum(l->terms, *at, e.ref);
    }
}

bool linearize(const Dense *m, Derive *d, Region *end, Builder *b, Terms *terms,
               Graph *g) {
    Linear linear = {.m = m,
                     .d = d,
                     .b = b,
                     .terms = terms,
                     .vertices = ptrmap_create(d->arena)};
    Linear *l = &linear;
    add_columns(l);
    *g = (Graph){.terms = terms, .columns = l->count};
    add_way(l, end);
    uint32_t before = l->count;
    if (!l->failed)
        add_rows(l, end);
    g->rows = l->count - before;
    g->count = l->count;
    if (!l->failed) {
        drop_guards(l, g);
        fill(l, g);
    }
    return !l->failed;
}

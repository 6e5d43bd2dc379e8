// eliminate.c - Jacobians of straight-line code: small loops are unrolled, what
// follows a branch moves into it, and at the end of each way through the
// function stands the elimination of its graph of partial derivatives.
#include "differentiate/eliminate.h"

#include "differentiate/sparse.h"
#include "optimize/optimize.h"

#include <inttypes.h>

enum { MAX_ENTRIES = 1024, MAX_WORK = 2000, MANY_ZEROS = 12 };

// Where one way ends, and its entries; NULL for zero.
typedef struct End {
    Op *terminator;
    Value **values;
} End;

typedef struct Eliminate {
    Dense *m;
    Derive d; // of the copy of the primal that is changed here
    int64_t rows, columns;
    Value *matrix; // in that copy
    Vec(End) ways;
    Elimination longest;
    int64_t *place; // sparse: of each entry among those that any way has, or -1
    int64_t places;
} Eliminate;

// ---- The copy ---------------------------------------------------------------

static void analyse(Derive *d) {
    const Annotation *a = d->annotation;
    ActivitySeeds seeds = {0};
    seeds.independent = arena_array(d->arena, bool, d->function->param_count);
    seeds.dependent = arena_array(d->arena, bool, d->function->param_count);
    for (uint32_t i = 0; i < a->wrt_count; i++)
        seeds.independent[a->wrt[i].param] = true;
    for (uint32_t i = 0; i < a->of_count; i++) {
        if (a->of[i].kind == ITEM_RETURN)
            seeds.result_dependent = true;
        else
            seeds.dependent[a->of[i].param] = true;
    }
    d->memory = memory_analyse(d->arena, d->function);
    d->activity = activity_analyse(d->arena, d->function, d->memory, &seeds);
}

static bool is_small(Eliminate *e) {
    return value_is_integer(e->m->of.total, &e->rows) &&
           value_is_integer(e->m->wrt.total, &e->columns) && e->rows > 0 &&
           e->columns > 0 && e->rows <= MAX_ENTRIES &&
           e->columns <= MAX_ENTRIES / e->rows;
}

static bool is_listed(const Annotation *a, uint32_t param) {
    const GradItem *lists[] = {a->wrt, a->of, a->work};
    const uint32_t counts[] = {a->wrt_count, a->of_count, a->work_count};
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < counts[k]; i++)
            if (lists[k][i].kind == ITEM_PARAM && lists[k][i].param == param)
                return true;
    return false;
}

// Whether only what is listed carries derivatives; else the way through loops
// complains.
static bool is_all_listed(const Derive *d) {
    for (uint32_t i = 0; i < memory_object_count(d->memory); i++) {
        const MemObject *object = memory_object(d->memory, i);
        const Value *param = memory_object_param(object);
        if (!activity_of_object(d->activity, object))
            continue;
        if (object->kind == MEM_GLOBAL || object->kind == MEM_UNKNOWN ||
            (param && object->kind != MEM_LOCAL &&
             !is_listed(d->annotation, param->index)))
            return false;
    }
    return true;
}

// A copy of the primal to work on; false where it is not fit for this.
static bool copy_primal(Eliminate *e, const Function *prepared) {
    Derive *d = &e->d;
    *d = *e->m->d;
    d->function = clone_function(prepared, prepared->name);
    d->module->functions.count--; // not one of the module's own
    analyse(d);
    pun_refuse(d);
    e->m->d->failed = d->failed;
    if (d->failed || !is_all_listed(d))
        return false;
    optimize_straighten(d->function, d->disabled);
    return paths_split(d, analyse);
}

// ---- The end of one way -----------------------------------------------------

static void clear(const Eliminate *e, Builder *b) {
    if (e->place)
        return; // every entry is stored
    Op *zero = op_create(b->function, OP_ZERO, 2, 0, 0);
    zero->as.type = e->m->number;
    zero->operands[0] = e->matrix;
    zero->operands[1] = dense_long(b, e->rows * e->columns);
    builder_insert(b, zero);
}

static void store_entry(const Eliminate *e, Builder *b, int64_t row,
                        int64_t column, Value *value) {
    bool turned = e->d.annotation->denominator;
    int64_t at = turned ? column * e->rows + row : row * e->columns + column;
    if (e->place)
        at = e->place[at];
    if (at < 0)
        return;
    Value *address = build_index(b, e->matrix, dense_long(b, at));
    build_store(b, address, value);
}

// values: NULL for zero.
static void store_entries(const Eliminate *e, Builder *b, Value **values) {
    int64_t count = e->rows * e->columns, zeros = 0;
    for (int64_t i = 0; i < count; i++)
        zeros += values[i] == NULL;
    bool cleared = !e->place && zeros > MANY_ZEROS && 2 * zeros > count;
    if (cleared)
        clear(e, b);
    for (int64_t i = 0; i < count; i++)
        if (values[i] || !cleared)
            store_entry(e, b, i / e->columns, i % e->columns,
                        values[i] ? values[i]
                                  : build_float(b, e->m->number, 0));
}

static bool finish_way(Eliminate *e, Region *end) {
    Graph graph;
    Terms terms;
    Elimination best;
    Builder b = builder_before(region_terminator(end));
    b.adjoint = true;
    terms_init(&terms, e->d.arena, e->m->number);
    if (!linearize(e->m, &e->d, end, &b, &terms, &graph))
        return false;
    ENSURE(graph.rows == e->rows && graph.columns == e->columns);
    graph_eliminate(&graph, &best);
    if (best.work.products + best.work.sums > MAX_WORK)
        return false;
    size_t count = (size_t)graph.rows * graph.columns;
    End way = {region_terminator(end),
               terms_build(&terms, &b, best.entries, count)};
    vec_push(e->d.arena, &e->ways, way);
    if (e->ways.count == 1 || best.work.products > e->longest.work.products)
        e->longest = best;
    return true;
}

static bool finish_ways(Eliminate *e, Region *region) {
    Op *last = region_terminator(region)->previous;
    if (last && last->kind == OP_IF && paths_op_is_active(&e->d, last))
        return finish_ways(e, last->regions[IF_THEN]) &&
               finish_ways(e, last->regions[IF_ELSE]);
    return finish_way(e, region);
}

static void store_ways(const Eliminate *e) {
    for (size_t i = 0; i < e->ways.count; i++) {
        Builder b = builder_before(e->ways.items[i].terminator);
        b.adjoint = true;
        store_entries(e, &b, e->ways.items[i].values);
    }
}

// ---- Sparse: the entries that some way has ----------------------------------

static bool has_entry(const Eliminate *e, int64_t at) {
    for (size_t i = 0; i < e->ways.count; i++)
        if (e->ways.items[i].values[at])
            return true;
    return false;
}

// A constant table of the generated file.
static Value *table(const Eliminate *e, Builder *b, const char *name,
                    const int64_t *numbers, int64_t count) {
    Module *module = e->d.module;
    const Type *number = type_const(module, type_scalar(module, TYPE_INT));
    Global *global = arena_new(e->d.arena, Global);
    Text text;
    text_init(&text, e->d.arena);
    name = arena_printf(e->d.arena, "%s_%s", e->d.annotation->name, name);
    text_printf(&text, "static const int %s[] = {", name);
    for (int64_t i = 0; i < count; i++)
        text_printf(&text, "%s%" PRId64,
                    !i       ? ""
                    : i % 12 ? ", "
                             : ",\n    ",
                    numbers[i]);
    text_add(&text, "};");
    *global = (Global){.name = name,
                       .type = type_array(module, number, count),
                       .is_static = true,
                       .is_constant = true,
                       .definition = text.chars};
    vec_push(module->arena, &module->globals, global);
    return build_elem(b, build_global(b, global), dense_long(b, 0));
}

// The array of the values, from the runtime, which is told the pattern.
static Value *make_pattern(Eliminate *e) {
    int64_t count = e->rows * e->columns, entries = 0;
    int64_t *start = arena_array(e->d.arena, int64_t, e->rows + 1);
    int64_t *column = arena_array(e->d.arena, int64_t, count + 1);
    Builder b = builder_at_end(e->m->d->function->body);
    b.adjoint = true;
    e->place = arena_array(e->d.arena, int64_t, count);
    for (int64_t at = 0; at < count; at++) {
        e->place[at] = has_entry(e, at) ? entries : -1;
        if (e->place[at] >= 0)
            column[entries++] = at % e->columns;
        start[at / e->columns + 1] = entries;
    }
    e->places = entries;
    return sparse_fixed(
        e->m, &b, e->rows, e->columns,
        table(e, &b, "row_start", start, e->rows + 1),
        table(e, &b, "column", column, entries > 0 ? entries : 1));
}

// ---- The function -----------------------------------------------------------

static void take_body(const Eliminate *e, Value *matrix) {
    const Dense *m = e->m;
    const Region *from = e->d.function->body;
    Region *body = m->d->function->body;
    ValueMap map;
    valuemap_init(&map, e->d.arena, e->d.function);
    for (uint32_t i = 0; i < e->d.function->param_count; i++)
        valuemap_set(&map, from->params[i], body->params[m->position[i]]);
    valuemap_set(&map, e->matrix, matrix);
    Builder b = builder_at_end(body);
    for (const Op *op = from->first; op; op = op->next)
        clone_op(&b, op, &map);
}

static const char *describe(const Eliminate *e) {
    const Elimination *best = &e->longest;
    const char *where =
        e->ways.count == 1
            ? ""
            : arena_printf(e->d.arena, ", on the longest of %zu ways",
                           e->ways.count);
    if (e->place)
        where = arena_printf(e->d.arena,
                             "%s. The pattern is known: %" PRId64 " entr%s",
                             where, e->places, e->places == 1 ? "y" : "ies");
    return arena_printf(
        e->d.arena,
        "Intermediate values are eliminated, %s: %" PRIu32
        " multiplication%s (%" PRIu32
        " in the order of the computation, %" PRIu32 " in reverse order)%s",
        best->order, best->work.products, best->work.products == 1 ? "" : "s",
        best->forward.products, best->reverse.products, where);
}

bool eliminate_run(Dense *m, const Function *prepared, const char **way) {
    Eliminate elimination = {.m = m};
    Eliminate *e = &elimination;
    if (!is_small(e) || (m->d->disabled & DIFFERENTIATE_ELIMINATE))
        return false;
    if (!copy_primal(e, prepared))
        return false;
    e->matrix = region_append_param(
        e->d.function->body, type_pointer(m->d->module, m->number), NULL);
    if (!finish_ways(e, e->d.function->body))
        return false;
    Value *matrix = e->d.annotation->sparse ? make_pattern(e) : m->matrix;
    store_ways(e);
    take_body(e, matrix);
    *way = describe(e);
    return true;
}

// blocks.c - the loop over the blocks of a matrix of derivatives. A block of
// directions is one call: unit vectors go into `seed`, what comes back stands
// in `result`, and from there it goes into the matrix. Both buffers hold all
// variables one behind the other, in the order in which they are listed.
#include "differentiate/dense.h"

typedef struct Blocks {
    Dense *m;
    Way way;
    Function *callee;
    int64_t size;    // entries of a block
    Side *in, *out;  // what is seeded, and what comes back
    Value *seed;     // in->total * size
    Value *result;   // out->total * size
    Value *adjoints; // scratch for what the call adds up besides
    Value *first, *columns;
} Blocks;

Value *dense_long(Builder *b, int64_t value) {
    return build_int(b, type_scalar(b->function->module, TYPE_LONG), value);
}

Builder dense_loop(Builder *b, Value *begin, Value *end, int64_t step,
                   const char *name, Value **index) {
    Op *loop =
        build_for(b, begin, end, dense_long(b, step), OP_LT, NULL, 0, name);
    Builder inner = builder_at_end(loop->regions[0]);
    inner.adjoint = true;
    *index = loop->regions[0]->params[0];
    return inner;
}

static Value *add(Builder *b, Value *x, Value *y) {
    return build_binary(b, OP_ADD, x, y);
}

// A constant where both are: what is small is a local array.
static Value *times(Builder *b, Value *x, Value *y) {
    int64_t left, right;
    return value_is_integer(x, &left) && value_is_integer(y, &right)
               ? dense_long(b, left * right)
               : build_binary(b, OP_MUL, x, y);
}

static void clear(Builder *b, Value *memory, Value *count) {
    Op *zero = op_create(b->function, OP_ZERO, 2, 0, 0);
    zero->as.type = memory->type->element;
    zero->operands[0] = memory;
    zero->operands[1] = count;
    builder_insert(b, zero);
}

// ---- One call ---------------------------------------------------------------

static const Variable *find(const Side *side, uint32_t param) {
    for (uint32_t i = 0; i < side->count; i++)
        if (!side->variables[i].is_return && side->variables[i].param == param)
            return &side->variables[i];
    return NULL;
}

static Value *part(Builder *b, Value *memory, const Variable *variable,
                   int64_t size) {
    return build_index(b, memory,
                       times(b, variable->offset, dense_long(b, size)));
}

// The place of a variable that is seeded, comes back, or both: then the result
// replaces the seed.
static Value *place(Blocks *k, Builder *b, uint32_t param) {
    const Variable *in = find(k->in, param), *out = find(k->out, param);
    if (in)
        return part(b, k->seed, in, k->size);
    return out ? part(b, k->result, out, k->size) : NULL;
}

static Value *as(Builder *b, const Param *param, Value *pointer) {
    return build_cast(b, param->type, pointer);
}

typedef struct Arguments {
    Value **values;
    uint32_t count;
} Arguments;

static void push(Blocks *k, Builder *b, Arguments *a, Value *value) {
    const Param *param = &k->callee->params[a->count];
    bool scalar = type_is_float(param->type) && type_is_pointer(value->type);
    a->values[a->count++] = scalar ? build_load(b, value) : as(b, param, value);
}

// Where a call adds up adjoints that are not asked for, or the gradient.
static Value *scratch(Blocks *k, Builder *b, uint32_t param) {
    const Variable *x = find(&k->m->wrt, param), *y = find(&k->m->of, param);
    if (x)
        return part(b, k->adjoints, x, 1);
    Value *behind = add(b, k->m->wrt.total, y->offset);
    return build_index(b, k->adjoints, behind);
}

static Value *call(Blocks *k, Builder *b) {
    const Derive *d = k->m->d;
    Arguments a = {arena_array(d->arena, Value *, k->callee->param_count), 0};
    for (uint32_t i = 0; i < d->primal->param_count; i++) {
        Value *own = d->function->body->params[k->m->position[i]];
        a.values[a.count++] = own;
        if (!find(k->in, i) && !find(k->out, i))
            continue;
        if (k->way == WAY_ROWS)
            push(k, b, &a, scratch(k, b, i));
        push(k, b, &a, place(k, b, i));
        if (k->way == WAY_PRODUCTS) {
            push(k, b, &a, scratch(k, b, i));
            push(k, b, &a, part(b, k->result, find(k->out, i), k->size));
        }
    }
    if (k->way == WAY_COLUMNS)
        for (uint32_t i = 0; i < k->out->count; i++)
            if (k->out->variables[i].is_return)
                push(k, b, &a,
                     part(b, k->result, &k->out->variables[i], k->size));
    ENSURE(a.count == k->callee->param_count);
    Op *op = build_call(b, k->callee, a.values, a.count);
    return op->result_count ? op->results[0] : NULL;
}

// ---- One block --------------------------------------------------------------

// seed[(first + k) * size + k] = 1
static void set_seeds(Blocks *k, Builder *b) {
    Value *i;
    Builder inner = dense_loop(b, dense_long(b, 0), k->columns, 1, "k", &i);
    Value *row = add(&inner, k->first, i);
    Value *at = add(&inner, times(&inner, row, dense_long(&inner, k->size)), i);
    build_store(&inner, build_index(&inner, k->seed, at),
                build_float(&inner, k->m->number, 1));
    build_yield(&inner, NULL, 0);
}

// matrix[row * wide + column], by the layout.
static Value *entry(Blocks *k, Builder *b, Value *row, Value *column) {
    const Dense *m = k->m;
    bool turned = m->d->annotation->denominator;
    const Side *rows = k->way == WAY_PRODUCTS ? &m->wrt : &m->of;
    Value *at = turned ? add(b, times(b, column, rows->total), row)
                       : add(b, times(b, row, m->wrt.total), column);
    return build_index(b, m->matrix, at);
}

// What stands at `from` for the entry i of a variable.
static void collect_entry(Blocks *k, Builder *b, const Variable *variable,
                          Value *from, Value *i) {
    Value *c;
    Builder inner = dense_loop(b, dense_long(b, 0), k->columns, 1, "k", &c);
    Value *at = add(&inner, times(&inner, i, dense_long(&inner, k->size)), c);
    Value *value = build_load(&inner, build_index(&inner, from, at));
    Value *this = add(&inner, variable->offset, i);
    Value *other = add(&inner, k->first, c);
    bool rows = k->way == WAY_ROWS;
    build_store(&inner,
                entry(k, &inner, rows ? other : this, rows ? this : other),
                value);
    build_yield(&inner, NULL, 0);
}

static void collect_variable(Blocks *k, Builder *b, const Variable *variable) {
    bool both = k->way != WAY_PRODUCTS && !variable->is_return &&
                find(k->in, variable->param);
    Value *from = both ? place(k, b, variable->param)
                       : part(b, k->result, variable, k->size);
    Value *zero = dense_long(b, 0), *i;
    if (value_is_one(variable->length)) {
        collect_entry(k, b, variable, from, zero);
        return;
    }
    Builder outer = dense_loop(b, zero, variable->length, 1, "i", &i);
    collect_entry(k, &outer, variable, from, i);
    build_yield(&outer, NULL, 0);
}

static Value *at_most(Builder *b, Value *count, int64_t most) {
    Value *limit = dense_long(b, most);
    return build_select(b, build_binary(b, OP_LT, count, limit), count, limit);
}

static void restore(Blocks *k, Builder *b) {
    const Derive *d = k->m->d;
    for (size_t i = 0; i < k->m->saved.count; i++) {
        const Saved *s = &k->m->saved.items[i];
        Value *param = d->function->body->params[k->m->position[s->param]];
        Op *copy = op_create(b->function, OP_COPY, 3, 0, 0);
        copy->as.type = k->m->number;
        copy->operands[0] = build_cast(b, s->copy->type, param);
        copy->operands[1] = s->copy;
        copy->operands[2] = s->length;
        builder_insert(b, copy);
    }
}

// What comes back in the place of a seed goes to its own place, too.
static void move_results(Blocks *k, Builder *b) {
    for (uint32_t i = 0; k->way != WAY_PRODUCTS && i < k->out->count; i++) {
        const Variable *y = &k->out->variables[i];
        if (y->is_return || !find(k->in, y->param))
            continue;
        Op *copy = op_create(b->function, OP_COPY, 3, 0, 0);
        copy->as.type = k->result->type->element;
        copy->operands[0] = part(b, k->result, y, k->size);
        copy->operands[1] = place(k, b, y->param);
        copy->operands[2] = times(b, y->length, dense_long(b, k->size));
        builder_insert(b, copy);
    }
}

static void clear_adjoints(Blocks *k, Builder *b) {
    if (k->adjoints)
        clear(b, k->adjoints,
              k->way == WAY_ROWS ? add(b, k->m->wrt.total, k->m->of.total)
                                 : k->m->wrt.total);
}

static void choose_sides(Blocks *k) {
    k->in = k->way == WAY_ROWS ? &k->m->of : &k->m->wrt;
    k->out = k->way == WAY_COLUMNS ? &k->m->of : &k->m->wrt;
}

Value *dense_evaluate(Dense *m, Builder *b, Way way, const DenseCall *c) {
    Blocks blocks = {.m = m,
                     .way = way,
                     .callee = c->callee,
                     .size = c->size,
                     .seed = c->seed,
                     .result = c->result,
                     .adjoints = c->adjoints};
    choose_sides(&blocks);
    clear_adjoints(&blocks, b);
    restore(&blocks, b);
    Value *value = call(&blocks, b);
    move_results(&blocks, b);
    return value;
}

static Value *fill_block(Blocks *k, Builder *b) {
    Value *size = dense_long(b, k->size);
    k->columns =
        at_most(b, build_binary(b, OP_SUB, k->in->total, k->first), k->size);
    clear(b, k->seed, times(b, k->in->total, size));
    clear(b, k->result, times(b, k->out->total, size));
    clear_adjoints(k, b);
    set_seeds(k, b);
    restore(k, b);
    Value *value = call(k, b);
    for (uint32_t i = 0; i < k->out->count; i++)
        collect_variable(k, b, &k->out->variables[i]);
    return value;
}

// ---- All blocks -------------------------------------------------------------

static void add_entry(Builder *b, Value *to, Value *from, Value *i) {
    Value *at = build_index(b, to, i);
    Value *more = build_load(b, build_index(b, from, i));
    build_store(b, at, add(b, build_load(b, at), more));
}

// d_x += what the last call has added up.
static void add_gradient(Blocks *k, Builder *b) {
    const Dense *m = k->m;
    for (uint32_t i = 0; i < m->wrt.count; i++) {
        const Variable *x = &m->wrt.variables[i];
        Value *target = m->d->function->body->params[m->gradient[x->param]];
        Value *from = part(b, k->adjoints, x, 1), *index;
        Value *to = build_cast(b, from->type, target);
        Value *zero = dense_long(b, 0);
        if (value_is_one(x->length)) {
            add_entry(b, to, from, zero);
            continue;
        }
        Builder inner = dense_loop(b, zero, x->length, 1, "i", &index);
        add_entry(&inner, to, from, index);
        build_yield(&inner, NULL, 0);
    }
}

static void release(Builder *b, Value *memory) {
    if (memory)
        dense_free(b, memory);
}

// Once at least: the primal's results are wanted, whatever the lengths.
static Value *fill_blocks(Blocks *k, Builder *b) {
    Value *total = k->in->total, *one = dense_long(b, 1);
    Value *block = dense_long(b, k->size);
    int64_t constant;
    k->first = dense_long(b, 0);
    if (value_is_integer(total, &constant) && constant <= k->size)
        return fill_block(k, b);
    Value *more = build_binary(b, OP_GT, total, one);
    Value *end = build_select(b, more, total, one);
    const Type *result = k->callee->result;
    bool returns = result->kind != TYPE_VOID;
    Value *initial = returns ? build_undef(b, result) : NULL;
    Op *loop =
        build_for(b, k->first, end, block, OP_LT, &initial, returns, "first");
    Builder body = builder_at_end(loop->regions[0]);
    body.adjoint = true;
    k->first = loop->regions[0]->params[0];
    Value *value = fill_block(k, &body);
    build_yield(&body, &value, returns);
    return returns ? loop->results[0] : NULL;
}

Value *dense_adjoints(Dense *m, Builder *b, Way way) {
    bool rows = way == WAY_ROWS;
    Value *count =
        rows ? dense_sum(b, m->wrt.total, m->of.total) : m->wrt.total;
    return dense_memory(m, b, count, rows ? "adjoints" : "gradient");
}

void dense_add_gradient(Dense *m, Builder *b, Value *gradient) {
    Blocks blocks = {.m = m, .adjoints = gradient};
    add_gradient(&blocks, b);
}

Value *dense_blocks(Dense *m, Builder *b, Way way, Function *callee,
                    int64_t size) {
    Blocks blocks = {.m = m, .way = way, .callee = callee, .size = size};
    Blocks *k = &blocks;
    Value *block = dense_long(b, size);
    choose_sides(k);
    k->seed = dense_memory(m, b, times(b, k->in->total, block), "seed");
    k->result = dense_memory(m, b, times(b, k->out->total, block), "result");
    if (way != WAY_COLUMNS)
        k->adjoints = dense_adjoints(m, b, way);
    Value *value = fill_blocks(k, b);
    if (way == WAY_PRODUCTS)
        add_gradient(k, b);
    release(b, k->adjoints);
    release(b, k->result);
    release(b, k->seed);
    return value;
}

Value *dense_gradient(Dense *m, Builder *b, Function *callee) {
    const Derive *d = m->d;
    Value **values = arena_array(d->arena, Value *, callee->param_count);
    uint32_t count = 0;
    clear(b, m->matrix, m->wrt.total);
    for (uint32_t i = 0; i < d->primal->param_count; i++) {
        const Variable *x = find(&m->wrt, i);
        values[count++] = d->function->body->params[m->position[i]];
        if (x)
            values[count] =
                as(b, &callee->params[count], part(b, m->matrix, x, 1));
        count += x != NULL;
    }
    return build_call(b, callee, values, count)->results[0];
}

// sparse.c - sparse Hessians and Jacobians: a function that asks the runtime
// what to evaluate next until all entries are there,
//
//     grad_sparse_begin(jac, rows, columns, kinds, decisions);
//     int todo = grad_sparse_next(jac);
//     while (todo != GRAD_SPARSE_DONE) {
//         if (todo == GRAD_SPARSE_PATTERN) ... f_jac_pattern(...)
//         else ... f_jac_columns(...), or f_jac_rows(...)
//         todo = grad_sparse_next(jac);
//     }
//
// The pattern's function is forward mode whose tangents are index sets; of a
// Hessian, that of the gradient function. Colours and compressed products are
// the runtime's.
#include "differentiate/sparse.h"

enum { DONE, PATTERN, BY_COLUMNS, BY_ROWS }; // of GradSparseAction
enum { WORDS = 4, WIDTH = 8 };               // as in gradrt.h
enum { SYMMETRIC = 1, ROWS = 2 };

typedef struct Sparse {
    Dense *m;
    const Function *prepared;
    Way way;                            // of columns
    Function *pattern, *columns, *rows; // rows: NULL where there are none
    Value *columns_adjoints, *rows_adjoints;
} Sparse;

const Type *sparse_type(Module *module) {
    for (size_t i = 0; i < module->records.count; i++)
        if (string_equal(module->records.items[i]->name, "GradSparse"))
            return type_record(module, module->records.items[i]);
    Record *record = arena_new(module->arena, Record);
    *record = (Record){.name = "GradSparse",
                       .in_header = true,
                       .in_runtime = true,
                       .definition = ""};
    vec_push(module->arena, &module->records, record);
    return type_record(module, record);
}

// ---- The runtime's functions ------------------------------------------------

static Value *action(Sparse *s, Builder *b) {
    const Type *type = type_scalar(s->m->d->module, TYPE_INT);
    Value *todo =
        derive_call_runtime(b, "grad_sparse_next", type, &s->m->matrix, 1);
    todo->name = "todo";
    return todo;
}

static Value *is_action(Builder *b, OpKind compare, Value *todo, int number,
                        const char *name) {
    return build_binary(b, compare, todo,
                        build_spelled(b, todo->type, number, name));
}

static Value *buffer(Sparse *s, Builder *b, bool seed, const Type *number) {
    Module *module = s->m->d->module;
    const Type *untyped = type_pointer(module, type_scalar(module, TYPE_VOID));
    Value *memory =
        derive_call_runtime(b, seed ? "grad_sparse_seed" : "grad_sparse_result",
                            untyped, &s->m->matrix, 1);
    memory = build_cast(b, type_pointer(module, number), memory);
    memory->name = seed ? "seed" : "result";
    return memory;
}

// ---- What the pattern depends on --------------------------------------------

static uint64_t hash(const char *text) {
    uint64_t number = 0xcbf29ce484222325u;
    for (; *text; text++)
        number = (number ^ (unsigned char)*text) * 0x100000001b3u;
    return number;
}

// A number for the function, its integers, and what decides besides.
static Value *decisions(Sparse *s, Builder *b) {
    Derive *d = s->m->d;
    const Type *word = type_scalar(d->module, TYPE_ULLONG);
    uint32_t count = d->primal->param_count;
    Value *number = build_int(b, word, (int64_t)hash(d->annotation->name));
    Value **arguments = arena_array(d->arena, Value *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        arguments[i] = d->function->body->params[s->m->position[i]];
        if (type_is_integer(arguments[i]->type))
            number = decisions_add(b, number, arguments[i]);
    }
    Function *function = decisions_build(d, s->prepared);
    if (!function)
        return number;
    arguments[count] = build_alloc(b, word, NULL, 0, "decisions");
    build_store(b, arguments[count], number);
    build_call(b, function, arguments, count + 1);
    return build_load(b, arguments[count]);
}

static void begin(Sparse *s, Builder *b) {
    const Dense *m = s->m;
    Module *module = m->d->module;
    bool symmetric = s->way == WAY_PRODUCTS;
    const Type *unsigned_int = type_scalar(module, TYPE_UINT);
    Value *rows = symmetric ? m->wrt.total : m->of.total;
    Value *kinds =
        symmetric
            ? build_spelled(b, unsigned_int, SYMMETRIC, "GRAD_SPARSE_SYMMETRIC")
        : s->rows ? build_spelled(b, unsigned_int, ROWS, "GRAD_SPARSE_ROWS")
                  : build_int(b, unsigned_int, 0);
    Value *arguments[] = {m->matrix, rows, m->wrt.total, kinds,
                          decisions(s, b)};
    derive_call_runtime(b, "grad_sparse_begin", type_scalar(module, TYPE_VOID),
                        arguments, 5);
}

// ---- Evaluations ------------------------------------------------------------

static Value *evaluate(Sparse *s, Builder *b, Way way, Function *callee,
                       Value *adjoints) {
    Module *module = s->m->d->module;
    bool bits = callee == s->pattern;
    const Type *number = bits ? type_scalar(module, TYPE_ULLONG) : s->m->number;
    DenseCall call = {.callee = callee,
                      .size = bits ? WORDS : WIDTH,
                      .seed = buffer(s, b, true, number),
                      .result = buffer(s, b, false, number),
                      .adjoints = adjoints};
    return dense_evaluate(s->m, b, way, &call);
}

// An if that yields what both of its branches do.
static Value *join(Op *choice, Builder *then, Value *one, Builder *other,
                   Value *two) {
    build_yield(then, &one, one != NULL);
    build_yield(other, &two, two != NULL);
    return one ? op_append_result(choice, one->type, NULL) : NULL;
}

static Value *evaluate_numbers(Sparse *s, Builder *b, Value *todo) {
    if (!s->rows)
        return evaluate(s, b, s->way, s->columns, s->columns_adjoints);
    Op *choice = build_if(
        b, is_action(b, OP_EQ, todo, BY_COLUMNS, "GRAD_SPARSE_BY_COLUMNS"));
    Builder then = builder_at_end(choice->regions[IF_THEN]);
    Builder other = builder_at_end(choice->regions[IF_ELSE]);
    then.adjoint = other.adjoint = true;
    Value *one = evaluate(s, &then, s->way, s->columns, NULL);
    Value *two = evaluate(s, &other, WAY_ROWS, s->rows, s->rows_adjoints);
    return join(choice, &then, one, &other, two);
}

static Value *evaluate_next(Sparse *s, Builder *b, Value *todo) {
    Op *choice =
        build_if(b, is_action(b, OP_EQ, todo, PATTERN, "GRAD_SPARSE_PATTERN"));
    Builder then = builder_at_end(choice->regions[IF_THEN]);
    Builder other = builder_at_end(choice->regions[IF_ELSE]);
    then.adjoint = other.adjoint = true;
    Value *one = evaluate(s, &then, s->way, s->pattern, s->columns_adjoints);
    Value *two = evaluate_numbers(s, &other, todo);
    return join(choice, &then, one, &other, two);
}

// The function's value comes from the last evaluation.
static Value *evaluate_all(Sparse *s, Builder *b) {
    const Type *result = s->columns->result;
    bool returns = result->kind != TYPE_VOID;
    Value *initial[] = {action(s, b), returns ? build_undef(b, result) : NULL};
    Op *loop = build_while(b, initial, 1 + returns);
    Region *test = loop->regions[WHILE_CONDITION];
    Region *body = loop->regions[WHILE_BODY];
    Builder condition = builder_at_end(test), inside = builder_at_end(body);
    condition.adjoint = inside.adjoint = true;
    build_condition(&condition, is_action(&condition, OP_NE, test->params[0],
                                          DONE, "GRAD_SPARSE_DONE"));
    test->params[0]->name = body->params[0]->name = "todo";
    Value *value = evaluate_next(s, &inside, body->params[0]);
    Value *next[] = {action(s, &inside), value};
    build_yield(&inside, next, 1 + returns);
    return returns ? loop->results[1] : NULL;
}

// ---- A pattern that is known ------------------------------------------------

Value *sparse_fixed(Dense *m, Builder *b, int64_t rows, int64_t columns,
                    Value *row_start, Value *column) {
    const Type *type = type_scalar(m->d->module, TYPE_INT);
    Value *arguments[] = {m->matrix, build_int(b, type, rows),
                          build_int(b, type, columns), row_start, column};
    Value *value = derive_call_runtime(b, "grad_sparse_fixed",
                                       type_pointer(m->d->module, m->number),
                                       arguments, 5);
    value->name = "value";
    return value;
}

// ---- The whole way ----------------------------------------------------------

static bool refuse(Dense *m, const char *message, const char *way_out) {
    derive_error(m->d, m->d->annotation->loc, message, way_out);
    return false;
}

bool sparse_is_possible(Dense *m, const Function *prepared) {
    if (m->number->kind != TYPE_DOUBLE)
        return refuse(m, "sparse matrices hold doubles only",
                      "let the variables be doubles, or leave 'sparse' out");
    if (dense_calls_pair(prepared))
        return refuse(m,
                      "sparse derivatives through a recursive function, or "
                      "one with a derivative of one's own, are not "
                      "supported",
                      "leave 'sparse' out");
    if (m->d->annotation->mode == GRAD_JACOBIAN && m->of.count == 1 &&
        m->of.variables[0].is_return)
        return refuse(m,
                      "the Jacobian of the returned value is one row, which "
                      "is not sparse",
                      "use the mode reverse, which makes its gradient");
    return true;
}

static bool make_callees(Sparse *s) {
    Dense *m = s->m;
    s->pattern = dense_callee(m, s->way, WORDS, true, s->prepared);
    if (!s->pattern)
        return false;
    s->pattern->comment = arena_printf(
        m->d->arena,
        "Does what %s does with index sets in the place of %s: %d words of "
        "bits, which what depends on a variable takes over from it.",
        s->way == WAY_PRODUCTS ? "the gradient" : m->d->primal->name,
        s->way == WAY_PRODUCTS ? "v_ and h_" : "tangents", (int)WORDS);
    s->columns = dense_callee(m, s->way, WIDTH, false, s->prepared);
    if (s->columns && s->way == WAY_COLUMNS &&
        dense_rows_possible(m, s->prepared))
        s->rows = dense_callee(m, WAY_ROWS, WIDTH, false, s->prepared);
    return !m->d->failed;
}

Value *sparse_fill(Dense *m, Builder *b, const Function *prepared,
                   const char **way) {
    bool hessian = m->d->annotation->mode == GRAD_HESSIAN;
    Sparse sparse = {.m = m,
                     .prepared = prepared,
                     .way = hessian ? WAY_PRODUCTS : WAY_COLUMNS};
    Sparse *s = &sparse;
    if (!make_callees(s))
        return NULL;
    if (hessian)
        s->columns_adjoints = dense_adjoints(m, b, WAY_PRODUCTS);
    if (s->rows)
        s->rows_adjoints = dense_adjoints(m, b, WAY_ROWS);
    begin(s, b);
    Value *value = evaluate_all(s, b);
    if (hessian)
        dense_add_gradient(m, b, s->columns_adjoints);
    if (s->rows_adjoints)
        dense_free(b, s->rows_adjoints);
    if (s->columns_adjoints)
        dense_free(b, s->columns_adjoints);
    *way = hessian   ? "Forward over reverse mode makes columns, 8 colours at "
                       "once"
           : s->rows ? "Forward mode makes columns, or reverse mode rows, 8 "
                       "colours at once, whichever takes fewer blocks"
                     : "Forward mode makes columns, 8 colours at once";
    return value;
}

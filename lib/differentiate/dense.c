// dense.c - Hessians and Jacobians of code with loops, as matrices. A Hessian's
// columns are Hessian times unit vectors, several at a time, and its upper half
// is a copy of the lower one. A Jacobian's columns come from forward mode in
// several directions; its rows from reverse mode with several weights, which is
// forward mode of the gradient function by its weights: one forward sweep for
// all of them. Fewer columns or fewer rows, that decides.
#include "differentiate/dense.h"

#include "differentiate/eliminate.h"
#include "differentiate/sparse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8, WHOLE = 16, LOCAL_ENTRIES = 512 };

// ---- Variables --------------------------------------------------------------

static const Type *leaf_of(const Type *type) {
    if (type_is_pointer(type))
        type = type->element;
    while (type->kind == TYPE_ARRAY)
        type = type->element;
    return type;
}

static bool refuse(Dense *m, SourceLoc loc, const char *what,
                   const char *way_out) {
    derive_error(m->d, loc, what, way_out);
    return false;
}

static bool check_variable(Dense *m, const GradItem *item) {
    const Function *primal = m->d->primal;
    const Type *type = item->kind == ITEM_RETURN
                           ? primal->result
                           : primal->params[item->param].type;
    const Type *leaf = leaf_of(type);
    if (!type_is_real(leaf))
        return refuse(m, item->loc,
                      "the entries of a matrix of derivatives belong to "
                      "numbers and arrays of numbers",
                      "pass a struct's arrays and numbers as parameters of "
                      "their own");
    if (type_is_pointer(type) && type_has_dynamic_length(type->element))
        return refuse(m, item->loc,
                      "an array whose inner lengths vary cannot be among the "
                      "variables of a matrix of derivatives",
                      "let it have one dimension");
    if (m->number && m->number->kind != leaf->kind)
        return refuse(m, item->loc,
                      "the variables of a matrix of derivatives have "
                      "different floating types",
                      "let all of them have one type");
    m->number = type_plain(m->d->module, leaf);
    return true;
}

// "[3]" and "[n]" of a parameter that was declared so.
static Value *declared_length(Dense *m, Builder *b, const Param *param) {
    const char *text = param->extents;
    size_t length = text ? strcspn(text, "]") : 0;
    if (length < 2)
        return NULL;
    char *end;
    long long constant = strtoll(text + 1, &end, 10);
    if (end == text + length && constant > 0)
        return dense_long(b, constant);
    for (uint32_t i = 0; i < m->d->primal->param_count; i++) {
        const char *name = m->d->primal->params[i].name;
        if (name && strlen(name) == length - 1 &&
            strncmp(name, text + 1, length - 1) == 0)
            return m->d->function->body->params[m->position[i]];
    }
    return NULL;
}

static Value *extent_value(Dense *m, Builder *b, const Extent *extent) {
    const Type *type = type_scalar(m->d->module, TYPE_LONG);
    if (extent->operands[0]) {
        Value *left = extent_value(m, b, extent->operands[0]);
        return build_binary(b, extent->operation, left,
                            extent_value(m, b, extent->operands[1]));
    }
    if (extent->param < 0)
        return build_int(b, type, extent->constant);
    return build_cast(b, type,
                      m->d->function->body->params[m->position[extent->param]]);
}

static Value *first_length(Dense *m, Builder *b, const GradItem *item) {
    const Param *param = &m->d->primal->params[item->param];
    if (item->extent_count == 0)
        return declared_length(m, b, param);
    return extent_value(m, b, &item->extents[0]);
}

static Value *length_of(Dense *m, Builder *b, const GradItem *item) {
    if (item->kind == ITEM_RETURN ||
        !type_is_pointer(m->d->primal->params[item->param].type))
        return dense_long(b, 1);
    const Param *param = &m->d->primal->params[item->param];
    Value *first = first_length(m, b, item);
    if (!first) {
        diag_error(m->d->diags, item->loc,
                   "the length of '%s' is needed for the size of the matrix",
                   param->name);
        diag_note(m->d->diags, param->loc,
                  "write an array section, as in %s[0:n]", param->name);
        m->d->failed = true;
        return dense_long(b, 1);
    }
    int64_t inner = 1;
    for (const Type *t = param->type->element; t->kind == TYPE_ARRAY;
         t = t->element)
        inner *= t->length;
    if (!value_is_constant(first))
        first = build_cast(b, type_scalar(m->d->module, TYPE_LONG), first);
    int64_t outer;
    if (value_is_integer(first, &outer))
        return dense_long(b, outer * inner);
    return inner == 1 ? first
                      : build_binary(b, OP_MUL, first, dense_long(b, inner));
}

Value *dense_sum(Builder *b, Value *x, Value *y) {
    int64_t left, right;
    if (value_is_zero(x))
        return y;
    return value_is_integer(x, &left) && value_is_integer(y, &right)
               ? dense_long(b, left + right)
               : build_binary(b, OP_ADD, x, y);
}

static bool describe_side(Dense *m, Builder *b, Side *side,
                          const GradItem *items, uint32_t count) {
    side->variables = arena_array(m->d->arena, Variable, count);
    side->count = count;
    side->total = dense_long(b, 0);
    for (uint32_t i = 0; i < count; i++) {
        Variable *v = &side->variables[i];
        if (!check_variable(m, &items[i]))
            return false;
        v->item = &items[i];
        v->is_return = items[i].kind == ITEM_RETURN;
        v->param = items[i].param;
        v->length = length_of(m, b, &items[i]);
        v->offset = side->total;
        side->total = dense_sum(b, side->total, v->length);
    }
    return !m->d->failed;
}

// What is few, a local array holds: a call for each of many small Jacobians
// must not go to the heap.
static Value *local_memory(Dense *m, Builder *b, int64_t count,
                           const char *name) {
    const Type *type = type_array(m->d->module, m->number, count);
    Value *array = build_alloc(b, type, NULL, 0, name);
    return build_elem(b, array, dense_long(b, 0));
}

Value *dense_memory(Dense *m, Builder *b, Value *count, const char *name) {
    int64_t constant;
    if (value_is_integer(count, &constant) && constant > 0 &&
        constant <= LOCAL_ENTRIES)
        return local_memory(m, b, constant, name);
    Op *heap = op_create(b->function, OP_HEAP, 2, 1, 0);
    heap->as.heap = HEAP_CHECKED;
    heap->operands[0] = count;
    heap->operands[1] = build_sizeof(b, m->number);
    op_set_result(heap, b->function, 0, type_pointer(m->d->module, m->number),
                  name);
    return builder_insert(b, heap)->results[0];
}

void dense_free(Builder *b, Value *memory) {
    if (memory->op->kind == OP_HEAP)
        build_free(b, memory);
}

// ---- What must be there again for each block --------------------------------

typedef struct Reads {
    const MemoryInfo *memory;
    const Value *param;
    const Global *global; // or this
    bool reads, writes;
} Reads;

static bool leads_to(const Reads *r, const Value *pointer) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(r->memory, pointer, &objects);
    for (uint32_t i = 0; i < count; i++)
        if (r->global ? objects[i]->global == r->global
                      : memory_object_param(objects[i]) == r->param)
            return true;
    return false;
}

static void find_reads(Op *op, void *context) {
    Reads *r = context;
    if (op->kind == OP_STORE || op->kind == OP_COPY || op->kind == OP_ZERO)
        r->writes |= leads_to(r, op->operands[0]);
    if (op->kind == OP_LOAD)
        r->reads |= leads_to(r, op->operands[0]);
    if (op->kind == OP_COPY)
        r->reads |= leads_to(r, op->operands[1]);
    for (uint32_t i = 0; op->kind == OP_CALL && i < op->operand_count; i++)
        if (type_is_pointer(op->operands[i]->type) &&
            leads_to(r, op->operands[i]))
            r->reads = r->writes = true;
}

static const GradItem *item_of(const Annotation *a, uint32_t param) {
    for (uint32_t i = 0; i < a->wrt_count; i++)
        if (a->wrt[i].kind == ITEM_PARAM && a->wrt[i].param == param)
            return &a->wrt[i];
    for (uint32_t i = 0; i < a->of_count; i++)
        if (a->of[i].kind == ITEM_PARAM && a->of[i].param == param)
            return &a->of[i];
    for (uint32_t i = 0; i < a->work_count; i++)
        if (a->work[i].kind == ITEM_PARAM && a->work[i].param == param)
            return &a->work[i];
    return NULL;
}

static void save(Dense *m, Builder *b, uint32_t index) {
    const Param *param = &m->d->primal->params[index];
    const GradItem *item = item_of(m->d->annotation, index);
    if (!item || leaf_of(param->type)->kind != m->number->kind) {
        diag_error(m->d->diags, param->loc,
                   "'%s' is overwritten, but the function must be evaluated "
                   "several times for a matrix of derivatives",
                   param->name);
        diag_note(m->d->diags, m->d->annotation->loc,
                  "write to a copy of it inside the function");
        m->d->failed = true;
        return;
    }
    Saved saved = {.param = index, .length = length_of(m, b, item)};
    if (m->d->failed)
        return;
    saved.copy = dense_memory(m, b, saved.length, "before");
    Op *copy = op_create(b->function, OP_COPY, 3, 0, 0);
    copy->as.type = m->number;
    copy->operands[0] = saved.copy;
    copy->operands[1] = build_cast(
        b, saved.copy->type, m->d->function->body->params[m->position[index]]);
    copy->operands[2] = saved.length;
    builder_insert(b, copy);
    vec_push(m->d->arena, &m->saved, saved);
}

// What is no variable cannot be put back.
static void refuse_globals(Dense *m, Reads *r, const Function *prepared) {
    const Module *module = m->d->module;
    for (size_t i = 0; i < module->globals.count && !m->d->failed; i++) {
        r->global = module->globals.items[i];
        r->reads = r->writes = false;
        walk_ops(prepared->body, find_reads, r);
        if (!r->reads || !r->writes)
            continue;
        diag_error(m->d->diags, m->d->annotation->loc,
                   "the global '%s' is overwritten, but the function must be "
                   "evaluated several times for a matrix of derivatives",
                   r->global->name);
        diag_note(m->d->diags, r->global->loc,
                  "write to a copy of it inside the function");
        m->d->failed = true;
    }
}

static void save_overwritten(Dense *m, Builder *b, const Function *prepared) {
    Reads r = {.memory = memory_analyse(m->d->arena, prepared)};
    for (uint32_t i = 0; i < prepared->param_count && !m->d->failed; i++) {
        r.param = prepared->body->params[i];
        r.reads = r.writes = false;
        walk_ops(prepared->body, find_reads, &r);
        if (r.reads && r.writes && !prepared->params[i].by_value_record)
            save(m, b, i);
    }
    refuse_globals(m, &r, prepared);
}

// ---- The function -----------------------------------------------------------

static bool is_wrt(const Annotation *a, uint32_t param) {
    for (uint32_t i = 0; i < a->wrt_count; i++)
        if (a->wrt[i].kind == ITEM_PARAM && a->wrt[i].param == param)
            return true;
    return false;
}

// The primal's parameters, a Hessian's d_x, and the matrix.
static void declare(Dense *m) {
    Derive *d = m->d;
    bool hessian = d->annotation->mode == GRAD_HESSIAN;
    uint32_t count = 0;
    d->function =
        function_create(d->module, d->annotation->name, d->primal->result,
                        2 * d->primal->param_count + 1);
    m->position = arena_array(d->arena, uint32_t, d->primal->param_count);
    d->position = m->position;
    m->gradient = arena_array(d->arena, int, d->primal->param_count);
    for (uint32_t i = 0; i < d->primal->param_count; i++) {
        Param param = d->primal->params[i];
        m->position[i] = count;
        m->gradient[i] = -1;
        d->function->params[count++] = param;
        if (!hessian || !is_wrt(d->annotation, i))
            continue;
        m->gradient[i] = (int)count;
        param.name = derive_name(d, param.name);
        param.type = derive_unconst(d->module, param.type);
        if (!type_is_pointer(param.type))
            param.type = type_pointer(d->module, param.type);
        d->function->params[count++] = param;
    }
    d->function->params[count] =
        (Param){.name = hessian ? "hess" : "jac", .loc = d->annotation->loc};
    d->function->param_count = count + 1;
    d->function->derivative_of = d->primal;
    d->function->distinct = true;
    d->function->loc = d->primal->loc;
}

// ---- The functions that are called ------------------------------------------

static bool calls_pair(const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->kind == OP_CALL && call_is_paired(op))
            return true;
        for (uint32_t r = 0; r < op->region_count; r++)
            if (calls_pair(op->regions[r]))
                return true;
    }
    return false;
}

// All at once where they are few, else in blocks; one by one through recursion.
bool dense_calls_pair(const Function *prepared) {
    return calls_pair(prepared->body);
}

static int64_t block_size(const Value *total, const Function *prepared) {
    int64_t constant;
    if (calls_pair(prepared->body))
        return 1;
    return value_is_integer(total, &constant) && constant <= WHOLE ? constant
                                                                   : BLOCK;
}

Function *dense_callee(Dense *m, Way way, int64_t size, bool bits,
                       const Function *prepared) {
    static const char *const suffixes[] = {"products", "columns", "gradient",
                                           "rows"};
    Derive *d = m->d;
    Annotation *a = arena_new(d->arena, Annotation);
    *a = *d->annotation;
    a->mode = way == WAY_PRODUCTS   ? GRAD_HVP
              : way == WAY_GRADIENT ? GRAD_REVERSE
                                    : GRAD_FORWARD;
    a->name = arena_printf(d->arena, "%s_%s", a->name,
                           bits ? "pattern" : suffixes[way]);
    a->has_directions = way != WAY_GRADIENT && !calls_pair(prepared->body);
    a->directions = (Extent){.constant = size, .param = -1};
    Derive sub = {.arena = d->arena,
                  .module = d->module,
                  .diags = d->diags,
                  .annotation = a,
                  .primal = d->primal,
                  .pairs = d->pairs,
                  .bits = bits,
                  .disabled = d->disabled};
    bool done = way == WAY_PRODUCTS ? second_run(&sub, prepared)
                : way == WAY_ROWS   ? second_rows(&sub, prepared)
                                    : derive_run(&sub, prepared);
    if (!done) {
        d->failed = true;
        return NULL;
    }
    sub.function->is_static = true;
    return sub.function;
}

static Value *evaluate(Dense *m, Builder *b, Way way,
                       const Function *prepared) {
    Value *total = way == WAY_ROWS ? m->of.total : m->wrt.total;
    int64_t block = block_size(total, prepared);
    Function *callee = dense_callee(m, way, block, false, prepared);
    if (!callee)
        return NULL;
    return way == WAY_GRADIENT ? dense_gradient(m, b, callee)
                               : dense_blocks(m, b, way, callee, block);
}

// ---- Jacobians --------------------------------------------------------------

// Reverse mode gives the return value the weight 1: no row for it alone, beside
// others.
bool dense_rows_possible(const Dense *m, const Function *prepared) {
    for (uint32_t i = 0; i < m->of.count; i++)
        if (m->of.variables[i].is_return)
            return false;
    return !calls_pair(prepared->body);
}

static Value *by_both(Dense *m, Builder *b, const Function *prepared) {
    Value *fewer = build_binary(b, OP_LE, m->wrt.total, m->of.total);
    Op *choice = build_if(b, fewer);
    Value *values[2];
    for (uint32_t r = 0; r < 2 && !m->d->failed; r++) {
        Builder inner = builder_at_end(choice->regions[r]);
        inner.adjoint = true;
        values[r] =
            evaluate(m, &inner, r == 0 ? WAY_COLUMNS : WAY_ROWS, prepared);
        build_yield(&inner, &values[r], values[r] != NULL);
    }
    if (m->d->failed || !values[0])
        return NULL;
    return op_append_result(choice, values[0]->type, NULL);
}

// "8 columns at once"
static const char *block_text(const Dense *m, const Value *total,
                              const Function *prepared, const char *what) {
    int64_t size = block_size(total, prepared);
    return size == 1 ? arena_printf(m->d->arena, "one %s at a time", what)
                     : arena_printf(m->d->arena, "%" PRId64 " %ss at once",
                                    size, what);
}

static Value *jacobian(Dense *m, Builder *b, const Function *prepared,
                       const char **way) {
    int64_t rows, columns;
    Arena *arena = m->d->arena;
    const char *by_columns = block_text(m, m->wrt.total, prepared, "column");
    const char *by_rows = block_text(m, m->of.total, prepared, "row");
    if (m->of.count == 1 && m->of.variables[0].is_return &&
        !value_is_one(m->wrt.total)) {
        *way = "Reverse mode makes the only row";
        return evaluate(m, b, WAY_GRADIENT, prepared);
    }
    bool known = value_is_integer(m->of.total, &rows) &&
                 value_is_integer(m->wrt.total, &columns);
    bool forward = !dense_rows_possible(m, prepared) ||
                   (known && columns <= rows) ||
                   values_equal(m->wrt.total, m->of.total);
    if (!forward && !known) {
        *way = arena_printf(arena,
                            "Forward mode makes %s, or reverse mode %s, "
                            "whichever are fewer",
                            by_columns, by_rows);
        return by_both(m, b, prepared);
    }
    *way =
        arena_printf(arena, "%s mode makes %s", forward ? "Forward" : "Reverse",
                     forward ? by_columns : by_rows);
    return evaluate(m, b, forward ? WAY_COLUMNS : WAY_ROWS, prepared);
}

// ---- Hessians ---------------------------------------------------------------

// hess[j * n + i] = hess[i * n + j] for j < i
static void mirror(Dense *m, Builder *b) {
    Value *i, *j, *n = m->wrt.total;
    Builder outer = dense_loop(b, dense_long(b, 0), n, 1, "i", &i);
    Builder inner = dense_loop(&outer, dense_long(&outer, 0), i, 1, "j", &j);
    Value *row = build_binary(&inner, OP_MUL, i, n);
    Value *column = build_binary(&inner, OP_MUL, j, n);
    Value *lower =
        build_load(&inner, build_index(&inner, m->matrix,
                                       build_binary(&inner, OP_ADD, row, j)));
    build_store(
        &inner,
        build_index(&inner, m->matrix, build_binary(&inner, OP_ADD, column, i)),
        lower);
    build_yield(&inner, NULL, 0);
    build_yield(&outer, NULL, 0);
}

static Value *hessian(Dense *m, Builder *b, const Function *prepared,
                      const char **way) {
    *way = arena_printf(m->d->arena, "Forward over reverse mode makes %s",
                        block_text(m, m->wrt.total, prepared, "column"));
    Value *value = evaluate(m, b, WAY_PRODUCTS, prepared);
    if (!m->d->failed)
        mirror(m, b);
    return value;
}

// ---- The whole way ----------------------------------------------------------

static const char *names(const Derive *d, const GradItem *items,
                         uint32_t count) {
    Text text;
    text_init(&text, d->arena);
    for (uint32_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i ? ", " : "",
                    items[i].kind == ITEM_RETURN
                        ? "the returned value"
                        : d->primal->params[items[i].param].name);
    return text.chars;
}

static const char *comment(const Derive *d, const char *way) {
    const Annotation *a = d->annotation;
    const char *verb =
        d->primal->result->kind == TYPE_VOID ? "Does what" : "Returns what";
    const char *wrt = names(d, a->wrt, a->wrt_count);
    if (a->mode == GRAD_HESSIAN)
        return arena_printf(d->arena,
                            "%s %s does, adds its gradient by %s to d_ of "
                            "them, and sets hess to its Hessian. %s.",
                            verb, d->primal->name, wrt, way);
    return arena_printf(
        d->arena, "%s %s does, and sets jac to the %s of %s by %s. %s.", verb,
        d->primal->name, a->denominator ? "transposed Jacobian" : "Jacobian",
        names(d, a->of, a->of_count), wrt, way);
}

static void free_saved(Dense *m, Builder *b) {
    for (size_t i = 0; i < m->saved.count; i++)
        dense_free(b, m->saved.items[i].copy);
}

static bool is_allowed(Derive *d) {
    const Annotation *a = d->annotation;
    return a->mode == GRAD_JACOBIAN || second_is_scalar(d);
}

bool dense_run(Derive *d, const Function *prepared) {
    Dense dense = {.d = d};
    Dense *m = &dense;
    const Annotation *a = d->annotation;
    size_t first = d->module->functions.count;
    if (!is_allowed(d))
        return false;
    declare(m);
    Param *last = &d->function->params[d->function->param_count - 1];
    for (uint32_t i = 0; i < a->wrt_count; i++)
        if (!check_variable(m, &a->wrt[i]))
            return false;
    last->type =
        type_pointer(d->module, a->sparse ? sparse_type(d->module) : m->number);
    Region *body = function_add_body(d->function);
    m->matrix = body->params[body->param_count - 1];
    Builder b = builder_at_end(body);
    b.adjoint = true;
    if (!describe_side(m, &b, &m->wrt, a->wrt, a->wrt_count) ||
        !describe_side(m, &b, &m->of, a->of, a->of_count))
        return false;
    const char *way;
    if (a->sparse && !sparse_is_possible(m, prepared))
        return false;
    if (a->mode == GRAD_JACOBIAN && eliminate_run(m, prepared, &way)) {
        d->function->comment = comment(d, way);
        return true;
    }
    if (d->failed)
        return false;
    save_overwritten(m, &b, prepared);
    if (d->failed)
        return false;
    Value *value = a->sparse ? sparse_fill(m, &b, prepared, &way)
                   : a->mode == GRAD_HESSIAN ? hessian(m, &b, prepared, &way)
                                             : jacobian(m, &b, prepared, &way);
    if (d->failed)
        return false;
    free_saved(m, &b);
    build_return(&b, value);
    d->function->comment = comment(d, way);
    derive_drop_uncalled(d, d->function, first);
    return true;
}

// loops.c - for, while and do as OP_WHILE.
//
// The plain form keeps C's condition in the condition region. A do loop, and a
// loop whose condition has an effect, is rotated: a carried flag `more` is the
// condition, and the body computes it.
#include "frontend/internal.h"

#include <string.h>

// ---- The clauses of a for ---------------------------------------------------

// The offset of the next `;` or closing parenthesis at this level.
static uint32_t next_separator(const SourceFile *file, uint32_t i) {
    int depth = 0;
    char quote = 0;
    for (; i < file->length; i++) {
        char c = file->text[i];
        if (quote) {
            if (c == '\\')
                i++;
            else if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '/' && file->text[i + 1] == '*') {
            for (i += 2; i + 1 < file->length; i++)
                if (file->text[i] == '*' && file->text[i + 1] == '/')
                    break;
            i++;
        } else if (c == '/' && file->text[i + 1] == '/') {
            while (i < file->length && file->text[i] != '\n')
                i++;
        } else if (c == '(' || c == '[' || c == '{') {
            depth++;
        } else if (c == ')' || c == ']' || c == '}') {
            if (depth-- == 0)
                return i;
        } else if (c == ';' && depth == 0) {
            return i;
        }
    }
    return (uint32_t)file->length;
}

// libclang leaves out clauses that are empty, so that a missing one can only be
// told by the semicolons in the file. That works where no macro made the loop.
static ForParts find_parts(Lowering *lw, CXCursor loop, Cursors children) {
    ForParts parts = {clang_getNullCursor(), clang_getNullCursor(),
                      clang_getNullCursor(),
                      children.items[children.count - 1]};
    FileText *file;
    uint32_t begin, end, at, ignored;
    if (!extent_of(lw->fe, loop, &file, &begin, &end) ||
        strncmp(file->source.text + begin, "for", 3) != 0)
        refuse(lw, loop, "write the loop out, or give it all three clauses",
               "a for loop made by a macro, with a clause left out, is not "
               "supported");
    uint32_t open = begin + 3;
    while (open < end && file->source.text[open] != '(')
        open++;
    uint32_t first = next_separator(&file->source, open + 1);
    uint32_t second = next_separator(&file->source, first + 1);
    for (size_t i = 0; i + 1 < children.count; i++) {
        FileText *where;
        if (!extent_of(lw->fe, children.items[i], &where, &at, &ignored))
            refuse(lw, loop, "write the loop without macros",
                   "the clauses of this for loop cannot be told apart");
        if (at < first)
            parts.init = children.items[i];
        else if (at < second)
            parts.condition = children.items[i];
        else
            parts.increment = children.items[i];
    }
    return parts;
}

ForParts for_parts(Lowering *lw, CXCursor loop) {
    Cursors children = children_of(lw->fe, loop);
    if (children.count != 4)
        return find_parts(lw, loop, children);
    return (ForParts){children.items[0], children.items[1], children.items[2],
                      children.items[3]};
}

// ---- What a loop carries ----------------------------------------------------

typedef struct Loop {
    CXCursor cursor, body;
    CXCursor condition, increment; // null where left out
    bool is_do, rotated, endless;
    Variable *more; // of rotated loops
    uint64_t exits; // targets outside that the body jumps to, and its break's
    Target *target; // of its breaks
    const Origin *origin;
} Loop;

static int by_index(const Variable *a, const Variable *b) {
    return a->index < b->index ? -1 : a->index > b->index;
}

static void add_carried(Lowering *lw, Variables *carried, Variable *variable) {
    for (size_t i = 0; i < carried->count; i++)
        if (carried->items[i] == variable)
            return;
    vec_push(lw->fe->arena, carried, variable);
}

static void find_carried(Lowering *lw, const Loop *loop, Variables *carried) {
    find_assigned(lw, loop->condition, carried);
    find_assigned(lw, loop->body, carried);
    find_assigned(lw, loop->increment, carried);
    for (unsigned i = 0; i < lw->target_count; i++)
        if (loop->exits >> i & 1 && lw->targets[i].readers > 0)
            add_carried(lw, carried, lw->targets[i].flag);
    if (lw->result && (jumps_of(lw, loop->body) & 1))
        add_carried(lw, carried, lw->result);
    if (loop->more)
        add_carried(lw, carried, loop->more);
    // In the order of their declarations.
    for (size_t i = 1; i < carried->count; i++)
        for (size_t j = i;
             j > 0 && by_index(carried->items[j - 1], carried->items[j]) > 0;
             j--) {
            Variable *swap = carried->items[j];
            carried->items[j] = carried->items[j - 1];
            carried->items[j - 1] = swap;
        }
}

// ---- Building ---------------------------------------------------------------

static const Type *int_type(Lowering *lw) {
    return type_scalar(lw->function->module, TYPE_INT);
}

// Nothing has jumped and the loop's own condition holds.
static Value *build_loop_condition(Lowering *lw, const Loop *loop) {
    if (loop->rotated)
        return variable_get(lw, loop->more);
    Value *stop = jumped_to(lw, loop->exits);
    bool plain = clang_Cursor_isNull(loop->condition) || loop->endless;
    if (!stop && plain)
        return build_int(&lw->b, int_type(lw), 1);
    if (!stop)
        return lower_value(lw, loop->condition);
    if (plain)
        return build_unary(&lw->b, OP_LNOT, stop);
    Branching br;
    branch_begin(lw, &br, stop);
    branch_else(lw, &br, build_int(&lw->b, int_type(lw), 0));
    return branch_end(lw, &br, truth_of(lw, lower_value(lw, loop->condition)));
}

static void add_body(Lowering *lw, const Loop *loop, Items *items) {
    Target *outer = find_target(lw, TARGET_CONTINUE, NULL);
    Target *inner = target_push(lw, TARGET_CONTINUE, NULL);
    uint64_t bit = UINT64_C(1) << (inner - lw->targets);
    bool continues = (jumps_of(lw, loop->body) & bit) != 0;
    target_pop(lw);
    (void)outer;
    Item block = {.kind = ITEM_BLOCK, .cursor = loop->body};
    if (continues)
        vec_push(lw->fe->arena, items, block);
    else
        append_statement(lw, items, loop->body);
}

static void add_rest(Lowering *lw, const Loop *loop, Items *items) {
    Item item = {.origin = loop->origin};
    if (!clang_Cursor_isNull(loop->increment)) {
        item.kind = ITEM_EXPRESSION;
        item.cursor = loop->increment;
        vec_push(lw->fe->arena, items, item);
    }
    if (!loop->rotated)
        return;
    item.kind = loop->is_do && !loop->endless ? ITEM_TEST : ITEM_SET;
    item.cursor = loop->condition;
    item.variable = loop->more;
    vec_push(lw->fe->arena, items, item);
}

// No jump is under way when the body starts.
static void clear_flags(Lowering *lw, const Loop *loop) {
    for (unsigned i = 0; i < lw->target_count; i++)
        if (loop->exits >> i & 1 && lw->targets[i].readers > 0)
            variable_set(lw, lw->targets[i].flag,
                         build_int(&lw->b, int_type(lw), 0));
    if (loop->more)
        variable_set(lw, loop->more, build_int(&lw->b, int_type(lw), 0));
}

static void lower_loop_body(Lowering *lw, const Loop *loop) {
    Items items = {0};
    clear_flags(lw, loop);
    add_body(lw, loop, &items);
    add_rest(lw, loop, &items);
    if (!loop->rotated || loop->is_do) {
        lower_items(lw, items.items, items.count);
        return;
    }
    Branching br;
    branch_begin(lw, &br, lower_value(lw, loop->condition));
    lower_items(lw, items.items, items.count);
    branch_else(lw, &br, NULL);
    branch_end(lw, &br, NULL);
}

static void build_loop(Lowering *lw, Loop *loop) {
    Variables carried = {0};
    Looping building;
    // A rotated loop ends by `more`; only flags that outer readers want matter.
    uint64_t own = UINT64_C(1) << (loop->target - lw->targets);
    // A `continue` in the body is the loop's own, a `break` its target's.
    loop->exits = jumps_of(lw, loop->cursor) | (jumps_of(lw, loop->body) & own);
    uint64_t readers = loop->rotated ? loop->exits & ~own : loop->exits;
    if (loop->rotated) {
        // A jump leaves `more` at 0, whoever else is told.
        readers = 0;
        loop->more = variable_create(lw, "more", int_type(lw));
        variable_set(lw, loop->more, build_int(&lw->b, int_type(lw), 1));
    }
    add_readers(lw, readers, 1);
    find_carried(lw, loop, &carried);
    lower_checkpoint(lw, loop->cursor);
    loop_begin(lw, &building, carried.items, (uint32_t)carried.count);
    loop_body(lw, &building, build_loop_condition(lw, loop));
    lower_loop_body(lw, loop);
    add_readers(lw, readers, -1);
    loop_end(lw, &building);
    LoopInfo *info =
        strmap_get(lw->fe->loop_infos, place_key(lw->fe, loop->cursor));
    building.op->as.loop.info = info;
}

// do { ... } while (0): once, and break and continue lead to its end.
static void lower_once(Lowering *lw, const Loop *loop) {
    Item block = {.kind = ITEM_BLOCK, .cursor = loop->body};
    lower_items(lw, &block, 1);
}

static bool constant_condition(Lowering *lw, CXCursor condition,
                               int64_t *value) {
    if (clang_Cursor_isNull(condition))
        return false;
    CXCursor core = strip_casts(lw->fe, condition);
    return core.kind == CXCursor_IntegerLiteral &&
           evaluate_integer(core, value);
}

static Loop describe(Lowering *lw, CXCursor cursor) {
    Cursors children = children_of(lw->fe, cursor);
    Loop loop = {.cursor = cursor, .origin = lw->b.origin};
    loop.increment = loop.condition = clang_getNullCursor();
    if (cursor.kind == CXCursor_ForStmt) {
        ForParts parts = for_parts(lw, cursor);
        loop.condition = parts.condition;
        loop.increment = parts.increment;
        loop.body = parts.body;
        if (!clang_Cursor_isNull(parts.init))
            lower_statement(lw, parts.init);
    } else if (cursor.kind == CXCursor_WhileStmt) {
        loop.condition = children.items[0];
        loop.body = children.items[1];
    } else {
        loop.is_do = true;
        loop.body = children.items[0];
        loop.condition = children.items[1];
    }
    int64_t value = 0;
    loop.endless = constant_condition(lw, loop.condition, &value) && value != 0;
    loop.rotated = loop.is_do || (!clang_Cursor_isNull(loop.condition) &&
                                  !is_simple_condition(lw, loop.condition));
    return loop;
}

void lower_loop(Lowering *lw, CXCursor cursor) {
    if (lw->target_count + 4 >= MAX_TARGETS)
        refuse(lw, cursor, "move the inner loops to a function of their own",
               "loops are nested too deeply here");
    Loop loop = describe(lw, cursor);
    int64_t value;
    loop.target = target_push(lw, TARGET_BREAK, NULL);
    if (loop.is_do && constant_condition(lw, loop.condition, &value) &&
        value == 0)
        lower_once(lw, &loop);
    else
        build_loop(lw, &loop);
    target_pop(lw);
}

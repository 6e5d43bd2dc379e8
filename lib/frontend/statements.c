// statements.c - lists of statements, if, return, and what is no loop and no
// switch. A list is lowered item by item; an item after which control may be
// on its way elsewhere takes the rest of the list under an if.
#include "frontend/internal.h"

#include <string.h>

// ---- Origins ----------------------------------------------------------------

// Of a statement that holds others, only its head is its text.
static uint32_t head_end(Lowering *lw, CXCursor statement, uint32_t end) {
    FileText *file;
    uint32_t begin, ignored;
    CXCursor body;
    Cursors children = children_of(lw->fe, statement);
    switch ((int)statement.kind) {
    case CXCursor_IfStmt: body = children.items[1]; break;
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_SwitchStmt: body = children.items[children.count - 1]; break;
    case CXCursor_DoStmt: body = children.items[0]; break;
    default: return end;
    }
    if (!extent_of(lw->fe, body, &file, &begin, &ignored) || begin > end)
        return end;
    return begin;
}

void set_origin(Lowering *lw, CXCursor statement) {
    FileText *file;
    uint32_t begin, end;
    Origin *origin = arena_new(lw->fe->arena, Origin);
    lw->b.origin = origin;
    origin->loc = loc_of(lw->fe, statement);
    if (!extent_of(lw->fe, statement, &file, &begin, &end))
        return;
    uint32_t head = head_end(lw, statement, end);
    origin->text =
        one_line(lw->fe->arena, &file->source, begin, head, head == end);
    // An empty line stands where the statement came out of a macro.
    if (head < end && origin->text[0] == 0)
        origin->text = NULL;
}

// ---- Items ------------------------------------------------------------------

// A label is an item of its own; a block with jumps is its statements.
void append_labelled(Lowering *lw, Items *items, CXCursor statement) {
    Item item = {.kind = ITEM_STATEMENT, .cursor = statement};
    while (item.cursor.kind == CXCursor_LabelStmt) {
        Cursors inner = children_of(lw->fe, item.cursor);
        item.kind = ITEM_LABEL;
        item.label = cursor_name(lw->fe, item.cursor);
        vec_push(lw->fe->arena, items, item);
        item.kind = ITEM_STATEMENT;
        item.cursor = inner.items[inner.count - 1];
    }
    if (item.cursor.kind != CXCursor_CompoundStmt ||
        !jumps_of(lw, item.cursor)) {
        vec_push(lw->fe->arena, items, item);
        return;
    }
    Cursors children = children_of(lw->fe, item.cursor);
    for (size_t i = 0; i < children.count; i++)
        append_labelled(lw, items, children.items[i]);
}

// Adds a statement; a block's statements one by one, so that a jump in it can
// take what follows the block into the same branch.
void append_statement(Lowering *lw, Items *items, CXCursor statement) {
    Items fresh = {0};
    if (statement.kind == CXCursor_CompoundStmt) {
        Cursors children = children_of(lw->fe, statement);
        for (size_t i = 0; i < children.count; i++)
            append_labelled(lw, &fresh, children.items[i]);
    } else {
        append_labelled(lw, &fresh, statement);
    }
    form_loops(lw, &fresh);
    for (size_t i = 0; i < fresh.count; i++)
        vec_push(lw->fe->arena, items, fresh.items[i]);
}

uint64_t item_jumps(Lowering *lw, const Item *item) {
    uint64_t inside = 0;
    switch (item->kind) {
    case ITEM_AGAIN:
        for (size_t i = 0; i < item->inside_count; i++)
            inside |= item_jumps(lw, &item->inside[i]);
        return inside;
    case ITEM_STATEMENT: return jumps_of(lw, item->cursor);
    case ITEM_BLOCK: {
        // Its `continue`s end with it; no target of theirs is active yet.
        uint64_t jumps = jumps_of(lw, item->cursor);
        Target *outer = find_target(lw, TARGET_CONTINUE, NULL);
        if (outer)
            jumps &= ~(UINT64_C(1) << (outer - lw->targets));
        return jumps;
    }
    case ITEM_LABEL:
    case ITEM_EXPRESSION:
    case ITEM_TEST:
    case ITEM_SET: break;
    }
    return 0;
}

static void lower_block(Lowering *lw, CXCursor body) {
    Items items = {0};
    target_push(lw, TARGET_CONTINUE, NULL);
    append_statement(lw, &items, body);
    lower_items(lw, items.items, items.count);
    target_pop(lw);
}

static void lower_item(Lowering *lw, const Item *item) {
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    if (item->origin)
        lw->b.origin = item->origin;
    switch (item->kind) {
    case ITEM_STATEMENT: lower_statement(lw, item->cursor); break;
    case ITEM_BLOCK: lower_block(lw, item->cursor); break;
    case ITEM_LABEL: break;
    case ITEM_AGAIN: lower_again(lw, item); break;
    case ITEM_EXPRESSION: lower_effect(lw, item->cursor); break;
    case ITEM_TEST:
        variable_set(lw, item->variable,
                     truth_of(lw, lower_value(lw, item->cursor)));
        break;
    case ITEM_SET:
        variable_set(lw, item->variable, build_int(&lw->b, type, 1));
        break;
    }
}

static bool item_falls(Lowering *lw, const Item *item);

bool items_fall(Lowering *lw, const Item *items, size_t count) {
    for (size_t i = count; i-- > 0;) {
        if (!item_falls(lw, &items[i]))
            return false;
        // Control may come in at a label.
        if (items[i].kind == ITEM_LABEL || items[i].kind == ITEM_AGAIN)
            return true;
    }
    return true;
}

static bool item_falls(Lowering *lw, const Item *item) {
    if (item->kind == ITEM_STATEMENT)
        return falls_through(lw, item->cursor);
    if (item->kind == ITEM_AGAIN)
        return items_fall(lw, item->inside, item->inside_count);
    if (item->kind != ITEM_BLOCK || falls_through(lw, item->cursor))
        return true;
    // A body that always jumps still reaches the increment if it `continue`s.
    Target *target = target_push(lw, TARGET_CONTINUE, NULL);
    uint64_t bit = UINT64_C(1) << (target - lw->targets);
    bool continues = (jumps_of(lw, item->cursor) & bit) != 0;
    target_pop(lw);
    return continues;
}

// ---- Lists ------------------------------------------------------------------

// `if (c) jump; rest` is `if (c) jump; else rest`: no flag is needed.
static bool lower_if_with_rest(Lowering *lw, const Item *items, size_t count) {
    if (items[0].kind != ITEM_STATEMENT ||
        items[0].cursor.kind != CXCursor_IfStmt ||
        is_long_chain(lw, items[0].cursor))
        return false;
    Cursors parts = children_of(lw->fe, items[0].cursor);
    bool then_falls = falls_through(lw, parts.items[1]);
    bool else_falls = parts.count < 3 || falls_through(lw, parts.items[2]);
    if (then_falls && else_falls)
        return false;
    Items branches[2] = {{0}, {0}};
    append_statement(lw, &branches[0], parts.items[1]);
    if (parts.count == 3)
        append_statement(lw, &branches[1], parts.items[2]);
    Items *falling = then_falls ? &branches[0] : &branches[1];
    if (then_falls || else_falls)
        for (size_t i = 1; i < count; i++)
            vec_push(lw->fe->arena, falling, items[i]);
    set_origin(lw, items[0].cursor);
    Branching br;
    branch_begin(lw, &br, lower_value(lw, parts.items[0]));
    lower_items(lw, branches[0].items, branches[0].count);
    branch_else(lw, &br, NULL);
    lower_items(lw, branches[1].items, branches[1].count);
    branch_end(lw, &br, NULL);
    return true;
}

static void lower_guarded(Lowering *lw, const Item *items, size_t count,
                          uint64_t jumps) {
    add_readers(lw, jumps, 1);
    lower_item(lw, &items[0]);
    add_readers(lw, jumps, -1);
    lower_unless(lw, jumps, items + 1, count - 1);
}

// After each of many jumps the rest would stand one level deeper. So the list
// is divided: the second half stands under a test of the first one's flags.
static bool lower_in_halves(Lowering *lw, const Item *items, size_t count) {
    size_t jumping = 0, half = count / 2;
    uint64_t jumps = 0;
    if (!is_long(0, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t more = item_jumps(lw, &items[i]);
        jumping += more != 0;
        jumps |= i < half ? more : 0;
    }
    if (!is_long(0, jumping) || list_makes_objects(lw, items, half))
        return false;
    declare_ahead(lw, items, half);
    add_readers(lw, jumps, 1);
    lower_items(lw, items, half);
    add_readers(lw, jumps, -1);
    lower_unless(lw, jumps, items + half, count - half);
    return true;
}

void lower_items(Lowering *lw, const Item *items, size_t count) {
    if (count == 0)
        return;
    enter_depth(lw, items[0].cursor);
    if (lower_at_label(lw, items, count) || lower_in_halves(lw, items, count)) {
        lw->depth--;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t jumps = item_jumps(lw, &items[i]);
        if (jumps && lower_if_with_rest(lw, items + i, count - i))
            break;
        bool falls = item_falls(lw, &items[i]);
        if (jumps && falls && i + 1 < count) {
            lower_guarded(lw, items + i, count - i, jumps);
            break;
        }
        lower_item(lw, &items[i]);
        if (!falls)
            break;
    }
    lw->depth--;
}

// ---- Statements -------------------------------------------------------------

static void lower_if(Lowering *lw, CXCursor statement) {
    if (is_long_chain(lw, statement)) {
        lower_if_chain(lw, statement);
        return;
    }
    Cursors parts = children_of(lw->fe, statement);
    Branching br;
    branch_begin(lw, &br, lower_value(lw, parts.items[0]));
    lower_statement(lw, parts.items[1]);
    branch_else(lw, &br, NULL);
    if (parts.count == 3)
        lower_statement(lw, parts.items[2]);
    branch_end(lw, &br, NULL);
}

static void lower_return(Lowering *lw, CXCursor statement) {
    Cursors parts = children_of(lw->fe, statement);
    if (lw->statement_expressions)
        refuse(lw, statement, "move the return out of the ({ ... })",
               "a return inside a statement expression is not supported");
    if (parts.count && lw->result_record) {
        Value *source = lower_record(lw, parts.items[0]);
        build_copy(&lw->b, lw->result_record, source);
    } else if (parts.count && lw->result) {
        variable_set(lw, lw->result, lower_value(lw, parts.items[0]));
    } else if (parts.count) {
        lower_effect(lw, parts.items[0]);
    }
    jump_to(lw, find_target(lw, TARGET_RETURN, NULL));
}

static void lower_jump(Lowering *lw, CXCursor statement, int kind) {
    Target *target = find_target(lw, kind, NULL);
    if (!target)
        refuse(lw, statement, NULL, "this jump leads nowhere");
    jump_to(lw, target);
}

static void lower_goto(Lowering *lw, CXCursor statement) {
    Cursors children = children_of(lw->fe, statement);
    const char *label =
        children.count ? cursor_name(lw->fe, children.items[0]) : "";
    Target *target = find_target(lw, TARGET_LABEL, label);
    if (!target)
        refuse(lw, statement,
               "gradcc follows a goto to a label of an enclosing block, but "
               "not into the middle of a loop that gotos make; write a loop "
               "or an if",
               "this goto to '%s' jumps into a block or into a loop", label);
    jump_to(lw, target);
}

static void lower_compound(Lowering *lw, CXCursor statement) {
    Items items = {0};
    append_statement(lw, &items, statement);
    lower_items(lw, items.items, items.count);
}

// [[fallthrough]], #pragma unroll and the like wrap a statement.
static void lower_attributed(Lowering *lw, CXCursor statement) {
    Cursors children = children_of(lw->fe, statement);
    if (children.count == 0)
        return;
    lower_statement(lw, children.items[children.count - 1]);
}

static void lower_statement_kind(Lowering *lw, CXCursor statement) {
    switch ((int)statement.kind) {
    case CXCursor_CompoundStmt:
    case CXCursor_LabelStmt: lower_compound(lw, statement); break;
    case CXCursor_DeclStmt: lower_declaration(lw, statement); break;
    case CXCursor_IfStmt: lower_if(lw, statement); break;
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt: lower_loop(lw, statement); break;
    case CXCursor_SwitchStmt: lower_switch(lw, statement); break;
    case CXCursor_ReturnStmt: lower_return(lw, statement); break;
    case CXCursor_BreakStmt: lower_jump(lw, statement, TARGET_BREAK); break;
    case CXCursor_ContinueStmt:
        lower_jump(lw, statement, TARGET_CONTINUE);
        break;
    case CXCursor_GotoStmt: lower_goto(lw, statement); break;
    case CXCursor_NullStmt: break;
    case CXCursor_UnexposedStmt: lower_attributed(lw, statement); break;
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
        refuse(lw, statement, "put all case labels directly into the switch",
               "a case label inside another statement is not supported");
    case CXCursor_IndirectGotoStmt:
        refuse(lw, statement, "write it as a switch or as a loop",
               "a computed goto is not supported");
    case CXCursor_GCCAsmStmt:
    case CXCursor_MSAsmStmt:
        refuse(lw, statement,
               "move it to a function of its own and mark that "
               "'#pragma grad inactive'",
               "inline assembly is not supported");
    default:
        if (!clang_isExpression(statement.kind))
            refuse(lw, statement, "rewrite it in plain C",
                   "this construct (%s) is not supported",
                   take_string(lw->fe->arena,
                               clang_getCursorKindSpelling(statement.kind)));
        if (!lower_marked_call(lw, statement))
            lower_effect(lw, statement);
    }
}

void lower_statement(Lowering *lw, CXCursor statement) {
    const Origin *outer = lw->b.origin;
    enter_depth(lw, statement);
    if (statement.kind != CXCursor_CompoundStmt && !lw->statement_expressions)
        set_origin(lw, statement);
    lower_statement_kind(lw, statement);
    lw->depth--;
    lw->b.origin = outer;
}

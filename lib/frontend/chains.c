// chains.c - long else-if chains and long chains of ?:. Each link of a chain
// stands in the else branch of the one before. A long chain would nest too
// deeply, so it is divided: where no link of the first half was taken, a flag
// says so, and the second half follows under a test of the flag.
#include "frontend/internal.h"

enum { MOST_LINKS = 64 };

typedef struct Chain {
    Vec(CXCursor) links;
    CXCursor otherwise; // the last else; null without one
    Variable *chosen;   // what ?: gives; NULL for statements
} Chain;

// ---- Halves -----------------------------------------------------------------

bool is_long(size_t at, size_t end) { return end - at > MOST_LINKS; }

void begin_half(Lowering *lw, Variable **missed) {
    *missed = variable_create(lw, "missed",
                              type_scalar(lw->function->module, TYPE_INT));
    variable_set(lw, *missed, build_int(&lw->b, (*missed)->type, 0));
}

void set_missed(Lowering *lw, Variable *missed) {
    variable_set(lw, missed, build_int(&lw->b, missed->type, 1));
}

// ---- Links ------------------------------------------------------------------

static void lower_arm(Lowering *lw, const Chain *chain, CXCursor arm) {
    if (clang_isStatement(arm.kind) && arm.kind != CXCursor_StmtExpr)
        lower_statement(lw, arm);
    else if (!chain->chosen)
        lower_effect(lw, arm);
    else
        variable_set(
            lw, chain->chosen,
            convert_value(lw, arm, chain->chosen->type, lower_value(lw, arm)));
}

static void lower_links(Lowering *lw, const Chain *chain, size_t at, size_t end,
                        Variable *missed) {
    Branching br;
    if (is_long(at, end)) {
        Variable *half;
        begin_half(lw, &half);
        lower_links(lw, chain, at, at + (end - at) / 2, half);
        branch_begin(lw, &br, variable_get(lw, half));
        lower_links(lw, chain, at + (end - at) / 2, end, missed);
        branch_else(lw, &br, NULL);
        branch_end(lw, &br, NULL);
        return;
    }
    if (at == end) {
        if (missed)
            set_missed(lw, missed);
        else if (!clang_Cursor_isNull(chain->otherwise))
            lower_arm(lw, chain, chain->otherwise);
        return;
    }
    CXCursor link = chain->links.items[at];
    Cursors parts = children_of(lw->fe, link);
    if (link.kind == CXCursor_IfStmt)
        set_origin(lw, link);
    branch_begin(lw, &br, lower_value(lw, parts.items[0]));
    lower_arm(lw, chain, parts.items[1]);
    branch_else(lw, &br, NULL);
    lower_links(lw, chain, at + 1, end, missed);
    branch_end(lw, &br, NULL);
}

static void find_links(Lowering *lw, Chain *chain, CXCursor first) {
    CXCursor at = first;
    chain->otherwise = clang_getNullCursor();
    for (;;) {
        vec_push(lw->fe->arena, &chain->links, at);
        Cursors parts = children_of(lw->fe, at);
        if (parts.count < 3)
            return;
        at = parts.items[2];
        CXCursor core =
            first.kind == CXCursor_IfStmt ? at : strip_parens(lw->fe, at);
        if (core.kind != first.kind ||
            !clang_equalTypes(
                clang_getCanonicalType(clang_getCursorType(core)),
                clang_getCanonicalType(clang_getCursorType(first)))) {
            chain->otherwise = at;
            return;
        }
        at = core;
    }
}

bool is_long_chain(Lowering *lw, CXCursor first) {
    Chain chain = {0};
    find_links(lw, &chain, first);
    return is_long(0, chain.links.count);
}

void lower_if_chain(Lowering *lw, CXCursor first) {
    Chain chain = {0};
    find_links(lw, &chain, first);
    lower_links(lw, &chain, 0, chain.links.count, NULL);
}

Value *lower_choice_chain(Lowering *lw, CXCursor first, const Type *type) {
    Chain chain = {0};
    find_links(lw, &chain, first);
    if (type->kind != TYPE_VOID)
        chain.chosen = variable_create(lw, "chosen", type);
    lower_links(lw, &chain, 0, chain.links.count, NULL);
    return chain.chosen ? variable_get(lw, chain.chosen) : NULL;
}

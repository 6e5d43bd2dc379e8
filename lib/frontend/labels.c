// labels.c - goto. A label that a later goto leads back to begins a loop: it
// and the statements up to the last such goto become one item of their list,
// which is repeated as long as a goto to the label is under way. A label that
// a goto leads forward to divides its list.
#include "frontend/internal.h"

#include <string.h>

// ---- Who jumps where --------------------------------------------------------

typedef Vec(const char *) Names;

typedef struct GotoScan {
    Frontend *fe;
    Names *names;
} GotoScan;

static enum CXChildVisitResult note_goto(CXCursor cursor, CXCursor parent,
                                         CXClientData data) {
    GotoScan *scan = data;
    (void)parent;
    if (cursor.kind == CXCursor_LabelRef)
        vec_push(scan->fe->arena, scan->names, cursor_name(scan->fe, cursor));
    return CXChildVisit_Recurse;
}

static void find_gotos(Frontend *fe, const Item *item, Names *names) {
    GotoScan scan = {fe, names};
    for (size_t i = 0; i < item->inside_count; i++)
        find_gotos(fe, &item->inside[i], names);
    if (item->kind == ITEM_STATEMENT)
        clang_visitChildren(item->cursor, note_goto, &scan);
}

// The last item that jumps to the label of item i, from there or from behind
// it; `none` without one.
static size_t last_goto(const Item *items, const Names *gotos, size_t count,
                        size_t i, size_t none) {
    for (size_t k = count; k-- > i;)
        for (size_t g = 0; g < gotos[k].count; g++)
            if (strcmp(gotos[k].items[g], items[i].label) == 0)
                return k;
    return none;
}

// ---- Loops ------------------------------------------------------------------

static enum CXChildVisitResult note_literal(CXCursor cursor, CXCursor parent,
                                            CXClientData data) {
    bool *found = data;
    (void)parent;
    if (cursor.kind == CXCursor_CompoundLiteralExpr)
        *found = true;
    return *found ? CXChildVisit_Break : CXChildVisit_Recurse;
}

// Objects that are made where they stand and live to the end of the block:
// what follows must stay in the region that makes them.
static bool makes_objects(Lowering *lw, const Item *item) {
    bool found = false;
    if (item->kind != ITEM_STATEMENT)
        return false;
    if (item->cursor.kind == CXCursor_DeclStmt) {
        Cursors list = children_of(lw->fe, item->cursor);
        for (size_t i = 0; i < list.count; i++)
            if (declares_dynamic(lw, list.items[i]))
                return true;
    }
    clang_visitChildren(item->cursor, note_literal, &found);
    return found;
}

bool list_makes_objects(Lowering *lw, const Item *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (makes_objects(lw, &items[i]) ||
            list_makes_objects(lw, items[i].inside, items[i].inside_count))
            return true;
    return false;
}

// The last item of the loop that begins with the label of item i. A loop that
// another one overlaps takes it in: what follows the first loop's last goto is
// then run once, at the end of its last iteration.
static size_t loop_end_of(Lowering *lw, const Item *items, const Names *gotos,
                          size_t count, size_t i, size_t last) {
    if (list_makes_objects(lw, items + i, last + 1 - i))
        return count - 1;
    for (size_t k = i + 1; k <= last; k++) {
        if (items[k].kind != ITEM_LABEL)
            continue;
        size_t other = last_goto(items, gotos, count, k, last);
        if (other > last)
            return loop_end_of(lw, items, gotos, count, i, other);
    }
    return last;
}

void form_loops(Lowering *lw, Items *items) {
    size_t count = items->count;
    bool labels = false;
    for (size_t i = 0; i < count; i++)
        labels |= items->items[i].kind == ITEM_LABEL;
    if (!labels)
        return;
    Names *gotos = arena_array(lw->fe->arena, Names, count);
    memset(gotos, 0, count * sizeof *gotos);
    for (size_t i = 0; i < count; i++)
        find_gotos(lw->fe, &items->items[i], &gotos[i]);
    Items formed = {0};
    for (size_t i = 0; i < count; i++) {
        Item item = items->items[i];
        size_t last = count;
        if (item.kind == ITEM_LABEL)
            last = last_goto(items->items, gotos, count, i, count);
        if (last < count) {
            last = loop_end_of(lw, items->items, gotos, count, i, last);
            Items inside = {0};
            for (size_t k = i + 1; k <= last; k++)
                vec_push(lw->fe->arena, &inside, items->items[k]);
            form_loops(lw, &inside);
            item.kind = ITEM_AGAIN;
            item.inside = inside.items;
            item.inside_count = inside.count;
            i = last;
        }
        vec_push(lw->fe->arena, &formed, item);
    }
    *items = formed;
}

static void carry(Lowering *lw, Variables *carried, Variable *variable) {
    for (size_t i = 0; i < carried->count; i++)
        if (carried->items[i] == variable)
            return;
    vec_push(lw->fe->arena, carried, variable);
}

static void find_assigned_in(Lowering *lw, const Item *items, size_t count,
                             Variables *carried) {
    for (size_t i = 0; i < count; i++) {
        find_assigned_in(lw, items[i].inside, items[i].inside_count, carried);
        if (items[i].kind == ITEM_STATEMENT)
            find_assigned(lw, items[i].cursor, carried);
    }
}

void lower_again(Lowering *lw, const Item *item) {
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    Variables carried = {0};
    Looping loop;
    uint64_t exits = 0;
    if (lw->target_count + 4 >= MAX_TARGETS)
        refuse(lw, item->cursor,
               "move the inner ones to a function of their own",
               "too many labels and loops are nested here");
    declare_ahead(lw, item->inside, item->inside_count);
    Target *target = target_push(lw, TARGET_LABEL, item->label);
    target->flag = variable_create(lw, "again", type);
    target->readers = 1; // the loop's condition
    variable_set(lw, target->flag, build_int(&lw->b, type, 1));
    for (size_t i = 0; i < item->inside_count; i++)
        exits |= item_jumps(lw, &item->inside[i]);
    find_assigned_in(lw, item->inside, item->inside_count, &carried);
    for (unsigned i = 0; i < lw->target_count; i++)
        if (exits >> i & 1 && lw->targets[i].readers > 0)
            carry(lw, &carried, lw->targets[i].flag);
    if (lw->result && (exits & 1))
        carry(lw, &carried, lw->result);
    loop_begin(lw, &loop, carried.items, (uint32_t)carried.count);
    loop_body(lw, &loop, variable_get(lw, target->flag));
    // No jump is under way when the body starts.
    for (unsigned i = 0; i < lw->target_count; i++)
        if (exits >> i & 1 && lw->targets[i].readers > 0)
            variable_set(lw, lw->targets[i].flag, build_int(&lw->b, type, 0));
    lower_items(lw, item->inside, item->inside_count);
    loop_end(lw, &loop);
    target_pop(lw);
}

// ---- Forward ----------------------------------------------------------------

static bool is_label(const Item *item) {
    return item->kind == ITEM_LABEL || item->kind == ITEM_AGAIN;
}

// The items, unless a jump to one of the targets is under way.
void lower_unless(Lowering *lw, uint64_t targets, const Item *items,
                  size_t count) {
    Value *gone = jumped_to(lw, targets);
    Branching br;
    if (!gone) {
        lower_items(lw, items, count);
        return;
    }
    branch_begin(lw, &br, gone);
    branch_else(lw, &br, NULL);
    lower_items(lw, items, count);
    branch_end(lw, &br, NULL);
}

// The list up to a label that is jumped to from before it, then the rest.
bool lower_at_label(Lowering *lw, const Item *items, size_t count) {
    for (size_t i = count; i-- > 1;) {
        if (!is_label(&items[i]))
            continue;
        if (lw->target_count == MAX_TARGETS)
            refuse(lw, items[i].cursor, NULL, "too many labels and loops here");
        Target *target = target_push(lw, TARGET_LABEL, items[i].label);
        uint64_t bit = UINT64_C(1) << (target - lw->targets), jumps = 0;
        for (size_t j = 0; j < i; j++)
            jumps |= item_jumps(lw, &items[j]);
        if (!(jumps & bit)) {
            target_pop(lw);
            continue;
        }
        uint64_t others = jumps & (bit - 1);
        declare_ahead(lw, items, i);
        add_readers(lw, others, 1);
        lower_items(lw, items, i);
        target_pop(lw);
        add_readers(lw, others, -1);
        lower_unless(lw, others, items + i, count - i);
        return true;
    }
    return false;
}

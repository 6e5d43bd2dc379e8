// jumps.c - break, continue, return and forward goto without jumps. Each leads
// to a Target, the end of a list of statements. What a jump skips is put into
// the other branch of an if, or under a test of the target's flag.
//
// A flag costs a carried variable, so it is set only while a reader (a test
// after an enclosing statement, an enclosing loop's condition) waits for it:
// readers counts those.
#include "frontend/internal.h"

#include <string.h>

Target *target_push(Lowering *lw, int kind, const char *label) {
    ENSURE(lw->target_count < MAX_TARGETS);
    Target *target = &lw->targets[lw->target_count++];
    memset(target, 0, sizeof *target);
    target->kind = kind;
    target->label = label;
    return target;
}

void target_pop(Lowering *lw) { lw->target_count--; }

Target *find_target(Lowering *lw, int kind, const char *label) {
    for (unsigned i = lw->target_count; i-- > 0;) {
        Target *target = &lw->targets[i];
        if ((int)target->kind == kind &&
            (!label || strcmp(label, target->label) == 0))
            return target;
    }
    return NULL;
}

static uint64_t bit_of(Lowering *lw, int kind, const char *label) {
    Target *target = find_target(lw, kind, label);
    return target ? UINT64_C(1) << (target - lw->targets) : 0;
}

static const char *goto_label(Frontend *fe, CXCursor statement) {
    Cursors children = children_of(fe, statement);
    return children.count ? cursor_name(fe, children.items[0]) : "";
}

// Inside loops and switches of its own, break (and continue) stay inside.
typedef struct Inside {
    bool breaks, continues;
} Inside;

static uint64_t jumps_in(Lowering *lw, CXCursor s, Inside inside) {
    switch ((int)s.kind) {
    case CXCursor_BreakStmt:
        return inside.breaks ? 0 : bit_of(lw, TARGET_BREAK, NULL);
    case CXCursor_ContinueStmt:
        return inside.continues ? 0 : bit_of(lw, TARGET_CONTINUE, NULL);
    case CXCursor_ReturnStmt: return bit_of(lw, TARGET_RETURN, NULL);
    case CXCursor_GotoStmt:
        return bit_of(lw, TARGET_LABEL, goto_label(lw->fe, s));
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt: inside.breaks = inside.continues = true; break;
    case CXCursor_SwitchStmt: inside.breaks = true; break;
    case CXCursor_CompoundStmt:
    case CXCursor_IfStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
    case CXCursor_UnexposedStmt: break;
    default: return 0; // expressions do not jump
    }
    uint64_t jumps = 0;
    Cursors children = children_of(lw->fe, s);
    for (size_t i = 0; i < children.count; i++)
        jumps |= jumps_in(lw, children.items[i], inside);
    return jumps;
}

uint64_t jumps_of(Lowering *lw, CXCursor statement) {
    return jumps_in(lw, statement, (Inside){false, false});
}

// ---- Does control reach a statement's end? ----------------------------------

static bool has_break(Frontend *fe, CXCursor s, bool top) {
    switch ((int)s.kind) {
    case CXCursor_BreakStmt: return true;
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_SwitchStmt:
        if (!top)
            return false;
        break;
    case CXCursor_CompoundStmt:
    case CXCursor_IfStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
    case CXCursor_UnexposedStmt: break;
    default: return false;
    }
    Cursors children = children_of(fe, s);
    for (size_t i = 0; i < children.count; i++)
        if (has_break(fe, children.items[i], false))
            return true;
    return false;
}

static bool is_endless(Lowering *lw, CXCursor loop) {
    Cursors children = children_of(lw->fe, loop);
    CXCursor condition = clang_getNullCursor();
    int64_t value = 1;
    if (loop.kind == CXCursor_WhileStmt)
        condition = children.items[0];
    else if (loop.kind == CXCursor_DoStmt)
        condition = children.items[children.count - 1];
    else
        condition = for_parts(lw, loop).condition;
    if (!clang_Cursor_isNull(condition)) {
        CXCursor core = strip_casts(lw->fe, condition);
        if (core.kind != CXCursor_IntegerLiteral ||
            !evaluate_integer(core, &value))
            return false;
    }
    return value != 0 && !has_break(lw->fe, loop, true);
}

static bool switch_falls(Lowering *lw, CXCursor s) {
    Cursors children = children_of(lw->fe, s);
    CXCursor body = children.items[children.count - 1];
    if (has_break(lw->fe, s, true) || body.kind != CXCursor_CompoundStmt)
        return true;
    bool has_default = false;
    Cursors list = children_of(lw->fe, body);
    for (size_t i = 0; i < list.count; i++) {
        CXCursor c = list.items[i];
        while (c.kind == CXCursor_CaseStmt || c.kind == CXCursor_DefaultStmt) {
            has_default |= c.kind == CXCursor_DefaultStmt;
            Cursors inner = children_of(lw->fe, c);
            c = inner.items[inner.count - 1];
        }
    }
    return !has_default || list.count == 0 ||
           falls_through(lw, list.items[list.count - 1]);
}

bool falls_through(Lowering *lw, CXCursor s) {
    Cursors children;
    switch ((int)s.kind) {
    case CXCursor_BreakStmt:
    case CXCursor_ContinueStmt:
    case CXCursor_ReturnStmt:
    case CXCursor_GotoStmt: return false;
    case CXCursor_CompoundStmt:
        children = children_of(lw->fe, s);
        for (size_t i = children.count; i-- > 0;) {
            // Control may come in at a label.
            if (!falls_through(lw, children.items[i]))
                return false;
            if (children.items[i].kind == CXCursor_LabelStmt)
                return true;
        }
        return true;
    case CXCursor_IfStmt:
        children = children_of(lw->fe, s);
        return children.count < 3 || falls_through(lw, children.items[1]) ||
               falls_through(lw, children.items[2]);
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt: return !is_endless(lw, s);
    case CXCursor_SwitchStmt: return switch_falls(lw, s);
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
    case CXCursor_UnexposedStmt:
        children = children_of(lw->fe, s);
        return children.count == 0 ||
               falls_through(lw, children.items[children.count - 1]);
    default: return true;
    }
}

// ---- Flags ------------------------------------------------------------------

void add_readers(Lowering *lw, uint64_t targets, int change) {
    static const char *const names[] = {"returned", "stop", "skip", "jumped"};
    for (unsigned i = 0; i < lw->target_count; i++) {
        Target *target = &lw->targets[i];
        if (!(targets >> i & 1))
            continue;
        // Nobody reads it yet, so no jump is under way: it starts here, in the
        // scope of its first reader.
        if (target->readers == 0) {
            const Type *type = type_scalar(lw->function->module, TYPE_INT);
            target->flag = variable_create(lw, names[target->kind], type);
            variable_set(lw, target->flag, build_int(&lw->b, type, 0));
        }
        target->readers += (unsigned)change;
    }
}

void jump_to(Lowering *lw, Target *target) {
    if (target->readers == 0)
        return;
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    variable_set(lw, target->flag, build_int(&lw->b, type, 1));
}

Value *jumped_to(Lowering *lw, uint64_t targets) {
    Value *any = NULL;
    for (unsigned i = 0; i < lw->target_count; i++) {
        if (!(targets >> i & 1))
            continue;
        Value *flag = variable_get(lw, lw->targets[i].flag);
        any = any ? build_binary(&lw->b, OP_OR, any, flag) : flag;
    }
    return any;
}

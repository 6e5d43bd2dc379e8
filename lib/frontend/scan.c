// scan.c - what a piece of C does, found before it is lowered: whose address
// it takes, what it assigns, whether it has effects. Builds nothing.
#include "frontend/internal.h"

#include <string.h>

// ---- Depth
// ----------------------------------------------------------------------

// Every list asks its statements where they jump to, so what is nested too
// deeply is refused before anything is lowered.
static void check_statement(Lowering *lw, CXCursor s, unsigned depth) {
    if (depth > MAX_DEPTH)
        refuse(lw, s, "move the inner statements to functions of their own",
               "this is nested too deeply");
    switch ((int)s.kind) {
    case CXCursor_CompoundStmt:
    case CXCursor_IfStmt:
    case CXCursor_ForStmt:
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_SwitchStmt:
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
    case CXCursor_LabelStmt:
    case CXCursor_UnexposedStmt: break;
    default: return;
    }
    Cursors children = children_of(lw->fe, s);
    for (size_t i = 0; i < children.count; i++) {
        CXCursor child = children.items[i];
        bool chained = s.kind == CXCursor_IfStmt && i == 2 &&
                       child.kind == CXCursor_IfStmt; // else if
        check_statement(lw, child, chained ? depth : depth + 1);
    }
}

void check_nesting(Lowering *lw, CXCursor body) {
    check_statement(lw, body, 0);
}

// ---- Addresses --------------------------------------------------------------

// frexp(x, &e) and friends write a plain variable: that needs no storage.
static bool is_out_argument(Lowering *lw, CXCursor call, CXCursor argument) {
    MathFn fn;
    TypeKind kind;
    if (call.kind != CXCursor_CallExpr ||
        !is_math_call(lw->fe, call, &fn, &kind))
        return false;
    const MathInfo *info = math_info(fn);
    int count = clang_Cursor_getNumArguments(call);
    return info->results[0] && info->results[1] && count > 0 &&
           clang_equalCursors(
               argument, clang_Cursor_getArgument(call, (unsigned)count - 1));
}

// __real__ z is a part of z.
static CXCursor strip_parts(Lowering *lw, CXCursor expression) {
    expression = strip_parens(lw->fe, expression);
    while (is_part_operator(expression))
        expression =
            strip_parens(lw->fe, children_of(lw->fe, expression).items[0]);
    return expression;
}

static enum CXChildVisitResult note_addressed(CXCursor cursor, CXCursor parent,
                                              CXClientData data) {
    Lowering *lw = data;
    if (cursor.kind != CXCursor_UnaryOperator ||
        clang_getCursorUnaryOperatorKind(cursor) != CXUnaryOperator_AddrOf)
        return CXChildVisit_Recurse;
    Cursors children = children_of(lw->fe, cursor);
    if (children.count != 1)
        return CXChildVisit_Recurse;
    CXCursor operand = strip_parts(lw, children.items[0]);
    if (operand.kind != CXCursor_DeclRefExpr)
        return CXChildVisit_Recurse;
    CXCursor declaration = clang_getCursorReferenced(operand);
    if (!is_out_argument(lw, parent, cursor))
        ptrmap_set(lw->addressed, declaration_key(declaration), lw);
    return CXChildVisit_Continue;
}

void find_addressed(Lowering *lw, CXCursor body) {
    clang_visitChildren(body, note_addressed, lw);
}

// ---- Assignments ------------------------------------------------------------

typedef struct AssignmentScan {
    Lowering *lw;
    Variables *variables;
} AssignmentScan;

static bool assigns_first_child(CXCursor cursor) {
    switch ((int)cursor.kind) {
    case CXCursor_CompoundAssignOperator: return true;
    case CXCursor_BinaryOperator:
        return clang_getCursorBinaryOperatorKind(cursor) ==
               CXBinaryOperator_Assign;
    case CXCursor_UnaryOperator:
        switch ((int)clang_getCursorUnaryOperatorKind(cursor)) {
        case CXUnaryOperator_PreInc:
        case CXUnaryOperator_PreDec:
        case CXUnaryOperator_PostInc:
        case CXUnaryOperator_PostDec:
        case CXUnaryOperator_AddrOf: // an out-argument, see above
            return true;
        default: return false;
        }
    default: return false;
    }
}

static void note_variable(AssignmentScan *scan, CXCursor declaration) {
    Lowering *lw = scan->lw;
    Variable *variable =
        ptrmap_get(lw->variables, declaration_key(declaration));
    if (!variable || variable->in_memory || variable->index >= lw->env.count ||
        lw->env.variables[variable->index] != variable)
        return;
    for (size_t i = 0; i < scan->variables->count; i++)
        if (scan->variables->items[i] == variable)
            return;
    vec_push(lw->fe->arena, scan->variables, variable);
}

static enum CXChildVisitResult note_assigned(CXCursor cursor, CXCursor parent,
                                             CXClientData data) {
    AssignmentScan *scan = data;
    (void)parent;
    if (assigns_first_child(cursor)) {
        Cursors children = children_of(scan->lw->fe, cursor);
        CXCursor target = clang_getNullCursor();
        if (children.count)
            target = strip_parts(scan->lw, children.items[0]);
        if (target.kind == CXCursor_DeclRefExpr)
            note_variable(scan, clang_getCursorReferenced(target));
    } else if (cursor.kind == CXCursor_VarDecl) {
        note_variable(scan, cursor); // declared ahead, and initialised here
    }
    return CXChildVisit_Recurse;
}

void find_assigned(Lowering *lw, CXCursor cursor, Variables *variables) {
    AssignmentScan scan = {lw, variables};
    if (clang_Cursor_isNull(cursor))
        return;
    note_assigned(cursor, cursor, &scan);
    clang_visitChildren(cursor, note_assigned, &scan);
}

// ---- Effects ----------------------------------------------------------------

typedef struct EffectScan {
    Lowering *lw;
    bool found;
} EffectScan;

static bool call_has_effect(Lowering *lw, CXCursor call) {
    MathFn fn;
    TypeKind kind;
    if (is_math_call(lw->fe, call, &fn, &kind))
        return math_info(fn)->results[1] != 0;
    CXCursor callee = clang_getCursorReferenced(call);
    const char *name = cursor_name(lw->fe, callee);
    return !(strcmp(name, "abs") == 0 || strcmp(name, "labs") == 0 ||
             strcmp(name, "llabs") == 0 ||
             strcmp(name, "__builtin_expect") == 0);
}

static enum CXChildVisitResult note_effect(CXCursor cursor, CXCursor parent,
                                           CXClientData data) {
    EffectScan *scan = data;
    (void)parent;
    if ((assigns_first_child(cursor) &&
         !(cursor.kind == CXCursor_UnaryOperator &&
           clang_getCursorUnaryOperatorKind(cursor) ==
               CXUnaryOperator_AddrOf)) ||
        cursor.kind == CXCursor_StmtExpr ||
        cursor.kind == CXCursor_CompoundLiteralExpr ||
        (cursor.kind == CXCursor_CallExpr &&
         call_has_effect(scan->lw, cursor))) {
        scan->found = true;
        return CXChildVisit_Break;
    }
    return CXChildVisit_Recurse;
}

bool is_simple_condition(Lowering *lw, CXCursor expression) {
    EffectScan scan = {lw, false};
    note_effect(expression, expression, &scan);
    if (!scan.found)
        clang_visitChildren(expression, note_effect, &scan);
    return !scan.found;
}

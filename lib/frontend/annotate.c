// annotate.c - clauses onto functions: names become parameters and globals,
// what carries no floating value is refused, and the defaults are filled in.
#include "frontend/internal.h"

#include <stdlib.h>
#include <string.h>

// ---- What can carry a derivative --------------------------------------------

// A floating value can be written through it.
bool reaches_writable(const Type *type, int depth) {
    if (depth > 6)
        return false;
    if (type_is_pointer(type)) {
        const Type *to = type->element;
        while (to->kind == TYPE_ARRAY)
            to = to->element;
        return (!to->is_const && type_holds_float(to)) ||
               reaches_writable(to, depth + 1);
    }
    if (type->kind == TYPE_ARRAY)
        return reaches_writable(type->element, depth + 1);
    if (type->kind == TYPE_RECORD)
        for (size_t i = 0; i < type->record->field_count; i++)
            if (reaches_writable(type->record->fields[i].type, depth + 1))
                return true;
    return false;
}

// ---- Names ------------------------------------------------------------------

typedef struct Resolver {
    Frontend *fe;
    FunctionInfo *info;
    CXCursor declaration;
    const char *clause;
} Resolver;

static int find_param(const Resolver *rs, const char *name) {
    const Function *function = rs->info->function;
    uint32_t first = rs->info->returns_record ? 1 : 0;
    for (uint32_t i = first; i < function->param_count; i++)
        if (strcmp(function->params[i].name, name) == 0)
            return (int)i;
    // A prototype may use other names than the definition.
    int count = clang_Cursor_getNumArguments(rs->declaration);
    for (int i = 0; i < count; i++)
        if (strcmp(name,
                   cursor_name(rs->fe, clang_Cursor_getArgument(
                                           rs->declaration, (unsigned)i))) == 0)
            return i + (int)first;
    return -1;
}

static void suggest_param(const Resolver *rs, const char *name, SourceLoc loc) {
    const Function *function = rs->info->function;
    uint32_t first = rs->info->returns_record ? 1 : 0, count = 0;
    const char **names =
        arena_array(rs->fe->arena, const char *, function->param_count);
    for (uint32_t i = first; i < function->param_count; i++)
        names[count++] = function->params[i].name;
    const char *near = nearest_name(name, names, count);
    if (near) {
        diag_note(rs->fe->diags, loc, "did you mean '%s'?", near);
        return;
    }
    Text text;
    text_init(&text, rs->fe->arena);
    for (uint32_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", names[i]);
    if (count)
        diag_note(rs->fe->diags, loc, "the parameters of '%s' are %s",
                  function->name, text.chars);
}

static bool resolve_extent(const Resolver *rs, const ClauseSection *section,
                           Extent *extent);

static bool resolve_expression(const Resolver *rs, const ClauseSection *section,
                               Extent *extent) {
    extent->param = -1;
    extent->operation = section->sign == '+'   ? OP_ADD
                        : section->sign == '-' ? OP_SUB
                        : section->sign == '*' ? OP_MUL
                                               : OP_DIV;
    for (int i = 0; i < 2; i++)
        extent->operands[i] = arena_new(rs->fe->arena, Extent);
    return resolve_extent(rs, section->left, extent->operands[0]) &&
           resolve_extent(rs, section->right, extent->operands[1]);
}

// The text of a number's name: a macro's or an enum constant's; or NULL.
static const char *named_number(Frontend *fe, const char *name) {
    bool from_header;
    const CXCursor *found = strmap_get(fe->unit->names, name);
    if (found && found->kind == CXCursor_EnumConstantDecl)
        return arena_printf(fe->arena, "%lld",
                            clang_getEnumConstantDeclValue(*found));
    return macro_number(fe, name, &from_header);
}

// A number, a name for one, an integer parameter, or an expression of these.
static bool resolve_extent(const Resolver *rs, const ClauseSection *section,
                           Extent *extent) {
    if (section->sign)
        return resolve_expression(rs, section, extent);
    const char *text = section->length;
    extent->param = -1;
    if (text[0] < '0' || text[0] > '9') {
        int param = find_param(rs, text);
        if (param >= 0) {
            extent->param = param;
            if (type_is_integer(rs->info->function->params[param].type))
                return true;
            diag_error(rs->fe->diags, section->loc,
                       "the length '%s' is not an integer parameter", text);
            return false;
        }
        const char *number = named_number(rs->fe, text);
        if (!number) {
            diag_error(rs->fe->diags, section->loc,
                       "the length '%s' is neither a constant nor a "
                       "parameter of '%s'",
                       text, rs->info->function->name);
            suggest_param(rs, text, section->loc);
            return false;
        }
        text = number;
    }
    char *end;
    extent->constant = strtoll(text, &end, 0);
    if (extent->constant > 0 && strspn(end, "uUlL") == strlen(end))
        return true;
    diag_error(rs->fe->diags, section->loc,
               "the length '%s' is not a positive integer", section->length);
    return false;
}

// Rows are as long as the type says; only the first length is free.
static bool check_row(const Resolver *rs, const ClauseSection *section,
                      const Type *row, const Extent *extent) {
    if (row->kind != TYPE_ARRAY || row->length == ARRAY_DYNAMIC)
        return true;
    if (extent->param < 0 && !extent->operands[0] &&
        extent->constant == row->length)
        return true;
    diag_error(rs->fe->diags, section->loc,
               "the rows of this array have %lld elements",
               (long long)row->length);
    diag_note(rs->fe->diags, section->loc,
              "write [0:%lld], or leave this section out",
              (long long)row->length);
    return false;
}

static bool resolve_sections(const Resolver *rs, const ClauseItem *item,
                             const Type *type, GradItem *out) {
    const Type *inner = type;
    out->extents = arena_array(rs->fe->arena, Extent, item->sections.count);
    for (size_t i = 0; i < item->sections.count; i++) {
        if (!type_is_pointer(inner) && inner->kind != TYPE_ARRAY) {
            diag_error(rs->fe->diags, item->loc,
                       "'%s' has fewer dimensions than its array section",
                       item->name);
            return false;
        }
        if (!resolve_extent(rs, &item->sections.items[i], &out->extents[i]) ||
            (i > 0 &&
             !check_row(rs, &item->sections.items[i], inner, &out->extents[i])))
            return false;
        inner = inner->element;
    }
    out->extent_count = (uint32_t)item->sections.count;
    return true;
}

static bool resolve_global(const Resolver *rs, const ClauseItem *item,
                           GradItem *out) {
    CXCursor *found = strmap_get(rs->fe->unit->names, item->name);
    if (!found || found->kind != CXCursor_VarDecl) {
        diag_error(rs->fe->diags, item->loc,
                   "'%s' has no parameter or global '%s'",
                   rs->info->function->name, item->name);
        suggest_param(rs, item->name, item->loc);
        return false;
    }
    out->kind = ITEM_GLOBAL;
    out->global = global_of(rs->fe, *found, "");
    if (out->global->is_constant) {
        diag_error(rs->fe->diags, item->loc,
                   "'%s' is const: nothing can be differentiated with "
                   "respect to it",
                   item->name);
        return false;
    }
    return true;
}

static bool check_output(const Resolver *rs, const ClauseItem *item,
                         const Type *type) {
    if (strcmp(rs->clause, "wrt") == 0 || reaches_writable(type, 0))
        return true;
    if (!type_is_pointer(type))
        diag_error(rs->fe->diags, item->loc,
                   "'%s' is passed by value: '%s' cannot write to it",
                   item->name, rs->info->function->name);
    else
        diag_error(rs->fe->diags, item->loc,
                   "'%s' points to const: '%s' cannot write to it", item->name,
                   rs->info->function->name);
    diag_note(rs->fe->diags, item->loc,
              "'%s' names what the function writes; inputs belong in 'wrt'",
              rs->clause);
    return false;
}

static bool leads_to_float(const Type *type) {
    bool any = type_is_pointer(type) && type_reaches_float(type);
    if (type->kind == TYPE_ARRAY)
        any = leads_to_float(type->element);
    for (size_t i = 0; type->record && i < type->record->field_count; i++)
        any |= leads_to_float(type->record->fields[i].type);
    return any;
}

// A struct that is returned goes out through the first parameter.
bool resolve_record_result(Frontend *fe, const Function *function,
                           SourceLoc loc, GradItem *out) {
    const Type *type = function->params[0].type->element;
    *out = (GradItem){.kind = ITEM_PARAM, .param = 0, .loc = loc};
    if (!leads_to_float(type))
        return true;
    diag_error(fe->diags, loc,
               "the struct that '%s' returns holds pointers to floating-point "
               "values: it cannot be among the dependents",
               function->name);
    diag_note(fe->diags, loc,
              "name in 'of' the parameters through which it gives its results");
    return false;
}

static bool resolve_return(const Resolver *rs, const ClauseItem *item,
                           GradItem *out) {
    const Function *function = rs->info->function;
    out->kind = ITEM_RETURN;
    if (strcmp(rs->clause, "of") != 0) {
        diag_error(rs->fe->diags, item->loc, "'return' can only stand in 'of'");
        return false;
    }
    if (function->returns_record &&
        type_holds_float(function->params[0].type->element))
        return resolve_record_result(rs->fe, function, item->loc, out);
    if (type_is_float(function->result))
        return true;
    diag_error(rs->fe->diags, item->loc, "'%s' returns no floating-point value",
               rs->info->function->name);
    diag_note(rs->fe->diags, item->loc,
              "name a parameter through which it gives its result");
    return false;
}

static bool resolve_item(const Resolver *rs, const ClauseItem *item,
                         GradItem *out) {
    out->loc = item->loc;
    if (strcmp(item->name, "return") == 0)
        return resolve_return(rs, item, out);
    int param = find_param(rs, item->name);
    const Type *type;
    if (param >= 0) {
        out->kind = ITEM_PARAM;
        out->param = (uint32_t)param;
        type = rs->info->function->params[param].type;
    } else {
        if (!resolve_global(rs, item, out))
            return false;
        type = type_pointer(rs->fe->module, out->global->type);
    }
    if (!type_reaches_float(type)) {
        diag_error(rs->fe->diags, item->loc,
                   "'%s' carries no floating-point values", item->name);
        return false;
    }
    if (!check_output(rs, item, type))
        return false;
    return resolve_sections(
        rs, item, out->kind == ITEM_GLOBAL ? out->global->type : type, out);
}

static bool resolve_items(Resolver *rs, const char *clause,
                          const ClauseItems *items, GradItem **out,
                          uint32_t *count) {
    rs->clause = clause;
    *out = arena_array(rs->fe->arena, GradItem, items->count);
    *count = (uint32_t)items->count;
    for (size_t i = 0; i < items->count; i++)
        if (!resolve_item(rs, &items->items[i], &(*out)[i]))
            return false;
    return true;
}

// ---- The generated function's name ------------------------------------------

static bool is_name_taken(Frontend *fe, const char *name, SourceLoc *loc) {
    CXCursor *existing = strmap_get(fe->unit->names, name);
    Definition *definition = strmap_get(fe->definitions, name);
    if (existing &&
        (existing->kind != CXCursor_FunctionDecl ||
         !clang_Cursor_isNull(clang_getCursorDefinition(*existing))))
        *loc = loc_of(fe, *existing);
    else if (definition)
        *loc = definition->loc;
    else
        return false;
    return true;
}

static bool claim_name(Frontend *fe, const char *name, SourceLoc loc) {
    SourceLoc *first = strmap_get(fe->generated, name);
    if (first) {
        diag_error(fe->diags, loc, "another annotation generates '%s' already",
                   name);
        diag_note(fe->diags, *first,
                  "it is here; give one of them a name(...)");
        return false;
    }
    SourceLoc taken;
    if (is_name_taken(fe, name, &taken)) {
        diag_error(fe->diags, loc, "the name '%s' is taken", name);
        diag_note(fe->diags, taken,
                  "it is defined here; choose another with name(...)");
        return false;
    }
    SourceLoc *kept = arena_new(fe->arena, SourceLoc);
    *kept = loc;
    strmap_set(fe->generated, name, kept);
    return true;
}

static void append_annotation(Frontend *fe, Function *function,
                              Annotation annotation) {
    uint32_t count = function->annotation_count;
    Annotation *all = arena_array(fe->arena, Annotation, count + 1);
    if (count)
        memcpy(all, function->annotations, count * sizeof *all);
    all[count] = annotation;
    function->annotations = all;
    function->annotation_count = count + 1;
}

static const char *name_suffix(GradMode mode) {
    switch (mode) {
    case GRAD_REVERSE: return "grad";
    case GRAD_FORWARD: return "fwd";
    case GRAD_HVP: return "hvp";
    case GRAD_JACOBIAN: return "jac";
    case GRAD_HESSIAN: return "hess";
    }
    return "grad";
}

// Clauses that belong to some modes only.
static bool resolve_options(const Resolver *rs, const Clauses *clauses,
                            Annotation *a) {
    a->has_directions = clauses->directions.length != NULL;
    a->denominator = clauses->denominator;
    a->sparse = clauses->sparse;
    if (a->has_directions && a->mode != GRAD_FORWARD && a->mode != GRAD_HVP) {
        diag_error(rs->fe->diags, clauses->directions.loc,
                   "'directions' belongs to the modes forward and hvp");
        return false;
    }
    if (clauses->layout_given && a->mode != GRAD_JACOBIAN) {
        diag_error(rs->fe->diags, clauses->layout_loc,
                   "'layout' belongs to the mode jacobian");
        return false;
    }
    if (a->sparse && a->mode != GRAD_JACOBIAN && a->mode != GRAD_HESSIAN) {
        diag_error(rs->fe->diags, clauses->sparse_loc,
                   "'sparse' belongs to the modes jacobian and hessian");
        return false;
    }
    if (a->sparse && clauses->layout_given) {
        diag_error(rs->fe->diags, clauses->layout_loc,
                   "a sparse matrix is stored by rows, 'layout' has no meaning "
                   "with it");
        return false;
    }
    return !a->has_directions ||
           resolve_extent(rs, &clauses->directions, &a->directions);
}

bool resolve_clauses(Frontend *fe, FunctionInfo *info, CXCursor declaration,
                     const Clauses *clauses, Annotation *a) {
    Resolver rs = {fe, info, declaration, NULL};
    a->wrt_given = clauses->wrt_given;
    a->of_given = clauses->of_given;
    return resolve_items(&rs, "wrt", &clauses->wrt, &a->wrt, &a->wrt_count) &&
           resolve_items(&rs, "of", &clauses->of, &a->of, &a->of_count) &&
           resolve_items(&rs, "work", &clauses->work, &a->work,
                         &a->work_count) &&
           resolve_options(&rs, clauses, a);
}

static bool same_extent(const Extent *a, const Extent *b) {
    if (a->operands[0] && b->operands[0])
        return a->operation == b->operation &&
               same_extent(a->operands[0], b->operands[0]) &&
               same_extent(a->operands[1], b->operands[1]);
    return !a->operands[0] && !b->operands[0] && a->param == b->param &&
           (a->param >= 0 || a->constant == b->constant);
}

static bool same_items(const GradItem *a, uint32_t a_count, const GradItem *b,
                       uint32_t b_count) {
    bool same = a_count == b_count;
    for (uint32_t i = 0; same && i < a_count; i++) {
        same = a[i].kind == b[i].kind && a[i].param == b[i].param &&
               a[i].global == b[i].global &&
               a[i].extent_count == b[i].extent_count;
        for (uint32_t k = 0; same && k < a[i].extent_count; k++)
            same = same_extent(&a[i].extents[k], &b[i].extents[k]);
    }
    return same;
}

// Above a prototype and above the definition: one derivative.
static bool is_repeated(const Function *function, const Annotation *b) {
    for (uint32_t i = 0; i < function->annotation_count; i++) {
        const Annotation *a = &function->annotations[i];
        if (a->mode == b->mode && strcmp(a->name, b->name) == 0 &&
            a->wrt_given == b->wrt_given && a->of_given == b->of_given &&
            a->has_directions == b->has_directions &&
            a->denominator == b->denominator && a->sparse == b->sparse &&
            same_extent(&a->directions, &b->directions) &&
            same_items(a->wrt, a->wrt_count, b->wrt, b->wrt_count) &&
            same_items(a->of, a->of_count, b->of, b->of_count) &&
            same_items(a->work, a->work_count, b->work, b->work_count))
            return true;
    }
    return false;
}

bool annotate_function(Frontend *fe, FunctionInfo *info, CXCursor declaration,
                       const Clauses *clauses) {
    Annotation a = {.mode = clauses->mode, .loc = clauses->loc};
    if (!resolve_clauses(fe, info, declaration, clauses, &a))
        return false;
    add_callbacks(fe, info);
    a.name = clauses->name
                 ? clauses->name
                 : arena_printf(fe->arena, "%s_%s", info->function->name,
                                name_suffix(a.mode));
    if (is_repeated(info->function, &a))
        return true;
    if (!claim_name(fe, a.name,
                    clauses->name ? clauses->name_loc : clauses->loc))
        return false;
    append_annotation(fe, info->function, a);
    enqueue_function(fe, info);
    return true;
}

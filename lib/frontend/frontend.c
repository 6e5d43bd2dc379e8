// frontend.c - from a path to a module, in order: parse, find the pragmas,
// attach them, lower what is annotated and what that calls, fill in defaults.
#include "frontend/internal.h"

#include <stdlib.h>
#include <string.h>

// ---- What the unit declares -------------------------------------------------

static void note_name(Frontend *fe, CXCursor cursor) {
    if (cursor.kind == CXCursor_EnumDecl) {
        Cursors constants = children_of(fe, cursor);
        for (size_t i = 0; i < constants.count; i++)
            note_name(fe, constants.items[i]);
        return;
    }
    if (cursor.kind != CXCursor_FunctionDecl &&
        cursor.kind != CXCursor_VarDecl &&
        cursor.kind != CXCursor_EnumConstantDecl)
        return;
    CXCursor *kept = arena_new(fe->arena, CXCursor);
    *kept = cursor;
    strmap_set(fe->unit->names, cursor_name(fe, cursor), kept);
}

// `typedef struct { ... } Network;`: the struct is called Network.
static void note_typedef(Frontend *fe, CXCursor cursor) {
    CXType type = clang_getTypedefDeclUnderlyingType(cursor);
    CXType canonical = clang_getCanonicalType(type);
    if (type.kind == CXType_Typedef || canonical.kind != CXType_Record ||
        clang_isConstQualifiedType(canonical))
        return;
    CXCursor record =
        clang_getCursorDefinition(clang_getTypeDeclaration(canonical));
    if (clang_Cursor_isNull(record) ||
        ptrmap_has(fe->unit->record_typedefs, declaration_key(record)))
        return;
    ptrmap_set(fe->unit->record_typedefs, declaration_key(record),
               (void *)(uintptr_t)cursor_name(fe, cursor));
}

static enum CXChildVisitResult note_top(CXCursor cursor, CXCursor parent,
                                        CXClientData data) {
    Frontend *fe = data;
    (void)parent;
    if (clang_isPreprocessing(cursor.kind))
        return CXChildVisit_Continue;
    if (cursor.kind == CXCursor_TypedefDecl)
        note_typedef(fe, cursor);
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
        return CXChildVisit_Continue;
    vec_push(fe->arena, &fe->unit->top, cursor);
    note_name(fe, cursor);
    return CXChildVisit_Continue;
}

// ---- Steps ------------------------------------------------------------------

static bool has_derivative(Frontend *fe, const Unit *owner) {
    for (size_t u = 0; u < fe->units.count; u++)
        for (size_t i = 0; i < fe->units.items[u]->pragmas.count; i++) {
            const Pragma *pragma = fe->units.items[u]->pragmas.items[i];
            if (pragma->owner && (!owner || pragma->owner == owner))
                return true;
        }
    return false;
}

static bool check_annotated(Frontend *fe) {
    const char *only = fe->options->only_function;
    SourceLoc nowhere = {0};
    if (has_derivative(fe, NULL))
        return true;
    fe->unit = fe->units.items[0];
    if (fe->bodiless) {
        report_bodiless(fe, fe->bodiless);
        return false;
    }
    if (only) {
        diag_error(fe->diags, nowhere, "no annotated function '%s' in '%s'",
                   only, fe->unit->path);
        return false;
    }
    SourceLoc loc = loc_of_location(
        fe, clang_getLocationForOffset(
                fe->unit->handle,
                clang_getFile(fe->unit->handle, fe->unit->path), 0));
    diag_error(fe->diags, loc, "no function %s has a '#pragma grad'",
               fe->units.count > 1 ? "in these files" : "here");
    diag_note(fe->diags, nowhere,
              "write '#pragma grad' before the function to differentiate, or "
              "'#pragma grad wrt(x)' to name its independent variables");
    return false;
}

// The queue grows while it is worked off: callees come behind their callers.
static void lower_all(Frontend *fe) {
    for (size_t i = 0; i < fe->queue.count; i++)
        lower_function(fe, fe->queue.items[i]);
    for (size_t i = 0; i < fe->queue.count; i++)
        complete_annotations(fe, fe->queue.items[i]->function);
    for (size_t i = 0; i < fe->ruled.count; i++)
        complete_rules(fe, fe->ruled.items[i]);
}

// In source order, those of headers first; declared ones before all others.
static int compare_functions(const void *left, const void *right) {
    const Function *a = *(Function *const *)left;
    const Function *b = *(Function *const *)right;
    if ((a->body == NULL) != (b->body == NULL))
        return a->body == NULL ? -1 : 1;
    if (a->in_header != b->in_header)
        return a->in_header ? -1 : 1;
    int files =
        strcmp(a->loc.path ? a->loc.path : "", b->loc.path ? b->loc.path : "");
    if (files)
        return files;
    if (a->loc.offset != b->loc.offset)
        return a->loc.offset < b->loc.offset ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void sort_functions(Module *module) {
    if (module->functions.count)
        qsort(module->functions.items, module->functions.count,
              sizeof *module->functions.items, compare_functions);
    for (size_t i = 0; i < module->functions.count; i++)
        module->functions.items[i]->place = i;
}

static void add_includes(Frontend *fe, const Unit *unit) {
    for (size_t i = 0; i < unit->includes.count; i++) {
        const char *line = unit->includes.items[i];
        bool known = false;
        for (size_t k = 0; k < fe->module->includes.count && !known; k++)
            known = strcmp(fe->module->includes.items[k], line) == 0;
        if (!known)
            vec_push(fe->arena, &fe->module->includes, line);
    }
}

static void start_module(Frontend *fe, const Unit *unit) {
    fe->module = module_create(fe->arena, unit->path);
    fe->functions = ptrmap_create(fe->arena);
    fe->globals = ptrmap_create(fe->arena);
    fe->shared = strmap_create(fe->arena);
    fe->indirect = strmap_create(fe->arena);
    fe->records = strmap_create(fe->arena);
    fe->records_by_name = strmap_create(fe->arena);
    fe->queue.count = fe->holders.count = fe->ruled.count = 0;
    for (size_t u = 0; u < fe->units.count; u++) {
        fe->units.items[u]->renamings.count = 0;
        fe->units.items[u]->is_used = false;
    }
}

// The derivatives of one unit's functions, or of all.
static Module *make_module(Frontend *fe, Unit *owner) {
    Unit *first = owner ? owner : fe->units.items[0];
    start_module(fe, first);
    fe->owner = owner;
    first->is_used = true;
    annotate_functions(fe, owner);
    lower_all(fe);
    rename_in_texts(fe);
    sort_functions(fe->module);
    sort_records(fe);
    for (size_t u = 0; u < fe->units.count; u++)
        if (fe->units.items[u]->is_used)
            add_includes(fe, fe->units.items[u]);
    return fe->module;
}

static void read_units(Frontend *fe, CXIndex index) {
    for (size_t u = 0; u < fe->units.count; u++) {
        fe->unit = fe->units.items[u];
        if (!parse_unit(fe, index))
            continue;
        clang_visitChildren(clang_getTranslationUnitCursor(fe->unit->handle),
                            note_top, fe);
        collect_includes(fe);
        find_pragmas(fe);
    }
}

static void prepare(Frontend *fe, const char *const *paths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        Unit *unit = arena_new(fe->arena, Unit);
        unit->path = paths[i];
        unit->file_of = ptrmap_create(fe->arena);
        unit->names = strmap_create(fe->arena);
        unit->record_typedefs = ptrmap_create(fe->arena);
        vec_push(fe->arena, &fe->units, unit);
    }
    fe->generated = strmap_create(fe->arena);
    fe->loop_infos = strmap_create(fe->arena);
    fe->checkpoints = strmap_create(fe->arena);
    fe->inactive_places = strmap_create(fe->arena);
    fe->inactive = ptrmap_create(fe->arena);
    fe->inactive_names = strmap_create(fe->arena);
}

typedef struct Request {
    Frontend fe;
    const char *const *paths;
    size_t count;
    bool together;
    FrontendResult *result;
} Request;

static void make_modules(Frontend *fe, bool together, FrontendResult *result) {
    result->modules = arena_array(fe->arena, Module *, fe->units.count);
    for (size_t u = 0; u < fe->units.count; u++) {
        Unit *owner =
            together && fe->units.count > 1 ? NULL : fe->units.items[u];
        if (!(together && u > 0) && has_derivative(fe, owner))
            result->modules[u] = make_module(fe, owner);
    }
}

static void work(void *context) {
    Request *request = context;
    Frontend *fe = &request->fe;
    prepare(fe, request->paths, request->count);
    CXIndex index = clang_createIndex(0, 0);
    read_units(fe, index);
    if (fe->diags->errors == 0) {
        link_units(fe);
        read_pragmas(fe);
        if (fe->diags->errors > 0 || check_annotated(fe))
            make_modules(fe, request->together, request->result);
        collect_dependencies(fe, &request->result->dependencies);
    }
    for (size_t u = 0; u < fe->units.count; u++)
        if (fe->units.items[u]->handle)
            clang_disposeTranslationUnit(fe->units.items[u]->handle);
    clang_disposeIndex(index);
}

bool frontend_parse(Arena *arena, Diagnostics *diags, const char *const *paths,
                    size_t count, bool together, const FrontendOptions *options,
                    FrontendResult *result) {
    Request request = {
        .fe = {.arena = arena, .diags = diags, .options = options},
        .paths = paths,
        .count = count,
        .together = together,
        .result = result,
    };
    *result = (FrontendResult){0};
    run_on_deep_stack(work, &request);
    return diags->errors == 0;
}

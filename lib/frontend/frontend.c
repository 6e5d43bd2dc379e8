// frontend.c - from a path to a module, in order: parse, find the pragmas,
// attach them, lower what is annotated and what that calls, fill in defaults.
#include "frontend/internal.h"

#include <stdlib.h>
#include <string.h>

// ---- What the unit declares -------------------------------------------------

static void note_name(Frontend *fe, CXCursor cursor) {
    if (cursor.kind != CXCursor_FunctionDecl && cursor.kind != CXCursor_VarDecl)
        return;
    CXCursor *kept = arena_new(fe->arena, CXCursor);
    *kept = cursor;
    strmap_set(fe->names, cursor_name(fe, cursor), kept);
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
        ptrmap_has(fe->record_typedefs, declaration_key(record)))
        return;
    ptrmap_set(fe->record_typedefs, declaration_key(record),
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
    vec_push(fe->arena, &fe->top, cursor);
    note_name(fe, cursor);
    return CXChildVisit_Continue;
}

// ---- Steps ------------------------------------------------------------------

static bool check_annotated(Frontend *fe) {
    const char *only = fe->options->only_function;
    SourceLoc nowhere = {0};
    if (fe->queue.count > 0)
        return true;
    if (only) {
        diag_error(fe->diags, nowhere, "no annotated function '%s' in '%s'",
                   only, fe->path);
        return false;
    }
    SourceLoc loc = loc_of_location(
        fe, clang_getLocationForOffset(fe->unit,
                                       clang_getFile(fe->unit, fe->path), 0));
    diag_error(fe->diags, loc, "no function here has a '#pragma grad'");
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
}

static void prepare(Frontend *fe) {
    fe->file_of = ptrmap_create(fe->arena);
    fe->names = strmap_create(fe->arena);
    fe->functions = ptrmap_create(fe->arena);
    fe->globals = ptrmap_create(fe->arena);
    fe->records = strmap_create(fe->arena);
    fe->record_typedefs = ptrmap_create(fe->arena);
    fe->generated = strmap_create(fe->arena);
    fe->loop_infos = strmap_create(fe->arena);
    fe->inactive_places = strmap_create(fe->arena);
    fe->module = module_create(fe->arena, fe->path);
}

static bool lower_unit(Frontend *fe) {
    clang_visitChildren(clang_getTranslationUnitCursor(fe->unit), note_top, fe);
    collect_includes(fe);
    find_pragmas(fe);
    if (!attach_pragmas(fe) || fe->diags->errors || !check_annotated(fe))
        return false;
    lower_all(fe);
    sort_functions(fe->module);
    sort_records(fe);
    return fe->diags->errors == 0;
}

typedef struct Request {
    Frontend fe;
    Dependencies *dependencies;
    bool done;
} Request;

static void work(void *context) {
    Request *request = context;
    Frontend *fe = &request->fe;
    prepare(fe);
    CXIndex index = clang_createIndex(0, 0);
    request->done = parse_unit(fe, index) && lower_unit(fe);
    if (request->done && request->dependencies)
        collect_dependencies(fe, request->dependencies);
    if (fe->unit)
        clang_disposeTranslationUnit(fe->unit);
    clang_disposeIndex(index);
}

Module *frontend_parse(Arena *arena, Diagnostics *diags, const char *path,
                       const FrontendOptions *options,
                       Dependencies *dependencies) {
    Request request = {
        .fe = {.arena = arena,
               .diags = diags,
               .options = options,
               .path = path},
        .dependencies = dependencies,
    };
    run_on_deep_stack(work, &request);
    return request.done ? request.fe.module : NULL;
}

// files.c - the generated source and its header: what is included, declared
// and carried over, in an order that C accepts.
#include "emit/files.h"
#include "emit/emit.h"

#include <ctype.h>
#include <string.h>

typedef struct File {
    const Module *module;
    Arena *arena;
    Needs *needs;
    PtrMap *wanted;          // functions and globals that the output mentions
    StrMap *names;           // name -> Function or Global of the module
    Vec(const char *) texts; // carried over, not yet searched for names
    bool includes_source;
} File;

// It is there when the generated file includes the source.
static bool is_included(const File *f, SourceLoc loc) {
    const char *path = loc.file ? loc.file->path : loc.path;
    return f->includes_source && string_equal(path, f->module->source);
}

static bool is_emitted(const Function *function) {
    return function->derivative_of && function->body;
}

// ---- What is carried over ---------------------------------------------------

static bool has_own_text(const Function *function) {
    return !function->in_header && function->text &&
           (function->is_static || function->is_inline);
}

static void want(File *f, const void *item, const char *text) {
    if (ptrmap_has(f->wanted, item))
        return;
    ptrmap_set(f->wanted, item, (void *)item);
    if (text)
        vec_push(f->arena, &f->texts, text);
}

static void want_named(File *f, const char *name) {
    for (size_t i = 0; i < f->module->functions.count; i++) {
        const Function *function = f->module->functions.items[i];
        if (strcmp(function->name, name) == 0 && !is_emitted(function))
            want(f, function, has_own_text(function) ? function->text : NULL);
    }
    for (size_t i = 0; i < f->module->globals.count; i++) {
        const Global *global = f->module->globals.items[i];
        if (strcmp(global->name, name) == 0)
            want(f, global, global->definition);
    }
}

// Every name in a text that is carried over.
static void search_text(File *f, const char *text) {
    for (const char *c = text; *c;) {
        size_t length = 0;
        while (isalnum((unsigned char)c[length]) || c[length] == '_')
            length++;
        if (length && !isdigit((unsigned char)*c)) {
            const char *name = arena_strndup(f->arena, c, length);
            if (strmap_has(f->names, name))
                want_named(f, name);
        }
        c += length ? length : 1;
    }
}

static void find_wanted(File *f) {
    f->wanted = ptrmap_create(f->arena);
    f->names = strmap_create(f->arena);
    for (size_t i = 0; i < f->module->functions.count; i++)
        strmap_set(f->names, f->module->functions.items[i]->name, f);
    for (size_t i = 0; i < f->module->globals.count; i++)
        strmap_set(f->names, f->module->globals.items[i]->name, f);
    for (size_t i = 0; i < f->needs->functions.count; i++)
        want_named(f, f->needs->functions.items[i]->name);
    for (size_t i = 0; i < f->needs->globals.count; i++)
        want_named(f, f->needs->globals.items[i]->name);
    while (f->texts.count)
        search_text(f, f->texts.items[--f->texts.count]);
}

static bool print_global(Text *text, const File *f, const Global *global,
                         Diagnostics *diags) {
    if (global->in_header || is_included(f, global->loc))
        return true;
    bool is_own = global->is_static || global->is_function_local;
    if (is_own && global->is_constant && global->definition) {
        text_printf(text, "%s%s\n",
                    string_starts(global->definition, "static") ? ""
                                                                : "static ",
                    global->definition);
    } else if (is_own) {
        diag_error(diags, global->loc,
                   "the derivative needs the static variable '%s', which "
                   "changes",
                   global->name);
        diag_note(diags, global->loc,
                  "make it const or global, or pass it as a parameter; with "
                  "--include-source the generated file includes the source");
        return false;
    } else {
        text_printf(text, "extern %s%s",
                    global->is_thread_local ? "_Thread_local " : "",
                    global->is_volatile ? "volatile " : "");
        print_declarator(text, global->type, global->name, NULL);
        text_add(text, ";\n");
    }
    return true;
}

// Its copy would have a state of its own.
static void refuse_state(const Function *function, Diagnostics *diags) {
    diag_error(diags, function->refusal_loc,
               "the derivative calls '%s', which keeps a state of its own",
               function->name);
    diag_note(diags, function->refusal_loc,
              "with --include-source the generated file includes the source "
              "and shares it");
}

// The compiler knows it, and its type may be one that C cannot write.
static bool is_builtin(const Function *function) {
    return string_starts(function->name, "__builtin_") ||
           string_starts(function->name, "__sync_") ||
           string_starts(function->name, "__atomic_");
}

static bool print_carried(Text *text, File *f, Diagnostics *diags) {
    Text globals, prototypes, definitions;
    bool done = true;
    text_init(&globals, f->arena);
    text_init(&prototypes, f->arena);
    text_init(&definitions, f->arena);
    for (size_t i = 0; i < f->module->globals.count; i++)
        if (ptrmap_has(f->wanted, f->module->globals.items[i]) &&
            !print_global(&globals, f, f->module->globals.items[i], diags))
            done = false;
    for (size_t i = 0; i < f->module->functions.count; i++) {
        const Function *function = f->module->functions.items[i];
        if (!ptrmap_has(f->wanted, function) || function->in_header ||
            is_included(f, function->loc) || is_builtin(function))
            continue;
        if (function->is_static && !function->text) {
            refuse_state(function, diags);
            done = false;
            continue;
        }
        Text signature;
        text_init(&signature, f->arena);
        print_signature(&signature, function, NULL);
        layout_line(&prototypes,
                    arena_printf(f->arena, "%s%s;",
                                 function->is_static ? "static " : "",
                                 signature.chars),
                    0);
        if (has_own_text(function))
            text_printf(&definitions, "\n%s\n", function->text);
    }
    if (globals.length)
        text_printf(text, "\n%s", globals.chars);
    if (prototypes.length)
        text_printf(text, "\n%s", prototypes.chars);
    text_add(text, definitions.chars);
    return done;
}

// Those of the source itself for the header, of other sources for the source.
static bool print_records(Text *text, const Module *module, bool foreign,
                          const char *before) {
    bool any = false;
    for (size_t i = 0; i < module->records.count; i++) {
        const Record *record = module->records.items[i];
        if (record->in_header || !record->definition ||
            record->is_foreign != foreign)
            continue;
        text_printf(text, "%s%s\n", any ? "" : before, record->definition);
        any = true;
    }
    return any;
}

// ---- The source -------------------------------------------------------------

// Functions that gradcc made for its own calls may call one another.
static void print_static_prototypes(Text *text, const Module *module) {
    bool any = false;
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (!is_emitted(function) || !function->is_static)
            continue;
        Text signature;
        text_init(&signature, text->arena);
        print_signature(&signature, function, NULL);
        if (!any)
            text_add_char(text, '\n');
        any = true;
        layout_line(
            text, arena_printf(text->arena, "static %s;", signature.chars), 0);
    }
}

static bool includes(const Module *module, const char *header) {
    for (size_t i = 0; i < module->includes.count; i++)
        if (strcmp(module->includes.items[i], header) == 0)
            return true;
    return false;
}

static void print_include(Text *text, const Module *module, bool needed,
                          const char *header) {
    if (needed && !includes(module, header))
        text_printf(text, "#include %s\n", header);
}

static void print_includes(Text *text, const Module *module,
                           const Needs *needs) {
    Text includes;
    text_init(&includes, text->arena);
    print_include(&includes, module, needs->gradrt_h, "<gradrt.h>");
    print_include(&includes, module, needs->math_h, "<math.h>");
    print_include(&includes, module,
                  needs->allocate_sized ||
                      (needs->stddef_h && !needs->stdlib_h),
                  "<stddef.h>");
    print_include(&includes, module, needs->allocate_sized, "<stdint.h>");
    print_include(&includes, module,
                  needs->stdio_h || needs->allocate || needs->reserve ||
                      needs->reallocate,
                  "<stdio.h>");
    print_include(&includes, module,
                  needs->stdlib_h || needs->allocate || needs->reserve ||
                      needs->reallocate,
                  "<stdlib.h>");
    print_include(&includes, module, needs->string_h || needs->allocate_sized,
                  "<string.h>");
    if (includes.length)
        text_printf(text, "\n%s", includes.chars);
}

// A fallback for clang, for which glibc has no CMPLX.
static void print_cmplx(Text *text, const Needs *needs) {
    static const char *const names[] = {"CMPLXF", "CMPLX", "CMPLXL"};
    static const char *const types[] = {"float", "double", "long double"};
    bool any = false;
    for (int i = 0; i < NEEDS_TYPES; i++) {
        if (!needs->cmplx[i])
            continue;
        text_printf(text,
                    "%s#ifndef %s\n"
                    "#define %s(x, y) __builtin_complex((%s)(x), (%s)(y))\n"
                    "#endif\n",
                    any ? "" : "\n", names[i], names[i], types[i], types[i]);
        any = true;
    }
}

bool emit_source(Text *text, const Module *module, const EmitOptions *options,
                 Diagnostics *diags) {
    File file = {.module = module,
                 .arena = text->arena,
                 .needs = needs_create(text->arena),
                 .includes_source = options->included != NULL};
    Text functions;
    text_init(&functions, text->arena);
    for (size_t i = 0; i < module->functions.count; i++) {
        if (!is_emitted(module->functions.items[i]))
            continue;
        text_add_char(&functions, '\n');
        print_function(&functions, module->functions.items[i], file.needs);
    }
    find_wanted(&file);
    text_printf(text, "/* Generated by gradcc %s from %s. Do not edit. */\n",
                options->tool_version, options->source_name);
    if (options->included)
        text_printf(text,
                    "#include \"%s\"\n\n#ifndef GRADCC_NO_TYPES\n"
                    "#define GRADCC_NO_TYPES\n#endif\n",
                    options->included);
    text_printf(text, "#include \"%s\"\n", options->header_name);
    print_includes(text, module, file.needs);
    print_cmplx(text, file.needs);
    print_records(text, module, true, "\n");
    if (!print_carried(text, &file, diags))
        return false;
    print_helpers(text, file.needs);
    print_static_prototypes(text, module);
    if (functions.length == 0 &&
        !options->included) // C wants something in every file
        text_add(text, "\ntypedef int gradcc_nothing_to_do;\n");
    text_add_n(text, functions.chars, functions.length);
    return true;
}

// ---- The header -------------------------------------------------------------

static const char *guard_of(Arena *arena, const char *header) {
    char *guard = arena_printf(arena, "%s_INCLUDED", header);
    for (char *c = guard; *c; c++)
        *c =
            isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    return isdigit((unsigned char)*guard) ? arena_printf(arena, "H_%s", guard)
                                          : guard;
}

static bool print_prototypes(Text *text, const Module *module) {
    bool any = false;
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (!is_emitted(function) || function->is_static)
            continue;
        Text signature;
        text_init(&signature, text->arena);
        print_signature(&signature, function, NULL);
        text_add_char(text, '\n');
        if (function->comment)
            layout_comment(text, function->comment);
        layout_line(text, arena_printf(text->arena, "%s;", signature.chars), 0);
        any = true;
    }
    return any;
}

// ---- complex.h --------------------------------------------------------------

static void look_for_complex(Op *op, void *context) {
    bool *found = context;
    for (uint32_t i = 0; i < op->result_count; i++)
        *found |= type_reaches_complex(op->results[i]->type);
}

static bool uses_complex(const Module *module) {
    bool found = false;
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (!is_emitted(function))
            continue;
        for (uint32_t j = 0; j < function->param_count; j++)
            found |= type_reaches_complex(function->params[j].type);
        found |= type_reaches_complex(function->result);
        walk_ops(function->body, look_for_complex, &found);
    }
    return found;
}

static bool uses_runtime(const Module *module) {
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (!is_emitted(function) || function->is_static)
            continue;
        for (uint32_t j = 0; j < function->param_count; j++) {
            const Type *type = function->params[j].type;
            if (type_is_pointer(type) && type->element->kind == TYPE_RECORD &&
                type->element->record->in_runtime)
                return true;
        }
    }
    return false;
}

bool emit_header(Text *text, const Module *module, const EmitOptions *options,
                 Diagnostics *diags) {
    (void)diags;
    const char *guard = guard_of(text->arena, options->header_name);
    text_printf(text, "/* Generated by gradcc %s from %s. Do not edit. */\n",
                options->tool_version, options->source_name);
    text_printf(text, "#ifndef %s\n#define %s\n", guard, guard);
    for (size_t i = 0; i < module->includes.count; i++)
        text_printf(text, "%s#include %s\n", i ? "" : "\n",
                    module->includes.items[i]);
    bool complex = uses_complex(module) && !includes(module, "<complex.h>") &&
                   !includes(module, "<tgmath.h>");
    if (complex)
        text_printf(text, "%s#include <complex.h>\n",
                    module->includes.count ? "" : "\n");
    if (uses_runtime(module) && !includes(module, "<gradrt.h>"))
        text_printf(text, "%s#include <gradrt.h>\n",
                    module->includes.count || complex ? "" : "\n");
    if (print_records(text, module, false, "\n#ifndef GRADCC_NO_TYPES\n"))
        text_add(text, "#endif\n");
    text_add(text, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    if (!print_prototypes(text, module))
        text_printf(text, "\n/* No function of %s asks for a derivative. */\n",
                    options->source_name);
    text_add(text, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    return true;
}

// driver.c - the pipeline: source, IR, derivatives, files.
#include "driver/driver.h"

#include "differentiate/differentiate.h"
#include "driver/output.h"
#include "emit/emit.h"
#include "optimize/optimize.h"

#include <errno.h>
#include <string.h>

typedef struct Run {
    const DriverOptions *options;
    Arena *arena;
    Diagnostics diags;
    const char *input;
    Dependencies dependencies;
    Module *module;
} Run;

// ---- Phases -----------------------------------------------------------------

static void dump(const Run *run, const char *phase, const Function *function) {
    if (!run->options->dump)
        return;
    Text text;
    text_init(&text, run->arena);
    if (function)
        ir_print_function(&text, function);
    else
        ir_print(&text, run->module);
    fprintf(stderr, "// ---- after %s\n%s\n", phase, text.chars);
}

// A broken rule here is a defect of gradcc, not of the input.
static void check(const Run *run, const char *phase, const Function *function) {
    const char *message;
    if (run->options->dump)
        dump(run, phase, function);
    if (!ir_verify_function(run->arena, function, &message))
        BUG("after %s: %s", phase, message);
    dump(run, phase, function);
}

static Module *read_ir(Run *run) {
    SourceFile *file = arena_new(run->arena, SourceFile);
    file->path = run->input;
    file->text = read_file(run->arena, run->input, &file->length);
    if (!file->text) {
        diag_error(&run->diags, (SourceLoc){0}, "cannot read '%s': %s",
                   run->input, strerror(errno));
        return NULL;
    }
    Module *module = ir_parse(run->arena, &run->diags, file);
    const char *message;
    if (module && !ir_verify(run->arena, module, &message)) {
        diag_error(&run->diags, (SourceLoc){0}, "%s: %s", run->input, message);
        return NULL;
    }
    return module;
}

static Module *read_input(Run *run) {
    if (string_ends(run->input, ".ir"))
        return read_ir(run);
    Module *module =
        frontend_parse(run->arena, &run->diags, run->input,
                       &run->options->frontend, &run->dependencies);
    const char *message;
    if (module && !ir_verify(run->arena, module, &message))
        BUG("after frontend: %s", message);
    return module;
}

// The primal as the derivatives see it: calls inlined, loops counted.
static Function *prepare(Run *run, const Function *function) {
    Function *prepared = clone_function(function, function->name);
    run->module->functions.count--; // not one of the module's own
    optimize_primal(run->module, prepared, run->options->disabled);
    check(run, "optimize", prepared);
    return prepared;
}

static void clean(Run *run, Function *derivative) {
    check(run, "differentiate", derivative);
    optimize_function(derivative, run->options->disabled);
    check(run, "optimize", derivative);
}

static bool differentiate_function(Run *run, Function *function) {
    Function *prepared = prepare(run, function);
    bool done = true;
    for (uint32_t i = 0; i < function->annotation_count; i++) {
        size_t first = run->module->functions.count;
        if (!differentiate(prepared, function, &function->annotations[i],
                           run->options->disabled, &run->diags)) {
            done = false;
            continue;
        }
        // The derivative, and those of recursive callees.
        for (size_t k = first; k < run->module->functions.count; k++)
            clean(run, run->module->functions.items[k]);
    }
    return done;
}

static bool is_wanted(const Run *run, const Function *function) {
    const char *only = run->options->frontend.only_function;
    return function->body && (!only || strcmp(only, function->name) == 0);
}

static bool differentiate_all(Run *run) {
    size_t count = run->module->functions.count;
    bool done = true;
    for (size_t i = 0; i < count; i++) {
        Function *function = run->module->functions.items[i];
        if (is_wanted(run, function) && !differentiate_function(run, function))
            done = false;
    }
    return done;
}

// --passes=a,b: for tests of single passes.
static bool run_passes(Run *run) {
    char *list = arena_strdup(run->arena, run->options->passes);
    for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
        unsigned bit;
        if (strcmp(name, "none") == 0)
            continue;
        if (!optimize_pass_find(name, &bit)) {
            diag_error(&run->diags, (SourceLoc){0}, "unknown pass '%s'", name);
            return false;
        }
        for (size_t i = 0; i < run->module->functions.count; i++) {
            Function *function = run->module->functions.items[i];
            if (!function->body)
                continue;
            optimize_run_pass(run->module, function, bit);
            check(run, name, function);
        }
    }
    return true;
}

// ---- Output -----------------------------------------------------------------

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *without_suffix(Run *run, const char *path) {
    const char *dot = strrchr(base_name(path), '.');
    return dot ? arena_strndup(run->arena, path, (size_t)(dot - path)) : path;
}

static const char *source_path(Run *run) {
    if (run->options->output)
        return run->options->output;
    return arena_printf(run->arena, "%s_grad.c",
                        without_suffix(run, base_name(run->input)));
}

static const char *header_path(Run *run) {
    const char *source = source_path(run);
    if (strcmp(source, "-") == 0)
        source = arena_printf(run->arena, "%s_grad.c",
                              without_suffix(run, base_name(run->input)));
    return arena_printf(run->arena, "%s.h", without_suffix(run, source));
}

static void add_escaped(Text *text, const char *path) {
    for (; *path; path++) {
        if (*path == ' ' || *path == '#')
            text_add_char(text, '\\');
        if (*path == '$')
            text_add_char(text, '$');
        text_add_char(text, *path);
    }
}

static void print_dependencies(const Run *run, Text *text, const char *target,
                               const char *header) {
    add_escaped(text, target);
    text_add_char(text, ' ');
    add_escaped(text, header);
    text_add_char(text, ':');
    for (size_t i = 0; i < run->dependencies.count; i++) {
        text_add(text, " \\\n  ");
        add_escaped(text, run->dependencies.paths[i]);
    }
    text_add_char(text, '\n');
}

static bool write_c(Run *run) {
    Text source, header, dependencies;
    text_init(&source, run->arena);
    text_init(&header, run->arena);
    text_init(&dependencies, run->arena);
    const char *source_file = source_path(run), *header_file = header_path(run);
    EmitOptions emit = {.header_name = base_name(header_file),
                        .source_name = base_name(run->input),
                        .tool_version = GRADCC_VERSION};
    if (!emit_source(&source, run->module, &emit, &run->diags) ||
        !emit_header(&header, run->module, &emit, &run->diags))
        return false;
    bool to_stdout = strcmp(source_file, "-") == 0;
    OutputFile files[3] = {{.path = source_file, .text = &source}};
    size_t count = 1;
    if (!to_stdout)
        files[count++] = (OutputFile){.path = header_file, .text = &header};
    if (run->options->write_dependencies && !to_stdout) {
        const char *path = run->options->dependency_file;
        if (!path)
            path = arena_printf(run->arena, "%s.d",
                                without_suffix(run, source_file));
        print_dependencies(run, &dependencies, source_file, header_file);
        files[count++] = (OutputFile){.path = path, .text = &dependencies};
    }
    return output_write(run->arena, &run->diags, files, count);
}

static bool write_text(Run *run) {
    Text text;
    text_init(&text, run->arena);
    if (run->options->emit == EMIT_IR || run->options->passes) {
        ir_print(&text, run->module);
    } else {
        for (size_t i = 0; i < run->module->functions.count; i++) {
            Function *function = run->module->functions.items[i];
            if (function->annotation_count && is_wanted(run, function))
                emit_graph(&text, prepare(run, function));
        }
    }
    const char *path = run->options->output ? run->options->output : "-";
    OutputFile file = {.path = path, .text = &text};
    return output_write(run->arena, &run->diags, &file, 1);
}

// ---- The whole way ----------------------------------------------------------

static bool run_pipeline(Run *run) {
    const DriverOptions *options = run->options;
    run->module = read_input(run);
    if (!run->module)
        return false;
    dump(run, "frontend", NULL);
    if (options->passes)
        return run_passes(run) && write_text(run);
    if (options->emit == EMIT_GRAPH)
        return write_text(run);
    return differentiate_all(run) && run->diags.errors == 0 &&
           (options->emit == EMIT_C ? write_c(run) : write_text(run));
}

int driver_run(const DriverOptions *options) {
    int status = EXIT_DONE;
    for (size_t i = 0; i < options->input_count; i++) {
        Run run = {.options = options,
                   .arena = arena_create(),
                   .input = options->inputs[i]};
        diag_init(&run.diags, stderr);
        if (!run_pipeline(&run))
            status = EXIT_INPUT;
        arena_destroy(run.arena);
    }
    return status;
}

const char *driver_pass_name(size_t number) {
    return optimize_pass_name(number);
}

bool driver_find_pass(const char *name, unsigned *bit) {
    return optimize_pass_find(name, bit);
}

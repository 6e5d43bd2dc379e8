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
    Dependencies dependencies;
    Vec(OutputFile) files; // written when all is done
    Text report;
    // Of the module at hand:
    const char *input; // its file, or the first of several
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

// The primal as the derivatives see it: calls inlined, loops counted.
static Function *prepare(Run *run, const Function *function) {
    Function *prepared = clone_function(function, function->name);
    run->module->functions.count--; // not one of the module's own
    optimize_primal(run->module, prepared, run->options->disabled);
    check(run, "optimize", prepared);
    return prepared;
}

static void clean(Run *run, Function *derivative) {
    if (!derivative->body)
        return; // of the runtime
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
    if (!differentiate_check_rules(run->module, &run->diags))
        return false;
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
    const DriverOptions *options = run->options;
    if (options->output)
        return options->output;
    const char *folder = options->output_folder;
    return arena_printf(run->arena, "%s%s%s_grad.c", folder ? folder : "",
                        folder ? "/" : "",
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

static void print_dependencies(Run *run, const char *path) {
    Text *text = arena_new(run->arena, Text);
    text_init(text, run->arena);
    for (size_t i = 0; i < run->files.count; i++) {
        text_add(text, i ? " " : "");
        add_escaped(text, run->files.items[i].path);
    }
    text_add_char(text, ':');
    for (size_t i = 0; i < run->dependencies.count; i++) {
        text_add(text, " \\\n  ");
        add_escaped(text, run->dependencies.paths[i]);
    }
    text_add_char(text, '\n');
    OutputFile file = {.path = path, .text = text};
    vec_push(run->arena, &run->files, file);
}

// One file for all outputs: all of them are made anew together.
static void add_dependencies(Run *run) {
    const char *path = run->options->dependency_file;
    const char *first = run->files.items[0].path;
    if (!run->options->write_dependencies || strcmp(first, "-") == 0)
        return;
    if (!path)
        path = arena_printf(run->arena, "%s.d", without_suffix(run, first));
    print_dependencies(run, path);
}

static bool add_file(Run *run, const char *path, const Text *text) {
    for (size_t i = 0; i < run->files.count; i++)
        if (strcmp(run->files.items[i].path, path) == 0) {
            diag_error(&run->diags, (SourceLoc){0},
                       "two inputs would both write '%s'", path);
            diag_note(&run->diags, (SourceLoc){0},
                      "name one output for all of them with -o");
            return false;
        }
    OutputFile file = {.path = path, .text = text};
    vec_push(run->arena, &run->files, file);
    return true;
}

static const char *source_names(Run *run) {
    const DriverOptions *options = run->options;
    Text text;
    text_init(&text, run->arena);
    if (!options->output)
        return base_name(run->input);
    for (size_t i = 0; i < options->input_count; i++)
        text_printf(&text, "%s%s", i ? ", " : "",
                    base_name(options->inputs[i]));
    return text.chars;
}

static bool add_c(Run *run) {
    Text *source = arena_new(run->arena, Text);
    Text *header = arena_new(run->arena, Text);
    text_init(source, run->arena);
    text_init(header, run->arena);
    const char *source_file = source_path(run), *header_file = header_path(run);
    EmitOptions emit = {.header_name = base_name(header_file),
                        .source_name = source_names(run),
                        .tool_version = GRADCC_VERSION};
    if (run->options->frontend.include_source)
        emit.included = path_from(run->arena, source_file, run->input);
    if (!emit_source(source, run->module, &emit, &run->diags) ||
        !emit_header(header, run->module, &emit, &run->diags))
        return false;
    if (run->options->report)
        emit_report(&run->report, run->module);
    return add_file(run, source_file, source) &&
           (strcmp(source_file, "-") == 0 ||
            add_file(run, header_file, header));
}

// Graphs and IR of several modules stand in one text.
static bool add_text(Run *run) {
    const char *path = run->options->output ? run->options->output : "-";
    if (run->files.count == 0) {
        Text *empty = arena_new(run->arena, Text);
        text_init(empty, run->arena);
        add_file(run, path, empty);
    }
    Text text = *run->files.items[0].text;
    if (run->options->emit == EMIT_IR || run->options->passes) {
        ir_print(&text, run->module);
    } else {
        for (size_t i = 0; i < run->module->functions.count; i++) {
            Function *function = run->module->functions.items[i];
            if (function->annotation_count && is_wanted(run, function))
                emit_graph(&text, prepare(run, function));
        }
    }
    Text *kept = arena_new(run->arena, Text);
    *kept = text;
    run->files.items[0].text = kept;
    return true;
}

// ---- The whole way ----------------------------------------------------------

static bool run_pipeline(Run *run) {
    const DriverOptions *options = run->options;
    dump(run, "frontend", NULL);
    if (options->passes)
        return run_passes(run) && add_text(run);
    if (options->emit == EMIT_GRAPH)
        return add_text(run);
    return differentiate_all(run) && run->diags.errors == 0 &&
           (options->emit == EMIT_C ? add_c(run) : add_text(run));
}

static void run_ir(Run *run, const char *path) {
    run->input = path;
    run->module = read_ir(run);
    if (run->module)
        run_pipeline(run);
}

static void run_c(Run *run, const char *const *paths, size_t count) {
    FrontendResult result;
    frontend_parse(run->arena, &run->diags, paths, count,
                   run->options->output != NULL, &run->options->frontend,
                   &result);
    run->dependencies = result.dependencies;
    for (size_t i = 0; i < count && result.modules; i++) {
        const char *message;
        run->input = paths[i];
        run->module = result.modules[i];
        if (!run->module && run->options->output_folder)
            run->module = module_create(run->arena, paths[i]);
        if (!run->module || run->diags.errors > 0)
            continue;
        if (!ir_verify(run->arena, run->module, &message))
            BUG("after frontend: %s", message);
        run_pipeline(run);
    }
}

static void run_all(Run *run) {
    const DriverOptions *options = run->options;
    const char **sources =
        arena_array(run->arena, const char *, options->input_count);
    size_t count = 0;
    for (size_t i = 0; i < options->input_count; i++) {
        if (string_ends(options->inputs[i], ".ir"))
            run_ir(run, options->inputs[i]);
        else
            sources[count++] = options->inputs[i];
    }
    if (count)
        run_c(run, sources, count);
}

int driver_run(const DriverOptions *options) {
    Run run = {.options = options, .arena = arena_create()};
    diag_init(&run.diags, stderr);
    text_init(&run.report, run.arena);
    run_all(&run);
    bool done = run.diags.errors == 0 && run.files.count > 0;
    if (done) {
        add_dependencies(&run);
        done = output_write(run.arena, &run.diags, run.files.items,
                            run.files.count);
    }
    if (done)
        fputs(run.report.chars, stderr);
    arena_destroy(run.arena);
    return done ? EXIT_DONE : EXIT_INPUT;
}

const char *driver_pass_name(size_t number) {
    size_t passes = 0;
    while (optimize_pass_name(passes))
        passes++;
    return number < passes ? optimize_pass_name(number)
                           : differentiate_switch_name(number - passes);
}

bool driver_find_pass(const char *name, unsigned *bit) {
    return optimize_pass_find(name, bit) ||
           differentiate_switch_find(name, bit);
}

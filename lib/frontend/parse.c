// parse.c - from a path and options to a parsed unit: compiler arguments, the
// resource directory, compile_commands.json, clang's own errors, the list of
// includes. Lowers nothing.
#define _GNU_SOURCE // dladdr, realpath
#include "frontend/internal.h"

#include <clang-c/CXCompilationDatabase.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef Vec(const char *) Arguments;

// ---- Which arguments clang gets ---------------------------------------------

// Options of GCC, of other phases, or of OpenMP (whose regions libclang hides).
static bool is_dropped(const char *argument) {
    static const char *const exact[] = {"-c",
                                        "-S",
                                        "-E",
                                        "-MD",
                                        "-MMD",
                                        "-MP",
                                        "-M",
                                        "-MM",
                                        "-fopenmp",
                                        "-fopenmp-simd",
                                        "-pipe",
                                        "-g",
                                        "-s",
                                        "-pthread",
                                        "-rdynamic",
                                        "-flto",
                                        "-fwhole-program",
                                        "-fno-fat-lto-objects",
                                        "-fdiagnostics-plain-output"};
    static const char *const prefixes[] = {"-O",
                                           "-W",
                                           "-fopenmp=",
                                           "-fopenacc",
                                           "-ftree-",
                                           "-fno-tree-",
                                           "-fipa-",
                                           "-fno-ipa-",
                                           "-fgcse",
                                           "-fmodulo",
                                           "-falign-",
                                           "-fgraphite",
                                           "-floop-",
                                           "-fprefetch-",
                                           "-fvect-cost",
                                           "-flto=",
                                           "-fsched",
                                           "-fno-sched",
                                           "-fweb",
                                           "-frename-registers",
                                           "-fplugin",
                                           "-fsanitize",
                                           "-fno-sanitize",
                                           "-mtune=",
                                           "-fexcess-precision",
                                           "-fconserve-stack",
                                           "-fdump-",
                                           "-fopt-info",
                                           "-l",
                                           "-L",
                                           "-fprofile",
                                           "-ftest-coverage",
                                           "--param",
                                           "-save-temps",
                                           "-fanalyzer",
                                           "-fstack-usage"};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (strcmp(argument, exact[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (string_starts(argument, prefixes[i]))
            return true;
    return false;
}

static bool takes_next(const char *argument) {
    static const char *const options[] = {"-o", "-MF", "-MT", "-MQ", "--param"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(argument, options[i]) == 0)
            return true;
    return false;
}

// Options naming a path that a compile command gives relative to its folder.
static const char *path_option(const char *argument) {
    static const char *const options[] = {"-I", "-isystem", "-iquote",
                                          "-include", "-idirafter"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (string_starts(argument, options[i]))
            return options[i];
    return NULL;
}

static const char *absolute_path(Arena *arena, const char *folder,
                                 const char *path) {
    return path[0] == '/' || !folder
               ? path
               : arena_printf(arena, "%s/%s", folder, path);
}

// Copies the arguments that matter; paths become absolute where a folder is
// given.
static void add_arguments(Frontend *fe, Arguments *out, const char **arguments,
                          size_t count, const char *folder) {
    for (size_t i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (takes_next(argument)) {
            i++;
            continue;
        }
        if (is_dropped(argument))
            continue;
        const char *option = folder ? path_option(argument) : NULL;
        if (!option) {
            vec_push(fe->arena, out, argument);
            continue;
        }
        const char *path = argument + strlen(option);
        if (!*path && i + 1 < count)
            path = arguments[++i];
        vec_push(fe->arena, out, option);
        vec_push(fe->arena, out, absolute_path(fe->arena, folder, path));
    }
}

// All commands are gone through: asked for one file, the database makes up a
// command where it has none.
static bool is_command_of(Frontend *fe, CXCompileCommand command,
                          const char *absolute) {
    const char *folder =
        take_string(fe->arena, clang_CompileCommand_getDirectory(command));
    const char *file = absolute_path(
        fe->arena, folder,
        take_string(fe->arena, clang_CompileCommand_getFilename(command)));
    char real[PATH_MAX];
    return realpath(file, real) && strcmp(real, absolute) == 0;
}

static void add_command(Frontend *fe, Arguments *out, CXCompileCommand command,
                        const char *absolute) {
    const char *folder =
        take_string(fe->arena, clang_CompileCommand_getDirectory(command));
    Arguments given = {0};
    unsigned count = clang_CompileCommand_getNumArgs(command);
    for (unsigned i = 1; i < count; i++) {
        const char *argument =
            take_string(fe->arena, clang_CompileCommand_getArg(command, i));
        char real[PATH_MAX];
        if (strcmp(argument, "--") == 0)
            break;
        if (argument[0] != '-' &&
            realpath(absolute_path(fe->arena, folder, argument), real) &&
            strcmp(real, absolute) == 0)
            continue;
        vec_push(fe->arena, &given, argument);
    }
    add_arguments(fe, out, given.items, given.count, folder);
}

static bool add_database(Frontend *fe, Arguments *out) {
    const char *dir = fe->options->build_dir;
    CXCompilationDatabase_Error error;
    CXCompilationDatabase database =
        clang_CompilationDatabase_fromDirectory(dir, &error);
    SourceLoc nowhere = {0};
    if (error != CXCompilationDatabase_NoError) {
        diag_error(fe->diags, nowhere, "cannot read '%s/compile_commands.json'",
                   dir);
        return false;
    }
    char absolute[PATH_MAX];
    bool found = false;
    if (realpath(fe->unit->path, absolute)) {
        CXCompileCommands commands =
            clang_CompilationDatabase_getAllCompileCommands(database);
        unsigned count = clang_CompileCommands_getSize(commands);
        for (unsigned i = 0; i < count && !found; i++) {
            CXCompileCommand command =
                clang_CompileCommands_getCommand(commands, i);
            found = is_command_of(fe, command, absolute);
            if (found)
                add_command(fe, out, command, absolute);
        }
        clang_CompileCommands_dispose(commands);
    }
    clang_CompilationDatabase_dispose(database);
    if (!found)
        diag_error(fe->diags, nowhere,
                   "'%s/compile_commands.json' has no command for '%s'", dir,
                   fe->unit->path);
    return found;
}

// ---- The resource directory -------------------------------------------------

static bool has_stddef(Frontend *fe, const char *dir) {
    return access(arena_printf(fe->arena, "%s/include/stddef.h", dir), R_OK) ==
           0;
}

// <stddef.h> and friends stand beside libclang itself. The path as the loader
// knows it is used, unresolved: on Debian the resolved one leaves the prefix.
static const char *resource_dir(Frontend *fe) {
    Dl_info info;
    const char *version = take_string(fe->arena, clang_getClangVersion());
    const char *number = strstr(version, "version ");
    int major = number ? atoi(number + 8) : 0;
    if (dladdr((void *)(uintptr_t)&clang_getClangVersion, &info) &&
        info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/');
        if (slash) {
            const char *dir = arena_printf(fe->arena, "%.*s/clang/%d",
                                           (int)(slash - info.dli_fname),
                                           info.dli_fname, major);
            if (has_stddef(fe, dir))
                return dir;
        }
    }
#ifdef GRADCC_CLANG_RESOURCE_FALLBACK
    if (has_stddef(fe, GRADCC_CLANG_RESOURCE_FALLBACK))
        return GRADCC_CLANG_RESOURCE_FALLBACK;
#endif
    return NULL; // libclang finds its own
}

static bool has_option(const Arguments *arguments, const char *prefix) {
    for (size_t i = 0; i < arguments->count; i++)
        if (string_starts(arguments->items[i], prefix))
            return true;
    return false;
}

#define CMPLX_OPTION(name, type) \
    "-D" name "(x,y)=__builtin_complex((" type ")(x),(" type ")(y))"

static bool make_arguments(Frontend *fe, Arguments *out) {
    const FrontendOptions *options = fe->options;
    vec_push(fe->arena, out, "-xc");
    if (options->build_dir && !add_database(fe, out))
        return false;
    add_arguments(fe, out, options->arguments, options->argument_count, NULL);
    if (!has_option(out, "-std="))
        vec_push(fe->arena, out, "-std=gnu17");
    const char *resources = resource_dir(fe);
    if (resources && !has_option(out, "-resource-dir")) {
        vec_push(fe->arena, out, "-resource-dir");
        vec_push(fe->arena, out, resources);
    }
    // glibc's complex.h has these for newer gcc alone.
    vec_push(fe->arena, out, CMPLX_OPTION("CMPLX", "double"));
    vec_push(fe->arena, out, CMPLX_OPTION("CMPLXF", "float"));
    vec_push(fe->arena, out, CMPLX_OPTION("CMPLXL", "long double"));
    vec_push(fe->arena, out, "-w");
    return true;
}

// ---- The parse --------------------------------------------------------------

static void report_clang(Frontend *fe, CXDiagnostic diagnostic, bool is_note) {
    SourceLoc loc =
        loc_of_location(fe, clang_getDiagnosticLocation(diagnostic));
    const char *text =
        take_string(fe->arena, clang_getDiagnosticSpelling(diagnostic));
    if (is_note)
        diag_note(fe->diags, loc, "%s", text);
    else
        diag_error(fe->diags, loc, "%s", text);
    if (is_note)
        return;
    if (strstr(text, "file not found"))
        diag_note(fe->diags, loc,
                  "name its folder with -I, or let -p find the flags in a "
                  "compile_commands.json");
    CXDiagnosticSet children = clang_getChildDiagnostics(diagnostic);
    for (unsigned i = 0; i < clang_getNumDiagnosticsInSet(children); i++) {
        CXDiagnostic child = clang_getDiagnosticInSet(children, i);
        report_clang(fe, child, true);
        clang_disposeDiagnostic(child);
    }
}

static bool has_no_errors(Frontend *fe) {
    unsigned count = clang_getNumDiagnostics(fe->unit->handle);
    bool clean = true;
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(fe->unit->handle, i);
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            clean = false;
            report_clang(fe, diagnostic, false);
        }
        clang_disposeDiagnostic(diagnostic);
    }
    return clean;
}

static bool check_readable(Frontend *fe) {
    SourceLoc nowhere = {0};
    errno = 0;
    FILE *file = fopen(fe->unit->path, "rb");
    // A folder opens, but does not read.
    if (file && (fgetc(file) != EOF || !ferror(file))) {
        fclose(file);
        return true;
    }
    int error = errno;
    if (file)
        fclose(file);
    diag_error(fe->diags, nowhere, "cannot read '%s': %s", fe->unit->path,
               strerror(error));
    return false;
}

bool parse_unit(Frontend *fe, CXIndex index) {
    Arguments arguments = {0};
    if (!check_readable(fe) || !make_arguments(fe, &arguments))
        return false;
    enum CXErrorCode error = clang_parseTranslationUnit2(
        index, fe->unit->path, arguments.items, (int)arguments.count, NULL, 0,
        CXTranslationUnit_DetailedPreprocessingRecord |
            CXTranslationUnit_KeepGoing,
        &fe->unit->handle);
    if (error != CXError_Success || !fe->unit->handle) {
        SourceLoc nowhere = {0};
        diag_error(fe->diags, nowhere, "clang cannot parse '%s'",
                   fe->unit->path);
        diag_note(fe->diags, nowhere, "is one of the compiler options wrong?");
        return false;
    }
    return has_no_errors(fe);
}

// ---- What the unit includes -------------------------------------------------

static enum CXChildVisitResult note_include(CXCursor cursor, CXCursor parent,
                                            CXClientData data) {
    Frontend *fe = data;
    (void)parent;
    if (cursor.kind != CXCursor_InclusionDirective || !in_main_file(fe, cursor))
        return CXChildVisit_Continue;
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(fe, cursor, &file, &begin, &end))
        return CXChildVisit_Continue;
    const char *line = one_line(fe->arena, &file->source, begin, end, false);
    const char *word = strstr(line, "include");
    if (!word)
        return CXChildVisit_Continue;
    word += strlen("include");
    while (*word == ' ')
        word++;
    if (*word == '<' || *word == '"')
        vec_push(fe->arena, &fe->unit->includes, word);
    else // through a macro: the file it came to
        vec_push(fe->arena, &fe->unit->includes,
                 arena_printf(fe->arena, "\"%s\"", cursor_name(fe, cursor)));
    return CXChildVisit_Continue;
}

void collect_includes(Frontend *fe) {
    clang_visitChildren(clang_getTranslationUnitCursor(fe->unit->handle),
                        note_include, fe);
}

typedef struct PathCollector {
    Frontend *fe;
    Vec(const char *) paths;
} PathCollector;

static void note_file(CXFile file, CXSourceLocation *stack, unsigned depth,
                      CXClientData data) {
    PathCollector *collector = data;
    (void)stack, (void)depth;
    FileText *text = file_text(collector->fe, file);
    for (size_t i = 0; i < collector->paths.count; i++)
        if (strcmp(collector->paths.items[i], text->source.path) == 0)
            return;
    vec_push(collector->fe->arena, &collector->paths, text->source.path);
}

void collect_dependencies(Frontend *fe, Dependencies *dependencies) {
    PathCollector collector = {.fe = fe};
    for (size_t u = 0; u < fe->units.count; u++)
        vec_push(fe->arena, &collector.paths, fe->units.items[u]->path);
    for (size_t u = 0; u < fe->units.count; u++) {
        fe->unit = fe->units.items[u];
        clang_getInclusions(fe->unit->handle, note_file, &collector);
    }
    dependencies->paths = collector.paths.items;
    dependencies->count = collector.paths.count;
}

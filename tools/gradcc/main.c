// main.c - the command line of gradcc: read, checked, handed to the driver.
#include "driver/driver.h"

#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: gradcc [options] FILE.c ...\n"
    "\n"
    "Writes the derivatives that `#pragma grad` asks for in FILE.c to\n"
    "FILE_grad.c and FILE_grad.h in the current folder. Several files are\n"
    "parts of one program: each may call what another one defines.\n"
    "\n"
    "  -o FILE              the generated source, one for all inputs; the\n"
    "                       header goes beside it; - is standard output\n"
    "  --output-dir=DIR     DIR/FILE_grad.c and .h for every FILE.c, also "
    "where\n"
    "                       nothing is asked for: what build systems need\n"
    "  -I -D -U -std= -include -isystem -f... -m...\n"
    "                       as for a C compiler\n"
    "  -p DIR               compile flags from DIR/compile_commands.json\n"
    "  -MD                  write a dependency file for make and ninja\n"
    "  -MF FILE             its name (default: beside the output, ending in "
    ".d)\n"
    "  --include-source     the generated file includes FILE.c, to be "
    "compiled\n"
    "                       in its place: it then shares FILE.c's statics\n"
    "  --emit=c|graph|ir    what to write: C (default), the computation graph\n"
    "                       as DOT, the intermediate representation\n"
    "  --function=NAME      only this function's derivatives\n"
    "  -O0 -O1 -O2          the plainest code, for reading and debugging; "
    "loops\n"
    "                       as they were written; the fastest code (default)\n"
    "  --no-PASS            leave a transformation out; --help=passes\n"
    "                       names them\n"
    "  --passes=A,B         run only these passes and print the IR (`none`:\n"
    "                       the IR as the front end makes it)\n"
    "  --report             which way each derivative takes, how many\n"
    "                       operations and what memory, to standard error\n"
    "  --dump               the IR after each phase, to standard error\n"
    "  --help  --version\n"
    "\n"
    "Exit status: 0; 1 for an error in the input; 2 for a wrong command "
    "line.\n";

typedef struct CommandLine {
    DriverOptions options;
    int argc;
    char **argv;
    int next; // the argument to read next
    bool wrong, done;
} CommandLine;

static void complain(CommandLine *line, const char *what,
                     const char *argument) {
    fprintf(stderr, "gradcc: error: %s '%s'\n", what, argument);
    fprintf(stderr, "gradcc: note: gradcc --help lists the options\n");
    line->wrong = true;
}

static const char *take_value(CommandLine *line, const char *option) {
    if (line->next >= line->argc) {
        complain(line, "a value is missing after", option);
        return NULL;
    }
    return line->argv[line->next++];
}

static void add_compiler_argument(CommandLine *line, const char *argument) {
    FrontendOptions *frontend = &line->options.frontend;
    frontend->arguments[frontend->argument_count++] = argument;
}

// -I, -D and friends; those whose value stands apart take it along.
static bool take_compiler_option(CommandLine *line, const char *argument) {
    static const char *const joined[] = {"-I", "-D", "-U"};
    static const char *const apart[] = {"-include", "-isystem", "-iquote",
                                        "-idirafter", "-imacros"};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (strcmp(argument, apart[i]) == 0) {
            const char *value = take_value(line, argument);
            add_compiler_argument(line, argument);
            if (value)
                add_compiler_argument(line, value);
            return true;
        }
    for (size_t i = 0; i < sizeof joined / sizeof *joined; i++)
        if (string_starts(argument, joined[i])) {
            add_compiler_argument(line, argument);
            const char *value = argument[2] ? NULL : take_value(line, argument);
            if (value)
                add_compiler_argument(line, value);
            return true;
        }
    if (string_starts(argument, "-std=") ||
        string_starts(argument, "-isystem") || string_starts(argument, "-f") ||
        string_starts(argument, "-m") || string_starts(argument, "-W") ||
        string_starts(argument, "-w") || string_starts(argument, "-O") ||
        string_starts(argument, "-g") || string_starts(argument, "-pedantic")) {
        add_compiler_argument(line, argument);
        return true;
    }
    return false;
}

static void set_emit(CommandLine *line, const char *kind) {
    if (strcmp(kind, "c") == 0)
        line->options.emit = EMIT_C;
    else if (strcmp(kind, "graph") == 0)
        line->options.emit = EMIT_GRAPH;
    else if (strcmp(kind, "ir") == 0)
        line->options.emit = EMIT_IR;
    else
        complain(line, "--emit takes c, graph or ir, not", kind);
}

static bool disable_pass(CommandLine *line, const char *argument) {
    unsigned bit;
    if (!string_starts(argument, "--no-") ||
        !driver_find_pass(argument + strlen("--no-"), &bit))
        return false;
    line->options.disabled |= bit;
    return true;
}

// -O1 leaves out what makes several iterations of one, -O0 all that is done for
// speed alone.
static bool set_level(CommandLine *line, const char *argument) {
    static const struct {
        char level; // the first one that has it
        const char *pass;
    } passes[] = {{'2', "jam"},         {'2', "batch"},  {'1', "fuse"},
                  {'1', "restore"},     {'1', "choose"}, {'1', "join"},
                  {'1', "licm"},        {'1', "ascend"}, {'1', "eliminate"},
                  {'2', "interchange"}, {'1', "unset"}};
    if (strcmp(argument, "-O0") != 0 && strcmp(argument, "-O1") != 0 &&
        strcmp(argument, "-O2") != 0)
        return false;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        unsigned bit;
        if (argument[2] < passes[i].level &&
            driver_find_pass(passes[i].pass, &bit))
            line->options.disabled |= bit;
    }
    return true;
}

static void print_passes(void) {
    for (size_t i = 0; driver_pass_name(i); i++)
        printf("%s\n", driver_pass_name(i));
}

static bool take_long_option(CommandLine *line, const char *argument) {
    DriverOptions *options = &line->options;
    if (string_starts(argument, "--emit="))
        set_emit(line, argument + strlen("--emit="));
    else if (string_starts(argument, "--function="))
        options->frontend.only_function = argument + strlen("--function=");
    else if (string_starts(argument, "--output-dir="))
        options->output_folder = argument + strlen("--output-dir=");
    else if (string_starts(argument, "--passes="))
        options->passes = argument + strlen("--passes=");
    else if (strcmp(argument, "--dump") == 0)
        options->dump = true;
    else if (strcmp(argument, "--report") == 0)
        options->report = true;
    else if (strcmp(argument, "--help") == 0)
        line->done = printf("%s", usage) > 0;
    else if (strcmp(argument, "--help=passes") == 0)
        line->done = (print_passes(), true);
    else if (strcmp(argument, "--version") == 0)
        line->done = printf("gradcc %s\n", GRADCC_VERSION) > 0;
    else if (strcmp(argument, "--include-source") == 0)
        options->frontend.include_source = true;
    else
        return disable_pass(line, argument);
    return true;
}

static bool take_short_option(CommandLine *line, const char *argument) {
    DriverOptions *options = &line->options;
    if (strcmp(argument, "-o") == 0)
        options->output = take_value(line, argument);
    else if (strcmp(argument, "-p") == 0)
        options->frontend.build_dir = take_value(line, argument);
    else if (strcmp(argument, "-MD") == 0)
        options->write_dependencies = true;
    else if (strcmp(argument, "-MF") == 0)
        options->dependency_file = take_value(line, argument);
    else
        return set_level(line, argument) ||
               take_compiler_option(line, argument);
    return true;
}

static void take_argument(CommandLine *line) {
    const char *argument = line->argv[line->next++];
    if (argument[0] != '-' || !argument[1])
        line->options.inputs[line->options.input_count++] = argument;
    else if (!take_long_option(line, argument) &&
             !take_short_option(line, argument))
        complain(line, "unknown option", argument);
}

static void check(CommandLine *line) {
    const DriverOptions *options = &line->options;
    if (options->input_count == 0)
        complain(line, "no input file; usage:", "gradcc FILE.c");
    else if (options->output && options->output_folder)
        complain(line,
                 "-o and --output-dir exclude each other:", options->output);
    else if (options->input_count > 1 && options->output &&
             options->frontend.include_source)
        complain(line, "--include-source takes one input for each output, not",
                 options->inputs[1]);
    else if (options->dependency_file && !options->write_dependencies)
        line->options.write_dependencies = true;
}

int main(int argc, char **argv) {
    CommandLine line = {.argc = argc, .argv = argv, .next = 1};
    size_t room = (size_t)argc + 1;
    line.options.inputs = calloc(room, sizeof *line.options.inputs);
    line.options.frontend.arguments = calloc(room, sizeof(char *));
    if (!line.options.inputs || !line.options.frontend.arguments) {
        fprintf(stderr, "gradcc: error: out of memory\n");
        return EXIT_INPUT;
    }
    while (line.next < argc && !line.done)
        take_argument(&line);
    if (!line.done && !line.wrong)
        check(&line);
    int status = line.wrong  ? EXIT_USAGE
                 : line.done ? EXIT_DONE
                             : driver_run(&line.options);
    free(line.options.inputs);
    free(line.options.frontend.arguments);
    return status;
}

// driver.h - the door of lib/driver: what the command line asks for, done.
#ifndef GRADCC_DRIVER_H
#define GRADCC_DRIVER_H

#include "frontend/frontend.h"
#include "support/support.h"

typedef enum EmitKind { EMIT_C, EMIT_GRAPH, EMIT_IR } EmitKind;

enum { EXIT_DONE = 0, EXIT_INPUT = 1, EXIT_USAGE = 2 };

typedef struct DriverOptions {
    const char **inputs;
    size_t input_count;
    const char *output; // -o; NULL: FILE_grad.c in the current folder; "-":
                        // standard output
    const char *output_folder; // --output-dir: FILE_grad.c of every input goes
                               // there, also of those without an annotation
    const char *dependency_file; // -MF, or NULL
    bool write_dependencies;     // -MD
    EmitKind emit;
    const char *passes; // --passes: run these on each function and print IR;
                        // NULL: the whole way
    unsigned disabled;  // --no-PASS: bits of driver_find_pass
    bool dump;          // IR after each phase, to standard error
    bool report;        // what each derivative takes, to standard error
    FrontendOptions frontend;
} DriverOptions;

// The optimiser's passes by number, NULL behind the last; and by name.
const char *driver_pass_name(size_t number);
bool driver_find_pass(const char *name, unsigned *bit);

// Works through all inputs, which are parts of one program; answers the exit
// status. On any error nothing is written and older outputs stay as they were.
int driver_run(const DriverOptions *options);

#endif

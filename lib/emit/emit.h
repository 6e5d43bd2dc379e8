// emit.h - the door of lib/emit: IR to C that reads as if a careful person had
// written it, its header, and the computation graph as DOT. Changes no IR.
//
// All text goes to the end of *text. The same module gives the same bytes.
#ifndef GRADCC_EMIT_H
#define GRADCC_EMIT_H

#include "ir/ir.h"

typedef struct EmitOptions {
    const char *header_name;  // as the source includes it: "loss_grad.h"
    const char *source_name;  // for the first comment: "loss.c"
    const char *tool_version; // "0.1.0"
    const char *included;     // the source, as the generated one includes it to
                              // be compiled in its place, or NULL
} EmitOptions;

// The generated source: every function with derivative_of set that has a body,
// and the static helpers, tables and texts that these need. False after an
// error, which is reported.
bool emit_source(Text *text, const Module *module, const EmitOptions *options,
                 Diagnostics *diags);

// Its header: prototypes, and the types of the source that they mention.
bool emit_header(Text *text, const Module *module, const EmitOptions *options,
                 Diagnostics *diags);

// The computation graph of a primal function as DOT: a rectangle for each
// input, output and intermediate, inside it the function that it computes,
// outside it the variable's name.
void emit_graph(Text *text, const Function *function);

// For each derivative: its comment, which says which way was taken, the numbers
// of operations in its code, and the memory that it makes.
void emit_report(Text *text, const Module *module);

// One function's definition, for tests.
void emit_function(Text *text, const Function *function);

#endif

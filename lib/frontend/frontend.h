// frontend.h - the door of lib/frontend: annotated C in, IR out.
//
// The only room that knows libclang. What it cannot lower faithfully meets the
// fence: an error at its place, with a note that names the way out. A function
// that is only called, and whose body meets the fence, keeps the refusal in
// its Function; a later phase reports it where the body is needed.
#ifndef GRADCC_FRONTEND_H
#define GRADCC_FRONTEND_H

#include "ir/ir.h"

typedef struct FrontendOptions {
    const char **arguments; // -I -D -U -std= -include -isystem -f -m, as given
    size_t argument_count;
    const char *build_dir;     // -p DIR, or NULL
    const char *only_function; // --function=NAME, or NULL
    bool include_source; // the output includes its source: statics are there
} FrontendOptions;

// Files that the translation units read, the sources first; for -MD.
typedef struct Dependencies {
    const char **paths;
    size_t count;
} Dependencies;

typedef struct FrontendResult {
    Module **modules; // by path: NULL where a file's functions ask for no
                      // derivative; all in the first one if together
    Dependencies dependencies;
} FrontendResult;

// Parses the files as parts of one program and lowers their annotated
// functions and all that these call. False after errors, which are in diags.
bool frontend_parse(Arena *arena, Diagnostics *diags, const char *const *paths,
                    size_t count, bool together, const FrontendOptions *options,
                    FrontendResult *result);

#endif

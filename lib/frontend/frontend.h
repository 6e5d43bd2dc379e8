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
} FrontendOptions;

// Files that the translation unit read, the source first; for -MD.
typedef struct Dependencies {
    const char **paths;
    size_t count;
} Dependencies;

// Parses the file at path and lowers its annotated functions and all that they
// call. NULL after errors, which are in diags. dependencies may be NULL.
Module *frontend_parse(Arena *arena, Diagnostics *diags, const char *path,
                       const FrontendOptions *options,
                       Dependencies *dependencies);

#endif

// output.h - private to lib/driver: files that appear whole or not at all.
#ifndef GRADCC_OUTPUT_H
#define GRADCC_OUTPUT_H

#include "support/support.h"

typedef struct OutputFile {
    const char *path; // "-": standard output
    const Text *text;
    char *temporary; // private to output.c
} OutputFile;

// Writes all of them, or none; an error is reported. Special files (pipes,
// /dev/null) are written to as they are.
bool output_write(Arena *arena, Diagnostics *diags, OutputFile *files,
                  size_t count);

// How the file `output` names `path` in an #include.
const char *path_from(Arena *arena, const char *output, const char *path);

#endif

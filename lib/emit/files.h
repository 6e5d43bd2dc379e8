// files.h - private to lib/emit: the parts of a generated file.
#ifndef GRADCC_EMIT_FILES_H
#define GRADCC_EMIT_FILES_H

#include "emit/print.h"

// function.c: a definition with its comment. Adds to *needs.
void print_function(Text *text, const Function *function, Needs *needs);

// helpers.c: static functions of gradcc's own that the file uses.
void print_helpers(Text *text, const Needs *needs);

#endif

// form.h - what the printer, the parser and the verifier share. Private to
// lib/ir; everyone else uses ir.h.
#ifndef GRADCC_IR_FORM_H
#define GRADCC_IR_FORM_H

#include "ir/ir.h"

// Words of the printed form. A finder answers false for an unknown word.
const char *form_scalar_name(TypeKind kind); // NULL for ptr, array, ...
bool form_scalar_find(const char *name, TypeKind *kind);
const char *form_mode_name(GradMode mode);
bool form_mode_find(const char *name, GradMode *mode);
const char *form_heap_name(HeapFn fn);
bool form_heap_find(const char *name, HeapFn *fn);
bool form_math_find(const char *name, MathFn *fn); // no suffixes

// A boolean property: its word, and where in the struct it stands.
typedef struct FormFlag {
    const char *word;
    size_t offset;
} FormFlag;
const FormFlag *form_function_flags(size_t *count);
const FormFlag *form_global_flags(size_t *count);

// print_word.c: words, texts in quotes, numbers and places.
void form_print_quoted(Text *text, const char *chars);
void form_print_name(Text *text, const char *name);
void form_print_reference(Text *text, const char *name);
void form_print_attribute(Text *text, const char *word, const char *value);
void form_print_place(Text *text, SourceLoc loc);
void form_print_loc(Text *text, SourceLoc loc);
void form_print_flags(Text *text, const void *object, const FormFlag *flags,
                      size_t count);
void form_print_real(Text *text, const Type *type, double real);

// The same type in every letter: spelling and const count.
bool form_type_same(const Type *a, const Type *b);

// The type that operands and attributes give to a result; NULL where they
// leave it open, so that it has to be written (and where they are malformed).
const Type *form_result_type(Module *module, const Op *op, uint32_t index);

// How many lengths of an array type only run time knows (not via pointers).
uint32_t form_dynamic_lengths(const Type *type);

// One operation without its regions, values named as ir_print names them.
void form_print_op(Text *text, const Function *function, const Op *op);
void form_print_type(Text *text, const Module *module, const Type *type);

// The rule of docs/ir.md that an operation breaks, in itself and in the
// terminators of its regions; NULL where it keeps them all. The operation
// stands in its region, and its operands and regions are there; the order of
// definitions is ir_verify's question. The message comes from module->arena.
const char *form_broken_rule(Module *module, const Op *op);

#endif

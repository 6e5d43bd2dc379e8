// differentiate.h - the door of lib/differentiate: derivatives of functions,
// IR to IR.
#ifndef GRADCC_DIFFERENTIATE_H
#define GRADCC_DIFFERENTIATE_H

#include "ir/ir.h"

// Switches, beside the passes of the optimiser in `disabled`.
enum {
    DIFFERENTIATE_FUSE = 1 << 16,
    DIFFERENTIATE_ELIMINATE = 1 << 17,
    DIFFERENTIATE_RESTORE = 1 << 18,
    DIFFERENTIATE_CHOOSE = 1 << 19,
    DIFFERENTIATE_UNSET = 1 << 20,
};
// Finds a switch by name ("fuse").
bool differentiate_switch_find(const char *name, unsigned *bit);
// Its name; NULL behind the last.
const char *differentiate_switch_name(size_t number);

// Makes the derivative of `primal` that the annotation asks for, as a new
// function of primal's module. The primal must have been prepared by
// optimize_primal: calls that have bodies are inlined, loops are raised; it is
// not changed. `named_after` is the function that the user wrote. NULL after an
// error, which has been reported. Recursive callees become further functions
// of the module, behind the derivative; they are prepared without the passes of
// `disabled`.
Function *differentiate(Function *primal, const Function *named_after,
                        const Annotation *annotation, unsigned disabled,
                        Diagnostics *diags);

// Checks the signatures of all derivatives that the user wrote; false after an
// error.
bool differentiate_check_rules(Module *module, Diagnostics *diags);

#endif

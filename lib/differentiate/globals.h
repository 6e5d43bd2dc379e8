// globals.h - private to lib/differentiate: globals among the variables.
#ifndef GRADCC_GLOBALS_H
#define GRADCC_GLOBALS_H

#include "ir/ir.h"

// The function, its prepared body and the annotation, with the annotation's
// globals as parameters behind the function's own.
typedef struct GlobalParams {
    Arena *arena;
    Vec(Global *) globals; // none: the other members are not set
    uint32_t own_params;
    Function *function, *prepared;
    Annotation annotation;
} GlobalParams;

// False after an error: something else may reach one of the globals.
bool globals_as_params(GlobalParams *g, const Function *function,
                       const Function *prepared, const Annotation *annotation,
                       Diagnostics *diags);
// Takes the parameters at these positions out of the derivative again.
void globals_restore(const GlobalParams *g, Function *derivative,
                     const uint32_t *positions);

#endif

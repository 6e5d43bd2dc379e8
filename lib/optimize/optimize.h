// optimize.h - the door of lib/optimize: IR to better IR, without calculus.
//
// Passes keep the value of every result bit for bit; only operations that are
// marked `adjoint` are simplified with the algebra of derivatives (a zero
// adjoint vanishes). Origins, name hints and the mark are kept.
#ifndef GRADCC_OPTIMIZE_H
#define GRADCC_OPTIMIZE_H

#include "ir/ir.h"

// Makes a primal ready to be differentiated: calls with bodies inlined, out-
// parameters and small records turned into values, loops counted, then cleaned.
// disabled: bits of passes to leave out.
void optimize_primal(Module *module, Function *function, unsigned disabled);

// Cleans a derivative.
void optimize_function(Function *function, unsigned disabled);

// Makes straight-line code of loops with few iterations. Not part of the above:
// it is for derivatives of code without loops, and makes much code of little.
void optimize_straighten(Function *function, unsigned disabled);

// Passes by name ("cse"), by number (NULL behind the last), and one alone.
bool optimize_pass_find(const char *name, unsigned *bit);
const char *optimize_pass_name(size_t number);
void optimize_run_pass(Module *module, Function *function, unsigned bit);

#endif

// passes.h - private to lib/optimize: its passes. Each answers whether it
// changed the function, and leaves it verified.
#ifndef GRADCC_PASSES_H
#define GRADCC_PASSES_H

#include "analysis/analysis.h"
#include "optimize/optimize.h"

bool pass_inline(Function *function);         // inline.c
bool pass_resolve_calls(Function *function);  // resolve_calls.c
bool pass_promote(Function *function);        // promote.c
bool pass_raise_loops(Function *function);    // raise_loops.c
bool pass_simplify(Function *function);       // simplify*.c
bool pass_cse(Function *function);            // cse.c
bool pass_forward_memory(Function *function); // forward_memory.c
bool pass_dce(Function *function);            // dce.c
bool pass_licm(Function *function);           // licm.c
bool pass_free_alloca(Function *function);
bool pass_unroll(Function *function); // unroll.c
bool pass_interchange(Function *function);
bool pass_ascend(Function *function); // ascend.c
bool pass_batch(Function *function);  // batch.c
bool pass_join(Function *function);   // join_loops.c
bool pass_jam(Function *function);    // jam.c

// rewrite.c: results and carried values that go away; keep[i] says which stay.
// Those that go must have no uses but in what goes, too.
void if_keep_results(Op *op, const bool *keep);
void loop_keep_carried(Op *op, const bool *keep);
// Gives `to`, which will stand for `from`, its name if it has none of its own.
// A primal value is not named after an adjoint.
void pass_on_name(const Value *from, Value *to);
// Equal, const and lengths inside of pointers included: C wants no cast.
bool type_interchangeable(const Type *a, const Type *b);
// The value, or a copy of what computes it where that stands in the loop: all
// of it must be pure operations and loads of invariants.
Value *hoist_value(Builder *b, const Op *loop, Value *value);
// Whether the loop is in the mirror of another one, or in a step of one that is
// checkpointed: the gradient must have the same bits with and without
// checkpoints, so that no sum may change its order.
bool loop_in_mirror(const Op *loop);
// An int or wider constant; modulo the range of an unsigned type.
Value *build_wrapped(Builder *b, const Type *type, int64_t value);

#endif

// simplify.h - private to the files of the pass `simplify`.
#ifndef GRADCC_OPTIMIZE_SIMPLIFY_H
#define GRADCC_OPTIMIZE_SIMPLIFY_H

#include "optimize/passes.h"

typedef struct Simplify {
    Function *function;
    ValueMap map; // values that went away, to what stands in their place
    bool changed;
} Simplify;

// simplify.c: the walk.
// What stands for the value now.
Value *simplify_resolve(const Simplify *s, Value *value);
// From here on, `to` stands for `from`, which gives it its name if need be.
void simplify_replace(Simplify *s, Value *from, Value *to);
// Every operation of the region, in order.
void simplify_region(Simplify *s, Region *region);

// simplify_control.c: operations with regions. Each answers the operation with
// which the walk goes on.
Op *simplify_if(Simplify *s, Op *op);
Op *simplify_loop(Simplify *s, Op *op);

// simplify_constant.c: the operation becomes a constant where its operands are
// constants, and C computes the same value whenever it runs.
bool simplify_fold(Op *op);
void op_become_integer(Op *op, int64_t integer);
void op_become_zero(Op *op); // of any arithmetic type
// Constants whose value may stand without their spelling: no names, no sizeof.
bool constant_integer(const Value *value, int64_t *integer);
bool constant_real(const Value *value, double *real); // of floating types
bool constant_is(const Value *value, double number);  // of any; -0.0 is 0
bool constant_same(const Value *a, const Value *b);   // bit for bit
// Whether a condition is known; any constant will do.
bool constant_condition(const Value *value, bool *holds);

// simplify_algebra.c: sums, products, comparisons and the rest. An identity
// answers a value that is there already; a rewrite changes the operation, and
// may build others before it.
Value *simplify_identity(const Op *op);
bool simplify_rewrite(Op *op);

// simplify_convert.c: casts, and values that are 0 or 1.
Value *convert_identity(const Op *cast);
bool convert_rewrite(Op *cast);
bool value_is_boolean(const Value *value); // an int that is 0 or 1
// The value whose being nonzero is the same question.
Value *strip_condition(Value *condition);

#endif

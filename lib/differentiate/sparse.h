// sparse.h - private to lib/differentiate: sparse matrices of derivatives.
#ifndef GRADCC_DIFFERENTIATE_SPARSE_H
#define GRADCC_DIFFERENTIATE_SPARSE_H

#include "differentiate/dense.h"

// decisions.c: a function with the primal's parameters, and a last one that
// points to a number to which it adds all decisions; NULL where there is none,
// for the integers among the parameters decide all.
Function *decisions_build(Derive *d, const Function *prepared);
// What the number becomes by one more decision.
Value *decisions_add(Builder *b, Value *number, Value *decision);

// sparse.c: the body of a function whose last parameter is a GradSparse; the
// primal's value. *way says how, for the comment.
Value *sparse_fill(Dense *m, Builder *b, const Function *prepared,
                   const char **way);
const Type *sparse_type(Module *module);
// Whether there can be one; complains.
bool sparse_is_possible(Dense *m, const Function *prepared);
// The array of the entries of a matrix whose pattern is known.
Value *sparse_fixed(Dense *m, Builder *b, int64_t rows, int64_t columns,
                    Value *row_start, Value *column);

#endif

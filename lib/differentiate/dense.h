// dense.h - private to dense.c and blocks.c: matrices of derivatives, made by a
// function that calls one with several directions, block after block.
#ifndef GRADCC_DENSE_H
#define GRADCC_DENSE_H

#include "differentiate/derive.h"

// How the function that is called finds the entries of one block.
typedef enum Way {
    WAY_PRODUCTS, // Hessian times several vectors: columns of the Hessian
    WAY_COLUMNS,  // forward mode in several directions: columns of the Jacobian
    WAY_GRADIENT, // reverse mode: the Jacobian of the returned value alone
    WAY_ROWS,     // reverse mode with several weights: rows of the Jacobian
} Way;

// One listed variable.
typedef struct Variable {
    const GradItem *item;
    bool is_return;
    uint32_t param;
    Value *length, *offset; // in floating numbers; offset among those listed
} Variable;

typedef struct Side {
    Variable *variables;
    uint32_t count;
    Value *total;
} Side;

// A parameter that the function overwrites after it has read it.
typedef struct Saved {
    uint32_t param;
    Value *copy, *length;
} Saved;

typedef struct Dense {
    Derive *d;          // d->function: the function being made
    uint32_t *position; // of the primal's parameters among its own
    int *gradient;      // Hessian: position of d_x, or -1
    const Type *number; // the floating type of all variables
    Side wrt, of;
    Value *matrix;
    Vec(Saved) saved;
} Dense;

// blocks.c: the loop over the blocks of one way, with `block` entries each,
// done by `callee`; the function's value, or NULL.
Value *dense_blocks(Dense *m, Builder *b, Way way, Function *callee,
                    int64_t block);
// One call for a block of `size` seeds, which come in at `seed`, one for each
// variable and seed; what comes out stands at `result` in the same order.
typedef struct DenseCall {
    Function *callee;
    int64_t size;
    Value *seed, *result;
    Value *adjoints; // dense_adjoints; NULL for WAY_COLUMNS
} DenseCall;
Value *dense_evaluate(Dense *m, Builder *b, Way way, const DenseCall *call);
// Memory for what a call of the way adds up besides, to be freed by dense_free;
// of products, the gradient, which dense_add_gradient adds to d_x.
Value *dense_adjoints(Dense *m, Builder *b, Way way);
void dense_add_gradient(Dense *m, Builder *b, Value *gradient);
// A function that makes blocks of that size, or, with `bits`, index sets.
Function *dense_callee(Dense *m, Way way, int64_t size, bool bits,
                       const Function *prepared);
// Whether it calls functions that take one direction at a time.
bool dense_calls_pair(const Function *prepared);
// Whether reverse mode can give all rows their weights.
bool dense_rows_possible(const Dense *m, const Function *prepared);
// The only row, that of the returned value: the gradient, by reverse mode.
Value *dense_gradient(Dense *m, Builder *b, Function *callee);
// The body of for (i = begin; i < end; i += step), all of type long; ended by
// the caller's yield.
Builder dense_loop(Builder *b, Value *begin, Value *end, int64_t step,
                   const char *name, Value **index);
Value *dense_long(Builder *b, int64_t value);
// A constant where both are: the size of the matrix decides how it is filled.
Value *dense_sum(Builder *b, Value *x, Value *y);
// So many numbers, that are set before they are read; dense_free ends them.
Value *dense_memory(Dense *m, Builder *b, Value *count, const char *name);
void dense_free(Builder *b, Value *memory);

#endif

// eliminate.h - private to the files that make Jacobians of straight-line code
// by eliminating intermediate values from the graph of local partial
// derivatives: terms.c, graph.c, linearize.c, paths.c, eliminate.c.
#ifndef GRADCC_ELIMINATE_H
#define GRADCC_ELIMINATE_H

#include "differentiate/dense.h"

// ---- terms.c: what stands at an edge, as expressions over partials ----------

// A term with a sign: k + 1 or -(k + 1) is the k-th term or its negative, 0 is
// zero. The first term is the number one.
typedef int32_t Ref;

enum { REF_ZERO = 0, REF_ONE = 1 };

typedef enum TermKind {
    TERM_ONE,
    TERM_LEAF,    // a local partial
    TERM_CHOICE,  // condition ? yes : no, both of them -1, 0 or 1
    TERM_PRODUCT, // left * right
    TERM_SUM,     // left + right
} TermKind;

typedef struct Term {
    TermKind kind;
    Value *value;  // of a leaf; of a choice, its condition
    bool singular; // a leaf that may be infinite; times zero it is zero
    int8_t yes, no;
    Ref left, right;      // operands have smaller numbers
    uint32_t first, next; // products and sums by their left term; 0: none
} Term;

typedef struct Terms {
    Arena *arena;
    const Type *type; // of all values
    bool factors;     // sums: a b + a c is a (b + c)
    Vec(Term) items;
} Terms;

// How much work a set of terms is.
typedef struct Work {
    uint32_t products, sums;
} Work;

void terms_init(Terms *terms, Arena *arena, const Type *type);
// The term of a partial that has been built for the weight one.
Ref term_of_partial(Terms *terms, Value *partial);
bool term_is_singular(const Terms *terms, Ref ref);
Ref term_make_singular(Terms *terms, Ref ref); // a leaf that is
Ref term_make_regular(Terms *terms, Ref ref);  // one that is not

// Neither it nor its product with anything takes a multiplication.
bool term_is_free(const Terms *terms, Ref ref);
Ref term_product(Terms *terms, Ref left, Ref right);
Ref term_sum(Terms *terms, Ref left, Ref right);
// What it takes to compute all of them, each common part once.
Work terms_work(const Terms *terms, const Ref *refs, size_t count);
// Builds them; the values, NULL for zero.
Value **terms_build(const Terms *terms, Builder *b, const Ref *refs,
                    size_t count);

// ---- graph.c: vertex elimination --------------------------------------------

// Vertices stand in the order in which they are computed. The first ones are
// the columns of the Jacobian, the last ones its rows.
typedef struct Graph {
    Terms *terms;
    uint32_t columns, rows, count;
    Ref *edges; // from * count + to
} Graph;

// An order of elimination, and what the best of it is.
typedef struct Elimination {
    const char *order; // in words
    Work work, forward, reverse;
    Ref *entries; // row * columns + column
} Elimination;

void graph_eliminate(const Graph *graph, Elimination *best);

// ---- paths.c: one end for each way through the function ---------------------

// Puts what follows an `if` that carries derivatives into both its branches,
// so that each way through the function is straight-line code. d->function,
// d->memory and d->activity are there before and after. False where there are
// too many ways.
bool paths_split(Derive *d, void (*analyse)(Derive *));
// Whether the operation, or one inside it, computes or writes active values.
bool paths_op_is_active(const Derive *d, const Op *op);

// ---- linearize.c: the graph of one way --------------------------------------

// Of the way that ends with the region `end`; partials are built at b. False
// where something on it is no straight-line code with known addresses.
bool linearize(const Dense *m, Derive *d, Region *end, Builder *b, Terms *terms,
               Graph *graph);

// ---- eliminate.c ------------------------------------------------------------

// The whole Jacobian, as d->function's body; false, and nothing done, where
// the primal is not straight-line code, or d->failed, and complaints have been
// made. *way says in words how it is made.
bool eliminate_run(Dense *m, const Function *prepared, const char **way);

#endif

// raise.h - what raise_loops.c and induction.c share.
#ifndef GRADCC_OPTIMIZE_RAISE_H
#define GRADCC_OPTIMIZE_RAISE_H

#include "optimize/passes.h"

typedef struct Raiser {
    Function *function;
    Arena *arena;
    MemoryInfo *memory;
    uint32_t *uses; // of the values that were there at the start
    uint32_t use_count;
    PtrMap *unused; // results that were made for results without uses
    ValueMap map;   // what became of values that are gone
    bool changed;
} Raiser;

// How often a value is used; 1 where that is not known.
uint32_t raise_uses(const Raiser *r, const Value *value);
// Whether next is param + step, param - step, or pointer param + step.
bool raise_find_step(const Value *param, const Value *next, Value **step,
                     bool *minus);

// The index with which the condition of an OP_FOR fails.
Value *raise_build_last(Builder *b, const Op *loop, int64_t step);

// rotate.c: the loop with its condition in front, in the place of one that
// carries a flag; NULL where it is none. Enters the old results into the map.
Op *raise_rotate(Raiser *r, Op *loop);

// induction.c: other counters of a for loop, from its index. Enters them into
// the map; true where there were any.
bool raise_induction(Raiser *r, Op *loop);

#endif

// carry.h - private to carry.c, plan.c and storage.c.
#ifndef GRADCC_CARRY_H
#define GRADCC_CARRY_H

#include "differentiate/derive.h"

// How a value of the forward sweep reaches the reverse sweep.
typedef enum Plan {
    PLAN_NONE,      // not needed so far
    PLAN_FREE,      // visible: defined at the function's top level, or where
                    // both sweeps share a loop's body
    PLAN_INDEX,     // a for loop's index: the mirrored loop has the same
    PLAN_RECOMPUTE, // its operation is repeated
    PLAN_RELOAD,    // read again from where it was stored
    PLAN_STORE,     // kept on the way forward
    PLAN_REMAKE,    // derivative memory of one iteration or branch: made anew
} Plan;

// Where a stored value is kept.
typedef enum SlotKind { SLOT_CELL, SLOT_ARRAY, SLOT_TAPE } SlotKind;

typedef struct Slot {
    SlotKind kind;
    Value *value;
    Value *storage; // CELL, ARRAY: its address
    const struct Nest *nest;
} Slot;

// The numbers by which an array is indexed in one forward loop nest: of the
// loops between a value and the body that both sweeps share, the inner ones, as
// far as all their trip counts are known before the first of them.
typedef struct Nest {
    bool in_loop;    // there are such loops at all
    bool shared;     // around them is a body that both sweeps share
    Vec(Op *) loops; // outermost first
    Op *place;       // before which the counts are known, and arrays are made
    Value **trips;   // by loop
    bool on_tape;    // the place is itself in a loop, or in a split function
    bool reduced;    // loops in which the value does not vary are left out
} Nest;

// Memory that several arrays share, one behind the other.
typedef struct Workspace {
    Op *place;           // before which it is taken
    Op *block, *release; // OP_HEAP, OP_FREE
    Value *last;         // array
    Vec(Value *) counts; // of elements, by array
    int64_t constant;    // or all elements; the place is the first of several
} Workspace;

typedef struct Carry {
    Derive *d;
    const MemoryInfo *memory;
    PtrMap *mirrors, *loops;
    Op *sweep;            // where the reverse sweep starts
    uint32_t value_count; // values that plans are kept for
    unsigned char *plans; // Plan, by value id
    Vec(Value *) needs;   // in order of id
    ValueMap provided;    // forward value -> its stand-in
    ValueMap scratch;     // for cloning; all NULL between uses
    PtrMap *instead;      // value -> the same one, handed out of its loop
    // By object: whether the reverse sweep undoes writes to it, and, where it
    // is the caller's, the loop in which it does; NULL: everywhere.
    bool *restored;
    const Op **restored_in;
    bool *steady;   // by object: it has the same contents in all iterations
    PtrMap *undone; // store -> the one in its mirror that undoes it
    PtrMap *copies; // value -> the first store of it, in its own region
    PtrMap *slots;  // value -> Slot
    Vec(Value *) stored; // values with PLAN_STORE, in order of id
    double cost;         // of the plan
    PtrMap *records;     // forward region -> Record of what is pushed there
    PtrMap *nests;       // forward region -> Nest
    Vec(Workspace *) workspaces;
    PtrMap *numbers; // region, either sweep -> iteration number in its nest
    bool early;      // stand-ins are being made at the start of a mirror
} Carry;

// What the reverse sweep needs, and the plan for it, from the start.
void carry_plan_anew(Carry *c);
// Whether both sweeps of an iteration stand in this region.
bool carry_is_shared(const Carry *c, const Region *region);
bool carry_load_survives(const Carry *c, const Op *load);
// The same where an operation that holds the load in a region of its own is
// repeated as a whole, in the mirror of its own region.
bool carry_load_survives_tree(const Carry *c, const Op *load, const Op *tree);
// The store whose memory still holds the value where the reverse sweep wants
// it, or did right before it was undone; NULL if there is none.
const Op *carry_copy(const Carry *c, const Value *value);
bool carry_visible(const Carry *c, const Value *value, const Region *region);
Plan carry_plan(const Carry *c, const Value *value);
Region *carry_mirror(const Carry *c, const Value *value);
// Whether the operation is the place, or stands before it in its region.
bool carry_precedes(const Op *op, const Op *place);
// Moves an OP_ALLOC, and an OP_ZERO right behind it, to the function's start.
void carry_move_to_top(Carry *c, Op *alloc);
Op *carry_ancestor(Op *op, const Region *region);
// The value's stand-in, usable before `anchor`, which lies in the reverse
// sweep.
Value *carry_provide(Carry *c, Value *value, Op *anchor);

int64_t carry_size(const Type *type); // bytes of a scalar or pointer

// plan.c: decides c->plans for everything needed.
void plan_values(Carry *c);
// Cost of repeating an operation once, its regions apart; negative: never.
int plan_own_cost(const Carry *c, const Op *op);
// How often a region runs, about, for one run of the body that both sweeps
// share.
int64_t plan_frequency(const Carry *c, const Region *region);

// invariant.c: replaces needs that a loop reads again and again.
void invariant_hand_out(Carry *c);
Value *carry_instead(const Carry *c, Value *value);

// put_back.c: the caller's memory, whose contents the reverse sweep restores in
// a loop, gets what it had behind the loop again. Whether that can be done for
// a store; and doing it.
bool put_back_can(const Carry *c, const Op *loop, const Op *store);
void put_back_build(Carry *c, const Op *loop, const Op *store);

// restore.c: chooses memory whose contents the reverse sweep restores, where
// that takes less to keep, and lets it.
void restore_memory(Carry *c);

// nest.c: the nest of a region; and of a value, without loops in which that
// does not vary.
const Nest *nest_find(Carry *c, const Region *region);
const Nest *nest_of_value(Carry *c, const Value *value);
// Whether different iterations of the loop may have different values for it,
// given the same numbers of the loops inside.
bool nest_varies_in(const Carry *c, const Op *loop, const Value *value);
// Whether anything in the region writes to an object that the address may point
// into, at whatever place: the address differs from iteration to iteration.
bool nest_writes_object(const Carry *c, const Region *region,
                        const Value *address);

// steady.c: the operation, in the region of an alloc that stands in a loop, in
// which the store fills it with the same numbers in each iteration; else NULL.
const Op *steady_filling(const Carry *c, const Op *alloc, const Op *store);

// storage.c: keeps c->stored on the way forward.
void storage_create(Carry *c);
// (index - begin) / step, the number of an iteration of the loop, as a long.
Value *storage_iteration(Builder *b, Value *index, Value *begin, Value *step,
                         const Op *loop);
void storage_finish(Carry *c); // when all is stored that ever will be
Value *storage_read(Carry *c, Value *value, Op *anchor);
// A value that turned out to be needed while storage was being made.
void storage_create_one(Carry *c, Value *value);

#endif

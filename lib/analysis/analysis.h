// analysis.h - the door of lib/analysis: questions about IR. Nothing here
// changes what it looks at. Answers hold for the values and operations that
// existed when the analysis ran; what is built later is not known to it.
#ifndef GRADCC_ANALYSIS_H
#define GRADCC_ANALYSIS_H

#include "ir/ir.h"

// ---- memory.c: which objects an address may point into ----------------------

typedef enum MemKind {
    MEM_LOCAL,   // an OP_ALLOC, or a by-value record parameter's own copy
    MEM_HEAP,    // an OP_HEAP or OP_REALLOC
    MEM_PARAM,   // what a pointer parameter points to on entry
    MEM_CONTENT, // what a pointer that was stored in a parameter's, global's or
                 // content object on entry points to; one per access path
    MEM_GLOBAL,  // a global; a string literal or a function (global is NULL)
    MEM_UNKNOWN, // anything that escaped: results of foreign calls, integers
                 // made pointers
} MemKind;

#define MEM_ANY_FIELD UINT32_MAX

typedef struct MemObject {
    MemKind kind;
    uint32_t id; // below memory_object_count
    Value *root; // the parameter, or the result of OP_ALLOC and OP_HEAP
    Global *global;
    const struct MemObject *container; // of MEM_CONTENT
    // Of MEM_CONTENT: the pointer's slot in container. Slots number the scalars
    // of a record, those of nested records included; an array counts as one of
    // its elements. So for a record without nested ones it is the field.
    uint32_t field;
    const Type *type; // of the whole, of pointees: of one element; NULL unknown
    const char *description; // for messages: "'net->w'"
    bool escapes; // LOCAL, HEAP: its address leaves the function or is stored
                  // where others can read it
} MemObject;

// The parameter whose memory, or memory reached from it, the object is; NULL
// for others. A record that came by value is a MEM_LOCAL of its parameter.
const Value *memory_object_param(const MemObject *object);

typedef struct MemoryInfo MemoryInfo;

MemoryInfo *memory_analyse(Arena *arena, const Function *function);
uint32_t memory_object_count(const MemoryInfo *info);
const MemObject *memory_object(const MemoryInfo *info, uint32_t id);
// The objects that a pointer may point into; none for a null pointer.
uint32_t memory_targets(const MemoryInfo *info, const Value *pointer,
                        const MemObject *const **objects);
// Whether both may point into one object, at whatever places; false where one
// leads nowhere.
bool memory_share_object(const MemoryInfo *info, const Value *a,
                         const Value *b);
// Whether a load or store through one may touch what the other designates; in
// one iteration of the loops that both depend on.
bool memory_may_alias(const MemoryInfo *info, const Value *a, const Value *b);
// Whether no index leads from the one to where an index leads from the other;
// in one iteration of the loops that both depend on.
bool memory_apart(const MemoryInfo *info, const Value *a, const Value *b);
// Whether both designate the same place for certain.
bool memory_must_alias(const MemoryInfo *info, const Value *a, const Value *b);
bool memory_object_written(const MemoryInfo *info, const MemObject *object);
// The same, frees apart.
bool memory_object_overwritten(const MemoryInfo *info, const MemObject *object);
// How two pointers from outside of a part of a function relate, if that were
// given them: whether both may lead to the same object; or to what pointers in
// the memory of one of them lead to.
typedef enum MemRelation { MEM_APART, MEM_SHARED, MEM_ENTANGLED } MemRelation;
MemRelation memory_relation(const MemoryInfo *info, const Value *a,
                            const Value *b);
// Whether nothing in the region writes to anything that the pointer leads to,
// by way of other pointers, too.
bool memory_region_leaves(const MemoryInfo *info, const Region *region,
                          const Value *pointer);
// Volatile: reads and writes stay, each where it is.
bool memory_address_changes_unseen(const MemoryInfo *info,
                                   const Value *address);
// Regions included.
bool memory_op_may_write(const MemoryInfo *info, const Op *op,
                         const Value *address);
bool memory_op_may_read(const MemoryInfo *info, const Op *op,
                        const Value *address);
// Whether what the load read is still there when the function returns: nothing
// that may alias is written after it, later iterations included, and the object
// has not ended (freed, or local to a loop or branch).
bool memory_load_survives(const MemoryInfo *info, const Op *load);
// The same at the end of the iteration of a loop (FOR) that the load is in.
bool memory_load_survives_in(const MemoryInfo *info, const Op *load,
                             const Op *loop);
// Whether an operation may run after another one, in a later iteration for
// instance; both must be known to the analysis.
bool memory_may_follow(const MemoryInfo *info, const Op *op, const Op *earlier);
// The same as memory_load_survives_in of what the store has written.
bool memory_store_survives_in(const MemoryInfo *info, const Op *store,
                              const Op *loop);
// Whether all that can be reached from the argument of a call is, when the
// function returns, as it is behind the call.
bool memory_argument_survives(const MemoryInfo *info, const Op *call,
                              uint32_t argument);
// Structural equality: pure expressions that give the same value when they are
// evaluated at one moment.
bool values_equal(const Value *a, const Value *b);

// ---- section.c: what one iteration of a loop has for itself -----------------

// Tells the addresses that a question is about.
typedef bool (*AddressFilter)(void *context, const Value *address);

// Whether an iteration of the loop (FOR) reads, through the addresses, only
// what it has written itself before: each iteration could have memory of its
// own.
bool section_written_first(const Op *loop, AddressFilter concerns,
                           void *context);
// Whether something was loaded or stored, in front of the operation, wherever
// the address leads to, so that a load through it is allowed.
bool section_reached_before(const Op *op, const Value *address);
// Whether different iterations of the loop (FOR) reach different elements only,
// through the addresses: a[i], m[i][j], m[i * n + j].
bool section_is_own(const Op *loop, const Value *const *addresses,
                    size_t count);
// Whether the addresses, each in one of two loops (FOR) over the same numbers,
// can meet only where both are at the same number.
bool section_meets_at_once(const Op *loop, const Value *address,
                           const Op *other, const Value *other_address);

// ---- nest.c: loops that stand one in the other ------------------------------

enum { NEST_LOOPS = 6 };

// What becomes of the order in which iterations reach an element.
typedef enum NestOrder {
    NEST_CHANGES,
    NEST_KEEPS,
    NEST_SPREADS, // kept; different iterations of the first loop reach it, each
                  // in another iteration of the loops inside
} NestOrder;

// Whether accesses through one address come to each element in the same order
// if the first of the loops (FOR), each directly in the one before, becomes the
// innermost one. The bounds of all must be values from outside of the first.
// Lets those in `turned`, one for each loop, run the other way.
NestOrder nest_order(const Op *const *loops, uint32_t count,
                     const Value *address, bool *turned);

// How an address moves from one iteration of a loop to the next one, all other
// loops standing still.
typedef enum Stride { STRIDE_NONE, STRIDE_UNIT, STRIDE_OTHER } Stride;
Stride nest_stride(const Op *loop, const Value *address);

// ---- loops.c: FOR and WHILE alike -------------------------------------------

// The values that a loop carries: how many, initial values, parameters of the
// body, what the body yields. (Inline: rooms that do not know this door have
// functions of these names.)
static inline uint32_t loop_carried_count(const Op *loop) {
    return loop->result_count;
}
static inline Value *loop_initial(const Op *loop, uint32_t i) {
    return loop->operands[loop->kind == OP_FOR ? FOR_FIRST_INITIAL + i : i];
}
static inline Region *loop_body(const Op *loop) {
    return loop->regions[loop->kind == OP_FOR ? 0 : WHILE_BODY];
}
static inline Value *loop_param(const Op *loop, uint32_t i) {
    return loop_body(loop)->params[loop->kind == OP_FOR ? i + 1 : i];
}
static inline Value *loop_next(const Op *loop, uint32_t i) {
    return region_terminator(loop_body(loop))->operands[i];
}
// The index of an OP_FOR; NULL for OP_WHILE.
static inline Value *loop_index(const Op *loop) {
    return loop->kind == OP_FOR ? loop->regions[0]->params[0] : NULL;
}
// Whether the value is defined outside the loop.
bool loop_is_invariant(const Op *loop, const Value *value);
// Whether the value follows, by pure operations that are no math functions,
// from what is outside of the outermost loop and from the indices of the loops;
// lowers *first, if given, to the first of these that it depends on.
bool loop_value_follows(const Op *outermost, const Op *const *loops,
                        uint32_t count, const Value *value, uint32_t *first);

// The number of iterations of an OP_FOR as a long value, built at b, where the
// loop's begin, end and step must be visible. Zero for a loop that never runs.
Value *loop_build_trip_count(Builder *b, const Op *loop);
bool loop_constant_trip_count(const Op *loop, int64_t *count);
// The step where it is a constant but zero, with its sign: steps of an
// unsigned type that lead down are negative, though their constant is not.
bool loop_constant_step(const Op *loop, int64_t *step);

// ---- commute.c: loops whose iterations meet in sums at most -----------------

// `uses` everywhere: those of all values (count_uses).

// Whether `value` is `from` plus contributions that have nothing to do with it;
// counts the uses of `from` on the way.
bool sum_reaches(const uint32_t *uses, const Value *value, const Value *from,
                 uint32_t *count);
// Whether the loop carries a sum there, and nothing else looks at it inside.
bool loop_carries_sum(const Op *loop, uint32_t i, const uint32_t *uses);
// Whether the carried value is the same in all iterations.
bool loop_passes_through(const Op *loop, uint32_t i);
// Whether it is the load or the store of *p = *p + w.
bool op_is_addition(const MemoryInfo *memory, const Op *op,
                    const uint32_t *uses);
// How many of the operands are addresses that a load, store, copy, zero or free
// accesses; a written one is the first.
uint32_t op_address_count(const Op *op);

typedef enum Commute {
    COMMUTE_NOT,
    COMMUTE_BUT_FOR_ROUNDING, // they meet in sums
    COMMUTE_FULLY,
} Commute;

// What the iterations of a loop have to do with one object.
typedef enum ObjectUse {
    OBJECT_READ,   // at most read
    OBJECT_SUMMED, // only added to
    OBJECT_OWN,    // each reaches elements of its own
    OBJECT_INSIDE, // the iteration itself makes it
    OBJECT_SHARED, // anything else
} ObjectUse;

// By object, for a loop (FOR) that carries nothing but sums and values that
// stay the same. False where the loop is none, or something in it knows an
// order.
bool loop_object_uses(Arena *arena, const MemoryInfo *memory, const Op *loop,
                      const uint32_t *uses, ObjectUse *by_object);

// Whether all that the loop (FOR) does to memory and to what it carries is to
// add to it: its order does not matter where nothing that it reads is added to.
bool loop_only_adds(const MemoryInfo *memory, const Op *loop,
                    const uint32_t *uses);
// Whether the iterations of the loop (FOR) can run in any order.
Commute loop_commutes(Arena *arena, const MemoryInfo *memory, const Op *loop,
                      const uint32_t *uses);

// ---- activity.c: which values carry derivatives
// ------------------------------

// Where derivatives come in and go out. Parameters are indices of the
// function's own; a pointer parameter stands for all that it leads to.
typedef struct ActivitySeeds {
    bool *independent, *dependent; // by parameter
    bool result_dependent;
    const Global **independent_globals, **dependent_globals;
    uint32_t independent_global_count, dependent_global_count;
} ActivitySeeds;

typedef struct Activity Activity;

Activity *activity_analyse(Arena *arena, const Function *function,
                           const MemoryInfo *memory,
                           const ActivitySeeds *seeds);
// A floating value that depends on an independent and reaches a dependent.
bool activity_of_value(const Activity *activity, const Value *value);
// Memory that carries such values. Memory of independents and dependents does
// so by definition.
bool activity_of_object(const Activity *activity, const MemObject *object);
// Whether an address may point into active memory.
bool activity_of_address(const Activity *activity, const Value *address);
// Whether it may point to values that depend on an independent.
bool activity_address_is_varied(const Activity *activity, const Value *address);

// ---- range.c: what is known of a floating value's sign
// -----------------------

// Never zero, and never negative, whatever the inputs (NaN apart).
bool range_is_positive(const Value *value);
bool range_is_nonnegative(const Value *value);

#endif

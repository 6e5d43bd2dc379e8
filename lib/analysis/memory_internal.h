// memory_internal.h - what memory.c, memory_address.c and memory_order.c share.
#ifndef GRADCC_ANALYSIS_MEMORY_INTERNAL_H
#define GRADCC_ANALYSIS_MEMORY_INTERNAL_H

#include "analysis/analysis.h"

#define MEM_ANY_SLOT MEM_ANY_FIELD

// A place: a slot of an object (see MemObject.field).
typedef struct Place {
    uint32_t object, slot;
} Place;

typedef struct PlaceSet {
    Place *items;
    uint32_t count, capacity;
} PlaceSet;

// What the pointers in one slot of an object may point to.
typedef struct SlotContent {
    uint32_t slot;
    PlaceSet places;
} SlotContent;

// An object with what the analysis knows of it; the public part comes first.
typedef struct Object Object;
struct Object {
    MemObject shown;
    SlotContent *contents;
    uint32_t content_count, content_capacity;
    Object *first_content, *next_content; // CONTENT objects by container
    uint32_t depth;          // of CONTENT: steps from a parameter or global
    bool written;            // by anything in the function
    bool overwritten;        // the same, but for frees
    const MemObject **alone; // the array with just this object
};

// An operation that writes memory or frees it.
typedef struct MemAccess {
    const Op *op;
    uint32_t order;
} MemAccess;

struct MemoryInfo {
    Arena *arena;
    const Function *function;
    Vec(Object *) objects; // [0] is the unknown one
    uint32_t value_count;
    PlaceSet **targets;             // by value
    const MemObject ***object_sets; // by value: the answer of memory_targets
    PtrMap *by_key;                 // globals to objects
    Object *text;                   // string literals and functions
    Object *error_number;           // errno; NULL where it is not used
    bool unknown_store;             // a pointer was stored anywhere
    bool changed;                   // during the fixpoint
    PtrMap *call_reach;             // calls to a CallReach
    Vec(MemAccess) writes;          // in program order
    uint8_t *never_written; // by a load's result: 1 yes, 2 no, 0 not asked yet
    PtrMap *order;          // operation to its place in it, from 1; preorder
};

// memory.c
Object *memory_object_at(const MemoryInfo *info, uint32_t id);
// Where a pointer may point, known to the analysis or derived since.
PlaceSet memory_places(const MemoryInfo *info, const Value *pointer);
bool memory_type_is_bytes(const Type *type); // void or a char
uint32_t memory_slot_count(const Type *type);

// memory_effects.c
// Marks what escapes; true where something new does.
bool memory_find_escapes(MemoryInfo *info);
// Fills accesses and order, and what is written.
void memory_find_accesses(MemoryInfo *info);
// By object: what the call may write, but for the state of a function with
// derivatives of the user's own, which its results do not depend on; and all
// that can be reached from a pointer.
const bool *memory_call_outputs(const MemoryInfo *info, const Op *call);
bool *memory_reach(const MemoryInfo *info, const Value *pointer);
bool memory_argument_is_read_only(const Op *call, uint32_t index);
// Volatile globals, and errno, which math functions set.
bool memory_changes_unseen(const MemoryInfo *info, const MemObject *object);
// Whether this one operation, without its regions, may write (read) it.
bool memory_single_op_writes(const MemoryInfo *info, const Op *op,
                             const Value *address);
bool memory_single_op_reads(const MemoryInfo *info, const Op *op,
                            const Value *address);

// memory_address.c
// As memory_may_alias, for accesses of the given types (NULL: any number of
// elements, any types) at the addresses.
bool memory_overlap(const MemoryInfo *info, const Value *a, const Type *type_a,
                    const Value *b, const Type *type_b);
// By objects, slots and types alone, so that it holds at different moments.
bool memory_places_overlap(const MemoryInfo *info, const Value *a,
                           const Type *type_a, const Value *b,
                           const Type *type_b);

// A linear form: constant + sum of factor * value, modulo 2^64.
enum { LINEAR_TERMS = 6 };
typedef struct Term {
    const Value *value;
    int64_t factor;
} Term;
typedef struct Linear {
    Term terms[LINEAR_TERMS];
    uint32_t count;
    int64_t constant;
} Linear;

typedef struct Step {
    OpKind kind; // OP_INDEX, OP_ELEM or OP_FIELD
    uint32_t field;
    bool in_union;
    Linear index;
} Step;

// base, then steps: the first is an OP_INDEX, of zero where none is written.
enum { ADDRESS_STEPS = 12 };
typedef struct Address {
    const Value *base;
    uint32_t count;
    Step steps[ADDRESS_STEPS];
} Address;

Linear linear_of(const Value *value);
// sum += factor * more. False where the terms do not fit.
bool linear_add(Linear *sum, const Linear *more, int64_t factor);
// False where the terms do not fit.
bool linear_subtract(const Linear *a, const Linear *b, Linear *difference);
void memory_decompose(const Value *address, Address *parts);

// The indices of an address as dimensions that vary independently: i * n + j
// with 0 <= j < n becomes i and j, divided by n.
enum { ADDRESS_DIMENSIONS = 16 };
typedef struct Dimension {
    const Step *step;
    Linear index;
    const Value *by_value; // what the next dimension stays below, or NULL
    int64_t by_constant;   // or this
} Dimension;
uint32_t memory_dimensions(const Address *address, Dimension *dimensions);
bool memory_same_division(const Dimension *a, const Dimension *b);

// As values_equal, taking loads of equal addresses for equal.
bool memory_loads_equal(const Value *a, const Value *b);

// section.c
// The first or the last value of a loop's index, or what lies beyond it.
bool loop_index_bound(const Op *loop, bool least, Linear *bound);
// Whether the form is never negative, whatever the iterations of the loops
// whose indices it holds.
bool linear_never_negative(Linear form);
// Takes the index out of the form; its factor, or 0.
int64_t linear_take(Linear *form, const Value *index);

typedef enum Overlap { OVERLAP_NONE, OVERLAP_MAYBE, OVERLAP_SAME } Overlap;
Overlap memory_compare(const Address *a, const Address *b);

#endif

// plan.h - private to lib/emit: what is decided about one function before a
// word of it is printed. Each file of the plan answers one question:
//
//   survey.c    which operations are needed, and where each stands
//   inline.c    which values are printed inside their user's expression
//   live.c      where each variable's value is alive
//   coalesce.c  which values share a variable, and where it is declared
//   names.c     what variables are called
#ifndef GRADCC_EMIT_PLAN_H
#define GRADCC_EMIT_PLAN_H

#include "ir/ir.h"

// Where a value stands in the text.
typedef enum Place {
    PLACE_NONE,     // nowhere: it is not needed
    PLACE_INLINE,   // in its users' expressions
    PLACE_VARIABLE, // in a C variable
    PLACE_OBJECT,   // the address of a named object
} Place;

// How a counted loop is written.
typedef enum LoopForm {
    LOOP_PLAIN,         // for (i = begin; i < end; i += step)
    LOOP_DOWN,          // last first: for (i = end - 1; i >= begin; i--)
    LOOP_DOWN_UNSIGNED, // for (i = end; i-- > begin;)
    LOOP_UP,            // a loop downwards, last first: (i = end + 1; ...; i++)
    LOOP_UP_UNSIGNED,   // for (i = end; i++ < begin;)
    LOOP_COUNTED, // for (k = trip count; k-- > 0;) { i = begin + k * step;
} LoopForm;

// Positions count what is printed, in order. A position is read at 2 * p and
// written at 2 * p + 1, so that `s = s + x` ends one life and begins another.
typedef struct Interval {
    uint32_t from, to; // both inclusive
} Interval;

typedef Vec(Interval) Intervals; // sorted and disjoint once live.c is done

// A C variable, or a member of one: coalescing joins them by union and find.
typedef struct Variable {
    struct Variable *parent; // NULL: this one stands for all joined to it
    const Value *value;      // the first member
    const Type *type;
    const char *hint; // the name wanted, or NULL
    const char *name; // the name given
    const char *stem; // the same without a number
    Intervals live;
    uint32_t position;   // of the first definition
    const Region *scope; // where it is declared ...
    const Op *first;     // ... at this operation of that region
    bool direct;         // which itself assigns it first
    bool is_parameter;
    bool is_object;
    bool is_index;         // declared in a for's head
    bool is_flag;          // may be replaced by do ... while
    bool clear;            // starts as 0: some path leaves it undefined
    bool used_often;       // some member has several uses
    struct Variable *also; // the next one whose `first` is the same
} Variable;

typedef struct ValueNote {
    Place place;
    bool needed;
    uint32_t uses;    // operands of needed operations that are it
    uint32_t size;    // nodes of the expression that computes it
    uint32_t prints;  // how often it would stand in the text
    const Op *root;   // with one print: the operation whose text that is in
    const Op *user;   // and the one whose operand it is
    uint32_t operand; // which one
    uint32_t depth;   // and how deep in that text's expression
    bool repeated;    // some print is evaluated again in each iteration
    bool as_value;    // some print is not the base of an access
    bool as_number;   // some print is not an index
    bool indexed;     // some print is the base of p[i]
    bool absorbed;    // the load of a compound assignment
    uint32_t last;    // of a region's parameter: order of its last print
    Variable *variable;
} ValueNote;

typedef struct OpNote {
    bool needed;
    bool writes, reads;     // itself or in its regions
    bool may_be_expression; // an if that could be c ? a : b
    bool is_expression;     // an if that is
    bool is_simple;         // a while whose condition is one expression
    bool is_do;             // a while that is written do ... while
    bool compound;          // a store written a[i] += v
    uint32_t start, end;    // positions; equal without regions
    uint32_t order;         // in its region
    uint32_t writes_before, accesses_before; // counts in its region
    uint32_t tree; // nodes of the expressions printed at it
} OpNote;

typedef struct Plan {
    Arena *arena;
    Module types; // a copy: types made on the way go to this arena
    const Function *function;
    ValueNote *values;         // by id
    PtrMap *ops;               // Op -> OpNote
    Vec(Variable *) variables; // all that were made, in order of definition
    StrMap *taken;             // names that no variable may have
    StrMap *ends;              // name given -> where its latest scope ends
    bool comments;             // adjoint statements name their primal ones
} Plan;

Plan *plan_create(Arena *arena, const Function *function);

static inline ValueNote *value_note(const Plan *plan, const Value *value) {
    return &plan->values[value->id];
}

static inline OpNote *op_note(const Plan *plan, const Op *op) {
    return (OpNote *)ptrmap_get(plan->ops, op);
}

// The variable that holds a value, or NULL.
Variable *plan_variable(const Plan *plan, const Value *value);

// survey.c
void survey_function(Plan *plan);
// The loop's carried values: parameter i of a region, initial value, yielded
// value and result belong together.
uint32_t loop_carried_count(const Op *loop);
Value *loop_param(const Op *loop, uint32_t region, uint32_t i);
Value *loop_initial(const Op *loop, uint32_t i);
const Op *loop_yield(const Op *loop);
bool loop_carried_needed(const Plan *plan, const Op *loop, uint32_t i);
// Whether an operand is taken: what goes to an unneeded result is not.
bool takes_operand(const Plan *plan, const Op *op, uint32_t i);
bool op_is_loop(const Op *op);
bool op_is_address(const Op *op); // index, elem, field
// What malloc returned, as the pointer that it is meant to be: one variable.
bool is_heap_pointer(const Op *op);
bool op_has_flag(const Op *op, unsigned flag);
LoopForm loop_form(const Op *loop);
// A constant step as a signed number, whatever the index's type; 0 if unknown.
int64_t loop_step(const Op *loop);

// inline.c
void inline_values(Plan *plan);
// Whether C has an operator like += for it.
bool is_assigning(OpKind kind);
// The v of `a[i] = a[i] + v`, which is printed `a[i] += v`.
const Value *compound_rest(const Op *store);
// Whether two addresses are spelled alike and designate the same place.
bool same_address(const Value *a, const Value *b);
// The carried value that only says whether a rotated loop goes on; or -1.
int64_t do_flag(const Plan *plan, const Op *loop);

// live.c
typedef void (*LeafVisitor)(void *context, const Value *variable);
// Every variable that the text of an expression mentions.
void visit_leaves(const Plan *plan, const Value *expression, LeafVisitor visit,
                  void *context);
void find_lives(Plan *plan);
bool intervals_meet(const Intervals *a, const Intervals *b);
void intervals_add(Arena *arena, Intervals *list, uint32_t from, uint32_t to);
// Into the first one; what the second one holds afterwards is of no use.
void intervals_merge(Arena *arena, Intervals *into, Intervals *from);

// coalesce.c
void coalesce_variables(Plan *plan);

// names.c
void name_variables(Plan *plan);
// A name that nothing else in the function has.
const char *plan_fresh_name(Plan *plan, const char *hint);

#endif

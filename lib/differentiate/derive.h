// derive.h - private to lib/differentiate: what its files share while one
// derivative function is made.
//
// The derivative function starts as a copy of the primal with derivative
// parameters added (signature.c); all analyses look at that copy. Shadows
// (shadow.c) give every pointer into active memory its counterpart into
// derivative memory. Then forward.c puts tangents beside values, or reverse.c
// appends the reverse sweep, and carry.c decides how primal values reach it.
#ifndef GRADCC_DERIVE_H
#define GRADCC_DERIVE_H

#include "analysis/analysis.h"
#include "differentiate/differentiate.h"

// What an annotation makes of a parameter.
typedef struct Role {
    bool wrt, of, work;
    const GradItem *item; // where it is listed; wrt before of before work
    uint32_t position;    // among the derivative function's parameters
    int derivative;       // position of d_x, or -1
    Value *shadow;        // of a pointer: the address of its derivative memory
    bool own_buffer;      // that memory is ours: made on entry, freed at exit
} Role;

// A callee that is not inlined, with a set of active arguments.
typedef struct Pair {
    const Function *callee;
    GradMode mode;
    bool *active; // by parameter
    bool result_active;
    Function *forward; // forward mode: the tangent function
    Function *reverse;
} Pair;

typedef struct Pairs {
    Vec(Pair *) items;
} Pairs;

typedef struct PairedCall {
    Op *op;
    const Pair *pair;
    bool stays; // it runs again in the reverse sweep, and fills the tape there
} PairedCall;

// A loop whose states are stored by a schedule. Operands of the marker: the
// number of snapshots or bytes, where given; from `first` on the pieces of the
// state, as pairs of a pointer and a number of bytes.
typedef struct Checkpoint {
    Op *marker; // OP_CHECKPOINT
    bool has_snapshots, has_memory;
    bool again;      // the reverse sweep runs the whole loop again
    bool once;       // a call: a loop of one step
    bool first_last; // its steps are reversed in the order in which they run
    bool from_zero;  // and their sums begin at zero, as those of fused loops
    uint32_t first;
    const char *disk; // a folder, or NULL
    Op *loop;         // calls the step; has no other body
    Function *step;
    Value **operands; // of that call, before it is redirected
} Checkpoint;

// A loop that is fused with its mirror in the gradient without checkpoints
// (order.c), and what that mirror does with the adjoint of each value that the
// loop carries.
typedef enum FusedSlot { FUSED_PASSIVE, FUSED_PASSES, FUSED_SUMS } FusedSlot;

typedef struct FusedLoop {
    FusedSlot *slots; // by carried value
    uint32_t count;
} FusedLoop;

typedef struct Derive {
    Arena *arena;
    Module *module;
    Diagnostics *diags;
    const Annotation *annotation;
    const Function *primal; // as the user wrote it: names, parameters
    uint32_t globals;       // how many of its last parameters stand for globals
    Function *function;     // the derivative
    Role *roles;            // by the primal's parameters
    uint32_t *position;     // of those among its own, where roles do not tell
    uint32_t role_count;
    Value *return_weight; // forward: the parameter d_return, or NULL
    bool of_return;
    const MemoryInfo *memory;
    const Activity *activity;
    const MemoryInfo *sweep_memory; // reverse: of the forward sweep as it is
                                    // when the reverse sweep starts
    PtrMap *shadows;                // pointer -> pointer into derivative memory
    PtrMap *postponed;      // reverse: heap result -> itself, where its free
                            // was moved to the end of the reverse sweep
    PtrMap *doubled;        // reverse: memory of a split function, to itself,
                            // of which the reverse sweep has its own
    PtrMap *remade;         // reverse: shadows that the mirror makes anew
    PtrMap *turns;          // reverse: store -> what stands in its mirror right
                            // before its own reverse: there it can be undone
    PtrMap *fused;          // reverse: LoopInfo -> FusedLoop, or NULL; to be
    bool finds_fused;       // found, or known
    Value *tape;            // reverse: the tape's address, once it is needed
    Pairs *pairs;           // shared by all functions made for one annotation
    Pair *pair;             // what this function is part of, or NULL
    bool vector;            // forward: several directions at once
    bool bits;              // and tangents are words of index sets
    bool inner;             // reverse: to be differentiated again by `second`
    bool second;            // forward: of a gradient, for Hessian times vector
    bool split;             // reverse: the two sweeps become two functions
    uint32_t tape_position; // of a split function's parameters
    Vec(Checkpoint *) checkpoints;
    Vec(PairedCall) paired; // calls whose reverse has been built
    Vec(Value *) buffers;   // directions: heap memory to free at the end
    Vec(Op *) untold;       // unset.c: what writes numbers without tangents
    bool untold_known;      // whether that has been filled
    unsigned disabled;      // passes of the optimiser to leave out
    bool failed;
} Derive;

// The place to complain about an operation.
SourceLoc derive_loc(const Derive *d, const Op *op);
void derive_error(Derive *d, SourceLoc loc, const char *message,
                  const char *way_out);
const char *derive_name(Derive *d, const char *name); // "d_" name; NULL of NULL
bool derive_is_active(const Derive *d, const Value *value);
// Whether the derivative returns the primal's struct; then that parameter's
// derivative is the last one, d_return.
bool derive_returns_record(const Derive *d);
// The role of the parameter that an entry block value stands for, or NULL.
Role *derive_role(const Derive *d, const Value *param);
// Without const at any level of pointers and arrays.
const Type *derive_unconst(Module *module, const Type *type);

// derive.c: the whole way for one function; d->function afterwards.
bool derive_run(Derive *d, const Function *prepared);

// calls.c: calls of recursive functions.
bool derive_is_tape(const Derive *d, const Type *type);
bool call_is_paired(const Op *op); // the callee can be made a pair
bool call_is_active(const Derive *d, const Op *op);
bool call_argument_is_active(const Derive *d, const Value *argument);
// A cell for a value of the type, which holds zero.
Value *call_cell(Builder *b, const Type *type, const char *name);
bool call_needs_shadow(const Derive *d, const Op *op, uint32_t argument);
// Whether it is the call of a step that only the reverse function makes with
// derivative memory.
bool call_waits(const Derive *d, const Op *op);
// Whether the call is given the address of the object's derivative memory.
bool call_lends(const Derive *d, const MemObject *object, const Op *op);
// Whether a pointer may lead into a record that came by value.
bool call_leads_to_copy(const Derive *d, const Value *argument);
const char *call_obstacle(const Derive *d, const Op *op);
typedef Value *(*TangentFn)(void *context, Builder *b, const Value *value);
typedef void (*AddFn)(void *context, Builder *b, const Value *value,
                      Value *contribution);
// The adjoints of the reverse sweep where a call's is built.
typedef struct AdjointAccess {
    void *context;
    Value *(*get)(void *context, const Value *value); // NULL: zero so far
    void (*set)(void *context, const Value *value, Value *to);
} AdjointAccess;
// Makes the call one of the tangent function; the result's tangent, or NULL.
Value *call_forward(Derive *d, Op *op, TangentFn tangent, void *context);
// Builds the reverse of the call; adds to its arguments' adjoints.
void call_reverse(Derive *d, Builder *b, Op *op, Value *weight,
                  const AdjointAccess *adjoints);
void calls_redirect(Derive *d);
// A call of the function that fills the tape, with the operands of a call whose
// reverse has been built.
void call_build_forward(Derive *d, Builder *b, const Op *op, Value *index);

// user_rules.c: calls of functions whose derivative the user wrote. As above.
bool call_has_rules(const Op *op);
void rules_refuse(Derive *d, const Op *op); // where no rule serves the call
bool rule_needs_shadow(const Derive *d, const Op *op, uint32_t argument);
Value *rule_forward(Derive *d, Op *op, TangentFn tangent, void *context);
void rule_reverse(Derive *d, Builder *b, Op *op, Value *weight, AddFn add,
                  void *context);

Value *derive_tape(Derive *d);
const Type *derive_tape_type(Module *module);
bool split_signature(Derive *d);
void split_declare(Derive *d);
void split_finish(Derive *d, Op *sweep);

// Calls a function of the runtime, which is declared with the arguments' types;
// NULL where it returns nothing.
Value *derive_call_runtime(Builder *b, const char *name, const Type *result,
                           Value **arguments, uint32_t count);
// Of a block that may be one of HEAP_SIZED.
void derive_build_release(Builder *b, Value *shadow);

// signature.c: creates d->function, its parameters and its copy of the primal.
bool signature_create(Derive *d);
void signature_copy_body(Derive *d, const Function *prepared);
// The value of a length in an array section.
Value *signature_extent(Derive *d, Builder *b, const Extent *extent);
// Makes memory for roles with own_buffer at the builder's place.
bool signature_make_buffers(Derive *d, Builder *b);
void signature_fold_buffers(Derive *d, Builder *b); // d_x += buffer; free

// shadow.c: shadows of all pointers that active memory is reached through.
bool shadow_build(Derive *d);
Value *shadow_of(const Derive *d, const Value *pointer);
// unset.c: whether the tangents of what OP_ALLOC or OP_HEAP makes may start as
// anything, for all are assigned before they are read.
bool unset_may_start(Derive *d, const Op *op);

// pun.c: refuses active values that change their type.
void pun_refuse(Derive *d);
bool pun_in_union(const Value *address);
// The member of a union that holds all its floating values; false where they
// differ in type or place.
bool pun_floating_member(const Type *type, uint32_t *member);

// realloc.c: derivative blocks of blocks that grow.
void realloc_copy_pointers(Derive *d, Builder *b, const Op *op, Value *from,
                           Value *to);
Value *realloc_tangent(Derive *d, Builder *b, const Op *op, Value *from);
void realloc_reverse(Derive *d, Builder *b, const Op *op);

// local.c: what the tangent of one operand adds to that of the operation's
// first result, and what the adjoint of the result adds to that of an operand;
// NULL where that is zero for certain. Of real numbers, both are the seed times
// the partial derivative.
Value *local_tangent(Builder *b, const Op *op, uint32_t operand, Value *seed);
Value *local_adjoint(Builder *b, const Op *op, uint32_t operand, Value *seed);
// To another floating type; of a complex number, the real part.
Value *derive_convert(Builder *b, const Type *type, Value *value);
Value *derive_build_nonzero(Builder *b, Value *value); // value != 0
// Whether they know the operation.
bool local_has_rule(const Op *op);

// aggregate.c: whole objects, floating leaf by floating leaf. Each builds loops
// over arrays as needed.
typedef void (*LeafFn)(Builder *b, Value *a, Value *c);
// Calls the function for each pair of floating leaves of two objects of a type;
// c may be NULL. count: NULL for one object, else so many elements.
void aggregate_each_float(Builder *b, const Type *type, Value *a, Value *c,
                          Value *count, LeafFn leaf);
// The same for a and c that may overlap: an element of a is visited before the
// leaf function gets the same memory as one of c.
void aggregate_each_moved(Builder *b, const Type *type, Value *a, Value *c,
                          Value *count, LeafFn leaf);
void aggregate_each_pointer(Builder *b, const Type *type, Value *a, Value *c,
                            LeafFn leaf);

// second.c: Hessian times vector; d->function afterwards.
bool second_run(Derive *d, const Function *prepared);
bool second_is_scalar(Derive *d); // complains where f has no single result
// Reverse mode with several weights (d->annotation->directions) in one forward
// sweep. Behind each d_x stands h_x: d_x are adjoints that nobody asks for.
bool second_rows(Derive *d, const Function *prepared);
// dense.c: a Hessian or Jacobian; d->function afterwards.
bool dense_run(Derive *d, const Function *prepared);
void derive_drop_uncalled(Derive *d, Function *root, size_t first);

// forward.c, vector.c, reverse.c
// The tangent of an operation's first result from those of its operands (NULL:
// zero), built at b; NULL where it is zero for certain.
Value *forward_tangent(Builder *b, const Op *op, Value **tangents);
// The value whose tangent stands for that operand's: of the condition of a
// guard, the weight.
const Value *forward_source(const Op *op, uint32_t operand);
void forward_free_buffers(Derive *d);
bool forward_build(Derive *d);
bool vector_build(Derive *d);
bool reverse_build(Derive *d);

// directions.c: derivative memory for d->annotation->directions. Types of
// pointers into it; tangents that one object of a type has, and that `count` of
// them (NULL: one) have; memory for one value, or for an OP_ALLOC, zeroed where
// it must be. The address tells dynamic lengths.
Value *directions_count(Derive *d, Builder *b, const Type *type);
// The type of one tangent of a floating type: itself, or that of words.
const Type *directions_number(Derive *d, const Type *type);
const Type *directions_type(Derive *d, const Type *pointer);
// What an object of a type is made of: a floating type where it holds nothing
// else, else what is in its arrays.
const Type *directions_leaf(Module *module, const Type *type);
// The tangents in front of a field's in a record of numbers.
Value *directions_before(Derive *d, Builder *b, const Type *record,
                         uint32_t field);
Value *directions_unit(Derive *d, Builder *b, const Type *type,
                       const Value *address);
Value *directions_elements(Derive *d, Builder *b, const Type *type,
                           Value *count, const Value *address);
Value *directions_buffer(Derive *d, Builder *b, const Type *type,
                         const char *name);
Value *directions_alloc(Derive *d, Builder *b, const Op *op, const char *name);
void directions_free(Derive *d); // what they have taken from the heap

// order.c: notes in the loops' infos in which order the gradient without marks
// visits them; marks loops around marked ones, and takes marks away, as that
// asks for.
void order_find(Derive *d, const Function *prepared);
void order_apply(Derive *d);

// outline.c: makes steps of the bodies of checkpointed loops, before analyses.
// Elsewhere than in the gradient itself such loops are like others.
void outline_checkpoints(Derive *d);
// swap.c: makes numbers of the pointers that a loop carries; false where they
// are not of a few from outside.
bool swap_number_pointers(Derive *d, Op *loop);
// The marked loop behind a marker; NULL if it is gone.
Op *outline_loop_behind(Op *marker);
// Steps are differentiated with the markers of loops in them, but run without.
void outline_drop_markers(Derive *d, const Function *step);
// Refuses to free what their steps use before the reverse sweep has run them.
void outline_refuse_frees(Derive *d);
// checkpoint.c: puts schedules around the steps, once both sweeps are complete.
void checkpoint_finish(Derive *d, PtrMap *loops);
// The same for those that the reverse sweep runs again, before values are
// carried to it.
void checkpoint_run_again(Derive *d, PtrMap *loops);

// choose.c: makes loops that choose among values remember which one; answers
// whether there were any. After analyses, which know nothing of the result.
bool choose_where(Derive *d);

// reverse.c: whether the mirror of the loop carries the adjoint of the i-th
// value that the loop carries; these come first, in the same order.
bool reverse_slot_is_active(const Derive *d, const Op *loop, uint32_t i);

// fuse.c: the reverse sweep of a loop's iterations directly behind their
// forward sweep, where that is allowed and saves memory. Such a body is its own
// mirror.
void fuse_loops(Derive *d, PtrMap *mirrors, PtrMap *loops);

// carry.c: how primal values reach the reverse sweep, which starts at `sweep`
// in the function's body. mirrors: forward region -> reverse region; loops: the
// forward loop -> the reverse one.
bool carry_values(Derive *d, Op *sweep, PtrMap *mirrors, PtrMap *loops);

#endif

// gradrt.h - the runtime of gradcc: what generated derivatives need, and
// checks of a gradient for those who use one.
//
//   errors    what happens when memory or a disk cannot be had
//   memory    buffers whose size is checked
//   tape      a stack of values, from the forward to the reverse sweep
//   schedules which step of a loop to store, restore and repeat next
//   loops     checkpointed: a schedule, its snapshots and a budget of memory
//   sparse    Jacobians and Hessians by rows: pattern, colours, entries
//   checks    a gradient against differences, and reverse against forward mode
//
// Plain C11, usable from C++, needs the C library and libm only. Sizes are in
// bytes and counts in elements, unless said otherwise. All functions may be
// called from several threads at a time; a GradTape belongs to one thread at
// a time. Names that end in an underscore are not for use outside this file.
#ifndef GRADRT_H
#define GRADRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#define GRAD_NORETURN_ [[noreturn]]
#else
#define GRAD_NORETURN_ _Noreturn
#endif

#if defined __GNUC__
#define GRAD_PRINTF_ __attribute__((format(printf, 2, 3)))
#define GRAD_UNLIKELY_(condition) __builtin_expect(!!(condition), 0)
#else
#define GRAD_PRINTF_
#define GRAD_UNLIKELY_(condition) (condition)
#endif

// -- Errors ------------------------------------------------------------------

typedef enum GradErrorKind {
    GRAD_ERROR_MEMORY,   // memory cannot be had
    GRAD_ERROR_LIMIT,    // a limit that the user set would be exceeded
    GRAD_ERROR_TAPE,     // a pop without its push: the tape's user is wrong
    GRAD_ERROR_ARGUMENT, // an argument outside of what the function allows
    GRAD_ERROR_DISK,     // a file cannot be made, written or read: disk full
    GRAD_ERROR_SNAPSHOT, // what was read is not what was written
} GradErrorKind;

typedef struct GradError {
    GradErrorKind kind;
    const char *message; // a line without its end; gone when the handler ends
} GradError;

// Called where a computation cannot go on. It must not return: it ends the
// process, or the computation by longjmp (the tapes and buffers of the
// generated function are then lost). If it returns, the process is aborted.
typedef void GradErrorHandler(const GradError *error, void *context);

// Sets the process's error handler, called with `context` in the thread that
// met the error. NULL sets the first one again, which prints "gradrt: error:
// MESSAGE" to stderr and aborts.
void grad_set_error_handler(GradErrorHandler *handler, void *context);

// Reports an error to the handler. The message is formatted as by printf and
// cut after 255 bytes.
GRAD_NORETURN_ void grad_fail(GradErrorKind kind, const char *format,
                              ...) GRAD_PRINTF_;

// -- Memory ------------------------------------------------------------------

// A buffer of `count` elements of `size` bytes each, uninitialised, aligned
// for any type; to be released by free(). Never NULL, not even for an empty
// buffer. Ends in GRAD_ERROR_MEMORY where there is no such memory, or where
// count * size does not fit a size_t.
void *grad_allocate(size_t count, size_t size);

// The same, with all bytes zero (which is 0.0 in each floating type).
void *grad_allocate_zeroed(size_t count, size_t size);

// -- Tape --------------------------------------------------------------------

// A stack of values of any types in blocks that grow. Values must be popped
// in the reverse order, each as the type that it was pushed as. Blocks that a
// pop empties are kept for the next pushes until grad_tape_free.
//
// The members are for the functions below only.
typedef struct GradTape {
    char *start, *top, *end;  // of the current block; top: the next byte
    char *mark;               // highest top since the block was entered
    struct GradBlock_ *block; // the current one; NULL: there is none yet
    struct GradBlock_ *spare; // blocks of tapes before, for this one to use
    size_t below;             // bytes in the blocks under this one
    size_t peak;              // most bytes held, without what mark knows
    size_t reserved, limit;   // bytes of all blocks, and their maximum
    size_t unit;              // bytes that come together, in one block
} GradTape;

// Makes an empty tape; takes no memory before the first push.
void grad_tape_init(GradTape *tape);

// Releases the tape's memory: up to 32 MiB are kept for tapes to come. It may
// be initialised again afterwards.
void grad_tape_free(GradTape *tape);

// Frees what was kept. Never needed; for a process that is done with gradients.
void grad_tape_free_kept(void);

// Limits the bytes that `tape` may reserve. A push that needs more ends in
// GRAD_ERROR_LIMIT. A new tape has the limit of grad_set_tape_limit.
void grad_tape_set_limit(GradTape *tape, size_t bytes);

// The bytes that the tape holds now; the most that it held since its
// initialisation; and the bytes of the blocks that it has reserved for them.
size_t grad_tape_bytes(const GradTape *tape);
size_t grad_tape_peak(const GradTape *tape);
size_t grad_tape_reserved(const GradTape *tape);

// The limit of tapes that are initialised from now on, in all threads; for
// the tapes inside generated functions. SIZE_MAX, the first value: no limit.
void grad_set_tape_limit(size_t bytes);

// The largest peak of all tapes that were freed so far, in all threads, since
// the last grad_reset_largest_tape; tells what a generated function stored.
size_t grad_largest_tape(void);
void grad_reset_largest_tape(void);

// Pushes the `size` bytes at `data`, and pops `size` bytes to `data`. The
// pops need not have the sizes of the pushes, only their sum. `data` may be
// NULL where size is 0.
void grad_push_bytes(GradTape *tape, const void *data, size_t size);
void grad_pop_bytes(GradTape *tape, void *data, size_t size);

// Pops `size` bytes and forgets them.
void grad_tape_drop(GradTape *tape, size_t size);

// A block of `count` elements of `size` bytes each on the tape, uninitialised,
// aligned for any type, and never NULL: for values that are stored and read in
// any order. It stays where it is until it is given back, which must happen
// when all that was pushed or taken later is popped or given back. Can end in
// GRAD_ERROR_MEMORY and GRAD_ERROR_LIMIT; giving back anything but the topmost
// block, in GRAD_ERROR_TAPE.
void *grad_tape_take(GradTape *tape, size_t count, size_t size);
void grad_tape_give(GradTape *tape, const void *block);

// Makes room for a value of `size` bytes in the current block.
void grad_tape_grow_(GradTape *tape, size_t size);

// Makes the block of the topmost value of `size` bytes the current one.
void grad_tape_shrink_(GradTape *tape, size_t size);

// For each type, in this order of name and type:
//
//     void grad_push_NAME(GradTape *tape, TYPE value);
//     TYPE grad_pop_NAME(GradTape *tape);
//
// A push can end in GRAD_ERROR_MEMORY and GRAD_ERROR_LIMIT, a pop without
// its push in GRAD_ERROR_TAPE.
#define GRAD_TAPE_TYPES_(X)       \
    X(double, double)             \
    X(float, float)               \
    X(ldouble, long double)       \
    X(bool, bool)                 \
    X(char, char)                 \
    X(schar, signed char)         \
    X(uchar, unsigned char)       \
    X(short, short)               \
    X(ushort, unsigned short)     \
    X(int, int)                   \
    X(uint, unsigned)             \
    X(long, long)                 \
    X(ulong, unsigned long)       \
    X(llong, long long)           \
    X(ullong, unsigned long long) \
    X(size, size_t)

#define GRAD_TAPE_FUNCTIONS_(NAME, TYPE)                                      \
    static inline void grad_push_##NAME(GradTape *tape, TYPE value) {         \
        if (GRAD_UNLIKELY_((size_t)(tape->end - tape->top) < sizeof value))   \
            grad_tape_grow_(tape, sizeof value);                              \
        memcpy(tape->top, &value, sizeof value);                              \
        tape->top += sizeof value;                                            \
    }                                                                         \
                                                                              \
    static inline TYPE grad_pop_##NAME(GradTape *tape) {                      \
        TYPE value;                                                           \
        if (GRAD_UNLIKELY_((size_t)(tape->top - tape->start) < sizeof value)) \
            grad_tape_shrink_(tape, sizeof value);                            \
        if (tape->top > tape->mark)                                           \
            tape->mark = tape->top;                                           \
        tape->top -= sizeof value;                                            \
        memcpy(&value, tape->top, sizeof value);                              \
        return value;                                                         \
    }

GRAD_TAPE_TYPES_(GRAD_TAPE_FUNCTIONS_)

typedef void *GradPointer_;
GRAD_TAPE_FUNCTIONS_(pointer_, GradPointer_)

// A pointer to anything; whether it was const is for the user to remember.
static inline void grad_push_pointer(GradTape *tape, const void *pointer) {
    grad_push_pointer_(tape, (GradPointer_)pointer);
}

static inline void *grad_pop_pointer(GradTape *tape) {
    return grad_pop_pointer_(tape);
}

// -- Schedules ---------------------------------------------------------------
//
// A loop of n steps takes state 0 to state n. Its reverse sweep needs every
// state, the last one first, and only a few can be kept in slots. A schedule
// says what to do next so that the fewest steps are repeated; it knows nothing
// of what a state is. grad_schedule_next yields the actions one by one; a
// state is `at hand` after each of them but GRAD_REVERSE.

typedef enum GradAction {
    GRAD_ADVANCE, // run the steps from `step` up to, but without, `end`
    GRAD_STORE,   // copy the state at hand, number `step`, to `slot`
    GRAD_RESTORE, // copy state `step` back from `slot`
    GRAD_RECORD,  // run step `step` and put what its reversal needs on a tape
    GRAD_TURN,    // loops only: the last state is reached, see there
    GRAD_REVERSE, // reverse step `step`, whose record is the tape's topmost
    GRAD_DONE,    // all steps are reversed
} GradAction;

typedef enum GradScheduleKind_ {
    GRAD_BINOMIAL_,
    GRAD_MIXED_,
    GRAD_SEGMENTS_,
    GRAD_DISK_,
    GRAD_ONLINE_,
} GradScheduleKind_;

typedef enum GradMarkKind_ {
    GRAD_MARK_MEMORY_,
    GRAD_MARK_DISK_,
    GRAD_MARK_TAPE_,
} GradMarkKind_;

typedef struct GradMark_ {
    int64_t position, slot, repetitions, reach;
    GradMarkKind_ kind;
} GradMark_;

typedef struct GradSchedule {
    int64_t step, end; // of the action that was yielded last
    int64_t slot;      // numbered from 0, on the disk and in memory apart
    bool on_disk;      // where the slot is

    // Counts so far. `advanced` is the number of steps, not of actions.
    int64_t advanced, stored, restored, recorded;

    // For the functions below only.
    GradScheduleKind_ kind;
    int64_t steps, slots, segment;
    int64_t at, left; // the state at hand, -1: none; steps not yet reversed
    GradMark_ *marks;
    int64_t depth, capacity;
    int64_t *unused, returned, unused_capacity;
    int64_t used, fresh, disk_used;
    int64_t next_repetitions, next_reach;
    int64_t base, candidate, segments_cost;
    struct GradDiskTable_ *table;
} GradSchedule;

// Each of these starts a schedule with state 0 at hand, of `steps` steps, from
// 0 to 2^40; `slots`, at least 1, includes the one of state 0. Else they end
// in GRAD_ERROR_ARGUMENT. Memory is taken as needed, for as many numbers as
// states are stored, and released by grad_schedule_free.

// The optimum: grad_binomial_advances(steps, slots) advances, and one record
// for each step, one at a time on the tape (Griewank 1992).
void grad_schedule_binomial(GradSchedule *schedule, int64_t steps,
                            int64_t slots);

// A slot may hold the record of a step instead of a state, besides the one
// record outside of the slots: grad_mixed_evaluations(steps, slots) advances
// and records together, which is the optimum (Maddison 2024). The records lie
// on the tape in the order of their steps.
void grad_schedule_mixed(GradSchedule *schedule, int64_t steps, int64_t slots);

// `slots` in memory and any number on a disk, where a write and a read cost so
// many steps: the optimum (Aupy et al. 2016) up to 2048 steps, and beyond with
// the states on the disk at the distance that is best among those up to 2048.
// Planning takes some milliseconds then.
void grad_schedule_disk(GradSchedule *schedule, int64_t steps, int64_t slots,
                        double write, double read);

// Segments of `length` steps, for comparison: a state is stored at each one's
// start, and while it is reversed all its states are. With the square root of
// `steps` for `length`, less than two advances for each step (Chen et al.
// 2016).
void grad_schedule_segments(GradSchedule *schedule, int64_t steps,
                            int64_t length);

// An unknown number of steps: as few advances as if it were known, as long as
// that is at most (slots + 1) (slots + 2) / 2, and a few per cent more after
// that (Stumm and Walther 2010 prove that bound for theirs). GRAD_ADVANCE goes
// on until grad_schedule_end.
void grad_schedule_online(GradSchedule *schedule, int64_t slots);

// Tells an online schedule how many steps there are, with state `steps` - 1 at
// hand: anywhere within the steps of the GRAD_ADVANCE under way, or before the
// first action. At least one step.
void grad_schedule_end(GradSchedule *schedule, int64_t steps);

GradAction grad_schedule_next(GradSchedule *schedule);

// Releases the schedule's memory; its counts and its action are gone.
void grad_schedule_free(GradSchedule *schedule);

// The least number of advances, T(n, s), for n steps with s slots, at least 1
// (Griewank and Walther 2000). INT64_MAX if it is larger than that.
int64_t grad_binomial_advances(int64_t steps, int64_t slots);

// The least number of evaluations, M(n, s), advances and records, where slots
// may hold records.
int64_t grad_mixed_evaluations(int64_t steps, int64_t slots);

// The smallest number of slots with T(n, s) + n <= ratio n.
int64_t grad_binomial_slots(int64_t steps, double ratio);

// -- Checkpointed loops ------------------------------------------------------
//
// A schedule together with the snapshots of a loop's state. The loop's user
// runs the steps, forwards and backwards; this does all the rest:
//
//     GradCheckpoint loop;
//     grad_checkpoint_init(&loop, steps);
//     grad_checkpoint_snapshots(&loop, 10);
//     grad_checkpoint_state(&loop, u, n * sizeof *u);
//     for (GradAction todo = GRAD_ADVANCE; todo != GRAD_DONE;)
//         switch (todo = grad_checkpoint_next(&loop)) {
//         case GRAD_ADVANCE:
//             for (int64_t i = loop.step; i < loop.end; i++)
//                 advance(i, u);
//             break;
//         case GRAD_RECORD: record(loop.step, u, &tape); break;
//         case GRAD_TURN: seed(u, d_u); break;
//         case GRAD_REVERSE: reverse(loop.step, d_u, &tape); break;
//         default: break;
//         }
//     grad_checkpoint_free(&loop);
//
// GRAD_TURN comes once, with the last state at hand: what follows the loop
// belongs there, and its own reversal. GRAD_ADVANCE and GRAD_RECORD come
// before and after it. At GRAD_DONE the state is again what it was when
// grad_checkpoint_next was called after GRAD_TURN. Docs: checkpointing.md.

// What a loop needs and did.
typedef struct GradStats {
    int64_t steps;      // -1: unknown yet
    int64_t slots;      // snapshots (or records) that may be kept at a time
    size_t state_bytes; // of one snapshot
    size_t tape_bytes;  // of the largest record of one step so far
    // Advances by the formula for this schedule, steps and slots, -1: unknown;
    // and bytes in memory by the sizes above.
    int64_t predicted_advances;
    size_t predicted_bytes;
    int64_t advanced, recorded, reversed; // steps so far
    int64_t stored, restored;             // snapshots so far
    size_t peak_bytes;                    // of snapshots and tape in memory
    size_t disk_bytes;                    // of the file
} GradStats;

// Called before each action, in the thread that runs the loop.
typedef void GradProgress(const GradStats *stats, void *context);

// The handle of one run through one loop; any number may exist at a time, one
// in the steps of another included. It may be moved (or lie on a tape) between
// calls. Only `step` and `end` are for the user.
typedef struct GradCheckpoint {
    int64_t step, end; // of the action that was yielded last
    GradSchedule schedule;
    struct GradSnapshots_ *snapshots;
    GradTape *tape;
    size_t record, tape_start, tape_level, budget;
    int64_t steps, slots;
    double write_cost, read_cost;
    int phase;
    GradAction last;
    bool fused, has_budget, has_folder, all_on_disk, saved;
    GradProgress *progress;
    void *progress_context;
    GradStats stats;
} GradCheckpoint;

enum { GRAD_UNKNOWN = -1 };
#define GRAD_MEASURE SIZE_MAX

// Starts a loop of `steps` steps, at most 2^40; or of a number that is
// GRAD_UNKNOWN until grad_checkpoint_end. The following calls say more about
// it, before the first grad_checkpoint_next.
void grad_checkpoint_init(GradCheckpoint *loop, int64_t steps);

// Adds `bytes` bytes at `piece` to the loop's state: all that a step changes
// and a later step, or what follows the loop, reads. They must stay there.
void grad_checkpoint_state(GradCheckpoint *loop, void *piece, size_t bytes);

// At most `slots` snapshots in memory, the one of state 0 included, besides
// one of the last state. With neither this nor a budget: as few as give a work
// ratio of 3 (twice as many advances as steps), or 100 where the number of
// steps is unknown.
void grad_checkpoint_snapshots(GradCheckpoint *loop, int64_t slots);

// As many snapshots as fit in `bytes` of memory together with one step's
// record, the last state and the bookkeeping; or records in the place of
// snapshots, if a tape is known and that saves work. GRAD_ERROR_LIMIT if not
// even one fits.
void grad_checkpoint_memory(GradCheckpoint *loop, size_t bytes);

// Snapshots go to a file in `folder`, too, without a name, as many as pay off
// if writing one takes the time of `write` steps, and reading one that of
// `read`. Of a loop of unknown length all snapshots go there.
void grad_checkpoint_disk(GradCheckpoint *loop, const char *folder,
                          double write, double read);

// Tells which tape GRAD_RECORD pushes to, for a budget and for statistics, and
// how many bytes it pushes at most. GRAD_MEASURE: the first action is then
// GRAD_RECORD of step 0, whose record is dropped again, if there is a budget.
void grad_checkpoint_tape(GradCheckpoint *loop, GradTape *tape, size_t bytes);

// The last call before the first grad_checkpoint_next, for a loop that has been
// run before, where only its state was pushed, piece by piece in the order of
// grad_checkpoint_state, on the tape of grad_checkpoint_tape: pops that state
// back into place. What is there now is there again at GRAD_DONE.
void grad_checkpoint_again(GradCheckpoint *loop);

// For the user of the former who runs and reverses the steps without
// grad_checkpoint_next: puts the state back that is there at GRAD_DONE.
void grad_checkpoint_put_back(GradCheckpoint *loop);

// The user's GRAD_REVERSE has state `step` at hand and does both, the step and
// its reversal, without a record between them: GRAD_RECORD is never yielded.
// For n steps this takes the advances of n + 1.
void grad_checkpoint_fused(GradCheckpoint *loop);

// GRAD_ADVANCE, GRAD_RECORD, GRAD_TURN, GRAD_REVERSE or GRAD_DONE.
GradAction grad_checkpoint_next(GradCheckpoint *loop);

// Tells that a loop of unknown length has ended, with state `steps` at hand,
// within a GRAD_ADVANCE before GRAD_TURN (a part of its steps was run), or
// before the first action if there are no steps at all.
void grad_checkpoint_end(GradCheckpoint *loop, int64_t steps);

// What the loop did so far.
GradStats grad_checkpoint_stats(const GradCheckpoint *loop);

// Releases the snapshots. An unfinished loop may be freed, too, or one twice.
void grad_checkpoint_free(GradCheckpoint *loop);

// The statistics of the loop that was freed last in this thread, in a
// generated function, say; all zero if there was none.
GradStats grad_stats(void);

// Sets what is called as loops started from now on go on, in all threads; NULL:
// nothing.
void grad_set_progress(GradProgress *progress, void *context);

// -- Sparse matrices ---------------------------------------------------------
//
// A Jacobian or Hessian of which most entries are always zero, in compressed
// rows (CSR): the entries of row i are value[k] in column[k], for k from
// row_start[i] up to, but without, row_start[i + 1]; their columns ascend. An
// entry that is not there is zero for all inputs; one that is there may be. A
// Hessian has both halves, equal to the last bit.
//
//     GradSparse jac = {0};
//     f_jac(n, x, y, &jac);       // finds the pattern, colours it, evaluates
//     f_jac(n, x, y, &jac);       // evaluates: the pattern is kept
//     grad_sparse_free(&jac);
//
// The generated function finds another pattern where sizes, integers or
// branches of its function differ from those that the pattern was found with;
// the arrays are then others. They belong to the GradSparse, which is used by
// one thread at a time. Only `value` may be written to.

typedef struct GradSparse {
    int rows, columns, entries;
    int *row_start; // rows + 1 numbers; NULL: nothing was evaluated yet
    int *column;    // of each entry
    double *value;  // of each entry
    int colors;     // directions that an evaluation takes, or 0,
    bool by_rows;   // or weights, in reverse mode
    struct GradSparseWork_ *work;
} GradSparse;

// Releases all of it; it may be used again, as if it were new.
void grad_sparse_free(GradSparse *matrix);

// The entries on and below the diagonal as triplets, as Ipopt takes a Hessian:
// their rows, columns and values, each where its array is not NULL. Returns how
// many there are.
int grad_sparse_lower(const GradSparse *matrix, int *row, int *column,
                      double *value);

// What generated functions do, and functions written by hand can. After
// grad_sparse_begin, grad_sparse_next says what to evaluate until
// GRAD_SPARSE_DONE; each time grad_sparse_seed holds what comes in, and
// grad_sparse_result, zero so far, takes what comes out.
typedef enum GradSparseAction {
    GRAD_SPARSE_DONE, // all entries are there
    // Index sets: bit b of word k of the result's row i, i * GRAD_SPARSE_WORDS
    // + k, is to be set if that row depends on a column whose seed has it.
    // Words are unsigned long long.
    GRAD_SPARSE_PATTERN,
    // Numbers, GRAD_SPARSE_WIDTH for each row and column: the matrix times the
    // seed's vectors, entry k of each being the one of vector k.
    GRAD_SPARSE_BY_COLUMNS,
    GRAD_SPARSE_BY_ROWS, // the same of its transpose
} GradSparseAction;

enum { GRAD_SPARSE_WORDS = 4, GRAD_SPARSE_WIDTH = 8 };
enum { GRAD_SPARSE_SYMMETRIC = 1, GRAD_SPARSE_ROWS = 2 };

// kinds: whether the matrix is symmetric (then rows equals columns), and
// whether GRAD_SPARSE_BY_ROWS is possible. A pattern is kept as long as these
// four are the same; `decisions` stands for all else that it depends on. At
// most INT_MAX - 1 rows and columns, else GRAD_ERROR_ARGUMENT; INT_MAX / 2
// entries, else GRAD_ERROR_LIMIT; and GRAD_ERROR_MEMORY. After an error that
// the handler survives, grad_sparse_free and grad_sparse_begin may be called.
void grad_sparse_begin(GradSparse *matrix, int64_t rows, int64_t columns,
                       unsigned kinds, uint64_t decisions);
GradSparseAction grad_sparse_next(GradSparse *matrix);
void *grad_sparse_seed(const GradSparse *matrix);
void *grad_sparse_result(const GradSparse *matrix);

// A matrix whose pattern is known: row_start and column are copied, and stand
// for it as long as they are at the same place. The place of its values, which
// the caller sets. No colours. Can end in GRAD_ERROR_MEMORY.
double *grad_sparse_fixed(GradSparse *matrix, int rows, int columns,
                          const int *row_start, const int *column);

// -- Checks ------------------------------------------------------------------

// The function under check: its value at the n numbers x. It must not change
// what `context` means between calls: same x, same value.
typedef double GradFunction(const double *x, size_t n, void *context);

typedef struct GradEntry {
    size_t entry;
    double expected, actual, error; // as those of a report
} GradEntry;

enum { GRAD_WORST = 5 };

// What a check found.
typedef struct GradReport {
    const char *check; // "central differences", "Taylor", "dot product"
    bool passed;       // the error is within the tolerance
    size_t entries;    // how many entries were compared
    size_t undecided;  // of these: differences could not tell to tolerance
    size_t worst;      // the entry with the largest error
    double expected;   // its value by the check ...
    double actual;     // ... and the one given
    double error;      // their relative distance; infinite: one is no number
    double tolerance;  // what the error may be at most
    double order;      // Taylor: the observed order, 2 or more if right

    // The entries with the largest errors, the largest one first.
    GradEntry worst_entries[GRAD_WORST];
    size_t listed; // how many of them there are
} GradReport;

// Compares `gradient`, of n entries, with central differences of f at x.
//
// The step is chosen for each entry: differences are taken with steps from
// a ninth of max(|x[i]|, 1) downwards by a factor of eight, neighbours
// are extrapolated (Richardson 1911), and the one with the smallest error
// estimate, rounding included, is taken (after Ridders 1982). The rounding
// noise of f is measured (More and Wild 2011). Steps at which f is not finite
// are passed over; an entry with no usable step fails. About 30 evaluations
// of f for each entry.
//
// `tolerance`, positive (else GRAD_ERROR_ARGUMENT), is relative to the larger
// of the two values; 1e-6 suits most functions in double. An entry at which the
// differences themselves are less certain passes if it is within their
// uncertainty, and counts as undecided. Fills *report, if it is not NULL, and
// returns whether all entries passed.
bool grad_check_central(GradFunction *f, void *context, size_t n,
                        const double *x, const double *gradient,
                        double tolerance, GradReport *report);

// The Taylor remainder test: f(x + h v) - f(x) - h <gradient, v> must shrink
// like h^2 as h is halved, which needs few evaluations (about 55) whatever n.
//
// `direction` is v, of n entries, of a size that makes h = 1/8 a large step;
// NULL takes a fixed pseudo-random one, scaled to x. The order is measured on
// the smallest steps whose remainder stands out of f's rounding noise; it is
// about 1 where the gradient is wrong, and a function that is linear along v
// leaves no remainder and has order infinity. Passes from an order of 1.8.
// The report's error is the relative error of <gradient, v> as the smallest
// such step shows it; its tolerance is not used.
bool grad_check_taylor(GradFunction *f, void *context, size_t n,
                       const double *x, const double *gradient,
                       const double *direction, GradReport *report);

// The dot-product test of reverse against forward mode: for a Jacobian J of
// m rows and n columns, <w, J v> = <J^T w, v> for any v and w up to rounding,
// no step size involved.
//
// jacobian_v (m entries) is J v by forward mode, w_jacobian (n entries) is
// J^T w by reverse mode. The error is relative to the sum of the absolute
// values of all terms; 1e-12 is a usual tolerance in double.
bool grad_check_dot(size_t m, const double *w, const double *jacobian_v,
                    size_t n, const double *v, const double *w_jacobian,
                    double tolerance, GradReport *report);

// Prints the report to `file`, in one line such as
//
//     central differences: FAILED: worst is entry 3 of 10: expected 1.5,
//     got -1.5, relative error 2, tolerance 1e-06
//
// and one for each other of the worst entries whose error is too large:
//
//         entry 7: expected 2, got 2.5, relative error 0.2
void grad_report_print(const GradReport *report, FILE *file);

#ifdef __cplusplus
}
#endif

#endif

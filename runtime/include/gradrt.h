// gradrt.h - the runtime of gradcc: what generated derivatives need, and
// checks of a gradient for those who use one.
//
//   errors    what happens when memory or a disk cannot be had
//   memory    buffers whose size is checked
//   tape      a stack of values, from the forward to the reverse sweep
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
    size_t below;             // bytes in the blocks under this one
    size_t peak;              // most bytes held, without what mark knows
    size_t reserved, limit;   // bytes of all blocks, and their maximum
} GradTape;

// Makes an empty tape; takes no memory before the first push.
void grad_tape_init(GradTape *tape);

// Releases the tape's memory. It may be initialised again afterwards.
void grad_tape_free(GradTape *tape);

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

// -- Checks ------------------------------------------------------------------

// The function under check: its value at the n numbers x. It must not change
// what `context` means between calls: same x, same value.
typedef double GradFunction(const double *x, size_t n, void *context);

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
void grad_report_print(const GradReport *report, FILE *file);

#ifdef __cplusplus
}
#endif

#endif

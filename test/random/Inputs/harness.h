// harness.h - what random programs are checked for: that the derivatives
// compute the primal's results, bit for bit; that reverse mode agrees with
// forward mode, to rounding; and forward mode with differences, where the
// program is smooth.
//
// generate.py --harness writes one file that includes this for each program;
// driver.c holds the checks and main().
#ifndef HARNESS_H
#define HARNESS_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { HARNESS_MOST = 768 };

// What an input is: no variable; one that is differentiated by, whose adjoint
// is added to; one that is an output, too, so that its weight becomes its
// adjoint; no variable, but overwritten, so that its adjoint ends as zero.
enum {
    HARNESS_PASSIVE,
    HARNESS_ACTIVE,
    HARNESS_EXCHANGED,
    HARNESS_OVERWRITTEN
};

// What an output is: not differentiated; differentiated with any weight; the
// return value, whose weight is 1.
enum { HARNESS_PLAIN, HARNESS_DEPENDENT, HARNESS_RESULT };

typedef struct HarnessShape {
    int inputs, outputs;
    unsigned char input[HARNESS_MOST], output[HARNESS_MOST];
} HarnessShape;

// A program and its derivatives as functions of vectors. d_in and h_in hold on
// entry what is added to.
typedef struct HarnessProgram {
    const char *seed;
    void (*describe)(int n, HarnessShape *shape);
    void (*primal)(int n, const double *in, double *out);
    void (*forward)(int n, const double *in, const double *t_in, double *out,
                    double *t_out);
    void (*reverse)(int n, const double *in, const double *weights, double *out,
                    double *d_in);
    // NULL, or what has the same results and gradient, bit for bit: that of
    // the program without marks for checkpointing.
    void (*stored)(int n, const double *in, const double *weights, double *out,
                   double *d_in);
    // NULL where there is none. The matrices are by variables (inputs that
    // are differentiated by) and dependents (the return value last).
    void (*hvp)(int n, const double *in, const double *v_in, double *out,
                double *d_in, double *h_in);
    void (*jacobian)(int n, const double *in, double *out, int rows,
                     int columns, double *matrix);
    void (*hessian)(int n, const double *in, double *out, double *d_in,
                    int rows, int columns, double *matrix);
} HarnessProgram;

// All of double and long double; using float somewhere; the second copy of one
// that uses float, compiled with wide.h.
enum { HARNESS_EXACT, HARNESS_SINGLE, HARNESS_WIDE };

// The programs to check: a generated list that ends with a program of NULL.
typedef struct HarnessEntry {
    const HarnessProgram *program;
    int exactness;
} HarnessEntry;

extern const HarnessEntry programs[];

// The program's name for the linker. A second copy of a program that uses
// float is compiled with wide.h and macros that give its functions other
// names; so it has another one, too.
#define PROGRAM_(name) program_##name
#define PROGRAM(name) PROGRAM_(name)

static inline void harness_input(HarnessShape *shape, int count, int kind) {
    for (int i = 0; i < count; i++)
        shape->input[shape->inputs++] = (unsigned char)kind;
}

static inline void harness_output(HarnessShape *shape, int count, int kind) {
    for (int i = 0; i < count; i++)
        shape->output[shape->outputs++] = (unsigned char)kind;
}

// Exactly as long as it must be, so that AddressSanitizer sees each overrun.
static inline void *harness_new(int count, size_t size) {
    void *memory = malloc((size_t)count * size);
    if (memory)
        memset(memory, 0, (size_t)count * size);
    return memory;
}

#define HARNESS_MOVE(name, type)                                               \
    static inline void load_##name(type *to, int count, const double *from) {  \
        for (int i = 0; i < count; i++)                                        \
            to[i] = (type)from[i];                                             \
    }                                                                          \
    static inline void store_##name(const type *from, int count, double *to) { \
        for (int i = 0; i < count; i++)                                        \
            to[i] = (double)from[i];                                           \
    }

HARNESS_MOVE(double, double)
HARNESS_MOVE(float, float)
HARNESS_MOVE(ldouble, long double)

#endif

// Calls through pointers whose targets are not known, and tables of functions
// whose address outlives the function.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: test ! -e %t.c
// RUN: not %gradcc -DKEPT %s -o %t.c 2> %t.log
// RUN: FileCheck %s --check-prefix=KEPT < %t.log
#include <math.h>

struct model {
    double (*f)(double);
    const struct model *next;
};

double elsewhere(double x);

// CHECK: :[[@LINE+4]]:5: error: a call through a pointer carries derivatives, and which functions it may call is not known
// CHECK: note: write the derivative of the callback 'g' as a function, below '#pragma grad derivative(g)'
#pragma grad wrt(x)
double callback(double x, double (*g)(double)) {
    return x * g(x);
}

// CHECK: :[[@LINE+4]]:5: error: a call through a pointer carries derivatives, and which functions it may call is not known
// CHECK: note: take the pointer from functions of this file, or call the function by its name
#pragma grad wrt(x)
double in_memory(const struct model *m, double x) {
    return m->f(x) + m->next->f(x);
}

// One of the targets is known, the other is not.
// CHECK: :[[@LINE+3]]:5: error: a call through a pointer carries derivatives
#pragma grad wrt(x)
double half_known(double x, int k, double (*g)(double)) {
    return (k ? g : sin)(x);
}

// CHECK: :[[@LINE+3]]:5: error: the call of 'elsewhere' carries derivatives, but its body is not known
#pragma grad wrt(x)
double no_body(double x, int k) {
    return (k ? elsewhere : sin)(x);
}

#ifdef KEPT
static const struct model one = {sin, 0};

// KEPT: error: the address of a constant table of functions is kept beyond 'kept'
// KEPT: note: choose the function where it is called
#pragma grad wrt(x)
double kept(struct model *m, double x) {
    m->next = &one;
    return x;
}
#endif

// What is wrong with derivatives of one's own is said at the rule, or at the
// call that none serves.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2> %t.log
// RUN: FileCheck %s < %t.log
// RUN: not %gradcc -DSIGNATURES %s -o %t.c 2> %t.log
// RUN: FileCheck %s --check-prefix=SIGN < %t.log
// RUN: not %gradcc -DPRAGMAS %s -o %t.c 2> %t.log
// RUN: FileCheck %s --check-prefix=PRAGMA < %t.log
// RUN: not %gradcc -DRECORDS %s -o %t.c 2> %t.log
// RUN: FileCheck %s --check-prefix=RECORD < %t.log
// RUN: test ! -e %t.c
#include <math.h>

double f(double a, double b);
double total(int n, double *x);
void fill(int n, const double *x, double *y);

#if defined SIGNATURES
// SIGN: :[[@LINE+2]]:9: error: 'f_a' has not the signature of the derivative of 'f' in reverse mode
// SIGN: note: it must be 'double f_a(double a, double *d_a, double b, double *d_b, double d_return)'
#pragma grad derivative(f)
double f_a(double a, double *d_a, double b, double *d_b);

// SIGN: :[[@LINE+2]]:9: error: 'f_b' has not the signature of the derivative of 'f' in forward mode
// SIGN: note: it must be 'double f_b(double a, double d_a, double b, double *d_return)'
#pragma grad derivative(f) forward wrt(a)
double f_b(double a, double d_a, double b, double d_b, double *d_return);

// SIGN: :[[@LINE+5]]:9: error: there is another derivative of 'f' in this mode
// SIGN: note: it is here; two must differ in wrt or of
double f_c(double a, double *d_a, double b, double d_return);
#pragma grad derivative(f) wrt(a)
double f_d(double a, double *d_a, double b, double d_return);
#pragma grad derivative(f) wrt(a)
double f_c(double a, double *d_a, double b, double d_return);
// SIGN: :[[@LINE+2]]:9: error: 'fill_a' has not the signature
// SIGN: note: it must be 'void fill_a(int n, const double *x, double *d_x, double *y, double *d_y)'
#pragma grad derivative(fill) wrt(x) of(y)
void fill_a(int n, const double *x, const double *d_x, double *y, double *d_y);

#pragma grad wrt(x)
double uses(double x, double y[3]) {
    fill(3, &x, y);
    return f(x, 1);
}

#elif defined PRAGMAS
// PRAGMA: :[[@LINE+2]]:9: error: a derivative of one's own is one in reverse or in forward mode
// PRAGMA: note: the other modes are made of these two
#pragma grad derivative(f) hvp
double f_hvp(double x);
// PRAGMA: :[[@LINE+1]]:9: error: 'name' has no meaning with 'derivative'
#pragma grad derivative(f) name(f_other)
double f_named(double x);
// PRAGMA: :[[@LINE+1]]:9: error: '#pragma grad derivative' must stand before a function
#pragma grad derivative(f)
static const int number = 3;
// PRAGMA: :[[@LINE+1]]:25: error: expected '(' after 'derivative'
#pragma grad derivative f
double f_bare(double x);
// PRAGMA: :[[@LINE+1]]:25: error: 'g' is neither a function nor a callback parameter of an annotated function
#pragma grad derivative(g)
double g_grad(double x, double *d_x, double d_return);
// PRAGMA: :[[@LINE+1]]:25: error: 'own' cannot be its own derivative
#pragma grad derivative(own)
double own(double x);
// PRAGMA: :[[@LINE+2]]:25: error: gradcc has its own derivative of 'sin'
// PRAGMA: note: call it in a function of your own, and give the derivative of that
#pragma grad derivative(sin)
double sin_grad(double x, double *d_x, double d_return);
#pragma grad wrt(x)
double uses(double x) {
    return f(x, number);
}

#elif defined RECORDS
struct pair {
    double a, b;
};

// RECORD: :[[@LINE+3]]:9: error: 'paired' returns a struct: a derivative of one's own is not supported for it
// RECORD: note: give the result out through a pointer
struct pair paired(double x);
#pragma grad derivative(paired)
struct pair paired_grad(double x, double *d_x);
// RECORD: :[[@LINE+1]]:9: error: 'summed' has a variable number of arguments
#pragma grad derivative(summed)
double summed_grad(double x, double *d_x, double d_return);
double summed(double x, ...);

#pragma grad wrt(x)
double uses(double x) {
    return f(x, 1) + paired(x).a + summed(x, 1);
}
#else

#pragma grad derivative(f) wrt(a)
double f_grad(double a, double *d_a, double b, double d_return);
#pragma grad derivative(total)
double total_grad(int n, double *x, double *d_x, double d_return);
#pragma grad derivative(fill) wrt(x) of(y)
void fill_grad(int n, const double *x, double *d_x, double *y, double *d_y);
#pragma grad derivative(fill) forward wrt(x) of(y)
void fill_fwd(int n, const double *x, const double *d_x, double *y,
              double *d_y);

// CHECK: :[[@LINE+4]]:5: error: no derivative of 'f' in forward mode serves this call
// CHECK: note: this one is of the other mode; write one below '#pragma grad derivative(f) forward'
#pragma grad forward
double other_mode(double x) {
    return f(x, 2);
}

// CHECK: :[[@LINE+4]]:5: error: no derivative of 'f' in reverse mode serves this call
// CHECK: note: 'b' carries derivatives, but is not in wrt
#pragma grad
double not_in_wrt(double x) {
    return f(2, x);
}

// CHECK: :[[@LINE+4]]:5: error: no derivative of 'total' in reverse mode serves this call
// CHECK: note: write of(...): 'x' carries derivatives, and whether 'total' writes to it is not known
#pragma grad wrt(x[0:n])
double may_write(int n, double *x) {
    return total(n, x);
}

// CHECK: error: what 'x' points to is overwritten, but the derivative of 'fill' needs it: its length must be known to keep it
// CHECK: note: write an array section here, as in x[0:n]
#pragma grad wrt(x[0:n]) of(y)
void overwritten(int n, double *x, double *y) {
    fill(n, x, y);
    x[0] = 0;
}

// CHECK: error: what 'fill' writes to 'y' is overwritten later: its length must be known to compute it again
// CHECK: note: write an array section here, as in y[0:n]
#pragma grad wrt(x) of(y)
void again(int n, const double *x, double *y) {
    fill(n, x, y);
    y[0] = sin(y[0]);
}

// CHECK: error: the length of 'x' is needed: its derivative memory for this call must be made inside
#pragma grad forward wrt(s) of(y)
void no_length(int n, const double *x, double s, double *y) {
    fill(n, x, y);
    y[0] *= s;
}
#endif

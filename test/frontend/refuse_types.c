// Types that the IR does not have.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#pragma grad
double complex_integer(double x)
{
    _Complex int z = 1;
    return x;
}
// CHECK: refuse_types.c:[[@LINE-3]]:5: error: complex integers are not supported yet
// CHECK: note: use float, double or long double, or structs of them

#pragma grad
double atomic(double x)
{
    _Atomic int k = 1;
    return x * k;
}
// CHECK: refuse_types.c:[[@LINE-3]]:5: error: atomic objects are not supported yet

#pragma grad
double volatile_local(double x)
{
    volatile double v = x;
    return v;
}
// CHECK: refuse_types.c:[[@LINE-3]]:5: error: volatile objects of floating type are not supported
// CHECK: note: drop the volatile

#pragma grad
double wide(double x)
{
    __int128 k = 3;
    return x * k;
}
// CHECK: refuse_types.c:[[@LINE-3]]:5: error: 128-bit integers are not supported yet

typedef double Four __attribute__((vector_size(32)));

#pragma grad
double vector(double x)
{
    Four v = {x};
    return v[0];
}
// CHECK: refuse_types.c:[[@LINE-3]]:5: error: vector types are not supported yet

typedef struct {
    double a;
    const double *rest;
} Boxed;

#pragma grad
Boxed boxed(const double *x)
{
    return (Boxed){x[0] * x[0], x + 1};
}
// CHECK: refuse_types.c:[[@LINE-5]]:9: error: the struct that 'boxed' returns holds pointers to floating-point values: it cannot be among the dependents
// CHECK: note: name in 'of' the parameters through which it gives its results

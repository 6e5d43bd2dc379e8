// Assembly, threads, atomics and jumps out of the function, in annotated
// functions.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <threads.h>

#pragma grad
double assembly(double x)
{
    double y;
    __asm__("" : "=m"(y) : "m"(x));
    return y;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: inline assembly is not supported
// CHECK: note: move it to a function of its own and mark that '#pragma grad inactive'

static jmp_buf place;

#pragma grad
double long_jump(double x)
{
    if (x < 0)
        longjmp(place, 1);
    return x;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:9: error: longjmp is not supported
// CHECK: note: return an error code

static void *twice(void *p)
{
    *(double *)p *= 2;
    return 0;
}

#pragma grad
double posix_thread(double x)
{
    pthread_t thread;
    pthread_create(&thread, 0, twice, &x);
    pthread_join(thread, 0);
    return x;
}
// CHECK: refuse_concurrency.c:[[@LINE-4]]:5: error: threads are not supported
// CHECK: note: differentiate what one thread does

static int halve(void *p)
{
    *(double *)p /= 2;
    return 0;
}

#pragma grad
double c_thread(double x)
{
    thrd_t thread;
    thrd_create(&thread, halve, &x);
    return x;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: threads are not supported

#pragma grad
double atomic_float(double x)
{
    _Atomic double y = x;
    return y;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: atomic objects are not supported yet
// CHECK: note: use float, double or long double, or structs of them


#pragma grad
double atomic_call(double x, atomic_int *counter)
{
    return x * atomic_fetch_add(counter, 1);
}
// CHECK: refuse_concurrency.c:[[@LINE-2]]:16: error: atomics are not supported
// CHECK: note: use plain variables, or a function of its own without floating values

#pragma grad
double atomic_builtin(double x)
{
    double y = x;
    __atomic_store(&y, &x, __ATOMIC_SEQ_CST);
    return y;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: atomics are not supported

#pragma grad
double sync_builtin(double x)
{
    int k = 0;
    __sync_fetch_and_add(&k, 1);
    return x * k;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: atomics are not supported

#pragma grad
double bits(double x)
{
    _BitInt(40) k = (_BitInt(40))x;
    return x * (double)k;
}
// CHECK: refuse_concurrency.c:[[@LINE-3]]:5: error: the type '_BitInt(40)' is not supported yet

#pragma grad
double half(_Float16 h, double x)
{
    return x * h;
}
// CHECK: refuse_concurrency.c:[[@LINE-4]]:13: error: _Float16 is not supported yet

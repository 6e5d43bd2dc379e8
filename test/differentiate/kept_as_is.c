// What gradcc refuses where it carries derivatives is kept as it is where it
// does not: assembly, atomics, a variable number of arguments, thread-local
// counters, volatile integers, errno, builtins, signals, jumps in helpers.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// CHECK-DAG: extern _Thread_local int calls_here;
// CHECK-DAG: extern atomic_int evaluations;
// CHECK-DAG: extern volatile sig_atomic_t interrupted;
// CHECK-DAG: __asm__ volatile
// CHECK-DAG: atomic_fetch_add_explicit(&evaluations, 1, 5)
// CHECK-NOT: {{^[a-z].*}} __builtin_
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

atomic_int evaluations;
_Thread_local int calls_here;
volatile sig_atomic_t interrupted;
char last_note[80];

static inline int fence(int n)
{
    __asm__ volatile("" : "+r"(n) : : "memory");
    return n;
}

static void note(const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    vsnprintf(last_note, sizeof last_note, format, rest);
    va_end(rest);
}

static int count(void)
{
    return atomic_fetch_add(&evaluations, 1);
}

static int add(int n)
{
    static const int start = 3;
    int sum = start;
    __sync_fetch_and_add(&sum, n);
    return sum;
}

static void on_signal(int number)
{
    interrupted = number;
}

// A loop that gradcc has no form for.
static int collatz(int n)
{
    int steps = 0;
    if (n % 2)
        goto odd;
even:
    n /= 2;
    steps++;
    if (n % 2 == 0)
        goto even;
odd:
    if (n == 1)
        return steps;
    n = 3 * n + 1;
    steps++;
    goto even;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double keeps(int n, const double *x)
{
    volatile int two = 2;
    double s = 1;
    calls_here++;
    signal(SIGINT, on_signal);
    for (int i = 0; i < n; i++) {
        errno = 0;
        if (__builtin_expect(interrupted, 0))
            __builtin_trap();
        s += exp(x[i]) * two * s / 8;
        if (errno == ERANGE)
            return 0;
        s *= 1 + 0.125 * fence(i & 1) + 0.25 * __builtin_popcount(5);
    }
    note("call %d of %d", calls_here, count());
    return s * add(2) + collatz(6);
}

// Read again in each iteration, and never in the reverse sweep.
int polls_left;
volatile int polled;

static void poll(void)
{
    polled = --polls_left > 0;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double polls(int n, const double *x)
{
    double s = 1;
    polls_left = n / 2 + 1;
    poll();
    for (int i = 0; i < n; i++) {
        if (!polled)
            s *= x[i] * 0.5 + 1;
        else
            s += x[i] * x[i];
        poll();
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(keeps, -1, 1);
    CHECK_STANDARD(polls, -1, 1);
    double x = 0.5, d_x = 0;
    int before = calls_here;
    CHECK_CLOSE(keeps_grad(1, &x, &d_x),
                (1 + exp(0.5) / 4) * 1.5 * 5 + 8, 1e-15);
    CHECK_CLOSE(d_x, exp(0.5) / 4 * 1.5 * 5, 1e-15);
    CHECK_TRUE(calls_here == before + 1);
    CHECK_TRUE(atomic_load(&evaluations) == calls_here);
    CHECK_TRUE(strstr(last_note, "call ") == last_note);
    return check_done();
}
#endif

// Loops that cannot be checkpointed: an error at the annotation.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c
#include <stdio.h>
#include <stdlib.h>

// CHECK: refusals.c:[[@LINE+7]]:9: error: the length of parameter 'u', which is a part of the loop's state, is needed
// CHECK: note: list it with a section, as in state(u[0:n])
#pragma grad wrt(c) of(u)
void no_length(int n, int steps, double c, double *u)
{
    u[0] = 1;
    u[n - 1] = 2;
#pragma grad checkpoint
    for (int t = 0; t < steps; t++)
        for (int i = 1; i < n; i++)
            u[i] += c * u[i - 1] * u[i];
}

// CHECK: refusals.c:[[@LINE+10]]:9: error: a checkpointed loop inside another loop or a branch uses an array whose length is known only there
// CHECK: note: make the array outside
#pragma grad wrt(x)
double inside(int n, double x)
{
    double y = x;
    for (int k = 1; k < n; k++) {
        double u[k];
        for (int i = 0; i < k; i++)
            u[i] = x * i;
#pragma grad checkpoint
        for (int i = 0; i < n; i++) {
            y = y * y * u[i % k];
            u[i % k] = y;
        }
    }
    return y;
}

// CHECK: refusals.c:[[@LINE+17]]:9: error: memory that a checkpointed loop uses is freed while the reverse sweep still needs it
// CHECK: note: take it and free it once, outside all loops and branches
#pragma grad wrt(x)
double freed(int n, double x)
{
    double y = x;
    for (int k = 1; k < n; k++) {
        double *u = malloc(n * sizeof *u);
        if (!u)
            abort();
        for (int i = 0; i < n; i++)
            u[i] = x * i;
#pragma grad checkpoint
        for (int i = 0; i < n; i++) {
            y = y * y * u[i];
            u[i] = y;
        }
        free(u);
    }
    return y;
}

// CHECK: refusals.c:[[@LINE+7]]:9: error: a pointer changes from step to step of a checkpointed loop
// CHECK: note: compute it from the step's number, or copy the array
#pragma grad wrt(x)
double walks(int n, const double *x)
{
    double y = 1;
    const double *p = x;
#pragma grad checkpoint
    for (int i = 0; i < n; i++, p += i)
        y = y * *p;
    return y;
}

// CHECK: refusals.c:[[@LINE+6]]:9: error: a checkpointed loop stores a pointer
// CHECK: note: keep pointers out of the state: use indices
#pragma grad wrt(x)
double stores(int n, const double *x)
{
    const double *table[2] = {x, x};
#pragma grad checkpoint
    for (int i = 0; i < n; i++)
        if (x[i] > 0)
            table[i % 2] = x + i;
    return *table[0] * *table[1];
}

// CHECK: refusals.c:[[@LINE+9]]:9: error: 'shuffle' is called in a checkpointed loop, whose steps run more than once
// CHECK: note: call only what is defined here, without recursion
void shuffle(int n, double *u);
#pragma grad wrt(x)
double calls(int n, const double *x)
{
    double u[4] = {0}, scratch[4] = {0};
#pragma grad checkpoint
    for (int i = 0; i < n; i++) {
        shuffle(4, scratch);
        u[0] += u[1] * x[i];
    }
    return u[0];
}

// CHECK: refusals.c:[[@LINE+7]]:9: error: 'rand' is called in a checkpointed loop, whose steps run more than once
#pragma grad wrt(x)
double noisy(int n, const double *x)
{
    double u = 0;
#pragma grad checkpoint
    for (int i = 0; i < n; i++)
        u += u * x[rand() % n];
    return u;
}

// What is printed before the program ends is printed once.
// CHECK: refusals.c:[[@LINE+12]]:9: error: 'printf' is called in a checkpointed loop, whose steps run more than once
// CHECK: note: print behind the loop
#pragma grad wrt(x)
double loud(int n, const double *x)
{
    double u = 0;
#pragma grad checkpoint
    for (int i = 0; i < n; i++) {
        if (u > 1e9) {
            fprintf(stderr, "too large\n");
            abort();
        }
        printf("%d\n", i);
        u += u * x[i];
    }
    return u;
}

// CHECK: refusals.c:[[@LINE+7]]:9: error: the length of parameter 'x', which is a part of the loop's state, is needed
// CHECK: note: list it with a section, as in state(u[0:n])
// (It is overwritten behind the loop.)
#pragma grad wrt(x)
double behind(int n, double *x)
{
    double y = 1;
#pragma grad checkpoint
    for (int i = 0; i < n; i++)
        y = y * x[i];
    x[0] = y * y;
    return x[0] * y;
}

// CHECK: refusals.c:[[@LINE+8]]:9: error: a pointer that a checkpointed loop reads from memory changes behind the loop
// CHECK: note: use another variable behind the loop
#pragma grad wrt(x)
double changes(int n, double *x, double **spare)
{
    const double *table[2] = {x, x + 1};
    double y = 1;
    *spare = x;
#pragma grad checkpoint
    for (int i = 0; i < n; i++)
        y = y * table[i % 2][i];
    table[n % 2] = x + 2;
    return *table[0] * y;
}

// CHECK: refusals.c:[[@LINE+8]]:9: error: a checkpointed loop reads pointers from memory that lead to what it may reach otherwise
// CHECK: note: keep these pointers in variables, not in memory
#pragma grad wrt(x)
double entangled(int n, const double *x)
{
    double a[2] = {x[0], x[1]}, b[2] = {1, 2};
    double *either[2] = {a, b};
    double y = 1;
#pragma grad checkpoint
    for (int i = 0; i < n; i++) {
        either[i % 2][0] *= 0.5 * y;
        y = y * a[i % 2] + b[0];
    }
    return y;
}

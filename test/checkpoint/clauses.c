// Clauses of `checkpoint` that are wrong, each at its place.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

static double square(double x) { return x * x; }

#pragma grad wrt(x)
double f(int n, double x, const double *table)
{
    double y = x;
// CHECK: clauses.c:[[@LINE+2]]:25: error: unknown clause 'snapshot'
// CHECK: note: the clauses of checkpoint are snapshots, memory, disk and state
#pragma grad checkpoint snapshot(3)
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+1]]:38: error: a second 'snapshots' clause
#pragma grad checkpoint snapshots(3) snapshots(4)
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+2]]:9: error: snapshots and memory cannot both be given
// CHECK: note: leave one of them out
#pragma grad checkpoint snapshots(3) memory(1 MB)
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+2]]:35: error: expected a number or a name, not '-'
// CHECK: note: products of numbers, integer variables and the units KB, MB and GB are understood
#pragma grad checkpoint snapshots(-1)
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+1]]:34: error: expected '(' after 'snapshots', not the end of the line
#pragma grad checkpoint snapshots
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+1]]:{{[0-9]+}}: error: expected a folder in disk(...)
#pragma grad checkpoint disk()
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+2]]:9: error: snapshots, memory and disk are for loops
// CHECK: note: a call is run again from one copy of its state
#pragma grad checkpoint snapshots(3)
    y = square(y);
// CHECK: clauses.c:[[@LINE+1]]:9: error: '#pragma grad checkpoint' must stand before a loop or a call
#pragma grad checkpoint
    y = y * 2;
    return y;
}

#pragma grad wrt(x)
double g(int n, double x, const double *table)
{
    double y = x;
// CHECK: clauses.c:[[@LINE+2]]:35: error: 'm' is not an integer variable here
// CHECK: note: write a number, or a variable that is declared before the loop
#pragma grad checkpoint snapshots(m)
    for (int i = 0; i < n; i++)
        y = y * y;
// CHECK: clauses.c:[[@LINE+2]]:31: error: there is no variable 'z' here
// CHECK: note: list what is declared before the loop; globals cannot be listed
#pragma grad checkpoint state(z[0:n])
    for (int i = 0; i < n; i++)
        y = y * y;
    return y;
}

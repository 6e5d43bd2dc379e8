// The words of a pragma: unknown, doubled, cut off.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad wtr(x)
// CHECK: bad_clauses.c:[[@LINE-1]]:14: error: unknown clause 'wtr'
// CHECK-NEXT: #pragma grad wtr(x)
// CHECK-NEXT: {{^             \^~~}}
// CHECK-NEXT: bad_clauses.c:[[@LINE-4]]:14: note: did you mean 'wrt'?
#pragma grad foward
// CHECK: :14: error: unknown mode 'foward'
// CHECK: note: did you mean 'forward'?
#pragma grad wrt(x) blah(x)
// CHECK: :21: error: unknown clause 'blah'
// CHECK: note: the clauses are wrt, of, work, name, directions, layout and sparse
#pragma grad wrt x
// CHECK: :18: error: expected '(' after 'wrt', not 'x'
#pragma grad wrt(x
// CHECK: :19: error: expected ')' after the list of names, not the end of the line
#pragma grad wrt()
// CHECK: :18: error: expected a name, not ')'
#pragma grad wrt(x, x)
// CHECK: :21: error: 'x' is listed twice
#pragma grad wrt(x) wrt(x)
// CHECK: :21: error: a second 'wrt' clause
// CHECK: note: list all of them in one clause
#pragma grad name(for)
// CHECK: :19: error: expected the generated function's name, not 'for'
#pragma grad ) x (
// CHECK: :14: error: expected a clause, not ')'
#pragma grad forward directions()
// CHECK: :33: error: expected the number of directions, not ')'
#pragma grad forward directions(4, 5)
// CHECK: :34: error: expected ')' after the number of directions, not ','
#pragma grad forward directions(4) directions(4)
// CHECK: :36: error: a second 'directions' clause
#pragma grad jacobian layout(column)
// CHECK: :30: error: expected 'row' or 'denominator', not 'column'
#pragma grad jacobain
// CHECK: :14: error: unknown mode 'jacobain'
// CHECK: note: did you mean 'jacobian'?
#pragma grad inactive x
// CHECK: :23: error: unexpected 'x'
#pragma grad wrt(x[1:3])
// CHECK: :20: error: a section must start at 0
// CHECK: note: write x[0:LENGTH]
#pragma grad wrt(x[0:n%2])
// CHECK: :23: error: expected ']', not '%'
// CHECK: note: a length is made of numbers, integer parameters, + - * / and parentheses
#pragma grad wrt(x[0:2*(n+)])
// CHECK: :27: error: expected a length in the array section, not ')'
#pragma grad wrt(x[0:2*(n+1])
// CHECK: :28: error: expected ')' in the array section, not ']'
#pragma grad \
    wrt(x) \
    off(x)
// CHECK: bad_clauses.c:[[@LINE-1]]:5: error: unknown clause 'off'
// CHECK: note: did you mean 'of'?
_Pragma("grad wrt(y") double f(int n, double *x);
// CHECK: bad_clauses.c:[[@LINE-1]]:20: error: expected ')'

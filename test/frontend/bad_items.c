// Names that are not there, or carry no derivative.
//
// RUN: rm -f %t.c
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s
// RUN: test ! -e %t.c

#pragma grad wrt(wieghts)
double one(int n, const double *weights, double *out)
{
    return out[0] = weights[n];
}
// CHECK: bad_items.c:[[@LINE-5]]:18: error: 'one' has no parameter or global 'wieghts'
// CHECK-NEXT: #pragma grad
// CHECK-NEXT: ^~~~~~~
// CHECK-NEXT: note: did you mean 'weights'?

#pragma grad wrt(something)
double two(int n, double x)
{
    return n * x;
}
// CHECK: :18: error: 'two' has no parameter or global 'something'
// CHECK: note: the parameters of 'two' are n, x

#pragma grad wrt(n)
double three(int n, double x)
{
    return n * x;
}
// CHECK: :18: error: 'n' carries no floating-point values

#pragma grad of(return)
void four(double *x)
{
    *x *= 2;
}
// CHECK: :17: error: 'four' returns no floating-point value
// CHECK: note: name a parameter through which it gives its result

#pragma grad of(x)
double five(const double *x)
{
    return *x;
}
// CHECK: :17: error: 'x' points to const: 'five' cannot write to it

#pragma grad of(x)
double six(double x)
{
    return x;
}
// CHECK: :17: error: 'x' is passed by value: 'six' cannot write to it
// CHECK: note: 'of' names what the function writes; inputs belong in 'wrt'

#pragma grad wrt(return)
double seven(double x)
{
    return x;
}
// CHECK: :18: error: 'return' can only stand in 'of'

#pragma grad wrt(x[0:m])
double eight(int n, const double *x)
{
    return x[n];
}
// CHECK: :22: error: the length 'm' is neither a constant nor a parameter of 'eight'

#pragma grad wrt(x[0:n][0:n])
double nine(int n, const double *x)
{
    return x[n];
}
// CHECK: :18: error: 'x' has fewer dimensions than its array section

#pragma grad wrt(x[0:y])
double ten(double y, const double *x)
{
    return x[0] * y;
}
// CHECK: :22: error: the length 'y' is not an integer parameter

static const double table[2] = {1, 2};
#pragma grad wrt(table)
double eleven(double y)
{
    return table[0] * y;
}
// CHECK: :18: error: 'table' is const

#pragma grad reverse directions(4)
#pragma grad forward directions(m)
#pragma grad forward directions(y)
#pragma grad forward directions(0)
#pragma grad hessian layout(row)
double twelve(double y)
{
    return y;
}
// CHECK: :33: error: 'directions' belongs to the modes forward and hvp
// CHECK: :33: error: the length 'm' is neither a constant nor a parameter of 'twelve'
// CHECK: :33: error: the length 'y' is not an integer parameter
// CHECK: :33: error: the length '0' is not a positive integer
// CHECK: :29: error: 'layout' belongs to the mode jacobian

// What clang does not take is clang's error, at its place.
//
// RUN: not %gradcc %s -o %t.c 2>&1 | FileCheck %s

#pragma grad
double nested_function(double x)
{
    double inner(double y) { return x * y; }
    return inner(x);
}
// CHECK: not_c.c:[[@LINE-3]]:28: error: function definition is not allowed here

#pragma grad
double decimal(double x)
{
    _Decimal64 y = 1;
    return x * (double)y;
}
// CHECK: not_c.c:[[@LINE-3]]:5: error: GNU decimal type extension not supported

#pragma grad
double unknown_builtin(double x)
{
    return __builtin_no_such(x);
}
// CHECK: not_c.c:[[@LINE-2]]:12: error: use of unknown builtin '__builtin_no_such'

#pragma grad
double modified_struct(int n, double x)
{
    struct {
        double w[n];
    } s;
    s.w[0] = x;
    return s.w[0];
}
// CHECK: not_c.c:[[@LINE-5]]:16: error: fields must have a constant size

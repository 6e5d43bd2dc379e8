// Volatile objects behind pointers, and members of structs that are not.
//
// RUN: not %gradcc %s -o %t_grad.c 2>&1 | %filecheck %s
// RUN: not ls %t_grad.c
struct device {
    volatile int reads;
    double gain;
} device;

#pragma grad wrt(x)
double pointer(volatile int *p, double x)
{
    return x * *p;
}
// CHECK: refuse_volatile.c:[[@LINE-2]]:16: error: volatile objects are supported as globals and local variables only
// CHECK: note: read it in a function of its own, whose arguments and result carry no derivative

#pragma grad wrt(x)
double row(volatile int p[4], double x)
{
    p[2] = 3;
    return x * x;
}
// CHECK: refuse_volatile.c:[[@LINE-3]]:5: error: volatile objects are supported as globals and local variables only

#pragma grad wrt(x)
double member(struct device *d, double x)
{
    return x * d->reads;
}
// CHECK: refuse_volatile.c:[[@LINE-2]]:16: error: volatile objects are supported as globals and local variables only

#pragma grad wrt(x)
double of_global(double x)
{
    return x * device.reads;
}
// CHECK: refuse_volatile.c:[[@LINE-2]]:16: error: volatile objects are supported as globals and local variables only

#pragma grad wrt(x)
double cast(double x, int n)
{
    return x * *(volatile int *)&n;
}
// CHECK: refuse_volatile.c:[[@LINE-2]]:16: error: volatile objects are supported as globals and local variables only

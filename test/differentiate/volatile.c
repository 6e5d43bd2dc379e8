// Volatile globals are read and written where the source says so, and never in
// the reverse sweep; volatile locals are variables like others; what is
// volatile behind a pointer is left to helpers, whose types stay as they are.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
// RUN: %filecheck %s < %t_grad.c
#include <signal.h>

volatile int flag, table[3];

struct device {
    volatile int reads;
    double gain;
};

static int poll(volatile int *p)
{
    return ++*p;
}

static int second(const volatile sig_atomic_t p[])
{
    return p[1];
}

static int count(struct device *d)
{
    return d->reads++;
}

// CHECK: double stages_grad(
// CHECK: flag = 1;
// CHECK-NEXT: table[1] = 5;
// CHECK-NEXT: flag = 2;
// CHECK-NEXT: flag = 3;
// CHECK: for (
// CHECK: flag = 4;
// CHECK-NOT: flag
// CHECK: }
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double stages(double x)
{
    flag = 1;
    table[1] = 5;
    double s = x * x;
    flag = 2;
    flag = 3;
    for (int i = 0; i < 4; i++) {
        flag = 4;
        s *= x + table[1];
    }
    return s;
}

// CHECK: double polled_grad(double x, double *restrict d_x, volatile int *p,
// CHECK-NEXT: const volatile sig_atomic_t *q, struct device *restrict d)
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double polled(double x, volatile int *p, const volatile sig_atomic_t *q,
              struct device *d)
{
    volatile int two[2] = {1, 2};
    double s = x * x * poll(p) * two[1];
    for (int i = 0; i < 3; i++)
        s += x * poll(p) * poll(&table[2]) * count(d);
    return s * second(q);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    double x = 0.75, d_x = 1, d, value = stages(x);
    CHECK_BITS(stages_grad(x, &d_x), value);
    CHECK_CLOSE(d_x, 1 + 2 * value / x + 4 * value / (x + 5), 1e-14);
    CHECK_BITS(stages_fwd(x, 2, &d), value);
    CHECK_CLOSE(d, 2 * (d_x - 1), 1e-14);
    CHECK_TRUE(flag == 4);

    volatile int p = 0;
    sig_atomic_t q[2] = {0, 3};
    struct device device = {1, 0};
    d_x = 0;
    table[2] = 0;
    // (2 x^2 + (2 * 1 * 1 + 3 * 2 * 2 + 4 * 3 * 3) x) * 3
    CHECK_CLOSE(polled_grad(x, &d_x, &p, q, &device), 6 * x * x + 150 * x, 0);
    CHECK_CLOSE(d_x, 12 * x + 150, 0);
    CHECK_TRUE(p == 4 && table[2] == 3 && device.reads == 4);
    p = table[2] = 0;
    device.reads = 1;
    polled_fwd(x, 1, &p, q, &device, &d);
    CHECK_CLOSE(d, d_x, 0);
    return check_done();
}
#endif

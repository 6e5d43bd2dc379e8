// What steps take from outside: pointers that lead to the same memory, from one
// another or chosen at run time; counting down in an unsigned number.
//
// DEFINE: %{headers} = -DSTORED_HEADER='"%t_stored.h"' %main
// RUN: %gradcc %s -o %t_grad.c
// RUN: %gradcc -DSTORED %s -o %t_stored.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %{headers} %sanitize %s %t_grad.c %t_stored.c -o %t.exe %sanitize_links
// RUN: %t.exe
// RUN: %clang %{headers} -O2 %s %t_grad.c %t_stored.c -o %t.clang %links
// RUN: %t.clang
#include <math.h>

enum { N = 4 };

#ifdef STORED
#define NAME(f) f##_stored
#else
#define NAME(f) f
#endif

union parts {
    double v[3];
    struct {
        double x, y, z;
    } at;
};

// Members of one object: the step gets the object.
// CHECK-LABEL: static void members_step(int i, union parts *p, const double *x, double *s)
#pragma grad wrt(x)
double NAME(members)(int n, int s_, const double *x)
{
    union parts p = {{x[0], x[1], 0.7}};
    double s = 0.5;
    (void)s_;
#ifndef STORED
#pragma grad checkpoint snapshots(s_)
#endif
    for (int i = n; i > 0; i--) {
        p.at.z *= sin(p.at.z) + x[2];
        s += tanh(p.v[i % 3]);
    }
    return s;
}

// A pointer that may lead to either of two arrays, which are used, too.
#pragma grad wrt(x)
double NAME(chosen)(int n, int s_, const double *x)
{
    double a[N], b[N], s = 1;
    (void)s_;
    for (int i = 0; i < N; i++) {
        a[i] = x[i];
        b[i] = x[i] * x[N - 1 - i];
    }
    double *p = a;
    for (int i = 0; i < n % 3; i++)
        p = p == a ? b + 1 : a;
#ifndef STORED
#pragma grad checkpoint snapshots(s_)
#endif
    for (int i = 0; i < n; i++) {
        p[i % 3] = 0.5 * p[i % 3] + sin(s);
        s = s * a[i % N] + cos(b[(i + 1) % N]);
        a[0] *= 0.9;
    }
    return s + a[1] * b[1];
}

#pragma grad wrt(x)
double NAME(down)(int n, int s_, const double *x)
{
    double s = x[0];
    (void)s_;
#ifndef STORED
#pragma grad checkpoint snapshots(s_)
#endif
    for (unsigned k = (unsigned)n; k > 0; k--)
        s = sin(s) * x[k % N] + k;
    return s;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include STORED_HEADER
#include "check.h"

typedef double loss(int n, int s, const double *x);
typedef double gradient(int n, int s, const double *x, double *d_x);

static void compare(loss *f, gradient *marked, gradient *stored, int n, int s)
{
    const double x[N] = {0.3, 0.8, -0.4, 0.6};
    double d_x[2][N] = {{0}};
    double value = f(n, s, x);
    CHECK_BITS(marked(n, s, x, d_x[0]), value);
    CHECK_BITS(stored(n, s, x, d_x[1]), value);
    for (int i = 0; i < N; i++)
        CHECK_BITS(d_x[0][i], d_x[1][i]);
}

int main(void)
{
    for (int n = 0; n < 12; n++)
        for (int s = 1; s < 6; s++) {
            compare(members, members_grad, members_stored_grad, n, s);
            compare(chosen, chosen_grad, chosen_stored_grad, n, s);
            compare(down, down_grad, down_stored_grad, n, s);
        }
    return check_done();
}
#endif

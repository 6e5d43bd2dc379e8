// Memory on the stack, of unknown size, and aligned memory.
//
// RUN: %gradcc -D_POSIX_C_SOURCE=200809L %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main -D_POSIX_C_SOURCE=200809L %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -D_POSIX_C_SOURCE=200809L -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <alloca.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// At the top, in a branch, and chosen instead of an array.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double on_stack(int n, const double *x)
{
    double few[4], s = 0;
    double *w = alloca((n + 1) * sizeof *w);
    double *v = n > 4 ? alloca(n * sizeof *v) : few;
    for (int i = 0; i < n; i++) {
        w[i] = x[i] * x[n - 1 - i];
        v[i] = sin(w[i / 2]);
    }
    for (int i = 1; i < n; i++)
        w[i] *= w[i - 1] + v[i];
    for (int i = 0; i < n; i++)
        s += w[i] * v[i];
    return s;
}

static double helper(int n, const double *x, double scale)
{
    double *w = __builtin_alloca(n * sizeof(double));
    double s = 0;
    for (int i = 0; i < n; i++)
        w[i] = x[i] * scale;
    for (int i = 0; i < n; i++)
        s += w[i] * w[n - 1 - i];
    return s;
}

// CHECK-LABEL: double on_helpers_stack_grad(
// CHECK: gradcc_allocate(
// CHECK-NOT: alloca(
// CHECK: free(

// A helper's stack memory ends with each call.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double on_helpers_stack(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++)
        if (x[i] > -0.5)
            s += 0.1 * helper(i + 1, x, cos(s));
    return s;
}

// CHECK-LABEL: double kept_on_stack_grad(
// CHECK: __builtin_alloca(
// CHECK: gradcc_allocate(
// CHECK-LABEL: double kept_on_stack_fwd(
// CHECK: __builtin_alloca(
// CHECK: __builtin_alloca(

// Kept from iteration to iteration, so it stays on the stack.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double kept_on_stack(int n, const double *x)
{
    double *last = NULL, s = 0;
    for (int i = 0; i < n; i++) {
        double *now = alloca(2 * sizeof *now);
        now[0] = x[i] * (last ? last[1] : 1);
        now[1] = sin(now[0]) + (last ? last[0] : 0);
        last = now;
        s += now[0] * now[1];
    }
    return s;
}

static double *take(size_t n)
{
    double *p;
    if (posix_memalign((void **)&p, 64, n * sizeof(double)))
        abort();
    return p;
}

// Aligned memory.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double aligned(int n, const double *x)
{
    double s = 0;
    double *all = aligned_alloc(64, (n / 8 + 1) * 8 * sizeof *all);
    if (!all)
        return -1;
    for (int i = 0; i < n; i++) {
        double *p = take(i + 1);
        for (int k = 0; k <= i; k++)
            p[k] = x[k] * x[i];
        all[i] = sin(p[i / 2]) * p[0];
        free(p);
    }
    for (int i = 0; i < n; i++)
        s += all[i] * all[n - 1 - i];
    free(all);
    return s;
}

// Strings are no numbers.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double named(int n, const double *x)
{
    double s = 0;
    char *name = strdup("loss");
    for (int i = 0; i < n && name; i++)
        s += x[i] * x[i] * (double)strlen(name);
    free(name);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(on_stack, -1, 1);
    CHECK_STANDARD(on_helpers_stack, -1, 1);
    CHECK_STANDARD(kept_on_stack, -1, 1);
    CHECK_STANDARD(aligned, -1, 1);
    CHECK_STANDARD(named, -1, 1);
    return check_done();
}
#endif

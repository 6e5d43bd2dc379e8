// Snapshots in a file: the same bits, nothing left behind, and an error where
// the folder is not there. (What is left by longjmp is lost, as documented.)
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links
// RUN: rm -rf %t.folder && mkdir -p %t.folder/states && cd %t.folder
// RUN: env ASAN_OPTIONS=detect_leaks=0 %t.exe && %t.clang && not ls states/*
#include <math.h>

enum { N = 300 };

// CHECK-LABEL: double both_grad(
// CHECK: grad_checkpoint_memory(&loop, {{.*}}kilobytes{{.*}});
// CHECK-NEXT: grad_checkpoint_disk(&loop, "states", 2, 2);
#pragma grad wrt(start)
double both(int n, int kilobytes, const double *start)
{
    double u[N];
    (void)kilobytes;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#pragma grad checkpoint memory(kilobytes KB) disk(states)
    for (int t = 0; t < n; t++)
        for (int i = 1; i < N; i++)
            u[i] = 0.9 * u[i] + 0.2 * sin(u[i - 1]);
    return u[N - 1] + u[1] * u[2];
}

#pragma grad wrt(start)
double stored(int n, int kilobytes, const double *start)
{
    double u[N];
    (void)kilobytes;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
    for (int t = 0; t < n; t++)
        for (int i = 1; i < N; i++)
            u[i] = 0.9 * u[i] + 0.2 * sin(u[i - 1]);
    return u[N - 1] + u[1] * u[2];
}

// An unknown number of steps: all snapshots go to the file.
#pragma grad wrt(start)
double open(int n, int slots, const double *start)
{
    double u[N];
    (void)slots;
    for (int i = 0; i < N; i++)
        u[i] = start[i];
#pragma grad checkpoint snapshots(slots) disk(states)
    for (int t = 0; t < n; t++) {
        for (int i = 1; i < N; i++)
            u[i] = 0.9 * u[i] + 0.2 * sin(u[i - 1]);
        if (u[3] < -100)
            break;
    }
    return u[N - 1] + u[1] * u[2];
}

// Inside another loop it runs again, also where it has no step at all.
#pragma grad wrt(start)
double inside(int n, int slots, const double *start)
{
    double x = start[0];
    (void)slots;
    for (int k = 0; k < 3; k++) {
        int t = 0;
#pragma grad checkpoint snapshots(slots) disk(states)
        while (t < n * k && x > -100) {
            x = 0.9 * x + 0.2 * sin(x + start[k]);
            t++;
        }
        x *= start[k];
    }
    return x;
}

#pragma grad wrt(start)
double inside_stored(int n, int slots, const double *start)
{
    double x = start[0];
    (void)slots;
    for (int k = 0; k < 3; k++) {
        int t = 0;
        while (t < n * k && x > -100) {
            x = 0.9 * x + 0.2 * sin(x + start[k]);
            t++;
        }
        x *= start[k];
    }
    return x;
}

#pragma grad wrt(start)
double nowhere(int n, const double *start)
{
    double x = start[0];
#pragma grad checkpoint snapshots(1) disk(no/such/folder)
    for (int t = 0; t < n; t++)
        x = sin(x) + start[1];
    return x;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

#include <gradrt.h>
#include <setjmp.h>
#include <string.h>

typedef double gradient(int n, int limit, const double *start, double *d_start);

static double start[N];

static GradStats compare(gradient *f, gradient *without, int n, int limit)
{
    double d[2][N] = {{0}};
    double value = f(n, limit, start, d[0]);
    GradStats stats = grad_stats();
    CHECK_BITS(without(n, 0, start, d[1]), value);
    for (int i = 0; i < N; i++)
        CHECK_BITS(d[0][i], d[1][i]);
    return stats;
}

static jmp_buf back;
static GradErrorKind kind;
static char message[256];

static void leave(const GradError *error, void *context)
{
    (void)context;
    kind = error->kind;
    strcpy(message, error->message);
    longjmp(back, 1);
}

int main(void)
{
    for (int i = 0; i < N; i++)
        start[i] = sin(i + 0.5);
    for (int n = 0; n <= 60; n = n < 8 ? n + 1 : n + 17) {
        GradStats stats = compare(both_grad, stored_grad, n, 76);
        CHECK_TRUE(stats.peak_bytes <= 76 << 10);
        CHECK_TRUE(n < 40 || stats.disk_bytes > 0);
        stats = compare(open_grad, stored_grad, n, 3);
        CHECK_TRUE(n < 2 || stats.disk_bytes > 0);
        CHECK_TRUE(stats.steps == n);
        compare(inside_grad, inside_stored_grad, n, 2);
    }
    grad_set_error_handler(leave, NULL);
    double d_start[N] = {0};
    if (setjmp(back) == 0) {
        nowhere_grad(40, start, d_start);
        CHECK_TRUE(false);
    }
    CHECK_TRUE(kind == GRAD_ERROR_DISK);
    CHECK_TRUE(strstr(message, "no/such/folder") != NULL);
    CHECK_TRUE(d_start[0] == 0);
    return check_done();
}
#endif

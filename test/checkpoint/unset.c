// A state with bytes that nothing has set, the padding of structs and the rest
// of an array, is stored, in memory and in a file, without complaint.
//
// DEFINE: %{memory} = -O1 -g -fsanitize=memory %source_root/runtime/*.c
// RUN: %gradcc %s -o %t_grad.c
// RUN: %clang %main %{memory} %s %t_grad.c -o %t.exe -lm
// RUN: rm -rf %t.folder && mkdir -p %t.folder/states && cd %t.folder
// RUN: %t.exe
#include <math.h>

enum { N = 6 };

struct cell {
    char kind;
    double value;
};

#pragma grad wrt(start)
double padded(int n, int used, const double *start) {
    struct cell cells[N];
    double u[N];
    for (int i = 0; i < used; i++) {
        cells[i].kind = (char)i;
        cells[i].value = start[i];
        u[i] = start[i];
    }
#pragma grad checkpoint snapshots(3)
    for (int t = 0; t < n; t++)
        for (int i = 1; i < used; i++) {
            cells[i].value = sin(cells[i - 1].value + u[i] * cells[i].kind);
            u[i] *= 0.9 * u[i - 1];
        }
    return cells[used - 1].value + u[used - 1];
}

#pragma grad wrt(start)
double in_file(int n, int used, const double *start) {
    double u[N];
    for (int i = 0; i < used; i++)
        u[i] = start[i];
#pragma grad checkpoint snapshots(2) disk(states)
    for (int t = 0; t < n; t++)
        for (int i = 1; i < used; i++)
            u[i] = sin(u[i] + u[i - 1]);
    return u[used - 1];
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

#include <gradrt.h>

typedef double loss(int n, int used, const double *start);
typedef double gradient(int n, int used, const double *start, double *d_start);

static loss *function;

static double of_start(const double *start, void *steps) {
    return function(*(const int *)steps, 4, start);
}

static void check_loss(loss *f, gradient *f_grad, int n) {
    double start[N] = {0.3, 0.8, 0.7, 0.9}, g[N] = {0};
    function = f;
    CHECK_BITS(f_grad(n, 4, start, g), f(n, 4, start));
    CHECK_DIFFERENCES(of_start, &n, 4, start, g, 1e-6);
    CHECK_TRUE(grad_stats().stored > 0);
}

int main(void) {
    for (int n = 4; n < 40; n += 3) {
        check_loss(padded, padded_grad, n);
        check_loss(in_file, in_file_grad, n);
    }
    return check_done();
}
#endif

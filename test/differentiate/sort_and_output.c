// The library around the numbers: sorting and searching in inactive data, output
// once and in order, assertions, errno, abort and exit, inline helpers of
// headers.
//
// RUN: %gradcc -I %S/../include %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links
// RUN: %t.exe 2> %t.err | FileCheck %s --check-prefix=OUT
// RUN: FileCheck %s --check-prefix=ERR < %t.err
// RUN: not --crash %t.exe abort 2>&1 | FileCheck %s --check-prefix=ASSERT
// RUN: not %t.exe exit 2>&1 | FileCheck %s --check-prefix=EXIT
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang 2>&1
#include "inline_helpers.h"
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int descending(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

static int by_key(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// CHECK: static int descending(const void *a, const void *b) {
// CHECK: static int by_key(
// CHECK-LABEL: double sorted_grad(
// CHECK: qsort(order,
// CHECK-NOT: qsort(order,
// CHECK-LABEL: double sorted_fwd(
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sorted(int n, const double *x)
{
    int order[64];
    double keys[64], s = 0;
    for (int i = 0; i < n; i++) {
        order[i] = (7 * i + 3) % 11;
        keys[i] = sin(i);
    }
    qsort(order, n, sizeof *order, descending);
    qsort(keys, n, sizeof(double), by_key);
    for (int i = 0; i < n; i++) {
        const int *found = bsearch(&i, order, n, sizeof *order, descending);
        s += x[i] * x[order[i] % n] * keys[i] + (found ? found - order : 0.5);
    }
    return s * s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double inlined(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += CLAMPED(x[i]) * weight(x[i], i) + apply(bend, s);
    return s;
}

#pragma grad wrt(x)
double noisy(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        assert(x[i] > -100);
        s += x[i] * x[i];
        printf("step %d of %s: %g\n", i, __func__, s);
        if (x[i] > 50) {
            fprintf(stderr, "too large: %g\n", x[i]);
            exit(3);
        }
    }
    puts("done");
    fputs("to the other stream", stderr);
    fputc('\n', stderr);
    fwrite("bytes\n", 1, 6, stdout);
    fflush(stdout);
    errno = 0;
    double root = sqrt(s);
    if (errno) {
        perror("sqrt");
        abort();
    }
    return s * root;
}

// OUT: step 0 of noisy: 1
// OUT-NEXT: step 1 of noisy: 5
// OUT-NEXT: done
// OUT-NEXT: bytes
// OUT-NEXT: end
// ERR: to the other stream
// ERR-NOT: to the other stream
// ASSERT: Assertion {{.*}}x[i] > -100
// EXIT: too large: 51
// EXIT-NOT: end

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(int argc, char **argv)
{
    double x[2] = {1, 2}, d_x[2] = {0};
    if (argc > 1)
        x[1] = strcmp(argv[1], "abort") == 0 ? -101 : 51;
    double value = noisy_grad(2, x, d_x);
    CHECK_CLOSE(value, 5 * sqrt(5), 1e-15);
    CHECK_CLOSE(d_x[0], 3 * sqrt(5) * 1, 1e-14);
    CHECK_CLOSE(d_x[1], 3 * sqrt(5) * 2, 1e-14);
    puts("end");
    CHECK_STANDARD(sorted, -1, 1);
    CHECK_STANDARD(inlined, -1, 1);
    return check_done();
}
#endif

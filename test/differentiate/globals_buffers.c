// Globals as buffers: an array that a local pointer walks, a pointer to the
// caller's memory, a pointer to memory that is taken and given back here.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <stdlib.h>

extern double shared[8], *buffer, *taken;

#pragma grad wrt(x) work(shared)
#pragma grad forward wrt(x) work(shared)
double in_array(int n, const double *x)
{
    double *p = shared;
    for (int i = 0; i < n; i++)
        *p++ = x[i] * x[i];
    return shared[0] * p[-1];
}

#pragma grad wrt(x) work(buffer[0:n])
#pragma grad forward wrt(x) work(buffer[0:n])
double in_buffer(int n, const double *x)
{
    for (int i = 0; i < n; i++)
        buffer[i] = i > 0 ? buffer[i - 1] * x[i] : x[i];
    return buffer[n - 1];
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double in_block(int n, const double *x)
{
    taken = malloc((size_t)n * sizeof *taken);
    if (!taken)
        abort();
    for (int i = 0; i < n; i++)
        taken[i] = x[i] * x[i];
    double s = taken[0] * taken[n - 1];
    free(taken);
    taken = NULL;
    return s;
}

#ifdef TEST_MAIN
double shared[8], *buffer, *taken;

#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    struct rng rng = {7};
    double memory[4];
    buffer = memory;
    for (int n = 2; n <= 4; n++) {
        double x[4], t[4], g[4] = {0}, d;
        rng_fill(&rng, 4, x, 0.5, 1.5);
        rng_fill(&rng, 4, t, -1, 1);
        double first = x[0], last = x[n - 1];
        CHECK_BITS(in_array_grad(n, x, g), in_array(n, x));
        CHECK_CLOSE(g[0], 2 * first * last * last, 1e-15);
        CHECK_CLOSE(g[n - 1], 2 * first * first * last, 1e-15);
        CHECK_BITS(in_array_fwd(n, x, t, &d), in_array(n, x));
        CHECK_CLOSE(check_dot(n, g, t), d, 1e-14);

        double product = in_buffer(n, x), h[4] = {0};
        CHECK_BITS(in_buffer_grad(n, x, h), product);
        for (int i = 0; i < n; i++)
            CHECK_CLOSE(h[i], product / x[i], 1e-15);
        in_buffer_fwd(n, x, t, &d);
        CHECK_CLOSE(check_dot(n, h, t), d, 1e-14);

        double k[4] = {0};
        CHECK_BITS(in_block_grad(n, x, k), in_block(n, x));
        CHECK_TRUE(taken == NULL);
        CHECK_ARRAY(n, k, g, 1e-15);
        in_block_fwd(n, x, t, &d);
        CHECK_CLOSE(check_dot(n, k, t), d, 1e-14);
    }
    return check_done();
}
#endif

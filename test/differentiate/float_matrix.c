// float throughout: adjoints are float, math functions have their f suffix; a
// matrix as a 2-D parameter.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

// CHECK: float network_grad(
// CHECK-NOT: {{ (exp|tanh)\(}}
#pragma grad wrt(w, x)
#pragma grad forward wrt(w, x)
float network(const float w[4][3], const float *x)
{
    float s = 0;
    for (int i = 0; i < 4; i++) {
        float z = 0.5f;
        for (int j = 0; j < 3; j++)
            z += w[i][j] * x[j];
        s += tanhf(z) / (1.0f + expf(-z));
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    float w[4][3], x[3], d_w[4][3] = {{0}}, d_x[3] = {0};
    float t_w[4][3], t_x[3], along;
    struct rng rng = {5};
    double dot = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 3; j++) {
            w[i][j] = (float)rng_uniform(&rng, -1, 1);
            t_w[i][j] = (float)rng_uniform(&rng, -1, 1);
        }
    for (int j = 0; j < 3; j++) {
        x[j] = (float)rng_uniform(&rng, -1, 1);
        t_x[j] = (float)rng_uniform(&rng, -1, 1);
    }
    CHECK_BITS(network_grad(w, d_w, x, d_x), network(w, x));
    CHECK_BITS(network_fwd(w, t_w, x, t_x, &along), network(w, x));
    for (int j = 0; j < 3; j++) {
        dot += d_x[j] * t_x[j];
        for (int i = 0; i < 4; i++)
            dot += d_w[i][j] * t_w[i][j];
    }
    CHECK_NEAR(dot, along, 1e-6);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 3; j++) {
            float kept = w[i][j], h = 1e-2f;
            w[i][j] = kept + h;
            float above = network(w, x);
            w[i][j] = kept - h;
            float below = network(w, x);
            w[i][j] = kept;
            CHECK_NEAR(d_w[i][j], (above - below) / (2 * h), 1e-3);
        }
    return check_done();
}
#endif

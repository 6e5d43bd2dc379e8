// Backpropagation through time: a small recurrent network over many steps in a
// given number of bytes, and in two threads at once.
//
//     rnn 100000 8      MB
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main -O2 %s %t_grad.c -o %t.exe -pthread %links
// RUN: %t.exe 20000 1 | FileCheck %s
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe -pthread %sanitize_links
// RUN: %t.exe 300 1 | FileCheck %s
// CHECK: work ratio [[RATIO:[0-9.]+]], by the formula [[RATIO]]
// CHECK: within the budget
// CHECK: same bits
// CHECK: two threads: same bits
#include <math.h>
#include <stddef.h>

enum { H = 8, WEIGHTS = H * H + 2 * H };

static void cell(const double *w, double input, double *h)
{
    double next[H];
    for (int i = 0; i < H; i++) {
        double sum = w[H * H + i] * input + w[H * H + H + i];
        for (int j = 0; j < H; j++)
            sum += w[i * H + j] * h[j];
        next[i] = tanh(sum);
    }
    for (int i = 0; i < H; i++)
        h[i] = next[i];
}

#pragma grad wrt(w)
double predict(int steps, size_t bytes, const double *w, const double *x)
{
    double h[H] = {0}, loss = 0;
    (void)bytes;
#pragma grad checkpoint memory(bytes)
    for (int t = 0; t < steps - 1; t++) {
        cell(w, x[t], h);
        double error = h[0] - x[t + 1];
        loss += error * error;
    }
    return loss / steps;
}

#pragma grad wrt(w)
double predict_stored(int steps, size_t bytes, const double *w,
                      const double *x)
{
    double h[H] = {0}, loss = 0;
    (void)bytes;
    for (int t = 0; t < steps - 1; t++) {
        cell(w, x[t], h);
        double error = h[0] - x[t + 1];
        loss += error * error;
    }
    return loss / steps;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include <gradrt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct job {
    int steps;
    size_t bytes;
    const double *w, *x;
    double d_w[WEIGHTS];
} job;

static void *run(void *data)
{
    job *j = data;
    memset(j->d_w, 0, sizeof j->d_w);
    predict_grad(j->steps, j->bytes, j->w, j->d_w, j->x);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int steps = atoi(argv[1]);
    size_t bytes = (size_t)atoi(argv[2]) << 20;
    double w[WEIGHTS], d_w[WEIGHTS] = {0};
    double *x = malloc((size_t)steps * sizeof *x);
    if (!x)
        return 2;
    for (int i = 0; i < WEIGHTS; i++)
        w[i] = 0.4 * sin(i * 1.7 + 1);
    for (int t = 0; t < steps; t++)
        x[t] = sin(0.1 * t) * cos(0.013 * t);
    job first = {steps, bytes, w, x, {0}};
    run(&first);
    GradStats s = grad_stats();
    printf("steps %lld, snapshots %lld, state %zu, tape %zu, peak %zu\n",
           (long long)s.steps, (long long)s.slots, s.state_bytes, s.tape_bytes,
           s.peak_bytes);
    printf("work ratio %.4f, by the formula %.4f\n",
           (double)(s.advanced + s.steps) / (double)s.steps,
           (double)(s.predicted_advances + s.steps) / (double)s.steps);
    puts(s.peak_bytes <= bytes ? "within the budget" : "over the budget");
    predict_stored_grad(steps, 0, w, d_w, x);
    bool same = memcmp(d_w, first.d_w, sizeof d_w) == 0;
    puts(same ? "same bits" : "other bits");
    job jobs[2] = {first, first};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, run, &jobs[i]))
            return 2;
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        same = same && memcmp(d_w, jobs[i].d_w, sizeof d_w) == 0;
    }
    puts(same ? "two threads: same bits" : "two threads: other bits");
    free(x);
    return !same;
}
#endif

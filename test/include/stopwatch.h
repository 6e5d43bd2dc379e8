// stopwatch.h - how many times one computation's time another one takes. For
// measurements, which are no tests.
#ifndef STOPWATCH_H
#define STOPWATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STOPWATCH_REPETITIONS = 31 };

static inline double stopwatch_now(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int stopwatch_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double stopwatch_median(double times[STOPWATCH_REPETITIONS]) {
    qsort(times, STOPWATCH_REPETITIONS, sizeof *times, stopwatch_order);
    return times[STOPWATCH_REPETITIONS / 2];
}

// Runs both in turn, so that both meet the same machine, and prints the
// medians and their ratio.
static inline void stopwatch_compare(const char *name, const char *what,
                                     void (*primal)(void *context),
                                     void (*derivative)(void *context),
                                     void *context) {
    double primals[STOPWATCH_REPETITIONS], derivatives[STOPWATCH_REPETITIONS];
    for (int i = 0; i < STOPWATCH_REPETITIONS; i++) {
        double start = stopwatch_now();
        primal(context);
        double between = stopwatch_now();
        derivative(context);
        derivatives[i] = stopwatch_now() - between;
        primals[i] = between - start;
    }
    double f = stopwatch_median(primals), df = stopwatch_median(derivatives);
    printf("%s: primal %.3g ms, %s %.3g ms, ratio %.2f\n", name, 1e3 * f, what,
           1e3 * df, df / f);
}

#endif

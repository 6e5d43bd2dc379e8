/* What checkpointing costs besides the steps: nanoseconds for each evaluation
 * of a step (advances, records and reversals), of the schedule alone and of
 * loops whose steps do nothing, snapshots of 8 bytes included. A microsecond's
 * step is slowed down by a tenth of a per cent for each nanosecond. Prints the
 * median of five. Not a test: nothing here passes or fails.
 *
 *     cc -O2 -I runtime/include test/bench/checkpoint.c
 * BUILD/runtime/libgradrt.a
 *
 * With an argument, up to that many steps.
 *
 * RUN: %cc -O2 %runtime %s -o %t %links && %t 1000 | FileCheck %s
 * CHECK: 1000{{ +}}300 {{.*}} ns {{.*}} ns {{.*}} ns
 */
#include "gradrt.h"

#include <stdlib.h>
#include <time.h>

static double seconds(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double time_schedule(int64_t n, int64_t s) {
    GradSchedule schedule;
    double start = seconds();
    grad_schedule_binomial(&schedule, n, s);
    while (grad_schedule_next(&schedule) != GRAD_DONE)
        ;
    double time = seconds() - start;
    double evaluations = (double)(schedule.advanced + 2 * n);
    grad_schedule_free(&schedule);
    return time / evaluations;
}

static double time_loop(int64_t n, int64_t s, bool known) {
    GradCheckpoint loop;
    double state = 0;
    double start = seconds();
    grad_checkpoint_init(&loop, known ? n : GRAD_UNKNOWN);
    grad_checkpoint_snapshots(&loop, s);
    grad_checkpoint_state(&loop, &state, sizeof state);
    for (GradAction todo; (todo = grad_checkpoint_next(&loop)) != GRAD_DONE;)
        if (loop.steps == GRAD_UNKNOWN && loop.end >= n)
            grad_checkpoint_end(&loop, n);
    grad_checkpoint_free(&loop);
    return (seconds() - start) / (double)(grad_stats().advanced + 2 * n);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int64_t most = argc > 1 ? atoll(argv[1]) : 1000000;
    static const int64_t steps[] = {1000, 10000, 100000, 1000000};
    static const int64_t slots[] = {3, 10, 30, 100, 300};
    enum { TIMES = 5 };
    printf("%10s %6s %12s %12s %12s\n", "steps", "slots", "schedule", "loop",
           "unknown");
    for (int i = 0; i < 4 && steps[i] <= most; i++)
        for (int j = 0; j < 5; j++) {
            double time[3][TIMES];
            for (int k = 0; k < TIMES; k++) {
                time[0][k] = time_schedule(steps[i], slots[j]);
                time[1][k] = time_loop(steps[i], slots[j], true);
                time[2][k] = time_loop(steps[i], slots[j], false);
            }
            printf("%10ld %6ld", (long)steps[i], (long)slots[j]);
            for (int way = 0; way < 3; way++) {
                qsort(time[way], TIMES, sizeof(double), compare);
                printf(" %9.2f ns", 1e9 * time[way][TIMES / 2]);
            }
            printf("\n");
        }
    return 0;
}

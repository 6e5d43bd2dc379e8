// Tapes, checkpointed loops and snapshot files in several threads, errors and
// handlers set at the same time: nothing is shared but the handler, which is
// always one that was set.
//
// RUN: %cc %runtime %check %s -o %t %links -pthread && %t
// DEFINE: %{flags} = -fsanitize=thread -g %runtime %check -pthread
// DEFINE: %{build} = %cc %{flags} %s %source_root/runtime/*.c -o %t.tsan -lm
// RUN: %if tsan %{ %{build} && setarch -R %t.tsan %}
#include "Inputs/heat.h"

#include <pthread.h>
#include <setjmp.h>

enum { THREADS = 4, ROUNDS = 2000, VALUES = 20000 };

static _Thread_local jmp_buf back;

static void even(const GradError *error, void *context) {
    (void)error;
    longjmp(back, context == (void *)even ? 1 : 2);
}

static void odd(const GradError *error, void *context) {
    (void)error;
    longjmp(back, context == (void *)odd ? 1 : 2);
}

static bool use_tape(int number) {
    GradTape tape;
    bool right = true;
    grad_tape_init(&tape);
    for (int i = 0; i < VALUES; i++)
        grad_push_double(&tape, i * number);
    for (int i = VALUES; i-- > 0;)
        right = grad_pop_double(&tape) == i * number && right;
    grad_tape_free(&tape);
    return right;
}

// A gradient of its own in each thread, half of them with a file.
static bool use_loop(int number) {
    Heat h, stored;
    GradTape tape;
    GradCheckpoint loop;
    int64_t steps = 40 + number;
    grad_tape_init(&tape);
    heat_init(&h);
    grad_checkpoint_init(&loop, steps);
    grad_checkpoint_snapshots(&loop, 2 + number);
    if (number % 2)
        grad_checkpoint_disk(&loop, ".", 1, 1);
    heat_state(&h, &loop);
    heat_run(&h, &loop, &tape, steps);
    grad_checkpoint_free(&loop);
    grad_tape_free(&tape);
    heat_stored(&stored, steps);
    bool right = heat_equal(&h, &stored) && grad_stats().steps == steps &&
                 grad_stats().advanced == h.advanced;
    heat_free(&h);
    heat_free(&stored);
    return right;
}

// The handler gets the context that was set with it.
static bool meet_error(void) {
    GradTape tape;
    grad_tape_init(&tape);
    int how = setjmp(back);
    if (how == 0)
        grad_pop_double(&tape);
    return how == 1;
}

static void *work(void *argument) {
    int *number = argument;
    bool right = use_tape(*number);
    right = use_loop(*number) && right;
    for (int i = 0; i < ROUNDS; i++) {
        if ((i + *number) % 2 == 0)
            grad_set_error_handler(even, (void *)even);
        else
            grad_set_error_handler(odd, (void *)odd);
        right = meet_error() && right;
    }
    *number = right;
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_TRUE(numbers[i]);
    }
    CHECK_TRUE(grad_largest_tape() >= VALUES * sizeof(double));
    return check_done();
}

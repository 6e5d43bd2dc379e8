// error.c - what happens where a computation cannot go on: the handler of the
// process, which is this library's only state besides the default limit.
#include "gradrt.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

static void print_and_abort(const GradError *error, void *context) {
    (void)context;
    fprintf(stderr, "gradrt: error: %s\n", error->message);
    abort();
}

typedef struct Handler {
    GradErrorHandler *call;
    void *context;
} Handler;

// The lock keeps the two members together; it is held for two assignments.
static atomic_flag handler_lock = ATOMIC_FLAG_INIT;
static Handler handler = {print_and_abort, NULL};

static void lock_handler(void) {
    while (
        atomic_flag_test_and_set_explicit(&handler_lock, memory_order_acquire))
        ;
}

static void unlock_handler(void) {
    atomic_flag_clear_explicit(&handler_lock, memory_order_release);
}

void grad_set_error_handler(GradErrorHandler *call, void *context) {
    lock_handler();
    handler =
        call ? (Handler){call, context} : (Handler){print_and_abort, NULL};
    unlock_handler();
}

void grad_fail(GradErrorKind kind, const char *format, ...) {
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    lock_handler();
    Handler current = handler;
    unlock_handler();
    current.call(&(GradError){kind, message}, current.context);
    abort();
}

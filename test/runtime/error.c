// Errors go to the handler that the user set, which may leave by longjmp;
// without one the process prints the message and aborts.
//
// RUN: %cc %runtime %check %s -o %t %links
// RUN: %t
// RUN: not --crash %t default 2>&1 | FileCheck %s --check-prefix=DEFAULT
// RUN: not --crash %t returns 2>&1 | FileCheck %s --check-prefix=RETURNS
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links
// RUN: env ASAN_OPTIONS=allocator_may_return_null=1 %t.san
//
// DEFAULT: gradrt: error: 8 bytes are to be popped from a tape that has 0
// RETURNS: handled
// RETURNS-NOT: gradrt: error
#include "check.h"
#include "gradrt.h"

#include <setjmp.h>
#include <stdlib.h>

typedef struct Caught {
    jmp_buf back;
    GradErrorKind kind;
    char message[256];
} Caught;

static void catch (const GradError *error, void *context) {
    Caught *caught = context;
    caught->kind = error->kind;
    snprintf(caught->message, sizeof caught->message, "%s", error->message);
    longjmp(caught->back, 1);
}

static void handle_and_return(const GradError *error, void *context) {
    (void)context;
    fprintf(stderr, "handled: %s\n", error->message);
}

// Whether STATEMENT ends in an error of KIND whose message contains TEXT.
#define FAILS(STATEMENT, KIND, TEXT)                          \
    do {                                                      \
        Caught caught;                                        \
        grad_set_error_handler(catch, &caught);               \
        if (setjmp(caught.back) == 0) {                       \
            STATEMENT;                                        \
            CHECK_TRUE(!"no error: " #STATEMENT);             \
        } else {                                              \
            CHECK_TRUE(caught.kind == KIND);                  \
            CHECK_TRUE(strstr(caught.message, TEXT) != NULL); \
        }                                                     \
        grad_set_error_handler(NULL, NULL);                   \
    } while (0)

static void check_memory(void) {
    volatile size_t huge = SIZE_MAX;
    FAILS(grad_allocate(huge / 2, 3), GRAD_ERROR_MEMORY, "too many");
    FAILS(grad_allocate(huge / 4, 2), GRAD_ERROR_MEMORY, "no memory for");
    FAILS(grad_allocate_zeroed(huge, 8), GRAD_ERROR_MEMORY, "too many");
    void *empty = grad_allocate(0, 8);
    CHECK_TRUE(empty != NULL);
    free(empty);
    double *zeros = grad_allocate_zeroed(100, sizeof *zeros);
    for (int i = 0; i < 100; i++)
        CHECK_BITS(zeros[i], 0.0);
    free(zeros);
}

static void check_pops(void) {
    static GradTape tape;
    grad_tape_init(&tape);
    FAILS(grad_pop_double(&tape), GRAD_ERROR_TAPE, "has 0");
    FAILS(grad_pop_bytes(&tape, &(char){0}, 1), GRAD_ERROR_TAPE, "1 bytes");
    grad_push_int(&tape, 3);
    FAILS(grad_pop_double(&tape), GRAD_ERROR_TAPE, "has 4");
    CHECK_TRUE(grad_pop_int(&tape) == 3); // an error changed nothing
    double *block = grad_tape_take(&tape, 10, sizeof *block);
    grad_push_int(&tape, 4);
    FAILS(grad_tape_give(&tape, block), GRAD_ERROR_TAPE, "topmost");
    CHECK_TRUE(grad_pop_int(&tape) == 4);
    FAILS(grad_tape_take(&tape, SIZE_MAX / 2, 8), GRAD_ERROR_MEMORY, "8 bytes");
    grad_tape_free(&tape);
    double *lower = grad_tape_take(&tape, 10, sizeof *lower);
    block = grad_tape_take(&tape, 10, sizeof *block);
    FAILS(grad_tape_give(&tape, lower), GRAD_ERROR_TAPE, "topmost");
    grad_tape_free(&tape);
}

// Fills the tape to its limit, which is no multiple of anything.
static void check_limit(void) {
    static GradTape tape;
    grad_tape_init(&tape);
    grad_tape_set_limit(&tape, 100003);
    static volatile int count;
    FAILS(for (count = 0;; count++) grad_push_double(&tape, count),
          GRAD_ERROR_LIMIT, "100003 bytes");
    CHECK_TRUE(grad_tape_reserved(&tape) <= 100003);
    CHECK_TRUE(count >= 100003 / 8 - 1);
    grad_push_char(&tape, 'z'); // what is left is enough for this
    CHECK_TRUE(grad_pop_char(&tape) == 'z');
    while (count > 0) {
        count = count - 1;
        CHECK_TRUE(grad_pop_double(&tape) == count);
    }
    grad_tape_free(&tape);
}

// A limit leaves a small block of two bytes between two others, which a push
// passes over, and the pops again; or which is given back.
static void check_small_block(void) {
    static GradTape tape;
    grad_set_tape_limit(8);
    grad_tape_init(&tape);
    grad_set_tape_limit(SIZE_MAX);
    grad_push_double(&tape, 1);
    grad_tape_set_limit(&tape, 10);
    FAILS(grad_push_double(&tape, 2), GRAD_ERROR_LIMIT, "10 bytes");
    grad_push_char(&tape, 'a');
    grad_push_char(&tape, 'b');
    FAILS(grad_push_char(&tape, 'c'), GRAD_ERROR_LIMIT, "10 bytes");
    CHECK_TRUE(grad_pop_char(&tape) == 'b');
    CHECK_TRUE(grad_pop_char(&tape) == 'a');

    grad_tape_set_limit(&tape, 18);
    grad_push_double(&tape, 2);
    CHECK_TRUE(grad_tape_reserved(&tape) == 18);
    CHECK_TRUE(grad_tape_bytes(&tape) == 16);
    CHECK_TRUE(grad_pop_double(&tape) == 2);
    CHECK_TRUE(grad_pop_double(&tape) == 1);

    grad_push_double(&tape, 3);
    grad_push_double(&tape, 4);
    CHECK_TRUE(grad_tape_reserved(&tape) == 16);
    CHECK_TRUE(grad_pop_double(&tape) == 4);
    CHECK_TRUE(grad_pop_double(&tape) == 3);
    grad_tape_free(&tape);
}

int main(int argc, char **argv) {
    GradTape tape;
    grad_tape_init(&tape);
    if (argc > 1 && strcmp(argv[1], "returns") == 0)
        grad_set_error_handler(handle_and_return, NULL);
    if (argc > 1)
        grad_pop_double(&tape);
    check_memory();
    check_pops();
    check_limit();
    check_small_block();
    return check_done();
}

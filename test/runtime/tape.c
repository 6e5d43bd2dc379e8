// The tape gives back what it was given, last first, whatever the types and
// the sizes, and counts its bytes exactly.
//
// RUN: %cc %runtime %check %s -o %t %links && %t
// RUN: %clang %runtime %check %s -o %t.clang %links && %t.clang
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links && %t.san
#include "check.h"
#include "gradrt.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ROUND_TRIP(NAME, TYPE)                                 \
    do {                                                       \
        TYPE low = (TYPE)1.5, high = (TYPE)100.25;             \
        grad_push_##NAME(tape, low);                           \
        grad_push_##NAME(tape, high);                          \
        CHECK_TRUE(grad_tape_bytes(tape) == 2 * sizeof(TYPE)); \
        CHECK_TRUE(grad_pop_##NAME(tape) == high);             \
        CHECK_TRUE(grad_pop_##NAME(tape) == low);              \
    } while (0)

static void check_types(GradTape *tape) {
    ROUND_TRIP(double, double);
    ROUND_TRIP(float, float);
    ROUND_TRIP(ldouble, long double);
    ROUND_TRIP(bool, bool);
    ROUND_TRIP(char, char);
    ROUND_TRIP(schar, signed char);
    ROUND_TRIP(uchar, unsigned char);
    ROUND_TRIP(short, short);
    ROUND_TRIP(ushort, unsigned short);
    ROUND_TRIP(int, int);
    ROUND_TRIP(uint, unsigned);
    ROUND_TRIP(long, long);
    ROUND_TRIP(ulong, unsigned long);
    ROUND_TRIP(llong, long long);
    ROUND_TRIP(ullong, unsigned long long);
    ROUND_TRIP(size, size_t);
    grad_push_pointer(tape, tape);
    grad_push_pointer(tape, NULL);
    CHECK_TRUE(grad_pop_pointer(tape) == NULL);
    CHECK_TRUE(grad_pop_pointer(tape) == tape);
}

static void check_extremes(GradTape *tape) {
    grad_push_double(tape, -0.0);
    grad_push_double(tape, NAN);
    grad_push_long(tape, LONG_MIN);
    grad_push_size(tape, SIZE_MAX);
    CHECK_TRUE(grad_pop_size(tape) == SIZE_MAX);
    CHECK_TRUE(grad_pop_long(tape) == LONG_MIN);
    CHECK_TRUE(isnan(grad_pop_double(tape)));
    CHECK_TRUE(signbit(grad_pop_double(tape)));
}

// Value i as one of five types, chosen by i, so that blocks end unevenly.
static void push_number(GradTape *tape, int i) {
    switch (i % 5) {
    case 0: grad_push_double(tape, i); break;
    case 1: grad_push_char(tape, (char)(i % 100)); break;
    case 2: grad_push_int(tape, i); break;
    case 3: grad_push_ldouble(tape, i); break;
    case 4: grad_push_float(tape, (float)i); break;
    }
}

static bool pop_number(GradTape *tape, int i) {
    switch (i % 5) {
    case 0: return grad_pop_double(tape) == i;
    case 1: return grad_pop_char(tape) == i % 100;
    case 2: return grad_pop_int(tape) == i;
    case 3: return grad_pop_ldouble(tape) == i;
    default: return grad_pop_float(tape) == (float)i;
    }
}

// Blocks of all sizes among pushed values: each keeps what was written until it
// is given back, and is aligned.
static void check_blocks(GradTape *tape) {
    enum { COUNT = 200 };
    static double *blocks[COUNT];
    size_t sizes[COUNT];
    for (int i = 0; i < COUNT; i++) {
        sizes[i] = (size_t)(i * i * 7 % 3001);
        push_number(tape, i);
        blocks[i] = grad_tape_take(tape, sizes[i], sizeof(double));
        CHECK_TRUE((uintptr_t)blocks[i] % _Alignof(max_align_t) == 0);
        for (size_t k = 0; k < sizes[i]; k++)
            blocks[i][k] = i + 1e-4 * (double)k;
    }
    size_t all = grad_tape_bytes(tape);
    bool same = true;
    for (int i = COUNT; i-- > 0;) {
        for (size_t k = 0; k < sizes[i]; k++)
            same &= blocks[i][k] == i + 1e-4 * (double)k;
        grad_tape_give(tape, blocks[i]);
        same &= pop_number(tape, i);
    }
    CHECK_TRUE(same);
    CHECK_TRUE(grad_tape_bytes(tape) == 0);
    CHECK_TRUE(grad_tape_peak(tape) >= all);
    char *large = grad_tape_take(tape, 1 << 21, 1);
    large[0] = large[(1 << 21) - 1] = 1;
    grad_tape_give(tape, large);
    CHECK_TRUE(grad_tape_bytes(tape) == 0);
}

// Goes up and down over the ends of many blocks, a little higher each time.
static void check_many(GradTape *tape) {
    int count = 0;
    for (int high = 1000; high < 200000; high = 3 * high / 2) {
        while (count < high)
            push_number(tape, count++);
        bool right = true;
        while (count > high / 3)
            right = pop_number(tape, --count) && right;
        CHECK_TRUE(right);
    }
    while (count > 0)
        CHECK_TRUE(pop_number(tape, --count));
    CHECK_TRUE(grad_tape_bytes(tape) == 0);
}

// Blocks are kept: the same pushes again reserve nothing.
static void check_reuse(GradTape *tape) {
    check_many(tape);
    size_t reserved = grad_tape_reserved(tape), peak = grad_tape_peak(tape);
    check_many(tape);
    CHECK_TRUE(grad_tape_reserved(tape) == reserved);
    CHECK_TRUE(grad_tape_peak(tape) == peak);
}

static void check_bytes(GradTape *tape) {
    enum { SIZE = 1000003 };
    unsigned char *data = malloc(SIZE), *back = calloc(SIZE, 1);
    for (int i = 0; i < SIZE; i++)
        data[i] = (unsigned char)(i * 7 + i / 251);
    grad_push_char(tape, 'a');
    grad_push_bytes(tape, data, SIZE);
    grad_push_bytes(tape, NULL, 0);
    grad_push_double(tape, 2.5);
    CHECK_TRUE(grad_tape_bytes(tape) == SIZE + 1 + sizeof(double));
    CHECK_TRUE(grad_pop_double(tape) == 2.5);
    grad_pop_bytes(tape, NULL, 0);
    // In two parts, the last bytes first.
    grad_pop_bytes(tape, back + SIZE / 3, SIZE - SIZE / 3);
    grad_pop_bytes(tape, back, SIZE / 3);
    CHECK_TRUE(memcmp(data, back, SIZE) == 0);
    CHECK_TRUE(grad_pop_char(tape) == 'a');
    free(data);
    free(back);
}

// The peak is that of the bytes held, wherever in a block it was reached.
static void check_peak(void) {
    GradTape tape;
    grad_tape_init(&tape);
    CHECK_TRUE(grad_tape_peak(&tape) == 0);
    for (int i = 0; i < 100; i++)
        grad_push_double(&tape, i);
    for (int i = 0; i < 50; i++)
        grad_pop_double(&tape);
    CHECK_TRUE(grad_tape_peak(&tape) == 100 * sizeof(double));
    for (int i = 0; i < 40; i++)
        grad_push_double(&tape, i);
    CHECK_TRUE(grad_tape_bytes(&tape) == 90 * sizeof(double));
    CHECK_TRUE(grad_tape_peak(&tape) == 100 * sizeof(double));
    for (int i = 0; i < 100000; i++)
        grad_push_double(&tape, i);
    for (int i = 0; i < 100090; i++)
        grad_pop_double(&tape);
    CHECK_TRUE(grad_tape_bytes(&tape) == 0);
    CHECK_TRUE(grad_tape_peak(&tape) == 100090 * sizeof(double));
    grad_reset_largest_tape();
    grad_tape_free(&tape);
    CHECK_TRUE(grad_largest_tape() == 100090 * sizeof(double));
    CHECK_TRUE(grad_tape_reserved(&tape) == 0);
    grad_reset_largest_tape();
    CHECK_TRUE(grad_largest_tape() == 0);
}

// What is dropped need not be popped as it was pushed, and counts in the peak.
static void check_drop(void) {
    enum { COUNT = 300000 };
    GradTape tape;
    grad_tape_init(&tape);
    grad_push_int(&tape, 7);
    for (int i = 0; i < COUNT; i++)
        grad_push_double(&tape, i);
    grad_tape_drop(&tape, 0);
    grad_tape_drop(&tape, (COUNT - 3) * sizeof(double));
    for (int i = 2; i >= 0; i--)
        CHECK_TRUE(grad_pop_double(&tape) == i);
    CHECK_TRUE(grad_pop_int(&tape) == 7);
    CHECK_TRUE(grad_tape_bytes(&tape) == 0);
    size_t most = sizeof(int) + COUNT * sizeof(double);
    CHECK_TRUE(grad_tape_peak(&tape) == most);
    // Little is reserved in vain.
    CHECK_TRUE(grad_tape_reserved(&tape) < most + most / 8 + (1 << 17));
    grad_tape_free(&tape);
}

// The next tape gets the blocks of the last one, as long as they fit its limit;
// two tapes never the same.
static void check_kept(void) {
    enum { COUNT = 100000 };
    GradTape tapes[2];
    const char *blocks[64];
    grad_tape_free_kept();
    for (int round = 0; round < 3; round++) {
        int count = 0, known = 0;
        for (int t = 0; t < 2; t++) {
            grad_tape_init(&tapes[t]);
            for (int i = 0; i < COUNT; i++) {
                grad_push_double(&tapes[t], i + t);
                if (count == 0 || blocks[count - 1] != tapes[t].start)
                    blocks[count++] = tapes[t].start;
            }
        }
        for (int t = 0; t < 2; t++)
            for (int i = COUNT - 1; i >= 0; i--)
                CHECK_TRUE(grad_pop_double(&tapes[t]) == i + t);
        grad_tape_free(&tapes[0]);
        grad_tape_free(&tapes[1]);
        grad_tape_init(&tapes[0]);
        grad_push_int(&tapes[0], 1);
        for (int i = 0; i < count; i++) {
            known += tapes[0].start == blocks[i];
            for (int k = 0; k < i; k++)
                CHECK_TRUE(blocks[i] != blocks[k]);
        }
        CHECK_TRUE(known == 1 || round > 0); // or one from before
        grad_tape_free(&tapes[0]);
        grad_tape_init(&tapes[0]);
        grad_tape_set_limit(&tapes[0], 100);
        grad_push_int(&tapes[0], 1);
        CHECK_TRUE(grad_tape_reserved(&tapes[0]) == 100);
        grad_tape_free(&tapes[0]);
    }
    grad_tape_free_kept();
}

int main(void) {
    check_drop();
    check_kept();
    GradTape tape;
    grad_tape_init(&tape);
    CHECK_TRUE(grad_tape_reserved(&tape) == 0);
    check_types(&tape);
    check_extremes(&tape);
    check_reuse(&tape);
    check_bytes(&tape);
    check_blocks(&tape);
    CHECK_TRUE(grad_tape_bytes(&tape) == 0);
    grad_tape_free(&tape);
    check_types(&tape); // after free it is as new
    grad_tape_free(&tape);
    check_peak();
    return check_done();
}

// What cannot be had or is damaged ends in an error through the handler, and
// never in a wrong gradient: no memory at every allocation in turn, a disk
// that is full, files that are cut or changed, damaged copies in memory.
//
// DEFINE: %{wrap} = -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
// RUN: rm -rf %t.folder && mkdir %t.folder
// RUN: %cc %runtime %check %s -o %t %{wrap} %links && %t %t.folder
// RUN: not --crash %t %t.folder returns 2>&1 | FileCheck %s
// RUN: not ls %t.folder/*
// CHECK: handled: the snapshot of step {{[0-9]+}} is damaged
// CHECK-NOT: done
#define _XOPEN_SOURCE 600 // for the limit of a file's size
#include "Inputs/allocator.h"
#include "Inputs/heat.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STEPS = 40, SLOTS = 4 };

static const char *folder;
static jmp_buf back;
static GradErrorKind kind;
static char message[256];

static void leave(const GradError *error, void *context) {
    (void)context;
    kind = error->kind;
    snprintf(message, sizeof message, "%s", error->message);
    longjmp(back, 1);
}

static void tell(const GradError *error, void *context) {
    (void)context;
    fprintf(stderr, "handled: %s\n", error->message);
}

// -- Damage ------------------------------------------------------------------

// The file of the snapshots, by the number it has in this process; -1: none.
static int snapshot_file(void) {
    DIR *files = opendir("/proc/self/fd");
    int found = -1;
    for (struct dirent *entry; files && (entry = readdir(files));) {
        char name[300], target[4096];
        snprintf(name, sizeof name, "/proc/self/fd/%s", entry->d_name);
        ssize_t length = readlink(name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = 0;
        if (strstr(target, "/gradrt-"))
            found = atoi(entry->d_name);
    }
    if (files)
        closedir(files);
    return found;
}

static long damage_at;     // which byte of the file or of a copy; -1: none
static long cut_to;        // the length that the file is cut to; -1: none
static bool damage_copies; // in memory

static void damage(void) {
    int file = snapshot_file();
    char byte;
    if (damage_at >= 0 && file >= 0 && pread(file, &byte, 1, damage_at) == 1) {
        byte ^= 0x10;
        CHECK_TRUE(pwrite(file, &byte, 1, damage_at) == 1);
    }
    if (cut_to >= 0 && file >= 0)
        CHECK_TRUE(ftruncate(file, cut_to) == 0);
    for (int i = 0; damage_copies && i < allocator.seen_count; i++)
        allocator.seen[i][damage_at] ^= 1;
}

// -- A gradient --------------------------------------------------------------

typedef enum Way { MEMORY, BUDGET, DISK, MIXED, UNKNOWN, WAYS } Way;

static Heat h, stored;
static GradTape tape;
static GradCheckpoint loop;

static void set_up(Way way) {
    grad_tape_init(&tape);
    heat_init(&h);
    grad_checkpoint_init(&loop, way == UNKNOWN ? GRAD_UNKNOWN : STEPS);
    if (way == MIXED || way == BUDGET) {
        grad_checkpoint_memory(&loop, way == MIXED ? 75000 : 76000);
        grad_checkpoint_tape(&loop, &tape, GRAD_MEASURE);
    } else {
        grad_checkpoint_snapshots(&loop, SLOTS);
    }
    if (way == DISK)
        grad_checkpoint_disk(&loop, folder, 0.5, 0.5);
    if (way == UNKNOWN)
        grad_checkpoint_disk(&loop, folder, 0, 0);
    heat_state(&h, &loop);
}

// As heat_run, but damages what was written as the last state is reached.
static void run(Way way) {
    set_up(way);
    for (GradAction todo; (todo = grad_checkpoint_next(&loop)) != GRAD_DONE;) {
        for (int64_t i = loop.step; todo == GRAD_ADVANCE && i < loop.end; i++) {
            heat_step(&h, i);
            if (i + 1 == STEPS && loop.steps == GRAD_UNKNOWN) {
                grad_checkpoint_end(&loop, STEPS);
                break;
            }
        }
        if (todo == GRAD_RECORD)
            heat_record(&h, &tape, loop.step);
        if (todo == GRAD_TURN) {
            heat_seed(&h);
            damage();
        }
        if (todo == GRAD_REVERSE)
            heat_reverse(&h, &tape);
    }
    grad_checkpoint_free(&loop);
    grad_tape_free(&tape);
}

// Whether the gradient was had; and then it must be right.
static bool succeeds(Way way) {
    allocator.seen_count = 0;
    grad_set_error_handler(leave, NULL);
    bool ended = false;
    if (setjmp(back) == 0) {
        run(way);
        allocator.until_failure = -1;
        ended = true;
        CHECK_TRUE(heat_equal(&h, &stored));
        heat_free(&h);
    }
    allocator.until_failure = -1;
    damage_at = cut_to = -1;
    damage_copies = false;
    grad_set_error_handler(NULL, NULL);
    return ended;
}

#define FAILS(WAY, KIND, TEXT)                         \
    do {                                               \
        CHECK_TRUE(!succeeds(WAY));                    \
        CHECK_TRUE(kind == KIND);                      \
        CHECK_TRUE(strstr(message, TEXT) != NULL);     \
        if (!strstr(message, TEXT))                    \
            printf("way %d: %s\n", (int)WAY, message); \
    } while (0)

// -- Tests -------------------------------------------------------------------

static void check_no_memory(void) {
    for (Way way = MEMORY; way < WAYS; way++) {
        int failures = 0;
        bool ended = false;
        for (long count = 0; !ended; count++) {
            allocator.until_failure = count;
            ended = succeeds(way);
            failures += !ended;
            // The C library's own for a file counts as a file's fault.
            CHECK_TRUE(ended || kind == GRAD_ERROR_MEMORY ||
                       (kind == GRAD_ERROR_DISK && way >= DISK));
        }
        CHECK_TRUE(failures >= 8);
    }
}

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void check_full_disk(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t bytes = 0; bytes < 9000; bytes += 500) {
        limit_files(bytes);
        for (Way way = DISK; way < WAYS; way++)
            if (way != MIXED) {
                bool ended = succeeds(way);
                CHECK_TRUE(!ended || bytes > 1800);
                CHECK_TRUE(ended || kind == GRAD_ERROR_DISK);
                CHECK_TRUE(ended || strstr(message, "cannot write a snapshot"));
                CHECK_TRUE(ended || strstr(message, "File too large"));
            }
    }
    limit_files(limit.rlim_cur);
    CHECK_TRUE(succeeds(DISK));
}

static void check_damaged_file(void) {
    int refused = 0;
    for (long at = 0; at < 3000; at += 61)
        for (Way way = DISK; way <= UNKNOWN; way += UNKNOWN - DISK) {
            damage_at = at;
            if (!succeeds(way)) {
                refused++;
                CHECK_TRUE(kind == GRAD_ERROR_SNAPSHOT);
                CHECK_TRUE(strstr(message, "damaged") != NULL);
            }
        }
    CHECK_TRUE(refused > 50);
    cut_to = 0;
    FAILS(DISK, GRAD_ERROR_DISK, "cannot read a snapshot");
    cut_to = 1500;
    FAILS(DISK, GRAD_ERROR_DISK, "the file ends before");
    cut_to = 0;
    FAILS(UNKNOWN, GRAD_ERROR_DISK, "cannot read a snapshot");
}

static void check_damaged_copies(void) {
    set_up(MEMORY);
    allocator.watched = loop.snapshots ? sizeof h.u * 3 + 2 * sizeof h.now +
                                             sizeof h.heat + sizeof h.count
                                       : 0;
    grad_checkpoint_free(&loop);
    heat_free(&h);
    for (long at = 0; at < (long)allocator.watched; at += 13) {
        damage_at = at;
        damage_copies = true;
        FAILS(MEMORY, GRAD_ERROR_SNAPSHOT, "damaged");
        CHECK_TRUE(allocator.seen_count == SLOTS + 1); // the last state
    }
    CHECK_TRUE(succeeds(MEMORY));
}

static void check_arguments(void) {
    const char *kept = folder;
    folder = "/no such folder";
    FAILS(DISK, GRAD_ERROR_DISK, "/no such folder/gradrt-");
    folder = kept;
#define WRONG(STATEMENT, KIND, TEXT)               \
    do {                                           \
        grad_set_error_handler(leave, NULL);       \
        if (setjmp(back) == 0) {                   \
            STATEMENT;                             \
            CHECK_TRUE(!"no error: " #STATEMENT);  \
        }                                          \
        CHECK_TRUE(kind == KIND);                  \
        CHECK_TRUE(strstr(message, TEXT) != NULL); \
        grad_set_error_handler(NULL, NULL);        \
    } while (0)
    WRONG(grad_checkpoint_init(&loop, -2), GRAD_ERROR_ARGUMENT, "-2 steps");
    grad_checkpoint_init(&loop, 10);
    WRONG(grad_checkpoint_snapshots(&loop, 0), GRAD_ERROR_ARGUMENT,
          "0 snapshots are not enough");
    WRONG(grad_checkpoint_end(&loop, 3), GRAD_ERROR_ARGUMENT, "step 3");
    CHECK_TRUE(grad_checkpoint_next(&loop) == GRAD_ADVANCE);
    WRONG(grad_checkpoint_fused(&loop), GRAD_ERROR_ARGUMENT, "has begun");
    grad_checkpoint_free(&loop);
    grad_checkpoint_init(&loop, 10);
    grad_checkpoint_state(&loop, &h, sizeof h);
    grad_checkpoint_memory(&loop, 1000);
    WRONG(grad_checkpoint_next(&loop), GRAD_ERROR_LIMIT, "1000 bytes");
    grad_checkpoint_free(&loop);
    WRONG(grad_checkpoint_init(&loop, INT64_MAX), GRAD_ERROR_ARGUMENT,
          "not a number from 0 to 1099511627776");
    WRONG(grad_binomial_advances(INT64_MAX, 2), GRAD_ERROR_ARGUMENT, "steps");
    WRONG(grad_mixed_evaluations(10, 0), GRAD_ERROR_ARGUMENT, "snapshots");
    grad_checkpoint_init(&loop, GRAD_UNKNOWN);
    CHECK_TRUE(grad_checkpoint_next(&loop) == GRAD_ADVANCE);
    WRONG(grad_checkpoint_end(&loop, 3), GRAD_ERROR_ARGUMENT, "cannot end");
    grad_checkpoint_free(&loop);
}

int main(int argc, char **argv) {
    folder = argc > 1 ? argv[1] : ".";
    damage_at = cut_to = -1;
    heat_stored(&stored, STEPS);
    if (argc > 2) {
        grad_set_error_handler(tell, NULL);
        damage_at = 1500;
        run(DISK);
        fprintf(stderr, "done\n");
        return 0;
    }
    for (Way way = MEMORY; way < WAYS; way++)
        CHECK_TRUE(succeeds(way));
    check_no_memory();
    check_full_disk();
    check_damaged_file();
    check_damaged_copies();
    check_arguments();
    return check_done();
}

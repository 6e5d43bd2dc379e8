// snapshot.c - stores and restores copies of a state.
//
// The file has no name any more once it is open, so that nothing is left of it
// however the process ends (where files cannot lose their name while they are
// open, it is removed at the end). Its checksums stay in memory.
#include "snapshot.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

// A state may have bytes that nothing has set, as padding has; MemorySanitizer
// is told that they are meant to be read.
#ifdef __has_feature
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define SET(data, bytes) __msan_unpoison(data, bytes)
#endif
#endif
#ifndef SET
#define SET(data, bytes) (void)0
#endif

// Copies and sums take turns on parts that stay in a core's own cache.
enum { PART = 1 << 14, NAME = 4096 };

// -- Checksum ----------------------------------------------------------------

static uint64_t stir(uint64_t sum, uint64_t word) {
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;
    return sum ^ sum >> 32;
}

static uint64_t lane(uint64_t sum, uint64_t word) {
    sum += word;
    return sum << 29 | sum >> 35;
}

// Goes on from `sum` with a part of a copy, in lanes that a processor runs at
// a time. Each step of a lane is one to one, so that no change of a single
// word goes unseen, and others hardly ever do.
static uint64_t sum_part(uint64_t sum, const char *data, size_t bytes) {
    uint64_t w[8];
    uint64_t a = sum, b = ~sum, c = sum + 1, d = ~sum - 1;
    uint64_t e = sum + 2, f = ~sum - 2, g = sum + 3, h = ~sum - 3;
    bool wide = bytes >= sizeof w;
    sum = stir(sum, bytes);
    for (; bytes >= sizeof w; bytes -= sizeof w, data += sizeof w) {
        memcpy(w, data, sizeof w);
        a = lane(a, w[0]), b = lane(b, w[1]), c = lane(c, w[2]);
        d = lane(d, w[3]), e = lane(e, w[4]), f = lane(f, w[5]);
        g = lane(g, w[6]), h = lane(h, w[7]);
    }
    if (wide) {
        sum = stir(stir(stir(stir(sum, a), b), c), d);
        sum = stir(stir(stir(stir(sum, e), f), g), h);
    }
    while (bytes > 0) {
        size_t part = bytes < sizeof *w ? bytes : sizeof *w;
        w[0] = 0;
        memcpy(w, data, part);
        sum = stir(sum, w[0]);
        data += part;
        bytes -= part;
    }
    SET(&sum, sizeof sum);
    return sum;
}

// What the sum of state `step` in a slot begins with.
static uint64_t first_sum(int64_t slot, int64_t step) {
    return stir(stir(1, (uint64_t)slot), (uint64_t)step);
}

// -- File --------------------------------------------------------------------

static void open_file(GradSnapshots *s) {
    static atomic_uint count;
    char name[NAME];
    do {
        int length =
            snprintf(name, sizeof name, "%s/gradrt-%lx-%x", s->folder,
                     (unsigned long)time(NULL), atomic_fetch_add(&count, 1));
        if (length < 0 || length >= NAME)
            grad_fail(GRAD_ERROR_DISK, "the name of a folder is too long");
        errno = 0;
        s->file = fopen(name, "w+bx");
    } while (!s->file && errno == EEXIST);
    if (!s->file)
        grad_fail(GRAD_ERROR_DISK, "cannot make %s for snapshots: %s", name,
                  strerror(errno));
    remove(name);
}

static void seek(GradSnapshots *s, int64_t slot) {
    long place = (long)((size_t)slot * s->state);
    if (fseek(s->file, place, SEEK_SET) != 0)
        grad_fail(GRAD_ERROR_DISK, "cannot go to byte %ld of the snapshots: %s",
                  place, strerror(errno));
}

// With no bytes, brings what was written so far to the file.
static void write_part(GradSnapshots *s, const char *data, size_t bytes) {
    SET(data, bytes);
    errno = 0;
    if (bytes > 0 ? fwrite(data, 1, bytes, s->file) != bytes
                  : fflush(s->file) != 0)
        grad_fail(GRAD_ERROR_DISK,
                  "cannot write a snapshot of %zu bytes after %zu: %s",
                  s->state, s->written, errno ? strerror(errno) : "disk full");
}

static void read_part(GradSnapshots *s, char *data, size_t bytes) {
    errno = 0;
    if (bytes > 0 && fread(data, 1, bytes, s->file) != bytes)
        grad_fail(GRAD_ERROR_DISK, "cannot read a snapshot of %zu bytes: %s",
                  s->state, errno ? strerror(errno) : "the file ends before");
}

// -- Slots -------------------------------------------------------------------

static GradSnapshot *slot_at(GradSlots *slots, int64_t slot) {
    if (slot >= slots->count) {
        int64_t count = 2 * slot + 16;
        GradSnapshot *more = grad_allocate((size_t)count, sizeof *more);
        for (int64_t i = 0; i < count; i++)
            more[i] =
                i < slots->count ? slots->slots[i] : (GradSnapshot){.step = -1};
        free(slots->slots);
        *slots = (GradSlots){more, count};
    }
    return &slots->slots[slot];
}

void grad_snapshots_add_(GradSnapshots *s, void *data, size_t bytes) {
    if (s->count == s->capacity) {
        size_t capacity = 2 * s->capacity + 4;
        GradPiece *more = grad_allocate(capacity, sizeof *more);
        if (s->count > 0)
            memcpy(more, s->pieces, s->count * sizeof *more);
        free(s->pieces);
        s->pieces = more;
        s->capacity = capacity;
    }
    s->pieces[s->count++] = (GradPiece){data, bytes};
    s->state += bytes;
}

static uint64_t copy_piece(GradSnapshots *s, char *copy, GradPiece piece,
                           uint64_t sum) {
    for (size_t done = 0; done < piece.bytes; done += PART) {
        size_t left = piece.bytes - done;
        size_t bytes = left < PART ? left : PART;
        if (copy)
            memcpy(copy + done, piece.data + done, bytes);
        sum = sum_part(sum, piece.data + done, bytes);
    }
    if (!copy && piece.bytes > 0)
        write_part(s, piece.data, piece.bytes);
    return sum;
}

void grad_snapshots_store_(GradSnapshots *s, bool on_disk, int64_t slot,
                           int64_t step) {
    GradSnapshot *snapshot = slot_at(on_disk ? &s->disk : &s->memory, slot);
    if (on_disk && !s->file)
        open_file(s);
    if (on_disk)
        seek(s, slot);
    if (!on_disk && !snapshot->copy) {
        snapshot->copy = grad_allocate(s->state, 1);
        s->held += s->state;
    }
    uint64_t sum = first_sum(slot, step);
    char *copy = snapshot->copy;
    for (size_t i = 0; i < s->count; i++) {
        sum = copy_piece(s, copy, s->pieces[i], sum);
        copy = copy ? copy + s->pieces[i].bytes : NULL;
    }
    if (on_disk)
        write_part(s, NULL, 0);
    snapshot->sum = sum;
    snapshot->step = step;
    size_t end = ((size_t)slot + 1) * s->state;
    if (on_disk && end > s->written)
        s->written = end;
}

static uint64_t restore_piece(GradSnapshots *s, const char *copy,
                              GradPiece piece, uint64_t sum) {
    if (!copy)
        read_part(s, piece.data, piece.bytes);
    for (size_t done = 0; done < piece.bytes; done += PART) {
        size_t left = piece.bytes - done;
        size_t bytes = left < PART ? left : PART;
        if (copy)
            memcpy(piece.data + done, copy + done, bytes);
        sum = sum_part(sum, piece.data + done, bytes);
    }
    return sum;
}

void grad_snapshots_restore_(GradSnapshots *s, bool on_disk, int64_t slot,
                             int64_t step) {
    const GradSnapshot *snapshot =
        slot_at(on_disk ? &s->disk : &s->memory, slot);
    if (snapshot->step != step)
        grad_fail(GRAD_ERROR_SNAPSHOT, "there is no snapshot of step %lld",
                  (long long)step);
    if (on_disk)
        seek(s, slot);
    uint64_t sum = first_sum(slot, step);
    const char *copy = snapshot->copy;
    for (size_t i = 0; i < s->count; i++) {
        sum = restore_piece(s, copy, s->pieces[i], sum);
        copy = copy ? copy + s->pieces[i].bytes : NULL;
    }
    if (sum != snapshot->sum)
        grad_fail(GRAD_ERROR_SNAPSHOT, "the snapshot of step %lld is damaged",
                  (long long)step);
}

void grad_snapshots_free_(GradSnapshots *s) {
    if (!s)
        return;
    for (int64_t i = 0; i < s->memory.count; i++)
        free(s->memory.slots[i].copy);
    free(s->memory.slots);
    free(s->disk.slots);
    if (s->file)
        fclose(s->file);
    free(s->pieces);
    free(s);
}

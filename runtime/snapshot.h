// snapshot.h - copies of a state that lies in several pieces, in memory and in
// a file, each with a checksum.
#ifndef GRADRT_SNAPSHOT_H
#define GRADRT_SNAPSHOT_H

#include "gradrt.h"

typedef struct GradPiece {
    char *data;
    size_t bytes;
} GradPiece;

// A slot's copy, in memory or at its place in the file; -1: none.
typedef struct GradSnapshot {
    uint64_t sum;
    char *copy; // NULL: none yet, or in the file
    int64_t step;
} GradSnapshot;

typedef struct GradSlots {
    GradSnapshot *slots;
    int64_t count;
} GradSlots;

struct GradSnapshots_ {
    GradPiece *pieces;
    size_t count, capacity;
    size_t state; // bytes of all pieces
    GradSlots memory, disk;
    size_t held;        // bytes of the copies in memory
    size_t written;     // bytes of the file
    FILE *file;         // NULL: none yet
    const char *folder; // where to make it
};

typedef struct GradSnapshots_ GradSnapshots;

// Adds a piece to the state, before the first store.
void grad_snapshots_add_(GradSnapshots *s, void *data, size_t bytes);

// Copies the state to a slot as state `step`; and back, which must be a copy
// of that state. Slots are numbered from 0, apart for memory and disk.
void grad_snapshots_store_(GradSnapshots *s, bool on_disk, int64_t slot,
                           int64_t step);
void grad_snapshots_restore_(GradSnapshots *s, bool on_disk, int64_t slot,
                             int64_t step);

// Releases everything and the snapshots themselves; s may be NULL.
void grad_snapshots_free_(GradSnapshots *s);

#endif

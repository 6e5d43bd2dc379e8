// tape.c - the stack that carries values from a forward to a reverse sweep.
//
// A doubly linked list of blocks. The one being filled is the current one;
// those before it hold `used` bytes each, those after it are empty and kept
// for reuse. A scalar lies in one block, so a block can end in unused bytes;
// bytes pushed in bulk go on in the next block. Pops meet the same limits of
// blocks as the pushes did, because each block remembers how far it was used.
#include "gradrt.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 1 << 16, LARGEST_BLOCK = 1 << 26, MOST_KEPT = 1 << 25 };

typedef struct GradBlock_ Block;

struct GradBlock_ {
    Block *previous, *next;
    size_t capacity; // bytes of data
    size_t used;     // valid while the block is not the current one
    char data[];
};

// Blocks of tapes that are no more, for the next one that is made: a list
// through `next`. Fresh memory costs more than what is written to it.
static _Atomic(Block *) kept = NULL;

static atomic_size_t default_limit = SIZE_MAX;
static atomic_size_t largest_tape = 0;

void grad_set_tape_limit(size_t bytes) { atomic_store(&default_limit, bytes); }

size_t grad_largest_tape(void) { return atomic_load(&largest_tape); }

void grad_reset_largest_tape(void) { atomic_store(&largest_tape, 0); }

void grad_tape_init(GradTape *tape) {
    // Where the pointers of a tape without a block point to; never written.
    static char empty[1];
    *tape = (GradTape){empty, empty, empty, empty,
                       .limit = atomic_load(&default_limit)};
}

void grad_tape_set_limit(GradTape *tape, size_t bytes) { tape->limit = bytes; }

static void record_largest(size_t peak) {
    size_t known = atomic_load(&largest_tape);
    while (peak > known &&
           !atomic_compare_exchange_weak(&largest_tape, &known, peak))
        ;
}

static void free_blocks(Block *block) {
    for (Block *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

void grad_tape_free_kept(void) { free_blocks(atomic_exchange(&kept, NULL)); }

// Moves what may be kept from the one list in front of the other one.
static Block *keep(Block *from, Block *to) {
    size_t bytes = 0;
    for (const Block *block = to; block; block = block->next)
        bytes += block->capacity;
    for (Block *next; from; from = next) {
        next = from->next;
        if (from->capacity > MOST_KEPT - bytes) {
            free(from);
            continue;
        }
        bytes += from->capacity;
        from->next = to;
        to = from;
    }
    return to;
}

// Other tapes may have ended meanwhile.
static void hand_on(Block *blocks) {
    Block *none = NULL;
    while (blocks && !atomic_compare_exchange_weak(&kept, &none, blocks)) {
        blocks = keep(atomic_exchange(&kept, NULL), blocks);
        none = NULL;
    }
}

void grad_tape_free(GradTape *tape) {
    record_largest(grad_tape_peak(tape));
    Block *block = tape->block;
    while (block && block->previous)
        block = block->previous;
    hand_on(keep(block, keep(tape->spare, NULL)));
    grad_tape_init(tape);
}

size_t grad_tape_bytes(const GradTape *tape) {
    return tape->below + (size_t)(tape->top - tape->start);
}

size_t grad_tape_peak(const GradTape *tape) {
    const char *mark = tape->mark > tape->top ? tape->mark : tape->top;
    size_t here = tape->below + (size_t)(mark - tape->start);
    return here > tape->peak ? here : tape->peak;
}

size_t grad_tape_reserved(const GradTape *tape) { return tape->reserved; }

// How large another block should be: an eighth of what there is, so that not
// more than this is reserved in vain, within bounds, and within what the limit
// leaves, which must be `size` at least.
static size_t next_capacity(const GradTape *tape, size_t size) {
    size_t capacity = tape->reserved / 8;
    if (capacity > LARGEST_BLOCK)
        capacity = LARGEST_BLOCK;
    if (capacity < FIRST_BLOCK)
        capacity = FIRST_BLOCK;
    if (capacity < size)
        capacity = size;
    if (tape->unit)
        capacity += tape->unit - 1 - (capacity - 1) % tape->unit;
    size_t left =
        tape->limit > tape->reserved ? tape->limit - tape->reserved : 0;
    if (left < size)
        grad_fail(GRAD_ERROR_LIMIT,
                  "the tape would need more than its limit of %zu bytes",
                  tape->limit);
    return capacity < left ? capacity : left;
}

// A block from a tape before that serves as well as a new one; or NULL.
static Block *take_spare(GradTape *tape, size_t size, size_t capacity) {
    size_t left = tape->limit - tape->reserved;
    if (!tape->block && !tape->spare)
        tape->spare = atomic_exchange(&kept, NULL);
    for (Block **link = &tape->spare; *link; link = &(*link)->next) {
        Block *block = *link;
        bool fits = block->capacity >= size && block->capacity <= left &&
                    block->capacity / 2 <= capacity &&
                    block->capacity >= capacity / 2 &&
                    (!tape->unit || block->capacity % tape->unit == 0);
        if (fits) {
            *link = block->next;
            return block;
        }
    }
    return NULL;
}

static Block *add_block(GradTape *tape, size_t size) {
    Block *last = tape->block;
    size_t capacity = next_capacity(tape, size);
    Block *block = take_spare(tape, size, capacity);
    if (block)
        capacity = block->capacity;
    else
        block = malloc(sizeof *block + capacity);
    if (!block)
        grad_fail(GRAD_ERROR_MEMORY,
                  "no memory for %zu bytes of tape after %zu bytes", capacity,
                  tape->reserved);
    *block = (Block){.previous = last, .capacity = capacity};
    if (last)
        last->next = block;
    tape->reserved += capacity;
    return block;
}

// Makes `block` the current one, filled up to `used`.
static void enter(GradTape *tape, Block *block, size_t used) {
    tape->block = block;
    tape->start = block->data;
    tape->end = block->data + block->capacity;
    tape->top = tape->mark = block->data + used;
}

void grad_tape_grow_(GradTape *tape, size_t size) {
    Block *block = tape->block, *next = block ? block->next : NULL;
    // A limit can leave a last block that is too small for this type.
    while (next && next->capacity < size) {
        Block *rest = next->next;
        tape->reserved -= next->capacity;
        free(next);
        next = block->next = rest;
        if (rest)
            rest->previous = block;
    }
    if (!next)
        next = add_block(tape, size);
    // What is held now is more than mark knows of, so the peak can wait.
    tape->below = grad_tape_bytes(tape);
    if (block)
        block->used = (size_t)(tape->top - tape->start);
    enter(tape, next, 0);
}

void grad_tape_shrink_(GradTape *tape, size_t size) {
    size_t here = (size_t)(tape->top - tape->start);
    // A block is empty where it was too small for the value pushed next.
    while (here == 0 && tape->block && tape->block->previous) {
        Block *previous = tape->block->previous;
        tape->peak = grad_tape_peak(tape);
        tape->below -= previous->used;
        here = previous->used;
        enter(tape, previous, here);
    }
    if (here < size)
        grad_fail(GRAD_ERROR_TAPE,
                  "%zu bytes are to be popped from a tape that has %zu there",
                  size, here);
}

void grad_push_bytes(GradTape *tape, const void *data, size_t size) {
    const char *from = data;
    while (size > 0) {
        if (tape->top == tape->end)
            grad_tape_grow_(tape, 1);
        size_t room = (size_t)(tape->end - tape->top);
        size_t part = size < room ? size : room;
        memcpy(tape->top, from, part);
        tape->top += part;
        from += part;
        size -= part;
    }
}

// Pops up to `size` bytes of one block, and returns how many: there are some.
static size_t pop_part(GradTape *tape, size_t size) {
    if (tape->top == tape->start)
        grad_tape_shrink_(tape, 1);
    if (tape->top > tape->mark)
        tape->mark = tape->top;
    size_t here = (size_t)(tape->top - tape->start);
    size_t part = size < here ? size : here;
    tape->top -= part;
    return part;
}

void grad_pop_bytes(GradTape *tape, void *data, size_t size) {
    char *to = data;
    while (size > 0) {
        size_t part = pop_part(tape, size);
        size -= part;
        memcpy(to + size, tape->top, part);
    }
}

void grad_tape_drop(GradTape *tape, size_t size) {
    while (size > 0)
        size -= pop_part(tape, size);
}

// What a block takes of the tape: bytes unused before it, the block, and this
// number.
static char *align(char *place) {
    size_t off = (uintptr_t)place % alignof(max_align_t);
    return off ? place + (alignof(max_align_t) - off) : place;
}

void *grad_tape_take(GradTape *tape, size_t count, size_t size) {
    const size_t extra = alignof(max_align_t) + sizeof(size_t);
    if (size && count > (SIZE_MAX - extra) / size)
        grad_fail(GRAD_ERROR_MEMORY,
                  "no memory for %zu elements of %zu bytes on the tape", count,
                  size);
    size_t room = count * size + extra;
    if ((size_t)(tape->end - tape->top) < room)
        grad_tape_grow_(tape, room);
    char *block = align(tape->top);
    char *end = block + count * size;
    size_t taken = (size_t)(end - tape->top);
    memcpy(end, &taken, sizeof taken);
    tape->top = end + sizeof taken;
    return block;
}

void grad_tape_give(GradTape *tape, const void *block) {
    size_t taken = grad_pop_size(tape);
    size_t here = (size_t)(tape->top - tape->start);
    if (taken <= here && align(tape->top - taken) == (const char *)block) {
        tape->top -= taken;
        return;
    }
    tape->top += sizeof taken;
    grad_fail(GRAD_ERROR_TAPE,
              "a block is given back that is not the tape's topmost");
}

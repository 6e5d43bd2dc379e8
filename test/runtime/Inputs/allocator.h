// allocator.h - counts the bytes of all allocations, lets one of them fail, and
// remembers those of a certain size. To be linked with
// -Wl,--wrap=malloc,--wrap=calloc,--wrap=free
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static struct {
    size_t held, peak;
    long until_failure; // this many succeed before one fails; -1: all do
    size_t watched;     // the size of those to be remembered
    char *seen[1000];   // the first of them
    int seen_count;
} allocator = {.until_failure = -1};

enum { HEADER = 16 };

void *__real_malloc(size_t bytes);
void __real_free(void *pointer);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *pointer);

void *__wrap_malloc(size_t bytes) {
    if (allocator.until_failure == 0)
        return NULL;
    if (allocator.until_failure > 0)
        allocator.until_failure--;
    char *block = __real_malloc(bytes + HEADER);
    if (!block)
        return NULL;
    memcpy(block, &bytes, sizeof bytes);
    // As the C library's own, roughly, takes it: with a header, in sixteens.
    allocator.held += (bytes + 23) / 16 * 16;
    if (allocator.held > allocator.peak)
        allocator.peak = allocator.held;
    if (bytes == allocator.watched && allocator.seen_count < 1000)
        allocator.seen[allocator.seen_count++] = block + HEADER;
    return block + HEADER;
}

void *__wrap_calloc(size_t count, size_t size) {
    void *block = __wrap_malloc(count * size);
    return block ? memset(block, 0, count * size) : NULL;
}

void __wrap_free(void *pointer) {
    if (!pointer)
        return;
    char *block = (char *)pointer - HEADER;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    allocator.held -= (bytes + 23) / 16 * 16;
    __real_free(block);
}

#endif

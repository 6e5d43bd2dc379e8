// memory.c - buffers whose size is checked and that are always there.
#include "gradrt.h"

#include <stdint.h>
#include <stdlib.h>

static size_t checked_bytes(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        grad_fail(GRAD_ERROR_MEMORY, "%zu elements of %zu bytes are too many",
                  count, size);
    return count * size;
}

static void *checked_pointer(void *pointer, size_t bytes) {
    if (!pointer)
        grad_fail(GRAD_ERROR_MEMORY, "no memory for %zu bytes", bytes);
    return pointer;
}

void *grad_allocate(size_t count, size_t size) {
    size_t bytes = checked_bytes(count, size);
    return checked_pointer(malloc(bytes ? bytes : 1), bytes);
}

void *grad_allocate_zeroed(size_t count, size_t size) {
    size_t bytes = checked_bytes(count, size);
    return checked_pointer(calloc(bytes ? bytes : 1, 1), bytes);
}

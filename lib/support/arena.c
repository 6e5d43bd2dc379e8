// arena.c - memory that lives as long as a compilation, and the end of a
// process whose invariants are broken.
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 1 << 18, ALIGNMENT = 16 };

typedef struct Block {
    struct Block *next;
    size_t used, size;
    // The bytes follow, aligned.
} Block;

struct Arena {
    Block *blocks; // the first is the one being filled
};

static size_t align_up(size_t size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void out_of_memory(void) {
    fprintf(stderr, "gradcc: error: out of memory\n");
    exit(1);
}

static Block *block_create(size_t size) {
    Block *block = calloc(1, align_up(sizeof(Block)) + size);
    if (!block)
        out_of_memory();
    block->size = size;
    return block;
}

Arena *arena_create(void) {
    Arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        out_of_memory();
    return arena;
}

void arena_destroy(Arena *arena) {
    if (!arena)
        return;
    for (Block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *arena_alloc(Arena *arena, size_t size) {
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size = align_up(size ? size : 1);
    Block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        block = block_create(size > BLOCK_SIZE ? size : BLOCK_SIZE);
        block->next = arena->blocks;
        arena->blocks = block;
    }
    char *bytes = (char *)block + align_up(sizeof(Block)) + block->used;
    block->used += size;
    return bytes;
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(Arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list arguments;
    Text text;
    text_init(&text, arena);
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    return text.chars;
}

void internal_error(const char *file, int line, const char *format, ...) {
    va_list arguments;
    fprintf(stderr, "gradcc: internal error at %s:%d: ", file, line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\ngradcc: this is a defect of gradcc; nothing was "
                    "written\n");
    exit(70);
}

void *vec_grow(Arena *arena, void *items, size_t *capacity, size_t size) {
    size_t grown = *capacity ? *capacity * 2 : 8;
    void *copy = arena_alloc(arena, grown * size);
    if (items)
        memcpy(copy, items, *capacity * size);
    *capacity = grown;
    return copy;
}

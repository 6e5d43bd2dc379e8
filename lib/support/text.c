// text.c - a text buffer, a few questions about strings, and whole files.
#include "support/support.h"

#include <errno.h>
#include <string.h>

void text_init(Text *text, Arena *arena) {
    text->arena = arena;
    text->length = 0;
    text->capacity = 64;
    text->chars = arena_alloc(arena, text->capacity);
}

static void reserve(Text *text, size_t more) {
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity * 2 > needed ? text->capacity * 2 : needed;
    char *chars = arena_alloc(text->arena, capacity);
    memcpy(chars, text->chars, text->length + 1);
    text->chars = chars;
    text->capacity = capacity;
}

void text_add_n(Text *text, const char *chars, size_t length) {
    reserve(text, length);
    memcpy(text->chars + text->length, chars, length);
    text->length += length;
    text->chars[text->length] = '\0';
}

void text_add(Text *text, const char *chars) {
    text_add_n(text, chars, strlen(chars));
}

void text_add_char(Text *text, char c) { text_add_n(text, &c, 1); }

void text_vprintf(Text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ENSURE(length >= 0);
    reserve(text, (size_t)length);
    vsnprintf(text->chars + text->length, (size_t)length + 1, format,
              arguments);
    text->length += (size_t)length;
}

void text_printf(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_vprintf(text, format, arguments);
    va_end(arguments);
}

bool string_equal(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool string_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool string_ends(const char *text, const char *suffix) {
    size_t length = strlen(text), tail = strlen(suffix);
    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

char *read_file(Arena *arena, const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    Text text;
    text_init(&text, arena);
    char buffer[1 << 14];
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_add_n(&text, buffer, got);
    bool failed = ferror(file) != 0;
    int error = errno;
    fclose(file);
    if (failed) {
        errno = error;
        return NULL;
    }
    if (length)
        *length = text.length;
    return text.chars;
}

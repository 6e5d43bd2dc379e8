// support.h - the door of lib/support: memory, text, containers, source
// locations and diagnostics. Knows no C and no calculus.
//
// Ownership: everything is allocated from an Arena and lives until the arena
// is freed; nothing here is freed on its own. Running out of memory ends the
// process with a message (a compiler cannot go on without memory).
#ifndef GRADCC_SUPPORT_H
#define GRADCC_SUPPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn))
#else
#define PRINTF_LIKE(text, first)
#define NORETURN
#endif

// ---- arena.c: memory that lives as long as a compilation -------------------

typedef struct Arena Arena;

Arena *arena_create(void);
void arena_destroy(Arena *arena);
// Zeroed, suitably aligned; never NULL.
void *arena_alloc(Arena *arena, size_t size);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t length);
char *arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#define arena_new(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define arena_array(arena, Type, count) \
    ((Type *)arena_alloc(               \
        (arena), sizeof(Type) * ((size_t)(count) > 0 ? (size_t)(count) : 1)))

// Ends the process: an internal inconsistency. The message names the place.
void internal_error(const char *file, int line, const char *format, ...)
    PRINTF_LIKE(3, 4) NORETURN;
#define BUG(...) internal_error(__FILE__, __LINE__, __VA_ARGS__)
#define ENSURE(condition) \
    ((condition) ? (void)0 : BUG("broken invariant: %s", #condition))

// ---- vec.c: growable arrays -------------------------------------------------
//
//   Vec(Value *) users = {0};
//   vec_push(arena, &users, v);   users.items[i], users.count

#define Vec(Type)               \
    struct {                    \
        Type *items;            \
        size_t count, capacity; \
    }
#define vec_push(arena, vec, item)                                      \
    ((vec)->count == (vec)->capacity                                    \
         ? (void)((vec)->items =                                        \
                      vec_grow((arena), (vec)->items, &(vec)->capacity, \
                               sizeof *(vec)->items))                   \
         : (void)0,                                                     \
     (void)((vec)->items[(vec)->count++] = (item)))
#define vec_last(vec) ((vec)->items[(vec)->count - 1])
void *vec_grow(Arena *arena, void *items, size_t *capacity, size_t size);

// ---- map.c: hash maps -------------------------------------------------------

// Pointer to pointer. NULL is no key; a missing key answers NULL.
typedef struct PtrMap PtrMap;
PtrMap *ptrmap_create(Arena *arena);
void *ptrmap_get(const PtrMap *map, const void *key);
void ptrmap_set(PtrMap *map, const void *key, void *value);
bool ptrmap_has(const PtrMap *map, const void *key);

// String to pointer; the map keeps a copy of the key.
typedef struct StrMap StrMap;
StrMap *strmap_create(Arena *arena);
void *strmap_get(const StrMap *map, const char *key);
void strmap_set(StrMap *map, const char *key, void *value);
bool strmap_has(const StrMap *map, const char *key);

// ---- cut.c: minimum cuts ----------------------------------------------------

// A graph with capacities. Its nodes 0 and 1 are the source and the sink.
typedef struct Cut Cut;
enum { CUT_SOURCE, CUT_SINK };
#define CUT_INFINITE (INT64_MAX / 4)

Cut *cut_create(Arena *arena);
uint32_t cut_add_node(Cut *cut);
void cut_add_edge(Cut *cut, uint32_t from, uint32_t to, int64_t capacity);
// Finds the cut of the least capacity that separates source and sink; of
// several, the one next to the source. Afterwards the sides can be asked for.
void cut_solve(Cut *cut);
bool cut_is_on_source_side(const Cut *cut, uint32_t node);

// ---- text.c: a text buffer --------------------------------------------------

typedef struct Text {
    Arena *arena;
    char *chars; // always terminated by a zero byte once text_init has run
    size_t length, capacity;
} Text;

void text_init(Text *text, Arena *arena);
void text_add(Text *text, const char *chars);
void text_add_n(Text *text, const char *chars, size_t length);
void text_add_char(Text *text, char c);
void text_printf(Text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vprintf(Text *text, const char *format, va_list arguments);

bool string_equal(const char *a, const char *b); // NULL equals only NULL
bool string_starts(const char *text, const char *prefix);
bool string_ends(const char *text, const char *suffix);

// Reads a whole file; NULL where it cannot be read (errno says why).
char *read_file(Arena *arena, const char *path, size_t *length);

// ---- diagnostic.c: messages with a place ------------------------------------

// One source file's text, kept for the snippet under a message.
typedef struct SourceFile {
    const char *path; // as the user is told it
    const char *text;
    size_t length;
} SourceFile;

// A place: 1-based line and column (a column counts bytes). line 0: no place.
// path and line are what is printed (#line respected); offset is where the
// snippet is taken from in file->text.
typedef struct SourceLoc {
    const SourceFile *file;
    const char *path;
    uint32_t line, column;
    uint32_t offset;
    uint32_t
        length; // bytes to underline after the caret; 0 or 1: only the caret
} SourceLoc;

typedef enum Severity {
    SEVERITY_NOTE,
    SEVERITY_WARNING,
    SEVERITY_ERROR
} Severity;

typedef struct Diagnostics {
    FILE *stream; // where messages go; NULL: they are only counted
    unsigned errors, warnings;
} Diagnostics;

void diag_init(Diagnostics *diags, FILE *stream);
// `loss.c:12:9: error: ...`, the line, a caret. A place without a file prints
// `gradcc: error: ...`.
void diag_error(Diagnostics *diags, SourceLoc loc, const char *format, ...)
    PRINTF_LIKE(3, 4);
void diag_warning(Diagnostics *diags, SourceLoc loc, const char *format, ...)
    PRINTF_LIKE(3, 4);
// Belongs to the message before it; names the way out.
void diag_note(Diagnostics *diags, SourceLoc loc, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif

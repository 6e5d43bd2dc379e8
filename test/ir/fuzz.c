// The parser answers whatever it is given: a module that keeps every rule and
// whose printed form is a fixpoint, or a message. Damages round_trip.ir in
// 3000 ways, bytes and words, and nests types and regions beyond any stack.
//
// RUN: cd %source_root/lib
// RUN: %cc -std=gnu17 -O0 %sanitize -I . %s ir/*.c support/*.c -o %t -lm
// RUN: env ASAN_OPTIONS=detect_leaks=0 %t %S/round_trip.ir
#include "ir/ir.h"

#include <stdlib.h>
#include <string.h>

static uint32_t state = 1;

// Marsaglia's xorshift: the same numbers everywhere.
static uint32_t below(size_t limit) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % (uint32_t)limit;
}

static FILE *messages;
static unsigned accepted;

static Module *parse(Arena *arena, const char *text, size_t length) {
    SourceFile file = {"fuzz.ir", text, length};
    Diagnostics diags;
    diag_init(&diags, messages);
    Module *module = ir_parse(arena, &diags, &file);
    if (!module != (diags.errors > 0))
        exit(2);
    return module;
}

static const char *print(Arena *arena, const Module *module) {
    Text text;
    text_init(&text, arena);
    ir_print(&text, module);
    return text.chars;
}

static bool try_text(const char *text, size_t length) {
    Arena *arena = arena_create();
    const char *message;
    Module *module = parse(arena, text, length);
    if (module && !ir_verify(arena, module, &message))
        exit(3);
    const char *printed = module ? print(arena, module) : NULL;
    if (module) {
        Module *again = parse(arena, printed, strlen(printed));
        if (!again || strcmp(printed, print(arena, again)) != 0)
            exit(4);
        accepted++;
    }
    arena_destroy(arena);
    return module != NULL;
}

// ---- Damage -----------------------------------------------------------------

// A random line, word or run of bytes of the text.
static void pick(const char *text, size_t length, size_t *from, size_t *count) {
    static const char *const ends[] = {"\n", " \n", ",)> \n"};
    *from = below(length);
    if (below(4) == 0) {
        *count = 1 + below(3);
    } else {
        const char *end = ends[below(3)];
        while (*from > 0 && !strchr(end, text[*from - 1]))
            (*from)--;
        *count = strcspn(text + *from, end);
    }
    if (*count > length - *from)
        *count = length - *from;
}

// Replaces one piece by another, by nothing or by a sign.
static size_t damage(char *text, size_t length, size_t capacity) {
    size_t at, count, from, more;
    char piece[512];
    pick(text, length, &at, &count);
    pick(text, length, &from, &more);
    more = more < sizeof piece ? more : sizeof piece;
    memcpy(piece, text + from, more);
    if (below(4) == 0)
        more = 0;
    else if (below(4) == 0)
        piece[0] = "%@#\"{}()<>[],:=?+-.0ax\n\0\xff"[below(24)], more = 1;
    if (length - count + more >= capacity)
        return length;
    memmove(text + at + more, text + at + count, length - at - count + 1);
    memcpy(text + at, piece, more);
    return length - count + more;
}

static void nest(const char *before, const char *open, const char *inner,
                 const char *close, const char *after, unsigned depth,
                 bool good) {
    Arena *arena = arena_create();
    Text text;
    text_init(&text, arena);
    text_add(&text, before);
    for (unsigned i = 0; i < depth; i++)
        text_add(&text, open);
    text_add(&text, inner);
    for (unsigned i = 0; i < depth; i++)
        text_add(&text, close);
    text_add(&text, after);
    if (try_text(text.chars, text.length) != good)
        exit(5);
    arena_destroy(arena);
}

static void nest_all(void) {
    const char *function = "module \"m\"\nfunc @f(%c: int) -> void {\n";
    const char *loop = "while {\n condition %c } do {\n";
    const char *type = "module \"m\"\nglobal @g: ";
    const char *end = "return }\n";
    nest(function, "if %c {\n", "", "yield }\n", end, 990, true);
    nest(function, loop, "", "yield }\n", end, 990, true);
    nest(function, loop, "", "yield }\n", end, 100000, false);
    nest(type, "ptr<", "int", ">", "\n", 90, true);
    nest(type, "ptr<", "int", ">", "\n", 100000, false);
    nest(type, "const array<2, ", "int", ">", "\n", 100000, false);
    nest("module \"m\"\n", "{", "", "}", "\n", 100000, false);
}

int main(int count, char **arguments) {
    Arena *arena = arena_create();
    size_t length;
    char *good = count == 2 ? read_file(arena, arguments[1], &length) : NULL;
    messages = fopen("/dev/null", "w");
    if (!good || !messages || !try_text(good, length))
        return 1;
    size_t capacity = length * 2;
    char *text = arena_alloc(arena, capacity);
    for (int i = 0; i < 3000; i++) {
        size_t now = length;
        memcpy(text, good, length + 1);
        for (uint32_t n = 1 + below(2); n > 0; n--)
            now = damage(text, now, capacity);
        try_text(text, now);
    }
    nest_all();
    printf("%u of 3000 accepted\n", accepted);
    return accepted < 30; // then the damage would test nothing but the lexer
}

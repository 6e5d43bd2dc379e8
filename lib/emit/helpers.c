// helpers.c - static functions of gradcc's own, written into a generated file
// that uses them.
#include "emit/files.h"

static const char *const allocate =
    "\n"
    "/* Zeroed memory for count elements, never NULL. */\n"
    "static void *gradcc_allocate(size_t count, size_t size)\n"
    "{\n"
    "    void *memory = calloc(count ? count : 1, size ? size : 1);\n"
    "    if (!memory) {\n"
    "        fprintf(stderr, \"gradcc: out of memory\\n\");\n"
    "        abort();\n"
    "    }\n"
    "    return memory;\n"
    "}\n";

static const char *const reserve =
    "\n"
    "/* Memory for count elements that holds anything, never NULL. */\n"
    "static void *gradcc_reserve(size_t count, size_t size)\n"
    "{\n"
    "    void *memory = NULL;\n"
    "    if (!size || count <= (size_t)-1 / size)\n"
    "        memory = malloc(count && size ? count * size : 1);\n"
    "    if (!memory) {\n"
    "        fprintf(stderr, \"gradcc: out of memory\\n\");\n"
    "        abort();\n"
    "    }\n"
    "    return memory;\n"
    "}\n";

// Abramowitz and Stegun, Handbook of Mathematical Functions: 6.3.5 and 6.4.6
// (recurrence), 6.3.7 and 6.4.7 (reflection), 6.3.18 and 6.4.12 (asymptotic
// series). In the patterns T is the type, @ ends whole constants and # others,
// $ is the functions' suffix and ~ where the series begins.
static const char *const digamma =
    "\n"
    "/* The derivative of log(gamma(x)): Abramowitz and Stegun 6.3.7 for x < "
    "0,\n"
    " * 6.3.5 up to ~, then the asymptotic series 6.3.18. */\n"
    "static T gradcc_digamma$(T x)\n"
    "{\n"
    "    const T pi = 3.14159265358979323846264338327950288#;\n"
    "    T y = 0;\n"
    "    if (x == 0)\n"
    "        return copysign$(INFINITY, -x);\n"
    "    if (x < 0) {\n"
    "        T part = fabs$(x - rint$(x));\n"
    "        if (part == 0)\n"
    "            return NAN;\n"
    "        y = -pi / tan$(pi * (x - rint$(x)));\n"
    "        x = 1 - x;\n"
    "    }\n"
    "    for (; x < ~; x += 1)\n"
    "        y -= 1 / x;\n"
    "    T z = 1 / (x * x);\n"
    "    T series = z * (1@ / 12 - z * (1@ / 120 - z * (1@ / 252 - z *\n"
    "        (1@ / 240 - z * (1@ / 132 - z * (691@ / 32760 - z *\n"
    "        (1@ / 12 - z * (3617@ / 8160 - z * (43867@ / 14364)))))))));\n"
    "    return y + log$(x) - 1 / (2 * x) - series;\n"
    "}\n";

static const char *const trigamma =
    "\n"
    "/* The derivative of digamma(x): Abramowitz and Stegun 6.4.7 for x < 0,\n"
    " * 6.4.6 up to ~, then the asymptotic series 6.4.12. */\n"
    "static T gradcc_trigamma$(T x)\n"
    "{\n"
    "    const T pi = 3.14159265358979323846264338327950288#;\n"
    "    T y = 0, sign = 1;\n"
    "    if (x <= 0) {\n"
    "        T sine = sin$(pi * (x - rint$(x)));\n"
    "        if (sine == 0)\n"
    "            return INFINITY;\n"
    "        y = pi / sine * (pi / sine);\n"
    "        x = 1 - x;\n"
    "        sign = -1;\n"
    "    }\n"
    "    for (; x < ~; x += 1)\n"
    "        y += sign / (x * x);\n"
    "    T z = 1 / (x * x);\n"
    "    T series = z * (1@ / 6 - z * (1@ / 30 - z * (1@ / 42 - z *\n"
    "        (1@ / 30 - z * (5@ / 66 - z * (691@ / 2730 - z *\n"
    "        (7@ / 6 - z * (3617@ / 510 - z * (43867@ / 798)))))))));\n"
    "    return y + sign * (1 / x + z / 2 + series / x);\n"
    "}\n";

static void print_for_type(Text *text, const char *pattern, int type) {
    static const char *const types[] = {"float", "double", "long double"};
    static const char *const constants[] = {".0f", ".0", ".0L"};
    static const char *const suffixes[] = {"f", "", "L"};
    static const char *const functions[] = {"f", "", "l"};
    static const char *const limits[] = {"6", "10", "20"};
    for (const char *c = pattern; *c; c++) {
        bool is_type = *c == 'T' && c[1] == ' ';
        if (is_type)
            text_add(text, types[type]);
        else if (*c == '@')
            text_add(text, constants[type]);
        else if (*c == '#')
            text_add(text, suffixes[type]);
        else if (*c == '$')
            text_add(text, functions[type]);
        else if (*c == '~')
            text_add(text, limits[type]);
        else
            text_add_char(text, *c);
    }
}

static const char *const allocate_sized =
    "\n"
    "/* Zeroed memory that knows its size, which stands before it. */\n"
    "static void *gradcc_allocate_sized(size_t count, size_t size)\n"
    "{\n"
    "    const size_t before = sizeof(max_align_t);\n"
    "    const size_t most = SIZE_MAX - before;\n"
    "    size_t bytes = size && count > most / size ? most : count * size;\n"
    "    char *memory = gradcc_allocate(1, before + bytes);\n"
    "    memcpy(memory, &bytes, sizeof bytes);\n"
    "    return memory + before;\n"
    "}\n";

static const char *const heap_size =
    "\n"
    "static size_t gradcc_size(const void *memory)\n"
    "{\n"
    "    size_t bytes = 0;\n"
    "    if (memory)\n"
    "        memcpy(&bytes, (const char *)memory - sizeof(max_align_t),\n"
    "               sizeof bytes);\n"
    "    return bytes;\n"
    "}\n";

static const char *const free_sized =
    "\n"
    "static void gradcc_free_sized(void *memory)\n"
    "{\n"
    "    if (memory)\n"
    "        free((char *)memory - sizeof(max_align_t));\n"
    "}\n";

// Where realloc fails, what it was given is still there to be freed. gcc knows
// that behind a test of its result, but not of a variable that has it.
static const char *const reallocate =
    "\n"
    "#if defined __GNUC__ && !defined __clang__ && __GNUC__ >= 12\n"
    "#pragma GCC diagnostic ignored \"-Wuse-after-free\"\n"
    "#endif\n"
    "\n"
    "/* Reallocates memory where its like became `made`, never for want of it "
    "NULL. */\n"
    "static void *gradcc_reallocate(void *memory, size_t size, const void "
    "*made)\n"
    "{\n"
    "    if (!made && size)\n"
    "        return NULL;\n"
    "    void *larger = realloc(memory, size);\n"
    "    if (!larger && size) {\n"
    "        fprintf(stderr, \"gradcc: out of memory\\n\");\n"
    "        abort();\n"
    "    }\n"
    "    return larger;\n"
    "}\n";

void print_helpers(Text *text, const Needs *needs) {
    if (needs->allocate)
        text_add(text, allocate);
    if (needs->reserve)
        text_add(text, reserve);
    if (needs->allocate_sized)
        text_add(text, allocate_sized);
    if (needs->heap_size)
        text_add(text, heap_size);
    if (needs->free_sized)
        text_add(text, free_sized);
    if (needs->reallocate)
        text_add(text, reallocate);
    for (int type = 0; type < NEEDS_TYPES; type++) {
        if (needs->digamma[type])
            print_for_type(text, digamma, type);
        if (needs->trigamma[type])
            print_for_type(text, trigamma, type);
    }
}

// print_word.c - what the printed form is made of: names, texts, numbers,
// places.
#include "ir/form.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void form_print_quoted(Text *text, const char *chars) {
    text_add_char(text, '"');
    for (const unsigned char *c = (const void *)chars; *c; c++) {
        if (*c == '"' || *c == '\\')
            text_printf(text, "\\%c", *c);
        else if (*c == '\n')
            text_add(text, "\\n");
        else if (*c == '\t')
            text_add(text, "\\t");
        else if (*c < ' ' || *c == 127)
            text_printf(text, "\\x%02x", *c);
        else
            text_add_char(text, (char)*c);
    }
    text_add_char(text, '"');
}

static bool is_word(const char *name) {
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

// A C name as it is; anything else in quotes.
void form_print_name(Text *text, const char *name) {
    if (is_word(name))
        text_add(text, name);
    else
        form_print_quoted(text, name);
}

void form_print_reference(Text *text, const char *name) {
    text_add_char(text, '@');
    form_print_name(text, name ? name : "");
}

void form_print_attribute(Text *text, const char *word, const char *value) {
    if (value) {
        text_printf(text, " %s ", word);
        form_print_quoted(text, value);
    }
}

// "loss.c":12:9+5 - the length only where something is underlined.
void form_print_place(Text *text, SourceLoc loc) {
    const char *path = loc.path ? loc.path : loc.file ? loc.file->path : "";
    form_print_quoted(text, path);
    text_printf(text, ":%u:%u", loc.line, loc.column);
    if (loc.length)
        text_printf(text, "+%u", loc.length);
}

void form_print_loc(Text *text, SourceLoc loc) {
    if (loc.line) {
        text_add(text, " loc ");
        form_print_place(text, loc);
    }
}

void form_print_flags(Text *text, const void *object, const FormFlag *flags,
                      size_t count) {
    for (size_t i = 0; i < count; i++)
        if (*(const bool *)((const char *)object + flags[i].offset))
            text_printf(text, " %s", flags[i].word);
}

// The shortest decimal that reads back; in hex what C will round to float.
void form_print_real(Text *text, const Type *type, double real) {
    bool is_float = type->kind == TYPE_FLOAT || type->kind == TYPE_CFLOAT;
    if (isnan(real)) {
        uint64_t bits;
        memcpy(&bits, &real, sizeof bits);
        text_printf(text, "nan:0x%" PRIx64, bits);
    } else if (isinf(real)) {
        text_add(text, real < 0 ? "-inf" : "inf");
    } else if (is_float && (double)(float)real != real) {
        text_printf(text, "%a", real);
    } else {
        char digits[40];
        for (int precision = 1; precision <= 17; precision++) {
            snprintf(digits, sizeof digits, "%.*g", precision, real);
            double back =
                is_float ? (double)strtof(digits, NULL) : strtod(digits, NULL);
            if (back == real)
                break;
        }
        text_add(text, digits);
    }
}

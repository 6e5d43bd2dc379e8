// diagnostic.c - messages that look like clang's: place, severity, text, the
// source line and a caret.
#include "support/support.h"

#include <string.h>

void diag_init(Diagnostics *diags, FILE *stream) {
    memset(diags, 0, sizeof *diags);
    diags->stream = stream;
}

static const char *severity_name(Severity severity) {
    switch (severity) {
    case SEVERITY_NOTE: return "note";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_ERROR: return "error";
    }
    return "";
}

static void print_place(FILE *stream, SourceLoc loc) {
    if (loc.line == 0 || (!loc.path && !loc.file))
        fprintf(stream, "gradcc: ");
    else
        fprintf(stream, "%s:%u:%u: ", loc.path ? loc.path : loc.file->path,
                loc.line, loc.column);
}

static bool is_continuation_byte(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

// The caret line: the source line's own tabs are kept so that the caret stands
// under its column whatever a tab's width; a UTF-8 character counts once.
static void print_caret(FILE *stream, const char *line, size_t length,
                        size_t column, size_t underline) {
    for (size_t i = 0; i < column && i < length; i++)
        if (!is_continuation_byte(line[i]))
            fputc(line[i] == '\t' ? '\t' : ' ', stream);
    fputc('^', stream);
    for (size_t i = column + 1; i < column + underline && i < length; i++)
        if (!is_continuation_byte(line[i]))
            fputc('~', stream);
    fputc('\n', stream);
}

static void print_snippet(FILE *stream, SourceLoc loc) {
    const SourceFile *file = loc.file;
    if (!file || !file->text || loc.line == 0 || loc.offset > file->length)
        return;
    size_t start = loc.offset, end = loc.offset;
    while (start > 0 && file->text[start - 1] != '\n')
        start--;
    while (end < file->length && file->text[end] != '\n' &&
           file->text[end] != '\r')
        end++;
    if (end < start)
        return;
    for (size_t i = start; i < end; i++)
        fputc(file->text[i] ? file->text[i] : ' ', stream);
    fputc('\n', stream);
    print_caret(stream, file->text + start, end - start, loc.offset - start,
                loc.length);
}

static void report(Diagnostics *diags, Severity severity, SourceLoc loc,
                   const char *format, va_list arguments) {
    if (!diags->stream)
        return;
    print_place(diags->stream, loc);
    fprintf(diags->stream, "%s: ", severity_name(severity));
    vfprintf(diags->stream, format, arguments);
    fputc('\n', diags->stream);
    print_snippet(diags->stream, loc);
}

void diag_error(Diagnostics *diags, SourceLoc loc, const char *format, ...) {
    va_list arguments;
    diags->errors++;
    va_start(arguments, format);
    report(diags, SEVERITY_ERROR, loc, format, arguments);
    va_end(arguments);
}

void diag_warning(Diagnostics *diags, SourceLoc loc, const char *format, ...) {
    va_list arguments;
    diags->warnings++;
    va_start(arguments, format);
    report(diags, SEVERITY_WARNING, loc, format, arguments);
    va_end(arguments);
}

void diag_note(Diagnostics *diags, SourceLoc loc, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(diags, SEVERITY_NOTE, loc, format, arguments);
    va_end(arguments);
}

// output.c - files that appear whole or not at all: written beside their place
// under another name first, and moved when all of them are complete.
#include "driver/output.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_text(FILE *file, const Text *text) {
    bool written = fwrite(text->chars, 1, text->length, file) == text->length;
    return fclose(file) == 0 && written;
}

// As open() would have made it, not as private as mkstemp does.
static void set_usual_mode(int descriptor) {
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(descriptor, 0666 & ~mask) != 0)
        errno = 0; // the file stays private: no reason to fail
}

static bool is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool write_special(const OutputFile *output) {
    if (strcmp(output->path, "-") == 0)
        return fwrite(output->text->chars, 1, output->text->length, stdout) ==
                   output->text->length &&
               fflush(stdout) == 0;
    FILE *file = fopen(output->path, "wb");
    return file && write_text(file, output->text);
}

static bool stage(Arena *arena, OutputFile *output) {
    output->temporary = arena_printf(arena, "%s.XXXXXX", output->path);
    int descriptor = mkstemp(output->temporary);
    if (descriptor < 0) {
        output->temporary = NULL;
        return false;
    }
    set_usual_mode(descriptor);
    FILE *file = fdopen(descriptor, "wb");
    return file && write_text(file, output->text);
}

static bool goes_direct(const OutputFile *output) {
    return strcmp(output->path, "-") == 0 || is_special(output->path);
}

static bool fail(Diagnostics *diags, OutputFile *files, size_t count,
                 const char *path) {
    int error = errno;
    for (size_t i = 0; i < count; i++)
        if (files[i].temporary)
            unlink(files[i].temporary);
    diag_error(diags, (SourceLoc){0}, "cannot write '%s': %s", path,
               strerror(error));
    return false;
}

bool output_write(Arena *arena, Diagnostics *diags, OutputFile *files,
                  size_t count) {
    for (size_t i = 0; i < count; i++)
        files[i].temporary = NULL;
    for (size_t i = 0; i < count; i++)
        if (!goes_direct(&files[i]) && !stage(arena, &files[i]))
            return fail(diags, files, i + 1, files[i].path);
    for (size_t i = 0; i < count; i++) {
        bool done = files[i].temporary
                        ? rename(files[i].temporary, files[i].path) == 0
                        : write_special(&files[i]);
        if (!done)
            return fail(diags, files + i, count - i, files[i].path);
        files[i].temporary = NULL;
    }
    return true;
}

// ---- Paths ------------------------------------------------------------------

static const char *folder_of(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1)
                 : "./";
}

// From one folder to a file, both absolute and without links: ../ as often as
// needed.
static const char *relative(Arena *arena, const char *folder,
                            const char *file) {
    size_t common = 0;
    Text text;
    text_init(&text, arena);
    for (size_t i = 0; folder[i] == file[i] || (!folder[i] && file[i] == '/');
         i++) {
        if (file[i] == '/')
            common = i;
        if (!folder[i])
            break;
    }
    for (const char *c = folder + common; *c; c++)
        if (*c == '/')
            text_add(&text, "../");
    text_add(&text, file + common + 1);
    return text.chars;
}

const char *path_from(Arena *arena, const char *output, const char *path) {
    char folder[PATH_MAX], file[PATH_MAX];
    if (path[0] == '/' || strcmp(output, "-") == 0 || !strchr(output, '/') ||
        !realpath(folder_of(arena, output), folder) ||
        !realpath(folder_of(arena, path), file))
        return path;
    const char *slash = strrchr(path, '/');
    return relative(
        arena, folder,
        arena_printf(arena, "%s/%s", file, slash ? slash + 1 : path));
}

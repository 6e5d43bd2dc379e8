// places.c - files of the unit, places in them, and pieces of their text.
#include "frontend/internal.h"

#include <ctype.h>
#include <string.h>

FileText *file_text(Frontend *fe, CXFile file) {
    if (!file)
        return NULL;
    // One file may have several handles; compare by identity once per handle.
    FileText *known = ptrmap_get(fe->unit->file_of, file);
    if (known)
        return known;
    for (size_t i = 0; i < fe->unit->files.count && !known; i++)
        if (clang_File_isEqual(fe->unit->files.items[i]->file, file))
            known = fe->unit->files.items[i];
    if (!known) {
        known = arena_new(fe->arena, FileText);
        known->file = file;
        known->source.path = take_string(fe->arena, clang_getFileName(file));
        size_t size = 0;
        const char *text = clang_getFileContents(fe->unit->handle, file, &size);
        known->source.text = text ? arena_strndup(fe->arena, text, size) : "";
        known->source.length = text ? size : 0;
        CXSourceLocation start =
            clang_getLocationForOffset(fe->unit->handle, file, 0);
        known->is_main = clang_Location_isFromMainFile(start);
        known->is_system = clang_Location_isInSystemHeader(start);
        vec_push(fe->arena, &fe->unit->files, known);
    }
    ptrmap_set(fe->unit->file_of, file, known);
    return known;
}

SourceLoc loc_of_location(Frontend *fe, CXSourceLocation location) {
    SourceLoc loc = {0};
    CXFile file;
    unsigned line, column, offset, presumed_line, presumed_column;
    CXString path;
    clang_getFileLocation(location, &file, &line, &column, &offset);
    if (!file)
        return loc;
    clang_getPresumedLocation(location, &path, &presumed_line,
                              &presumed_column);
    FileText *text = file_text(fe, file);
    loc.file = &text->source;
    loc.path = take_string(fe->arena, path);
    if (strcmp(loc.path, text->source.path) == 0)
        loc.path = text->source.path;
    loc.line = presumed_line;
    loc.column = column;
    loc.offset = offset;
    return loc;
}

bool extent_of(Frontend *fe, CXCursor cursor, FileText **file, uint32_t *begin,
               uint32_t *end) {
    CXSourceRange range = clang_getCursorExtent(cursor);
    CXFile first, last;
    unsigned from, to;
    clang_getFileLocation(clang_getRangeStart(range), &first, NULL, NULL,
                          &from);
    clang_getFileLocation(clang_getRangeEnd(range), &last, NULL, NULL, &to);
    if (!first || !last || !clang_File_isEqual(first, last) || to < from)
        return false;
    *file = file_text(fe, first);
    if (to > (*file)->source.length)
        return false;
    // The end of a macro's expansion may be given as the start of its name.
    if (to == from) {
        const char *text = (*file)->source.text;
        while (to < (*file)->source.length &&
               (isalnum((unsigned char)text[to]) || text[to] == '_'))
            to++;
    }
    *begin = from;
    *end = to;
    return true;
}

SourceLoc loc_of(Frontend *fe, CXCursor cursor) {
    CXSourceRange range = clang_getCursorExtent(cursor);
    SourceLoc loc = loc_of_location(fe, clang_getRangeStart(range));
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(fe, cursor, &file, &begin, &end) || !loc.file)
        return loc;
    const char *line_end = memchr(file->source.text + begin, '\n', end - begin);
    loc.length = line_end ? (uint32_t)(line_end - (file->source.text + begin))
                          : end - begin;
    return loc;
}

SourceLoc loc_of_name(Frontend *fe, CXCursor declaration) {
    SourceLoc loc = loc_of_location(fe, clang_getCursorLocation(declaration));
    loc.length = (uint32_t)strlen(cursor_name(fe, declaration));
    return loc;
}

SourceLoc loc_at(Frontend *fe, FileText *file, uint32_t offset,
                 uint32_t length) {
    SourceLoc loc = loc_of_location(
        fe, clang_getLocationForOffset(fe->unit->handle, file->file, offset));
    loc.length = length;
    return loc;
}

const char *place_key(Frontend *fe, CXCursor cursor) {
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(fe, cursor, &file, &begin, &end))
        return "";
    return arena_printf(fe->arena, "%s:%u", file->source.path, begin);
}

// The end of the comment that starts at offset, or offset where none does.
static uint32_t skip_comment(const char *text, uint32_t offset, uint32_t end) {
    if (offset + 1 >= end || text[offset] != '/')
        return offset;
    if (text[offset + 1] == '/') {
        while (offset < end && text[offset] != '\n')
            offset++;
        return offset;
    }
    if (text[offset + 1] != '*')
        return offset;
    for (offset += 2; offset + 1 < end; offset++)
        if (text[offset] == '*' && text[offset + 1] == '/')
            return offset + 2;
    return end;
}

enum { LONGEST_LINE = 100 };

const char *one_line(Arena *arena, const SourceFile *file, uint32_t begin,
                     uint32_t end, bool add_semicolon) {
    Text text;
    text_init(&text, arena);
    bool space = false;
    char quote = 0;
    for (uint32_t i = begin; i < end && text.length < LONGEST_LINE;) {
        uint32_t after = quote ? i : skip_comment(file->text, i, end);
        char c = file->text[i];
        bool spliced = c == '\\' && i + 1 < end && file->text[i + 1] == '\n';
        if (after > i || spliced || (!quote && isspace((unsigned char)c))) {
            space = text.length > 0;
            i = after > i ? after : i + 1;
            continue;
        }
        if (quote && c == '\\' && i + 1 < end) {
            text_add_char(&text, c);
            c = file->text[++i];
        } else if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
        }
        if (space)
            text_add_char(&text, ' ');
        space = false;
        text_add_char(&text, c);
        i++;
    }
    if (text.length >= LONGEST_LINE) {
        // Not inside a character of several bytes.
        while (text.length &&
               ((unsigned char)text.chars[text.length - 1] & 0xC0) == 0x80)
            text.chars[--text.length] = 0;
        text_add(&text, " ...");
    } else if (add_semicolon && text.length &&
               text.chars[text.length - 1] != ';') {
        text_add_char(&text, ';');
    }
    return text.chars;
}

const char *identifier_at(Arena *arena, const SourceFile *file,
                          uint32_t offset) {
    uint32_t end = offset;
    while (end < file->length &&
           (isalnum((unsigned char)file->text[end]) || file->text[end] == '_'))
        end++;
    if (end == offset || isdigit((unsigned char)file->text[offset]))
        return NULL;
    return arena_strndup(arena, file->text + offset, end - offset);
}

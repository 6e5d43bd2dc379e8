// layout.c - the tree of statements as text: indentation, braces only where
// there are several statements, else-if chains, lines of at most 80 columns
// where an expression can be broken.
#include "emit/print.h"

#include <string.h>

enum { WIDTH = 80, STEP = 4 };

// ---- Lines ------------------------------------------------------------------

static void add_indented(Text *text, const char *line, size_t length,
                         int columns) {
    text_printf(text, "%*s%.*s\n", columns, "", (int)length, line);
}

// How bad a break after the character before this space is; large where there
// must be none.
enum { NEVER = 1 << 20 };

static int badness(const char *line, const char *space, int depth) {
    char before = space[-1];
    int score = depth * 20;
    if (before == ',' || before == ';')
        return score;
    if (!strchr("+-*/%&|<>=?:", before) || space[-2] == '(')
        return NEVER;
    if (before == '=' && depth == 0 && strchr("+-*/ ", space[-2]))
        return score + 45;
    if (before == '*' && (space - line < 2 || space[-2] != ' '))
        return NEVER; // a pointer's star
    if (strchr("+-", before) && space[-2] == before)
        return NEVER; // i++ and i--
    return strchr("*/%<>=", before) ? score + 8 : score;
}

// The length of the first of several lines; all of it where nothing helps.
static size_t break_point(const char *line, size_t width) {
    int depth = 0, best = NEVER;
    size_t length = strlen(line), at = length;
    char quote = '\0';
    for (size_t i = 0; i < length && (i <= width || best == NEVER); i++) {
        char c = line[i];
        if (quote) {
            i += c == '\\';
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[') {
            depth++;
        } else if (c == ')' || c == ']') {
            depth--;
        } else if (c == ' ' && i > 1) {
            int score = badness(line, line + i, depth);
            if (score < NEVER && score - (int)i / 2 <= best) {
                best = score - (int)i / 2;
                at = i;
            }
        }
    }
    return at;
}

void layout_line(Text *text, const char *line, int indent) {
    int columns = indent * STEP;
    bool is_head =
        string_starts(line, "if (") || string_starts(line, "for (") ||
        string_starts(line, "while (") || string_starts(line, "} else if (");
    int more = is_head ? 2 * STEP : STEP;
    for (bool first = true;; first = false) {
        size_t width = columns < WIDTH - 20 ? (size_t)(WIDTH - columns) : 20;
        size_t length = strlen(line);
        if (length > width)
            length = break_point(line, width);
        add_indented(text, line, length, columns);
        line += length;
        while (*line == ' ')
            line++;
        if (!*line)
            return;
        columns += first ? more : 0;
    }
}

// Words in lines that begin with `prefix`.
static void wrap_words(Text *text, const char *words, const char *first,
                       const char *prefix, int columns, int width) {
    size_t limit = (size_t)(columns < width - 20 ? width - columns : 20);
    Text line;
    text_init(&line, text->arena);
    text_add(&line, first);
    bool empty = true;
    while (*words) {
        size_t length = strcspn(words, " \n");
        if (length && !empty && line.length + 1 + length > limit) {
            add_indented(text, line.chars, line.length, columns);
            text_init(&line, text->arena);
            text_add(&line, prefix);
            empty = true;
        }
        if (length && !empty)
            text_add_char(&line, ' ');
        text_add_n(&line, words, length);
        empty = empty && !length;
        words += length + (words[length] != '\0');
    }
    add_indented(text, line.chars, line.length, columns);
}

// The last line of a block comment has room for its end.
static void close_comment(Text *text) {
    text->length--; // the newline
    text->chars[text->length] = '\0';
    text_add(text, " */\n");
}

void layout_comment(Text *text, const char *comment) {
    wrap_words(text, comment, "/* ", " * ", 0, WIDTH - 3);
    close_comment(text);
}

// ---- Statements -------------------------------------------------------------

static bool is_single(const Block *block) {
    return block->first && block->first == block->last &&
           !block->first->declares && block->first->kind != STMT_COMMENT;
}

static bool loop_needs_braces(const Block *block) { return !is_single(block); }

static bool branch_needs_braces(const Block *block) {
    return !is_single(block) || block->first->kind != STMT_LINE;
}

static bool is_else_if(const Stmt *statement) {
    const Block *no = &statement->otherwise;
    return is_single(no) && no->first->kind == STMT_IF;
}

// Of a whole chain: one brace asks for all.
static bool chain_needs_braces(const Stmt *statement) {
    for (;; statement = statement->otherwise.first) {
        if (branch_needs_braces(&statement->body))
            return true;
        if (!is_else_if(statement))
            return statement->otherwise.first &&
                   branch_needs_braces(&statement->otherwise);
    }
}

static void layout_if(Text *text, const Stmt *statement, int indent) {
    bool braces = chain_needs_braces(statement);
    const char *prefix = "";
    for (;; statement = statement->otherwise.first) {
        layout_line(text,
                    arena_printf(text->arena,
                                 braces ? "%sif (%s) {" : "%sif (%s)", prefix,
                                 statement->text),
                    indent);
        layout_block(text, &statement->body, indent + 1);
        prefix = braces ? "} else " : "else ";
        if (!is_else_if(statement))
            break;
    }
    if (statement->otherwise.first) {
        layout_line(text, braces ? "} else {" : "else", indent);
        layout_block(text, &statement->otherwise, indent + 1);
    }
    if (braces)
        layout_line(text, "}", indent);
}

static void layout_loop(Text *text, const Stmt *statement, int indent) {
    bool braces = loop_needs_braces(&statement->body);
    layout_line(text,
                braces ? arena_printf(text->arena, "%s {", statement->text)
                       : statement->text,
                indent);
    layout_block(text, &statement->body, indent + 1);
    if (braces)
        layout_line(text, "}", indent);
}

static void layout_do(Text *text, const Stmt *statement, int indent) {
    layout_line(text, "do {", indent);
    layout_block(text, &statement->body, indent + 1);
    layout_line(text,
                arena_printf(text->arena, "} while (%s);", statement->text),
                indent);
}

void layout_block(Text *text, const Block *block, int indent) {
    for (const Stmt *s = block->first; s; s = s->next) {
        switch (s->kind) {
        case STMT_LINE: layout_line(text, s->text, indent); break;
        case STMT_COMMENT:
            wrap_words(text, s->text, "// ", "//     ", indent * STEP, WIDTH);
            break;
        case STMT_IF: layout_if(text, s, indent); break;
        case STMT_LOOP: layout_loop(text, s, indent); break;
        case STMT_DO: layout_do(text, s, indent); break;
        }
    }
}

// print.h - private to lib/emit: from a plan to text. Expressions are printed
// straight to text; statements make a small tree, which layout.c prints, since
// braces, else-if and line breaks depend on what follows.
#ifndef GRADCC_EMIT_PRINT_H
#define GRADCC_EMIT_PRINT_H

#include "emit/plan.h"

// ---- Statements -------------------------------------------------------------

typedef enum StmtKind {
    STMT_LINE,    // text is all of it: "s += x;"
    STMT_COMMENT, // text without "//"
    STMT_IF,      // text is the condition
    STMT_LOOP,    // text is the head: "for (...)", "while (...)"
    STMT_DO,      // text is the condition
} StmtKind;

typedef struct Stmt Stmt;

typedef struct Block {
    Stmt *first, *last;
} Block;

struct Stmt {
    StmtKind kind;
    bool declares; // needs a block around it
    const char *text;
    Block body, otherwise; // otherwise: of STMT_IF
    Stmt *next;
};

// layout.c
void layout_block(Text *text, const Block *block, int indent);
// One logical line, broken where it is longer than 80 columns.
void layout_line(Text *text, const char *line, int indent);
// A block comment, wrapped.
void layout_comment(Text *text, const char *comment);

// ---- What the printed functions need of the file around them ----------------

enum { NEEDS_FLOAT, NEEDS_DOUBLE, NEEDS_LDOUBLE, NEEDS_TYPES };

typedef struct Needs {
    bool math_h, string_h, stdlib_h, stdio_h, stddef_h, gradrt_h;
    bool cmplx[NEEDS_TYPES]; // the macros CMPLXF, CMPLX, CMPLXL
    bool allocate, reserve, allocate_sized, heap_size, free_sized, reallocate;
    bool digamma[NEEDS_TYPES], trigamma[NEEDS_TYPES];
    Vec(const Global *) globals;     // in order of first use
    Vec(const Function *) functions; // called or pointed to
    PtrMap *seen;
} Needs;

Needs *needs_create(Arena *arena);

typedef struct Printer {
    Arena *arena;
    Plan *plan;
    Needs *needs;
    Block *block;          // where statements go
    const Op *at;          // the operation that is printed
    const Origin *comment; // what the last comment names
    PtrMap *firsts;        // Op -> variables declared before it
    PtrMap *declared;      // Variable -> itself
    PtrMap *mentioned;     // parameters that the text names
    const Op *done;        // printed together with the one before it
} Printer;

// statement.c: the whole definition, comment and signature excluded.
void print_body(Printer *p, Block *block);
// declaration.c
// With a plan, that of a definition: parameters that do not overlap say so.
void print_signature(Text *text, const Function *function, const Plan *plan);

// ---- Expressions ------------------------------------------------------------

// C's precedence; a context asks for at least one of these.
typedef enum Precedence {
    PREC_ANY,
    PREC_TERNARY,
    PREC_CONDITION, // of ?:
    PREC_OR,
    PREC_AND,
    PREC_BIT_OR,
    PREC_BIT_XOR,
    PREC_BIT_AND,
    PREC_EQUAL,
    PREC_RELATION,
    PREC_SHIFT,
    PREC_SUM,
    PREC_PRODUCT,
    PREC_UNARY,
    PREC_POSTFIX,
} Precedence;

// expression.c
void print_value(Printer *p, Text *t, const Value *value, Precedence least);
// Where C converts by itself: assignments, arguments, return.
void print_assigned(Printer *p, Text *t, const Value *value, Precedence least);
// Where only zero or not matters.
void print_condition(Printer *p, Text *t, const Value *value, Precedence least);
void print_not(Printer *p, Text *t, const Value *value, Precedence least);
void print_index(Printer *p, Text *t, const Value *index, Precedence least);
const char *value_text(Printer *p, const Value *value, Precedence least);
const char *assigned_text(Printer *p, const Value *value);
// v op rest, where v is a variable or object that already stands on the left:
// the rest of `x += rest`, and its operator ("+=", "-=", "*=", "/=").
const char *compound_text(Printer *p, const Op *op, const Value *rest,
                          const char **operator);
// What stands there in place; NULL for a variable or an object.
const Op *inline_op(const Printer *p, const Value *value);
const char *variable_name(const Printer *p, const Value *value);

// convert.c: which casts C makes by itself.
typedef struct Operand {
    const Value *value;
    bool bare; // printed without its outermost conversion
} Operand;
void choose_operands(const Printer *p, const Op *op, Operand *a, Operand *b);
// As an operand beside one of the value's own type.
bool computes_bare(const Printer *p, const Value *value);
bool converts_by_itself(const Printer *p, const Value *value);
// Whether `from` differs from `to` at most in const that `to` adds at the
// outermost level; both stand behind a pointer.
bool same_but_const(const Type *from, const Type *to);
bool is_promotion(const Printer *p, const Value *value);
bool narrows_sum(const Printer *p, const Value *value);
bool widens_index(const Printer *p, const Value *value);

// call.c
void print_call(Printer *p, Text *t, const Op *op);
void print_math(Printer *p, Text *t, const Op *op);
void note_function(Printer *p, const Function *callee);
void note_global(Printer *p, const Global *global);

// address.c
void print_lvalue(Printer *p, Text *t, const Value *address, Precedence least);
void print_pointer(Printer *p, Text *t, const Value *address, Precedence least);
bool is_named_object(const Printer *p, const Value *address);
void print_load(Printer *p, Text *t, const Op *load, Precedence least);

// constant.c
void print_constant(Printer *p, Text *t, const Op *op, Precedence least,
                    bool bare);
// The constant of the other sign, where it prints without a minus.
bool constant_is_negative(const Op *op);
// A floating constant that was written as an integer.
bool constant_has_digits(const Op *op);
void print_negated(Printer *p, Text *t, const Op *op);

// declaration.c: a declarator with its type; lengths are C texts of dynamic
// array lengths, outermost first.
void print_declarator(Text *t, const Type *type, const char *declarator,
                      const char *const *lengths);
// The texts of the dynamic lengths behind a pointer value.
const char *const *pointer_lengths(Printer *p, const Value *value);
void declare_variable(Printer *p, const Variable *variable, const char *init);
void print_type_name(Printer *p, Text *t, const Op *cast);

// statement.c
Stmt *add_statement(Printer *p, StmtKind kind, const char *text);
Stmt *add_line(Printer *p, const char *format, ...) PRINTF_LIKE(2, 3);
void print_region(Printer *p, const Region *region, Block *block);
// variable = value; with a declaration at its first assignment.
void print_assignment(Printer *p, Variable *variable, const Value *value);
// The same for the value that an operation defines.
void print_definition(Printer *p, const Value *value);
// target op= rest; or target++;
void add_compound(Printer *p, const char *target, const Op *op,
                  const Value *rest);
// Before an operation: declarations of what is first assigned inside it.
void declare_before(Printer *p, const Op *op);
void comment_for(Printer *p, const Op *op);

// loop.c
void print_loop(Printer *p, const Op *loop);

// memory.c: statements that store, copy, clear, allocate; the tape.
void print_memory(Printer *p, const Op *op);

// copies.c: many assignments at once.
typedef struct Copy {
    Variable *target;
    const Value *source;
} Copy;
typedef Vec(Copy) Copies;
void print_copies(Printer *p, Copies *copies);

#endif

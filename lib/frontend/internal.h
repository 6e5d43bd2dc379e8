// internal.h - what the files of lib/frontend share. Two contexts: Frontend
// for a translation unit, Lowering for the one function being lowered.
//
// A refusal (refuse) leaves the function being lowered by longjmp. That is
// safe because everything lives in the arena and no function of this room
// lowers anything inside a libclang visitor: children are collected first.
#ifndef GRADCC_FRONTEND_INTERNAL_H
#define GRADCC_FRONTEND_INTERNAL_H

#include "frontend/frontend.h"

#include <clang-c/Index.h>
#include <setjmp.h>

// ---- The translation unit ---------------------------------------------------

// One file that the unit reads.
typedef struct FileText {
    CXFile file;
    SourceFile source;
    bool is_main, is_system;
    // The first of the unit's top declarations end before the pragma at this
    // offset, or stand in other files.
    size_t passed;
    uint32_t passed_word;
} FileText;

// A pragma that has been found: its words, and where they stand.
typedef struct Pragma {
    FileText *file;
    uint32_t begin, end;     // offsets of the text after `grad`
    uint32_t word;           // offset of `grad` itself
    bool in_string;          // _Pragma("...")
    struct Clauses *clauses; // what it says, once read
    CXCursor target;         // what it stands before
    struct Unit *unit;       // that it was read in
    CXCursor primal;         // of derivative(...): the function; null where it
                             // is a callback parameter
    struct Unit *owner;      // whose output has the derivative; NULL if it asks
                             // for none
    bool is_good;
} Pragma;

// What one unit calls otherwise than the generated file does.
typedef struct Renaming {
    const char *from, *to;
} Renaming;

// One translation unit. All those of a program stay parsed until its last
// module has been made.
typedef struct Unit {
    const char *path;
    CXTranslationUnit handle;
    Vec(FileText *) files;
    PtrMap *file_of;         // CXFile to FileText
    Vec(CXCursor) top;       // declarations outside system headers
    StrMap *names;           // those functions and variables, by name: CXCursor
    PtrMap *record_typedefs; // declaration to the name of its typedef
    StrMap *macros;          // by name; NULL until first needed
    Vec(Pragma *) pragmas;
    Vec(const char *) includes; // directives of the main file, as written
    Vec(Renaming) renamings;    // of the module that is being made
    bool is_used;               // by that module
} Unit;

typedef struct FunctionInfo {
    Function *function;
    Unit *unit;           // that has the definition, or a declaration
    CXCursor declaration; // any
    CXCursor definition;  // null cursor where the program has none
    bool returns_record;
    bool queued;
} FunctionInfo;

// A name with external linkage, defined by one unit of the program.
typedef struct Definition {
    Unit *unit;
    CXCursor cursor;
    SourceLoc loc;
} Definition;

// The first definition of a struct that has been met under its name.
typedef struct SeenRecord {
    Unit *unit;
    CXCursor definition;
    Record *record;
} SeenRecord;

// A function or variable of the module, and whose name it has.
typedef struct Holder {
    Unit *unit;
    Function *function; // or
    Global *global;
    bool is_private; // no other file knows the name
    CXCursor cursor;
} Holder;

typedef struct Frontend {
    Arena *arena;
    Diagnostics *diags;
    const FrontendOptions *options;
    Vec(Unit *) units;
    Unit *unit;              // of the cursors at hand
    StrMap *definitions;     // external functions and variables: Definition
    StrMap *generated;       // names of generated functions: SourceLoc of the
                             // pragma
    StrMap *loop_infos;      // "file:offset" of a loop to LoopInfo
    StrMap *checkpoints;     // the same to the Clauses of `checkpoint`
    StrMap *inactive_places; // "file:offset" of an inactive declaration
    const Pragma *bodiless;  // a prototype's, in a header; or NULL
    PtrMap *inactive;        // canonical declarations of inactive functions
    StrMap *inactive_names;  // and the names of those with external linkage
    Vec(Pragma *) rules;     // derivative(...)
    // Of the module that is being made:
    Module *module;
    const Unit *owner; // whose functions it differentiates; NULL: all units'
    PtrMap *functions; // canonical declaration to FunctionInfo
    PtrMap *globals;   // canonical declaration to Global
    StrMap *shared;    // what several units declare, by name or place
    StrMap *indirect;  // types of functions to what stands for all of them
    Vec(Holder) holders;
    StrMap *records;           // a key of the declaration to Record
    StrMap *records_by_name;   // to SeenRecord
    Vec(FunctionInfo *) queue; // to be lowered
    Vec(Function *) ruled;     // with derivatives of the user's own
} Frontend;

// ---- cursors.c: small questions to libclang ---------------------------------

typedef struct Cursors {
    CXCursor *items;
    size_t count;
} Cursors;

Cursors children_of(Frontend *fe, CXCursor cursor);
const char *take_string(Arena *arena, CXString string);
const char *cursor_name(Frontend *fe, CXCursor cursor);
// Identifies a declaration: the node's address, for PtrMap.
const void *declaration_key(CXCursor declaration);
const void *statement_key(CXCursor statement); // of expressions, too
CXCursor strip_parens(Frontend *fe, CXCursor cursor);
// An implicit conversion: one child with an extent equal to its own.
bool is_implicit_cast(Frontend *fe, CXCursor cursor, CXCursor *child);
// Parentheses and implicit conversions off.
CXCursor strip_casts(Frontend *fe, CXCursor cursor);
bool in_main_file(Frontend *fe, CXCursor cursor);
bool type_is_array(CXType type);
const char *pretty_text(Frontend *fe, CXCursor declaration);

// ---- places.c: files, locations, source text --------------------------------

FileText *file_text(Frontend *fe, CXFile file);
SourceLoc loc_of(Frontend *fe, CXCursor cursor);
SourceLoc loc_of_location(Frontend *fe, CXSourceLocation location);
SourceLoc loc_at(Frontend *fe, FileText *file, uint32_t offset,
                 uint32_t length);
// Offsets of a cursor's extent in its file; false where there is none.
bool extent_of(Frontend *fe, CXCursor cursor, FileText **file, uint32_t *begin,
               uint32_t *end);
const char *place_key(Frontend *fe, CXCursor cursor);
// One line of source text: comments stripped, white space joined, cut.
const char *one_line(Arena *arena, const SourceFile *file, uint32_t begin,
                     uint32_t end, bool add_semicolon);
// The identifier at an offset, or NULL.
const char *identifier_at(Arena *arena, const SourceFile *file,
                          uint32_t offset);

// The place of a declared name alone.
SourceLoc loc_of_name(Frontend *fe, CXCursor declaration);

// ---- units.c: several files as one program ----------------------------------

void link_units(Frontend *fe);
// Where another unit defines what the unit at hand only declares, or NULL.
const Definition *definition_elsewhere(Frontend *fe, CXCursor declaration);
CXCursor record_elsewhere(Frontend *fe, const char *spelling, Unit **unit);
// The same for all units that read the declaration from one header.
const char *place_in_program(Frontend *fe, CXCursor cursor);
// Two readings of one declaration agree in text, types and what they refer to.
bool means_the_same(Frontend *fe, CXCursor a, CXCursor b);
void refuse_two_meanings(Frontend *fe, CXCursor cursor, const char *what,
                         const char *first_path);
const char *holder_name(const Holder *holder);
// Enters a function or global under its name, or under another one where
// another file has that.
void hold_name(Frontend *fe, Function *function, Global *global,
               CXCursor cursor);
void rename_in_texts(Frontend *fe);

// ---- stack.c ----------------------------------------------------------------

// Runs work(context) on a large stack, and waits for its end.
void run_on_deep_stack(void (*work)(void *), void *context);

// ---- parse.c: arguments, the parse, clang's diagnostics ---------------------

bool parse_unit(Frontend *fe, CXIndex index);
void collect_includes(Frontend *fe);
// Of all units.
void collect_dependencies(Frontend *fe, Dependencies *dependencies);

// ---- pragma.c, clause.c, annotate.c -----------------------------------------

// Of all units: what they say, what they stand before, and whose they are.
void find_pragmas(Frontend *fe);
void read_pragmas(Frontend *fe);
void report_bodiless(Frontend *fe, const Pragma *pragma);
// Annotates the owner's functions (NULL: all), which enter the queue.
void annotate_functions(Frontend *fe, const Unit *owner);

typedef enum PragmaKind {
    PRAGMA_MODE, // a derivative to make
    PRAGMA_INDEPENDENT,
    PRAGMA_CHECKPOINT,
    PRAGMA_INACTIVE,
    PRAGMA_DERIVATIVE, // the user's own derivative of a function
} PragmaKind;

typedef struct ClauseSection {
    const char *length; // a number or a name; NULL of an expression
    SourceLoc loc;
    char sign; // of an expression: + - * /
    struct ClauseSection *left, *right;
} ClauseSection;

typedef struct ClauseItem {
    const char *name;
    SourceLoc loc;
    Vec(ClauseSection) sections;
} ClauseItem;

typedef Vec(ClauseItem) ClauseItems;

// A product of numbers, names of integers and units (KB, MB, GB).
typedef struct Product {
    Vec(ClauseSection) factors;
} Product;

// What stands behind `checkpoint`.
typedef struct CheckpointClauses {
    Product snapshots, memory; // without factors: not given
    const char *disk;          // a path, or NULL
    ClauseItems state;         // sections are read into `lengths`
    Vec(Product) lengths;      // of the items, in order; none: no section
} CheckpointClauses;

typedef struct Clauses {
    PragmaKind kind;
    GradMode mode;
    ClauseItems wrt, of, work;
    bool wrt_given, of_given, work_given;
    CheckpointClauses checkpoint;
    ClauseSection directions; // length is NULL without the clause
    bool layout_given, denominator, sparse;
    SourceLoc layout_loc, sparse_loc;
    const char *name; // of name(...), or NULL
    SourceLoc name_loc;
    const char *primal; // of derivative(...): what it is the derivative of
    SourceLoc primal_loc;
    SourceLoc loc;
} Clauses;

bool parse_clauses(Frontend *fe, const Pragma *pragma, Clauses *clauses);
bool annotate_function(Frontend *fe, FunctionInfo *info, CXCursor declaration,
                       const Clauses *clauses);
// The items of wrt, of and work; false after an error.
// The item that stands for a struct result; false, with an error, where that
// cannot be among the dependents.
bool resolve_record_result(Frontend *fe, const Function *function,
                           SourceLoc loc, GradItem *out);
bool resolve_clauses(Frontend *fe, FunctionInfo *info, CXCursor declaration,
                     const Clauses *clauses, Annotation *annotation);
// Of several names the one most like the given; NULL if none is near.
const char *nearest_name(const char *name, const char *const *names,
                         size_t count);
// A floating value can be written through it; depth is 0.
bool reaches_writable(const Type *type, int depth);
// Defaults of wrt and of, once the body is there.
void complete_annotations(Frontend *fe, Function *function);
// The same for rules; without a body, by the parameters' types.
void complete_rules(Frontend *fe, Function *function);

// ---- user_rules.c -----------------------------------------------------------

bool attach_derivative(Frontend *fe, Pragma *pragma);
// Finds what the rules are for, once all pragmas have been read.
void resolve_rules(Frontend *fe);
// Gives a function of the module its rules.
void add_rules(Frontend *fe, FunctionInfo *info);
// Gives an annotated function's parameters the callbacks that have rules.
void add_callbacks(Frontend *fe, FunctionInfo *info);

// ---- types.c ----------------------------------------------------------------

// NULL where the IR has no such type; *why then says what is not
// supported ("complex numbers are").
const Type *convert_type(Frontend *fe, CXType type, const char **why);
// The same, but with an opaque type in that case.
const Type *convert_type_or_opaque(Frontend *fe, CXType type);
// The type of a value: libclang gives an array parameter's own type to
// expressions that are worth a pointer.
const Type *decayed_type(Frontend *fe, CXType type);
// Field of record, found through nameless members: the path of indices.
// The address of a field, also one of a nameless member; NULL if none.
Value *build_field_named(Builder *b, Value *record, const char *name);
void sort_records(Frontend *fe);

// ---- functions.c, globals.c -------------------------------------------------

FunctionInfo *function_of(Frontend *fe, CXCursor declaration);
void enqueue_function(Frontend *fe, FunctionInfo *info);
void lower_function(Frontend *fe, FunctionInfo *info);
// Of an array: its elements.
bool is_volatile_type(CXType type);
const Type *volatile_named(Frontend *fe, CXType type, const Type *converted);
Global *global_of(Frontend *fe, CXCursor declaration,
                  const char *function_name);

// ---- mentions.c -------------------------------------------------------------

// Brings the types that a declaration's text mentions into the module.
void note_types(Frontend *fe, CXCursor declaration, const char *text);

// ---- kept.c -----------------------------------------------------------------

// The definition as C text that gcc and clang read.
const char *kept_text(Frontend *fe, CXCursor definition);
// Brings what a function mentions into the module.
void note_mentions(Frontend *fe, FunctionInfo *info);

// ---- Lowering one function --------------------------------------------------

typedef struct Variable {
    const char *name;
    const Type *type;
    bool in_memory;
    Value *address;  // of variables in memory
    Value **extents; // dynamic lengths of its type
    uint32_t extent_count;
    uint32_t index; // of others: into the environment
} Variable;

// The current value of each variable without storage; NULL: none yet.
typedef struct Environment {
    Value **values;
    Variable **variables;
    size_t count, capacity;
} Environment;

// Where a break, continue, return or goto leads: past the end of a list of
// statements. Its flag is kept only while something is going to read it.
typedef struct Target {
    enum { TARGET_RETURN, TARGET_BREAK, TARGET_CONTINUE, TARGET_LABEL } kind;
    const char *label;
    Variable *flag; // 1 after a jump there; NULL until the first reader
    unsigned readers;
} Target;

enum { MAX_TARGETS = 64, MAX_DEPTH = 1000 };

typedef struct Lowering {
    Frontend *fe;
    FunctionInfo *info;
    Function *function;
    Builder b;
    Environment env;
    PtrMap *variables;      // declaration to Variable
    PtrMap *addressed;      // declarations of scalars whose address is taken
    Vec(Variable *) tables; // of function_table
    Vec(Variable *) named;  // parameters and locals, in order of declaration
    Target targets[MAX_TARGETS];
    unsigned target_count;
    Variable *result;     // the value to be returned; NULL for void
    Value *result_record; // where a struct result goes
    Value **vla_extents;  // lengths for a conversion to the declared type
    uint32_t vla_extent_count;
    unsigned depth;
    unsigned statement_expressions;
    jmp_buf bail;
    PtrMap *literals; // compound literals to objects that exist already
} Lowering;

#define ATOMICS_NOTE \
    "use plain variables, or a function of its own without floating values"

// The fence: reports (or remembers) and leaves the function.
void refuse(Lowering *lw, CXCursor cursor, const char *note, const char *format,
            ...) PRINTF_LIKE(4, 5) NORETURN;
void enter_depth(Lowering *lw, CXCursor cursor);
const Type *lower_type(Lowering *lw, CXCursor cursor, CXType type);

// ---- ssa.c ------------------------------------------------------------------

Variable *variable_create(Lowering *lw, const char *name, const Type *type);
void variable_set(Lowering *lw, Variable *variable, Value *value);
Value *variable_get(Lowering *lw, Variable *variable);

// An if under construction: the branches are lowered one after the other, each
// from the same environment.
typedef struct Branching {
    Op *op;
    Builder outer;
    Environment before, after_then;
    bool has_value; // the branches give a value of their own, result 0
    Value *then_value;
} Branching;

void branch_begin(Lowering *lw, Branching *br, Value *condition);
void branch_else(Lowering *lw, Branching *br, Value *then_value);
// Result 0 where values were given, else NULL.
Value *branch_end(Lowering *lw, Branching *br, Value *else_value);

typedef struct Looping {
    Op *op;
    Builder outer;
    Variable **carried;
    uint32_t count;
    size_t outer_count;
} Looping;

// Starts a while; builds into its condition region first.
void loop_begin(Lowering *lw, Looping *loop, Variable **carried,
                uint32_t count);
void loop_body(Lowering *lw, Looping *loop, Value *condition);
void loop_end(Lowering *lw, Looping *loop);

// ---- jumps.c ----------------------------------------------------------------

// Which active targets the statement may jump to, one bit each.
uint64_t jumps_of(Lowering *lw, CXCursor statement);
// False where control never reaches the statement's end.
bool falls_through(Lowering *lw, CXCursor statement);
Target *target_push(Lowering *lw, int kind, const char *label);
void target_pop(Lowering *lw);
void jump_to(Lowering *lw, Target *target);
Target *find_target(Lowering *lw, int kind, const char *label);
void add_readers(Lowering *lw, uint64_t targets, int change);
// Nonzero if a jump to one of the targets is under way; NULL if none can be.
Value *jumped_to(Lowering *lw, uint64_t targets);

// ---- scan.c: what an expression or statement does ---------------------------

void check_nesting(Lowering *lw, CXCursor body);
void find_addressed(Lowering *lw, CXCursor body);
// Variables without storage, older than the statement, that it assigns.
typedef Vec(Variable *) Variables;
void find_assigned(Lowering *lw, CXCursor cursor, Variables *variables);
// An expression that has no effect and calls no function but math.
bool is_simple_condition(Lowering *lw, CXCursor expression);

// ---- statements.c, loops.c, switch.c ----------------------------------------

typedef struct Item {
    enum {
        ITEM_STATEMENT,
        ITEM_BLOCK,      // a body within which `continue` ends
        ITEM_EXPRESSION, // evaluated for its effect
        ITEM_TEST,       // variable = the truth of an expression
        ITEM_SET,        // variable = 1
        ITEM_LABEL,
        ITEM_AGAIN, // a label and what a goto back to it repeats
    } kind;
    CXCursor cursor;
    Variable *variable;
    const Origin *origin;      // of what is no statement
    const char *label;         // of ITEM_LABEL, ITEM_AGAIN
    const struct Item *inside; // of ITEM_AGAIN: what is behind the label
    size_t inside_count;
} Item;

typedef Vec(Item) Items;

void lower_items(Lowering *lw, const Item *items, size_t count);
// Which active targets the item may jump to, one bit each.
uint64_t item_jumps(Lowering *lw, const Item *item);
// False where control never reaches the list's end.
bool items_fall(Lowering *lw, const Item *items, size_t count);
void lower_statement(Lowering *lw, CXCursor statement);
void append_statement(Lowering *lw, Items *items, CXCursor statement);
// The same for one statement, without looking for loops.
void append_labelled(Lowering *lw, Items *items, CXCursor statement);
void set_origin(Lowering *lw, CXCursor statement);
void lower_loop(Lowering *lw, CXCursor loop);
void lower_switch(Lowering *lw, CXCursor statement);

typedef struct ForParts {
    CXCursor init, condition, increment, body; // null cursors where left out
} ForParts;

ForParts for_parts(Lowering *lw, CXCursor loop);

// ---- labels.c ---------------------------------------------------------------

// Makes loops of what gotos lead back over.
void form_loops(Lowering *lw, Items *items);
void lower_again(Lowering *lw, const Item *item);
// The list up to a label that is jumped to from before it, then the rest;
// false where there is no such label.
bool lower_at_label(Lowering *lw, const Item *items, size_t count);
// The items, unless a jump to one of the targets is under way.
void lower_unless(Lowering *lw, uint64_t targets, const Item *items,
                  size_t count);
// Variable-length arrays and compound literals: they live to the block's end,
// but the IR has them only in the region that makes them.
bool list_makes_objects(Lowering *lw, const Item *items, size_t count);

// ---- chains.c ---------------------------------------------------------------

// So many links, cases or jumps in a row that they are divided into halves.
bool is_long(size_t at, size_t end);
// A flag for a first half of which nothing was taken; set_missed sets it.
void begin_half(Lowering *lw, Variable **missed);
void set_missed(Lowering *lw, Variable *missed);
bool is_long_chain(Lowering *lw, CXCursor first);
void lower_if_chain(Lowering *lw, CXCursor first);
Value *lower_choice_chain(Lowering *lw, CXCursor first, const Type *type);

// ---- declarations.c, initializers.c -----------------------------------------

void lower_declaration(Lowering *lw, CXCursor statement);
Variable *declare_local(Lowering *lw, CXCursor declaration);
// A variable whose type has a length that is computed.
bool declares_dynamic(Lowering *lw, CXCursor declaration);
void declare_ahead(Lowering *lw, const Item *items, size_t count);
void initialize(Lowering *lw, Value *address, const Type *type,
                CXCursor initializer);
// The same for a whole variable in memory, scalars included.
void initialize_object(Lowering *lw, const Variable *variable,
                       CXCursor initializer);

// ---- expressions.c, operators.c, assignments.c, places.c --------------------

typedef enum Part { PART_WHOLE, PART_REAL, PART_IMAGINARY } Part;

// What can be assigned: a variable without storage, an address, or the real or
// imaginary part of the complex number there.
typedef struct Place {
    Variable *variable;
    Value *address;
    const Type *type;
    Part part;
} Place;

Value *lower_value(Lowering *lw, CXCursor expression);
void lower_effect(Lowering *lw, CXCursor expression); // for its effects alone
Place lower_place(Lowering *lw, CXCursor expression);
Value *lower_address(Lowering *lw, CXCursor expression); // of a place in memory
Value *lower_record(Lowering *lw, CXCursor expression);  // a record's address
Value *place_load(Lowering *lw, Place place);
void place_store(Lowering *lw, Place place, Value *value);
Value *truth_of(Lowering *lw, Value *value); // 0 or 1
Value *convert_value(Lowering *lw, CXCursor cursor, const Type *type,
                     Value *value);
// The same pointer with the type's const: branches and loops need one type.
Value *exact_pointer(Lowering *lw, const Type *type, Value *value);
bool is_place(Lowering *lw, CXCursor expression);
const Type *writable_type(Module *module, const Type *type);
Value *new_object(Lowering *lw, const Type *type, const char *name);
// The result type of an expression.
const Type *result_type(Lowering *lw, CXCursor expression);

Value *lower_binary(Lowering *lw, CXCursor expression);
Value *lower_unary(Lowering *lw, CXCursor expression);
Value *lower_logical(Lowering *lw, CXCursor expression,
                     enum CXBinaryOperatorKind kind);
Value *lower_conditional(Lowering *lw, CXCursor expression);
Value *lower_assignment(Lowering *lw, CXCursor expression);
Value *lower_step(Lowering *lw, CXCursor expression);
Value *build_offset(Lowering *lw, Value *pointer, Value *offset, bool negative);
Value *arithmetic(Lowering *lw, CXCursor cursor, enum CXBinaryOperatorKind kind,
                  Value *x, Value *y);

// ---- complex.c
// ---------------------------------------------------------------

// An operand of + - * / == !=: a real one stays real beside a complex one, as
// compilers compute it.
Value *lower_operand(Lowering *lw, CXCursor operand);
// Keeps an integer beside a complex number as it was written.
void keep_mixed(Lowering *lw, CXCursor left, Value *x, CXCursor right,
                Value *y);
// The operands of a compound assignment, of which one at least is complex.
Value *complex_left(Lowering *lw, Value *left, const Value *right);
Value *lower_imaginary_literal(Lowering *lw, CXCursor literal);
// __real__ and __imag__ of a value, and of a place; ~z.
Value *complex_part(Lowering *lw, Value *value, Part part);
Place complex_part_place(Lowering *lw, CXCursor expression);
Value *replace_part(Lowering *lw, Value *whole, Part part, Value *value);
Value *complex_part_address(Lowering *lw, Place place);
bool is_part_operator(CXCursor expression);
bool is_part_place(Lowering *lw, CXCursor expression);

// ---- constants.c ------------------------------------------------------------

// A constant that a macro of a header names, or NULL.
Value *constant_of_macro(Lowering *lw, CXCursor expression);
Value *lower_literal(Lowering *lw, CXCursor expression);
Value *lower_sizeof(Lowering *lw, CXCursor expression);
// Integer constants known to clang (enum constants, case labels, sizeof).
bool evaluate_integer(CXCursor expression, int64_t *value);
Value *fold_cast(Lowering *lw, const Type *type, Value *constant); // or NULL
// An object-like macro whose body is one number: its text, or NULL.
const char *macro_number(Frontend *fe, const char *name, bool *from_header);

// ---- indirect.c -------------------------------------------------------------

// The type of what the pointer leads to (or of a function itself).
CXType function_pointee(CXType pointer);
Function *indirect_create(Frontend *fe, const char *name, CXType type);
// What a call through the pointer is a call of.
Function *indirect_function(Lowering *lw, CXCursor call, CXCursor pointer);
// Of a constant global that holds pointers to functions: a variable of its own
// with the same contents, made at the function's start; NULL of others.
Variable *function_table(Lowering *lw, CXCursor declaration);
// Such a variable ends with the function; refuses where its address does not.
void check_tables(Lowering *lw);

// ---- calls.c, library.c -----------------------------------------------------

// NULL for void. A struct result goes to `into`, or to a new object, whose
// address is returned.
Value *lower_call(Lowering *lw, CXCursor call, Value *into);
// Calls that are not calls in the IR; false where name is not one of them.
bool lower_library_call(Lowering *lw, CXCursor call, const char *name,
                        Value **result);
bool is_output_function(const char *name);
bool is_math_call(Frontend *fe, CXCursor call, MathFn *fn, TypeKind *kind);

// ---- checkpoint.c -----------------------------------------------------------

// Builds the OP_CHECKPOINT of the loop that is about to be built, if it is
// annotated so.
void lower_checkpoint(Lowering *lw, CXCursor loop);
// A statement that calls, marked; false, with nothing done, for others.
bool lower_marked_call(Lowering *lw, CXCursor statement);

#endif

// ir.h - the door of lib/ir: the intermediate representation of gradcc.
//
// A Module holds functions; a function is a tree of regions; a region is a
// list of operations in SSA form, ended by a terminator. Scalars and pointers
// are Values. Arrays, structs and address-taken locals live in memory, reached
// through addresses that keep their structure (index, elem, field).
// docs/ir.md specifies all of it, and the printed form.
//
// Ownership: everything lives in module->arena. Nothing is shared between
// functions but Types, Records, Globals and Origins.
#ifndef GRADCC_IR_H
#define GRADCC_IR_H

#include "support/support.h"

typedef struct Type Type;
typedef struct Record Record;
typedef struct Value Value;
typedef struct Op Op;
typedef struct Region Region;
typedef struct Function Function;
typedef struct Global Global;
typedef struct Module Module;

// ---- Types ------------------------------------------------------------------

typedef enum TypeKind {
    TYPE_VOID,
    TYPE_BOOL, // the integers stand in the order of their conversion rank
    TYPE_CHAR,
    TYPE_SCHAR,
    TYPE_UCHAR,
    TYPE_SHORT,
    TYPE_USHORT,
    TYPE_INT,
    TYPE_UINT,
    TYPE_LONG,
    TYPE_ULONG,
    TYPE_LLONG,
    TYPE_ULLONG,
    TYPE_FLOAT,
    TYPE_DOUBLE,
    TYPE_LDOUBLE,
    TYPE_CFLOAT, // complex, in the order of their parts
    TYPE_CDOUBLE,
    TYPE_CLDOUBLE,
    TYPE_POINTER,
    TYPE_ARRAY,
    TYPE_RECORD,
    TYPE_OPAQUE, // known by its spelling only (FILE, function types): passive
} TypeKind;

// An array length that only run time knows. The value stands as an operand of
// the operation that needs it (alloc, cast), never in the type.
#define ARRAY_DYNAMIC INT64_C(-1)

struct Type {
    TypeKind kind;
    bool is_const;        // qualifies this very type
    const char *spelling; // a typedef's or enum's name to print, or NULL
    const Type *element;  // of POINTER and ARRAY
    int64_t length;       // of ARRAY; ARRAY_DYNAMIC where unknown
    Record *record;       // of RECORD
};

typedef struct Field {
    const char *name; // NULL for an anonymous struct or union
    const Type *type;
    int bits; // bit-field width, 0 for an ordinary field
} Field;

// A struct or union. Two mentions of one C type share one Record.
struct Record {
    const char *name; // how C code names it: "struct network" or "Network"
    const char *definition; // macro-free C text that defines it (with a typedef
                            // where it has one), ended by a semicolon
    bool is_union;
    bool in_header;  // defined by a header that the source includes
    bool is_foreign; // by another source: not for the generated header
    bool in_runtime; // by gradrt.h, which the generated header includes for it
    Field *fields;
    size_t field_count;
    SourceLoc loc;
};

const Type *type_scalar(Module *module, TypeKind kind); // one per kind
const Type *type_pointer(Module *module, const Type *element);
const Type *type_array(Module *module, const Type *element, int64_t length);
const Type *type_record(Module *module, Record *record);
const Type *type_opaque(Module *module, const char *spelling);
// The same type under a typedef's name, or with (without) const.
const Type *type_named(Module *module, const Type *type, const char *spelling);
const Type *type_const(Module *module, const Type *type);
const Type *type_plain(Module *module, const Type *type); // no const, outermost
// Of a floating type: that of its real part; the complex one with such parts.
const Type *type_part(Module *module, const Type *type);
const Type *type_with_parts(Module *module, const Type *type);

// Structural equality; spellings and const do not count, and a dynamic length
// equals any length.
bool type_equal(const Type *a, const Type *b);
bool type_is_float(const Type *type); // floating: real or complex
bool type_is_complex(const Type *type);
bool type_is_real(const Type *type);    // floating, and not complex
bool type_is_integer(const Type *type); // bool and char included
bool type_is_arithmetic(const Type *type);
bool type_is_signed(const Type *type); // of integers; char counts as signed
unsigned type_integer_bits(const Type *type); // of integers; 1 of bool
bool type_is_pointer(const Type *type);
// Holds a floating value, itself or in an element or field (not via pointers).
bool type_holds_float(const Type *type);
// Holds a pointer, itself or in an element or field.
bool type_holds_pointer(const Type *type);
// A floating value can be reached from it, also via pointers.
bool type_reaches_float(const Type *type);
bool type_reaches_complex(const Type *type);
bool type_has_dynamic_length(const Type *type); // not via pointers
size_t type_function_result(const Type *type);
const char *type_kind_name(TypeKind kind); // "double", "long", ...
// C's spelling with a declarator inside: ("x", double[3]) -> "double x[3]".
// A dynamic length prints as [] (the emitter knows better).
void type_print_c(Text *text, const Type *type, const char *declarator);

// ---- Math functions ---------------------------------------------------------

// One row per function of math.h; see math.def.
typedef enum MathFn {
#define MATH(name, arguments, results) MATH_##name,
#include "ir/math.def"
#undef MATH
    MATH_COUNT
} MathFn;

typedef struct MathInfo {
    const char *name;      // of the double version; float adds f, long double l
    const char *arguments; // one letter each: f real floating, i int, l long,
                           // c complex
    const char *results;   // f, i, l, q (long long) or c; a second letter is an
                           // out-parameter in C and a second result here
    bool is_macro;         // isnan and friends: type-generic, no suffix
    bool is_internal;      // not in math.h: emitted as a static helper
    bool is_complex;       // of complex.h
} MathInfo;

const MathInfo *math_info(MathFn fn);
// By C name, suffix and all ("expf", "__builtin_fabs"); false if unknown.
bool math_find(const char *c_name, MathFn *fn, TypeKind *kind);

// ---- Operations -------------------------------------------------------------

typedef enum OpKind {
#define OP(kind, name, flags, symbol) OP_##kind,
#include "ir/ops.def"
#undef OP
    OP_COUNT
} OpKind;

enum OpFlags {
    OPF_NONE = 0,
    OPF_PURE = 1 << 0, // result depends on operands and attributes alone
    OPF_COMMUTES = 1 << 1,
    OPF_READS = 1 << 2,      // reads memory
    OPF_WRITES = 1 << 3,     // writes memory
    OPF_EFFECT = 1 << 4,     // must stay, in order, for another reason
    OPF_TERMINATOR = 1 << 5, // ends a region
    OPF_REGIONS = 1 << 6,    // holds regions; its effects are theirs
    OPF_COMPARES = 1 << 7,
};

typedef struct OpInfo {
    const char *name;   // in the printed form
    unsigned flags;     // OpFlags
    const char *symbol; // C's operator, or NULL
} OpInfo;

const OpInfo *op_info(OpKind kind);
bool op_kind_find(const char *name, OpKind *kind);

// Where an operation comes from: the C statement it was made of.
typedef struct Origin {
    SourceLoc loc;
    const char *text; // the statement in one line, or NULL
} Origin;

// HEAP_CHECKED (count, size): zeroed like calloc, never NULL. The emitter
// writes it as a static helper `gradcc_allocate` of the generated file, which
// ends the program with a message where memory cannot be had.
// HEAP_UNSET (count, size): never NULL, too, but holding anything; written as
// `gradcc_reserve`. For what is stored before it is read.
// HEAP_SIZED (count, size): as HEAP_CHECKED, as `gradcc_allocate_sized`; it
// knows its size (OP_HEAP_SIZE) and is freed by an OP_FREE with this attribute.
// HEAP_ALIGNED (alignment, size): aligned_alloc. HEAP_ALLOCA (size): on the
// stack.
// HEAP_TAPE (count, size, tape): as HEAP_UNSET, a block on the tape; the
// OP_FREE of it has the same attribute, and the tape as its second operand.
typedef enum HeapFn {
    HEAP_MALLOC,
    HEAP_CALLOC,
    HEAP_CHECKED,
    HEAP_UNSET,
    HEAP_SIZED,
    HEAP_ALIGNED,
    HEAP_ALLOCA,
    HEAP_TAPE,
} HeapFn;

// What the annotations above a loop say.
// In which order a gradient visits the iterations of a loop.
typedef enum LoopOrder {
    ORDER_LAST_FIRST,
    ORDER_FIRST_LAST,
    ORDER_FUSED, // first to last, each where the loop runs it
} LoopOrder;

typedef struct LoopInfo {
    bool independent; // iterations meet only in reductions
    bool checkpoint;  // behind an OP_CHECKPOINT in the same region
    LoopOrder order;
    SourceLoc loc;
} LoopInfo;

// Of a loop whose body holds both sweeps of an iteration, what is not printed:
// memory that each iteration finds zero and leaves zero, by its roots.
typedef struct Fusion {
    Vec(Value *) scratch;
} Fusion;

struct Op {
    OpKind kind;
    Value **operands;
    Value **results;
    Region **regions;
    uint32_t operand_count, result_count, region_count;
    Region *parent;
    Op *previous, *next;
    const Origin *origin; // NULL where the compiler made it
    bool adjoint;         // belongs to the derivative, not to the primal
    union {
        // OP_CONST: an arithmetic or null-pointer constant of the result's type
        struct {
            int64_t integer;  // of integers (unsigned: the same bits) and null
            double real;      // of floating types
            double imaginary; // of complex types
            const char *spelling; // C text to print ("M_PI", "1e-3f"), or NULL.
                                  // Where it is there, it is the value: a long
                                  // double keeps its bits only here
        } constant;
        MathFn math;      // OP_MATH
        bool guard;       // OP_SELECT, as w != 0 ? x : 0: x is a multiple of w
        uint32_t field;   // OP_FIELD: index into the record's fields
        const Type *type; // OP_ALLOC, OP_COPY, OP_ZERO: type of the object
        HeapFn heap;      // OP_HEAP, OP_REALLOC, OP_FREE
        Global *global;   // OP_GLOBAL
        Function *callee; // OP_CALL, OP_FUNCTION
        const char *text; // OP_STRING: the literal with its quotes;
                          // OP_CHECKPOINT: its clauses
        struct {
            OpKind compare; // OP_FOR: LT LE GT GE NE: goes on while i <compare>
                            // end
            bool reversed;  // visits the same iterations, last first
            LoopInfo *info; // of OP_FOR and OP_WHILE; NULL without annotations
            Fusion *fusion; // NULL for others than fused loops
        } loop;
        bool zeroed; // unused kinds keep the union zero
    } as;
};

struct Value {
    const Type *type;
    const char *name; // a hint for the name in C, or NULL
    Op *op;           // the operation that defines it, or NULL
    Region *region;   // for a region's parameter: that region
    uint32_t index;   // which result or parameter it is
    uint32_t id;      // unique in its function, below function->value_count
};

struct Region {
    Op *parent; // the operation that holds it; NULL for a function's body
    Function *function;
    Value **params;
    uint32_t param_count;
    Op *first, *last;
};

// ---- Functions, globals, modules --------------------------------------------

typedef struct Param {
    const char *name;
    const Type *type;     // as C sees it after decay; a record by value: RECORD
    const char *extents;  // for double a[n][m]: "[n][m]", to print it so
    bool by_value_record; // then the body's Value is a pointer to the copy
    bool is_restrict;
    bool is_read_only; // of a step: it writes to nothing that this leads to
    uint32_t group;    // parameters of one that is not 0 may lead to the same
    // Of a pointer to a function whose derivative the user gives: what calls
    // through it are calls of, is_indirect and with rules. NULL for others.
    Function *callback;
    SourceLoc loc;
} Param;

typedef enum GradMode {
    GRAD_REVERSE,
    GRAD_FORWARD,
    GRAD_HVP,
    GRAD_JACOBIAN,
    GRAD_HESSIAN,
} GradMode;

typedef enum ItemKind { ITEM_PARAM, ITEM_GLOBAL, ITEM_RETURN } ItemKind;

// A length in an array section: a constant, a parameter (param >= 0), or, where
// there are operands, their sum, difference, product or quotient.
typedef struct Extent {
    int64_t constant;
    int param;
    OpKind operation; // OP_ADD, OP_SUB, OP_MUL, OP_DIV
    struct Extent *operands[2];
} Extent;

typedef struct GradItem {
    ItemKind kind;
    uint32_t param;  // of ITEM_PARAM
    Global *global;  // of ITEM_GLOBAL
    Extent *extents; // x[0:n][0:m]: n, m; none where no section was written
    uint32_t extent_count;
    SourceLoc loc;
} GradItem;

// One `#pragma grad` above a function: one derivative function to make.
typedef struct Annotation {
    GradMode mode;
    GradItem *wrt, *of, *work;
    uint32_t wrt_count, of_count, work_count;
    bool wrt_given, of_given;
    bool has_directions; // directions(N)
    bool denominator;    // layout(denominator): the Jacobian's transpose
    bool sparse;         // the matrix goes to a GradSparse of the runtime
    Extent directions;
    const char *name; // of the generated function, never NULL
    SourceLoc loc;    // of the pragma
} Annotation;

// `#pragma grad derivative(f)`: a function of the user's own that is the
// derivative of f in a mode. Its signature is the one that gradcc would give
// it; the annotation, whose items are of f, has no name.
typedef struct UserRule {
    Annotation annotation;
    Function *derivative;
} UserRule;

struct Function {
    Module *module;
    size_t place; // in its list, as long as nobody has changed that
    const char *name;
    const Type *result; // TYPE_VOID for none; never a record where body is set:
                        // the front end turns those into an out-parameter
    Param *params;
    uint32_t param_count;
    bool is_variadic;
    // In C it returns a struct; here params[0] points to where that goes.
    bool returns_record;
    Region *body; // NULL: declared only, or its body was refused (see refusal)
    uint32_t value_count;
    bool is_static, in_header, is_inline;
    bool is_system; // the C library's: it reaches no global of the program
    bool inactive;  // #pragma grad inactive
    bool is_output; // printf and friends: only reads, runs once
    bool never_returns;
    bool is_step;     // of a checkpointed loop: its tape can be dropped
    bool touches_all; // may read and write all memory that it ever heard of
    bool distinct;    // what its pointer parameters lead to does not overlap,
                      // unless it is only read
    bool needs_text;  // called and not inlined: its C text is carried over
    const char *text; // the definition in C, macro-free, or NULL
    Annotation *annotations;
    uint32_t annotation_count;
    UserRule *rules; // then the body is not looked into for derivatives
    uint32_t rule_count;
    // No function of its own but all of one type: a call goes to the address
    // that is its first argument, or its second where it returns_record.
    bool is_indirect;
    SourceLoc loc;
    // Why a body that C has is not here, found by the front end; reported where
    // the body is needed. NULL without a refusal.
    const char *refusal, *refusal_note;
    SourceLoc refusal_loc;
    const char *comment; // a derivative: what it computes, for the header
    const Function *derivative_of; // NULL for primal functions
};

struct Global {
    const char *name;
    const Type *type;
    bool is_static, in_header, is_thread_local;
    bool is_volatile; // may change at any time
    bool is_constant; // const all the way: its text can be repeated
    bool
        is_function_local; // a static local: name is unique, text has that name
    const char *definition; // macro-free C text ended by a semicolon, or NULL
    SourceLoc loc;
};

struct Module {
    Arena *arena;
    const char *source;        // the main source file's path, as given
    Vec(Function *) functions; // in source order; derivatives after primals
    Vec(Global *) globals;
    Vec(Record *) records; // in order of definition
    // #include directives of the main file, as written: "<math.h>", "\"a.h\""
    Vec(const char *) includes;
    // Type cache, private to types.c.
    const Type *scalars[TYPE_OPAQUE + 1];
};

Module *module_create(Arena *arena, const char *source);
Function *module_find_function(const Module *module, const char *name);
// A new function without a body, appended to the module.
Function *function_create(Module *module, const char *name, const Type *result,
                          uint32_t param_count);
// Gives it a body region whose parameters follow function->params.
Region *function_add_body(Function *function);

// ---- Building ---------------------------------------------------------------

// Where new operations go: before `before`, or at the region's end if NULL.
typedef struct Builder {
    Function *function;
    Region *region;
    Op *before;
    const Origin *origin;
    bool adjoint; // marks what is built
} Builder;

Builder builder_at_end(Region *region);
Builder builder_before(Op *op);
Builder builder_after(Op *op);

// The raw way: an operation outside any region, operands and results unset.
Op *op_create(Function *function, OpKind kind, uint32_t operands,
              uint32_t results, uint32_t regions);
Value *op_set_result(Op *op, Function *function, uint32_t index,
                     const Type *type, const char *name);
Op *builder_insert(Builder *b, Op *op); // sets origin and adjoint, too
Region *region_create(Function *function, Op *parent, uint32_t params);
Value *region_set_param(Region *region, uint32_t index, const Type *type,
                        const char *name);
void op_remove(Op *op); // unlinks; the operation may be inserted again
// To the builder's place; origin and mark stay the operation's own.
void op_move(Builder *b, Op *op);
void op_append_operand(Op *op, Value *value);
Value *op_append_result(Op *op, const Type *type, const char *name);
Value *region_append_param(Region *region, const Type *type, const char *name);

// Each returns its (first) result. Types follow C: both operands of an
// arithmetic operation have the same type already, as the front end's casts
// make them (or one is complex and the other of the type of its parts);
// comparisons give int.
Value *build_int(Builder *b, const Type *type, int64_t value);
Value *build_float(Builder *b, const Type *type, double value);
Value *build_constant(Builder *b, const Type *type,
                      double value); // int or float
Value *build_spelled(Builder *b, const Type *type, double value,
                     const char *spelling);
Value *build_undef(Builder *b, const Type *type);
Value *build_unary(Builder *b, OpKind kind, Value *x);
Value *build_binary(Builder *b, OpKind kind, Value *x, Value *y);
Value *build_select(Builder *b, Value *condition, Value *yes, Value *no);
Value *build_cast(Builder *b, const Type *type, Value *x); // x where equal
Value *build_math(Builder *b, MathFn fn, Value **arguments);
Value *build_math1(Builder *b, MathFn fn, Value *x);
Value *build_math2(Builder *b, MathFn fn, Value *x, Value *y);
// Local storage; extents are the dynamic lengths, outermost first.
Value *build_alloc(Builder *b, const Type *type, Value **extents,
                   uint32_t extent_count, const char *name);
Value *build_global(Builder *b, Global *global);
Value *build_index(Builder *b, Value *pointer, Value *index);
Value *build_elem(Builder *b, Value *array_pointer, Value *index);
Value *build_field(Builder *b, Value *record_pointer, uint32_t field);
Value *build_load(Builder *b, Value *address);
Op *build_store(Builder *b, Value *address, Value *value);
Op *build_copy(Builder *b, Value *target, Value *source); // whole objects
Op *build_zero(Builder *b, Value *target);                // whole object
Op *build_free(Builder *b, Value *pointer);
// sizeof(type) as a constant that prints so; its number is never relied on.
Value *build_sizeof(Builder *b, const Type *type);
// Calls; the result is results[0] where the callee returns a value.
Op *build_call(Builder *b, Function *callee, Value **arguments,
               uint32_t argument_count);
// Control: empty regions; the caller fills them and ends them with yield (for
// while: the first region with condition). Result and carried types are those
// of the initial values.
Op *build_if(Builder *b, Value *condition);
// Results of an if are added once its branches are known.
Op *build_for(Builder *b, Value *begin, Value *end, Value *step, OpKind compare,
              Value **initial, uint32_t count, const char *index_name);
Op *build_while(Builder *b, Value **initial, uint32_t count);
Op *build_yield(Builder *b, Value **values, uint32_t count);
Op *build_condition(Builder *b, Value *condition);
Op *build_return(Builder *b, Value *value); // NULL for void

// ---- Asking and rewriting ---------------------------------------------------

// Operands of OP_FOR: begin, end, step, initial values. Its region's
// parameters: the index, then the carried values.
enum { FOR_BEGIN, FOR_END, FOR_STEP, FOR_FIRST_INITIAL };
enum { IF_THEN, IF_ELSE };
enum { WHILE_CONDITION, WHILE_BODY };

bool value_is_constant(const Value *value);
// Integer constants, and floating ones that are whole.
bool value_is_integer(const Value *value, int64_t *integer);
bool value_is_zero(const Value *value);
bool value_is_one(const Value *value);
Region *value_region(const Value *value); // where it is defined
bool region_contains(const Region *outer, const Region *inner); // or equal
bool op_is_pure(const Op *op);       // pure, and holding only pure operations
bool op_reads_memory(const Op *op);  // itself or in its regions
bool op_writes_memory(const Op *op); // itself or in its regions, calls included
bool op_has_effect(const Op *op); // must not be removed when results are unused
Op *region_terminator(const Region *region);

// Value to value, for one function's ids.
typedef struct ValueMap {
    Arena *arena;
    Value **values;
    uint32_t capacity;
} ValueMap;

void valuemap_init(ValueMap *map, Arena *arena, const Function *source);
Value *valuemap_get(const ValueMap *map, const Value *value); // NULL if none
void valuemap_set(ValueMap *map, const Value *value, Value *image);
// The image, or the value itself.
Value *valuemap_apply(const ValueMap *map, Value *value);

// Copies with operands mapped (unmapped ones stay as they are) and results
// entered into the map; regions are copied, too.
Op *clone_op(Builder *b, const Op *op, ValueMap *map);
// All but the terminator, into the builder's place.
void clone_region_body(Builder *b, const Region *region, ValueMap *map);
Function *clone_function(const Function *function, const char *name);
// Replaces operands by their images throughout.
void remap_region(Region *region, const ValueMap *map);

// Uses of each value of a function, by id.
uint32_t *count_uses(Arena *arena, const Function *function);

// A walk over all operations below a region, outer before inner. The visitor
// may remove the operation that it is given.
typedef void (*OpVisitor)(Op *op, void *context);
void walk_ops(Region *region, OpVisitor visit, void *context);

// ---- The printed form, and checking -----------------------------------------

void ir_print(Text *text, const Module *module);
void ir_print_function(Text *text, const Function *function);
// Parses the printed form; NULL after errors, which are reported.
Module *ir_parse(Arena *arena, Diagnostics *diags, const SourceFile *file);
// True where every rule of docs/ir.md holds; else false, with a message that
// names function and operation in *message.
bool ir_verify(Arena *arena, const Module *module, const char **message);
bool ir_verify_function(Arena *arena, const Function *function,
                        const char **message);

#endif

// library.c - library functions that are operations of the IR: math, memory,
// and clang's builtins behind standard macros. What copies or clears memory
// must do so in whole objects, or the floating values in it are lost track of.
#include "frontend/internal.h"

#include <math.h>
#include <string.h>

bool is_output_function(const char *name) {
    static const char *const names[] = {
        "printf",  "fprintf", "puts",          "putchar",
        "fputs",   "fputc",   "putc",          "fflush",
        "perror",  "fwrite",  "putc_unlocked", "putchar_unlocked",
        "vprintf", "vfprintf"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

// ---- Math -------------------------------------------------------------------

static void check_out_type(Lowering *lw, CXCursor argument, const Type *type,
                           const Value *value) {
    if (!type_equal(type, value->type))
        refuse(lw, argument, "pass the address of a variable of that type",
               "this points to another type than the function writes");
}

static void store_out(Lowering *lw, CXCursor argument, Value *value) {
    CXCursor core = strip_casts(lw->fe, argument);
    if (core.kind == CXCursor_UnaryOperator &&
        clang_getCursorUnaryOperatorKind(core) == CXUnaryOperator_AddrOf) {
        CXCursor operand = children_of(lw->fe, core).items[0];
        Place place = lower_place(lw, operand);
        check_out_type(lw, argument, place.type, value);
        place_store(lw, place, value);
        return;
    }
    Value *address = lower_value(lw, argument);
    check_out_type(lw, argument, address->type->element, value);
    build_store(&lw->b, address, value);
}

// The builtin behind CMPLX and tgmath.h's creal take what they are given.
static Value *math_argument(Lowering *lw, char letter, Value *value) {
    if (letter != 'c' || type_is_complex(value->type))
        return value;
    return build_cast(
        &lw->b, type_with_parts(lw->function->module, value->type), value);
}

static Value *lower_math(Lowering *lw, CXCursor call, MathFn fn) {
    const MathInfo *info = math_info(fn);
    Value *arguments[4];
    unsigned given = (unsigned)clang_Cursor_getNumArguments(call);
    unsigned count = (unsigned)strlen(info->arguments);
    if (fn == MATH_fpclassify || given < count || count > 4) {
        if (given == 0)
            refuse(lw, call, NULL, "this call has no arguments");
        arguments[0] =
            lower_value(lw, clang_Cursor_getArgument(call, given - 1));
    } else {
        for (unsigned i = 0; i < count; i++)
            arguments[i] = lower_value(lw, clang_Cursor_getArgument(call, i));
    }
    for (unsigned i = 0; i < count; i++)
        arguments[i] = math_argument(lw, info->arguments[i], arguments[i]);
    Value *result = build_math(&lw->b, fn, arguments);
    if (info->is_complex) // conj of a real number is one in clang's tgmath.h
        return convert_value(lw, call, result_type(lw, call), result);
    if (info->results[1])
        store_out(lw, clang_Cursor_getArgument(call, given - 1),
                  result->op->results[1]);
    return result;
}

static Value *lower_absolute(Lowering *lw, CXCursor call) {
    Value *x = lower_value(lw, clang_Cursor_getArgument(call, 0));
    Value *zero = build_int(&lw->b, x->type, 0);
    Value *negative = build_binary(&lw->b, OP_LT, x, zero);
    Value *opposite = build_unary(&lw->b, OP_NEG, x);
    return build_select(&lw->b, negative, opposite, x);
}

// INFINITY, NAN and HUGE_VAL where no macro name could be kept.
static bool lower_special(Lowering *lw, CXCursor call, const char *name,
                          Value **result) {
    static const struct {
        const char *name, *spelling;
    } table[] = {
        {"__builtin_inff", "INFINITY"},
        {"__builtin_inf", "HUGE_VAL"},
        {"__builtin_huge_val", "HUGE_VAL"},
        {"__builtin_huge_valf", "HUGE_VALF"},
        {"__builtin_huge_vall", "HUGE_VALL"},
        {"__builtin_infl", "HUGE_VALL"},
        {"__builtin_nanf", "NAN"},
        {"__builtin_nan", "(double)NAN"},
        {"nan", "(double)NAN"},
        {"nanf", "NAN"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(name, table[i].name) != 0)
            continue;
        bool is_nan = strstr(name, "nan") != NULL;
        *result = build_spelled(&lw->b, result_type(lw, call),
                                is_nan ? (double)NAN : (double)INFINITY,
                                table[i].spelling);
        return true;
    }
    return false;
}

// ---- Memory -----------------------------------------------------------------

static Value *lower_heap(Lowering *lw, CXCursor call, HeapFn fn) {
    uint32_t count = fn == HEAP_MALLOC || fn == HEAP_ALLOCA ? 1 : 2;
    Op *op = op_create(lw->function, OP_HEAP, count, 1, 0);
    op->as.heap = fn;
    for (uint32_t i = 0; i < count; i++)
        op->operands[i] = lower_value(lw, clang_Cursor_getArgument(call, i));
    const Type *nothing = type_scalar(lw->function->module, TYPE_VOID);
    op_set_result(op, lw->function, 0,
                  type_pointer(lw->function->module, nothing), NULL);
    builder_insert(&lw->b, op);
    return op->results[0];
}

static Value *lower_realloc(Lowering *lw, CXCursor call) {
    CXCursor block = clang_Cursor_getArgument(call, 0);
    Op *op = op_create(lw->function, OP_REALLOC, 2, 1, 0);
    op->operands[0] = lower_value(lw, strip_casts(lw->fe, block));
    op->operands[1] = lower_value(lw, clang_Cursor_getArgument(call, 1));
    const Type *nothing = type_scalar(lw->function->module, TYPE_VOID);
    op_set_result(op, lw->function, 0,
                  type_pointer(lw->function->module, nothing), NULL);
    return builder_insert(&lw->b, op)->results[0];
}

// if (block) *out = block; and the result, which says whether there is one.
// aligned_alloc wants whole multiples of the alignment.
static Value *lower_memalign(Lowering *lw, CXCursor call) {
    enum { OUT_OF_MEMORY = 12 }; // ENOMEM
    CXCursor out = strip_casts(lw->fe, clang_Cursor_getArgument(call, 0));
    Value *target = lower_value(lw, out);
    Value *alignment = lower_value(lw, clang_Cursor_getArgument(call, 1));
    Value *size = lower_value(lw, clang_Cursor_getArgument(call, 2));
    Builder *b = &lw->b;
    if (!type_is_pointer(target->type) ||
        !type_is_pointer(target->type->element))
        refuse(lw, call, "pass the address of a pointer",
               "this posix_memalign is not supported");
    Value *over = build_binary(
        b, OP_ADD, size,
        build_binary(b, OP_SUB, alignment, build_int(b, size->type, 1)));
    Op *op = op_create(lw->function, OP_HEAP, 2, 1, 0);
    op->as.heap = HEAP_ALIGNED;
    op->operands[0] = alignment;
    op->operands[1] =
        build_binary(b, OP_SUB, over, build_binary(b, OP_REM, over, alignment));
    const Type *pointer =
        type_plain(lw->function->module, target->type->element);
    op_set_result(op, lw->function, 0, pointer, NULL);
    builder_insert(b, op);
    Value *null = build_int(b, pointer, 0);
    Branching branch;
    branch_begin(lw, &branch, build_binary(b, OP_NE, op->results[0], null));
    build_store(b, target, op->results[0]);
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    branch_else(lw, &branch, build_int(b, type, 0));
    return branch_end(lw, &branch, build_int(b, type, OUT_OF_MEMORY));
}

static void lower_free(Lowering *lw, CXCursor call) {
    CXCursor argument = clang_Cursor_getArgument(call, 0);
    build_free(&lw->b, lower_value(lw, strip_casts(lw->fe, argument)));
}

// The pointer before its conversion to void *.
static CXCursor typed_pointer(Lowering *lw, CXCursor argument) {
    CXCursor child;
    for (;;) {
        CXType pointee = clang_getPointeeType(
            clang_getCanonicalType(clang_getCursorType(argument)));
        if (pointee.kind != CXType_Void)
            return argument;
        if (argument.kind == CXCursor_ParenExpr) {
            argument = strip_parens(lw->fe, argument);
        } else if (is_implicit_cast(lw->fe, argument, &child)) {
            argument = child;
        } else if (argument.kind == CXCursor_CStyleCastExpr) {
            Cursors parts = children_of(lw->fe, argument);
            argument = parts.items[parts.count - 1];
        } else {
            return argument;
        }
    }
}

// bytes / size as a value, where bytes is provably a multiple; else NULL.
static Value *count_elements(Lowering *lw, CXCursor bytes, int64_t size) {
    int64_t constant;
    CXCursor core = strip_casts(lw->fe, bytes);
    const Type *type = type_scalar(lw->function->module, TYPE_ULONG);
    if (evaluate_integer(core, &constant))
        return constant % size == 0 ? build_int(&lw->b, type, constant / size)
                                    : NULL;
    if (core.kind != CXCursor_BinaryOperator ||
        clang_getCursorBinaryOperatorKind(core) != CXBinaryOperator_Mul)
        return NULL;
    Cursors parts = children_of(lw->fe, core);
    for (int i = 0; i < 2; i++) {
        Value *count = count_elements(lw, parts.items[i], size);
        int64_t one;
        if (!count)
            continue;
        CXCursor other = strip_casts(lw->fe, parts.items[1 - i]);
        Value *factor = lower_value(lw, other);
        if (value_is_integer(count, &one) && one == 1)
            return factor;
        const Type *wide =
            count->type->kind > factor->type->kind ? count->type : factor->type;
        return build_binary(&lw->b, OP_MUL, build_cast(&lw->b, wide, count),
                            build_cast(&lw->b, wide, factor));
    }
    return NULL;
}

static Value *element_pointer(Lowering *lw, CXCursor argument, int64_t *size) {
    CXCursor pointer = typed_pointer(lw, argument);
    CXType pointee = clang_getPointeeType(
        clang_getCanonicalType(clang_getCursorType(pointer)));
    if (type_is_array(clang_getCursorType(pointer))) // a parameter's type
        pointee = clang_getArrayElementType(clang_getCursorType(pointer));
    *size = clang_Type_getSizeOf(pointee);
    return lower_value(lw, pointer);
}

static Op *build_memory(Lowering *lw, OpKind kind, Value **operands,
                        uint32_t count, Value *times) {
    int64_t one;
    bool single = value_is_integer(times, &one) && one == 1;
    Op *op = op_create(lw->function, kind, count + (single ? 0 : 1), 0, 0);
    for (uint32_t i = 0; i < count; i++)
        op->operands[i] = operands[i];
    if (!single)
        op->operands[count] = times;
    op->as.type = type_plain(lw->function->module, operands[0]->type->element);
    return builder_insert(&lw->b, op);
}

static void refuse_bytes(Lowering *lw, CXCursor call, const char *name) {
    refuse(lw, call,
           "write the size as a number of elements times sizeof of one",
           "this %s does not move whole floating-point objects that gradcc "
           "can count",
           name);
}

// Bytes from one type to another: kept where no derivative is in them.
static Value *copy_bytes(Lowering *lw, CXCursor call, Value **operands) {
    const Type *bytes = type_pointer(
        lw->function->module, type_scalar(lw->function->module, TYPE_CHAR));
    Op *op = op_create(lw->function, OP_COPY, 3, 0, 0);
    for (uint32_t i = 0; i < 2; i++)
        op->operands[i] = build_cast(&lw->b, bytes, operands[i]);
    op->operands[2] = lower_value(lw, clang_Cursor_getArgument(call, 2));
    op->as.type = bytes->element;
    builder_insert(&lw->b, op);
    return operands[0];
}

static bool lower_copy(Lowering *lw, CXCursor call, const char *name,
                       Value **result) {
    int64_t size, source_size;
    Value *operands[2];
    operands[0] = element_pointer(lw, clang_Cursor_getArgument(call, 0), &size);
    operands[1] =
        element_pointer(lw, clang_Cursor_getArgument(call, 1), &source_size);
    const Type *to = operands[0]->type->element,
               *from = operands[1]->type->element;
    bool floats = type_holds_float(to) || type_holds_float(from);
    bool pointers = type_holds_pointer(to) || type_holds_pointer(from);
    Value *times = NULL;
    if (size > 0 && type_equal(to, from))
        times = count_elements(lw, clang_Cursor_getArgument(call, 2), size);
    bool bytes = !type_equal(to, from) && to->kind != TYPE_VOID &&
                 from->kind != TYPE_VOID;
    if (!times && (pointers || to->kind == TYPE_VOID ||
                   from->kind == TYPE_VOID || (floats && !bytes)))
        refuse_bytes(lw, call, name);
    if (!times && !floats)
        return false;
    if (!times) {
        *result = copy_bytes(lw, call, operands);
        return true;
    }
    build_memory(lw, OP_COPY, operands, 2, times);
    *result = operands[0];
    return true;
}

static bool lower_set(Lowering *lw, CXCursor call, Value **result) {
    int64_t size, byte;
    Value *target =
        element_pointer(lw, clang_Cursor_getArgument(call, 0), &size);
    const Type *type = target->type->element;
    CXCursor value = strip_casts(lw->fe, clang_Cursor_getArgument(call, 1));
    Value *times = NULL;
    if (size > 0 && evaluate_integer(value, &byte) && byte == 0)
        times = count_elements(lw, clang_Cursor_getArgument(call, 2), size);
    if (!times && (type_holds_float(type) || type_holds_pointer(type) ||
                   type->kind == TYPE_VOID))
        refuse_bytes(lw, call, "memset");
    if (!times)
        return false;
    build_memory(lw, OP_ZERO, &target, 1, times);
    *result = target;
    return true;
}

// ---- The table --------------------------------------------------------------

static void refuse_known(Lowering *lw, CXCursor call, const char *name) {
    static const struct {
        const char *name, *note;
    } table[] = {
        {"memalign", "use malloc"},
        {"setjmp", "return an error code"},
        {"_setjmp", "return an error code"},
        {"sigsetjmp", "return an error code"},
        {"longjmp", "return an error code"},
        {"__builtin_va_start", "pass the values in an array"},
        {"__builtin_va_arg", "pass the values in an array"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(name, table[i].name) == 0)
            refuse(lw, call, table[i].note, "%s is not supported",
                   string_starts(name, "__builtin_")
                       ? name + 10
                       : name + strspn(name, "_"));
    if (string_starts(name, "__atomic_") || string_starts(name, "__sync_") ||
        string_starts(name, "atomic_"))
        refuse(lw, call, ATOMICS_NOTE, "atomics are not supported");
    if (string_starts(name, "pthread_") || string_starts(name, "thrd_"))
        refuse(lw, call, "differentiate what one thread does",
               "threads are not supported");
}

static bool is_one_of(const char *name, const char *a, const char *b,
                      const char *c) {
    return strcmp(name, a) == 0 || strcmp(name, b) == 0 || strcmp(name, c) == 0;
}

bool lower_library_call(Lowering *lw, CXCursor call, const char *name,
                        Value **result) {
    MathFn fn;
    TypeKind kind;
    const char *plain =
        string_starts(name, "__builtin_") ? name + strlen("__builtin_") : name;
    refuse_known(lw, call, name);
    *result = NULL;
    if (is_math_call(lw->fe, call, &fn, &kind))
        *result = lower_math(lw, call, fn);
    else if (lower_special(lw, call, name, result))
        return true;
    else if (is_one_of(plain, "abs", "labs", "llabs"))
        *result = lower_absolute(lw, call);
    else if (strcmp(plain, "malloc") == 0)
        *result = lower_heap(lw, call, HEAP_MALLOC);
    else if (strcmp(plain, "calloc") == 0)
        *result = lower_heap(lw, call, HEAP_CALLOC);
    else if (strcmp(plain, "realloc") == 0)
        *result = lower_realloc(lw, call);
    else if (strcmp(plain, "alloca") == 0)
        *result = lower_heap(lw, call, HEAP_ALLOCA);
    else if (strcmp(plain, "aligned_alloc") == 0)
        *result = lower_heap(lw, call, HEAP_ALIGNED);
    else if (strcmp(plain, "posix_memalign") == 0)
        *result = lower_memalign(lw, call);
    else if (strcmp(plain, "free") == 0)
        lower_free(lw, call);
    else if (is_one_of(plain, "memcpy", "memmove", "memmove"))
        return lower_copy(lw, call, plain, result);
    else if (strcmp(plain, "memset") == 0)
        return lower_set(lw, call, result);
    else if (strcmp(name, "__builtin_expect") == 0 ||
             strcmp(name, "__builtin_expect_with_probability") == 0 ||
             strcmp(name, "__builtin_assume_aligned") == 0)
        *result = lower_value(lw, clang_Cursor_getArgument(call, 0));
    else if (strcmp(name, "__builtin_constant_p") == 0)
        *result = build_int(&lw->b, result_type(lw, call), 0);
    else
        return false;
    return true;
}

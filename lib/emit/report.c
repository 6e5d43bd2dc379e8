// report.c - what each derivative takes: the operations that stand in its code,
// by the number of loops around them, and the memory that it makes. Both sides
// of a branch are counted.
#include "emit/emit.h"

#include <inttypes.h>
#include <stdio.h>

enum { DEPTHS = 4 }; // deeper ones are counted with the deepest

typedef enum Kind { SUMS, PRODUCTS, QUOTIENTS, CALLS, PUSHES, KINDS } Kind;

typedef struct Counts {
    int of[DEPTHS][KINDS];
    int64_t local_bytes;
    int dynamic, blocks; // local arrays of a length known when it runs; heap
} Counts;

// ---- Counting ---------------------------------------------------------------

static int64_t bytes_of(const Type *type) {
    static const int scalars[TYPE_POINTER] = {
        [TYPE_BOOL] = 1,   [TYPE_CHAR] = 1,     [TYPE_SCHAR] = 1,
        [TYPE_UCHAR] = 1,  [TYPE_SHORT] = 2,    [TYPE_USHORT] = 2,
        [TYPE_INT] = 4,    [TYPE_UINT] = 4,     [TYPE_LONG] = 8,
        [TYPE_ULONG] = 8,  [TYPE_LLONG] = 8,    [TYPE_ULLONG] = 8,
        [TYPE_FLOAT] = 4,  [TYPE_DOUBLE] = 8,   [TYPE_LDOUBLE] = 16,
        [TYPE_CFLOAT] = 8, [TYPE_CDOUBLE] = 16, [TYPE_CLDOUBLE] = 32,
    };
    int64_t total = 0;
    if (type->kind < TYPE_POINTER)
        return scalars[type->kind];
    if (type->kind == TYPE_ARRAY)
        return type->length * bytes_of(type->element);
    if (type->kind != TYPE_RECORD)
        return 8;
    for (size_t i = 0; i < type->record->field_count; i++)
        total += bytes_of(type->record->fields[i].type);
    return total;
}

static void count_memory(Counts *counts, const Op *op) {
    if (op->kind == OP_HEAP || op->kind == OP_REALLOC)
        counts->blocks++;
    if (op->kind != OP_ALLOC)
        return;
    if (type_has_dynamic_length(op->as.type))
        counts->dynamic++;
    else if (op->as.type->kind == TYPE_ARRAY)
        counts->local_bytes += bytes_of(op->as.type);
}

static bool is_numeric(const Op *op) {
    return op->result_count && type_is_float(op->results[0]->type);
}

static void count_op(Counts *counts, const Op *op, int depth) {
    int *of = counts->of[depth];
    if (op->kind == OP_ADD || op->kind == OP_SUB)
        of[SUMS] += is_numeric(op);
    else if (op->kind == OP_MUL)
        of[PRODUCTS] += is_numeric(op);
    else if (op->kind == OP_DIV)
        of[QUOTIENTS] += is_numeric(op);
    else if (op->kind == OP_MATH)
        of[CALLS] += is_numeric(op);
    else if (op->kind == OP_PUSH)
        of[PUSHES] += (int)op->operand_count - 1;
    count_memory(counts, op);
}

static void count_region(Counts *counts, const Region *region, int depth) {
    for (const Op *op = region->first; op; op = op->next) {
        bool loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        count_op(counts, op, depth);
        for (uint32_t r = 0; r < op->region_count; r++)
            count_region(counts, op->regions[r],
                         loop && depth + 1 < DEPTHS ? depth + 1 : depth);
    }
}

// ---- Printing ---------------------------------------------------------------

static void print_number(Text *text, bool *any, int64_t number, const char *one,
                         const char *several) {
    if (!number)
        return;
    text_printf(text, "%s%" PRId64 " %s", *any ? ", " : "", number,
                number == 1 ? one : several);
    *any = true;
}

static void print_depth(Text *text, const int of[KINDS], int depth) {
    static const char *const places[DEPTHS] = {"outside of loops", "in a loop",
                                               "in two loops", "in more loops"};
    bool any = false;
    Text line;
    text_init(&line, text->arena);
    print_number(&line, &any, of[SUMS], "addition", "additions");
    print_number(&line, &any, of[PRODUCTS], "multiplication",
                 "multiplications");
    print_number(&line, &any, of[QUOTIENTS], "division", "divisions");
    print_number(&line, &any, of[CALLS], "function of math.h",
                 "functions of math.h");
    print_number(&line, &any, of[PUSHES], "value pushed on the tape",
                 "values pushed on the tape");
    if (any)
        text_printf(text, "  %s: %s\n", places[depth], line.chars);
}

static void print_memory_of(Text *text, const Counts *counts) {
    bool any = false;
    if (!counts->local_bytes && !counts->dynamic && !counts->blocks)
        return;
    text_add(text, "  memory: ");
    print_number(text, &any, counts->local_bytes, "byte of local arrays",
                 "bytes of local arrays");
    print_number(text, &any, counts->dynamic,
                 "local array of a computed length",
                 "local arrays of computed lengths");
    print_number(text, &any, counts->blocks, "block of the heap",
                 "blocks of the heap");
    text_add_char(text, '\n');
}

void emit_report(Text *text, const Module *module) {
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (!function->derivative_of || !function->body)
            continue;
        Counts counts = {0};
        count_region(&counts, function->body, 0);
        text_printf(text, "%s: of %s\n", function->name,
                    function->derivative_of->name);
        if (function->comment)
            text_printf(text, "  %s\n", function->comment);
        for (int depth = 0; depth < DEPTHS; depth++)
            print_depth(text, counts.of[depth], depth);
        print_memory_of(text, &counts);
    }
}

// memory.c - statements about memory: stores, whole objects, storage, the tape.
#include "emit/print.h"

#include <string.h>

static const char *lvalue_text(Printer *p, const Value *address,
                               Precedence least) {
    Text t;
    text_init(&t, p->arena);
    print_lvalue(p, &t, address, least);
    return t.chars;
}

static const char *type_text(Printer *p, const Type *type) {
    Text t;
    text_init(&t, p->arena);
    print_declarator(&t, type_plain(&p->plan->types, type), "", NULL);
    return t.chars;
}

// ---- Stores and whole objects -----------------------------------------------

static void print_store(Printer *p, const Op *op) {
    const char *target = lvalue_text(p, op->operands[0], PREC_ANY);
    if (op_note(p->plan, op)->compound)
        add_compound(p, target, op->operands[1]->op, compound_rest(op));
    else
        add_line(p, "%s = %s;", target, assigned_text(p, op->operands[1]));
}

// The number of bytes of `count` objects.
static const char *bytes_text(Printer *p, const Op *op, const Value *count,
                              const Value *address) {
    const char *size =
        type_has_dynamic_length(op->as.type)
            ? arena_printf(p->arena, "sizeof *%s",
                           value_text(p, address, PREC_UNARY))
            : arena_printf(p->arena, "sizeof(%s)", type_text(p, op->as.type));
    if (!count)
        return size;
    Text t;
    text_init(&t, p->arena);
    if (op->as.type->kind == TYPE_CHAR) {
        print_index(p, &t, count, PREC_TERNARY);
        return t.chars;
    }
    print_index(p, &t, count, PREC_PRODUCT);
    return arena_printf(p->arena, "%s * %s", t.chars, size);
}

// A named array, as `sizeof` sees it.
static const char *object_bytes(Printer *p, const Op *op) {
    const Value *address = op->operands[0];
    if (is_named_object(p, address))
        return arena_printf(p->arena, "sizeof %s", variable_name(p, address));
    return bytes_text(p, op, NULL, address);
}

// An address for memcpy: an array by its name.
static const char *address_text(Printer *p, const Value *address) {
    bool is_array = address->type->element->kind == TYPE_ARRAY;
    return is_array ? lvalue_text(p, address, PREC_ANY)
                    : value_text(p, address, PREC_TERNARY);
}

static void print_copy(Printer *p, const Op *op) {
    bool is_array = op->as.type->kind == TYPE_ARRAY;
    if (op->operand_count == 2 && !is_array) {
        add_line(p, "%s = %s;", lvalue_text(p, op->operands[0], PREC_ANY),
                 lvalue_text(p, op->operands[1], PREC_ANY));
        return;
    }
    p->needs->string_h = true;
    const Value *count = op->operand_count == 3 ? op->operands[2] : NULL;
    add_line(p, "%s(%s, %s, %s);", count ? "memmove" : "memcpy",
             address_text(p, op->operands[0]), address_text(p, op->operands[1]),
             count ? bytes_text(p, op, count, op->operands[0])
                   : object_bytes(p, op));
}

static void print_zero(Printer *p, const Op *op) {
    const Value *count = op->operand_count == 2 ? op->operands[1] : NULL;
    if (!count && op->as.type->kind < TYPE_ARRAY) {
        add_line(p, "%s = %s;", lvalue_text(p, op->operands[0], PREC_ANY),
                 type_is_pointer(op->as.type) ? "NULL" : "0");
        p->needs->stddef_h |= type_is_pointer(op->as.type);
        return;
    }
    p->needs->string_h = true;
    add_line(p, "memset(%s, 0, %s);", address_text(p, op->operands[0]),
             count ? bytes_text(p, op, count, op->operands[0])
                   : object_bytes(p, op));
}

// ---- Storage ----------------------------------------------------------------

static const Op *next_printed(const Printer *p, const Op *op) {
    for (op = op->next; op; op = op->next)
        if (op_note(p->plan, op)->needed &&
            !(op->result_count == 1 && inline_op(p, op->results[0])))
            return op;
    return NULL;
}

// What the object's declaration may say already: = {0}, or a scalar's value.
static const char *initializer(Printer *p, const Op *alloc) {
    const Op *next = next_printed(p, alloc);
    if (!next || next->operand_count == 0 ||
        next->operands[0] != alloc->results[0])
        return NULL;
    bool is_whole = alloc->as.type->kind < TYPE_ARRAY;
    const char *text = NULL;
    if (next->kind == OP_ZERO && next->operand_count == 1 &&
        !type_has_dynamic_length(alloc->as.type))
        text = is_whole ? "0" : "{0}";
    else if (next->kind == OP_STORE && is_whole &&
             !op_note(p->plan, next)->compound)
        text = assigned_text(p, next->operands[1]);
    if (text)
        p->done = next;
    return text;
}

static void print_alloc(Printer *p, const Op *op) {
    Variable *variable = plan_variable(p->plan, op->results[0]);
    const char **lengths =
        arena_array(p->arena, const char *, op->operand_count + 1);
    for (uint32_t i = 0; i < op->operand_count; i++)
        lengths[i] = value_text(p, op->operands[i], PREC_ANY);
    const char *init = initializer(p, op);
    Text t;
    text_init(&t, p->arena);
    print_declarator(&t, type_plain(&p->plan->types, op->as.type),
                     variable->name, lengths);
    if (init)
        text_printf(&t, " = %s", init);
    text_add_char(&t, ';');
    add_statement(p, STMT_LINE, t.chars)->declares = true;
}

// 8 is sizeof(double), where it stands for the size of one.
static const char *size_text(Printer *p, const Op *heap, const Value *size) {
    static const int sizes[] = {
        [TYPE_FLOAT] = 4, [TYPE_DOUBLE] = 8, [TYPE_LDOUBLE] = 16,
        [TYPE_INT] = 4,   [TYPE_LONG] = 8,
    };
    const Type *type = heap->results[0]->type->element;
    int64_t number;
    if (value_is_integer(size, &number) && !size->op->as.constant.spelling &&
        type->kind <= TYPE_LDOUBLE && number == sizes[type->kind])
        return arena_printf(p->arena, "sizeof(%s)", type_text(p, type));
    return assigned_text(p, size);
}

static const char *heap_function(HeapFn fn) {
    switch (fn) {
    case HEAP_MALLOC: return "malloc";
    case HEAP_CALLOC: return "calloc";
    case HEAP_CHECKED: return "gradcc_allocate";
    case HEAP_UNSET: return "gradcc_reserve";
    case HEAP_SIZED: return "gradcc_allocate_sized";
    case HEAP_ALIGNED: return "aligned_alloc";
    case HEAP_ALLOCA: return "__builtin_alloca";
    case HEAP_TAPE: return "grad_tape_take";
    }
    return "?";
}

static const char *heap_text(Printer *p, const Op *op) {
    const char *first = assigned_text(p, op->operands[0]);
    p->needs->stdlib_h = true;
    p->needs->heap_size |= op->kind == OP_HEAP_SIZE;
    if (op->kind == OP_HEAP_SIZE)
        return arena_printf(p->arena, "gradcc_size(%s)", first);
    if (op->kind == OP_REALLOC && op->as.heap == HEAP_CHECKED) {
        p->needs->reallocate = true;
        return arena_printf(p->arena, "gradcc_reallocate(%s, %s, %s)", first,
                            assigned_text(p, op->operands[1]),
                            assigned_text(p, op->operands[2]));
    }
    if (op->kind == OP_REALLOC)
        return arena_printf(p->arena, "realloc(%s, %s)", first,
                            assigned_text(p, op->operands[1]));
    if (op->as.heap == HEAP_MALLOC || op->as.heap == HEAP_ALLOCA)
        return arena_printf(p->arena, "%s(%s)", heap_function(op->as.heap),
                            first);
    if (op->as.heap == HEAP_TAPE) {
        p->needs->gradrt_h = true;
        return arena_printf(p->arena, "grad_tape_take(%s, %s, %s)",
                            value_text(p, op->operands[2], PREC_TERNARY), first,
                            size_text(p, op, op->operands[1]));
    }
    p->needs->allocate |=
        op->as.heap == HEAP_CHECKED || op->as.heap == HEAP_SIZED;
    p->needs->reserve |= op->as.heap == HEAP_UNSET;
    p->needs->allocate_sized |= op->as.heap == HEAP_SIZED;
    return arena_printf(p->arena, "%s(%s, %s)", heap_function(op->as.heap),
                        first, size_text(p, op, op->operands[1]));
}

static void print_heap(Printer *p, const Op *op) {
    Variable *variable = plan_variable(p->plan, op->results[0]);
    const char *text = heap_text(p, op);
    if (!variable)
        add_line(p, "%s;", text);
    else if (ptrmap_has(p->declared, variable) || variable->is_parameter)
        add_line(p, "%s = %s;", variable->name, text);
    else
        declare_variable(p, variable, text);
}

// ---- The tape ---------------------------------------------------------------

static const char *tape_suffix(const Type *type) {
    static const char *const suffixes[] = {
        [TYPE_VOID] = "pointer",    [TYPE_BOOL] = "bool",
        [TYPE_CHAR] = "char",       [TYPE_SCHAR] = "schar",
        [TYPE_UCHAR] = "uchar",     [TYPE_SHORT] = "short",
        [TYPE_USHORT] = "ushort",   [TYPE_INT] = "int",
        [TYPE_UINT] = "uint",       [TYPE_LONG] = "long",
        [TYPE_ULONG] = "ulong",     [TYPE_LLONG] = "llong",
        [TYPE_ULLONG] = "ullong",   [TYPE_FLOAT] = "float",
        [TYPE_DOUBLE] = "double",   [TYPE_LDOUBLE] = "ldouble",
        [TYPE_POINTER] = "pointer",
    };
    return suffixes[type->kind];
}

static void print_push(Printer *p, const Op *op) {
    const char *tape = value_text(p, op->operands[0], PREC_TERNARY);
    for (uint32_t i = 1; i < op->operand_count; i++)
        add_line(p, "grad_push_%s(%s, %s);", tape_suffix(op->operands[i]->type),
                 tape, assigned_text(p, op->operands[i]));
}

// The values of one push come back in the opposite order.
static void print_pop(Printer *p, const Op *op) {
    const char *tape = value_text(p, op->operands[0], PREC_TERNARY);
    for (uint32_t i = op->result_count; i-- > 0;) {
        const Value *value = op->results[i];
        Variable *variable = plan_variable(p->plan, value);
        const char *text = arena_printf(p->arena, "grad_pop_%s(%s)",
                                        tape_suffix(value->type), tape);
        if (!value_note(p->plan, value)->needed)
            add_line(p, "%s;", text);
        else if (ptrmap_has(p->declared, variable) || variable->is_parameter)
            add_line(p, "%s = %s;", variable->name, text);
        else
            declare_variable(p, variable, text);
    }
}

static void print_tape(Printer *p, const Op *op) {
    const char *name = variable_name(p, op->results[0]);
    add_line(p, "GradTape %s;", name)->declares = true;
    add_line(p, "grad_tape_init(&%s);", name);
}

void print_memory(Printer *p, const Op *op) {
    OpKind kind = op->kind;
    p->needs->gradrt_h |= kind == OP_TAPE || kind == OP_PUSH || kind == OP_POP;
    if (kind == OP_STORE) {
        print_store(p, op);
    } else if (kind == OP_COPY) {
        print_copy(p, op);
    } else if (kind == OP_ZERO) {
        print_zero(p, op);
    } else if (kind == OP_ALLOC) {
        print_alloc(p, op);
    } else if (kind == OP_HEAP || kind == OP_REALLOC || kind == OP_HEAP_SIZE) {
        print_heap(p, op);
    } else if (kind == OP_FREE && op->as.heap == HEAP_TAPE) {
        add_line(p, "grad_tape_give(%s, %s);",
                 value_text(p, op->operands[1], PREC_TERNARY),
                 assigned_text(p, op->operands[0]));
    } else if (kind == OP_FREE) {
        p->needs->stdlib_h = true;
        p->needs->free_sized |= op->as.heap == HEAP_SIZED;
        add_line(p, "%s(%s);",
                 op->as.heap == HEAP_SIZED ? "gradcc_free_sized" : "free",
                 assigned_text(p, op->operands[0]));
    } else if (kind == OP_TAPE) {
        print_tape(p, op);
    } else if (kind == OP_PUSH) {
        print_push(p, op);
    } else if (kind == OP_POP) {
        print_pop(p, op);
    } else if (kind == OP_TAPE_FREE) {
        add_line(p, "grad_tape_free(%s);",
                 value_text(p, op->operands[0], PREC_TERNARY));
    }
}

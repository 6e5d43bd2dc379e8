// verify_op.c - the rules of docs/ir.md for one operation: counts, types,
// attributes, and the terminators of its regions. Asks nothing about the order
// of definitions; verify.c does. Changes nothing.
#include "ir/form.h"

#include <string.h>

typedef struct Check {
    Module *module;
    const Op *op;
    const char *broken;
} Check;

// Keeps the rule that is broken; false, so that a check can end with it.
static bool PRINTF_LIKE(2, 3) fail(Check *c, const char *format, ...) {
    Text text;
    va_list arguments;
    text_init(&text, c->module->arena);
    va_start(arguments, format);
    text_vprintf(&text, format, arguments);
    va_end(arguments);
    c->broken = text.chars;
    return false;
}

static const char *spell(Check *c, const Type *type) {
    Text text;
    text_init(&text, c->module->arena);
    form_print_type(&text, c->module, type);
    return text.chars;
}

// "1 value", "2 values".
static const char *counted(Check *c, uint32_t count, const char *what) {
    return arena_printf(c->module->arena, "%u %s%s", count, what,
                        count == 1 ? "" : "s");
}

static const Type *type_of(const Op *op, uint32_t operand) {
    return op->operands[operand]->type;
}

// ---- Counts -----------------------------------------------------------------

enum { ANY = INT32_MAX };

typedef struct Shape {
    uint32_t min_operands, max_operands, min_results, max_results, regions;
} Shape;

static Shape math_shape(const Op *op) {
    const MathInfo *info = math_info(op->as.math);
    uint32_t arguments = (uint32_t)strlen(info->arguments);
    uint32_t results = (uint32_t)strlen(info->results);
    return (Shape){arguments, arguments, results, results, 0};
}

static Shape shape_of(const Op *op) {
    switch (op->kind) {
    case OP_CONST:
    case OP_UNDEF:
    case OP_STRING:
    case OP_FUNCTION:
    case OP_GLOBAL:
    case OP_TAPE: return (Shape){0, 0, 1, 1, 0};
    case OP_NEG:
    case OP_NOT:
    case OP_LNOT:
    case OP_INACTIVE:
    case OP_LOAD:
    case OP_FIELD: return (Shape){1, 1, 1, 1, 0};
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_SHL:
    case OP_SHR:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE:
    case OP_PTRDIFF:
    case OP_INDEX:
    case OP_ELEM: return (Shape){2, 2, 1, 1, 0};
    case OP_SELECT: return (Shape){3, 3, 1, 1, 0};
    case OP_CAST: return (Shape){1, ANY, 1, 1, 0};
    case OP_MATH: return math_shape(op);
    case OP_ALLOC: return (Shape){0, ANY, 1, 1, 0};
    case OP_HEAP:
        if (op->as.heap == HEAP_TAPE)
            return (Shape){3, 3, 1, 1, 0};
        return op->as.heap == HEAP_MALLOC || op->as.heap == HEAP_ALLOCA
                   ? (Shape){1, 1, 1, 1, 0}
                   : (Shape){2, 2, 1, 1, 0};
    case OP_REALLOC:
        return op->as.heap == HEAP_CHECKED ? (Shape){3, 3, 1, 1, 0}
                                           : (Shape){2, 2, 1, 1, 0};
    case OP_HEAP_SIZE: return (Shape){1, 1, 1, 1, 0};
    case OP_FREE:
        return op->as.heap == HEAP_TAPE ? (Shape){2, 2, 0, 0, 0}
                                        : (Shape){1, 1, 0, 0, 0};
    case OP_TAPE_FREE:
    case OP_CONDITION: return (Shape){1, 1, 0, 0, 0};
    case OP_STORE: return (Shape){2, 2, 0, 0, 0};
    case OP_COPY: return (Shape){2, 3, 0, 0, 0};
    case OP_ZERO: return (Shape){1, 2, 0, 0, 0};
    case OP_CALL: return (Shape){0, ANY, 0, 1, 0};
    case OP_IF: return (Shape){1, 1, 0, ANY, 2};
    case OP_FOR: return (Shape){FOR_FIRST_INITIAL, ANY, 0, ANY, 1};
    case OP_WHILE: return (Shape){0, ANY, 0, ANY, 2};
    case OP_CHECKPOINT:
    case OP_YIELD: return (Shape){0, ANY, 0, 0, 0};
    case OP_RETURN: return (Shape){0, 1, 0, 0, 0};
    case OP_PUSH: return (Shape){2, ANY, 0, 0, 0};
    case OP_POP: return (Shape){1, 1, 1, ANY, 0};
    case OP_COUNT: break;
    }
    return (Shape){0, 0, 0, 0, 0};
}

static bool check_count(Check *c, const char *what, uint32_t count,
                        uint32_t min, uint32_t max) {
    if (count >= min && count <= max)
        return true;
    uint32_t wanted = count < min ? min : max;
    const char *limit = min == max    ? ""
                        : count < min ? "at least "
                                      : "at most ";
    return fail(c, "must have %s%s, has %u", limit, counted(c, wanted, what),
                count);
}

static bool check_counts(Check *c) {
    const Op *op = c->op;
    Shape shape = shape_of(op);
    return check_count(c, "operand", op->operand_count, shape.min_operands,
                       shape.max_operands) &&
           check_count(c, "result", op->result_count, shape.min_results,
                       shape.max_results) &&
           check_count(c, "region", op->region_count, shape.regions,
                       shape.regions);
}

// ---- Types of operands and results ------------------------------------------

static bool is_scalar(const Type *type) {
    return type_is_arithmetic(type) || type_is_pointer(type);
}

// Smaller integers are promoted before C computes with them.
static bool is_promoted(const Type *type) {
    return type->kind >= TYPE_INT && type->kind <= TYPE_CLDOUBLE;
}

static bool check_results(Check *c) {
    const Op *op = c->op;
    for (uint32_t i = 0; i < op->result_count; i++) {
        const Type *type = op->results[i]->type;
        if (!is_scalar(type))
            return fail(c, "a value must be a scalar or a pointer, not %s",
                        spell(c, type));
        const Type *wanted = op->kind == OP_HEAP || op->kind == OP_REALLOC
                                 ? NULL
                                 : form_result_type(c->module, op, i);
        if (wanted && !type_equal(type, wanted))
            return fail(c, "result %u must have type %s, has %s", i,
                        spell(c, wanted), spell(c, type));
    }
    return true;
}

static bool check_equal(Check *c, uint32_t a, uint32_t b) {
    if (type_equal(type_of(c->op, a), type_of(c->op, b)))
        return true;
    return fail(c, "operands %u and %u must have one type, have %s and %s", a,
                b, spell(c, type_of(c->op, a)), spell(c, type_of(c->op, b)));
}

static bool check_operand(Check *c, uint32_t operand,
                          bool (*holds)(const Type *), const char *what) {
    const Type *type = type_of(c->op, operand);
    return holds(type) || fail(c, "operand %u must be %s, is %s", operand, what,
                               spell(c, type));
}

static bool check_pointer(Check *c, uint32_t operand) {
    return check_operand(c, operand, type_is_pointer, "a pointer");
}

static bool check_integer(Check *c, uint32_t operand) {
    return check_operand(c, operand, type_is_integer, "an integer");
}

static bool check_integers(Check *c, uint32_t from) {
    for (uint32_t i = from; i < c->op->operand_count; i++)
        if (!check_integer(c, i))
            return false;
    return true;
}

static bool is_promoted_integer(const Type *type) {
    return is_promoted(type) && type_is_integer(type);
}

// A complex operand, and one of the type of its parts.
static bool is_mixed(Check *c) {
    const Type *a = type_of(c->op, 0), *b = type_of(c->op, 1);
    if (!type_is_float(a) || !type_is_float(b) ||
        type_is_complex(a) == type_is_complex(b))
        return false;
    return type_equal(type_part(c->module, a), type_part(c->module, b));
}

static bool check_arithmetic(Check *c, bool integers) {
    const char *what = integers ? "a promoted integer" : "promoted arithmetic";
    for (uint32_t i = 0; i < c->op->operand_count; i++)
        if (!check_operand(c, i, integers ? is_promoted_integer : is_promoted,
                           what))
            return false;
    bool own_type = c->op->kind == OP_SHL || c->op->kind == OP_SHR;
    return c->op->operand_count < 2 || own_type || is_mixed(c) ||
           check_equal(c, 0, 1);
}

static bool is_comparable(const Type *type) {
    return is_promoted(type) || type_is_pointer(type);
}

static bool check_compare(Check *c) {
    if (!check_operand(c, 0, is_comparable, "promoted or a pointer"))
        return false;
    bool equality = c->op->kind == OP_EQ || c->op->kind == OP_NE;
    if (!equality && (type_is_complex(type_of(c->op, 0)) ||
                      type_is_complex(type_of(c->op, 1))))
        return fail(c, "complex numbers have no order");
    return is_mixed(c) || check_equal(c, 0, 1);
}

static bool check_math(Check *c) {
    const char *letters = math_info(c->op->as.math)->arguments;
    for (uint32_t i = 0; i < c->op->operand_count; i++) {
        TypeKind kind = type_of(c->op, i)->kind;
        if (letters[i] == 'f' &&
            (!check_operand(c, i, type_is_float, "floating") ||
             !check_operand(c, i, type_is_real, "real") ||
             !check_equal(c, 0, i)))
            return false;
        if (letters[i] == 'c' &&
            (!check_operand(c, i, type_is_complex, "complex") ||
             !check_equal(c, 0, i)))
            return false;
        if (letters[i] == 'i' && kind != TYPE_INT)
            return fail(c, "operand %u must be int, is %s", i,
                        spell(c, type_of(c->op, i)));
        if (letters[i] == 'l' && kind != TYPE_LONG)
            return fail(c, "operand %u must be long, is %s", i,
                        spell(c, type_of(c->op, i)));
    }
    return true;
}

// ---- Values from nowhere ----------------------------------------------------

// Every integer has one representation: the number itself, where it fits.
static bool check_constant(Check *c) {
    const Type *type = c->op->results[0]->type;
    int64_t value = c->op->as.constant.integer;
    if (type_is_float(type))
        return true;
    if (type_is_pointer(type))
        return value == 0 || fail(c, "a pointer constant must be null");
    unsigned bits = type_integer_bits(type);
    if (bits == 64)
        return true;
    int64_t span = INT64_C(1) << bits;
    bool fits = type_is_signed(type) ? value >= -span / 2 && value < span / 2
                                     : value >= 0 && value < span;
    return fits || fail(c, "%lld is no value of type %s", (long long)value,
                        spell(c, type));
}

static bool check_result_pointer(Check *c) {
    const Type *type = c->op->results[0]->type;
    return type_is_pointer(type) ||
           fail(c, "result must be a pointer, is %s", spell(c, type));
}

static bool check_attribute(Check *c, const void *attribute, const char *what) {
    return attribute || fail(c, "must have a %s as attribute", what);
}

// ---- Casts and memory -------------------------------------------------------

static bool check_cast(Check *c) {
    const Type *from = type_of(c->op, 0), *to = c->op->results[0]->type;
    bool is_address = type_is_pointer(from) || type_is_pointer(to);
    if (is_address && (type_is_float(from) || type_is_float(to)))
        return fail(c, "no conversion from %s to %s", spell(c, from),
                    spell(c, to));
    uint32_t lengths =
        type_is_pointer(to) ? form_dynamic_lengths(to->element) : 0;
    if (c->op->operand_count != 1 + lengths)
        return fail(c, "%s needs %s as operands, has %u", spell(c, to),
                    counted(c, lengths, "length"), c->op->operand_count - 1);
    return check_integers(c, 1);
}

static bool check_alloc(Check *c) {
    const Type *type = c->op->as.type;
    if (!check_attribute(c, type, "type"))
        return false;
    if (type->kind == TYPE_VOID)
        return fail(c, "an object must have a size");
    uint32_t lengths = form_dynamic_lengths(type);
    if (c->op->operand_count != lengths)
        return fail(c, "%s needs %s as operands, has %u", spell(c, type),
                    counted(c, lengths, "length"), c->op->operand_count);
    return check_integers(c, 0);
}

static bool points_to(const Type *type, TypeKind kind) {
    return type_is_pointer(type) && type->element->kind == kind;
}

static bool check_index(Check *c) {
    if (!check_pointer(c, 0) || !check_integer(c, 1))
        return false;
    return !points_to(type_of(c->op, 0), TYPE_VOID) ||
           fail(c, "void has no size to count in");
}

static bool check_elem(Check *c) {
    if (!points_to(type_of(c->op, 0), TYPE_ARRAY))
        return fail(c, "operand 0 must be a pointer to an array, is %s",
                    spell(c, type_of(c->op, 0)));
    return check_integer(c, 1);
}

static bool check_field(Check *c) {
    const Type *type = type_of(c->op, 0);
    if (!points_to(type, TYPE_RECORD))
        return fail(c, "operand 0 must be a pointer to a record, is %s",
                    spell(c, type));
    return c->op->as.field < type->element->record->field_count ||
           fail(c, "%s has no field %u", spell(c, type->element),
                c->op->as.field);
}

// Load and store move scalars; whole objects are copied.
static bool check_access(Check *c) {
    const Type *type = type_of(c->op, 0);
    if (!type_is_pointer(type) || !is_scalar(type->element))
        return fail(c, "operand 0 must be a pointer to a scalar, is %s",
                    spell(c, type));
    if (c->op->kind == OP_LOAD || type_equal(type->element, type_of(c->op, 1)))
        return true;
    return fail(c, "stores %s to an address of %s", spell(c, type_of(c->op, 1)),
                spell(c, type->element));
}

// The first `addresses` operands point to the object's type; a count follows.
static bool check_bulk(Check *c, uint32_t addresses) {
    const Type *type = c->op->as.type;
    if (!check_attribute(c, type, "type"))
        return false;
    if (type->kind == TYPE_VOID)
        return fail(c, "an object must have a size");
    for (uint32_t i = 0; i < addresses; i++) {
        const Type *address = type_of(c->op, i);
        if (!type_is_pointer(address) || !type_equal(address->element, type))
            return fail(c, "operand %u must be a pointer to %s, is %s", i,
                        spell(c, type), spell(c, address));
    }
    return check_integers(c, addresses);
}

static bool check_ptrdiff(Check *c) {
    return check_pointer(c, 0) && check_equal(c, 0, 1);
}

// ---- Calls and control ------------------------------------------------------

static bool check_argument(Check *c, const Param *param, uint32_t index) {
    const Type *type = type_of(c->op, index);
    if (param->by_value_record) {
        if (type_is_pointer(type) && type_equal(type->element, param->type))
            return true;
        return fail(c, "argument %u must be a pointer to %s, is %s", index,
                    spell(c, param->type), spell(c, type));
    }
    return type_equal(type, param->type) ||
           fail(c, "argument %u must have type %s, has %s", index,
                spell(c, param->type), spell(c, type));
}

static bool check_call(Check *c) {
    const Function *callee = c->op->as.callee;
    if (!check_attribute(c, callee, "function"))
        return false;
    uint32_t count = callee->param_count;
    if (!check_count(c, "argument", c->op->operand_count, count,
                     callee->is_variadic ? ANY : count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!check_argument(c, &callee->params[i], i))
            return false;
    if (callee->result->kind == TYPE_RECORD)
        return fail(c, "a record is returned through an out-parameter");
    return check_count(c, "result", c->op->result_count,
                       callee->result->kind != TYPE_VOID,
                       callee->result->kind != TYPE_VOID);
}

static bool check_terminator(Check *c, uint32_t region, OpKind kind) {
    const Op *last = c->op->regions[region]->last;
    return (last && last->kind == kind) ||
           fail(c, "region %u must end in %s", region, op_info(kind)->name);
}

// What a region yields is what the values wanted are.
static bool check_yield(Check *c, uint32_t region, Value *const *wanted,
                        uint32_t count) {
    if (!check_terminator(c, region, OP_YIELD))
        return false;
    const Op *yield = c->op->regions[region]->last;
    if (yield->operand_count != count)
        return fail(c, "region %u must yield %s, yields %u", region,
                    counted(c, count, "value"), yield->operand_count);
    for (uint32_t i = 0; i < count; i++)
        if (!type_equal(yield->operands[i]->type, wanted[i]->type))
            return fail(c, "region %u must yield %s as value %u, yields %s",
                        region, spell(c, wanted[i]->type), i,
                        spell(c, yield->operands[i]->type));
    return true;
}

static bool check_params(Check *c, uint32_t region, uint32_t count) {
    const Region *r = c->op->regions[region];
    return r->param_count == count ||
           fail(c, "region %u must have %s, has %u", region,
                counted(c, count, "parameter"), r->param_count);
}

static bool check_if(Check *c) {
    const Op *op = c->op;
    for (uint32_t r = 0; r < 2; r++)
        if (!check_params(c, r, 0) ||
            !check_yield(c, r, op->results, op->result_count))
            return false;
    return true;
}

// Initial values, a region's parameters and the results agree.
static bool check_carried(Check *c, uint32_t region, uint32_t operands_before,
                          uint32_t params_before) {
    const Op *op = c->op;
    uint32_t count = op->operand_count - operands_before;
    if (op->result_count != count)
        return fail(c, "carries %s, but has %s", counted(c, count, "value"),
                    counted(c, op->result_count, "result"));
    if (!check_params(c, region, params_before + count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const Type *initial = type_of(op, operands_before + i);
        const Type *type = op->regions[region]->params[params_before + i]->type;
        if (!type_equal(initial, type))
            return fail(
                c, "parameter %u of region %u must have type %s, has %s",
                params_before + i, region, spell(c, initial), spell(c, type));
    }
    return true;
}

static bool check_for(Check *c) {
    const Op *op = c->op;
    if (op->as.loop.compare < OP_LT || op->as.loop.compare > OP_NE ||
        op->as.loop.compare == OP_EQ)
        return fail(c, "compares with lt, le, gt, ge or ne");
    if (!check_integer(c, FOR_BEGIN) || !check_equal(c, FOR_BEGIN, FOR_END) ||
        !check_equal(c, FOR_BEGIN, FOR_STEP) ||
        !check_carried(c, 0, FOR_FIRST_INITIAL, 1))
        return false;
    const Type *index = op->regions[0]->params[0]->type;
    if (!type_equal(index, type_of(op, FOR_BEGIN)))
        return fail(c, "the index must have type %s, has %s",
                    spell(c, type_of(op, FOR_BEGIN)), spell(c, index));
    return check_yield(c, 0, op->results, op->result_count);
}

// The emitter writes the condition region as an expression.
static bool check_while(Check *c) {
    const Op *op = c->op;
    if (!check_carried(c, WHILE_CONDITION, 0, 0) ||
        !check_carried(c, WHILE_BODY, 0, 0) ||
        !check_terminator(c, WHILE_CONDITION, OP_CONDITION))
        return false;
    const Region *condition = op->regions[WHILE_CONDITION];
    for (const Op *o = condition->first; o != condition->last; o = o->next)
        if (op_has_effect(o))
            return fail(c, "the condition region must have no effect, has %s",
                        op_info(o->kind)->name);
    return check_yield(c, WHILE_BODY, op->results, op->result_count);
}

static bool check_place(Check *c, bool right, const char *place) {
    return right || fail(c, "stands only at the end of %s", place);
}

static bool check_yield_place(Check *c) {
    const Op *holder = c->op->parent->parent;
    bool right = holder && !(holder->kind == OP_WHILE &&
                             c->op->parent == holder->regions[WHILE_CONDITION]);
    return check_place(c, right, "a branch or a loop body");
}

static bool check_condition(Check *c) {
    const Op *holder = c->op->parent->parent;
    bool right = holder && holder->kind == OP_WHILE &&
                 c->op->parent == holder->regions[WHILE_CONDITION];
    return check_place(c, right, "a while's condition region");
}

static bool check_return(Check *c) {
    const Type *result = c->op->parent->function->result;
    if (!check_place(c, !c->op->parent->parent, "a function's body"))
        return false;
    uint32_t count = result->kind != TYPE_VOID;
    if (!check_count(c, "operand", c->op->operand_count, count, count))
        return false;
    return !count || type_equal(type_of(c->op, 0), result) ||
           fail(c, "must return %s, returns %s", spell(c, result),
                spell(c, type_of(c->op, 0)));
}

// ---- All of them ------------------------------------------------------------

static bool check_kind(Check *c) {
    const Op *op = c->op;
    switch (op->kind) {
    case OP_CONST: return check_constant(c);
    case OP_STRING:
        return check_attribute(c, op->as.text, "literal") &&
               check_result_pointer(c);
    case OP_FUNCTION:
        return check_attribute(c, op->as.callee, "function") &&
               check_result_pointer(c);
    case OP_GLOBAL: return check_attribute(c, op->as.global, "global");
    case OP_CHECKPOINT: return check_attribute(c, op->as.text, "clauses");
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_NEG: return check_arithmetic(c, false);
    case OP_REM:
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_NOT:
    case OP_SHL:
    case OP_SHR: return check_arithmetic(c, true);
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_EQ:
    case OP_NE: return check_compare(c);
    case OP_SELECT: return check_equal(c, 1, 2);
    case OP_CAST: return check_cast(c);
    case OP_MATH: return check_math(c);
    case OP_PTRDIFF: return check_ptrdiff(c);
    case OP_ALLOC: return check_alloc(c);
    case OP_HEAP:
        return (c->op->as.heap == HEAP_TAPE
                    ? check_integer(c, 0) && check_integer(c, 1) &&
                          check_pointer(c, 2)
                    : check_integers(c, 0)) &&
               check_result_pointer(c);
    case OP_REALLOC:
        return check_pointer(c, 0) && check_integer(c, 1) &&
               (c->op->operand_count < 3 || check_pointer(c, 2)) &&
               check_result_pointer(c);
    case OP_HEAP_SIZE: return check_pointer(c, 0);
    case OP_FREE:
        return check_pointer(c, 0) &&
               (c->op->operand_count < 2 || check_pointer(c, 1));
    case OP_TAPE_FREE:
    case OP_PUSH:
    case OP_POP: return check_pointer(c, 0);
    case OP_TAPE: return check_result_pointer(c);
    case OP_INDEX: return check_index(c);
    case OP_ELEM: return check_elem(c);
    case OP_FIELD: return check_field(c);
    case OP_LOAD:
    case OP_STORE: return check_access(c);
    case OP_COPY: return check_bulk(c, 2);
    case OP_ZERO: return check_bulk(c, 1);
    case OP_CALL: return check_call(c);
    case OP_IF: return check_if(c);
    case OP_FOR: return check_for(c);
    case OP_WHILE: return check_while(c);
    case OP_YIELD: return check_yield_place(c);
    case OP_CONDITION: return check_condition(c);
    case OP_RETURN: return check_return(c);
    case OP_UNDEF:
    case OP_INACTIVE:
    case OP_LNOT: return true; // any scalar
    case OP_COUNT: break;
    }
    return fail(c, "is no operation");
}

const char *form_broken_rule(Module *module, const Op *op) {
    Check c = {module, op, NULL};
    if ((unsigned)op->kind >= OP_COUNT)
        return "is no operation";
    if (op->kind == OP_MATH && (unsigned)op->as.math >= MATH_COUNT)
        return "is no math function";
    if (check_counts(&c) && check_kind(&c))
        check_results(&c);
    return c.broken;
}

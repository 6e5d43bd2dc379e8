// expression.c - values as C expressions, with as few parentheses as keep the
// order of evaluation (a + (b + c) is not (a + b) + c) and compilers quiet.
// Trees are small: inline.c ends them in variables.
#include "emit/print.h"

const Op *inline_op(const Printer *p, const Value *value) {
    return value->op && value_note(p->plan, value)->place == PLACE_INLINE
               ? value->op
               : NULL;
}

const char *variable_name(const Printer *p, const Value *value) {
    Variable *variable = plan_variable(p->plan, value);
    ENSURE(variable && variable->name);
    if (variable->is_parameter)
        ptrmap_set(p->mentioned, variable, variable);
    return variable->name;
}

// ---- Facts about operators --------------------------------------------------

static Precedence precedence_of(OpKind kind) {
    static const unsigned char levels[OP_COUNT] = {
        [OP_ADD] = PREC_SUM,     [OP_SUB] = PREC_SUM,
        [OP_PTRDIFF] = PREC_SUM, [OP_MUL] = PREC_PRODUCT,
        [OP_DIV] = PREC_PRODUCT, [OP_REM] = PREC_PRODUCT,
        [OP_AND] = PREC_BIT_AND, [OP_OR] = PREC_BIT_OR,
        [OP_XOR] = PREC_BIT_XOR, [OP_SHL] = PREC_SHIFT,
        [OP_SHR] = PREC_SHIFT,   [OP_LT] = PREC_RELATION,
        [OP_LE] = PREC_RELATION, [OP_GT] = PREC_RELATION,
        [OP_GE] = PREC_RELATION, [OP_EQ] = PREC_EQUAL,
        [OP_NE] = PREC_EQUAL,
    };
    return (Precedence)levels[kind];
}

// What an operand must be to go without parentheses. Mixtures that gcc warns
// about have them, too.
static Precedence operand_precedence(const Op *op, bool right) {
    Precedence own = precedence_of(op->kind);
    if (own == PREC_SUM || own == PREC_PRODUCT)
        return right ? own + 1 : own;
    return own == PREC_EQUAL || own == PREC_RELATION ? PREC_SHIFT : PREC_UNARY;
}

static bool is_bool(const Printer *p, const Value *value);

static bool is_bool_branch(const Printer *p, const Op *op, uint32_t branch) {
    return is_bool(p, op->regions[branch]->last->operands[0]);
}

// 0 or 1 for certain, as it is printed.
static bool is_bool(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    int64_t number;
    if (!op)
        return value->type->kind == TYPE_BOOL;
    if (value_is_integer(value, &number))
        return number == 0 || number == 1;
    if (op->kind == OP_CAST)
        return type_is_integer(value->type) && is_bool(p, op->operands[0]);
    if (op->kind == OP_IF)
        return is_bool_branch(p, op, 0) && is_bool_branch(p, op, 1);
    return op->kind == OP_LNOT || op_has_flag(op, OPF_COMPARES);
}

// ---- Operators --------------------------------------------------------------

static void open(Text *t, bool closed) { text_add(t, closed ? "(" : ""); }
static void close(Text *t, bool closed) { text_add(t, closed ? ")" : ""); }

// Under an implicit promotion, the narrow value itself.
static void print_promoted(Printer *p, Text *t, const Value *value,
                           Precedence least) {
    print_value(p, t, is_promotion(p, value) ? value->op->operands[0] : value,
                least);
}

// i - 1 for (long)i - 1
static void print_narrow_sum(Printer *p, Text *t, const Op *op,
                             Precedence least) {
    const Op *cast = op->operands[0]->op;
    open(t, PREC_SUM < least);
    print_value(p, t, cast->operands[0], PREC_SUM);
    text_printf(t, " %s ", op_info(op->kind)->symbol);
    print_constant(p, t, op->operands[1]->op, PREC_PRODUCT, true);
    close(t, PREC_SUM < least);
}

static void print_operand(Printer *p, Text *t, Operand operand,
                          Precedence least) {
    const Op *op = inline_op(p, operand.value);
    if (operand.bare && op->kind == OP_CONST)
        print_constant(p, t, op, least, true);
    else if (operand.bare && op->kind != OP_CAST)
        print_narrow_sum(p, t, op, least);
    else
        print_promoted(p, t, operand.bare ? op->operands[0] : operand.value,
                       least);
}

static const Op *inline_kind(const Printer *p, const Value *value,
                             OpKind kind) {
    const Op *op = inline_op(p, value);
    return op && op->kind == kind ? op : NULL;
}

static bool is_negative(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    return op && (op->kind == OP_NEG ||
                  (op->kind == OP_CONST && constant_is_negative(op)));
}

// What stands behind the minus.
static void print_opposite(Printer *p, Text *t, const Value *value,
                           Precedence least) {
    if (value->op->kind == OP_NEG)
        print_promoted(p, t, value->op->operands[0], least);
    else
        print_negated(p, t, value->op);
}

// a + -b is a - b, and -a + b is b - a, bit for bit.
static bool print_sum(Printer *p, Text *t, const Op *op) {
    const Value *a = op->operands[0], *b = op->operands[1];
    if (type_is_complex(a->type) != type_is_complex(b->type))
        return false;
    if (op->kind == OP_ADD && !is_negative(p, b) && inline_kind(p, a, OP_NEG)) {
        const Value *swap = a;
        a = b;
        b = swap;
    }
    if ((op->kind != OP_ADD && op->kind != OP_SUB) || !is_negative(p, b) ||
        inline_kind(p, a, OP_CAST))
        return false;
    print_promoted(p, t, a, PREC_SUM);
    text_add(t, op->kind == OP_ADD ? " - " : " + ");
    print_opposite(p, t, b, PREC_PRODUCT);
    return true;
}

// 0 < n is n > 0. Answers the operator then.
static const char *put_constant_right(const Printer *p, const Op *op,
                                      Operand *a, Operand *b,
                                      const char *symbol) {
    if (!inline_kind(p, a->value, OP_CONST) ||
        inline_kind(p, b->value, OP_CONST))
        return symbol;
    Operand swap = *a;
    *a = *b;
    *b = swap;
    return op->kind == OP_LT   ? ">"
           : op->kind == OP_LE ? ">="
           : op->kind == OP_GT ? "<"
           : op->kind == OP_GE ? "<="
                               : symbol;
}

static void print_binary(Printer *p, Text *t, const Op *op, Precedence least) {
    bool closed = precedence_of(op->kind) < least;
    bool shifts = op->kind == OP_SHL || op->kind == OP_SHR;
    Operand a, b;
    open(t, closed);
    if (!print_sum(p, t, op)) {
        choose_operands(p, op, &a, &b);
        if (shifts)
            a.bare = b.bare = false;
        const char *symbol = op_info(op->kind)->symbol;
        if (op_has_flag(op, OPF_COMPARES))
            symbol = put_constant_right(p, op, &a, &b, symbol);
        bool is_not = inline_kind(p, a.value, OP_LNOT) != NULL;
        print_operand(p, t, a,
                      is_not ? PREC_POSTFIX : operand_precedence(op, false));
        text_printf(t, " %s ", symbol);
        print_operand(p, t, b, operand_precedence(op, true));
    }
    close(t, closed);
}

static void print_unary(Printer *p, Text *t, const Op *op, Precedence least) {
    bool closed = PREC_UNARY < least;
    bool double_minus = op->kind == OP_NEG && is_negative(p, op->operands[0]);
    open(t, closed);
    text_add(t, op_info(op->kind)->symbol);
    print_promoted(p, t, op->operands[0],
                   double_minus ? PREC_POSTFIX : PREC_UNARY);
    close(t, closed);
}

static void print_cast(Printer *p, Text *t, const Op *op, Precedence least) {
    bool closed = PREC_UNARY < least;
    open(t, closed);
    text_add_char(t, '(');
    print_type_name(p, t, op);
    text_add_char(t, ')');
    print_promoted(p, t, op->operands[0], PREC_UNARY);
    close(t, closed);
}

static void print_choice(Printer *p, Text *t, const Value *condition,
                         Operand yes, Operand no, Precedence least) {
    bool closed = PREC_TERNARY < least;
    open(t, closed);
    print_condition(p, t, condition, PREC_CONDITION);
    text_add(t, " ? ");
    print_operand(p, t, yes, PREC_TERNARY + 1);
    text_add(t, " : ");
    print_operand(p, t, no, PREC_TERNARY);
    close(t, closed);
}

static void print_select(Printer *p, Text *t, const Op *op, Precedence least) {
    Operand yes, no;
    choose_operands(p, op, &yes, &no);
    print_choice(p, t, op->operands[0], yes, no, least);
}

// ---- && and || --------------------------------------------------------------

// c ? x : 0 is c && x, c ? 1 : x is c || x, and so on, where x is 0 or 1 or
// only whether it is zero matters.
static bool print_logic(Printer *p, Text *t, const Op *op, Precedence least,
                        bool as_condition) {
    const Value *yes = op->regions[IF_THEN]->last->operands[0];
    const Value *no = op->regions[IF_ELSE]->last->operands[0];
    bool is_constant_yes = value_is_constant(yes) && is_bool(p, yes);
    bool is_constant_no = value_is_constant(no) && is_bool(p, no);
    if (!type_is_integer(op->results[0]->type) ||
        is_constant_yes == is_constant_no)
        return false;
    const Value *rest = is_constant_yes ? no : yes;
    const Value *constant = is_constant_yes ? yes : no;
    if (!as_condition && !is_bool(p, rest))
        return false;
    bool is_and = value_is_zero(constant);
    Precedence own = is_and ? PREC_AND : PREC_OR;
    bool closed = own < least ||
                  (is_and && (least == PREC_OR || least == PREC_CONDITION));
    open(t, closed);
    if (is_and == is_constant_yes)
        print_not(p, t, op->operands[0], is_and ? own : PREC_AND);
    else
        print_condition(p, t, op->operands[0], own);
    text_add(t, is_and ? " && " : " || ");
    print_condition(p, t, rest, own);
    close(t, closed);
    return true;
}

static void print_if(Printer *p, Text *t, const Op *op, Precedence least) {
    Operand yes = {op->regions[IF_THEN]->last->operands[0], false};
    Operand no = {op->regions[IF_ELSE]->last->operands[0], false};
    if (!print_logic(p, t, op, least, false))
        print_choice(p, t, op->operands[0], yes, no, least);
}

// clang warns about x | y ? a : b.
static bool is_bitwise(const Op *op) {
    return op->kind == OP_OR || op->kind == OP_XOR || op->kind == OP_AND;
}

// gcc warns of a product, a shift and a choice of numbers as a condition.
static bool is_odd_condition(const Printer *p, const Value *value) {
    const Op *op = inline_op(p, value);
    while (op && op->kind == OP_CAST)
        op = inline_op(p, op->operands[0]);
    return op && type_is_integer(op->results[0]->type) &&
           (op->kind == OP_MUL || op->kind == OP_SHL || op->kind == OP_IF);
}

static void print_against_zero(Printer *p, Text *t, const Value *value,
                               const char *symbol, Precedence least) {
    bool closed = PREC_EQUAL < least;
    open(t, closed);
    print_promoted(p, t, value, PREC_SHIFT);
    text_printf(t, " %s 0", symbol);
    close(t, closed);
}

void print_condition(Printer *p, Text *t, const Value *value,
                     Precedence least) {
    const Op *op = inline_op(p, value);
    if (op && least == PREC_CONDITION && is_bitwise(op))
        least = PREC_EQUAL;
    if (op && op->kind == OP_LNOT)
        print_not(p, t, op->operands[0], least);
    else if (op && op->kind == OP_NE && value_is_zero(op->operands[1]) &&
             is_bool(p, op->operands[0]))
        print_condition(p, t, op->operands[0], least);
    else if (op && op->kind == OP_CAST && is_bool(p, op->operands[0]))
        print_condition(p, t, op->operands[0], least);
    else if (op && op->kind == OP_IF && print_logic(p, t, op, least, true))
        return;
    else if (is_odd_condition(p, value))
        print_against_zero(p, t, value, "!=", least);
    else
        print_promoted(p, t, value, least);
}

static const char *opposite(const Op *op) {
    if (op->kind == OP_EQ)
        return "!=";
    if (op->kind == OP_NE)
        return "==";
    if (type_is_float(op->operands[0]->type)) // NaN is on neither side
        return NULL;
    return op->kind == OP_LT   ? ">="
           : op->kind == OP_LE ? ">"
           : op->kind == OP_GT ? "<="
           : op->kind == OP_GE ? "<"
                               : NULL;
}

void print_not(Printer *p, Text *t, const Value *value, Precedence least) {
    const Op *op = inline_op(p, value);
    const char *symbol =
        op && op_has_flag(op, OPF_COMPARES) ? opposite(op) : NULL;
    if (op && op->kind == OP_LNOT) {
        print_condition(p, t, op->operands[0], least);
    } else if (symbol) {
        Operand a, b;
        bool closed = precedence_of(op->kind) < least;
        choose_operands(p, op, &a, &b);
        open(t, closed);
        print_operand(p, t, a, operand_precedence(op, false));
        text_printf(t, " %s ", symbol);
        print_operand(p, t, b, operand_precedence(op, true));
        close(t, closed);
    } else if (is_odd_condition(p, value)) {
        print_against_zero(p, t, value, "==", least);
    } else {
        bool closed = PREC_UNARY < least;
        open(t, closed);
        text_add_char(t, '!');
        print_condition(p, t, value, PREC_UNARY);
        close(t, closed);
    }
}

// ---- All --------------------------------------------------------------------

static void print_function_name(Printer *p, Text *t, const Function *callee) {
    note_function(p, callee);
    text_add(t, callee->name);
}

static void print_inline(Printer *p, Text *t, const Op *op, Precedence least) {
    OpKind kind = op->kind;
    if (precedence_of(kind))
        print_binary(p, t, op, least);
    else if (kind == OP_CONST)
        print_constant(p, t, op, least, false);
    else if (kind == OP_UNDEF)
        text_add(t, "0");
    else if (kind == OP_STRING)
        text_add(t, op->as.text);
    else if (kind == OP_FUNCTION)
        print_function_name(p, t, op->as.callee);
    else if (kind == OP_NEG || kind == OP_NOT)
        print_unary(p, t, op, least);
    else if (kind == OP_LNOT)
        print_not(p, t, op->operands[0], least);
    else if (kind == OP_SELECT)
        print_select(p, t, op, least);
    else if (kind == OP_CAST)
        print_cast(p, t, op, least);
    else if (kind == OP_INACTIVE)
        print_value(p, t, op->operands[0], least);
    else if (kind == OP_LOAD)
        print_load(p, t, op, least);
    else if (kind == OP_MATH)
        print_math(p, t, op);
    else if (kind == OP_CALL)
        print_call(p, t, op);
    else if (kind == OP_IF)
        print_if(p, t, op, least);
    else
        print_pointer(p, t, op->results[0], least);
}

void print_value(Printer *p, Text *t, const Value *value, Precedence least) {
    const Op *op = inline_op(p, value);
    if (op)
        print_inline(p, t, op, least);
    else if (is_named_object(p, value))
        print_pointer(p, t, value, least);
    else
        text_add(t, variable_name(p, value));
}

// 0 and 1 for 0.0 and 1.0, as people write them.
static bool print_whole(Text *t, const Value *value) {
    int64_t number;
    if (!value_is_integer(value, &number) || !type_is_float(value->type) ||
        value->op->as.constant.spelling || number < 0 || number > 999999 ||
        constant_is_negative(value->op))
        return false;
    text_printf(t, "%lld", (long long)number);
    return true;
}

// The assignment converts, so the branches may both be narrower.
static void print_assigned_select(Printer *p, Text *t, const Op *op,
                                  Precedence least) {
    Operand yes, no;
    choose_operands(p, op, &yes, &no);
    if (widens_index(p, yes.value) && widens_index(p, no.value))
        yes.bare = no.bare = true;
    print_choice(p, t, op->operands[0], yes, no, least);
}

void print_assigned(Printer *p, Text *t, const Value *value, Precedence least) {
    const Op *op = inline_op(p, value);
    if (op && print_whole(t, value))
        return;
    Operand operand = {value, op && converts_by_itself(p, value)};
    if (op && op->kind == OP_SELECT)
        print_assigned_select(p, t, op, least);
    else
        print_operand(p, t, operand, least);
}

void print_index(Printer *p, Text *t, const Value *index, Precedence least) {
    Operand operand = {index, widens_index(p, index)};
    print_operand(p, t, operand, least);
}

const char *value_text(Printer *p, const Value *value, Precedence least) {
    Text t;
    text_init(&t, p->arena);
    print_value(p, &t, value, least);
    return t.chars;
}

const char *assigned_text(Printer *p, const Value *value) {
    Text t;
    text_init(&t, p->arena);
    print_assigned(p, &t, value, PREC_ANY);
    return t.chars;
}

// z *= 2.0, which not all compilers compute as z *= 2.
static bool is_real_part(const Printer *p, const Op *op, const Value *rest) {
    return inline_kind(p, rest, OP_CONST) && type_is_real(rest->type) &&
           type_is_complex(op->results[0]->type);
}

const char *compound_text(Printer *p, const Op *op, const Value *rest,
                          const char **operator) {
    Text t;
    text_init(&t, p->arena);
    OpKind kind = op->kind == OP_INDEX ? OP_ADD : op->kind; // p += i
    bool turns = (kind == OP_ADD || kind == OP_SUB) && is_negative(p, rest);
    if (turns)
        kind = kind == OP_ADD ? OP_SUB : OP_ADD;
    *operator= arena_printf(p->arena, "%s=", op_info(kind)->symbol);
    if (turns)
        print_opposite(p, &t, rest, PREC_TERNARY);
    else if (op->kind == OP_INDEX)
        print_index(p, &t, rest, PREC_TERNARY);
    else if (is_real_part(p, op, rest))
        print_constant(p, &t, rest->op, PREC_TERNARY, true);
    else if (!inline_op(p, rest) || !print_whole(&t, rest))
        print_operand(p, &t, (Operand){rest, computes_bare(p, rest)},
                      PREC_TERNARY);
    return t.chars;
}

// call.c - calls of functions, the user's and those of math.h. Notes what the
// file must include or define for them.
#include "emit/print.h"

#include <string.h>

static void print_argument(Printer *p, Text *t, const Op *call, uint32_t i) {
    const Function *callee = call->as.callee;
    const Value *value = call->operands[i];
    bool is_variadic = i >= callee->param_count;
    if (!is_variadic && callee->params[i].by_value_record)
        print_lvalue(p, t, value, PREC_ANY);
    else if (is_variadic)
        print_value(p, t, value, PREC_TERNARY);
    else
        print_assigned(p, t, value, PREC_TERNARY);
}

void note_function(Printer *p, const Function *callee) {
    if (ptrmap_has(p->needs->seen, callee))
        return;
    ptrmap_set(p->needs->seen, callee, (void *)callee);
    vec_push(p->arena, &p->needs->functions, callee);
}

void note_global(Printer *p, const Global *global) {
    if (ptrmap_has(p->needs->seen, global))
        return;
    ptrmap_set(p->needs->seen, global, (void *)global);
    vec_push(p->arena, &p->needs->globals, global);
}

// A struct that is returned goes to where the first operand points.
void print_call(Printer *p, Text *t, const Op *op) {
    const Function *callee = op->as.callee;
    uint32_t first = callee->returns_record ? 1 : 0;
    if (callee->returns_record) {
        print_lvalue(p, t, op->operands[0], PREC_ANY);
        text_add(t, " = ");
    }
    if (callee->is_indirect) {
        print_value(p, t, op->operands[first++], PREC_POSTFIX);
    } else {
        note_function(p, callee);
        text_add(t, callee->name);
    }
    text_add_char(t, '(');
    for (uint32_t i = first; i < op->operand_count; i++) {
        text_add(t, i > first ? ", " : "");
        print_argument(p, t, op, i);
    }
    text_add_char(t, ')');
}

// ---- math.h -----------------------------------------------------------------

static int type_index(TypeKind kind) {
    return kind == TYPE_FLOAT || kind == TYPE_CFLOAT       ? NEEDS_FLOAT
           : kind == TYPE_LDOUBLE || kind == TYPE_CLDOUBLE ? NEEDS_LDOUBLE
                                                           : NEEDS_DOUBLE;
}

static void print_math_name(Printer *p, Text *t, const Op *op) {
    const MathInfo *info = math_info(op->as.math);
    int index = type_index(op->operands[0]->type->kind);
    static const char *const suffixes[] = {"f", "", "l"};
    static const char *const macro_suffixes[] = {"F", "", "L"};
    p->needs->math_h |= !info->is_complex;
    if (op->as.math == MATH_CMPLX) {
        p->needs->cmplx[index] = true;
        text_printf(t, "CMPLX%s", macro_suffixes[index]);
        return;
    }
    if (op->as.math == MATH_digamma)
        p->needs->digamma[index] = true;
    if (op->as.math == MATH_trigamma)
        p->needs->trigamma[index] = true;
    text_printf(t, "%s%s%s", info->is_internal ? "gradcc_" : "", info->name,
                info->is_macro ? "" : suffixes[index]);
}

// Where tgmath.h is included, log(x) of a float is logf(x), and of a complex
// number clog(x).
static bool is_widened_float(const Value *value) {
    if (!value->op || value->op->kind != OP_CAST)
        return false;
    const Type *from = value->op->operands[0]->type;
    return from->kind == TYPE_FLOAT || from->kind == TYPE_CFLOAT ||
           type_is_complex(from) != type_is_complex(value->type);
}

void print_math(Printer *p, Text *t, const Op *op) {
    // fabs and cabs of an integer are what compilers warn about.
    bool exact = math_info(op->as.math)->is_macro || op->as.math == MATH_fabs ||
                 op->as.math == MATH_cabs;
    print_math_name(p, t, op);
    text_add_char(t, '(');
    for (uint32_t i = 0; i < op->operand_count; i++) {
        text_add(t, i ? ", " : "");
        if (exact || is_widened_float(op->operands[i]))
            print_value(p, t, op->operands[i], PREC_TERNARY);
        else
            print_assigned(p, t, op->operands[i], PREC_TERNARY);
    }
    if (op->result_count == 2)
        text_printf(t, ", &%s", variable_name(p, op->results[1]));
    text_add_char(t, ')');
}

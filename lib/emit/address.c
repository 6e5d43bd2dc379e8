// address.c - addresses keep their structure: what they designate is printed
// as x[i], s->w[i][j], v.x; the address itself as x + i, &a[i], &s->w or the
// name of an array that decays.
#include "emit/print.h"

bool is_named_object(const Printer *p, const Value *address) {
    const Variable *variable = value_note(p->plan, address)->variable;
    return variable && variable->is_object;
}

static const Op *inline_kind(const Printer *p, const Value *value,
                             OpKind kind) {
    const Op *op = inline_op(p, value);
    return op && op->kind == kind ? op : NULL;
}

// The array whose first element an address is.
static const Op *decayed(const Printer *p, const Value *address) {
    const Op *op = inline_kind(p, address, OP_ELEM);
    return op && value_is_zero(op->operands[1]) ? op : NULL;
}

static const char *field_name(const Op *field) {
    const Record *record = field->operands[0]->type->element->record;
    return record->fields[field->as.field].name;
}

// "s." or "p->", with nothing for the members of an anonymous struct.
static void print_member_of(Printer *p, Text *t, const Value *base) {
    const Op *op = inline_op(p, base);
    bool is_first =
        op && op->kind == OP_INDEX && value_is_zero(op->operands[1]);
    if (op && op->kind == OP_FIELD && !field_name(op)) {
        print_member_of(p, t, op->operands[0]);
    } else if (is_first) {
        print_value(p, t, op->operands[0], PREC_POSTFIX);
        text_add(t, "->");
    } else if (is_named_object(p, base) ||
               (op && (op_is_address(op) || op->kind == OP_GLOBAL))) {
        print_lvalue(p, t, base, PREC_POSTFIX);
        text_add_char(t, '.');
    } else {
        print_value(p, t, base, PREC_POSTFIX);
        text_add(t, "->");
    }
}

static void print_subscript(Printer *p, Text *t, const Value *index) {
    text_add_char(t, '[');
    print_index(p, t, index, PREC_ANY);
    text_add_char(t, ']');
}

static void print_place(Printer *p, Text *t, const Op *op) {
    if (op->kind == OP_GLOBAL) {
        note_global(p, op->as.global);
        text_add(t, op->as.global->name);
    } else if (op->kind == OP_FIELD) {
        if (field_name(op)) {
            print_member_of(p, t, op->operands[0]);
            text_add(t, field_name(op));
        } else { // an anonymous member as a whole
            print_member_of(p, t, op->results[0]);
        }
    } else if (op->kind == OP_ELEM) {
        print_lvalue(p, t, op->operands[0], PREC_POSTFIX);
        print_subscript(p, t, op->operands[1]);
    } else {
        print_value(p, t, op->operands[0], PREC_POSTFIX);
        print_subscript(p, t, op->operands[1]);
    }
}

void print_lvalue(Printer *p, Text *t, const Value *address, Precedence least) {
    const Op *op = inline_op(p, address);
    if (is_named_object(p, address)) {
        text_add(t, variable_name(p, address));
    } else if (op && (op_is_address(op) || op->kind == OP_GLOBAL)) {
        print_place(p, t, op);
    } else if (!op && value_note(p->plan, address)->indexed) {
        text_printf(t, "%s[0]", variable_name(p, address));
    } else {
        bool closed = PREC_UNARY < least;
        text_add(t, closed ? "(*" : "*");
        print_value(p, t, address, PREC_UNARY);
        text_add(t, closed ? ")" : "");
    }
}

// What C takes the designated object for. A field's address may have been given
// another const than the field has: the shadow of a struct of pointers to const
// leads to memory that is written.
static const Type *place_type(const Printer *p, const Value *address) {
    const Op *op = inline_op(p, address);
    if (op && op->kind == OP_FIELD)
        return op->operands[0]
            ->type->element->record->fields[op->as.field]
            .type;
    if (op && op->kind == OP_ELEM)
        return place_type(p, op->operands[0])->element;
    return address->type->element;
}

void print_load(Printer *p, Text *t, const Op *load, Precedence least) {
    const Type *from = place_type(p, load->operands[0]);
    const Type *to = load->results[0]->type;
    if (!type_is_pointer(to) || !type_is_pointer(from) ||
        same_but_const(from->element, to->element)) {
        print_lvalue(p, t, load->operands[0], least);
        return;
    }
    bool closed = PREC_UNARY < least;
    text_add(t, closed ? "((" : "(");
    print_declarator(t, type_plain(&p->plan->types, to), "", NULL);
    text_add_char(t, ')');
    print_lvalue(p, t, load->operands[0], PREC_UNARY);
    text_add(t, closed ? ")" : "");
}

// x + i
static void print_sum(Printer *p, Text *t, const Op *op, Precedence least) {
    const Value *index = op->operands[1];
    const Op *number = inline_kind(p, index, OP_CONST);
    const Op *minus = inline_kind(p, index, OP_NEG);
    bool closed = PREC_SUM < least;
    text_add(t, closed ? "(" : "");
    print_value(p, t, op->operands[0], PREC_SUM);
    if (number && constant_is_negative(number)) {
        text_add(t, " - ");
        print_negated(p, t, number);
    } else if (minus) {
        text_add(t, " - ");
        print_value(p, t, minus->operands[0], PREC_PRODUCT);
    } else {
        text_add(t, " + ");
        print_index(p, t, index, PREC_PRODUCT);
    }
    text_add(t, closed ? ")" : "");
}

void print_pointer(Printer *p, Text *t, const Value *address,
                   Precedence least) {
    const Op *op = inline_op(p, address);
    if (decayed(p, address)) {
        print_lvalue(p, t, op->operands[0], least);
    } else if (op && op->kind == OP_INDEX) {
        if (value_is_zero(op->operands[1]))
            print_value(p, t, op->operands[0], least);
        else
            print_sum(p, t, op, least);
    } else {
        bool closed = PREC_UNARY < least;
        text_add(t, closed ? "(&" : "&");
        print_lvalue(p, t, address, PREC_POSTFIX);
        text_add(t, closed ? ")" : "");
    }
}

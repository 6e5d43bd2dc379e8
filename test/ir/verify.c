// What the verifier refuses where text cannot say it: links that a faulty pass
// leaves behind, and modules whose parts do not belong together. Each case
// breaks one rule of a good module and expects the message that names it.
//
// RUN: cd %source_root/lib
// RUN: %cc -std=gnu17 -O0 %sanitize -I . %s ir/*.c support/*.c -o %t -lm
// RUN: env ASAN_OPTIONS=detect_leaks=0 %t
#include "ir/ir.h"

#include <stdlib.h>
#include <string.h>

static const char good[] =
    "module \"m.c\"\n"
    "record \"struct a\" { x: double }\n"
    "record \"struct b\" { a: record \"struct a\" }\n"
    "global @g: double\n"
    "func @other(%z: double) -> double {\n"
    "  return %z\n"
    "}\n"
    "func @f(%c: int, %x: double, %r: record \"struct a\" by_value) -> double\n"
    "    grad reverse \"df\" wrt(x[0:c], @g) of(return) {\n"
    "  %a = add %x, %x\n"
    "  %y = if %c : double {\n"
    "    %b = mul %a, %a\n"
    "    yield %b\n"
    "  } else {\n"
    "    yield %x\n"
    "  }\n"
    "  %p = global @g\n"
    "  %e = call @other(%y)\n"
    "  %m = math exp %e\n"
    "  %s = string \"\\\"s\\\"\" : ptr<const char>\n"
    "  %o = alloc double\n"
    "  %h = function @other : ptr<opaque \"double (double)\">\n"
    "  %q = field %r, x\n"
    "  for %i: int = %c, lt %c, step %c { yield }\n"
    "  return %m\n"
    "}\n";

typedef struct Case {
    Arena *arena;
    Module *m;
    Function *f, *other;
    Op *add, *branch, *mul, *global, *call, *math, *string, *alloc, *field,
        *address;
    Op *loop, *end;
} Case;

static Op *find(Region *region, OpKind kind) {
    for (Op *op = region->first; op; op = op->next)
        if (op->kind == kind)
            return op;
    abort();
}

static Case make_case(void) {
    Case c = {.arena = arena_create()};
    SourceFile file = {"good.ir", good, sizeof good - 1};
    Diagnostics diags;
    diag_init(&diags, stderr);
    c.m = ir_parse(c.arena, &diags, &file);
    if (!c.m)
        exit(2);
    c.f = module_find_function(c.m, "f");
    c.other = module_find_function(c.m, "other");
    Region *body = c.f->body;
    c.add = find(body, OP_ADD);
    c.branch = find(body, OP_IF);
    c.mul = find(c.branch->regions[IF_THEN], OP_MUL);
    c.global = find(body, OP_GLOBAL);
    c.call = find(body, OP_CALL);
    c.math = find(body, OP_MATH);
    c.string = find(body, OP_STRING);
    c.alloc = find(body, OP_ALLOC);
    c.field = find(body, OP_FIELD);
    c.address = find(body, OP_FUNCTION);
    c.loop = find(body, OP_FOR);
    c.end = find(body, OP_RETURN);
    return c;
}

static Type *new_type(Case *c, TypeKind kind) {
    Type *type = arena_new(c->arena, Type);
    type->kind = kind;
    return type;
}

// ---- Values -----------------------------------------------------------------

static void no_operand(Case *c) { c->add->operands[1] = NULL; }
static void no_result(Case *c) { c->add->results[0] = NULL; }
static void result_op(Case *c) { c->add->results[0]->op = c->end; }
static void result_region(Case *c) { c->add->results[0]->region = c->f->body; }
static void result_index(Case *c) { c->add->results[0]->index = 1; }
static void no_param(Case *c) { c->f->body->params[1] = NULL; }
static void no_index(Case *c) { c->loop->regions[0]->params[0] = NULL; }
static void index_type(Case *c) {
    c->loop->regions[0]->params[0]->type = c->f->params[2].type;
}
static void param_region(Case *c) {
    c->loop->regions[0]->params[0]->region = c->f->body;
}
static void param_op(Case *c) { c->loop->regions[0]->params[0]->op = c->add; }
static void param_index(Case *c) { c->f->body->params[1]->index = 0; }
static void id_twice(Case *c) {
    c->mul->results[0]->id = c->add->results[0]->id;
}
static void id_beyond(Case *c) { c->add->results[0]->id = c->f->value_count; }
static void id_count(Case *c) { c->f->value_count = 2; }
static void other_function(Case *c) {
    c->add->operands[1] = c->other->body->params[0];
}
static void removed(Case *c) { op_remove(c->add); }
static void inner(Case *c) { c->end->operands[0] = c->mul->results[0]; }
static void later(Case *c) { c->add->operands[0] = c->math->results[0]; }
static void itself(Case *c) { c->add->operands[0] = c->add->results[0]; }
static void from_inside(Case *c) {
    c->mul->operands[0] = c->branch->results[0];
}
static void moved(Case *c) {
    op_remove(c->math);
    Builder b = builder_after(c->end);
    b.before = c->add;
    builder_insert(&b, c->math);
}
static void value_without_type(Case *c) { c->add->results[0]->type = NULL; }

// ---- Links ------------------------------------------------------------------

static void op_parent(Case *c) { c->mul->parent = c->f->body; }
static void op_previous(Case *c) { c->branch->previous = NULL; }
static void op_first(Case *c) { c->add->previous = c->end; }
static void op_next(Case *c) { c->branch->next = c->math; }
static void op_circle(Case *c) { c->end->next = c->add; }
static void region_last(Case *c) { c->f->body->last = c->add; }
static void region_parent(Case *c) {
    c->branch->regions[IF_THEN]->parent = c->loop;
}
static void no_region(Case *c) { c->branch->regions[IF_ELSE] = NULL; }
static void one_region(Case *c) {
    c->branch->regions[IF_ELSE] = c->branch->regions[IF_THEN];
}
static void region_circle(Case *c) { c->branch->regions[0] = c->f->body; }
static void region_function(Case *c) {
    c->branch->regions[IF_THEN]->function = c->other;
}
static void region_empty(Case *c) {
    c->branch->regions[IF_ELSE]->first = NULL;
    c->branch->regions[IF_ELSE]->last = NULL;
}
static void no_terminator(Case *c) { op_remove(c->end); }
static void early_terminator(Case *c) {
    op_remove(c->end);
    Builder b = builder_before(c->add);
    builder_insert(&b, c->end);
}
static void body_parent(Case *c) { c->f->body->parent = c->branch; }
static void stolen_body(Case *c) { c->f->body = c->other->body; }

// ---- Attributes -------------------------------------------------------------

static void op_kind(Case *c) { c->add->kind = (OpKind)1000; }
static void math_fn(Case *c) { c->math->as.math = (MathFn)1000; }
static void no_callee(Case *c) { c->call->as.callee = NULL; }
static void no_function(Case *c) { c->address->as.callee = NULL; }
static void no_global(Case *c) { c->global->as.global = NULL; }
static void no_text(Case *c) { c->string->as.text = NULL; }
static void no_type(Case *c) { c->alloc->as.type = NULL; }
static void no_object(Case *c) { c->alloc->as.type = new_type(c, 1000); }
static void loop_compare(Case *c) { c->loop->as.loop.compare = (OpKind)1000; }
static void region_count(Case *c) { c->loop->region_count = 0; }
static void loop_params(Case *c) { c->loop->regions[0]->param_count = 0; }
static void field_number(Case *c) { c->field->as.field = 1; }
static void field_object(Case *c) {
    c->field->operands[0] = c->global->results[0];
}
static void foreign_callee(Case *c) {
    Function *copy = arena_new(c->arena, Function);
    *copy = *c->other;
    c->call->as.callee = copy;
}
static void foreign_global(Case *c) {
    Global *copy = arena_new(c->arena, Global);
    *copy = *c->global->as.global;
    c->global->as.global = copy;
}

// ---- Types ------------------------------------------------------------------

static void no_element(Case *c) {
    c->add->results[0]->type = new_type(c, TYPE_POINTER);
}
static void negative_length(Case *c) {
    Type *type = new_type(c, TYPE_ARRAY);
    type->element = type_scalar(c->m, TYPE_INT);
    type->length = -2;
    c->alloc->as.type = type;
}
static void array_of_void(Case *c) {
    Type *type = new_type(c, TYPE_ARRAY);
    type->element = type_scalar(c->m, TYPE_VOID);
    c->alloc->as.type = type;
}
static void opaque_without_name(Case *c) {
    c->alloc->as.type = new_type(c, TYPE_OPAQUE);
}
static void foreign_record(Case *c) {
    Record *copy = arena_new(c->arena, Record);
    *copy = *c->m->records.items[0];
    c->m->globals.items[0]->type = type_record(c->m, copy);
}
static void no_record(Case *c) {
    c->m->globals.items[0]->type = new_type(c, TYPE_RECORD);
}
static void param_type(Case *c) {
    c->f->params[1].type = type_scalar(c->m, TYPE_FLOAT);
}
static void param_array(Case *c) {
    c->f->params[1].type = type_array(c->m, c->f->params[1].type, 3);
}
static void by_value_scalar(Case *c) { c->f->params[1].by_value_record = true; }
static void record_by_name(Case *c) { c->f->params[2].by_value_record = false; }
static void record_value(Case *c) {
    c->f->body->params[2]->type = type_scalar(c->m, TYPE_INT);
}
static void param_count(Case *c) {
    c->f->param_count = 1;
    c->f->annotation_count = 0;
}
static void record_result(Case *c) { c->f->result = c->f->params[2].type; }
static void array_result(Case *c) {
    c->other->body = NULL;
    c->other->result = type_array(c->m, c->other->result, 2);
}
static void returns_record(Case *c) { c->other->returns_record = true; }
static void no_result_type(Case *c) { c->f->result = NULL; }

// ---- Modules and annotations ------------------------------------------------

static void other_module(Case *c) { c->other->module = NULL; }
static void nameless(Case *c) { c->other->name = NULL; }
static void same_name(Case *c) { c->other->name = "f"; }
static void global_name(Case *c) { c->other->name = "g"; }
static void no_member(Case *c) { c->m->globals.items[0] = NULL; }
static void record_order(Case *c) {
    Record *first = c->m->records.items[0];
    c->m->records.items[0] = c->m->records.items[1];
    c->m->records.items[1] = first;
}
static void record_itself(Case *c) {
    c->m->records.items[0]->fields[0].type =
        type_array(c->m, type_record(c->m, c->m->records.items[0]), 2);
}
static void record_void(Case *c) {
    c->m->records.items[0]->fields[0].type = type_scalar(c->m, TYPE_VOID);
}
static void record_bits(Case *c) {
    c->m->records.items[0]->fields[0].bits = -1;
}
static void no_such_record(Case *c) { c->m->records.items[1] = NULL; }
static void derived(Case *c) {
    Function *copy = arena_new(c->arena, Function);
    *copy = *c->other;
    c->f->derivative_of = copy;
}
static void no_target_name(Case *c) { c->f->annotations[0].name = ""; }
static void item_param(Case *c) { c->f->annotations[0].wrt[0].param = 3; }
static void item_kind(Case *c) { c->f->annotations[0].wrt[0].kind = 7; }
static void item_global(Case *c) { c->f->annotations[0].wrt[1].global = NULL; }
static void item_return(Case *c) {
    c->f->annotations[0].wrt[0].kind = ITEM_RETURN;
}
static void item_nothing(Case *c) {
    c->f->result = type_scalar(c->m, TYPE_VOID);
}
static void extent_param(Case *c) {
    c->f->annotations[0].wrt[0].extents[0].param = 9;
}
static void extent_type(Case *c) {
    c->f->annotations[0].wrt[0].extents[0].param = 1;
}
static void extent_negative(Case *c) {
    c->f->annotations[0].wrt[0].extents[0] =
        (Extent){.constant = -1, .param = -1};
}

static void nothing(Case *c) { (void)c; }

static const struct {
    const char *name;
    void (*break_it)(Case *c);
    const char *message; // a part of it; NULL: nothing is wrong
} cases[] = {
#define CASE(name, message) \
    { #name, name, message }
    CASE(nothing, NULL),
    CASE(no_operand, "f: '%a = add %x, %<missing>': operand 1 is missing"),
    CASE(no_result,
         "'%<missing> = add %x, %x : <no type>': result 0 is missing"),
    CASE(result_op, "'%a = add %x, %x': result 0 is linked to another place"),
    CASE(result_region, "result 0 is linked to another place"),
    CASE(result_index, "result 0 is linked to another place"),
    CASE(no_param, "f: parameter 1 has no value"),
    CASE(no_index, "parameter 0 of its region is missing"),
    CASE(index_type, "parameter 0 of its region must be a scalar or a pointer"),
    CASE(param_region, "parameter 0 of its region is linked to another place"),
    CASE(param_op, "parameter 0 of its region is linked to another place"),
    CASE(param_index, "parameter 1 of its region is linked to another place"),
    CASE(id_twice, "'%b = mul %a, %a': its result has the id 3, which another"),
    CASE(id_beyond, "its result has the id"),
    CASE(id_count, "f: parameter 2 of its region has the id 2, but the "
                   "function has only 2 values"),
    CASE(other_function, "'%a = add %x, %<elsewhere>': operand 1 belongs to "
                         "the function other"),
    CASE(removed, "operand 0 is defined nowhere"),
    CASE(inner, "'return %b': operand 0 is not visible here"),
    CASE(later, "'%a = add %m, %x': operand 0 is not visible here"),
    CASE(itself, "'%a = add %a, %x': operand 0 is not visible here"),
    CASE(from_inside, "'%b = mul %y, %a': operand 0 is not visible here"),
    CASE(moved, "'%m = math exp %e': operand 0 is not visible here"),
    CASE(value_without_type, "its result has no type"),
    CASE(op_parent, "'%b = mul %a, %a': is linked to another region"),
    CASE(op_previous, "'%a = add %x, %x': is not what precedes the operation"),
    CASE(op_first, "add %x, %x': is not what follows the operation"),
    CASE(op_next, "is not what precedes the operation after it"),
    CASE(op_circle, "is not what precedes the operation after it"),
    CASE(region_last, "is not what precedes the operation after it"),
    CASE(region_parent, "region 0 is linked to another operation"),
    CASE(no_region, "region 1 is missing"),
    CASE(one_region, "regions 0 and 1 are one"),
    CASE(region_circle, "region 0 is linked to another operation"),
    CASE(region_function, "a region is linked to another function"),
    CASE(region_empty, "a region is empty; it needs a terminator"),
    CASE(no_terminator, "is the last of its region, but no terminator"),
    CASE(early_terminator, "'return %m': ends its region, but operations"),
    CASE(body_parent, "f: its body stands in an operation"),
    CASE(stolen_body, "f: its body has 1 parameters instead of 3"),
    CASE(op_kind, "f: an operation is of no kind"),
    CASE(math_fn, "is no math function"),
    CASE(no_callee, "must have a function as attribute"),
    CASE(no_function, "must have a function as attribute"),
    CASE(no_global, "must have a global as attribute"),
    CASE(no_text, "must have a literal as attribute"),
    CASE(no_type, "must have a type as attribute"),
    CASE(no_object, "its attribute has a type of no kind"),
    CASE(loop_compare, "compares with lt, le, gt, ge or ne"),
    CASE(region_count, "must have 1 region, has 0"),
    CASE(loop_params, "region 0 must have 1 parameter, has 0"),
    CASE(field_number, "record \"struct a\" has no field 1"),
    CASE(field_object,
         "operand 0 must be a pointer to a record, is ptr<double>"),
    CASE(foreign_callee, "the module does not list this function"),
    CASE(foreign_global, "the module does not list this global"),
    CASE(no_element, "its result has no type, or a type that lacks a part"),
    CASE(negative_length, "has a type with an array of negative length"),
    CASE(array_of_void, "has a type with an array of void"),
    CASE(opaque_without_name, "has an opaque type without a spelling"),
    CASE(foreign_record, "g has a record type that the module does not list"),
    CASE(no_record, "g has a record type that the module does not list"),
    CASE(param_type, "f: parameter 1 has another type in the body"),
    CASE(param_array, "f: parameter 1 must have the type that C passes"),
    CASE(by_value_scalar, "f: parameter 1 is by_value, but no record"),
    CASE(record_by_name, "f: parameter 2 is a record, so it must be by_value"),
    CASE(record_value, "f: parameter 2 must be a pointer in the body"),
    CASE(param_count, "f: its body has 3 parameters instead of 1"),
    CASE(record_result, "f: a function with a body returns no record"),
    CASE(array_result, "other: a function returns no array"),
    CASE(returns_record, "other: returns_record needs a first parameter"),
    CASE(no_result_type, "f: its result has no type"),
    CASE(other_module, "other is linked to another module"),
    CASE(nameless, "a global or function of the module has no name"),
    CASE(same_name, "the module has two functions or globals named f"),
    CASE(global_name, "the module has two functions or globals named g"),
    CASE(no_member, "a global or function of the module has no name"),
    CASE(record_order, "record struct b holds a record that is not defined"),
    CASE(record_itself, "record struct a holds a record that is not defined"),
    CASE(record_void, "record struct a holds void"),
    CASE(record_bits, "record struct a holds a bit-field of negative width"),
    CASE(no_such_record, "record 1 of the module is missing"),
    CASE(derived, "f: the module does not list what it is derived from"),
    CASE(no_target_name, "f: an annotation has no name for its function"),
    CASE(item_param, "f: an annotation names no parameter"),
    CASE(item_kind, "f: an annotation has an item of no kind"),
    CASE(item_global, "f: an annotation names a global that the module does"),
    CASE(item_return, "f: return stands only in the annotation's of"),
    CASE(item_nothing, "f: an annotation names the return value of a function"),
    CASE(extent_param, "f: an annotation's length is no parameter"),
    CASE(extent_type, "f: an annotation's length must be an integer parameter"),
    CASE(extent_negative, "f: an annotation has a section of negative length"),
#undef CASE
};

static bool run_case(size_t i) {
    Case c = make_case();
    const char *message = NULL;
    cases[i].break_it(&c);
    bool kept = ir_verify(c.arena, c.m, &message);
    bool right = cases[i].message
                     ? !kept && message && strstr(message, cases[i].message)
                     : kept && !message;
    if (!right)
        printf("%s: expected '%s', got '%s'\n", cases[i].name,
               cases[i].message ? cases[i].message : "no error",
               message ? message : "no error");
    arena_destroy(c.arena);
    return right;
}

// One function alone: the same rules, and the same text as in the module.
static bool run_alone(void) {
    Case c = make_case();
    const char *message;
    Text whole, alone;
    text_init(&whole, c.arena);
    text_init(&alone, c.arena);
    ir_print(&whole, c.m);
    ir_print_function(&alone, c.f);
    bool right = strstr(whole.chars, alone.chars) != NULL;
    right = ir_verify_function(c.arena, c.f, &message) && right;
    removed(&c);
    right = !ir_verify_function(c.arena, c.f, &message) && right;
    right = ir_verify_function(c.arena, c.other, &message) && right;
    c.other->name = "";
    right = !ir_verify_function(c.arena, c.other, &message) && right;
    arena_destroy(c.arena);
    return right;
}

int main(void) {
    int wrong = !run_alone();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        wrong += !run_case(i);
    return wrong != 0;
}

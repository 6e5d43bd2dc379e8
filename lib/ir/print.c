// print.c - the printed form of a module, as docs/ir.md specifies it. Reads any
// IR, broken IR too (the verifier's messages quote it), and changes nothing.
#include "ir/form.h"

#include <inttypes.h>
#include <string.h>

typedef struct Printer {
    Text *text;
    Module module;   // a copy: types made on the way go to the text's arena
    StrMap *records; // name to the first Record of that name
    PtrMap *names;   // of the function's values: Value to printed name
    StrMap *counts;  // hint to how many values have it
    PtrMap *origins; // those printed already: Origin to its number
    uintptr_t nameless, origin_count;
} Printer;

static Printer printer(Text *text, const Module *module) {
    Printer p = {.text = text, .module = *module};
    p.module.arena = text->arena;
    p.records = strmap_create(text->arena);
    for (size_t i = 0; i < module->records.count; i++) {
        Record *record = module->records.items[i];
        if (record->name && !strmap_has(p.records, record->name))
            strmap_set(p.records, record->name, record);
    }
    return p;
}

// ---- Types ------------------------------------------------------------------

// By name where that is unambiguous, else by its place in the module.
static void print_record_reference(Printer *p, const Record *record) {
    text_add(p->text, "record ");
    if (record && record->name &&
        strmap_get(p->records, record->name) == record) {
        form_print_quoted(p->text, record->name);
        return;
    }
    size_t i = 0;
    while (i < p->module.records.count && p->module.records.items[i] != record)
        i++;
    text_printf(p->text, "#%zu", i);
}

static void print_type(Printer *p, const Type *type);

static void print_unnamed_type(Printer *p, const Type *type) {
    switch (type->kind) {
    case TYPE_POINTER: text_add(p->text, "ptr<"); break;
    case TYPE_ARRAY:
        if (type->length == ARRAY_DYNAMIC)
            text_add(p->text, "array<?, ");
        else
            text_printf(p->text, "array<%" PRId64 ", ", type->length);
        break;
    case TYPE_RECORD: print_record_reference(p, type->record); return;
    case TYPE_OPAQUE:
        text_add(p->text, "opaque ");
        form_print_quoted(p->text, type->spelling ? type->spelling : "");
        return;
    case TYPE_VOID:
    case TYPE_BOOL:
    case TYPE_CHAR:
    case TYPE_SCHAR:
    case TYPE_UCHAR:
    case TYPE_SHORT:
    case TYPE_USHORT:
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_LONG:
    case TYPE_ULONG:
    case TYPE_LLONG:
    case TYPE_ULLONG:
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
    case TYPE_LDOUBLE:
    case TYPE_CFLOAT:
    case TYPE_CDOUBLE:
    case TYPE_CLDOUBLE: text_add(p->text, form_scalar_name(type->kind)); return;
    }
    print_type(p, type->element);
    text_add_char(p->text, '>');
}

static void print_type(Printer *p, const Type *type) {
    if (!type) {
        text_add(p->text, "<no type>");
        return;
    }
    if (type->is_const)
        text_add(p->text, "const ");
    bool is_named = type->spelling && type->kind != TYPE_OPAQUE;
    if (is_named) {
        text_add(p->text, "named<");
        form_print_quoted(p->text, type->spelling);
        text_add(p->text, ", ");
    }
    print_unnamed_type(p, type);
    if (is_named)
        text_add_char(p->text, '>');
}

// ---- Values -----------------------------------------------------------------

// %hint, %hint.1, %hint.2 ...; nameless ones %0, %1 ...
static void name_value(Printer *p, const Value *value) {
    if (!value || ptrmap_has(p->names, value))
        return;
    Text name;
    text_init(&name, p->text->arena);
    text_add_char(&name, '%');
    if (value->name) {
        uintptr_t count = (uintptr_t)strmap_get(p->counts, value->name);
        strmap_set(p->counts, value->name, (void *)(count + 1));
        form_print_name(&name, value->name);
        if (count)
            text_printf(&name, ".%zu", (size_t)count);
    } else {
        text_printf(&name, "%zu", (size_t)p->nameless++);
    }
    ptrmap_set(p->names, value, name.chars);
}

// In the order in which the text defines them. Goes on only along links that
// agree, so that it ends even where the links are broken.
static void name_region(Printer *p, const Region *region) {
    const Op *previous = NULL;
    for (uint32_t i = 0; i < region->param_count; i++)
        name_value(p, region->params[i]);
    for (const Op *op = region->first; op && op->previous == previous;
         op = op->next) {
        for (uint32_t i = 0; i < op->result_count; i++)
            name_value(p, op->results[i]);
        for (uint32_t r = 0; r < op->region_count; r++)
            if (op->regions[r] && op->regions[r]->parent == op &&
                op->parent == region)
                name_region(p, op->regions[r]);
        previous = op;
    }
}

static void start_function(Printer *p, const Function *function) {
    p->names = ptrmap_create(p->text->arena);
    p->counts = strmap_create(p->text->arena);
    p->origins = ptrmap_create(p->text->arena);
    p->nameless = p->origin_count = 0;
    if (function->body)
        name_region(p, function->body);
}

static void print_value(Printer *p, const Value *value) {
    const char *name = value ? ptrmap_get(p->names, value) : NULL;
    if (name)
        text_add(p->text, name);
    else
        text_add(p->text, value ? "%<elsewhere>" : "%<missing>");
}

// ` %a, %b` from the given one on; the separator goes before the first.
static void print_values(Printer *p, Value *const *values, uint32_t from,
                         uint32_t count, const char *separator) {
    for (uint32_t i = from; i < count; i++) {
        text_add(p->text, i == from ? separator : ", ");
        print_value(p, values[i]);
    }
}

// ---- Operations -------------------------------------------------------------

static void print_complex(Text *text, const Type *type, const Op *op) {
    text_add_char(text, '(');
    form_print_real(text, type, op->as.constant.real);
    text_add(text, ", ");
    form_print_real(text, type, op->as.constant.imaginary);
    text_add_char(text, ')');
}

static void print_constant(Printer *p, const Op *op) {
    const Type *type =
        op->result_count && op->results[0] ? op->results[0]->type : NULL;
    text_add_char(p->text, ' ');
    print_type(p, type);
    text_add_char(p->text, ' ');
    if (type && type_is_complex(type))
        print_complex(p->text, type, op);
    else if (type && type_is_float(type))
        form_print_real(p->text, type, op->as.constant.real);
    else if (type && (type->kind == TYPE_ULONG || type->kind == TYPE_ULLONG))
        text_printf(p->text, "%" PRIu64, (uint64_t)op->as.constant.integer);
    else
        text_printf(p->text, "%" PRId64, op->as.constant.integer);
    if (op->as.constant.spelling) {
        text_add_char(p->text, ' ');
        form_print_quoted(p->text, op->as.constant.spelling);
    }
}

// `%s, w`: by name where the record has one such field.
static void print_field(Printer *p, const Op *op) {
    const Type *type =
        op->operand_count && op->operands[0] ? op->operands[0]->type : NULL;
    const Record *record = NULL;
    if (type && type->kind == TYPE_POINTER && type->element)
        record = type->element->record;
    print_values(p, op->operands, 0, op->operand_count, " ");
    text_add(p->text, ", ");
    uint32_t index = op->as.field;
    const char *name = record && index < record->field_count
                           ? record->fields[index].name
                           : NULL;
    for (uint32_t i = 0; name && i < index; i++)
        if (string_equal(record->fields[i].name, name))
            name = NULL;
    if (name)
        form_print_name(p->text, name);
    else
        text_printf(p->text, "#%u", index);
}

// The attribute between name and operands, with the space before it.
static void print_head(Printer *p, const Op *op) {
    Text *text = p->text;
    if (op->kind == OP_CONST) {
        print_constant(p, op);
    } else if (op->kind == OP_UNDEF) {
        text_add_char(text, ' ');
        print_type(p, op->result_count && op->results[0] ? op->results[0]->type
                                                         : NULL);
    } else if (op->kind == OP_STRING || op->kind == OP_CHECKPOINT) {
        text_add_char(text, ' ');
        form_print_quoted(text, op->as.text ? op->as.text : "");
    } else if (op->kind == OP_FUNCTION || op->kind == OP_CALL) {
        text_add_char(text, ' ');
        form_print_reference(text, op->as.callee ? op->as.callee->name : NULL);
    } else if (op->kind == OP_GLOBAL) {
        text_add_char(text, ' ');
        form_print_reference(text, op->as.global ? op->as.global->name : NULL);
    } else if (op->kind == OP_MATH) {
        text_printf(text, " %s",
                    (unsigned)op->as.math < MATH_COUNT
                        ? math_info(op->as.math)->name
                        : "<no function>");
    } else if (op->kind == OP_HEAP ||
               ((op->kind == OP_FREE || op->kind == OP_REALLOC) &&
                op->as.heap != HEAP_MALLOC)) {
        text_printf(text, " %s", form_heap_name(op->as.heap));
    } else if (op->kind == OP_ALLOC || op->kind == OP_COPY ||
               op->kind == OP_ZERO) {
        text_add_char(text, ' ');
        print_type(p, op->as.type);
    }
}

static void print_typed_value(Printer *p, const Value *value) {
    print_value(p, value);
    text_add(p->text, ": ");
    print_type(p, value ? value->type : NULL);
}

// ` carry (%p: double = %initial, ...)`
static void print_carried(Printer *p, const Op *op, const Region *region,
                          uint32_t params_before, uint32_t operands_before) {
    uint32_t count = region->param_count;
    if (count <= params_before && op->operand_count <= operands_before)
        return;
    text_add(p->text, " carry (");
    for (uint32_t i = params_before; i < count; i++) {
        if (i > params_before)
            text_add(p->text, ", ");
        print_typed_value(p, region->params[i]);
        uint32_t operand = i - params_before + operands_before;
        if (operand < op->operand_count) {
            text_add(p->text, " = ");
            print_value(p, op->operands[operand]);
        }
    }
    text_add_char(p->text, ')');
}

static void print_loop_info(Printer *p, const LoopInfo *info) {
    if (!info)
        return;
    text_add(p->text, " pragma (");
    text_add(p->text, info->independent ? "independent" : "");
    text_add(p->text,
             info->checkpoint ? &" checkpoint"[!info->independent] : "");
    if ((info->independent || info->checkpoint) && info->loc.line)
        text_add_char(p->text, ' ');
    if (info->loc.line)
        form_print_place(p->text, info->loc);
    text_add_char(p->text, ')');
}

// for %i: int = %begin, lt %end, step %one carry (...)
static void print_for(Printer *p, const Op *op) {
    const Region *body = op->region_count ? op->regions[0] : NULL;
    if (!body || !body->param_count || op->operand_count < FOR_FIRST_INITIAL) {
        print_values(p, op->operands, 0, op->operand_count, " ");
        return;
    }
    text_add_char(p->text, ' ');
    print_typed_value(p, body->params[0]);
    text_add(p->text, " = ");
    print_value(p, op->operands[FOR_BEGIN]);
    bool known = (unsigned)op->as.loop.compare < OP_COUNT;
    text_printf(p->text, ", %s ",
                known ? op_info(op->as.loop.compare)->name : "<no comparison>");
    print_value(p, op->operands[FOR_END]);
    text_add(p->text, ", step ");
    print_value(p, op->operands[FOR_STEP]);
    print_carried(p, op, body, 1, FOR_FIRST_INITIAL);
    if (op->as.loop.reversed)
        text_add(p->text, " reversed");
    print_loop_info(p, op->as.loop.info);
}

static void print_while(Printer *p, const Op *op) {
    const Region *region = op->region_count ? op->regions[0] : NULL;
    if (region)
        print_carried(p, op, region, 0, 0);
    else
        print_values(p, op->operands, 0, op->operand_count, " ");
    print_loop_info(p, op->as.loop.info);
}

static void print_operands(Printer *p, const Op *op) {
    if (op->kind == OP_FOR) {
        print_for(p, op);
    } else if (op->kind == OP_WHILE) {
        print_while(p, op);
    } else if (op->kind == OP_FIELD) {
        print_field(p, op);
    } else if (op->kind == OP_CALL) {
        print_values(p, op->operands, 0, op->operand_count, "(");
        text_add(p->text, op->operand_count ? ")" : "()");
    } else {
        print_values(p, op->operands, 0, op->operand_count, " ");
    }
}

// `: double, int` where the operands do not tell.
static void print_result_types(Printer *p, const Op *op) {
    bool same = true;
    if (op->kind == OP_CONST || op->kind == OP_UNDEF)
        return;
    for (uint32_t i = 0; i < op->result_count; i++)
        same = same && op->results[i] &&
               form_type_same(op->results[i]->type,
                              form_result_type(&p->module, op, i));
    if (same)
        return;
    for (uint32_t i = 0; i < op->result_count; i++) {
        text_add(p->text, i ? ", " : " : ");
        print_type(p, op->results[i] ? op->results[i]->type : NULL);
    }
}

// ` #1 = "loss.c":12:9 "s += x;"` where it comes first, then ` #1`.
static void print_origin(Printer *p, const Origin *origin) {
    if (!origin)
        return;
    uintptr_t number = (uintptr_t)ptrmap_get(p->origins, origin);
    if (number) {
        text_printf(p->text, " #%zu", (size_t)number);
        return;
    }
    ptrmap_set(p->origins, origin, (void *)++p->origin_count);
    text_printf(p->text, " #%zu = ", (size_t)p->origin_count);
    form_print_place(p->text, origin->loc);
    if (origin->text) {
        text_add_char(p->text, ' ');
        form_print_quoted(p->text, origin->text);
    }
}

// All but the regions.
static void print_line(Printer *p, const Op *op) {
    if (op->result_count) {
        print_values(p, op->results, 0, op->result_count, "");
        text_add(p->text, " = ");
    }
    text_add(p->text, op_info(op->kind)->name);
    print_head(p, op);
    print_operands(p, op);
    print_result_types(p, op);
    if (op->adjoint)
        text_add(p->text, " adjoint");
    print_origin(p, op->origin);
}

// ---- Regions ----------------------------------------------------------------

static void indent(Printer *p, unsigned depth) {
    for (unsigned i = 0; i < depth; i++)
        text_add(p->text, "  ");
}

static void print_op(Printer *p, const Op *op, unsigned depth);

static void print_region(Printer *p, const Region *region, unsigned depth) {
    text_add(p->text, " {\n");
    for (const Op *op = region ? region->first : NULL; op; op = op->next)
        print_op(p, op, depth + 1);
    indent(p, depth);
    text_add_char(p->text, '}');
}

// An else branch that does nothing at all is left out.
static bool is_bare_yield(const Region *region) {
    const Op *op = region ? region->first : NULL;
    return op && op == region->last && op->kind == OP_YIELD &&
           !op->operand_count && !op->origin && !op->adjoint;
}

static void print_region_start(Printer *p, const Op *op, uint32_t r) {
    if (!r)
        return;
    if (op->kind != OP_WHILE) {
        text_add(p->text, " else");
        return;
    }
    text_add(p->text, " do");
    const Region *body = op->regions[r];
    for (uint32_t i = 0; body && i < body->param_count; i++) {
        text_add(p->text, i ? ", " : " (");
        print_typed_value(p, body->params[i]);
    }
    if (body && body->param_count)
        text_add_char(p->text, ')');
}

static void print_op(Printer *p, const Op *op, unsigned depth) {
    indent(p, depth);
    print_line(p, op);
    for (uint32_t r = 0; r < op->region_count; r++) {
        if (op->kind == OP_IF && r == IF_ELSE && is_bare_yield(op->regions[r]))
            continue;
        print_region_start(p, op, r);
        print_region(p, op->regions[r], depth);
    }
    text_add_char(p->text, '\n');
}

// ---- Annotations ------------------------------------------------------------

// A parameter by name where that finds it, else by number.
static void print_param_reference(Text *text, const Function *function,
                                  uint32_t index) {
    const char *name =
        index < function->param_count ? function->params[index].name : NULL;
    for (uint32_t i = 0; name && i < index; i++)
        if (string_equal(function->params[i].name, name))
            name = NULL;
    if (name)
        form_print_name(text, name);
    else
        text_printf(text, "#%u", index);
}

static void print_extent(Text *text, const Function *function,
                         const Extent *extent) {
    if (extent->operands[0]) {
        text_add_char(text, '(');
        print_extent(text, function, extent->operands[0]);
        text_printf(text, " %s ", op_info(extent->operation)->name);
        print_extent(text, function, extent->operands[1]);
        text_add_char(text, ')');
    } else if (extent->param >= 0)
        print_param_reference(text, function, (uint32_t)extent->param);
    else
        text_printf(text, "%" PRId64, extent->constant);
}

static void print_item(Text *text, const Function *function,
                       const GradItem *item) {
    switch (item->kind) {
    case ITEM_PARAM: print_param_reference(text, function, item->param); break;
    case ITEM_GLOBAL:
        form_print_reference(text, item->global ? item->global->name : NULL);
        break;
    case ITEM_RETURN: text_add(text, "return"); break;
    }
    for (uint32_t i = 0; i < item->extent_count; i++) {
        text_add(text, "[0:");
        print_extent(text, function, &item->extents[i]);
        text_add_char(text, ']');
    }
    form_print_loc(text, item->loc);
}

// A list that the user did not write stands after `default`.
static void print_items(Text *text, const Function *function, const char *word,
                        bool given, const GradItem *items, uint32_t count) {
    if (!given && !count)
        return;
    text_printf(text, " %s%s(", given ? "" : "default ", word);
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            text_add(text, ", ");
        print_item(text, function, &items[i]);
    }
    text_add_char(text, ')');
}

static void print_clauses(Text *text, const Function *function,
                          const Annotation *a) {
    print_items(text, function, "wrt", a->wrt_given, a->wrt, a->wrt_count);
    print_items(text, function, "of", a->of_given, a->of, a->of_count);
    print_items(text, function, "work", a->work_count > 0, a->work,
                a->work_count);
    if (a->has_directions) {
        text_add(text, " directions(");
        print_extent(text, function, &a->directions);
        text_add_char(text, ')');
    }
    if (a->denominator)
        text_add(text, " layout(denominator)");
    if (a->sparse)
        text_add(text, " sparse");
    form_print_loc(text, a->loc);
}

static void print_annotation(Text *text, const Function *function,
                             const Annotation *a) {
    text_printf(text, "\n    grad %s ", form_mode_name(a->mode));
    form_print_quoted(text, a->name ? a->name : "");
    print_clauses(text, function, a);
}

static void print_rule(Text *text, const Function *function,
                       const UserRule *rule) {
    text_printf(text, "\n    rule %s ", form_mode_name(rule->annotation.mode));
    form_print_reference(text, rule->derivative->name);
    print_clauses(text, function, &rule->annotation);
}

// ---- Functions and modules --------------------------------------------------

// `%x: double`: the value's name, then the parameter's where they differ.
static void print_param(Printer *p, const Function *function, uint32_t index) {
    const Param *param = &function->params[index];
    const Region *body = function->body;
    const Value *value =
        body && index < body->param_count ? body->params[index] : NULL;
    if (value) {
        print_value(p, value);
    } else if (param->name) {
        text_add_char(p->text, '%');
        form_print_name(p->text, param->name);
    } else {
        text_add_char(p->text, '_');
    }
    text_add(p->text, ": ");
    print_type(p, param->type);
    if (param->by_value_record)
        text_add(p->text, " by_value");
    if (param->is_restrict)
        text_add(p->text, " restrict");
    if (value && !param->name && value->name)
        text_add(p->text, " nameless");
    else if (value && !string_equal(value->name, param->name))
        form_print_attribute(p->text, "name", param->name);
    form_print_attribute(p->text, "extents", param->extents);
    if (param->callback) {
        text_add(p->text, " callback ");
        form_print_reference(p->text, param->callback->name);
    }
    form_print_loc(p->text, param->loc);
}

static void print_signature(Printer *p, const Function *function) {
    text_add(p->text, "func ");
    form_print_reference(p->text, function->name);
    text_add_char(p->text, '(');
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (i)
            text_add(p->text, ", ");
        print_param(p, function, i);
    }
    if (function->is_variadic)
        text_add(p->text, function->param_count ? ", ..." : "...");
    text_add(p->text, ") -> ");
    print_type(p, function->result);
}

static void print_line_attribute(Text *text, const char *word,
                                 const char *value) {
    if (value) {
        text_add(text, "\n   ");
        form_print_attribute(text, word, value);
    }
}

static void print_refusal(Text *text, const Function *function) {
    if (!function->refusal)
        return;
    print_line_attribute(text, "refused", function->refusal);
    form_print_attribute(text, "note", function->refusal_note);
    form_print_loc(text, function->refusal_loc);
}

static void print_function(Printer *p, const Function *function) {
    size_t flag_count;
    const FormFlag *flags = form_function_flags(&flag_count);
    start_function(p, function);
    print_signature(p, function);
    form_print_flags(p->text, function, flags, flag_count);
    if (function->derivative_of) {
        text_add(p->text, " derivative_of ");
        form_print_reference(p->text, function->derivative_of->name);
    }
    form_print_loc(p->text, function->loc);
    print_line_attribute(p->text, "comment", function->comment);
    print_line_attribute(p->text, "text", function->text);
    print_refusal(p->text, function);
    for (uint32_t i = 0; i < function->annotation_count; i++)
        print_annotation(p->text, function, &function->annotations[i]);
    for (uint32_t i = 0; i < function->rule_count; i++)
        print_rule(p->text, function, &function->rules[i]);
    if (function->body)
        print_region(p, function->body, 0);
    text_add_char(p->text, '\n');
}

static void print_fields(Printer *p, const Record *record) {
    text_add(p->text, " {\n");
    for (size_t i = 0; i < record->field_count; i++) {
        const Field *field = &record->fields[i];
        text_add(p->text, "  ");
        form_print_name(p->text, field->name ? field->name : "");
        text_add(p->text, ": ");
        print_type(p, field->type);
        if (field->bits)
            text_printf(p->text, " : %d", field->bits);
        text_add_char(p->text, '\n');
    }
    text_add_char(p->text, '}');
}

static void print_record(Printer *p, const Record *record) {
    text_add(p->text, "record ");
    if (record->name)
        form_print_quoted(p->text, record->name);
    else
        text_add_char(p->text, '_');
    if (record->field_count)
        print_fields(p, record);
    text_add(p->text, record->is_union ? " union" : "");
    text_add(p->text, record->in_header ? " header" : "");
    text_add(p->text, record->is_foreign ? " foreign" : "");
    form_print_loc(p->text, record->loc);
    form_print_attribute(p->text, "defined", record->definition);
    text_add_char(p->text, '\n');
}

static void print_global(Printer *p, const Global *global) {
    size_t flag_count;
    const FormFlag *flags = form_global_flags(&flag_count);
    text_add(p->text, "global ");
    form_print_reference(p->text, global->name);
    text_add(p->text, ": ");
    print_type(p, global->type);
    form_print_flags(p->text, global, flags, flag_count);
    form_print_loc(p->text, global->loc);
    form_print_attribute(p->text, "defined", global->definition);
    text_add_char(p->text, '\n');
}

void ir_print(Text *text, const Module *module) {
    Printer p = printer(text, module);
    text_add(text, "module ");
    form_print_quoted(text, module->source ? module->source : "");
    text_add_char(text, '\n');
    for (size_t i = 0; i < module->includes.count; i++) {
        text_add(text, "include ");
        form_print_quoted(text, module->includes.items[i]);
        text_add_char(text, '\n');
    }
    for (size_t i = 0; i < module->records.count; i++)
        print_record(&p, module->records.items[i]);
    for (size_t i = 0; i < module->globals.count; i++)
        print_global(&p, module->globals.items[i]);
    for (size_t i = 0; i < module->functions.count; i++) {
        const Function *function = module->functions.items[i];
        if (i == 0 || function->body || module->functions.items[i - 1]->body)
            text_add_char(text, '\n');
        print_function(&p, function);
    }
}

void ir_print_function(Text *text, const Function *function) {
    Printer p = printer(text, function->module);
    print_function(&p, function);
}

void form_print_op(Text *text, const Function *function, const Op *op) {
    Printer p = printer(text, function->module);
    start_function(&p, function);
    print_line(&p, op);
}

void form_print_type(Text *text, const Module *module, const Type *type) {
    Printer p = printer(text, module);
    print_type(&p, type);
}

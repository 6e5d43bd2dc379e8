// graph.c - the computation graph of a function as DOT: one rectangle for each
// input, output and intermediate; inside it the function that it computes,
// outside it the variable's name. Where the order of arguments matters, edges
// enter from left to right. Constants stand inside the box, loops are frames
// with the carried values at their top, array elements are named as in C.
#include "emit/emit.h"
#include "emit/print.h"

#include <string.h>

typedef struct Graph {
    Text *text;
    Printer printer;
    PtrMap *nodes;  // Value -> its node's number
    StrMap *places; // in this loop: "x[i]" -> the node of what is there now
    StrMap *stored; // "x" -> the node of what was stored there last
    uintptr_t count;
    int depth;
} Graph;

typedef Vec(const Value *) Operands;

// ---- Lines of DOT -----------------------------------------------------------

static void add_line_of_dot(Graph *g, const char *line) {
    text_printf(g->text, "%*s%s\n", 2 * g->depth, "", line);
}

static const char *quoted(Graph *g, const char *chars) {
    Text t;
    text_init(&t, g->text->arena);
    text_add_char(&t, '"');
    for (; *chars; chars++) {
        if (*chars == '"' || *chars == '\\')
            text_add_char(&t, '\\');
        text_add_char(&t, *chars);
    }
    text_add_char(&t, '"');
    return t.chars;
}

static uintptr_t add_node(Graph *g, const char *label, const char *name,
                          bool ordered) {
    Arena *arena = g->text->arena;
    const char *xlabel =
        name ? arena_printf(arena, ", xlabel=%s", quoted(g, name)) : "";
    add_line_of_dot(g, arena_printf(arena, "n%zu [label=%s%s%s];",
                                    (size_t)++g->count, quoted(g, label),
                                    xlabel, ordered ? ", ordering=in" : ""));
    return g->count;
}

static void add_edge(Graph *g, uintptr_t from, uintptr_t to, bool back) {
    add_line_of_dot(g, arena_printf(g->text->arena, "n%zu -> n%zu%s;",
                                    (size_t)from, (size_t)to,
                                    back ? " [constraint=false]" : ""));
}

// ---- Nodes of values --------------------------------------------------------

// Conversions change the type of a number, not the number.
static const Value *number_of(const Value *value) {
    while (value->op &&
           (value->op->kind == OP_CAST || value->op->kind == OP_INACTIVE))
        value = value->op->operands[0];
    return value;
}

// 0 for a constant. An integer input (a loop's index, say) has a box only where
// the computation uses it as a number.
static uintptr_t node_of(Graph *g, const Value *value) {
    value = number_of(value);
    uintptr_t node = (uintptr_t)ptrmap_get(g->nodes, value);
    if (!node && !value->op && type_is_integer(value->type)) {
        node = add_node(g, "", value->name, false);
        ptrmap_set(g->nodes, value, (void *)node);
    }
    return node;
}

static void set_node(Graph *g, const Value *value, uintptr_t node) {
    ptrmap_set(g->nodes, value, (void *)node);
}

static bool is_sum(const Graph *g, const Value *value, OpKind kind) {
    const Op *op = value->op;
    return op && op->kind == kind && !value->name &&
           value_note(g->printer.plan, value)->uses == 1;
}

// A chain of nameless sums (products) is one sum of all its terms.
static void collect_terms(Graph *g, const Op *op, Operands *terms) {
    Arena *arena = g->text->arena;
    Operands right = {0};
    const Value *left = op->operands[0];
    vec_push(arena, &right, op->operands[1]);
    for (; is_sum(g, left, op->kind); left = left->op->operands[0])
        vec_push(arena, &right, left->op->operands[1]);
    vec_push(arena, terms, left);
    while (right.count) {
        const Value *term = right.items[--right.count];
        if (is_sum(g, term, op->kind))
            collect_terms(g, term->op, terms);
        else
            vec_push(arena, terms, term);
    }
}

static bool is_part_of_sum(const Graph *g, const Op *op) {
    const Value *value = op->results[0];
    if ((op->kind != OP_ADD && op->kind != OP_MUL) ||
        !is_sum(g, value, op->kind))
        return false;
    for (const Op *next = op->next; next; next = next->next)
        for (uint32_t i = 0; i < next->operand_count; i++)
            if (next->operands[i] == value)
                return next->kind == op->kind;
    return false;
}

static const char *constant_text(Graph *g, const Value *value) {
    Text t;
    text_init(&t, g->text->arena);
    value = number_of(value);
    if (value_is_constant(value))
        print_assigned(&g->printer, &t, value, PREC_ANY);
    else
        text_add(&t, "0");
    return t.chars;
}

static const char *symbol_of(const Op *op) {
    return op->kind == OP_MUL   ? "×"
           : op->kind == OP_SUB ? "−"
           : op->kind == OP_NEG ? "−"
                                : op_info(op->kind)->symbol;
}

static const char *function_name(const Op *op) {
    return op->kind == OP_MATH   ? math_info(op->as.math)->name
           : op->kind == OP_CALL ? op->as.callee->name
                                 : op_info(op->kind)->name;
}

// "1 −", "+ 2"; the symbol alone where there is no constant.
static const char *operator_label(Graph *g, const char *symbol,
                                  const Operands *operands) {
    Text t;
    text_init(&t, g->text->arena);
    const Value *first = operands->items[0];
    if (!node_of(g, first))
        text_printf(&t, "%s ", constant_text(g, first));
    text_add(&t, symbol);
    for (size_t i = 1; i < operands->count; i++)
        if (!node_of(g, operands->items[i]))
            text_printf(&t, " %s", constant_text(g, operands->items[i]));
    return t.chars;
}

// "exp", "pow(·, 2)"
static const char *function_label(Graph *g, const char *name,
                                  const Operands *operands) {
    bool constants = false;
    Text t;
    text_init(&t, g->text->arena);
    text_printf(&t, "%s(", name);
    for (size_t i = 0; i < operands->count; i++) {
        bool is_node = node_of(g, operands->items[i]) != 0;
        constants |= !is_node;
        text_printf(&t, "%s%s", i ? ", " : "",
                    is_node ? "·" : constant_text(g, operands->items[i]));
    }
    text_add_char(&t, ')');
    return constants ? t.chars : name;
}

static const char *label_of(Graph *g, const Op *op, const Operands *operands) {
    const char *symbol = symbol_of(op);
    return symbol && operands->count
               ? operator_label(g, symbol, operands)
               : function_label(g, function_name(op), operands);
}

static uintptr_t add_operation(Graph *g, const Op *op, const char *label,
                               const char *name, const Operands *operands) {
    size_t edges = 0;
    for (size_t i = 0; i < operands->count; i++)
        edges += node_of(g, operands->items[i]) != 0;
    bool ordered = edges > 1 && !op_has_flag(op, OPF_COMMUTES);
    uintptr_t node =
        add_node(g, label ? label : label_of(g, op, operands), name, ordered);
    for (size_t i = 0; i < operands->count; i++) {
        uintptr_t from = node_of(g, operands->items[i]);
        if (from)
            add_edge(g, from, node, false);
    }
    return node;
}

// ---- Memory -----------------------------------------------------------------

static const char *place_text(Graph *g, const Value *address) {
    Text t;
    text_init(&t, g->text->arena);
    print_lvalue(&g->printer, &t, address, PREC_ANY);
    return t.chars;
}

// The array of an element: "x" of "x[i]".
static const char *array_of(Graph *g, const char *place) {
    return arena_strndup(g->text->arena, place, strcspn(place, "["));
}

static void graph_load(Graph *g, const Op *op) {
    const char *place = place_text(g, op->operands[0]);
    uintptr_t node = (uintptr_t)strmap_get(g->places, place);
    if (!node) {
        uintptr_t from = (uintptr_t)strmap_get(g->stored, array_of(g, place));
        node = add_node(g, "", place, false);
        strmap_set(g->places, place, (void *)node);
        if (from)
            add_edge(g, from, node, false);
    }
    set_node(g, op->results[0], node);
}

static void graph_store(Graph *g, const Op *op) {
    const char *place = place_text(g, op->operands[0]);
    uintptr_t from = node_of(g, op->operands[1]);
    uintptr_t node = add_node(g, from ? "" : constant_text(g, op->operands[1]),
                              place, false);
    if (from)
        add_edge(g, from, node, false);
    strmap_set(g->places, place, (void *)node);
    strmap_set(g->stored, array_of(g, place), (void *)node);
}

// ---- Control ----------------------------------------------------------------

static void graph_region(Graph *g, const Region *region);

static void graph_if(Graph *g, const Op *op) {
    const Plan *plan = g->printer.plan;
    graph_region(g, op->regions[IF_THEN]);
    graph_region(g, op->regions[IF_ELSE]);
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (!value_note(plan, op->results[i])->needed)
            continue;
        Operands operands = {0};
        vec_push(g->text->arena, &operands, op->operands[0]);
        Text label;
        text_init(&label, g->text->arena);
        text_add(&label, "·");
        for (uint32_t r = 0; r < 2; r++) {
            const Value *value = op->regions[r]->last->operands[i];
            vec_push(g->text->arena, &operands, value);
            text_printf(&label, " %s %s", r ? ":" : "?",
                        node_of(g, value) ? "·" : constant_text(g, value));
        }
        set_node(
            g, op->results[i],
            add_operation(g, op, label.chars, op->results[i]->name, &operands));
    }
}

static void open_frame(Graph *g, const Op *loop) {
    const char *head = "while";
    if (loop->kind == OP_FOR) {
        const char *index = loop->regions[0]->params[0]->name;
        head = arena_printf(
            g->text->arena, "for %s = %s; %s %s %s", index ? index : "i",
            value_text(&g->printer, loop->operands[FOR_BEGIN], PREC_ANY),
            index ? index : "i", op_info(loop->as.loop.compare)->symbol,
            value_text(&g->printer, loop->operands[FOR_END], PREC_ANY));
    }
    add_line_of_dot(g, arena_printf(g->text->arena, "subgraph cluster_%zu {",
                                    (size_t)g->count));
    g->depth++;
    add_line_of_dot(g,
                    arena_printf(g->text->arena, "label=%s;", quoted(g, head)));
}

// A carried value is a box at the loop's top that its next value leads back to.
static void graph_loop(Graph *g, const Op *loop) {
    const Plan *plan = g->printer.plan;
    StrMap *outer = g->places; // an index means something else in each loop
    g->places = strmap_create(g->text->arena);
    open_frame(g, loop);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++) {
        if (!loop_carried_needed(plan, loop, i))
            continue;
        const Value *initial = loop_initial(loop, i);
        uintptr_t from = node_of(g, initial);
        uintptr_t node = add_node(g, from ? "" : constant_text(g, initial),
                                  loop_param(loop, 0, i)->name, false);
        if (from)
            add_edge(g, from, node, false);
        for (uint32_t r = 0; r < loop->region_count; r++)
            set_node(g, loop_param(loop, r, i), node);
        set_node(g, loop->results[i], node);
    }
    for (uint32_t r = 0; r < loop->region_count; r++)
        graph_region(g, loop->regions[r]);
    for (uint32_t i = 0; i < loop_carried_count(loop); i++) {
        uintptr_t from = node_of(g, loop_yield(loop)->operands[i]);
        uintptr_t to = node_of(g, loop->results[i]);
        if (loop_carried_needed(plan, loop, i) && from && from != to)
            add_edge(g, from, to, true);
    }
    g->places = outer;
    g->depth--;
    add_line_of_dot(g, "}");
}

// ---- All --------------------------------------------------------------------

static void graph_return(Graph *g, const Op *op) {
    if (!op->operand_count)
        return;
    const Value *value = number_of(op->operands[0]);
    bool is_input = !value->op || value->op->kind == OP_LOAD;
    uintptr_t from = node_of(g, value);
    if (from && !is_input)
        return; // the box of the last operation is the output's
    uintptr_t node =
        add_node(g, from ? "" : constant_text(g, value), "return", false);
    if (from)
        add_edge(g, from, node, false);
}

static bool is_returned(const Graph *g, const Value *value) {
    const Op *last = g->printer.plan->function->body->last;
    return last->operand_count && number_of(last->operands[0]) == value;
}

static void graph_value(Graph *g, const Op *op) {
    Operands operands = {0};
    if (op->kind == OP_ADD || op->kind == OP_MUL)
        collect_terms(g, op, &operands);
    else
        for (uint32_t i = 0; i < op->operand_count; i++)
            vec_push(g->text->arena, &operands, op->operands[i]);
    const Value *value = op->result_count ? op->results[0] : NULL;
    const char *name = value ? value->name : NULL;
    if (value && !name && is_returned(g, value))
        name = "return";
    uintptr_t node = add_operation(g, op, NULL, name, &operands);
    for (uint32_t i = 0; i < op->result_count; i++)
        set_node(g, op->results[i], node);
}

// What only says where something is, or is written inside a box.
static bool is_drawn(const Graph *g, const Op *op) {
    OpKind kind = op->kind;
    if (!op_note(g->printer.plan, op)->needed || op_is_address(op) ||
        (op->operand_count == 0 && kind != OP_CALL) || kind == OP_ALLOC ||
        kind == OP_HEAP || kind == OP_FREE || kind == OP_REALLOC ||
        kind == OP_HEAP_SIZE || kind == OP_YIELD || kind == OP_CONDITION ||
        kind == OP_CAST || kind == OP_INACTIVE)
        return false;
    if (kind == OP_LOAD && type_is_pointer(op->results[0]->type))
        return false;
    bool is_index = op->result_count == 1 && op_has_flag(op, OPF_PURE) &&
                    !value_note(g->printer.plan, op->results[0])->as_number;
    return !is_index && !(op->result_count == 1 && is_part_of_sum(g, op));
}

static void graph_region(Graph *g, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (!is_drawn(g, op))
            continue;
        if (op->kind == OP_LOAD)
            graph_load(g, op);
        else if (op->kind == OP_STORE)
            graph_store(g, op);
        else if (op->kind == OP_IF)
            graph_if(g, op);
        else if (op_is_loop(op))
            graph_loop(g, op);
        else if (op->kind == OP_RETURN)
            graph_return(g, op);
        else
            graph_value(g, op);
    }
}

static void graph_params(Graph *g, const Function *function) {
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Value *value = function->body->params[i];
        if (type_is_float(value->type) &&
            value_note(g->printer.plan, value)->uses)
            set_node(g, value,
                     add_node(g, "", function->params[i].name, false));
    }
}

void emit_graph(Text *text, const Function *function) {
    Graph graph = {.text = text};
    Printer *p = &graph.printer;
    p->arena = text->arena;
    p->needs = needs_create(text->arena);
    p->plan = plan_create(text->arena, function);
    p->mentioned = ptrmap_create(text->arena);
    graph.nodes = ptrmap_create(text->arena);
    graph.places = strmap_create(text->arena);
    graph.stored = strmap_create(text->arena);
    text_printf(text, "digraph %s {\n", function->name);
    graph.depth = 1;
    add_line_of_dot(&graph, "node [shape=box];");
    graph_params(&graph, function);
    graph_region(&graph, function->body);
    text_add(text, "}\n");
}

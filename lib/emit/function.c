// function.c - one function from IR to text: plan, print, lay out.
#include "emit/emit.h"
#include "emit/files.h"

// In forward mode a tangent stands beside its primal statement anyway.
static bool has_adjoints(const Function *function) {
    const Function *primal = function->derivative_of;
    for (uint32_t i = 0; primal && i < primal->annotation_count; i++)
        if (string_equal(primal->annotations[i].name, function->name))
            return primal->annotations[i].mode != GRAD_FORWARD;
    return primal != NULL;
}

Plan *plan_create(Arena *arena, const Function *function) {
    Plan *plan = arena_new(arena, Plan);
    plan->arena = arena;
    plan->types = *function->module;
    plan->types.arena = arena;
    plan->function = function;
    plan->values = arena_array(arena, ValueNote, function->value_count);
    plan->ops = ptrmap_create(arena);
    plan->taken = strmap_create(arena);
    plan->ends = strmap_create(arena);
    plan->comments = has_adjoints(function);
    survey_function(plan);
    inline_values(plan);
    find_lives(plan);
    coalesce_variables(plan);
    name_variables(plan);
    return plan;
}

Needs *needs_create(Arena *arena) {
    Needs *needs = arena_new(arena, Needs);
    needs->seen = ptrmap_create(arena);
    return needs;
}

void print_function(Text *text, const Function *function, Needs *needs) {
    Printer printer = {.arena = text->arena, .needs = needs};
    Block body = {0};
    Text signature;
    printer.plan = plan_create(text->arena, function);
    print_body(&printer, &body);
    text_init(&signature, text->arena);
    print_signature(&signature, function, printer.plan);
    if (function->comment)
        layout_comment(text, function->comment);
    layout_line(text,
                arena_printf(text->arena, "%s%s",
                             function->is_static ? "static " : "",
                             signature.chars),
                0);
    text_add(text, "{\n");
    layout_block(text, &body, 1);
    text_add(text, "}\n");
}

void emit_function(Text *text, const Function *function) {
    print_function(text, function, needs_create(text->arena));
}

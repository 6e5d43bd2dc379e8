// copies.c - assignments that take place at once, as at the end of a loop's
// body: each source is read before any target that it mentions is written. A
// cycle (two values that swap) takes a temporary.
#include "emit/print.h"

typedef struct Pending {
    Variable *target;
    const Value *source;
    const char *saved; // the temporary that holds the source's value
    bool done;
} Pending;

typedef struct Search {
    const Plan *plan;
    const Variable *wanted;
    bool found;
} Search;

static void look_at(void *context, const Value *value) {
    Search *search = context;
    search->found |= plan_variable(search->plan, value) == search->wanted;
}

static bool mentions(const Printer *p, const Pending *copy,
                     const Variable *variable) {
    Search search = {p->plan, variable, false};
    if (!copy->saved)
        visit_leaves(p->plan, copy->source, look_at, &search);
    return search.found;
}

static bool is_self(const Printer *p, const Copy *copy) {
    return !inline_op(p, copy->source) && !is_named_object(p, copy->source) &&
           plan_variable(p->plan, copy->source) == copy->target;
}

static bool is_ready(const Printer *p, const Pending *copies, size_t count,
                     size_t which) {
    for (size_t i = 0; i < count; i++)
        if (i != which && !copies[i].done &&
            mentions(p, &copies[i], copies[which].target))
            return false;
    return true;
}

static void assign(Printer *p, Pending *copy) {
    if (copy->saved)
        add_line(p, "%s = %s;", copy->target->name, copy->saved);
    else
        print_assignment(p, copy->target, copy->source);
    copy->done = true;
}

static void save(Printer *p, Pending *copy) {
    Variable temporary = *copy->target;
    temporary.name = copy->saved = plan_fresh_name(
        p->plan, arena_printf(p->arena, "next_%s", copy->target->name));
    Variable *variable = arena_new(p->arena, Variable);
    *variable = temporary;
    declare_variable(p, variable, assigned_text(p, copy->source));
}

// The first that may be written now; the first of all if none may.
static Pending *next_copy(Printer *p, Pending *copies, size_t count) {
    Pending *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (copies[i].done)
            continue;
        if (is_ready(p, copies, count, i))
            return &copies[i];
        if (!first && !copies[i].saved)
            first = &copies[i];
    }
    if (first)
        save(p, first);
    return first;
}

void print_copies(Printer *p, Copies *copies) {
    size_t count = 0;
    Pending *pending = arena_array(p->arena, Pending, copies->count);
    for (size_t i = 0; i < copies->count; i++)
        if (!is_self(p, &copies->items[i]))
            pending[count++] = (Pending){copies->items[i].target,
                                         copies->items[i].source, NULL, false};
    for (size_t left = count; left > 0;) {
        Pending *next = next_copy(p, pending, count);
        ENSURE(next);
        if (next->saved &&
            !is_ready(p, pending, count, (size_t)(next - pending)))
            continue; // saved just now
        assign(p, next);
        left--;
    }
}

// section.c - what one iteration of a loop has for itself: scratch memory that
// it writes before it reads, and elements that no other iteration reaches.
// Reads: IR, and addresses as dimensions (memory_address.c).
//
// A section is what some stores have written for certain: an interval in each
// dimension of an address. A store gives one of a single element; at the end
// of a counted loop, a section whose bounds move with the index in steps of its
// own length grows to all that the loop has written.
#include "analysis/memory_internal.h"

enum { MOST_SECTIONS = 32, SUBSTITUTIONS = 12 };

typedef struct Interval {
    Dimension low; // index: the first element; for fields, just the step
    Linear high;   // behind the last element
} Interval;

typedef struct Section {
    Step steps[ADDRESS_STEPS]; // what the dimensions point to
    const Value *base;
    uint32_t count;
    Interval parts[ADDRESS_DIMENSIONS];
} Section;

typedef struct Written {
    const Op *loop;
    AddressFilter concerns;
    void *context;
    Section sections[MOST_SECTIONS];
    uint32_t count;
    uint32_t outer;   // those from outside of the branch or loop at hand
    uint32_t forgets; // how often all of them were dropped
} Written;

// ---- Bounds -----------------------------------------------------------------

// Whether the value, in the loop, is its index or what a slot had before.
static bool is_index_or(const Op *loop, uint32_t slot, const Value *value) {
    const Op *op = value->op;
    if (value == loop_index(loop) || value == loop_param(loop, slot))
        return true;
    if (!op || !region_contains(loop_body(loop), op->parent))
        return false;
    if (op->kind == OP_SELECT)
        return is_index_or(loop, slot, op->operands[1]) &&
               is_index_or(loop, slot, op->operands[2]);
    if (op->kind != OP_IF)
        return false;
    for (uint32_t r = 0; r < op->region_count; r++)
        if (!is_index_or(
                loop, slot,
                region_terminator(op->regions[r])->operands[value->index]))
            return false;
    return true;
}

// The loop (FOR) that chose the value among its indices, or left it as it was.
static const Op *chooser_of(const Value *value) {
    const Op *loop = value->op;
    return loop && loop->kind == OP_FOR &&
                   is_index_or(loop, value->index,
                               loop_next(loop, value->index))
               ? loop
               : NULL;
}

// The loop whose index the value is, or has been.
static const Op *loop_of(const Value *value) {
    const Op *loop = value->region ? value->region->parent : NULL;
    return loop && loop->kind == OP_FOR && value->index == 0
               ? loop
               : chooser_of(value);
}

bool loop_index_bound(const Op *loop, bool least, Linear *bound) {
    int64_t step;
    OpKind compare = loop->as.loop.compare;
    if (!loop_constant_step(loop, &step) ||
        (step > 0 ? compare != OP_LT && compare != OP_LE
                  : compare != OP_GT && compare != OP_GE))
        return false;
    if (least == (step > 0)) {
        *bound = linear_of(loop->operands[FOR_BEGIN]);
        return true;
    }
    *bound = linear_of(loop->operands[FOR_END]);
    if (compare == OP_LT)
        bound->constant--;
    if (compare == OP_GT)
        bound->constant++;
    return true;
}

// The term of the innermost loop's index: its bounds can hold those of loops
// around it, not the reverse. The count where no term is an index.
static uint32_t innermost_index(const Linear *form) {
    uint32_t best = form->count;
    for (uint32_t t = 0; t < form->count; t++)
        if (loop_of(form->terms[t].value) &&
            (best == form->count ||
             region_contains(loop_body(loop_of(form->terms[best].value)),
                             loop_body(loop_of(form->terms[t].value)))))
            best = t;
    return best;
}

bool linear_never_negative(Linear form) {
    for (int round = 0; round < SUBSTITUTIONS; round++) {
        if (form.count == 0)
            return form.constant >= 0;
        uint32_t t = innermost_index(&form);
        if (t == form.count)
            return false;
        Term term = form.terms[t];
        Linear bound;
        form.terms[t] = form.terms[--form.count];
        if (!loop_index_bound(loop_of(term.value), term.factor > 0, &bound) ||
            !linear_add(&form, &bound, term.factor))
            return false;
    }
    return false;
}

static bool at_most(const Linear *a, const Linear *b) {
    Linear difference;
    return linear_subtract(b, a, &difference) &&
           linear_never_negative(difference);
}

static bool is_equal(const Linear *a, const Linear *b) {
    Linear difference;
    return linear_subtract(a, b, &difference) && difference.count == 0 &&
           difference.constant == 0;
}

// ---- Sections ---------------------------------------------------------------

static void section_of(const Value *address, Section *section) {
    Address parts;
    Dimension dimensions[ADDRESS_DIMENSIONS];
    memory_decompose(address, &parts);
    section->base = parts.base;
    section->count = memory_dimensions(&parts, dimensions);
    for (uint32_t i = 0; i < parts.count; i++)
        section->steps[i] = parts.steps[i];
    for (uint32_t i = 0; i < section->count; i++) {
        Interval *part = &section->parts[i];
        part->low = dimensions[i];
        part->low.step = &section->steps[dimensions[i].step - parts.steps];
        part->high = dimensions[i].index;
        part->high.constant++;
    }
}

static void copy_section(Section *to, const Section *from) {
    *to = *from;
    for (uint32_t i = 0; i < to->count; i++)
        to->parts[i].low.step =
            &to->steps[from->parts[i].low.step - from->steps];
}

static bool is_field(const Interval *part) {
    return part->low.step->kind == OP_FIELD;
}

// The number of elements behind the base, where they were made in one piece.
static bool whole_extent(const Value *base, Linear *bytes) {
    const Type *element = base->type->element;
    while (base->op && base->op->kind == OP_CAST &&
           base->op->operand_count == 1)
        base = base->op->operands[0];
    const Op *op = base->op;
    if (!op || op->kind != OP_HEAP || op->as.heap != HEAP_MALLOC)
        return false;
    int64_t size = element->kind == TYPE_DOUBLE  ? 8
                   : element->kind == TYPE_FLOAT ? 4
                                                 : 0;
    Linear all = linear_of(op->operands[0]);
    *bytes = (Linear){.constant = size ? all.constant / size : 0};
    if (!size || all.constant % size)
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        if (all.terms[i].factor % size)
            return false;
        bytes->terms[i] =
            (Term){all.terms[i].value, all.terms[i].factor / size};
    }
    bytes->count = all.count;
    return true;
}

// All that there is, so that whatever is read has been written.
static bool is_whole(const Section *section) {
    Linear extent;
    const Linear *low = &section->parts[0].low.index;
    return section->count == 1 && low->count == 0 && low->constant == 0 &&
           whole_extent(section->base, &extent) &&
           is_equal(&extent, &section->parts[0].high);
}

static bool part_covers(const Interval *part, const Interval *read) {
    if (part->low.step->kind != read->low.step->kind)
        return false;
    if (is_field(part))
        return part->low.step->field == read->low.step->field;
    return memory_same_division(&part->low, &read->low) &&
           at_most(&part->low.index, &read->low.index) &&
           at_most(&read->high, &part->high);
}

static bool covers(const Section *section, const Section *read) {
    if (section->base != read->base || section->count > read->count)
        return false; // a whole object covers its parts, not the reverse
    for (uint32_t i = 0; i < section->count; i++)
        if (!part_covers(&section->parts[i], &read->parts[i]))
            return false;
    return true;
}

// Whether the operation runs only where the value is another one than at first.
static bool runs_if_chosen(const Op *op, const Value *value) {
    const Value *initial = loop_initial(value->op, value->index);
    for (; op; op = op->parent->parent) {
        const Op *branch = op->parent->parent;
        if (!branch || branch->kind != OP_IF ||
            op->parent != branch->regions[IF_THEN])
            continue;
        const Op *test = branch->operands[0]->op;
        if ((branch->operands[0] == value && value_is_zero(initial)) ||
            (test && test->kind == OP_NE && test->operands[0] == value &&
             values_equal(test->operands[1], initial)))
            return true;
    }
    return false;
}

// Whether every index that the section tells has been one: those that a loop
// chose may be none.
static bool is_known(const Section *section, const Value *address) {
    for (uint32_t i = 0; i < section->count; i++) {
        const Linear *form = &section->parts[i].low.index;
        for (uint32_t t = 0; !is_field(&section->parts[i]) && t < form->count;
             t++)
            if (chooser_of(form->terms[t].value) &&
                (!address->op ||
                 !runs_if_chosen(address->op, form->terms[t].value)))
                return false;
    }
    return true;
}

static bool is_covered(const Written *w, const Value *address) {
    Section read;
    section_of(address, &read);
    if (!is_known(&read, address))
        return false;
    for (uint32_t i = 0; i < w->count; i++)
        if (covers(&w->sections[i], &read))
            return true;
    return false;
}

static bool is_written(const Written *w, const Value *address) {
    Section read;
    section_of(address, &read);
    for (uint32_t i = 0; i < w->count; i++)
        if (w->sections[i].base == read.base && is_whole(&w->sections[i]))
            return true;
    return is_covered(w, address);
}

// Two sections that lie side by side in one dimension become one.
static bool join(Section *section, const Section *next) {
    if (section->base != next->base || section->count != next->count)
        return false;
    uint32_t differs = section->count;
    for (uint32_t i = 0; i < section->count; i++) {
        const Interval *a = &section->parts[i], *b = &next->parts[i];
        if (part_covers(a, b) && part_covers(b, a))
            continue;
        if (differs < section->count || is_field(a) || is_field(b) ||
            !memory_same_division(&a->low, &b->low) ||
            !is_equal(&a->high, &b->low.index))
            return false;
        differs = i;
    }
    if (differs < section->count)
        section->parts[differs].high = next->parts[differs].high;
    return true;
}

// What perhaps does not happen adds nothing to sections from outside.
static void add_section(Written *w, const Section *section) {
    for (uint32_t i = w->outer; i < w->count; i++)
        if (join(&w->sections[i], section))
            return;
    if (w->count < MOST_SECTIONS)
        copy_section(&w->sections[w->count++], section);
}

static void add_address(Written *w, const Value *address) {
    Section section;
    section_of(address, &section);
    if (is_known(&section, address))
        add_section(w, &section);
}

// ---- The end of a loop ------------------------------------------------------

int64_t linear_take(Linear *form, const Value *index) {
    for (uint32_t i = 0; i < form->count; i++)
        if (form->terms[i].value == index) {
            int64_t factor = form->terms[i].factor;
            form->terms[i] = form->terms[--form->count];
            return factor;
        }
    return 0;
}

static bool is_outside(const Op *loop, const Linear *form) {
    for (uint32_t i = 0; i < form->count; i++)
        if (!loop_is_invariant(loop, form->terms[i].value))
            return false;
    return true;
}

// From low + [0, length) in each iteration to all of them together.
static bool widen(Interval *part, const Op *loop, bool *moves) {
    int64_t step;
    Linear length, last, first;
    if (!linear_subtract(&part->high, &part->low.index, &length))
        return false;
    int64_t factor = linear_take(&part->low.index, loop_index(loop));
    int64_t other = linear_take(&part->high, loop_index(loop));
    if (factor == 0 && other == 0)
        return true;
    *moves = true;
    if (factor != other || factor <= 0 || length.count ||
        !loop_constant_step(loop, &step) || length.constant != factor * step ||
        !loop_index_bound(loop, true, &first) ||
        !loop_index_bound(loop, false, &last) || step != 1)
        return false;
    return linear_add(&part->low.index, &first, factor) &&
           linear_add(&part->high, &last, factor);
}

// False where what one iteration wrote says nothing of the whole loop.
static bool leave_loop(Section *section, const Op *loop) {
    int64_t trips;
    uint32_t moving = 0;
    bool runs = loop_constant_trip_count(loop, &trips) && trips > 0;
    if (!loop_is_invariant(loop, section->base))
        return false;
    for (uint32_t i = 0; i < section->count; i++) {
        Interval *part = &section->parts[i];
        bool moves = false;
        if (is_field(part))
            continue;
        if (!widen(part, loop, &moves) || !is_outside(loop, &part->low.index) ||
            !is_outside(loop, &part->high) ||
            (part->low.by_value &&
             !loop_is_invariant(loop, part->low.by_value)))
            return false;
        moving += moves;
    }
    return moving == 1 || (moving == 0 && runs);
}

// ---- The walk ---------------------------------------------------------------

static bool walk(Written *w, const Region *region);

// On the way into a branch or a loop's body.
typedef struct Mark {
    uint32_t count, outer, forgets;
} Mark;

static Mark enter(Written *w) {
    Mark mark = {w->count, w->outer, w->forgets};
    w->outer = w->count;
    return mark;
}

// And out of it; how many of the sections are from outside.
static uint32_t leave(Written *w, Mark mark) {
    bool forgotten = w->forgets != mark.forgets;
    w->outer = forgotten ? 0 : mark.outer;
    return forgotten ? 0 : mark.count;
}

// What an iteration has added to those from outside becomes what the loop has.
static void leave_body(Written *w, const Op *loop, Mark mark) {
    uint32_t before = leave(w, mark), inside = w->count;
    w->count = before;
    for (uint32_t i = before; i < inside; i++) {
        Section section;
        copy_section(&section, &w->sections[i]);
        if (leave_loop(&section, loop))
            add_section(w, &section);
    }
}

// It perhaps does not run.
static void leave_branch(Written *w, Mark mark) { w->count = leave(w, mark); }

static bool walk_loop(Written *w, const Op *loop) {
    Mark mark = enter(w);
    if (!walk(w, loop_body(loop)))
        return false;
    leave_body(w, loop, mark);
    return true;
}

static bool concerns(const Written *w, const Value *address) {
    return w->concerns(w->context, address);
}

static bool walk_access(Written *w, const Op *op) {
    bool counted = op->operand_count > (op->kind == OP_COPY ? 2 : 1);
    if (op->kind == OP_LOAD)
        return !concerns(w, op->operands[0]) || is_written(w, op->operands[0]);
    if (op->kind == OP_STORE) {
        if (concerns(w, op->operands[0]))
            add_address(w, op->operands[0]);
        return true;
    }
    if (op->kind == OP_COPY && concerns(w, op->operands[1]) &&
        (counted || !is_written(w, op->operands[1])))
        return false;
    if ((op->kind == OP_COPY || op->kind == OP_ZERO) && !counted &&
        concerns(w, op->operands[0]))
        add_address(w, op->operands[0]);
    return true;
}

static bool walk_regions(Written *w, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++) {
        Mark mark = enter(w);
        if (!walk(w, op->regions[r]))
            return false;
        leave_branch(w, mark);
    }
    return true;
}

static bool walk(Written *w, const Region *region) {
    for (const Op *op = region->first; op; op = op->next) {
        if (op->adjoint)
            continue;
        bool fine = op->kind == OP_FOR ? walk_loop(w, op)
                    : op->region_count ? walk_regions(w, op)
                                       : walk_access(w, op);
        if (!fine)
            return false;
    }
    return true;
}

bool section_written_first(const Op *loop, AddressFilter concerns,
                           void *context) {
    Written w = {.loop = loop, .concerns = concerns, .context = context};
    return walk(&w, loop_body(loop));
}

// ---- Elements of its own ----------------------------------------------------

// The dimension tells the iteration: it moves with the index, and with nothing
// else that changes in the loop.
// ---- What has been reached --------------------------------------------------

static void reach(Written *w, const Region *region, const Op *stop);

static void reach_regions(Written *w, const Op *op) {
    for (uint32_t r = 0; r < op->region_count; r++) {
        Mark mark = enter(w);
        reach(w, op->regions[r], NULL);
        if (op->kind == OP_FOR)
            leave_body(w, op, mark);
        else
            leave_branch(w, mark);
    }
}

static void forget(Written *w) {
    w->count = w->outer = 0;
    w->forgets++;
}

// All loads and stores, up to one operation.
static void reach(Written *w, const Region *region, const Op *stop) {
    for (const Op *op = region->first; op != stop; op = op->next) {
        if (op->kind == OP_FREE || op->kind == OP_REALLOC ||
            op->kind == OP_CALL)
            forget(w); // there may be less than before
        else if (op->region_count)
            reach_regions(w, op);
        else if ((op->kind == OP_LOAD || op->kind == OP_STORE) &&
                 concerns(w, op->operands[0]))
            add_address(w, op->operands[0]);
    }
}

static void reach_up_to(Written *w, const Op *op) {
    if (op->parent->parent)
        reach_up_to(w, op->parent->parent);
    reach(w, op->parent, op);
}

static bool has_base(void *context, const Value *address) {
    Address parts;
    memory_decompose(address, &parts);
    return parts.base == context;
}

bool section_reached_before(const Op *op, const Value *address) {
    Address parts;
    memory_decompose(address, &parts);
    Written w = {.concerns = has_base, .context = (void *)parts.base};
    reach_up_to(&w, op);
    return is_covered(&w, address);
}

// ---- What no other iteration reaches ----------------------------------------

static bool tells_iteration(const Op *loop, const Dimension *part) {
    Linear rest = part->index;
    int64_t factor = linear_take(&rest, loop_index(loop));
    return factor != 0 && is_outside(loop, &rest);
}

static bool alike_up_to(const Dimension *a, const Dimension *b, uint32_t last) {
    for (uint32_t i = 0; i <= last; i++) {
        if (a[i].step->kind != b[i].step->kind)
            return false;
        if (a[i].step->kind == OP_FIELD ? a[i].step->field != b[i].step->field
                                        : !memory_same_division(&a[i], &b[i]))
            return false;
    }
    return is_equal(&a[last].index, &b[last].index);
}

bool section_is_own(const Op *loop, const Value *const *addresses,
                    size_t count) {
    Address first, other;
    Dimension a[ADDRESS_DIMENSIONS], b[ADDRESS_DIMENSIONS];
    if (count == 0)
        return true;
    memory_decompose(addresses[0], &first);
    uint32_t size = memory_dimensions(&first, a), at = 0;
    while (at < size &&
           (a[at].step->kind == OP_FIELD || !tells_iteration(loop, &a[at])))
        at++;
    if (at == size || !loop_is_invariant(loop, first.base))
        return false;
    for (uint32_t i = 0; i <= at; i++)
        if (a[i].by_value && !loop_is_invariant(loop, a[i].by_value))
            return false;
    for (size_t i = 1; i < count; i++) {
        memory_decompose(addresses[i], &other);
        uint32_t dimensions = memory_dimensions(&other, b);
        if (other.base != first.base || dimensions <= at ||
            !alike_up_to(a, b, at))
            return false;
    }
    return true;
}

bool section_meets_at_once(const Op *loop, const Value *address,
                           const Op *other, const Value *other_address) {
    Address first, second;
    Dimension a[ADDRESS_DIMENSIONS], b[ADDRESS_DIMENSIONS];
    memory_decompose(address, &first);
    memory_decompose(other_address, &second);
    if (!values_equal(first.base, second.base) ||
        !loop_is_invariant(loop, first.base) ||
        !loop_is_invariant(other, second.base))
        return false;
    uint32_t count = memory_dimensions(&first, a);
    uint32_t other_count = memory_dimensions(&second, b);
    for (uint32_t i = 0; i < count && i < other_count; i++) {
        if (a[i].step->kind != b[i].step->kind)
            return false;
        if (a[i].step->kind == OP_FIELD) {
            if (a[i].step->field != b[i].step->field)
                return !a[i].step->in_union;
            continue;
        }
        if (!memory_same_division(&a[i], &b[i]) ||
            (a[i].by_value && !loop_is_invariant(loop, a[i].by_value)))
            return false;
        Linear x = a[i].index, y = b[i].index;
        int64_t factor = linear_take(&x, loop_index(loop));
        if (factor != 0 && factor == linear_take(&y, loop_index(other)) &&
            is_equal(&x, &y) && is_outside(loop, &x) && is_outside(other, &y))
            return true;
    }
    return false;
}

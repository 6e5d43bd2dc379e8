// switch.c - switch as a chain of ifs on the value, evaluated once. A section
// that ends in a jump takes the sections after it into its else branch; one
// that falls through sets a flag, which the next one also enters by.
#include "frontend/internal.h"

typedef struct Label {
    int64_t low, high;
    const char *spelling; // of low
} Label;

typedef struct Section {
    Vec(Label) labels;
    bool is_default;
    Items items;
    bool falls; // into the next section
} Section;

// A range of the sections; a first half has a flag for what it leaves over.
typedef struct Range {
    size_t at, end;
    Variable *missed; // NULL where the range ends the switch
} Range;

typedef struct Switch {
    Vec(Section) sections;
    Value *value;
    Variable *falling; // 1 while the section before fell through; may be NULL
} Switch;

static int64_t label_value(Lowering *lw, CXCursor expression) {
    int64_t value;
    if (!evaluate_integer(expression, &value))
        refuse(lw, expression, NULL, "this case label is not a constant");
    return value;
}

// Takes the labels off; gives the statement behind them.
static CXCursor take_labels(Lowering *lw, Section *section,
                            CXCursor statement) {
    while (statement.kind == CXCursor_CaseStmt ||
           statement.kind == CXCursor_DefaultStmt) {
        Cursors parts = children_of(lw->fe, statement);
        if (statement.kind == CXCursor_DefaultStmt) {
            section->is_default = true;
        } else {
            Label label = {.low = label_value(lw, parts.items[0])};
            label.high =
                parts.count > 2 ? label_value(lw, parts.items[1]) : label.low;
            vec_push(lw->fe->arena, &section->labels, label);
        }
        statement = parts.items[parts.count - 1];
    }
    return statement;
}

static void divide(Lowering *lw, Switch *sw, CXCursor body) {
    Cursors list = {&body, 1};
    if (body.kind == CXCursor_CompoundStmt)
        list = children_of(lw->fe, body);
    for (size_t i = 0; i < list.count; i++) {
        CXCursor statement = list.items[i];
        if (statement.kind == CXCursor_CaseStmt ||
            statement.kind == CXCursor_DefaultStmt) {
            // A label right behind others belongs to the same section.
            if (sw->sections.count == 0 ||
                vec_last(&sw->sections).items.count > 0) {
                Section fresh = {0};
                vec_push(lw->fe->arena, &sw->sections, fresh);
            }
            statement = take_labels(lw, &vec_last(&sw->sections), statement);
            // The statement itself may be empty.
        }
        if (sw->sections.count == 0) {
            if (statement.kind == CXCursor_DeclStmt)
                lower_statement(lw, statement); // without its initialiser's use
            continue;
        }
        Item item = {.kind = ITEM_STATEMENT, .cursor = statement};
        if (statement.kind == CXCursor_LabelStmt)
            append_labelled(lw, &vec_last(&sw->sections).items, statement);
        else
            vec_push(lw->fe->arena, &vec_last(&sw->sections).items, item);
    }
    for (size_t i = 0; i < sw->sections.count; i++)
        form_loops(lw, &sw->sections.items[i].items);
    for (size_t i = 0; i < sw->sections.count; i++)
        sw->sections.items[i].falls =
            i + 1 < sw->sections.count &&
            items_fall(lw, sw->sections.items[i].items.items,
                       sw->sections.items[i].items.count);
}

// default, where nothing falls into it or out of it, may stand last.
static void move_default(Switch *sw) {
    size_t count = sw->sections.count;
    for (size_t i = 0; i + 1 < count; i++) {
        Section section = sw->sections.items[i];
        if (!section.is_default || section.falls ||
            (i > 0 && sw->sections.items[i - 1].falls) ||
            sw->sections.items[count - 1].falls)
            continue;
        for (size_t j = i; j + 1 < count; j++)
            sw->sections.items[j] = sw->sections.items[j + 1];
        sw->sections.items[count - 1] = section;
        return;
    }
}

// A last section without a jump ends the switch all the same.
static Value *match_labels(Lowering *lw, const Switch *sw,
                           const Section *section) {
    Value *any = NULL;
    const Type *type = sw->value->type;
    for (size_t i = 0; i < section->labels.count; i++) {
        const Label *label = &section->labels.items[i];
        Value *low = build_int(&lw->b, type, label->low), *match;
        if (label->low == label->high) {
            match = build_binary(&lw->b, OP_EQ, sw->value, low);
        } else {
            Value *high = build_int(&lw->b, type, label->high);
            Value *above = build_binary(&lw->b, OP_GE, sw->value, low);
            Value *below = build_binary(&lw->b, OP_LE, sw->value, high);
            match = build_binary(&lw->b, OP_AND, above, below);
        }
        any = any ? build_binary(&lw->b, OP_OR, any, match) : match;
    }
    return any;
}

// A default that is not last is entered when no other label matches.
static Value *match_default(Lowering *lw, const Switch *sw) {
    Value *any = NULL;
    for (size_t i = 0; i < sw->sections.count; i++) {
        Value *match = match_labels(lw, sw, &sw->sections.items[i]);
        if (match)
            any = any ? build_binary(&lw->b, OP_OR, any, match) : match;
    }
    if (!any)
        return build_int(&lw->b, type_scalar(lw->function->module, TYPE_INT),
                         1);
    return build_unary(&lw->b, OP_LNOT, any);
}

static void set_falling(Lowering *lw, const Switch *sw, int value) {
    const Type *type = type_scalar(lw->function->module, TYPE_INT);
    if (sw->falling)
        variable_set(lw, sw->falling, build_int(&lw->b, type, value));
}

static void lower_section(Lowering *lw, const Switch *sw,
                          const Section *section) {
    Items items = {0};
    for (size_t i = 0; i < section->items.count; i++)
        vec_push(lw->fe->arena, &items, section->items.items[i]);
    if (section->falls) {
        Item set = {.kind = ITEM_SET, .variable = sw->falling};
        vec_push(lw->fe->arena, &items, set);
    }
    lower_items(lw, items.items, items.count);
}

static uint64_t section_jumps(Lowering *lw, const Section *section) {
    uint64_t jumps = 0;
    for (size_t i = 0; i < section->items.count; i++)
        jumps |= item_jumps(lw, &section->items.items[i]);
    return jumps;
}

static void lower_sections(Lowering *lw, const Switch *sw, Range range);

// The sections after one that may have jumped in its middle.
static void lower_after(Lowering *lw, const Switch *sw, Range range,
                        uint64_t jumps) {
    if (!jumps) {
        lower_sections(lw, sw, range);
        return;
    }
    Branching br;
    branch_begin(lw, &br, jumped_to(lw, jumps));
    branch_else(lw, &br, NULL);
    lower_sections(lw, sw, range);
    branch_end(lw, &br, NULL);
}

static void lower_falling(Lowering *lw, const Switch *sw, Range range,
                          Value *enter) {
    const Section *section = &sw->sections.items[range.at++];
    uint64_t jumps = section_jumps(lw, section);
    Branching br;
    add_readers(lw, jumps, 1);
    branch_begin(lw, &br, enter);
    set_falling(lw, sw, 0);
    lower_section(lw, sw, section);
    branch_else(lw, &br, NULL);
    branch_end(lw, &br, NULL);
    add_readers(lw, jumps, -1);
    lower_after(lw, sw, range, jumps);
}

// In two halves. What falls out of the first one has not been taken, either.
static void lower_halves(Lowering *lw, const Switch *sw, Range range) {
    size_t middle = range.at + (range.end - range.at) / 2;
    Range first = {range.at, middle, NULL};
    Branching br;
    begin_half(lw, &first.missed);
    lower_sections(lw, sw, first);
    range.at = middle;
    branch_begin(lw, &br, variable_get(lw, first.missed));
    lower_sections(lw, sw, range);
    branch_else(lw, &br, NULL);
    branch_end(lw, &br, NULL);
}

static void lower_sections(Lowering *lw, const Switch *sw, Range range) {
    if (is_long(range.at, range.end)) {
        lower_halves(lw, sw, range);
        return;
    }
    if (range.at == range.end) {
        if (range.missed)
            set_missed(lw, range.missed);
        return;
    }
    const Section *section = &sw->sections.items[range.at];
    bool last = range.at + 1 == sw->sections.count;
    bool entered_from_before =
        range.at > 0 && sw->sections.items[range.at - 1].falls;
    if (section->is_default && last) {
        // Whatever comes here either falls in or matches nothing before.
        lower_section(lw, sw, section);
        return;
    }
    Value *enter = section->is_default ? match_default(lw, sw)
                                       : match_labels(lw, sw, section);
    if (entered_from_before)
        enter =
            build_binary(&lw->b, OP_OR, variable_get(lw, sw->falling), enter);
    if (section->falls) {
        lower_falling(lw, sw, range, enter);
        return;
    }
    Branching br;
    branch_begin(lw, &br, enter);
    lower_section(lw, sw, section);
    branch_else(lw, &br, NULL);
    range.at++;
    lower_sections(lw, sw, range);
    branch_end(lw, &br, NULL);
}

void lower_switch(Lowering *lw, CXCursor statement) {
    Cursors parts = children_of(lw->fe, statement);
    Switch sw = {0};
    if (lw->target_count + 4 >= MAX_TARGETS)
        refuse(lw, statement, "move the inner ones to a function of their own",
               "statements are nested too deeply here");
    sw.value = lower_value(lw, parts.items[0]);
    target_push(lw, TARGET_BREAK, NULL);
    divide(lw, &sw, parts.items[parts.count - 1]);
    move_default(&sw);
    bool falls = false;
    for (size_t i = 0; i < sw.sections.count; i++) {
        falls |= sw.sections.items[i].falls;
        declare_ahead(lw, sw.sections.items[i].items.items,
                      sw.sections.items[i].items.count);
    }
    if (falls) {
        sw.falling = variable_create(
            lw, "falling", type_scalar(lw->function->module, TYPE_INT));
        set_falling(lw, &sw, 0);
    }
    lower_sections(lw, &sw, (Range){0, sw.sections.count, NULL});
    target_pop(lw);
}

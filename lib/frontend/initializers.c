// initializers.c - braces. libclang gives initialiser lists as they are
// written, so brace elision, designators and the zeros of what is left out are
// worked out here, by the declared type.
#include "frontend/internal.h"

#include <string.h>

typedef struct List {
    Cursors items;
    size_t next;
} List;

static void fill_braced(Lowering *lw, Value *address, const Type *type,
                        CXCursor list);

static uint64_t part_count(const Type *type) {
    if (type->kind == TYPE_ARRAY)
        return (uint64_t)type->length;
    return type->record->is_union ? 1 : type->record->field_count;
}

static Value *part_address(Lowering *lw, Value *address, const Type *type,
                           uint64_t index) {
    if (type->kind == TYPE_RECORD)
        return build_field(&lw->b, address, (uint32_t)index);
    const Type *size = type_scalar(lw->function->module, TYPE_INT);
    return build_elem(&lw->b, address, build_int(&lw->b, size, (int64_t)index));
}

static bool is_designator(CXCursor item) {
    return item.kind == CXCursor_UnexposedExpr &&
           clang_getCursorType(item).kind == CXType_Void;
}

static void store_scalar(Lowering *lw, Value *address, CXCursor item) {
    const Type *type = address->type->element;
    Value *value = lower_value(lw, item);
    build_store(
        &lw->b, address,
        convert_value(lw, item, type_plain(lw->function->module, type), value));
}

static void fill_string(Lowering *lw, Value *address, const Type *type,
                        CXCursor literal) {
    CXEvalResult result = clang_Cursor_Evaluate(literal);
    const char *text =
        result && clang_EvalResult_getKind(result) == CXEval_StrLiteral
            ? clang_EvalResult_getAsStr(result)
            : NULL;
    if (!text || type->length > 256)
        refuse(lw, literal, "use a pointer to the string",
               "this array initialised by a string is not supported");
    const char *chars = arena_strdup(lw->fe->arena, text);
    clang_EvalResult_dispose(result);
    build_zero(&lw->b, address);
    for (uint64_t i = 0; chars[i] && i < (uint64_t)type->length; i++)
        build_store(&lw->b, part_address(lw, address, type, i),
                    build_int(&lw->b, type->element, chars[i]));
}

// One object from the items that are left: in braces, whole, or member by
// member where its own braces are left out.
static void fill(Lowering *lw, Value *address, const Type *type, List *list) {
    CXCursor item = list->items.items[list->next];
    CXCursor core = strip_casts(lw->fe, item);
    enter_depth(lw, item);
    if (type->kind != TYPE_ARRAY && type->kind != TYPE_RECORD) {
        list->next++;
        store_scalar(lw, address, item);
    } else if (core.kind == CXCursor_InitListExpr) {
        list->next++;
        fill_braced(lw, address, type, core);
    } else if (type->kind == TYPE_ARRAY &&
               core.kind == CXCursor_StringLiteral) {
        list->next++;
        fill_string(lw, address, type, core);
    } else if (type->kind == TYPE_RECORD &&
               clang_getCanonicalType(clang_getCursorType(item)).kind ==
                   CXType_Record) {
        list->next++;
        build_copy(&lw->b, address, lower_record(lw, item));
    } else {
        for (uint64_t i = 0; i < part_count(type); i++) {
            if (list->next == list->items.count ||
                is_designator(list->items.items[list->next]))
                break;
            Value *part = part_address(lw, address, type, i);
            fill(lw, part, part->type->element, list);
        }
    }
    lw->depth--;
}

// ---- Designators ------------------------------------------------------------

static bool has_range(Lowering *lw, CXCursor item) {
    FileText *file;
    uint32_t begin, end;
    if (!extent_of(lw->fe, item, &file, &begin, &end))
        return true;
    for (uint32_t i = begin; i + 2 < end && file->source.text[i] != '='; i++)
        if (strncmp(file->source.text + i, "...", 3) == 0)
            return true;
    return false;
}

static uint64_t field_index(Lowering *lw, CXCursor item, const Type *type,
                            const char *name) {
    for (size_t i = 0; i < type->record->field_count; i++)
        if (string_equal(type->record->fields[i].name, name))
            return i;
    refuse(lw, item, NULL, "the member '%s' is not supported here", name);
}

// .a, [i], .a[i].b ... = value. Gives the index after the outermost one.
static uint64_t fill_designated(Lowering *lw, Value *address, const Type *type,
                                CXCursor item, bool *deep) {
    Cursors parts = children_of(lw->fe, item);
    uint64_t next = 0;
    if (parts.count < 2 || has_range(lw, item))
        refuse(lw, item, "write one designator for each element",
               "this designator is not supported");
    for (size_t i = 0; i + 1 < parts.count; i++) {
        uint64_t index = 0;
        int64_t value;
        if (type->kind == TYPE_RECORD &&
            parts.items[i].kind == CXCursor_MemberRef)
            index = field_index(lw, item, type,
                                cursor_name(lw->fe, parts.items[i]));
        else if (type->kind == TYPE_ARRAY &&
                 evaluate_integer(parts.items[i], &value))
            index = (uint64_t)value;
        else
            refuse(lw, item, NULL, "this designator is not supported");
        if (i == 0)
            next = index + 1;
        address = part_address(lw, address, type, index);
        type = address->type->element;
    }
    *deep = parts.count > 2;
    List rest = {{&parts.items[parts.count - 1], 1}, 0};
    fill(lw, address, type, &rest);
    return next;
}

// ---- Braces -----------------------------------------------------------------

static uint64_t scalars_in(const Type *type) {
    uint64_t count = 0;
    if (type->kind == TYPE_ARRAY)
        return (uint64_t)type->length * scalars_in(type->element);
    if (type->kind != TYPE_RECORD)
        return 1;
    for (size_t i = 0; i < type->record->field_count; i++)
        count += scalars_in(type->record->fields[i].type);
    return count;
}

// Whether a list names every part, so that nothing has to be cleared first.
static bool is_complete(Lowering *lw, const Type *type, CXCursor list) {
    Cursors items = children_of(lw->fe, list);
    bool nested = false;
    for (size_t i = 0; i < items.count; i++) {
        CXCursor core = strip_casts(lw->fe, items.items[i]);
        if (is_designator(items.items[i]))
            return false;
        if (core.kind == CXCursor_InitListExpr)
            nested = true;
        enum CXTypeKind kind =
            clang_getCanonicalType(clang_getCursorType(items.items[i])).kind;
        if (kind == CXType_Record)
            nested = true;
    }
    // A nested list clears what it leaves out itself.
    return nested ? items.count == part_count(type)
                  : items.count == scalars_in(type);
}

static void fill_braced(Lowering *lw, Value *address, const Type *type,
                        CXCursor cursor) {
    List list = {children_of(lw->fe, cursor), 0};
    uint64_t index = 0;
    int64_t zero;
    bool deep = false;
    if (type->kind != TYPE_ARRAY && type->kind != TYPE_RECORD) {
        if (list.items.count == 1)
            store_scalar(lw, address, list.items.items[0]);
        else
            build_zero(&lw->b, address);
        return;
    }
    if (type->kind == TYPE_ARRAY && list.items.count == 1 &&
        strip_casts(lw->fe, list.items.items[0]).kind ==
            CXCursor_StringLiteral) {
        fill_string(lw, address, type,
                    strip_casts(lw->fe, list.items.items[0]));
        return;
    }
    if (!is_complete(lw, type, cursor))
        build_zero(&lw->b, address);
    if (list.items.count == 1 && scalars_in(type) > 1) {
        CXCursor only = strip_casts(lw->fe, list.items.items[0]);
        if (only.kind == CXCursor_IntegerLiteral &&
            evaluate_integer(only, &zero) && zero == 0)
            return; // {0}
    }
    while (list.next < list.items.count) {
        CXCursor item = list.items.items[list.next];
        if (is_designator(item)) {
            index = fill_designated(lw, address, type, item, &deep);
            list.next++;
            continue;
        }
        if (deep)
            refuse(lw, item, "give it a designator, too",
                   "an initialiser after a designator of several steps is "
                   "not supported");
        if (index >= part_count(type))
            break;
        Value *part = part_address(lw, address, type, index++);
        fill(lw, part, part->type->element, &list);
    }
}

void initialize(Lowering *lw, Value *address, const Type *type,
                CXCursor initializer) {
    List list = {{&initializer, 1}, 0};
    fill(lw, address, type, &list);
}

// pun.c - refuses what makes an active value change its type: members of a
// union read where another was written, pointers cast to another type, bytes
// copied. Integers carry no derivative, so a value that goes through its bits
// would lose it without a word. Where nothing varies, all this is kept.
//
// Members of a union may stand for one another as far as their leaves (the
// scalars in order of their places) are the same from the first one on.
#include "differentiate/derive.h"

enum { MOST_LEAVES = 256 };

// ---- Leaves -----------------------------------------------------------------

typedef struct Leaves {
    const Type *items[MOST_LEAVES];
    uint32_t count;
    bool cut_off;
} Leaves;

static bool is_union(const Type *type) {
    return type->kind == TYPE_RECORD && type->record->is_union;
}

static TypeKind part_kind(const Type *type) {
    int steps = type_is_complex(type) ? TYPE_CFLOAT - TYPE_FLOAT : 0;
    return (TypeKind)((int)type->kind - steps);
}

// A complex number is an array of its two parts.
static bool same_leaf(const Type *a, const Type *b) {
    if (type_is_float(a) && type_is_float(b))
        return part_kind(a) == part_kind(b);
    return type_equal(a, b);
}

static void push_leaf(const Type *type, Leaves *leaves) {
    if (leaves->count == MOST_LEAVES)
        leaves->cut_off = true;
    else
        leaves->items[leaves->count++] = type;
}

static void flatten(const Type *type, Leaves *leaves) {
    if (type->kind == TYPE_ARRAY) {
        for (int64_t i = 0; i < type->length && !leaves->cut_off; i++)
            flatten(type->element, leaves);
        leaves->cut_off |= type->length == ARRAY_DYNAMIC;
    } else if (type->kind == TYPE_RECORD && !type->record->is_union) {
        for (size_t i = 0; i < type->record->field_count; i++) {
            flatten(type->record->fields[i].type, leaves);
            leaves->cut_off |= type->record->fields[i].bits > 0;
        }
    } else {
        push_leaf(type, leaves);
        if (type_is_complex(type))
            push_leaf(type, leaves);
    }
}

static uint32_t leaf_count(const Type *type) {
    Leaves leaves = {.count = 0};
    flatten(type, &leaves);
    return leaves.count;
}

static uint32_t common_leaves(const Leaves *a, const Leaves *b) {
    uint32_t i = 0;
    while (i < a->count && i < b->count && same_leaf(a->items[i], b->items[i]))
        i++;
    return i;
}

static bool has_leaf(const Type *type, const Type *leaf) {
    if (type->kind == TYPE_ARRAY)
        return has_leaf(type->element, leaf);
    if (type->kind != TYPE_RECORD)
        return same_leaf(type, leaf);
    for (size_t i = 0; i < type->record->field_count; i++)
        if (has_leaf(type->record->fields[i].type, leaf))
            return true;
    return false;
}

static bool has_record(const Type *type, const Record *record) {
    if (type->kind == TYPE_ARRAY)
        return has_record(type->element, record);
    if (type->kind != TYPE_RECORD)
        return false;
    if (type->record == record)
        return true;
    for (size_t i = 0; i < type->record->field_count; i++)
        if (has_record(type->record->fields[i].type, record))
            return true;
    return false;
}

// All floating leaves of b are those of a.
static bool covers(const Type *a, const Type *b) {
    Leaves x = {.count = 0}, y = {.count = 0};
    flatten(a, &x);
    flatten(b, &y);
    uint32_t common = common_leaves(&x, &y);
    for (uint32_t i = common; i < y.count; i++)
        if (type_holds_float(y.items[i]))
            return false;
    for (uint32_t i = common; i < x.count && common < y.count; i++)
        if (type_holds_float(x.items[i]))
            return false;
    return !y.cut_off || type_equal(a, b);
}

bool pun_floating_member(const Type *type, uint32_t *member) {
    const Record *record = type->record;
    for (uint32_t i = 0; i < record->field_count; i++) {
        bool all = type_holds_float(record->fields[i].type);
        for (uint32_t j = 0; j < record->field_count && all; j++)
            all = !type_holds_float(record->fields[j].type) ||
                  covers(record->fields[i].type, record->fields[j].type);
        *member = i;
        if (all)
            return true;
    }
    return false;
}

// The first union in the type whose floating leaves cannot be told, or NULL.
static const Record *unclear_union(const Type *type) {
    if (type->kind == TYPE_ARRAY)
        return unclear_union(type->element);
    if (type->kind != TYPE_RECORD || !type_holds_float(type))
        return NULL;
    uint32_t member;
    if (type->record->is_union && !pun_floating_member(type, &member))
        return type->record;
    const Record *found = NULL;
    for (size_t i = 0; i < type->record->field_count && !found; i++)
        found = unclear_union(type->record->fields[i].type);
    return found;
}

// ---- Accesses through unions ------------------------------------------------

// A place in a union: the outermost one on the way to an address, and which
// leaves of its member.
typedef struct Access {
    const Op *field; // NULL: no union on the way
    uint32_t begin, end;
} Access;

static bool is_step(const Op *op) {
    return op &&
           (op->kind == OP_INDEX || op->kind == OP_ELEM ||
            op->kind == OP_FIELD || op->kind == OP_CAST) &&
           type_is_pointer(op->operands[0]->type);
}

static const Op *union_field(const Value *address) {
    const Op *found = NULL;
    for (; is_step(address->op); address = address->op->operands[0])
        if (address->op->kind == OP_FIELD &&
            is_union(address->op->operands[0]->type->element))
            found = address->op;
    return found;
}

bool pun_in_union(const Value *address) { return union_field(address) != NULL; }

// False where the leaves are not known.
static bool find_leaves(const Value *address, Access *access) {
    const Op *op = address->op;
    uint32_t count = leaf_count(address->type->element);
    int64_t index;
    if (op == access->field) {
        access->begin = 0;
    } else if (!find_leaves(op->operands[0], access)) {
        return false;
    } else if (op->kind == OP_FIELD) {
        const Type *record = op->operands[0]->type->element;
        for (uint32_t i = 0; i < op->as.field && !is_union(record); i++)
            access->begin += leaf_count(record->record->fields[i].type);
    } else if (op->kind == OP_ELEM &&
               value_is_integer(op->operands[1], &index)) {
        access->begin += (uint32_t)index * count;
    } else {
        return false;
    }
    access->end = access->begin + count;
    return true;
}

static Access access_of(const Value *address) {
    Access access = {.field = union_field(address)};
    if (access.field && !find_leaves(address, &access)) {
        access.begin = 0;
        access.end = UINT32_MAX;
    }
    return access;
}

static const Type *member_type(const Access *a) {
    return a->field->results[0]->type->element;
}

// Whether what is written at one may be read at the other as another type.
static bool clash(const Access *a, const Access *b) {
    if (a->field->as.field == b->field->as.field)
        return false;
    Leaves x = {.count = 0}, y = {.count = 0};
    flatten(member_type(a), &x);
    flatten(member_type(b), &y);
    uint32_t common = common_leaves(&x, &y);
    if (x.cut_off || y.cut_off)
        return a->end > common && b->end > common;
    return common < x.count && common < y.count && a->end > common &&
           b->end > common;
}

// ---- What may have been written last ----------------------------------------

typedef struct Reader {
    Derive *d;
    const Op *load;
    Access access;
    const Op *writer; // found: what writes another member
    bool copied;      // any object may be the one that is read
} Reader;

static const Type *union_type(const Access *access) {
    return access->field->operands[0]->type->element;
}

// A store through a pointer that does not show the union.
static bool hidden_clash(const Reader *r, const Value *address,
                         const Type *type) {
    if (!has_leaf(union_type(&r->access), type))
        return false;
    for (; is_step(address->op); address = address->op->operands[0])
        if (address->op->kind == OP_FIELD)
            return has_record(union_type(&r->access),
                              address->op->operands[0]->type->element->record);
    return true;
}

static bool store_clashes(const Reader *r, const Op *store) {
    const Value *address = store->operands[0];
    const Type *read = r->load->results[0]->type;
    const Type *written = store->operands[1]->type;
    if ((!type_is_float(read) && !type_is_float(written)) ||
        (!r->copied &&
         !memory_share_object(r->d->memory, address, r->load->operands[0])))
        return false;
    Access other = access_of(address);
    if (!other.field)
        return !type_equal(read, written) && hidden_clash(r, address, written);
    const Type *a = union_type(&r->access), *b = union_type(&other);
    if (a->record == b->record)
        return clash(&r->access, &other);
    return has_record(a, b->record) || has_record(b, a->record);
}

static void look_everywhere(Op *op, void *context) {
    Reader *r = context;
    if (op->kind == OP_STORE && !r->writer && store_clashes(r, op))
        r->writer = op;
}

// A whole object came from elsewhere: anything written there may be in it.
static bool brings_union(const Reader *r, const Op *op) {
    return op->kind == OP_COPY &&
           has_record(op->as.type, union_type(&r->access)->record) &&
           memory_share_object(r->d->memory, op->operands[0],
                               r->load->operands[0]);
}

static void look_at(Op *op, void *context) {
    Reader *r = context;
    if (r->writer)
        return;
    if (brings_union(r, op) && !r->copied) {
        r->copied = true;
        walk_ops(r->d->function->body, look_everywhere, r);
    }
    look_everywhere(op, r);
}

static void look_inside(Reader *r, const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++)
        walk_ops(op->regions[i], look_at, r);
}

static bool settles(const Reader *r, const Op *op) {
    return op->kind == OP_STORE &&
           memory_must_alias(r->d->memory, op->operands[0],
                             r->load->operands[0]) &&
           type_equal(op->operands[1]->type, r->load->results[0]->type);
}

// Backwards from the load, through all loops around it.
static void find_writer(Reader *r) {
    const Op *at = r->load;
    while (at && !r->writer) {
        for (Op *op = at->previous; op && !r->writer; op = op->previous) {
            if (settles(r, op))
                return;
            look_at(op, r);
            look_inside(r, op);
        }
        at = at->parent->parent;
        if (at && at->kind != OP_IF)
            look_inside(r, at);
    }
}

// ---- Refusing ---------------------------------------------------------------

static void complain(Derive *d, const Op *op, const char *message) {
    derive_error(d, derive_loc(d, op), message,
                 "use two objects, or copy the value to one below '#pragma "
                 "grad inactive' and look at that");
}

static bool varies(const Derive *d, const Value *address) {
    return activity_address_is_varied(d->activity, address);
}

static const char *type_name(const Derive *d, const Type *type) {
    Text text;
    text_init(&text, d->arena);
    type_print_c(&text, type_plain(d->module, type), "");
    return text.chars;
}

static const char *member_name(const Op *field) {
    const Type *type = field->operands[0]->type->element;
    const char *name = type->record->fields[field->as.field].name;
    return name ? name : "?";
}

static void check_union_load(Derive *d, const Op *load) {
    Reader r = {.d = d, .load = load};
    r.access = access_of(load->operands[0]);
    if (!r.access.field || !varies(d, load->operands[0]))
        return;
    find_writer(&r);
    if (!r.writer)
        return;
    const Op *other = union_field(r.writer->operands[0]);
    complain(
        d, load,
        arena_printf(d->arena,
                     "this reads member '%s' of a union, where %s may have "
                     "been written last, and the union carries "
                     "derivatives",
                     member_name(r.access.field),
                     other ? arena_printf(d->arena, "'%s'", member_name(other))
                           : "another type"));
}

static bool is_bytes(const Type *type) {
    return type->kind == TYPE_VOID || type->kind == TYPE_OPAQUE ||
           type->kind == TYPE_CHAR || type->kind == TYPE_SCHAR ||
           type->kind == TYPE_UCHAR;
}

// Its type is the declared one; heap memory may hold several.
static bool is_declared(const MemObject *object) {
    bool whole = object->kind == MEM_LOCAL || object->kind == MEM_GLOBAL;
    bool param =
        object->kind == MEM_PARAM && !is_bytes(object->root->type->element);
    return object->type && (whole || param);
}

// The type of memory that an access sees otherwise, or NULL. A record may be
// the beginning of a larger one.
static const Type *seen_otherwise(const Derive *d, const Value *address,
                                  const Type *type) {
    const MemObject *const *objects;
    uint32_t count = memory_targets(d->memory, address, &objects);
    for (uint32_t i = 0; i < count; i++) {
        const Type *whole = objects[i]->type;
        if (is_declared(objects[i]) && type_holds_float(whole) &&
            !has_leaf(whole, type))
            return whole;
    }
    for (; is_step(address->op); address = address->op->operands[0]) {
        const Type *from = address->op->operands[0]->type->element;
        if (address->op->kind == OP_CAST && !is_bytes(from) &&
            from->kind != TYPE_RECORD &&
            (type_holds_float(from) || type_is_float(type)) &&
            !has_leaf(from, type))
            return from;
    }
    return NULL;
}

static void check_type(Derive *d, const Op *op, const Type *type) {
    const Value *address = op->operands[0];
    if (type_is_pointer(type) || !varies(d, address))
        return;
    const Type *from = seen_otherwise(d, address, type);
    if (!from)
        return;
    complain(d, op,
             arena_printf(d->arena,
                          "this sees memory of type '%s', which carries "
                          "derivatives, as '%s'",
                          type_name(d, from), type_name(d, type)));
}

static void check_unclear(Derive *d, const Op *op, const Type *type) {
    const Record *record = unclear_union(type);
    if (!record || !activity_of_address(d->activity, op->operands[0]))
        return;
    complain(d, op,
             arena_printf(d->arena,
                          "the members of '%s' hold floating values of "
                          "different types or places, and it carries "
                          "derivatives",
                          record->name));
}

static void check_copy(Derive *d, const Op *op) {
    bool bytes = is_bytes(op->as.type);
    if (bytes && (varies(d, op->operands[1]) || varies(d, op->operands[0])))
        complain(d, op,
                 "this copies the bytes of values that carry derivatives to "
                 "or from another type");
    else if (!bytes)
        check_unclear(d, op, op->as.type);
}

static void check(Op *op, void *context) {
    Derive *d = context;
    if (op->kind == OP_LOAD) {
        check_type(d, op, op->results[0]->type);
        check_union_load(d, op);
    } else if (op->kind == OP_STORE) {
        check_type(d, op, op->operands[1]->type);
    } else if (op->kind == OP_COPY) {
        check_copy(d, op);
    } else if (op->kind == OP_ZERO) {
        check_unclear(d, op, op->as.type);
    }
    const Op *field = op->kind == OP_LOAD || op->kind == OP_STORE
                          ? union_field(op->operands[0])
                          : NULL;
    if (field)
        check_unclear(d, op, field->operands[0]->type->element);
}

static const Type *pointee(const Type *type) {
    while (type_is_pointer(type))
        type = type->element;
    return type;
}

static void check_param(Derive *d, const Role *role, const Param *param) {
    const Record *record = unclear_union(pointee(param->type));
    if (!record || !(role->wrt || role->of || role->work))
        return;
    diag_error(d->diags, param->loc,
               "the members of '%s' hold floating values of different types "
               "or places, so it cannot be among the variables",
               record->name);
    diag_note(d->diags, param->loc, "use a struct");
    d->failed = true;
}

void pun_refuse(Derive *d) {
    for (uint32_t i = 0; i < d->role_count; i++)
        check_param(d, &d->roles[i], &d->primal->params[i]);
    walk_ops(d->function->body, check, d);
}

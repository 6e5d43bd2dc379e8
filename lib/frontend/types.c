// types.c - clang's types as the IR's. A record is converted once, with all its
// fields; what the IR does not know becomes an opaque type where it is only
// mentioned, and a refusal where it is used.
#include "frontend/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const Type *convert(Frontend *fe, CXType type, const char **why);

static bool scalar_kind(enum CXTypeKind kind, TypeKind *result) {
    static const struct {
        enum CXTypeKind from;
        TypeKind to;
    } table[] = {
        {CXType_Void, TYPE_VOID},
        {CXType_Bool, TYPE_BOOL},
        {CXType_Char_S, TYPE_CHAR},
        {CXType_Char_U, TYPE_CHAR},
        {CXType_SChar, TYPE_SCHAR},
        {CXType_UChar, TYPE_UCHAR},
        {CXType_Short, TYPE_SHORT},
        {CXType_UShort, TYPE_USHORT},
        {CXType_Int, TYPE_INT},
        {CXType_UInt, TYPE_UINT},
        {CXType_Long, TYPE_LONG},
        {CXType_ULong, TYPE_ULONG},
        {CXType_LongLong, TYPE_LLONG},
        {CXType_ULongLong, TYPE_ULLONG},
        {CXType_Float, TYPE_FLOAT},
        {CXType_Double, TYPE_DOUBLE},
        {CXType_LongDouble, TYPE_LDOUBLE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].from == kind) {
            *result = table[i].to;
            return true;
        }
    return false;
}

// A whole sentence's beginning: "complex numbers are".
static const char *unsupported_name(Frontend *fe, CXType type) {
    switch ((int)type.kind) {
    case CXType_Complex: return "complex integers are";
    case CXType_Atomic: return "atomic objects are";
    case CXType_Vector:
    case CXType_ExtVector: return "vector types are";
    case CXType_Half:
    case CXType_Float16: return "_Float16 is";
    case CXType_Float128: return "__float128 is";
    case CXType_Int128:
    case CXType_UInt128: return "128-bit integers are";
    default:
        return arena_printf(
            fe->arena, "the type '%s' is",
            take_string(fe->arena, clang_getTypeSpelling(type)));
    }
}

// ---- Records ----------------------------------------------------------------

typedef struct FieldCollector {
    Frontend *fe;
    Vec(CXCursor) fields;
} FieldCollector;

static enum CXVisitorResult collect_field(CXCursor cursor, CXClientData data) {
    FieldCollector *collector = data;
    vec_push(collector->fe->arena, &collector->fields, cursor);
    return CXVisit_Continue;
}

static bool is_nameless(const char *name) {
    return !*name || strchr(name, '(') != NULL || strchr(name, ' ') != NULL;
}

typedef Vec(Field) Fields;

// Members of a nameless struct are named like the record's own, and become so;
// in a union they are one member, which starts where the others do.
static void add_fields(Frontend *fe, Fields *fields, CXType type) {
    FieldCollector collector = {.fe = fe};
    bool in_struct = clang_getTypeDeclaration(type).kind == CXCursor_StructDecl;
    clang_Type_visitFields(type, collect_field, &collector);
    for (size_t i = 0; i < collector.fields.count; i++) {
        CXCursor cursor = collector.fields.items[i];
        CXType inner = clang_getCanonicalType(clang_getCursorType(cursor));
        const char *name = cursor_name(fe, cursor);
        if (in_struct && is_nameless(name) && inner.kind == CXType_Record &&
            clang_getTypeDeclaration(inner).kind == CXCursor_StructDecl) {
            add_fields(fe, fields, inner);
            continue;
        }
        Field field = {
            .name = is_nameless(name) ? NULL : name,
            .type = convert_type_or_opaque(fe, clang_getCursorType(cursor)),
        };
        if (clang_Cursor_isBitField(cursor))
            field.bits = clang_getFieldDeclBitWidth(cursor);
        vec_push(fe->arena, fields, field);
    }
}

static void convert_fields(Frontend *fe, Record *record, CXType type) {
    Fields fields = {0};
    add_fields(fe, &fields, type);
    record->fields = fields.items;
    record->field_count = fields.count;
}

// Defined between the braces of another: its text has it.
static bool is_inner(CXCursor definition) {
    CXCursor parent = clang_getCursorLexicalParent(definition);
    return parent.kind == CXCursor_StructDecl ||
           parent.kind == CXCursor_UnionDecl;
}

// Nameless members inside are printed by clang as they stand in the source.
static const char *definition_text(Frontend *fe, CXCursor declaration,
                                   const char *typedef_name) {
    const char *body = pretty_text(fe, declaration);
    if (!typedef_name)
        return arena_printf(fe->arena, "%s;", body);
    const char *tag = cursor_name(fe, declaration);
    bool tagged = !clang_Cursor_isAnonymous(declaration) &&
                  (string_starts(body, "struct {") ||
                   string_starts(body, "union {")) == false;
    if (!tagged && string_starts(typedef_name, "struct "))
        return arena_printf(fe->arena, "%s%s;", typedef_name,
                            body + strlen("struct"));
    if (!tagged && string_starts(typedef_name, "union "))
        return arena_printf(fe->arena, "%s%s;", typedef_name,
                            body + strlen("union"));
    if (!tagged)
        return arena_printf(fe->arena, "typedef %s %s;", body, typedef_name);
    const char *word =
        declaration.kind == CXCursor_UnionDecl ? "union" : "struct";
    return arena_printf(fe->arena, "typedef %s %s %s;\n%s;", word, tag,
                        typedef_name, body);
}

// The generated code must be able to name an object's type. The file's name
// keeps the tags of several generated headers apart.
static const char *invented_tag(Frontend *fe, bool is_union) {
    const char *path = fe->module->source, *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    char *stem = arena_strndup(fe->arena, base, strcspn(base, "."));
    for (char *c = stem; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
    return arena_printf(fe->arena, "%s %s_type_%zu",
                        is_union ? "union" : "struct", stem,
                        fe->module->records.count + 1);
}

static Record *create_record(Frontend *fe, CXCursor definition, const char *key,
                             const char *name, const char *typedef_name) {
    Record *record = arena_new(fe->arena, Record);
    strmap_set(fe->records, key, record);
    record->name = name;
    record->is_union = definition.kind == CXCursor_UnionDecl;
    record->in_header = !in_main_file(fe, definition);
    record->is_foreign =
        !record->in_header && fe->owner && fe->unit != fe->owner;
    record->loc = loc_of(fe, definition);
    if (!is_inner(definition))
        record->definition = definition_text(fe, definition, typedef_name);
    convert_fields(fe, record, clang_getCursorType(definition));
    vec_push(fe->arena, &fe->module->records, record);
    if (record->definition && !record->in_header)
        note_types(fe, definition, record->definition);
    fe->unit->is_used = true;
    return record;
}

// The member of the record around it that has the type, as an expression of
// the type: compilers name it so.
static const char *inner_name(Frontend *fe, CXCursor definition) {
    CXType type = clang_getCursorType(definition);
    CXCursor parent = clang_getCursorLexicalParent(definition);
    const Record *outer =
        convert_type_or_opaque(fe, clang_getCursorType(parent))->record;
    FieldCollector collector = {.fe = fe};
    clang_Type_visitFields(clang_getCursorType(parent), collect_field,
                           &collector);
    for (size_t i = 0; outer && i < collector.fields.count; i++) {
        CXCursor field = collector.fields.items[i];
        CXType member = clang_getCanonicalType(clang_getCursorType(field));
        Text text;
        text_init(&text, fe->arena);
        text_printf(&text, "__typeof__(((%s *)0)->%s", outer->name,
                    cursor_name(fe, field));
        for (; type_is_array(member); text_add(&text, "[0]"))
            member = clang_getArrayElementType(member);
        text_add(&text, ")");
        if (clang_equalTypes(clang_getCanonicalType(member),
                             clang_getCanonicalType(type)))
            return text.chars;
    }
    return NULL;
}

static bool is_unnamed_inner(CXCursor definition, const char *spelling) {
    return is_inner(definition) && strchr(spelling, '(');
}

// Structs of one name in different blocks of a file.
static void refuse_hidden_struct(Frontend *fe, CXCursor definition,
                                 const char *name, const SeenRecord *seen) {
    diag_error(fe->diags, loc_of_name(fe, definition),
               "two structs of this file have the name '%s', which the "
               "generated header can give to one only",
               name);
    diag_note(fe->diags, seen->record->loc, "this is the other one");
}

// A struct that two files define, or read from one header, is one if it means
// the same.
static Record *record_of(Frontend *fe, CXCursor definition,
                         const char *spelling) {
    const char *key =
        arena_printf(fe->arena, "%p", declaration_key(definition));
    Record *record = strmap_get(fe->records, key);
    if (record)
        return record;
    const char *typedef_name =
        ptrmap_get(fe->unit->record_typedefs, declaration_key(definition));
    const char *name = typedef_name ? typedef_name : spelling;
    if (is_unnamed_inner(definition, spelling)) {
        const char *inner = inner_name(fe, definition);
        record = strmap_get(fe->records, key); // with the fields of the outer
        return record ? record
                      : create_record(fe, definition, key, inner ? inner : name,
                                      NULL);
    }
    SeenRecord *seen = strmap_get(fe->records_by_name, name);
    if (seen && seen->unit != fe->unit) {
        strmap_set(fe->records, key, seen->record);
        if (!means_the_same(fe, seen->definition, definition))
            refuse_two_meanings(fe, definition,
                                arena_printf(fe->arena, "'%s'", name),
                                seen->unit->path);
        return seen->record;
    }
    if (seen && !strchr(spelling, '('))
        refuse_hidden_struct(fe, definition, name, seen);
    if (!typedef_name && !is_inner(definition) && strchr(spelling, '('))
        name = typedef_name =
            invented_tag(fe, definition.kind == CXCursor_UnionDecl);
    record = create_record(fe, definition, key, name, typedef_name);
    seen = arena_new(fe->arena, SeenRecord);
    *seen = (SeenRecord){fe->unit, definition, record};
    strmap_set(fe->records_by_name, name, seen);
    return record;
}

static const Type *convert_record(Frontend *fe, CXType type) {
    CXCursor declaration = clang_getTypeDeclaration(type);
    CXCursor definition = clang_getCursorDefinition(declaration);
    const char *spelling = take_string(fe->arena, clang_getTypeSpelling(type));
    Unit *here = fe->unit, *unit = here;
    while (string_starts(spelling, "const ") ||
           string_starts(spelling, "volatile "))
        spelling = strchr(spelling, ' ') + 1;
    if (clang_Cursor_isNull(definition) &&
        !clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)))
        definition = record_elsewhere(fe, spelling, &unit);
    if (clang_Cursor_isNull(definition) ||
        strcmp(spelling, "struct _IO_FILE") == 0)
        return type_opaque(fe->module, spelling);
    fe->unit = unit;
    Record *record = record_of(fe, definition, spelling);
    fe->unit = here;
    return type_record(fe->module, record);
}

static int compare_records(const void *left, const void *right) {
    const Record *a = *(Record *const *)left, *b = *(Record *const *)right;
    if (a->in_header != b->in_header)
        return a->in_header ? -1 : 1;
    if (a->loc.file != b->loc.file)
        return strcmp(a->loc.file ? a->loc.file->path : "",
                      b->loc.file ? b->loc.file->path : "");
    return a->loc.offset < b->loc.offset ? -1 : a->loc.offset > b->loc.offset;
}

typedef struct Placing {
    Arena *arena;
    PtrMap *placed;
    Vec(Record *) order;
} Placing;

static void place_record(Placing *placing, Record *record) {
    if (ptrmap_has(placing->placed, record))
        return;
    ptrmap_set(placing->placed, record, record);
    for (size_t i = 0; i < record->field_count; i++) {
        const Type *type = record->fields[i].type;
        while (type->kind == TYPE_ARRAY)
            type = type->element;
        if (type->kind == TYPE_RECORD)
            place_record(placing, type->record);
    }
    vec_push(placing->arena, &placing->order, record);
}

// Conversion meets records in the order of their use. They are put into the
// order of the source, each behind those that it holds.
void sort_records(Frontend *fe) {
    Placing placing = {fe->arena, ptrmap_create(fe->arena), {0}};
    size_t count = fe->module->records.count;
    if (count == 0)
        return;
    qsort(fe->module->records.items, count, sizeof *fe->module->records.items,
          compare_records);
    for (size_t i = 0; i < count; i++)
        place_record(&placing, fe->module->records.items[i]);
    fe->module->records.items = placing.order.items;
    fe->module->records.count = placing.order.count;
    fe->module->records.capacity = placing.order.capacity;
}

// ---- Everything else --------------------------------------------------------

// A typedef keeps its name where a header has it: the output includes it, too.
static const Type *convert_typedef(Frontend *fe, CXType type,
                                   const char **why) {
    CXCursor declaration = clang_getTypeDeclaration(type);
    const char *name = cursor_name(fe, declaration);
    if (strcmp(name, "FILE") == 0 || strcmp(name, "va_list") == 0)
        return type_opaque(fe->module, name);
    const Type *under =
        convert(fe, clang_getTypedefDeclUnderlyingType(declaration), why);
    if (!under || in_main_file(fe, declaration) || string_starts(name, "__"))
        return under;
    return type_is_arithmetic(under) ? type_named(fe->module, under, name)
                                     : under;
}

static const Type *convert_enum(Frontend *fe, CXType type, const char **why) {
    CXCursor declaration = clang_getTypeDeclaration(type);
    const Type *integer =
        convert(fe, clang_getEnumDeclIntegerType(declaration), why);
    if (!integer || in_main_file(fe, declaration))
        return integer;
    const char *spelling = take_string(fe->arena, clang_getTypeSpelling(type));
    return strchr(spelling, '(') ? integer
                                 : type_named(fe->module, integer, spelling);
}

// What is volatile is not accessed through pointers; its name is passed on.
const Type *volatile_named(Frontend *fe, CXType type, const Type *converted) {
    if (!is_volatile_type(type) || !type_is_arithmetic(converted))
        return converted;
    const char *name = converted->spelling ? converted->spelling
                                           : type_kind_name(converted->kind);
    return type_named(fe->module, converted,
                      arena_printf(fe->arena, "volatile %s", name));
}

static const Type *convert_pointer(Frontend *fe, CXType type) {
    CXType target = clang_getPointeeType(type);
    const char *ignored;
    const Type *element = convert(fe, target, &ignored);
    if (!element)
        element = type_opaque(
            fe->module, take_string(fe->arena, clang_getTypeSpelling(target)));
    element = volatile_named(fe, target, element);
    return type_pointer(fe->module, element);
}

static const Type *convert_array(Frontend *fe, CXType type, const char **why) {
    const Type *element = convert(fe, clang_getArrayElementType(type), why);
    if (!element)
        return NULL;
    int64_t length = type.kind == CXType_ConstantArray
                         ? (int64_t)clang_getArraySize(type)
                         : ARRAY_DYNAMIC;
    return type_array(fe->module, element, length);
}

static const Type *convert_unqualified(Frontend *fe, CXType type,
                                       const char **why) {
    TypeKind scalar;
    if (scalar_kind(type.kind, &scalar))
        return type_scalar(fe->module, scalar);
    if (type.kind == CXType_Complex &&
        scalar_kind(clang_getElementType(type).kind, &scalar) &&
        type_is_float(type_scalar(fe->module, scalar)))
        return type_with_parts(fe->module, type_scalar(fe->module, scalar));
    switch ((int)type.kind) {
    case CXType_Elaborated:
        return convert(fe, clang_Type_getNamedType(type), why);
    case CXType_Typedef: return convert_typedef(fe, type, why);
    case CXType_Enum: return convert_enum(fe, type, why);
    case CXType_Record: return convert_record(fe, type);
    case CXType_Pointer: return convert_pointer(fe, type);
    case CXType_ConstantArray:
    case CXType_VariableArray:
    case CXType_IncompleteArray: return convert_array(fe, type, why);
    case CXType_FunctionProto:
    case CXType_FunctionNoProto:
        return type_opaque(
            fe->module,
            take_string(fe->arena,
                        clang_getTypeSpelling(clang_getCanonicalType(type))));
    default: break;
    }
    CXType canonical = clang_getCanonicalType(type);
    if (canonical.kind != type.kind && canonical.kind != CXType_Invalid)
        return convert(fe, canonical, why);
    *why = unsupported_name(fe, type);
    return NULL;
}

static const Type *convert(Frontend *fe, CXType type, const char **why) {
    const Type *plain = convert_unqualified(fe, type, why);
    if (plain && clang_isConstQualifiedType(type))
        return type_const(fe->module, plain);
    return plain;
}

const Type *convert_type(Frontend *fe, CXType type, const char **why) {
    *why = NULL;
    return convert(fe, type, why);
}

const Type *convert_type_or_opaque(Frontend *fe, CXType type) {
    const char *why;
    const Type *result = convert_type(fe, type, &why);
    if (result)
        return result;
    return type_opaque(fe->module,
                       take_string(fe->arena, clang_getTypeSpelling(type)));
}

// Field addresses, from the last step to the first.
static bool find_field(const Record *record, const char *name, uint32_t *path,
                       uint32_t *length, uint32_t limit) {
    for (uint32_t i = 0; i < record->field_count; i++) {
        const Field *field = &record->fields[i];
        if (*length == limit)
            return false;
        path[(*length)++] = i;
        if (field->name ? strcmp(field->name, name) == 0
                        : field->type->kind == TYPE_RECORD &&
                              find_field(field->type->record, name, path,
                                         length, limit))
            return true;
        (*length)--;
    }
    return false;
}

Value *build_field_named(Builder *b, Value *record, const char *name) {
    uint32_t path[16], length = 0;
    const Type *type = record->type->element;
    if (type->kind != TYPE_RECORD ||
        !find_field(type->record, name, path, &length, 16))
        return NULL;
    for (uint32_t i = 0; i < length; i++)
        record = build_field(b, record, path[i]);
    return record;
}

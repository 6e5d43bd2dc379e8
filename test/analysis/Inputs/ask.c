// ask.c - prints what lib/analysis answers about a file of printed IR:
// `survives`: of each named load, whether what it read is still there at the
//   end, and what it may point into;
// `alias`: of pairs of addresses named `a...` and `b...`, in this order, what
//   memory_may_alias and memory_must_alias say;
// `loops`: of each for loop, its constant trip count, or the operations that
//   compute one.
#include "analysis/analysis.h"

#include <string.h>

static const char *name_of(const Value *value) {
    return value->name ? value->name : "_";
}

static void ask_survives(Op *op, void *context) {
    const MemoryInfo *memory = context;
    if (op->kind != OP_LOAD || !op->results[0]->name)
        return;
    const MemObject *const *objects;
    uint32_t count = memory_targets(memory, op->operands[0], &objects);
    printf("%s %s:", op->results[0]->name,
           memory_load_survives(memory, op) ? "survives" : "dies");
    for (uint32_t i = 0; i < count; i++)
        printf(" %s", objects[i]->description);
    printf("\n");
}

typedef struct Pairs {
    const MemoryInfo *memory;
    const Value *values[64];
    size_t count;
} Pairs;

static void ask_alias(Op *op, void *context) {
    Pairs *pairs = context;
    Value *value = op->result_count ? op->results[0] : NULL;
    if (!value || !type_is_pointer(value->type) || !value->name)
        return;
    if (value->name[0] == 'b')
        for (size_t i = 0; i < pairs->count; i++) {
            const Value *a = pairs->values[i];
            printf("%s %s %s\n", a->name,
                   memory_must_alias(pairs->memory, a, value)  ? "is"
                   : memory_may_alias(pairs->memory, a, value) ? "may be"
                                                               : "is not",
                   value->name);
        }
    if (value->name[0] == 'a' && pairs->count < 64)
        pairs->values[pairs->count++] = value;
}

static void ask_loop(Op *op, void *context) {
    int64_t count;
    (void)context;
    if (op->kind != OP_FOR)
        return;
    printf("%s:", name_of(loop_index(op)));
    if (loop_constant_trip_count(op, &count)) {
        printf(" %lld\n", (long long)count);
        return;
    }
    Op *before = op->previous;
    Builder b = builder_before(op);
    Value *trips = loop_build_trip_count(&b, op);
    for (Op *o = before ? before->next : op->parent->first; o != op;
         o = o->next) {
        printf(" %s", op_info(o->kind)->name);
        if (o->kind == OP_CONST)
            printf(" %lld", (long long)o->as.constant.integer);
    }
    printf(", a %s\n", type_kind_name(trips->type->kind));
}

static void ask(Arena *arena, const char *question, Function *function) {
    printf("%s\n", function->name);
    MemoryInfo *memory = memory_analyse(arena, function);
    Pairs pairs = {.memory = memory};
    if (strcmp(question, "survives") == 0)
        walk_ops(function->body, ask_survives, memory);
    else if (strcmp(question, "alias") == 0)
        walk_ops(function->body, ask_alias, &pairs);
    else
        walk_ops(function->body, ask_loop, NULL);
}

int main(int argc, char **argv) {
    Arena *arena = arena_create();
    Diagnostics diags;
    SourceFile file = {.path = argv[2]};
    diag_init(&diags, stderr);
    if (argc != 3 || !(file.text = read_file(arena, argv[2], &file.length)))
        return 2;
    Module *module = ir_parse(arena, &diags, &file);
    if (!module)
        return 1;
    for (size_t i = 0; i < module->functions.count; i++)
        if (module->functions.items[i]->body)
            ask(arena, argv[1], module->functions.items[i]);
    arena_destroy(arena);
    return 0;
}

// optimize.c - the passes by name, and their order.
#include "optimize/optimize.h"

#include "optimize/passes.h"

#include <string.h>

typedef struct Pass {
    const char *name;
    bool (*run)(Function *function);
} Pass;

static const Pass passes[] = {
    {"inline", pass_inline},
    {"promote", pass_promote},
    {"raise-loops", pass_raise_loops},
    {"simplify", pass_simplify},
    {"cse", pass_cse},
    {"forward-memory", pass_forward_memory},
    {"dce", pass_dce},
    {"licm", pass_licm},
    {"resolve-calls", pass_resolve_calls},
    {"free-alloca", pass_free_alloca},
    {"unroll", pass_unroll},
    {"ascend", pass_ascend},
    {"interchange", pass_interchange},
    {"batch", pass_batch},
    {"join", pass_join},
    {"jam", pass_jam},
};

enum { PASSES = sizeof passes / sizeof *passes, ROUNDS = 8, RAISES = 3 };
enum {
    INLINE,
    PROMOTE,
    RAISE_LOOPS,
    SIMPLIFY,
    CSE,
    FORWARD_MEMORY,
    DCE,
    LICM,
    RESOLVE_CALLS,
    FREE_ALLOCA,
    UNROLL,
    ASCEND,
    INTERCHANGE,
    BATCH,
    JOIN,
    JAM
};

static bool run(Function *function, int pass, unsigned disabled) {
    return !(disabled & 1U << pass) && passes[pass].run(function);
}

// Until nothing changes any more; each round makes the function smaller, the
// bound is for safety.
static void clean(Function *function, unsigned disabled) {
    bool changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
        changed = run(function, SIMPLIFY, disabled);
        changed |= run(function, CSE, disabled);
        changed |= run(function, FORWARD_MEMORY, disabled);
        changed |= run(function, DCE, disabled);
    }
}

// Calls through pointers whose targets become known are calls like others; what
// is inlined for them may hold more of them.
static void inline_calls(Function *function, unsigned disabled) {
    run(function, INLINE, disabled);
    for (int round = 0; round < ROUNDS; round++) {
        run(function, PROMOTE, disabled);
        clean(function, disabled);
        if (!run(function, RESOLVE_CALLS, disabled))
            return;
        run(function, INLINE, disabled);
    }
    run(function, PROMOTE, disabled);
    clean(function, disabled);
}

void optimize_primal(Module *module, Function *function, unsigned disabled) {
    (void)module;
    inline_calls(function, disabled);
    if (run(function, FREE_ALLOCA, disabled))
        clean(function, disabled);
    // A loop that counts may show that another one does, and constants that
    // an array is but a few scalars.
    for (int i = 0; i < RAISES && run(function, RAISE_LOOPS, disabled); i++) {
        clean(function, disabled);
        if (run(function, PROMOTE, disabled))
            clean(function, disabled);
    }
    if (run(function, LICM, disabled))
        clean(function, disabled);
    if (run(function, JOIN, disabled))
        clean(function, disabled);
}

void optimize_function(Function *function, unsigned disabled) {
    run(function, PROMOTE, disabled);
    clean(function, disabled);
    if (run(function, LICM, disabled))
        clean(function, disabled);
    run(function, ASCEND, disabled);
    if (run(function, INTERCHANGE, disabled))
        clean(function, disabled);
    if (run(function, BATCH, disabled))
        clean(function, disabled);
    if (run(function, JAM, disabled))
        clean(function, disabled);
}

void optimize_straighten(Function *function, unsigned disabled) {
    for (int i = 0; i < ROUNDS && run(function, UNROLL, disabled); i++) {
        clean(function, disabled);
        if (run(function, PROMOTE, disabled))
            clean(function, disabled);
    }
}

bool optimize_pass_find(const char *name, unsigned *bit) {
    for (unsigned i = 0; i < PASSES; i++)
        if (strcmp(passes[i].name, name) == 0) {
            *bit = 1U << i;
            return true;
        }
    return false;
}

const char *optimize_pass_name(size_t number) {
    return number < PASSES ? passes[number].name : NULL;
}

void optimize_run_pass(Module *module, Function *function, unsigned bit) {
    (void)module;
    for (unsigned i = 0; i < PASSES; i++)
        if (bit & 1U << i)
            passes[i].run(function);
}

// bench.c - runs a problem's function, its generated gradient and the one by
// hand, of several builds, in turn. The driver of test/bench; see run.py.
//
//     bench ROUNDS MILLISECONDS median|fastest rows|growing BUILD.so ...
//
// For each of the rows, or of the growing ones: checks every gradient against
// the first build's by hand, then prints one line for each build and
// computation:
//
//     ROW <tab> build's index <tab> computation <tab> seconds <tab> bytes
//
// The seconds are CPU time, the median or the fastest of so many rounds, each
// of as many calls as take the given time; the bytes are the most that were on
// the heap at once beyond the arguments. Exits with 1 where a gradient is
// wrong.
#include "bench.h"

#include <dlfcn.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

enum { PRIMAL, GENERATED, BY_HAND, COMPUTATIONS, BUILDS = 8, ROUNDS = 1000 };

static const char *const computations[] = {"primal", "generated", "by hand"};

// The heap, watched while `watching`. The builds' calls come here, too.
static int watching;
static size_t held, most_held;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static void *watch(void *memory) {
    if (watching && memory) {
        held += malloc_usable_size(memory);
        most_held = held > most_held ? held : most_held;
    }
    return memory;
}

static void unwatch(void *memory) {
    if (watching && memory)
        held -= malloc_usable_size(memory);
}

void *malloc(size_t size) { return watch(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) {
    return watch(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size) {
    unwatch(memory);
    return watch(__libc_realloc(memory, size));
}

void free(void *memory) {
    unwatch(memory);
    __libc_free(memory);
}

struct contender {
    const struct bench *bench;
    int computation;
    void *problem, *gradient;
    int calls; // in a round
    double seconds[ROUNDS];
    size_t bytes;
};

static volatile double sink;

static double call(struct contender *c) {
    if (c->computation == PRIMAL)
        return c->bench->primal(c->problem);
    if (c->computation == GENERATED)
        return c->bench->generated(c->problem, c->gradient);
    return c->bench->by_hand(c->problem, c->gradient);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double measure(struct contender *c, int calls) {
    double start = now();
    for (int i = 0; i < calls; i++)
        sink = call(c);
    return (now() - start) / calls;
}

static int order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double entry(const struct contender *c, size_t i) {
    return c->bench->element == sizeof(float)
               ? (double)((const float *)c->gradient)[i]
               : ((const double *)c->gradient)[i];
}

// Whether value and gradient are the reference's, to the tolerance.
static int agrees(const char *row, const struct contender *c, double value,
                  const struct contender *reference, double want) {
    size_t n = c->bench->outputs(c->problem);
    double largest = 0, tolerance = c->bench->tolerance;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(entry(reference, i)));
    int good = fabs(value - want) <= tolerance * fmax(1, fabs(want));
    if (!good)
        fprintf(stderr, "%s: %s: value %.17g, want %.17g\n", row,
                computations[c->computation], value, want);
    for (size_t i = 0; i < n && good && c->computation != PRIMAL; i++) {
        good = fabs(entry(c, i) - entry(reference, i)) <= tolerance * largest;
        if (!good)
            fprintf(stderr, "%s: %s: entry %zu is %.17g, want %.17g\n", row,
                    computations[c->computation], i, entry(c, i),
                    entry(reference, i));
    }
    return good;
}

// Checks it, weighs its memory and finds how many calls make a round.
static int prepare(const char *row, struct contender *c,
                   const struct contender *reference, double want,
                   double seconds) {
    memset(c->gradient, -1, c->bench->outputs(c->problem) * c->bench->element);
    held = most_held = 0;
    watching = 1;
    double value = call(c);
    watching = 0;
    c->bytes = most_held;
    if (!agrees(row, c, value, reference, want))
        return 0;
    double once = measure(c, 1);
    c->calls = once < seconds ? (int)(seconds / fmax(once, 1e-8)) : 1;
    return 1;
}

static int run_row(const struct bench *const *benches, int builds,
                   const struct bench_row *r, int rounds, int reported,
                   double seconds) {
    int count = builds * COMPUTATIONS, good = 1;
    struct contender *all = bench_allocate((size_t)count, sizeof *all);
    for (int i = 0; i < count; i++) {
        struct contender *c = &all[i];
        c->bench = benches[i / COMPUTATIONS];
        c->computation = i % COMPUTATIONS;
        c->problem = c->computation ? all[i - c->computation].problem
                                    : c->bench->make(r->sizes);
        c->gradient =
            bench_allocate(c->bench->outputs(c->problem), c->bench->element);
    }
    struct contender reference = all[BY_HAND];
    reference.gradient = bench_allocate(
        reference.bench->outputs(reference.problem), reference.bench->element);
    double want = call(&reference);
    for (int i = 0; i < count; i++)
        good &= prepare(r->name, &all[i], &reference, want, seconds);
    for (int k = 0; k < rounds && good; k++)
        for (int i = 0; i < count; i++)
            all[i].seconds[k] = measure(&all[i], all[i].calls);
    for (int i = 0; i < count && good; i++) {
        struct contender *c = &all[i];
        qsort(c->seconds, (size_t)rounds, sizeof *c->seconds, order);
        printf("%s\t%d\t%s\t%.9g\t%zu\n", r->name, i / COMPUTATIONS,
               computations[c->computation], c->seconds[reported], c->bytes);
    }
    fflush(stdout);
    for (int i = 0; i < count; i++)
        free(all[i].gradient);
    free(reference.gradient);
    free(all);
    return good;
}

int main(int argc, char **argv) {
    int rounds = argc > 5 ? atoi(argv[1]) : 0, builds = argc - 5;
    if (rounds < 1 || rounds > ROUNDS || builds > BUILDS)
        return 2;
    const struct bench *benches[BUILDS];
    for (int i = 0; i < builds; i++) {
        void *library = dlopen(argv[5 + i], RTLD_NOW | RTLD_LOCAL);
        benches[i] = library ? dlsym(library, "bench") : NULL;
        if (!benches[i]) {
            fprintf(stderr, "%s\n", dlerror());
            return 2;
        }
    }
    int good = 1, reported = strcmp(argv[3], "fastest") ? rounds / 2 : 0;
    const struct bench_row *row =
        strcmp(argv[4], "growing") ? benches[0]->rows : benches[0]->growing;
    for (; row && row->name; row++)
        good &= run_row(benches, builds, row, rounds, reported,
                        1e-3 * atof(argv[2]));
    return !good;
}

// ba_data.c - reads cameras, points and what was observed.
#include "ba_data.h"

#include "ba.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *path, const char *what) {
    fprintf(stderr, "%s: %s\n", path, what);
    exit(2);
}

static void *allocate(int n, size_t size) {
    void *memory = calloc((size_t)n + 1, size);
    if (memory == NULL)
        fail("bundle adjustment", "out of memory");
    return memory;
}

struct ba ba_new(int n, int m, int p) {
    struct ba ba = {.n = n, .m = m, .p = p};
    ba.parameters = n * BA_CAMERA_SIZE + 3 * m + p;
    ba.cameras = allocate(ba.parameters, sizeof *ba.cameras);
    ba.points = ba.cameras + n * BA_CAMERA_SIZE;
    ba.weights = ba.points + 3 * m;
    ba.observed = allocate(2 * p, sizeof *ba.observed);
    ba.features = allocate(2 * p, sizeof *ba.features);
    for (int i = 0; i < p; i++) {
        ba.observed[2 * i] = i % n;
        ba.observed[2 * i + 1] = i % m;
    }
    return ba;
}

// Reads size numbers, and repeats them until there are count such rows.
static void read_row(FILE *file, const char *path, int size, int count,
                     double *x) {
    for (int i = 0; i < size; i++)
        if (fscanf(file, "%lf", &x[i]) != 1)
            fail(path, "a number is missing");
    for (int i = 1; i < count; i++)
        memcpy(&x[i * size], x, (size_t)size * sizeof *x);
}

struct ba ba_read(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path, "cannot be opened");
    int n, m, p;
    if (fscanf(file, "%d %d %d", &n, &m, &p) != 3 || n < 1 || m < 1 || p < 1)
        fail(path, "no sizes");
    struct ba ba = ba_new(n, m, p);
    read_row(file, path, BA_CAMERA_SIZE, n, ba.cameras);
    read_row(file, path, 3, m, ba.points);
    read_row(file, path, 1, p, ba.weights);
    read_row(file, path, 2, p, ba.features);
    fclose(file);
    return ba;
}

void ba_free(struct ba *ba) {
    free(ba->cameras);
    free(ba->observed);
    free(ba->features);
}

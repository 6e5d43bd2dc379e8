// gmm_data.c - reads a mixture and its points.
#include "gmm_data.h"

#include "gmm.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *path, const char *what) {
    fprintf(stderr, "%s: %s\n", path, what);
    exit(2);
}

static double *read_doubles(FILE *file, const char *path, int n) {
    double *x = malloc((size_t)n * sizeof *x);
    if (x == NULL)
        fail(path, "out of memory");
    for (int i = 0; i < n; i++)
        if (fscanf(file, "%lf", &x[i]) != 1)
            fail(path, "a number is missing");
    return x;
}

struct gmm gmm_read(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path, "cannot be opened");
    struct gmm gmm;
    if (fscanf(file, "%d %d %d", &gmm.d, &gmm.k, &gmm.n) != 3 || gmm.d < 1 ||
        gmm.k < 1 || gmm.n < 1)
        fail(path, "no sizes");
    gmm.parameters = gmm.k * (1 + gmm.d + GMM_ICF_SIZE(gmm.d));
    gmm.alphas = read_doubles(file, path, gmm.parameters);
    gmm.means = gmm.alphas + gmm.k;
    gmm.icf = gmm.means + gmm.k * gmm.d;
    gmm.x = read_doubles(file, path, gmm.n * gmm.d);
    if (fscanf(file, "%lf %d", &gmm.gamma, &gmm.m) != 2)
        fail(path, "no prior");
    fclose(file);
    return gmm;
}

void gmm_free(struct gmm *gmm) {
    free(gmm->alphas);
    free(gmm->x);
}

// gmm_time.c - how many times the objective's time its gradient takes. Not a
// test. Compile it with the flags that are to be measured.
//
//     gmm_time FILE ...
#include "gmm.h"
#include "gmm_data.h"
#include "gmm_grad.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPETITIONS = 31 };

// What the optimiser cannot leave out.
static volatile double sink;

static double now(void) {
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double times[REPETITIONS]) {
    qsort(times, REPETITIONS, sizeof *times, by_size);
    return times[REPETITIONS / 2];
}

static void primal(const struct gmm *p) {
    sink = gmm_objective(p->d, p->k, p->n, p->alphas, p->means, p->icf, p->x,
                         p->gamma, p->m);
}

static void gradient(const struct gmm *p, double *g) {
    memset(g, 0, (size_t)p->parameters * sizeof *g);
    double *d_means = g + p->k;
    double *d_icf = d_means + p->k * p->d;
    sink = gmm_objective_grad(p->d, p->k, p->n, p->alphas, g, p->means, d_means,
                              p->icf, d_icf, p->x, p->gamma, p->m);
    sink = g[0];
}

// Primal and gradient in turn, so that both meet the same machine.
static void measure(const char *path) {
    struct gmm p = gmm_read(path);
    double *g = malloc((size_t)p.parameters * sizeof *g);
    if (g == NULL)
        exit(2);
    double primals[REPETITIONS], gradients[REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
        double start = now();
        primal(&p);
        double between = now();
        gradient(&p, g);
        gradients[i] = now() - between;
        primals[i] = between - start;
    }
    double f = median(primals), df = median(gradients);
    printf("d %d, k %d, n %d: primal %.3g ms, gradient %.3g ms, ratio %.2f\n",
           p.d, p.k, p.n, 1e3 * f, 1e3 * df, df / f);
    free(g);
    gmm_free(&p);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        measure(argv[i]);
    return argc > 1 ? 0 : 2;
}

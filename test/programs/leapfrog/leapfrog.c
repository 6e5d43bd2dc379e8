// Bodies under their mutual gravity, by the leapfrog method; particles are
// structs, their positions and velocities arrays in them.
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double x[3], v[3], a[3];
    double mass;
    int id;
} Particle;

static void accelerate(int n, Particle *p, double softening) {
    for (int i = 0; i < n; i++)
        for (int d = 0; d < 3; d++)
            p[i].a[d] = 0;
    for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
            double r[3], square = softening * softening;
            for (int d = 0; d < 3; d++) {
                r[d] = p[j].x[d] - p[i].x[d];
                square += r[d] * r[d];
            }
            double cube = square * sqrt(square);
            for (int d = 0; d < 3; d++) {
                p[i].a[d] += p[j].mass * r[d] / cube;
                p[j].a[d] -= p[i].mass * r[d] / cube;
            }
        }
    }
}

static void kick(Particle *p, double dt) {
    for (int d = 0; d < 3; d++)
        p->v[d] += dt * p->a[d];
}

static void drift(Particle *p, double dt) {
    for (int d = 0; d < 3; d++)
        p->x[d] += dt * p->v[d];
}

static double kinetic_energy(const Particle *p) {
    return 0.5 * p->mass *
           (p->v[0] * p->v[0] + p->v[1] * p->v[1] + p->v[2] * p->v[2]);
}

// The bodies' mean kinetic energy over the steps, plus the squared distance of
// the first one from where it started.
#pragma grad wrt(start, dt, softening)
#pragma grad forward wrt(start, dt, softening)
double orbit(int n, const Particle *start, int steps, double dt,
             double softening) {
    Particle *p = malloc((size_t)n * sizeof *p);
    if (!p)
        return 0;
    memcpy(p, start, (size_t)n * sizeof *p);
    double energy = 0;
    accelerate(n, p, softening);
    for (int s = 0; s < steps; s++) {
        for (Particle *q = p; q < p + n; q++) {
            kick(q, dt / 2);
            drift(q, dt);
        }
        accelerate(n, p, softening);
        for (Particle *q = p; q < p + n; q++) {
            kick(q, dt / 2);
            energy += kinetic_energy(q);
        }
    }
    double distance = 0;
    for (int d = 0; d < 3 && n > 0; d++)
        distance += pow(p[0].x[d] - start[0].x[d], 2);
    free(p);
    return energy / (steps + 1) + distance;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "program.h"

enum { MOST = 32, EACH = 7 };

typedef struct {
    int n, steps;
} Sizes;

// x: dt, softening, and each body's position, velocity and mass.
static Particle *unpack(int n, const double *x) {
    static Particle sets[4][MOST];
    static int next;
    Particle *p = sets[next++ % 4];
    memset(p, 0, sizeof sets[0]);
    for (int i = 0; i < n; i++) {
        memcpy(p[i].x, x + 2 + EACH * i, sizeof p[i].x);
        memcpy(p[i].v, x + 5 + EACH * i, sizeof p[i].v);
        p[i].mass = x[8 + EACH * i];
        p[i].id = i;
    }
    return p;
}

static double value(const double *x, void *sizes) {
    const Sizes *s = sizes;
    return orbit(s->n, unpack(s->n, x), s->steps, x[0], x[1]);
}

static double gradient(const double *x, double *g, void *sizes) {
    const Sizes *s = sizes;
    Particle *p = unpack(s->n, x), *d_p = unpack(s->n, g);
    double result =
        orbit_grad(s->n, p, d_p, s->steps, x[0], &g[0], x[1], &g[1]);
    for (int i = 0; i < s->n; i++) {
        memcpy(g + 2 + EACH * i, d_p[i].x, sizeof p->x);
        memcpy(g + 5 + EACH * i, d_p[i].v, sizeof p->v);
        g[8 + EACH * i] = d_p[i].mass;
        for (int d = 0; d < 3; d++)
            CHECK_TRUE(d_p[i].a[d] == 0);
        CHECK_TRUE(d_p[i].id == i);
    }
    return result;
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    return orbit_fwd(s->n, unpack(s->n, x), unpack(s->n, v), s->steps, x[0],
                     v[0], x[1], v[1], along);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {4};
    double x[2 + EACH * MOST] = {0.02, 0.3};
    rng_fill(&rng, EACH * MOST, x + 2, -1, 1);
    for (int i = 0; i < MOST; i++)
        x[8 + EACH * i] = rng_uniform(&rng, 0.1, 1);
    static const Sizes sizes[] = {{0, 2}, {1, 5}, {2, 0}, {2, 40}, {5, 21}};
    static const Sizes large[] = {{3, 2000}, {32, 100}};
    for (int k = 0; k < (argc > 1 ? 2 : 5); k++) {
        Sizes s = argc > 1 ? large[k] : sizes[k];
        program p = {"leapfrog", 2 + EACH * s.n, 1e-3, value,
                     gradient,   tangent,        &s};
        if (argc > 1)
            program_time(&p, x);
        else
            program_check(&p, x, &rng);
    }
    return argc > 1 ? 0 : check_done();
}
#endif

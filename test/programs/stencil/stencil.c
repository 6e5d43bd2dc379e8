// Heat in a plate whose conductivity varies, with a source that depends on the
// temperature; explicit steps between two buffers.
#include <math.h>
#include <stdlib.h>

// The flux between two neighbouring cells, from a to b.
static double flux(double conductivity_a, double conductivity_b, double a,
                   double b) {
    return 0.5 * (conductivity_a + conductivity_b) * (b - a);
}

// One step of size dt from `now` to `next`, both nx x ny. The boundary keeps
// its temperature.
static void step(int nx, int ny, const double *conductivity, double dt,
                 double heating, const double *now, double *next) {
    for (int j = 0; j < nx; j++) {
        next[j] = now[j];
        next[(ny - 1) * nx + j] = now[(ny - 1) * nx + j];
    }
    for (int i = 1; i < ny - 1; i++) {
        next[i * nx] = now[i * nx];
        for (int j = 1; j < nx - 1; j++) {
            int here = i * nx + j;
            const double *c = &conductivity[here], *u = &now[here];
            double sum = flux(c[0], c[-1], u[0], u[-1]) +
                         flux(c[0], c[1], u[0], u[1]) +
                         flux(c[0], c[-nx], u[0], u[-nx]) +
                         flux(c[0], c[nx], u[0], u[nx]);
            double source = heating * exp(-u[0] * u[0]);
            next[here] = u[0] + dt * (sum + source);
        }
        next[i * nx + nx - 1] = now[i * nx + nx - 1];
    }
}

// The squared distance from the wanted temperature after so many steps. The
// plate has at least one cell either way.
#pragma grad wrt(start, conductivity, heating)
#pragma grad forward wrt(start, conductivity, heating)
double plate(int nx, int ny, const double *start, const double *conductivity,
             double heating, int steps, double dt, double wanted) {
    size_t bytes = (size_t)(nx * ny) * sizeof(double);
    double *now = malloc(bytes), *next = malloc(bytes);
    if (now == NULL || next == NULL) {
        free(now);
        free(next);
        return -1;
    }
    for (int i = 0; i < nx * ny; i++)
        now[i] = start[i];
    for (int s = 0; s < steps; s++) {
        step(nx, ny, conductivity, dt, heating, now, next);
        double *swap = now;
        now = next;
        next = swap;
    }
    double sum = 0;
    for (int i = 0; i < nx * ny; i++)
        sum += (now[i] - wanted) * (now[i] - wanted);
    free(now);
    free(next);
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "program.h"

enum { CELLS = 256 * 256 };

typedef struct {
    int nx, ny, steps;
} Sizes;

static double value(const double *x, void *sizes) {
    const Sizes *s = sizes;
    const double *start = x + 1, *conductivity = start + s->nx * s->ny;
    return plate(s->nx, s->ny, start, conductivity, x[0], s->steps, 0.1, 0.3);
}

static double gradient(const double *x, double *g, void *sizes) {
    const Sizes *s = sizes;
    int n = s->nx * s->ny;
    return plate_grad(s->nx, s->ny, x + 1, g + 1, x + 1 + n, g + 1 + n, x[0],
                      &g[0], s->steps, 0.1, 0.3);
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    int n = s->nx * s->ny;
    return plate_fwd(s->nx, s->ny, x + 1, v + 1, x + 1 + n, v + 1 + n, x[0],
                     v[0], s->steps, 0.1, 0.3, along);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {6};
    static double x[1 + 2 * CELLS];
    rng_fill(&rng, 1 + 2 * CELLS, x, 0.1, 1);
    static const Sizes sizes[] = {{1, 1, 3}, {2, 1, 1}, {3, 3, 0},
                                  {3, 3, 1}, {5, 4, 8}, {4, 7, 21}};
    static const Sizes large[] = {{64, 64, 50}, {256, 256, 50}};
    for (int k = 0; k < (argc > 1 ? 2 : 6); k++) {
        Sizes s = argc > 1 ? large[k] : sizes[k];
        program p = {
            "stencil", 1 + 2 * s.nx * s.ny, 1e-2, value, gradient, tangent, &s};
        if (argc > 1)
            program_time(&p, x);
        else
            program_check(&p, x, &rng);
    }
    return argc > 1 ? 0 : check_done();
}
#endif

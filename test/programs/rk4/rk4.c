// How far the solution of a system of ordinary differential equations is from
// observations, by the classical Runge-Kutta method of four stages.
#include <math.h>

enum { MOST = 10 };

// Lorenz 1996: advection, damping, and a forcing that varies with time.
static void rate(int n, double t, const double *y, const double p[3],
                 double *dydt) {
    double forcing = p[0] + p[1] * sin(p[2] * t);
    for (int i = 0; i < n; i++) {
        int next = (i + 1) % n, last = (i + n - 1) % n;
        dydt[i] = (y[next] - y[(i + n - 2) % n]) * y[last] - y[i] + forcing;
    }
}

static void axpy(int n, double a, const double *x, const double *y,
                 double *out) {
    for (int i = 0; i < n; i++)
        out[i] = a * x[i] + y[i];
}

static void rk4_step(int n, double t, double h, const double p[3], double *y) {
    double k1[MOST], k2[MOST], k3[MOST], k4[MOST], stage[MOST];
    rate(n, t, y, p, k1);
    axpy(n, h / 2, k1, y, stage);
    rate(n, t + h / 2, stage, p, k2);
    axpy(n, h / 2, k2, y, stage);
    rate(n, t + h / 2, stage, p, k3);
    axpy(n, h, k3, y, stage);
    rate(n, t + h, stage, p, k4);
    for (int i = 0; i < n; i++)
        y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
}

// Half the squares of the differences from observed[steps / every][n], which
// were made after each `every` steps. n is at most MOST.
#pragma grad wrt(start, p, h)
#pragma grad forward wrt(start, p, h)
double misfit(int n, const double *start, const double p[3], int steps,
              double h, int every, const double *observed) {
    double y[MOST];
    for (int i = 0; i < n; i++)
        y[i] = start[i];
    double sum = 0, t = 0;
    for (int s = 1; s <= steps; s++) {
        rk4_step(n, t, h, p, y);
        t += h;
        if (s % every == 0) {
            for (int i = 0; i < n; i++) {
                double difference = y[i] - *observed++;
                sum += 0.5 * difference * difference;
            }
        }
    }
    return sum;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "program.h"

#define H 0.01 // x[3] is the step's length in this unit

enum { EVERY = 5, LONGEST = 5000 };

typedef struct {
    int n, steps;
} Sizes;

static double observed[LONGEST / EVERY * MOST];

static double value(const double *x, void *sizes) {
    const Sizes *s = sizes;
    return misfit(s->n, x + 4, x, s->steps, H * x[3], EVERY, observed);
}

static double gradient(const double *x, double *g, void *sizes) {
    const Sizes *s = sizes;
    double d_h = 0;
    double result = misfit_grad(s->n, x + 4, g + 4, x, g, s->steps, H * x[3],
                                &d_h, EVERY, observed);
    g[3] += H * d_h;
    return result;
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    return misfit_fwd(s->n, x + 4, v + 4, x, v, s->steps, H * x[3], H * v[3],
                      EVERY, observed, along);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {3};
    double x[4 + MOST] = {1.5, 0.5, 2, 1};
    rng_fill(&rng, MOST, x + 4, -1, 1);
    rng_fill(&rng, LONGEST / EVERY * MOST, observed, -1, 1);
    static const Sizes sizes[] = {{0, 3},  {1, 0},   {1, 17},
                                  {2, 30}, {4, 100}, {10, 63}};
    static const Sizes large[] = {{4, 5000}, {10, 5000}};
    for (int k = 0; k < (argc > 1 ? 2 : 6); k++) {
        Sizes s = argc > 1 ? large[k] : sizes[k];
        program p = {"rk4", 4 + s.n, 2e-3, value, gradient, tangent, &s};
        if (argc > 1)
            program_time(&p, x);
        else
            program_check(&p, x, &rng);
    }
    return argc > 1 ? 0 : check_done();
}
#endif

// hand_fit.c - fits the hand's pose to the measured points, by the method of
// Levenberg and Marquardt without a matrix: its linear equations are solved by
// conjugate gradients, which need only J'(J v), three lines below.
#include "hand_call.h"

#include "check.h"

enum { STEPS = 400, MOST = 1024 };

typedef struct fit {
    struct hand *p;
    int size; // residuals
    double errors[MOST], along[MOST];
} fit;

// out = J'(J v), by forward mode, then reverse mode with the result as weights.
static void gauss_newton(fit *f, const double *v, double *out) {
    memset(out, 0, (size_t)f->p->inputs * sizeof *out);
    hand_forward(f->p, v, f->errors, f->along);
    hand_reverse(f->p, out, f->errors, f->along);
}

// The sum of squares, halved, and its gradient J'r.
static double cost(fit *f, double *gradient) {
    double half = 0;
    hand_values(f->p, f->along);
    for (int i = 0; i < f->size; i++)
        half += 0.5 * f->along[i] * f->along[i];
    memset(gradient, 0, (size_t)f->p->inputs * sizeof *gradient);
    hand_reverse(f->p, gradient, f->errors, f->along);
    return half;
}

// (J'J + damping) step = -gradient, until the residual is small beside the
// gradient.
static void solve(fit *f, double damping, const double *gradient,
                  double *step) {
    enum { INPUTS = 256 };
    double r[INPUTS], d[INPUTS], product[INPUTS];
    int n = f->p->inputs;
    for (int i = 0; i < n; i++) {
        step[i] = 0;
        r[i] = d[i] = -gradient[i];
    }
    double old = check_dot(n, r, r), enough = 1e-16 * old;
    for (int k = 0; k < 4 * n && old > enough; k++) {
        gauss_newton(f, d, product);
        for (int i = 0; i < n; i++)
            product[i] += damping * d[i];
        double length = old / check_dot(n, d, product);
        for (int i = 0; i < n; i++) {
            step[i] += length * d[i];
            r[i] -= length * product[i];
        }
        double now = check_dot(n, r, r);
        for (int i = 0; i < n; i++)
            d[i] = r[i] + now / old * d[i];
        old = now;
    }
}

static void take(struct hand *p, const double *step, double factor) {
    for (int i = 0; i < p->inputs; i++)
        p->pose[i] += factor * step[i];
}

// Against the matrix, column by column.
static void check_product(fit *f, struct rng *rng) {
    enum { INPUTS = 256 };
    static double columns[INPUTS][MOST];
    double v[INPUTS], unit[INPUTS] = {0}, got[INPUTS], along[MOST] = {0};
    int n = f->p->inputs;
    rng_fill(rng, n, v, -1, 1);
    for (int k = 0; k < n; k++) {
        unit[k] = 1;
        hand_forward(f->p, unit, f->errors, columns[k]);
        unit[k] = 0;
        for (int i = 0; i < f->size; i++)
            along[i] += columns[k][i] * v[k];
    }
    gauss_newton(f, v, got);
    double largest = 0;
    for (int k = 0; k < n; k++)
        largest = fmax(largest, fabs(got[k]));
    for (int k = 0; k < n; k++)
        CHECK_NEAR(got[k], check_dot(f->size, columns[k], along),
                   1e-12 * largest);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: hand_fit FOLDER FILE\n");
        return 2;
    }
    struct rng rng = {1};
    struct hand p = hand_read(argv[1], argv[2]);
    static fit f;
    double gradient[256], tried[256], step[256], damping = 1e-3;
    f.p = &p;
    f.size = 3 * p.n;
    CHECK_TRUE(f.size <= MOST && p.inputs <= 256);
    check_product(&f, &rng);
    double first = cost(&f, gradient), now = first, norm = 0;
    double start = sqrt(check_dot(p.inputs, gradient, gradient));
    for (int k = 0; k < STEPS; k++) {
        solve(&f, damping, gradient, step);
        take(&p, step, 1);
        double next = cost(&f, tried);
        if (next < now) {
            now = next;
            memcpy(gradient, tried, sizeof gradient);
            damping *= 0.2;
        } else {
            take(&p, step, -1);
            damping *= 4;
        }
        norm = sqrt(check_dot(p.inputs, gradient, gradient));
        if (norm < 1e-6 * start)
            break;
    }
    printf("half the sum of squares %g -> %g, gradient %g -> %g\n", first, now,
           start, norm);
    CHECK_TRUE(now < 0.95 * first);
    CHECK_TRUE(norm < 1e-5 * start);
    hand_free(&p);
    return check_done();
}

// The Kalman filter's log-likelihood by the model's matrices and by the
// measurements.
//
// primal: ../../programs/kalman/kalman.c
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

enum { N = 4, M = 2, MODEL = sizeof(struct model) / sizeof(double) };

double log_likelihood(const struct model *model, int n, const double *z);

struct problem {
    int n;
    struct model model;
    double *z;
};

static void *make(const int *sizes) {
    unsigned long long s = 14;
    struct problem *p = bench_allocate(1, sizeof *p);
    p->n = sizes[0];
    struct model *m = &p->model;
    double *numbers = bench_doubles(&s, MODEL, -0.2, 0.2);
    memcpy(m, numbers, sizeof *m);
    free(numbers);
    for (int i = 0; i < N; i++) {
        m->f[i * N + i] += 0.7;
        m->q[i * N + i] += 1;
        m->p[i * N + i] += 2;
    }
    for (int i = 0; i < M; i++) {
        m->h[i * N + i] += 1;
        m->r[i * M + i] += 1;
    }
    p->z = bench_doubles(&s, M * (size_t)p->n, -1, 1);
    return p;
}

static size_t outputs(const void *problem) {
    return MODEL + M * (size_t)((const struct problem *)problem)->n;
}

static double primal(void *problem) {
    struct problem *p = problem;
    return log_likelihood(&p->model, p->n, p->z);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    struct model *d_model = gradient;
    memset(gradient, 0, outputs(p) * sizeof(double));
    return log_likelihood_grad(&p->model, d_model, p->n, p->z,
                               (double *)gradient + MODEL);
}

// All of one measurement: x and p before, x and p predicted, h p, the
// innovation v, and S^-1 times 1, h p and v.
struct step {
    double x[N], p[N][N], fp[N][N], mean[N], spread[N][N], hp[M][N];
    double v[M], inverse[M][M], gain[M][N], w[M];
};

// From s->x and s->p; sets those of the next one. Returns what is added.
static double step_forward(const struct model *restrict m,
                           const double *restrict z, struct step *restrict s,
                           struct step *restrict next) {
    const double(*f)[N] = (const double(*)[N])m->f, *q = m->q, *r = m->r;
    const double(*h)[N] = (const double(*)[N])m->h;
    double cov[M][M];
    for (int i = 0; i < N; i++) {
        double sum = 0, row[N] = {0};
        for (int k = 0; k < N; k++) {
            sum += f[i][k] * s->x[k];
            for (int j = 0; j < N; j++)
                row[j] += f[i][k] * s->p[k][j];
        }
        s->mean[i] = sum;
        memcpy(s->fp[i], row, sizeof row);
        for (int j = 0; j < N; j++) {
            double entry = q[i * N + j];
            for (int k = 0; k < N; k++)
                entry += row[k] * f[j][k];
            s->spread[i][j] = entry;
        }
    }
    for (int i = 0; i < M; i++) {
        double v = z[i], row[N] = {0};
        for (int k = 0; k < N; k++) {
            v -= h[i][k] * s->mean[k];
            for (int j = 0; j < N; j++)
                row[j] += h[i][k] * s->spread[k][j];
        }
        s->v[i] = v;
        memcpy(s->hp[i], row, sizeof row);
        for (int j = 0; j < M; j++) {
            double entry = r[i * M + j];
            for (int k = 0; k < N; k++)
                entry += row[k] * h[j][k];
            cov[i][j] = entry;
        }
    }
    double det = cov[0][0] * cov[1][1] - cov[0][1] * cov[1][0];
    double over = 1 / det, square = 0;
    s->inverse[0][0] = cov[1][1] * over;
    s->inverse[0][1] = -cov[0][1] * over;
    s->inverse[1][0] = -cov[1][0] * over;
    s->inverse[1][1] = cov[0][0] * over;
    for (int i = 0; i < M; i++) {
        double a = s->inverse[i][0], b = s->inverse[i][1];
        for (int j = 0; j < N; j++)
            s->gain[i][j] = a * s->hp[0][j] + b * s->hp[1][j];
        s->w[i] = a * s->v[0] + b * s->v[1];
        square += s->v[i] * s->w[i];
    }
    for (int j = 0; j < N; j++) {
        double a = s->gain[0][j], b = s->gain[1][j];
        next->x[j] = s->mean[j] + a * s->v[0] + b * s->v[1];
        for (int k = 0; k < N; k++)
            next->p[j][k] = s->spread[j][k] - a * s->hp[0][k] - b * s->hp[1][k];
    }
    return -0.5 * (M * 1.83787706640934548356 + log(fabs(det)) + square);
}

// d_x and d_p are the adjoints of x and p after the step; then before it.
static void step_back(const struct model *restrict m,
                      const struct step *restrict s, double *restrict d_x,
                      double (*restrict d_p)[N], struct model *restrict d,
                      double *restrict d_z) {
    const double(*f)[N] = (const double(*)[N])m->f;
    const double(*h)[N] = (const double(*)[N])m->h;
    double d_hp[M][N], d_both[M][N + 1], d_cov[M][M], d_v[M];
    for (int i = 0; i < M; i++) {
        double along = 0;
        memset(d_hp[i], 0, sizeof d_hp[i]);
        for (int j = 0; j < N; j++) {
            double sum = 0;
            along += s->gain[i][j] * d_x[j];
            for (int k = 0; k < N; k++) {
                sum += d_p[j][k] * s->hp[i][k];
                d_hp[i][k] -= s->gain[i][j] * d_p[j][k];
            }
            d_both[i][j] = s->v[i] * d_x[j] - sum;
        }
        d_v[i] = along - 0.5 * s->w[i];
        d_both[i][N] = -0.5 * s->v[i];
    }
    for (int i = 0; i < M; i++) {
        double back[N + 1];
        for (int j = 0; j <= N; j++)
            back[j] = s->inverse[0][i] * d_both[0][j] +
                      s->inverse[1][i] * d_both[1][j];
        for (int j = 0; j < M; j++) {
            double sum = back[N] * s->w[j] + 0.5 * s->inverse[j][i];
            for (int k = 0; k < N; k++)
                sum += back[k] * s->gain[j][k];
            d_cov[i][j] = -sum;
            d->r[i * M + j] -= sum;
        }
        for (int j = 0; j < N; j++)
            d_hp[i][j] += back[j];
        d_v[i] += back[N];
    }
    for (int i = 0; i < M; i++) {
        d_z[i] += d_v[i];
        for (int k = 0; k < N; k++)
            d_hp[i][k] += d_cov[i][0] * h[0][k] + d_cov[i][1] * h[1][k];
    }
    for (int i = 0; i < M; i++)
        for (int k = 0; k < N; k++) {
            double sum = d_cov[0][i] * s->hp[0][k] + d_cov[1][i] * s->hp[1][k] -
                         d_v[i] * s->mean[k];
            for (int j = 0; j < N; j++)
                sum += d_hp[i][j] * s->spread[k][j];
            d->h[i * N + k] += sum;
        }
    double d_fp[N][N];
    for (int k = 0; k < N; k++) {
        d_x[k] -= h[0][k] * d_v[0] + h[1][k] * d_v[1];
        for (int j = 0; j < N; j++) {
            d_p[k][j] += h[0][k] * d_hp[0][j] + h[1][k] * d_hp[1][j];
            d->q[k * N + j] += d_p[k][j];
        }
    }
    for (int i = 0; i < N; i++) {
        double row[N] = {0};
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k++)
                row[k] += d_p[i][j] * f[j][k];
        memcpy(d_fp[i], row, sizeof row);
    }
    double before[N] = {0}, d_before[N][N] = {{0}};
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            double sum = d_x[i] * s->x[k];
            for (int j = 0; j < N; j++)
                sum += d_p[j][i] * s->fp[j][k] + d_fp[i][j] * s->p[k][j];
            d->f[i * N + k] += sum;
            before[k] += f[i][k] * d_x[i];
            for (int j = 0; j < N; j++)
                d_before[k][j] += f[i][k] * d_fp[i][j];
        }
    memcpy(d_x, before, sizeof before);
    memcpy(d_p, d_before, sizeof d_before);
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    struct model *d = gradient;
    double *d_z = (double *)gradient + MODEL, sum = 0;
    memset(gradient, 0, outputs(p) * sizeof(double));
    struct step *steps = malloc((size_t)(p->n + 1) * sizeof *steps);
    memcpy(steps->x, p->model.x, sizeof steps->x);
    memcpy(steps->p, p->model.p, sizeof steps->p);
    for (int t = 0; t < p->n; t++)
        sum += step_forward(&p->model, p->z + M * t, steps + t, steps + t + 1);
    for (int t = p->n - 1; t >= 0; t--)
        step_back(&p->model, steps + t, d->x, (double(*)[N])d->p, d,
                  d_z + M * t);
    free(steps);
    return sum;
}

static const struct bench_row rows[] = {{"Kalman, 1k measurements", {1000}},
                                        {0}};

static const struct bench_row growing[] = {
    {"Kalman, 10 measurements", {10}},
    {"Kalman, 100 measurements", {100}},
    {"Kalman, 1k measurements", {1000}},
    {"Kalman, 10k measurements", {10000}},
    {0}};

const struct bench bench = {rows,   sizeof(double), 1e-9,    make,   outputs,
                            primal, generated,      by_hand, growing};

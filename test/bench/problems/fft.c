// A loss on a spectrum. By hand: the transform is linear, and its transpose is
// the inverse one, so that nothing is kept but the spectrum.
//
// primal: ../../programs/fft/fft.c
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

#define PI 3.14159265358979323846

double spectral_loss(int n, const double *re, const double *im,
                     const double *window, const double *target);

struct problem {
    int n;
    double *x, *target;
};

static void *make(const int *sizes) {
    unsigned long long s = 11;
    struct problem *p = bench_allocate(1, sizeof *p);
    p->n = sizes[0];
    p->x = bench_doubles(&s, 3 * (size_t)p->n, -1, 1);
    p->target = bench_doubles(&s, (size_t)p->n, 0, 2);
    return p;
}

static size_t outputs(const void *problem) {
    return 3 * (size_t)((const struct problem *)problem)->n;
}

static double primal(void *problem) {
    struct problem *p = problem;
    int n = p->n;
    return spectral_loss(n, p->x, p->x + n, p->x + 2 * n, p->target);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *g = gradient;
    int n = p->n;
    memset(g, 0, outputs(p) * sizeof *g);
    return spectral_loss_grad(n, p->x, g, p->x + n, g + n, p->x + 2 * n,
                              g + 2 * n, p->target);
}

// In place; the sine's sign is the transform's direction.
static void fft(int n, double *restrict re, double *restrict im,
                const double *restrict cosine, const double *restrict sine,
                double sign) {
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i], u = im[i];
            re[i] = re[j];
            im[i] = im[j];
            re[j] = t;
            im[j] = u;
        }
    }
    for (int half = 1; half < n; half *= 2) {
        int stride = n / (2 * half);
        for (int start = 0; start < n; start += 2 * half)
            for (int k = 0; k < half; k++) {
                double wr = cosine[k * stride], wi = sign * sine[k * stride];
                int a = start + k, b = a + half;
                double tr = wr * re[b] - wi * im[b];
                double ti = wr * im[b] + wi * re[b];
                re[b] = re[a] - tr;
                im[b] = im[a] - ti;
                re[a] += tr;
                im[a] += ti;
            }
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int n = p->n;
    const double *re = p->x, *im = re + n, *window = im + n;
    double *g = gradient, *d_re = g, *d_im = g + n, *d_window = g + 2 * n;
    double *xr = malloc(3 * (size_t)n * sizeof *xr), *xi = xr + n;
    double *cosine = xr + 2 * n, *sine = cosine + n / 2, loss = 0;
    for (int k = 0; k < n / 2; k++) {
        cosine[k] = cos(2 * PI * k / n);
        sine[k] = sin(2 * PI * k / n);
    }
    for (int i = 0; i < n; i++) {
        xr[i] = window[i] * re[i];
        xi[i] = window[i] * im[i];
    }
    fft(n, xr, xi, cosine, sine, -1);
    for (int k = 0; k < n; k++) {
        double power = (xr[k] * xr[k] + xi[k] * xi[k]) / n;
        double difference = log1p(power) - p->target[k];
        double weight = 4 * difference / ((1 + power) * n);
        loss += difference * difference;
        xr[k] *= weight;
        xi[k] *= weight;
    }
    fft(n, xr, xi, cosine, sine, 1);
    for (int i = 0; i < n; i++) {
        d_re[i] = xr[i] * window[i];
        d_im[i] = xi[i] * window[i];
        d_window[i] = xr[i] * re[i] + xi[i] * im[i];
    }
    free(xr);
    return loss;
}

static const struct bench_row rows[] = {{"FFT, 4k", {4096}}, {0}};

const struct bench bench = {rows,    sizeof(double), 1e-9,      make,
                            outputs, primal,         generated, by_hand};

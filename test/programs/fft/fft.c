// A loss on the spectrum of a windowed complex signal, by the radix-2 fast
// Fourier transform: in place, bit reversal, a table of twiddle factors.
#include <math.h>
#include <stdlib.h>

#define PI 3.14159265358979323846

static void swap(double *a, double *b) {
    double t = *a;
    *a = *b;
    *b = t;
}

static void bit_reverse(int n, double *re, double *im) {
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            swap(&re[i], &re[j]);
            swap(&im[i], &im[j]);
        }
    }
}

// In place; n is a power of two, and cosine and sine hold n/2 roots of unity.
static void fft(int n, double *re, double *im, const double *cosine,
                const double *sine) {
    bit_reverse(n, re, im);
    for (int length = 2; length <= n; length <<= 1) {
        int half = length / 2, stride = n / length;
        for (int start = 0; start < n; start += length) {
            for (int k = 0; k < half; k++) {
                double wr = cosine[k * stride], wi = -sine[k * stride];
                int upper = start + k, lower = upper + half;
                double tr = wr * re[lower] - wi * im[lower];
                double ti = wr * im[lower] + wi * re[lower];
                re[lower] = re[upper] - tr;
                im[lower] = im[upper] - ti;
                re[upper] += tr;
                im[upper] += ti;
            }
        }
    }
}

// The distance, in decibels or so, between the power spectrum of window * (re
// + i im) and a target.
#pragma grad wrt(re, im, window)
#pragma grad forward wrt(re, im, window)
double spectral_loss(int n, const double *re, const double *im,
                     const double *window, const double *target) {
    double *work = malloc(2 * (size_t)n * sizeof(double));
    double *table = malloc((size_t)n * sizeof(double));
    if (!work || !table) {
        free(work);
        free(table);
        return 0;
    }
    double *xr = work, *xi = work + n, *cosine = table, *sine = table + n / 2;
    for (int k = 0; k < n / 2; k++) {
        cosine[k] = cos(2 * PI * k / n);
        sine[k] = sin(2 * PI * k / n);
    }
    for (int i = 0; i < n; i++) {
        xr[i] = window[i] * re[i];
        xi[i] = window[i] * im[i];
    }

    fft(n, xr, xi, cosine, sine);

    double loss = 0;
    for (int k = 0; k < n; k++) {
        double power = (xr[k] * xr[k] + xi[k] * xi[k]) / n;
        double difference = log1p(power) - target[k];
        loss += difference * difference;
    }
    free(work);
    free(table);
    return loss;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "program.h"

typedef struct {
    int n;
    const double *target;
} Sizes;

static double value(const double *x, void *sizes) {
    const Sizes *s = sizes;
    return spectral_loss(s->n, x, x + s->n, x + 2 * s->n, s->target);
}

static double gradient(const double *x, double *g, void *sizes) {
    const Sizes *s = sizes;
    int n = s->n;
    return spectral_loss_grad(n, x, g, x + n, g + n, x + 2 * n, g + 2 * n,
                              s->target);
}

static double tangent(const double *x, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    int n = s->n;
    return spectral_loss_fwd(n, x, v, x + n, v + n, x + 2 * n, v + 2 * n,
                             s->target, along);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {1};
    static double x[3 * 65536], target[65536];
    rng_fill(&rng, 3 * 65536, x, -1, 1);
    rng_fill(&rng, 65536, target, 0, 2);
    if (argc > 1) {
        for (int n = 1024; n <= 65536; n *= 8)
            program_time(&(program){"fft", 3 * n, 0, value, gradient, tangent,
                                    &(Sizes){n, target}},
                         x);
        return 0;
    }

    // The transform itself, against its definition: a unit impulse at 1.
    double impulse[3][8] = {{0, 1}, {0}, {1, 1, 1, 1, 1, 1, 1, 1}};
    double flat[8] = {0};
    double level = log1p(1. / 8);
    CHECK_CLOSE(spectral_loss(8, impulse[0], impulse[1], impulse[2], flat),
                8 * level * level, 1e-14);

    for (int n = 1; n <= 64; n *= 2)
        program_check(&(program){"fft", 3 * n, 1e-2, value, gradient, tangent,
                                 &(Sizes){n, target}},
                      x, &rng);
    CHECK_BITS(gradient(x, target, &(Sizes){0, target}), 0);
    return check_done();
}
#endif

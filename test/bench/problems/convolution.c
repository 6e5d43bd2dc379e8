// A layer of a network: each image of the result is the sum of all images of
// the input, each convolved with a small kernel, plus a bias.

enum { TAPS = 3 };

#pragma grad wrt(in, kernels, bias) of(out)
void convolve(int from, int to, int height, int width, const float *in,
              const float *kernels, const float *bias, float *out) {
    int wide = width + TAPS - 1, tall = height + TAPS - 1;
    for (int o = 0; o < to; o++) {
        float *result = out + o * height * width;
        for (int i = 0; i < height * width; i++)
            result[i] = bias[o];
        for (int c = 0; c < from; c++) {
            const float *image = in + c * tall * wide;
            const float *kernel = kernels + (o * from + c) * TAPS * TAPS;
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) {
                    float sum = 0;
                    for (int i = 0; i < TAPS; i++)
                        for (int j = 0; j < TAPS; j++)
                            sum += kernel[i * TAPS + j] *
                                   image[(y + i) * wide + x + j];
                    result[y * width + x] += sum;
                }
        }
    }
}

#ifdef BENCH
#include "bench.h"
#include GENERATED_HEADER

struct problem {
    int from, to, height, width;
    float *in, *kernels, *bias, *out, *weight, *d_out;
};

static size_t in_size(const struct problem *p) {
    return (size_t)(p->from * (p->height + TAPS - 1) * (p->width + TAPS - 1));
}

static size_t out_size(const struct problem *p) {
    return (size_t)(p->to * p->height * p->width);
}

static size_t kernel_size(const struct problem *p) {
    return (size_t)(p->from * p->to * TAPS * TAPS);
}

static void *make(const int *sizes) {
    unsigned long long s = 15;
    struct problem *p = bench_allocate(1, sizeof *p);
    *p = (struct problem){sizes[0], sizes[1], sizes[2], sizes[3]};
    p->in = bench_floats(&s, in_size(p), -1, 1);
    p->kernels = bench_floats(&s, kernel_size(p), -1, 1);
    p->bias = bench_floats(&s, (size_t)p->to, -1, 1);
    p->weight = bench_floats(&s, out_size(p), -1, 1);
    p->out = bench_allocate(out_size(p), sizeof(float));
    p->d_out = bench_allocate(out_size(p), sizeof(float));
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return in_size(p) + kernel_size(p) + (size_t)p->to;
}

static double primal(void *problem) {
    struct problem *p = problem;
    convolve(p->from, p->to, p->height, p->width, p->in, p->kernels, p->bias,
             p->out);
    return p->out[1];
}

static void begin(struct problem *p, float *g) {
    memset(g, 0, outputs(p) * sizeof *g);
    memcpy(p->d_out, p->weight, out_size(p) * sizeof *g);
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    float *d_in = gradient, *d_kernels = d_in + in_size(p);
    begin(p, d_in);
    convolve_grad(p->from, p->to, p->height, p->width, p->in, d_in, p->kernels,
                  d_kernels, p->bias, d_kernels + kernel_size(p), p->out,
                  p->d_out);
    return p->out[1];
}

// One image's part in a row of one image of the result, and what comes back
// from there.
static void row_by_hand(int width, int wide, const float *restrict image,
                        const float *restrict kernel, float *restrict out,
                        const float *restrict d_out, float *restrict d_image,
                        float *restrict d_kernel) {
    for (int i = 0; i < TAPS; i++) {
        const float *in = image + i * wide, *k = kernel + i * TAPS;
        float *d_in = d_image + i * wide;
        for (int x = 0; x < width; x++)
            out[x] += k[0] * in[x] + k[1] * in[x + 1] + k[2] * in[x + 2];
        d_in[0] += k[0] * d_out[0];
        d_in[1] += k[0] * d_out[1] + k[1] * d_out[0];
        for (int x = 2; x < width; x++)
            d_in[x] +=
                k[0] * d_out[x] + k[1] * d_out[x - 1] + k[2] * d_out[x - 2];
        d_in[width] += k[1] * d_out[width - 1] + k[2] * d_out[width - 2];
        d_in[width + 1] += k[2] * d_out[width - 1];
        float s0 = 0, s1 = 0, s2 = 0;
        for (int x = 0; x < width; x++) {
            s0 += d_out[x] * in[x];
            s1 += d_out[x] * in[x + 1];
            s2 += d_out[x] * in[x + 2];
        }
        d_kernel[i * TAPS] += s0;
        d_kernel[i * TAPS + 1] += s1;
        d_kernel[i * TAPS + 2] += s2;
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    int area = p->height * p->width, wide = p->width + TAPS - 1;
    int image = (p->height + TAPS - 1) * wide;
    float *d_in = gradient, *d_kernels = d_in + in_size(p);
    float *d_bias = d_kernels + kernel_size(p);
    begin(p, d_in);
    for (int o = 0; o < p->to; o++) {
        float *out = p->out + o * area, sum = 0;
        const float *d_out = p->d_out + o * area;
        for (int i = 0; i < area; i++) {
            out[i] = p->bias[o];
            sum += d_out[i];
        }
        d_bias[o] += sum;
        for (int c = 0; c < p->from; c++) {
            int at = (o * p->from + c) * TAPS * TAPS;
            for (int y = 0; y < p->height; y++)
                row_by_hand(p->width, wide, p->in + c * image + y * wide,
                            p->kernels + at, out + y * p->width,
                            d_out + y * p->width, d_in + c * image + y * wide,
                            d_kernels + at);
        }
    }
    return p->out[1];
}

static const struct bench_row rows[] = {
    {"convolution, 8 x 64 x 64", {8, 8, 64, 64}}, {0}};

const struct bench bench = {rows,    sizeof(float), 1e-4,      make,
                            outputs, primal,        generated, by_hand};
#endif

// matrix.h - a linear layer of a network and its adjoint, written by hand for
// the gradients by hand: plain loops, tiled so that few numbers are loaded for
// each product, and vectorised without another order of additions.
#ifndef BENCH_MATRIX_H
#define BENCH_MATRIX_H

#include <stddef.h>

// The rows that share what is loaded, the numbers beside one another, and the
// rows that stay in the cache.
enum { MATRIX_TILE = 4, MATRIX_LANES = 16, MATRIX_BLOCK = 16 };

// Of `tile` rows of x the products with one row of w.
static inline void matrix_dots(int tile, int from, const float *restrict x,
                               const float *restrict w, float *restrict dots) {
    float sums[MATRIX_TILE][MATRIX_LANES] = {{0}};
    int i = 0;
    for (; i + MATRIX_LANES <= from; i += MATRIX_LANES)
        for (int t = 0; t < tile; t++)
            for (int l = 0; l < MATRIX_LANES; l++)
                sums[t][l] += w[i + l] * x[t * from + i + l];
    for (int t = 0; t < tile; t++) {
        float sum = 0;
        for (int l = 0; l < MATRIX_LANES; l++)
            sum += sums[t][l];
        for (int k = i; k < from; k++)
            sum += w[k] * x[t * from + k];
        dots[t] = sum;
    }
}

// y[rows][to] = x[rows][from] w[to][from]' + b[to]; no bias where b is null.
static inline void matrix_forward(int rows, int from, int to,
                                  const float *restrict x,
                                  const float *restrict w,
                                  const float *restrict b, float *restrict y) {
    for (int r = 0; r < rows; r += MATRIX_TILE)
        for (int o = 0; o < to; o++) {
            float dots[MATRIX_TILE];
            const float *in = x + r * from, *row = w + o * from;
            int tile = rows - r < MATRIX_TILE ? rows - r : MATRIX_TILE;
            if (tile == MATRIX_TILE)
                matrix_dots(MATRIX_TILE, from, in, row, dots);
            else
                matrix_dots(tile, from, in, row, dots);
            for (int t = 0; t < tile; t++)
                y[(r + t) * to + o] = dots[t] + (b ? b[o] : 0);
        }
}

// The same rows of in times as many coefficients for each row of out.
static inline void matrix_add_rows(int n, int many, int from,
                                   const float *restrict a, int next, int step,
                                   const float *restrict in,
                                   float *restrict out) {
    for (int j = 0; j < n; j++) {
        float *to = out + j * from;
        const float *c = a + j * next;
        int k = 0;
        for (; k + MATRIX_TILE <= many; k += MATRIX_TILE) {
            const float *r0 = in + k * from, *r1 = r0 + from;
            const float *r2 = r1 + from, *r3 = r2 + from;
            float c0 = c[k * step], c1 = c[(k + 1) * step];
            float c2 = c[(k + 2) * step], c3 = c[(k + 3) * step];
            for (int i = 0; i < from; i++)
                to[i] += c0 * r0[i] + c1 * r1[i] + c2 * r2[i] + c3 * r3[i];
        }
        for (; k < many; k++)
            for (int i = 0; i < from; i++)
                to[i] += c[k * step] * in[k * from + i];
    }
}

// out[j] += the sum over k of a[j * next + k * step] in[k], for rows j < n of
// out and k < many of in, each of `from` numbers; as many rows of in at a time
// as the cache holds.
static inline void matrix_accumulate(int n, int many, int from,
                                     const float *restrict a, int next,
                                     int step, const float *restrict in,
                                     float *restrict out) {
    for (int k = 0; k < many; k += MATRIX_BLOCK)
        matrix_add_rows(n, many - k < MATRIX_BLOCK ? many - k : MATRIX_BLOCK,
                        from, a + k * step, next, step, in + k * from, out);
}

// Adds to the adjoints; d_b and b may be null.
static inline void matrix_back(int rows, int from, int to,
                               const float *restrict x, const float *restrict w,
                               const float *restrict d_y, float *restrict d_x,
                               float *restrict d_w, float *restrict d_b) {
    matrix_accumulate(rows, to, from, d_y, to, 1, w, d_x);
    matrix_accumulate(to, rows, from, d_y, 1, to, x, d_w);
    for (int r = 0; d_b && r < rows; r++)
        for (int o = 0; o < to; o++)
            d_b[o] += d_y[r * to + o];
}

#endif

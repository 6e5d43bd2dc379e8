// ba_sparse.c - the whole Jacobian of bundle adjustment, sparse: an observation
// is in the rows of its camera, its point and its weight.
//
//     ba_sparse FILE ...     compares it with one camera, point and weight at a
//                            time
//     ba_sparse time FILE    measures it
#include "ba.h"

// clang-format off
#pragma grad jacobian sparse wrt(cameras[0:11*n], points[0:3*m], weights[0:p]) \
    of(errors[0:2*p], weight_errors[0:p])
// clang-format on
void ba_all(int n, int m, int p, const double *cameras, const double *points,
            const double *weights, const int *observed, const double *features,
            double *errors, double *weight_errors) {
    (void)n, (void)m; // they tell the lengths
    ba_residuals(p, cameras, points, weights, observed, features, errors,
                 weight_errors);
}

#ifdef TEST_MAIN
#include "ba_data.h"
#include "ba_grad.h"
#include "ba_sparse_grad.h"

#include "check.h"
#include "stopwatch.h"

typedef struct Problem {
    struct ba ba;
    double *residuals;
    GradSparse jac;
} Problem;

static void evaluate(void *context) {
    Problem *p = context;
    const struct ba *ba = &p->ba;
    ba_all_jac(ba->n, ba->m, ba->p, ba->cameras, ba->points, ba->weights,
               ba->observed, ba->features, p->residuals,
               p->residuals + 2 * ba->p, &p->jac);
}

static void begin_anew(void *context) {
    Problem *p = context;
    grad_sparse_free(&p->jac);
    evaluate(p);
}

static void primal(void *context) {
    Problem *p = context;
    const struct ba *ba = &p->ba;
    ba_residuals(ba->p, ba->cameras, ba->points, ba->weights, ba->observed,
                 ba->features, p->residuals, p->residuals + 2 * ba->p);
}

static bool is_row(const GradSparse *jac, int row, int count,
                   const int *columns) {
    int first = jac->row_start[row];
    bool right = jac->row_start[row + 1] - first == count;
    for (int k = 0; right && k < count; k++)
        right = jac->column[first + k] == columns[k];
    return right;
}

// The rows of one observation, by the small Jacobian. The principal point's
// other coordinate is in neither.
static void check_observation(const struct ba *ba, const GradSparse *jac,
                              int i) {
    double error[2], small[2 * 15];
    int camera = ba->observed[2 * i], point = ba->observed[2 * i + 1];
    int weight = 11 * ba->n + 3 * ba->m + i;
    ba_reprojection_error_jac(&ba->cameras[camera * BA_CAMERA_SIZE],
                              &ba->points[point * 3], &ba->weights[i],
                              &ba->features[2 * i], error, small);
    for (int r = 0; r < 2; r++) {
        int columns[15], count = 0;
        double values[15];
        for (int k = 0; k < 15; k++) {
            if (k == BA_PRINCIPAL + 1 - r)
                continue;
            values[count] = small[15 * r + k];
            columns[count++] = k < 11   ? camera * 11 + k
                               : k < 14 ? 11 * ba->n + 3 * point + k - 11
                                        : weight;
        }
        CHECK_TRUE(is_row(jac, 2 * i + r, count, columns));
        CHECK_ARRAY(count, &jac->value[jac->row_start[2 * i + r]], values,
                    1e-10);
    }
    CHECK_TRUE(is_row(jac, 2 * ba->p + i, 1, &weight));
    CHECK_CLOSE(jac->value[jac->row_start[2 * ba->p + i]], -2 * ba->weights[i],
                1e-15);
}

static void compare(Problem *p) {
    const struct ba *ba = &p->ba;
    evaluate(p);
    for (int i = 0; i < ba->p; i++)
        check_observation(ba, &p->jac, i);
    printf("%d by %d, %d entries, %d colors\n", p->jac.rows, p->jac.columns,
           p->jac.entries, p->jac.colors);
    // Another observation is another pattern.
    ba->observed[0] = 1;
    evaluate(p);
    check_observation(ba, &p->jac, 0);
    check_observation(ba, &p->jac, ba->p - 1);
}

int main(int argc, char **argv) {
    bool time = argc > 1 && strcmp(argv[1], "time") == 0;
    for (int i = time ? 2 : 1; i < argc; i++) {
        Problem p = {.ba = ba_read(argv[i])};
        p.residuals = malloc(3 * (size_t)p.ba.p * sizeof(double));
        if (!p.residuals)
            return 2;
        if (time) {
            evaluate(&p);
            stopwatch_compare(argv[i], "sparse Jacobian", primal, evaluate, &p);
            double start = stopwatch_now();
            begin_anew(&p);
            printf("with pattern and %d colors: %.3g ms\n", p.jac.colors,
                   1e3 * (stopwatch_now() - start));
        } else {
            compare(&p);
        }
        grad_sparse_free(&p.jac);
        free(p.residuals);
        ba_free(&p.ba);
    }
    return time ? 0 : check_done();
}
#endif

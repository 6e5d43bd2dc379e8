// ba_check.c - the generated derivatives of bundle adjustment: in both modes,
// of one observation and of all, against differences in long double and
// against each other; and the values against ba.c's own.
#include "ba.h"
#include "ba_data.h"
#include "ba_grad.h"
#include "ba_reference.h"

#include "check.h"

static double *numbers(int n) {
    double *x = calloc((size_t)n + 1, sizeof *x);
    if (x == NULL)
        exit(2);
    return x;
}

static double *random_numbers(struct rng *rng, int n) {
    double *x = numbers(n);
    rng_fill(rng, n, x, -1, 1);
    return x;
}

static void values(const struct ba *p, double *residuals) {
    ba_residuals(p->p, p->cameras, p->points, p->weights, p->observed,
                 p->features, residuals, residuals + 2 * p->p);
}

// Adds to the gradient; the weights are used up.
static void reverse(const struct ba *p, double *residuals,
                    double *residual_weights, double *gradient) {
    double *d_points = gradient + p->n * BA_CAMERA_SIZE;
    ba_residuals_grad(p->p, p->cameras, gradient, p->points, d_points,
                      p->weights, d_points + 3 * p->m, p->observed, p->features,
                      residuals, residual_weights, residuals + 2 * p->p,
                      residual_weights + 2 * p->p);
}

static void forward(const struct ba *p, const double *direction,
                    double *residuals, double *d_residuals) {
    const double *d_points = direction + p->n * BA_CAMERA_SIZE;
    ba_residuals_fwd(p->p, p->cameras, direction, p->points, d_points,
                     p->weights, d_points + 3 * p->m, p->observed, p->features,
                     residuals, d_residuals, residuals + 2 * p->p,
                     d_residuals + 2 * p->p);
}

// Each entry: relative to itself, down to the noise of the largest.
static void check_entries(int n, const double *got, const double *want) {
    double scale = 0;
    for (int i = 0; i < n; i++)
        scale = fmax(scale, fabs(want[i]));
    for (int i = 0; i < n; i++)
        CHECK_NEAR(got[i], want[i], 1e-8 * fabs(want[i]) + 1e-13 * scale);
}

// Values bit for bit, reverse mode against forward mode and against the sum
// of the observations' own derivatives.
static void check_all(const struct ba *p, struct rng *rng) {
    int size = 3 * p->p;
    double *want = numbers(size), *got = numbers(size);
    double *weights = random_numbers(rng, size);
    double *used = numbers(size), *gradient = numbers(p->parameters);
    double *direction = random_numbers(rng, p->parameters);
    double *tangent = numbers(size), *sum = numbers(p->parameters);

    values(p, want);
    memcpy(used, weights, (size_t)size * sizeof *used);
    reverse(p, got, used, gradient);
    CHECK_TRUE(memcmp(got, want, (size_t)size * sizeof *got) == 0);
    for (int i = 0; i < size; i++)
        if (used[i] != 0)
            CHECK_CLOSE(used[i], 0, 0);
    memset(got, 0, (size_t)size * sizeof *got);
    forward(p, direction, got, tangent);
    CHECK_TRUE(memcmp(got, want, (size_t)size * sizeof *got) == 0);
    double there = check_dot(size, weights, tangent);
    double back = check_dot(p->parameters, gradient, direction);
    CHECK_NEAR(back, there, 1e-11 * (fabs(there) + sqrt(size)));

    double *d_points = sum + p->n * BA_CAMERA_SIZE;
    double *d_weights = d_points + 3 * p->m;
    for (int i = 0; i < p->p; i++) {
        int camera = p->observed[2 * i], point = p->observed[2 * i + 1];
        double error[2];
        double row[2] = {weights[2 * i], weights[2 * i + 1]};
        ba_reprojection_error_grad(
            &p->cameras[camera * BA_CAMERA_SIZE], &sum[camera * BA_CAMERA_SIZE],
            &p->points[3 * point], &d_points[3 * point], &p->weights[i],
            &d_weights[i], &p->features[2 * i], error, row);
        if (error[0] != want[2 * i] || error[1] != want[2 * i + 1])
            CHECK_BITS(error[0], want[2 * i]);
        double d_weight = 0;
        ba_weight_error_grad(p->weights[i], &d_weight);
        d_weights[i] += weights[2 * p->p + i] * d_weight;
    }
    check_entries(p->parameters, gradient, sum);

    free(want);
    free(got);
    free(weights);
    free(used);
    free(gradient);
    free(direction);
    free(tangent);
    free(sum);
}

// Against differences, for every parameter.
static void check_gradient(const struct ba *p, struct rng *rng) {
    double *weights = random_numbers(rng, 3 * p->p);
    double *residuals = numbers(3 * p->p);
    double *want = numbers(p->parameters), *got = numbers(p->parameters);
    ba_reference(p, weights, want);
    reverse(p, residuals, weights, got);
    check_entries(p->parameters, got, want);
    free(weights);
    free(residuals);
    free(want);
    free(got);
}

// The Jacobian of one observation, all of it, row by row and column by column.
static void check_jacobian(struct ba *p) {
    double *got = numbers(2 * p->parameters), *want = numbers(p->parameters);
    double *cameras = got, *points = got + BA_CAMERA_SIZE;
    double all[2][BA_CAMERA_SIZE + 4], value[2];
    ba_reprojection_error_jac(p->cameras, p->points, p->weights, p->features,
                              value, all[0]);
    for (int row = 0; row < 2; row++) {
        double error[2], weights[3] = {row == 0, row == 1, 0};
        ba_reference(p, weights, want);
        memset(got, 0, (size_t)p->parameters * sizeof *got);
        ba_reprojection_error_grad(p->cameras, cameras, p->points, points,
                                   p->weights, points + 3, p->features, error,
                                   weights);
        check_entries(p->parameters, got, want);
        check_entries(p->parameters, all[row], want);
        CHECK_BITS(value[row], error[row]);
        double *direction = got + p->parameters;
        for (int i = 0; i < p->parameters; i++) {
            direction[i] = 1;
            double column[2];
            ba_reprojection_error_fwd(p->cameras, direction, p->points,
                                      direction + BA_CAMERA_SIZE, p->weights,
                                      direction + BA_CAMERA_SIZE + 3,
                                      p->features, error, column);
            CHECK_NEAR(column[row], want[i],
                       1e-8 * fabs(want[i]) + 1e-13 * fabs(want[0]));
            direction[i] = 0;
        }
    }
    free(got);
    free(want);
}

// The file's camera, points and weights, each somewhat moved.
static struct ba moved(const struct ba *file, int n, int m, int p,
                       struct rng *rng) {
    struct ba ba = ba_new(n, m, p);
    for (int i = 0; i < n * BA_CAMERA_SIZE; i++)
        ba.cameras[i] = file->cameras[i % BA_CAMERA_SIZE];
    for (int i = 0; i < 3 * m; i++)
        ba.points[i] = file->points[i % 3];
    for (int i = 0; i < p; i++)
        ba.weights[i] = *file->weights;
    for (int i = 0; i < ba.parameters; i++)
        ba.cameras[i] *= rng_uniform(rng, 0.9, 1.1);
    for (int i = 0; i < 2 * p; i++)
        ba.features[i] = file->features[i % 2];
    return ba;
}

static void check_small(const struct ba *file, int n, int m, int p,
                        struct rng *rng) {
    struct ba ba = moved(file, n, m, p, rng);
    check_all(&ba, rng);
    check_gradient(&ba, rng);
    // One camera that is not turned, which is a branch of its own.
    memset(ba.cameras, 0, 3 * sizeof *ba.cameras);
    check_all(&ba, rng);
    check_gradient(&ba, rng);
    ba_free(&ba);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: ba_check FILE\n");
        return 2;
    }
    struct rng rng = {1};
    struct ba file = ba_read(argv[1]);
    struct ba one = moved(&file, 1, 1, 1, &rng);
    check_jacobian(&one);
    ba_free(&one);
    check_small(&file, 1, 1, 0, &rng);
    check_small(&file, 1, 1, 1, &rng);
    check_small(&file, 3, 7, 20, &rng);
    check_all(&file, &rng);
    ba_free(&file);
    return check_done();
}

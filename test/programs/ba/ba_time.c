// ba_time.c - how many times the residuals' time their Jacobian takes, and how
// many times their gradient. Not a test. Compile it with the flags that are to
// be measured.
//
//     ba_time FILE ...
#include "ba.h"
#include "ba_data.h"
#include "ba_grad.h"

#include "stopwatch.h"

#include <stdlib.h>
#include <string.h>

struct problem {
    struct ba ba;
    double *residuals, *residual_weights, *gradient;
    double jacobian[2][BA_CAMERA_SIZE + 3 + 1];
};

static void primal(void *context) {
    struct problem *p = context;
    const struct ba *ba = &p->ba;
    ba_residuals(ba->p, ba->cameras, ba->points, ba->weights, ba->observed,
                 ba->features, p->residuals, p->residuals + 2 * ba->p);
}

static void gradient(void *context) {
    struct problem *p = context;
    const struct ba *ba = &p->ba;
    double *d_points = p->gradient + ba->n * BA_CAMERA_SIZE;
    memset(p->gradient, 0, (size_t)ba->parameters * sizeof *p->gradient);
    for (int i = 0; i < 3 * ba->p; i++)
        p->residual_weights[i] = 1;
    ba_residuals_grad(ba->p, ba->cameras, p->gradient, ba->points, d_points,
                      ba->weights, d_points + 3 * ba->m, ba->observed,
                      ba->features, p->residuals, p->residual_weights,
                      p->residuals + 2 * ba->p,
                      p->residual_weights + 2 * ba->p);
}

// Both rows of every observation.
static void jacobian(void *context) {
    struct problem *p = context;
    const struct ba *ba = &p->ba;
    for (int i = 0; i < ba->p; i++)
        for (int row = 0; row < 2; row++) {
            double *d = p->jacobian[row];
            double error[2], weights[2] = {row == 0, row == 1};
            memset(d, 0, sizeof p->jacobian[row]);
            ba_reprojection_error_grad(
                &ba->cameras[ba->observed[2 * i] * BA_CAMERA_SIZE], d,
                &ba->points[ba->observed[2 * i + 1] * 3], d + BA_CAMERA_SIZE,
                &ba->weights[i], d + BA_CAMERA_SIZE + 3, &ba->features[2 * i],
                error, weights);
        }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        struct problem p = {.ba = ba_read(argv[i])};
        size_t residuals = 3 * (size_t)p.ba.p;
        p.residuals = malloc(residuals * sizeof(double));
        p.residual_weights = malloc(residuals * sizeof(double));
        p.gradient = malloc((size_t)p.ba.parameters * sizeof(double));
        if (!p.residuals || !p.residual_weights || !p.gradient)
            return 2;
        stopwatch_compare(argv[i], "gradient", primal, gradient, &p);
        stopwatch_compare(argv[i], "Jacobian", primal, jacobian, &p);
        free(p.residuals);
        free(p.residual_weights);
        free(p.gradient);
        ba_free(&p.ba);
    }
    return argc > 1 ? 0 : 2;
}

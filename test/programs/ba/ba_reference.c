// ba_reference.c - ba.c in long double, and its differences.
#include "long_double.h"

#include "ba_reference.h"

#define double long double
#define ba_reprojection_error ba_reprojection_error_long
#define ba_weight_error ba_weight_error_long
#define ba_residuals ba_residuals_long
#include "ba.c"
#undef double

struct sum {
    const struct ba *p;
    const double *residual_weights;
    long double *features, *residuals;
};

static long double weighted_sum(const long double *parameters, void *context) {
    const struct sum *sum = context;
    const struct ba *p = sum->p;
    const long double *points = parameters + p->n * BA_CAMERA_SIZE;
    ba_residuals_long(p->p, parameters, points, points + 3 * p->m, p->observed,
                      sum->features, sum->residuals, sum->residuals + 2 * p->p);
    long double total = 0;
    for (int i = 0; i < 3 * p->p; i++)
        total += sum->residual_weights[i] * sum->residuals[i];
    return total;
}

void ba_reference(const struct ba *p, const double *residual_weights,
                  double *gradient) {
    long double *memory = calloc((size_t)p->p * 5 + 1, sizeof *memory);
    if (memory == NULL)
        exit(2);
    for (int i = 0; i < 2 * p->p; i++)
        memory[i] = p->features[i];
    struct sum sum = {p, residual_weights, memory, memory + 2 * p->p};
    long_double_gradient(weighted_sum, &sum, p->parameters, p->cameras,
                         gradient);
    free(memory);
}

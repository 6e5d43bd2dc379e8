// hand_reference.c - hand.c in long double, and its differences.
#include "long_double.h"

#include "hand_reference.h"

#define double long double
#define hand_objective hand_objective_long
#define hand_objective_complicated hand_objective_complicated_long
#include "hand.c"
#undef double

struct sum {
    struct hand_model model;
    const struct hand *p;
    const double *error_weights;
    long double *points, *errors;
};

static long double *widen(const void *x, int n) {
    const double *numbers = x;
    long double *wide = malloc((size_t)n * sizeof *wide);
    if (wide == NULL)
        exit(2);
    for (int i = 0; i < n; i++)
        wide[i] = numbers[i];
    return wide;
}

static long double weighted_sum(const long double *inputs, void *context) {
    const struct sum *sum = context;
    const struct hand *p = sum->p;
    if (p->complicated)
        hand_objective_complicated_long(
            &sum->model, inputs, inputs + HAND_POSE_SIZE, p->n,
            p->correspondences, sum->points, sum->errors);
    else
        hand_objective_long(&sum->model, inputs, p->n, p->correspondences,
                            sum->points, sum->errors);
    long double total = 0;
    for (int i = 0; i < 3 * p->n; i++)
        total += sum->error_weights[i] * sum->errors[i];
    return total;
}

void hand_reference(const struct hand *p, const double *error_weights,
                    double *gradient) {
    long double *relatives = widen(p->relatives, 16 * p->bones);
    long double *inverses = widen(p->inverse_absolutes, 16 * p->bones);
    long double *positions = widen(p->positions, 3 * p->vertices);
    long double *weights = widen(p->weights, p->bones * p->vertices);
    long double *points = widen(p->points, 3 * p->n);
    long double *errors = widen(p->points, 3 * p->n);
    struct sum sum = {
        .model = {.bones = p->bones,
                  .vertices = p->vertices,
                  .mirrored = p->mirrored,
                  .parents = p->parents,
                  .relatives = (const struct transform *)relatives,
                  .inverse_absolutes = (const struct transform *)inverses,
                  .positions = positions,
                  .weights = weights,
                  .triangles = (const int(*)[3])p->triangles},
        .p = p,
        .error_weights = error_weights,
        .points = points,
        .errors = errors};
    long_double_gradient(weighted_sum, &sum, p->inputs, p->pose, gradient);
    free(relatives);
    free(inverses);
    free(positions);
    free(weights);
    free(points);
    free(errors);
}

// hand_call.h - both objectives and their derivatives, called alike.
#ifndef HAND_CALL_H
#define HAND_CALL_H

#include "hand.h"
#include "hand_data.h"
#include "hand_grad.h"

static inline struct hand_model hand_model(const struct hand *p) {
    return (struct hand_model){
        .bones = p->bones,
        .vertices = p->vertices,
        .mirrored = p->mirrored,
        .parents = p->parents,
        .relatives = (const struct transform *)p->relatives,
        .inverse_absolutes = (const struct transform *)p->inverse_absolutes,
        .positions = p->positions,
        .weights = p->weights,
        .triangles = (const int(*)[3])p->triangles};
}

static inline void hand_values(const struct hand *p, double *errors) {
    struct hand_model model = hand_model(p);
    if (p->complicated)
        hand_objective_complicated(&model, p->pose, p->pose + HAND_POSE_SIZE,
                                   p->n, p->correspondences, p->points, errors);
    else
        hand_objective(&model, p->pose, p->n, p->correspondences, p->points,
                       errors);
}

// Adds to the gradient; the weights in d_errors are used up.
static inline void hand_reverse(const struct hand *p, double *gradient,
                                double *errors, double *d_errors) {
    struct hand_model model = hand_model(p);
    if (p->complicated)
        hand_objective_complicated_grad(
            &model, p->pose, gradient, p->pose + HAND_POSE_SIZE,
            gradient + HAND_POSE_SIZE, p->n, p->correspondences, p->points,
            errors, d_errors);
    else
        hand_objective_grad(&model, p->pose, gradient, p->n, p->correspondences,
                            p->points, errors, d_errors);
}

static inline void hand_forward(const struct hand *p, const double *direction,
                                double *errors, double *d_errors) {
    struct hand_model model = hand_model(p);
    if (p->complicated)
        hand_objective_complicated_fwd(
            &model, p->pose, direction, p->pose + HAND_POSE_SIZE,
            direction + HAND_POSE_SIZE, p->n, p->correspondences, p->points,
            errors, d_errors);
    else
        hand_objective_fwd(&model, p->pose, direction, p->n, p->correspondences,
                           p->points, errors, d_errors);
}

#endif

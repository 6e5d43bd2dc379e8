// hand_check.c - the generated derivatives of hand tracking, for all inputs:
// against differences in long double, reverse mode against forward mode, several
// directions at once against one by one; and the values against hand.c's own.
#include "hand_call.h"
#include "hand_reference.h"

#include "check.h"

static double *numbers(int n) {
    double *x = calloc((size_t)n + 1, sizeof *x);
    if (x == NULL)
        exit(2);
    return x;
}

// All of the pose's directions from one evaluation, and one by one.
static void check_directions(const struct hand *p) {
    struct hand_model model = hand_model(p);
    int size = 3 * p->n;
    double unit[HAND_POSE_SIZE * HAND_POSE_SIZE] = {0};
    double *jacobian = numbers(size * HAND_POSE_SIZE);
    double *tangent = numbers(size), *errors = numbers(size);
    for (int k = 0; k < HAND_POSE_SIZE; k++)
        unit[k * HAND_POSE_SIZE + k] = 1;
    hand_jacobian(&model, p->pose, unit, p->n, p->correspondences, p->points,
                  errors, jacobian);
    for (int k = 0; k < HAND_POSE_SIZE; k++) {
        hand_forward(p, unit + k * HAND_POSE_SIZE, errors, tangent);
        for (int i = 0; i < size; i++)
            CHECK_NEAR(jacobian[i * HAND_POSE_SIZE + k], tangent[i],
                       1e-13 * (1 + fabs(tangent[i])));
    }
    free(jacobian);
    free(tangent);
    free(errors);
}

static void check(const struct hand *p, struct rng *rng) {
    int size = 3 * p->n;
    double *weights = numbers(size), *used = numbers(size);
    double *want_errors = numbers(size), *errors = numbers(size);
    double *tangent = numbers(size), *direction = numbers(p->inputs);
    double *got = numbers(p->inputs), *want = numbers(p->inputs);
    rng_fill(rng, size, weights, -1, 1);
    rng_fill(rng, p->inputs, direction, -1, 1);

    hand_values(p, want_errors);
    memcpy(used, weights, (size_t)size * sizeof *used);
    hand_reverse(p, got, errors, used);
    for (int i = 0; i < size; i++) {
        CHECK_BITS(errors[i], want_errors[i]);
        CHECK_TRUE(used[i] == 0);
    }
    hand_reference(p, weights, want);
    for (int i = 0; i < p->inputs; i++)
        CHECK_NEAR(got[i], want[i], 1e-8 * fabs(want[i]) + 1e-12);

    hand_forward(p, direction, errors, tangent);
    for (int i = 0; i < size; i++)
        CHECK_BITS(errors[i], want_errors[i]);
    CHECK_CLOSE(check_dot(size, weights, tangent),
                check_dot(p->inputs, got, direction), 1e-10);

    if (!p->complicated)
        check_directions(p);
    free(weights);
    free(used);
    free(want_errors);
    free(errors);
    free(tangent);
    free(direction);
    free(got);
    free(want);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: hand_check FOLDER FILE\n");
        return 2;
    }
    struct rng rng = {1};
    struct hand p = hand_read(argv[1], argv[2]);
    check(&p, &rng);
    p.mirrored = true;
    p.n = 3;
    p.inputs = HAND_POSE_SIZE + (p.complicated ? 2 * p.n : 0);
    check(&p, &rng);
    hand_free(&p);
    return check_done();
}

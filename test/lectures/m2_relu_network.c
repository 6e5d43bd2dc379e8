// The worked ReLU network 1-2-3-1, written with a variable for each number and
// with matrices. At x = 1: h1 = (3, 0), o2 = (-1, -2, 3), y = 6, loss 12.5.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
struct weights {
    double w1[2], b1[2];
    double w2[3][2], b2[3];
    double w3[3], b3;
};

static double relu(double o) { return o > 0 ? o : 0; }

#pragma grad wrt(x, p)
#pragma grad forward wrt(x, p)
double relu_loss(double x, const struct weights *p) {
    double h1[2], h2[3];
    for (int i = 0; i < 2; i++)
        h1[i] = relu(p->w1[i] * x + p->b1[i]);
    for (int i = 0; i < 3; i++)
        h2[i] = relu(p->w2[i][0] * h1[0] + p->w2[i][1] * h1[1] + p->b2[i]);
    double y = p->b3;
    for (int i = 0; i < 3; i++)
        y += p->w3[i] * h2[i];
    return 0.5 * (y - 1) * (y - 1);
}

// The same for these weights, one name for each number.
#pragma grad
double relu_loss_unrolled(double x) {
    double h1 = relu(3 * x), h2 = relu(-x);
    double g1 = relu(-h1 + h2 + 2);
    double g2 = relu(h2 - 2);
    double g3 = relu(h1 + h2);
    double y = -g1 + g2 + g3 / 3 + 5;
    return 0.5 * (y - 1) * (y - 1);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER

#include "check.h"

enum { NUMBERS = sizeof(struct weights) / sizeof(double) };

static const struct weights WORKED = {
    .w1 = {3, -1},
    .b1 = {0, 0},
    .w2 = {{-1, 1}, {0, 1}, {1, 1}},
    .b2 = {2, -2, 0},
    .w3 = {-1, 1, 1.0 / 3},
    .b3 = 5,
};

// The recursion r <- (W' r) o relu'; returns the loss.
static double by_hand(double x, const struct weights *p, struct weights *d,
                      double *d_x) {
    double h1[2], h2[3], r1[2] = {0}, y = p->b3;
    for (int i = 0; i < 2; i++)
        h1[i] = fmax(0, p->w1[i] * x + p->b1[i]);
    for (int i = 0; i < 3; i++) {
        h2[i] = fmax(0, check_dot(2, p->w2[i], h1) + p->b2[i]);
        y += p->w3[i] * h2[i];
    }
    d->b3 = y - 1;
    for (int i = 0; i < 3; i++) {
        d->w3[i] = (y - 1) * h2[i];
        d->b2[i] = (y - 1) * p->w3[i] * (h2[i] > 0);
        for (int j = 0; j < 2; j++) {
            d->w2[i][j] = d->b2[i] * h1[j];
            r1[j] += p->w2[i][j] * d->b2[i];
        }
    }
    *d_x = 0;
    for (int j = 0; j < 2; j++) {
        d->b1[j] = r1[j] * (h1[j] > 0);
        d->w1[j] = d->b1[j] * x;
        *d_x += p->w1[j] * d->b1[j];
    }
    return 0.5 * (y - 1) * (y - 1);
}

static void check_worked(void) {
    struct weights d = {0};
    double d_x = 0;
    CHECK_CLOSE(relu_loss_grad(1, &d_x, &WORKED, &d), 12.5, 1e-15);
    CHECK_CLOSE(d_x, 5, 1e-15);
    CHECK_ARRAY(2, d.w1, ((double[]){5.0 / 3, 0}), 1e-15);
    CHECK_ARRAY(2, d.b1, ((double[]){5.0 / 3, 0}), 1e-15);
    CHECK_ARRAY(6, &d.w2[0][0], ((double[]){0, 0, 0, 0, 5, 0}), 1e-15);
    CHECK_ARRAY(3, d.b2, ((double[]){0, 0, 5.0 / 3}), 1e-15);
    CHECK_ARRAY(3, d.w3, ((double[]){0, 0, 15}), 1e-15);
    CHECK_CLOSE(d.b3, 5, 1e-15);

    d_x = 0;
    CHECK_CLOSE(relu_loss_unrolled_grad(1, &d_x), 12.5, 1e-15);
    CHECK_CLOSE(d_x, 5, 1e-15);
}

static void check_random(struct rng *rng) {
    struct weights p, d = {0}, v, want;
    double x = rng_uniform(rng, -2, 2), d_x = 0, want_x = 0, along = 0;
    double v_x = rng_uniform(rng, -1, 1);
    rng_fill(rng, NUMBERS, (double *)&p, -1, 1);
    rng_fill(rng, NUMBERS, (double *)&v, -1, 1);

    double loss = relu_loss_grad(x, &d_x, &p, &d);
    CHECK_BITS(loss, relu_loss(x, &p));
    CHECK_CLOSE(loss, by_hand(x, &p, &want, &want_x), 1e-13);
    CHECK_ARRAY(NUMBERS, (double *)&d, (double *)&want, 1e-14);
    CHECK_NEAR(d_x, want_x, 1e-14);

    CHECK_BITS(relu_loss_fwd(x, v_x, &p, &v, &along), loss);
    double expected =
        d_x * v_x + check_dot(NUMBERS, (double *)&d, (double *)&v);
    CHECK_NEAR(along, expected, 1e-13);
}

int main(void) {
    struct rng rng = {1};
    check_worked();
    for (int i = 0; i < 200; i++)
        check_random(&rng);
    return check_done();
}
#endif

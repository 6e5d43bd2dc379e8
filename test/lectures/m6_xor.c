// The exclusive or, g(x) = w' max(0, W' x + c) + b: its closed-form solution
// has neither loss nor gradient; gradient descent from random starts reaches
// zero error; and a linear model stays at one half everywhere.
//
// DEFINE: %{digits} = %source_root/docs/examples/digits
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main -I %{digits} %s %{digits}/optimizer.c %t_grad.c -o %t.exe %links && %t.exe
struct xor_network {
    double w1[2][2], c[2]; // hidden unit j sees w1[0][j] and w1[1][j]
    double w2[2], b;
};

struct linear_model {
    double w[2], b;
};

static const double POINTS[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
static const double LABELS[4] = {0, 1, 1, 0};

static double network(const struct xor_network *net, const double *x) {
    double y = net->b;
    for (int j = 0; j < 2; j++) {
        double h = net->w1[0][j] * x[0] + net->w1[1][j] * x[1] + net->c[j];
        if (h > 0)
            y += net->w2[j] * h;
    }
    return y;
}

// The mean squared error on the four points.
#pragma grad wrt(net)
double xor_loss(const struct xor_network *net) {
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        double error = network(net, POINTS[k]) - LABELS[k];
        sum += error * error;
    }
    return sum / 4;
}

#pragma grad wrt(model)
double linear_loss(const struct linear_model *model) {
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        const double *x = POINTS[k];
        double error =
            model->w[0] * x[0] + model->w[1] * x[1] + model->b - LABELS[k];
        sum += error * error;
    }
    return sum / 4;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER

#include "check.h"
#include "optimizer.h"

enum { NUMBERS = sizeof(struct xor_network) / sizeof(double) };

static double loss_at(const double *net, void *context) {
    (void)context;
    return xor_loss((const struct xor_network *)net);
}

static void check_closed_form(void) {
    const struct xor_network solution = {{{1, 1}, {1, 1}}, {0, -1}, {1, -2}, 0};
    struct xor_network d = {0};
    const double zero[NUMBERS] = {0};
    for (int k = 0; k < 4; k++)
        CHECK_BITS(network(&solution, POINTS[k]), LABELS[k]);
    CHECK_BITS(xor_loss_grad(&solution, &d), 0);
    CHECK_ARRAY(NUMBERS, (double *)&d, zero, 0);
}

static void check_differences(struct rng *rng) {
    struct xor_network net, d = {0};
    rng_fill(rng, NUMBERS, (double *)&net, -1, 1);
    CHECK_BITS(xor_loss_grad(&net, &d), xor_loss(&net));
    CHECK_DIFFERENCES(loss_at, NULL, NUMBERS, (double *)&net, (double *)&d,
                      1e-7);
}

// Whether descent from a random start ends at zero error. Not every start
// does: with two hidden units most end where one of them is dead.
static bool descends(struct rng *rng) {
    struct xor_network net = {0};
    struct sgd sgd;
    rng_fill(rng, 4, &net.w1[0][0], -1.5, 1.5);
    rng_fill(rng, 2, net.w2, -1.5, 1.5);
    if (!CHECK_TRUE(sgd_init(&sgd, NUMBERS, 0.05, 0.5)))
        return false;
    double loss = 1;
    for (int step = 0; step < 5000 && loss > 1e-28; step++) {
        struct xor_network d = {0};
        loss = xor_loss_grad(&net, &d);
        sgd_step(&sgd, (double *)&net, (const double *)&d);
    }
    sgd_free(&sgd);
    if (loss > 1e-28)
        return false;
    for (int k = 0; k < 4; k++)
        CHECK_NEAR(network(&net, POINTS[k]), LABELS[k], 1e-12);
    return true;
}

static void check_linear_model(struct rng *rng) {
    struct linear_model model;
    rng_fill(rng, 3, (double *)&model, -1, 1);
    for (int step = 0; step < 2000; step++) {
        struct linear_model d = {0};
        linear_loss_grad(&model, &d);
        for (int i = 0; i < 2; i++)
            model.w[i] -= 0.3 * d.w[i];
        model.b -= 0.3 * d.b;
    }
    struct linear_model d = {0};
    CHECK_CLOSE(linear_loss_grad(&model, &d), 0.25, 1e-14);
    CHECK_NEAR(model.w[0], 0, 1e-12);
    CHECK_NEAR(model.w[1], 0, 1e-12);
    CHECK_NEAR(fabs(d.w[0]) + fabs(d.w[1]) + fabs(d.b), 0, 1e-12);
    CHECK_CLOSE(model.b, 0.5, 1e-12);
}

int main(void) {
    struct rng rng = {1};
    check_closed_form();
    for (int i = 0; i < 20; i++)
        check_differences(&rng);
    int solved = 0;
    for (int i = 0; i < 20; i++)
        solved += descends(&rng);
    printf("%d of 20 starts reached zero error\n", solved);
    CHECK_TRUE(solved >= 3);
    check_linear_model(&rng);
    return check_done();
}
#endif

// The multi-layer perceptrons 3-4-2 (26 parameters) and 3-4-4-2 (46), ReLU
// inside and softmax behind, learn which of two classes a point in space is
// in: inside or outside of a sphere.
//
// DEFINE: %{digits} = %source_root/docs/examples/digits
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main -I %{digits} %s %{digits}/optimizer.c %t_grad.c -o %t.exe %links && %t.exe
#include <math.h>

struct mlp2 {
    double w1[4][3], b1[4];
    double w2[2][4], b2[2];
};

struct mlp3 {
    double w1[4][3], b1[4];
    double w2[4][4], b2[4];
    double w3[2][4], b3[2];
};

struct point {
    double x[3];
    int label;
};

static void layer(int m, int n, const double *w, const double *b,
                  const double *in, double *out) {
    for (int i = 0; i < m; i++) {
        double z = b[i];
        for (int j = 0; j < n; j++)
            z += w[i * n + j] * in[j];
        out[i] = z;
    }
}

static void relu(int n, double *x) {
    for (int i = 0; i < n; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

static void mlp2_scores(const struct mlp2 *net, const double *x, double *out) {
    double h[4];
    layer(4, 3, net->w1[0], net->b1, x, h);
    relu(4, h);
    layer(2, 4, net->w2[0], net->b2, h, out);
}

// Both hidden layers use the same two buffers, in turn.
static void mlp3_scores(const struct mlp3 *net, const double *x, double *out) {
    double h[2][4];
    layer(4, 3, net->w1[0], net->b1, x, h[0]);
    relu(4, h[0]);
    layer(4, 4, net->w2[0], net->b2, h[0], h[1]);
    relu(4, h[1]);
    layer(2, 4, net->w3[0], net->b3, h[1], out);
}

// Of two classes: log(1 + exp(other - own)), without overflow.
static double cross_entropy(const double scores[2], int label) {
    double z = scores[1 - label] - scores[label];
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

#pragma grad wrt(net)
double mlp2_loss(const struct mlp2 *net, int n, const struct point *points) {
    double loss = 0;
    for (int k = 0; k < n; k++) {
        double scores[2];
        mlp2_scores(net, points[k].x, scores);
        loss += cross_entropy(scores, points[k].label);
    }
    return loss / n;
}

#pragma grad wrt(net)
double mlp3_loss(const struct mlp3 *net, int n, const struct point *points) {
    double loss = 0;
    for (int k = 0; k < n; k++) {
        double scores[2];
        mlp3_scores(net, points[k].x, scores);
        loss += cross_entropy(scores, points[k].label);
    }
    return loss / n;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER

#include "check.h"
#include "optimizer.h"

enum {
    POINTS = 200,
    SIZE2 = sizeof(struct mlp2) / sizeof(double),
    SIZE3 = sizeof(struct mlp3) / sizeof(double)
};

static void make_points(struct rng *rng, struct point *points) {
    for (int k = 0; k < POINTS; k++) {
        double *x = points[k].x;
        rng_fill(rng, 3, x, -1, 1);
        points[k].label = check_dot(3, x, x) < 0.8;
    }
}

static double loss2_at(const double *net, void *points) {
    return mlp2_loss((const struct mlp2 *)net, POINTS, points);
}

static double loss3_at(const double *net, void *points) {
    return mlp3_loss((const struct mlp3 *)net, POINTS, points);
}

typedef double gradient_function(const double *net, double *d,
                                 struct point *points);

static double gradient2(const double *net, double *d, struct point *points) {
    return mlp2_loss_grad((const struct mlp2 *)net, (struct mlp2 *)d, POINTS,
                          points);
}

static double gradient3(const double *net, double *d, struct point *points) {
    return mlp3_loss_grad((const struct mlp3 *)net, (struct mlp3 *)d, POINTS,
                          points);
}

// Trains from a random start and returns the last loss; `first` is the first.
static double train(int n, check_function *f, gradient_function *df,
                    struct point *points, struct rng *rng, double *first) {
    double net[SIZE3], d[SIZE3] = {0};
    struct adam adam;
    rng_fill(rng, n, net, -1, 1);
    *first = df(net, d, points);
    CHECK_BITS(*first, f(net, points));
    CHECK_DIFFERENCES(f, points, n, net, d, 1e-6);

    if (!CHECK_TRUE(adam_init(&adam, (size_t)n, 0.02)))
        return *first;
    for (int step = 0; step < 2000; step++) {
        memset(d, 0, sizeof d);
        df(net, d, points);
        adam_step(&adam, net, d);
    }
    adam_free(&adam);
    return f(net, points);
}

static void check_trains(const char *name, int n, check_function *f,
                         gradient_function *df, struct point *points) {
    struct rng rng = {4};
    double first, last = train(n, f, df, points, &rng, &first);
    printf("%s: loss %.3f, then %.3f\n", name, first, last);
    CHECK_TRUE(first > 0.5);
    CHECK_TRUE(last < 0.25);
}

int main(void) {
    static struct point points[POINTS];
    struct rng rng = {1};
    make_points(&rng, points);
    CHECK_TRUE(SIZE2 == 26);
    CHECK_TRUE(SIZE3 == 46);
    check_trains("3-4-2", SIZE2, loss2_at, gradient2, points);
    check_trains("3-4-4-2", SIZE3, loss3_at, gradient3, points);
    return check_done();
}
#endif

// Structs: by value, by pointer, nested, with pointer fields, in arrays, copied
// and returned.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

struct point {
    double x, y;
    int id;
};

typedef struct {
    int n;
    const double *weights;
    double *bias;
    struct point at[2];
} Model;

static struct point rotate(struct point p, double angle)
{
    struct point q = {.x = p.x * cos(angle) - p.y * sin(angle), .id = p.id};
    q.y = p.x * sin(angle) + p.y * cos(angle);
    return q;
}

static double length(const struct point *p)
{
    return sqrt(p->x * p->x + p->y * p->y);
}

// d_m->weights and d_m->bias point to derivative memory.
#pragma grad wrt(m, p, scale)
#pragma grad forward wrt(m, p, scale)
double evaluate(const Model *m, struct point p, double scale)
{
    struct point trail[3], last = p;
    for (int i = 0; i < 3; i++) {
        trail[i] = rotate(last, m->bias[0] * (i + 1));
        trail[i].x += m->at[i % 2].x * scale;
        last = trail[i];
    }
    p.x *= 2;
    double s = length(&last) * p.x;
    for (int i = 0; i < m->n; i++)
        s += m->weights[i] * trail[i % 3].y + m->at[1].y;
    return s;
}

// A struct by value that is overwritten, and whose pointers are followed.
#pragma grad wrt(m)
double by_value(Model m)
{
    m.at[0].x *= m.weights[0];
    return m.at[0].x * m.weights[1] * m.bias[0];
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

enum { N = 4, VARIABLES = N + 1 + 4 + 2 + 1 };

// All variables in one array, and back.
typedef struct {
    double weights[N], bias[1];
    Model model;
    struct point p;
    double scale;
} Input;

static void unpack(const double *v, Input *in)
{
    for (int i = 0; i < N; i++)
        in->weights[i] = v[i];
    in->bias[0] = v[N];
    for (int i = 0; i < 2; i++) {
        in->model.at[i].x = v[N + 1 + 2 * i];
        in->model.at[i].y = v[N + 2 + 2 * i];
    }
    in->model.n = N;
    in->model.weights = in->weights;
    in->model.bias = in->bias;
    in->p = (struct point){v[N + 5], v[N + 6], 3};
    in->scale = v[N + 7];
}

static void pack(const Input *in, double *v)
{
    for (int i = 0; i < N; i++)
        v[i] = in->weights[i];
    v[N] = in->bias[0];
    for (int i = 0; i < 2; i++) {
        v[N + 1 + 2 * i] = in->model.at[i].x;
        v[N + 2 + 2 * i] = in->model.at[i].y;
    }
    v[N + 5] = in->p.x;
    v[N + 6] = in->p.y;
    v[N + 7] = in->scale;
}

static double call(const double *v, void *context)
{
    (void)context;
    Input in;
    unpack(v, &in);
    return evaluate(&in.model, in.p, in.scale);
}

static void check_by_value(void)
{
    double w[2] = {2, 3}, b[1] = {5}, d_w[2] = {0}, d_b[1] = {0};
    Model m = {.weights = w, .bias = b, .at = {{.x = 7}}};
    Model d_m = {.weights = d_w, .bias = d_b, .at = {{.x = 100}}};
    CHECK_BITS(by_value_grad(m, &d_m), by_value(m));
    CHECK_NEAR(d_m.at[0].x, 130, 0);
    CHECK_NEAR(d_w[0], 105, 0);
    CHECK_NEAR(d_w[1], 70, 0);
    CHECK_NEAR(d_b[0], 42, 0);
}

int main(void)
{
    struct rng rng = {3};
    check_by_value();
    double v[VARIABLES], g[VARIABLES], t[VARIABLES], zero[VARIABLES] = {0};
    for (int k = 0; k < 5; k++) {
        rng_fill(&rng, VARIABLES, v, 0.2, 1.5);
        rng_fill(&rng, VARIABLES, t, -1, 1);
        Input in, d_in, t_in;
        unpack(v, &in);
        unpack(zero, &d_in);
        unpack(t, &t_in);
        double along, value = call(v, NULL);
        CHECK_BITS(evaluate_grad(&in.model, &d_in.model, in.p, &d_in.p,
                                 in.scale, &d_in.scale),
                   value);
        CHECK_BITS(evaluate_fwd(&in.model, &t_in.model, in.p, t_in.p, in.scale,
                                t_in.scale, &along),
                   value);
        pack(&d_in, g);
        CHECK_CLOSE(check_dot(VARIABLES, g, t), along, 1e-11);
        CHECK_DIFFERENCES(call, NULL, VARIABLES, v, g, 1e-7);
    }
    return check_done();
}
#endif

#include "model.h"
#include <math.h>

struct model {
    int n;
    double gain;
};

double bias = 0.5;
static const double table[3] = {0.5, 0.25, 0.125};
static model models[8];

static double helper(double x)
{
    return sin(x) * table[1] + shared[1];
}

double scale(double x)
{
    return 3 * x;
}

double model_value(const model *m, const double *w, struct point p)
{
    double s = bias;
    for (int i = 0; i < m->n; i++)
        s += helper(w[i]) * square(p.y) * table[i % 3];
    return s * m->gain;
}

double iterate(int n, double x)
{
    return n == 0 ? x : helper(iterate(n - 1, x * table[0]));
}

double norm(int n, const double *w)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += square(w[i]);
    return s;
}

const model *model_of(int n)
{
    models[n].n = n;
    models[n].gain = 1.25;
    return &models[n];
}

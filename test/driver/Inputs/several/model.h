// What loss.c and model.c share; the struct is known to model.c alone.
#ifndef MODEL_H
#define MODEL_H

typedef struct model model;
struct point {
    double x, y;
};

static const double shared[2] = {1.5, 2.5};
extern double bias;

static inline double square(double x)
{
    return x * x;
}

double model_value(const model *m, const double *w, struct point p);
double scale(double x);
double iterate(int n, double x);
const model *model_of(int n);

#pragma grad wrt(w)
double norm(int n, const double *w);

#endif

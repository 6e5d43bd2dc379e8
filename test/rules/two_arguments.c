// Every derivative rule of several arguments: reverse against forward mode, and
// against differences of the long double function (Richardson extrapolation);
// pointers to second results are filled as in the primal.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links
// RUN: %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang %links
// RUN: %t.clang
#include <math.h>

#pragma grad name(pow_rev)
#pragma grad forward name(pow_tan)
double pow_d(double x, double y) { return pow(x, y); }
#pragma grad name(hypot_rev)
#pragma grad forward name(hypot_tan)
double hypot_d(double x, double y) { return hypot(x, y); }
#pragma grad name(atan2_rev)
#pragma grad forward name(atan2_tan)
double atan2_d(double x, double y) { return atan2(x, y); }
#pragma grad name(fmax_rev)
#pragma grad forward name(fmax_tan)
double fmax_d(double x, double y) { return fmax(x, y); }
#pragma grad name(fmin_rev)
#pragma grad forward name(fmin_tan)
double fmin_d(double x, double y) { return fmin(x, y); }
#pragma grad name(fdim_rev)
#pragma grad forward name(fdim_tan)
double fdim_d(double x, double y) { return fdim(x, y); }
#pragma grad name(fmod_rev)
#pragma grad forward name(fmod_tan)
double fmod_d(double x, double y) { return fmod(x, y); }
#pragma grad name(remainder_rev)
#pragma grad forward name(remainder_tan)
double remainder_d(double x, double y) { return remainder(x, y); }
#pragma grad name(copysign_rev)
#pragma grad forward name(copysign_tan)
double copysign_d(double x, double y) { return copysign(x, y); }
#pragma grad name(fma_rev)
#pragma grad forward name(fma_tan)
double fma_d(double x, double y) { return fma(x, y, x); }
#pragma grad name(quotient_rev)
#pragma grad forward name(quotient_tan)
double quotient_d(double x, double y)
{
    int q;
    return remquo(x, y, &q) * (q & 1 ? 2 : 3);
}
#pragma grad name(scale_rev)
#pragma grad forward name(scale_tan)
double scale_d(double x, double y)
{
    return ldexp(x, 3) + scalbn(y, -2) + scalbln(x * y, 1L);
}
#pragma grad name(split_rev)
#pragma grad forward name(split_tan)
double split_d(double x, double y)
{
    int exponent;
    double whole;
    double mantissa = frexp(x, &exponent);
    return mantissa * exponent + modf(y, &whole) * whole;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef struct {
    const char *name;
    double (*f)(double, double);
    double (*rev)(double, double *, double, double *);
    double (*tan)(double, double, double, double, double *);
    bool negative; // also for negative arguments
} Rule;

#define RULE(name, negative)                                                  \
    {#name, name##_d, name##_rev, name##_tan, negative}

static const Rule rules[] = {
    RULE(pow, false),      RULE(hypot, true),     RULE(atan2, true),
    RULE(fmax, true),      RULE(fmin, true),      RULE(fdim, true),
    RULE(fmod, true),      RULE(remainder, true), RULE(copysign, true),
    RULE(fma, true),       RULE(quotient, true),  RULE(scale, true),
    RULE(split, true),
};

// Fourth-order differences; NaN where the function jumps between the points.
static double slope(const Rule *r, double x, double y, int which)
{
    double h = 1e-3, d[2];
    for (int i = 0; i < 2; i++, h /= 2) {
        double a = which ? 0 : h, b = which ? h : 0;
        d[i] = (r->f(x + a, y + b) - r->f(x - a, y - b)) / (2 * h);
        if (fabs(d[i]) > 25)
            return NAN;
    }
    return (4 * d[1] - d[0]) / 3;
}

static void check_at(const Rule *r, double x, double y)
{
    double d_x = 0, d_y = 0, t_x, t_y;
    check_bits_at(__FILE__, __LINE__, r->name, r->rev(x, &d_x, y, &d_y),
                  r->f(x, y));
    check_bits_at(__FILE__, __LINE__, r->name, r->tan(x, 1, y, 0, &t_x),
                  r->f(x, y));
    r->tan(x, 0, y, 1, &t_y);
    check_close_at(__FILE__, __LINE__, r->name, t_x, d_x, 1e-14);
    check_close_at(__FILE__, __LINE__, r->name, t_y, d_y, 1e-14);
    double s_x = slope(r, x, y, 0), s_y = slope(r, x, y, 1);
    if (!isnan(s_x))
        check_near_at(__FILE__, __LINE__, r->name, d_x, s_x,
                      1e-7 * (1 + fabs(d_x)));
    if (!isnan(s_y))
        check_near_at(__FILE__, __LINE__, r->name, d_y, s_y,
                      1e-7 * (1 + fabs(d_y)));
}

static void check_pow_cases(void)
{
    double d_x = 0, d_y = 0;
    pow_rev(0, &d_x, 2, &d_y); // 2 * 0, and 0 by y
    CHECK_NEAR(d_x, 0, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    pow_rev(-2, &d_x, 3, &d_y);
    CHECK_NEAR(d_x, 12, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    pow_rev(0, &d_x, 1, &d_y);
    CHECK_NEAR(d_x, 1, 0);
    d_x = d_y = 0;
    pow_rev(0, &d_x, 0, &d_y);
    CHECK_NEAR(d_x, 0, 0);
}

// In a tie the first argument wins; fdim takes x <= y.
static void check_ties(void)
{
    double d_x = 0, d_y = 0;
    fmax_rev(2, &d_x, 2, &d_y);
    CHECK_NEAR(d_x, 1, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    fmin_rev(2, &d_x, 2, &d_y);
    CHECK_NEAR(d_x, 1, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    fdim_rev(2, &d_x, 2, &d_y);
    CHECK_NEAR(d_x, 0, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    hypot_rev(0, &d_x, 0, &d_y);
    CHECK_NEAR(d_x, 0, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    atan2_rev(1e200, &d_x, 1e200, &d_y);
    CHECK_CLOSE(d_x, 0.5e-200, 1e-14);
    CHECK_CLOSE(d_y, -0.5e-200, 1e-14);
}

// The argument that is not NaN wins.
static void check_nan(void)
{
    double d_x = 0, d_y = 0;
    fmax_rev(1, &d_x, NAN, &d_y);
    CHECK_NEAR(d_x, 1, 0);
    CHECK_NEAR(d_y, 0, 0);
    d_x = d_y = 0;
    fmin_rev(NAN, &d_x, 1, &d_y);
    CHECK_NEAR(d_x, 0, 0);
    CHECK_NEAR(d_y, 1, 0);
}

int main(void)
{
    struct rng rng = {7};
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++)
        for (int k = 0; k < 100; k++) {
            double low = rules[i].negative && k % 2 ? -0.9 : 0.1;
            double x = rng_uniform(&rng, 0.1, 0.4) * (low < 0 ? -1 : 1);
            double y = rng_uniform(&rng, 0.55, 0.9) * (k % 3 ? 1 : -1);
            if (!rules[i].negative)
                y = fabs(y);
            if (k % 5 == 0)
                check_at(&rules[i], y, x);
            else
                check_at(&rules[i], x, y);
        }
    check_pow_cases();
    check_ties();
    check_nan();
    return check_done();
}
#endif

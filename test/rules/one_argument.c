// Every derivative rule of one argument, over its domain and at extremes: reverse
// mode against forward mode, double against differences of the long double
// function (Richardson extrapolation), float against double.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links
// RUN: %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang %links
// RUN: %t.clang
#include <math.h>

#pragma grad name(exp_rev)
#pragma grad forward name(exp_tan)
double exp_d(double x) { return exp(x); }
#pragma grad name(expf_rev)
float exp_f(float x) { return expf(x); }
#pragma grad name(expl_rev)
long double exp_l(long double x) { return expl(x); }

#pragma grad name(exp2_rev)
#pragma grad forward name(exp2_tan)
double exp2_d(double x) { return exp2(x); }
#pragma grad name(exp2f_rev)
float exp2_f(float x) { return exp2f(x); }
#pragma grad name(exp2l_rev)
long double exp2_l(long double x) { return exp2l(x); }

#pragma grad name(expm1_rev)
#pragma grad forward name(expm1_tan)
double expm1_d(double x) { return expm1(x); }
#pragma grad name(expm1f_rev)
float expm1_f(float x) { return expm1f(x); }
#pragma grad name(expm1l_rev)
long double expm1_l(long double x) { return expm1l(x); }

#pragma grad name(log_rev)
#pragma grad forward name(log_tan)
double log_d(double x) { return log(x); }
#pragma grad name(logf_rev)
float log_f(float x) { return logf(x); }
#pragma grad name(logl_rev)
long double log_l(long double x) { return logl(x); }

#pragma grad name(log2_rev)
#pragma grad forward name(log2_tan)
double log2_d(double x) { return log2(x); }
#pragma grad name(log2f_rev)
float log2_f(float x) { return log2f(x); }
#pragma grad name(log2l_rev)
long double log2_l(long double x) { return log2l(x); }

#pragma grad name(log10_rev)
#pragma grad forward name(log10_tan)
double log10_d(double x) { return log10(x); }
#pragma grad name(log10f_rev)
float log10_f(float x) { return log10f(x); }
#pragma grad name(log10l_rev)
long double log10_l(long double x) { return log10l(x); }

#pragma grad name(log1p_rev)
#pragma grad forward name(log1p_tan)
double log1p_d(double x) { return log1p(x); }
#pragma grad name(log1pf_rev)
float log1p_f(float x) { return log1pf(x); }
#pragma grad name(log1pl_rev)
long double log1p_l(long double x) { return log1pl(x); }

#pragma grad name(sqrt_rev)
#pragma grad forward name(sqrt_tan)
double sqrt_d(double x) { return sqrt(x); }
#pragma grad name(sqrtf_rev)
float sqrt_f(float x) { return sqrtf(x); }
#pragma grad name(sqrtl_rev)
long double sqrt_l(long double x) { return sqrtl(x); }

#pragma grad name(cbrt_rev)
#pragma grad forward name(cbrt_tan)
double cbrt_d(double x) { return cbrt(x); }
#pragma grad name(cbrtf_rev)
float cbrt_f(float x) { return cbrtf(x); }
#pragma grad name(cbrtl_rev)
long double cbrt_l(long double x) { return cbrtl(x); }

#pragma grad name(sin_rev)
#pragma grad forward name(sin_tan)
double sin_d(double x) { return sin(x); }
#pragma grad name(sinf_rev)
float sin_f(float x) { return sinf(x); }
#pragma grad name(sinl_rev)
long double sin_l(long double x) { return sinl(x); }

#pragma grad name(cos_rev)
#pragma grad forward name(cos_tan)
double cos_d(double x) { return cos(x); }
#pragma grad name(cosf_rev)
float cos_f(float x) { return cosf(x); }
#pragma grad name(cosl_rev)
long double cos_l(long double x) { return cosl(x); }

#pragma grad name(tan_rev)
#pragma grad forward name(tan_tan)
double tan_d(double x) { return tan(x); }
#pragma grad name(tanf_rev)
float tan_f(float x) { return tanf(x); }
#pragma grad name(tanl_rev)
long double tan_l(long double x) { return tanl(x); }

#pragma grad name(asin_rev)
#pragma grad forward name(asin_tan)
double asin_d(double x) { return asin(x); }
#pragma grad name(asinf_rev)
float asin_f(float x) { return asinf(x); }
#pragma grad name(asinl_rev)
long double asin_l(long double x) { return asinl(x); }

#pragma grad name(acos_rev)
#pragma grad forward name(acos_tan)
double acos_d(double x) { return acos(x); }
#pragma grad name(acosf_rev)
float acos_f(float x) { return acosf(x); }
#pragma grad name(acosl_rev)
long double acos_l(long double x) { return acosl(x); }

#pragma grad name(atan_rev)
#pragma grad forward name(atan_tan)
double atan_d(double x) { return atan(x); }
#pragma grad name(atanf_rev)
float atan_f(float x) { return atanf(x); }
#pragma grad name(atanl_rev)
long double atan_l(long double x) { return atanl(x); }

#pragma grad name(sinh_rev)
#pragma grad forward name(sinh_tan)
double sinh_d(double x) { return sinh(x); }
#pragma grad name(sinhf_rev)
float sinh_f(float x) { return sinhf(x); }
#pragma grad name(sinhl_rev)
long double sinh_l(long double x) { return sinhl(x); }

#pragma grad name(cosh_rev)
#pragma grad forward name(cosh_tan)
double cosh_d(double x) { return cosh(x); }
#pragma grad name(coshf_rev)
float cosh_f(float x) { return coshf(x); }
#pragma grad name(coshl_rev)
long double cosh_l(long double x) { return coshl(x); }

#pragma grad name(tanh_rev)
#pragma grad forward name(tanh_tan)
double tanh_d(double x) { return tanh(x); }
#pragma grad name(tanhf_rev)
float tanh_f(float x) { return tanhf(x); }
#pragma grad name(tanhl_rev)
long double tanh_l(long double x) { return tanhl(x); }

#pragma grad name(asinh_rev)
#pragma grad forward name(asinh_tan)
double asinh_d(double x) { return asinh(x); }
#pragma grad name(asinhf_rev)
float asinh_f(float x) { return asinhf(x); }
#pragma grad name(asinhl_rev)
long double asinh_l(long double x) { return asinhl(x); }

#pragma grad name(acosh_rev)
#pragma grad forward name(acosh_tan)
double acosh_d(double x) { return acosh(x); }
#pragma grad name(acoshf_rev)
float acosh_f(float x) { return acoshf(x); }
#pragma grad name(acoshl_rev)
long double acosh_l(long double x) { return acoshl(x); }

#pragma grad name(atanh_rev)
#pragma grad forward name(atanh_tan)
double atanh_d(double x) { return atanh(x); }
#pragma grad name(atanhf_rev)
float atanh_f(float x) { return atanhf(x); }
#pragma grad name(atanhl_rev)
long double atanh_l(long double x) { return atanhl(x); }

#pragma grad name(erf_rev)
#pragma grad forward name(erf_tan)
double erf_d(double x) { return erf(x); }
#pragma grad name(erff_rev)
float erf_f(float x) { return erff(x); }
#pragma grad name(erfl_rev)
long double erf_l(long double x) { return erfl(x); }

#pragma grad name(erfc_rev)
#pragma grad forward name(erfc_tan)
double erfc_d(double x) { return erfc(x); }
#pragma grad name(erfcf_rev)
float erfc_f(float x) { return erfcf(x); }
#pragma grad name(erfcl_rev)
long double erfc_l(long double x) { return erfcl(x); }

#pragma grad name(tgamma_rev)
#pragma grad forward name(tgamma_tan)
double tgamma_d(double x) { return tgamma(x); }
#pragma grad name(tgammaf_rev)
float tgamma_f(float x) { return tgammaf(x); }
#pragma grad name(tgammal_rev)
long double tgamma_l(long double x) { return tgammal(x); }

#pragma grad name(lgamma_rev)
#pragma grad forward name(lgamma_tan)
double lgamma_d(double x) { return lgamma(x); }
#pragma grad name(lgammaf_rev)
float lgamma_f(float x) { return lgammaf(x); }
#pragma grad name(lgammal_rev)
long double lgamma_l(long double x) { return lgammal(x); }

#pragma grad name(fabs_rev)
#pragma grad forward name(fabs_tan)
double fabs_d(double x) { return fabs(x); }
#pragma grad name(fabsf_rev)
float fabs_f(float x) { return fabsf(x); }
#pragma grad name(fabsl_rev)
long double fabs_l(long double x) { return fabsl(x); }

#pragma grad name(floor_rev)
#pragma grad forward name(floor_tan)
double floor_d(double x) { return floor(x); }
#pragma grad name(floorf_rev)
float floor_f(float x) { return floorf(x); }
#pragma grad name(floorl_rev)
long double floor_l(long double x) { return floorl(x); }

#pragma grad name(ceil_rev)
#pragma grad forward name(ceil_tan)
double ceil_d(double x) { return ceil(x); }
#pragma grad name(ceilf_rev)
float ceil_f(float x) { return ceilf(x); }
#pragma grad name(ceill_rev)
long double ceil_l(long double x) { return ceill(x); }

#pragma grad name(round_rev)
#pragma grad forward name(round_tan)
double round_d(double x) { return round(x); }
#pragma grad name(roundf_rev)
float round_f(float x) { return roundf(x); }
#pragma grad name(roundl_rev)
long double round_l(long double x) { return roundl(x); }

#pragma grad name(trunc_rev)
#pragma grad forward name(trunc_tan)
double trunc_d(double x) { return trunc(x); }
#pragma grad name(truncf_rev)
float trunc_f(float x) { return truncf(x); }
#pragma grad name(truncl_rev)
long double trunc_l(long double x) { return truncl(x); }

#pragma grad name(rint_rev)
#pragma grad forward name(rint_tan)
double rint_d(double x) { return rint(x); }
#pragma grad name(rintf_rev)
float rint_f(float x) { return rintf(x); }
#pragma grad name(rintl_rev)
long double rint_l(long double x) { return rintl(x); }

#pragma grad name(nearbyint_rev)
#pragma grad forward name(nearbyint_tan)
double nearbyint_d(double x) { return nearbyint(x); }
#pragma grad name(nearbyintf_rev)
float nearbyint_f(float x) { return nearbyintf(x); }
#pragma grad name(nearbyintl_rev)
long double nearbyint_l(long double x) { return nearbyintl(x); }

#pragma grad name(logb_rev)
#pragma grad forward name(logb_tan)
double logb_d(double x) { return logb(x); }
#pragma grad name(logbf_rev)
float logb_f(float x) { return logbf(x); }
#pragma grad name(logbl_rev)
long double logb_l(long double x) { return logbl(x); }

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

typedef long double (*LongFunction)(long double);

// Central differences, the step's second and fourth power removed.
static long double slope(LongFunction f, long double x)
{
    long double h = x != 0 ? fabsl(x) * 2e-4L : 2e-4L, d[3];
    if (fabsl(x) > 1e4L && fabsl(x) < 1e9L)
        h = 1e-3L; // oscillating functions
    for (int i = 0; i < 3; i++, h /= 2)
        d[i] = (f(x + h) - f(x - h)) / (2 * h);
    d[0] = (4 * d[1] - d[0]) / 3;
    d[1] = (4 * d[2] - d[1]) / 3;
    return (16 * d[1] - d[0]) / 15;
}

// A point that differences do not reach, and the derivative there; NaN where
// they do.
typedef struct {
    double x;
    long double expected;
} Extreme;

#define M 0.69314718055994530942L // ln 2
#define S 1.12837916709551257390L // 2 / sqrt(pi)

typedef struct {
    const char *name;
    double (*d)(double), (*d_rev)(double, double *);
    double (*d_tan)(double, double, double *);
    float (*f)(float), (*f_rev)(float, float *);
    long double (*l)(long double);
    long double (*l_rev)(long double, long double *);
    double low, high;
    Extreme extremes[5]; // ended by one that is all zero
} Rule;

static void check_at(const Rule *r, double x, long double known)
{
    double d_x = 0, tangent = 0;
    float f_x = 0;
    long double l_x = 0;
    check_bits_at(__FILE__, __LINE__, r->name, r->d_rev(x, &d_x), r->d(x));
    check_bits_at(__FILE__, __LINE__, r->name, r->d_tan(x, 1.0, &tangent), r->d(x));
    r->l_rev(x, &l_x);
    check_close_at(__FILE__, __LINE__, r->name, tangent, d_x, 1e-15);
    double expected = (double)(isnan(known) ? slope(r->l, x) : known);
    check_close_at(__FILE__, __LINE__, r->name, d_x, expected, 1e-9);
    check_close_at(__FILE__, __LINE__, r->name, (double)l_x, expected, 1e-9);
    if (fabs(x) > 1e30 || fabs(x) < 1e-30 || !isfinite(r->f((float)x)))
        return;
    r->f_rev((float)x, &f_x);
    d_x = 0;
    r->d_rev((float)x, &d_x);
    if (fabs(d_x) < 1e30 && fabs(d_x) > 1e-30)
        check_close_at(__FILE__, __LINE__, r->name, f_x, d_x, 3e-5);
}

int main(void)
{
    const Rule rules[] = {
        {"exp", exp_d, exp_rev, exp_tan, exp_f, expf_rev, exp_l, expl_rev,
         -30, 30,
         {{-700, expl(-700)},
          {700, expl(700)},
          {0, 1}}},
        {"exp2", exp2_d, exp2_rev, exp2_tan, exp2_f, exp2f_rev, exp2_l, exp2l_rev,
         -30, 30,
         {{-1000, M * exp2l(-1000)},
          {1000, M * exp2l(1000)},
          {0, M}}},
        {"expm1", expm1_d, expm1_rev, expm1_tan, expm1_f, expm1f_rev, expm1_l, expm1l_rev,
         -5, 30,
         {{1e-10, expl(1e-10L)},
          {700, expl(700)},
          {0, 1}}},
        {"log", log_d, log_rev, log_tan, log_f, logf_rev, log_l, logl_rev,
         0.01, 50,
         {{1e-300, 1e300},
          {1e300, 1e-300}}},
        {"log2", log2_d, log2_rev, log2_tan, log2_f, log2f_rev, log2_l, log2l_rev,
         0.01, 50,
         {{1e-300, 1e300L / M},
          {1e300, 1e-300L / M}}},
        {"log10", log10_d, log10_rev, log10_tan, log10_f, log10f_rev, log10_l, log10l_rev,
         0.01, 50,
         {{1e-300, 1e300L / logl(10)},
          {1e300, 1e-300L / logl(10)}}},
        {"log1p", log1p_d, log1p_rev, log1p_tan, log1p_f, log1pf_rev, log1p_l, log1pl_rev,
         -0.9, 50,
         {{1e-10, 1 / (1 + 1e-10L)},
          {1e300, 1e-300},
          {0, 1}}},
        {"sqrt", sqrt_d, sqrt_rev, sqrt_tan, sqrt_f, sqrtf_rev, sqrt_l, sqrtl_rev,
         0.01, 50,
         {{1e-300, 0.5e150},
          {1e300, 0.5e-150}}},
        {"cbrt", cbrt_d, cbrt_rev, cbrt_tan, cbrt_f, cbrtf_rev, cbrt_l, cbrtl_rev,
         0.01, 50,
         {{1e-300, 1e200L / 3},
          {1e300, 1e-200L / 3},
          {-8, 1 / 12.0L}}},
        {"sin", sin_d, sin_rev, sin_tan, sin_f, sinf_rev, sin_l, sinl_rev,
         -20, 20,
         {{1e5, cosl(1e5)},
          {0, 1}}},
        {"cos", cos_d, cos_rev, cos_tan, cos_f, cosf_rev, cos_l, cosl_rev,
         -20, 20,
         {{1e5, -sinl(1e5)},
          {1e-3, -sinl(1e-3)},
          {0, 0}}},
        {"tan", tan_d, tan_rev, tan_tan, tan_f, tanf_rev, tan_l, tanl_rev,
         -1.5, 1.5,
         {{1e-8, 1},
          {100, 1 + tanl(100) * tanl(100)}}},
        {"asin", asin_d, asin_rev, asin_tan, asin_f, asinf_rev, asin_l, asinl_rev,
         -0.99, 0.99,
         {{1e-9, 1},
          {0.9999999, 1 / sqrtl(1 - 0.9999999 * (long double)0.9999999)}}},
        {"acos", acos_d, acos_rev, acos_tan, acos_f, acosf_rev, acos_l, acosl_rev,
         -0.99, 0.99,
         {{1e-9, -1},
          {-0.9999999, -1 / sqrtl(1 - 0.9999999 * (long double)0.9999999)}}},
        {"atan", atan_d, atan_rev, atan_tan, atan_f, atanf_rev, atan_l, atanl_rev,
         -20, 20,
         {{1e100, 1e-200},
          {-1e10, 1e-20}}},
        {"sinh", sinh_d, sinh_rev, sinh_tan, sinh_f, sinhf_rev, sinh_l, sinhl_rev,
         -20, 20,
         {{700, coshl(700)},
          {1e-9, 1}}},
        {"cosh", cosh_d, cosh_rev, cosh_tan, cosh_f, coshf_rev, cosh_l, coshl_rev,
         -20, 20,
         {{700, sinhl(700)},
          {-700, sinhl(-700)}}},
        {"tanh", tanh_d, tanh_rev, tanh_tan, tanh_f, tanhf_rev, tanh_l, tanhl_rev,
         -4, 4,
         {{1e-9, 1},
          {0, 1}}},
        {"asinh", asinh_d, asinh_rev, asinh_tan, asinh_f, asinhf_rev, asinh_l, asinhl_rev,
         -20, 20,
         {{1e200, 1e-200},
          {-1e200, 1e-200},
          {1e-9, 1}}},
        {"acosh", acosh_d, acosh_rev, acosh_tan, acosh_f, acoshf_rev, acosh_l, acoshl_rev,
         1.01, 50,
         {{1e200, 1e-200},
          {1.000001, 1 / sqrtl(1.000001 * (long double)1.000001 - 1)}}},
        {"atanh", atanh_d, atanh_rev, atanh_tan, atanh_f, atanhf_rev, atanh_l, atanhl_rev,
         -0.99, 0.99,
         {{1e-9, 1},
          {0.999999, 1 / (1 - 0.999999 * (long double)0.999999)}}},
        {"erf", erf_d, erf_rev, erf_tan, erf_f, erff_rev, erf_l, erfl_rev,
         -3, 3,
         {{1e-9, S},
          {5, S * expl(-25)}}},
        {"erfc", erfc_d, erfc_rev, erfc_tan, erfc_f, erfcf_rev, erfc_l, erfcl_rev,
         -3, 5,
         {{1e-9, -S},
          {8, -S * expl(-64)}}},
        {"tgamma", tgamma_d, tgamma_rev, tgamma_tan, tgamma_f, tgammaf_rev, tgamma_l, tgammal_rev,
         0.1, 20,
         {{100, NAN},
          {-0.5, NAN},
          {-1.5, NAN},
          {-2.3, NAN}}},
        {"lgamma", lgamma_d, lgamma_rev, lgamma_tan, lgamma_f, lgammaf_rev, lgamma_l, lgammal_rev,
         0.1, 20,
         {{1e10, logl(1e10) - 0.5e-10L},
          {-0.5, NAN},
          {-1.5, NAN},
          {-2.3, NAN}}},
        {"fabs", fabs_d, fabs_rev, fabs_tan, fabs_f, fabsf_rev, fabs_l, fabsl_rev,
         0.1, 20,
         {{-3, -1},
          {1e300, 1},
          {-1e-300, -1},
          {0, 1}}},
        {"floor", floor_d, floor_rev, floor_tan, floor_f, floorf_rev, floor_l, floorl_rev,
         0.1, 0.9,
         {{-2.5, 0},
          {1e10, 0}}},
        {"ceil", ceil_d, ceil_rev, ceil_tan, ceil_f, ceilf_rev, ceil_l, ceill_rev,
         0.1, 0.9,
         {{-2.2, 0},
          {1e10, 0}}},
        {"round", round_d, round_rev, round_tan, round_f, roundf_rev, round_l, roundl_rev,
         0.6, 1.4,
         {{-2.2, 0},
          {1e10, 0}}},
        {"trunc", trunc_d, trunc_rev, trunc_tan, trunc_f, truncf_rev, trunc_l, truncl_rev,
         0.1, 0.9,
         {{-2.2, 0},
          {1e10, 0}}},
        {"rint", rint_d, rint_rev, rint_tan, rint_f, rintf_rev, rint_l, rintl_rev,
         0.6, 1.4,
         {{-2.2, 0},
          {1e10, 0}}},
        {"nearbyint", nearbyint_d, nearbyint_rev, nearbyint_tan, nearbyint_f, nearbyintf_rev, nearbyint_l, nearbyintl_rev,
         0.6, 1.4,
         {{-2.2, 0},
          {1e10, 0}}},
        {"logb", logb_d, logb_rev, logb_tan, logb_f, logbf_rev, logb_l, logbl_rev,
         1.1, 1.9,
         {{3, 0}}},
    };
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++) {
        const Rule *r = &rules[i];
        for (int k = 0; k <= 40; k++)
            check_at(r, r->low + (r->high - r->low) * (k + 0.3) / 41,
                     NAN);
        const Extreme *e = r->extremes;
        for (; e->x != 0 || e->expected != 0; e++)
            check_at(r, e->x, e->expected);
    }
    return check_done();
}
#endif

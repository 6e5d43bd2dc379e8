// The derivative rules of complex.h. Forward mode against differences of the
// long double function along the real and the imaginary axis (Richardson
// extrapolation); reverse mode against forward mode by
// Re(conj(weight) tangent) = Re(conj(adjoint) direction); float and long double
// against double. Branch cuts are met from both sides. A holomorphic function
// has tangents f'(z) d and adjoints conj(f'(z)) d, conj has neither.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links
// RUN: %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang %links
// RUN: %t.clang
#include <complex.h>

// glibc has it for gcc alone.
#ifndef CMPLX
#define CMPLX(x, y) __builtin_complex((double)(x), (double)(y))
#endif

#pragma grad forward name(cexp_tan)
double complex cexp_d(double complex z) { return cexp(z); }
#pragma grad wrt(z) name(cexp_rev)
double cexp_w(double complex z, double u, double v)
{
    return u * creal(cexp(z)) + v * cimag(cexp(z));
}
#pragma grad forward name(cexpf_tan)
float complex cexp_f(float complex z) { return cexpf(z); }
#pragma grad forward name(cexpl_tan)
long double complex cexp_l(long double complex z) { return cexpl(z); }

#pragma grad forward name(clog_tan)
double complex clog_d(double complex z) { return clog(z); }
#pragma grad wrt(z) name(clog_rev)
double clog_w(double complex z, double u, double v)
{
    return u * creal(clog(z)) + v * cimag(clog(z));
}
#pragma grad forward name(clogf_tan)
float complex clog_f(float complex z) { return clogf(z); }
#pragma grad forward name(clogl_tan)
long double complex clog_l(long double complex z) { return clogl(z); }

#pragma grad forward name(csqrt_tan)
double complex csqrt_d(double complex z) { return csqrt(z); }
#pragma grad wrt(z) name(csqrt_rev)
double csqrt_w(double complex z, double u, double v)
{
    return u * creal(csqrt(z)) + v * cimag(csqrt(z));
}
#pragma grad forward name(csqrtf_tan)
float complex csqrt_f(float complex z) { return csqrtf(z); }
#pragma grad forward name(csqrtl_tan)
long double complex csqrt_l(long double complex z) { return csqrtl(z); }

#pragma grad forward name(csin_tan)
double complex csin_d(double complex z) { return csin(z); }
#pragma grad wrt(z) name(csin_rev)
double csin_w(double complex z, double u, double v)
{
    return u * creal(csin(z)) + v * cimag(csin(z));
}
#pragma grad forward name(csinf_tan)
float complex csin_f(float complex z) { return csinf(z); }
#pragma grad forward name(csinl_tan)
long double complex csin_l(long double complex z) { return csinl(z); }

#pragma grad forward name(ccos_tan)
double complex ccos_d(double complex z) { return ccos(z); }
#pragma grad wrt(z) name(ccos_rev)
double ccos_w(double complex z, double u, double v)
{
    return u * creal(ccos(z)) + v * cimag(ccos(z));
}
#pragma grad forward name(ccosf_tan)
float complex ccos_f(float complex z) { return ccosf(z); }
#pragma grad forward name(ccosl_tan)
long double complex ccos_l(long double complex z) { return ccosl(z); }

#pragma grad forward name(ctan_tan)
double complex ctan_d(double complex z) { return ctan(z); }
#pragma grad wrt(z) name(ctan_rev)
double ctan_w(double complex z, double u, double v)
{
    return u * creal(ctan(z)) + v * cimag(ctan(z));
}
#pragma grad forward name(ctanf_tan)
float complex ctan_f(float complex z) { return ctanf(z); }
#pragma grad forward name(ctanl_tan)
long double complex ctan_l(long double complex z) { return ctanl(z); }

#pragma grad forward name(casin_tan)
double complex casin_d(double complex z) { return casin(z); }
#pragma grad wrt(z) name(casin_rev)
double casin_w(double complex z, double u, double v)
{
    return u * creal(casin(z)) + v * cimag(casin(z));
}
#pragma grad forward name(casinf_tan)
float complex casin_f(float complex z) { return casinf(z); }
#pragma grad forward name(casinl_tan)
long double complex casin_l(long double complex z) { return casinl(z); }

#pragma grad forward name(cacos_tan)
double complex cacos_d(double complex z) { return cacos(z); }
#pragma grad wrt(z) name(cacos_rev)
double cacos_w(double complex z, double u, double v)
{
    return u * creal(cacos(z)) + v * cimag(cacos(z));
}
#pragma grad forward name(cacosf_tan)
float complex cacos_f(float complex z) { return cacosf(z); }
#pragma grad forward name(cacosl_tan)
long double complex cacos_l(long double complex z) { return cacosl(z); }

#pragma grad forward name(catan_tan)
double complex catan_d(double complex z) { return catan(z); }
#pragma grad wrt(z) name(catan_rev)
double catan_w(double complex z, double u, double v)
{
    return u * creal(catan(z)) + v * cimag(catan(z));
}
#pragma grad forward name(catanf_tan)
float complex catan_f(float complex z) { return catanf(z); }
#pragma grad forward name(catanl_tan)
long double complex catan_l(long double complex z) { return catanl(z); }

#pragma grad forward name(csinh_tan)
double complex csinh_d(double complex z) { return csinh(z); }
#pragma grad wrt(z) name(csinh_rev)
double csinh_w(double complex z, double u, double v)
{
    return u * creal(csinh(z)) + v * cimag(csinh(z));
}
#pragma grad forward name(csinhf_tan)
float complex csinh_f(float complex z) { return csinhf(z); }
#pragma grad forward name(csinhl_tan)
long double complex csinh_l(long double complex z) { return csinhl(z); }

#pragma grad forward name(ccosh_tan)
double complex ccosh_d(double complex z) { return ccosh(z); }
#pragma grad wrt(z) name(ccosh_rev)
double ccosh_w(double complex z, double u, double v)
{
    return u * creal(ccosh(z)) + v * cimag(ccosh(z));
}
#pragma grad forward name(ccoshf_tan)
float complex ccosh_f(float complex z) { return ccoshf(z); }
#pragma grad forward name(ccoshl_tan)
long double complex ccosh_l(long double complex z) { return ccoshl(z); }

#pragma grad forward name(ctanh_tan)
double complex ctanh_d(double complex z) { return ctanh(z); }
#pragma grad wrt(z) name(ctanh_rev)
double ctanh_w(double complex z, double u, double v)
{
    return u * creal(ctanh(z)) + v * cimag(ctanh(z));
}
#pragma grad forward name(ctanhf_tan)
float complex ctanh_f(float complex z) { return ctanhf(z); }
#pragma grad forward name(ctanhl_tan)
long double complex ctanh_l(long double complex z) { return ctanhl(z); }

#pragma grad forward name(casinh_tan)
double complex casinh_d(double complex z) { return casinh(z); }
#pragma grad wrt(z) name(casinh_rev)
double casinh_w(double complex z, double u, double v)
{
    return u * creal(casinh(z)) + v * cimag(casinh(z));
}
#pragma grad forward name(casinhf_tan)
float complex casinh_f(float complex z) { return casinhf(z); }
#pragma grad forward name(casinhl_tan)
long double complex casinh_l(long double complex z) { return casinhl(z); }

#pragma grad forward name(cacosh_tan)
double complex cacosh_d(double complex z) { return cacosh(z); }
#pragma grad wrt(z) name(cacosh_rev)
double cacosh_w(double complex z, double u, double v)
{
    return u * creal(cacosh(z)) + v * cimag(cacosh(z));
}
#pragma grad forward name(cacoshf_tan)
float complex cacosh_f(float complex z) { return cacoshf(z); }
#pragma grad forward name(cacoshl_tan)
long double complex cacosh_l(long double complex z) { return cacoshl(z); }

#pragma grad forward name(catanh_tan)
double complex catanh_d(double complex z) { return catanh(z); }
#pragma grad wrt(z) name(catanh_rev)
double catanh_w(double complex z, double u, double v)
{
    return u * creal(catanh(z)) + v * cimag(catanh(z));
}
#pragma grad forward name(catanhf_tan)
float complex catanh_f(float complex z) { return catanhf(z); }
#pragma grad forward name(catanhl_tan)
long double complex catanh_l(long double complex z) { return catanhl(z); }

#pragma grad forward name(conj_tan)
double complex conj_d(double complex z) { return conj(z); }
#pragma grad wrt(z) name(conj_rev)
double conj_w(double complex z, double u, double v)
{
    return u * creal(conj(z)) + v * cimag(conj(z));
}
#pragma grad forward name(conjf_tan)
float complex conj_f(float complex z) { return conjf(z); }
#pragma grad forward name(conjl_tan)
long double complex conj_l(long double complex z) { return conjl(z); }

#pragma grad forward name(cproj_tan)
double complex cproj_d(double complex z) { return cproj(z); }
#pragma grad wrt(z) name(cproj_rev)
double cproj_w(double complex z, double u, double v)
{
    return u * creal(cproj(z)) + v * cimag(cproj(z));
}
#pragma grad forward name(cprojf_tan)
float complex cproj_f(float complex z) { return cprojf(z); }
#pragma grad forward name(cprojl_tan)
long double complex cproj_l(long double complex z) { return cprojl(z); }

#pragma grad forward name(cpow_tan)
double complex cpow_d(double complex x, double complex y)
{
    return cpow(x, y);
}
#pragma grad wrt(x, y) name(cpow_rev)
double cpow_w(double complex x, double complex y, double u, double v)
{
    return u * creal(cpow(x, y)) + v * cimag(cpow(x, y));
}

#pragma grad name(cabs_rev)
#pragma grad forward name(cabs_tan)
double cabs_d(double complex z) { return cabs(z); }
#pragma grad name(carg_rev)
#pragma grad forward name(carg_tan)
double carg_d(double complex z) { return carg(z); }
#pragma grad name(creal_rev)
#pragma grad forward name(creal_tan)
double creal_d(double complex z) { return creal(z); }
#pragma grad name(cimag_rev)
#pragma grad forward name(cimag_tan)
double cimag_d(double complex z) { return cimag(z); }
#pragma grad forward name(cmplx_tan)
double complex cmplx_d(double x, double y) { return CMPLX(x, y); }
#pragma grad name(cmplx_rev) wrt(x, y)
double cmplx_w(double x, double y, double u, double v)
{
    double complex square = CMPLX(x, y) * CMPLX(x, y);
    return u * creal(square) + v * cimag(square);
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

static bool check_complex(const char *name, double complex got,
                          double complex want, double tolerance)
{
    bool right = cabs(got - want) <= tolerance * cabs(want);
    check_report(right, name, 0, "real part", creal(got), creal(want));
    if (!right)
        check_report(right, name, 0, "imaginary part", cimag(got),
                     cimag(want));
    return right;
}

// Re(conj(a) b): what a weight a makes of a change b.
static double dot(double complex a, double complex b)
{
    return creal(a) * creal(b) + cimag(a) * cimag(b);
}

typedef struct Row {
    const char *name;
    double complex (*tangent)(double complex, double complex,
                              double complex *);
    double (*reverse)(double complex, double complex *, double, double);
    float complex (*tangent_f)(float complex, float complex, float complex *);
    long double complex (*tangent_l)(long double complex, long double complex,
                                     long double complex *);
    double complex (*primal)(double complex);
    long double complex (*primal_l)(long double complex);
} Row;

#define ROW(f) {#f, f##_tan, f##_rev, f##f_tan, f##l_tan, f##_d, f##_l}

static const Row rows[] = {
    ROW(cexp), ROW(clog), ROW(csqrt), ROW(csin), ROW(ccos), ROW(ctan),
    ROW(casin), ROW(cacos), ROW(catan), ROW(csinh), ROW(ccosh), ROW(ctanh),
    ROW(casinh), ROW(cacosh), ROW(catanh), ROW(conj), ROW(cproj)
};

static long double complex central(const Row *row, long double complex z,
                                   long double complex step)
{
    return (row->primal_l(z + step) - row->primal_l(z - step)) /
           (2 * cabsl(step));
}

static void check_row(const Row *row, double complex z, bool differences)
{
    static const double complex directions[] = {1, I, 0.3 - 0.8 * I};
    static const double complex weights[] = {1, I, -0.7 + 1.1 * I};
    for (int i = 0; i < 3; i++) {
        double complex direction = directions[i], tangent;
        double complex value = row->tangent(z, direction, &tangent);
        CHECK_BITS(creal(value), creal(row->primal(z)));
        CHECK_BITS(cimag(value), cimag(row->primal(z)));
        if (differences) {
            long double complex h = direction / cabs(direction) * 0x1p-11L;
            long double complex coarse = central(row, z, h);
            long double complex fine = central(row, z, h / 2);
            long double complex best = fine + (fine - coarse) / 3;
            check_complex(row->name, tangent, best * cabs(direction), 1e-10);
        }
        for (int j = 0; j < 3; j++) {
            double complex d_z = 0;
            row->reverse(z, &d_z, creal(weights[j]), cimag(weights[j]));
            CHECK_NEAR(dot(d_z, direction), dot(weights[j], tangent),
                       1e-12 * cabs(tangent));
        }
        float complex tangent_f;
        row->tangent_f(z, direction, &tangent_f);
        check_complex(row->name, tangent_f, tangent, 3e-5);
        long double complex tangent_l;
        row->tangent_l(z, direction, &tangent_l);
        check_complex(row->name, tangent_l, tangent, 1e-13);
    }
}

static void check_power(double complex x, double complex y)
{
    static const double complex none = 0;
    double complex ones[] = {1, I};
    for (int i = 0; i < 2; i++) {
        double complex by_x, by_y, d_x = 0, d_y = 0;
        cpow_tan(x, ones[i], y, none, &by_x);
        cpow_tan(x, none, y, ones[i], &by_y);
        check_complex("cpow by x", by_x, ones[i] * y * cpow(x, y) / x, 1e-13);
        check_complex("cpow by y", by_y, ones[i] * clog(x) * cpow(x, y),
                      1e-13);
        cpow_rev(x, &d_x, y, &d_y, 0.5, -1.5);
        CHECK_NEAR(dot(d_x, ones[i]), dot(0.5 - 1.5 * I, by_x),
                   1e-13 * cabs(by_x));
        CHECK_NEAR(dot(d_y, ones[i]), dot(0.5 - 1.5 * I, by_y),
                   1e-13 * cabs(by_y));
    }
}

static void check_real_results(double complex z)
{
    double complex ones[] = {1, I};
    double r = cabs(z), x = creal(z), y = cimag(z);
    double complex absolute = 0, argument = 0, real = 0, imaginary = 0;
    CHECK_BITS(cabs_rev(z, &absolute), cabs(z));
    CHECK_BITS(carg_rev(z, &argument), carg(z));
    CHECK_BITS(creal_rev(z, &real), creal(z));
    CHECK_BITS(cimag_rev(z, &imaginary), cimag(z));
    CHECK_CLOSE(creal(absolute), x / r, 1e-14);
    CHECK_CLOSE(cimag(absolute), y / r, 1e-14);
    CHECK_CLOSE(creal(argument), -y / (r * r), 1e-14);
    CHECK_CLOSE(cimag(argument), x / (r * r), 1e-14);
    CHECK_TRUE(real == 1 && imaginary == I);
    for (int i = 0; i < 2; i++) {
        double d;
        cabs_tan(z, ones[i], &d);
        CHECK_CLOSE(d, dot(absolute, ones[i]), 1e-13);
        carg_tan(z, ones[i], &d);
        CHECK_CLOSE(d, dot(argument, ones[i]), 1e-13);
        creal_tan(z, ones[i], &d);
        CHECK_TRUE(d == (i == 0));
        cimag_tan(z, ones[i], &d);
        CHECK_TRUE(d == (i == 1));
    }
}

static void check_cmplx(void)
{
    double d_x = 0, d_y = 0;
    double complex d;
    cmplx_rev(2, &d_x, 3, &d_y, 5, 7);
    CHECK_TRUE(d_x == 62 && d_y == -2); // (5 + 7i) conj(2 (2 + 3i))
    cmplx_tan(2, 5, 3, 7, &d);
    CHECK_TRUE(d == 5 + 7 * I);
    CHECK_BITS(cimag(cmplx_tan(2, 1, -0.0, 0, &d)), -0.0);
}

// The derivative on a cut is that of the side which the sign of zero names.
static void check_cuts(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const double far[] = {2.5, -2.5};
        for (int j = 0; j < 2; j++)
            for (int sign = -1; sign <= 1; sign += 2) {
                double zero = copysign(0, sign);
                double complex along, beside;
                rows[i].tangent(CMPLX(far[j], zero), 1, &along);
                rows[i].tangent(CMPLX(far[j], sign * 1e-9), 1, &beside);
                check_complex(rows[i].name, along, beside, 1e-8);
                check_row(&rows[i], CMPLX(far[j], zero), false);
                rows[i].tangent(CMPLX(zero, far[j]), I, &along);
                rows[i].tangent(CMPLX(sign * 1e-9, far[j]), I, &beside);
                check_complex(rows[i].name, along, beside, 1e-8);
                check_row(&rows[i], CMPLX(zero, far[j]), false);
            }
    }
}

static void check_zero_weights(void)
{
    double complex d_z = 0, d_y = 0;
    clog_rev(0, &d_z, 0, 0);
    csqrt_rev(0, &d_z, 0, 0);
    casin_rev(1, &d_z, 0, 0);
    catanh_rev(1, &d_z, 0, 0);
    cpow_rev(0, &d_z, 2, &d_y, 0, 0);
    CHECK_TRUE(d_z == 0 && d_y == 0);
    CHECK_BITS(cabs_rev(0, &d_z), 0); // as hypot: zero at the origin
    CHECK_TRUE(d_z == 0);
    cpow_rev(1.5, &d_z, 0, &d_y, 1, 0); // x^0 is 1
    CHECK_TRUE(d_z == 0);
}

int main(void)
{
    struct rng rng = {17};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int j = 0; j < 40; j++) {
            double x = rng_uniform(&rng, 0.1, 0.85);
            double y = rng_uniform(&rng, 0.1, 1.5);
            double complex z = (j & 1 ? x : -x) + (j & 2 ? y : -y) * I;
            check_row(&rows[i], z, true);
            if (j >= 8)
                continue;
            check_row(&rows[i], 2 * z, true);
        }
    for (int j = 0; j < 40; j++) {
        double complex z = rng_normal(&rng) + rng_normal(&rng) * I;
        check_power(z, rng_normal(&rng) + rng_normal(&rng) * I);
        check_real_results(z);
    }
    check_cmplx();
    check_cuts();
    check_zero_weights();
    return check_done();
}
#endif

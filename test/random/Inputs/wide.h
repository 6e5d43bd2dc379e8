// wide.h - included before a program to compute in double what it computes in
// float. So differences of it mean something, and reverse agrees with forward
// mode to the rounding of double: what remains are errors of the derivative.
#ifndef WIDE_H
#define WIDE_H

#include "gradrt.h"
#include <complex.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define float double
#define grad_push_float grad_push_double
#define grad_pop_float grad_pop_double

#define cabsf cabs
#define cargf carg
#define ccosf ccos
#define ccoshf ccosh
#define cexpf cexp
#define cimagf cimag
#define clogf clog
#define conjf conj
#define crealf creal
#define csinf csin
#define csinhf csinh
#define csqrtf csqrt

#define acosf acos
#define acoshf acosh
#define asinf asin
#define asinhf asinh
#define atan2f atan2
#define atanf atan
#define atanhf atanh
#define cbrtf cbrt
#define copysignf copysign
#define cosf cos
#define coshf cosh
#define erfcf erfc
#define erff erf
#define exp2f exp2
#define expf exp
#define expm1f expm1
#define fabsf fabs
#define fdimf fdim
#define floorf floor
#define fmaf fma
#define fmaxf fmax
#define fminf fmin
#define hypotf hypot
#define ldexpf ldexp
#define log10f log10
#define log1pf log1p
#define log2f log2
#define logf log
#define powf pow
#define roundf round
#define sinf sin
#define sinhf sinh
#define sqrtf sqrt
#define tanf tan
#define tanhf tanh

#undef CMPLXF
#define CMPLXF(x, y) __builtin_complex((double)(x), (double)(y))

#endif

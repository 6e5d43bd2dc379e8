// y = exp(xz) + xz / ln x + sin(ln x) / (xz), through its named intermediates,
// by reverse and by forward mode.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %s %t_grad.c -o %t.exe %links && %t.exe
// RUN: %clang %main %s %t_grad.c -o %t.clang.exe %links && %t.clang.exe
#include <math.h>

#pragma grad wrt(x, z)
#pragma grad forward wrt(x, z)
double worked(double x, double z) {
    double a = x * z;
    double b = log(x);
    double c = sin(b);
    double d = exp(a);
    double e = a / b;
    double f = c / a;
    double y = d + e + f;
    return y;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER

#include "check.h"

// At x = 2, z = 3.
static const double Y = 412.19145728412116;
static const double DY_DX = 1208.3812151266095;
static const double DY_DZ = 809.707479218564;

static void check_known_value(void) {
    double d_x = 0, d_z = 0, d_y = 0;
    double y = worked_grad(2, &d_x, 3, &d_z);
    CHECK_BITS(y, worked(2, 3));
    CHECK_CLOSE(y, Y, 1e-15);
    CHECK_CLOSE(d_x, DY_DX, 1e-14);
    CHECK_CLOSE(d_z, DY_DZ, 1e-14);

    CHECK_BITS(worked_fwd(2, 1, 3, 0, &d_y), y);
    CHECK_CLOSE(d_y, DY_DX, 1e-14);
    CHECK_BITS(worked_fwd(2, 0, 3, 1, &d_y), y);
    CHECK_CLOSE(d_y, DY_DZ, 1e-14);

    // Adjoints are added to what is there.
    worked_grad(2, &d_x, 3, &d_z);
    CHECK_CLOSE(d_x, 2 * DY_DX, 1e-14);
    CHECK_CLOSE(d_z, 2 * DY_DZ, 1e-14);
}

static void check_at(double x, double z, struct rng *rng) {
    double a = x * z, b = log(x);
    double dy_da = exp(a) + 1 / b - sin(b) / (a * a);
    double dy_db = -a / (b * b) + cos(b) / a;
    double d_x = 0, d_z = 0, d_y = 0;
    CHECK_BITS(worked_grad(x, &d_x, z, &d_z), worked(x, z));
    CHECK_CLOSE(d_x, dy_da * z + dy_db / x, 1e-11);
    CHECK_CLOSE(d_z, dy_da * x, 1e-11);

    double v_x = rng_uniform(rng, -1, 1), v_z = rng_uniform(rng, -1, 1);
    worked_fwd(x, v_x, z, v_z, &d_y);
    double size = fabs(d_x * v_x) + fabs(d_z * v_z);
    CHECK_NEAR(d_y, d_x * v_x + d_z * v_z, 1e-14 * size);
}

int main(void) {
    struct rng rng = {1};
    check_known_value();
    for (int i = 0; i < 100; i++)
        check_at(rng_uniform(&rng, 1.2, 4), rng_uniform(&rng, 0.2, 3), &rng);
    return check_done();
}
#endif

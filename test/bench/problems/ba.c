// Bundle adjustment: of each observation the Jacobian of its two errors by the
// camera, the point and the weight, one call an observation.
//
// primal: ../../programs/ba/ba.c
// targets: 2 2
#include "ba.h"
#include "bench.h"
#include GENERATED_HEADER

#include <math.h>

enum { CAMERAS = 50, POINTS = 5000, ROW = BA_CAMERA_SIZE + 3 + 1 };

struct problem {
    int p;
    double *cameras, *points, *weights, *features;
};

static void *make(const int *sizes) {
    unsigned long long s = 12;
    struct problem *p = bench_allocate(1, sizeof *p);
    size_t n = (size_t)(p->p = sizes[0]);
    p->cameras = bench_doubles(&s, CAMERAS * BA_CAMERA_SIZE, -0.2, 0.2);
    for (int i = 0; i < CAMERAS; i++)
        p->cameras[i * BA_CAMERA_SIZE + BA_FOCAL] += 3;
    p->points = bench_doubles(&s, POINTS * 3, -1, 1);
    for (int i = 0; i < POINTS; i++)
        p->points[3 * i + 2] += 4;
    p->weights = bench_doubles(&s, n, 0.5, 1.5);
    p->features = bench_doubles(&s, 2 * n, -1, 1);
    return p;
}

static size_t outputs(const void *problem) {
    return 2 * ROW * (size_t)((const struct problem *)problem)->p;
}

static const double *camera_of(const struct problem *p, int i) {
    return p->cameras + i % CAMERAS * BA_CAMERA_SIZE;
}

static const double *point_of(const struct problem *p, int i) {
    return p->points + i % POINTS * 3;
}

static double primal(void *problem) {
    struct problem *p = problem;
    double error[2], sum = 0;
    for (int i = 0; i < p->p; i++) {
        ba_reprojection_error(camera_of(p, i), point_of(p, i), p->weights + i,
                              p->features + 2 * i, error);
        sum += error[0] + error[1];
    }
    return sum;
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    double *jac = gradient, error[2], sum = 0;
    for (int i = 0; i < p->p; i++) {
        ba_reprojection_error_jac(camera_of(p, i), point_of(p, i),
                                  p->weights + i, p->features + 2 * i, error,
                                  jac + 2 * ROW * i);
        sum += error[0] + error[1];
    }
    return sum;
}

static double dot(int n, const double *x, const double *y) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void cross(const double *x, const double *y, double *out) {
    out[0] = x[1] * y[2] - x[2] * y[1];
    out[1] = x[2] * y[0] - x[0] * y[2];
    out[2] = x[0] * y[1] - x[1] * y[0];
}

// One row, from u, the error's derivative by the turned point x: x is turned
// by R = c + s [a]x + (1 - c) a a', where a is the axis.
static void rotation_row(const double u[3], const double x[3],
                         const double a[3], const double ax[3], double angle,
                         double s, double c, double along, double *restrict j) {
    double ua = dot(3, u, a), g[3], cross_u[3], xu[3];
    cross(u, a, cross_u);
    cross(x, u, xu);
    for (int k = 0; k < 3; k++) {
        j[BA_CAMERA_SIZE + k] = c * u[k] + s * cross_u[k] + (1 - c) * ua * a[k];
        j[BA_PLACE + k] = -j[BA_CAMERA_SIZE + k];
        g[k] = s * xu[k] + (1 - c) * (along * u[k] + ua * x[k]);
    }
    double by_angle = -s * dot(3, u, x) + c * dot(3, u, ax) + s * ua * along;
    double inverse = 1 / angle, ag = dot(3, a, g);
    for (int k = 0; k < 3; k++)
        j[BA_ROTATION + k] = a[k] * by_angle + (g[k] - a[k] * ag) * inverse;
}

static void jacobian_by_hand(const double *restrict camera,
                             const double *restrict point, double w,
                             const double *restrict feature,
                             double *restrict error, double *restrict jac) {
    const double *r = camera + BA_ROTATION, *place = camera + BA_PLACE;
    double x[3], a[3], ax[3], t[3];
    double angle = sqrt(dot(3, r, r)), c = cos(angle), s = sin(angle);
    for (int k = 0; k < 3; k++) {
        x[k] = point[k] - place[k];
        a[k] = r[k] / angle;
    }
    cross(a, x, ax);
    double along = dot(3, a, x);
    for (int k = 0; k < 3; k++)
        t[k] = x[k] * c + ax[k] * s + a[k] * along * (1 - c);
    double inverse = 1 / t[2], p[2] = {t[0] * inverse, t[1] * inverse};
    const double *radial = camera + BA_RADIAL;
    double q = p[0] * p[0] + p[1] * p[1], f = camera[BA_FOCAL];
    double factor = 1 + radial[0] * q + radial[1] * q * q;
    double slope = 2 * (radial[0] + 2 * radial[1] * q);
    for (int i = 0; i < 2; i++) {
        double *j = jac + i * ROW, distance = p[i] * factor;
        double u0 = p[i] * slope * p[0], u1 = p[i] * slope * p[1];
        double scale = w * f * inverse;
        double u[3] = {(u0 + (i == 0 ? factor : 0)) * scale,
                       (u1 + (i == 1 ? factor : 0)) * scale, 0};
        u[2] = -(u[0] * p[0] + u[1] * p[1]);
        double e = f * distance + camera[BA_PRINCIPAL + i] - feature[i];
        error[i] = w * e;
        rotation_row(u, x, a, ax, angle, s, c, along, j);
        j[BA_FOCAL] = w * distance;
        j[BA_PRINCIPAL + i] = w;
        j[BA_PRINCIPAL + 1 - i] = 0;
        j[BA_RADIAL] = w * f * p[i] * q;
        j[BA_RADIAL + 1] = w * f * p[i] * q * q;
        j[ROW - 1] = e;
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    double *jac = gradient, error[2], sum = 0;
    for (int i = 0; i < p->p; i++) {
        jacobian_by_hand(camera_of(p, i), point_of(p, i), p->weights[i],
                         p->features + 2 * i, error, jac + 2 * ROW * i);
        sum += error[0] + error[1];
    }
    return sum;
}

static const struct bench_row rows[] = {
    {"BA Jacobian, 31 843", {31843}}, {"BA Jacobian, 200k", {200000}}, {0}};

const struct bench bench = {rows,    sizeof(double), 1e-8,      make,
                            outputs, primal,         generated, by_hand};

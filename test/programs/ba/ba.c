// ba.c - the objective "BA" of ADBench, bundle adjustment, as one writes it
// in C.
#include "ba.h"

#include <math.h>

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

// Rodrigues's formula: the point turned around an axis. To first order where
// the angle is zero, for there is no axis then.
static void rotate(const double *rotation, const double *point, double *out) {
    double squares = dot(3, rotation, rotation);
    if (squares != 0) {
        double angle = sqrt(squares);
        double cosine = cos(angle), sine = sin(angle);
        double axis[3], across[3];
        for (int i = 0; i < 3; i++)
            axis[i] = rotation[i] / angle;
        cross(axis, point, across);
        double along = dot(3, axis, point) * (1 - cosine);
        for (int i = 0; i < 3; i++)
            out[i] = point[i] * cosine + across[i] * sine + axis[i] * along;
    } else {
        double across[3];
        cross(rotation, point, across);
        for (int i = 0; i < 3; i++)
            out[i] = point[i] + across[i];
    }
}

// Moves an image point away from the centre, in place.
static void distort(const double *radial, double *image) {
    double squares = dot(2, image, image);
    double factor = 1 + radial[0] * squares + radial[1] * squares * squares;
    image[0] *= factor;
    image[1] *= factor;
}

static void project(const double *camera, const double *point, double *image) {
    const double *place = &camera[BA_PLACE];
    double seen[3], turned[3];
    for (int i = 0; i < 3; i++)
        seen[i] = point[i] - place[i];
    rotate(&camera[BA_ROTATION], seen, turned);
    image[0] = turned[0] / turned[2];
    image[1] = turned[1] / turned[2];
    distort(&camera[BA_RADIAL], image);
    for (int i = 0; i < 2; i++)
        image[i] = image[i] * camera[BA_FOCAL] + camera[BA_PRINCIPAL + i];
}

#pragma grad wrt(camera, point, weight)
#pragma grad forward wrt(camera, point, weight)
#pragma grad jacobian wrt(camera[0:11], point[0:3], weight[0:1]) of(error[0:2])
void ba_reprojection_error(const double *camera, const double *point,
                           const double *weight, const double *feature,
                           double *error) {
    project(camera, point, error);
    for (int i = 0; i < 2; i++)
        error[i] = *weight * (error[i] - feature[i]);
}

#pragma grad
#pragma grad forward
double ba_weight_error(double weight) { return 1 - weight * weight; }

#pragma grad wrt(cameras, points, weights)
#pragma grad forward wrt(cameras, points, weights)
void ba_residuals(int p, const double *cameras, const double *points,
                  const double *weights, const int *observed,
                  const double *features, double *errors,
                  double *weight_errors) {
    for (int i = 0; i < p; i++) {
        int camera = observed[2 * i], point = observed[2 * i + 1];
        ba_reprojection_error(&cameras[camera * BA_CAMERA_SIZE],
                              &points[point * 3], &weights[i], &features[2 * i],
                              &errors[2 * i]);
    }
    for (int i = 0; i < p; i++)
        weight_errors[i] = ba_weight_error(weights[i]);
}

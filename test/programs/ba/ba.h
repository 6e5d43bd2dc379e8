// ba.h - how far cameras see points from where they were observed.
#ifndef BA_H
#define BA_H

// A camera's parameters: its rotation as a vector along the axis, as long as
// the angle; its place; its focal length; its principal point; its two radial
// distortions.
enum {
    BA_ROTATION = 0,
    BA_PLACE = 3,
    BA_FOCAL = 6,
    BA_PRINCIPAL = 7,
    BA_RADIAL = 9,
    BA_CAMERA_SIZE = 11
};

// Sets error to the weighted distance, in pixels, between the point's image in
// the camera and the feature observed.
void ba_reprojection_error(const double *camera, const double *point,
                           const double *weight, const double *feature,
                           double *error);

// Returns what keeps a weight from vanishing.
double ba_weight_error(double weight);

// All residuals of n cameras, m points and p observations: errors[p][2] and
// weight_errors[p]. Observation i is point observed[i][1] in camera
// observed[i][0], at features[i][2].
//
//   cameras[n][BA_CAMERA_SIZE], points[m][3], weights[p]
void ba_residuals(int p, const double *cameras, const double *points,
                  const double *weights, const int *observed,
                  const double *features, double *errors,
                  double *weight_errors);

#endif

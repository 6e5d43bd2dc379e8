// hand.h - how far a posed hand is from points that were measured on one.
#ifndef HAND_H
#define HAND_H

#include <stdbool.h>

// The hand's place and turn, 6 numbers; then of each of 5 fingers 4 angles.
enum { HAND_POSE_SIZE = 26 };

struct transform {
    double at[4][4];
};

// A mesh, and the bones that it hangs on. The bones are the wrist, four of
// each finger, and the forearm; each after its parent.
struct hand_model {
    int bones, vertices;
    bool mirrored;
    const int *parents;                        // [bones], -1 for none
    const struct transform *relatives;         // [bones], to the parent
    const struct transform *inverse_absolutes; // [bones], at rest
    const double *positions;                   // [vertices][3], at rest
    const double *weights;                     // [bones][vertices]
    const int (*triangles)[3];
};

// Sets errors[n][3] to the distances from vertices of the posed hand to
// points[n][3]; correspondences[n] are the vertices.
void hand_objective(const struct hand_model *model,
                    const double pose[HAND_POSE_SIZE], int n,
                    const int *correspondences, const double *points,
                    double *errors);

// The same from places in triangles, which correspondences[n] are now:
// us[n][2] are their first two barycentric coordinates.
void hand_objective_complicated(const struct hand_model *model,
                                const double pose[HAND_POSE_SIZE],
                                const double *us, int n,
                                const int *correspondences,
                                const double *points, double *errors);

#endif

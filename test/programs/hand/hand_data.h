// hand_data.h - a hand's model and points measured on it, from ADBench's files.
#ifndef HAND_DATA_H
#define HAND_DATA_H

#include <stdbool.h>

// What hand_objective and hand_objective_complicated take. All pointers are
// owned.
struct hand {
    int bones, vertices;
    int *parents;
    double (*relatives)[4][4];
    double (*inverse_absolutes)[4][4];
    double *positions;
    double *weights;
    int (*triangles)[3];
    bool mirrored;
    int n;
    int *correspondences;
    double *points;
    bool complicated; // correspondences are triangles, not vertices
    int inputs;
    double *pose; // [inputs]: the pose, then us
};

// Reads the model from the folder's bones.txt, vertices.txt and triangles.txt,
// and the points and pose from the other file, which is a complicated one if
// its name holds that word. Where that fails, says so on stderr and ends the
// program with status 2.
struct hand hand_read(const char *folder, const char *path);

void hand_free(struct hand *hand);

#endif

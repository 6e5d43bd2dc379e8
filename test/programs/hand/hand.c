// hand.c - the objective "HAND" of ADBench, as one writes it in C.
#include "hand.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Column by column, on the heap.
struct matrix {
    int rows, columns;
    double *data;
};

static struct matrix matrix_new(int rows, int columns) {
    struct matrix m = {rows, columns, NULL};
    m.data = calloc((size_t)(rows * columns), sizeof *m.data);
    if (m.data == NULL)
        abort();
    return m;
}

static void matrix_free(struct matrix *m) { free(m->data); }

static double *matrix_at(struct matrix *m, int row, int column) {
    return &m->data[column * m->rows + row];
}

static struct transform identity(void) {
    return (struct transform){
        {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};
}

static struct transform multiply(const struct transform *a,
                                 const struct transform *b) {
    struct transform product;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int k = 0; k < 4; k++)
                sum += a->at[i][k] * b->at[k][j];
            product.at[i][j] = sum;
        }
    return product;
}

// The turns around x, then y, then z, by angles in the order x, z, y.
static struct transform from_angles(const double *xzy) {
    double sx = sin(xzy[0]), cx = cos(xzy[0]);
    double sz = sin(xzy[1]), cz = cos(xzy[1]);
    double sy = sin(xzy[2]), cy = cos(xzy[2]);
    struct transform x = identity(), y = identity(), z = identity();
    x.at[1][1] = x.at[2][2] = cx;
    x.at[2][1] = sx;
    x.at[1][2] = -sx;
    y.at[0][0] = y.at[2][2] = cy;
    y.at[0][2] = sy;
    y.at[2][0] = -sy;
    z.at[0][0] = z.at[1][1] = cz;
    z.at[1][0] = sz;
    z.at[0][1] = -sz;
    struct transform zy = multiply(&z, &y);
    return multiply(&zy, &x);
}

// The turn around an axis by its length; none where that is tiny.
static struct transform from_axis(const double *axis) {
    struct transform turn = identity();
    double angle =
        sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    if (angle < 0.0001)
        return turn;
    double x = axis[0] / angle, y = axis[1] / angle, z = axis[2] / angle;
    double s = sin(angle), c = cos(angle);
    double rows[3][3] = {
        {x * x + (1 - x * x) * c, x * y * (1 - c) - z * s,
         x * z * (1 - c) + y * s},
        {x * y * (1 - c) + z * s, y * y + (1 - y * y) * c,
         y * z * (1 - c) - x * s},
        {x * z * (1 - c) - y * s, z * y * (1 - c) + x * s,
         z * z + (1 - z * z) * c},
    };
    for (int i = 0; i < 3; i++)
        memcpy(turn.at[i], rows[i], sizeof rows[i]);
    return turn;
}

// Column by column: the whole hand's turn, scale and place, then the angles
// of each bone. Of a finger the first bone is fixed, the second bends two
// ways, the others one.
static struct matrix unpack(const double *pose, int bones) {
    struct matrix unpacked = matrix_new(3, bones + 3);
    for (int i = 0; i < 3; i++) {
        *matrix_at(&unpacked, i, 0) = pose[i];
        *matrix_at(&unpacked, i, 1) = 1;
        *matrix_at(&unpacked, i, 2) = pose[i + 3];
    }
    const double *next = pose + 6;
    int column = 5;
    for (int finger = 0; finger < 5; finger++) {
        for (int joint = 2; joint <= 4; joint++) {
            *matrix_at(&unpacked, 0, column) = *next++;
            if (joint == 2)
                *matrix_at(&unpacked, 1, column) = *next++;
            column++;
        }
        column++;
    }
    return unpacked;
}

// What each bone does to the vertices that hang on it.
static void pose_bones(const struct hand_model *model, struct matrix *unpacked,
                       struct transform *transforms) {
    struct transform *absolutes =
        malloc((size_t)model->bones * sizeof *absolutes);
    if (absolutes == NULL)
        abort();
    for (int b = 0; b < model->bones; b++) {
        struct transform turn = from_angles(matrix_at(unpacked, 0, b + 3));
        struct transform relative = multiply(&model->relatives[b], &turn);
        if (model->parents[b] == -1)
            absolutes[b] = relative;
        else
            absolutes[b] = multiply(&absolutes[model->parents[b]], &relative);
    }
    for (int b = 0; b < model->bones; b++)
        transforms[b] = multiply(&absolutes[b], &model->inverse_absolutes[b]);
    free(absolutes);
}

// In place: turned, scaled and moved as a whole.
static void transform_hand(struct matrix *unpacked, struct matrix *positions) {
    struct transform whole = from_axis(matrix_at(unpacked, 0, 0));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            whole.at[i][j] *= *matrix_at(unpacked, j, 1);
    for (int v = 0; v < positions->columns; v++) {
        double *position = matrix_at(positions, 0, v);
        double moved[3];
        for (int i = 0; i < 3; i++) {
            moved[i] = *matrix_at(unpacked, i, 2);
            for (int j = 0; j < 3; j++)
                moved[i] += whole.at[i][j] * position[j];
        }
        memcpy(position, moved, sizeof moved);
    }
}

static struct matrix pose_vertices(const struct hand_model *model,
                                   const double *pose) {
    struct matrix unpacked = unpack(pose, model->bones);
    struct matrix positions = matrix_new(3, model->vertices);
    struct transform *transforms =
        malloc((size_t)model->bones * sizeof *transforms);
    if (transforms == NULL)
        abort();
    pose_bones(model, &unpacked, transforms);

    for (int b = 0; b < model->bones; b++)
        for (int v = 0; v < model->vertices; v++) {
            double weight = model->weights[b * model->vertices + v];
            const double *rest = &model->positions[3 * v];
            if (weight == 0)
                continue;
            for (int i = 0; i < 3; i++) {
                const double *row = transforms[b].at[i];
                *matrix_at(&positions, i, v) +=
                    weight * (row[0] * rest[0] + row[1] * rest[1] +
                              row[2] * rest[2] + row[3]);
            }
        }
    if (model->mirrored)
        for (int v = 0; v < model->vertices; v++)
            *matrix_at(&positions, 0, v) *= -1;
    transform_hand(&unpacked, &positions);

    free(transforms);
    matrix_free(&unpacked);
    return positions;
}

#pragma grad wrt(pose)
#pragma grad forward wrt(pose)
#pragma grad forward wrt(pose) directions(HAND_POSE_SIZE) name(hand_jacobian)
void hand_objective(const struct hand_model *model,
                    const double pose[HAND_POSE_SIZE], int n,
                    const int *correspondences, const double *points,
                    double *errors) {
    struct matrix positions = pose_vertices(model, pose);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3; j++)
            errors[3 * i + j] = points[3 * i + j] -
                                *matrix_at(&positions, j, correspondences[i]);
    matrix_free(&positions);
}

#pragma grad wrt(pose, us)
#pragma grad forward wrt(pose, us)
void hand_objective_complicated(const struct hand_model *model,
                                const double pose[HAND_POSE_SIZE],
                                const double *us, int n,
                                const int *correspondences,
                                const double *points, double *errors) {
    struct matrix positions = pose_vertices(model, pose);
    for (int i = 0; i < n; i++) {
        const int *corners = model->triangles[correspondences[i]];
        double u = us[2 * i], v = us[2 * i + 1];
        for (int j = 0; j < 3; j++)
            errors[3 * i + j] =
                points[3 * i + j] -
                (u * *matrix_at(&positions, j, corners[0]) +
                 v * *matrix_at(&positions, j, corners[1]) +
                 (1 - u - v) * *matrix_at(&positions, j, corners[2]));
    }
    matrix_free(&positions);
}

// Hand tracking: how far vertices of a posed hand are from points that were
// measured, or places in triangles, whose coordinates are variables, too. The
// Jacobian by forward mode in as many directions as a row has entries that can
// be other than zero. ADBench's "HAND", with its transforms in arrays.
//
// targets: 4 12 4 12
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POSE = 26, COLUMNS = POSE + 2 };

// A mesh, and the bones that it hangs on, each after its parent: the wrist,
// four of each finger, and the forearm.
struct model {
    int bones, vertices;
    const int *parents;              // [bones], -1 for none
    const double (*relatives)[4][4]; // [bones], to the parent
    const double (*at_rest)[4][4];   // [bones], inverses
    const double (*positions)[3];    // [vertices], at rest
    const double *weights;           // [bones][vertices]
    const int (*triangles)[3];
};

static void multiply(const double a[4][4], const double b[4][4],
                     double product[4][4]) {
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            double sum = 0;
            for (int k = 0; k < 4; k++)
                sum += a[i][k] * b[k][j];
            product[i][j] = sum;
        }
}

// The turns around x, then y, then z, by angles in the order x, z, y.
static void from_angles(const double xzy[3], double turn[4][4]) {
    double sx = sin(xzy[0]), cx = cos(xzy[0]);
    double sz = sin(xzy[1]), cz = cos(xzy[1]);
    double sy = sin(xzy[2]), cy = cos(xzy[2]);
    double x[4][4] = {
        {1, 0, 0, 0}, {0, cx, -sx, 0}, {0, sx, cx, 0}, {0, 0, 0, 1}};
    double y[4][4] = {
        {cy, 0, sy, 0}, {0, 1, 0, 0}, {-sy, 0, cy, 0}, {0, 0, 0, 1}};
    double z[4][4] = {
        {cz, -sz, 0, 0}, {sz, cz, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    double zy[4][4];
    multiply(z, y, zy);
    multiply(zy, x, turn);
}

// The turn around an axis by its length; none where that is tiny.
static void from_axis(const double axis[3], double turn[3][3]) {
    memset(turn, 0, 9 * sizeof(double));
    for (int i = 0; i < 3; i++)
        turn[i][i] = 1;
    double angle =
        sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    if (angle < 0.0001)
        return;
    double x = axis[0] / angle, y = axis[1] / angle, z = axis[2] / angle;
    double s = sin(angle), c = cos(angle);
    turn[0][0] = x * x + (1 - x * x) * c;
    turn[0][1] = x * y * (1 - c) - z * s;
    turn[0][2] = x * z * (1 - c) + y * s;
    turn[1][0] = x * y * (1 - c) + z * s;
    turn[1][1] = y * y + (1 - y * y) * c;
    turn[1][2] = y * z * (1 - c) - x * s;
    turn[2][0] = x * z * (1 - c) - y * s;
    turn[2][1] = z * y * (1 - c) + x * s;
    turn[2][2] = z * z + (1 - z * z) * c;
}

// The angles of each bone. Of a finger the first bone is fixed, the second
// bends two ways, the others one.
static void bone_angles(const double *pose, double (*angles)[3]) {
    const double *next = pose + 6;
    int bone = 2;
    for (int finger = 0; finger < 5; finger++) {
        for (int joint = 2; joint <= 4; joint++) {
            angles[bone][0] = *next++;
            if (joint == 2)
                angles[bone][1] = *next++;
            bone++;
        }
        bone++;
    }
}

// What each bone does to the vertices that hang on it.
static void pose_bones(const struct model *model, const double *pose,
                       double (*transforms)[4][4]) {
    size_t bones = (size_t)model->bones;
    double(*angles)[3] = calloc(bones, sizeof *angles);
    double(*absolutes)[4][4] = malloc(bones * sizeof *absolutes);
    if (!angles || !absolutes)
        abort();
    bone_angles(pose, angles);
    for (int b = 0; b < model->bones; b++) {
        double turn[4][4], relative[4][4];
        from_angles(angles[b], turn);
        multiply(model->relatives[b], turn, relative);
        if (model->parents[b] == -1)
            memcpy(absolutes[b], relative, sizeof relative);
        else
            multiply(absolutes[model->parents[b]], relative, absolutes[b]);
    }
    for (int b = 0; b < model->bones; b++)
        multiply(absolutes[b], model->at_rest[b], transforms[b]);
    free(angles);
    free(absolutes);
}

static void pose_vertices(const struct model *model, const double *pose,
                          double (*positions)[3]) {
    double(*transforms)[4][4] =
        malloc((size_t)model->bones * sizeof *transforms);
    if (!transforms)
        abort();
    pose_bones(model, pose, transforms);
    memset(positions, 0, (size_t)model->vertices * sizeof *positions);
    for (int b = 0; b < model->bones; b++)
        for (int v = 0; v < model->vertices; v++) {
            double weight = model->weights[b * model->vertices + v];
            const double *rest = model->positions[v];
            if (weight == 0)
                continue;
            for (int i = 0; i < 3; i++) {
                const double *row = transforms[b][i];
                positions[v][i] +=
                    weight * (row[0] * rest[0] + row[1] * rest[1] +
                              row[2] * rest[2] + row[3]);
            }
        }
    free(transforms);

    double whole[3][3];
    from_axis(pose, whole);
    for (int v = 0; v < model->vertices; v++) {
        double moved[3];
        for (int i = 0; i < 3; i++) {
            moved[i] = pose[3 + i];
            for (int j = 0; j < 3; j++)
                moved[i] += whole[i][j] * positions[v][j];
        }
        memcpy(positions[v], moved, sizeof moved);
    }
}

#pragma grad forward wrt(pose) directions(POSE)
void hand_simple(const struct model *model, const double pose[POSE], int n,
                 const int *correspondences, const double *points,
                 double *errors) {
    double(*positions)[3] = malloc((size_t)model->vertices * sizeof *positions);
    if (!positions)
        abort();
    pose_vertices(model, pose, positions);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 3; j++)
            errors[3 * i + j] =
                points[3 * i + j] - positions[correspondences[i]][j];
    free(positions);
}

#pragma grad forward wrt(pose, us) directions(COLUMNS)
void hand_complicated(const struct model *model, const double pose[POSE],
                      const double *us, int n, const int *correspondences,
                      const double *points, double *errors) {
    double(*positions)[3] = malloc((size_t)model->vertices * sizeof *positions);
    if (!positions)
        abort();
    pose_vertices(model, pose, positions);
    for (int i = 0; i < n; i++) {
        const int *corners = model->triangles[correspondences[i]];
        double u = us[2 * i], v = us[2 * i + 1];
        for (int j = 0; j < 3; j++)
            errors[3 * i + j] =
                points[3 * i + j] -
                (u * positions[corners[0]][j] + v * positions[corners[1]][j] +
                 (1 - u - v) * positions[corners[2]][j]);
    }
    free(positions);
}

#ifdef BENCH
#include "bench.h"
#define GRADCC_NO_TYPES
#include GENERATED_HEADER

enum { BONES = 22, VERTICES = 544, TRIANGLES = 1084, FINGERS = 5, BEND = 4 };

struct problem {
    struct model model;
    int n, columns; // COLUMNS in the complicated form
    int *correspondences;
    double *pose, *us, *points, *errors;
    double *d_pose, *d_us; // the directions
};

// Bones along fingers; of each vertex three bones of one finger hold it, or the
// wrist and the forearm.
static struct model make_model(unsigned long long *s) {
    int *parents = bench_allocate(BONES, sizeof *parents);
    double(*relatives)[4][4] = bench_allocate(BONES, sizeof *relatives);
    double(*at_rest)[4][4] = bench_allocate(BONES, sizeof *at_rest);
    double *weights = bench_allocate(BONES * VERTICES, sizeof *weights);
    int(*triangles)[3] = bench_allocate(TRIANGLES, sizeof *triangles);
    for (int b = 0; b < BONES; b++) {
        parents[b] = b == 0 ? -1 : b % 4 == 1 ? 0 : b - 1;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
                double unit = i == j;
                relatives[b][i][j] =
                    i == 3 ? unit : unit + bench_uniform(s, -0.3, 0.3);
                at_rest[b][i][j] =
                    i == 3 ? unit : unit + bench_uniform(s, -0.3, 0.3);
            }
    }
    for (int v = 0; v < VERTICES; v++) {
        int finger = v % (FINGERS + 1);
        for (int k = 0; k < 3; k++) {
            int bone = finger == FINGERS ? k % 2 * (BONES - 1)
                                         : 1 + 4 * finger + (v / 6 + k) % 4;
            weights[bone * VERTICES + v] = bench_uniform(s, 0.1, 0.5);
        }
    }
    for (int t = 0; t < TRIANGLES; t++)
        for (int k = 0; k < 3; k++)
            triangles[t][k] = (int)bench_uniform(s, 0, VERTICES);
    return (struct model){
        .bones = BONES,
        .vertices = VERTICES,
        .parents = parents,
        .relatives = (const double(*)[4][4])relatives,
        .at_rest = (const double(*)[4][4])at_rest,
        .positions = (const double(*)[3])bench_doubles(s, 3 * VERTICES, -1, 1),
        .weights = weights,
        .triangles = (const int(*)[3])triangles,
    };
}

static void *make(const int *sizes) {
    unsigned long long s = 17;
    struct problem *p = bench_allocate(1, sizeof *p);
    size_t n = (size_t)sizes[1], columns = sizes[0] ? COLUMNS : POSE;
    p->n = sizes[1];
    p->columns = (int)columns;
    p->model = make_model(&s);
    p->pose = bench_doubles(&s, POSE, -0.5, 0.5);
    p->us = bench_doubles(&s, 2 * n, 0, 0.5);
    p->points = bench_doubles(&s, 3 * n, -1, 1);
    p->errors = bench_allocate(3 * n, sizeof(double));
    p->correspondences = bench_allocate(n, sizeof(int));
    p->d_pose = bench_allocate(POSE * columns, sizeof(double));
    p->d_us = bench_allocate(2 * n * columns, sizeof(double));
    for (size_t i = 0; i < n; i++)
        p->correspondences[i] =
            (int)bench_uniform(&s, 0, sizes[0] ? TRIANGLES : VERTICES);
    for (size_t i = 0; i < POSE; i++)
        p->d_pose[i * columns + i] = 1;
    for (size_t i = 0; i < 2 * n && sizes[0]; i++)
        p->d_us[i * columns + POSE + i % 2] = 1;
    return p;
}

static size_t outputs(const void *problem) {
    const struct problem *p = problem;
    return 3 * (size_t)p->n * (size_t)p->columns;
}

static double primal(void *problem) {
    struct problem *p = problem;
    if (p->columns == POSE)
        hand_simple(&p->model, p->pose, p->n, p->correspondences, p->points,
                    p->errors);
    else
        hand_complicated(&p->model, p->pose, p->us, p->n, p->correspondences,
                         p->points, p->errors);
    return p->errors[1];
}

static double generated(void *problem, void *gradient) {
    struct problem *p = problem;
    if (p->columns == POSE)
        hand_simple_fwd(&p->model, p->pose, p->d_pose, p->n, p->correspondences,
                        p->points, p->errors, gradient);
    else
        hand_complicated_fwd(&p->model, p->pose, p->d_pose, p->us, p->d_us,
                             p->n, p->correspondences, p->points, p->errors,
                             gradient);
    return p->errors[1];
}

// Three rows of a transform; the fourth is 0, 0, 0, 1, or nothing in a
// derivative: that is what `place` says.
static void affine(const double a[3][4], const double b[4][4], double place,
                   double product[3][4]) {
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 4; j++)
            product[i][j] =
                a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
        product[i][3] += place * a[i][3];
    }
}

// What a bone does, and its derivatives by the angles of its finger.
struct posed {
    int angles; // so many of them
    double at[3][4], by[BEND][3][4];
};

// From the parent's; this bone turns by `turns` angles.
static void next_bone(const struct posed *from, const double relative[4][4],
                      int turns, const double *angles, struct posed *to) {
    double sx = turns ? sin(angles[0]) : 0, cx = turns ? cos(angles[0]) : 1;
    double sz = turns > 1 ? sin(angles[1]) : 0;
    double cz = turns > 1 ? cos(angles[1]) : 1;
    double turn[4][4] = {{cz, -sz * cx, sz * sx, 0},
                         {sz, cz * cx, -cz * sx, 0},
                         {0, sx, cx, 0},
                         {0, 0, 0, 1}};
    double by[2][4][4] = {
        {{0, sz * sx, sz * cx, 0}, {0, -cz * sx, -cz * cx, 0}, {0, cx, -sx, 0}},
        {{-sz, -cz * cx, cz * sx, 0}, {cz, -sz * cx, sz * sx, 0}}};
    double moved[3][4], d_moved[3][4];
    affine(from->at, relative, 1, moved);
    affine(moved, (const double(*)[4])turn, 1, to->at);
    for (int k = 0; k < from->angles; k++) {
        affine(from->by[k], relative, 1, d_moved);
        affine(d_moved, (const double(*)[4])turn, 1, to->by[k]);
    }
    for (int k = 0; k < turns; k++)
        affine(moved, (const double(*)[4])by[k], 0, to->by[from->angles + k]);
    to->angles = from->angles + turns;
}

// All bones, as transforms of vertices at rest.
static void bones_by_hand(const struct model *model, const double *pose,
                          struct posed *bones) {
    static const struct posed still = {
        0, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}, {{{0}}}};
    struct posed absolutes[BONES];
    for (int b = 0; b < model->bones; b++) {
        int joint = b > 0 && b < BONES - 1 ? (b - 1) % 4 : 0;
        const double *angles =
            pose + 6 + (b - 1) / 4 * BEND + (joint > 1 ? joint : 0);
        int parent = model->parents[b];
        next_bone(parent < 0 ? &still : &absolutes[parent], model->relatives[b],
                  joint == 1 ? 2 : joint > 1, angles, &absolutes[b]);
        bones[b].angles = absolutes[b].angles;
        affine(absolutes[b].at, model->at_rest[b], 1, bones[b].at);
        for (int k = 0; k < bones[b].angles; k++)
            affine(absolutes[b].by[k], model->at_rest[b], 1, bones[b].by[k]);
    }
}

// The whole hand's turn and its derivatives by the axis a: the cosine, plus
// sine times the cross product, plus (1 - cosine) times the part along it.
static void turn_by_hand(const double *axis, double turn[3][3],
                         double by[3][3][3]) {
    double angle =
        sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double s = sin(angle), c = cos(angle), a[3];
    for (int i = 0; i < 3; i++)
        a[i] = axis[i] / angle;
    double cross[3][3] = {{0, -a[2], a[1]}, {a[2], 0, -a[0]}, {-a[1], a[0], 0}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            turn[i][j] =
                (i == j ? c : 0) + s * cross[i][j] + (1 - c) * a[i] * a[j];
    for (int k = 0; k < 3; k++) {
        double d[3];
        for (int i = 0; i < 3; i++)
            d[i] = ((i == k) - a[i] * a[k]) / angle;
        double d_cross[3][3] = {
            {0, -d[2], d[1]}, {d[2], 0, -d[0]}, {-d[1], d[0], 0}};
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                by[k][i][j] = a[k] * ((i == j ? -s : 0) + c * cross[i][j] +
                                      s * a[i] * a[j]) +
                              s * d_cross[i][j] +
                              (1 - c) * (d[i] * a[j] + a[i] * d[j]);
    }
}

static void transform(const double at[3][4], const double *x, double weight,
                      double *y) {
    for (int i = 0; i < 3; i++)
        y[i] += weight * (at[i][0] * x[0] + at[i][1] * x[1] + at[i][2] * x[2] +
                          at[i][3]);
}

// Of one vertex: its place, and the rows of its Jacobian.
struct vertex {
    double at[3], by[3][POSE];
};

static void vertex_by_hand(const struct model *model, int v,
                           const struct posed *bones, const double *place,
                           const double turn[3][3], const double by[3][3][3],
                           struct vertex *restrict out) {
    double p[3] = {0}, d[FINGERS][BEND][3];
    memset(d, 0, sizeof d);
    for (int b = 0; b < BONES; b++) {
        double weight = model->weights[b * VERTICES + v];
        if (weight == 0)
            continue;
        transform(bones[b].at, model->positions[v], weight, p);
        for (int k = 0; k < bones[b].angles; k++)
            transform(bones[b].by[k], model->positions[v], weight,
                      d[(b - 1) / 4][k]);
    }
    for (int i = 0; i < 3; i++) {
        const double *t = turn[i];
        out->at[i] = place[i] + t[0] * p[0] + t[1] * p[1] + t[2] * p[2];
        for (int k = 0; k < 3; k++) {
            const double *row = by[k][i];
            out->by[i][k] = row[0] * p[0] + row[1] * p[1] + row[2] * p[2];
            out->by[i][3 + k] = i == k;
        }
        for (int k = 0; k < FINGERS * BEND; k++) {
            const double *e = d[k / BEND][k % BEND];
            out->by[i][6 + k] = t[0] * e[0] + t[1] * e[1] + t[2] * e[2];
        }
    }
}

static void simple_by_hand(const struct problem *p,
                           const struct vertex *restrict vertices,
                           double *restrict jac) {
    for (int i = 0; i < p->n; i++) {
        const struct vertex *a = &vertices[p->correspondences[i]];
        for (int j = 0; j < 3; j++) {
            double *row = jac + (3 * i + j) * POSE;
            p->errors[3 * i + j] = p->points[3 * i + j] - a->at[j];
            for (int k = 0; k < POSE; k++)
                row[k] = -a->by[j][k];
        }
    }
}

static void complicated_by_hand(const struct problem *p,
                                const struct vertex *restrict vertices,
                                double *restrict jac) {
    for (int i = 0; i < p->n; i++) {
        const int *corners = p->model.triangles[p->correspondences[i]];
        const struct vertex *a = &vertices[corners[0]];
        const struct vertex *b = &vertices[corners[1]];
        const struct vertex *c = &vertices[corners[2]];
        double u = p->us[2 * i], v = p->us[2 * i + 1], w = u + v - 1;
        for (int j = 0; j < 3; j++) {
            double *row = jac + (3 * i + j) * COLUMNS;
            p->errors[3 * i + j] = p->points[3 * i + j] - u * a->at[j] -
                                   v * b->at[j] + w * c->at[j];
            for (int k = 0; k < POSE; k++)
                row[k] = w * c->by[j][k] - u * a->by[j][k] - v * b->by[j][k];
            row[POSE] = c->at[j] - a->at[j];
            row[POSE + 1] = c->at[j] - b->at[j];
        }
    }
}

static double by_hand(void *problem, void *gradient) {
    struct problem *p = problem;
    struct posed bones[BONES];
    double turn[3][3], by[3][3][3];
    struct vertex *vertices = malloc(VERTICES * sizeof *vertices);
    bones_by_hand(&p->model, p->pose, bones);
    turn_by_hand(p->pose, turn, by);
    for (int v = 0; v < VERTICES; v++)
        vertex_by_hand(&p->model, v, bones, p->pose + 3,
                       (const double(*)[3])turn, (const double(*)[3][3])by,
                       &vertices[v]);
    if (p->columns == POSE)
        simple_by_hand(p, vertices, gradient);
    else
        complicated_by_hand(p, vertices, gradient);
    free(vertices);
    return p->errors[1];
}

static const struct bench_row rows[] = {
    {"hand simple, 100", {0, 100}},
    {"hand simple, 12 800", {0, 12800}},
    {"hand complicated, 100", {1, 100}},
    {"hand complicated, 12 800", {1, 12800}},
    {0}};

const struct bench bench = {rows,    sizeof(double), 1e-9,      make,
                            outputs, primal,         generated, by_hand};
#endif

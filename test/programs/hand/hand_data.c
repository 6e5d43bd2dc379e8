// hand_data.c - reads a hand.
#include "hand_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BONES = 22, VERTICES = 544, TRIANGLES = 1084, POSE = 26 };

static void fail(const char *path, const char *what) {
    fprintf(stderr, "%s: %s\n", path, what);
    exit(2);
}

static void expect(bool holds, const char *path) {
    if (!holds)
        fail(path, "a number is missing");
}

static void *allocate(size_t n, size_t size) {
    void *memory = calloc(n, size);
    if (memory == NULL)
        fail("hand", "out of memory");
    return memory;
}

static FILE *open_file(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path, "cannot be opened");
    return file;
}

static FILE *open_in(const char *folder, const char *name, char path[512]) {
    snprintf(path, 512, "%s/%s", folder, name);
    return open_file(path);
}

static void read_transform(FILE *file, const char *path, double out[4][4]) {
    for (int i = 0; i < 16; i++)
        expect(fscanf(file, ":%lf", &out[i / 4][i % 4]) == 1, path);
}

// name:parent:relative:inverse absolute
static void read_bones(const char *folder, struct hand *hand) {
    char path[512];
    FILE *file = open_in(folder, "bones.txt", path);
    for (int b = 0; b < BONES; b++) {
        expect(fscanf(file, " %*[^:]:%d", &hand->parents[b]) == 1, path);
        read_transform(file, path, hand->relatives[b]);
        read_transform(file, path, hand->inverse_absolutes[b]);
    }
    fclose(file);
}

// x:y:z, five numbers that are not used, count, count times :bone:weight
static void read_vertices(const char *folder, struct hand *hand) {
    char path[512];
    FILE *file = open_in(folder, "vertices.txt", path);
    for (int v = 0; v < VERTICES; v++) {
        double *p = &hand->positions[3 * v];
        int count, bone;
        expect(fscanf(file, "%lf:%lf:%lf:%*f:%*f:%*f:%*f:%*f:%d", &p[0], &p[1],
                      &p[2], &count) == 4,
               path);
        for (int i = 0; i < count; i++) {
            double weight;
            expect(fscanf(file, ":%d:%lf", &bone, &weight) == 2 && bone >= 0 &&
                       bone < BONES,
                   path);
            hand->weights[bone * VERTICES + v] = weight;
        }
    }
    fclose(file);
}

static void read_triangles(const char *folder, struct hand *hand) {
    char path[512];
    FILE *file = open_in(folder, "triangles.txt", path);
    for (int t = 0; t < TRIANGLES; t++) {
        int *corners = hand->triangles[t];
        expect(fscanf(file, "%d:%d:%d", &corners[0], &corners[1],
                      &corners[2]) == 3,
               path);
    }
    fclose(file);
}

static void read_points(const char *path, struct hand *hand) {
    FILE *file = open_file(path);
    int pose_size;
    if (fscanf(file, "%d %d", &hand->n, &pose_size) != 2 || hand->n < 1 ||
        pose_size != POSE)
        fail(path, "no sizes");
    size_t n = (size_t)hand->n;
    hand->complicated = strstr(path, "complicated") != NULL;
    hand->inputs = POSE + (hand->complicated ? 2 * hand->n : 0);
    hand->correspondences = allocate(n, sizeof *hand->correspondences);
    hand->points = allocate(3 * n, sizeof *hand->points);
    hand->pose = allocate((size_t)hand->inputs, sizeof *hand->pose);
    for (int i = 0; i < hand->n; i++) {
        double *p = &hand->points[3 * i];
        expect(fscanf(file, "%d %lf %lf %lf", &hand->correspondences[i], &p[0],
                      &p[1], &p[2]) == 4,
               path);
    }
    for (int i = POSE; i < hand->inputs; i++)
        expect(fscanf(file, "%lf", &hand->pose[i]) == 1, path);
    for (int i = 0; i < POSE; i++)
        expect(fscanf(file, "%lf", &hand->pose[i]) == 1, path);
    fclose(file);
}

struct hand hand_read(const char *folder, const char *path) {
    struct hand hand = {.bones = BONES, .vertices = VERTICES};
    hand.parents = allocate(BONES, sizeof *hand.parents);
    hand.relatives = allocate(BONES, sizeof *hand.relatives);
    hand.inverse_absolutes = allocate(BONES, sizeof *hand.inverse_absolutes);
    hand.positions = allocate(3 * VERTICES, sizeof *hand.positions);
    hand.weights = allocate(BONES * VERTICES, sizeof *hand.weights);
    hand.triangles = allocate(TRIANGLES, sizeof *hand.triangles);
    read_bones(folder, &hand);
    read_vertices(folder, &hand);
    read_triangles(folder, &hand);
    read_points(path, &hand);
    return hand;
}

void hand_free(struct hand *hand) {
    free(hand->parents);
    free(hand->relatives);
    free(hand->inverse_absolutes);
    free(hand->positions);
    free(hand->weights);
    free(hand->triangles);
    free(hand->correspondences);
    free(hand->points);
    free(hand->pose);
}

// ba_count.cc - counts the multiplications and divisions that the ways to the
// Jacobian of one observation do beyond those of its value. Here a double is a
// number that counts; the generated C happens to be C++, too.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count;

struct Number {
    double value;
    Number(double v = 0) : value(v) {}
    Number operator-() const { return -value; }
    Number &operator+=(Number x) { return *this = value + x.value; }
    Number &operator-=(Number x) { return *this = value - x.value; }
    Number &operator*=(Number x) { return *this = (count++, value * x.value); }
};

static Number operator+(Number x, Number y) { return x.value + y.value; }
static Number operator-(Number x, Number y) { return x.value - y.value; }
static Number operator*(Number x, Number y) {
    count++;
    return x.value * y.value;
}
static Number operator/(Number x, Number y) {
    count++;
    return x.value / y.value;
}
static bool operator!=(Number x, Number y) { return x.value != y.value; }
static Number sqrt(Number x) { return sqrt(x.value); }
static Number cos(Number x) { return cos(x.value); }
static Number sin(Number x) { return sin(x.value); }

#define double Number
#include "ba.c"
#include "count_grad.c"
#define ba_reprojection_error_grad rows_grad
#define ba_reprojection_error_fwd rows_fwd
#define ba_reprojection_error_jac rows_jac
#include "rows_cast.c"
#undef ba_reprojection_error_grad
#undef ba_reprojection_error_fwd
#undef ba_reprojection_error_jac
#undef double

enum { COLUMNS = BA_CAMERA_SIZE + 4 };

static Number camera[BA_CAMERA_SIZE], point[3], weight, feature[2], error[2];
static Number jac[2 * COLUMNS], rows[2 * COLUMNS];

static void forward() {
    Number d_camera[BA_CAMERA_SIZE], d_point[3], d_weight, d_error[2];
    ba_reprojection_error_fwd(camera, d_camera, point, d_point, &weight,
                              &d_weight, feature, error, d_error);
}

static void reverse() {
    Number d_camera[BA_CAMERA_SIZE], d_point[3], d_weight, d_error[2] = {1, 1};
    ba_reprojection_error_grad(camera, d_camera, point, d_point, &weight,
                               &d_weight, feature, error, d_error);
}

static void value() {
    ba_reprojection_error(camera, point, &weight, feature, error);
}

static void eliminate() {
    ba_reprojection_error_jac(camera, point, &weight, feature, error, jac);
}

static void by_rows() {
    rows_jac(camera, point, &weight, feature, error, rows);
}

static int counted(void (*f)()) {
    count = 0;
    f();
    return count;
}

int main() {
    for (int i = 0; i < BA_CAMERA_SIZE; i++)
        camera[i] = 0.3 + 0.1 * i;
    for (int i = 0; i < 3; i++)
        point[i] = 2 - 0.7 * i;
    weight = 1.5;
    int own = counted(value), best = counted(eliminate) - own;
    int others[] = {COLUMNS * (counted(forward) - own),
                    2 * (counted(reverse) - own), counted(by_rows) - own};
    printf("value %d\nelimination %d\nforward %d\nreverse, twice %d\n"
           "two rows %d\n",
           own, best, others[0], others[1], others[2]);
    for (int i = 0; i < 3; i++)
        if (best >= others[i])
            return 1;
    for (int i = 0; i < 2 * COLUMNS; i++)
        if (fabs(jac[i].value - rows[i].value) >
            1e-12 * (1 + fabs(rows[i].value)))
            return 2;
    return 0;
}

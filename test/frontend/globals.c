// Constant tables are carried, also those of functions; others are named.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s

#define SIZE 3
static const double weights[SIZE] = {0.5, SIZE, 0.25};
static const int order[2][2] = {{0, 1}, {1, 0}};
double scale = 2;

#pragma grad wrt(x)
#pragma grad forward wrt(x, scale) name(slope)
double globals(double x)
{
    static const double local[2] = {1, 2};
    return weights[1] * x * local[order[0][1]] * scale;
}
// CHECK: global @scale: double
// CHECK: global @globals_local: {{.*}}"static const double globals_local[2] = {1, 2};"
// CHECK: global @weights: array<3, const double>{{.*}} "static const double weights[3] = {0.5, 3, 0.25};"
// CHECK: grad reverse "globals_grad" wrt(x
// CHECK: grad forward "slope" wrt(x {{.*}}, @scale
// CHECK: global @weights

// Arrays keep their structure: fixed, of two dimensions, of variable length.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s
#include <stdlib.h>
#include <string.h>

#pragma grad wrt(a, b)
double two(int n, int m, double a[n][m + 1], double b[3][4], double (*c)[2])
{
    return a[1][2] + b[1][2] + c[1][0];
}
// CHECK-LABEL: func @two
// CHECK-SAME: %a: ptr<array<?, double>> extents "[n][m + 1]"
// CHECK-SAME: %b: ptr<array<4, double>> extents "[3][4]"
// CHECK-SAME: %c: ptr<array<2, double>>
// CHECK: [[I:%[0-9]+]] = index %a,
// CHECK: [[E:%[0-9]+]] = elem [[I]],
// CHECK: load [[E]]

#pragma grad
double locals(int n, double x)
{
    double fixed[2][3] = {{1, 2}, {x}}, flat[] = {1, x, 3}, late[5] = {[2] = x, 4};
    double variable[n][3];
    double (*rows)[n] = malloc(2 * n * sizeof(double));
    variable[1][2] = rows[1][0] = fixed[1][0] + flat[1] + late[3];
    free(rows);
    return variable[1][2];
}
// CHECK-LABEL: func @locals
// CHECK: %fixed = alloc array<2, array<3, double>>
// CHECK-NEXT: const int 0
// CHECK-NEXT: elem %fixed
// CHECK-NEXT: zero array<3, double>
// CHECK: %flat = alloc array<3, double>
// CHECK-NOT: zero
// CHECK: %late = alloc array<5, double>
// CHECK-NEXT: zero array<5, double> %late
// CHECK: const int 3
// CHECK: %variable = alloc array<?, array<3, double>> %n
// CHECK: heap malloc
// CHECK: %rows = cast {{%[0-9]+}}, %n : ptr<array<?, double>>
// CHECK: free %rows

#pragma grad wrt(x) of(y)
void copies(int n, const double *x, double *y, double z[4])
{
    memcpy(y, x, n * sizeof(double));
    memmove(y + 1, y, sizeof(double) * (n - 1));
    memset(z, 0, 4 * sizeof *z);
    double w[4];
    memcpy(w, z, sizeof w);
    memset(&y[n], 0, sizeof(double));
}
// CHECK-LABEL: func @copies
// CHECK: copy double %y, %x, %n
// CHECK: copy double {{.*}}, %y, {{.*}}
// CHECK: zero double %z, {{.*}}
// CHECK: copy double {{.*}}, %z, {{.*}}
// CHECK: zero double {{%[0-9]+}}{{$| #}}

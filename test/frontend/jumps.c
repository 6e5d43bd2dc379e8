// break, continue, return and goto forward: by the other branch where that is
// enough, by a carried flag where it is not.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s
#include <stdlib.h>

#pragma grad
double early(int n, double x)
{
    if (n < 0)
        return 0;
    if (n == 0)
        return x;
    return x * n;
}
// CHECK-LABEL: func @early
// CHECK-NOT: returned
// CHECK: %result = if {{.*}} : double
// CHECK: %result.1 = if {{.*}} : double
// CHECK: return %result

#pragma grad
double skipping(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] < 0)
            continue;
        s += x[i];
    }
    return s;
}
// CHECK-LABEL: func @skipping
// CHECK: while carry (%s.1: double = {{.*}}, %i.1: int = {{[^,]*}})
// CHECK-NEXT: lt %i.1, %n
// CHECK: if
// CHECK: %i.3 = add %i.2,
// CHECK-NEXT: yield

#pragma grad
double stopping(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        if (x[i] < 0)
            break;
        s += x[i];
    }
    return s;
}
// CHECK-LABEL: func @stopping
// CHECK: while carry ({{.*}}%stop.1: int =
// CHECK-NEXT: if %stop.1 : int
// CHECK: lt %i.1, %n
// CHECK: } do ({{.*}}) {
// CHECK: [[STOP:%[0-9]+]] = const int 1
// CHECK-NEXT: yield {{.*}}[[STOP]]

#pragma grad
double leaving(int n, const double *x)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (x[i] == x[j])
                return x[i];
    return x[0];
}
// CHECK-LABEL: func @leaving
// CHECK: while carry (%result{{.*}}: double = {{.*}}%returned.1: int =
// CHECK-NEXT: if %returned.1
// CHECK: while carry ({{.*}}%returned
// CHECK: %result{{.*}} = if %returned : double

#pragma grad wrt(x)
double cleanup(int n, const double *x)
{
    double r = -1, *copy = malloc(n * sizeof *copy);
    if (!copy)
        goto done;
    for (int i = 0; i < n; i++) {
        if (x[i] < 0)
            goto done;
        copy[i] = x[i];
    }
    r = copy[0];
done:
    free(copy);
    return r;
}
// CHECK-LABEL: func @cleanup
// CHECK: %r{{.*}} = if
// CHECK: while carry (%jumped
// CHECK: if %jumped
// CHECK: free %copy
// CHECK-NEXT: return %r

#pragma grad
double both_agree(int n, double x)
{
    if (n > 3)
        return x;
    return x;
}
// CHECK-LABEL: func @both_agree
// CHECK: return %x

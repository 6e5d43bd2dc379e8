// switch: a chain of ifs; falling through sets a flag.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s

enum shape { POINT, LINE, SQUARE };

#pragma grad
double chain(enum shape s, double x)
{
    double r;
    switch (s) {
    case POINT:
        r = 0;
        break;
    default:
        r = 1;
        break;
    case LINE:
    case SQUARE:
        r = x;
    }
    return r;
}
// CHECK-LABEL: func @chain(%s: uint
// CHECK-NOT: falling
// CHECK: %r = if
// CHECK: [[A:%[0-9]+]] = eq %s,
// CHECK: [[B:%[0-9]+]] = eq %s,
// CHECK: [[C:%[0-9]+]] = or [[A]], [[B]]
// CHECK: if [[C]] : double
// CHECK-NEXT: yield %x
// CHECK: return %r

#pragma grad
double fallthrough(int k, double x)
{
    switch (k) {
    case 0:
        x += 1;
        /* fall through */
    case 1:
        x *= 2;
        if (x > 3)
            break;
        x -= 1;
        /* fall through */
    case 3 ... 5:
        x += 4;
    }
    return x;
}
// CHECK-LABEL: func @fallthrough
// CHECK: %x.1, %falling = if
// CHECK: [[ONE:%[0-9]+]] = eq %k,
// CHECK-NEXT: [[IN:%[0-9]+]] = or %falling, [[ONE]]
// CHECK: {{.*}}%stop = if [[IN]]
// CHECK: if %stop
// CHECK: ge %k,
// CHECK-NEXT: le %k,
// CHECK-NEXT: and
// CHECK: return

#pragma grad
double returning(int k, double x)
{
    switch (k) {
    case 0: return x;
    case 1: return x * x;
    }
    return 0;
}
// CHECK-LABEL: func @returning
// CHECK: if
// CHECK: return

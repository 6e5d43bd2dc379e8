// for, while and do: every loop leaves as a while; a counted one carries its
// index and compares it in the condition region.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s

#pragma grad
double counted(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}
// CHECK-LABEL: func @counted
// CHECK: %s, %i = while carry (%s.1: double = {{%[0-9]+}}, %i.1: int = {{%[0-9]+}})
// CHECK-NEXT: [[C:%[0-9]+]] = lt %i.1, %n
// CHECK-NEXT: condition [[C]]
// CHECK-NEXT: } do (%s.2: double, %i.2: int) {
// CHECK-NEXT: [[A:%[0-9]+]] = index %x, %i.2
// CHECK-NEXT: [[X:%[0-9]+]] = load [[A]]
// CHECK-NEXT: %s.3 = add %s.2, [[X]]
// CHECK-NEXT: [[ONE:%[0-9]+]] = const int 1
// CHECK-NEXT: %i.3 = add %i.2, [[ONE]]
// CHECK-NEXT: yield %s.3, %i.3
// CHECK-NEXT: }
// CHECK-NEXT: return %s

#pragma grad
double clauses_left_out(int n, double x)
{
    int i = 0;
    for (; i < n;)
        x *= 2, i++;
    for (;;) {
        if (x > 9)
            break;
        x += 1;
    }
    for (i = 3; i;)
        i--, x -= 1;
    for (; i < 2; i += 2)
        x -= 1;
    return x;
}
// CHECK-LABEL: func @clauses_left_out
// CHECK: = while carry (%x.2: double = %x, %i.1: int = {{.*}} {
// CHECK-NEXT: lt %i.1, %n
// CHECK: = while carry ({{.*}}%stop.1: int =
// CHECK-NEXT: [[GO:%[0-9]+]] = lnot %stop.1
// CHECK-NEXT: condition [[GO]]
// CHECK: while carry
// CHECK-NEXT: condition %i
// CHECK: while carry
// CHECK-NEXT: const int 2
// CHECK-NEXT: lt %i

#pragma grad
double rotated(int n, const double *x)
{
    double s = 0;
    do {
        s += x[n];
    } while (n-- > 0);
    while (s++ < 3)
        s *= 2;
    do
        s += 1;
    while (0);
    return s;
}
// CHECK-LABEL: func @rotated
// CHECK: while carry (%n.2: int = %n, %s.1: double = {{.*}}, %more.1: int =
// CHECK-NEXT: condition %more.1
// CHECK: [[LESS:%n.[0-9]+]] = sub [[OLD:%n.[0-9]+]],
// CHECK: %more.{{[0-9]+}} = gt [[OLD]],
// CHECK: while carry
// CHECK-NEXT: condition %more
// CHECK: = if
// CHECK: mul
// CHECK-NOT: while
// CHECK: return

#pragma grad
double marked(int n, const double *x)
{
    double s = 0;
#pragma grad independent
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}
// CHECK-LABEL: func @marked
// CHECK: while carry {{.*}} pragma (independent

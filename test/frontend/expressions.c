// Operators: conversions, order of evaluation, values of assignments.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s

#pragma grad
double logical(int a, int n, const double *x)
{
    return a < n && x[a] > 0 ? x[a] : 0;
}
// CHECK-LABEL: func @logical
// CHECK: [[L:%[0-9]+]] = lt %a, %n
// CHECK-NEXT: [[AND:%[0-9]+]] = if [[L]] : int
// CHECK: load
// CHECK: gt
// CHECK: } else {
// CHECK: const int 0
// CHECK: %result = if [[AND]] : double

#pragma grad
double compound(float f, double d, char c, unsigned u)
{
    f += d;
    c += 1;
    u <<= 3;
    d *= u;
    return f + c * d;
}
// CHECK-LABEL: func @compound
// CHECK: [[WIDE:%[0-9]+]] = cast %f : double
// CHECK-NEXT: [[SUM:%[0-9]+]] = add [[WIDE]], %d
// CHECK-NEXT: %f.1 = cast [[SUM]] : float
// CHECK: cast %c : int
// CHECK-NEXT: add
// CHECK-NEXT: %c.1 = cast {{%[0-9]+}} : char
// CHECK: %u.1 = shl %u,
// CHECK-NEXT: [[U:%[0-9]+]] = cast %u.1 : double
// CHECK-NEXT: %d.1 = mul %d, [[U]]

#pragma grad
double steps(const double *p, int i)
{
    double a = *p++, b = p[i++], c = p[--i];
    double d;
    a = d = b + (c, a);
    return a + d;
}
// CHECK-LABEL: func @steps
// CHECK: %p.1 = index %p,
// CHECK-NEXT: %a = load %p
// CHECK: %i.1 = add %i,
// CHECK-NEXT: [[B:%[0-9]+]] = index %p.1, %i
// CHECK-NEXT: %b = load [[B]]
// CHECK: %i.2 = sub %i.1,
// CHECK-NEXT: [[C:%[0-9]+]] = index %p.1, %i.2
// CHECK: [[D:%[a-z]+]] = add %b, %a
// CHECK: add [[D]], [[D]]

#pragma grad
double pointers(double *p, double *q)
{
    double *end = p + 3;
    while (p != end)
        *q += *p++ * (end - p);
    return q[-1] + *(p - 2) + 2[q];
}
// CHECK-LABEL: func @pointers
// CHECK: %end = index %p,
// CHECK: ne %p.{{[0-9]+}}, %end
// CHECK: ptrdiff %end, %p
// CHECK: const int -1
// CHECK: const int -2

#pragma grad
double sizes(double x, int n)
{
    double w[n];
    w[0] = x;
    return w[0] * sizeof(double) + sizeof x + sizeof w;
}
// CHECK-LABEL: func @sizes
// CHECK: const ulong 8 "sizeof(double)"
// CHECK: const ulong 8 "sizeof(double)"
// CHECK: const ulong 8 "sizeof(double)"
// CHECK-NEXT: cast %n : ulong
// CHECK-NEXT: mul

#pragma grad
double elvis(int n, double x)
{
    return (n ?: 3) * ({ double y = x; y * y; });
}
// CHECK-LABEL: func @elvis
// CHECK: if %n : int
// CHECK-NEXT: yield %n
// CHECK: mul %x, %x

#pragma grad
double stops(double x)
{
#pragma grad inactive
    double y = x * x;
    return y;
}
// CHECK-LABEL: func @stops
// CHECK: %y = inactive

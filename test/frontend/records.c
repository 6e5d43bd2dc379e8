// Structs: by pointer, by value, returned, assigned, initialised.
//
// RUN: %gradcc --passes=none %s -o - | FileCheck %s

struct point {
    double x, y;
};

typedef struct {
    struct point at[2];
    double *data;
    struct {
        int count : 3, kind;
    };
} Shape;

static struct point make(double x, double y)
{
    return (struct point){x, y};
}

static double norm(struct point p)
{
    p.x *= p.x;
    return p.x + p.y * p.y;
}

#pragma grad wrt(s)
double all(Shape *s, struct point p)
{
    struct point q = make(p.y, p.x), r = {.y = 1};
    s->at[1].x += q.x * s->data[2];
    r = s->count > 2 ? q : s->at[0];
    s->count++;
    return norm(r) + make(1, 2).y;
}
// CHECK: record "struct point" {
// CHECK-NEXT: x: double
// CHECK: defined "struct point {{.*}};"
// CHECK: record "Shape" {
// CHECK: data: ptr<double>
// CHECK: defined "typedef struct {{.*}} Shape;"

// CHECK-LABEL: func @make(%result: ptr<record "struct point">
// CHECK-SAME: -> void
// CHECK: %literal = alloc record "struct point"
// CHECK: copy record "struct point" %result, %literal

// CHECK-LABEL: func @norm(%p: record "struct point" by_value
// CHECK: field %p, x

// CHECK-LABEL: func @all(
// CHECK: %q = alloc record "struct point"
// CHECK: call @make(%q, {{.*}})
// CHECK: %r = alloc record "struct point"
// CHECK-NEXT: zero record "struct point" %r
// CHECK: field %s, data
// CHECK: field %s, at
// CHECK-NEXT: const int 1
// CHECK-NEXT: elem
// CHECK-NEXT: field {{.*}}, x
// CHECK: %chosen = alloc
// CHECK: copy record "struct point" %chosen, %q
// CHECK: copy record "struct point" %r, %chosen
// CHECK: call @norm(%r)

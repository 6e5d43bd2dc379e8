// While loops that count become for loops, whatever they count with.
//
// RUN: %gradcc --emit=ir --passes=promote,simplify,cse,raise-loops,simplify,cse,dce %s -o - | %filecheck %s
#include <stddef.h>

// CHECK-LABEL: func @up
// CHECK: %s = for %i: int = %[[ZERO:.*]], lt %n, step %[[ONE:.*]] carry
// CHECK: return %s
#pragma grad
double up(int n, const double *x) {
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}

// The operands the other way round, a step of three, an end that is included.
// CHECK-LABEL: func @swapped
// CHECK: %[[THREE:.*]] = const int 3
// CHECK: for %i: int = %{{.*}}, le %n, step %[[THREE]]
#pragma grad
double swapped(int n, const double *x) {
    double s = 0;
    for (int i = 1; n >= i; i += 3)
        s += x[i];
    return s;
}

// CHECK-LABEL: func @down
// CHECK: %[[MINUS:.*]] = const int -2
// CHECK: for %{{.*}}: int = %i, ge %{{.*}}, step %[[MINUS]]
#pragma grad
double down(int n, const double *x) {
    double s = 0;
    for (int i = n - 1; i >= 0; i -= 2)
        s += x[i];
    return s;
}

// The condition has an effect: a flag in the front end's loop, none here.
// CHECK-LABEL: func @postfix
// CHECK: %[[MINUS:.*]] = const {{.*}} 18446744073709551615
// CHECK: for %i: {{.*}} = %n, gt %{{.*}}, step %[[MINUS]]
// CHECK-NOT: while
// CHECK: return
#pragma grad
double postfix(size_t n, const double *x) {
    double s = 0;
    for (size_t i = n; i-- > 0;)
        s += x[i];
    return s;
}

// CHECK-LABEL: func @countdown
// CHECK: for %[[N:.*]]: int = %n, ne %{{.*}}, step %
// CHECK: %[[T:.*]] = sub %n, %[[N]]
// CHECK: index %x, %[[T]]
#pragma grad
double countdown(int n, const double *x) {
    double s = 0;
    while (n--)
        s += *x++;
    return s;
}

// A pointer that walks, and one that ends.
// CHECK-LABEL: func @pointers
// CHECK: %[[N:.*]] = cast %n : long
// CHECK: for %[[I:.*]]: long = %{{.*}}, ne %[[N]], step %
// CHECK-DAG: index %x, %[[I]]
// CHECK-DAG: index %y, %[[I]]
#pragma grad
double pointers(int n, const double *x, const double *y) {
    double s = 0;
    for (const double *p = x, *q = y; p != x + n; p++, q++)
        s += *p * *q;
    return s;
}

// Other counters follow from the index, also after the loop.
// CHECK-LABEL: func @together
// CHECK: %[[FIVE:.*]] = const int 5
// CHECK: for %i: int = %[[ZERO:.*]], lt %n, step %{{.*}} carry (%{{[^,]*}}: double = %{{[^,]*}}) #
// CHECK-NEXT: %[[WAY:.*]] = mul %i, %stride
// CHECK-NEXT: %k = add %[[FIVE]], %[[WAY]]
// CHECK-NEXT: index %x, %k
// CHECK: }
// CHECK: %[[LAST:.*]] = select %{{.*}}, %n, %[[ZERO]]
// CHECK: %[[ALL:.*]] = mul %[[LAST]], %stride
// CHECK: add %[[FIVE]], %[[ALL]]
// CHECK: return
#pragma grad
double together(int n, int stride, const double *x) {
    double s = 0;
    int k = 5, i;
    for (i = 0; i < n; i++) {
        s += x[k];
        k += stride;
    }
    return s + k * i;
}

// The bound is loaded once where the loop cannot change it ...
// CHECK-LABEL: func @loaded
// CHECK: %[[F:.*]] = field %b, n
// CHECK-NEXT: %[[N:.*]] = load %[[F]]
// CHECK: for %i: int = %{{.*}}, lt %[[N]], step
struct bounded {
    int n;
    double *x;
};
#pragma grad
void loaded(struct bounded *b, double w) {
    for (int i = 0; i < b->n; i++)
        b->x[i] *= w;
}

// ... but not where it does.
// CHECK-LABEL: func @moving
// CHECK: while
// CHECK: return
#pragma grad
double moving(int *n, const double *x) {
    double s = 0;
    for (int i = 0; i < *n; i++) {
        s += x[i];
        if (s > 10)
            *n -= 1;
    }
    return s;
}

// An int that counts up to a size_t stays an int.
// CHECK-LABEL: func @mixed
// CHECK: %[[END:.*]] = cast %n : int
// CHECK: for %i: int = %{{.*}}, lt %[[END]], step
#pragma grad
double mixed(size_t n, const double *x) {
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}

// Up to a long, it may have to count further than an int can.
// CHECK-LABEL: func @wide
// CHECK: for %[[I:.*]]: long = %{{.*}}, lt %n, step
// CHECK: %[[INT:.*]] = cast %[[I]] : int
// CHECK: index %x, %[[INT]]
#pragma grad
double wide(long n, const double *x) {
    double s = 0;
    for (int i = 0; i < n; i++)
        s += x[i];
    return s;
}

// What stands beside the counter goes to the end.
// CHECK-LABEL: func @ahead
// CHECK: %[[RUNS:.*]] = lt %{{.*}}, %n
// CHECK: %[[LESS:.*]] = sub %n, %
// CHECK: %[[END:.*]] = select %[[RUNS]], %[[LESS]], %
// CHECK: for %i: int = %{{.*}}, lt %[[END]], step
#pragma grad
double ahead(int n, const double *x) {
    double s = 0;
    for (int i = 0; i + 4 <= n; i++)
        s += x[i];
    return s;
}

// Unsigned, the sum may wrap around before the end.
// CHECK-LABEL: func @unsigned_ahead
// CHECK: while
#pragma grad
double unsigned_ahead(unsigned n, const double *x) {
    double s = 0;
    for (unsigned i = 0; i + 4 <= n; i += 4)
        s += x[i];
    return s;
}

// No counting: a step that varies, one away from the end, one past !=,
// a counter that a branch changes, too.
// CHECK-LABEL: func @doubling
// CHECK: while
#pragma grad
double doubling(int n, const double *x) {
    double s = 0;
    for (int i = 1; i < n; i *= 2)
        s += x[i];
    return s;
}
// CHECK-LABEL: func @wrapping
// CHECK: while
#pragma grad
double wrapping(unsigned n, const double *x) {
    double s = 0;
    for (unsigned i = n - 1; i < n; i--)
        s += x[i];
    return s;
}
// CHECK-LABEL: func @beyond
// CHECK: while
#pragma grad
double beyond(int n, const double *x) {
    double s = 0;
    for (int i = 0; i != n; i += 2)
        s += x[i];
    return s;
}
// CHECK-LABEL: func @skipping
// CHECK: while
#pragma grad
double skipping(int n, const double *x) {
    double s = 0;
    for (int i = 0; i < n; i++) {
        s += x[i];
        if (x[i] > 1)
            i++;
    }
    return s;
}

// A floating counter is a sum, which must round as it did.
// CHECK-LABEL: func @floating
// CHECK: for %i: {{.*}} carry (%{{[^,]*}}: double = %{{[^,]*}}, %{{[^,]*}}: double
#pragma grad
double floating(int n, double h, const double *x) {
    double s = 0, t = 0;
    for (int i = 0; i < n; i++, t += h)
        s += t * x[i];
    return s;
}

// Nested, with a triangular inner loop and a counter through both.
// CHECK-LABEL: func @nested
// CHECK: for %i: int
// CHECK: for %j: int = %{{.*}}, le %i, step
// CHECK-NOT: while
// CHECK: return
#pragma grad
double nested(int n, const double *x) {
    double s = 0;
    int k = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++)
            s += x[k++] * i;
    return s;
}

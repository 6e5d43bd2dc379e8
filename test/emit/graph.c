// The computation graph: a rectangle for each input, output and intermediate,
// what it computes inside, its name outside, edges in the order of arguments.
//
// RUN: %gradcc --emit=graph --function=worked %s > %t.dot
// RUN: %filecheck %s < %t.dot
// RUN: %gradcc --emit=graph --function=weighted %s | %filecheck %s --check-prefix=LOOP
// RUN: %gradcc --emit=graph --function=layers %s | %filecheck %s --check-prefix=ARRAY
#include <math.h>

// The nodes of the first lecture's example, and no others.
// CHECK:      digraph worked {
// CHECK-NEXT:   node [shape=box];
// CHECK-NEXT:   n1 [label="", xlabel="x"];
// CHECK-NEXT:   n2 [label="", xlabel="z"];
// CHECK-NEXT:   n3 [label="×", xlabel="a"];
// CHECK-NEXT:   n1 -> n3;
// CHECK-NEXT:   n2 -> n3;
// CHECK-NEXT:   n4 [label="log", xlabel="b"];
// CHECK-NEXT:   n1 -> n4;
// CHECK-NEXT:   n5 [label="sin", xlabel="c"];
// CHECK-NEXT:   n4 -> n5;
// CHECK-NEXT:   n6 [label="exp", xlabel="d"];
// CHECK-NEXT:   n3 -> n6;
// CHECK-NEXT:   n7 [label="/", xlabel="e", ordering=in];
// CHECK-NEXT:   n3 -> n7;
// CHECK-NEXT:   n4 -> n7;
// CHECK-NEXT:   n8 [label="/", xlabel="f", ordering=in];
// CHECK-NEXT:   n5 -> n8;
// CHECK-NEXT:   n3 -> n8;
// CHECK-NEXT:   n9 [label="+", xlabel="y"];
// CHECK-NEXT:   n6 -> n9;
// CHECK-NEXT:   n7 -> n9;
// CHECK-NEXT:   n8 -> n9;
// CHECK-NEXT: }
#pragma grad wrt(x, z)
double worked(double x, double z)
{
    double a = x * z;
    double b = log(x);
    double c = sin(b);
    double d = exp(a);
    double e = a / b;
    double f = c / a;
    double y = d + e + f;
    return y;
}

// LOOP: subgraph cluster_{{.*}} {
// LOOP: label="for i = 0; i < n";
// LOOP: [[S:n[0-9]+]] [label="0", xlabel="s"];
// LOOP: xlabel="w[i]"
// LOOP: xlabel="x[i]"
// LOOP: [[NEXT:n[0-9]+]] [label="+", xlabel="s"];
// LOOP: [[NEXT]] -> [[S]] [constraint=false];
// LOOP: }
// LOOP: [label="1 −"
#pragma grad wrt(w)
double weighted(int n, const double *w, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += w[i] * x[i];
    return 1 - s;
}

// What one loop stores leads to what the next one loads.
// ARRAY: [[STORED:n[0-9]+]] [label="", xlabel="h[i]"];
// ARRAY: [[LOADED:n[0-9]+]] [label="", xlabel="h[{{[ij]}}]"];
// ARRAY: [[STORED]] -> [[LOADED]];
#pragma grad wrt(x)
double layers(const double x[8])
{
    double h[8], s = 0;
    for (int i = 0; i < 8; i++)
        h[i] = tanh(x[i]);
    for (int i = 0; i < 8; i++)
        s += h[i] * h[7 - i];
    return s;
}

// A global and fields of a struct in the state of a marked loop, which counts
// as often as a field says.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

struct state {
    double a[3], b;
    int n;
};

double table[4];

// CHECK-LABEL: double f_grad(
// CHECK: grad_push_bytes(&tape, {{.*}}sizeof(struct state));
// CHECK: grad_checkpoint_again(&loop);
#pragma grad wrt(x[0:5]) work(table)
double f(int n, int s, double *x)
{
    double y = x[0];
    struct state st = {{x[1], x[2], x[3]}, x[4], n};
    (void)s;
    for (int i = 0; i < 4; i++)
        table[i] = x[i];
    for (int k = 0; k < 3; k++) {
        if (y > -100) {
#pragma grad checkpoint snapshots(s)
            for (int t = st.n; t > 0; t--) {
                st.b = sin(st.b + st.a[t % 3]) * table[k];
                st.a[(t + 1) % 3] += 0.1 * st.b * y;
            }
            y += st.b;
        } else
            y = 0;
        table[k] = y;
        st.n--;
    }
    return y + st.a[1];
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    double x[5] = {0.3, 0.7, 1.1, 0.4, 0.2};
    const double h = 1e-6;
    for (int n = 0; n < 9; n++)
        for (int s = 1; s < 6; s++) {
            double d_x[5] = {0};
            CHECK_BITS(f_grad(n, s, x, d_x), f(n, s, x));
            for (int i = 0; i < 5; i++) {
                double kept = x[i];
                x[i] = kept + h;
                double up = f(n, s, x);
                x[i] = kept - h;
                double down = f(n, s, x);
                x[i] = kept;
                CHECK_NEAR(d_x[i], (up - down) / (2 * h), 1e-6);
            }
        }
    return check_done();
}
#endif

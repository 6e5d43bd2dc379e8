// Several rows in reverse mode, where the reverse sweep puts back what x held:
// that comes from a tape on which there are weights, too.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc -Werror %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
//
// CHECK: {{^}}static void undone_jac_rows(
// CHECK: {{^}}static void undone_jac_rows(
// CHECK: own_d_x = gradcc_allocate(
#include <math.h>

#pragma grad jacobian wrt(m[0:n][0:3], x[0:n]) of(x[0:n])
#pragma grad forward wrt(m, x) of(x)
void undone(int n, int k, const double m[][3], double *x)
{
    double g = 0.3, a[2][2] = {{0.6, 0.6}, {0.6, 0.6}};
    int tries = 0;
    do {
        a[1][k % 2] = (g = 0.742 * (g - 0.4), 0.33 * (a[(k + 1) % 2][0] - g));
    } while (++tries < 4 && 4 * k > 3);
    for (int i = 2; i < n; ++i) {
        a[0][k % 2] *= 0.143 * g * m[k % n][k % 3] + 1;
        for (int p = 0, q = n - 1; p < q; p++, q--)
            x[(k + 2) % n] /= cosh(a[0][(k + 1) % 2] * a[0][k % 2]) *
                                  m[n - 1][(q + 1) % 3] +
                              4.463;
    }
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "check.h"

int main(void)
{
    double m[5][3], d_m[5][3], x[5], d_x[5], jac[5 * 20];
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < 15; i++)
            m[i / 3][i % 3] = 0.3 + 0.1 * i;
        for (int i = 0; i < 5; i++)
            x[i] = 1 - 0.2 * i;
        undone_jac(5, k, (const double (*)[3])m, x, jac);
        for (int j = 0; j < 20; j++) {
            memset(d_m, 0, sizeof d_m);
            memset(d_x, 0, sizeof d_x);
            *(j < 15 ? &d_m[j / 3][j % 3] : &d_x[j - 15]) = 1;
            for (int i = 0; i < 5; i++)
                x[i] = 1 - 0.2 * i;
            undone_fwd(5, k, (const double (*)[3])m, (const double (*)[3])d_m,
                       x, d_x);
            for (int i = 0; i < 5; i++)
                CHECK_NEAR(jac[20 * i + j], d_x[i], 1e-14);
        }
    }
    return check_done();
}
#endif

// Loops that gotos make: single and nested, with several ways back and out,
// mixed with loops and switches.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: FileCheck %s < %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
//
// What gotos make becomes loops: none is left.
// CHECK-NOT: {{^ *goto }}
#include <math.h>

// The label at the loop's head.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double head(int n, const double *x)
{
    double s = 0.3;
    int i = 0;
again:
    if (i >= n)
        return s;
    s = tanh(s + x[i]) * (1 + 0.1 * x[i]);
    i++;
    goto again;
}

// The test at its end; the product is in closed form.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double tail(int n, const double *x)
{
    double p = 1;
    int i = 0;
    if (n < 1)
        goto done;
next:
    p *= 2 + x[i];
    if (++i < n)
        goto next;
done:
    return p;
}

// Retried until it is small enough, which depends on the data.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double retry(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double step = 1.5 + x[i], y;
        int tries = 0;
    retry:
        y = exp(-step * x[i]) - 0.2 * step;
        if (y > 0.4 && tries++ < 9) {
            step *= 1.3;
            goto retry;
        }
        if (tries > 6)
            continue;
        s += y * step;
        if (s > 3)
            break;
    }
    return s;
}

// Nested, both ways back and a way out of both.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double nested(int n, const double *x)
{
    double s = 1;
    int i = -1, j;
outer:
    if (++i >= n)
        goto out;
    j = i;
inner:
    if (j >= n)
        goto outer;
    s += 0.2 * x[i] * x[j] * s;
    if (s > 4)
        goto out;
    j++;
    if (x[i] > 0.8)
        goto outer;
    goto inner;
out:
    return s * s;
}

// Two loops that overlap: from behind the first one's end back into it.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double overlapping(int n, const double *x)
{
    double s = 0.5;
    int i = 0, rounds = 0;
first:
    if (i >= n)
        return s;
    s += x[i] * 0.3;
second:
    s *= 1 + 0.1 * x[i];
    i++;
    if (i < n && x[i] > 0)
        goto first;
    s = sin(s) + 1;
    if (i < n && rounds++ < 4)
        goto second;
    return s * 2;
}

// Back out of loops and switches, to a label before them.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double restart(int n, const double *x)
{
    double s = 0.1, scale = 1;
    int restarts = 0;
restart:
    for (int i = 0; i < n; i++) {
        int k = i;
        while (k > 0) {
            s += scale * x[i] * x[k--];
            if (s > 1.5 && restarts < 3) {
                restarts++;
                scale *= 0.5;
                s = tanh(s);
                goto restart;
            }
        }
        switch (i % 3) {
        case 0:
            s += 0.1 * x[i];
            break;
        case 1:
            if (x[i] < -0.5 && restarts < 5) {
                restarts += 2;
                s *= 0.7;
                goto restart;
            }
        }
    }
    return s * scale;
}

// Variables and arrays declared between label and goto, used behind; a label
// before a declaration with a computed length.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double declares(int n, const double *x)
{
    double s = 0;
    int i = 0;
    if (n == 0)
        return 0;
again:;
    double part[2] = {x[i], x[i] * x[i]};
    double both = part[0] + 0.5 * part[1];
    s += both * s + 1;
    if (++i < n)
        goto again;
    s += part[1] * both;
    i = 0;
more:;
    double w[i + 1];
    for (int j = 0; j <= i; j++)
        w[j] = x[j] * s;
    s = s * 0.5 + 0.1 * w[i];
    if (++i < n)
        goto more;
    return s + w[0];
}

// A block of its own, and one that a switch's section holds.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double blocks(int n, const double *x)
{
    double s = 0.2;
    for (int i = 0; i < n; i++) {
        if (x[i] > 0) {
            double t = x[i];
        square:
            t *= t + 0.3;
            if (t > 0.1)
                goto square_less;
            s += t;
            continue;
        square_less:
            s += 0.1;
            if (t < 0.6) {
                t += 0.05;
                goto square;
            }
        }
        switch (i & 1) {
        case 0:
        repeat:
            s += x[i] * s * 0.25;
            if (s < 0.5 && s > 0.1) {
                s += 0.4;
                goto repeat;
            }
        }
    }
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(head, -1, 1);
    CHECK_STANDARD(tail, -1, 1);
    CHECK_STANDARD(retry, -1, 1);
    CHECK_STANDARD(nested, -1, 1);
    CHECK_STANDARD(overlapping, -1, 1);
    CHECK_STANDARD(restart, -1, 1);
    CHECK_STANDARD(declares, -1, 1);
    CHECK_STANDARD(blocks, -1, 1);
    double x[] = {0.5, -0.25, 2}, d_x[3] = {0};
    CHECK_CLOSE(tail_grad(3, x, d_x), 2.5 * 1.75 * 4, 1e-15);
    CHECK_CLOSE(d_x[0], 1.75 * 4, 1e-15);
    CHECK_CLOSE(d_x[2], 2.5 * 1.75, 1e-15);
    return check_done();
}
#endif

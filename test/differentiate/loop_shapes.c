// Loops of tricky shapes: counters and bounds that change in the body, also
// through pointers; two counters; floating counters; downward unsigned ones;
// conditions and statements with side effects; exits from the middle.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double counter_changed(int n, const double *x)
{
    double s = 0.5;
    for (int i = 0; i < n; i++) {
        s += x[i] * s;
        if (s > 1)
            i++;
        if (s < 0) {
            s = -s;
            i += i % 2;
        }
    }
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double bound_changed(int n, const double *x)
{
    double s = 1;
    int end = n / 2;
    for (int i = 0; i < end; i++) {
        s *= 1.2 + x[i];
        if (x[i] > 0 && end < n)
            end++;
    }
    return s;
}

static void advance(int *i, double at)
{
    *i += at > 0 ? 1 : 2;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double counter_by_pointer(int n, const double *x)
{
    double s = 0;
    int i = 0, *p = &i;
    while (*p < n) {
        s = s * 0.5 + sin(x[i]);
        advance(p, x[i]);
    }
    for (int j = 0; j < n; (*p)--, j += 1 + (i < 0))
        s += x[j] * s;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double two_counters(int n, const double *x)
{
    double s = 0;
    for (int i = 0, j = n - 1; i < j; i++, j -= 2)
        s += x[i] * x[j] + s * 0.1;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double floating_counter(int n, const double *x)
{
    double s = 1;
    for (double t = 0; t < 1; t += 0.125)
        for (float u = (float)n; u >= 1; u /= 2)
            s += t * x[(int)u - 1] * s * 0.1;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double active_counter(int n, const double *x)
{
    double s = 0, step = n > 0 ? 0.4 + 0.1 * x[0] : 1;
    for (double t = step; t < 2; t += step)
        s += t * t;
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double down_unsigned(int n, const double *x)
{
    double s = 0.1, p = 1;
    for (unsigned i = (unsigned)n; i-- > 0;)
        s = s * x[i] + 0.5;
    for (unsigned long i = (unsigned long)n; i != 0; i--)
        p *= 1.5 + 0.5 * x[i - 1] * s;
    unsigned char k = (unsigned char)n;
    while (k)
        p += x[--k] * 0.25;
    return p;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double endless(int n, const double *x)
{
    double s = 0.2;
    int i = 0;
    for (;;) {
        if (i >= n)
            break;
        s += x[i] * (1 - s);
        if (s > 1.4)
            return s * s;
        i++;
        if (x[i - 1] < 0)
            continue;
        s *= 1.1;
    }
    do {
        s *= 0.9;
        if (i-- <= 0)
            break;
        if (x[i] > 0.3)
            continue;
        s += 0.1 * x[i];
    } while (s > 0.01);
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double nested_exits(int n, const double *x)
{
    double s = 0.3;
    for (int i = 0; i < n; i++) {
        for (int j = i; j < n; j++) {
            int k = j;
            while (k-- > 0) {
                if (x[k] * s > 0.5)
                    break;
                if (x[k] < -0.7)
                    continue;
                s += 0.1 * x[k] * x[j];
                if (s > 2)
                    return s + x[i];
            }
            if (k > 2)
                break;
            s *= 1 + 0.01 * x[i];
        }
        switch (i % 4) {
        case 0:
            continue;
        case 1:
            s += 0.2 * x[i];
            // fall through
        case 2:
            if (s < 0)
                break;
            s -= 0.1 * x[i] * s;
            continue;
        default:
            s = tanh(s);
        }
        s += 0.05;
    }
    return s;
}

static double improve(double y, double a)
{
    return 0.5 * (y + a / y);
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double assigning_condition(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double a = 2 + x[i], y = a, last = 0, off;
        while ((off = fabs(y - last)) > 1e-9) {
            last = y;
            y = improve(y, a);
        }
        s += y + off * 0;
        int k = 0;
        while ((y = y * 0.5 + 0.1 * a) > 0.45 && ++k < 8)
            s += y;
    }
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double comma_and_logic(int n, const double *x)
{
    double s = 0, t = 0.3;
    int i = 0, hits = 0;
    const double *p = x;
    for (; s += 0.1, i < n; i++, p++)
        if ((t += *p, t > 0) && (hits++, s < 3))
            s += t * t;
        else if (t < -1 || (hits += 2) > 5)
            s -= 0.5 * t;
    i = n;
    while (i-- > 0 && (t *= 0.9, t + x[i] > -0.5))
        s += x[i] * t;
    return s + hits;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double statement_expressions(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += __extension__({
            double best = x[i];
            for (int j = 0; j < n; j++) {
                if (j == i)
                    continue;
                if (x[j] > best + 0.5)
                    break;
                best = best * 0.75 + 0.25 * x[j];
            }
            best * best;
        });
    return s;
}

#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ranges(int n, const double *x)
{
    double s = 0.4;
    for (int i = 0; i < n; i++)
        switch (i * 7 % 20) {
        case 0 ... 4:
            s += x[i];
            break;
        case 5 ... 9:
            s *= 1 + 0.5 * x[i];
            // fall through
        case 15:
            s += 0.25 * x[i] * x[i];
            break;
        default:
            s = sin(s);
        }
    return s;
}

// OpenMP's pragmas are ignored: the derivative runs on one thread.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double openmp(int n, const double *x)
{
    double s = 0;
#pragma omp parallel for reduction(+ : s)
    for (int i = 0; i < n; i++)
        s += x[i] * sin(x[i]);
    return s;
}

#ifdef TEST_MAIN
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(counter_changed, -1, 1);
    CHECK_STANDARD(bound_changed, -1, 1);
    CHECK_STANDARD(counter_by_pointer, -1, 1);
    CHECK_STANDARD(two_counters, -1, 1);
    CHECK_STANDARD(floating_counter, -1, 1);
    CHECK_STANDARD(active_counter, -1, 1);
    CHECK_STANDARD(down_unsigned, -1, 1);
    CHECK_STANDARD(endless, -1, 1);
    CHECK_STANDARD(nested_exits, -1, 1);
    CHECK_STANDARD(assigning_condition, -1, 1);
    CHECK_STANDARD(comma_and_logic, -1, 1);
    CHECK_STANDARD(statement_expressions, -1, 1);
    CHECK_STANDARD(ranges, -1, 1);
    CHECK_STANDARD(openmp, -1, 1);
    // Four steps: the fifth is not below 2.
    double x = 0.01, d_x = 0, step = 0.4 + 0.1 * x;
    CHECK_CLOSE(active_counter_grad(1, &x, &d_x), 30 * step * step, 1e-14);
    CHECK_CLOSE(d_x, 0.1 * 60 * step, 1e-14);
    return check_done();
}
#endif

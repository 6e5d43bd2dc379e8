// More of what an expert would try: memory.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

// A helper hands out the element to change.
static double *pick(double *a, int i)
{
    return i < 0 ? a : a + i;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double picked(int n, const double *x)
{
    double a[4] = {1, 1, 1, 1};
    for (int i = 0; i < n; i++) {
        *pick(a, i % 4) *= x[i];
        *pick(a, i % 2 - 1) += pick(a, 3)[-1] * x[n - 1 - i];
    }
    return a[0] * a[1] + a[2] - a[3];
}

// Rows of a matrix that are exchanged by pointers, as in pivoting.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double pivoted(int n, const double *x)
{
    double store[3][3], *row[3], det = 1;
    if (n < 9)
        return n ? x[0] : 0;
    for (int i = 0; i < 3; i++) {
        row[i] = store[i];
        for (int j = 0; j < 3; j++)
            row[i][j] = x[3 * i + j] + (i == j);
    }
    for (int k = 0; k < 3; k++) {
        int best = k;
        for (int i = k + 1; i < 3; i++)
            if (fabs(row[i][k]) > fabs(row[best][k]))
                best = i;
        if (best != k) {
            double *other = row[k];
            row[k] = row[best];
            row[best] = other;
            det = -det;
        }
        det *= row[k][k];
        for (int i = k + 1; i < 3; i++) {
            double factor = row[i][k] / row[k][k];
            for (int j = k; j < 3; j++)
                row[i][j] -= factor * row[k][j];
        }
    }
    return det;
}

// A heap block of rows with a table of pointers, freed in another order.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double rows(int n, const double *x)
{
    double **row = malloc(3 * sizeof *row), s = 0;
    for (int i = 0; i < 3; i++)
        row[i] = calloc((size_t)n + 1, sizeof **row);
    for (int i = 0; i < n; i++) {
        row[i % 3][i] = x[i] * x[i];
        row[(i + 1) % 3][i] -= row[i % 3][i] * x[0];
    }
    for (int i = 0; i < n; i++)
        s += row[0][i] * row[1][i] - row[2][n - 1 - i];
    for (int i = 2; i >= 0; i--)
        free(row[i]);
    free(row);
    return s;
}

// A stack in a struct, pushed and popped by helpers.
struct stack {
    double at[8];
    int top;
};
static void push(struct stack *s, double a)
{
    s->at[s->top++ & 7] = a;
}
static double pop(struct stack *s)
{
    return s->at[--s->top & 7];
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double calculator(int n, const double *x)
{
    struct stack s = {.top = 0};
    push(&s, 1);
    push(&s, 0.5);
    for (int i = 0; i < n; i++) {
        double b = pop(&s), a = pop(&s);
        switch (i % 4) {
        case 0:
            push(&s, a * x[i]);
            push(&s, b + a);
            break;
        case 1:
            push(&s, b);
            push(&s, a);
            break;
        case 2:
            b *= 2;
            /* fall through */
        default:
            push(&s, sin(a + b));
            push(&s, x[i] * b);
        }
    }
    double b = pop(&s);
    return pop(&s) * b;
}

// A buffer in a ring, with a start that moves.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ring(int n, const double *x)
{
    double buffer[5] = {0.1, 0.2, 0.3, 0.4, 0.5}, s = 0;
    unsigned head = 3;
    for (int i = 0; i < n; i++) {
        buffer[head % 5] = 0.5 * buffer[(head + 1) % 5] + x[i] * buffer[(head + 4) % 5];
        head += 1 + (x[i] > 0.3);
        s += buffer[head % 5] * buffer[(head - 1u) % 5];
    }
    return s;
}

// Memory that moves over itself.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double moves(int n, const double *x)
{
    double a[10] = {0}, s = 0;
    for (int i = 0; i < n; i++) {
        memmove(a + 1, a, 9 * sizeof *a);
        a[0] = x[i] * (1 + a[3]);
        if (i % 3 == 2)
            memmove(a, a + 2, 5 * sizeof(double));
        if (i % 4 == 3)
            memset(a + 6, 0, 2 * sizeof *a);
        if (i % 5 == 4)
            memcpy(a + 5, a, 4 * sizeof a[0]);
        s += a[i % 10] * a[9];
    }
    return s + a[1] + a[7] * a[2];
}

// Flags in bits, small integers, wide ones, and a counter of any type.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double counters(int n, const double *x)
{
    struct {
        unsigned on : 1, left : 3;
        int sign : 2;
    } f = {1, 5, -1};
    double s = 0;
    for (int8_t c = 0; c < n; c++) {
        f.left -= 3;
        f.on ^= c & 1;
        if (f.on)
            s += f.left * x[c] * x[c] * f.sign;
        f.sign = c % 2 ? 1 : -1;
    }
    for (uint64_t k = 1; k < (UINT64_C(1) << n % 8); k <<= 1)
        s = s * 0.9 + (double)k * 0.01 * s * s;
    for (bool more = n > 0; more; more = false)
        s += x[0];
    for (double t = 0; t < 0.95; t += 0.25)
        s += t * t * (n ? x[n - 1] : 1);
    for (char c = 'a'; c <= 'd'; c++)
        s += (c - 'a') * 0.1 * s;
    return s;
}

// Arguments that overlap inside: a helper that reads what it writes.
static void blend(double *to, const double *a, const double *b, int n, double t)
{
    for (int i = 0; i < n; i++)
        to[i] = (1 - t) * a[i] + t * b[n - 1 - i];
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double overlapping(int n, const double *x)
{
    double a[MOST], s = 0;
    for (int i = 0; i < n; i++)
        a[i] = x[i] * x[i];
    if (n > 2) {
        blend(a, a, a, n, 0.3);
        blend(a + 1, a, a + 1, n - 1, x[0]);
        blend(a, a + 2, a, n - 2, a[1]);
    }
    for (int i = 0; i < n; i++)
        s += a[i] * (i + 1);
    return s;
}

// Out-parameters, the same one twice, and one that is read first.
static int divide(double a, double b, double *quotient, double *rest)
{
    if (fabs(b) < 0.1)
        return 0;
    *quotient = a / b;
    *rest = *rest * 0.5 + a - b;
    return 1;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double divided(int n, const double *x)
{
    double q = 1, r = 0, s = 0;
    for (int i = 1; i < n; i++) {
        if (!divide(x[i], x[i - 1], &q, &r) || r > 1)
            q = r;
        if (divide(r, 2 + q * q, &r, &r) && i % 3)
            s += q;
        s += r * x[i];
    }
    return s + q * r;
}

// Structs in structs by value, chosen, and through pointers to pointers.
struct vec {
    double x, y;
};
struct body {
    struct vec at, speed;
    double mass;
};
static struct vec plus(struct vec a, struct vec b, double t)
{
    return (struct vec){a.x + t * b.x, a.y + t * b.y};
}
static struct body *heavier(struct body *a, struct body *b)
{
    return a->mass > b->mass ? a : b;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double bodies(int n, const double *x)
{
    struct body two[2] = {{.mass = 1}, {{1, 2}, {0.5, -0.5}, 2}}, *p = two, **pp = &p;
    for (int i = 0; i < n; i++) {
        p = heavier(&two[0], &two[1]);
        (*pp)->at = plus(p->at, (*pp)->speed, x[i]);
        p->speed = (i & 1 ? two[0] : two[1]).at;
        p->mass *= 0.9 + 0.1 * x[i] * x[i];
        if (x[i] > 0.2)
            two[0] = two[i % 2];
    }
    return two[0].at.x * two[1].at.y + two[0].mass * two[1].speed.x + two[1].mass;
}

// Loops in loops with a common counter, and one that is counted twice.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double shared(int n, const double *x)
{
    double s = 0.1;
    int k = 0, i;
    for (i = 0; i < n; i++) {
        for (; k < i; k++) {
            s += x[k] * s;
            if (k % 4 == 3)
                i++;
            if (i >= n)
                goto out;
        }
        s -= x[i] * 0.5;
    }
out:
    while (k-- > 0)
        s *= 1 + 0.1 * x[k];
    return s + i * 0.01 * s;
}

// Old definitions, and a parameter that says how long it is at least.
static double sum3(const double a[static 3])
{
    return a[0] * a[1] + a[2];
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double lengths(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i + 2 < n; i++)
        s += sum3(x + i) * sum3(&x[n - 3 - i]);
    return s;
}

// Blocks made and freed in an iteration, kept by the last one.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double kept(int n, const double *x)
{
    double *last = NULL, s = 0;
    for (int i = 0; i < n; i++) {
        double *now = malloc(2 * sizeof *now);
        if (!now)
            break;
        now[0] = x[i] * (last ? last[1] : 1);
        now[1] = sin(now[0]) + (last ? last[0] : 0.5);
        s += now[0] * now[1];
        free(last);
        last = now;
    }
    if (last)
        s += last[0] * last[1];
    free(last);
    return s;
}

// Three-way: the same element read, written and read again in one expression.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double thrice(int n, const double *x)
{
    double a[3] = {0.5, 1, 1.5}, *p = a;
    for (int i = 0; i < n; i++) {
        p = a + i % 3;
        *p = *p * x[i] + *p * *p - (*p > 1 ? *p : -*p) * 0.5;
        a[(i + 1) % 3] += *p = sin(*p);
        p[i % 3 == 0] *= 0.7;
    }
    return a[0] + 2 * a[1] + 3 * a[2] * *p;
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(picked, -1, 1);
    CHECK_STANDARD(pivoted, -1, 1);
    CHECK_STANDARD(rows, -1, 1);
    CHECK_STANDARD(calculator, -1, 1);
    CHECK_STANDARD(ring, -1, 1);
    CHECK_STANDARD(moves, -1, 1);
    CHECK_STANDARD(counters, -1, 1);
    CHECK_STANDARD(overlapping, -1, 1);
    CHECK_STANDARD(divided, -1, 1);
    CHECK_STANDARD(bodies, -1, 1);
    CHECK_STANDARD(shared, -1, 1);
    CHECK_STANDARD(lengths, -1, 1);
    CHECK_STANDARD(kept, -1, 1);
    CHECK_STANDARD(thrice, -1, 1);
    return check_done();
}
#endif

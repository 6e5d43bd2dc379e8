// What an expert would try: code that is C, but that nobody expects.
//
// RUN: %gradcc %s -o %t_grad.c
// RUN: %cc %main %sanitize %s %t_grad.c -o %t.exe %sanitize_links && %t.exe
// RUN: %clang %main -O2 %s %t_grad.c -o %t.clang %links && %t.clang
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

// Names that generated code would like to have.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double names(int n, const double *x)
{
    double tape = 0, t1 = 1, t2 = 2, lane = 0.5, packed = 0.25, d_s = 0;
    double v_x = 0.1, h_x = 0.2, kept_at = 0, trips = 0, limit = 0, s = 0;
    for (int i_2 = 0; i_2 < n; i_2++) {
        double d_i = x[i_2], x2 = d_i * t1, own_d_x = x2 + lane;
        tape += sin(own_d_x) * packed;
        t1 = cos(tape) + t2 * h_x;
        d_s += t1 * v_x;
        kept_at = tape * x2;
        trips += kept_at * 0.1;
        limit = fmax(limit, x[i_2]);
        s += d_s * trips;
    }
    return s + limit + t2 * kept_at;
}

// A helper with the name that a derivative's variable would have.
static double d_x(double gradcc_x)
{
    return gradcc_x * gradcc_x;
}

#pragma grad wrt(x) name(clash_grad)
#pragma grad forward wrt(x)
double clash(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += d_x(x[i]) * x[n - 1 - i];
    return s;
}

// Shadowed names, four deep, one of them the parameter's.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double shadowed(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double s2 = x[i];
        {
            double x = s2 * s2;
            {
                double s2 = x + 1;
                for (int i = 0; i < 2; i++) {
                    double x = s2 * (i + 1);
                    s2 = sin(x);
                }
                s += s2 * x;
            }
            s += x;
        }
        s *= 1 + 0.1 * s2;
    }
    return s;
}

// One line, no spaces.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double line(int n,const double*x){double s=0,*p=&s;while(n-->0)*p+=x[n]*-x[n]- -x[n]/(2+x[n]*x[n]);return s+*p**p;}

// Macros that make statements, operators, loops and a name.
#define EACH(i, n) for (int i = 0; i < (n); ++i)
#define SQR(a) ((a) * (a))
#define PLUS +=
#define BEGIN {
#define END }
#define GLUE(a, b) a##b
#define RESULT GLUE(re, sult)
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double GLUE(mac, ros)(int n, const double *x)
BEGIN
    double RESULT = 0;
    EACH(i, n) EACH(j, i) BEGIN RESULT PLUS SQR(x[i] - x[j]) * SQR(x[j]); END
    return RESULT;
END

// Typedefs of pointers, arrays and functions.
typedef double real, vector[4], (*unary)(double);
typedef const real *in;
static real twice(real a)
{
    return 2 * a * a;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
real typedefs(int n, in x)
{
    unary f[2] = {sin, twice};
    vector v = {1, 2};
    for (int i = 0; i < n; i++)
        v[i & 3] += f[i & 1](x[i]) * v[(i + 1) & 3];
    return v[0] + v[1] * v[2] - v[3];
}

// Two pointers into one array, some elements apart, both written.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double offset(int n, const double *x)
{
    double a[MOST] = {1, 0.5, 0.25}, *p = a + 2, *q = a + 5, s = 0;
    for (int i = 0; i < n; i++) {
        p[i] = q[i - 3] * x[i] + a[i] * 0.5;
        q[i] += p[i] * p[i - 1];
        a[i + 1] -= 0.1 * q[i - 2] * x[n - 1 - i];
    }
    for (int i = 0; i < n + 6; i++)
        s += a[i] * a[i];
    return s;
}

// Pointers in structs that are swapped as wholes and one by one.
struct pair {
    double *now, *next;
    struct {
        double *deep;
    } in;
};
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double swapped(int n, const double *x)
{
    double a[2] = {1, 2}, b[2] = {3, 4}, c[2] = {0.5, 0.25};
    struct pair p = {a, b, {c}}, q = {c, a, {b}};
    for (int i = 0; i < n; i++) {
        *p.now += x[i] * *q.in.deep * 0.1;
        p.next[1] = sin(p.now[0] * x[i]);
        if (x[i] > 0) {
            struct pair r = p;
            p = q;
            q = r;
        } else {
            double *t = p.now;
            p.now = p.in.deep;
            q.in.deep = t;
        }
        *q.next *= 0.9;
    }
    return *p.now + p.next[1] + q.in.deep[0] * a[0] + b[0] * c[1] + a[1];
}

// Returns out of three loops and a switch.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double leaves(int n, const double *x)
{
    double s = 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            do {
                s += x[i] * x[j] * s * 0.1;
                switch ((i + j) % 5) {
                case 0:
                    if (s > 2)
                        return s * x[j];
                    /* fall through */
                case 1:
                    s -= 0.05 * x[j];
                    break;
                case 4:
                    if (x[i] * x[j] < -0.5)
                        goto out;
                    continue;
                default:
                    if (s < 0.3)
                        return s + x[i];
                }
            } while (s < -5);
        }
out:
    return s * s;
}

// The body changes the bound, the index and the step.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double bounds(int n, const double *x)
{
    double s = 0;
    int m = n, step = 1;
    for (int i = 0; i < m; i += step) {
        s += x[i] * (s + 1);
        if (x[i] > 0.5)
            m--;
        if (x[i] < -0.5)
            step = step % 3 + 1;
        if (i == 3)
            i++;
        s *= 0.9;
    }
    return s + m * x[0 < n ? m / 2 : 0 * m] * (n > 0 && m < n);
}

// Sorts indices and a copy that carries no derivative, in place.
static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double sorted(int n, const double *x)
{
    int order[MOST];
    double copy[MOST], s = 0;
    for (int i = 0; i < n; i++) {
        order[i] = i;
#pragma grad inactive
        double value = x[i];
        copy[i] = value;
    }
    qsort(copy, (size_t)n, sizeof *copy, by_value);
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && x[order[j]] < x[order[j - 1]]; j--) {
            int other = order[j];
            order[j] = order[j - 1];
            order[j - 1] = other;
        }
    for (int i = 0; i < n; i++)
        s += (i + 1) * x[order[i]] * x[order[i]] * (copy[i] > 0 ? 1 : 0.5);
    return s;
}

// An insertion sort of what carries derivatives.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double insertion(int n, const double *x)
{
    double a[MOST], s = 0;
    memcpy(a, x, (size_t)n * sizeof *a);
    for (int i = 1; i < n; i++) {
        double key = a[i];
        int j = i;
        while (j-- > 0 && a[j] > key)
            a[j + 1] = a[j];
        a[j + 1] = key;
    }
    for (int i = 0; i < n; i++)
        s = s * 0.5 + a[i] * a[i] * (i + 1);
    return s;
}

// A long expression, deeply in parentheses, with everything in it.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double expression(int n, const double *x)
{
    double a = n > 0 ? x[0] : 0.1, b = n > 1 ? x[1] : 0.2;
    double c = (a = b * 0.5, a) + 1;
    c *= (b += a, b - a);
    return ((((((((a + b) * (a - b)) / (1 + (a * a + b * b))) + sin((a) * (b))) *
               (1 + 0.5 * tanh(((a)) - ((b))))) -
              (a > b ? (a > 0 ? a * b : -a) : (b > 0 ? b / (2 + a * a) : b * b))) +
             (c) + !!(a > b) * a + ~n * 0.01 * b) -
            -(-(-(+(a))))) *
           (0x1p-1 + 1.e0 + .5f * 'a' / 97.0L + sizeof(double) / 8.0);
}

// Loops that never run, and loops that run at most once.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double hardly(int n, const double *x)
{
    double s = 0.5;
    for (int i = 0; i < 0; i++)
        s *= x[i];
    for (int i = n; i < n; i++)
        s += x[i];
    for (int i = 5; i > 9; i--)
        s -= x[i];
    while (n < 0)
        s *= 2;
    for (int once = 1; once; once = 0)
        s += n > 0 ? x[n - 1] * x[n - 1] : 1;
    do
        s *= s;
    while (0);
    for (unsigned i = (unsigned)n; i-- > 0;) {
        s += x[i] * s;
        break;
    }
    return s;
}

// A pointer that goes back to where it came from, negative subscripts, and the
// index before the array.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double backwards(int n, const double *x)
{
    const double *end = x + n, *p = end;
    double s = 0, a[MOST], *q = a + MOST;
    while (p != x) {
        *--q = *--p * s;
        s += p[0] * end[-1] + 2[(double[]){1, 2, 3}] * *p;
    }
    for (int i = 0; i < n; i++)
        s += 0.1 * (q + n)[-1 - i] * i[x];
    return s;
}

// Ternaries as lvalues' addresses, commas everywhere, assignments in conditions.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double odd(int n, const double *x)
{
    double a = 1, b = 2, s = 0, t;
    int i = 0;
    for (t = 0, s = 1; i < n && (t = x[i], t *= t, t < 100); s += t, i++)
        *(x[i] > 0 ? &a : &b) += (s -= t * 0.1, s * 0.2);
    if ((t = a * b) > 3 || (t = a - b, t < 0))
        s += t;
    return s + a - b;
}

// An array in a struct that is copied, passed by value and returned.
struct box {
    double v[3];
    int count;
};
static struct box turn(struct box b, double by)
{
    double first = b.v[0];
    b.v[0] = b.v[1] * by;
    b.v[1] = b.v[2];
    b.v[2] = first + by;
    b.count++;
    return b;
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double boxes(int n, const double *x)
{
    struct box b = {.v = {[1] = 0.5, 1}, .count = 0}, all[2] = {b, b};
    for (int i = 0; i < n; i++) {
        all[i & 1] = turn(turn(all[!(i & 1)], x[i]), all[0].v[i % 3]);
        b = i % 3 ? all[0] : (struct box){{x[i], b.v[0] * 0.5}, b.count};
        b.v[b.count % 3] += turn(b, x[i]).v[2] * 0.1;
    }
    return b.v[0] + b.v[1] * b.v[2] + all[0].v[1] + all[1].v[2] * b.count;
}

// Recursion whose argument is its own result.
static double again(int depth, double a)
{
    if (depth <= 0)
        return 0.5 * a + 0.1;
    return again(depth - 1, sin(again(depth - 2, a * 0.9)));
}
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double nested(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s = again(i % 5, s + x[i]);
    return s;
}

// Blocks that grow, with a way out where there is no memory.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double grows(int n, const double *x)
{
    size_t count = 0, room = 1;
    double s = 0, *a = malloc(sizeof *a), *bigger;
    if (!a)
        return -1;
    for (int i = 0; i < n; i++) {
        if (count == room) {
            bigger = realloc(a, (room *= 2) * sizeof *a);
            if (bigger == NULL) {
                free(a);
                return -1;
            }
            a = bigger;
        }
        a[count] = x[i] * (count > 0 ? a[count - 1] : 1);
        count++;
    }
    while (count-- > 0)
        s += a[count] * x[count];
    free(a);
    return s;
}

// goto as error handling, with two blocks of memory.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double cleanup(int n, const double *x)
{
    double s = 0, *a = NULL, *b = NULL;
    if (!(a = malloc((size_t)(n + 1) * sizeof *a)))
        goto fail;
    if (!(b = calloc((size_t)n + 1, sizeof *b)))
        goto fail;
    for (int i = 0; i < n; i++) {
        a[i] = x[i] * x[i];
        b[n - 1 - i] += a[i];
        if (a[i] > 0.9)
            goto done;
        s += a[i] * b[i];
    }
    s *= 2;
done:
    s += b[n > 0 ? n - 1 : 0];
fail:
    free(b);
    free(a);
    return s;
}

// Down to zero with unsigned counters, up to the end of a type.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ends(int n, const double *x)
{
    double s = 0;
    for (unsigned i = (unsigned)n - 1; i != -1u && n; i--)
        s = s * 0.5 + x[i] * x[i];
    for (unsigned char c = 255; c > 255 - n % 8; c--)
        s += x[255 - c] * c * 0.01 * s;
    for (int i = -2147483647 - 1; i < -2147483647 - 1 + n; i++)
        s += x[i + 2147483647 + 1] * 0.1 * s;
    for (int i = 2147483647; i > 2147483647 - n; i--)
        s += x[2147483647 - i] * s * 0.1;
    return s;
}

// A matrix by rows, by columns, by one index, and through a pointer to rows.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double matrix(int n, const double *x)
{
    double m[3][4] = {{1}, {0, 1}, {[2] = 1}}, (*row)[4] = m, *flat = &m[0][0], s = 0;
    for (int i = 0; i < n; i++) {
        flat[i % 12 - i % 4 + i % 4] += x[i];
        (*(row + i % 2))[i % 4] *= 1 + 0.1 * x[i];
        row = m + (i & 1);
    }
    for (int j = 0; j < 4; j++)
        for (int i = 2; i >= 0; i--)
            s += m[i][j] * (*row)[j];
    return s;
}

// A tree of ifs, and an else that belongs to the inner one.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double ifs(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++) {
        double a = x[i];
        if (a > 0) {
            if (a > 0.5) {
                if (i % 2)
                    s += a * a;
                else if (i % 3)
                    s -= a;
                else
                    s *= a;
            } else
                s += sin(a);
        } else if (a > -0.2)
            ;
        else {
            if (s > 1)
                s = a;
            s += a * s;
        }
    }
    return s;
}

// A union that has two names for the same numbers.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double views(int n, const double *x)
{
    union {
        struct {
            double x, y, z;
        };
        double v[3];
    } p = {{1, 2, 3}}, q = p;
    for (int i = 0; i < n; i++) {
        p.v[i % 3] += x[i] * q.y;
        q.x = p.z * 0.5 + p.x * x[i];
        if (i % 4 == 3)
            q = p;
    }
    return p.x * p.y + p.z + q.v[0] * q.v[1];
}

// A static table of functions, chosen by data; and helpers of helpers.
static double first(double a)
{
    return a * a;
}
static double second(double a)
{
    return first(a) * cos(a);
}
static double (*const table[])(double) = {first, second, exp, first};
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double chosen(int n, const double *x)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += table[(x[i] > 0) + 2 * (s > 1)](x[i]) * 0.3;
    return s;
}

// Values that never come back, and statements without effect.
#pragma grad wrt(x)
#pragma grad forward wrt(x)
double waste(int n, const double *x)
{
    double s = 0, unused = 1;
    for (int i = 0; i < n; i++) {
        unused = unused * x[i];
        (void)(x[i] * x[i]);
        ;
        {
        }
        double t = x[i];
        t = 5;
        t = x[i] * 2;
        s += t;
        s = +s;
        if (0)
            s += 1e300 * x[i];
    }
    (void)unused;
    return s + 0 * (n ? x[0] : 0);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "standard.h"

int main(void)
{
    CHECK_STANDARD(names, -1, 1);
    CHECK_STANDARD(clash, -1, 1);
    CHECK_STANDARD(shadowed, -1, 1);
    CHECK_STANDARD(line, -1, 1);
    CHECK_STANDARD(macros, -1, 1);
    CHECK_STANDARD(typedefs, -1, 1);
    CHECK_STANDARD(offset, -1, 1);
    CHECK_STANDARD(swapped, -1, 1);
    CHECK_STANDARD(leaves, -1, 1);
    CHECK_STANDARD(bounds, -1, 1);
    CHECK_STANDARD(sorted, -1, 1);
    CHECK_STANDARD(insertion, -1, 1);
    CHECK_STANDARD(expression, -1, 1);
    CHECK_STANDARD(hardly, -1, 1);
    CHECK_STANDARD(backwards, -1, 1);
    CHECK_STANDARD(odd, -1, 1);
    CHECK_STANDARD(boxes, -1, 1);
    CHECK_STANDARD(nested, -1, 1);
    CHECK_STANDARD(grows, -1, 1);
    CHECK_STANDARD(cleanup, -1, 1);
    CHECK_STANDARD(ends, -1, 1);
    CHECK_STANDARD(matrix, -1, 1);
    CHECK_STANDARD(ifs, -1, 1);
    CHECK_STANDARD(views, -1, 1);
    CHECK_STANDARD(chosen, -1, 1);
    CHECK_STANDARD(waste, -1, 1);
    return check_done();
}
#endif

// check.c - checks of a gradient: against differences of its function, and of
// reverse mode against forward mode.
#include "gradrt.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

// A function at a point, with a copy of the point to move about.
typedef struct Probe {
    GradFunction *f;
    void *context;
    size_t n;
    const double *x; // the point
    double *moved;   // equal to x between the functions below
    double value;    // f(x)
    double noise;    // standard deviation of f's rounding errors near x
} Probe;

static double larger(double a, double b) { return a > b ? a : b; }

// The size of the number x as a variable: steps are relative to it.
static double scale_of(double x) { return larger(fabs(x), 1); }

// -- Probing -----------------------------------------------------------------

// f(x + h v).
static double value_along(const Probe *probe, const double *v, double h) {
    for (size_t i = 0; i < probe->n; i++)
        probe->moved[i] = probe->x[i] + h * v[i];
    double value = probe->f(probe->moved, probe->n, probe->context);
    for (size_t i = 0; i < probe->n; i++)
        probe->moved[i] = probe->x[i];
    return value;
}

// The n entries of a fixed pseudo-random direction at the scale of x, each
// at least a quarter of it. To be freed by the caller. The generator is
// Vigna's SplitMix64.
static double *fixed_direction(size_t n, const double *x) {
    double *v = grad_allocate(n, sizeof *v);
    uint64_t state = 1;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = state += 0x9e3779b97f4a7c15;
        bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
        bits ^= bits >> 31;
        double unit = 0.25 + 0.75 * (double)(bits >> 11) / 9007199254740992.0;
        v[i] = (bits & 1 ? unit : -unit) * scale_of(x[i]);
    }
    return v;
}

// The noise of f along v, from the fourth differences of nine values so close
// to each other that a smooth function would have none (ECnoise: More and
// Wild, Estimating computational noise, 2011). At least one rounding of f(x).
static double measure_noise(const Probe *probe, const double *v) {
    enum { SAMPLES = 9, ORDER = 4 };
    // (4!)^2 / 8!: the variance of noise in terms of its fourth differences'.
    const double gamma = 1.0 / 70;
    double d[SAMPLES];
    for (int j = 0; j < SAMPLES; j++)
        d[j] = value_along(probe, v, (j - SAMPLES / 2) * 0x1p-40);
    for (int order = 0; order < ORDER; order++)
        for (int j = 0; j < SAMPLES - 1 - order; j++)
            d[j] = d[j + 1] - d[j];
    double squares = 0;
    for (int j = 0; j < SAMPLES - ORDER; j++)
        squares += d[j] * d[j];
    double noise = sqrt(gamma * squares / (SAMPLES - ORDER));
    double rounding = DBL_EPSILON * fabs(probe->value);
    return noise > rounding ? noise : rounding;
}

static Probe probe_open(GradFunction *f, void *context, size_t n,
                        const double *x) {
    Probe probe = {f, context, n, x, .moved = NULL};
    probe.moved = grad_allocate(n, sizeof *probe.moved);
    for (size_t i = 0; i < n; i++)
        probe.moved[i] = x[i];
    probe.value = f(probe.moved, n, context);
    double *v = fixed_direction(n, x);
    probe.noise = measure_noise(&probe, v);
    free(v);
    return probe;
}

static void probe_close(Probe *probe) { free(probe->moved); }

static bool finish(const GradReport *found, GradReport *report) {
    if (report)
        *report = *found;
    return found->passed;
}

// -- Central differences -----------------------------------------------------

typedef struct Estimate {
    double value;
    double uncertainty; // about how far value can be off; infinite: unknown
} Estimate;

// (f(x + h e_i) - f(x - h e_i)) / 2h, by the steps as they were rounded.
static double central_difference(const Probe *probe, size_t i, double h) {
    double above = probe->x[i] + h, below = probe->x[i] - h;
    probe->moved[i] = above;
    double f_above = probe->f(probe->moved, probe->n, probe->context);
    probe->moved[i] = below;
    double f_below = probe->f(probe->moved, probe->n, probe->context);
    probe->moved[i] = probe->x[i];
    return (f_above - f_below) / (above - below);
}

// The derivative of f by x[i]. A central difference has the error c h^2 + ...,
// which the difference at the next step, h / 8, allows to remove; its own
// error is then the estimate of what is left, with noise / h on top.
static Estimate differentiate(const Probe *probe, size_t i) {
    enum { STEPS = 24 };
    const double ratio = 8;
    double size = fabs(probe->x[i]);
    double smallest = 1e-10 * (size > 0 ? size : 1);
    double h = 0.11 * scale_of(probe->x[i]);
    Estimate best = {NAN, INFINITY};
    double wide = central_difference(probe, i, h);
    for (int step = 1; step < STEPS && h > smallest; step++) {
        h /= ratio;
        double narrow = central_difference(probe, i, h);
        double value = narrow + (narrow - wide) / (ratio * ratio - 1);
        double uncertainty = fabs(value - narrow) + probe->noise / h;
        if (uncertainty < best.uncertainty)
            best = (Estimate){value, uncertainty};
        wide = narrow;
    }
    return best;
}

// The relative distance of `actual` from the estimate. The uncertainty counts
// as the smallest distance that can be seen: it gives an error of tolerance.
static double distance(Estimate expected, double actual, double tolerance) {
    double difference = fabs(expected.value - actual);
    double size = larger(fabs(expected.value), fabs(actual));
    if (!isfinite(difference) || !isfinite(expected.uncertainty))
        return INFINITY;
    if (difference == 0)
        return 0;
    return difference / larger(size, expected.uncertainty / tolerance);
}

static double largest_entry(size_t n, const double *gradient) {
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = larger(largest, fabs(gradient[i]));
    return largest;
}

// Puts the entry in its place among the worst ones, if it has one.
static void list_entry(GradEntry entry, GradReport *report) {
    GradEntry *list = report->worst_entries;
    if (report->listed < GRAD_WORST)
        report->listed++;
    else if (!(entry.error > list[GRAD_WORST - 1].error))
        return;
    size_t place = report->listed - 1;
    for (; place > 0 && entry.error > list[place - 1].error; place--)
        list[place] = list[place - 1];
    list[place] = entry;
}

// Adds what is known of entry i to *report.
static void compare_entry(const Probe *probe, size_t i, double actual,
                          double largest, GradReport *report) {
    Estimate expected = differentiate(probe, i);
    double error = distance(expected, actual, report->tolerance);
    // What a derivative of this function could be expected to be like.
    double usual = larger(largest, fabs(probe->value) / scale_of(probe->x[i]));
    usual = larger(usual, fabs(expected.value));
    if (!(expected.uncertainty <= report->tolerance * usual))
        report->undecided++;
    list_entry((GradEntry){i, expected.value, actual, error}, report);
    if (i == 0 || error > report->error) {
        report->worst = i;
        report->expected = expected.value;
        report->actual = actual;
        report->error = error;
    }
}

bool grad_check_central(GradFunction *f, void *context, size_t n,
                        const double *x, const double *gradient,
                        double tolerance, GradReport *report) {
    if (!(tolerance > 0))
        grad_fail(GRAD_ERROR_ARGUMENT, "a check's tolerance must be positive");
    GradReport found = {"central differences", .entries = n,
                        .tolerance = tolerance};
    Probe probe = probe_open(f, context, n, x);
    double largest = largest_entry(n, gradient);
    for (size_t i = 0; i < n; i++)
        compare_entry(&probe, i, gradient[i], largest, &found);
    probe_close(&probe);
    found.passed = found.error <= tolerance;
    return finish(&found, report);
}

// -- Taylor remainder --------------------------------------------------------

enum { HALVINGS = 44 };

// The remainders r[k] at the steps step_of(k), each half of the one before.
typedef struct Remainders {
    double r[HALVINGS]; // not finite where f is not
    double least;       // what stands out of the noise is larger
} Remainders;

static double step_of(int k) { return ldexp(1, -3 - k); }

// <gradient, y - x> for the y that x + h v is rounded to.
static double linear_change(const Probe *probe, const double *gradient,
                            const double *v, double h) {
    long double change = 0;
    for (size_t i = 0; i < probe->n; i++) {
        volatile double y = probe->x[i] + h * v[i];
        change += (long double)gradient[i] * (y - probe->x[i]);
    }
    return (double)change;
}

static Remainders take_remainders(const Probe *probe, const double *v,
                                  const double *gradient) {
    // 30 standard deviations: a ratio of two is then good to 3 per cent.
    Remainders taken = {.least = 30 * probe->noise};
    for (int k = 0; k < HALVINGS; k++) {
        double h = step_of(k);
        double change = value_along(probe, v, h) - probe->value;
        taken.r[k] = fabs(change - linear_change(probe, gradient, v, h));
    }
    return taken;
}

static bool stands_out(const Remainders *taken, int k) {
    return isfinite(taken->r[k]) && taken->r[k] > taken->least;
}

// The smallest step whose remainder and the one before stand out, or else the
// first one, if it alone does; -1: none. One alone among the smaller steps is
// an outlier of the noise; one that is small alone is a change of sign.
static int smallest_step(const Remainders *taken) {
    for (int k = HALVINGS - 1; k > 0; k--)
        if (stands_out(taken, k) && stands_out(taken, k - 1))
            return k;
    for (int k = 0; k < HALVINGS - 1; k++)
        if (isfinite(taken->r[k]))
            return stands_out(taken, k) ? k : -1;
    return -1;
}

// The mean order over the last three halvings down to step k, or as many as
// stand out; where that is none, over the one that follows.
static double observed_order(const Remainders *taken, int k) {
    int halvings = 0;
    while (halvings < 3 && halvings < k && stands_out(taken, k - halvings - 1))
        halvings++;
    if (halvings == 0)
        return log2(taken->r[k] / taken->r[k + 1]);
    return log2(taken->r[k - halvings] / taken->r[k]) / halvings;
}

static void judge_remainders(const Probe *probe, const double *v,
                             const double *gradient, GradReport *report) {
    Remainders taken = take_remainders(probe, v, gradient);
    report->error = INFINITY;
    if (!isfinite(taken.r[HALVINGS - 1]))
        return;
    int k = smallest_step(&taken);
    double h = step_of(k < 0 ? 0 : k);
    report->expected = (value_along(probe, v, h) - probe->value) / h;
    report->actual = linear_change(probe, gradient, v, h) / h;
    if (k < 0) {
        report->error = 0;
        report->order = INFINITY;
        return;
    }
    report->order = observed_order(&taken, k);
    report->error =
        taken.r[k] / h / larger(fabs(report->actual), fabs(report->expected));
}

bool grad_check_taylor(GradFunction *f, void *context, size_t n,
                       const double *x, const double *gradient,
                       const double *direction, GradReport *report) {
    GradReport found = {"Taylor", .entries = n};
    Probe probe = probe_open(f, context, n, x);
    double *own = direction ? NULL : fixed_direction(n, x);
    judge_remainders(&probe, direction ? direction : own, gradient, &found);
    free(own);
    probe_close(&probe);
    found.passed = found.order >= 1.8;
    return finish(&found, report);
}

// -- Dot product -------------------------------------------------------------

// <a, b>; adds the absolute values of its terms to *sizes.
static long double dot(size_t n, const double *a, const double *b,
                       long double *sizes) {
    long double sum = 0;
    for (size_t i = 0; i < n; i++) {
        long double term = (long double)a[i] * b[i];
        sum += term;
        *sizes += fabsl(term);
    }
    return sum;
}

bool grad_check_dot(size_t m, const double *w, const double *jacobian_v,
                    size_t n, const double *v, const double *w_jacobian,
                    double tolerance, GradReport *report) {
    long double sizes = 0;
    long double forward = dot(m, w, jacobian_v, &sizes);
    long double reverse = dot(n, v, w_jacobian, &sizes);
    long double difference = fabsl(forward - reverse);
    GradReport found = {"dot product", .entries = m + n,
                        .expected = (double)forward, .actual = (double)reverse,
                        .tolerance = tolerance};
    if (!isfinite(difference) || !isfinite(sizes))
        found.error = INFINITY;
    else if (difference > 0)
        found.error = (double)(difference / sizes);
    found.passed = found.error <= tolerance;
    return finish(&found, report);
}

// -- Report ------------------------------------------------------------------

static bool names_entry(const GradReport *report) {
    return strcmp(report->check, "central differences") == 0 &&
           report->entries > 0;
}

static bool has_order(const GradReport *report) {
    return strcmp(report->check, "Taylor") == 0;
}

void grad_report_print(const GradReport *report, FILE *file) {
    fprintf(file, "%s: %s:", report->check,
            report->passed ? "passed" : "FAILED");
    if (names_entry(report))
        fprintf(file, " worst is entry %zu of %zu:", report->worst,
                report->entries);
    fprintf(file, " expected %.9g, got %.9g, relative error %.3g",
            report->expected, report->actual, report->error);
    if (has_order(report))
        fprintf(file, ", order %.3g", report->order);
    else
        fprintf(file, ", tolerance %.3g", report->tolerance);
    if (report->undecided > 0)
        fprintf(file, ", %zu undecided", report->undecided);
    fputc('\n', file);
    for (size_t i = 1; i < report->listed; i++) {
        const GradEntry *entry = &report->worst_entries[i];
        if (entry->error > report->tolerance)
            fprintf(file,
                    "    entry %zu: expected %.9g, got %.9g, relative error "
                    "%.3g\n",
                    entry->entry, entry->expected, entry->actual, entry->error);
    }
}

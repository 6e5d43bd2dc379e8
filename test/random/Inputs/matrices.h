// matrices.h - the checks of matrices.py, for the program that it is included
// behind: HAS_JAC, HAS_SJAC, HAS_HVP, HAS_HESS and HAS_SHESS say which of
// run_jac and so on there are; forward and reverse are always there.
#include <stdio.h>

enum { MOST = 120 };

static HarnessShape shape;
static int wrt[HARNESS_MOST], of[HARNESS_MOST], columns, rows, failures;
static double in[HARNESS_MOST], out[HARNESS_MOST], plain[HARNESS_MOST];

static void fail(const char *what, int n, int i, int j, double got,
                 double want) {
    if (failures++ < 5)
        printf("%s: n = %d: [%d][%d] is %.17g, not %.17g\n", what, n, i, j, got,
               want);
}

// To rounding, which programs magnify; what is no number is passed over.
static void compare(const char *what, int n, int i, int j, double got,
                    double want, double size) {
    if (isfinite(want) && isfinite(size) && size < 1e100 &&
        !(fabs(got - want) <= 1e-8 * (1 + size)))
        fail(what, n, i, j, got, want);
}

static void find_variables(int n) {
    memset(&shape, 0, sizeof shape);
    describe(n, &shape);
    columns = rows = 0;
    for (int i = 0; i < shape.inputs; i++)
        if (shape.input[i] == HARNESS_ACTIVE ||
            shape.input[i] == HARNESS_EXCHANGED)
            wrt[columns++] = i;
    for (int i = 0; i < shape.outputs; i++)
        if (shape.output[i] != HARNESS_PLAIN)
            of[rows++] = i;
}

static void check_results(const char *what, int n) {
    for (int i = 0; i < shape.outputs; i++)
        if (memcmp(&out[i], &plain[i], sizeof *out) != 0 && !isnan(plain[i]))
            fail(what, n, i, 0, out[i], plain[i]);
}

static double largest(const double *x, int count) {
    double size = 0;
    for (int i = 0; i < count; i++)
        size = fabs(x[i]) <= size ? size : fabs(x[i]);
    return size;
}

static void check_sparse(const char *what, int n, const GradSparse *a,
                         const double *dense, double size) {
    if (a->rows * a->columns == 0)
        return;
    for (int i = 0; i < a->rows; i++) {
        int k = a->row_start[i];
        for (int j = 0; j < a->columns; j++) {
            double want = dense[i * a->columns + j];
            bool there = k < a->row_start[i + 1] && a->column[k] == j;
            if (there)
                compare(what, n, i, j, a->value[k++], want, size);
            else if (isfinite(want) && want != 0)
                fail("no entry", n, i, j, 0, want);
        }
    }
}

// ---- Jacobians --------------------------------------------------------------

static double dense[MOST * MOST];

static void make_columns(int n) {
    for (int j = 0; j < columns; j++) {
        double t_in[HARNESS_MOST] = {0}, t_out[HARNESS_MOST] = {0};
        t_in[wrt[j]] = 1;
        forward(n, in, t_in, out, t_out);
        for (int r = 0; r < rows; r++)
            dense[r * columns + j] = t_out[of[r]];
    }
}

static void check_jacobians(int n) {
    make_columns(n);
    double size = largest(dense, rows * columns);
    (void)size;
#ifdef HAS_JAC
    static double jac[MOST * MOST];
    run_jac(n, in, out, jac);
    check_results("jac", n);
    for (int k = 0; k < rows * columns; k++)
        compare("jac", n, k / columns, k % columns, jac[k], dense[k], size);
#endif
#ifdef HAS_SJAC
    GradSparse sparse = {0};
    for (int k = 0; k < 2; k++) {
        run_sjac(n, in, out, &sparse);
        check_results("sjac", n);
        check_sparse("sjac", n, &sparse, dense, size);
    }
    grad_sparse_free(&sparse);
#endif
}

// ---- Hessians ---------------------------------------------------------------

#ifdef HAS_HVP
static void gradient_at(int n, double step, const double *v, double *gradient) {
    double at[HARNESS_MOST], weights[HARNESS_MOST] = {0};
    for (int i = 0; i < shape.inputs; i++)
        at[i] = in[i] + step * v[i];
    memset(gradient, 0, HARNESS_MOST * sizeof *gradient);
    reverse(n, at, weights, out, gradient);
}

// By Richardson's extrapolation from two steps, where they agree.
static void check_differences(int n, const double *v, const double *h) {
    double g[4][HARNESS_MOST], step = 1e-4;
    for (int k = 0; k < 4; k++)
        gradient_at(n, (k % 2 ? -step : step) / (k / 2 ? 2 : 1), v, g[k]);
    double size = largest(g[0], shape.inputs) + largest(h, shape.inputs);
    for (int j = 0; j < columns; j++) {
        int i = wrt[j];
        double wide = (g[0][i] - g[1][i]) / (2 * step);
        double near = (g[2][i] - g[3][i]) / step;
        if (!(fabs(wide - near) <= 1e-5 * (1 + size)))
            printf("rough\n");
        else if (!(fabs(h[i] - near) <= 1e-4 * (1 + size)))
            fail("difference", n, j, 0, h[i], near);
    }
}

static void check_product(int n, const double *hess) {
    double v[HARNESS_MOST] = {0}, d[HARNESS_MOST] = {0}, h[HARNESS_MOST] = {0};
    for (int j = 0; j < columns; j++)
        v[wrt[j]] = cos(3 * j + n);
    run_hvp(n, in, v, out, d, h);
    check_results("hvp", n);
    check_differences(n, v, h);
    for (int i = 0; hess && i < columns; i++) {
        double want = 0, size = 0;
        for (int j = 0; j < columns; j++) {
            want += hess[i * columns + j] * v[wrt[j]];
            size += fabs(hess[i * columns + j]);
        }
        compare("hvp", n, i, 0, h[wrt[i]], want, size);
    }
}
#endif

static void check_hessians(int n) {
    const double *hess = NULL;
    double d_in[HARNESS_MOST] = {0};
    (void)d_in, (void)hess;
#ifdef HAS_HESS
    run_hess(n, in, out, d_in, dense);
    check_results("hess", n);
    hess = dense;
    for (int k = 0; k < columns * columns; k++)
        if (memcmp(&dense[k], &dense[k % columns * columns + k / columns],
                   sizeof *dense) != 0)
            fail("symmetry", n, k / columns, k % columns, dense[k], NAN);
#endif
#ifdef HAS_HVP
    check_product(n, hess);
#endif
#if defined HAS_SHESS && defined HAS_HESS
    GradSparse sparse = {0};
    for (int k = 0; k < 2; k++) {
        run_shess(n, in, out, d_in, &sparse);
        check_results("shess", n);
        check_sparse("shess", n, &sparse, dense,
                     largest(dense, columns * columns));
    }
    grad_sparse_free(&sparse);
#endif
}

int main(void) {
    static const int lengths[] = {1, 2, 5, 0};
    for (int k = 0; k < 12; k++) {
        int n = lengths[k % 4];
        find_variables(n);
        for (int i = 0; i < shape.inputs; i++)
            in[i] = k < 4 ? 0.4 + 0.03 * i : 1.5 * sin(7 * i + k);
        primal(n, in, plain);
        check_jacobians(n);
        check_hessians(n);
    }
    return failures > 0;
}

// A sparse matrix from products with it: the pattern by index sets, colours
// that every entry can be read from, and the entries, by columns, by rows, and
// of symmetric matrices; patterns of the kinds that colour well, and random
// ones.
//
// RUN: %cc -O2 %runtime %check %s -o %t %links && %t | FileCheck %s
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links
// RUN: %t.san
#include "check.h"
#include "gradrt.h"

#include <setjmp.h>
#include <stdlib.h>

// Says which matrix it was.
static void expect(bool right, const char *what) {
    if (!right)
        printf("%s:\n", what);
    CHECK_TRUE(right);
}

enum { MOST = 150, WORDS = GRAD_SPARSE_WORDS, WIDTH = GRAD_SPARSE_WIDTH };

static double dense[MOST][MOST];
static int rows, columns, evaluations, patterns;

static unsigned long long state = 1;

static unsigned draw(unsigned below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

// Entries are whole numbers, so that all sums are exact.
static double number(void) { return 1 + (double)draw(1000); }

static void start(int m, int n) {
    memset(dense, 0, sizeof dense);
    rows = m;
    columns = n;
}

// ---- What generated code does -----------------------------------------------

static void find_pattern(const unsigned long long *in,
                         unsigned long long *out) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            for (int k = 0; k < WORDS && dense[i][j] != 0; k++)
                out[i * WORDS + k] |= in[j * WORDS + k];
    patterns++;
}

static void multiply(const double *in, double *out, bool by_rows) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            for (int k = 0; k < WIDTH; k++)
                out[(by_rows ? j : i) * WIDTH + k] +=
                    dense[i][j] * in[(by_rows ? i : j) * WIDTH + k];
    evaluations++;
}

static void evaluate(GradSparse *a, unsigned kinds, uint64_t decisions) {
    grad_sparse_begin(a, rows, columns, kinds, decisions);
    for (GradSparseAction todo; (todo = grad_sparse_next(a)) != 0;)
        if (todo == GRAD_SPARSE_PATTERN)
            find_pattern(grad_sparse_seed(a), grad_sparse_result(a));
        else
            multiply(grad_sparse_seed(a), grad_sparse_result(a),
                     todo == GRAD_SPARSE_BY_ROWS);
}

// Columns ascend, each entry is the matrix's, and no other differs from zero.
static bool is_right(const GradSparse *a) {
    int entries = 0;
    if (a->rows != rows || a->columns != columns || a->row_start[0] != 0 ||
        a->row_start[rows] != a->entries)
        return false;
    for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++)
            entries += dense[i][j] != 0;
        for (int k = a->row_start[i]; k < a->row_start[i + 1]; k++)
            if ((k > a->row_start[i] && a->column[k] <= a->column[k - 1]) ||
                a->value[k] != dense[i][a->column[k]])
                return false;
    }
    return entries == a->entries;
}

static void check_one(const char *what, unsigned kinds, bool print) {
    GradSparse a = {0};
    evaluate(&a, kinds, 0);
    evaluations = patterns = 0;
    evaluate(&a, kinds, 0);
    expect(is_right(&a), what);
    expect(patterns == 0, what);
    expect(evaluations == (a.colors ? (a.colors + WIDTH - 1) / WIDTH : 1),
           what);
    if (print)
        printf("%s: %d %s\n", what, a.colors, a.by_rows ? "rows" : "columns");
    grad_sparse_free(&a);
    expect(!a.value && !a.work, what);
}

// ---- Patterns with a known number of colours --------------------------------

static void mirror(void) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < i; j++)
            dense[j][i] = dense[i][j];
}

static void make_band(int n, int below, int above) {
    start(n, n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (j >= i - below && j <= i + above)
                dense[i][j] = number();
}

static void make_arrow(int n) {
    start(n, n);
    for (int i = 0; i < n; i++)
        dense[i][i] = dense[i][0] = dense[0][i] = number();
}

static void make_grid(int side) {
    start(side * side, side * side);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            int x = abs(i % side - j % side), y = abs(i / side - j / side);
            if (x + y <= 1)
                dense[i][j] = number();
        }
}

static void check_known(void) {
    unsigned symmetric = GRAD_SPARSE_SYMMETRIC, both = GRAD_SPARSE_ROWS;
    make_band(120, 1, 1);
    check_one("tridiagonal", both, true);
    // CHECK: tridiagonal: 3 columns
    mirror();
    check_one("symmetric tridiagonal", symmetric, true);
    // CHECK-NEXT: symmetric tridiagonal: 3 columns
    make_band(150, 5, 11);
    check_one("band of 17", both, true);
    // CHECK-NEXT: band of 17: 17 columns
    make_band(100, 0, 0);
    check_one("diagonal", symmetric, true);
    // CHECK-NEXT: diagonal: 1 columns
    make_arrow(140);
    check_one("arrow", both, true);
    // CHECK-NEXT: arrow: 140 columns
    mirror();
    check_one("symmetric arrow", symmetric, true);
    // CHECK-NEXT: symmetric arrow: 2 columns
    start(140, 140); // the full row last
    for (int i = 0; i < 140; i++)
        dense[i][i] = dense[i][139] = number();
    for (int i = 0; i < 140; i++)
        dense[139][i] = dense[i][139];
    check_one("arrow to the end", symmetric, true);
    // CHECK-NEXT: arrow to the end: 2 columns
    make_grid(12);
    mirror();
    check_one("five-point grid", both, true);
    // CHECK-NEXT: five-point grid: 7 columns
    check_one("symmetric five-point grid", symmetric, true);
    // CHECK-NEXT: symmetric five-point grid: 6 columns
    start(130, 130);
    for (int j = 0; j < 130; j++)
        dense[7][j] = dense[j][j] = number();
    check_one("a full row", 0, true);
    // CHECK-NEXT: a full row: 130 columns
    check_one("a full row", both, true);
    // CHECK-NEXT: a full row: 2 rows
}

static void check_edges(void) {
    for (unsigned kinds = 0; kinds < 3; kinds++) {
        start(0, 0);
        check_one("nothing", kinds, false);
        start(4, 4);
        check_one("no entries", kinds, false);
        start(1, 1);
        dense[0][0] = 3;
        check_one("one entry", kinds, false);
    }
    start(0, 7);
    check_one("no rows", GRAD_SPARSE_ROWS, false);
    start(7, 0);
    check_one("no columns", GRAD_SPARSE_ROWS, false);
}

static void check_random(void) {
    for (int round = 0; round < 200; round++) {
        int m = 1 + (int)draw(round < 180 ? 40 : MOST);
        int n = 1 + (int)draw(round < 180 ? 40 : MOST);
        unsigned density = 1 + draw(round < 100 ? 4 : 20);
        bool symmetric = round % 2;
        start(m, symmetric ? m : n);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                if (draw(60) < density)
                    dense[i][j] = number();
        if (symmetric)
            mirror();
        check_one("random, by columns", 0, false);
        check_one("random", GRAD_SPARSE_ROWS, false);
        if (symmetric)
            check_one("random, symmetric", GRAD_SPARSE_SYMMETRIC, false);
    }
}

// ---- One handle for several matrices ----------------------------------------

static void check_changes(void) {
    GradSparse a = {0};
    make_band(30, 1, 1);
    evaluate(&a, 0, 5);
    patterns = 0;
    evaluate(&a, 0, 5);
    expect(patterns == 0 && is_right(&a), "the same");
    dense[0][20] = 4;
    evaluate(&a, 0, 6);
    expect(patterns == 1 && is_right(&a), "other decisions");
    make_band(40, 2, 1);
    evaluate(&a, 0, 6);
    expect(patterns == 2 && is_right(&a), "another size");
    grad_sparse_free(&a);
    evaluate(&a, GRAD_SPARSE_ROWS, 6);
    expect(patterns == 3 && is_right(&a), "after it was freed");
    grad_sparse_free(&a);
    grad_sparse_free(&a);
}

static void check_lower(void) {
    GradSparse a = {0};
    int row[100], column[100];
    double value[100];
    make_band(20, 2, 2);
    mirror();
    evaluate(&a, GRAD_SPARSE_SYMMETRIC, 0);
    int count = grad_sparse_lower(&a, row, column, NULL);
    CHECK_TRUE(count == 57 &&
               grad_sparse_lower(&a, NULL, NULL, value) == count);
    for (int k = 0; k < count; k++)
        CHECK_TRUE(column[k] <= row[k] && value[k] == dense[row[k]][column[k]]);
    grad_sparse_free(&a);
}

static jmp_buf back;

static void leave(const GradError *error, void *context) {
    *(GradErrorKind *)context = error->kind;
    longjmp(back, 1);
}

static void check_errors(void) {
    GradErrorKind kind = GRAD_ERROR_MEMORY;
    GradSparse a = {0};
    grad_set_error_handler(leave, &kind);
    if (!setjmp(back)) {
        grad_sparse_begin(&a, 1, INT64_MAX, 0, 0);
        expect(false, "too many columns");
    }
    CHECK_TRUE(kind == GRAD_ERROR_ARGUMENT);
    // An evaluation that was given up begins anew.
    make_band(30, 1, 1);
    grad_sparse_begin(&a, rows, columns, 0, 0);
    grad_sparse_next(&a);
    evaluate(&a, 0, 0);
    expect(is_right(&a), "after one that was given up");
    grad_sparse_begin(&a, rows, columns, 0, 0);
    grad_sparse_next(&a);
    evaluate(&a, 0, 0);
    expect(is_right(&a), "after one that was given up with a pattern");
    grad_sparse_free(&a);
    grad_set_error_handler(NULL, NULL);
}

int main(void) {
    check_known();
    check_edges();
    check_random();
    check_changes();
    check_lower();
    check_errors();
    return check_done();
}

// Runs what statements.ir becomes.
#include HEADER
#include "check.h"

int main(void) {
    struct point p = {1, 2}, q = {3, 4}, r[2] = {{5, 6}, {7, 8}};
    double a[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    int k;
    CHECK_CLOSE(fibonacci(10), 55, 0);
    CHECK_CLOSE(swap(3, 5, 2), -3, 0);
    CHECK_CLOSE(swap(4, 5, 2), 3, 0);
    CHECK_CLOSE(newton(2), 1.4142135623730951, 1e-15);
    CHECK_CLOSE(classify(-1, 5), 4, 0);
    CHECK_CLOSE(classify(10, 5), 10, 0);
    CHECK_CLOSE(classify(1, 5), 5, 0);
    CHECK_CLOSE(reach(&p, q, r), 7, 0);
    CHECK_CLOSE(r[0].x, 5, 0);
    CHECK_CLOSE(r[0].y, 1, 0);
    CHECK_CLOSE(trace(3, a), 15, 0);
    CHECK_CLOSE(taped(3, 2), 12, 0);
    CHECK_CLOSE(parts(12, &k), 0.75, 0);
    CHECK_CLOSE(k, 4, 0);
    count(&k);
    CHECK_CLOSE(k, 5, 0);
    return check_done();
}

#include "check.h"
#include "loss_grad.h"

double loss(int n, const struct weights *w, double x);
int reset(void);

static double loss_at(const double *w, void *context)
{
    struct weights all;
    (void)context;
    memcpy(all.w, w, sizeof all.w);
    reset();
    return loss(4, &all, 1);
}

int main(void)
{
    struct weights w = {{0.5, -0.25, 1, 2}}, d = {{0}}, v = {{1, 2, -1, 0.5}};
    double d_return;
    double value = loss_at(w.w, NULL);
    int calls = reset();
    CHECK_BITS(loss_grad(4, &w, &d, 1), value);
    CHECK_TRUE(reset() == calls + 1);
    CHECK_DIFFERENCES(loss_at, NULL, 4, w.w, d.w, 1e-8);
    reset();
    CHECK_BITS(loss_fwd(4, &w, &v, 1, &d_return), value);
    CHECK_CLOSE(d_return, check_dot(4, d.w, v.w), 1e-14);

    double d_x = 0;
    reset();
    CHECK_BITS(quiet_grad(3, &d_x), 18);
    CHECK_BITS(d_x, 6);
    return check_done();
}

#include "check.h"
#include "model.h"

double loss(const model *m, const double *w, double x);
#ifdef TOGETHER
#include "all.h"
#else
#include "loss_grad.h"
#include "model_grad.h"
#endif

typedef struct point_of {
    const model *m;
    double x;
} point_of;

static double loss_at(const double *w, void *context)
{
    const point_of *at = context;
    return loss(at->m, w, w[5]);
}

int main(void)
{
    struct rng rng = {7};
    for (int n = 0; n < 5; n++) {
        double w[6], v[6], g[6] = {0}, d_return;
        point_of at = {model_of(n), 0};
        rng_fill(&rng, 6, w, -1, 1);
        rng_fill(&rng, 6, v, -1, 1);
        CHECK_BITS(loss_grad(at.m, w, g, w[5], &g[5]), loss_at(w, &at));
        CHECK_DIFFERENCES(loss_at, &at, 6, w, g, 1e-7);
        CHECK_BITS(loss_fwd(at.m, w, v, w[5], v[5], &d_return),
                   loss_at(w, &at));
        CHECK_CLOSE(d_return, check_dot(6, g, v), 1e-13);

        double h[6] = {0};
        CHECK_BITS(norm_grad(n, w, h), norm(n, w));
        for (int i = 0; i < 6; i++)
            CHECK_BITS(h[i], i < n ? 2 * w[i] : 0);
    }
    return check_done();
}

// wrong_grad.c - the example's gradient with one small error.
#include "loss_grad.h"

double wrong_grad(const struct network *net, struct network *d_net, int n,
                  const struct digit *digits, double decay);

double wrong_grad(const struct network *net, struct network *d_net, int n,
                  const struct digit *digits, double decay) {
    double value = loss_grad(net, d_net, n, digits, decay);
    d_net->w1[3][20] *= 1.001;
    return value;
}

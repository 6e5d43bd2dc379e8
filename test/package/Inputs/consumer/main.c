// Prints the two derivatives at 2.
#include "loss_grad.h"
#include "model_grad.h"

#include <stdio.h>

double loss(double x);
double model(double x);

int main(void) {
    double d_loss = 0, d_model = 0;
    double value = loss_grad(2, &d_loss), other = model_grad(2, &d_model);
    if (value != loss(2) || other != model(2))
        return 1;
    printf("d_loss = %g, d_model = %g\n", d_loss, d_model);
    return 0;
}

#include "power.h"

#pragma grad wrt(x)
double loss(double x) {
    double power = 1;
    for (int i = 0; i < DEGREE; i++)
        power *= x;
    return FACTOR * power;
}

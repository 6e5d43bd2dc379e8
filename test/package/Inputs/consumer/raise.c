#include "power.h"

// No annotation: loss.c is differentiated through it.
double raise(double x) {
    double power = 1;
    for (int i = 0; i < DEGREE; i++)
        power *= x;
    return power;
}

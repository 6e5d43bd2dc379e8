// hand_reference.h - derivatives of both objectives by differences in long
// double.
#ifndef HAND_REFERENCE_H
#define HAND_REFERENCE_H

#include "hand_data.h"

// Sets gradient[p.inputs] to the derivative of the errors times the weights.
void hand_reference(const struct hand *p, const double *error_weights,
                    double *gradient);

#endif

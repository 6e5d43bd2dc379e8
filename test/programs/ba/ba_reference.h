// ba_reference.h - derivatives of ba_residuals by differences in long double.
#ifndef BA_REFERENCE_H
#define BA_REFERENCE_H

#include "ba_data.h"

// Sets gradient[p.parameters] to the derivative of the sum of all residuals
// times their weights: errors' first, then weight_errors'.
void ba_reference(const struct ba *p, const double *residual_weights,
                  double *gradient);

#endif

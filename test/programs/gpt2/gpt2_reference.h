// gpt2_reference.h - the gradient of gpt2_loss by differences in long double.
#ifndef GPT2_REFERENCE_H
#define GPT2_REFERENCE_H

#include "gpt2.h"

// Returns the loss, and sets gradient[gpt2_parameter_count(config)], in the
// order in which gpt2_place_parameters places them.
double gpt2_reference(const struct gpt2_config *config, int sequences,
                      int length, const int *inputs, const int *targets,
                      const double *parameters, double *gradient);

#endif

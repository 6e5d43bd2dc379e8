// lstm_reference.h - derivatives of lstm_objective by differences in long
// double.
#ifndef LSTM_REFERENCE_H
#define LSTM_REFERENCE_H

#include "lstm_data.h"

// Sets gradient[p.parameters] to the derivative of the loss times weights[0]
// and the state in the end times the following weights.
void lstm_reference(const struct lstm *p, const double *weights,
                    double *gradient);

#endif

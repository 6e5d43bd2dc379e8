// lstm.h - how well a long short-term memory predicts text.
#ifndef LSTM_H
#define LSTM_H

// How many numbers there are, by layers and by bits of a character.
#define LSTM_MAIN_SIZE(layers, bits) ((layers)*8 * (bits))
#define LSTM_EXTRA_SIZE(bits) (3 * (bits))
#define LSTM_STATE_SIZE(layers, bits) ((layers)*2 * (bits))

// Sets loss to the mean negative log-likelihood per bit of sequence, which has
// the given length in characters, each predicted from those before.
//
//   main[layers][2][4][bits]   of each layer: the weights of its forget, input,
//                              output and change gates, then their biases
//   extra[3][bits]             the weights of the input; the weights and the
//                              biases of the output
//   state[layers][2][bits]     of each layer: what is hidden, and its cell.
//                              Overwritten by what they are in the end.
//   sequence[length][bits]
void lstm_objective(int layers, int length, int bits, const double *main,
                    const double *extra, double *state, const double *sequence,
                    double *loss);

#endif

// gpt2.h - a transformer in the manner of GPT-2: how well it predicts text.
#ifndef GPT2_H
#define GPT2_H

#include <stddef.h>

// The type of all numbers.
#ifdef GPT2_DOUBLE
typedef double real;
#else
typedef float real;
#endif

struct gpt2_config {
    int vocabulary;
    int context; // the longest sequence
    int layers;
    int heads;
    int channels; // a multiple of heads
};

// The parameters, layer by layer where there is an L. Radford et al. 2019.
struct gpt2_parameters {
    real *token;                // [vocabulary][channels], also the classifier
    real *position;             // [context][channels]
    real *norm1_scale;          // [L][channels]
    real *norm1_shift;          // [L][channels]
    real *query_key_value;      // [L][3 channels][channels]
    real *query_key_value_bias; // [L][3 channels]
    real *projection;           // [L][channels][channels]
    real *projection_bias;      // [L][channels]
    real *norm2_scale;          // [L][channels]
    real *norm2_shift;          // [L][channels]
    real *expand;               // [L][4 channels][channels]
    real *expand_bias;          // [L][4 channels]
    real *contract;             // [L][channels][4 channels]
    real *contract_bias;        // [L][channels]
    real *last_scale;           // [channels]
    real *last_shift;           // [channels]
};

// How many parameters there are.
size_t gpt2_parameter_count(const struct gpt2_config *config);

// Sets the pointers to successive parts of memory, which has room for
// gpt2_parameter_count of them.
void gpt2_place_parameters(const struct gpt2_config *config, real *memory,
                           struct gpt2_parameters *parameters);

// Returns the mean cross-entropy of the targets over all sequences and
// positions: inputs[sequences][length], targets[sequences][length].
real gpt2_loss(const struct gpt2_config *config,
               const struct gpt2_parameters *parameters, int sequences,
               int length, const int *inputs, const int *targets);

#endif

// lstm_data.c - reads a memory and a text.
#include "lstm_data.h"

#include "lstm.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *path, const char *what) {
    fprintf(stderr, "%s: %s\n", path, what);
    exit(2);
}

static double *read_doubles(FILE *file, const char *path, int n) {
    double *x = malloc((size_t)n * sizeof *x);
    if (x == NULL)
        fail(path, "out of memory");
    for (int i = 0; i < n; i++)
        if (fscanf(file, "%lf", &x[i]) != 1)
            fail(path, "a number is missing");
    return x;
}

struct lstm lstm_read(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path, "cannot be opened");
    struct lstm lstm;
    if (fscanf(file, "%d %d %d", &lstm.layers, &lstm.length, &lstm.bits) != 3 ||
        lstm.layers < 1 || lstm.length < 1 || lstm.bits < 1)
        fail(path, "no sizes");
    int main_size = LSTM_MAIN_SIZE(lstm.layers, lstm.bits);
    int extra_size = LSTM_EXTRA_SIZE(lstm.bits);
    lstm.parameters =
        main_size + extra_size + LSTM_STATE_SIZE(lstm.layers, lstm.bits);
    lstm.main = read_doubles(file, path, lstm.parameters);
    lstm.extra = lstm.main + main_size;
    lstm.state = lstm.extra + extra_size;
    lstm.sequence = read_doubles(file, path, lstm.length * lstm.bits);
    fclose(file);
    return lstm;
}

void lstm_free(struct lstm *lstm) {
    free(lstm->main);
    free(lstm->sequence);
}

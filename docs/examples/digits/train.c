/*
 * train.c - teaches the network to read digits, with the gradient that gradcc
 * wrote.
 *
 *     digits [digits.csv]
 *
 * Exit status 1 where the gradient or the accuracy is not what it should be, 2
 * where the data cannot be read.
 */
#include "loss_grad.h"
#include "network.h"
#include "optimizer.h"

#include <gradrt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_DIGITS = 2000,
    BATCH = 32,
    EPOCHS = 30,
    CHECKED = 8, /* digits that the gradient is checked on */
    WEIGHTS = sizeof(struct network) / sizeof(double)
};

static const double DECAY = 1e-4;
static const double RATE = 0.003;
static const double REQUIRED_ACCURACY = 0.95;
static const double GRADIENT_TOLERANCE = 1e-6;

/* The optimiser sees the weights as one array, so there must be no gaps. */
_Static_assert(sizeof(struct network) ==
                   sizeof(double) *
                       (HIDDEN * PIXELS + HIDDEN + CLASSES * HIDDEN + CLASSES),
               "struct network holds doubles and nothing else");

/* ---- Random numbers: our own, so that a run is the same everywhere ---- */

/* Steele, Lea and Flood 2014, "splitmix64". */
static uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform on [0, 1). */
static double random_unit(uint64_t *state) {
    return (double)(random_bits(state) >> 11) * 0x1p-53;
}

static void shuffle(uint64_t *state, int n, struct digit *digits) {
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(random_unit(state) * (i + 1));
        struct digit swapped = digits[i];
        digits[i] = digits[j];
        digits[j] = swapped;
    }
}

/* Uniform weights of variance 1/inputs keep tanh out of saturation. */
static void start_weights(uint64_t *state, int n, int inputs, double *w) {
    for (int i = 0; i < n; i++)
        w[i] = (2 * random_unit(state) - 1) * sqrt(3.0 / inputs);
}

static void start_network(uint64_t *state, struct network *net) {
    memset(net, 0, sizeof *net);
    start_weights(state, HIDDEN * PIXELS, PIXELS, &net->w1[0][0]);
    start_weights(state, CLASSES * HIDDEN, HIDDEN, &net->w2[0][0]);
}

/* ---- Data ---- */

/* One digit: 64 pixels from 0 to 16 and the label, separated by commas. */
static bool parse_digit(const char *line, struct digit *digit) {
    for (int i = 0; i < PIXELS; i++) {
        char *end;
        digit->pixels[i] = strtod(line, &end) / 16;
        if (end == line || *end != ',')
            return false;
        line = end + 1;
    }
    return sscanf(line, "%d", &digit->label) == 1 && digit->label >= 0 &&
           digit->label < CLASSES;
}

/*
 * Returns how many digits were read, MAX_DIGITS at most; 0 after a message
 * where that failed.
 */
static int read_digits(const char *path, struct digit digits[MAX_DIGITS]) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    char line[512];
    int n = 0;
    while (n < MAX_DIGITS && fgets(line, sizeof line, file) != NULL) {
        if (!parse_digit(line, &digits[n])) {
            fprintf(stderr, "%s:%d: not 64 pixels and a label\n", path, n + 1);
            n = 0;
            break;
        }
        n++;
    }
    if (n == 0 && feof(file))
        fprintf(stderr, "%s: no digits\n", path);
    fclose(file);
    return n;
}

/* ---- The gradient, checked before it is trusted ---- */

/* The loss on some digits, as a function of the weights alone. */
static double loss_at(const double *weights, size_t n, void *digits) {
    (void)n;
    return loss((const struct network *)weights, CHECKED, digits, DECAY);
}

static bool gradient_is_right(const struct network *net,
                              struct digit digits[CHECKED]) {
    struct network gradient = {0};
    GradReport report;

    loss_grad(net, &gradient, CHECKED, digits, DECAY);
    bool right = grad_check_central(
        loss_at, digits, WEIGHTS, (const double *)net,
        (const double *)&gradient, GRADIENT_TOLERANCE, &report);
    grad_report_print(&report, stdout);
    return right;
}

/* ---- Training ---- */

static double accuracy(const struct network *net, int n,
                       const struct digit *digits) {
    int right = 0;
    for (int k = 0; k < n; k++) {
        double scores[CLASSES];
        network_scores(net, digits[k].pixels, scores);
        int answer = 0;
        for (int i = 1; i < CLASSES; i++)
            if (scores[i] > scores[answer])
                answer = i;
        right += answer == digits[k].label;
    }
    return (double)right / n;
}

/*
 * Goes once through all digits, in minibatches, and returns their mean loss.
 * loss_grad adds to the gradient, so it is cleared before each batch.
 */
static double epoch(struct adam *adam, struct network *net, int n,
                    const struct digit *digits) {
    double sum = 0;
    for (int first = 0; first < n; first += BATCH) {
        int size = n - first < BATCH ? n - first : BATCH;
        struct network gradient = {0};
        sum += size * loss_grad(net, &gradient, size, digits + first, DECAY);
        adam_step(adam, (double *)net, (const double *)&gradient);
    }
    return sum / n;
}

int main(int argc, char **argv) {
    static struct digit digits[MAX_DIGITS];
    int total = read_digits(argc > 1 ? argv[1] : "digits.csv", digits);
    if (total == 0)
        return 2;

    uint64_t random = 1;
    shuffle(&random, total, digits);
    int held_back = total / 5;
    int n = total - held_back;
    struct digit *unseen = digits + n;

    struct network net;
    start_network(&random, &net);
    if (!gradient_is_right(&net, digits))
        return 1;

    struct adam adam;
    if (!adam_init(&adam, WEIGHTS, RATE)) {
        fprintf(stderr, "out of memory\n");
        return 2;
    }
    printf("training on %d digits, %d weights\n", n, WEIGHTS);
    for (int e = 1; e <= EPOCHS; e++) {
        shuffle(&random, n, digits);
        double mean = epoch(&adam, &net, n, digits);
        printf("epoch %2d  loss %.4f  read right %.1f %%\n", e, mean,
               100 * accuracy(&net, n, digits));
        fflush(stdout);
    }
    adam_free(&adam);

    double reached = accuracy(&net, held_back, unseen);
    printf("%d digits held back: %.1f %% read right (at least %.0f required)\n",
           held_back, 100 * reached, 100 * REQUIRED_ACCURACY);
    return reached >= REQUIRED_ACCURACY ? 0 : 1;
}

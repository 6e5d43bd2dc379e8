// hand_time.c - how many times the objective's time its gradient takes, and its
// derivative in one direction. Not a test. Compile it with the flags that are
// to be measured.
//
//     hand_time FOLDER FILE ...
#include "hand_call.h"

#include "stopwatch.h"

#include <string.h>

struct problem {
    struct hand hand;
    double *errors, *d_errors, *gradient;
};

static void primal(void *context) {
    struct problem *p = context;
    hand_values(&p->hand, p->errors);
}

static void gradient(void *context) {
    struct problem *p = context;
    memset(p->gradient, 0, (size_t)p->hand.inputs * sizeof *p->gradient);
    for (int i = 0; i < 3 * p->hand.n; i++)
        p->d_errors[i] = 1;
    hand_reverse(&p->hand, p->gradient, p->errors, p->d_errors);
}

static void direction(void *context) {
    struct problem *p = context;
    hand_forward(&p->hand, p->gradient, p->errors, p->d_errors);
}

int main(int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        struct problem p = {.hand = hand_read(argv[1], argv[i])};
        size_t errors = 3 * (size_t)p.hand.n;
        p.errors = malloc(errors * sizeof(double));
        p.d_errors = malloc(errors * sizeof(double));
        p.gradient = malloc((size_t)p.hand.inputs * sizeof(double));
        if (!p.errors || !p.d_errors || !p.gradient)
            return 2;
        stopwatch_compare(argv[i], "gradient", primal, gradient, &p);
        stopwatch_compare(argv[i], "direction", primal, direction, &p);
        free(p.errors);
        free(p.d_errors);
        free(p.gradient);
        hand_free(&p.hand);
    }
    return argc > 2 ? 0 : 2;
}

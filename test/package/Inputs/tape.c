// Needs the runtime's header and its library.
#include <gradrt.h>

int main(void) {
    GradTape tape;
    grad_tape_init(&tape);
    grad_push_double(&tape, 2);
    double two = grad_pop_double(&tape);
    grad_tape_free(&tape);
    return two == 2 ? 0 : 1;
}

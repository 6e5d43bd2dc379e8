// formula.c - what optimal checkpointing costs, in closed form where there is
// one, and the decisions that need more than the binomial schedule's two
// numbers.
#include "schedule.h"

#include <math.h>
#include <stdlib.h>

void grad_check_counts_(int64_t steps, int64_t slots) {
    const int64_t most = (int64_t)1 << 40;
    if (steps < 0 || steps > most)
        grad_fail(GRAD_ERROR_ARGUMENT,
                  "%lld steps are not a number from 0 to %lld",
                  (long long)steps, (long long)most);
    if (slots < 1)
        grad_fail(GRAD_ERROR_ARGUMENT, "%lld snapshots are not enough",
                  (long long)slots);
}

int64_t grad_muldiv_(int64_t a, int64_t b, int64_t d) {
    return a / d * b + a % d * b / d;
}

static int64_t minimum(int64_t a, int64_t b) { return a < b ? a : b; }

// beta(s, r) = (s + r)! / (s! r!), at most INT64_MAX; 0 if s or r is negative.
static int64_t beta(int64_t s, int64_t r) {
    if (s < 0 || r < 0)
        return 0;
    int64_t few = minimum(s, r), many = s < r ? r : s, value = 1;
    for (int64_t i = 1; i <= few; i++) {
        if (value > INT64_MAX / (many + i))
            return INT64_MAX;
        value = value * (many + i) / i;
    }
    return value;
}

// The r with beta(s, r - 1) < n <= beta(s, r), for n >= 2, and this beta(s, r).
static int64_t repetitions(int64_t n, int64_t s, int64_t *reach) {
    int64_t r = 1;
    *reach = s + 1;
    while (*reach < n)
        r++, *reach += grad_muldiv_(*reach, s, r);
    return r;
}

int64_t grad_binomial_advances(int64_t steps, int64_t slots) {
    grad_check_counts_(steps, slots);
    if (steps < 2)
        return 0;
    if (slots >= steps - 1)
        return steps - 1;
    if (slots == 1) {
        int64_t even = steps % 2 ? steps - 1 : steps;
        int64_t odd = steps % 2 ? steps : steps - 1;
        return even / 2 > INT64_MAX / odd ? INT64_MAX : even / 2 * odd;
    }
    int64_t reach, r = repetitions(steps, slots, &reach);
    // beta(s + 1, r - 1) = beta(s, r) r / (s + 1).
    return r * steps - grad_muldiv_(reach, r, slots + 1);
}

int64_t grad_binomial_slots(int64_t steps, double ratio) {
    grad_check_counts_(steps, 1);
    int64_t low = 1, high = steps > 2 ? steps - 1 : 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        double total =
            (double)grad_binomial_advances(steps, middle) + (double)steps;
        if (total <= ratio * (double)steps)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

// -- Mixed -------------------------------------------------------------------
//
// The optimum M(n, s) of Maddison's recurrence (2024) has this shape: the
// first s + 1 steps cost 1 each. The steps from beta(s, k - 1) to beta(s, k)
// cost k each, and 1 more for each block that they begin: blocks of length
// s - j, of which there are beta(j, k - 2), for j = 0, 1, ..., s - 1 in turn.
// An optimal split divides each j's blocks as Pascal's triangle does:
// beta(j, k - 2) = beta(j, k - 3) for the part before the split, where slots
// are as many and repetitions one fewer, + beta(j - 1, k - 2) for the other.

// The steps in all blocks of the lengths s, ..., s - j + 1.
static int64_t block_steps(int64_t s, int64_t k, int64_t j) {
    return beta(j - 1, k) + (s - j) * beta(j - 1, k - 1);
}

typedef struct Blocks {
    int64_t k;    // the repetitions: beta(s, k - 1) < n <= beta(s, k)
    int64_t j;    // all blocks longer than s - j are full
    int64_t full; // so many of length s - j are
    int64_t part; // the steps in the last one, less than s - j
} Blocks;

static Blocks find_blocks(int64_t n, int64_t s) {
    int64_t reach;
    Blocks found = {.k = repetitions(n, s, &reach)};
    int64_t k = found.k;
    int64_t rest = n - grad_muldiv_(reach, k, s + k);
    int64_t low = 0, high = s - 1; // block_steps(low) <= rest
    while (low < high) {
        int64_t middle = high - (high - low) / 2;
        if (block_steps(s, k, middle) <= rest)
            low = middle;
        else
            high = middle - 1;
    }
    rest -= block_steps(s, k, low);
    found.j = low;
    found.full = rest / (s - low);
    found.part = rest % (s - low);
    return found;
}

int64_t grad_mixed_split_(int64_t steps, int64_t slots) {
    if (slots == 1)
        return steps - 1;
    Blocks b = find_blocks(steps, slots);
    if (b.k == 2)
        return minimum(slots, steps - slots - 1) + 1;
    int64_t blocks = beta(b.j, b.k - 3);
    int64_t before = beta(slots, b.k - 2) + block_steps(slots, b.k - 1, b.j);
    if (b.full < blocks)
        return before + b.full * (slots - b.j) + b.part;
    return before + blocks * (slots - b.j);
}

int64_t grad_mixed_evaluations(int64_t steps, int64_t slots) {
    grad_check_counts_(steps, slots);
    if (steps <= slots || steps - 1 == slots)
        return steps;
    if (slots == 1)
        return steps > 2000000000 ? INT64_MAX : steps * (steps + 1) / 2 - 1;
    Blocks b = find_blocks(steps, slots);
    int64_t total = slots + 1, reach = slots + 1;
    for (int64_t k = 2; k < b.k; k++) {
        int64_t more = grad_muldiv_(reach, slots, k); // beta(s - 1, k)
        total += k * more + grad_muldiv_(more, k, slots + k - 1);
        reach += more;
    }
    int64_t begun = beta(b.j - 1, b.k - 1) + b.full + (b.part > 0);
    return total + b.k * (steps - reach) + begun;
}

// -- Memory and disk ---------------------------------------------------------
//
// Aupy, Herrmann, Hovland and Robert (2016), by numbers of steps n = l + 1:
// what remains costs memory(n) in memory only, later(n) if its first state is
// on the disk, too, and first(n) on the first sweep. For long loops the
// distances of states on the disk become periodic (Aupy and Herrmann 2017),
// so that a table of limited length serves any number of steps.

enum { LONGEST_TABLE = 2048 };

struct GradDiskTable_ {
    int64_t length; // of the tables
    int64_t slots;  // in memory
    int64_t period; // of the states on the disk beyond
    double rate;    // the cost of a step then
    int32_t first[LONGEST_TABLE + 1], later[LONGEST_TABLE + 1];
};

static double memory_cost(int64_t n, int64_t slots) {
    return (double)n + (double)grad_binomial_advances(n, slots);
}

// The best cost of n steps from the n before, and its choice.
static double best_part(const double *memory, const double *rest,
                        const double *later, double extra, int64_t n,
                        int32_t *choice) {
    double best = memory[n];
    *choice = 0;
    for (int64_t j = 1; j < n; j++) {
        double cost = extra + (double)j + rest[n - j] + later[j];
        if (cost < best) {
            best = cost;
            *choice = (int32_t)j;
        }
    }
    return best;
}

GradDiskTable *grad_disk_table_(int64_t steps, int64_t slots, double write,
                                double read) {
    GradDiskTable *table = grad_allocate_zeroed(1, sizeof *table);
    int64_t length = table->length = minimum(steps, LONGEST_TABLE);
    table->slots = slots;
    table->rate = INFINITY;
    size_t count = (size_t)length + 1;
    double *memory = grad_allocate_zeroed(3 * count, sizeof *memory);
    double *first = memory + count, *later = first + count;
    for (int64_t n = 1; n <= length; n++) {
        memory[n] = memory_cost(n, slots);
        later[n] = best_part(memory, memory, later, read, n, &table->later[n]);
        first[n] =
            best_part(memory, first, later, write + read, n, &table->first[n]);
        double rate = 1 + (write + read + later[n]) / (double)n;
        if (rate < table->rate) {
            table->rate = rate;
            table->period = n;
        }
    }
    free(memory);
    return table;
}

int64_t grad_disk_first_(const GradDiskTable *table, int64_t steps) {
    if (steps <= table->length)
        return table->first[steps];
    double disk = table->rate * (double)steps;
    return memory_cost(steps, table->slots) <= disk ? 0 : table->period;
}

int64_t grad_disk_later_(const GradDiskTable *table, int64_t steps) {
    return table->later[steps];
}

// Unknown numbers of steps, slots that may hold records, and disks: the right
// states, and as few evaluations as dynamic programming finds.
//
// RUN: %cc -O2 %runtime %check %s -o %t %links && %t
// RUN: %cc -O1 %sanitize %runtime %check %s -o %t.san %sanitize_links
// RUN: %t.san quick
#include "Inputs/replay.h"

static Replay replay;

// -- Unknown number of steps --

// Steps until the schedule, which does not know so, has n - 1 steps behind it.
static bool follow_online(int64_t n, int64_t s) {
    GradSchedule schedule;
    grad_schedule_online(&schedule, s);
    replay_start(&replay, n, s);
    replay.left = INT64_MAX;
    while (replay.at < n - 1 && !replay.wrong) {
        GradAction action = grad_schedule_next(&schedule);
        if (action == GRAD_ADVANCE && schedule.end >= n - 1) {
            replay.advanced += n - 1 - replay.at;
            replay.at = n - 1;
        } else {
            replay_action(&replay, action, &schedule);
        }
    }
    replay.left = n;
    grad_schedule_end(&schedule, n);
    return replay_rest(&replay, &schedule) && replay.most_tapes <= 1;
}

static void check_online_value(int64_t n, int64_t s, int64_t most) {
    CHECK_TRUE(follow_online(n, s));
    CHECK_TRUE(replay.advanced <= most);
    CHECK_TRUE(replay.advanced >= grad_binomial_advances(n, s));
}

// As good as a known number, up to two repetitions; and not much worse after.
static void check_online(int limit) {
    check_online_value(10, 3, 15);
    check_online_value(20, 5, 33);
    check_online_value(100, 13, 185);
    check_online_value(200, 18, 390);
    check_online_value(50, 7, 106);
    check_online_value(100, 5, 328);
    check_online_value(500, 10, 1644);
    int not_equal = 0, not_near = 0;
    for (int s = 1; s <= 40; s++)
        for (int n = 1; n <= limit; n++) {
            CHECK_TRUE(follow_online(n, s));
            double least = (double)grad_binomial_advances(n, s);
            if (n <= (s + 1) * (s + 2) / 2 && (double)replay.advanced != least)
                not_equal++;
            if ((double)replay.advanced > (s < 4 ? 1.2 : 1.07) * least)
                not_near++;
        }
    CHECK_TRUE(not_equal == 0);
    CHECK_TRUE(not_near == 0);
    check_online_value(20000, 20, 87350 * 1.01);
    check_online_value(8000, 100, 18747 * 1.01);
}

// -- Slots that may hold records --

enum { MIXED_STEPS = 261, MIXED_SLOTS = 70 };
static int64_t evaluations[MIXED_STEPS][MIXED_SLOTS];

static int64_t best_mixed(int n, int s) {
    if (n <= s + 1)
        return n;
    if (s == 1)
        return n * (n + 1) / 2 - 1;
    int64_t best = 1 + evaluations[n - 1][s - 1];
    for (int i = 2; i < n; i++) {
        int64_t cost = i + evaluations[i][s] + evaluations[n - i][s - 1];
        best = cost < best ? cost : best;
    }
    return best;
}

static bool follow_mixed(int64_t n, int64_t s) {
    GradSchedule schedule;
    grad_schedule_mixed(&schedule, n, s);
    replay_start(&replay, n, s);
    return replay_rest(&replay, &schedule) && replay.most_tapes <= s + 1;
}

// No more than s states and records are kept besides the topmost record.
static bool stays_within(int64_t n, int64_t s) {
    GradSchedule schedule;
    grad_schedule_mixed(&schedule, n, s);
    int64_t states = 0, records = 0, at = 0, most = 0;
    static int64_t stored_at[MIXED_SLOTS];
    for (GradAction a; (a = grad_schedule_next(&schedule)) != GRAD_DONE;) {
        // A state is kept until the last step after it is reversed.
        if (a == GRAD_STORE)
            stored_at[states++] = schedule.step;
        if (a == GRAD_RECORD) {
            records++;
            if (states > 0 && stored_at[states - 1] == schedule.step)
                states--; // its step is recorded instead
        }
        if (a == GRAD_REVERSE)
            records--;
        at = schedule.end == n ? n : at;
        int64_t kept = states + records - (a == GRAD_RECORD);
        most = kept > most ? kept : most;
    }
    grad_schedule_free(&schedule);
    return most <= s && at == (n ? n : 0);
}

static void check_mixed(int limit) {
    int wrong = 0;
    for (int s = 1; s < MIXED_SLOTS; s++)
        for (int n = 1; n < limit; n++) {
            int64_t best = evaluations[n][s] = best_mixed(n, s);
            bool right =
                grad_mixed_evaluations(n, s) == best && follow_mixed(n, s) &&
                replay.advanced + replay.recorded == best && stays_within(n, s);
            wrong += !right;
            if (!right)
                printf("M(%d, %d) is not %" PRId64 " but %" PRId64 "\n", n, s,
                       grad_mixed_evaluations(n, s), best);
        }
    CHECK_TRUE(wrong == 0);
    CHECK_TRUE(grad_mixed_evaluations(10, 1) == 54);
    CHECK_TRUE(grad_mixed_evaluations(10, 3) == 19);
    CHECK_TRUE(grad_mixed_evaluations(50, 3) == 209);
    CHECK_TRUE(grad_mixed_evaluations(50, 20) == 81);
    CHECK_TRUE(grad_mixed_evaluations(100, 10) == 237);
    CHECK_TRUE(grad_mixed_evaluations(50, 10) == 94);
    CHECK_TRUE(grad_mixed_evaluations(100, 3) == 554);
    CHECK_TRUE(grad_mixed_evaluations(100, 20) == 184);
    CHECK_TRUE(grad_mixed_evaluations(100, 50) == 150);
    for (int s = 2; s <= 512; s *= 4) {
        CHECK_TRUE(follow_mixed(20000, s));
        CHECK_TRUE(replay.advanced + replay.recorded ==
                   grad_mixed_evaluations(20000, s));
    }
    CHECK_TRUE(follow_mixed(0, 1));
    CHECK_TRUE(follow_mixed(300, 1));
    CHECK_TRUE(grad_mixed_evaluations(1000000000000, 1) == INT64_MAX);
}

// -- Memory and disk --

static double follow_disk(int64_t n, int64_t c, double write, double read) {
    GradSchedule schedule;
    grad_schedule_disk(&schedule, n, c, write, read);
    replay_start(&replay, n, c);
    CHECK_TRUE(replay_rest(&replay, &schedule) && replay.most_tapes <= 1);
    return (double)(replay.advanced + replay.recorded) +
           write * (double)replay.written + read * (double)replay.read;
}

enum { DISK_STEPS = 241 };

// The recurrences, by l = n - 1 as they are published.
static void tabulate_disk(int c, double write, double read, double *infinite) {
    static double zero[DISK_STEPS], one[DISK_STEPS];
    for (int l = 0; l < DISK_STEPS; l++) {
        zero[l] = l + 1 + (double)grad_binomial_advances(l + 1, c);
        one[l] = infinite[l] = zero[l];
        for (int j = 1; j <= l; j++)
            one[l] = fmin(one[l], j + zero[l - j] + read + one[j - 1]);
        for (int j = 1; j <= l; j++)
            infinite[l] = fmin(infinite[l],
                               write + j + infinite[l - j] + read + one[j - 1]);
    }
}

static void check_disk(int step) {
    static const double costs[] = {0, 0.5, 1, 2, 5, 30, 1e9};
    static double best[DISK_STEPS];
    for (int c = 1; c <= 6; c++)
        for (int i = 0; i < 7; i++)
            for (int j = 0; j < 7; j++) {
                tabulate_disk(c, costs[i], costs[j], best);
                int wrong = 0;
                for (int n = 1; n <= DISK_STEPS; n += step) {
                    double cost = follow_disk(n, c, costs[i], costs[j]);
                    wrong += !(fabs(cost - best[n - 1]) <= 1e-9 * cost);
                }
                CHECK_TRUE(wrong == 0);
            }
}

static void check_disk_values(void) {
    static const int n[] = {10, 20, 50, 100, 200};
    static const double one[] = {25, 58, 155, 318, 643};
    static const double two[] = {25, 63, 175, 363, 738};
    static const double five[] = {25, 65, 200, 425, 875};
    static const double none[] = {25, 65, 230, 590, 1505};
    for (int i = 0; i < 5; i++) {
        CHECK_BITS(follow_disk(n[i], 3, 1, 1), one[i]);
        CHECK_BITS(follow_disk(n[i], 3, 2, 2), two[i]);
        CHECK_BITS(follow_disk(n[i], 3, 5, 5), five[i]);
        CHECK_BITS(follow_disk(n[i], 3, 1e6, 1e6), none[i]);
    }
    CHECK_BITS(follow_disk(100, 3, 0, 0), 199);
    CHECK_BITS(follow_disk(0, 3, 1, 1), 0);
}

// Longer than the table: the cost of a step stays what it was.
static void check_long_disk(void) {
    double shorter = follow_disk(2048, 3, 2, 2);
    double longer = follow_disk(20480, 3, 2, 2);
    CHECK_TRUE(longer < 10.02 * shorter);
    CHECK_CLOSE(follow_disk(5000, 30, 1e7, 1e7),
                5000 + (double)grad_binomial_advances(5000, 30), 0);
}

int main(int argc, char **argv) {
    (void)argv;
    bool quick = argc > 1;
    check_online(quick ? 60 : 400);
    check_mixed(quick ? 60 : MIXED_STEPS);
    check_disk(quick ? 40 : 3);
    check_disk_values();
    check_long_disk();
    return check_done();
}

// A known number of steps is reversed with exactly T(n, s) advances, one
// record for each step, and the right states.
//
// RUN: %cc -O2 %runtime %check %s -o %t %links && %t
// RUN: %clang %runtime %check %s -o %t.clang %links && %t.clang quick
// RUN: %cc %sanitize %runtime %check %s -o %t.san %sanitize_links
// RUN: %t.san quick
#include "Inputs/replay.h"

static Replay replay;

static bool follow(int64_t n, int64_t s) {
    GradSchedule schedule;
    grad_schedule_binomial(&schedule, n, s);
    replay_start(&replay, n, s);
    return replay_rest(&replay, &schedule) && replay.most_tapes <= 1;
}

// T by its recurrence, for all n and s up to a limit.
enum { LIMIT = 301 };
static int64_t least[LIMIT][LIMIT];

static void tabulate(void) {
    for (int n = 2; n < LIMIT; n++)
        least[n][1] = n * (n - 1) / 2;
    for (int s = 2; s < LIMIT; s++)
        for (int n = 2; n < LIMIT; n++) {
            int64_t best = INT64_MAX;
            for (int m = 1; m < n; m++) {
                int64_t cost = m + least[n - m][s - 1] + least[m][s];
                best = cost < best ? cost : best;
            }
            least[n][s] = best;
        }
}

static void check_all(int limit) {
    int wrong = 0;
    for (int n = 0; n < limit; n++)
        for (int s = 1; s <= (n ? n + 1 : 2) && s < LIMIT; s++)
            if (grad_binomial_advances(n, s) != least[n][s] || !follow(n, s) ||
                replay.advanced != least[n][s]) {
                wrong++;
                printf("T(%d, %d) is not %" PRId64 " but %" PRId64 "\n", n, s,
                       replay.advanced, least[n][s]);
            }
    CHECK_TRUE(wrong == 0);
}

// Rows are n = 10, 20, 50, 100, 200, 365, 500, 1000.
static void check_table(void) {
    static const int n[] = {10, 20, 50, 100, 200, 365, 500, 1000};
    static const int s[] = {1, 2, 3, 5, 7, 8, 10, 15, 20, 30, 50};
    static const int64_t advances[8][11] = {
        {45, 20, 15, 13, 11, 10, 9, 9, 9, 9, 9},
        {190, 65, 45, 33, 31, 30, 28, 23, 19, 19, 19},
        {1225, 285, 180, 122, 105, 95, 88, 83, 78, 68, 49},
        {4950, 845, 490, 316, 255, 245, 222, 183, 178, 168, 148},
        {19900, 2470, 1305, 790, 635, 580, 522, 447, 378, 368, 348},
        {66430, 6214, 3015, 1728, 1330, 1240, 1096, 942, 842, 698, 678},
        {124750, 10044, 4680, 2576, 2005, 1785, 1636, 1347, 1247, 972, 948},
        {499500, 28820, 12155, 6284, 4713, 4285, 3636, 3031, 2747, 2472, 1948}};
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 11; j++) {
            CHECK_TRUE(grad_binomial_advances(n[i], s[j]) == advances[i][j]);
            CHECK_TRUE(follow(n[i], s[j]));
            CHECK_TRUE(replay.advanced == advances[i][j]);
        }
}

static void check_value(int64_t n, int64_t s, int64_t advances) {
    CHECK_TRUE(grad_binomial_advances(n, s) == advances);
    CHECK_TRUE(follow(n, s));
    CHECK_TRUE(replay.advanced == advances);
}

static void check_large(void) {
    check_value(10000, 10, 57624);
    check_value(10000, 100, 24747);
    check_value(100000, 20, 534220);
    check_value(1000000, 20, 6815960);
    check_value(1000000, 100, 3817896);
    check_value(21, 3, 49);
    check_value(2000, 2000, 1999); // and as many slots as one likes
    check_value(2000, 8000, 1999);
}

// beta(s, r) steps, and one more or less.
static void check_binomials(void) {
    for (int s = 1; s <= 12; s++) {
        int64_t beta = 1;
        for (int r = 1; r <= 12; r++) {
            beta = beta * (s + r) / r;
            if (beta > 100000)
                break;
            for (int64_t n = beta - 1; n <= beta + 1; n++) {
                CHECK_TRUE(follow(n, s));
                CHECK_TRUE(replay.advanced == grad_binomial_advances(n, s));
            }
        }
    }
}

// The first actions of loops that nobody can run here, and what they cost.
static void check_huge(void) {
    static const int64_t slots[] = {1, 2, 3, 10, 1000, 1000000, 2000000000};
    int64_t n = 1000000000000;
    for (int i = 0; i < 7; i++) {
        GradSchedule schedule;
        grad_schedule_binomial(&schedule, n, slots[i]);
        int64_t position = 0;
        for (int k = 0; k < 2000 && position < n - 1; k++)
            if (grad_schedule_next(&schedule) == GRAD_ADVANCE) {
                CHECK_TRUE(schedule.step == position);
                position = schedule.end;
            }
        CHECK_TRUE(position <= n - 1);
        CHECK_TRUE(slots[i] > 1000 || position == n - 1);
        grad_schedule_free(&schedule);
    }
    // By integers of any size.
    CHECK_TRUE(grad_binomial_advances(n, 1) == INT64_MAX);
    CHECK_TRUE(grad_binomial_advances(n, 2) == 942808041582163645);
    CHECK_TRUE(grad_binomial_advances(n, 3) == 13626904473498545);
    CHECK_TRUE(grad_binomial_advances(n, 10) == 60318312900290);
    CHECK_TRUE(grad_binomial_advances(n, 1000) == 4957747035245);
    CHECK_TRUE(grad_binomial_advances(n, 1000000) == 2499997499997);
    CHECK_TRUE(grad_binomial_advances(4000000000, 1) == 7999999998000000000);
}

static void check_slots(void) {
    CHECK_TRUE(grad_binomial_slots(1000, 3) == 43);
    CHECK_TRUE(grad_binomial_slots(10000, 3) == 139);
    CHECK_TRUE(grad_binomial_slots(100000, 3) == 445);
    CHECK_TRUE(grad_binomial_slots(1000000, 3) == 1412);
    CHECK_TRUE(grad_binomial_slots(0, 3) == 1);
    CHECK_TRUE(grad_binomial_slots(100, 1.99) == 99);
}

// sqrt(n) segments: states kept are as many as advances are few.
static void check_segments(void) {
    for (int n = 0; n < 200; n++)
        for (int length = 1; length < 30; length++) {
            GradSchedule schedule;
            grad_schedule_segments(&schedule, n, length);
            int64_t slots = (n + length - 1) / length + length;
            replay_start(&replay, n, slots);
            if (!replay_rest(&replay, &schedule))
                CHECK_TRUE(!"segments");
            int64_t last = n ? (n - 1) / length * length : 0;
            int64_t inner = last / length * (length - 1);
            CHECK_TRUE(replay.advanced == (n ? n - 1 : 0) + inner);
        }
    GradSchedule schedule;
    grad_schedule_segments(&schedule, 10000, 100);
    replay_start(&replay, 10000, 199);
    CHECK_TRUE(replay_rest(&replay, &schedule));
    CHECK_TRUE(replay.advanced == 19800);
}

int main(int argc, char **argv) {
    (void)argv;
    tabulate();
    check_all(argc > 1 ? 100 : LIMIT);
    check_table();
    check_slots();
    check_segments();
    check_huge();
    if (argc == 1)
        check_large();
    check_binomials();
    return check_done();
}

// schedule.c - pictures of checkpointing schedules, as SVG on stdout:
//
//     schedule steps [binomial|mixed|segments|online] N S
//     schedule memory N
//
// The first shows which step of N runs when, with S slots, and how long each
// snapshot is kept; the second how much work is repeated with few slots. A
// program that runs a schedule without any state: see checkpointing.md.
#include <gradrt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum {
    WIDTH = 900,
    HEIGHT = 420,
    LEFT = 60,
    TOP = 50,
    RIGHT = 20,
    BOTTOM = 50
};
enum { MOST_STEPS = 2000, MOST_LINES = 12 };

#define ADVANCE_COLOUR "#8a94a6"
#define RECORD_COLOUR "#d1495b"
#define REVERSE_COLOUR "#2a6f97"
#define STATE_COLOUR "#e9b44c"

// ---- Axes -------------------------------------------------------------------

typedef struct Axis {
    double from, to;
    bool logarithmic;
} Axis;

typedef struct Chart {
    Axis x, y;
} Chart;

static double portion(const Axis *a, double value) {
    return a->logarithmic ? log(value / a->from) / log(a->to / a->from)
                          : (value - a->from) / (a->to - a->from);
}

static double across(const Chart *c, double value) {
    return LEFT + portion(&c->x, value) * (WIDTH - LEFT - RIGHT);
}

static double up(const Chart *c, double value) {
    return HEIGHT - BOTTOM - portion(&c->y, value) * (HEIGHT - TOP - BOTTOM);
}

static void text(double x, double y, const char *anchor, const char *words) {
    printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y,
           anchor, words);
}

static void line(const char *colour, double width, double x1, double y1,
                 double x2, double y2) {
    printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
           "stroke=\"%s\" stroke-width=\"%.1f\"/>\n",
           x1, y1, x2, y2, colour, width);
}

// The next mark on an axis: powers of ten with 2 and 5 between them.
static double next_mark(double mark) {
    double power = pow(10, floor(log10(mark) + 1e-9));
    double first = floor(mark / power + 0.5);
    return power * (first < 2 ? 2 : first < 5 ? 5 : 10);
}

static double first_mark(const Axis *a) {
    double wanted = a->logarithmic ? a->from : (a->to - a->from) / 12;
    double mark = 1e-3;
    while (mark < wanted * (1 - 1e-9))
        mark = next_mark(mark);
    return mark;
}

static void marks(const Chart *c, bool is_x) {
    const Axis *a = is_x ? &c->x : &c->y;
    double step = first_mark(a), mark = a->logarithmic ? step : a->from;
    while (mark <= a->to * (1 + 1e-9)) {
        char words[32];
        snprintf(words, sizeof words, "%g", mark);
        if (is_x)
            text(across(c, mark), HEIGHT - BOTTOM + 18, "middle", words);
        else
            text(LEFT - 8, up(c, mark) + 4, "end", words);
        double x = is_x ? across(c, mark) : LEFT;
        double y = is_x ? TOP : up(c, mark);
        line("#e4e4e4", 0.6, x, y, is_x ? x : WIDTH - RIGHT,
             is_x ? HEIGHT - BOTTOM : y);
        mark = a->logarithmic ? next_mark(mark) : mark + step;
    }
}

static void begin(const Chart *c, const char *title, const char *x_name,
                  const char *y_name) {
    printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
           "font-family=\"sans-serif\" font-size=\"12\">\n",
           WIDTH, HEIGHT);
    printf("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", WIDTH,
           HEIGHT);
    text(LEFT, 20, "start", title);
    marks(c, true);
    marks(c, false);
    text(WIDTH - RIGHT, HEIGHT - 12, "end", x_name);
    text(LEFT, TOP - 8, "middle", y_name);
}

// Entries of a legend go from left to right.
static void legend(int entry, const char *colour, const char *words) {
    double x = LEFT + 120 + 150 * entry, y = TOP - 12;
    line(colour, 4, x, y, x + 20, y);
    text(x + 26, y + 4, "start", words);
}

static void end(void) { puts("</svg>"); }

// ---- Steps against time -----------------------------------------------------

// What happened, as lines from one time and state to another.
typedef struct Event {
    const char *colour;
    double width, time, end_time, state, end_state;
} Event;

// The state that a slot holds, since when, and when it was last looked at.
typedef struct Snapshot {
    int64_t state;
    double since, last;
    bool taken;
} Snapshot;

typedef struct Run {
    Event *events;
    size_t count, capacity;
    Snapshot *slots;
    int64_t slot_count;
    double *recorded; // when each step was
    double now;
} Run;

static void add(Run *run, Event event) {
    if (run->count == run->capacity) {
        run->capacity = 2 * run->capacity + 64;
        Event *more = grad_allocate(run->capacity, sizeof *more);
        for (size_t i = 0; i < run->count; i++)
            more[i] = run->events[i];
        free(run->events);
        run->events = more;
    }
    run->events[run->count++] = event;
}

static void drop(Run *run, Snapshot *slot) {
    if (slot->taken)
        add(run, (Event){STATE_COLOUR, 3, slot->since, slot->last,
                         (double)slot->state, (double)slot->state});
    slot->taken = false;
}

static void keep(Run *run, const GradSchedule *schedule) {
    Snapshot *slot = &run->slots[schedule->slot];
    if (slot->taken && slot->last == slot->since)
        slot->last = run->now; // given up for another one
    drop(run, slot);
    *slot = (Snapshot){schedule->step, run->now, run->now, true};
}

static void move(Run *run, const char *colour, int64_t from, int64_t to) {
    double time = fabs((double)(to - from));
    add(run, (Event){colour, 1.5, run->now, run->now + time, (double)from,
                     (double)to});
    run->now += time;
}

static void reverse(Run *run, int64_t step) {
    double since = run->recorded[step];
    if (run->now > since) // kept in a slot, not only until the next action
        add(run, (Event){RECORD_COLOUR, 3, since, run->now, (double)step + 0.5,
                         (double)step + 0.5});
    move(run, REVERSE_COLOUR, step + 1, step);
}

static void play(Run *run, GradSchedule *schedule, int64_t steps, bool online) {
    for (;;) {
        GradAction action = grad_schedule_next(schedule);
        int64_t step = schedule->step, last = schedule->end;
        if (action == GRAD_DONE)
            break;
        if (action == GRAD_ADVANCE && online && last >= steps - 1) {
            last = steps - 1;
            grad_schedule_end(schedule, steps);
            online = false;
        }
        if (action == GRAD_ADVANCE && last > step)
            move(run, ADVANCE_COLOUR, step, last);
        if (action == GRAD_STORE)
            keep(run, schedule);
        if (action == GRAD_RESTORE)
            run->slots[schedule->slot].last = run->now;
        if (action == GRAD_RECORD) {
            move(run, RECORD_COLOUR, step, step + 1);
            run->recorded[step] = run->now;
        }
        if (action == GRAD_REVERSE)
            reverse(run, step);
    }
    for (int64_t i = 0; i < run->slot_count; i++)
        drop(run, &run->slots[i]);
}

static int64_t start(GradSchedule *schedule, const char *kind, int64_t steps,
                     int64_t slots) {
    int64_t most = slots;
    if (strcmp(kind, "binomial") == 0) {
        grad_schedule_binomial(schedule, steps, slots);
    } else if (strcmp(kind, "mixed") == 0) {
        grad_schedule_mixed(schedule, steps, slots);
    } else if (strcmp(kind, "online") == 0) {
        grad_schedule_online(schedule, slots);
    } else if (strcmp(kind, "segments") == 0) {
        grad_schedule_segments(schedule, steps, slots);
        most = steps + 1; // S is the length of a segment
    } else {
        return 0;
    }
    return most;
}

static void draw(const Run *run, const char *kind, int64_t steps, int64_t slots,
                 const GradSchedule *schedule) {
    Chart chart = {{0, run->now, false}, {0, (double)steps, false}};
    char title[160];
    snprintf(title, sizeof title,
             "%s, n = %" PRId64 ", s = %" PRId64 ": %" PRId64
             " advances, %" PRId64 " records, %" PRId64 " states stored",
             kind, steps, slots, schedule->advanced, schedule->recorded,
             schedule->stored);
    begin(&chart, title, "time, in evaluations of a step", "step");
    for (size_t i = 0; i < run->count; i++) {
        const Event *e = &run->events[i];
        line(e->colour, e->width, across(&chart, e->time), up(&chart, e->state),
             across(&chart, e->end_time), up(&chart, e->end_state));
    }
    legend(0, STATE_COLOUR, "snapshot kept");
    legend(1, ADVANCE_COLOUR, "advance");
    legend(2, RECORD_COLOUR, "record");
    legend(3, REVERSE_COLOUR, "reverse");
    end();
}

static int show_steps(const char *kind, int64_t steps, int64_t slots) {
    GradSchedule schedule;
    Run run = {0};
    if (steps < 1 || steps > MOST_STEPS || slots < 1)
        return 2;
    run.slot_count = start(&schedule, kind, steps, slots);
    if (run.slot_count == 0)
        return 2;
    run.slots = grad_allocate_zeroed((size_t)run.slot_count, sizeof *run.slots);
    run.recorded = grad_allocate_zeroed((size_t)steps, sizeof *run.recorded);
    play(&run, &schedule, steps, strcmp(kind, "online") == 0);
    draw(&run, kind, steps, slots, &schedule);
    grad_schedule_free(&schedule);
    free(run.events);
    free(run.slots);
    free(run.recorded);
    return 0;
}

// ---- Memory against work ----------------------------------------------------

static double ratio(int64_t steps, int64_t slots, bool mixed) {
    int64_t all = mixed ? grad_mixed_evaluations(steps, slots)
                        : grad_binomial_advances(steps, slots) + steps;
    return (double)all / (double)steps;
}

// About forty points for each factor of ten.
static void curve(const Chart *chart, const char *colour, int64_t steps,
                  bool mixed) {
    int64_t slots = (int64_t)chart->x.from;
    printf("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
           colour);
    while (slots <= (int64_t)chart->x.to) {
        printf("%.1f,%.1f ", across(chart, (double)slots),
               up(chart, ratio(steps, slots, mixed)));
        int64_t more = (int64_t)((double)slots * 1.06);
        slots = more > slots ? more : slots + 1;
    }
    puts("\"/>");
}

static int show_memory(int64_t steps) {
    if (steps < 10 || steps > INT64_C(1) << 40)
        return 2;
    // From few enough slots for ten times the work to as many as steps.
    int64_t fewest = 1;
    while (ratio(steps, fewest, false) > MOST_LINES)
        fewest++;
    Chart chart = {{(double)fewest, (double)steps, true},
                   {1, MOST_LINES, false}};
    char title[120];
    snprintf(title, sizeof title, "Work against memory, n = %" PRId64, steps);
    begin(&chart, title, "slots", "evaluations of a step / n");
    curve(&chart, STATE_COLOUR, steps, false);
    curve(&chart, RECORD_COLOUR, steps, true);
    // Segments of sqrt(n): twice as many states, advanced over twice.
    double length = ceil(sqrt((double)steps));
    double states = ceil((double)steps / length) + length - 1;
    printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n",
           across(&chart, states), up(&chart, 3 - 2 / length), REVERSE_COLOUR);
    legend(0, STATE_COLOUR, "slots hold states");
    legend(1, RECORD_COLOUR, "or records");
    legend(2, REVERSE_COLOUR, "segments of sqrt(n)");
    end();
    return 0;
}

int main(int argc, char **argv) {
    int status = 2;
    if (argc == 3 && strcmp(argv[1], "memory") == 0)
        status = show_memory(strtoll(argv[2], NULL, 10));
    if (argc == 5 && strcmp(argv[1], "steps") == 0)
        status = show_steps(argv[2], strtoll(argv[3], NULL, 10),
                            strtoll(argv[4], NULL, 10));
    if (status == 2)
        fputs("usage: schedule steps binomial|mixed|online|segments N S\n"
              "       schedule memory N\n"
              "N steps, at most 2000 for a picture; S slots, or of segments "
              "the length\n",
              stderr);
    return status;
}

// A gas that explodes, on a mesh of quadrilaterals that moves with it: what
// LULESH does in three dimensions, in two. Pressure pushes an element's
// corners, corners accelerate, elements change their volume, and with it their
// energy and pressure. An artificial viscosity spreads shocks; another one
// resists the hourglass shapes that pressure does not see.
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CORNERS = 4 };

struct domain {
    int nodes, elements;
    int walls_x, walls_y;  // nodes that stay on a wall x = 0, and y = 0
    int *corner;           // [elements][CORNERS], counterclockwise
    int *wall_x, *wall_y;  // [walls_x], [walls_y]
    double *x, *y, *u, *v; // [nodes]: positions and velocities
    double *fx, *fy;       // [nodes]: forces
    double *node_mass;     // [nodes]
    double *mass, *energy; // [elements]; energy per mass
    double *pressure, *viscosity, *sound; // [elements]
    double *volume, *growth;              // [elements]; growth in this cycle
    double *length;                       // [elements]: the least width
    double gamma;                         // of the ideal gas
    double dt, time;
};

// ---- One element ----

static void gather(const struct domain *d, const double *field, int element,
                   double out[CORNERS]) {
    const int *corner = d->corner + CORNERS * element;
    for (int i = 0; i < CORNERS; i++)
        out[i] = field[corner[i]];
}

static double quad_area(const double x[CORNERS], const double y[CORNERS]) {
    return 0.5 *
           ((x[2] - x[0]) * (y[3] - y[1]) - (x[3] - x[1]) * (y[2] - y[0]));
}

// The area, over the longer diagonal.
static double quad_length(const double x[CORNERS], const double y[CORNERS],
                          double area) {
    double even = (x[2] - x[0]) * (x[2] - x[0]) + (y[2] - y[0]) * (y[2] - y[0]);
    double odd = (x[3] - x[1]) * (x[3] - x[1]) + (y[3] - y[1]) * (y[3] - y[1]);
    return area / sqrt(even > odd ? even : odd);
}

// The force of a pressure on the corners: how the area changes with them.
static void pressure_forces(const double x[CORNERS], const double y[CORNERS],
                            double pressure, double fx[CORNERS],
                            double fy[CORNERS]) {
    for (int i = 0; i < CORNERS; i++) {
        int next = (i + 1) % CORNERS, last = (i + CORNERS - 1) % CORNERS;
        fx[i] = 0.5 * pressure * (y[next] - y[last]);
        fy[i] = 0.5 * pressure * (x[last] - x[next]);
    }
}

// Damps the motion in which neighbouring corners go opposite ways.
static void hourglass_forces(const double speed[CORNERS], double coefficient,
                             double force[CORNERS]) {
    static const double shape[CORNERS] = {1, -1, 1, -1};
    double mode = 0;
    for (int i = 0; i < CORNERS; i++)
        mode += shape[i] * speed[i];
    for (int i = 0; i < CORNERS; i++)
        force[i] -= coefficient * mode * shape[i];
}

// ---- Nodes ----

static void calc_forces(struct domain *d) {
    memset(d->fx, 0, (size_t)d->nodes * sizeof *d->fx);
    memset(d->fy, 0, (size_t)d->nodes * sizeof *d->fy);
    for (int e = 0; e < d->elements; e++) {
        double x[CORNERS], y[CORNERS], u[CORNERS], v[CORNERS];
        double fx[CORNERS], fy[CORNERS];
        gather(d, d->x, e, x);
        gather(d, d->y, e, y);
        gather(d, d->u, e, u);
        gather(d, d->v, e, v);
        pressure_forces(x, y, d->pressure[e] + d->viscosity[e], fx, fy);
        double coefficient =
            0.05 * d->sound[e] * d->mass[e] / sqrt(d->volume[e]);
        hourglass_forces(u, coefficient, fx);
        hourglass_forces(v, coefficient, fy);
        const int *corner = &d->corner[CORNERS * e];
        for (int i = 0; i < CORNERS; i++) {
            d->fx[corner[i]] += fx[i];
            d->fy[corner[i]] += fy[i];
        }
    }
    for (int i = 0; i < d->walls_x; i++)
        d->fx[d->wall_x[i]] = 0;
    for (int i = 0; i < d->walls_y; i++)
        d->fy[d->wall_y[i]] = 0;
}

static void move_nodes(struct domain *d) {
    for (int n = 0; n < d->nodes; n++) {
        d->u[n] += d->dt * d->fx[n] / d->node_mass[n];
        d->v[n] += d->dt * d->fy[n] / d->node_mass[n];
        d->x[n] += d->dt * d->u[n];
        d->y[n] += d->dt * d->v[n];
    }
}

// ---- Elements ----

static void calc_volumes(struct domain *d) {
    for (int e = 0; e < d->elements; e++) {
        double x[CORNERS], y[CORNERS];
        gather(d, d->x, e, x);
        gather(d, d->y, e, y);
        double area = quad_area(x, y);
        d->growth[e] = area - d->volume[e];
        d->volume[e] = area;
        d->length[e] = quad_length(x, y, area);
    }
}

// Linear and quadratic in the speed of compression; none in expansion.
static void calc_viscosity(struct domain *d) {
    for (int e = 0; e < d->elements; e++) {
        if (d->growth[e] >= 0) {
            d->viscosity[e] = 0;
            continue;
        }
        double density = d->mass[e] / d->volume[e];
        double speed = -d->growth[e] / d->volume[e] / d->dt * d->length[e];
        d->viscosity[e] = density * speed * (0.5 * d->sound[e] + 1.5 * speed);
    }
}

static void calc_pressure(double gamma, double density, double energy,
                          double *pressure, double *sound) {
    const double least = 1e-9;
    *pressure = (gamma - 1) * density * energy;
    if (*pressure < least)
        *pressure = least;
    *sound = sqrt(gamma * *pressure / density);
}

// Half the work by the old pressure, then half by the one that results.
static void update_energy(struct domain *d) {
    for (int e = 0; e < d->elements; e++) {
        double density = d->mass[e] / d->volume[e];
        double half = 0.5 * d->growth[e] / d->mass[e];
        double energy =
            d->energy[e] - half * (d->pressure[e] + d->viscosity[e]);
        calc_pressure(d->gamma, density, energy, &d->pressure[e], &d->sound[e]);
        energy -= half * (d->pressure[e] + d->viscosity[e]);
        if (energy < 0)
            energy = 0;
        d->energy[e] = energy;
        calc_pressure(d->gamma, density, energy, &d->pressure[e], &d->sound[e]);
    }
}

// ---- Time ----

// A third of what sound takes through the smallest element, growing slowly.
static void choose_time_step(struct domain *d, double stop) {
    double courant = 1e20;
    for (int e = 0; e < d->elements; e++) {
        double rate = d->sound[e];
        if (d->growth[e] < 0)
            rate += 2 * d->viscosity[e] / (d->sound[e] * d->mass[e]);
        double limit = d->length[e] / rate;
        if (limit < courant)
            courant = limit;
    }
    double dt = courant / 3;
    if (d->time > 0 && dt > 1.1 * d->dt)
        dt = 1.1 * d->dt;
    d->dt = fmin(dt, stop - d->time);
}

static void cycle(struct domain *d) {
    calc_forces(d);
    move_nodes(d);
    calc_volumes(d);
    calc_viscosity(d);
    update_energy(d);
    d->time += d->dt;
}

// ---- The whole ----

static double *doubles(int n) { return calloc((size_t)n + 1, sizeof(double)); }

static int *ints(int n) { return calloc((size_t)n + 1, sizeof(int)); }

static bool domain_allocate(struct domain *d) {
    int n = d->nodes, e = d->elements;
    d->corner = ints(CORNERS * e);
    d->wall_x = ints(d->walls_x);
    d->wall_y = ints(d->walls_y);
    d->x = doubles(n);
    d->y = doubles(n);
    d->u = doubles(n);
    d->v = doubles(n);
    d->fx = doubles(n);
    d->fy = doubles(n);
    d->node_mass = doubles(n);
    d->mass = doubles(e);
    d->energy = doubles(e);
    d->pressure = doubles(e);
    d->viscosity = doubles(e);
    d->sound = doubles(e);
    d->volume = doubles(e);
    d->growth = doubles(e);
    d->length = doubles(e);
    return d->corner && d->wall_x && d->wall_y && d->x && d->y && d->u &&
           d->v && d->fx && d->fy && d->node_mass && d->mass && d->energy &&
           d->pressure && d->viscosity && d->sound && d->volume && d->growth &&
           d->length;
}

static void domain_free(struct domain *d) {
    free(d->corner);
    free(d->wall_x);
    free(d->wall_y);
    free(d->x);
    free(d->y);
    free(d->u);
    free(d->v);
    free(d->fx);
    free(d->fy);
    free(d->node_mass);
    free(d->mass);
    free(d->energy);
    free(d->pressure);
    free(d->viscosity);
    free(d->sound);
    free(d->volume);
    free(d->growth);
    free(d->length);
}

// nx x ny elements, row by row, between two walls.
static void number_mesh(struct domain *d, int nx, int ny) {
    int *corner = d->corner;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            int first = j * (nx + 1) + i;
            *corner++ = first;
            *corner++ = first + 1;
            *corner++ = first + nx + 2;
            *corner++ = first + nx + 1;
        }
    for (int j = 0; j <= ny; j++)
        d->wall_x[j] = j * (nx + 1);
    for (int i = 0; i <= nx; i++)
        d->wall_y[i] = i;
}

// Masses, volumes and pressures of a gas at rest.
static void fill(struct domain *d, const double *density) {
    calc_volumes(d);
    for (int e = 0; e < d->elements; e++) {
        d->mass[e] = density[e] * d->volume[e];
        d->growth[e] = 0;
        calc_pressure(d->gamma, density[e], d->energy[e], &d->pressure[e],
                      &d->sound[e]);
        for (int i = 0; i < CORNERS; i++)
            d->node_mass[d->corner[CORNERS * e + i]] += d->mass[e] / CORNERS;
    }
}

// The kinetic energy of a gas that has expanded until the time `stop`, weighted
// by how far it got. x and y are its mesh of (nx + 1) x (ny + 1) nodes, density
// and energy (per mass) those of its nx x ny elements.
#pragma grad wrt(x, y, density, energy, gamma)
#pragma grad forward wrt(x, y, density, energy, gamma)
double blast(int nx, int ny, const double *x, const double *y,
             const double *density, const double *energy, double gamma,
             double stop) {
    struct domain d = {.nodes = (nx + 1) * (ny + 1),
                       .elements = nx * ny,
                       .walls_x = ny + 1,
                       .walls_y = nx + 1,
                       .gamma = gamma};
    if (!domain_allocate(&d)) {
        domain_free(&d);
        return -1;
    }
    number_mesh(&d, nx, ny);
    memcpy(d.x, x, (size_t)d.nodes * sizeof *x);
    memcpy(d.y, y, (size_t)d.nodes * sizeof *y);
    memcpy(d.energy, energy, (size_t)d.elements * sizeof *energy);
    fill(&d, density);

    while (d.time < stop) {
        choose_time_step(&d, stop);
        cycle(&d);
    }

    double sum = 0;
    for (int n = 0; n < d.nodes; n++)
        sum += 0.5 * d.node_mass[n] * (d.u[n] * d.u[n] + d.v[n] * d.v[n]) *
               (1 + d.x[n] * d.x[n] + d.y[n] * d.y[n]);
    domain_free(&d);
    return sum;
}

// Advances a gas that the caller keeps, by so many cycles of length d->dt.
// Every field goes in and comes out.
#pragma grad wrt(d) of(d)
#pragma grad forward wrt(d) of(d)
void advance(struct domain *d, int cycles) {
    for (int i = 0; i < cycles; i++)
        cycle(d);
}

#ifdef TEST_MAIN
#define GRADCC_NO_TYPES
#include GENERATED_HEADER
#include "program.h"

typedef struct {
    int nx, ny;
    double stop;
} Sizes;

// x: gamma, the nodes' x and y, the elements' density and energy.
typedef struct {
    int x, y, density, energy, count;
} Offsets;

static Offsets offsets(const Sizes *s) {
    int nodes = (s->nx + 1) * (s->ny + 1), elements = s->nx * s->ny;
    return (Offsets){1, 1 + nodes, 1 + 2 * nodes, 1 + 2 * nodes + elements,
                     1 + 2 * nodes + 2 * elements};
}

static double value(const double *p, void *sizes) {
    const Sizes *s = sizes;
    Offsets o = offsets(s);
    return blast(s->nx, s->ny, p + o.x, p + o.y, p + o.density, p + o.energy,
                 p[0], s->stop);
}

static double gradient(const double *p, double *g, void *sizes) {
    const Sizes *s = sizes;
    Offsets o = offsets(s);
    return blast_grad(s->nx, s->ny, p + o.x, g + o.x, p + o.y, g + o.y,
                      p + o.density, g + o.density, p + o.energy, g + o.energy,
                      p[0], &g[0], s->stop);
}

static double tangent(const double *p, const double *v, double *along,
                      void *sizes) {
    const Sizes *s = sizes;
    Offsets o = offsets(s);
    return blast_fwd(s->nx, s->ny, p + o.x, v + o.x, p + o.y, v + o.y,
                     p + o.density, v + o.density, p + o.energy, v + o.energy,
                     p[0], v[0], s->stop, along);
}

// A mesh that is a little irregular, and a hot corner.
static void fill_parameters(struct rng *rng, const Sizes *s, double *p) {
    Offsets o = offsets(s);
    rng_fill(rng, o.count, p, 0, 0.2);
    p[0] += 1.4;
    for (int j = 0; j <= s->ny; j++)
        for (int i = 0; i <= s->nx; i++) {
            p[o.x + j * (s->nx + 1) + i] += i;
            p[o.y + j * (s->nx + 1) + i] += j;
        }
    for (int e = 0; e < s->nx * s->ny; e++) {
        p[o.density + e] += 1;
        p[o.energy + e] += e == 0 ? 3 : 0.2;
    }
}

// ---- advance: all floating fields of a domain, in one array ----

enum {
    NX = 3,
    NY = 2,
    NODES = (NX + 1) * (NY + 1),
    ELEMENTS = NX * NY,
    STATE = 7 * NODES + 8 * ELEMENTS + 3
};

// The domain whose fields point into p, with the mesh of `mesh`.
static struct domain view(const struct domain *mesh, double *p) {
    struct domain d = *mesh;
    double **by_node[] = {&d.x, &d.y, &d.u, &d.v, &d.fx, &d.fy, &d.node_mass};
    double **by_element[] = {&d.mass,  &d.energy, &d.pressure, &d.viscosity,
                             &d.sound, &d.volume, &d.growth,   &d.length};
    for (int i = 0; i < 7; i++, p += NODES)
        *by_node[i] = p;
    for (int i = 0; i < 8; i++, p += ELEMENTS)
        *by_element[i] = p;
    d.gamma = p[0];
    d.dt = p[1];
    d.time = p[2];
    return d;
}

static void take_scalars(const struct domain *d, double *p) {
    p[STATE - 3] = d->gamma;
    p[STATE - 2] = d->dt;
    p[STATE - 1] = d->time;
}

typedef struct {
    struct domain mesh;
    double weights[STATE];
    int cycles;
} Advance;

static double advance_value(const double *p, void *context) {
    Advance *a = context;
    double state[STATE];
    memcpy(state, p, sizeof state);
    struct domain d = view(&a->mesh, state);
    advance(&d, a->cycles);
    take_scalars(&d, state);
    return check_dot(STATE, a->weights, state);
}

static double advance_gradient(const double *p, double *g, void *context) {
    Advance *a = context;
    double state[STATE], adjoint[STATE];
    memcpy(state, p, sizeof state);
    memcpy(adjoint, a->weights, sizeof adjoint);
    struct domain d = view(&a->mesh, state), d_d = view(&a->mesh, adjoint);
    advance_grad(&d, &d_d, a->cycles);
    take_scalars(&d, state);
    take_scalars(&d_d, adjoint);
    for (int i = 0; i < STATE; i++)
        g[i] += adjoint[i];
    return check_dot(STATE, a->weights, state);
}

static double advance_tangent(const double *p, const double *v, double *along,
                              void *context) {
    Advance *a = context;
    double state[STATE], tangent[STATE];
    memcpy(state, p, sizeof state);
    memcpy(tangent, v, sizeof tangent);
    struct domain d = view(&a->mesh, state), d_d = view(&a->mesh, tangent);
    advance_fwd(&d, &d_d, a->cycles);
    take_scalars(&d, state);
    take_scalars(&d_d, tangent);
    *along = check_dot(STATE, a->weights, tangent);
    return check_dot(STATE, a->weights, state);
}

// A gas that has moved for a while.
static void check_advance(struct rng *rng) {
    int corner[CORNERS * ELEMENTS], wall_x[NY + 1], wall_y[NX + 1];
    Advance a = {.mesh = {.nodes = NODES,
                          .elements = ELEMENTS,
                          .walls_x = NY + 1,
                          .walls_y = NX + 1,
                          .corner = corner,
                          .wall_x = wall_x,
                          .wall_y = wall_y}};
    number_mesh(&a.mesh, NX, NY);
    rng_fill(rng, STATE, a.weights, -1, 1);
    Sizes s = {NX, NY, 0};
    Offsets o = offsets(&s);
    double parameters[1 + 2 * NODES + 2 * ELEMENTS], state[STATE] = {0};
    fill_parameters(rng, &s, parameters);
    state[STATE - 3] = parameters[0];
    state[STATE - 2] = 0.05;
    struct domain d = view(&a.mesh, state);
    memcpy(d.x, parameters + o.x, NODES * sizeof *d.x);
    memcpy(d.y, parameters + o.y, NODES * sizeof *d.y);
    memcpy(d.energy, parameters + o.energy, ELEMENTS * sizeof *d.energy);
    fill(&d, parameters + o.density);
    advance(&d, 3);
    take_scalars(&d, state);
    for (a.cycles = 0; a.cycles < 4; a.cycles++)
        program_check(&(program){"advance", STATE, 1e-4, advance_value,
                                 advance_gradient, advance_tangent, &a},
                      state, rng);
}

int main(int argc, char **argv) {
    (void)argv;
    struct rng rng = {8};
    static double p[1 + 2 * 65 * 65 + 2 * 64 * 64];
    static const Sizes sizes[] = {{1, 1, 0}, {1, 1, 1}, {2, 1, 1}, {3, 4, 1.5}};
    static const Sizes large[] = {{16, 16, 3}, {64, 64, 3}};
    for (int k = 0; k < (argc > 1 ? 2 : 4); k++) {
        Sizes s = argc > 1 ? large[k] : sizes[k];
        fill_parameters(&rng, &s, p);
        program blasted = {"hydro",  offsets(&s).count, 1e-4, value,
                           gradient, tangent,           &s};
        if (argc > 1)
            program_time(&blasted, p);
        else
            program_check(&blasted, p, &rng);
    }
    if (argc == 1)
        check_advance(&rng);
    return argc > 1 ? 0 : check_done();
}
#endif

/* Means of the process over cells of two coordinates, and back into scores by interpolation. */
#include "tuner/insight/importance_map.h"

#include <string.h>

#include "base/rng.h"
#include "tuner/insight/points.h"
#include "tuner/search/gp_kernel.h"
#include "tuner/search/sobol.h"

enum { N_OTHERS = 16 }; /* a cell is looked at with so many others: as many as the kernel's lanes */
_Static_assert((int)N_OTHERS == (int)GP_LANES, "a cell is one block of lanes");

typedef struct {
    const Gp *gp;
    const Space *space;
    int d, n;
    double *others;         /* (N_OTHERS, d) as drawn */
    double *points;         /* (N_OTHERS, d) of one cell */
    bool *active;           /* (N_OTHERS, d) */
    double *scratch;        /* lanes and covariances */
    Value *values;
    const double *y, *z;    /* (n) observed scores and targets, both ascending */
    bool maximize;
} Mapper;

static int steps_of(const Space *space, int d)
{
    int levels = space_dim_levels(space, d);
    return levels > 0 && levels < IMPORTANCE_MAP ? levels : IMPORTANCE_MAP;
}

/* The mean of the process over the points of a cell. */
static double mean_of(const Mapper *m)
{
    const Gp *gp = m->gp;
    GpLanes lanes = gp_lanes_at(gp, m->scratch);
    double *block = m->scratch + 4 * m->d * GP_LANES, sum = 0;
    for (int k = 0; k < m->d; k++)
        for (int c = 0; c < GP_LANES; c++) {
            const int at = c * m->d + k;
            gp_set_lane(gp, &lanes, k, c, m->points[at], m->points[at], m->active[at]);
        }
    gp_cross(gp, &lanes, 0, gp->n, block, GP_LANES);
    for (int i = 0; i < gp->n; i++)
        for (int c = 0; c < GP_LANES; c++) sum += gp->alpha[i] * block[i * GP_LANES + c];
    return sum / GP_LANES;
}

/* The parameter's value at the first point of the cell at which it is active. */
static Value value_at(const Mapper *m, int dim)
{
    const int p = m->space->param_of_dim[dim];
    for (int k = 0; k < N_OTHERS; k++) {
        space_decode(m->space, m->points + k * m->d, m->values);
        if (m->values[p].kind != VALUE_NONE) return m->values[p];
    }
    return value_none();
}

static void draw_map(const Mapper *m, int a, int b, PairMap *map)
{
    const int d = m->d;
    *map = (PairMap){.a = a, .b = b, .n_a = steps_of(m->space, a), .n_b = steps_of(m->space, b)};
    for (int j = 0; j < map->n_b; j++)
        for (int i = 0; i < map->n_a; i++) {
            memcpy(m->points, m->others, (size_t)(N_OTHERS * d) * sizeof *m->points);
            for (int k = 0; k < N_OTHERS; k++) {
                m->points[k * d + a] = (i + 0.5) / map->n_a;
                m->points[k * d + b] = (j + 0.5) / map->n_b;
                space_snap_active(m->space, m->points + k * d, m->active + k * d);
            }
            double score = points_score(m->n, m->z, m->y, mean_of(m));
            map->mean[j][i] = m->maximize ? -score : score;
            if (map->a_value[i].kind == VALUE_NONE) map->a_value[i] = value_at(m, a);
            if (map->b_value[j].kind == VALUE_NONE) map->b_value[j] = value_at(m, b);
        }
}

bool importance_maps(const Gp *gp, bool maximize, int n, const double *z, const double *y, uint64_t seed,
                     const PairImportance *pair, int n_pairs, Arena *arena, PairMap **out, Error *err)
{
    const int d = gp->d, cells = N_OTHERS * d;
    Mapper m = {.gp = gp, .space = gp->space, .d = d, .n = n, .maximize = maximize, .y = y, .z = z,
                .others = ARENA_NEW(arena, double, cells), .points = ARENA_NEW(arena, double, cells),
                .active = ARENA_NEW(arena, bool, cells), .values = ARENA_NEW(arena, Value, gp->space->n_params),
                .scratch = ARENA_NEW(arena, double, 4 * cells + gp->n * GP_LANES)};
    if (!m.others || !m.points || !m.active || !m.values || !m.scratch)
        return error_memory(err);
    *out = NULL;
    if (n < 2 || n_pairs == 0) return true;
    sobol_points(d, rng_mix(seed, 0x3a9), N_OTHERS, m.others);
    *out = ARENA_NEW(arena, PairMap, n_pairs);
    if (!*out) return error_memory(err);
    for (int k = 0; k < n_pairs; k++) draw_map(&m, pair[k].a, pair[k].b, &(*out)[k]);
    return true;
}

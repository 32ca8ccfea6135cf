/* A distribution of CMA-ES that begins among the best trials of another search, and learns from all. */
#include "tuner/search/evolution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double BLUR = 0.1, LEAST_WIDTH = 1e-4;
enum { REDRAWS = 50, MOST_LAMBDA = 200 };

bool evolution_knows(const Evolution *e, const double *u)
{
    for (int k = 0; k < e->space->n_dims; k++)
        if (space_dim_kind(e->space, k) == DIM_CATEGORY && u[k] != e->frame[k]) return false;
    return true;
}

/* Mean and covariance of the best tenth of n trials, those of other categories left out. */
static bool warm_start(Evolution *e, int n, const EvolutionMember *best)
{
    Cma *cma = e->cma;
    const int d = e->d;
    int m = 0;
    for (int i = 0; i < n; i++) {
        if (!evolution_knows(e, best[i].u)) continue;
        for (int a = 0; a < d; a++) cma->mean[a] += best[i].u[e->dims[a]];
        m++;
    }
    for (int a = 0; a < d; a++) cma->mean[a] /= m;
    for (int a = 0; a < d * d; a++) cma->c[a] = a % (d + 1) == 0 ? BLUR * BLUR : 0;
    for (int i = 0; i < n; i++) {
        const double *u = best[i].u;
        for (int a = 0; a < d && evolution_knows(e, u); a++)
            for (int b = 0; b < d; b++)
                cma->c[a * d + b] += (u[e->dims[a]] - cma->mean[a]) * (u[e->dims[b]] - cma->mean[b]) / m;
    }
    return cma_reshape(cma, NULL);
}

bool evolution_begin(const Space *space, int n, const EvolutionMember *best, int lambda, Arena *arena,
                     Evolution **out, Error *err)
{
    Evolution *e = ARENA_NEW(arena, Evolution, 1);
    if (!e) return error_memory(err);
    *e = (Evolution){.space = space, .frame = best[0].u};
    bool active[SPACE_MAX_PARAMS];
    space_active(space, e->frame, active);
    int d = 0;
    for (int k = 0; k < space->n_dims; k++) {
        if (space_dim_kind(space, k) == DIM_CATEGORY || !active[k]) continue;
        if (d < EVOLUTION_MOST) e->dims[d] = k;
        d++;
    }
    *out = NULL;
    if (d < 2 || d > EVOLUTION_MOST) return true;
    e->d = d;
    if (!cma_create(d, lambda < MOST_LAMBDA ? lambda : MOST_LAMBDA, 1, arena, &e->cma, err)) return false;
    e->members = ARENA_NEW(arena, EvolutionMember, e->cma->lambda);
    e->points = ARENA_NEW(arena, double, e->cma->lambda * d);
    e->rows = ARENA_NEW(arena, const double *, e->cma->lambda);
    if (!e->members || !e->points || !e->rows) return error_memory(err);
    if (warm_start(e, n, best)) *out = e;
    return true;
}

static double widest(const Cma *cma)
{
    double most = 0;
    for (int k = 0; k < cma->d; k++) most = fmax(most, cma->length[k]);
    return cma->sigma * most;
}

bool evolution_add(Evolution *e, double score, const double *u)
{
    /* Into its place: by score, ties in the order given. */
    int at = e->n_members++;
    for (; at > 0 && e->members[at - 1].score > score; at--) e->members[at] = e->members[at - 1];
    e->members[at] = (EvolutionMember){score, u};
    if (e->n_members < e->cma->lambda) return true;
    Cma *cma = e->cma;
    const int d = e->d;
    const double most = sqrt(d) + 2.0 * d / (d + 2);
    for (int i = 0; i < e->n_members; i++) {
        double *point = e->points + i * d;
        for (int a = 0; a < d; a++) point[a] = e->members[i].u[e->dims[a]];
        const double length = cma_distance(cma, point);
        for (int a = 0; length > most && a < d; a++)
            point[a] = cma->mean[a] + (point[a] - cma->mean[a]) * most / length;
        e->rows[i] = point;
    }
    e->n_members = 0;
    return cma_update(cma, e->rows, NULL) && isfinite(cma->sigma) && widest(cma) >= LEAST_WIDTH;
}

void evolution_draw(const Evolution *e, Rng *rng, double *u)
{
    const Cma *cma = e->cma;
    const int d = e->d;
    double z[EVOLUTION_MOST] = {0}, x[EVOLUTION_MOST] = {0};
    bool inside = false;
    for (int i = 0; i < REDRAWS && !inside; i++) {
        for (int a = 0; a < d; a++) z[a] = rng_normal(rng);
        cma_point(cma, z, x);
        inside = true;
        for (int a = 0; a < d; a++) {
            const int levels = space_dim_levels(e->space, e->dims[a]);
            const double width = cma->sigma * sqrt(cma->c[a * d + a]);
            if (levels > 1 && width < 0.25 / levels)
                x[a] = cma->mean[a] + (x[a] - cma->mean[a]) * 0.25 / levels / fmax(width, 1e-12);
            inside = inside && x[a] >= 0 && x[a] < 1;
        }
    }
    memcpy(u, e->frame, (size_t)e->space->n_dims * sizeof *u);
    for (int a = 0; a < d; a++) u[e->dims[a]] = fmin(fmax(x[a], 0), 1 - 0x1p-53);
    space_snap(e->space, u);
}

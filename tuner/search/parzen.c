/* Densities around observed points, coordinate by coordinate. */
#include "tuner/search/parzen.h"

#include <math.h>
#include <string.h>

#include "tuner/search/special.h"

struct Parzen {
    const Space *space;
    int d, n;
    const double *const *points;
    bool *active;    /* (n, d) */
    DimKind *kind;   /* (d) */
    int *levels;     /* (d) */
    int *order;      /* (d) coordinates, parents first */
    double *width;   /* (d) */
    double *log_cut; /* (n, d) log of the normal's mass in [0, 1]; numbers */
};

static double mass(double low, double high, double centre, double width)
{
    return normal_cdf((high - centre) / width) - normal_cdf((low - centre) / width);
}

/* Scott's rule on the points where k is active. */
static double width_of(const Parzen *p, int k)
{
    double sum = 0, square = 0;
    int m = 0;
    for (int i = 0; i < p->n; i++) {
        if (!p->active[(size_t)i * (size_t)p->d + (size_t)k]) continue;
        sum += p->points[i][k];
        m++;
    }
    for (int i = 0; i < p->n; i++)
        if (p->active[(size_t)i * (size_t)p->d + (size_t)k])
            square += (p->points[i][k] - sum / m) * (p->points[i][k] - sum / m);
    double shrink = pow(m + 1, -1.0 / (p->d + 4));
    if (p->kind[k] == DIM_CATEGORY) return p->levels[k] > 1 ? shrink / (m + 1) + 0.1 * shrink : 1;
    double spread = sqrt((square + 1.0 / 12) / (m + 1));
    return fmax(spread * shrink, 1.0 / (m < 99 ? m + 1 : 100));
}

bool parzen_fit(const Space *space, int n, const double *const *points, Arena *arena, Parzen **out,
                Error *err)
{
    const int d = space->n_dims;
    Parzen *p = ARENA_NEW(arena, Parzen, 1);
    if (!p) return error_memory(err);
    *p = (Parzen){.space = space, .d = d, .n = n, .points = points};
    p->active = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *p->active);
    p->log_cut = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *p->log_cut);
    p->kind = ARENA_NEW(arena, DimKind, d);
    p->levels = ARENA_NEW(arena, int, d);
    p->order = ARENA_NEW(arena, int, d);
    p->width = ARENA_NEW(arena, double, d);
    if (!p->active || !p->log_cut || !p->kind || !p->levels || !p->order || !p->width)
        return error_memory(err);
    for (int i = 0, at = 0; i < space->n_params; i++) {
        int k = space->params[space->order[i]].dim;
        if (k >= 0) p->order[at++] = k;
    }
    for (int i = 0; i < n; i++) space_active(space, points[i], p->active + (size_t)i * (size_t)d);
    for (int k = 0; k < d; k++) {
        p->kind[k] = space_dim_kind(space, k);
        p->levels[k] = space_dim_levels(space, k);
        p->width[k] = width_of(p, k);
        for (int i = 0; i < n && p->kind[k] != DIM_CATEGORY; i++)
            p->log_cut[(size_t)i * (size_t)d + (size_t)k] = log(mass(0, 1, points[i][k], p->width[k]));
    }
    *out = p;
    return true;
}

double parzen_width(const Parzen *p, int d) { return p->width[d]; }

/* log of what coordinate k contributes at x, in units of the prior. Cells of ordered levels are taken as
 * equally wide: where they are not, both densities of a ratio are off by the same. */
static double log_factor(const Parzen *p, int i, int k, double x)
{
    const double centre = p->points[i][k], width = p->width[k];
    if (p->kind[k] == DIM_CATEGORY) {
        double same = x == centre ? 1 - width : 0;
        return log(same * p->levels[k] + width);
    }
    double cut = p->log_cut[(size_t)i * (size_t)p->d + (size_t)k];
    if (p->kind[k] == DIM_ORDINAL && p->levels[k] < 1000) {
        double half = 0.5 / p->levels[k];
        double cell = mass(fmax(0, x - half), fmin(1, x + half), centre, width);
        return log(fmax(cell, 1e-300) * p->levels[k]) - cut;
    }
    double t = (x - centre) / width;
    return -0.5 * t * t - log(width * 2.5066282746310002) - cut;
}

double parzen_log_density(const Parzen *p, const double *u)
{
    bool active[SPACE_MAX_PARAMS];
    double most = 0, sum = 1; /* the prior: log 1 */
    space_active(p->space, u, active);
    for (int i = 0; i < p->n; i++) {
        double total = 0;
        for (int k = 0; k < p->d; k++)
            if (active[k] && p->active[(size_t)i * (size_t)p->d + (size_t)k])
                total += log_factor(p, i, k, u[k]);
        if (total > most) {
            sum = sum * exp(most - total) + 1;
            most = total;
        } else {
            sum += exp(total - most);
        }
    }
    return most + log(sum / (p->n + 1));
}

void parzen_draw(const Parzen *p, Rng *rng, double *u)
{
    int i = (int)rng_below(rng, (uint32_t)p->n + 1); /* n: the prior */
    for (int k = 0; k < p->d; k++) {
        /* Every coordinate takes one draw, used or not: what is active is known only at the end. */
        double x = rng_uniform(rng), other = rng_uniform(rng);
        u[k] = x;
        if (i == p->n || !p->active[(size_t)i * (size_t)p->d + (size_t)k]) continue;
        const double centre = p->points[i][k], width = p->width[k];
        if (p->kind[k] == DIM_CATEGORY) {
            if (other >= width) u[k] = centre;
            continue;
        }
        double from = normal_cdf(-centre / width), to = normal_cdf((1 - centre) / width);
        u[k] = centre + width * normal_quantile(from + x * (to - from));
        u[k] = fmin(fmax(u[k], 0), 1 - 0x1p-53);
    }
    space_snap(p->space, u);
}

/* Densities around observed points, coordinate by coordinate. */
#include "tuner/search/parzen.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "tuner/search/special.h"

/* Coordinates of a few values are looked up: `place` says which of the values a point has there. */
typedef struct {
    DimKind kind;
    int levels;
    double width, log_peak; /* log_peak: log of width * sqrt(2 pi) */
    double *centre, *cut;   /* (n) numbers: the points; log of the normal's mass in [0, 1], NaN: inactive */
    int *place;             /* (n) tabled: number of the value; n_values: inactive */
    int n_values;
    double *values, *value_cut; /* (n_values) */
} Axis;

struct Parzen {
    const Space *space;
    int d, n;
    Axis *axes; /* (d) */
};

enum { BLOCK = 256, MOST_TABLED = 1000 };
/* exp(-37) is less than half of the last digit of 1, and a sum that it would be added to is never less. */
#define NOTHING (-37.0)

static bool tabled(const Axis *axis)
{
    return axis->kind == DIM_CATEGORY || (axis->kind == DIM_ORDINAL && axis->levels < MOST_TABLED);
}

static double mass(double low, double high, double centre, double width)
{
    return normal_cdf((high - centre) / width) - normal_cdf((low - centre) / width);
}

/* Scott's rule on the points that are active there. */
static double width_of(const Axis *axis, int d, int n, const double *column, const bool *active)
{
    double sum = 0, square = 0;
    int m = 0;
    for (int i = 0; i < n; i++) {
        if (!active[i]) continue;
        sum += column[i];
        m++;
    }
    for (int i = 0; i < n; i++)
        if (active[i]) square += (column[i] - sum / m) * (column[i] - sum / m);
    double shrink = pow(m + 1, -1.0 / (d + 4));
    if (axis->kind == DIM_CATEGORY) return axis->levels > 1 ? shrink / (m + 1) + 0.1 * shrink : 1;
    double spread = sqrt((square + 1.0 / 12) / (m + 1));
    return fmax(spread * shrink, 1.0 / (m < 99 ? m + 1 : 100));
}

/* The different values of the column, each point's among them. `table` has n_table entries, a power of two
 * and at least twice n. */
static bool find_values(Axis *axis, int n, const double *column, const bool *active, int *table,
                        uint32_t n_table, Arena *arena)
{
    axis->place = arena_room(arena, (size_t)n, sizeof *axis->place);
    if (!axis->place) return false;
    memset(table, -1, n_table * sizeof *table);
    int *first = table + n_table; /* (n) a point with that value */
    for (int i = 0; i < n; i++) {
        uint64_t bits;
        axis->place[i] = -1;
        if (!active[i]) continue;
        memcpy(&bits, &column[i], sizeof bits);
        uint32_t at = (uint32_t)rng_mix(bits, 0) & (n_table - 1);
        while (table[at] >= 0 && column[first[table[at]]] != column[i]) at = (at + 1) & (n_table - 1);
        if (table[at] < 0) {
            first[axis->n_values] = i;
            table[at] = axis->n_values++;
        }
        axis->place[i] = table[at];
    }
    axis->values = ARENA_NEW(arena, double, axis->n_values);
    axis->value_cut = ARENA_NEW(arena, double, axis->n_values);
    if (!axis->values || !axis->value_cut) return false;
    for (int v = 0; v < axis->n_values; v++) axis->values[v] = column[first[v]];
    for (int i = 0; i < n; i++)
        if (axis->place[i] < 0) axis->place[i] = axis->n_values;
    return true;
}

bool parzen_fit(const Space *space, int n, const double *const *points, Arena *arena, Parzen **out,
                Error *err)
{
    const int d = space->n_dims;
    uint32_t n_table = 2;
    while (n_table < 2 * (uint32_t)n) n_table *= 2;
    Parzen *p = ARENA_NEW(arena, Parzen, 1);
    bool *active = arena_room(arena, (size_t)n * (size_t)d, sizeof *active); /* (d, n) */
    double *column = arena_room(arena, (size_t)n, sizeof *column);
    int *table = arena_room(arena, (size_t)n_table + (size_t)n, sizeof *table);
    if (!p || !active || !column || !table) return error_memory(err);
    *p = (Parzen){.space = space, .d = d, .n = n, .axes = ARENA_NEW(arena, Axis, d)};
    if (!p->axes) return error_memory(err);
    for (int i = 0; i < n; i++) {
        bool row[SPACE_MAX_PARAMS];
        space_active(space, points[i], row);
        for (int k = 0; k < d; k++) active[(size_t)k * (size_t)n + (size_t)i] = row[k];
    }
    for (int k = 0; k < d; k++) {
        Axis *axis = &p->axes[k];
        const bool *on = active + (size_t)k * (size_t)n;
        for (int i = 0; i < n; i++) column[i] = points[i][k];
        axis->kind = space_dim_kind(space, k);
        axis->levels = space_dim_levels(space, k);
        axis->width = width_of(axis, d, n, column, on);
        axis->log_peak = log(axis->width * 2.5066282746310002);
        if (tabled(axis)) {
            if (!find_values(axis, n, column, on, table, n_table, arena)) return error_memory(err);
            for (int v = 0; v < axis->n_values && axis->kind != DIM_CATEGORY; v++)
                axis->value_cut[v] = log(mass(0, 1, axis->values[v], axis->width));
            continue;
        }
        axis->centre = arena_room(arena, (size_t)n, sizeof *axis->centre);
        axis->cut = arena_room(arena, (size_t)n, sizeof *axis->cut);
        if (!axis->centre || !axis->cut) return error_memory(err);
        for (int i = 0; i < n; i++) {
            axis->centre[i] = column[i];
            axis->cut[i] = on[i] ? log(mass(0, 1, column[i], axis->width)) : NAN;
        }
    }
    *out = p;
    return true;
}

double parzen_width(const Parzen *p, int d) { return p->axes[d].width; }

/* log of what each value contributes at x, in units of the prior; then 0, for the inactive. Cells of ordered
 * levels are taken as equally wide: where they are not, both densities of a ratio are off by the same. */
static void fill_row(const Axis *axis, double x, double *row)
{
    const double half = 0.5 / axis->levels;
    for (int v = 0; v < axis->n_values; v++) {
        if (axis->kind == DIM_CATEGORY) {
            double same = x == axis->values[v] ? 1 - axis->width : 0;
            row[v] = log(same * axis->levels + axis->width);
        } else {
            double cell = mass(fmax(0, x - half), fmin(1, x + half), axis->values[v], axis->width);
            row[v] = log(fmax(cell, 1e-300) * axis->levels) - axis->value_cut[v];
        }
    }
    row[axis->n_values] = 0;
}

/* Adds a number's logs, and nothing where the cut is NaN. */
VEC_CLONES
static void add_normals(int n, double x, double width, double log_peak, const double *centre, const double *cut,
                        double *total)
{
#pragma omp simd
    for (int i = 0; i < n; i++) {
        double t = (x - centre[i]) / width;
        double log_factor = -0.5 * t * t - log_peak - cut[i];
        total[i] += isnan(log_factor) ? 0 : log_factor;
    }
}

/* A row of a table for each tabled coordinate that is active at a point, NULL elsewhere (n, d). Points with
 * the same value share one. */
static const double **fill_rows(const Parzen *p, int n, const double *u, const bool *active, Arena *arena)
{
    const size_t d = (size_t)p->d;
    const double **rows = arena_alloc(arena, (size_t)n * d, sizeof *rows);
    if (!rows) return NULL;
    for (size_t at = 0; at < (size_t)n * d; at++) {
        const Axis *axis = &p->axes[at % d];
        if (!active[at] || !tabled(axis)) continue;
        for (size_t q = at; q >= d && !rows[at]; q -= d)
            if (rows[q - d] && u[q - d] == u[at]) rows[at] = rows[q - d];
        if (rows[at]) continue;
        double *row = ARENA_NEW(arena, double, axis->n_values + 1);
        if (!row) return NULL;
        fill_row(axis, u[at], row);
        rows[at] = row;
    }
    return rows;
}

bool parzen_log_densities(const Parzen *p, int n, const double *u, Arena *arena, double *logs, Error *err)
{
    const size_t d = (size_t)p->d;
    bool *active = arena_alloc(arena, (size_t)n * d, sizeof *active);
    double *sums = ARENA_NEW(arena, double, n);
    if (!active || !sums) return error_memory(err);
    for (int q = 0; q < n; q++) space_active(p->space, u + (size_t)q * d, active + (size_t)q * d);
    const double **rows = fill_rows(p, n, u, active, arena);
    if (!rows) return error_memory(err);
    for (int q = 0; q < n; q++) logs[q] = 0, sums[q] = 1; /* the prior: log 1 */
    for (int from = 0; from < p->n; from += BLOCK) {
        const int m = p->n - from < BLOCK ? p->n - from : BLOCK;
        for (int q = 0; q < n; q++) {
            double total[BLOCK] = {0}, most = logs[q], sum = sums[q];
            for (int k = 0; k < p->d; k++) {
                const Axis *axis = &p->axes[k];
                const size_t at = (size_t)q * d + (size_t)k;
                if (rows[at])
                    for (int i = 0; i < m; i++) total[i] += rows[at][axis->place[from + i]];
                else if (active[at])
                    add_normals(m, u[at], axis->width, axis->log_peak, axis->centre + from, axis->cut + from,
                                total);
            }
            for (int i = 0; i < m; i++) {
                if (total[i] > most) {
                    sum = sum * exp(most - total[i]) + 1;
                    most = total[i];
                } else if (total[i] - most > NOTHING) {
                    sum += exp(total[i] - most);
                }
            }
            logs[q] = most, sums[q] = sum;
        }
    }
    for (int q = 0; q < n; q++) logs[q] += log(sums[q] / (p->n + 1));
    return true;
}

void parzen_draw(const Parzen *p, Rng *rng, double *u)
{
    int i = (int)rng_below(rng, (uint32_t)p->n + 1); /* n: the prior */
    for (int k = 0; k < p->d; k++) {
        /* Every coordinate takes one draw, used or not: what is active is known only at the end. */
        double x = rng_uniform(rng), other = rng_uniform(rng);
        u[k] = x;
        const Axis *axis = &p->axes[k];
        if (i == p->n || (tabled(axis) ? axis->place[i] == axis->n_values : isnan(axis->cut[i]))) continue;
        const double centre = tabled(axis) ? axis->values[axis->place[i]] : axis->centre[i];
        const double width = axis->width;
        if (axis->kind == DIM_CATEGORY) {
            if (other >= width) u[k] = centre;
            continue;
        }
        double from = normal_cdf(-centre / width), to = normal_cdf((1 - centre) / width);
        u[k] = centre + width * normal_quantile(from + x * (to - from));
        u[k] = fmin(fmax(u[k], 0), 1 - 0x1p-53);
    }
    space_snap(p->space, u);
}

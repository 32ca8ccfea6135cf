/* Fronts, knees, hypervolumes and the one number that stands for several goals. */
#include "tuner/search/pareto.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/search/sobol.h"

static const double *at(const double *points, int m, int i)
{
    return points + (size_t)i * (size_t)m;
}

static bool whole(int m, const double *p)
{
    for (int j = 0; j < m; j++)
        if (isnan(p[j])) return false;
    return true;
}

bool pareto_dominates(int m, const double *a, const double *b)
{
    bool better = false;
    for (int j = 0; j < m; j++) {
        if (!(a[j] <= b[j])) return false; /* a NaN ends here, too */
        better |= a[j] < b[j];
    }
    return better;
}

int pareto_front(int n, int m, const double *points, bool *on_front, int *room)
{
    int count = 0; /* of those before that nobody beats: who is beaten is beaten by one of them */
    for (int i = 0; i < n; i++) {
        const double *p = at(points, m, i);
        int k = 0, kept = 0;
        on_front[i] = false;
        if (!whole(m, p)) continue;
        while (k < count && !pareto_dominates(m, at(points, m, room[k]), p)) k++;
        if (k < count) { /* who beats one beats many: it is asked first */
            const int strong = room[k];
            room[k] = room[k / 2];
            room[k / 2] = strong;
            continue;
        }
        for (k = 0; k < count; k++)
            if (!pareto_dominates(m, p, at(points, m, room[k]))) room[kept++] = room[k];
        count = kept;
        room[count++] = i;
    }
    for (int k = 0; k < count; k++) on_front[room[k]] = true;
    return count;
}

bool pareto_range(int n, int m, const double *points, const bool *marked, double *low, double *high)
{
    bool any = false;
    for (int j = 0; j < m; j++) {
        low[j] = INFINITY;
        high[j] = -INFINITY;
    }
    for (int i = 0; i < n; i++) {
        if (!marked[i]) continue;
        any = true;
        for (int j = 0; j < m; j++) {
            low[j] = fmin(low[j], at(points, m, i)[j]);
            high[j] = fmax(high[j], at(points, m, i)[j]);
        }
    }
    return any;
}

/* Where an objective is the same for all, it decides nothing. */
static double scaled(double value, double low, double high)
{
    return high > low ? (value - low) / (high - low) : 0;
}

int pareto_knee(int n, int m, const double *points, const bool *marked)
{
    double low[PARETO_MOST], high[PARETO_MOST], least = INFINITY;
    int knee = -1;
    assert(m <= PARETO_MOST);
    if (!pareto_range(n, m, points, marked, low, high)) return -1;
    for (int i = 0; i < n; i++) {
        if (!marked[i]) continue;
        /* Scaled, the extremes span the plane where the sum is 1. */
        double sum = 0;
        for (int j = 0; j < m; j++) sum += scaled(at(points, m, i)[j], low[j], high[j]);
        if (sum < least - 1e-12) {
            least = sum;
            knee = i;
        }
    }
    return knee;
}

/* ---- hypervolume ------------------------------------------------------------------------------- */

static int by_first(const void *a, const void *b)
{
    const double *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

static double area(int n, double *p, const double *reference)
{
    double sum = 0, ceiling = reference[1];
    qsort(p, (size_t)n, 2 * sizeof *p, by_first);
    for (int i = 0; i < n; i++) {
        if (p[2 * i + 1] >= ceiling) continue;
        sum += (reference[0] - p[2 * i]) * (ceiling - p[2 * i + 1]);
        ceiling = p[2 * i + 1];
    }
    return sum;
}

/* Keeps the front of the n points at p, in order; of equal points one. */
static int keep_front(int n, int m, double *p)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        bool beaten = false;
        for (int k = 0; k < n && !beaten; k++) {
            const double *a = at(p, m, k), *b = at(p, m, i);
            bool same = k < i && memcmp(a, b, (size_t)m * sizeof *a) == 0;
            beaten = same || pareto_dominates(m, a, b);
        }
        /* moved only after all are judged: mark the beaten ones by a NaN that nobody is beaten by */
        if (beaten) p[(size_t)i * (size_t)m + (size_t)(m - 1)] = copysign(INFINITY, 1);
    }
    for (int i = 0; i < n; i++) {
        if (isinf(at(p, m, i)[m - 1])) continue;
        memmove(p + (size_t)kept++ * (size_t)m, at(p, m, i), (size_t)m * sizeof *p);
    }
    return kept;
}

/* Volume of the union of boxes from each point to the reference. What each point adds to those after it:
 * its own box less the union of theirs with it. `room` has space for n points a level. */
static double volume(int n, int m, double *p, const double *reference, double *room)
{
    if (m == 2) return area(n, p, reference);
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const double *own = at(p, m, i);
        double box = 1;
        for (int j = 0; j < m; j++) box *= reference[j] - own[j];
        int rest = n - i - 1;
        for (int k = 0; k < rest; k++)
            for (int j = 0; j < m; j++)
                room[(size_t)k * (size_t)m + (size_t)j] = fmax(own[j], at(p, m, i + 1 + k)[j]);
        rest = keep_front(rest, m, room);
        sum += box - volume(rest, m, room, reference, room + (size_t)rest * (size_t)m);
    }
    return sum;
}

bool pareto_hypervolume(int n, int m, const double *points, const double *reference, Arena *arena,
                        double *out, Error *err)
{
    assert(m >= 1 && m <= PARETO_MOST);
    double *inside = arena_alloc(arena, (size_t)n + 1, (size_t)m * sizeof *inside);
    if (!inside) return error_memory(err);
    int count = 0;
    for (int i = 0; i < n; i++) {
        bool in = true;
        for (int j = 0; j < m; j++) in &= at(points, m, i)[j] < reference[j] && isfinite(at(points, m, i)[j]);
        if (in) memcpy(inside + (size_t)count++ * (size_t)m, at(points, m, i), (size_t)m * sizeof *inside);
    }
    if (m == 1) {
        *out = 0;
        for (int i = 0; i < count; i++) *out = fmax(*out, reference[0] - inside[i]);
        return true;
    }
    count = keep_front(count, m, inside);
    /* The levels' points: each level has fewer than the one above it. */
    double *room = arena_alloc(arena, (size_t)count * ((size_t)count + 1) / 2 + 1, (size_t)m * sizeof *room);
    if (!room) return error_memory(err);
    *out = volume(count, m, inside, reference, room);
    return true;
}

/* ---- one score from many ------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void pareto_weights(int m, uint64_t seed, uint32_t number, double *weight)
{
    double cut[PARETO_MOST + 1];
    assert(m >= 1 && m <= PARETO_MOST);
    /* m - 1 cuts divide [0, 1] into m parts that are even over the simplex. */
    if (m > 1) sobol_point(m - 1, rng_mix(seed, 0x9a4e60), number, cut + 1);
    cut[0] = 0;
    cut[m] = 1;
    qsort(cut + 1, (size_t)(m - 1), sizeof *cut, ascending);
    for (int j = 0; j < m; j++) weight[j] = cut[j + 1] - cut[j];
}

bool pareto_scalarize(int n, int m, const double *points, const bool *known, const double *weight,
                      Arena *arena, double *scores, Error *err)
{
    double *open = arena_alloc(arena, (size_t)n + 1, (size_t)m * sizeof *open);
    bool *front = ARENA_NEW(arena, bool, n + 1), *all = ARENA_NEW(arena, bool, n + 1);
    int *room = ARENA_NEW(arena, int, n + 1);
    double low[PARETO_MOST], high[PARETO_MOST], least[PARETO_MOST], worst[PARETO_MOST];
    if (!open || !front || !all || !room) return error_memory(err);
    for (int i = 0; i < n; i++) {
        all[i] = known[i] && whole(m, at(points, m, i));
        for (int j = 0; j < m; j++)
            open[(size_t)i * (size_t)m + (size_t)j] = known[i] ? at(points, m, i)[j] : NAN;
    }
    pareto_front(n, m, open, front, room);
    pareto_range(n, m, open, all, least, worst);
    if (!pareto_range(n, m, open, front, low, high))
        for (int j = 0; j < m; j++) low[j] = 0, high[j] = 1;
    for (int j = 0; j < m; j++) /* a front of one point has no width: then that of all points */
        if (!(high[j] > low[j])) high[j] = fmax(low[j], worst[j]);
    for (int i = 0; i < n; i++) {
        const double *p = at(points, m, i);
        double most = -INFINITY, sum = 0;
        scores[i] = NAN;
        if (!whole(m, p)) continue;
        for (int j = 0; j < m; j++) {
            double part = weight[j] * scaled(p[j], low[j], high[j]);
            most = fmax(most, part);
            sum += part;
        }
        scores[i] = most + 0.05 * sum;
    }
    return true;
}

/* Ends foretold by a regression over those who came to theirs, and the chance that they join the front. */
#include "tuner/search/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tuner/search/sobol.h"

bool pruner_forecasts(const PrunerOptions *options)
{
    return options && options->type == PRUNER_FORECAST;
}

/* Runs nearest to the one in question that weigh full; what the others' mean error counts for. */
enum { NEAR = 5 };
static const double anywhere = 2;

/* ---- where a run stands ------------------------------------------------------------------------ */

enum { LAST, BEST, LEVEL, SLOPE, N_FEATURES, N_TERMS = N_FEATURES + 1 };

/* A finished run as it stood at the age, and what it came to. */
typedef struct {
    double feature[N_FEATURES], end;
    double away;             /* from the run in question */
    double weight, term[N_TERMS];
} Known;

/* The epoch of `other` at which it had come as far as `run` has. One that ended before stays where it was. */
static int epoch_of(const ForecastRun *other, const ForecastRun *run)
{
    int epoch = run->n;
    if (other->full > 0 && run->full > 0 && other->full != run->full)
        epoch = (int)floor((double)run->n / run->full * other->full + 0.5);
    return epoch < 1 ? 1 : epoch > other->n ? other->n : epoch;
}

static double value_at(const ForecastRun *run, int m, int goal, int epoch)
{
    if (goal == 0) return run->first[epoch - 1];
    return run->more ? run->more[(size_t)(epoch - 1) * (size_t)(m - 1) + (size_t)(goal - 1)] : NAN;
}

/* Of the k epochs that end with this one. */
static double mean_at(const ForecastRun *run, int m, int goal, int epoch, int k)
{
    double sum = 0;
    for (int e = epoch - k + 1; e <= epoch; e++) sum += value_at(run, m, goal, e);
    return sum / k;
}

/* False: something of it is no number. */
static bool stand_at(const ForecastRun *run, int m, int goal, int epoch, double *feature)
{
    const int k = epoch >= 8 ? epoch / 4 : 1;
    bool ok = true;
    feature[LAST] = value_at(run, m, goal, epoch);
    feature[BEST] = INFINITY;
    for (int e = 1; e <= epoch; e++) feature[BEST] = fmin(feature[BEST], value_at(run, m, goal, e));
    feature[LEVEL] = mean_at(run, m, goal, epoch, k);
    feature[SLOPE] = epoch >= 2 * k ? feature[LEVEL] - mean_at(run, m, goal, epoch - k, k) : 0;
    for (int i = 0; i < N_FEATURES; i++) ok &= isfinite(feature[i]);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Those that are about as good at the age weigh more. */
static void weigh(Known *known, int n, double level, double *room)
{
    for (int i = 0; i < n; i++) room[i] = known[i].feature[LEVEL];
    qsort(room, (size_t)n, sizeof *room, by_value);
    const double spread = fmax(room[3 * (n - 1) / 4] - room[(n - 1) / 4], 1e-12);
    for (int i = 0; i < n; i++) room[i] = known[i].away = fabs(known[i].feature[LEVEL] - level);
    qsort(room, (size_t)n, sizeof *room, by_value);
    const double near = room[n <= NEAR ? n - 1 : NEAR - 1];
    for (int i = 0; i < n; i++) {
        const double far = fmax(known[i].away - near, 0) / spread;
        known[i].weight = exp(-0.5 * far * far);
    }
}

/* ---- the regression ---------------------------------------------------------------------------- */

/* The inverse of a small positive definite matrix, in place. */
static void invert(double a[N_TERMS][N_TERMS])
{
    for (int k = 0; k < N_TERMS; k++) { /* Gauss-Jordan without pivots, which such a matrix does not need */
        const double pivot = 1 / a[k][k];
        a[k][k] = 1;
        for (int j = 0; j < N_TERMS; j++) a[k][j] *= pivot;
        for (int i = 0; i < N_TERMS; i++) {
            if (i == k) continue;
            const double factor = a[i][k];
            a[i][k] = 0;
            for (int j = 0; j < N_TERMS; j++) a[i][j] -= factor * a[k][j];
        }
    }
}

/* x A y */
static double form(const double *x, double a[N_TERMS][N_TERMS], const double *y)
{
    double sum = 0;
    for (int i = 0; i < N_TERMS; i++)
        for (int j = 0; j < N_TERMS; j++) sum += x[i] * a[i][j] * y[j];
    return sum;
}

/* What a feature is like among the others: 1, and each as its distance from their mean by their deviation. */
static void standardize(Known *known, int n, const double *feature, double *term)
{
    double weight = 0;
    for (int i = 0; i < n; i++) weight += known[i].weight;
    term[0] = 1;
    for (int i = 0; i < n; i++) known[i].term[0] = 1;
    for (int f = 0; f < N_FEATURES; f++) {
        double mean = 0, square = 0;
        for (int i = 0; i < n; i++) mean += known[i].weight * known[i].feature[f];
        mean /= weight;
        for (int i = 0; i < n; i++)
            square += known[i].weight * (known[i].feature[f] - mean) * (known[i].feature[f] - mean);
        const double deviation = fmax(sqrt(square / weight) + 1e-12 * (1 + fabs(mean)), 1e-9);
        for (int i = 0; i < n; i++) known[i].term[1 + f] = (known[i].feature[f] - mean) / deviation;
        term[1 + f] = (feature[f] - mean) / deviation;
    }
}

/* Of a run that stands there; `known` are weighed. */
static Forecast regress(Known *known, int n, const double *feature)
{
    double a[N_TERMS][N_TERMS] = {{0}}, right[N_TERMS] = {0}, beta[N_TERMS] = {0}, term[N_TERMS];
    double weight = 0, weight_square = 0, near = 0, all = 0;
    double mean = feature[LEVEL];
    standardize(known, n, feature, term);
    for (int i = 0; i < N_TERMS; i++) a[i][i] = i == 0 ? 1e-9 : 1;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < N_TERMS; i++) {
            const double w = known[k].weight * known[k].term[i];
            for (int j = 0; j < N_TERMS; j++) a[i][j] += w * known[k].term[j];
            right[i] += w * (known[k].end - known[k].feature[LEVEL]);
        }
    invert(a);
    for (int i = 0; i < N_TERMS; i++)
        for (int j = 0; j < N_TERMS; j++) beta[i] += a[i][j] * right[j];
    for (int i = 0; i < N_TERMS; i++) mean += beta[i] * term[i];
    for (int k = 0; k < n; k++) { /* each from the others */
        double off = known[k].end - known[k].feature[LEVEL];
        for (int i = 0; i < N_TERMS; i++) off -= beta[i] * known[k].term[i];
        off /= fmax(1 - known[k].weight * form(known[k].term, a, known[k].term), 0.1);
        weight += known[k].weight;
        weight_square += known[k].weight * known[k].weight;
        near += known[k].weight * off * off;
        all += off * off / n;
    }
    const double few = weight * weight / weight_square;
    const double square = (near + anywhere * all) / (weight + anywhere);
    return (Forecast){mean, sqrt(square * (1 + form(term, a, term)) * (few + 1) / fmax(few - 1, 0.5)), n};
}

/* ---- one goal ---------------------------------------------------------------------------------- */

/* Without a curve: as all others ended. */
static Forecast from_ends(const ForecastAsk *ask, int goal)
{
    double sum = 0, square = 0;
    int n = 0;
    for (int i = 0; i < ask->n_runs; i++)
        if (ask->runs[i].end) sum += ask->runs[i].end[goal], n++;
    const double mean = sum / n;
    for (int i = 0; i < ask->n_runs; i++)
        if (ask->runs[i].end) square += (ask->runs[i].end[goal] - mean) * (ask->runs[i].end[goal] - mean);
    if (n < 2) return (Forecast){NAN, NAN, n};
    return (Forecast){mean, sqrt(square / (n - 1) * (n + 1) / n), n};
}

static Forecast from_curves(const ForecastAsk *ask, const ForecastRun *run, int goal, Known *known,
                            double *room)
{
    const int m = ask->n_goals;
    double feature[N_FEATURES];
    int n = 0;
    if (run->n < 1 || !stand_at(run, m, goal, run->n, feature)) return from_ends(ask, goal);
    for (int i = 0; i < ask->n_runs; i++) {
        const ForecastRun *other = &ask->runs[i];
        if (!other->end || other->n < 1) continue;
        known[n].end = other->end[goal];
        n += stand_at(other, m, goal, epoch_of(other, run), known[n].feature);
    }
    if (n < 3) return from_ends(ask, goal);
    weigh(known, n, feature[LEVEL], room);
    return regress(known, n, feature);
}

bool forecast_ends(const ForecastAsk *ask, const ForecastRun *run, Forecast *out)
{
    Known *known = malloc(((size_t)ask->n_runs + 1) * sizeof *known);
    double *room = malloc(((size_t)ask->n_runs + 1) * sizeof *room);
    const bool ok = known && room;
    for (int g = 0; ok && g < ask->n_goals; g++)
        out[g] = ask->priced && !isnan(ask->priced[g]) ? (Forecast){ask->priced[g], 0, ask->n_runs}
                                                       : from_curves(ask, run, g, known, room);
    free(known);
    free(room);
    return ok;
}

/* ---- the chance -------------------------------------------------------------------------------- */

/* That a value is below `limit`: Student's t with four degrees of freedom, whose distribution is elementary. */
static double below(double limit, double mean, double sigma)
{
    if (!(sigma > 0)) return mean < limit;
    const double t = (limit - mean) / sigma;
    if (fabs(t) > 1e6) return t > 0;
    const double s = t / sqrt(1 + t * t / 4);
    return 0.5 + 0.375 * s * (1 - s * s / 12);
}

/* Its inverse (Shaw, "Sampling Student's t distribution", J. Comp. Finance 9, 2006). */
static double quantile(double u)
{
    const double a = 4 * u * (1 - u), root = sqrt(a);
    const double t = 2 * sqrt(fmax(cos(acos(fmin(root, 1)) / 3) / root - 1, 0));
    return u < 0.5 ? -t : t;
}

static int by_both(const void *a, const void *b)
{
    const double *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

/* From left to right: between two steps of the front it must be below the left one. */
static double chance_of_two(const double *mean, const double *sigma, int n, const double *points, double *room)
{
    double floor = INFINITY, before = 0, chance = 0;
    if (n > 0) memcpy(room, points, 2 * (size_t)n * sizeof *room);
    qsort(room, (size_t)n, 2 * sizeof *room, by_both);
    for (int i = 0; i < n; i++) {
        if (!(room[2 * i + 1] < floor)) continue;
        const double here = below(room[2 * i], mean[0], sigma[0]);
        chance += (here - before) * below(floor, mean[1], sigma[1]);
        before = here;
        floor = room[2 * i + 1];
    }
    return chance + (1 - before) * below(floor, mean[1], sigma[1]);
}

static bool any_beats(int m, const double *p, int n, const double *points)
{
    for (int i = 0; i < n; i++) {
        bool beats = true;
        for (int g = 0; g < m && beats; g++) beats = points[(size_t)i * (size_t)m + (size_t)g] <= p[g];
        if (beats) return true;
    }
    return false;
}

static double chance_of_more(int m, const double *mean, const double *sigma, int n, const double *points)
{
    int joins = 0;
    for (uint32_t i = 0; i < FORECAST_DRAWS; i++) {
        double u[PARETO_MOST], p[PARETO_MOST];
        sobol_point(m, rng_mix(0, 0x7f0ca57), i, u);
        for (int g = 0; g < m; g++)
            p[g] = mean[g] + (sigma[g] > 0 ? sigma[g] * quantile(u[g]) : 0);
        joins += !any_beats(m, p, n, points);
    }
    return (double)joins / FORECAST_DRAWS;
}

double forecast_chance(int m, const double *mean, const double *sigma, int n, const double *points)
{
    if (m == 1) {
        double best = INFINITY;
        for (int i = 0; i < n; i++) best = fmin(best, points[i]);
        return below(best, mean[0], sigma[0]);
    }
    if (m > 2) return chance_of_more(m, mean, sigma, n, points);
    double *room = malloc(2 * ((size_t)n + 1) * sizeof *room);
    if (!room) return 1;
    const double chance = chance_of_two(mean, sigma, n, points, room);
    free(room);
    return chance;
}

/* ---- the decision ------------------------------------------------------------------------------ */

/* Of the width of a front, at most: by how much who joins it must better it. */
static const double most_margin = 0.05;

/* Moves n points to where who beats none of them any more betters their front by less than the margin: half the
 * mean distance of its points, or most_margin. False: no memory. */
static bool ask_for_more(int m, int n, double *points)
{
    double low[PARETO_MOST], high[PARETO_MOST];
    bool *front = malloc((size_t)n + 1);
    int *room = malloc(((size_t)n + 1) * sizeof *room);
    const bool ok = front && room;
    if (ok) { /* of one goal a front has no width */
        const int n_front = pareto_front(n, m, points, front, room);
        const double margin = fmin(most_margin, 0.5 / n_front);
        if (pareto_range(n, m, points, front, low, high))
            for (int i = 0; i < n * m; i++) points[i] -= margin * (high[i % m] - low[i % m]);
    }
    free(front);
    free(room);
    return ok;
}

bool forecast_stops(const PrunerOptions *options, const ForecastAsk *ask, const ForecastRun *run)
{
    const int m = ask->n_goals;
    Forecast ends[PARETO_MOST];
    double mean[PARETO_MOST], sigma[PARETO_MOST];
    int n = 0, n_ended = 0, longest = run->full;
    double *points = malloc((size_t)m * ((size_t)ask->n_runs + 1) * sizeof *points);
    if (!points) return false; /* a run that goes on costs time, no result */
    for (int i = 0; i < ask->n_runs; i++) {
        if (!ask->runs[i].end) continue;
        n_ended++;
        if (!ask->runs[i].breaks)
            memcpy(points + (size_t)m * (size_t)n++, ask->runs[i].end, (size_t)m * sizeof *points);
        if (run->full <= 0 && ask->runs[i].n > longest) longest = ask->runs[i].n;
    }
    const double first = options->min_iter >= 1 ? options->min_iter : pruner_grace(longest);
    bool stops = n_ended >= options->min_trials && run->n >= first && forecast_ends(ask, run, ends);
    for (int g = 0; g < m && stops; g++) {
        mean[g] = ends[g].mean;
        sigma[g] = ends[g].sigma;
        stops = isfinite(mean[g]) && isfinite(sigma[g]);
    }
    stops = stops && ask_for_more(m, n, points);
    stops = stops && forecast_chance(m, mean, sigma, n, points) < options->least_chance;
    free(points);
    return stops;
}
